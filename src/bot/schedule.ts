/** What is due: pure. node-cron only beats; when a job runs is decided here, from the last success that was stored. */
import type { Time } from '../checks/observation.ts';

export type Job = { name: string } & ({ everySeconds: number } | { at: string /* HH:MM */; zone: string /* IANA */ });

/** The jobs that are due now. A job that never ran is due at once if it repeats by seconds, and at its next time of day otherwise. */
export function due(jobs: Job[], lastRuns: Record<string, Time | undefined>, now: Time): Job[] {
  return jobs.filter((job) => {
    const last = lastRuns[job.name];
    if ('everySeconds' in job) return !last || Date.parse(now) - Date.parse(last) >= job.everySeconds * 1000;
    const slot = lastSlot(job.at, job.zone, now);
    return last !== undefined && last < slot;
  });
}

/** The latest moment at or before `now` at which the clock on the wall of that zone showed that time (in UTC); a time that a change of the clocks skips counts when the clock passes it. */
export function lastSlot(at: string, zone: string, now: Time): Time {
  const today = wall(now, zone);
  const todays = onTheDay(today.day, at, zone);
  return todays <= now ? todays : onTheDay(dayBefore(today.day), at, zone);
}

/** The next moment after `now` at which that zone's clock shows that time (in UTC). */
export function nextSlot(at: string, zone: string, now: Time): Time {
  const today = wall(now, zone);
  const todays = onTheDay(today.day, at, zone);
  return todays > now ? todays : onTheDay(dayAfter(today.day), at, zone);
}

function onTheDay(day: string, at: string, zone: string): Time {
  const target = `${day} ${at}`;
  // Offsets lie between -12 and +14 hours; the first minute at which the wall clock has reached the target is the answer.
  const guess = Date.parse(`${day}T${at}:00.000Z`);
  const offset = offsetMinutes(new Date(guess).toISOString(), zone);
  for (const minutes of [offset, offset - 60, offset + 60]) {
    const time = new Date(guess - minutes * 60_000).toISOString();
    const seen = wall(time, zone);
    if (`${seen.day} ${seen.clock}` === target) return time;
  }
  return new Date(guess - Math.min(offset, offsetMinutes(new Date(guess - offset * 60_000).toISOString(), zone)) * 60_000).toISOString();
}

function offsetMinutes(time: Time, zone: string): number {
  const { day, clock } = wall(time, zone);
  return Math.round((Date.parse(`${day}T${clock}:00.000Z`) - Math.floor(Date.parse(time) / 60_000) * 60_000) / 60_000);
}

/** What calendar and clock show in a zone. */
export function wall(time: Time, zone: string): { day: string; clock: string } {
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(new Date(time))
      .map((part) => [part.type, part.value]),
  );
  return { day: `${parts.year}-${parts.month}-${parts.day}`, clock: `${parts.hour}:${parts.minute}` };
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(zone, made);
  return made;
}

const dayBefore = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
