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
  GroupDefinition,
  MetricValue,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { AwsError } from '../fault.ts';
import { readToken, writeToken } from '../page.ts';
import type { Operation, World } from '../world.ts';
import { type Charge, chargesOf, dayMs, hourMs } from './charges.ts';

export const costExplorerOperations: Record<string, Operation> = {
  GetCostAndUsage(world, input: GetCostAndUsageRequest, call): GetCostAndUsageResponse {
    const periods = periodsOf(world, input.TimePeriod, input.Granularity, call.ms);
    const groupBy = (input.GroupBy ?? []).map(grouping);
    if (groupBy.length > 2) throw invalid('At most two groups can be given.');
    if (!input.Metrics?.length) throw invalid('At least one metric must be given.');
    const metrics = input.Metrics;
    const stepMs = input.Granularity === 'HOURLY' ? hourMs : dayMs;
    const charges = chargesOf(world, periods[0]!.fromMs, periods.at(-1)!.untilMs, call.ms, stepMs).filter((charge) =>
      fits(charge, input.Filter),
    );

    const byPeriod = Map.groupBy(charges, (charge) => periods.findLast(({ fromMs }) => charge.fromMs >= fromMs));
    const results = periods.map((period): ResultByTime => {
      const { start, end, untilMs } = period;
      const here = byPeriod.get(period) ?? [];
      const byGroup = Map.groupBy(here, (charge) => JSON.stringify(groupBy.map((of) => of(charge))));
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
      ...(groupBy.length ? { GroupDefinitions: input.GroupBy } : {}),
      ...(next ? { NextPageToken: next } : {}),
    };
  },

  GetAnomalies: (): GetAnomaliesResponse => ({ Anomalies: [] }),
  GetAnomalyMonitors: (): GetAnomalyMonitorsResponse => ({ AnomalyMonitors: [] }),
  GetAnomalySubscriptions: (): GetAnomalySubscriptionsResponse => ({ AnomalySubscriptions: [] }),

  GetDimensionValues(world, input: GetDimensionValuesRequest, call): GetDimensionValuesResponse {
    const key = input.Dimension ?? '';
    const dimension = dimensions[key];
    if (!dimension) throw invalid(`The dimension ${key} is not kept by the simulated account.`);
    const [from, until] = [Date.parse(input.TimePeriod?.Start ?? ''), Date.parse(input.TimePeriod?.End ?? '')];
    const values = new Set(chargesOf(world, from, until, call.ms).map(dimension));
    const found = [...values].sort().map((Value) => ({ Value }));
    return { DimensionValues: found, ReturnSize: found.length, TotalSize: found.length };
  },
};

type Dimension = (charge: Charge) => string;
const dimensions: Readonly<Record<string, Dimension>> = {
  SERVICE: ({ service }) => service,
  REGION: ({ region }) => region,
  LINKED_ACCOUNT: ({ account }) => account,
  RECORD_TYPE: ({ charge }) => charge,
  INSTANCE_TYPE: ({ instanceType }) => instanceType,
  USAGE_TYPE: ({ usageType }) => usageType,
};
/** 13 months and the current one. */
const historyMonths = 14;
const hourlyDays = 14;
const mostGroupsPerPage = 500;
const invalid = (message: string) => new AwsError('ValidationException', message);

/** What a definition of a group says of a charge. A tag's value stands behind its key: "team$platform". */
function grouping({ Type, Key = '' }: GroupDefinition): Dimension {
  const dimension = dimensions[Key];
  if (Type === 'TAG') return ({ tags }) => `${Key}$${tags[Key] ?? ''}`;
  if (Type === 'DIMENSION' && dimension) return dimension;
  throw invalid(`Grouping by ${Type} ${Key} is not kept by the simulated account.`);
}

function fits(charge: Charge, filter: Expression | undefined): boolean {
  if (!filter) return true;
  const { And, Or, Not, Dimensions } = filter;
  if (And && !And.every((each) => fits(charge, each))) return false;
  if (Or && !Or.some((each) => fits(charge, each))) return false;
  if (Not && fits(charge, Not)) return false;
  if (Dimensions) {
    const dimension = dimensions[Dimensions.Key ?? ''];
    if (!dimension) throw invalid(`Filtering by ${Dimensions.Key} is not kept by the simulated account.`);
    return (Dimensions.Values ?? []).includes(dimension(charge));
  }
  if (filter.Tags || filter.CostCategories) throw invalid('The simulated account keeps no tags or categories of costs.');
  return true;
}

function measured(charges: Charge[], metrics: string[]): Record<string, MetricValue> {
  const sum = (of: (charge: Charge) => number) => charges.reduce((total, charge) => total + of(charge), 0);
  return Object.fromEntries(
    metrics.map((metric) => {
      const isQuantity = metric === 'UsageQuantity' || metric === 'NormalizedUsageAmount';
      const amount = sum((charge) => (isQuantity ? charge.hours : metric.startsWith('Net') ? charge.net : charge.usd));
      return [metric, { Amount: amount.toFixed(10), Unit: isQuantity ? 'N/A' : 'USD' }];
    }),
  );
}

type Period = { start: string; end: string; fromMs: number; untilMs: number };

/** Hours where somebody pays for them, days, or months cut at the asked period's ends. */
function periodsOf(world: World, asked: DateInterval | undefined, granularity: string | undefined, ms: number): Period[] {
  const [start, end] = [asked?.Start ?? '', asked?.End ?? ''];
  const isHourly = granularity === 'HOURLY';
  const pattern = isHourly ? /^\d{4}-\d{2}-\d{2}T\d{2}:00:00Z$/ : /^\d{4}-\d{2}-\d{2}$/;
  if (!pattern.test(start) || !pattern.test(end))
    throw invalid(`Start and end must be ${isHourly ? 'hours: YYYY-MM-DDThh:00:00Z' : 'days: YYYY-MM-DD'}.`);
  if (isHourly && !world.hourlyCosts) throw invalid('Hourly data is not switched on.');
  if (isHourly && Date.parse(start) < ms - hourlyDays * dayMs) throw invalid(`Hourly data is kept for ${hourlyDays} days.`);
  if (start >= end) throw invalid('Start date (and hour) should be before end date (and hour)');
  const earliest = new Date(ms);
  earliest.setUTCMonth(earliest.getUTCMonth() - historyMonths);
  if (Date.parse(start) < earliest.getTime()) throw invalid("You haven't enabled historical data beyond 14 months");
  if (!isHourly && granularity !== 'DAILY' && granularity !== 'MONTHLY')
    throw invalid(`The simulated account keeps no costs by ${granularity ?? 'nothing'}.`);

  const periods: Period[] = [];
  for (let fromMs = Date.parse(start); fromMs < Date.parse(end); ) {
    const from = new Date(fromMs);
    const month = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1);
    const untilMs = Math.min(isHourly ? fromMs + hourMs : granularity === 'DAILY' ? fromMs + dayMs : month, Date.parse(end));
    const spelled = isHourly ? hour : day;
    periods.push({ start: spelled(fromMs), end: spelled(untilMs), fromMs, untilMs });
    fromMs = untilMs;
  }
  return periods;
}
const hour = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
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
