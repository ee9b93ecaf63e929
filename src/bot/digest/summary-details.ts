/** What a week or a month was made of: for the thread under its summary. Pure. */
import type { Message, Text } from '../message.ts';
import { cut, dayAndMonth, money, monthName, signedMoney } from '../words.ts';
import type { DigestInput } from './input.ts';
import type { By } from './parts.ts';
import { type PeriodMoney, type Part as PeriodPart, partsOfSpan, type Span, spanBefore } from './period.ts';

type Row = { label: string; lines: Text[] };

/** Undefined when there is nothing to divide. `beforeWords`: what changes are against. */
export function summaryDetails(input: DigestInput, span: Span, currencies: PeriodMoney[], beforeWords: string): Message | undefined {
  const shown = currencies.slice(0, 3);
  const rows = shown.flatMap((one): Row[] => {
    const tag = shown.length > 1 ? ` (${one.currency})` : '';
    const by = (what: By, most: number, least: number): Row[] => {
      const parts = partsOfSpan(input, span, spanBefore(span), one.currency, what);
      return parts.length < least ? [] : [{ label: `By ${what}${tag}`, lines: spanPartLines(parts, one.currency, most) }];
    };
    return [...by('service', 10, 1), ...by('region', 6, 2), ...by('account', 10, 2), ...by('team', 10, 1)];
  });
  if (rows.length === 0) return undefined;
  const title = `What ${span.kind === 'week' ? `the week of ${dayAndMonth(span.from)}` : `${monthName(span.from)} ${span.from.slice(0, 4)}`} was made of`;
  return {
    summary: title,
    parts: [
      { kind: 'header', text: title },
      { kind: 'facts', rows },
      { kind: 'text', quiet: true, text: `Usage before credits, by UTC day; changes against ${beforeWords}.` },
    ],
  };
}

/** "$42.00  Amazon EC2, +$3.10": at most so many, the rest together. */
export function spanPartLines(parts: readonly PeriodPart[], currency: string, most: number): Text[] {
  const rest = parts.slice(most);
  const left = rest.reduce((sum, { amount }) => sum + amount, 0);
  return [
    ...parts.slice(0, most).map(({ name, amount, before }): Text => {
      const moved =
        before === undefined
          ? ''
          : before === 0
            ? ', nothing before'
            : Math.abs(amount - before) >= 0.01
              ? `, ${signedMoney(amount - before, currency)}`
              : ', as before';
      return [{ bold: money(amount, currency) }, `  ${cut(name, 60)}${moved}`];
    }),
    ...(rest.length > 0 ? [`${money(left, currency)}  in ${rest.length} more`] : []),
  ];
}
