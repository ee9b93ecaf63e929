/** What the judge of spend finds on a day, for digests of saved files: there no story was opened for it. Pure. */
import { createSpendLedger } from '../../checks/spend/judge.ts';
import { type SpendWords, spendWords } from '../../checks/spend/words.ts';
import type { Text } from '../message.ts';
import type { OneCurrency } from './currency.ts';
import { accountName, type DigestInput } from './input.ts';

/** One for each story of that day, the dearest first. */
export function unusualOn(input: DigestInput, one: OneCurrency, day: string): SpendWords[] {
  const rows = input.costs.filter((row) => row.charge === 'usage' && row.currency === one.currency && row.day <= day);
  const usualMonthly = Object.fromEntries(
    input.accounts.flatMap(({ scope, usualMonthlyUsd }) => (usualMonthlyUsd === undefined ? [] : [[scope.id, usualMonthlyUsd]])),
  );
  const ledger = createSpendLedger({ usualMonthly });
  for (const { day: on, scope, service, region, amount } of rows) ledger.add({ day: on, account: scope.id, service, region, amount });
  const names = Object.fromEntries(rows.map(({ scope }) => [scope.id, accountName(input, scope)]));
  const ahead = one.forecast;
  return ledger.judge(day).map((anomaly) =>
    spendWords(anomaly, {
      currency: one.currency,
      names,
      provisional: one.series.provisional.has(day),
      ...(ahead && ahead.excessPerDay > 0 ? { month: { ifItStops: ahead.ifItStops, ifItGoesOn: ahead.ifItGoesOn } } : {}),
    }),
  );
}

export const unusualLine = ({ title, facts }: SpendWords): Text => [{ bold: title }, `. ${facts.More ?? ''}. Usual: ${facts.Usual ?? ''}.`];
