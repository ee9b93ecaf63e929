import { describe, expect, it } from 'vitest';
import { functionsSurge } from '../../../src/checks/compute/functions-surge.ts';
import type { Subject } from '../../../src/checks/observation.ts';
import { severitiesIn, weeks } from '../lives.ts';
import { at, observed } from '../observed.ts';

const resource: Subject = 'resource:arn:aws:lambda:us-east-1:123456789012:function:resize';
const used = (value: number, day = '2026-11-23', of = resource) =>
  observed('usage.measured', { at: at('14:00', day), resource: of, of: 'functions', value, minutes: 60 });
const written = (day: string) => observed('workload.defined', { at: at('09:00', day), resource, what: 'function', service: 'Lambda' });
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(functionsSurge, [...weeks(), ...now]);

describe('functions', () => {
  it('that are young and outdo every hour before are medium, and high at fifty times as much', () => {
    expect(severities(written('2026-11-22'), used(200_000))).toEqual(['medium']);
    expect(severities(used(5_000, '2026-11-10'), written('2026-11-22'), used(300_000))).toEqual(['high']);
  });

  it('that are old are only low, and nothing within ten times of before', () => {
    const old = [written('2026-11-02'), used(9_000, '2026-11-10')];

    expect(severities(...old, used(100_000))).toEqual(['low']);
    expect(severities(...old, used(80_000))).toEqual([]);
  });

  it('that are young and may run fifty times at once are medium; a scaling group is not a function', () => {
    const limit = observed('launcher.changed', { at: at('15:00'), resource, most: 100, service: 'Lambda' });

    expect(severities(written('2026-11-22'), limit)).toEqual(['medium']);
    expect(severities(written('2026-11-02'), limit)).toEqual([]);
    expect(severities(observed('launcher.changed', { at: at('15:00'), most: 999 }))).toEqual([]);
  });
});
