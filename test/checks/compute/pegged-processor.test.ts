import { describe, expect, it } from 'vitest';
import { peggedProcessor } from '../../../src/checks/compute/pegged-processor.ts';
import { severitiesIn, weeks } from '../lives.ts';
import { at, machine, observed } from '../observed.ts';

const load = (name: string, value = 99, day = '2026-11-23', clock = '14:00') =>
  observed('usage.measured', { at: at(clock, day), resource: machine(name), value, minutes: 30 });
/** Two rounds of measuring, half an hour apart. */
const rounds = (...loads: [string, number?][]) =>
  ['14:00', '14:30'].flatMap((clock) => loads.map(([name, value]) => load(name, value, undefined, clock)));
const started = (name: string, day: string) => observed('compute.seen', { at: at('09:00', day), resource: machine(name) });
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(peggedProcessor, [...weeks(), ...now]);

describe('a machine at full load', () => {
  it('is low when it is new, and medium when nearly all new ones are', () => {
    expect(severities(started('a', '2026-11-22'), load('a'))).toEqual(['low']);
    expect(severities(...rounds(['a'], ['b'], ['c']))).toEqual(['medium']);
  });

  it('is low among many that rest, and nothing when it is old, rests, or when full load is usual here', () => {
    const days = ['2026-11-10', '2026-11-11', '2026-11-12', '2026-11-13', '2026-11-14'].map((day) => load('old', 99, day));

    expect(severities(...rounds(['a'], ['b'], ['c'], ['d', 5], ['e', 5]))).toEqual(['low']);
    expect(severities(started('a', '2026-11-10'), load('a'))).toEqual([]);
    expect(severities(load('a', 60))).toEqual([]);
    expect(severities(started('old', '2026-11-01'), ...days, ...rounds(['a'], ['b'], ['c']))).toEqual([]);
  });
});
