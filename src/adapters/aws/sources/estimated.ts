/** What it cost where Cost Explorer is not asked: the estimated charges of CloudWatch, by service and day, without regions. Nearly free, and coarse. */
import type { Metric, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Batch, CostRow, Source } from '../../../bot/ports.ts';
import type { Observation, Scope, Time } from '../../../checks/observation.ts';
import { troubleOf } from '../trouble.ts';
import { dayAfter, isProvisional, keyOf, recorded, type ToldCosts, vanished } from './costs-rows.ts';
import { dayCosts, type Total } from './estimated-days.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

export type EstimatedOptions = { told?: ToldCosts; payer?: { covers: readonly string[] } };

/**
 * Twice a day the month's total so far of each service, by `AWS/Billing EstimatedCharges`, which AWS writes in us-east-1 about every
 * six hours where billing alerts are switched on; at the first time those of thirteen months. Daily costs are differences of these totals.
 * Twenty services are 1,200 metrics a month: $0.01. Of a payer with more than 80 series only the accounts' totals are read.
 */
export function estimatedCosts({ session, clock }: Pick<Sight, 'session' | 'clock'>, { told, payer }: EstimatedOptions = {}): Source {
  const { scope } = session;
  return {
    name,
    scope,
    everySeconds,
    permissions: ['cloudwatch:ListMetrics', 'cloudwatch:GetMetricData'].map((one) => ({ system: 'aws-iam' as const, name: one })),

    async *collect(given): AsyncGenerator<Batch> {
      const heard = clock.now();
      const { read } = given;
      if (read !== undefined && read <= heard && heard < plusSeconds(read, everySeconds - slackSeconds)) return;
      const today = heard.slice(0, 10);
      const from =
        read === undefined
          ? dayAfter(today, -historyDays)
          : earlier(dayAfter(today, -recentDays), dayAfter(read.slice(0, 10), -recentDays));
      let gap: string | undefined;
      let upTo: Time | undefined;
      try {
        const series = wanted(await listed());
        if (series.length === 0)
          gap = `${cannot}: AWS writes none; switch on “Receive CloudWatch billing alerts” in the payer’s Billing preferences`;
        else {
          const found = await amounts(series, from, heard);
          upTo = found.upTo;
          if (upTo === undefined) gap = `${cannot}: AWS wrote no figure since ${from}`;
          else {
            const rows = found.rows.filter(({ day }) => day >= from);
            const before = ((await told?.(from, upTo.slice(0, 10))) ?? []).filter((row) => isOurs(row.scope.id) && row.region === 'global');
            const gone = vanished(before, new Set(rows.map(keyOf)), heard);
            const hearing = { by: name, heard };
            yield { observations: [...rows, ...gone].map((row) => recorded(row, hearing)), raw: {}, cursors: {} };
            gap = found.gap;
          }
        }
      } catch (error) {
        gap = `${cannot}: ${troubleOf(error).words}`;
      }
      yield { observations: [end(heard, upTo ?? read ?? heard, gap)], raw: {}, cursors: upTo === undefined ? {} : { read: heard } };
    },
  };

  function isOurs(id: string): boolean {
    return id === scope.id || (payer?.covers.includes(id) ?? false);
  }

  async function listed(): Promise<Series[]> {
    const { paginateListMetrics } = await import('@aws-sdk/client-cloudwatch');
    const client = await session.read.cloudwatch(home);
    const all: Series[] = [];
    for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace: 'AWS/Billing', MetricName: 'EstimatedCharges' }))
      for (const metric of Metrics) all.push(seriesOf(metric));
    return all;
  }

  /** A payer's credentials see every account: alone, or all of them, but never both an account and the sum it is part of. */
  function wanted(all: Series[]): Series[] {
    const linked = all.filter(({ account }) => account !== undefined);
    if (payer === undefined) {
      const own = linked.filter(({ account }) => account === scope.id);
      return own.length > 0 ? own : all.filter(({ account }) => account === undefined);
    }
    if (linked.length === 0) return all;
    return linked.length <= mostSeries ? linked : linked.filter(({ service }) => service === undefined);
  }

  async function amounts(
    series: Series[],
    from: string,
    heard: Time,
  ): Promise<{ rows: CostRow[]; upTo: Time | undefined; gap: string | undefined }> {
    // A few days more: differences need a figure before the first day.
    const totals = await totalsOf(series, plusSeconds(`${from}T00:00:00.000Z`, -contextDays * 86_400), heard);
    const last = Math.max(...series.map((one) => totals.get(one)?.at(-1)?.ms ?? 0));
    if (last === 0) return { rows: [], upTo: undefined, gap: undefined };
    const daily = series.map((one) => ({ ...one, ...dayCosts(totals.get(one) ?? []) }));
    const rows = [...Map.groupBy(daily, ({ account = scope.id, currency }) => `${account} ${currency}`).values()].flatMap((own) =>
      rowsOf(own, heard),
    );
    const [hole] = daily.flatMap(({ gaps }) => gaps).filter(({ untilMs }) => untilMs > Date.parse(`${from}T00:00:00.000Z`));
    const when = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
    return {
      rows,
      upTo: new Date(last).toISOString(),
      gap:
        hole &&
        `AWS wrote no estimated charges from ${when(hole.fromMs)} to ${when(hole.untilMs)} UTC; what was spent is spread evenly over that time`,
    };
  }

  type Daily = Series & { days: Map<string, number> };
  /** What no service is named for, such as what is new, is the total less the services. */
  function rowsOf(own: Daily[], heard: Time): CostRow[] {
    const services = own.filter(({ service }) => service !== undefined);
    const total = own.find(({ service }) => service === undefined);
    const rest = new Map(total?.days);
    for (const { days } of services) for (const [day, amount] of days) if (rest.has(day)) rest.set(day, rest.get(day)! - amount);
    const all = [...services, ...(total ? [{ ...total, days: rest, service: services.length > 0 ? otherServices : allServices }] : [])];
    return all.flatMap(({ account = scope.id, service = allServices, currency, days }) =>
      [...days].flatMap(([day, amount]): CostRow[] => {
        if (Math.abs(amount) < leastAmount) return [];
        const place = {
          day,
          scope: { ...scope, id: account },
          region: 'global',
          service,
          currency,
          provisional: isProvisional(day, heard),
        };
        return [amount > 0 ? { ...place, charge: 'usage', amount } : { ...place, charge: 'credit', amount, recordType: 'Correction' }];
      }),
    );
  }

  async function totalsOf(series: Series[], from: Time, until: Time): Promise<Map<Series, Total[]>> {
    const { paginateGetMetricData } = await import('@aws-sdk/client-cloudwatch');
    const client = await session.read.cloudwatch(home);
    const totals = new Map<Series, Total[]>();
    for (let first = 0; first < series.length; first += atOnce) {
      const some = series.slice(first, first + atOnce);
      const asked = {
        StartTime: new Date(from),
        EndTime: new Date(until),
        ScanBy: 'TimestampAscending' as const,
        MetricDataQueries: some.map(
          ({ metric }, at): MetricDataQuery => ({
            Id: `m${at}`,
            MetricStat: { Metric: metric, Period: 3600, Stat: 'Maximum' },
          }),
        ),
      };
      for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, asked))
        for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
          const one = some[Number(Id.slice(1))];
          if (!one) continue;
          const known = totals.get(one) ?? [];
          for (const [at, time] of Timestamps.entries()) known.push({ ms: time.getTime(), amount: Values[at] ?? 0 });
          totals.set(one, known);
        }
    }
    return totals;
  }

  function end(heard: Time, upTo: Time, gap: string | undefined): Observation {
    const complete = gap === undefined;
    const where: { scope: Scope; region: string } = { scope, region: 'global' };
    return lookFinished(name, where, { noun: 'payers', of: 1, seen: complete ? 1 : 0, heard, upTo, complete, gap });
  }
}

type Series = { metric: Metric; account?: string; service?: string; currency: string };

function seriesOf(metric: Metric): Series {
  const dimension = (wanted: string) => metric.Dimensions?.find(({ Name }) => Name === wanted)?.Value;
  const [account, service] = [dimension('LinkedAccount'), dimension('ServiceName')];
  return { metric, currency: dimension('Currency') ?? 'USD', ...(account ? { account } : {}), ...(service ? { service } : {}) };
}

const name = 'aws/estimated/costs';
const cannot = 'estimated charges could not be read';
/** Where AWS writes the charges of all regions. */
const home = 'us-east-1';
const everySeconds = 12 * 3600;
const slackSeconds = 300;
const recentDays = 3;
const contextDays = 3;
/** CloudWatch keeps hourly figures for 455 days. */
const historyDays = 395;
const mostSeries = 80;
/** CloudWatch takes so many metrics in one request. */
const atOnce = 500;
const leastAmount = 0.005;
const otherServices = 'other services';
const allServices = 'all services';
const earlier = (a: string, b: string): string => (a < b ? a : b);
