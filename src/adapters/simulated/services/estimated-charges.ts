import type { Metric } from '@aws-sdk/client-cloudwatch';
import type { World } from '../world.ts';
import { billedUntil, chargesOf, hourMs } from './charges.ts';

/** AWS works them out about every six hours, and writes them in one region. */
const everyMs = 6 * hourMs;
const home = 'us-east-1';

/** The series of `AWS/Billing EstimatedCharges`: one a service and one of all, where billing alerts are switched on. */
export function billingMetrics(world: World, region: string, ms: number): Metric[] {
  if (!world.billingAlerts || region !== home) return [];
  const services = [...totalsAt(world, ms - (ms % everyMs)).keys()].filter((service) => service !== '');
  return ['', ...services.sort()].map((service) => ({
    Namespace: 'AWS/Billing',
    MetricName: 'EstimatedCharges',
    Dimensions: [...(service === '' ? [] : [{ Name: 'ServiceName', Value: service }]), { Name: 'Currency', Value: 'USD' }],
  }));
}

/** The month's total so far as it was written in that time; nothing where none was. */
export function estimatedAt(
  world: World,
  region: string,
  service: string | undefined,
  fromMs: number,
  untilMs: number,
): number | undefined {
  const writtenMs = untilMs - 1 - ((untilMs - 1) % everyMs);
  if (!world.billingAlerts || region !== home || writtenMs < fromMs) return undefined;
  return totalsAt(world, writtenMs).get(service ?? '');
}

const known = new WeakMap<object, Map<number, Map<string, number>>>();

/** By service; under no name, of all. What is on the bill late still counts into its own month: the old total goes on for some hours. */
function totalsAt(world: World, ms: number): Map<string, number> {
  const remembered = known.get(world.costs) ?? new Map<number, Map<string, number>>();
  known.set(world.costs, remembered);
  let totals = remembered.get(ms);
  if (!totals) {
    const untilMs = billedUntil(ms);
    const date = new Date(untilMs - 1);
    totals = new Map([['', 0]]);
    for (const { service, usd } of chargesOf(world, Date.UTC(date.getUTCFullYear(), date.getUTCMonth()), untilMs, ms)) {
      totals.set(service, (totals.get(service) ?? 0) + usd);
      totals.set('', (totals.get('') ?? 0) + usd);
    }
    remembered.set(ms, totals);
  }
  return totals;
}
