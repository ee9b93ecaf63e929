import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween, forecast, median, type Series, usualFor } from '../../src/bot/forecast.ts';
import { addDays } from '../../src/bot/words.ts';

/** A series that costs `cost` a day from `from` to `day`, with changes. */
const series = (over: Partial<Series> & { cost?: (day: string) => number } = {}): Series => {
  const { cost = () => 100, ...rest } = over;
  const day = rest.day ?? '2026-11-20';
  const from = rest.from ?? '2026-09-01';
  return {
    day,
    from,
    usage: new Map(daysBetween(from, day).map((one) => [one, cost(one)])),
    fees: new Map(),
    credits: new Map(),
    provisional: new Set(),
    ...rest,
  };
};
const dow = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();

describe('where the month is heading', () => {
  it('is what is booked and the same again for the days left, when every day is alike', () => {
    const found = forecast(series());

    expect(found).toMatchObject({ monthToDate: 2000, ifItStops: 3000, ifItGoesOn: 3000, excessPerDay: 0, daysLeft: 10 });
  });

  it('gives two numbers while an excess is open, from the same days booked', () => {
    const found = forecast(series({ cost: (day) => (day >= '2026-11-18' ? 1800 : 100) }));

    expect(found?.excessSince).toBe('2026-11-18');
    expect(found?.excessPerDay).toBeCloseTo(1700, 6);
    expect(found?.monthToDate).toBe(17 * 100 + 3 * 1800);
    expect(found?.ifItStops).toBeCloseTo(7100 + 10 * 100, 6);
    expect(found?.ifItGoesOn).toBeCloseTo(8100 + 10 * 1700, 6);
  });

  it('does not let the fees of the first day run through the month', () => {
    const found = forecast(series({ day: '2026-11-02', fees: new Map([['2026-11-01', 900]]) }));

    expect(found?.ifItGoesOn).toBeCloseTo(900 + 30 * 100, 6);
  });

  it('expects the fees and taxes that last month had and this month has not had yet', () => {
    const fees = new Map([
      ['2026-10-01', 50],
      ['2026-10-31', 200],
      ['2026-11-01', 50],
    ]);

    expect(forecast(series({ fees }))?.ifItStops).toBeCloseTo(3000 + 50 + 200, 6);
  });

  it('counts credits in the bill but not in what a day usually costs', () => {
    const found = forecast(series({ credits: new Map([['2026-11-10', -700]]) }));

    expect(found?.monthToDate).toBe(1300);
    expect(found?.ifItStops).toBeCloseTo(2300, 6);
  });

  it('takes a provisional day that is still low for what it will become', () => {
    const found = forecast(series({ cost: (day) => (day === '2026-11-20' ? 30 : 100), provisional: new Set(['2026-11-20']) }));

    expect(found?.monthToDate).toBe(1930);
    expect(found?.ifItStops).toBeCloseTo(3000, 0);
  });

  it('knows that weekends cost less', () => {
    const found = forecast(series({ cost: (day) => ([0, 6].includes(dow(day)) ? 60 : 100) }));
    const truth = daysBetween('2026-11-01', '2026-11-30').reduce((sum, day) => sum + ([0, 6].includes(dow(day)) ? 60 : 100), 0);

    expect(Math.abs((found?.ifItStops ?? 0) - truth)).toBeLessThan(0.03 * truth);
  });

  it('leans on a declared month while there is little history, and says nothing without either', () => {
    const young = { from: '2026-11-19', day: '2026-11-20' };

    expect(forecast(series(young))).toBeUndefined();
    // Two days at 100, seven days' weight of 3000 / 30 = 100: the level stays at 100.
    expect(forecast(series({ ...young, usualMonthly: 3000 }))?.ifItStops).toBeCloseTo(1200, 6);
  });

  it('has nothing left to guess on the last day', () => {
    expect(forecast(series({ day: '2026-11-30' }))).toMatchObject({ daysLeft: 0, band: 0, ifItStops: 3000, ifItGoesOn: 3000 });
  });

  it('never promises less than what is booked when nothing is refunded, and never is not a number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 80 }),
        fc.integer({ min: 0, max: 60 }),
        (costs, shift) => {
          const day = addDays('2026-11-20', shift);
          const from = addDays(day, 1 - costs.length);
          const found = forecast(series({ day, from, usage: new Map(costs.map((cost, n) => [addDays(from, n), cost])) }));

          expect(found).toBeDefined();
          expect(found!.ifItStops).toBeGreaterThanOrEqual(found!.monthToDate - 1e-6);
          expect(found!.ifItGoesOn).toBeGreaterThanOrEqual(found!.ifItStops - 1e-6);
          expect(found!.band).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('what a day usually costs', () => {
  it('is the median of the same weekday in the last six weeks', () => {
    const usage = new Map([1, 2, 3, 4, 5, 6].map((week) => [addDays('2026-11-20', -7 * week), week * 10]));

    expect(usualFor(usage, '2026-11-20', '2026-09-01')).toEqual({ amount: 35, kind: 'weekday', days: 6 });
  });

  it('counts a day without a row as nothing once data has begun', () => {
    expect(usualFor(new Map([['2026-11-13', 80]]), '2026-11-20', '2026-10-10')?.amount).toBe(0);
  });

  it('falls back to the last 14 days, and to nothing with less than three', () => {
    const usage = new Map(daysBetween('2026-11-10', '2026-11-19').map((day) => [day, 5]));

    expect(usualFor(usage, '2026-11-20', '2026-11-10')).toEqual({ amount: 5, kind: 'day', days: 10 });
    expect(usualFor(usage, '2026-11-20', '2026-11-18')).toBeUndefined();
  });

  it('has a median for odd and even counts', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBe(0);
  });
});
