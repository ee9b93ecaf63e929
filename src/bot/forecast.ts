/**
 * What a month will cost. Pure. Two numbers, because one is never true: if what is unusual now stops, and if it goes on. Never the naive
 * month-to-date ÷ days × 30, which the fees of the first day make absurd.
 *
 *   end of month = what is booked
 *                + Σ over the days left of what such a day usually costs (level × weekday factor)
 *                + fees and taxes that came last month and have not come yet
 *                + (if it goes on) today's excess × days left
 *   band         = ±1.28 · S · √(days left): four times in five the month ends within it, as long as nothing new begins
 *
 * Level: the median of the last 14 days plus a slope of at most 2 % of it a day. S: the larger of 1.4826 × the median absolute deviation
 * of 28 days and 12 % of the level. Medians, because one day of mining must not become the new normal.
 */
import { addDays, daysInMonth, firstOfMonth } from './words.ts';

export type Series = {
  /** The last day counted (YYYY-MM-DD, UTC). */
  day: string;
  /** The first day data is known for; a day after it without an entry cost nothing. */
  from: string;
  /** Gross usage by day. */
  usage: ReadonlyMap<string, number>;
  /** Fees and taxes by day. */
  fees: ReadonlyMap<string, number>;
  /** Credits and refunds by day (negative). */
  credits: ReadonlyMap<string, number>;
  /** Days whose figure still grows. */
  provisional: ReadonlySet<string>;
  /** What a month usually costs, as somebody declared it; helps while there is little history. */
  usualMonthly?: number;
};

export type Forecast = {
  /** Net of the month so far: usage, fees, taxes and credits. */
  monthToDate: number;
  /** The month's end if the present excess stops now; without an excess both are the same. */
  ifItStops: number;
  ifItGoesOn: number;
  band: number;
  /** Above what is usual, a day, over the last days in a row; 0 when nothing is unusual. */
  excessPerDay: number;
  excessSince?: string;
  daysLeft: number;
  /** Days of history it rests on. */
  history: number;
};

/** Undefined when there is less than three days of history and nobody declared a usual month. */
export function forecast(series: Series): Forecast | undefined {
  const { day, from } = series;
  const month = firstOfMonth(day);
  const daysLeft = daysInMonth(day) - Number(day.slice(8, 10));
  const history = daysBetween(from, day).slice(-42);
  if (history.length < 3 && series.usualMonthly === undefined) return undefined;

  const found = excess(series, history);
  const usual = usualDay(
    series,
    history.filter((one) => found.since === undefined || one < found.since),
  );
  const monthDays = daysBetween(month < from ? from : month, day);
  const monthToDate = monthDays.reduce((sum, one) => sum + net(series, one), 0);
  // A provisional day below what is usual has not been billed in full yet.
  const stillComing = monthDays
    .filter((one) => series.provisional.has(one))
    .reduce((sum, one) => sum + Math.max(0, usual.of(one) - (series.usage.get(one) ?? 0)), 0);
  const ahead = Array.from({ length: daysLeft }, (_, n) => usual.of(addDays(day, n + 1))).reduce((sum, cost) => sum + cost, 0);
  const ifItStops = monthToDate + stillComing + ahead + feesToCome(series, monthDays);
  return {
    monthToDate,
    ifItStops,
    ifItGoesOn: ifItStops + found.perDay * daysLeft,
    band: 1.28 * usual.spread * Math.sqrt(daysLeft),
    excessPerDay: found.perDay,
    ...(found.since ? { excessSince: found.since } : {}),
    daysLeft,
    history: history.length,
  };
}

/**
 * What such a weekday costs: the median of the same weekday in the last six weeks before `day`, when at least four are known; else of the
 * last 14 days, when at least three are. `kind` says which.
 */
