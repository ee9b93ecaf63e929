import type {
  DateInterval,
  Expression,
  GetAnomaliesResponse,
  GetAnomalyMonitorsResponse,
  GetAnomalySubscriptionsResponse,
  GetCostAndUsageRequest,
  GetCostAndUsageResponse,
  GetDimensionValuesRequest,
  GetDimensionValuesResponse,
  MetricValue,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { AwsError } from '../fault.ts';
import { readToken, writeToken } from '../page.ts';
import { createRandom } from '../random.ts';
import type { Operation, World } from '../world.ts';

export const costExplorerOperations: Record<string, Operation> = {
  GetCostAndUsage(world, input: GetCostAndUsageRequest, call): GetCostAndUsageResponse {
    const periods = periodsOf(input.TimePeriod, input.Granularity, call.ms);
    const groupBy = (input.GroupBy ?? []).map(({ Type, Key = '' }) => {
      if (Type !== 'DIMENSION' || !dimensions.has(Key)) throw invalid(`Grouping by ${Type} ${Key} is not kept by the simulated account.`);
      return Key;
    });
    if (groupBy.length > 2) throw invalid('At most two groups can be given.');
    if (!input.Metrics?.length) throw invalid('At least one metric must be given.');
    const metrics = input.Metrics;
    const charges = chargesOf(world, periods[0]!.fromMs, periods.at(-1)!.untilMs, call.ms).filter((charge) =>
      fits(world, charge, input.Filter),
    );

    const results = periods.map(({ start, end, fromMs, untilMs }): ResultByTime => {
      const here = charges.filter((charge) => charge.dayMs >= fromMs && charge.dayMs < untilMs);
      const byGroup = Map.groupBy(here, (charge) => JSON.stringify(groupBy.map((key) => dimensionOf(world, charge, key))));
      return {
        TimePeriod: { Start: start, End: end },
        // The bill of the last two days still grows.
        Estimated: untilMs > call.ms - 2 * dayMs,
        Total: groupBy.length ? {} : measured(here, metrics),
        Groups: groupBy.length
          ? [...byGroup]
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([keys, group]) => ({ Keys: JSON.parse(keys) as string[], Metrics: measured(group, metrics) }))
          : [],
      };
    });
    const { page, next } = pageOfPeriods(results, input.NextPageToken);
    return {
      ResultsByTime: page,
      DimensionValueAttributes: [],
      ...(groupBy.length ? { GroupDefinitions: groupBy.map((Key) => ({ Type: 'DIMENSION' as const, Key })) } : {}),
      ...(next ? { NextPageToken: next } : {}),
    };
  },

  GetAnomalies: (): GetAnomaliesResponse => ({ Anomalies: [] }),
  GetAnomalyMonitors: (): GetAnomalyMonitorsResponse => ({ AnomalyMonitors: [] }),
  GetAnomalySubscriptions: (): GetAnomalySubscriptionsResponse => ({ AnomalySubscriptions: [] }),

  GetDimensionValues(world, input: GetDimensionValuesRequest, call): GetDimensionValuesResponse {
    const key = input.Dimension ?? '';
    if (!dimensions.has(key)) throw invalid(`The dimension ${key} is not kept by the simulated account.`);
    const [from, until] = [Date.parse(input.TimePeriod?.Start ?? ''), Date.parse(input.TimePeriod?.End ?? '')];
    const values = new Set(chargesOf(world, from, until, call.ms).map((charge) => dimensionOf(world, charge, key)));
    const found = [...values].sort().map((Value) => ({ Value }));
    return { DimensionValues: found, ReturnSize: found.length, TotalSize: found.length };
  },
};

type Charge = { dayMs: number; service: string; region: string; charge: string; instanceType: string; usd: number; hours: number };

