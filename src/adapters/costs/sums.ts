/**
 * Rows summed while they are read, by account, region, service, charge and currency, one array of days each: ten thousand series over more than
 * a year take a hundred megabytes, not gigabytes. A day is its number since 1970-01-01, UTC.
 */
import type { Cost } from '../../bot/digest.ts';

/** What makes a row part of one series and not of another. */
export type Leaf = Pick<Cost, 'scope' | 'region' | 'service' | 'charge' | 'currency'> & {
  /** Who is sent the bill, where that is known and is not the account. */
  payer?: string;
  /** Why no day of it can be judged: it was spread evenly over a longer time, or other days are grouped in another way. */
  unfit?: 'averaged' | 'grouped otherwise';
};
export type CostSeries = Leaf & {
  from: number;
  amounts: Float64Array;
  /** Of each day: is anything known, and does its figure still grow? */
  marks: Uint8Array;
  /** When the last of its usage ended, in milliseconds; 0 where nothing was used. */
  until: number;
};
/** What is paid together: one provider, one payer, one currency. */
export type BillName = { cloud: string; payer: string | undefined; currency: string };
export const billOf = ({ scope, payer, currency }: Leaf): BillName => ({ cloud: scope.cloud, payer, currency });
export const known = 1;
export const provisional = 2;

export type Sums = {
  /** The series a row belongs to, made when it is new. */
  series(leaf: Leaf): CostSeries;
  /** That a day is known although nothing was spent on it. */
  cover(bill: BillName, day: number): void;
  name(scope: Cost['scope'], name: string): void;
  all(): CostSeries[];
  isCovered(bill: BillName, day: number): boolean;
  /** As rows, by day, account, service, region, charge and currency. */
  costs(): Cost[];
  accounts(): { scope: Cost['scope']; name: string }[];
};

export function createSums(): Sums {
  const series = new Map<string, CostSeries>();
  const names = new Map<string, { scope: Cost['scope']; name: string }>();
  const covered = new Map<string, Set<number>>();
  const billKey = ({ cloud, payer = '', currency }: BillName): string => `${cloud}\n${payer}\n${currency}`;
  return {
    series(leaf) {
      const { scope, service, region, charge, currency, payer = '', unfit = '' } = leaf;
      const key = JSON.stringify([scope.cloud, scope.id, service, region, charge, currency, payer, unfit]);
      let own = series.get(key);
      if (!own) {
        own = { ...leaf, from: 0, amounts: new Float64Array(0), marks: new Uint8Array(0), until: 0 };
        series.set(key, own);
      }
      return own;
    },
    cover(bill, day) {
      const days = covered.get(billKey(bill));
      if (days) days.add(day);
      else covered.set(billKey(bill), new Set([day]));
    },
    isCovered: (bill, day) => covered.get(billKey(bill))?.has(day) ?? false,
    name: (scope, name) => void names.set(`${scope.cloud} ${scope.id}`, { scope, name }),
    all: () => [...series.values()],
    costs: () => rowsOf([...series.values()]),
    accounts: () => [...names.values()],
  };
}

export function addTo(series: CostSeries, day: number, amount: number, mark: number): void {
  const at = placeOf(series, day);
  series.amounts[at]! += amount;
  series.marks[at]! |= mark;
}

/** Adds all of one set of series to another. */
export function addAll(from: Sums, to: Sums): void {
  for (const one of from.all()) {
    const { from: _from, amounts: _amounts, marks: _marks, until: _until, ...leaf } = one;
    addSeries(one, to.series(leaf));
  }
}

export function addSeries({ from, amounts, marks, until }: CostSeries, to: CostSeries): void {
  for (let at = 0; at < amounts.length; at += 1) if (marks[at]) addTo(to, from + at, amounts[at]!, marks[at]!);
  to.until = Math.max(to.until, until);
}

/** Where a day stands in the arrays; they are made longer when it stands outside. */
export function placeOf(series: CostSeries, day: number): number {
  const { from, amounts, marks } = series;
  if (amounts.length > 0 && day >= from && day < from + amounts.length) return day - from;
  const isFirst = amounts.length === 0;
  const start = isFirst ? day : Math.min(from, day);
  const end = Math.max(isFirst ? day + 1 : from + amounts.length, day + 1);
  // Days mostly come one after the other, in either direction: room for the next ones is made in the same step.
  const room = Math.max(end - start, Math.ceil(amounts.length * 1.5), 8);
  series.from = start < from && !isFirst ? end - room : start;
  series.amounts = new Float64Array(room);
  series.marks = new Uint8Array(room);
  series.amounts.set(amounts, isFirst ? 0 : from - series.from);
  series.marks.set(marks, isFirst ? 0 : from - series.from);
  return day - series.from;
}

function rowsOf(all: CostSeries[]): Cost[] {
  const inOrder = all
    .map((one) => ({ one, key: [one.scope.cloud, one.scope.id, one.service, one.region, one.charge, one.currency].join('\u0000') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const first = all.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  const end = all.reduce((most, { from, amounts }) => Math.max(most, from + amounts.length), 0);
  const rows: Cost[] = [];
  for (let day = first; day < end; day += 1) {
    const text = dayText(day);
    for (const { one } of inOrder) {
      const mark = one.marks[day - one.from];
      if (!mark) continue;
      const { scope, region, service, charge, currency } = one;
      rows.push({
        day: text,
        scope,
        region,
        service,
        charge,
        amount: one.amounts[day - one.from]!,
        currency,
        provisional: (mark & provisional) !== 0,
      });
    }
  }
  return rows;
}

const dayMs = 86_400_000;
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
