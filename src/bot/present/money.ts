/** What a story costs, at list price. Pure. */
import type { Subject, Time } from '../../checks/observation.ts';
import { isSo } from '../step.ts';
import { secondsBetween } from '../words.ts';
import type { View } from './view.ts';

/** What the story costs now, in USD an hour at list price, and so far. For the pager, limits and the notification. */
export function burn(view: View): { usdPerHour: number; soFarUsd: number; running: number } {
  const money = costs(view);
  return { usdPerHour: money.perHour, soFarUsd: money.soFar, running: money.running.length };
}

export type Running = { resource: Subject; type: string; region: string; usdPerHour: number };

export type Costs = {
  perHour: number;
  soFar: number;
  since?: Time;
  estimated: boolean;
  unpriced: number;
  machines: number;
  running: Running[];
};

/** How long a machine that only the log has named is still counted as running: by then inventory has looked several times. */
const logOnlySeconds = 3600;

/** USD an hour now and so far, at list price: each machine from its start until it was gone or stopped by a step of this story. */
export function costs(view: View): Costs {
  const { incident, machines, now } = view;
  const found: Costs = { perHour: 0, soFar: 0, estimated: false, unpriced: 0, machines: machines.length, running: [] };
  const stops = new Map<Subject, Time>();
  for (const step of Object.values(incident.steps)) {
    if (step.item.verb === 'stop-compute' && (step.outcome === 'gone' || (isSo(step.outcome) && !isSo(step.undone?.outcome))))
      stops.set(step.item.resource, step.at);
  }
  const add = (machine: Running & { startedAt: Time; endedAt?: Time; priced: boolean; estimated: boolean }) => {
    const until = machine.endedAt && machine.endedAt < now ? machine.endedAt : now;
    found.soFar += (machine.usdPerHour * Math.max(0, secondsBetween(machine.startedAt, until))) / 3600;
    if (!machine.priced) found.unpriced += 1;
    else {
      found.estimated ||= machine.estimated;
      if (!found.since || machine.startedAt < found.since) found.since = machine.startedAt;
    }
    if (machine.endedAt) return;
    found.perHour += machine.usdPerHour;
    found.running.push({ resource: machine.resource, type: machine.type, region: machine.region, usdPerHour: machine.usdPerHour });
  };
  for (const machine of machines) {
    const stop = stops.get(machine.resource);
    // A stop before the machine's present start is of an earlier life of it.
    const ends = [machine.goneAt, stop && stop >= machine.startedAt ? stop : undefined].filter((end) => end !== undefined).sort();
    const price = usable(machine.usdPerHour);
    add({
      resource: machine.resource,
      type: machine.shape.type || machine.what,
      region: machine.place.region,
      usdPerHour: price ?? 0,
      priced: price !== undefined,
      estimated: machine.estimated,
      startedAt: machine.startedAt,
      ...(ends[0] ? { endedAt: ends[0] } : {}),
    });
  }
  const counted = new Set(machines.map((machine) => machine.resource));
  for (const finding of Object.values(incident.findings)) {
    if (finding.state !== 'active' || secondsBetween(finding.changedAt, now) > logOnlySeconds) continue;
    for (const [resource, price] of Object.entries(finding.usdPerHour) as [Subject, number][]) {
      if (counted.has(resource) || usable(price) === undefined) continue;
      counted.add(resource);
      found.machines += 1;
      const stop = stops.get(resource);
      add({
        resource,
        type: 'machine named by the log',
        region: finding.place.region,
        usdPerHour: price,
        priced: true,
        estimated: true,
        startedAt: finding.at,
        ...(stop ? { endedAt: stop } : {}),
      });
    }
  }
  return found;
}

export const usable = (price: number | undefined): number | undefined =>
  price !== undefined && price >= 0 && price < 1e6 ? price : undefined;
