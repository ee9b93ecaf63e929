/** Where the month is heading: `/warden forecast`. */
import { answer } from './answer.ts';
import { ageWords, type MoneyDeps, noCosts, type Row } from './commands-budget.ts';
import { budgetLine } from './digest/budgets.ts';
import { creditLine } from './digest/credits.ts';
import { oneCurrency } from './digest/currency.ts';
import { grantName } from './digest/details.ts';
import { type DigestInput, rowsByAccount } from './digest/input.ts';
import { monthLine } from './digest/money-words.ts';
import { tell } from './digest/told.ts';
import { forecast } from './forecast.ts';
import type { Message, Text } from './message.ts';
import { count, dayAndMonth, money, monthName } from './words.ts';

/** Where the month is heading: all, then each account. */
export async function forecastCommand(words: string[], deps: MoneyDeps): Promise<Message> {
  const input = await deps.input();
  if (input.costs.length === 0) return noCosts(input);
  if (words.length > 0) return answer(['Say it without anything behind: ', { code: '/warden forecast' }, '.']);
  const told = tell({ ...input, full: true });
  const several = told.currencies.length > 1;
  const rows = told.currencies.flatMap((one): Row[] => {
    const tag = several ? ` (${one.currency})` : '';
    const ahead = one.forecast;
    return [
      { label: `${monthName(told.day)}${tag}`, lines: [monthLine(told, one), ...(ahead ? [basisWords(one, input)] : [])] },
      ...accountRows(input, one.currency, told.day, tag),
    ];
  });
  const credits = told.credits.map((one) => creditLine(grantName(input, one.account), one, told.day));
  const budgets = told.budgets.map((one) => budgetLine(one, input.policy));
  const title = `Where ${monthName(told.day)} is heading`;
  return {
    summary: title,
    parts: [
      { kind: 'header', text: title, aside: `data up to ${dayAndMonth(told.day)}${ageWords(input)}` },
      {
        kind: 'facts',
        rows: [
          ...rows,
          ...(budgets.length > 0 ? [{ label: 'Budget', lines: budgets.slice(0, 8) }] : []),
          ...(credits.length > 0 ? [{ label: 'Credits', lines: credits.slice(0, 8) }] : []),
        ],
      },
      {
        kind: 'text',
        quiet: true,
        text: 'The band holds in four of five months, as long as nothing new begins. Credits are counted in, budgets are before credits.',
      },
    ],
  };
}

const basisWords = (one: ReturnType<typeof oneCurrency>, input: DigestInput): Text => {
  const ahead = one.forecast;
  if (!ahead) return '';
  const fees = ahead.feesAhead > 0 ? `, ${money(ahead.feesAhead, one.currency)} of fees and tax still to come as last month` : '';
  return `from ${count(ahead.history, 'day')} of history${ahead.history < 14 && input.accounts.some((account) => account.usualMonthlyUsd) ? ' and what a month is said to cost' : ''}${fees}, ${count(ahead.daysLeft, 'day')} left`;
};

/** The dearest accounts, where there are several. Of one account alone the declared month of all says nothing. */
function accountRows(input: DigestInput, currency: string, day: string, tag: string): Row[] {
  const rows = rowsByAccount(input).filter((row) => row.currency === currency && row.day <= day);
  const groups = [...Map.groupBy(rows, (row) => row.scope.id)];
  if (groups.length < 2) return [];
  const found = groups.flatMap(([id, own]) => {
    const scope = own[0]?.scope;
    const only = { ...input, credits: (input.credits ?? []).filter((grant) => grant.account === id) };
    const ahead = scope ? forecast(oneCurrency(only, currency, own, day).series) : undefined;
    return ahead ? [{ name: grantName(input, id), ahead }] : [];
  });
  const sorted = found.sort((a, b) => b.ahead.ifItGoesOn - a.ahead.ifItGoesOn);
  const lines = sorted.slice(0, 8).map(({ name, ahead }): Text => {
    const both = ahead.excessPerDay > 0 ? `, ${money(ahead.ifItStops, currency)} if what is unusual stops now` : '';
    return [
      { bold: money(ahead.ifItGoesOn, currency) },
      `  ${name} (±${money(ahead.band, currency)}), ${money(ahead.monthToDate, currency)} so far${both}`,
    ];
  });
  const more = sorted.length - lines.length;
  return [{ label: `Accounts${tag}`, lines: [...lines, ...(more > 0 ? [`and ${count(more, 'more account')}`] : [])] }];
}
