/** What is left of credits, and when they end. Pure. A credit pays usage; what pays for commitments and discounts is not one. */
import { daysBetween } from '../forecast.ts';
import type { Text } from '../message.ts';
import { addDays, dayAndMonth, money } from '../words.ts';
import { isBeforeCredits } from './charges.ts';
import { type Cost, type DigestInput, type Grant, rowsByAccount } from './input.ts';

export type CreditState = Grant & {
  currency: string;
  used: number;
  left: number;
  /** A day, over the last 30 days at most. */
  perDay: number;
  /** The day on which the last of it is used at this rate; absent where nothing is used, or more than ten years lie before it. */
  endsOn?: string;
  /** What lapses at this rate. */
  lapses: number;
};

/** One for each grant whose account is billed in this currency. `day`: the last day counted. */
export function creditStates(input: DigestInput, currency: string, day: string): CreditState[] {
  return (input.credits ?? []).flatMap((grant) => {
    const own = rowsByAccount(input).filter((row) => row.scope.id === grant.account && row.day <= day);
    if (!own.some((row) => row.currency === currency)) return [];
    const spentFrom = (first: string) =>
      -own.filter((row) => row.currency === currency && isCredit(row) && row.day >= first).reduce((sum, row) => sum + row.amount, 0);
    const used = Math.max(0, spentFrom(grant.from));
    const left = Math.max(0, grant.amount - used);
    const first = [addDays(day, -29), grant.from].sort().at(-1) ?? day;
    const perDay = Math.max(0, spentFrom(first)) / Math.max(1, daysBetween(first, day).length);
    const days = perDay > 0 ? Math.ceil(left / perDay) : Number.POSITIVE_INFINITY;
    const until = daysBetween(addDays(day, 1), grant.until).length;
    return [
      {
        ...grant,
        ...{ currency, used, left, perDay, lapses: Math.max(0, left - perDay * until) },
        ...(left > 0 && days < 3660 ? { endsOn: addDays(day, days) } : {}),
      },
    ];
  });
}

/** Of all grants in this currency that have not lapsed; undefined where nobody said what was granted. */
export function creditsLeft(input: DigestInput, currency: string, day: string): number | undefined {
  const states = creditStates(input, currency, day).filter((one) => one.until >= day);
  return states.length === 0 ? undefined : states.reduce((sum, one) => sum + one.left, 0);
}

/**
 * Credits that came day by day and have stopped, as far as the rows tell: none in the last three days whose figures are firm, on at least half
 * of the 14 before. `perDay` is what they paid.
 */
export function stoppedCredits(rows: readonly Cost[], day: string): { since: string; perDay: number } | undefined {
  const provisional = new Set(rows.filter((row) => row.provisional).map((row) => row.day));
  const first = rows.reduce((least, row) => (row.day < least ? row.day : least), day);
  const firm = daysBetween([first, addDays(day, -24)].sort().at(-1) ?? day, day).filter((one) => !provisional.has(one));
  const byDay = new Map<string, number>();
  for (const row of rows) if (isCredit(row)) byDay.set(row.day, (byDay.get(row.day) ?? 0) - row.amount);
  const paid = (one: string) => byDay.get(one) ?? 0;
  const last = firm.slice(-3);
  const before = firm.slice(-17, -3);
  if (before.length < 7 || last.some((one) => paid(one) > 0)) return undefined;
  const came = before.filter((one) => paid(one) > 0);
  if (came.length * 2 < before.length) return undefined;
  return { since: addDays(came.at(-1) ?? day, 1), perDay: came.reduce((sum, one) => sum + paid(one), 0) / came.length };
}

/** Of one grant. */
export function creditLine(name: string, one: CreditState, day: string): Text {
  const amount = (value: number) => money(value, one.currency);
  if (one.until < day) return `${name}: lapsed on ${dated(one.until)} with ${amount(one.left)} left`;
  if (one.left <= 0) return [`${name}: `, { bold: 'used up' }, `, all ${amount(one.amount)}; from now on usage is paid in money`];
  const left = `${amount(one.left)} of ${amount(one.amount)} left`;
  if (one.perDay <= 0) return `${name}: ${left}, none used lately; what is left lapses after ${dated(one.until)}`;
  const rate = `at ${amount(one.perDay)} a day`;
  if (one.lapses > 0) return `${name}: ${left}; ${rate} about ${amount(one.lapses)} lapse after ${dated(one.until)}`;
  return `${name}: ${left}; ${rate} they end on ${dated(one.endsOn ?? one.until)}`;
}

/** It is worth a line on the first page: used up, or gone within 30 days. */
export const isNear = (one: CreditState, day: string): boolean =>
  one.until >= day && (one.left <= 0 || (one.endsOn !== undefined && one.endsOn <= addDays(day, 30) && one.lapses <= 0));

const dated = (day: string): string => `${dayAndMonth(day)} ${day.slice(0, 4)}`;
const isCredit = (row: Cost): boolean => !isBeforeCredits(row);
