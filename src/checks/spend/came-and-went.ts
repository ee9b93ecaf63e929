/**
 * What came and went by itself before is less of a surprise: a level less severe for each time, and for the digest alone when it was at this
 * time of a month before. Only while it is as long and as dear as it was then.
 */
import { type Days, isMasked, maskOf, spentOn } from './days.ts';

/** So many levels less severe. Days of stories that people have not answered count for nothing here. */
export function loweredBy(days: Days, first: number, day: number, spent: number): number {
  const oldest = Math.max(first, day - habitDays);
  const now = runEndingAt(days, day, oldest);
  let times = 0;
  let longest = 0;
  let isOnTime = false;
  for (let one = now.from - 1; one >= oldest; one--) {
    if (maskOf(days, one) !== 'out') continue;
    const run = runEndingAt(days, one, oldest);
    if (spent <= clearlyMore * run.greatest) {
      times += 1;
      longest = Math.max(longest, one - run.from + 1);
      for (let past = run.from; past <= one; past++) if (isMasked(days, past) && isSameDate(past, day)) isOnTime = true;
    }
    one = run.from;
  }
  if (times === 0 || day - now.from + 1 > longest + 2) return 0;
  return isOnTime ? 3 : times;
}

/** How far back it is remembered: a quarter of a year and a week. */
const habitDays = 100;
/** A pause of a day or two ends nothing. */
const pauseDays = 2;
/** Than the dearest day before: such days come now and then. */
export const clearlyMore = 1.25;

function runEndingAt(days: Days, last: number, oldest: number): { from: number; greatest: number } {
  let from = last;
  let greatest = spentOn(days, last);
  for (let one = last - 1; one >= Math.max(oldest, from - 1 - pauseDays); one--) {
    if (!isMasked(days, one)) continue;
    from = one;
    greatest = Math.max(greatest, spentOn(days, one));
  }
  return { from, greatest };
}

/** A day of a month before, give or take what months and weekends differ. */
const isSameDate = (past: number, day: number): boolean => [30.44, 60.9, 91.3].some((months) => Math.abs(day - past - months) <= 2.5);
