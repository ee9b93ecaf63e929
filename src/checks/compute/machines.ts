/** What the log and the inventory say about machines, brought to one form. */
import type { Of, Shape, Subject } from '../observation.ts';

export type Launch = Of<'compute.asked'> | Of<'compute.seen'>;

export const machinesOf = (launch: Launch): Subject[] => (launch.kind === 'compute.asked' ? launch.resources : [launch.resource]);
export const countOf = (launch: Launch): number => (launch.kind === 'compute.asked' ? Math.max(launch.count, launch.resources.length) : 1);
export const vcpusOf = (launch: Launch): number => countOf(launch) * (launch.shape?.vcpus ?? 0);

/** List price in USD an hour of each machine that has a name, where it is known. */
export const priceOf = (launch: Launch): Record<Subject, number> => {
  const usd = launch.perHour?.usd;
  return usd === undefined ? {} : Object.fromEntries(machinesOf(launch).map((machine) => [machine, usd]));
};

/** Cards for graphics and mining on the one side, chips that only train and run models on the other. */
export function acceleratorOf({ shape }: { shape?: Shape }): 'gpu' | 'model chip' | undefined {
  const family = shape?.family ?? '';
  if (/^(inf|trn|dl)\d/.test(family)) return 'model chip';
  if ((shape?.gpus ?? 0) > 0 || /^(p|g)\d/.test(family)) return 'gpu';
  return undefined;
}

/** Facts for the card. */
export function machineFacts(launch: Launch): Record<string, string> {
  const type = launch.shape?.type;
  return { Region: launch.place.region, ...(type ? { Machines: type } : {}) };
}

/** The least that most machines have; a log does not always tell which size was asked for. */
const vcpusAtLeast = 2;

/** vCPUs of distinct machines: one that both log and inventory tell of counts once. */
export function vcpusStarted(launches: readonly Launch[]): number {
  const named = new Map<Subject, number>();
  let nameless = 0;
  for (const launch of launches) {
    const each = launch.shape?.vcpus ?? vcpusAtLeast;
    for (const machine of machinesOf(launch)) named.set(machine, Math.max(named.get(machine) ?? 0, each));
    nameless += (countOf(launch) - machinesOf(launch).length) * each;
  }
  // A fleet is asked for without names and then seen machine by machine: whichever of the two is greater holds both.
  return Math.max(
    [...named.values()].reduce((sum, vcpus) => sum + vcpus, 0),
    nameless,
  );
}
