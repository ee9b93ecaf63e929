/**
 * What one series (a leaf or a sum of leaves) cost day by day, in one array of numbers: ten thousand of them over more than a year are held
 * and read quickly. A day is its number since 1970-01-01, UTC.
 */
export type Days = { from: number; values: Float64Array; masked: Uint8Array };

export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
export const dayOf = (number: number): string => new Date(number * 86_400_000).toISOString().slice(0, 10);
/** Sunday is 0. The first of January 1970 was a Thursday. */
export const weekdayOf = (number: number): number => (((number + 4) % 7) + 7) % 7;

export const noDays = (): Days => ({ from: 0, values: new Float64Array(0), masked: new Uint8Array(0) });

export function spentOn(days: Days, day: number): number {
  const at = day - days.from;
  // Reading beside an array is slow.
  return at >= 0 && at < days.values.length ? days.values[at]! : 0;
}

export function addTo(days: Days, day: number, amount: number): void {
  makeRoom(days, day);
  days.values[day - days.from]! += amount;
}

/** counts: as history. out: out of the ordinary. open: out of the ordinary in a story that nobody has answered. */
export type Mask = 'counts' | 'out' | 'open';
const masks: readonly Mask[] = ['counts', 'out', 'open'];

export function setMask({ from, masked }: Days, day: number, mask: Mask): void {
  const at = day - from;
  // What never was written to is zero and counts.
  if (at >= 0 && at < masked.length) masked[at] = masks.indexOf(mask);
}

export function maskOf(days: Days, day: number): Mask {
  const at = day - days.from;
  return at >= 0 && at < days.masked.length ? masks[days.masked[at]!]! : 'counts';
}

export function isMasked(days: Days, day: number): boolean {
  const at = day - days.from;
  return at >= 0 && at < days.masked.length && days.masked[at]! > 0;
}

/** Days come one after the other, mostly forwards, sometimes backwards: with each step room is made for more on that side. */
function makeRoom(days: Days, day: number): void {
  const { from, values, masked } = days;
  if (values.length > 0 && day >= from && day < from + values.length) return;
  const spare = Math.max(32, values.length >> 1);
  const start = values.length === 0 ? day : day < from ? day - spare : from;
  const end = values.length === 0 || day >= from + values.length ? day + 1 + spare : from + values.length;
  days.from = start;
  days.values = new Float64Array(end - start);
  days.masked = new Uint8Array(end - start);
  days.values.set(values, values.length === 0 ? 0 : from - start);
  days.masked.set(masked, values.length === 0 ? 0 : from - start);
}
