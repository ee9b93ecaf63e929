import { describe, expect, it } from 'vitest';
import { details } from '../../../src/bot/present.ts';
import { look, production, text, view } from '../present-story.ts';

describe('the details', () => {
  it('tell what could not be seen, then the looks over many regions in one line each', () => {
    const looks = ['us-east-1', 'us-west-2', 'eu-west-1'].map((region, n) =>
      look({
        place: { scope: production, region },
        of: 1,
        seen: n === 2 ? 0 : 1,
        complete: n !== 2,
        ...(n === 2 ? { gap: 'access denied' } : {}),
      }),
    );

    const said = text(details(view({ looks })));

    expect(said).toContain(
      'Looks\n -  access denied (eu-west-1)\n -  the machines (aws/inventory): 2 of 3 regions, oldest look 14 s ago, up to 14 s behind\n',
    );
  });
});
