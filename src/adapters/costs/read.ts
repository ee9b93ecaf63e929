/**
 * Saved cost files, as a provider's billing export or a command line wrote them: FOCUS CSV (1.0 and later), AWS Cost and Usage Reports as CSV and
 * Cost Explorer `GetCostAndUsage` JSON, each plain or gzipped. What a file is, is seen from its first bytes, not from its name. Files are read as
 * streams and summed at once, so that an export of gigabytes needs no more memory than its days, accounts, services and regions.
 */
import { realpath, stat } from 'node:fs/promises';
import type { Cost } from '../../bot/digest.ts';
import { createPages, readPages } from './cost-explorer.ts';
import { createDoubles } from './doubles.ts';
import { openCosts } from './open.ts';
import { type CostProblem, type Measure, reason } from './problem.ts';
import { type BillName, type CostSeries, createSums, type Sums } from './sums.ts';
import { readTable } from './table.ts';
import { createAnswers } from './views.ts';

export type { CostProblem, Measure } from './problem.ts';
export type SavedCosts = {
  /** By day, account, service, region, charge and currency, in that order. */
  costs: Cost[];
  accounts: { scope: Cost['scope']; name: string }[];
};
export type SavedSeries = {
  series: CostSeries[];
  accounts: SavedCosts['accounts'];
  /** Is it known of a day that nothing was spent? */
  isCovered(bill: BillName, day: number): boolean;
};
type Options = { measure?: Measure; onProblem(problem: CostProblem): void };

/** Reads every file it can; a broken one is a problem and does not keep the rest from being read. Never throws for a file's content. */
export async function readCosts(paths: string[], options: Options): Promise<SavedCosts> {
  const sums = await readSums(paths, options);
  return { costs: sums.costs(), accounts: sums.accounts() };
}

/** The same as arrays of days, one a series: for many series over a long time. */
export async function readSeries(paths: string[], options: Options): Promise<SavedSeries> {
  const sums = await readSums(paths, options);
  return { series: sums.all(), accounts: sums.accounts(), isCovered: sums.isCovered };
}

async function readSums(paths: string[], { measure = 'billed', onProblem }: Options): Promise<Sums> {
  const sums = createSums();
  const doubles = createDoubles();
  const pages = createPages();
  const answers = createAnswers();
  const seen = new Set<string>();
  for (const file of paths) {
    const tell = (text: string, lost: boolean, line?: number) => onProblem({ file, text, lost, ...(line === undefined ? {} : { line }) });
    try {
      const real = await realpath(file);
      if (seen.has(real)) {
        tell('this file was named twice; it is counted once', false);
        continue;
      }
      seen.add(real);
      if ((await stat(real)).isDirectory()) {
        tell('this is a folder; name the files in it', true);
        continue;
      }
      const { stream, holds } = await openCosts(real);
      switch (holds.kind) {
        case 'json':
          await readPages(stream, { file, measure, sums, answers, pages, tell });
          break;
        case 'table':
          await readTable(stream, { measure, sums, doubles, delimiter: holds.delimiter, tell });
          break;
        case 'nothing':
          stream.destroy();
          tell('the file is empty', true);
          break;
        case 'other':
          stream.destroy();
          tell(`not read: ${holds.why}`, true);
          break;
        default:
          holds satisfies never;
      }
    } catch (error) {
      tell(`could not be read: ${reason(error)}`, true);
    }
  }
  pages.finish(onProblem);
  const told = daysOfAws(sums);
  answers.finish(sums, onProblem, (day) => told.has(day));
  return sums;
}

/** The days of which tables tell what AWS charges. */
function daysOfAws(sums: Sums): Set<number> {
  const days = new Set<number>();
  for (const { scope, from, marks } of sums.all())
    if (scope.cloud === 'aws') for (let at = 0; at < marks.length; at += 1) if (marks[at]) days.add(from + at);
  return days;
}
