/** What things use, by CloudWatch: how busy young machines are, how long functions run, how many tokens models eat. */
import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import type { Batch, Machine, Source } from '../../../bot/ports.ts';
import type { Observation, Of, Place, Subject, Time } from '../../../checks/observation.ts';
import { functionSubject, resourceSubject } from '../translate/names.ts';
import { everyRegion, type Part, type Where } from './by-region.ts';
import { plusSeconds, type Sight } from './looking.ts';

export type YoungMachine = { resource: Subject; place: Place; instanceId: string };

/**
 * Every hour: the processor of the machines that `young` names (running, less than 72 hours old), on average over the last half hour; of
 * regions where they are in use, the seconds that all functions ran in the last full hour, taken as GB-seconds as if each had one GB
 * (CloudWatch does not tell their memory), and the tokens that went into and came out of models.
 *
 * Reading a metric costs $0.01 per 1,000. At most 800 are read a day: $0.24 a month, and an account with functions in two regions, models
 * in one and five young machines pays 24 × (2 + 2 + 5) × 30 = 6,480 metrics, $0.06. Which regions use functions or models is asked every
 * four hours where somebody works and every eight elsewhere: with 17 regions, three of them used, 3,600 calls a month, $0.04 where
 * CloudWatch's first million is used up.
 */
export function metrics(sight: Sight, { young }: { young: () => Promise<YoungMachine[]> }): Source {
  const { session, clock } = sight;
  return {
    name,
    scope: session.scope,
    everySeconds: 3600,
    permissions: ['ec2:DescribeRegions', 'cloudwatch:ListMetrics', 'cloudwatch:GetMetricData'].map((one) => ({
      system: 'aws-iam' as const,
      name: one,
    })),
    async *collect(cursors): AsyncGenerator<Batch> {
      const machines = (await young()).slice(0, mostMachines);
      const allowance = openAllowance(cursors[spentCursor], clock.now().slice(0, 10));
      const looks = everyRegion(sight, { name, what: 'measurements', cursors }, (where) =>
        lookAt(
          where,
          machines.filter(({ place }) => place.region === where.region),
          readCursor(cursors[where.region]),
          allowance,
        ),
      );
      for await (const batch of looks) yield batch;
    },
  };

  async function* lookAt(where: Where, machines: YoungMachine[], before: InUse | undefined, allowance: Allowance): AsyncGenerator<Part> {
    const { region, place, heard } = where;
    const client = await session.read.cloudwatch(region);
    let inUse = before;
    const listEverySeconds = sight.pace?.every('uses', region, heard) ?? listSeconds;
    if (inUse === undefined || inUse.listed > heard || heard >= plusSeconds(inUse.listed, listEverySeconds - slackSeconds)) {
      inUse = await whatIsInUse(client, heard);
      yield { observations: [], cursors: { [region]: JSON.stringify(inUse) } };
    }
    const halfHour = fullPeriod(heard, 1800);
    const hour = fullPeriod(heard, 3600);
    const wanted: { span: Span; metrics: Metric[]; tell: (values: (number | undefined)[]) => Observation[] }[] = [
      {
        span: halfHour,
        metrics: machines.map(({ instanceId }) => processor(instanceId)),
        tell: (values) =>
          machines.flatMap(({ resource }, index) => used(where, { resource, of: 'processor', value: values[index], span: halfHour })),
      },
      {
        span: hour,
        metrics: inUse.functions ? [{ Namespace: 'AWS/Lambda', MetricName: 'Duration', stat: 'Sum' }] : [],
        tell: ([ms]) =>
          used(where, {
            resource: functionSubject(place, '*'),
            of: 'functions',
            value: ms === undefined ? undefined : ms / 1000,
            span: hour,
            service: 'Lambda',
          }),
      },
      {
        span: hour,
        metrics: inUse.models.flatMap(tokens),
        tell: (values) => {
          const known = values.filter((value) => value !== undefined);
          const value = known.length > 0 ? known.reduce((sum, one) => sum + one, 0) : undefined;
          return used(where, {
            resource: resourceSubject(place, 'bedrock', 'model/*'),
            of: 'models',
            value,
            span: hour,
            service: 'Bedrock',
          });
        },
      },
    ];
    for (const { span, metrics: asked, tell } of wanted) {
      const granted = asked.slice(0, allowance.take(asked.length));
      if (granted.length > 0)
        yield { observations: tell(await read(client, granted, span)), cursors: { [spentCursor]: allowance.spent() } };
      if (granted.length < asked.length)
        yield { observations: [], gap: `not everything was measured in ${region}: ${mostPerDay} measurements a day are the limit` };
    }
  }
}

/** Of the machines that were last seen running, the EC2 instances that began between half an hour and 72 hours ago, the youngest first. */
export const youngAmong = (machines: Machine[], now: Time): YoungMachine[] =>
  machines
    .filter(
      ({ goneAt, startedAt }) => goneAt === undefined && startedAt > plusSeconds(now, -72 * 3600) && startedAt <= plusSeconds(now, -1800),
    )
    .sort((a, b) => (a.startedAt > b.startedAt ? -1 : 1))
    .flatMap(({ resource, place }) => {
      const instanceId = /:ec2:[^/]*:instance\/(i-[0-9a-f]+)$/.exec(resource)?.[1];
      return instanceId !== undefined ? [{ resource, place, instanceId }] : [];
    });

