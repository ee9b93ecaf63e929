/** The money of a week or a month, against those before. Pure. Weeks begin on Monday; days are UTC. */
import { daysBetween, median } from '../forecast.ts';
import { addDays, daysInMonth, firstOfMonth } from '../words.ts';
import { type Charges, chargesOf } from './charges.ts';
import { type OneCurrency, oneCurrency, totals } from './currency.ts';
import { accountName, type Cost, type DigestInput } from './input.ts';
import { type By, nameBy, usageRows } from './parts.ts';
import { whyOf } from './why.ts';

export type Span = {
  kind: 'week' | 'month';
  from: string;
  /** Its last day. */
  to: string;
  /** The last day counted. */
  upTo: string;
  isOver: boolean;
};

/** The week or month in which `day` lies, counted up to `last`. */
export function spanOf(kind: Span['kind'], day: string, last: string): Span {
  const from = kind === 'week' ? addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7)) : firstOfMonth(day);
  const to = addDays(from, kind === 'week' ? 6 : daysInMonth(from) - 1);
  const upTo = last < to ? last : to;
  return { kind, from, to, upTo, isOver: upTo === to };
}

/** The one told by itself: the last that is over on `today` (UTC). */
export const lastSpan = (kind: Span['kind'], today: string): Span => {
  const thisOne = spanOf(kind, today, today);
  const last = addDays(thisOne.from, -1);
  return spanOf(kind, last, last);
};

/** The span before, as many days of it as are counted of this one; of a month that is over, the whole month before. */
export function spanBefore({ kind, from, upTo, isOver }: Span): Span {
  const whole = spanOf(kind, addDays(from, -1), addDays(from, -1));
  if (isOver) return whole;
  const days = daysBetween(from, upTo).length;
  const end = addDays(whole.from, days - 1);
  return { ...whole, upTo: end < whole.to ? end : whole.to };
}

type Counted = Pick<Span, 'from' | 'upTo'>;
export type Moved = { account: string; service: string; region: string; change: number; amount: number; why: string[] };
export type Part = { name: string; amount: number; before?: number };
export type PeriodMoney = {
  currency: string;
  usage: number;
  charges: Charges;
  /** Usage, fees, taxes and credits. */
  net: number;
  days: { day: string; usage: number }[];
  /** The span before, where it is known in full. */
  before?: { usage: number; net: number; days: number };
  /** Of weeks: the median usage of so many weeks before, at least three. */
  usual?: { amount: number; weeks: number };
  moved: Moved[];
  /** As of the last day counted: the month and where it is heading. */
  one: OneCurrency;
};

export function periodMoney(input: DigestInput, span: Span, currency: string): PeriodMoney {
  const rows = input.costs.filter((row) => row.currency === currency && row.day <= span.upTo);
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), span.upTo);
  const earlier = spanBefore(span);
  const own = within(rows, span);
  const were = within(rows, earlier);
  const perDay = totals(own, (row) => (row.charge === 'usage' ? row.day : undefined));
  const usual = span.kind === 'week' ? usualWeek(rows, span, from) : undefined;
  return {
    currency,
    usage: usageOf(own),
    charges: chargesOf(own),
    net: sum(own),
    days: daysBetween(span.from, span.upTo).map((day) => ({ day, usage: perDay.get(day) ?? 0 })),
    ...(from <= earlier.from
      ? { before: { usage: usageOf(were), net: sum(were), days: daysBetween(earlier.from, earlier.upTo).length } }
      : {}),
    ...(usual ? { usual } : {}),
    moved: from <= earlier.from ? movedSince(input, own, were, span, earlier) : [],
    one: oneCurrency(input, currency, rows, span.upTo),
  };
}

/** The median of up to six weeks before, as many days of each as are counted of this one. */
function usualWeek(rows: readonly Cost[], span: Span, from: string): { amount: number; weeks: number } | undefined {
  const weeks = [1, 2, 3, 4, 5, 6]
    .map((back): Span => ({ ...span, from: addDays(span.from, -7 * back), upTo: addDays(span.upTo, -7 * back) }))
    .filter((week) => week.from >= from);
  return weeks.length < 3 ? undefined : { amount: median(weeks.map((week) => usageOf(within(rows, week)))), weeks: weeks.length };
}

/** What differs most from the span before, by at least 3 % of what was used. */
function movedSince(input: DigestInput, own: readonly Cost[], were: readonly Cost[], span: Counted, earlier: Counted): Moved[] {
  const moved = (rows: readonly Cost[]) => sum(within(rows, span)) - sum(within(rows, earlier));
  const leafOf = (row: Cost) => JSON.stringify([row.scope.cloud, row.scope.id, row.service, row.region]);
  const usage = (rows: readonly Cost[]) =>
    Map.groupBy(
      rows.filter((row) => row.charge === 'usage'),
      leafOf,
    );
  const [now, before] = [usage(own), usage(were)];
  const total = [...now.values()].reduce((all, leaf) => all + Math.abs(sum(leaf)), 0);
  return [...new Set([...now.keys(), ...before.keys()])]
    .flatMap((leaf) => {
      const [row] = now.get(leaf) ?? before.get(leaf) ?? [];
      const amount = sum(now.get(leaf) ?? []);
      return row ? [{ row, amount, change: amount - sum(before.get(leaf) ?? []) }] : [];
    })
    .filter(({ change }) => Math.abs(change) >= Math.max(0.01, 0.03 * total))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, 5)
    .map(({ row: { scope, service, region, currency }, amount, change }): Moved => {
      const leaf = { cloud: scope.cloud, id: scope.id, service, region, currency };
      return { account: accountName(input, scope), service, region, change, amount, why: whyOf(input, leaf, change, moved, span.from) };
    });
}

/** Usage by service, region, account or team, with what it was in the days before where they are known in full. Largest first. */
export function partsOfSpan(input: DigestInput, span: Counted, earlier: Counted, currency: string, by: By): Part[] {
  const rows = usageRows(input, currency, by).filter((row) => row.day <= span.upTo);
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), span.upTo);
  const isKnown = from <= earlier.from;
  return [...Map.groupBy(rows, nameBy(input, by))]
    .map(([name, own]): Part => ({ name, amount: sum(within(own, span)), ...(isKnown ? { before: sum(within(own, earlier)) } : {}) }))
    .filter(({ amount, before }) => amount !== 0 || (before ?? 0) !== 0)
    .sort((a, b) => b.amount - a.amount || (a.name < b.name ? -1 : 1));
}

const within = (rows: readonly Cost[], { from, upTo }: Counted): Cost[] => rows.filter((row) => row.day >= from && row.day <= upTo);
const sum = (rows: readonly Cost[]): number => rows.reduce((total, row) => total + row.amount, 0);
const usageOf = (rows: readonly Cost[]): number => sum(rows.filter((row) => row.charge === 'usage'));
