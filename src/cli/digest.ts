/** `digest`: today's from the store, that of a week or a month, or one from saved cost files. */
import { writeFile } from 'node:fs/promises';
import { drawSpend } from '../adapters/chart/chart.ts';
import { systemClock } from '../adapters/clock.ts';
import { readCosts } from '../adapters/costs/read.ts';
import { digestAccounts, digestInput, type View } from '../bot/digest/from-store.ts';
import { type DigestInput, digest, digestJson, savedInput, summary, summaryJson } from '../bot/digest.ts';
import type { Policy } from '../bot/people.ts';
import { asPlainText } from '../bot/plain.ts';
import { moneyOf, policyOf } from '../config.ts';
import { endpointsElsewhere, openConfig, openData } from './open.ts';

type Options = { costs?: string[]; day?: string; week?: boolean; month?: boolean; chart?: string; json?: boolean };

/** Exit code 1 when a file could not be read in full. */
export async function printDigest({ costs, day, week, month, chart, json }: Options): Promise<void> {
  const view: View = week ? 'week' : month ? 'month' : 'day';
  const input = costs ? await fromFiles(costs, day) : await fromStore(view, day);
  const made = view === 'day' ? digest(input) : summary(input, view);
  if (json) process.stdout.write(`${JSON.stringify(view === 'day' ? digestJson(input) : summaryJson(input, view))}\n`);
  else
    for (const text of [made.message, made.details].flatMap((one) => (one ? [asPlainText(one, input.now)] : [])))
      process.stdout.write(`${text}\n`);
  if (!chart) return;
  if (made.chart) await writeFile(chart, (await drawSpend(made.chart)).png);
  else {
    process.stderr.write('There is no picture: no cost of those days is known.\n');
    process.exitCode = 1;
  }
}

async function fromFiles(files: string[], day: string | undefined): Promise<DigestInput> {
  const { costs, accounts } = await readCosts(files, {
    onProblem({ file, line, text, lost }) {
      process.stderr.write(`${file}${line === undefined ? '' : `:${line}`}: ${text}\n`);
      if (lost) process.exitCode = 1;
    },
  });
  const nobody: Policy = {
    people: [],
    expiresSeconds: 900,
    twoPeopleAboveUsdPerHour: 0,
    mostResources: 0,
    actions: 'off',
    pageAfterSeconds: 0,
    zone: 'UTC',
  };
  return savedInput(costs, accounts, nobody, systemClock.now(), day);
}

async function fromStore(view: View, day: string | undefined): Promise<DigestInput> {
  const { config, log } = openConfig();
  const store = await openData(config.data, log);
  try {
    const accounts = config.accounts.map((one) => ({
      scope: { cloud: one.cloud, id: one.account },
      name: one.name,
      ...(one.usualMonthly === undefined ? {} : { usualMonthlyUsd: one.usualMonthly }),
    }));
    const input = await digestInput(store, {
      now: systemClock.now(),
      zone: config.digest.zone,
      accounts: digestAccounts(accounts),
      policy: policyOf(config),
      endpointsElsewhere: endpointsElsewhere(),
      notices: [],
      ...moneyOf(config),
      view,
      ...(day ? { day } : {}),
    });
    return { ...input, full: true };
  } finally {
    await store.close();
  }
}