export function usualFor(
  usage: ReadonlyMap<string, number>,
  day: string,
  from: string,
): { amount: number; kind: 'weekday' | 'day'; days: number } | undefined {
  const weekday = [1, 2, 3, 4, 5, 6].map((week) => addDays(day, -7 * week)).filter((one) => one >= from);
  if (weekday.length >= 4) return { amount: median(weekday.map((one) => usage.get(one) ?? 0)), kind: 'weekday', days: weekday.length };
  const lately = daysBetween(from, addDays(day, -1)).slice(-14);
  if (lately.length < 3) return undefined;
  return { amount: median(lately.map((one) => usage.get(one) ?? 0)), kind: 'day', days: lately.length };
}

type Usual = { of(day: string): number; spread: number };
function usualDay(series: Series, days: string[]): Usual {
  const costs = days.map((day) => series.usage.get(day) ?? 0);
  const declared = series.usualMonthly === undefined ? undefined : series.usualMonthly / 30;
  const last = costs.slice(-14);
  let level = median(last);
  // While history is short, the declared month weighs as much as seven days.
  if (declared !== undefined && days.length < 14) level = (level * last.length + declared * 7) / (last.length + 7);
  const slope = days.length >= 14 ? clip(halfSlope(costs.slice(-28)), 0.02 * level) : 0;
  const factors = weekdayFactors(days, costs);
  const flat = days.slice(-28).map((day, at) => (costs.slice(-28)[at] ?? 0) / (factors[weekday(day)] || 1));
  const middle = median(flat);
  const spread = Math.max(1.4826 * median(flat.map((cost) => Math.abs(cost - middle))), 0.12 * level);
  return { of: (day) => (factors[weekday(day)] ?? 1) * Math.max(0, level + slope * 7), spread };
}

/** Per weekday, shrunk towards 1 by two made-up ordinary weeks; 1 throughout with less than three weeks. */
function weekdayFactors(days: string[], costs: number[]): number[] {
  const all = median(costs);
  return Array.from({ length: 7 }, (_, dow) => {
    const own = costs.filter((_cost, at) => weekday(days[at] ?? '') === dow);
    if (days.length < 21 || own.length === 0 || all <= 0) return 1;
    const factor = Math.min(2.5, Math.max(0.4, median(own) / all));
    return (own.length * factor + 2) / (own.length + 2);
  });
}

/** The days in a row, up to the last, that cost clearly more than usual, judged by what was usual before them; at most the last seven. */
function excess(series: Series, history: string[]): { perDay: number; since?: string } {
  let since: string | undefined;
  let over: number[] = [];
  for (let back = 1; back <= Math.min(7, history.length - 7); back += 1) {
    const usual = usualDay(series, history.slice(0, -back));
    const tail = history.slice(-back).map((day) => (series.usage.get(day) ?? 0) - usual.of(day));
    const least = Math.max(4 * usual.spread, 1);
    if (!tail.every((cost) => cost >= least)) break;
    since = history.at(-back);
    over = tail;
  }
  if (!since) return { perDay: 0 };
  const last = over.slice(-3);
  return { perDay: last.reduce((sum, cost) => sum + cost, 0) / last.length, since };
}

/** Last month's fees and taxes less this month's so far, when last month is known in full. */
function feesToCome(series: Series, monthDays: string[]): number {
  const before = firstOfMonth(addDays(firstOfMonth(series.day), -1));
  if (series.from > before) return 0;
  const lastMonth = daysBetween(before, addDays(firstOfMonth(series.day), -1));
  const sum = (days: string[]) => days.reduce((total, day) => total + (series.fees.get(day) ?? 0), 0);
  return Math.max(0, sum(lastMonth) - sum(monthDays));
}

const net = (series: Series, day: string): number =>
  (series.usage.get(day) ?? 0) + (series.fees.get(day) ?? 0) + (series.credits.get(day) ?? 0);

/** Change a day between the halves' medians. */
function halfSlope(costs: number[]): number {
  const half = Math.floor(costs.length / 2);
  return half === 0 ? 0 : (median(costs.slice(half)) - median(costs.slice(0, half))) / half;
}

/** Every day from the first to the last, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();
const clip = (value: number, most: number): number => Math.min(most, Math.max(-most, value));

export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) return 0;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
