import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daysBetween } from '../../src/bot/forecast.ts';
import { account } from './guarded.ts';
import { configured, finished } from './program.ts';
import { people } from './room.ts';

const folder = mkdtempSync(join(tmpdir(), 'digest-'));
const columns =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,RegionId,SubAccountId,SubAccountName';
/** A hundred dollars a day, and on the last day of them 400 in a region never used before. */
const bill = (): string => {
  const rows = daysBetween('2026-08-01', '2026-09-20').map(
    (day) => `100,USD,Usage,${day}T00:00:00Z,,Amazon EC2,us-east-1,${account},production`,
  );
  const file = join(folder, 'bill.csv');
  writeFileSync(file, [columns, ...rows, `400,USD,Usage,2026-09-20T00:00:00Z,,Amazon EC2,ap-south-1,${account},production`].join('\n'));
  return file;
};

describe('digest', () => {
  it('tells a day, a week and a month of a saved bill, with its parts and its picture', async () => {
    const file = bill();
    const picture = join(folder, 'day.png');

    const day = await finished(['digest', '--costs', file, '--chart', picture]);
    const week = await finished(['digest', '--costs', file, '--week', '--day', '2026-09-13']);
    const month = await finished(['digest', '--costs', file, '--month', '--json']);

    expect(day).toMatchObject({ code: 0, err: '' });
    expect(day.out).toMatch(/That day +\$500 \(Sunday 20 September, UTC\) · a usual Sunday here: \$100 \(\+400 %\)/);
    expect(day.out).toMatch(/Unusual +Money is being spent in ap-south-1 where production never spent any\./);
    expect(day.out).toContain('What Sunday 20 September was made of');
    expect(readFileSync(picture).subarray(1, 4).toString()).toBe('PNG');
    expect(week.out).toContain('Week of 7 – 13 September');
    expect(week.out).toContain('$700 · a usual week: $700 · the week before: $700');
    expect(JSON.parse(month.out)).toMatchObject({
      from: '2026-09-01',
      upTo: '2026-09-20',
      currencies: [{ usage: 2400, before: { usage: 2000, days: 20 } }],
    });
  });

  it('tells of a store without costs why there are none, and what helps', async () => {
    const { file } = configured({ people, accounts: [{ cloud: 'aws', account, name: 'production' }], chat: { console: {} } });

    const told = await finished(['digest', '--week'], { env: { CLOUDWARDEN_CONFIG: file } });

    expect(told.code).toBe(0);
    expect(told.out).toContain('not known: no cost data has been read yet');
    expect(told.out).toContain('bin/cloudwarden doctor');
  });

  it('takes a week or a month, not both', async () => {
    const both = await finished(['digest', '--week', '--month']);

    expect(both.code).toBe(2);
    expect(both.err).toContain('--month');
  });
});
