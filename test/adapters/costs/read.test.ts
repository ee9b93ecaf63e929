import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CostProblem, type Measure, readCosts, type SavedCosts } from '../../../src/adapters/costs/read.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'costs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function file(content: string | Uint8Array, name = 'costs.csv'): Promise<string> {
  files += 1;
  const path = join(folder, `${files}-${name}`);
  await writeFile(path, content);
  return path;
}
async function read(paths: string[], measure?: Measure): Promise<SavedCosts & { problems: CostProblem[]; said: string }> {
  const problems: CostProblem[] = [];
  const found = await readCosts(paths, { onProblem: (problem) => problems.push(problem), ...(measure ? { measure } : {}) });
  const said = problems.map((problem) => `${problem.lost ? 'LOST ' : ''}${problem.line ?? '-'}: ${problem.text}`).join('\n');
  return { ...found, problems, said };
}
const sum = ({ costs }: SavedCosts): number => costs.reduce((total, row) => total + row.amount, 0);

const header =
  'ChargePeriodStart,ChargePeriodEnd,BilledCost,EffectiveCost,BillingCurrency,ServiceName,RegionId,SubAccountId,SubAccountName,ProviderName,ChargeCategory';
const focus = (...rows: string[]): string => `${header}\n${rows.join('\n')}\n`;
const hour = (clock: string, cost: string, over = ''): string =>
  `2026-11-22T${clock}:00:00Z,2026-11-22T${clock}:59:59Z,${cost},0.5,USD,Amazon EC2,us-east-1,123456789012,production,AWS,${over || 'Usage'}`;

