/** Which series a row of a table belongs to. Most rows are like one before, and are known again by their cells as they stand. */
import type { Cost } from '../../bot/digest.ts';
import { cell, firstCell, ownText, shown } from './cells.ts';
import { chargeOfCategory, chargeOfRecord, cloudOf } from './charges.ts';
import type { Columns } from './columns.ts';
import type { Repeats } from './problem.ts';
import { type BillName, billOf, type CostSeries, type Leaf, type Sums } from './sums.ts';

/** `counted` and `staged` are where its amounts go, made when the first one comes. */
export type Place = { leaf: Leaf; counted?: CostSeries; staged?: CostSeries };
export type Leaves = {
  /** `isLong`: the row covers more than a day. */
  place(cells: readonly string[], amount: number, isLong: boolean, line: number): Place;
  /** Whose bills are in the file, also where nothing was charged. */
  bills(): BillName[];
};

/** Rows without a currency must not come here. */
export function createLeaves(columns: Columns, sums: Sums, repeats: Repeats): Leaves {
  const places = new Map<string, Place>();
  const wanted = [
    ...[columns.account, columns.payer, columns.category, columns.currency],
    ...[...columns.services, ...columns.regions, ...columns.providers],
  ].filter((at) => at >= 0);

  return {
    place(cells, amount, isLong, line) {
      let key = amount < 0 ? '-' : amount > 0 ? '+' : '0';
      if (isLong) key += 'l';
      for (const at of wanted) key += `\n${cells[at]}`;
      let found = places.get(key);
      if (!found) {
        found = { leaf: leafOf(cells.map(ownText), amount, isLong, line) };
        places.set(key, found);
      }
      return found;
    },
    bills: () => [...new Map([...places.values()].map(({ leaf }) => [JSON.stringify(billOf(leaf)), billOf(leaf)])).values()],
  };

  function leafOf(cells: readonly string[], amount: number, isLong: boolean, line: number): Leaf {
    const account = cell(cells, columns.account);
    const payer = cell(cells, columns.payer);
    const service = firstCell(cells, columns.services) ?? 'unknown service';
    const region = firstCell(cells, columns.regions) ?? 'global';
    const charge = chargeOf(cell(cells, columns.category), service, amount, line);
    const scope: Cost['scope'] = {
      cloud: columns.kind === 'CUR' ? 'aws' : cloudOf(firstCell(cells, columns.providers)),
      level: account ? 'account' : 'payer',
      id: account ?? payer ?? 'unknown',
    };
    const name = cell(cells, columns.accountName);
    if (account && name) sums.name(scope, name);
    return {
      scope,
      region: region === 'NoRegion' ? 'global' : region,
      service,
      charge,
      currency: (cell(cells, columns.currency) ?? '').toUpperCase(),
      ...(payer ? { payer } : {}),
      ...(isLong && charge === 'usage' ? { unfit: 'averaged' as const } : {}),
    };
  }

  function chargeOf(category: string | undefined, service: string, amount: number, line: number): Cost['charge'] {
    if (columns.kind === 'CUR') return chargeOfRecord(category, service, amount);
    const charge = chargeOfCategory(category, amount);
    if (charge) return charge;
    const instead = amount < 0 ? 'credit' : 'fee';
    repeats.say('category', `ChargeCategory is ${shown(category)}, which FOCUS does not know; counted as a ${instead}`, false, line);
    return instead;
  }
}
