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

    expect(plain.costs.map((row) => row.amount)).toEqual([1, 2]);
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
      'LOST 1: not read: the columns ChargePeriodStart, BilledCost (or EffectiveCost), BillingCurrency are missing, so this is not a FOCUS export (its columns begin date, cost). Export FOCUS instead: AWS Data Exports “FOCUS with AWS columns”, Azure Cost Management “Cost and usage details (FOCUS)”, Google Cloud’s FOCUS view of the billing export',
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

describe('a table that somebody had in hand before', () => {
  const semicolons = (text: string): string => text.replaceAll(',', ';');

  it('is read with other separators, and they are named', async () => {
    for (const [separator, name] of [
      [';', 'semicolons'],
      ['\t', 'tabs'],
      ['|', 'bars'],
    ] as const) {
      const found = await read([await file(focus(hour('00', '1.25'), hour('01', '2')).replaceAll(',', separator))]);

      expect(sum(found)).toBe(3.25);
      expect(found.said).toBe(`1: its cells are parted by ${name}, not by commas; read all the same`);
    }
  });

  it('is read in UTF-16 of either order, with and without a byte order mark', async () => {
    const text = focus(hour('00', '1.25'), hour('01', '2').replace('production', 'Büro'));
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();

    for (const bytes of [little, Buffer.concat([Buffer.from([0xff, 0xfe]), little]), Buffer.concat([Buffer.from([0xfe, 0xff]), big])]) {
      const found = await read([await file(bytes)]);
      expect([sum(found), found.said]).toEqual([3.25, '']);
      expect(found.accounts[0]?.name).toBe('production');
    }
  });

  it('has decimal commas and thousands set apart read where they can mean one thing only', async () => {
    const comma = await read([
      await file(
        semicolons(focus(hour('00', '§1§'), hour('01', '§2§')))
          .replace('§1§', '1.234,5')
          .replace('§2§', '1,250'),
      ),
    ]);
    const point = await read([await file(focus(hour('00', '"1,234.5"'), hour('01', '"$2,000"')))]);

    expect(sum(comma)).toBeCloseTo(1235.75, 9);
    expect(comma.said).toContain('2: the cost is “1.234,5”; read as 1234.5. Export numbers with a decimal point and without separators');
    expect(sum(point)).toBe(3234.5);
    expect([...comma.problems, ...point.problems].some((problem) => problem.lost)).toBe(false);
  });

  it('leaves a number out that can mean two things, and says which', async () => {
    const found = await read([await file(focus(hour('00', '"1,234"'), hour('01', '5')))]);

    expect(sum(found)).toBe(5);
    expect(found.said).toBe('LOST 2: the cost is “1,234”, not a number with a decimal point; left out');
  });

  it('may hold several exports one after the other', async () => {
    const found = await read([await file(focus(hour('00', '1')) + focus(hour('01', '2')))]);

    expect(sum(found)).toBe(3);
    expect(found.said).toBe('3: the header stands here again: several exports were put into one file; read on');
  });

  it('has rows that stand twice counted once, in one file or in two, and says how much that is', async () => {
    const rows = [hour('00', '1'), hour('01', '2'), hour('02', '4')];
    const inOne = await read([await file(focus(...rows, ...rows.slice(1)))]);
    const inTwo = await read([await file(focus(...rows)), await file(gzipSync(focus(...rows, hour('03', '8'))), 'later.csv.gz')]);

    expect(sum(inOne)).toBe(7);
    expect(inOne.said).toBe('5: 2 rows stand in these files before, word for word ($6.00), the first one here: counted once');
    expect(sum(inTwo)).toBe(15);
    expect(inTwo.said).toBe('2: 3 rows stand in these files before, word for word ($7.00), the first one here: counted once');
  });

  it('has like rows counted where its columns do not tell charges apart', async () => {
    const found = await read([await file(focus(...['1', '2', '3', '3', '4'].map((cost) => hour('00', cost))))]);

    expect(sum(found)).toBe(13);
    expect(found.said).toContain('5: 1 row stands in these files before, word for word ($3.00)');
    expect(found.said).toContain('taken for charges of their own and counted. Export ResourceId');
  });

  it('has negative usage taken off, with a word about it', async () => {
    const found = await read([await file(focus(hour('00', '10'), hour('01', '-4')))]);

    expect(found.costs).toMatchObject([{ charge: 'usage', amount: 6 }]);
    expect(found.said).toBe('3: 1 row of usage is negative (−$4.00), the first one here: taken off what was used on those days');
  });

  it('names ends before starts, days that begin elsewhere, and a header alone', async () => {
    const backwards = await read([await file(focus('2026-11-22T05:00:00Z,2026-11-21T00:00:00Z,1,0,USD,A,r,1,n,AWS,Usage'))]);
    const elsewhere = await read([await file(focus('2026-11-22T00:00:00+09:00,2026-11-23T00:00:00+09:00,24,0,USD,A,r,1,n,AWS,Usage'))]);
    const empty = await read([await file(`${header}\n`)]);

    expect(backwards.said).toContain('2: its end (“2026-11-21T00:00:00Z”) is before its start; counted on the day it begins');
    expect(elsewhere.costs.map(({ day, amount }) => [day, amount])).toEqual([
      ['2026-11-21', 9],
      ['2026-11-22', 15],
    ]);
    expect(elsewhere.said).toContain('2: its day begins at 15:00 UTC: it is cut at midnight UTC by its hours');
    expect(empty.said).toBe('-: the file has a header and no rows');
  });

  it('is told apart from what is no table of costs, with what to save in its place', async () => {
    const found = await read([
      await file('Service,EC2-Instances($),Total costs($)\n2026-11-01,1,1\n'),
      await file('Date,MeterCategory,CostInBillingCurrency\n11/22/2026,VM,1\n'),
      await file('PAR1....', 'focus.parquet'),
      await file(Buffer.from('PK\u0003\u0004rest', 'latin1'), 'costs.xlsx'),
    ]);

    const said = found.said.split('\n');
    expect(said[0]).toContain('aws ce get-cost-and-usage --granularity DAILY');
    expect(said[1]).toContain('It looks like an Azure cost details file. Export FOCUS instead');
    expect(said[2]).toBe('LOST -: not read: this is a Parquet file; export CSV, plain or gzipped');
    expect(said[3]).toContain('a zip archive or a workbook');
  });
});