describe('a FOCUS export', () => {
  it('becomes sums by UTC day, account, service and region', async () => {
    const found = await read([await file(focus(hour('00', '1.25'), hour('23', '2.5')))]);

    expect(found.costs).toEqual([
      {
        day: '2026-11-22',
        scope: { cloud: 'aws', level: 'account', id: '123456789012' },
        region: 'us-east-1',
        service: 'Amazon EC2',
        charge: 'usage',
        amount: 3.75,
        currency: 'USD',
        provisional: false,
      },
    ]);
    expect(found.accounts).toEqual([{ scope: { cloud: 'aws', level: 'account', id: '123456789012' }, name: 'production' }]);
    expect(found.problems).toEqual([]);
  });

  it('is read gzipped, with a byte order mark, with Windows lines and with line breaks in quotes', async () => {
    const content = `\ufeff${focus(hour('00', '1').replace('Amazon EC2', '"Amazon\nEC2, really"'), hour('01', '2'))}`.replaceAll(
      '\n',
      '\r\n',
    );

    const plain = await read([await file(content)]);
    const packed = await read([await file(gzipSync(content), 'costs.csv.gz')]);

    expect(plain.costs.map((row) => row.amount)).toEqual([2, 1]);
    expect(packed.costs).toEqual(plain.costs);
    expect(plain.problems).toEqual([]);
  });

  it('counts what the invoice says, or what the use is worth, never both', async () => {
    const path = await file(
      focus(
        '2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,365,0,USD,Savings Plans,NULL,123456789012,production,AWS,Purchase',
        '2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,0,1,USD,Amazon EC2,us-east-1,123456789012,production,AWS,Usage',
      ),
    );

    expect(await read([path])).toMatchObject({ costs: [{ charge: 'fee', amount: 365, region: 'global' }] });
    expect(await read([path], 'effective')).toMatchObject({ costs: [{ charge: 'usage', amount: 1 }] });
  });

  it('tells usage, fees, taxes and credits apart, and keeps the sum', async () => {
    const found = await read([
      await file(
        focus(
          hour('00', '10'),
          hour('01', '3', 'Purchase'),
          hour('02', '2', 'Tax'),
          hour('03', '-4', 'Credit'),
          hour('04', '-1', 'Adjustment'),
        ),
      ),
    ]);

    expect(Object.fromEntries(found.costs.map((row) => [row.charge, row.amount]))).toEqual({ usage: 10, fee: 3, tax: 2, credit: -5 });
    expect(sum(found)).toBe(10);
  });

  it('keeps currencies and providers apart', async () => {
    const found = await read([
      await file(
        focus(
          hour('00', '1'),
          hour('01', '2').replace('USD', 'EUR'),
          hour('02', '3').replace('AWS', 'Microsoft'),
          hour('03', '4').replace('AWS', 'Oracle'),
        ),
      ),
    ]);

    expect(found.costs.map((row) => [row.scope.cloud, row.currency, row.amount]).sort()).toEqual([
      ['aws', 'EUR', 2],
      ['aws', 'USD', 1],
      ['azure', 'USD', 3],
      ['oracle', 'USD', 4],
    ]);
  });

  it('cuts a day that begins at another zone’s midnight by its hours, and takes times without a zone for UTC', async () => {
    const found = await read([
      await file(
        focus(
          '2026-11-21T18:00:00-06:00,2026-11-22T18:00:00-06:00,24,0,USD,A,r,1,n,AWS,Usage',
          '2026-11-21 22:00:00,2026-11-22 22:00:00,24,0,USD,B,r,1,n,AWS,Usage',
        ),
      ),
    ]);

    expect(found.costs.map((row) => [row.service, row.day, row.amount]).sort()).toEqual([
      ['A', '2026-11-22', 24],
      ['B', '2026-11-21', 2],
      ['B', '2026-11-22', 22],
    ]);
  });

  it('spreads a month’s use over its days and says that it did, but books a fee on its day', async () => {
    const month = '2026-11-01T00:00:00Z,2026-12-01T00:00:00Z';

    const found = await read([await file(focus(`${month},60,0,USD,A,r,1,n,AWS,Usage`, `${month},90,0,USD,B,r,1,n,AWS,Purchase`))]);

    expect(found.costs.filter((row) => row.service === 'A')).toHaveLength(30);
    expect(found.costs.find((row) => row.service === 'A' && row.day === '2026-11-30')?.amount).toBeCloseTo(2, 9);
    expect(found.costs.filter((row) => row.service === 'B')).toMatchObject([{ day: '2026-11-01', amount: 90 }]);
    expect(found.said).toBe('2: covers 30 days; its cost is spread evenly over them, so single days are averages');
  });

  it('names the columns that are missing and does not guess', async () => {
    const found = await read([await file('date,cost\n2026-11-22,1\n'), await file(focus(hour('00', '1')))]);

    expect(found.said).toBe(
      'LOST 1: not read: the columns ChargePeriodStart, BilledCost (or EffectiveCost), BillingCurrency are missing, so this is not a FOCUS export (its columns begin date, cost)',
    );
    expect(sum(found)).toBe(1);
  });

  it('goes on without columns it can do without, and says what that means', async () => {
    const found = await read([await file('ChargePeriodStart,EffectiveCost,BillingCurrency\n2026-11-22,1.5,USD\n')]);

    expect(found.costs).toMatchObject([
      { day: '2026-11-22', amount: 1.5, service: 'unknown service', region: 'global', scope: { cloud: 'unknown', id: 'unknown' } },
    ]);
    expect(found.said).toContain('1: the column BilledCost is missing: EffectiveCost is counted in its place');
    expect(found.said).toContain('1: the column ChargeCategory is missing: everything is counted as usage');
    expect(found.problems.every((problem) => !problem.lost)).toBe(true);
  });

  it('names each line it cannot use, the first three of a kind, and reads the rest', async () => {
    const broken = Array.from({ length: 5 }, (_, n) => hour('00', '1').replace('2026-11-22T00:00:00Z', `${n}/22/2026`));

    const found = await read([await file(focus(...broken, hour('01', 'twelve'), hour('02', '1,2'), hour('03', '7')))]);

    expect(sum(found)).toBe(7);
    expect(found.said.split('\n')).toEqual([
      'LOST 2: ChargePeriodStart is “0/22/2026”, not a time like 2026-11-23T00:00:00Z; left out',
      'LOST 3: ChargePeriodStart is “1/22/2026”, not a time like 2026-11-23T00:00:00Z; left out',
      'LOST 4: ChargePeriodStart is “2/22/2026”, not a time like 2026-11-23T00:00:00Z; left out',
      'LOST 7: the cost is “twelve”, not a number with a decimal point; left out',
      'LOST 8: has 12 cells where the header has 11; left out',
      'LOST -: 2 more lines like this: ChargePeriodStart is “0/22/2026”, not a time like 2026-11-23T00:00:00Z; left out',
    ]);
  });

  it('keeps what it read before a file breaks off', async () => {
    const whole = gzipSync(focus(...Array.from({ length: 20_000 }, (_, n) => hour('00', `${n}.${n}`))));

    const torn = await read([await file(whole.subarray(0, whole.length / 2), 'torn.csv.gz')]);
    const quoted = await read([await file(focus(hour('00', '1'), hour('01', '2').replace('Amazon EC2', '"Amazon')))]);

    expect(torn.said).toMatch(/^LOST \d+: reading ended here: the archive is damaged or ends too early; fetch it again/);
    expect(quoted.costs).toMatchObject([{ amount: 1 }]);
    expect(quoted.said).toContain('a quotation mark is opened or closed in the wrong place');
  });
});

