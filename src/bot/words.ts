/**
 * Numbers, money, times and counts as people read them. Pure. Everything the bot says passes through here, so that the same thing is
 * said the same way on the card, in the digest and in a terminal. Words are English with the decimal point.
 */
import { currencyText, money } from '../checks/money.ts';
import type { Subject, Time } from '../checks/observation.ts';

export { money };

/** US dollars: cents below 100, whole dollars above; a real amount never reads as nothing. */
export const dollars = (usd: number): string => money(usd, 'USD');

/** Dollars an hour for a label or a lock screen: "$79/h", cents only below 10. */
export const rate = (usdPerHour: number): string =>
  `${usdPerHour >= 10 ? currencyText(Math.round(usdPerHour), 'USD', 0) : money(usdPerHour, 'USD')}/h`;

/** A change in dollars with its sign: "+$18.40", "−$6.10". */
export const signedMoney = (amount: number, currency: string): string => `${amount < 0 ? '−' : '+'}${money(Math.abs(amount), currency)}`;

/** "1 instance", "1,204 instances". */
export const count = (number: number, one: string, many = `${one}s`): string => `${whole(number)} ${number === 1 ? one : many}`;
export const whole = (number: number): string => new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(number);

/** A change in percent with its sign, "+9 %"; undefined where there is nothing to compare with. */
export function percent(now: number, before: number): string | undefined {
  if (!(before > 0) || !Number.isFinite(now)) return undefined;
  const change = Math.round((now / before - 1) * 100);
  return Math.abs(change) >= 1000 ? `${whole(now / before)} times as much` : `${change < 0 ? '−' : '+'}${whole(Math.abs(change))} %`;
}

/** How long: "14 s", "3 min", "2 h 5 min", "12 days". Rounds down: never older than it is. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 48 * 3600) {
    const minutes = Math.floor((s % 3600) / 60);
    return `${Math.floor(s / 3600)} h${s < 6 * 3600 && minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(s / 86400)} days`;
}

/** Seconds from one time to another; 0 when a time cannot be read. */
export function secondsBetween(from: Time, to: Time): number {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) ? seconds : 0;
}

/** "a, b and c"; beyond `most`: "a, b and 3 more". */
export function listed(words: readonly string[], most = 4): string {
  if (words.length <= 1) return words[0] ?? '';
  const shown = words.length > most ? words.slice(0, most) : words.slice(0, -1);
  return `${shown.join(', ')} and ${words.length > most ? `${words.length - most} more` : words.at(-1)}`;
}

/** Cut to so many characters, with a sign that it was cut. */
export const cut = (text: string, most: number): string => {
  const letters = Array.from(text);
  if (text.length <= most) return text;
  let kept = '';
  for (const letter of letters) {
    if (kept.length + letter.length > most - 1) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
};

/** An access key id by its first four and last four letters, "AKIA…MPLE": enough to tell two apart, not enough to search for. */
export function maskedKey(key: string): string {
  const id = key.replace(/^(credential|session):/, '');
  return id.length > 8 ? `${id.slice(0, 4)}…${id.slice(-4)}` : '…';
}

/** What a person would call a subject: a key masked, of a long provider's name the last part. For the eye only; nothing is decided by it. */
export function shortName(subject: Subject): string {
  if (isPassword(subject)) return cut(`password of ${subject.split('/').at(-1)}`, 60);
  if (subject.startsWith('credential:') || subject.startsWith('session:')) return maskedKey(subject);
  const name = subject.slice(subject.indexOf(':') + 1);
  const last = name.split('/').at(-1) ?? '';
  const part = name.includes('/') ? last : (name.split(':').at(-1) ?? '');
  return cut(part || name, 60);
}

/** A password counts as a credential too; its name is the user's. For the eye only. */
export const isPassword = (subject: Subject): boolean => subject.startsWith('credential:login-profile/');

/** "Berlin" of "Europe/Berlin"; how the team's zone is named beside a time. */
export const zoneName = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

const fields = new Map<string, Intl.DateTimeFormat>();
function fieldsIn(time: number, zone: string): Record<string, string> {
  let format = fields.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    fields.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(time).map((part) => [part.type, part.value]));
}

/** The calendar day (YYYY-MM-DD) it is in a zone. */
export function dayIn(time: Time, zone: string): string {
  const { year, month, day } = fieldsIn(Date.parse(time), zone);
  return `${year}-${month}-${day}`;
}

/**
 * The next time after `now` that a wall clock in `zone` shows `clock` ("09:00"). Where that time is skipped (the clocks go forward) it is
 * later by as much as is skipped; where it comes twice, the first of the two.
 */
export function nextClock(now: Time, clock: string, zone: string): Time {
  const start = Date.parse(now);
  const today = dayIn(now, zone);
  for (let ahead = 0; ahead <= 2; ahead += 1) {
    const at = wallTime(addDays(today, ahead), clock, zone);
    if (at > start) return new Date(at).toISOString();
  }
  return new Date(start + 86_400_000).toISOString();
}

/** The moment (milliseconds) at which a zone's wall clock first shows that day and time, found by trying the offsets of the day before and after. */
function wallTime(day: string, clock: string, zone: string): number {
  const asUtc = Date.parse(`${day}T${clock}:00Z`);
  const offsets = [asUtc - 86_400_000, asUtc + 86_400_000].map((at) => offsetAt(at, zone));
  const exact = offsets.map((offset) => asUtc - offset).filter((at) => at + offsetAt(at, zone) === asUtc);
  if (exact.length > 0) return Math.min(...exact);
  // Skipped by the clocks going forward: what the clock of before the change would have called that time.
  return asUtc - Math.min(...offsets);
}

function offsetAt(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = fieldsIn(at, zone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - Math.floor(at / 1000) * 1000;
}

// ---- days (YYYY-MM-DD, UTC) -------------------------------------------------------------------------------------------------

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
export const weekdayOf = (day: string): string => weekdays[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? '';
export const monthName = (day: string): string => months[Number(day.slice(5, 7)) - 1] ?? day.slice(0, 7);
export const firstOfMonth = (day: string): string => `${day.slice(0, 7)}-01`;
export const daysInMonth = (day: string): number => new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();
/** "23 November". */
export const dayAndMonth = (day: string): string => `${Number(day.slice(8, 10))} ${monthName(day)}`;
