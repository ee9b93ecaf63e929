import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import { metrics, type YoungMachine, youngAmong } from '../../../../src/adapters/aws/sources/metrics.ts';
import type { Machine, Source } from '../../../../src/bot/ports.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

type Query = { Id: string; MetricStat: { Metric: { MetricName: string; Dimensions?: { Value: string }[] }; Period: number; Stat: string } };
let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let source: Source;
let young: YoungMachine[];
let listed: Record<string, object[]>;
let values: Record<string, number>;
let trouble: (asked: Asked) => Said | undefined;

const machine = (id: string, region = 'us-east-1'): YoungMachine => ({
  resource: `resource:arn:aws:ec2:${region}:${account}:instance/${id}`,
  place: { scope: { cloud: 'aws', level: 'account', id: account }, region },
  instanceId: id,
});

beforeEach(async () => {
  clock = handClock('2026-03-01T14:10:00.000Z');
  young = [];
  listed = {};
  values = {};
  trouble = () => undefined;
  aws = await standIn((asked) => {
    const { service, operation, input } = asked;
    if (service === 'ec2') return regionsXml({ 'us-east-1': 'opt-in-not-required', 'eu-west-1': 'opt-in-not-required' });
    const said = trouble(asked);
    if (said) return said;
    if (operation === 'ListMetrics') return { Metrics: (asked.region === 'us-east-1' && listed[String(input.Namespace)]) || [] };
    return {
      MetricDataResults: (input.MetricDataQueries as Query[]).flatMap(({ Id, MetricStat: { Metric } }) => {
        const value = values[Metric.Dimensions?.[0]?.Value ?? Metric.MetricName];
        return value === undefined ? [] : [{ Id, Label: 'x', Timestamps: [1], Values: [value], StatusCode: 'Complete' }];
      }),
    };
  });
  session = await sessionOn(aws);
  source = metrics({ session, clock, regions: openRegions(session, clock) }, { young: async () => young });
});
afterEach(async () => {
  session.close();
  await aws.close();
});
const readings = () => aws.asked.filter((one) => one.operation === 'GetMetricData');

