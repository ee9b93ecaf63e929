/** A week or a month in one message, its details and its picture. Pure. */
import type { Message, Part, Text } from '../message.ts';
import { asLine } from '../present/line.ts';
import { rank } from '../severity.ts';
import {
  addDays,
  count,
  cut,
  dayAndMonth,
  duration,
  listed,
  money,
  monthName,
  percent,
  secondsBetween,
  signedMoney,
  weekdayOf,
} from '../words.ts';
import { chargeWords } from './charges.ts';
import { type ChartSpec, chartOfSpan } from './chart.ts';
import { round } from './currency.ts';
import { type DigestInput, lastDayOf } from './input.ts';
import { moneyRows } from './long.ts';
import { monthLine } from './money-words.ts';
import type { By } from './parts.ts';
import { lastSpan, type PeriodMoney, partsOfSpan, periodMoney, type Span, spanBefore, spanOf } from './period.ts';
import { ownCostWords } from './quiet.ts';
import { summaryDetails } from './summary-details.ts';
import { type Told, tell, whatToDo, whyNoCosts } from './told.ts';

export type Summary = { message: Message; details?: Message; chart?: ChartSpec; span: Span };
type Row = { label: string; lines: Text[] };

/** Of the week or month `input.day` lies in; without it, of the last that is over. */
export function summary(input: DigestInput, kind: Span['kind']): Summary {
  const { span, told, currencies } = gather(input, kind);
  const [main] = currencies;
  const several = currencies.length > 1;
  const rows = currencies.flatMap((one) => moneyOf(told, span, one, several));
  const missing: Row[] =
    currencies.length === 0 ? [{ label: 'Costs', lines: [`not known: ${whyNoCosts(input)}`, ...whatToDo(input)] }] : [];
  const parts: Part[] = [
    header(input, span, told),
    { kind: 'facts', rows: [...missing, ...rows, ...moneyRows(input, { ...told, unusual: [] })] },
    ...(input.saved ? [] : [{ kind: 'facts' as const, rows: storyRows(input, span) }]),
  ];
  const chart = main ? chartOfSpan(input, span, main.one, several) : undefined;
  const details = summaryDetails(input, span, currencies, beforeWords(span));
  return {
    message: {
      summary: cut(
        main
          ? `${titleOf(span)}: ${money(main.usage, main.currency)} used${comparedShortly(span, main)}`
          : `${titleOf(span)}: no cost data`,
        110,
      ),
      parts,
    },
    ...(details ? { details } : {}),
    ...(chart ? { chart } : {}),
    span,
  };
}

/**
 * The same as data: `kind`, `from`, `to`, `upTo` (UTC days), `isOver`, and for each currency `usage`, `fees`, `commitments`, `tax`, `credits`, `net`, `before` (`usage`,
 * `net`, `days`; null unless known in full), `usual` (of weeks: `amount`, `weeks`), `days` (`day`, `usage`), `services`, `regions`, `accounts`, `teams`
 * (`name`, `amount`, `before` or null) and `moved`.
 */
export function summaryJson(input: DigestInput, kind: Span['kind']): Record<string, unknown> {
  const { span, currencies } = gather(input, kind);
  return {
    ...{ kind, from: span.from, to: span.to, upTo: span.upTo, isOver: span.isOver },
    noCosts: currencies.length === 0 ? whyNoCosts(input) : null,
    currencies: currencies.map((one) => {
      const parts = (by: By) =>
        partsOfSpan(input, span, spanBefore(span), one.currency, by).map(({ name, amount, before }) => ({
          name,
          amount: round(amount),
          before: before === undefined ? null : round(before),
        }));
      return {
        ...{ currency: one.currency, usage: round(one.usage), fees: round(one.charges.fee), commitments: round(one.charges.commitment) },
        ...{ tax: round(one.charges.tax), credits: round(one.charges.credit), net: round(one.net) },
        before: one.before ? { usage: round(one.before.usage), net: round(one.before.net), days: one.before.days } : null,
        usual: one.usual ? { amount: round(one.usual.amount), weeks: one.usual.weeks } : null,
        days: one.days.map(({ day, usage }) => ({ day, usage: round(usage) })),
        ...{ services: parts('service'), regions: parts('region'), accounts: parts('account'), teams: parts('team') },
        moved: one.moved.map((move) => ({ ...move, change: round(move.change), amount: round(move.amount) })),
      };
    }),
  };
}

