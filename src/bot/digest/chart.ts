/** What the digest's picture shows; the picture itself is drawn by an adapter. Pure. */
import { daysBetween } from '../forecast.ts';
import { addDays, count, cut, dayAndMonth, listed, money } from '../words.ts';
import { type OneCurrency, round, totals } from './currency.ts';
import type { Cost, DigestInput } from './input.ts';
import type { Told } from './told.ts';

/** What the picture shows; the picture itself is drawn by an adapter. */
export type ChartSpec = {
  title: string;
  currency: string;
  /** UTC days in order, 30 of them. */
  days: string[];
  /** The day the digest is about. */
  marked: string;
  provisional: string[];
  /** Largest first, "other" last; an amount for each day. */
  series: { name: string; amounts: number[] }[];
  /** What the picture shows, in words. */
  alt: string;
};

const chartDays = 30;

const chartServices = 6;

export function chartOf(input: DigestInput, told: Told, one: OneCurrency): ChartSpec | undefined {
  const days = daysBetween(addDays(told.day, 1 - chartDays), told.day);
  const first = days[0] ?? told.day;
  const rows = input.costs.filter(
    (row) => row.currency === one.currency && row.charge === 'usage' && row.day >= first && row.day <= told.day,
  );
  if (rows.length === 0) return undefined;
  const byService = Map.groupBy(rows, (row) => row.service);
  const ranked = [...byService]
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
  const perDay = days.map((_, at) => series.reduce((sum, own) => sum + (own.amounts[at] ?? 0), 0));
  const others = told.currencies.length > 1 ? ` Only ${one.currency} is drawn.` : '';
  const alt =
    `Usage by service and UTC day, ${dayAndMonth(first)} to ${dayAndMonth(told.day)}: from ${money(Math.min(...perDay), one.currency)} to ${money(Math.max(...perDay), one.currency)} a day, ` +
    `${money(one.usage, one.currency)} on the marked day, ${dayAndMonth(told.day)}. Most: ${listed(
      shown.slice(0, 3).map(({ name, sum }) => `${cut(name, 40)} ${money(sum, one.currency)}`),
      3,
    )}.${others}`;
  return {
    title: `Usage by service, ${dayAndMonth(first)} – ${dayAndMonth(told.day)} (UTC days)`,
    currency: one.currency,
    days,
    marked: told.day,
    provisional: told.provisional.filter((day) => day >= first),
    series,
    alt,
  };
}
