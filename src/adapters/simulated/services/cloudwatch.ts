import type * as cw from '@aws-sdk/client-cloudwatch';
import { pageOf } from '../page.ts';
import { createRandom } from '../random.ts';
import { list } from '../shelf.ts';
import type { Call, Instance, Operation, World } from '../world.ts';
import { stateAt } from '../world.ts';
import { askedOfModels, modelMetrics } from './bedrock.ts';
import { billingMetrics, estimatedAt } from './estimated-charges.ts';

export const cloudWatchOperations: Record<string, Operation> = {
  GetMetricData(world, input: cw.GetMetricDataInput, call): cw.GetMetricDataOutput {
    const [from, until] = [input.StartTime?.getTime() ?? 0, input.EndTime?.getTime() ?? call.ms];
    return {
      MetricDataResults: (input.MetricDataQueries ?? []).flatMap(({ Id, Label, MetricStat, ReturnData }) => {
        if (!MetricStat || ReturnData === false) return [];
        const stepMs = (MetricStat.Period ?? 300) * 1000;
        const points: { ms: number; value: number }[] = [];
        for (let ms = from - (from % stepMs); ms + stepMs <= Math.min(until, call.ms); ms += stepMs) {
          const value = ms < from - stepMs ? undefined : pointOf(world, MetricStat, call.region, ms, stepMs);
          if (value !== undefined) points.push({ ms, value });
        }
        if (input.ScanBy !== 'TimestampAscending') points.reverse();
        return [
          {
            Id,
            Label: Label ?? MetricStat.Metric?.MetricName,
            Timestamps: points.map((point) => new Date(point.ms)),
            Values: points.map((point) => point.value),
            StatusCode: 'Complete' as const,
          },
        ];
      }),
      Messages: [],
    };
  },
  ListMetrics(world, input: cw.ListMetricsInput, call): cw.ListMetricsOutput {
    const found = metricsOf(world, call).filter(
      (metric) =>
        (!input.Namespace || metric.Namespace === input.Namespace) &&
        (!input.MetricName || metric.MetricName === input.MetricName) &&
        (input.Dimensions ?? []).every((wanted) =>
          metric.Dimensions?.some((each) => each.Name === wanted.Name && (wanted.Value === undefined || each.Value === wanted.Value)),
        ),
    );
    const { items, next } = pageOf(found, 500, input.NextToken);
    return { Metrics: items, ...(next ? { NextToken: next } : {}) };
  },
  DescribeAlarms: (): cw.DescribeAlarmsOutput => ({ MetricAlarms: [], CompositeAlarms: [] }),
  PutMetricAlarm: (): undefined => undefined,
  DeleteAlarms: (): undefined => undefined,
};

/** Series that a scenario writes under `metrics`. */
export const metricsShelf = 'monitoring/metric';
export type MetricFacts = { namespace: string; name: string; dimensions: Record<string, string>; value: number; untilMs: number };

/** One point, or nothing where there was nothing to measure. */
function pointOf(world: World, stat: cw.MetricStat, region: string, ms: number, stepMs: number): number | undefined {
  const { Namespace, MetricName, Dimensions = [] } = stat.Metric ?? {};
  const dimension = (name: string) => Dimensions.find((each) => each.Name === name)?.Value;
  if (Namespace === 'AWS/EC2' && MetricName === 'CPUUtilization') {
    const instance = world.instances.get(dimension('InstanceId') ?? '');
    return instance && instance.region === region ? processorOf(world, instance, ms) : undefined;
  }
  if (Namespace === 'AWS/Billing') return estimatedAt(world, region, dimension('ServiceName'), ms, ms + stepMs);
  if (Namespace === 'AWS/SQS' && MetricName === 'ApproximateAgeOfOldestMessage') {
    const queue = [...(world.push?.queues.values() ?? [])].find((each) => each.name === dimension('QueueName') && each.region === region);
    const oldest = queue?.messages.filter((each) => each.sentMs <= ms).reduce((first, each) => Math.min(first, each.sentMs), ms);
    return queue && oldest !== undefined ? (ms - oldest) / 1000 : undefined;
  }
  const series = list(world, metricsShelf, region).filter((thing) => {
    const facts = thing.facts as MetricFacts;
    const isAsked = facts.namespace === Namespace && facts.name === MetricName;
    return (
      isAsked &&
      thing.madeMs < ms + stepMs &&
      facts.untilMs > ms &&
      Dimensions.every((each) => facts.dimensions[each.Name ?? ''] === each.Value)
    );
  });
  const asked =
    Namespace === 'AWS/Bedrock' ? askedOfModels(world, region, MetricName ?? '', dimension('ModelId'), ms, ms + stepMs) : undefined;
  if (!series.length) return asked;
  // Values are written per hour; sums are of the period, other statistics are the value itself.
  const value = series.reduce((sum, each) => sum + (each.facts as MetricFacts).value, 0);
  return (stat.Stat === 'Sum' || stat.Stat === 'SampleCount' ? value * (stepMs / 3_600_000) : value) + (asked ?? 0);
}

/** What a running machine's processor does: what the scenario says, else little. */
function processorOf(world: World, instance: Instance, ms: number): number | undefined {
  if (stateAt(instance, ms) !== 'running' || ms < instance.launchedMs) return undefined;
  const rule = world.load.find(
    (each) =>
      each.fromMs <= ms &&
      ms < each.untilMs &&
      (each.launchedBy ?? instance.launchedBy) === instance.launchedBy &&
      (each.type ?? instance.type) === instance.type &&
      (each.region ?? instance.region) === instance.region,
  );
  const noise = createRandom(world.seed, `${instance.id}/${ms}`).next();
  const percent = rule?.percent ?? instance.load;
  return percent > 0 ? Math.min(100, percent * (0.98 + 0.04 * noise)) : 2 + 8 * noise;
}

function metricsOf(world: World, call: Call): cw.Metric[] {
  const machines = [...world.instances.values()]
    .filter((each) => each.region === call.region && stateAt(each, call.ms) !== 'terminated')
    .map((each) => ({ Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value: each.id }] }));
  const written = list(world, metricsShelf, call.region)
    .filter((each) => each.madeMs <= call.ms)
    .map((each) => {
      const { namespace, name, dimensions } = each.facts as MetricFacts;
      return { Namespace: namespace, MetricName: name, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) };
    });
  const models = modelMetrics(world, call.region).map(({ name, model }) => ({
    Namespace: 'AWS/Bedrock',
    MetricName: name,
    Dimensions: [{ Name: 'ModelId', Value: model }],
  }));
  return [...machines, ...models, ...billingMetrics(world, call.region, call.ms), ...written];
}
