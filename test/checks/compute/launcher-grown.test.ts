import { describe, expect, it } from 'vitest';
import { launcherGrown } from '../../../src/checks/compute/launcher-grown.ts';
import { judge, known, never, observed } from '../observed.ts';

const biggest = (value: number) => ({ value, learning: false });

describe('a launcher', () => {
  it('of five times the biggest before is high', () => {
    const [finding] = judge(launcherGrown, observed('launcher.changed', { most: 999 }), { biggest: biggest(10), regions: known });

    expect(finding).toMatchObject({ severity: 'high', facts: { 'Up to': '999 machines', 'Biggest before': '10 machines' } });
  });

  it('of an ordinary size in a region never used is high', () => {
    expect(judge(launcherGrown, observed('launcher.changed', { most: 20 }), { biggest: biggest(50), regions: never })).toHaveLength(1);
  });

  it('that grows as launchers here do, is small, or could not be made is nothing', () => {
    expect(judge(launcherGrown, observed('launcher.changed', { most: 40 }), { biggest: biggest(20), regions: known })).toEqual([]);
    expect(judge(launcherGrown, observed('launcher.changed', { most: 10 }), { biggest: biggest(1), regions: never })).toEqual([]);
    expect(
      judge(launcherGrown, observed('launcher.changed', { most: 999, outcome: 'denied' }), { biggest: biggest(1), regions: never }),
    ).toEqual([]);
  });
});
