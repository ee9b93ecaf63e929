import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { translateCloudTrail } from '../src/adapters/aws/translate/cloudtrail.ts';
import { openStore } from '../src/adapters/store/store.ts';
import type { Batch } from '../src/bot/ports.ts';
import { type Measure, median, slowest } from './support/figure.ts';
import { madeUpRecords } from './support/made-up-logs.ts';

const batches = 100;
/** What one page of LookupEvents brings. */
const eventsEach = 50;

export const measure: Measure = {
  about: 'Store.keep of pages of 50 records with their observations and scrubbed raw records, in a file, on the disk before it returns.',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-bench-'));
    const store = await openStore({ file: join(folder, 'bench.db'), auditKey: Buffer.alloc(32, 1) });
    try {
      const pages = madeUpPages();
      const source = { name: 'aws/audit-log', scope: { cloud: 'aws', level: 'account', id: '123456789012' } } as const;
      const timed = async () => {
        const ms: number[] = [];
        for (const page of pages) {
          const began = performance.now();
          await store.keep(source, page);
          ms.push(performance.now() - began);
        }
        return ms;
      };
      const fresh = await timed();
      const again = await timed();
      const observations = pages.reduce((sum, page) => sum + page.observations.length, 0);
      const perSecond = (ms: number[]) => observations / (ms.reduce((sum, one) => sum + one, 0) / 1000);
      return [
        { what: 'observations kept', value: perSecond(fresh), unit: '/s' },
        { what: 'a page of 50 records (middle)', value: median(fresh), unit: 'ms', note: `slowest ${slowest(fresh).toFixed(0)} ms` },
        { what: 'observations heard again, unchanged', value: perSecond(again), unit: '/s' },
      ];
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function madeUpPages(): Batch[] {
  const fromMs = Date.parse('2026-08-01T00:00:00Z');
  const records = madeUpRecords({ seed: 4, fromMs, toMs: fromMs + 86_400_000, count: batches * eventsEach });
  return Array.from({ length: batches }, (_, page) => {
    const few = records.slice(page * eventsEach, (page + 1) * eventsEach).map((record) => ({ record, ...translated(record) }));
    return {
      observations: few.flatMap(({ observations }) => observations),
      raw: Object.fromEntries(few.map(({ record, raw }) => [String(record.eventID), raw])),
      cursors: { 'us-east-1': String(page) },
    };
  });
}

function translated(record: Record<string, unknown>) {
  const { observations, raw } = translateCloudTrail(record, { heard: '2026-08-02T00:00:00.000Z', by: 'aws/audit-log' });
  return { observations, raw };
}
