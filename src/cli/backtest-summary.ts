/** What a person reads at the end of a backtest. */
import { storyHead, storyRow } from '../bot/backtest-words.ts';
import { rank } from '../bot/severity.ts';
import { addDays, count, listed, money } from '../bot/words.ts';
import { severities } from '../checks/observation.ts';
import type { Ended } from './backtest.ts';
import { asTable } from './terminal.ts';

/** Rows beyond these are counted: nobody reads a thousand; `--json` has them all. */
const mostRows = 100;

/** `notes`: what could not be judged, a sentence each. */
export function backtestSummary(
  ended: readonly Ended[],
  nameOf: (account: string) => string,
): { text: string; notes: string[]; isNothing: boolean } {
  const names = new Map(ended.map((one) => [one, billName(one.bill, ended)]));
  const notes = ended.flatMap((one) => notesOf(one, names.get(one)!));
  const isNothing = ended.every(({ days }) => days === 0);
  if (isNothing) notes.push('Nothing could be judged: there is no day of usage, or none between --from and --to.');
  const stories = ended.flatMap((one) => one.stories).sort((a, b) => rank(b.severity) - rank(a.severity) || a.number - b.number);
  const rows = stories.slice(0, mostRows).map((story) => storyRow(story, nameOf));
  const more = stories.length > mostRows ? `… and ${stories.length - mostRows} more (--json has all)\n` : '';
  const table = stories.length > 0 ? `${asTable(storyHead, rows)}${more}` : isNothing ? '' : 'Nothing was out of the ordinary.\n';
  return { text: `${table}${ended.map((one) => totalOf(one, names.get(one)!)).join('')}`, notes, isNothing };
}

function notesOf({ bill, gaps, days }: Ended, name: string): string[] {
  const { beside, currency } = bill;
  return [
    ...(gaps.length > 0
      ? [`${name}: nothing is known of ${count(gaps.length, 'day')} (${spans(gaps)}); not judged, and not taken for days without cost`]
      : []),
    ...(beside.averaged !== 0
      ? [`${name}: ${money(beside.averaged, currency)} of usage is booked over longer than a day; in the sums, but not judged`]
      : []),
    ...(beside['grouped otherwise'] !== 0
      ? [
          `${name}: ${money(beside['grouped otherwise'], currency)} of usage is grouped otherwise than on most days; in the sums, but not judged`,
        ]
      : []),
    ...(days === 0 && beside.averaged !== 0
      ? [`${name}: no day can be told from another. Save costs by day (Cost Explorer: --granularity DAILY)`]
      : []),
  ];
}

function totalOf({ bill, days, spent, stories, firstDay, lastDay }: Ended, name: string): string {
  if (days === 0) return '';
  const { beside, currency } = bill;
  const others = (['fee', 'tax', 'credit'] as const)
    .filter((kind) => beside[kind] !== 0)
    .map((kind) => `${kindWords[kind]} ${money(beside[kind], currency)}`);
  const counts = severities
    .map((severity) => ({ severity, number: stories.filter((story) => story.severity === severity).length }))
    .filter(({ number }) => number > 0)
    .reverse()
    .map(({ severity, number }) => `${number} ${severity}`);
  const excess = stories.reduce((sum, story) => sum + story.excess, 0);
  return `${name}: ${money(spent, currency)} of usage on ${count(days, 'day')}, ${firstDay} to ${lastDay}${endOf(bill.until, lastDay)}. ${
    stories.length > 0
      ? `${count(stories.length, 'story', 'stories')} (${counts.join(', ')}), ${money(excess, currency)} more than usual.`
      : 'No story.'
  }${others.length > 0 ? ` Not judged: ${listed(others)}.` : ''}\n`;
}
/** A last day that is not over. */
function endOf(until: number, lastDay: string): string {
  const end = new Date(until).toISOString();
  return until > 0 && end.startsWith(lastDay) && !end.includes('T23:59:59') ? ` (until ${end.slice(11, 16)} UTC)` : '';
}
const kindWords = { fee: 'fees', tax: 'taxes', credit: 'credits' };

/** The currency alone, unless several bills have it. */
function billName(bill: Ended['bill'], runs: readonly Ended[]): string {
  const same = runs.filter((run) => run.bill.currency === bill.currency);
  if (same.length === 1) return bill.currency;
  const clouds = same.filter((run) => run.bill.cloud === bill.cloud);
  return `${bill.currency} · ${bill.cloud}${clouds.length > 1 ? ` · payer ${bill.payer ?? 'unknown'}` : ''}`;
}

/** "2026-03-02, 2026-03-05 to 2026-03-09 and 4 more". */
function spans(days: readonly string[]): string {
  const found: { first: string; last: string }[] = [];
  for (const day of days) {
    const open = found.at(-1);
    if (open && addDays(open.last, 1) === day) open.last = day;
    else found.push({ first: day, last: day });
  }
  return listed(
    found.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)),
    4,
  );
}
