/** `digest`: today's from the store, or one from saved cost files. */
import { writeFile } from 'node:fs/promises';
import { drawSpend } from '../adapters/chart/chart.ts';
import { systemClock } from '../adapters/clock.ts';
import { readCosts } from '../adapters/costs/read.ts';
import { digestAccounts, digestInput } from '../bot/digest/from-store.ts';
import { type DigestInput, digest, digestJson, savedInput } from '../bot/digest.ts';
import type { Policy } from '../bot/people.ts';
import { asPlainText } from '../bot/plain.ts';
import { policyOf } from '../config.ts';
import { endpointsElsewhere, openConfig, openData } from './open.ts';

type Options = { costs?: string[]; day?: string; chart?: string; json?: boolean };

/** Exit code 1 when a file could not be read in full. */
export async function printDigest({ costs, day, chart, json }: Options): Promise<void> {
  const input = costs ? await fromFiles(costs, day) : await fromStore(day);
  const made = digest(input);
  if (json) process.stdout.write(`${JSON.stringify(digestJson(input))}\n`);
  else process.stdout.write(`${asPlainText(made.message, input.now)}\n`);
  if (!chart) return;
  if (made.chart) await writeFile(chart, (await drawSpend(made.chart)).png);
  else {
    process.stderr.write('There is no picture: no cost of the days before is known.\n');
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

async function fromStore(day: string | undefined): Promise<DigestInput> {
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
    });
    return { ...input, full: true, ...(day ? { day } : {}) };
  } finally {
    await store.close();
  }
}
