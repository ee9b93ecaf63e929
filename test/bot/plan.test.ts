import { describe, expect, it } from 'vitest';
import { planHash } from '../../src/bot/plan.ts';
import { at, item, plan } from '../support/stories.ts';

describe('the hash that people approve', () => {
  it('covers everything that decides what is done, and nothing of how it is written down', () => {
    const given = plan();
    const { follows } = given;
    const hash = planHash(given);

    for (const other of [
      plan({ items: [item('i-1')] }),
      plan({ items: [item('i-2'), item('i-1')] }),
      plan({ items: [item('i-1', { before: { state: 'stopped' } }), item('i-2')] }),
      plan({ items: [item('i-1', { verb: 'deny-principal' }), item('i-2')] }),
      plan({ follows: { ...follows!, most: 6 } }),
      plan({ follows: { ...follows!, until: at(61) } }),
      plan({ follows: { ...follows!, actors: [] } }),
      plan({ expiresAt: at(17) }),
      plan({ executeBefore: at(32) }),
      plan({ askedBy: 'bob' }),
      plan({ peopleNeeded: 2 }),
      plan({ kind: 'stop' }),
    ])
      expect(planHash(other)).not.toBe(hash);

    expect(planHash({ ...JSON.parse(JSON.stringify(given)), hash: 'something else' })).toBe(hash);
    expect(planHash(Object.fromEntries(Object.entries(given).reverse()) as typeof given)).toBe(hash);
  });
});
