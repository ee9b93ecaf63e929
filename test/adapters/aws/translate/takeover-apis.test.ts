import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checks } from '../../../../src/checks/index.ts';
import type { Kind } from '../../../../src/checks/observation.ts';
import { first, translate } from './records.ts';
import { takeoverRecords } from './takeover-records.ts';

const entries = readFileSync(new URL('takeover-apis.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const watched = new Set<Kind>(checks.flatMap((check) => check.watches));
const ours = (name: string): boolean => name.startsWith('cloudwarden');

describe('what take-overs call', () => {
  it('has a record for each entry of the list, and no other', () => {
    expect(Object.keys(takeoverRecords).sort()).toEqual(entries.toSorted());
    expect(entries.length).toBe(76);
  });

  for (const [entry, { event, kind, says = {} }] of Object.entries(takeoverRecords)) {
    it(`${entry} becomes ${kind}, which some check watches`, () => {
      expect(first(event, kind, { ours })).toMatchObject(says);
      expect([...watched]).toContain(kind);
    });
  }

  it('ties what was made to the key that made it', () => {
    const linked = [
      'CreateUser',
      'CreateRole',
      'CreateAccessKey',
      'CreateFleet',
      'CreateService',
      'CreateNodegroup',
      'CreateNotebookInstance',
    ];
    for (const entry of linked) {
      const { observations } = translate(takeoverRecords[entry]?.event);

      expect(
        observations.some((one) => one.kind === 'identity.linked' && one.to === 'credential:AKIAIOSFODNN7EXAMPLE' && one.how !== 'key of'),
        entry,
      ).toBe(true);
    }
  });
});
