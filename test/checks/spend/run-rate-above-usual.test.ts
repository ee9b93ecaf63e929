import { describe, expect, it } from 'vitest';
import { runRateAboveUsual } from '../../../src/checks/spend/run-rate-above-usual.ts';
import { severitiesIn, usual, weeks } from '../lives.ts';
import { at, machine, observed } from '../observed.ts';

const runs = (name: string, usd: number, day = '2026-11-23', more: object = {}) =>
  observed('compute.seen', { at: at('14:00', day), resource: machine(name), perHour: { amount: usd, currency: 'USD', usd }, ...more });
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(runRateAboveUsual, [...weeks(), ...now]);
const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}`;

describe('what runs', () => {
  it('is high when what came since yesterday would cost more than all before it and 1,000 dollars', () => {
    expect(severities(runs('old', 0.5, day(2)), runs('new', 2))).toEqual(['high']);
    expect(severities(runs('old', 0.5, day(2)), runs('new', 0.8))).toEqual(['medium']);
  });

  it('is nothing when it is little beside what runs anyway, or is below 300 dollars', () => {
    expect(severities(runs('old', 20, day(2)), runs('new', 2))).toEqual([]);
    expect(severities(runs('new', 0.3))).toEqual([]);
  });

  it('is nothing where as much comes and goes every week', () => {
    const fleet = [5, 12].flatMap((on) => [runs(`f${on}`, 5, day(on)), runs(`f${on}`, 5, day(on + 1), { running: false })]);

    expect(severities(...fleet, runs('again', 5))).toEqual([]);
    expect(severities(...fleet, runs('far more', 16))).toEqual(['high']);
  });

  it('is medium when a little is added every day of a week', () => {
    expect(severities(...[17, 18, 19, 20, 21, 22, 23].map((on) => runs(`r${on}`, 0.15, day(on))))).toEqual(['medium']);
  });

  it('is nothing where the log knows of as large a launch from before, and that of the same day excuses nothing', () => {
    const launch = (on: string, clock = '14:00') =>
      observed('compute.asked', { at: at(clock, on), count: 2, perHour: { amount: 0.5, currency: 'USD', usd: 0.5 }, ...usual });

    expect(severities(launch(day(20)), runs('batch', 1))).toEqual([]);
    expect(severities(launch(day(20)), runs('more', 1.6))).toEqual(['medium']);
    expect(severities(launch(day(20)), runs('far more', 3.1))).toEqual(['high']);
    expect(severities(launch(day(23), '13:59'), runs('batch', 1))).toEqual(['medium']);
  });

  it('is nothing for machines stopped each evening and started each morning, and these hide nobody’s', () => {
    const made = '2026-06-01T07:00:00.000Z';
    const days = [17, 18, 19, 20, 23].flatMap((on) => [
      runs('dev', 3, day(on), { at: at('07:00', day(on)), id: `dev@${on}`, made }),
      ...(on < 23 ? [runs('dev', 3, day(on), { at: at('19:00', day(on)), id: `dev@${on}:ended`, made, running: false })] : []),
    ]);

    expect(severities(...days)).toEqual([]);
    expect(severities(...days.map(({ made: _, ...one }) => one).slice(-1))).toEqual(['high']);
    expect(severities(...days, runs('new', 10))).toEqual(['high']);
  });
});
