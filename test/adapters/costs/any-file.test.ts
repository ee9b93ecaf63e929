import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { billsOf } from '../../../src/adapters/costs/bills.ts';
import { type CostProblem, readCosts, readSeries } from '../../../src/adapters/costs/read.ts';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'costs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
async function file(content: string | Uint8Array): Promise<string> {
  files += 1;
  const path = join(folder, `${files}`);
  await writeFile(path, content);
  return path;
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const columns = [
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'BilledCost',
  'BillingCurrency',
  'ServiceName',
  'RegionId',
  'SubAccountId',
  'ProviderName',
  'ChargeCategory',
  'ResourceId',
];
const row = fc.record({
  hour: fc.nat(24 * 60),
  cents: fc.integer({ min: 1, max: 100_000 }),
  currency: fc.constantFrom('USD', 'EUR'),
  service: fc.constantFrom('Amazon EC2', 'a "quoted", name', 'two\nlines', 'Größe'),
  region: fc.constantFrom('us-east-1', '', 'eu-west-1'),
  account: fc.constantFrom('123456789012', '210987654321'),
  category: fc.constantFrom('Usage', 'Usage', 'Purchase', 'Tax'),
});
type Row = { hour: number; cents: number; currency: string; service: string; region: string; account: string; category: string };
const time = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
/** Each row is of a resource of its own. */
const table = (rows: Row[]): string =>
  [
    columns.join(','),
    ...rows.map((one, n) =>
      [
        time(one.hour),
        time(one.hour + 1),
        (one.cents / 100).toString(),
        one.currency,
        one.service,
        one.region,
        one.account,
        'AWS',
        one.category,
        `i-${n}`,
      ]
        .map(quoted)
        .join(','),
    ),
  ].join('\r\n');
const answers = (rows: Row[]) => [
  {
    GroupDefinitions: ['LINKED_ACCOUNT', 'SERVICE'].map((Key) => ({ Type: 'DIMENSION', Key })),
    ResultsByTime: rows.map((one, n) => ({
      TimePeriod: { Start: time(n), End: time(n + 1) },
      Groups: [{ Keys: [one.account, one.service], Metrics: { UnblendedCost: { Amount: `${one.cents / 100}`, Unit: one.currency } } }],
    })),
  },
];

describe('any rows', () => {
  it('add up to what they say, whatever form they are in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.constantFrom('plain', 'gzipped', 'UTF-16', 'twice'),
        async (rows, form) => {
          const text = table(rows);
          const written = await file(
            form === 'gzipped' ? gzipSync(text) : form === 'UTF-16' ? Buffer.from(`\ufeff${text}`, 'utf16le') : text,
          );
          const paths = form === 'twice' ? [written, await file(gzipSync(text))] : [written];
          const problems: CostProblem[] = [];

          const { costs } = await readCosts(paths, { onProblem: (problem) => problems.push(problem) });

          const wanted = new Map<string, number>();
          for (const one of rows) {
            const key = `${time(one.hour).slice(0, 10)} ${one.currency} ${one.category === 'Usage' ? 'usage' : one.category === 'Tax' ? 'tax' : 'fee'}`;
            wanted.set(key, (wanted.get(key) ?? 0) + one.cents);
          }
          const found = new Map<string, number>();
          for (const one of costs) {
            const key = `${one.day} ${one.currency} ${one.charge}`;
            found.set(key, (found.get(key) ?? 0) + one.amount * 100);
          }
          expect([...found].map(([key, cents]) => [key, Math.round(cents)]).sort()).toEqual([...wanted].sort());
          expect(problems.filter(({ lost }) => lost)).toEqual([]);
        },
      ),
      { seed: 4, numRuns: 60 },
    );
  });

  it('are the same rows with quotation marks and without, from any line on, with any line ends', async () => {
    const simple = row.map((one) => ({ ...one, service: 'Amazon EC2' }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(simple, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (rows, from, end) => {
          // Every fifth row is broken, so that its line is told.
          const lines = table(rows)
            .split('\r\n')
            .map((line, n) => (n % 5 === 4 ? line.replace(/"2026-/, '"x2026-') : line));
          const bare = (line: string) => line.replaceAll('"', '');
          const read = async (text: string) => {
            const problems: string[] = [];
            const { costs } = await readCosts([await file(text)], {
              onProblem: (problem) => problems.push(`${problem.line}: ${problem.text}`),
            });
            return { costs, problems };
          };

          const quotedRows = await read(lines.join(end));
          const bareRows = await read(`\ufeff${lines.map(bare).join(end)}${end}`);
          const mixed = await read(lines.map((line, n) => (n < from % (lines.length + 1) ? bare(line) : line)).join(end));

          expect(bareRows).toEqual(quotedRows);
          expect(mixed).toEqual(quotedRows);
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  it('are judged without a cent too many or too few: bills hold all usage, and beside it all else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const saved = await readSeries([await file(table(rows))], { onProblem: () => undefined });

        const bills = billsOf(saved);

        for (const currency of ['USD', 'EUR']) {
          const own = bills.filter((one) => one.currency === currency);
          const sum = (amounts: number[]) => Math.round(amounts.reduce((total, amount) => total + amount, 0));
          const used = sum(own.flatMap(({ series }) => series.flatMap(({ amounts }) => [...amounts].map((amount) => 100 * amount))));
          const beside = sum(own.flatMap((one) => Object.values(one.beside).map((amount) => 100 * amount)));
          const of = (wanted: (one: Row) => boolean) =>
            sum(rows.filter((one) => one.currency === currency && wanted(one)).map(({ cents }) => cents));
          expect(used).toBe(of(({ category }) => category === 'Usage'));
          expect(beside).toBe(of(({ category }) => category !== 'Usage'));
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('any bytes', () => {
  it('are read or named, and never end the reading of the other files', async () => {
    const good = await file(
      table([{ hour: 1, cents: 700, currency: 'USD', service: 'good', region: 'us-east-1', account: '123456789012', category: 'Usage' }]),
    );
    const whole = fc.array(row, { minLength: 1, maxLength: 10 }).chain((rows) =>
      fc.constantFrom(
        Buffer.from(table(rows)),
        gzipSync(table(rows)),
        Buffer.from(JSON.stringify(answers(rows))),
        Buffer.from(
          answers(rows)
            .map((one) => JSON.stringify(one, null, 1))
            .join(''),
        ),
      ),
    );
    const broken = fc
      .tuple(whole, fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 30 }))
      .map(([bytes, at, gone, put]) =>
        Buffer.concat([bytes.subarray(0, at % bytes.length), put, bytes.subarray((at % bytes.length) + (gone % 50))]),
      );

    await fc.assert(
      fc.asyncProperty(fc.oneof(broken, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const bad = await file(bytes);
        const problems: CostProblem[] = [];

        const { costs } = await readCosts([bad, good], { onProblem: (problem) => problems.push(problem) });

        expect(costs.filter(({ service }) => service === 'good')).toMatchObject([{ amount: 7 }]);
        expect(costs.every(({ amount, day }) => Number.isFinite(amount) && /^2\d{3}-\d{2}-\d{2}$/.test(day))).toBe(true);
        if (costs.length === 1) expect(problems.length).toBeGreaterThan(0);
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});
