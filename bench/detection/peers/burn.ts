/** What an account costs by the hour over time, for the peers that only see money. Pure. */
import type { PriceTable } from '../../../src/adapters/aws/prices.ts';
import type { LoggedEvent } from '../../../src/adapters/simulated/event-log.ts';
import type { Scenario } from '../../../src/adapters/simulated/scenario.ts';
import type { Meter } from '../../../src/adapters/simulated/simulated.ts';

/** USD an hour at list price, of one service in one region. Without `untilMs` it goes on. */
export type Burn = { service: string; region: string; usdPerHour: number; fromMs: number; untilMs?: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * The burn of what the account really ran and runs, attack and honest work alike: machines by their type at list price (Spot at a third),
 * other services as the simulated account meters them. Ask when the run has ended, so that what stopped is known to have stopped.
 */
export const burnOf = (meters: readonly Meter[], prices: Pick<PriceTable, 'usdPerHour'>): Burn[] =>
  meters.map(({ service, region, fromMs, untilMs, ...meter }) => ({
    service,
    region,
    usdPerHour: 'type' in meter ? prices.usdPerHour(meter.type, region).usd * (meter.spot ? spotShare : 1) : meter.usdPerHour,
    fromMs,
    ...(untilMs === undefined ? {} : { untilMs }),
  }));
/** Spot prices move; a third of the list price is a usual order of magnitude. The simulated bill reckons alike. */
const spotShare = 1 / 3;

/**
 * The usual bill of a scenario that is not simulated machines (storage, databases), day by day, without its noise and without taxes, fees
 * and credits: the money peers are shown an account calmer than a real one.
 */
export function usualBurnOf(costs: Scenario['costs'], fromMs: number, untilMs: number): Burn[] {
  const days: number[] = [];
  for (let day = fromMs - (fromMs % dayMs); day < untilMs; day += dayMs) days.push(day);
  return costs
    .filter((line) => line.charge === 'Usage')
    .flatMap(({ service, region, perDay, weekend, dayOfMonth }) =>
      days.flatMap((day) => {
        const date = new Date(day);
        const isWeekend = date.getUTCDay() % 6 === 0;
        const usd = dayOfMonth === undefined ? perDay * (isWeekend ? weekend : 1) : date.getUTCDate() === dayOfMonth ? perDay : 0;
        return usd === 0 ? [] : [{ service, region, usdPerHour: usd / 24, fromMs: day, untilMs: day + dayMs }];
      }),
    );
}

/**
 * A burn for what the simulated account keeps no meter for: from the first successful call of each such service and region on, at the rate
 * given. So the money peers get their chance with attacks on these services too.
 */
export function assumedBurnOf(records: readonly LoggedEvent[], usdPerHour: number): Burn[] {
  const first = new Map<string, Burn>();
  for (const { ms, region, record } of records.toSorted((a, b) => a.ms - b.ms)) {
    const call = `${record.eventSource.replace(/\.amazonaws\.com$/, '')}:${record.eventName.replace(/20\d{6}(v\d+)?$/, '')}`;
    const service = unmetered[call];
    const key = `${service} ${region}`;
    if (service === undefined || record.errorCode !== undefined || first.has(key)) continue;
    first.set(key, { service, region, usdPerHour, fromMs: ms });
  }
  return [...first.values()];
}
/** Calls that start to cost money in services which the simulated account only records, with the service's name on the bill. */
const unmetered: Record<string, string> = {
  'amplify:StartJob': 'AWS Amplify',
  'apprunner:CreateService': 'AWS App Runner',
  'bedrock:InvokeModel': 'Amazon Bedrock',
  'codebuild:StartBuild': 'AWS CodeBuild',
  'codebuild:StartBuildBatch': 'AWS CodeBuild',
  'gamelift:CreateFleet': 'Amazon GameLift',
  'glue:CreateDevEndpoint': 'AWS Glue',
  'glue:StartJobRun': 'AWS Glue',
  'lambda:PutProvisionedConcurrencyConfig': 'AWS Lambda',
  'workspaces:CreateWorkspaces': 'Amazon WorkSpaces',
};

/** USD burned from one moment until another. */
export function usdBetween(burn: readonly Burn[], fromMs: number, untilMs: number): number {
  let usd = 0;
  for (const one of burn) {
    const overlapMs = Math.min(one.untilMs ?? untilMs, untilMs) - Math.max(one.fromMs, fromMs);
    if (overlapMs > 0) usd += (overlapMs / hourMs) * one.usdPerHour;
  }
  return usd;
}
