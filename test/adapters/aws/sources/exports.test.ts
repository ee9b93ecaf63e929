import { GetObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { type Diagnosis, diagnoseAws } from '../../../../src/adapters/aws/doctor.ts';
import { type ExportOptions, exportsOfCosts, type ReadBill } from '../../../../src/adapters/aws/sources/exports.ts';
import { focusLines } from '../../../../src/adapters/costs/focus-lines.ts';
import type { Observation } from '../../../../src/checks/observation.ts';
import { account, billing } from './bills.ts';

const address = 's3://example-billing/focus/daily';
const delivered = { bucket: 'example-billing', prefix: 'focus/daily', version: '1.0', format: 'csv', months: 3 } as const;
const bill = `
costs:
  - { service: Amazon EC2, region: eu-west-1, perDay: 24, noise: 0, usageType: "EU-BoxUsage:m5.large", resource: i-0abc, tags: { team: web } }
  - { service: Amazon EC2, region: eu-west-1, perDay: 6, noise: 0, usageType: EU-EBS-Usage }
  - { service: Amazon EC2, region: us-east-1, perDay: 5, noise: 0, charge: SavingsPlanCoveredUsage, usageType: "BoxUsage:c5.large" }
  - { service: Amazon EC2, region: eu-west-1, perDay: -4, noise: 0, charge: Credit }
  - { service: Tax, region: NoRegion, perDay: 9, noise: 0, charge: Tax, dayOfMonth: 8 }
  - { service: Amazon EC2, region: eu-west-1, perDay: 70, noise: 0, account: "999988887777" }`;

const open = (options: Partial<ExportOptions> = {}, more: object = {}) =>
  billing(bill, (sight, store) => [exportsOfCosts(sight as never, { address, read: focusLines, told: store.costs, ...options })], {
    exports: { ...delivered, ...more },
  });
const looks = (seen: Observation[]) => seen.flatMap((one) => (one.kind === 'look.finished' ? [[one.complete, one.gap, one.upTo]] : []));

describe('a Data Export in FOCUS', () => {
  it.each(['1.0', '1.2'] as const)('tells the account’s bill of this month and the last, version %s', async (version) => {
    const { store, look } = await open({}, { version });

    const seen = await look();

    const day = await store.costs('2026-03-08', '2026-03-08');
    expect(
      day.map(({ scope, region, service, charge, recordType, amount }) => [scope.id, region, service, charge, recordType, amount]),
    ).toEqual([
      [account, 'eu-west-1', 'Amazon EC2', 'usage', undefined, 30],
      [account, 'global', 'Amazon EC2', 'credit', 'Covered by a commitment', -5],
      [account, 'global', 'Amazon EC2', 'credit', 'Credit', -4],
      [account, 'global', 'Tax', 'tax', 'Tax', 9],
      [account, 'us-east-1', 'Amazon EC2', 'usage', undefined, 5],
    ]);
    const days = [...new Set((await store.costs('2025-01-01', '2026-12-31')).map((row) => row.day))];
    expect([days[0], days.at(-1)]).toEqual(['2026-02-01', '2026-03-09']);
    expect(looks(seen)).toEqual([[true, undefined, '2026-03-10T00:00:00.000Z']]);
  });

  it('tells all accounts of a payer', async () => {
    const { store, look } = await open({ payer: { covers: [] } });

    await look();

    expect(
      (await store.costs('2026-03-07', '2026-03-07'))
        .filter(({ charge }) => charge === 'usage')
        .map(({ scope, amount }) => [scope.id, amount]),
    ).toEqual([
      [account, 30],
      [account, 5],
      ['999988887777', 70],
    ]);
  });

  it('tells teams by a tag, and what caused the most', async () => {
    const { store, look } = await open({ tag: 'team' });

    await look();

    expect((await store.costs('2026-03-07', '2026-03-07', 'team')).map(({ team, amount }) => [team, amount])).toEqual([
      ['', 11],
      ['web', 24],
    ]);
    const causes = await store.costs('2026-03-07', '2026-03-07', 'cause');
    expect(causes.map(({ region, usageType, resource, amount }) => [region, usageType, resource, amount])).toEqual([
      ['eu-west-1', 'EU-BoxUsage:m5.large', 'i-0abc', 24],
      ['eu-west-1', 'EU-EBS-Usage', undefined, 6],
      ['us-east-1', 'BoxUsage:c5.large', undefined, 5],
    ]);
  });

  it('is read again only when it was delivered anew', async () => {
    const { look, clock, session, pages } = await open();
    await look();
    const first = pages();
    await clock.advance(3600);
    const unchanged = await look();
    const second = pages();
    await clock.advance(12 * 3600);

    const seen = await look();

    // Two months: a manifest and two files each. Then the list alone, which told nothing new.
    expect(first).toEqual({ 's3:ListBucket': 1, 's3:GetObject': 6 });
    expect(second).toEqual({ 's3:ListBucket': 1 });
    expect(unchanged.map(({ kind }) => kind)).toEqual(['look.finished']);
    expect(seen.length).toBeGreaterThan(1);
    expect(session.scope.id).toBe(account);
  });

  it('takes the place of what another source told of its days, and of no later ones', async () => {
    const { store, look } = await open();
    const place = { scope: { cloud: 'aws', level: 'account', id: account } as const, region: 'eu-west-1' };
    const told = (day: string): Observation => ({
      ...{
        kind: 'spend.recorded',
        id: day,
        at: `${day}T12:00:00.000Z`,
        heard: '2026-03-10T08:00:00.000Z',
        by: 'aws/costs',
        place,
        evidence: [],
      },
      ...{
        day,
        service: 'Amazon Elastic Compute Cloud - Compute',
        cost: { amount: 7, currency: 'USD', usd: 7 },
        charge: 'usage',
        provisional: true,
      },
    });
    const days = ['2026-01-31', '2026-03-08', '2026-03-10'];
    await store.keep({ name: 'aws/costs', scope: place.scope }, { observations: days.map(told), raw: {}, cursors: {} });

    await look();

    const left = (await store.costs('2026-01-01', '2026-03-31')).filter(({ service }) => service.startsWith('Amazon Elastic'));
    expect(left.map(({ day, amount }) => [day, amount])).toEqual([
      ['2026-01-31', 7],
      ['2026-03-08', 0],
      ['2026-03-10', 7],
    ]);
  });

  it('is not told by half: a file that breaks off is tried three times, then again when it is delivered anew', async () => {
    let isBroken = true;
    const breaking: ReadBill = async function* (file, options) {
      if (!isBroken) return yield* focusLines(file, options);
      file.destroy();
      options.tell('reading ended here: the archive is damaged or ends too early; fetch it again', true, 12);
    };
    const { look, store, clock, pages } = await open({ read: breaking });
    const read: number[] = [];
    const gaps: unknown[] = [];
    for (let hour = 0; hour < 5; hour++) {
      gaps.push(looks(await look())[0]?.[1]);
      read.push(pages()['s3:GetObject'] ?? 0);
      await clock.advance(600);
    }
    isBroken = false;
    await clock.advance(8 * 3600);
    const healed = await look();

    // A manifest and the first file of each of two months.
    expect(read).toEqual([4, 4, 4, 0, 0]);
    expect(new Set(gaps)).toEqual(
      new Set([
        'the export of costs could not be read in full: in daily-00001.csv.gz, line 12: reading ended here: the archive is damaged or ends too early; fetch it again',
      ]),
    );
    expect(looks(healed)).toEqual([[true, undefined, '2026-03-10T08:00:00.000Z']]);
    expect(await store.costs('2026-02-01', '2026-03-10')).not.toEqual([]);
  });

  it.each([
    ['Parquet', {}, { format: 'parquet' }, /written as Parquet, which is not read; make one in Billing/],
    [
      'the wrong prefix',
      { address: 's3://example-billing/other' },
      {},
      /no export is delivered at s3:\/\/example-billing\/other\/metadata\//,
    ],
    [
      'no such bucket',
      { address: 's3://example-elsewhere/focus/daily' },
      {},
      /could not be read: AWS answered with an error \(NoSuchBucket\)/,
    ],
  ])('says what is wrong and what to do: %s', async (_what, options, more, gap) => {
    const { look } = await open(options, more);

    expect(looks(await look())).toEqual([[false, expect.stringMatching(gap), expect.any(String)]]);
  });

  it('says when no new export has come for three days', async () => {
    const { look, store, clock, simulated } = await open();
    await look();
    const { upTo } = await store.cursors({ name: 'aws/exports/costs', scope: { cloud: 'aws', level: 'account', id: account } });
    expect(upTo).toBe('2026-03-10T00:00:00.000Z');
    expect(simulated.accountId).toBe(account);

    clock.now = () => '2026-03-14T00:00:00.000Z';
    const seen = await look();

    expect(looks(seen)).toEqual([
      [false, 'the export was delivered last with costs up to 2026-03-10 00:00 UTC', '2026-03-10T00:00:00.000Z'],
    ]);
  });
});

describe('the doctor', () => {
  const diagnosed = async (exports: string, more = {}) => {
    const { session } = await open({}, more);
    const said: Diagnosis[] = [];
    for await (const one of diagnoseAws(session, [{ system: 'aws-iam', name: 'budgets:ViewBudget' }], { exports })) said.push(one);
    return said.filter(({ what }) => what === 'exports' || what.startsWith('budgets'));
  };

  it('finds the export, and may see budgets', async () => {
    expect(await diagnosed(address)).toEqual([
      { what: 'budgets:ViewBudget', ok: true, say: 'allowed' },
      { what: 'exports', ok: true, say: 'the export of 2026-03 is there, in 2 files' },
    ]);
  });

  it('says what is wrong with its address, or its form', async () => {
    const [, elsewhere] = await diagnosed('s3://example-billing/focus');
    const [, parquet] = await diagnosed(address, { format: 'parquet' });
    const [, nowhere] = await diagnosed('s3://example-elsewhere/focus/daily');

    expect(elsewhere).toMatchObject({ ok: false, say: expect.stringContaining('bucket, prefix and name of the export') });
    expect(parquet).toMatchObject({ ok: false, say: expect.stringContaining('gzip/csv') });
    expect(nowhere).toMatchObject({ ok: false, say: 'AWS answered with an error (NoSuchBucket)' });
  });
});

it('meters a read object as S3 prices it', async () => {
  const { session } = await open();
  session.meter.take();

  await (await session.read.s3()).send(
    new GetObjectCommand({ Bucket: 'example-billing', Key: 'focus/daily/metadata/BILLING_PERIOD=2026-03/daily-Manifest.json' }),
  );

  expect(session.meter.take()).toEqual([{ operation: 's3:GetObject', calls: 1, usd: 0.0004 / 1000 }]);
});
