/** `backtest`: what would have been said of saved costs, day by day. */
import { billsOf, type SavedBill } from '../adapters/costs/bills.ts';
import { readSeries, type SavedSeries } from '../adapters/costs/read.ts';
import { type Backtest, createBacktest } from '../bot/backtest.ts';
import { backtestLine } from '../bot/backtest-words.ts';
import { aboveOwnHistory } from '../checks/spend/above-own-history.ts';
import { dayOf } from '../checks/spend/days.ts';
import type { UsualCost } from '../checks/spend/judge.ts';
import { drawStory } from './backtest-chart.ts';
import { backtestSummary } from './backtest-summary.ts';
import { printable, progress } from './terminal.ts';

/** Of one account, or of every account nothing else is said of. */
export type UsualMonthly = { account?: string; amount: number };
type Options = {
  usualMonthly?: UsualMonthly[];
  from?: string;
  to?: string;
  json?: boolean;
  summary?: boolean;
  chart?: string;
  story?: number;
};
type Run = { bill: SavedBill; test: Backtest };
export type Ended = Run & ReturnType<Backtest['end']>;

/** Exit code 1 when a file could not be read in full, or nothing in it could be judged. */
export async function backtest(files: string[], { usualMonthly = [], from, to, json, summary, chart, story }: Options): Promise<void> {
  const bar = progress();
  const saved = await readSeries(files, {
    onProblem({ file, line, text, lost }) {
      bar.clear();
      process.stderr.write(`${printable(`${file}${line === undefined ? '' : `:${line}`}: ${text}`)}\n`);
      if (lost) process.exitCode = 1;
    },
  });
  let stories = 0;
  const runs = billsOf(saved).map((bill): Run => {
    const usual = usualOf(bill, usualMonthly);
    return { bill, test: createBacktest(bill, usual, () => (stories += 1)) };
  });
  for (const day of daysOf(runs)) {
    if (to !== undefined && day > to) break;
    bar.show(day);
    for (const { test } of runs) {
      // Days before the first one asked for are only history.
      if (from !== undefined && day < from) test.learn(day);
      else for (const told of test.take(day)) if (json) process.stdout.write(`${JSON.stringify(backtestLine(told, aboveOwnHistory.id))}\n`);
    }
  }
  bar.clear();
  const ended = runs.map(({ bill, test }): Ended => ({ bill, test, ...test.end() }));
  const { text, notes, isNothing } = backtestSummary(ended, nameOf(saved));
  for (const note of notes) process.stderr.write(`${printable(note)}\n`);
  if (isNothing) process.exitCode = 1;
  if (summary || !json) (json ? process.stderr : process.stdout).write(text);
  if (!chart) return;
  const why = await drawStory(chart, story, ended, nameOf(saved));
  if (why) {
    process.stderr.write(`There is no picture: ${why}\n`);
    process.exitCode = 1;
  }
}

function usualOf({ series }: SavedBill, said: readonly UsualMonthly[]): UsualCost {
  const all = said.find(({ account }) => account === undefined)?.amount;
  const usualMonthly: Record<string, number> = {};
  if (all !== undefined) for (const { account } of series) usualMonthly[account] = all;
  for (const { account, amount } of said) if (account !== undefined) usualMonthly[account] = amount;
  return { usualMonthly };
}

/** Every day from the first to the last of which anything is known. */
function* daysOf(runs: readonly Run[]): Generator<string> {
  const all = runs.flatMap(({ bill }) => bill.series);
  const first = all.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  const end = all.reduce((most, { from, amounts }) => Math.max(most, from + amounts.length), 0);
  for (let day = first; day < end; day += 1) yield dayOf(day);
}

function nameOf({ accounts }: SavedSeries): (account: string) => string {
  const names = new Map(accounts.map(({ scope, name }) => [scope.id, name]));
  return (account) => names.get(account) ?? account;
}
