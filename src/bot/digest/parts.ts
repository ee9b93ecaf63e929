/** A day's usage by account, team, service and region, against what is usual of each. Pure. */
import { median } from '../forecast.ts';
import type { Text } from '../message.ts';
import { cut, money, signedMoney } from '../words.ts';
import { comparedWith, totals } from './currency.ts';
import { accountName, type Cost, type DigestInput, rowsByAccount, rowsByTeam } from './input.ts';

export type By = 'service' | 'region' | 'account' | 'team';
/** `usual`: of the same thing on the days the whole is held against; absent where history is too short. */
export type PartOfDay = { name: string; amount: number; usual?: number };

export const noTeam = 'no team';

/** Largest first; what cost nothing then and usually is left out. */
export function partsOfDay(input: DigestInput, currency: string, day: string, by: By): PartOfDay[] {
  const rows = usageRows(input, currency, by).filter((row) => row.day <= day);
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), day);
  const compared = comparedWith(day, from);
  return [...Map.groupBy(rows, nameBy(input, by))]
    .map(([name, own]): PartOfDay => {
      const sums = totals(own, (row) => row.day);
      const on = (one: string) => sums.get(one) ?? 0;
      return { name, amount: on(day), ...(compared.length > 0 ? { usual: median(compared.map(on)) } : {}) };
    })
    .filter(({ amount, usual }) => amount !== 0 || (usual ?? 0) !== 0)
    .sort((a, b) => b.amount - a.amount || (a.name < b.name ? -1 : 1));
}

/** The usage of one currency in rows that know the account, the team, or service and region. */
export const usageRows = (input: DigestInput, currency: string, by: By): Cost[] =>
  (by === 'team' ? rowsByTeam(input) : by === 'account' ? rowsByAccount(input) : input.costs).filter(
    (row) => row.charge === 'usage' && row.currency === currency,
  );

export const nameBy =
  (input: DigestInput, by: By) =>
  (row: Cost): string => {
    switch (by) {
      case 'service':
        return row.service || 'unnamed';
      case 'region':
        return row.region === '' || row.region === 'global' ? 'no region' : row.region;
      case 'account':
        return row.scope.level === 'account' || row.scope.level === ''
          ? accountName(input, row.scope)
          : `payer ${accountName(input, row.scope)}`;
      case 'team':
        return row.team || noTeam;
      default:
        return by satisfies never;
    }
  };

/** "$42.00  Amazon EC2   +$3.10": at most so many, the rest together. */
export function partLines(parts: readonly PartOfDay[], currency: string, most: number): Text[] {
  const shown = parts.slice(0, most);
  const rest = parts.slice(most);
  const lines = shown.map(({ name, amount, usual }): Text => {
    const change = usual === undefined ? 0 : amount - usual;
    const moved = usual !== undefined && Math.abs(change) >= 0.01 ? `, ${signedMoney(change, currency)} against usual` : '';
    return [{ bold: money(amount, currency) }, `  ${cut(name, 60)}${moved}`];
  });
  const left = rest.reduce((sum, { amount }) => sum + amount, 0);
  return rest.length > 0 ? [...lines, `${money(left, currency)}  in ${rest.length} more`] : lines;
}
