/**
 * What somebody has without this program: the provider's billing anomaly service, a fixed budget, and one list of the event names on which
 * at least two public rule sets alarm. Each says when it would have woken somebody in the same run. Pure.
 */
import type { PriceTable } from '../../src/adapters/aws/prices.ts';
import type { LoggedEvent } from '../../src/adapters/simulated/event-log.ts';
import type { Scenario } from '../../src/adapters/simulated/scenario.ts';
import type { Meter } from '../../src/adapters/simulated/simulated.ts';
import type { Delivery } from './delivery.ts';
import type { Told } from './live.ts';
import type { Alarm } from './peers/alarm.ts';
import { assumedBurnOf, burnOf, usualBurnOf } from './peers/burn.ts';
import { type EventNameList, eventNames } from './peers/event-names.ts';
import { billingAnomalies, staticBudget, usualMonthlyUsdOf } from './peers/money.ts';

export type Peer = keyof typeof peers;
export const peers = {
  anomalies: 'billing anomaly service, as documented',
  budget: 'budget of the usual bill',
  names: 'event names of two public rule sets',
} as const;

/**
 * What each peer would have told in a run, in the shape the scores are made of; every alarm is a page.
 * `records`: those since the start, the program's own left out. `meters`: `simulated.state.meters()` when the run has ended.
 * `endMs` may lie behind the run's end: what runs then is taken to run on, so that peers that need days have them.
 * `assumedUsdPerHour`: what an attack on a service without a meter is taken to burn; 0 where nobody attacks.
 */
export function peersTold(run: {
  scenario: Pick<Scenario, 'costs'>;
  records: readonly LoggedEvent[];
  meters: readonly Meter[];
  startMs: number;
  endMs: number;
  delivery: Delivery;
  push: boolean;
  prices: Pick<PriceTable, 'usdPerHour'>;
  assumedUsdPerHour: number;
  list?: EventNameList;
}): Record<Peer, Told[]> {
  const { scenario, records, meters, startMs, endMs, delivery, push, prices, assumedUsdPerHour, list } = run;
  const burn = [
    ...burnOf(meters, prices),
    ...usualBurnOf(scenario.costs, startMs - historyMs, endMs),
    ...assumedBurnOf(records, assumedUsdPerHour),
  ];
  const time = { fromMs: startMs, untilMs: endMs };
  return {
    anomalies: asTold('anomalies', billingAnomalies(burn, time)),
    budget: asTold('budget', staticBudget(burn, usualMonthlyUsdOf(burn, startMs), time)),
    names: asTold('names', eventNames(records, delivery, { push, ...(list ? { list } : {}) })),
  };
}

/** The seasons the anomaly service compares with, and the month before the start. */
const historyMs = 60 * 86_400_000;

const asTold = (peer: Peer, alarms: readonly Alarm[]): Told[] =>
  alarms.map(({ atMs, because }, index) => ({
    atMs,
    story: `${peer} ${index + 1}`,
    severity: 'high',
    title: because,
    checks: [peers[peer]],
  }));