describe('an AWS Cost and Usage Report', () => {
  const older = (type: string, amount: string) =>
    `2026-11-22T00:00:00Z,2026-11-22T01:00:00Z,${type},123456789012,AmazonEC2,${amount},USD,Amazon Elastic Compute Cloud,us-east-1`;
  const names =
    'lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/LineItemType,lineItem/UsageAccountId,lineItem/ProductCode,lineItem/UnblendedCost,lineItem/CurrencyCode,product/ProductName,product/region';

  it('is read with its older and its newer names, and kinds of charges are told apart', async () => {
    const rows = [older('Usage', '1.5'), older('Tax', '2'), older('Credit', '-1'), older('RIFee', '4')].join('\n');
    const newer = names.replace(/(lineItem|product)\/(\w+)/g, (_, group: string, name: string) =>
      `${group}_${name}`.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase(),
    );

    for (const columns of [names, newer]) {
      const found = await read([await file(`${columns}\n${rows}\n`)]);

      expect(Object.fromEntries(found.costs.map((row) => [row.charge, row.amount]))).toEqual({ usage: 1.5, tax: 2, credit: -1, fee: 4 });
      expect(found.costs[0]).toMatchObject({ scope: { cloud: 'aws', id: '123456789012' }, region: 'us-east-1' });
      expect(found.said).toBe('1: this is an AWS Cost and Usage Report, not FOCUS: its unblended cost is counted');
    }
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
    expect(forms[3]?.said).toContain('1: holds 1 amount that an earlier answer already held; counted once');
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
    expect(quantity.said).toContain('LOST 1: holds no cost metric (found UsageQuantity); ask for UnblendedCost');
  });

  it('tells from their looks what keys mean when that is not written', async () => {
    const bare = (day: string, next: string, keys: string[], amount: string) => ({
      ResultsByTime: [period(day, next, { Groups: [group(keys, amount)] })],
    });

    const found = await read([
      await json(bare('2026-11-21', '2026-11-22', ['123456789012', 'eu-west-1'], '1')),
      await json(bare('2026-11-22', '2026-11-23', ['Amazon S3', 'NoRegion'], '2')),
    ]);

    expect(found.costs.map((row) => [row.scope.id, row.service, row.region])).toEqual([
      ['123456789012', 'all services', 'eu-west-1'],
      ['all accounts', 'Amazon S3', 'global'],
    ]);
    expect(found.said).toContain('has no GroupDefinitions');
  });

  it('loses one answer where one of several is cut off, and names what is no JSON at all', async () => {
    const of = (day: string, next: string) => JSON.stringify(answer(['SERVICE'], [period(day, next, { Groups: [group(['A'], '1')] })]));
    const cut = of('2026-11-22', '2026-11-23').slice(0, -40);

    const found = await read([
      await file([of('2026-11-21', '2026-11-22'), cut, of('2026-11-23', '2026-11-24')].join('\n'), 'ce.ndjson'),
      await file(`[${of('2026-11-24', '2026-11-25')}, oops, ${of('2026-11-25', '2026-11-26')}]`, 'ce.json'),
    ]);

    expect(found.costs.map(({ day }) => day)).toEqual(['2026-11-21', '2026-11-23', '2026-11-24', '2026-11-25']);
    expect(found.said).toContain('LOST 2: is not complete JSON from here on; save this answer again');
    expect(found.said).toContain('LOST 1: holds something that is not JSON; the answers around it are read');
  });

  it('counts a day that was asked again by the later answer', async () => {
    const asked = (amount: string, keys: string[], by: string[]) =>
      json(answer(by, [period('2026-11-21', '2026-11-22', { Groups: [group(keys, amount)] })]));

    const found = await read([
      await asked('10', ['us-east-1', 'A'], ['REGION', 'SERVICE']),
      await asked('12', ['A', 'us-east-1'], ['SERVICE', 'REGION']),
    ]);

    expect(found.costs).toMatchObject([{ service: 'A', region: 'us-east-1', amount: 12 }]);
    expect(found.said).toContain(
      '1: holds 1 amount that an earlier answer had otherwise ($10.00 then, $12.00 now): the later answer counts',
    );
  });

  it('does not add up several views of the same money', async () => {
    const view = (by: string[], groups: object[], from = '2026-11-21', to = '2026-11-22') =>
      json(answer(by, [period(from, to, { Groups: groups })]));

    const found = await read([
      await view(['SERVICE'], [group(['A'], '30')]),
      await view(['SERVICE', 'REGION'], [group(['A', 'us-east-1'], '10'), group(['A', 'eu-west-1'], '20')]),
      await view(['SERVICE'], [group(['A'], '900')], '2026-11-01', '2026-12-01'),
    ]);

    const day = found.costs.filter((row) => row.day === '2026-11-21');
    expect(day.map((row) => [row.region, row.amount])).toEqual([
      ['eu-west-1', 20],
      ['us-east-1', 10],
    ]);
    expect(found.said).toContain(
      '1: these answers (grouped by SERVICE) tell of days that other answers tell more of; the same money is not counted twice ($30.00 on 2026-11-21 left out)',
    );
    // The other days of that month are only told of as a whole month.
    expect(sum(found)).toBeCloseTo(30 + 29 * 30, 9);
  });

  it('does not add an export of charges to answers about the same days', async () => {
    const found = await read([
      await file(focus(hour('00', '7'))),
      await json(
        answer(
          ['SERVICE'],
          [
            period('2026-11-22', '2026-11-23', { Groups: [group(['A'], '7')] }),
            period('2026-11-23', '2026-11-24', { Groups: [group(['A'], '8')] }),
          ],
        ),
      ),
    ]);

    expect(found.costs.map((row) => [row.day, row.amount])).toEqual([
      ['2026-11-22', 7],
      ['2026-11-23', 8],
    ]);
    expect(found.said).toContain(
      'a named table of charges tells of as well; the same money is not counted twice ($7.00 on 2026-11-22 left out)',
    );
  });

  it('takes one of several metrics, and keys in any order', async () => {
    const metrics = {
      UsageQuantity: { Amount: '99', Unit: 'N/A' },
      NetUnblendedCost: { Amount: '1', Unit: 'USD' },
      UnblendedCost: { Amount: '2', Unit: 'EUR' },
    };

    const found = await read([
      await json(
        answer(
          ['RECORD_TYPE', 'LINKED_ACCOUNT'],
          [period('2026-11-21', '2026-11-22', { Groups: [{ Keys: ['Usage', '123456789012'], Metrics: metrics }] })],
        ),
      ),
    ]);

    expect(found.costs).toMatchObject([{ scope: { id: '123456789012' }, charge: 'usage', amount: 2, currency: 'EUR' }]);
    expect(found.problems).toEqual([]);
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
