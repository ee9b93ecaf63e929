/** Budgets: what is used of each, where it is heading, and when it will be passed. Pure. Amounts are before credits, since credits end. */
import { daysBetween, type Forecast, forecast } from '../forecast.ts';
import type { Text } from '../message.ts';
import { nameOf, type Policy } from '../people.ts';
import { addDays, cut, dayAndMonth, firstOfMonth, money } from '../words.ts';
import { isBeforeCredits } from './charges.ts';
import { seriesOf, totals } from './currency.ts';
import { accountName, type Budget, type Cost, type DigestInput, type ProviderBudget, rowsByAccount, rowsByTeam } from './input.ts';

export type BudgetState = {
  name: string;
  currency: string;
  limit: number;
  used: number;
  forecast?: Pick<Forecast, 'ifItStops' | 'ifItGoesOn' | 'band' | 'excessPerDay'>;
  /** The day on which it was passed, or will be if it goes on like this. */
  passedOn?: string;
  isPassed: boolean;
  /** The first day counted, where it lies within the month. */
  since?: string;
  /** Something is billed to it; without, the name may be wrong. */
  isBilled: boolean;
  by?: string;
  at?: string;
};

export function budgetStates(input: DigestInput, day: string): BudgetState[] {
  return (input.budgets ?? []).map((budget) => stateOf(input, budget, day)).sort((a, b) => share(b) - share(a));
}

function stateOf(input: DigestInput, budget: Budget, day: string): BudgetState {
  const { monthly } = budget;
  const rows = rowsOf(input, budget).filter((row) => row.day <= day && isBeforeCredits(row));
  const currency = budget.currency ?? mainCurrency(rows);
  const own = rows.filter((row) => row.currency === currency);
  const month = firstOfMonth(day);
  const spent = totals(own, (row) => row.day);
  const known = daysBetween(month, day);
  const used = own.filter((row) => row.day >= month).reduce((sum, row) => sum + row.amount, 0);
  // What all accounts together are said to cost says nothing of one team.
  const series = seriesOf({ ...input, credits: [], ...('team' in budget.of ? { accounts: [] } : {}) }, currency, own, day);
  const ahead = own.length > 0 ? forecast(series) : undefined;
  const passedOn =
    dayPassed(
      known.map((one) => ({ day: one, cost: spent.get(one) ?? 0 })),
      monthly,
    ) ?? (ahead ? dayAhead(used, ahead, monthly, day) : undefined);
  return {
    name: 'team' in budget.of ? `team ${budget.of.team}` : nameOfAccount(input, budget.of.account),
    ...{ currency, limit: monthly, used, isPassed: used > monthly, isBilled: own.length > 0 },
    ...(ahead
      ? { forecast: { ifItStops: ahead.ifItStops, ifItGoesOn: ahead.ifItGoesOn, band: ahead.band, excessPerDay: ahead.excessPerDay } }
      : {}),
    ...(passedOn ? { passedOn } : {}),
    ...(own.length > 0 && series.from > month ? { since: series.from } : {}),
    ...(budget.by ? { by: budget.by } : {}),
    ...(budget.at ? { at: budget.at } : {}),
  };
}

const nameOfAccount = (input: DigestInput, id: string): string =>
  input.accounts.find((account) => account.scope.id === id)?.name ?? accountName(input, { cloud: '', id });

function rowsOf(input: DigestInput, { of }: Budget): Cost[] {
  if ('team' in of) return rowsByTeam(input).filter((row) => row.team === of.team);
  return rowsByAccount(input).filter((row) => row.scope.id === of.account);
}

function mainCurrency(rows: readonly Cost[]): string {
  const weights = new Map<string, number>();
  for (const row of rows) weights.set(row.currency, (weights.get(row.currency) ?? 0) + Math.abs(row.amount));
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'USD';
}

function dayPassed(days: readonly { day: string; cost: number }[], limit: number, from = 0): string | undefined {
  let sum = from;
  for (const { day, cost } of days) {
    sum += cost;
    if (sum > limit) return day;
  }
  return undefined;
}

/** Fees that are still to come have no known day: where only they pass it, it is the last of the month. */
function dayAhead(used: number, ahead: Forecast, limit: number, day: string): string | undefined {
  // What the last days will still grow by counts from now on.
  const usage = ahead.ahead.reduce((sum, one) => sum + one.usual, 0) + ahead.excessPerDay * ahead.daysLeft;
  const growing = Math.max(0, ahead.ifItGoesOn - used - usage - ahead.feesAhead - ahead.creditsAhead);
  const days = ahead.ahead.map((one) => ({ day: one.day, cost: one.usual + ahead.excessPerDay }));
  const found = dayPassed(days, limit, used + growing);
  return found ?? (ahead.ifItGoesOn > limit ? addDays(day, ahead.daysLeft) : undefined);
}

const share = ({ used, limit }: BudgetState): number => used / limit;
/** It is worth a line on the first page: passed, about to be, or four fifths used. */
export const isTight = (one: BudgetState): boolean => one.isPassed || one.passedOn !== undefined || share(one) >= 0.8;

export function budgetLine(one: BudgetState, policy?: Policy): Text {
  const amount = (value: number) => money(value, one.currency);
  const said = one.by && policy ? ` · set by ${cut(nameOf(policy, one.by), 40)}${one.at ? ` on ${dayAndMonth(one.at)}` : ''}` : '';
  if (!one.isBilled) return `${cut(one.name, 60)}: nothing is billed to it so far, of ${amount(one.limit)} a month${said}`;
  const used = `${Math.floor(share(one) * 100)} %${one.since ? `, counted from ${dayAndMonth(one.since)}` : ''}`;
  const heading = one.forecast ? `, heading for ${amount(one.forecast.ifItGoesOn)}${bandWords(one)}` : '';
  const passed = one.passedOn
    ? one.isPassed
      ? `, passed on ${dayAndMonth(one.passedOn)}`
      : `, passed on ${dayAndMonth(one.passedOn)} if it goes on like this`
    : '';
  return [{ bold: `${cut(one.name, 60)}: ${amount(one.used)} of ${amount(one.limit)}` }, ` (${used})${heading}${passed}${said}`];
}

function bandWords({ forecast: ahead, currency }: BudgetState): string {
  const parts = [
    ...(ahead && ahead.band > 0 ? [`±${money(ahead.band, currency)}`] : []),
    ...(ahead && ahead.excessPerDay > 0 ? [`${money(ahead.ifItStops, currency)} if what is unusual stops now`] : []),
  ];
  return parts.length > 0 ? ` (${parts.join('; ')})` : '';
}

/** A budget of the provider, in the provider's figures. */
export function providerBudgetLine({ name, per, limit, spent, expected }: ProviderBudget): Text {
  const amount = (value: { amount: number; currency: string }) => money(value.amount, value.currency);
  const share_ = limit.amount > 0 && limit.currency === spent.currency ? ` (${Math.floor((spent.amount / limit.amount) * 100)} %)` : '';
  const heading = expected ? `, heading for ${amount(expected)}` : '';
  const of = per === 'custom' ? '' : ` a ${per}`;
  return `${cut(name, 60)}: ${amount(spent)} of ${amount(limit)}${of}${share_}${heading}, by the provider’s own count`;
}

export const isTightAtProvider = ({ limit, spent, expected }: ProviderBudget): boolean =>
  limit.amount > 0 && (spent.amount >= 0.8 * limit.amount || (expected?.amount ?? 0) > limit.amount);