const group = (keys: string[], amount: string, metric = 'UnblendedCost') => ({
  Keys: keys,
  Metrics: { [metric]: { Amount: amount, Unit: 'USD' } },
});
const period = (day: string, next: string, rest: object) => ({ TimePeriod: { Start: day, End: next }, ...rest });
const answer = (groupBy: string[], results: object[], rest: object = {}) => ({
  GroupDefinitions: groupBy.map((Key) => ({ Type: 'DIMENSION', Key })),
  ResultsByTime: results,
  DimensionValueAttributes: [],
  ...rest,
});
const json = (value: unknown) => file(JSON.stringify(value), 'ce.json');

describe('a saved Cost Explorer answer', () => {
  it('is read by account and service, with names, provisional days and numbers written as text', async () => {
    const path = await json(
      answer(
        ['LINKED_ACCOUNT', 'SERVICE'],
        [
          period('2026-11-21', '2026-11-22', {
            Estimated: false,
            Groups: [group(['123456789012', 'Amazon EC2'], '10.5'), group(['123456789012', 'Tax'], '2')],
          }),
          period('2026-11-22', '2026-11-23', { Estimated: true, Groups: [group(['123456789012', 'Amazon EC2'], '1.2e1')] }),
        ],
        { DimensionValueAttributes: [{ Value: '123456789012', Attributes: { description: 'production' } }] },
      ),
    );

    const found = await read([path]);

    expect(found.costs.map((row) => [row.day, row.service, row.charge, row.amount, row.provisional])).toEqual([
      ['2026-11-21', 'Amazon EC2', 'usage', 10.5, false],
      ['2026-11-21', 'Tax', 'tax', 2, false],
      ['2026-11-22', 'Amazon EC2', 'usage', 12, true],
    ]);
    expect(found.accounts).toEqual([{ scope: { cloud: 'aws', level: 'account', id: '123456789012' }, name: 'production' }]);
    expect(found.said).toContain('is not grouped by RECORD_TYPE');
  });

  it('tells fees and credits from usage where it is grouped by record type', async () => {
    const types = {
      Usage: '10',
      SavingsPlanCoveredUsage: '5',
      SavingsPlanNegation: '-5',
      SavingsPlanRecurringFee: '3',
      Credit: '-4',
      Tax: '1',
    };
    const groups = Object.entries(types).map(([type, amount]) => group([type, 'us-east-1'], amount));

    const found = await read([await json(answer(['RECORD_TYPE', 'REGION'], [period('2026-11-21', '2026-11-22', { Groups: groups })]))]);

    expect(Object.fromEntries(found.costs.map((row) => [row.charge, row.amount]))).toEqual({ usage: 15, credit: -9, fee: 3, tax: 1 });
    expect(found.problems).toEqual([]);
  });

  it('reads ungrouped totals, also by hour', async () => {
    const hours = [0, 1].map((n) =>
      period(`2026-11-21T0${n}:00:00Z`, `2026-11-21T0${n + 1}:00:00Z`, {
        Total: { UnblendedCost: { Amount: '1.5', Unit: 'USD' } },
        Groups: [],
      }),
    );

    const found = await read([await json(answer([], hours))]);

    expect(found.costs).toMatchObject([{ day: '2026-11-21', amount: 3, service: 'all services', region: 'global' }]);
  });

  it('reads pages in one file or several, in a list, one a line or one after the other, and counts each cell once', async () => {
    const one = answer(['SERVICE'], [period('2026-11-21', '2026-11-22', { Groups: [group(['A'], '1')] })], { NextPageToken: 'x' });
    const two = answer(['SERVICE'], [period('2026-11-21', '2026-11-22', { Groups: [group(['B'], '2')] })]);

    const forms = await Promise.all([
      read([await json([one, two])]),
      read([await file(`${JSON.stringify(one)}\n${JSON.stringify(two)}\n`, 'ce.ndjson')]),
      read([await file(JSON.stringify(one, null, 2) + JSON.stringify(two, null, 2), 'ce.json')]),
      read([await json(one), await json(two), await json(two)]),
    ]);

    for (const found of forms)
      expect(found.costs.map((row) => [row.service, row.amount])).toEqual([
        ['A', 1],
        ['B', 2],
      ]);
    expect(forms[3]?.said).toContain('they are counted once');
  });

  it('says that pages are missing when every page points at another', async () => {
    const page = answer(['SERVICE'], [period('2026-11-21', '2026-11-22', { Groups: [group(['A'], '1')] })], { NextPageToken: 'x' });

    const found = await read([await json(page)]);

    expect(found.problems.filter((problem) => problem.lost).map((problem) => problem.text)).toEqual([
      'there are more pages (NextPageToken) than were named: the newest costs may be missing',
    ]);
  });

  it('takes another metric only with a word about it, and none at all not', async () => {
    const period_ = (metric: string) => [period('2026-11-21', '2026-11-22', { Groups: [group(['A'], '1', metric)] })];

    const amortized = await read([await json(answer(['SERVICE'], period_('AmortizedCost')))]);
    const quantity = await read([await json(answer(['SERVICE'], period_('UsageQuantity')))]);

    expect(sum(amortized)).toBe(1);
    expect(amortized.said).toContain('holds no UnblendedCost: AmortizedCost is counted in its place');
    expect(quantity.costs).toEqual([]);
    expect(quantity.said).toContain('LOST -: holds no cost metric (found UsageQuantity); ask for UnblendedCost');
  });

  it('tells from their looks what keys mean when that is not written', async () => {
    const bare = {
      ResultsByTime: [
        period('2026-11-21', '2026-11-22', { Groups: [group(['123456789012', 'eu-west-1'], '1'), group(['Amazon S3', 'NoRegion'], '2')] }),
      ],
    };

    const found = await read([await json(bare)]);

    expect(found.costs.map((row) => [row.scope.id, row.service, row.region])).toEqual([
      ['123456789012', 'all services', 'eu-west-1'],
      ['all accounts', 'Amazon S3', 'global'],
    ]);
    expect(found.said).toContain('has no GroupDefinitions');
  });

  it('says where JSON ends too early and what is not such an answer', async () => {
    const found = await read([await file(`${JSON.stringify(answer([], []))}\n{"ResultsByTime":[`, 'ce.json'), await json({ Records: [] })]);

    expect(found.said).toContain('LOST 2: is not complete JSON from here on');
    expect(found.said).toContain('LOST 1: is not an answer of GetCostAndUsage');
  });
});

describe('whatever is named', () => {
  it('is a problem of its own and keeps nothing else from being read', async () => {
    const good = await file(focus(hour('00', '1')));

    const found = await read([
      join(folder, 'missing.csv'),
      folder,
      await file(''),
      await file(new Uint8Array([0x1f, 0x8b, 8, 0, 1])),
      good,
      good,
    ]);

    expect(sum(found)).toBe(1);
    expect(found.said.split('\n').map((line) => line.replace(/^LOST /, ''))).toEqual([
      '-: could not be read: there is no such file',
      '-: this is a folder; name the files in it',
      '-: the file is empty',
      '-: could not be read: the archive is damaged or ends too early; fetch it again',
      '-: this file was named twice; it is counted once',
    ]);
  });
});
