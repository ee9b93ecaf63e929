/** One currency of a day: what was used, against what is usual, the month, and what moved. Pure. */
import { daysBetween, type Forecast, forecast, median, type Series, usualFor } from '../forecast.ts';
import { addDays, firstOfMonth } from '../words.ts';
import { type Charges, chargesOf, isCommitment } from './charges.ts';
import { creditsLeft } from './credits.ts';
import { accountName, type Cost, type DigestInput } from './input.ts';
import { whyOf } from './why.ts';

type Move = {
  account: string;
  service: string;
  region: string;
  change: number;
  amount: number;
  /** Nothing was billed for it before, as far as days are known; `isNewPlace`: nor for anything of that account in the region. */
  isNew: boolean;
  isNewPlace: boolean;
  why: string[];
};

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
  /** Usage bought ahead on that day, and nothing of the kind in the five weeks before: a purchase, not what is paid for it each month. */
  bought: { name: string; account: string; amount: number }[];
  weight: number;
};

export function oneCurrency(input: DigestInput, currency: string, rows: Cost[], day: string): OneCurrency {
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), day);
  const series = seriesOf(input, currency, rows, day);
  const month = firstOfMonth(day);
  const before = firstOfMonth(addDays(month, -1));
  const usual = usualFor(series.usage, day, from);
  const ahead = forecast(series);
  const total = (first: string, last: string) =>
    rows.filter((row) => row.day >= first && row.day <= last).reduce((sum, row) => sum + row.amount, 0);
  return {
    currency,
    series,
    usage: series.usage.get(day) ?? 0,
    charges: chargesOf(rows.filter((row) => row.day === day)),
    hasDay: rows.some((row) => row.day === day),
    ...(usual ? { usual } : {}),
    month: { total: total(month, day), from: from > month ? from : month, charges: chargesOf(rows.filter((row) => row.day >= month)) },
    ...(ahead ? { forecast: ahead } : {}),
    ...(from <= before ? { lastMonth: total(before, addDays(month, -1)) } : {}),
    moved: moves(input, rows, day, from),
    services: [...totals(rows, (row) => (row.charge === 'usage' && row.day === day ? row.service : undefined))].sort((a, b) => b[1] - a[1]),
    bought: boughtOn(input, rows, day, usual?.amount ?? 0),
    weight: rows.reduce((sum, row) => sum + Math.abs(row.amount), 0),
  };
}

function boughtOn(input: DigestInput, rows: readonly Cost[], day: string, usual: number): OneCurrency['bought'] {
  const since = addDays(day, -35);
  const fees = rows.filter((row) => row.day >= since && row.day <= day && isCommitment(row));
  const isAlike = (one: Cost, other: Cost) =>
    other.service === one.service && other.scope.id === one.scope.id && other.amount >= one.amount / 2;
  return fees
    .filter((row) => row.day === day && row.amount >= Math.max(10, 0.2 * usual))
    .filter((row) => !fees.some((other) => other.day < day && isAlike(row, other)))
    .map((row) => ({ name: row.service, account: accountName(input, row.scope), amount: row.amount }));
}

/** The rows of one currency as days, up to and with `day`. */
export function seriesOf(input: DigestInput, currency: string, rows: readonly Cost[], day: string): Series {
  const byDay = (charges: readonly Cost['charge'][]) => totals(rows, (row) => (charges.includes(row.charge) ? row.day : undefined));
  const usualMonthly = declaredMonth(input, currency, rows);
  const left = creditsLeft(input, currency, day);
  return {
    day,
    from: rows.reduce((first, row) => (row.day < first ? row.day : first), day),
    usage: byDay(['usage']),
    fees: byDay(['fee', 'tax']),
    credits: byDay(['credit']),
    provisional: new Set(rows.filter((row) => row.provisional).map((row) => row.day)),
    ...(left === undefined ? {} : { creditsLeft: left }),
    ...(usualMonthly === undefined ? {} : { usualMonthly }),
  };
}

