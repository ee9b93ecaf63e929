/** What a day was made of: for the thread under the digest. Pure. */
import type { Message, Part, Text } from '../message.ts';
import { count, cut, dayAndMonth, weekdayOf } from '../words.ts';
import { budgetLine, providerBudgetLine } from './budgets.ts';
import { creditLine } from './credits.ts';
import type { OneCurrency } from './currency.ts';
import { accountName, type DigestInput } from './input.ts';
import { type By, partLines, partsOfDay } from './parts.ts';
import type { Told } from './told.ts';

/** Undefined when there is nothing to divide. */
export function detailsOf(input: DigestInput, told: Told): Message | undefined {
  const shown = told.currencies.filter((one) => one.hasDay).slice(0, 3);
  const rows = [...shown.flatMap((one) => rowsOf(input, told, one, shown.length > 1)), ...moneyRows(input, told)];
  if (rows.length === 0) return undefined;
  const title = `What ${weekdayOf(told.day)} ${dayAndMonth(told.day)} was made of`;
  const parts: Part[] = [
    { kind: 'header', text: title },
    { kind: 'facts', rows },
    {
      kind: 'text',
      quiet: true,
      text: input.saved
        ? 'Usage before credits, by UTC day.'
        : ['Usage before credits, by UTC day. More: ', { code: '/warden spend 30d service' }, ', ', { code: '/warden forecast' }, '.'],
    },
  ];
  return { summary: title, parts };
}

function rowsOf(input: DigestInput, told: Told, one: OneCurrency, isOneOfSeveral: boolean): { label: string; lines: Text[] }[] {
  const tag = isOneOfSeveral ? ` (${one.currency})` : '';
  const by = (what: By, most: number, least: number) => {
    const parts = partsOfDay(input, one.currency, told.day, what);
    return parts.length < least ? [] : [{ label: `By ${what}${tag}`, lines: partLines(parts, one.currency, most) }];
  };
  return [...by('service', 8, 1), ...by('region', 6, 2), ...by('account', 8, 2), ...by('team', 8, 1)];
}

/** All budgets and credits; the digest itself names only those that are tight. */
function moneyRows(input: DigestInput, told: Told): { label: string; lines: Text[] }[] {
  const budgets = [...told.budgets.map((one) => budgetLine(one, input.policy)), ...(input.providerBudgets ?? []).map(providerBudgetLine)];
  const credits = told.credits.map((one) => creditLine(grantName(input, one.account), one, told.day));
  return [
    ...(budgets.length > 0 ? [{ label: budgets.length > 1 ? 'Budgets' : 'Budget', lines: atMost(budgets, 'budget') }] : []),
    ...(credits.length > 0 ? [{ label: 'Credits', lines: atMost(credits, 'grant') }] : []),
  ];
}

export const grantName = (input: DigestInput, id: string): string =>
  cut(input.accounts.find(({ scope }) => scope.id === id)?.name ?? accountName(input, { cloud: '', id }), 40);

const mostLines = 10;
const atMost = (lines: Text[], what: string): Text[] =>
  lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines), `and ${count(lines.length - mostLines, `more ${what}`)}: /warden budget`];