const dayMs = 86_400_000;
const dimensions = new Set(['SERVICE', 'REGION', 'LINKED_ACCOUNT', 'RECORD_TYPE', 'INSTANCE_TYPE']);
/** 13 months and the current one. */
const historyMonths = 14;
const mostGroupsPerPage = 500;
const invalid = (message: string) => new AwsError('ValidationException', message);

/**
 * The bill is brought up to date three times a day and then knows what was used until eight hours before: 8 to 16 hours late, as AWS's
 * documents describe it.
 */
const billedUntil = (ms: number) => ms - (ms % (8 * 3_600_000)) - 8 * 3_600_000;

/** Every charge of these days as far as it is on the bill by then: simulated machines at list price, and the scenario's own lines. */
function chargesOf(world: World, fromMs: number, untilMs: number, ms: number): Charge[] {
  const until = Math.min(untilMs, billedUntil(ms));
  return [...machineCharges(world, fromMs, until), ...usageCharges(world, fromMs, until), ...lineCharges(world, fromMs, until)];
}

function machineCharges(world: World, fromMs: number, untilMs: number): Charge[] {
  const sums = new Map<string, Charge>();
  for (const instance of world.instances.values()) {
    const price = world.types[instance.type]?.usdPerHour ?? 0;
    instance.phases.forEach((phase, at) => {
      if (phase.state !== 'running') return;
      const end = Math.min(instance.phases[at + 1]?.fromMs ?? untilMs, untilMs);
      for (let from = Math.max(phase.fromMs, fromMs); from < end; ) {
        const day = from - (from % dayMs);
        const to = Math.min(day + dayMs, end);
        const key = `${day}/${instance.region}/${instance.type}`;
        let sum = sums.get(key);
        if (!sum) {
          sum = {
            dayMs: day,
            service: computeService,
            region: instance.region,
            charge: 'Usage',
            instanceType: instance.type,
            usd: 0,
            hours: 0,
          };
          sums.set(key, sum);
        }
        sum.hours += (to - from) / 3_600_000;
        sum.usd += ((to - from) / 3_600_000) * price * (instance.spot ? spotShare : 1);
        from = to;
      }
    });
  }
  return [...sums.values()];
}
/** What other services' things cost by the hour. */
function usageCharges(world: World, fromMs: number, untilMs: number): Charge[] {
  return world.usage.flatMap((usage) => {
    const end = Math.min(usage.untilMs ?? untilMs, untilMs);
    const charges: Charge[] = [];
    for (let from = Math.max(usage.fromMs, fromMs); from < end; ) {
      const day = from - (from % dayMs);
      const to = Math.min(day + dayMs, end);
      const hours = (to - from) / 3_600_000;
      const { service, region, usdPerHour } = usage;
      charges.push({ dayMs: day, service, region, charge: 'Usage', instanceType: 'NoInstanceType', usd: hours * usdPerHour, hours });
      from = to;
    }
    return charges;
  });
}
const computeService = 'Amazon Elastic Compute Cloud - Compute';
/** Spot prices move; a third of the list price is a usual order of magnitude. */
const spotShare = 1 / 3;

function lineCharges(world: World, fromMs: number, untilMs: number): Charge[] {
  const charges: Charge[] = [];
  for (const line of world.costs) {
    for (let day = fromMs - (fromMs % dayMs); day < untilMs; day += dayMs) {
      if (day + dayMs <= line.fromMs) continue;
      const date = new Date(day);
      const share = Math.min(1, (untilMs - day) / dayMs);
      const chance = createRandom(world.seed, `${line.service}/${line.region}/${line.charge}/${day}`);
      const noise = Math.max(0, 1 + line.noise * chance.normal());
      const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
      const due =
        line.dayOfMonth === undefined ? (isWeekend ? line.weekendShare : 1) * share : line.dayOfMonth === date.getUTCDate() ? 1 : 0;
      if (!due) continue;
      const usd = line.usdPerDay * due * noise;
      charges.push({
        dayMs: day,
        service: line.service,
        region: line.region,
        charge: line.charge,
        instanceType: 'NoInstanceType',
        usd,
        hours: 0,
      });
    }
  }
  return charges;
}

