/**
 * What a day usually costs, worked out of the days before it: the middle of two weeks, moved along its trend, times the weekday's share; and
 * how far days stray from it. Medians throughout, so that one wild day moves nothing. Works on arrays that are used again and again: nothing
 * here may call for a second past before it is done with the first.
 */
import { type Days, weekdayOf } from './days.ts';

/** So many days of the past are looked at. */
export const windowDays = 42;

/** The days of the past that count: in order, without those that were out of the ordinary or of which nothing is known. */
export type Past = { length: number; values: Float64Array; weekdays: Uint8Array; greatest: number; scratch: Float64Array };

export const createPast = (): Past => ({
  length: 0,
  values: new Float64Array(windowDays),
  weekdays: new Uint8Array(windowDays),
  greatest: 0,
  scratch: new Float64Array(windowDays),
});

/** Fills in the days of [from, day). Days without a number between them cost nothing. */
export function takePast(
  past: Past,
  { from: start, values, masked }: Days,
  from: number,
  day: number,
  isGap: (day: number) => boolean,
): void {
  past.length = 0;
  past.greatest = 0;
  for (let one = Math.max(from, day - windowDays); one < day; one++) {
    const at = one - start;
    if ((masked[at] ?? 0) > 0 || isGap(one)) continue;
    const value = values[at] ?? 0;
    past.values[past.length] = value;
    past.weekdays[past.length] = weekdayOf(one);
    past.length += 1;
    if (value > past.greatest) past.greatest = value;
  }
}

/** `typicalDay` stands in for a level while there is less than a week of a whole account. */
export function expectedOn(day: number, past: Past, typicalDay: number | undefined): number {
  const { length } = past;
  if (length < 7 && typicalDay !== undefined) return Math.max(typicalDay, middle(past, 0, length));
  const level = middle(past, length - 14, length);
  const recent = Math.min(28, length);
  const half = recent >> 1;
  const slope = length >= 14 ? (middle(past, length - half, length) - middle(past, length - recent, length - recent + half)) / half : 0;
  const trend = Math.min(Math.max(slope, -0.02 * level), 0.02 * level);
  return weekdayShare(day, past) * Math.max(0, level + 7 * trend);
}

/** How far a day may well be from what is expected. Never less than `least`: so a series without a past has an answer too. */
export function spreadOf(past: Past, expected: number, least: number): number {
  const { length, values, scratch } = past;
  const recent = Math.min(28, length);
  const level = middle(past, length - recent, length);
  for (let n = 0; n < recent; n++) scratch[n] = Math.abs(values[length - recent + n]! - level);
  // 1.4826 brings the median distance to the scale of a standard deviation.
  const strayed = 1.4826 * middleOf(scratch, recent);
  const spread = Math.max(strayed, 0.08 * expected, least, 1);
  return length < 7 ? spread * (1 + 1.5 / Math.max(1, length)) : spread;
}

/** The dearest day; where such weekdays usually cost clearly less, of such weekdays. */
export function greatestLike(day: number, past: Past): number {
  const { length, values, weekdays } = past;
  if (weekdayShare(day, past) > 0.85) return past.greatest;
  const wanted = weekdayOf(day);
  let greatest = 0;
  for (let n = 0; n < length; n++) if (weekdays[n] === wanted && values[n]! > greatest) greatest = values[n]!;
  return greatest;
}

/** Drawn towards 1 while there are few such weekdays. */
function weekdayShare(day: number, past: Past): number {
  const { length, values, weekdays, scratch } = past;
  if (length < 21) return 1;
  const all = middle(past, 0, length);
  if (all <= 0) return 1;
  const wanted = weekdayOf(day);
  let count = 0;
  for (let n = 0; n < length; n++) if (weekdays[n] === wanted) scratch[count++] = values[n]!;
  if (count === 0) return 1;
  const share = Math.min(Math.max(middleOf(scratch, count) / all, 0.4), 2.5);
  return (count * share + 2) / (count + 2);
}

/** The median of the values from `from` (or the first) up to and without `to`; 0 of none. */
export function middle({ values, scratch }: Past, from: number, to: number): number {
  const start = Math.max(0, from);
  for (let n = start; n < to; n++) scratch[n - start] = values[n]!;
  return middleOf(scratch, Math.max(0, to - start));
}

/** Puts the first so many in order. */
function middleOf(scratch: Float64Array, count: number): number {
  if (count === 0) return 0;
  // So few numbers are put in order fastest one by one.
  for (let n = 1; n < count; n++) {
    const value = scratch[n]!;
    let at = n - 1;
    while (at >= 0 && scratch[at]! > value) {
      scratch[at + 1] = scratch[at]!;
      at -= 1;
    }
    scratch[at + 1] = value;
  }
  const half = count >> 1;
  return count % 2 === 1 ? scratch[half]! : (scratch[half - 1]! + scratch[half]!) / 2;
}
