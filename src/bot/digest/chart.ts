/** What the digest's pictures show; they are drawn by an adapter. Pure. */
import { daysBetween, usualCourse } from '../forecast.ts';
import { addDays, count, cut, dayAndMonth, firstOfMonth, listed, money, monthName } from '../words.ts';
import { type OneCurrency, round, totals } from './currency.ts';
import type { Cost, DigestInput } from './input.ts';
import type { Span } from './period.ts';
import type { Told } from './told.ts';

/** What a picture shows. `usual` and `ahead` are of the total. */
export type ChartSpec = {
  title: string;
  currency: string;
  /** UTC days in order: those with amounts, then those of `ahead`. */
  days: string[];
  /** The day the digest is about; a day that is not among `days` marks none. */
  marked: string;
  provisional: string[];
  /** Largest first, "other" last; an amount for each day up to the first of `ahead`. */
  series: { name: string; amounts: number[] }[];
  /** Between which amounts four of five such days lie, where enough is known. */
  usual?: { day: string; low: number; high: number }[];
  /** What the days to come are expected to cost, if it goes on like this. */
  ahead?: { day: string; amount: number }[];
  /** Days are few enough to be named by their weekday. */
  weekdays?: boolean;
  /** What the picture shows, in words. */
  alt: string;
};

const chartDays = 30;
const chartServices = 6;
/** So many days ahead fit beside thirty. */
const mostAhead = 10;

/** Thirty days by service up to the day told of, and what is expected of the rest of its month. */
export function chartOf(input: DigestInput, told: Told, one: OneCurrency): ChartSpec | undefined {
  const first = addDays(told.day, 1 - chartDays);
  return charted(input, one, daysBetween(first, told.day), {
    title: `Usage by service, ${dayAndMonth(first)} – ${dayAndMonth(told.day)} (UTC days)`,
    marked: told.day,
    isMarked: true,
    provisional: told.provisional,
    mostAhead,
    isOneOfSeveral: told.currencies.length > 1,
  });
}

/** A week or a month by service; of a month that is not over, also the days to come. */
export function chartOfSpan(input: DigestInput, span: Span, one: OneCurrency, isOneOfSeveral: boolean): ChartSpec | undefined {
  const title =
    span.kind === 'week'
      ? `Usage by service, week of ${dayAndMonth(span.from)} (UTC days)`
      : `Usage by service, ${monthName(span.from)} ${span.from.slice(0, 4)} (UTC days)`;
  const spec = charted(input, one, daysBetween(span.from, span.upTo), {
    title,
    marked: span.upTo,
    isMarked: false,
    provisional: [...one.series.provisional],
    mostAhead: span.kind === 'month' && !span.isOver ? 31 : 0,
    isOneOfSeveral,
  });
  return spec && { ...spec, ...(span.kind === 'week' ? { weekdays: true } : {}) };
}

type Wanted = {
  title: string;
  marked: string;
  isMarked: boolean;
  provisional: string[];
  mostAhead: number;
  isOneOfSeveral: boolean;
};

function charted(input: DigestInput, one: OneCurrency, days: string[], wanted: Wanted): ChartSpec | undefined {
  const { currency } = one;
  const [first = ''] = days;
  const last = days.at(-1) ?? '';
  const rows = input.costs.filter((row) => row.currency === currency && row.charge === 'usage' && row.day >= first && row.day <= last);
  if (rows.length === 0) return undefined;
  const ranked = [...Map.groupBy(rows, (row) => row.service)]
    .map(([name, own]) => ({ name, own, sum: own.reduce((sum, row) => sum + row.amount, 0) }))
    .sort((a, b) => b.sum - a.sum);
  const amounts = (own: Cost[]) => {
    const sums = totals(own, (row) => row.day);
    return days.map((day) => round(sums.get(day) ?? 0));
  };
  const shown = ranked.slice(0, chartServices);
  const rest = ranked.slice(chartServices).flatMap(({ own }) => own);
  const series = [
    ...shown.map(({ name, own }) => ({ name, amounts: amounts(own) })),
    ...(rest.length > 0 ? [{ name: `${count(ranked.length - chartServices, 'other service')}`, amounts: amounts(rest) }] : []),
  ];
  const usual = usualCourse(one.series, days).map(({ day, low, high }) => ({ day, low: round(low), high: round(high) }));
  const found = one.forecast;
  const ahead = (found?.ahead ?? [])
    .slice(0, wanted.mostAhead)
    .map((next) => ({ day: next.day, amount: round(next.usual + (found?.excessPerDay ?? 0)) }));
  return {
    ...{ title: wanted.title, currency, marked: wanted.isMarked ? wanted.marked : '', series, usual, ahead },
    days: [...days, ...ahead.map(({ day }) => day)],
    provisional: wanted.provisional.filter((day) => day >= first && day <= last),
    alt: altOf(one, days, series, usual, ahead, wanted),
  };
}

function altOf(
  one: OneCurrency,
  days: string[],
  series: ChartSpec['series'],
  usual: NonNullable<ChartSpec['usual']>,
  ahead: NonNullable<ChartSpec['ahead']>,
  { marked, isMarked, isOneOfSeveral }: Wanted,
): string {
  const amount = (value: number) => money(value, one.currency);
  const [first = ''] = days;
  const perDay = days.map((_, at) => series.reduce((sum, own) => sum + (own.amounts[at] ?? 0), 0));
  const sums = series.map(({ name, amounts }) => `${cut(name, 40)} ${amount(amounts.reduce((sum, value) => sum + value, 0))}`);
  const band = usual.find(({ day }) => day === marked);
  const lastAhead = ahead.at(-1);
  const same = (a: string, b: string) => firstOfMonth(a) === firstOfMonth(b);
  return [
    `Usage by service and UTC day, ${dayAndMonth(first)} to ${dayAndMonth(marked)}: from ${amount(Math.min(...perDay))} to ${amount(Math.max(...perDay))} a day, ` +
      `${isMarked ? `${amount(perDay.at(-1) ?? 0)} on the marked day, ${dayAndMonth(marked)}` : `${amount(perDay.reduce((sum, value) => sum + value, 0))} in all`}.`,
    ...(band && isMarked ? [`Four of five such days cost from ${amount(band.low)} to ${amount(band.high)}.`] : []),
    ...(lastAhead
      ? [
          `Expected until ${same(lastAhead.day, marked) ? Number(lastAhead.day.slice(8, 10)) : ''} ${monthName(lastAhead.day)}: ${amount(Math.min(...ahead.map((next) => next.amount)))} to ${amount(Math.max(...ahead.map((next) => next.amount)))} a day.`.replace(
            '  ',
            ' ',
          ),
        ]
      : []),
    `Most: ${listed(sums.slice(0, 3), 3)}.`,
    ...(isOneOfSeveral ? [`Only ${one.currency} is drawn.`] : []),
  ].join(' ');
}
