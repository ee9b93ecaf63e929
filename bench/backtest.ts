import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { billsOf } from '../src/adapters/costs/bills.ts';
import { readSeries } from '../src/adapters/costs/read.ts';
import { createRandom } from '../src/adapters/simulated/random.ts';
import { createBacktest } from '../src/bot/backtest.ts';
import { daysBetween } from '../src/bot/forecast.ts';
import { addDays } from '../src/bot/words.ts';
import type { Measure } from './support/figure.ts';

const parts = 10_000;
const first = '2025-10-01';
const days = daysBetween(first, addDays(first, 399));

export const measure: Measure = {
  about:
    'Spend: a FOCUS export of 10,000 parts of a bill over 400 days, four million rows, read as a stream and judged day by day, as `backtest` does. One core.',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    try {
      const file = join(folder, 'costs.csv');
      const bytes = await write(file);
      const began = performance.now();
      const saved = await readSeries([file], { onProblem: ({ text }) => process.stderr.write(`${text}\n`) });
      const read = performance.now();
      let told = 0;
      for (const bill of billsOf(saved)) {
        const test = createBacktest(bill, {}, () => 0);
        for (const day of days) told += test.take(day).length;
      }
      const judged = performance.now();
      return [
        { what: 'reading four million rows', value: (read - began) / 1000, unit: 's', note: `${Math.round(bytes / 1e6)} MB of text` },
        { what: 'judging 400 days of them', value: (judged - read) / 1000, unit: 's', note: `${told} lines told` },
        { what: 'memory at most', value: process.resourceUsage().maxRSS / 1024, unit: 'MB' },
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function write(file: string): Promise<number> {
  const chance = createRandom(4, 'backtest');
  const out = createWriteStream(file);
  out.write('ChargePeriodStart,ChargePeriodEnd,BilledCost,BillingCurrency,ServiceName,RegionId,SubAccountId,ProviderName,ChargeCategory\n');
  const levels = Array.from({ length: parts }, () => Math.exp(1 + 1.5 * chance.normal()));
  for (const day of days) {
    const rows = levels.map(
      (level, n) =>
        `${day}T00:00:00Z,${addDays(day, 1)}T00:00:00Z,${(level * (1 + 0.1 * chance.normal())).toFixed(10)},USD,Service ${Math.floor(n / 50) % 20},region-${Math.floor(n / 1000)},${100_000_000_000 + (n % 50)},AWS,Usage\n`,
    );
    if (!out.write(rows.join(''))) await new Promise((drained) => out.once('drain', drained));
  }
  out.end();
  await finished(out);
  return out.bytesWritten;
}