describe('what is used', () => {
  it('tells how busy young machines are, each in its region, over the last full half hour', async () => {
    young = [machine('i-1'), machine('i-2', 'eu-west-1'), machine('i-3')];
    values = { 'i-1': 99.5, 'i-2': 3 };

    const seen = await drain(source.collect({}));

    expect(
      ofKind(seen, 'usage.measured').map((one) => [one.resource.slice(-3), one.place.region, one.of, one.value, one.minutes, one.at]),
    ).toEqual([
      ['i-1', 'us-east-1', 'processor', 99.5, 30, '2026-03-01T14:00:00.000Z'],
      ['i-2', 'eu-west-1', 'processor', 3, 30, '2026-03-01T14:00:00.000Z'],
    ]);
    expect(gapsOf(seen)).toEqual([]);
  });

  it('reckons functions in GB-seconds as if each had one GB, and models in tokens, of the last full hour', async () => {
    listed = {
      'AWS/Lambda': [{ Dimensions: [{ Name: 'FunctionName', Value: 'f' }] }],
      'AWS/Bedrock': [{ Dimensions: [] }, { Dimensions: [{ Name: 'ModelId', Value: 'm1' }] }],
    };
    values = { Duration: 7_200_000, InputTokenCount: 1000, OutputTokenCount: 500 };

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'usage.measured')).toMatchObject([
      { of: 'functions', value: 7200, minutes: 60, service: 'Lambda', resource: `resource:arn:aws:lambda:us-east-1:${account}:function:*` },
      { of: 'models', value: 1500, minutes: 60, service: 'Bedrock', at: '2026-03-01T14:00:00.000Z' },
    ]);
  });

  it('adds up the models one by one where CloudWatch does not do it', async () => {
    listed = { 'AWS/Bedrock': [{ Dimensions: [{ Name: 'ModelId', Value: 'm1' }] }, { Dimensions: [{ Name: 'ModelId', Value: 'm2' }] }] };
    values = { m1: 10, m2: 100 };

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'usage.measured').map((one) => one.value)).toEqual([220]);
  });

  it('reads nothing where nothing is used, and asks again only after four hours', async () => {
    const first = await drain(source.collect({}));
    clock.turn(3600);
    await drain(source.collect(first.cursors));
    const lists = aws.asked.filter((one) => one.operation === 'ListMetrics').length;
    clock.turn(4 * 3600);
    await drain(source.collect(first.cursors));

    expect(readings()).toEqual([]);
    expect(lists).toBe(4);
    expect(aws.asked.filter((one) => one.operation === 'ListMetrics')).toHaveLength(8);
    expect(gapsOf(first)).toEqual([]);
  });

  it('gives the same measurement the same id', async () => {
    young = [machine('i-1')];
    values = { 'i-1': 99.5 };

    const first = await drain(source.collect({}));
    clock.turn(60);
    const second = await drain(source.collect(first.cursors));

    expect(ofKind(second, 'usage.measured').map((one) => one.id)).toEqual(ofKind(first, 'usage.measured').map((one) => one.id));
  });

  it('never reads more a day than it may, says so, and begins anew the next day', async () => {
    young = Array.from({ length: 80 }, (_, index) => machine(`i-${index}`));
    let cursors = {};
    const gaps: (string | undefined)[] = [];
    for (let hour = 0; hour < 9; hour += 1) {
      const seen = await drain(source.collect(cursors), cursors);
      cursors = seen.cursors;
      gaps.push(...gapsOf(seen));
      clock.turn(60);
    }
    clock.turn(43_200);
    expect(readings().reduce((sum, one) => sum + (one.input.MetricDataQueries as Query[]).length, 0)).toBe(450);
    for (let look = 0; look < 20; look += 1) {
      const seen = await drain(source.collect(cursors), cursors);
      cursors = seen.cursors;
      gaps.push(...gapsOf(seen));
    }

    expect(readings().reduce((sum, one) => sum + (one.input.MetricDataQueries as Query[]).length, 0)).toBe(450 + 800);
    expect(session.meter.take().find((row) => row.operation === 'cloudwatch:GetMetricData')?.usd).toBeCloseTo(0.0125);
    expect(new Set(gaps)).toEqual(new Set(['not everything was measured in us-east-1: 800 measurements a day are the limit']));
  });

  it.each([
    ['AccessDeniedException', 'not allowed'],
    ['ThrottlingException', 'AWS slowed us down'],
  ])('says that it could not measure: %s', async (error, words) => {
    trouble = ({ region }) => (region === 'eu-west-1' ? { error, status: 400 } : undefined);

    const seen = await drain(source.collect({}));

    expect(gapsOf(seen)).toEqual([`the measurements of eu-west-1 could not be read: ${words} (${error})`]);
  });

  it('asks only for what it declares', async () => {
    young = [machine('i-1')];

    await drain(source.collect({}));

    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});

describe('young machines', () => {
  it('are instances that have run for half an hour to three days, the youngest first', () => {
    const seen = (id: string, startedAt: string, more: Partial<Machine> = {}): Machine => ({
      ...machine(id),
      by: 'aws/inventory',
      what: 'EC2 instance',
      shape: { type: 'c7i.8xlarge' },
      estimated: false,
      startedAt,
      seenAt: '2026-03-01T14:00:00.000Z',
      ...more,
    });

    const young = youngAmong(
      [
        seen('i-0a', '2026-02-27T14:00:00.000Z'),
        seen('i-0b', '2026-03-01T13:00:00.000Z'),
        seen('i-0c', '2026-02-26T13:00:00.000Z'),
        seen('i-0d', '2026-03-01T13:50:00.000Z'),
        seen('i-0e', '2026-03-01T12:00:00.000Z', { goneAt: '2026-03-01T13:00:00.000Z' }),
        seen('task', '2026-03-01T12:00:00.000Z', { resource: `resource:arn:aws:ecs:us-east-1:${account}:task/c/1` }),
      ],
      '2026-03-01T14:00:00.000Z',
    );

    expect(young.map((one) => one.instanceId)).toEqual(['i-0b', 'i-0a']);
  });
});