/** What the accounts billed in this currency are said to cost a month; an account that is not billed yet counts as billed in dollars. */
function declaredMonth(input: DigestInput, currency: string, rows: readonly Cost[]): number | undefined {
  if (input.accounts.every(({ usualMonthlyUsd }) => usualMonthlyUsd === undefined)) return undefined;
  const billed = new Set(input.costs.map((row) => `${row.scope.cloud} ${row.scope.id}`));
  const here = new Set(rows.map((row) => `${row.scope.cloud} ${row.scope.id}`));
  const declared = input.accounts.filter(({ scope, usualMonthlyUsd }) => {
    const name = `${scope.cloud} ${scope.id}`;
    return usualMonthlyUsd !== undefined && (here.has(name) || (currency === 'USD' && !billed.has(name)));
  });
  return declared.length === 0 ? undefined : declared.reduce((sum, account) => sum + (account.usualMonthlyUsd ?? 0), 0);
}

/** The days a day is held against: the same weekday of six weeks when four are known, else the last 14 when three are; else none. */
export function comparedWith(day: string, from: string): string[] {
  const weekdays = [1, 2, 3, 4, 5, 6].map((week) => addDays(day, -7 * week)).filter((one) => one >= from);
  if (weekdays.length >= 4) return weekdays;
  const lately = daysBetween(from, addDays(day, -1)).slice(-14);
  return lately.length < 3 ? [] : lately;
}

/** What changed most in money against what the same thing usually costs, judged the way the total is; of a provisional day only what rose. */
function moves(input: DigestInput, rows: Cost[], day: string, from: string): Move[] {
  const compared = comparedWith(day, from);
  if (compared.length === 0) return [];
  const wanted = new Set([...compared, day]);
  const since = addDays(day, -42);
  const usage = rows.filter((row) => row.charge === 'usage');
  const recent = usage.filter((row) => row.day >= since);
  const leaves = Map.groupBy(recent, (row) => JSON.stringify([row.scope.cloud, row.scope.id, row.service, row.region]));
  const found = [...leaves.values()].flatMap((leaf) => {
    const [first] = leaf;
    if (!first) return [];
    const own = totals(leaf, (row) => (wanted.has(row.day) ? row.day : undefined));
    const amount = own.get(day) ?? 0;
    return [{ first, amount, change: amount - median(compared.map((one) => own.get(one) ?? 0)) }];
  });
  const total = found.reduce((sum, move) => sum + Math.abs(move.amount), 0);
  const isGrowing = rows.some((row) => row.day === day && row.provisional);
  const movedOn = (own: readonly Cost[]) => {
    const sums = totals(own, (row) => row.day);
    return (sums.get(day) ?? 0) - median(compared.map((one) => sums.get(one) ?? 0));
  };
  const wasUsed = (own: Cost[]) => own.some((row) => row.day < day && row.amount > 0);
  return found
    .filter(({ change }) => Math.abs(change) >= Math.max(0.01, 0.03 * total) && (change > 0 || !isGrowing))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, 4)
    .map(({ first: { scope, service, region, currency }, amount, change }): Move => {
      const place = usage.filter((row) => row.region === region && row.scope.id === scope.id && row.scope.cloud === scope.cloud);
      return {
        ...{ account: accountName(input, scope), service, region, change, amount },
        isNew: amount > 0 && !wasUsed(place.filter((row) => row.service === service)),
        isNewPlace: amount > 0 && !wasUsed(place) && region !== '' && region !== 'global',
        why: whyOf(input, { cloud: scope.cloud, id: scope.id, service, region, currency }, change, movedOn, day),
      };
    });
}

export function totals(rows: readonly Cost[], key: (row: Cost) => string | undefined): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = key(row);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + row.amount);
  }
  return sums;
}

/** Within a fifth or five of its usual cost (below it, what is not billed in full yet may be anywhere), nothing new of weight, nothing bought ahead, and no run of dear days. */
export function isCalm(one: OneCurrency): boolean {
  const usual = one.usual?.amount ?? 0;
  const isGrowing = one.series.provisional.has(one.series.day);
  const far = (isGrowing ? one.usage - usual : Math.abs(one.usage - usual)) > Math.max(5, 0.2 * usual);
  const news = one.moved.some((move) => Math.abs(move.change) > Math.max(10, 0.1 * usual));
  return !far && !news && one.bought.length === 0 && (one.forecast?.excessPerDay ?? 0) === 0;
}

export const round = (amount: number): number => Math.round(amount * 1e6) / 1e6;
