/** When a record says it happened. */
import type { Time } from '../../../checks/observation.ts';
import { number } from './reading.ts';

/** What CloudTrail writes; on days that not every month has, and at the hour 24, a date may mean another. */
const usualTime = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:\d\dZ$/;

/** CloudTrail's own text, or the seconds and milliseconds some exports write; undefined when it cannot be read. */
export function timeOf(value: unknown): Time | undefined {
  if (typeof value === 'string' && usualTime.test(value) && value >= '1970') return `${value.slice(0, 19)}.000Z`;
  // Exports into tables write '2024-03-01 10:00:00.000000000': UTC, whatever zone this machine is in.
  const table = typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?$/.exec(value) : null;
  if (table) return timeOf(`${table[1]}T${table[2]}${table[3]?.slice(0, 4) ?? ''}Z`);
  const seconds = typeof value === 'string' && value.includes('-') ? undefined : number(value);
  const ms =
    seconds === undefined ? (typeof value === 'string' ? Date.parse(value) : Number.NaN) : seconds < 1e11 ? seconds * 1000 : seconds;
  // Times outside four-digit years would not sort as text.
  return ms >= 0 && ms <= 253_402_300_799_999 ? new Date(ms).toISOString() : undefined;
}
