/** Lines of a month's export summed into rows: the bill itself, by team, and what caused the greatest of it. Pure. */
import type { CostRow } from '../../../bot/ports.ts';
import type { Scope, Time } from '../../../checks/observation.ts';
import { dayAfter, isProvisional, keyOf } from './costs-rows.ts';

/** A line of a FOCUS export, as a day's part of it. */
export type BillLine = Pick<CostRow, 'day' | 'region' | 'service' | 'charge' | 'amount' | 'currency'> & {
  account: string;
  /** What it would have cost without the reservation or savings plan that covers it; absent: nothing does. */
  covered?: number;
  /** The end of its use, in milliseconds. */
  until: number;
  usageType?: string;
  resource?: string;
  team?: string;
};

export type ExportSums = {
  add(line: BillLine): void;
  bill(): CostRow[];
  teams(): CostRow[];
  causes(): CostRow[];
  /** The accounts that are in it. */
  accounts(): Set<string>;
  /** The last day of which it knows any use, and when that ended; nothing in an empty month. */
  last(): { day: string; until: number } | undefined;
};

/** `month`: YYYY-MM, whose bill it is. A charge for another month that stands on it counts on the nearest of its days. */
export function createExportSums({
  month,
  heard,
  scope,
  byTeam,
}: {
  month: string;
  heard: Time;
  scope: Scope;
  byTeam: boolean;
}): ExportSums {
  const [first, end] = [`${month}-01`, lastOf(month)];
  const causesFrom = dayAfter(heard.slice(0, 10), -causeDays);
  const bill = new Map<string, CostRow>();
  const teams = new Map<string, CostRow>();
  const causes = new Map<string, CostRow>();
  const accounts = new Set<string>();
  let last: { day: string; until: number } | undefined;

  /** Most lines are like one before: a row is made only when it is new. */
  function put(into: Map<string, CostRow>, key: string, amount: number, make: () => Omit<CostRow, 'amount'>): void {
    const known = into.get(key);
    if (known) known.amount += amount;
    else into.set(key, { ...make(), amount });
  }

  return {
    add(line) {
      const { account, region, service, charge, currency, usageType, resource, team = '' } = line;
      const day = line.day < first ? first : line.day > end ? end : line.day;
      const amount = line.covered ?? line.amount;
      const isUsage = charge === 'usage';
      const of = `${day}\n${account}\n${service}\n${charge}\n${currency}`;
      const leaf = `${of}\n${region}`;
      const place = () => ({ day, scope: { ...scope, id: account }, service, currency, provisional: isProvisional(day, heard) });
      accounts.add(account);
      if (isUsage) put(bill, leaf, amount, () => ({ ...place(), region, charge }));
      else put(bill, of, amount, () => ({ ...place(), region: 'global', charge, recordType: recordTypes[charge] }));
      // So that the sum of a month stays what is billed, as Cost Explorer's negations do it.
      if (line.covered !== undefined && line.covered !== line.amount)
        put(bill, `${of}\n${coveredType}\n`, line.amount - line.covered, () => ({
          ...{ ...place(), region: 'global', charge: 'credit', recordType: coveredType },
        }));
      if (!isUsage) return;
      if (last === undefined || day > last.day || (day === last.day && line.until > last.until)) last = { day, until: line.until };
      if (byTeam) put(teams, `${of}\n${team}`, amount, () => ({ ...place(), region: 'global', charge, team }));
      if (day < causesFrom || usageType === undefined) return;
      const named = resource !== undefined && causes.size < mostCauses ? { resource } : {};
      put(causes, `${leaf}\n${usageType}\n${named.resource ?? ''}`, amount, () => ({ ...place(), region, charge, usageType, ...named }));
    },
    bill: () => [...bill.values()],
    teams: () => [...teams.values()],
    causes() {
      const byLeaf = Map.groupBy(causes.values(), ({ usageType: _, resource: __, ...leaf }) => keyOf(leaf));
      return [...byLeaf.values()].flatMap((rows) => rows.sort((a, b) => b.amount - a.amount).slice(0, causesEach));
    },
    accounts: () => accounts,
    last: () => last,
  };
}

/** Why something moved is asked of the last days. */
const causeDays = 10;
const causesEach = 5;
/** Beyond it resources are not told apart any more, only usage types. */
const mostCauses = 200_000;
const coveredType = 'Covered by a commitment';
/** FOCUS ChargeCategory. */
const recordTypes = { usage: 'Usage', fee: 'Purchase', tax: 'Tax', credit: 'Credit' } as const;

const lastOf = (month: string): string => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
};