function dimensionOf(world: World, charge: Charge, dimension: string): string {
  switch (dimension) {
    case 'SERVICE':
      return charge.service;
    case 'REGION':
      return charge.region;
    case 'RECORD_TYPE':
      return charge.charge;
    case 'INSTANCE_TYPE':
      return charge.instanceType;
    default:
      return world.accountId;
  }
}

function fits(world: World, charge: Charge, filter: Expression | undefined): boolean {
  if (!filter) return true;
  const { And, Or, Not, Dimensions } = filter;
  if (And && !And.every((each) => fits(world, charge, each))) return false;
  if (Or && !Or.some((each) => fits(world, charge, each))) return false;
  if (Not && fits(world, charge, Not)) return false;
  if (Dimensions) {
    const key = Dimensions.Key ?? '';
    if (!dimensions.has(key)) throw invalid(`Filtering by ${key} is not kept by the simulated account.`);
    return (Dimensions.Values ?? []).includes(dimensionOf(world, charge, key));
  }
  if (filter.Tags || filter.CostCategories) throw invalid('The simulated account keeps no tags or categories of costs.');
  return true;
}

function measured(charges: Charge[], metrics: string[]): Record<string, MetricValue> {
  const sum = (of: (charge: Charge) => number) => charges.reduce((total, charge) => total + of(charge), 0);
  return Object.fromEntries(
    metrics.map((metric) => {
      const isQuantity = metric === 'UsageQuantity' || metric === 'NormalizedUsageAmount';
      const amount = sum((charge) => (isQuantity ? charge.hours : charge.usd));
      return [metric, { Amount: amount.toFixed(10), Unit: isQuantity ? 'N/A' : 'USD' }];
    }),
  );
}

type Period = { start: string; end: string; fromMs: number; untilMs: number };

/** Days, or months cut at the asked period's ends. */
function periodsOf(asked: DateInterval | undefined, granularity: string | undefined, ms: number): Period[] {
  const [start, end] = [asked?.Start ?? '', asked?.End ?? ''];
  const pattern = /^\d{4}-\d{2}-\d{2}$/;
  if (!pattern.test(start) || !pattern.test(end)) throw invalid('Start and end must be days: YYYY-MM-DD.');
  if (start >= end) throw invalid('Start date (and hour) should be before end date (and hour)');
  const earliest = new Date(ms);
  earliest.setUTCMonth(earliest.getUTCMonth() - historyMonths);
  if (Date.parse(start) < earliest.getTime()) throw invalid("You haven't enabled historical data beyond 14 months");
  if (granularity !== 'DAILY' && granularity !== 'MONTHLY')
    throw invalid(`The simulated account keeps no costs by ${granularity ?? 'nothing'}.`);

  const periods: Period[] = [];
  for (let fromMs = Date.parse(start); fromMs < Date.parse(end); ) {
    const from = new Date(fromMs);
    const next = granularity === 'DAILY' ? fromMs + dayMs : Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1);
    const untilMs = Math.min(next, Date.parse(end));
    periods.push({ start: day(fromMs), end: day(untilMs), fromMs, untilMs });
    fromMs = untilMs;
  }
  return periods;
}
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Whole periods, as many as have room for their groups. */
function pageOfPeriods(results: ResultByTime[], token: string | undefined): { page: ResultByTime[]; next?: string } {
  const start = token === undefined ? 0 : Number(readToken(token));
  let end = start;
  for (let groups = 0; end < results.length; end++) {
    groups += results[end]?.Groups?.length ?? 0;
    if (groups > mostGroupsPerPage && end > start) break;
  }
  return { page: results.slice(start, end), ...(end < results.length ? { next: writeToken(String(end)) } : {}) };
}
