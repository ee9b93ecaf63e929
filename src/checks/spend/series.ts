/**
 * Is a day's spend far above its own history? One series (an account or a region of it) at a time, in whatever currency it is billed.
 *
 * The usual day is a median of recent days, moved by their trend and by the weekday; how far days stray from it is a median of the
 * distances. Both keep still when a single day goes wild. Two things are added to what such methods commonly do: the spread never falls
 * below a share of what the account usually spends, so that a series without any history has an answer too, and days found out of the
 * ordinary are left out of the history (at most 5 of 14; then the new level is believed). How bad it is, is a matter of money, not of
 * spreads.
 */
export type DaySpend = { day: string; value: number };
export type Series = {
  /** Days before the one judged, any order; a missing day between the first and the judged one counts as nothing spent. */
  history: readonly DaySpend[];
  day: string;
  /** What is known of the day so far; the day may not be over. */
  spent: number;
  /** What the whole account spends on a usual day. */
  typicalDay: number;
  /** What the account usually costs a month, declared or worked out. */
  usualMonth: number;
  /** A series that only exists because somebody began to use a new place; needs two weeks of the account's own history to be believed. */
  canBeNew: boolean;
};
export type Judgement = {
  how: 'new' | 'jump' | 'slow burn';
  severity: 'low' | 'medium' | 'high' | 'critical';
  expected: number;
  /** Above what was expected, in a day. */
  excess: number;
};

const windowDays = 42;
const dayMs = 86_400_000;

/** Undefined when the day is ordinary. */
export function judgeDay(series: Series): Judgement | undefined {
  const days = filled(series.history, series.day);
  const cheapest = leastWorthSaying(series.typicalDay);
  // Most days are nowhere near anything: the full judgement of the past is made only for those that might be.
  if (series.spent < Math.min(cheapest, newPlaceFrom) || (days.length >= 7 && series.spent < 1.1 * median(days.map(({ value }) => value))))
    return undefined;
  const masked = maskedDays(days, series);
  const current = { day: series.day, value: series.spent };
  return judgeAgainst(current, unmasked(days, masked), days, series);
}

/** What an account spends on a usual day; a declared month counts like a week of history while there are fewer than two weeks. */
export function typicalDayOf(history: readonly DaySpend[], day: string, usualMonth: number | undefined, assumedMonth: number): number {
  const days = filled(history, day).slice(-windowDays);
  const declared = (usualMonth ?? assumedMonth) / 30;
  if (days.length >= 14) return median(days.map(({ value }) => value));
  const seen = days.length > 0 ? median(days.map(({ value }) => value)) : 0;
  return (declared * 7 + seen * days.length) / (7 + days.length);
}

const newPlaceFrom = 10;
const leastWorthSaying = (typicalDay: number): number => Math.max(10, 0.08 * typicalDay);

/** `history` leaves out the days that were out of the ordinary, `days` does not. */
function judgeAgainst(current: DaySpend, history: readonly DaySpend[], days: readonly DaySpend[], series: Series): Judgement | undefined {
  const values = history.map(({ value }) => value);
  const isNew = series.canBeNew && !values.some((value) => value > 1);
  const expected = isNew ? 0 : expectation(current.day, history, series);
  const spread = spreadOf(values, expected, series.typicalDay);
  const excess = current.value - expected;
  const floor = leastWorthSaying(series.typicalDay);

  if (isNew && current.value >= newPlaceFrom) return judged('new', expected, excess, series);
  if (excess >= floor && excess >= 4 * spread && current.value >= 1.25 * Math.max(0, ...values))
    return judged('jump', expected, excess, series);

  const week = [...days.slice(-6), current];
  const before = days.slice(-(35 + 6), -6).map(({ value }) => value);
  if (before.length < 21) return undefined;
  const level = median(before);
  const line = level + 3 * spreadOf(before, level, series.typicalDay);
  // What has been so for two weeks is the new level, and was told when it began.
  if (before.slice(-7).filter((value) => value > line).length >= 4) return undefined;
  const over = week.filter(({ value }) => value > line);
  const mean = week.reduce((sum, { value }) => sum + value - level, 0) / week.length;
  return over.length >= 6 && mean >= Math.max(floor, 0.15 * series.typicalDay) ? judged('slow burn', level, mean, series) : undefined;
}

