/** What the log and the inventory say about machines, tasks and whatever else computes, brought to one form. */
import type { Observation, Of, Shape, Subject } from '../observation.ts';

export type Launch = Of<'compute.asked'> | Of<'compute.seen'>;
/** A launch, or something made that launches by itself. */
export type Start = Launch | Of<'launcher.changed'>;

/** Something began to run, or was set up to. What was refused did not, and the inventory also tells of what has ended. */
export const isStart = (seen: Observation): seen is Start =>
  (seen.kind === 'compute.asked' && seen.outcome === undefined) ||
  (seen.kind === 'compute.seen' && seen.running) ||
  (seen.kind === 'launcher.changed' && seen.outcome === undefined && seen.most > 0 && seen.ceiling === undefined);
/** What was stopped runs again: capacity that was here before. Who started it, and from where, is what tells a thief. */
export const isRestart = (seen: Observation): boolean =>
  (seen.kind === 'compute.asked' && seen.outcome === undefined && seen.again === true) ||
  (seen.kind === 'compute.seen' && seen.running && seen.made !== undefined);
export const isLaunch = (seen: Observation): seen is Launch => seen.kind !== 'launcher.changed' && isStart(seen);

export const machinesOf = (start: Start): Subject[] =>
  start.kind === 'compute.asked' ? start.resources : start.kind === 'compute.seen' ? [start.resource] : [];
/** What a finding is about: the machines, or what starts them. */
export const thingsOf = (start: Start): Subject[] => (start.kind === 'launcher.changed' ? [start.resource] : machinesOf(start));
export const countOf = (start: Start): number =>
  start.kind === 'compute.asked' ? Math.max(start.count, start.resources.length) : start.kind === 'compute.seen' ? 1 : start.desired;
export const vcpusOf = (start: Start): number => countOf(start) * (start.shape?.vcpus ?? 0);

/** List price in USD an hour of each machine that has a name, where it is known. */
export const priceOf = (start: Start): Record<Subject, number> => {
  const usd = start.kind === 'launcher.changed' ? undefined : start.perHour?.usd;
  return usd === undefined ? {} : Object.fromEntries(machinesOf(start).map((machine) => [machine, usd]));
};

/** Cards for graphics and mining on the one side, chips that only train and run models on the other. */
export function acceleratorOf({ shape }: { shape?: Shape }): 'gpu' | 'model chip' | undefined {
  const family = shape?.family ?? '';
  if (/^(inf|trn|dl)\d/.test(family)) return 'model chip';
  if ((shape?.gpus ?? 0) > 0 || /^(p|g)\d/.test(family)) return 'gpu';
  return undefined;
}

/** Facts for the card. */
export function machineFacts(start: Start): Record<string, string> {
  const type = start.shape?.type;
  return { Region: start.place.region, ...(type ? { Machines: type } : {}), ...whatFact(start) };
}

/** "50 Fargate tasks (ECS)"; nothing for a single virtual machine, whose type says it all. */
function whatFact(start: Start): Record<string, string> {
  if (start.kind === 'launcher.changed') return { What: `a launcher of up to ${start.most}${start.service ? ` (${start.service})` : ''}` };
  const count = countOf(start);
  if (count === 1 && start.service === undefined) return {};
  const named = start.what.slice(0, 60);
  return { What: `${count} ${count === 1 || named.endsWith('s') ? named : `${named}s`}${start.service ? ` (${start.service})` : ''}` };
}

/** Distinct machines; as many without a name as were asked for. */
export function machinesStarted(starts: readonly Start[]): number {
  const named = new Set(starts.flatMap(machinesOf));
  return named.size + starts.reduce((sum, start) => sum + countOf(start) - machinesOf(start).length, 0);
}

/** The least that most machines have; a log does not always tell which size was asked for. */
const vcpusAtLeast = 2;

/** vCPUs of distinct machines: one that both log and inventory tell of counts once. */
export function vcpusStarted(starts: readonly Start[]): number {
  const named = new Map<Subject, number>();
  let sum = 0;
  let nameless = 0;
  for (const start of starts) {
    const each = start.shape?.vcpus ?? vcpusAtLeast;
    const machines = machinesOf(start);
    for (const machine of machines) {
      const known = named.get(machine) ?? 0;
      if (known >= each) continue;
      named.set(machine, each);
      sum += each - known;
    }
    nameless += (countOf(start) - machines.length) * each;
  }
  // A fleet is asked for without names and then seen machine by machine: whichever of the two is greater holds both.
  return Math.max(sum, nameless);
}
