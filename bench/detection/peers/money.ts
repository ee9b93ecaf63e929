/** Two peers that see only the bill: the provider's anomaly service as its documentation describes it, and a fixed budget. Pure. */
import type { Alarm } from './alarm.ts';
import { type Burn, usdBetween } from './burn.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** AWS Cost Anomaly Detection as documented. What is not documented is chosen kindly to it, and says so. */
export const asDocumented = {
  /** It runs about three times a day after the bill is updated (user guide, "Detecting unusual spend"; its FAQ). */
  runsPerDay: 3,
  /** At a run it knows what was used until so many hours before. Documented: up to 24; the bill is usually 8 to 24 late, this is the middle. */
  lateHours: 16,
  /** It compares windows of 24 hours that roll along (AWS, since 21 November 2025; before that whole days). */
  windowHours: 24,
  /** A new monitor needs so long before it finds anything (user guide). */
  newMonitorHours: 24,
  /** A service the account has not used before needs a history so long before anything about it can be found (user guide). */
  newServiceDays: 10,
  /** It knows weekly seasons (FAQ). The method is not published; chosen: the same window of so many weeks before, their mean. */
  seasonWeeks: 4,
  /** An alert needs both, in USD over what was expected and as its share (what the console sets up by default). */
  impactUsd: 100,
  impactShare: 0.4,
};

/**
 * When it alerts, per service (its usual monitor; the region only stands in the causes): once when a service becomes unusual, again only
 * after it was usual in between. `burn` must reach back at least `seasonWeeks` before `fromMs`, or the past seems free.
 * `monitorSinceMs`: when the monitor was set up; absent: long ago.
 */
export function billingAnomalies(
  burn: readonly Burn[],
  {
    fromMs,
    untilMs,
    monitorSinceMs,
    ...changed
  }: { fromMs: number; untilMs: number; monitorSinceMs?: number } & Partial<typeof asDocumented>,
): Alarm[] {
  const { lateHours, windowHours, newMonitorHours, newServiceDays, seasonWeeks, impactUsd, impactShare, runsPerDay } = {
    ...asDocumented,
    ...changed,
  };
  const readyMs = monitorSinceMs === undefined ? fromMs : Math.max(fromMs, monitorSinceMs + newMonitorHours * hourMs);
  const services = [...Map.groupBy(burn, (one) => one.service)].map(([name, own]) => ({
    name,
    burn: own,
    firstMs: Math.min(...own.map((one) => one.fromMs)),
    isUnusual: false,
  }));
  const alarms: Alarm[] = [];
  for (const runMs of runs(readyMs, untilMs, runsPerDay)) {
    const knownMs = runMs - lateHours * hourMs;
    for (const service of services) {
      if (knownMs - service.firstMs < newServiceDays * dayMs) continue;
      const window = (weeksBefore: number): number => {
        const endMs = knownMs - weeksBefore * 7 * dayMs;
        return usdBetween(service.burn, endMs - windowHours * hourMs, endMs);
      };
      const weeks = Array.from({ length: seasonWeeks }, (_, index) => window(index + 1));
      const expected = weeks.reduce((sum, usd) => sum + usd, 0) / seasonWeeks;
      const impact = window(0) - expected;
      const isUnusual = impact >= impactUsd && impact >= impactShare * expected;
      if (isUnusual && !service.isUnusual)
        alarms.push({ atMs: runMs, because: `${service.name}: $${impact.toFixed(0)} over what was expected` });
      service.isUnusual = isUnusual;
    }
  }
  return alarms;
}

/** A budget of the usual monthly bill. AWS Budgets, user guide: brought up to date up to three times a day, 8 to 12 hours late. */
export const usualBudget = {
  runsPerDay: 3,
  /** The middle of what is documented. */
  lateHours: 10,
  /** Alerts at these shares of the usual monthly bill. */
  shares: [1, 1.3] as readonly number[],
};

/**
 * When it alerts: once per share and calendar month, as soon as what is known of the month's bill reaches the share. `burn` must reach back to
 * the first day of the month of `fromMs`. A share that was reached before `fromMs` is not news.
 */
export function staticBudget(
  burn: readonly Burn[],
  usualMonthlyUsd: number,
  { fromMs, untilMs, ...changed }: { fromMs: number; untilMs: number } & Partial<typeof usualBudget>,
): (Alarm & { share: number })[] {
  const { runsPerDay, lateHours, shares } = { ...usualBudget, ...changed };
  const monthOf = (ms: number): number => Date.UTC(new Date(ms).getUTCFullYear(), new Date(ms).getUTCMonth());
  const spent = (runMs: number): { month: number; usd: number } => {
    const knownMs = runMs - lateHours * hourMs;
    const month = monthOf(knownMs);
    return { month, usd: usdBetween(burn, month, knownMs) };
  };
  const before = spent(fromMs);
  const told = new Set(shares.filter((share) => before.usd >= share * usualMonthlyUsd).map((share) => `${before.month} ${share}`));
  return runs(fromMs, untilMs, runsPerDay).flatMap((runMs) => {
    const { month, usd } = spent(runMs);
    return shares
      .filter((share) => usd >= share * usualMonthlyUsd && !told.has(`${month} ${share}`))
      .map((share) => {
        told.add(`${month} ${share}`);
        return { atMs: runMs, because: `$${usd.toFixed(0)} this month, ${Math.round(share * 100)} % of the usual bill`, share };
      });
  });
}

/** What a month of 30 days cost before that moment. */
export const usualMonthlyUsdOf = (burn: readonly Burn[], atMs: number): number => usdBetween(burn, atMs - 30 * dayMs, atMs);

/** Evenly spread over the UTC day, later than the first moment. */
function runs(fromMs: number, untilMs: number, perDay: number): number[] {
  const everyMs = dayMs / perDay;
  const times: number[] = [];
  for (let ms = (Math.floor(fromMs / everyMs) + 1) * everyMs; ms <= untilMs; ms += everyMs) times.push(ms);
  return times;
}
