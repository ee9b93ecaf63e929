import { describe, expect, it } from 'vitest';
import { launcherGrown } from '../../../src/checks/compute/launcher-grown.ts';
import { severitiesIn, weeks } from '../lives.ts';
import { at, judge, known, never, observed } from '../observed.ts';

const biggest = (value: number) => ({ value, learning: false });

describe('a launcher', () => {
  it('of five times the biggest before is high', () => {
    const [finding] = judge(launcherGrown, observed('launcher.changed', { most: 999 }), {
      biggest: biggest(10),
      regions: known,
      workloads: biggest(0),
    });

    expect(finding).toMatchObject({ severity: 'high', facts: { 'Up to': '999 machines', 'Biggest before': '10 machines' } });
  });

  it('of an ordinary size in a region never used is high', () => {
    expect(
      judge(launcherGrown, observed('launcher.changed', { most: 20 }), { biggest: biggest(50), regions: never, workloads: biggest(0) }),
    ).toHaveLength(1);
  });

  it('that grows as launchers here do, is small, or could not be made is nothing', () => {
    expect(
      judge(launcherGrown, observed('launcher.changed', { most: 40 }), { biggest: biggest(20), regions: known, workloads: biggest(0) }),
    ).toEqual([]);
    expect(
      judge(launcherGrown, observed('launcher.changed', { most: 10 }), { biggest: biggest(1), regions: never, workloads: biggest(0) }),
    ).toEqual([]);
    expect(
      judge(launcherGrown, observed('launcher.changed', { most: 999, outcome: 'denied' }), {
        biggest: biggest(1),
        regions: never,
        workloads: biggest(0),
      }),
    ).toEqual([]);
  });

  it('of a few very large machines is as big as many small ones, and one of tiny containers is not', () => {
    const of = (most: number, vcpus: number) =>
      severitiesIn(launcherGrown, [...weeks(), observed('launcher.changed', { most, service: 'ECS', shape: { type: 'task', vcpus } })]);

    expect([of(10, 16), of(20, 0.25)]).toEqual([['high'], []]);
  });

  it('that only limits how often one function runs is medium', () => {
    const resource = 'resource:arn:aws:lambda:us-east-1:123456789012:function:resize';
    const limit = observed('launcher.changed', { at: at('15:00'), resource, most: 100, service: 'Lambda' });

    expect(
      severitiesIn(launcherGrown, [...weeks(), observed('workload.defined', { resource, at: at('14:00', '2026-11-20') }), limit]),
    ).toEqual(['medium']);
  });
});
