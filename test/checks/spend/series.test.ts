import { describe, expect, it } from 'vitest';
import type { DaySpend, Series } from '../../../src/checks/spend/series.ts';
import { judgeDay, typicalDayOf } from '../../../src/checks/spend/series.ts';

const today = '2026-11-23';
const day = (back: number): string => new Date(Date.parse(today) - back * 86_400_000).toISOString().slice(0, 10);
/** The last so many days, the newest last. */
const history = (days: number, value: (back: number) => number): DaySpend[] =>
  Array.from({ length: days }, (_, index) => ({ day: day(days - index), value: value(days - index) }));
const judged = (more: Partial<Series>) =>
  judgeDay({ history: [], day: today, spent: 0, typicalDay: 100, usualMonth: 3000, canBeNew: false, ...more });
/** A little weather, always the same. */
const about = (level: number) => (back: number) => level * (1 + ((back * 7) % 11) / 100);

describe('a day’s spend', () => {
  it('of ten times the usual is critical, of a half more only what it costs', () => {
    expect(judged({ history: history(42, about(100)), spent: 1000 })).toMatchObject({ how: 'jump', severity: 'critical' });
    expect(judged({ history: history(42, about(100)), spent: 165 })).toMatchObject({ how: 'jump', severity: 'medium' });
  });

  it('is judged before the day is over: what is above a whole day is above it already', () => {
    expect(judged({ history: history(42, about(100)), spent: 600 })?.excess).toBeGreaterThan(450);
    expect(judged({ history: history(42, about(100)), spent: 20 })).toBeUndefined();
  });

  it('in a place that never cost anything needs no spread to be told', () => {
    expect(judged({ history: history(42, () => 0), spent: 12, canBeNew: true })).toMatchObject({
      how: 'new',
      severity: 'high',
      expected: 0,
    });
    expect(judged({ history: history(42, () => 0), spent: 8, canBeNew: true })).toBeUndefined();
  });

  it('creeping up for a week is a slow burn', () => {
    const creeping = history(42, (back) => (back <= 6 ? 140 : 100));

    expect(judged({ history: creeping, spent: 142 })).toMatchObject({ how: 'slow burn' });
  });

  it('follows the week: a busy Monday every week is no news, such a day on a Sunday is', () => {
    const weekly = history(42, (back) => (new Date(day(back)).getUTCDay() === 1 ? 200 : 100));

    expect(judged({ history: weekly, spent: 205 })).toBeUndefined();
    expect(judgeDay({ history: weekly, day: '2026-11-29', spent: 330, typicalDay: 100, usualMonth: 3000, canBeNew: false })).toBeDefined();
  });

  it('follows growth, and a burst that comes again', () => {
    expect(judged({ history: history(42, (back) => 100 + (42 - back)), spent: 146 })).toBeUndefined();
    expect(judged({ history: history(42, (back) => (back === 20 ? 400 : 100)), spent: 130 })).toBeUndefined();
  });

  it('does not learn a bad week at once, and believes it after five days', () => {
    const since = (days: number) => judged({ history: history(42, (back) => (back < days ? 800 : 100)), spent: 800 });

    expect(since(3)?.expected).toBeLessThan(150);
    expect(since(20)).toBeUndefined();
  });

  it('is small change below the floor, however unusual', () => {
    expect(judged({ history: history(42, () => 0.1), spent: 9, typicalDay: 0.1, usualMonth: 3 })).toBeUndefined();
  });
});

describe('the first days of an account', () => {
  it('are held against the month somebody named, or against an assumed one', () => {
    expect(typicalDayOf([], today, 300, 150)).toBe(10);
    expect(typicalDayOf([], today, undefined, 150)).toBe(5);
    expect(judged({ spent: 400, typicalDay: 5, usualMonth: 150 })).toMatchObject({ severity: 'critical' });
    expect(judged({ spent: 9, typicalDay: 5, usualMonth: 150 })).toBeUndefined();
  });

  it('count more with every day of history', () => {
    expect(
      typicalDayOf(
        history(7, () => 30),
        today,
        300,
        150,
      ),
    ).toBe(20);
    expect(
      typicalDayOf(
        history(14, () => 30),
        today,
        300,
        150,
      ),
    ).toBe(30);
  });
});
