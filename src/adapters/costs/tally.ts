/** Sums rows by day, account, region, service, charge and currency while they are read. */
import type { Cost } from '../../bot/digest.ts';

export type Tally = {
  add(row: Cost): void;
  name(scope: Cost['scope'], name: string): void;
  costs(): Cost[];
  accounts(): { scope: Cost['scope']; name: string }[];
};

export function createTally(): Tally {
  const rows = new Map<string, Cost>();
  const names = new Map<string, { scope: Cost['scope']; name: string }>();
  return {
    add(row) {
      const { scope } = row;
      const key = JSON.stringify([row.day, scope.cloud, scope.id, row.service, row.region, row.charge, row.currency]);
      const known = rows.get(key);
      if (!known) rows.set(key, { ...row });
      else {
        known.amount += row.amount;
        known.provisional ||= row.provisional;
      }
    },
    name: (scope, name) => void names.set(`${scope.cloud} ${scope.id}`, { scope, name }),
    costs: () => [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
    accounts: () => [...names.values()],
  };
}

const dayMs = 86_400_000;
const mostDays = 400;

/**
 * The UTC days a charge covers, each with its share by time: an hour has one day, a day that begins at another zone's midnight has two, a month has
 * all of its own. Beyond 400 days, or when the end is not after the start, the start's day takes it all.
 */
export function daysOf(start: number, end: number | undefined): { day: string; share: number }[] {
  const dayAt = (time: number) => new Date(time).toISOString().slice(0, 10);
  if (end === undefined || end <= start || end - start > mostDays * dayMs) return [{ day: dayAt(start), share: 1 }];
  const days: { day: string; share: number }[] = [];
  for (let at = start; at < end; ) {
    const next = Math.min(end, (Math.floor(at / dayMs) + 1) * dayMs);
    days.push({ day: dayAt(at), share: (next - at) / (end - start) });
    at = next;
  }
  return days;
}

const timeForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;
/** Milliseconds of an ISO-like time; without a zone it is UTC, as FOCUS has it. Undefined when it is not one. */
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
  return Number.isFinite(time) ? time : undefined;
}

/** A plain decimal number, with or without an exponent; undefined for anything else, also for thousands separators. */
export const numberOf = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) && Number.isFinite(Number(text)) ? Number(text) : undefined;
