import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { finished } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
const header =
  'ChargePeriodStart,ChargePeriodEnd,BilledCost,BillingCurrency,ServiceName,RegionId,SubAccountId,SubAccountName,ProviderName,ChargeCategory';
/** Sixty ordinary days, then three of mining in a region never used. */
function costs(currency = 'USD'): string {
  const row = (n: number, amount: number, service: string, region: string, category = 'Usage') =>
    `${day(n)}T00:00:00Z,${day(n + 1)}T00:00:00Z,${amount},${currency},${service},${region},123456789012,production,AWS,${category}`;
  const rows = Array.from({ length: 63 }, (_, n) => row(n, 100 + (n % 3), 'Amazon EC2', 'us-east-1'));
  for (const n of [60, 61, 62]) rows.push(row(n, 900, 'Amazon EC2', 'ap-northeast-1'));
  rows.push(row(31, 500, 'AWS Support', '', 'Purchase'));
  return `${[header, ...rows].join('\n')}\n`;
}
function written(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
const lines = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('backtest', () => {
  it('prints what would have been told as NDJSON, and nothing else on standard output', async () => {
    const file = written('costs.csv.gz', gzipSync(costs()));

    const { code, out, err } = await finished(['backtest', file, '--json', '--summary', '--usual-monthly', '3000']);

    expect(lines(out)).toMatchObject([
      {
        check: 'spend/above-own-history',
        severity: 'critical',
        day: '2026-03-02',
        account: '123456789012',
        service: 'Amazon EC2',
        region: 'ap-northeast-1',
        usd: 900,
        expectedUsd: 0,
        excessUsd: 900,
        currency: 'USD',
        title: '$900 on Amazon EC2 in ap-northeast-1, a region that never cost anything',
      },
    ]);
    expect(err).toContain('1 critical  2026-03-02 – 2026-03-04  goes on  production  ap-northeast-1');
    expect(err).toContain(
      'USD: $9,063 of usage on 63 days, 2026-01-01 to 2026-03-04. 1 story (1 critical), $2,700 more than usual. Not judged: fees $500.',
    );
    expect(code).toBe(0);
  });

  it('says amounts of another currency beside the ones in dollars, which are null', async () => {
    const file = written('euro.csv', costs('EUR'));

    const { out } = await finished(['backtest', file, '--json', '--usual-monthly', '3000']);

    expect(lines(out)).toMatchObject([
      { usd: null, expectedUsd: null, excessUsd: null, amount: 900, expected: 0, excess: 900, currency: 'EUR' },
    ]);
  });

  it('tells only of the days that were asked for, and draws the story', async () => {
    const file = written('days.csv', costs());
    const picture = join(folder, 'story.png');

    const whole = await finished(['backtest', file, '--usual-monthly', '123456789012=3000', '--from', '2026-03-03', '--chart', picture]);
    const before = await finished(['backtest', file, '--usual-monthly', '3000', '--to', '2026-03-01', '--chart', picture]);

    expect(whole.out).toContain('1 critical  2026-03-03 – 2026-03-04');
    expect(whole.code).toBe(0);
    expect([...readFileSync(picture).subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(before.out).toContain('Nothing was out of the ordinary.');
    expect(before.err).toBe('There is no picture: nothing was out of the ordinary.\n');
    expect(before.code).toBe(1);
  });

  it('names with file and line what it could not read, and what it could not judge, and exits with 1', async () => {
    const broken = written('broken.csv', costs().replace(',102,', ',twelve,'));
    const months = written(
      'months.json',
      JSON.stringify({
        GroupDefinitions: [],
        ResultsByTime: [
          { TimePeriod: { Start: '2026-01-01', End: '2026-02-01' }, Total: { UnblendedCost: { Amount: '310', Unit: 'USD' } } },
        ],
      }),
    );

    const lost = await finished(['backtest', broken]);
    const unjudged = await finished(['backtest', months]);

    expect(lost.err).toContain(`${broken}:4: the cost is “twelve”, not a number with a decimal point; left out`);
    expect(lost.err).toContain('USD: nothing is known of 1 day (2026-01-03); not judged, and not taken for days without cost');
    expect(unjudged.err).toContain(`${months}:1: is by month`);
    expect(unjudged.err).toContain('Save costs by day (Cost Explorer: --granularity DAILY)');
    expect(unjudged.err).toContain('Nothing could be judged');
    expect([lost.code, unjudged.code]).toEqual([1, 1]);
  });

  it('refuses what makes no sense with 2', async () => {
    const file = written('fine.csv', costs());

    for (const options of [
      [file, '--from', '2026-02-01', '--to', '2026-01-01'],
      [],
      [file, '--from', 'yesterday'],
      [file, '--usual-monthly', 'much'],
      [file, '--story', '0'],
    ]) {
      const { code, err } = await finished(['backtest', ...options]);
      expect([options, code, err.includes('--help')]).toEqual([options, 2, true]);
    }
  });
});
