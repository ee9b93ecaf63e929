/** When a record says it happened. */
import type { Time } from '../../../checks/observation.ts';
import { number } from './reading.ts';

/** What CloudTrail writes; on days that not every month has, and at the hour 24, a date may mean another. */
const usualTime = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:\d\dZ$/;

let latest = { value: '1970-01-01T00:00:00Z', time: '1970-01-01T00:00:00.000Z' };

/** CloudTrail's own text, or the seconds and milliseconds some exports write; undefined when it cannot be read. */
export function timeOf(value: unknown): Time | undefined {
  // Of a busy account many records have the time of the one before, and may as well have the same text.
  if (value === latest.value) return latest.time;
  if (typeof value === 'string' && usualTime.test(value) && value >= '1970') {
    latest = { value, time: `${value.slice(0, 19)}.000Z` };
    return latest.time;
  }
  // Exports into tables write '2024-03-01 10:00:00.000000000': UTC, whatever zone this machine is in.
  const table = typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?$/.exec(value) : null;
  if (table) return timeOf(`${table[1]}T${table[2]}${table[3]?.slice(0, 4) ?? ''}Z`);
  const seconds = typeof value === 'string' && value.includes('-') ? undefined : number(value);
  const ms =
    seconds === undefined ? (typeof value === 'string' ? Date.parse(value) : Number.NaN) : seconds < 1e11 ? seconds * 1000 : seconds;
  // Times outside four-digit years would not sort as text.
  return ms >= 0 && ms <= 253_402_300_799_999 ? new Date(ms).toISOString() : undefined;
}
