import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type FocusLine, focusLines } from '../../../src/adapters/costs/focus-lines.ts';

const header =
  'ChargePeriodStart,ChargePeriodEnd,BilledCost,BillingCurrency,ChargeCategory,ServiceName,RegionId,SubAccountId,Tags,x_UsageType';
const line = (more: Partial<Record<string, string>> = {}) => {
  const usual: Record<string, string> = {
    ChargePeriodStart: '2026-03-01T05:00:00Z',
    ChargePeriodEnd: '2026-03-01T06:00:00Z',
    BilledCost: '1.5',
    BillingCurrency: 'USD',
    ChargeCategory: 'Usage',
    ServiceName: 'EC2',
    RegionId: 'eu-west-1',
    SubAccountId: '123456789012',
    Tags: '"{""user:team"": ""web""}"',
    x_UsageType: 'BoxUsage',
  };
  return header
    .split(',')
    .map((name) => more[name] ?? usual[name])
    .join(',');
};

async function read(text: string, tag?: string): Promise<{ lines: FocusLine[]; said: string[] }> {
  const said: string[] = [];
  const lines: FocusLine[] = [];
  const tell = (words: string, lost: boolean, at?: number) => void said.push(`${lost ? 'lost' : 'note'} ${at ?? ''}: ${words}`);
  for await (const one of focusLines(Readable.from([Buffer.from(text)]), { tag, tell })) lines.push(one);
  return { lines, said };
}

describe('the lines of a FOCUS export', () => {
  it('come with usage type and team, behind a byte order mark and with line breaks in quotes', async () => {
    const { lines, said } = await read(`\ufeff${header}\r\n${line({ ServiceName: '"EC2\nCompute"' })}\r\n`, 'team');

    expect(lines).toMatchObject([{ day: '2026-03-01', service: 'EC2\nCompute', amount: 1.5, usageType: 'BoxUsage', team: 'web' }]);
    expect(said).toEqual([]);
  });

  it.each([
    ['"{""user_team"": ""web""}"', 'web'],
    ['"{""team"": ""web""}"', 'web'],
    ['"{""other"": ""x""}"', ''],
    ['', ''],
    ['not JSON', ''],
  ])('find the team in %s', async (Tags, team) => {
    expect((await read(`${header}\n${line({ Tags })}`, 'team')).lines[0]?.team).toBe(team);
  });

  it('spread use over its days, and book a fee on the first', async () => {
    const time = { ChargePeriodStart: '2026-03-01T12:00:00Z', ChargePeriodEnd: '2026-03-03T00:00:00Z', BilledCost: '9' };
    const { lines } = await read([header, line(time), line({ ...time, ChargeCategory: 'Purchase' })].join('\n'));

    expect(lines.map(({ day, charge, amount }) => [day, charge, amount])).toEqual([
      ['2026-03-01', 'usage', 3],
      ['2026-03-02', 'usage', 6],
      ['2026-03-01', 'fee', 9],
    ]);
  });

  it('count what a commitment covers at what it would have cost', async () => {
    const columns = `${header},CommitmentDiscountStatus,ContractedCost,EffectiveCost`;
    const { lines } = await read(
      [columns, `${line({ BilledCost: '0' })},Used,0.8,0.5`, `${line({ BilledCost: '0' })},,0.8,0.5`].join('\n'),
    );

    expect(lines).toMatchObject([{ amount: 0, covered: 0.8 }]);
  });

  it('leave out what cannot be used, and say where', async () => {
    const { lines, said } = await read(
      [header, line({ ChargePeriodStart: 'soon' }), line({ BilledCost: 'free' }), line({ BillingCurrency: '' }), 'a,b', line()].join('\n'),
    );

    expect(lines).toHaveLength(1);
    expect(said).toEqual([
      'lost 2: ChargePeriodStart is not a time like 2026-11-23T00:00:00Z; left out',
      'lost 3: the cost is not a number with a decimal point; left out',
      'lost 4: has a cost without BillingCurrency; left out',
      'lost 5: has 2 cells where the header has 10; left out',
    ]);
  });

  it.each([
    ['a,b,c\n1,2,3\n', /^lost 1: not read: the columns ChargePeriodStart/],
    [
      'line_item_usage_start_date,line_item_unblended_cost,line_item_currency_code\n',
      /^lost 1: not read: this is a Cost and Usage Report; make an export of the table FOCUS/,
    ],
    ['', /^lost : the file has no header/],
    [`${header}\n${line()}\n"2026`, /^lost 3: reading ended here: a row or a quotation mark is broken/],
  ])('say what is wrong with a file: %s', async (text, words) => {
    expect((await read(text)).said).toContainEqual(expect.stringMatching(words));
  });
});
