import { createRandom } from '../src/adapters/simulated/random.ts';
import { dayNumber, dayOf } from '../src/checks/spend/days.ts';
import { createSpendLedger, type SpendRow } from '../src/checks/spend/judge.ts';
import type { Measure } from './support/figure.ts';

const accounts = 50;
const services = 20;
const regions = 10;
const days = 400;

export const measure: Measure = {
  about:
    'Spend: 10,000 parts of a bill (50 accounts, 20 services, 10 regions) over 400 days: put in, then judged one day after the other. One core. Judging is what the target is about.',
  async run() {
    const chance = createRandom(1, 'judge');
    const parts = Array.from({ length: accounts * services * regions }, (_, n) => ({
      account: String(100_000_000_000 + (n % accounts)),
      service: `Service ${Math.floor(n / accounts) % services}`,
      region: `region-${Math.floor(n / (accounts * services))}`,
      level: Math.exp(1 + 1.5 * chance.normal()),
    }));
    const dates = Array.from({ length: days }, (_, day) => dayOf(dayNumber('2025-01-01') + day));
    const ledger = createSpendLedger();
    let putting = 0;
    for (const day of dates) {
      const rows: SpendRow[] = parts.map(({ level, ...part }) => ({ ...part, day, amount: level * (1 + 0.1 * chance.normal()) }));
      const began = performance.now();
      for (const row of rows) ledger.put(row);
      putting += performance.now() - began;
    }
    const before = process.cpuUsage();
    const began = performance.now();
    for (const day of dates) ledger.judge(day);
    const judging = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    const note = `${((user + system) / 1e6).toFixed(2)} s of processor time`;
    return [
      { what: '10,000 × 400 judged', value: judging / 1000, unit: 's', atMost: 2, note },
      { what: 'put in', value: putting / 1000, unit: 's' },
    ];
  },
};
