import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { costs } from '../../../../src/adapters/aws/sources/costs.ts';
import type { Batch, Cursors, Source } from '../../../../src/bot/ports.ts';
import type { Observation, Of } from '../../../../src/checks/observation.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let answer: (asked: Asked) => Said;

beforeEach(async () => {
  clock = handClock('2026-03-10T06:00:00.000Z');
  answer = ({ input }) =>
    days(input, (keys) =>
      keys.includes('RECORD_TYPE')
        ? { 'Usage|AWS Lambda': 10, 'Credit|AWS Lambda': -3, 'Tax|Tax': 2, 'SavingsPlanRecurringFee|Savings Plans': 5 }
        : { 'Amazon Elastic Compute Cloud - Compute|us-east-1': 8, 'AWS Lambda|NoRegion': 2 },
    );
  aws = await standIn((asked) => answer(asked));
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

function days(input: Asked['input'], amounts: (keys: string[]) => Record<string, number>): Said {
  const { Start, End } = input.TimePeriod as { Start: string; End: string };
  const keys = (input.GroupBy as { Key: string }[]).map((one) => one.Key);
  const results: object[] = [];
  for (let day = Start; day < End; day = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)) {
    results.push({
      TimePeriod: { Start: day, End: day },
      Estimated: day >= '2026-03-09',
      Groups: Object.entries(amounts(keys)).map(([name, amount]) => ({
        Keys: name.split('|'),
        Metrics: { UnblendedCost: { Amount: String(amount), Unit: 'USD' } },
      })),
    });
  }
  return { ResultsByTime: results };
}

const open = (): Source => costs({ session, clock });
async function drain(cursors: Cursors): Promise<{ observations: Observation[]; cursors: Cursors }> {
  const all = { observations: [] as Observation[], cursors: { ...cursors } };
  for await (const batch of open().collect(cursors) as AsyncIterable<Batch>) {
    all.observations.push(...batch.observations);
    Object.assign(all.cursors, batch.cursors);
  }
  return all;
}
const spend = (observations: Observation[]): Of<'spend.recorded'>[] => observations.filter((one) => one.kind === 'spend.recorded');
const requests = (): Asked[] => aws.asked.filter((one) => one.operation === 'GetCostAndUsage');

describe('the AWS costs', () => {
  it('reads thirteen months the first time, up to today, by service and region', async () => {
    const { observations } = await drain({});

    expect(requests()[0]?.input).toMatchObject({
      TimePeriod: { Start: '2025-03-01', End: '2026-03-11' },
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost', 'NetUnblendedCost'],
      GroupBy: [{ Key: 'SERVICE' }, { Key: 'REGION' }],
      Filter: {
        And: [
          { Dimensions: { Key: 'RECORD_TYPE', Values: ['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage'] } },
          { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [account] } },
        ],
      },
    });
    expect(spend(observations).find((one) => one.day === '2026-03-01' && one.charge === 'usage')).toMatchObject({
      id: `${account}/2026-03-01/us-east-1/Amazon Elastic Compute Cloud - Compute/usage`,
      at: '2026-03-02T00:00:00.000Z',
      place: { region: 'us-east-1' },
      service: 'Amazon Elastic Compute Cloud - Compute',
      cost: { amount: 8, currency: 'USD', usd: 8 },
      provisional: false,
    });
    expect(spend(observations).find((one) => one.service === 'AWS Lambda')?.place.region).toBe('global');
    expect(observations.at(-1)).toMatchObject({ kind: 'look.finished', complete: true, upTo: '2026-03-10T00:00:00.000Z' });
  });

  it('keeps credits, taxes and fees apart from usage', async () => {
    const { observations } = await drain({});

    const day = spend(observations).filter((one) => one.day === '2026-03-01');
    expect(day.filter((one) => one.charge !== 'usage').map((one) => [one.service, one.charge, one.recordType, one.cost.amount])).toEqual([
      ['AWS Lambda', 'credit', 'Credit', -3],
      ['Tax', 'tax', 'Tax', 2],
      ['Savings Plans', 'fee', 'SavingsPlanRecurringFee', 5],
    ]);
    expect(day.filter((one) => one.charge === 'usage').reduce((sum, one) => sum + one.cost.amount, 0)).toBe(10);
  });

  it('calls today and the last two days provisional, and puts nothing into the future', async () => {
    const { observations } = await drain({});

    expect([
      ...new Set(
        spend(observations)
          .filter((one) => one.provisional)
          .map((one) => one.day),
      ),
    ]).toEqual(['2026-03-08', '2026-03-09', '2026-03-10']);
    expect(spend(observations).find((one) => one.day === '2026-03-10')?.at).toBe(clock.now());
  });

  it('does not buy the same again within eight hours, and then reads three days again', async () => {
    const first = await drain({});
    const bought = requests().length;
    clock.turn(7 * 3600);
    await drain(first.cursors);
    expect(requests()).toHaveLength(bought);
    clock.turn(3600);

    const again = await drain(first.cursors);

    expect(requests()).toHaveLength(bought + 1);
    expect(requests().at(-1)?.input.TimePeriod).toEqual({ Start: '2026-03-07', End: '2026-03-11' });
    expect(spend(again.observations)[0]?.id).toMatch(/\/2026-03-07\//);
  });

  it('revises an amount under the same name', async () => {
    const first = await drain({});
    answer = ({ input }) => days(input, () => ({ 'Amazon Elastic Compute Cloud - Compute|us-east-1': 9 }));
    clock.turn(9 * 3600);

    const second = await drain(first.cursors);

    const before = spend(first.observations).find((one) => one.day === '2026-03-09');
    const after = spend(second.observations).find((one) => one.id === before?.id);
    expect([before?.cost.amount, after?.cost.amount]).toEqual([8, 9]);
    expect(after && before && after.heard > before.heard).toBe(true);
  });

  it('goes back to where it stopped after it was away for long', async () => {
    const first = await drain({});
    clock.turn(20 * 86_400);

    await drain(first.cursors);

    expect(requests().at(-2)?.input.TimePeriod).toEqual({ Start: '2026-03-07', End: '2026-03-31' });
  });

  it('reads every page, each of them counted', async () => {
    answer = ({ input }) => ({
      ...(days({ ...input, TimePeriod: { Start: '2026-03-01', End: '2026-03-02' } }, () => ({
        'A|us-east-1': input.NextPageToken ? 2 : 1,
      })) as object),
      ...(input.NextPageToken ? {} : { NextPageToken: 'n' }),
    });

    await drain({});

    expect(session.meter.take()).toEqual([{ operation: 'ce:GetCostAndUsage', calls: 4, usd: 0.04 }]);
  });

  it('asks for gross costs alone where net ones are refused, and from then on', async () => {
    const usual = answer;
    answer = (asked) => ((asked.input.Metrics as string[]).includes('NetUnblendedCost') ? { error: 'ValidationException' } : usual(asked));
    const source = open();
    const all: Observation[] = [];

    for await (const batch of source.collect({})) all.push(...batch.observations);

    expect(requests().map(({ input }) => input.Metrics)).toEqual([
      ['UnblendedCost', 'NetUnblendedCost'],
      ['UnblendedCost'],
      ['UnblendedCost'],
    ]);
    expect(spend(all)[0]).toMatchObject({ cost: { amount: 8 } });
    expect(spend(all)[0]).not.toHaveProperty('net');
    expect(all.at(-1)).toMatchObject({ complete: true });
  });

  it('gives up an answer of more than a hundred pages, and asks for half as much a day later', async () => {
    answer = () => ({ ResultsByTime: [], NextPageToken: 'n' });
    const first = await drain({});
    clock.turn(9 * 3600);
    const soon = await drain(first.cursors);
    clock.turn(16 * 3600);
    await drain(soon.cursors);

    const gap = 'costs could not be read: the answer has more than 100 pages; it is asked for again tomorrow, half as far back';
    expect(first.observations).toMatchObject([{ complete: false, gap }]);
    expect(soon.observations).toMatchObject([{ complete: false, gap }]);
    const [usage, , again] = [requests()[0], requests()[100], requests()[200]];
    expect(requests()).toHaveLength(300);
    expect([usage?.input.TimePeriod, again?.input.TimePeriod]).toEqual([
      { Start: '2025-03-01', End: '2026-03-11' },
      { Start: '2025-09-01', End: '2026-03-12' },
    ]);
  });

  it('leaves the dollar value out when the bill is in another currency', async () => {
    answer = () => ({
      ResultsByTime: [
        {
          TimePeriod: { Start: '2026-03-01', End: '2026-03-02' },
          Groups: [{ Keys: ['A', 'eu-central-1'], Metrics: { UnblendedCost: { Amount: '4.5', Unit: 'EUR' } } }],
        },
      ],
    });

    expect(spend((await drain({})).observations)[0]?.cost).toEqual({ amount: 4.5, currency: 'EUR' });
  });

  it('says in plain words when Cost Explorer is not there or not allowed, and asks again next time', async () => {
    answer = () => ({ error: 'DataUnavailableException' });
    const off = await drain({});
    answer = () => ({ error: 'AccessDeniedException' });
    const denied = await drain(off.cursors);

    expect(off.observations).toMatchObject([
      { kind: 'look.finished', complete: false, gap: expect.stringMatching(/Cost Explorer is not switched on/) },
    ]);
    expect(denied.observations).toMatchObject([{ complete: false, gap: 'costs could not be read: not allowed (AccessDeniedException)' }]);
    expect(requests()).toHaveLength(2);
  });

  describe('says at its first reading where machines ran', () => {
    const compute = 'Amazon Elastic Compute Cloud - Compute';
    /** What each month cost by service and region; one day of it. */
    const bills = (byDay: (day: string) => Record<string, number>) => {
      answer = ({ input }) => {
        const { Start, End } = input.TimePeriod as { Start: string; End: string };
        const results: object[] = [];
        for (let day = Start; day < End; day = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10))
          results.push(
            (days({ ...input, TimePeriod: { Start: day, End: `${day}T` } }, () => byDay(day)) as { ResultsByTime: [object] })
              .ResultsByTime[0],
          );
        return { ResultsByTime: results };
      };
    };
    const places = (observations: Observation[]) =>
      observations.filter((one) => one.kind === 'place.used').map((one) => [one.place.region, one.service, one.at.slice(0, 10), one.id]);

    it('once for each region and service, at the end of the day it began', async () => {
      bills((day) => ({
        ...(day >= '2025-06-14' && day < '2025-09-01' ? { [`${compute}|sa-east-1`]: 0.2, 'Amazon SageMaker|sa-east-1': 3 } : {}),
        ...(day >= '2025-12-24' ? { [`${compute}|sa-east-1`]: 4 } : {}),
        'Amazon Simple Storage Service|eu-west-3': 9,
        'EC2 - Other|eu-west-3': 9,
        [`${compute}|NoRegion`]: 9,
      }));

      const { observations } = await drain({});

      expect(places(observations)).toEqual([
        ['sa-east-1', undefined, '2025-06-15', `${account}/sa-east-1/EC2/used since 2025-06`],
        ['sa-east-1', undefined, '2025-12-25', `${account}/sa-east-1/EC2/used since 2025-12`],
        ['sa-east-1', 'SageMaker', '2025-06-15', `${account}/sa-east-1/SageMaker/used since 2025-06`],
      ]);
      const [first] = observations.filter((one) => one.kind === 'place.used');
      expect(first?.evidence).toEqual(
        spend(observations)
          .filter((one) => one.place.region === 'sa-east-1' && ['2025-06-14', '2025-06-15'].includes(one.day))
          .map(({ id }) => id),
      );
    });

    it('nothing of the last seven days, and nothing that cost a dollar or less in a month', async () => {
      bills((day) => ({
        ...(day >= '2026-03-04' ? { [`${compute}|ap-south-1`]: 1000 } : {}),
        ...(day >= '2026-01-01' && day <= '2026-01-10' ? { [`${compute}|eu-north-1`]: 0.1 } : {}),
      }));

      expect(places((await drain({})).observations)).toEqual([]);
    });

    it('and never again, nor for more pages than the costs themselves take', async () => {
      const first = await drain({});
      expect(places(first.observations)).toHaveLength(1);
      expect(requests()).toHaveLength(2);
      clock.turn(9 * 3600);

      expect(places((await drain(first.cursors)).observations)).toEqual([]);
    });
  });

  it('asks for nothing it does not declare', async () => {
    const source = open();
    await drain({});

    expect(source.permissions.map((one) => one.name)).toEqual([...new Set(session.meter.take().map((row) => row.operation))]);
  });
});
