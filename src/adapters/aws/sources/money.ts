/** Which sources tell what an account costs. */
import type { Source } from '../../../bot/ports.ts';
import type { AwsAccountConfig } from '../session.ts';
import { budgets } from './budgets.ts';
import { costAnomalies } from './cost-anomalies.ts';
import { costs } from './costs.ts';
import type { ToldCosts } from './costs-rows.ts';
import { estimatedCosts } from './estimated.ts';
import { exportsOfCosts, type ReadBill } from './exports.ts';
import type { Sight } from './looking.ts';

export type MoneyDeps = {
  told?: ToldCosts;
  /** Needed where an export is configured. */
  readBill?: ReadBill;
  /** Guarded accounts whose costs this one, a payer, is asked for. */
  covers?: readonly string[];
  /** The guarded account that is asked for this one's costs. */
  paidBy?: string;
};

/**
 * The bill is told by one source: Cost Explorer; or, where an export is configured and Cost Explorer is not asked for by name, the export;
 * or, without either, the estimated charges. An export beside Cost Explorer adds teams and causes. An account whose payer is asked for its
 * costs has none of them. Budgets are read everywhere: that is free.
 */
export function moneySources(config: Pick<AwsAccountConfig, 'costExplorer' | 'costs' | 'push'>, sight: Sight, deps: MoneyDeps): Source[] {
  const { payer, hourly, tag, exports } = config.costs ?? {};
  const { told, covers = [], paidBy, readBill } = deps;
  if (paidBy !== undefined) return [budgets(sight)];
  const isPayer = payer === true;
  const asksExplorer = config.costExplorer === 'on' || (config.costExplorer === undefined && exports === undefined);
  const common = {
    ...(told ? { told } : {}),
    ...(isPayer ? { payer: { covers } } : {}),
    ...(tag === undefined ? {} : { tag }),
  };
  return [
    // Where both are read, the export tells the teams, at no cost.
    ...(asksExplorer ? [costs(sight, { ...(exports === undefined ? common : untagged(common)), ...(hourly ? { hourly } : {}) })] : []),
    ...(asksExplorer || exports !== undefined ? [] : [estimatedCosts(sight, common)]),
    ...(exports === undefined || readBill === undefined
      ? []
      : [exportsOfCosts(sight, { ...common, read: readBill, address: exports, onlyDetails: asksExplorer })]),
    budgets(sight),
    ...(asksExplorer && !config.push ? [costAnomalies(sight, isPayer ? { payer: true } : {})] : []),
  ];
}

function untagged<T extends { tag?: string }>({ tag: _, ...rest }: T): Omit<T, 'tag'> {
  return rest;
}

type Payable = { account: string; costs?: { payer?: boolean | string | undefined } | undefined };

/**
 * Who is asked for whose costs. Where one account is the payer, it is asked for all others that do not say otherwise; where several are,
 * for those that name it.
 */
export function payersOf(accounts: readonly Payable[]): (account: string) => Pick<MoneyDeps, 'covers' | 'paidBy'> {
  const payers = accounts.filter(({ costs: said }) => said?.payer === true).map(({ account }) => account);
  const paidBy = ({ account, costs: said }: Payable): string | undefined => {
    if (payers.includes(account) || said?.payer === false) return undefined;
    if (typeof said?.payer === 'string') return said.payer === account ? undefined : said.payer;
    return payers.length === 1 ? payers[0] : undefined;
  };
  return (id) => {
    const own = accounts.find(({ account }) => account === id);
    const by = own && paidBy(own);
    const covers = accounts.filter((one) => paidBy(one) === id).map(({ account }) => account);
    return { ...(by === undefined ? {} : { paidBy: by }), ...(covers.length > 0 ? { covers } : {}) };
  };
}
