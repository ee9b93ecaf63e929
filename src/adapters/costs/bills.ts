/** Saved costs as bills: what is paid together, in one currency, and can be held against its own past. */
import type { Bill, SpendSeries } from '../../bot/backtest.ts';
import { addSeries, type BillName, type CostSeries } from './sums.ts';

export type SavedBill = Bill & {
  /** What is beside the usage that is judged, in sums: fees, taxes, credits, and usage that no day can be said of. */
  beside: { fee: number; tax: number; credit: number; averaged: number; 'grouped otherwise': number };
};

/** The one with most usage first. */
export function billsOf({ series, isCovered }: { series: CostSeries[]; isCovered(bill: BillName, day: number): boolean }): SavedBill[] {
  const payers = payersOf(series);
  const groups = Map.groupBy(series, (one) => JSON.stringify([one.scope.cloud, payers.get(one.scope.id), one.currency]));
  const bills = [...groups.values()].map((own): SavedBill => {
    const [{ scope, currency }] = own as [CostSeries, ...CostSeries[]];
    const payer = payers.get(scope.id);
    const beside = { fee: 0, tax: 0, credit: 0, averaged: 0, 'grouped otherwise': 0 };
    const leaves = new Map<string, CostSeries>();
    let until = 0;
    for (const one of own) {
      if (one.charge !== 'usage') beside[one.charge] += sumOf(one);
      else if (one.unfit) beside[one.unfit] += sumOf(one);
      else {
        until = Math.max(until, one.until);
        const key = JSON.stringify([one.scope.id, one.service, one.region]);
        const other = leaves.get(key);
        if (other) addSeries(one, other);
        else leaves.set(key, one);
      }
    }
    const names = [payer, undefined].map((name): BillName => ({ cloud: scope.cloud, payer: name, currency }));
    return {
      cloud: scope.cloud,
      ...(payer === undefined ? {} : { payer }),
      currency,
      series: [...leaves.values()].map(
        (one): SpendSeries => ({
          account: one.scope.id,
          service: one.service,
          region: one.region,
          from: one.from,
          amounts: one.amounts,
          marks: one.marks,
        }),
      ),
      isCovered: (day) => names.some((name) => isCovered(name, day)),
      until,
      beside,
    };
  });
  const weight = ({ series: own }: Bill): number => own.reduce((sum, one) => sum + sumOf(one), 0);
  return bills
    .map((bill) => ({ bill, weight: weight(bill) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ bill }) => bill);
}

/** Who pays for an account: said on some of its rows, it holds for all, as an account is on one bill. */
function payersOf(series: readonly CostSeries[]): Map<string, string> {
  const payers = new Map<string, string>();
  for (const { scope, payer } of series) if (payer !== undefined && !payers.has(scope.id)) payers.set(scope.id, payer);
  return payers;
}

const sumOf = ({ amounts }: { amounts: Float64Array }): number => amounts.reduce((sum, amount) => sum + amount, 0);