function gather(input: DigestInput, kind: Span['kind']): { span: Span; told: Told; currencies: PeriodMoney[] } {
  const today = input.now.slice(0, 10);
  const span = input.day
    ? spanOf(kind, input.day, input.saved ? input.day : [input.day, addDays(today, -1)].sort()[0]!)
    : lastSpan(kind, today);
  const told = tell({ ...input, day: span.upTo, full: true });
  const currencies = told.currencies
    .map(({ currency }) => periodMoney(input, span, currency))
    .filter(({ usage, net, before }) => usage !== 0 || net !== 0 || (before?.net ?? 0) !== 0);
  return { span, told, currencies };
}

function titleOf({ kind, from, upTo, isOver }: Span): string {
  if (kind === 'month') return `${monthName(from)} ${from.slice(0, 4)}${isOver ? '' : `, up to ${dayAndMonth(upTo)}`}`;
  const start = from.slice(0, 7) === upTo.slice(0, 7) ? String(Number(from.slice(8, 10))) : dayAndMonth(from);
  return `Week of ${start} – ${dayAndMonth(upTo)}${isOver ? '' : ', not over yet'}`;
}

function header(input: DigestInput, span: Span, told: Told): Part {
  const names = input.saved ? [] : input.accounts.map((account) => cut(account.name, 40));
  const growing = told.currencies.flatMap(({ series }) => [...series.provisional]).filter((day) => day >= span.from && day <= span.upTo);
  const days = new Set(growing).size;
  const last = lastDayOf(input.costs);
  const read = input.costsAt
    ? `costs read ${duration(secondsBetween(input.costsAt, input.now))} ago`
    : last
      ? `data up to ${dayAndMonth(last)}`
      : '';
  const firm = days > 0 ? `${count(days, 'day')} provisional` : last && last >= span.upTo ? 'all days final' : '';
  const aside = [read, firm].filter(Boolean).join(', ');
  return { kind: 'header', text: `${titleOf(span)}${names.length > 0 ? ` · ${listed(names, 4)}` : ''}`, ...(aside ? { aside } : {}) };
}

function moneyOf(told: Told, span: Span, one: PeriodMoney, isOneOfSeveral: boolean): Row[] {
  const tag = isOneOfSeveral ? ` (${one.currency})` : '';
  const amount = (value: number) => money(value, one.currency);
  const charges = chargeWords(one.charges, one.currency);
  const dearest = [...one.days].sort((a, b) => b.usage - a.usage)[0];
  const cheapest = [...one.days].sort((a, b) => a.usage - b.usage)[0];
  const spread =
    dearest && cheapest && dearest.usage > cheapest.usage
      ? `: most on ${weekdayOf(dearest.day)} ${dayAndMonth(dearest.day)}, ${amount(dearest.usage)}; least on ${weekdayOf(cheapest.day)} ${dayAndMonth(cheapest.day)}, ${amount(cheapest.usage)}`
      : '';
  const perDay = one.days.length > 0 ? one.usage / one.days.length : 0;
  const soFar = span.isOver ? '' : ' so far';
  return [
    {
      label: `Used${tag}`,
      lines: [
        [{ bold: `${amount(one.usage)}${soFar}` }, comparedWords(span, one)],
        ...(charges.length > 0 ? [`beside that: ${charges.join(', ')}; to pay in all ${amount(one.net)}`] : []),
      ],
    },
    { label: `Days${tag}`, lines: [`${amount(perDay)} a day${spread}`] },
    ...(span.kind === 'week' || !span.isOver ? [{ label: `${monthName(span.upTo)}${tag}`, lines: [monthLine(told, one.one)] }] : []),
    ...(one.before
      ? [
          {
            label: `Moved${tag}`,
            lines:
              one.moved.length === 0
                ? [`nothing by more than 3 % against ${beforeWords(span)}`]
                : one.moved.map((move): Text => {
                    const region = move.region && move.region !== 'global' ? `, ${cut(move.region, 40)}` : '';
                    return `${signedMoney(move.change, one.currency)}  ${cut(move.service, 60)}${region} (${cut(move.account, 40)})${move.why.length > 0 ? `: ${move.why.join(', ')}` : ''}`;
                  }),
          },
        ]
      : []),
  ];
}

