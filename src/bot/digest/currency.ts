/** One currency of a day: what was used, against what is usual, the month, and what moved. Pure. */
import { daysBetween, type Forecast, forecast, median, type Series, usualFor } from '../forecast.ts';
import { addDays, firstOfMonth } from '../words.ts';
import type { Cost, DigestInput } from './input.ts';

type Move = { account: string; service: string; region: string; change: number; amount: number; isNew: boolean };

export type Charges = { fee: number; tax: number; credit: number };

export type OneCurrency = {
  currency: string;
  series: Series;
  usage: number;
  charges: Charges;
  hasDay: boolean;
  usual?: { amount: number; kind: 'weekday' | 'day'; days: number };
  month: { total: number; from: string; charges: Charges };
  forecast?: Forecast;
  lastMonth?: number;
  moved: Move[];
  /** The day's usage by service, largest first. */
  services: [string, number][];
  weight: number;
};

export function oneCurrency(input: DigestInput, currency: string, rows: Cost[], day: string): OneCurrency {
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), day);
  const byDay = (charges: readonly Cost['charge'][]) => totals(rows, (row) => (charges.includes(row.charge) ? row.day : undefined));
  const usage = byDay(['usage']);
  const series: Series = {
    day,
    from,
    usage,
    fees: byDay(['fee', 'tax']),
    credits: byDay(['credit']),
    provisional: new Set(rows.filter((row) => row.provisional).map((row) => row.day)),
    ...(currency === 'USD' && input.accounts.some((account) => account.usualMonthlyUsd !== undefined)
      ? { usualMonthly: input.accounts.reduce((sum, account) => sum + (account.usualMonthlyUsd ?? 0), 0) }
      : {}),
  };
  const month = firstOfMonth(day);
  const before = firstOfMonth(addDays(month, -1));
  const usual = usualFor(usage, day, from);
  const ahead = forecast(series);
  const total = (first: string, last: string) =>
    rows.filter((row) => row.day >= first && row.day <= last).reduce((sum, row) => sum + row.amount, 0);
  return {
    currency,
    series,
    usage: usage.get(day) ?? 0,
    charges: chargesOf(rows.filter((row) => row.day === day)),
    hasDay: rows.some((row) => row.day === day),
    ...(usual ? { usual } : {}),
    month: { total: total(month, day), from: from > month ? from : month, charges: chargesOf(rows.filter((row) => row.day >= month)) },
    ...(ahead ? { forecast: ahead } : {}),
    ...(from <= before ? { lastMonth: total(before, addDays(month, -1)) } : {}),
    moved: moves(input, rows, day, from, usual?.kind),
    services: [...totals(rows, (row) => (row.charge === 'usage' && row.day === day ? row.service : undefined))].sort((a, b) => b[1] - a[1]),
    weight: rows.reduce((sum, row) => sum + Math.abs(row.amount), 0),
  };
}

function chargesOf(rows: Cost[]): Charges {
  const charges = { fee: 0, tax: 0, credit: 0 };
  for (const row of rows) if (row.charge !== 'usage') charges[row.charge] += row.amount;
  return charges;
}

/** What changed most in money against what the same thing usually costs, judged the way the total is. */
function moves(input: DigestInput, rows: Cost[], day: string, from: string, kind: 'weekday' | 'day' | undefined): Move[] {
  if (!kind) return [];
  const compared =
    kind === 'weekday'
      ? [1, 2, 3, 4, 5, 6].map((week) => addDays(day, -7 * week)).filter((one) => one >= from)
      : daysBetween(from, addDays(day, -1)).slice(-14);
  const wanted = new Set([...compared, day]);
  const since = addDays(day, -42);
  const leaves = Map.groupBy(
    rows.filter((row) => row.charge === 'usage' && row.day >= since),
    (row) => JSON.stringify([row.scope.cloud, row.scope.id, row.service, row.region]),
  );
  const found = [...leaves.values()].flatMap((leaf): Move[] => {
    const first = leaf[0];
    if (!first) return [];
    const own = totals(leaf, (row) => (wanted.has(row.day) ? row.day : undefined));
    const amount = own.get(day) ?? 0;
    const change = amount - median(compared.map((one) => own.get(one) ?? 0));
    const isNew = amount > 0 && !leaf.some((row) => row.day < day && row.amount > 0);
    return [{ account: accountName(input, first.scope), service: first.service, region: first.region, change, amount, isNew }];
  });
  const total = found.reduce((sum, move) => sum + Math.abs(move.amount), 0);
  return found
    .filter((move) => Math.abs(move.change) >= Math.max(0.01, 0.03 * total))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, 4);
}

export function totals(rows: readonly Cost[], key: (row: Cost) => string | undefined): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = key(row);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + row.amount);
  }
  return sums;
}

/** Within a fifth or five of its usual cost, nothing new of weight, and no run of dear days. */
export function isCalm(one: OneCurrency): boolean {
  const usual = one.usual?.amount ?? 0;
  const far = Math.abs(one.usage - usual) > Math.max(5, 0.2 * usual);
  const news = one.moved.some((move) => Math.abs(move.change) > Math.max(10, 0.1 * usual));
  return !far && !news && (one.forecast?.excessPerDay ?? 0) === 0;
}

const accountName = (input: DigestInput, scope: Cost['scope']): string =>
  input.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud)?.name ?? scope.id;

export const round = (amount: number): number => Math.round(amount * 1e6) / 1e6;