const name = 'aws/metrics';
const mostMachines = 50;
const mostPerDay = 800;
const listSeconds = 4 * 3600;
/** A run a little early is not too early. */
const slackSeconds = 300;
/** CloudWatch has most of a period some minutes after it ended. */
const settledSeconds = 300;
const mostModels = 10;
const spentCursor = 'spent';

type Span = { from: Time; to: Time; seconds: number };
type Metric = { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[]; stat: 'Average' | 'Sum' };
/** `models`: the ids of models in use; '' stands for all of them together. */
const inUseShape = z.object({ listed: z.string(), functions: z.boolean(), models: z.array(z.string()) });
type InUse = z.infer<typeof inUseShape>;

function readCursor(saved: string | undefined): InUse | undefined {
  try {
    return saved === undefined ? undefined : inUseShape.parse(JSON.parse(saved));
  } catch {
    // Listed again.
    return undefined;
  }
}

type Allowance = { take(wanted: number): number; spent(): string };
/** Of one day (UTC): `2026-03-01 120`. */
function openAllowance(saved: string | undefined, day: string): Allowance {
  let spent = saved?.startsWith(`${day} `) ? Number(saved.slice(day.length + 1)) || 0 : 0;
  return {
    take(wanted) {
      const granted = Math.max(0, Math.min(wanted, mostPerDay - spent));
      spent += granted;
      return granted;
    },
    spent: () => `${day} ${spent}`,
  };
}

async function whatIsInUse(client: CloudWatchClient, listed: Time): Promise<InUse> {
  const { ListMetricsCommand } = await import('@aws-sdk/client-cloudwatch');
  const list = async (Namespace: string, MetricName: string) =>
    (await client.send(new ListMetricsCommand({ Namespace, MetricName }))).Metrics ?? [];
  const functions = await list('AWS/Lambda', 'Duration');
  const models = (await list('AWS/Bedrock', 'InputTokenCount')).flatMap(({ Dimensions = [] }) =>
    Dimensions.length === 0 ? [''] : Dimensions.length === 1 && Dimensions[0]?.Name === 'ModelId' ? (Dimensions[0].Value ?? []) : [],
  );
  return {
    listed,
    functions: functions.length > 0,
    models: models.includes('') ? [''] : [...new Set(models)].sort().slice(0, mostModels),
  };
}

const processor = (instanceId: string): Metric => ({
  Namespace: 'AWS/EC2',
  MetricName: 'CPUUtilization',
  Dimensions: [{ Name: 'InstanceId', Value: instanceId }],
  stat: 'Average',
});
const tokens = (model: string): Metric[] =>
  ['InputTokenCount', 'OutputTokenCount'].map((MetricName) => ({
    Namespace: 'AWS/Bedrock',
    MetricName,
    ...(model !== '' ? { Dimensions: [{ Name: 'ModelId', Value: model }] } : {}),
    stat: 'Sum',
  }));

/** The last whole period of the clock that is over for a few minutes. */
function fullPeriod(now: Time, seconds: number): Span {
  const end = Math.floor((Date.parse(now) / 1000 - settledSeconds) / seconds) * seconds;
  return { from: new Date((end - seconds) * 1000).toISOString(), to: new Date(end * 1000).toISOString(), seconds };
}

/** One value for each metric, in their order; undefined where CloudWatch has none. */
async function read(client: CloudWatchClient, asked: Metric[], { from, to, seconds }: Span): Promise<(number | undefined)[]> {
  const { paginateGetMetricData } = await import('@aws-sdk/client-cloudwatch');
  const MetricDataQueries = asked.map(
    ({ stat, ...Metric }, index): MetricDataQuery => ({ Id: `m${index}`, MetricStat: { Metric, Period: seconds, Stat: stat } }),
  );
  const found = new Map<string, number>();
  for await (const page of paginateGetMetricData({ client }, { MetricDataQueries, StartTime: new Date(from), EndTime: new Date(to) })) {
    for (const { Id: id, Values: [value] = [] } of page.MetricDataResults ?? [])
      if (id !== undefined && value !== undefined) found.set(id, value);
  }
  return asked.map((_, index) => found.get(`m${index}`));
}

function used(
  { place, heard }: Where,
  facts: { resource: Subject; of: Of<'usage.measured'>['of']; value: number | undefined; span: Span; service?: string },
): Of<'usage.measured'>[] {
  const { resource, of, value, span, service } = facts;
  if (value === undefined || !Number.isFinite(value)) return [];
  return [
    {
      kind: 'usage.measured',
      id: `${name}/${resource}/${of}/${span.to}`,
      at: span.to,
      heard,
      by: name,
      place,
      evidence: [resource],
      resource,
      of,
      value,
      minutes: span.seconds / 60,
      ...(service !== undefined ? { service } : {}),
    },
  ];
}
