/** Times as saved costs have them: written in several ways, and the UTC days a charge covers. */

import { ownText } from './cells.ts';

const dayMs = 86_400_000;
const mostDays = 400;
/** Days outside of these (2000 to 2100) are slips of a pen; believed, they would be years of nothing. */
const [firstDay, lastDay] = [10_957, 47_481];

/**
 * The UTC days (numbers since 1970-01-01) a charge covers, each with its share by time: an hour has one day, a day that begins at another zone's
 * midnight has two, a month has all of its own. Beyond 400 days, or when the end is not after the start, the start's day takes it all.
 */
export function daysOf(start: number, end: number | undefined): { day: number; share: number }[] {
  const first = Math.floor(start / dayMs);
  if (end === undefined || end <= start || end - start > mostDays * dayMs || end <= (first + 1) * dayMs) return [{ day: first, share: 1 }];
  const days: { day: number; share: number }[] = [];
  for (let at = start; at < end; ) {
    const day = Math.floor(at / dayMs);
    const next = Math.min(end, (day + 1) * dayMs);
    days.push({ day, share: (next - at) / (end - start) });
    at = next;
  }
  return days;
}

const timeForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;
/** Milliseconds of an ISO-like time; without a zone it is UTC, as FOCUS has it. Undefined when it is not one, or not of this century. */
export function timeOf(text: string): number | undefined {
  const found = timeForm.exec(text.trim());
  if (!found) return undefined;
  const [, day, clock = '00:00:00', zone = 'Z'] = found;
  const offset = /^(z|utc)$/i.test(zone)
    ? 'Z'
    : zone.length === 3
      ? `${zone}:00`
      : zone.includes(':')
        ? zone
        : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const time = Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}${offset}`);
  return time >= firstDay * dayMs && time < lastDay * dayMs ? time : undefined;
}

/** The same few times stand in row after row: each is worked out once. */
export function rememberedTimeOf(): (text: string) => number | undefined {
  const seen = new Map<string, number | undefined>();
  return (text) => {
    if (seen.has(text)) return seen.get(text);
    // Times to the second would be as many as rows.
    if (seen.size > 50_000) seen.clear();
    const time = timeOf(text);
    seen.set(ownText(text), time);
    return time;
  };
}
