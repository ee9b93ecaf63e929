/**
 * What a month will cost. Pure. Two numbers, because one is never true: if what is unusual now stops, and if it goes on. Never the naive
 * month-to-date ÷ days × 30, which the fees of the first day make absurd.
 *
 *   end of month = what is booked
 *                + Σ over the days left of what such a day usually costs (level × weekday factor)
 *                + fees and taxes that came last month and have not come yet
 *                + credits that have come day by day of late, for as long as they last
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
  /** What is left of credits, as a positive amount, where somebody said; they are not counted beyond it. */
  creditsLeft?: number;
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
  /** What the days left usually cost, in order; without the excess. */
  ahead: { day: string; usual: number }[];
  /** Credits counted in for the days left: 0 or less. */
  creditsAhead: number;
  /** Fees and taxes counted in that have not come yet. */
  feesAhead: number;
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
  const ahead = Array.from({ length: daysLeft }, (_, n) => addDays(day, n + 1)).map((one) => ({ day: one, usual: usual.of(one) }));
  const feesAhead = feesToCome(series, monthDays);
  const usage = ahead.reduce((sum, one) => sum + one.usual, 0);
  const creditsAhead = creditsToCome(series, history, daysLeft, usage);
  const ifItStops = monthToDate + stillComing + usage + feesAhead + creditsAhead;
  return {
    monthToDate,
    ifItStops,
    ifItGoesOn: ifItStops + found.perDay * daysLeft,
    band: 1.28 * usual.spread * Math.sqrt(daysLeft),
    excessPerDay: found.perDay,
    ...(found.since ? { excessSince: found.since } : {}),
    ...{ daysLeft, ahead, creditsAhead, feesAhead },
    history: history.length,
  };
}

/**
 * What each of these days usually costs, from what was known before it, and between which amounts four of five such days lie (±1.28 · S).
 * Days of the present excess teach nothing. A day with less than three days before it is left out.
 */
export function usualCourse(series: Series, days: readonly string[]): { day: string; usual: number; low: number; high: number }[] {
  const since = excess(series, daysBetween(series.from, series.day).slice(-42)).since;
  return days.flatMap((day) => {
    const before = daysBetween(addDays(day, -42) > series.from ? addDays(day, -42) : series.from, addDays(day, -1)).filter(
      (one) => one <= series.day && (since === undefined || one < since),
    );
    if (before.length < 3) return [];
    const usual = usualDay(series, before);
    const amount = usual.of(day);
    return [{ day, usual: amount, low: Math.max(0, amount - 1.28 * usual.spread), high: amount + 1.28 * usual.spread }];
  });
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

/** Per weekday; 1 throughout with less than three weeks, and of less than four such days drawn towards 1 by two made-up ordinary ones. */
function weekdayFactors(days: string[], costs: number[]): number[] {
  const all = median(costs);
  return Array.from({ length: 7 }, (_, dow) => {
    const own = costs.filter((_cost, at) => weekday(days[at] ?? '') === dow);
    if (days.length < 21 || own.length === 0 || all <= 0) return 1;
    const factor = Math.min(2.5, Math.max(0.4, median(own) / all));
    return own.length >= 4 ? factor : (own.length * factor + 2) / (own.length + 2);
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

/**
 * Credits that came on at least half of the last 14 days whose figures are firm go on as they came (median a day), at most as high as what
 * is used and as what is left of them. Those that come now and then are not counted on.
 */
function creditsToCome(series: Series, history: string[], daysLeft: number, usage: number): number {
  const firm = history.filter((day) => !series.provisional.has(day)).slice(-14);
  const came = firm.map((day) => series.credits.get(day) ?? 0);
  if (firm.length < 7 || came.filter((amount) => amount < 0).length * 2 < firm.length) return 0;
  const size = Math.min(-median(came) * daysLeft, usage, series.creditsLeft ?? Number.POSITIVE_INFINITY);
  return size > 0 ? -size : 0;
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