function comparedWords(span: Span, one: PeriodMoney): string {
  const { usual, before } = one;
  const words = [
    ...(usual
      ? [`a usual week${span.isOver ? '' : ' up to that day'}: ${money(usual.amount, one.currency)}${change(one.usage, usual.amount)}`]
      : []),
    ...(before
      ? [`${beforeWords(span)}: ${money(before.usage, one.currency)}${change(one.usage, before.usage)}${perDayWords(span, one)}`]
      : []),
  ];
  return ` · ${words.length > 0 ? words.join(' · ') : `nothing to compare with: ${beforeWords(span)} is not known in full`}`;
}

/** Months differ in length: by the day they can be compared. */
function perDayWords({ kind }: Span, one: PeriodMoney): string {
  const { before, days, usage, currency } = one;
  if (kind === 'week' || !before || before.days === days.length) return '';
  return `, by the day ${money(usage / days.length, currency)} after ${money(before.usage / before.days, currency)}`;
}

const comparedShortly = ({ kind }: Span, one: PeriodMoney): string => {
  if (one.usual) return ` (usual ${money(one.usual.amount, one.currency)})`;
  return one.before ? ` (the ${kind} before ${money(one.before.usage, one.currency)})` : '';
};
const change = (now: number, before: number): string => {
  const words = percent(now, before);
  return words && !/^.0 %$/.test(words) ? ` (${words})` : '';
};

function beforeWords({ kind, from, isOver }: Span): string {
  if (kind === 'week') return isOver ? 'the week before' : 'the week before up to that day';
  return `${monthName(addDays(from, -1))}${isOver ? '' : ' up to that day'}`;
}

function storyRows(input: DigestInput, span: Span): Row[] {
  const first = `${span.from}T00:00:00.000Z`;
  const end = `${addDays(span.upTo, 1)}T00:00:00.000Z`;
  const told = input.incidents.filter((story) => story.state !== 'joined');
  const begun = told.filter((story) => story.openedAt >= first && story.openedAt < end).sort((a, b) => rank(b.severity) - rank(a.severity));
  const over = told.filter(
    (story) => (story.state === 'resolved' || story.state === 'expected') && story.changedAt >= first && story.changedAt < end,
  );
  const open = told.filter((story) => story.state !== 'resolved' && story.state !== 'expected');
  const worst = begun[0] ? ` (worst: ${begun[0].severity})` : '';
  const cost = ownCostWords(input);
  return [
    {
      label: 'Stories',
      lines: [
        begun.length + over.length === 0
          ? 'none opened, none closed'
          : `${count(begun.length, 'story', 'stories')} opened${worst}, ${over.length} closed`,
        ...open.slice(0, 4).map((story): Text => ['still open: ', ...[asLine(story, input.policy)].flat()]),
        ...(open.length > 4 ? [`and ${open.length - 4} more: /warden incidents lists them`] : []),
      ],
    },
    ...(cost ? [{ label: 'Watching', lines: [cost] }] : []),
  ];
}