/** What this day would usually cost: the level of two weeks, moved a week along its trend, times the weekday's share. */
function expectation(day: string, history: readonly DaySpend[], { typicalDay, canBeNew }: Series): number {
  const values = history.map(({ value }) => value);
  // With less than a week, an account is held against what it is said to cost.
  if (values.length < 7 && !canBeNew) return Math.max(typicalDay, median(values));
  const level = median(values.slice(-14));
  const recent = values.slice(-28);
  const half = recent.length >> 1;
  const slope = values.length >= 14 ? (median(recent.slice(-half)) - median(recent.slice(0, half))) / half : 0;
  const trend = Math.min(Math.max(slope, -0.02 * level), 0.02 * level);
  return weekdayShare(day, history) * Math.max(0, level + 7 * trend);
}

/** Drawn towards 1 while there are few such weekdays. */
function weekdayShare(day: string, history: readonly DaySpend[]): number {
  if (history.length < 21) return 1;
  const all = median(history.map(({ value }) => value));
  const same = history.filter((one) => weekday(one.day) === weekday(day)).map(({ value }) => value);
  if (all <= 0 || same.length === 0) return 1;
  const share = Math.min(Math.max(median(same) / all, 0.4), 2.5);
  return (same.length * share + 2) / (same.length + 2);
}

function spreadOf(values: readonly number[], expected: number, typicalDay: number): number {
  const recent = values.slice(-28);
  const middle = median(recent);
  // 1.4826 brings the median distance to the scale of a standard deviation.
  const strayed = 1.4826 * median(recent.map((value) => Math.abs(value - middle)));
  const spread = Math.max(strayed, 0.12 * expected, 0.02 * typicalDay, 1);
  return values.length < 7 ? spread * (1 + 1.5 / Math.max(1, values.length)) : spread;
}

/** By the money that is lost in 30 days if it goes on like this. */
function judged(how: Judgement['how'], expected: number, excess: number, { usualMonth }: Series): Judgement {
  const month = 30 * excess;
  const high = how === 'new' ? 300 : Math.max(500, Math.min(usualMonth, 3000 + 0.12 * usualMonth));
  const severity =
    month >= Math.max(2000, 3 * usualMonth)
      ? 'critical'
      : month >= high
        ? 'high'
        : month >= Math.max(100, 0.1 * usualMonth)
          ? 'medium'
          : 'low';
  return { how, severity, expected, excess };
}

/** The days of the past that were out of the ordinary themselves, judged one after the other; at most 5 of any 14. */
function maskedDays(days: readonly DaySpend[], series: Series): Set<string> {
  const masked = new Set<string>();
  for (let index = Math.max(1, days.length - windowDays); index < days.length; index++) {
    const day = days[index]!;
    const lately = days.slice(Math.max(0, index - 13), index).filter((one) => masked.has(one.day)).length;
    if (lately >= 5) continue;
    const before = unmasked(days.slice(0, index), masked);
    const middle = median(before.map(({ value }) => value));
    // The cheap half of the question first.
    if (day.value - middle < leastWorthSaying(series.typicalDay)) continue;
    if (judgeAgainst(day, before, days.slice(0, index), series)) masked.add(day.day);
  }
  return masked;
}

const unmasked = (days: readonly DaySpend[], masked: ReadonlySet<string>): DaySpend[] =>
  days.slice(-windowDays).filter(({ day }) => !masked.has(day));

/** Every day from the first known to the one before `until`. */
function filled(history: readonly DaySpend[], until: string): DaySpend[] {
  const known = new Map<string, number>();
  let first = until;
  for (const { day, value } of history) {
    if (day >= until) continue;
    known.set(day, value);
    if (day < first) first = day;
  }
  const start = Math.max(Date.parse(first), Date.parse(until) - 2 * windowDays * dayMs);
  const days: DaySpend[] = [];
  for (let time = start; time < Date.parse(until); time += dayMs) {
    const day = new Date(time).toISOString().slice(0, 10);
    days.push({ day, value: known.get(day) ?? 0 });
  }
  return days;
}

const weekday = (day: string): number => new Date(`${day}T00:00:00.000Z`).getUTCDay();

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
