/** Machines that something started by itself, within limits nobody has touched: its owner's work, whatever the load. */
import type { Observation } from '../observation.ts';

type Days = readonly { day: string; value: number }[];

/** Somebody changed it. What the lists alone tell is a launcher that followed its load. */
const byHand = ({ actor, outcome }: Observation): boolean => outcome === undefined && actor !== undefined && actor.kind !== 'provider';

/** How often launchers, and what they start machines from, were changed by somebody, day by day; whoever did, known or not. */
export const launcherMemories = {
  launchers: {
    kind: 'daily',
    key: (o: Observation) =>
      o.kind === 'launcher.changed' && byHand(o) ? o.resource : o.kind === 'compute.seen' && o.running ? o.launcher : undefined,
    day: ({ at }: Observation) => at.slice(0, 10),
    value: ({ kind }: Observation) => (kind === 'launcher.changed' ? 1 : 0),
    days: 400,
  },
  templates: {
    kind: 'daily',
    key: (o: Observation) =>
      o.kind === 'workload.defined' && byHand(o)
        ? o.resource
        : o.kind === 'compute.seen' && o.running && o.launcher !== undefined
          ? o.from
          : undefined,
    day: ({ at }: Observation) => at.slice(0, 10),
    value: ({ kind }: Observation) => (kind === 'workload.defined' ? 1 : 0),
    days: 60,
  },
} as const;
/** What a check watches that asks `isWithinLimits`. */
export const launcherKinds = ['launcher.changed', 'workload.defined'] as const;

const quietDays = 7;

/**
 * Whether a launcher that has been here for a week started it, and nobody changed the launcher or its template in that week. One whose making
 * the log does not know is new as long as its first machines are.
 */
export function isWithinLimits(now: Observation, { launchers, templates }: { launchers: Days; templates: Days }): boolean {
  if (now.kind !== 'compute.seen' || now.launcher === undefined) return false;
  const weekAgo = new Date(Date.parse(now.at) - quietDays * 86_400_000).toISOString().slice(0, 10);
  const isUntouched = (days: Days): boolean => !days.some(({ day, value }) => value > 0 && day >= weekAgo);
  const isOld = launchers.some(({ day }) => day < weekAgo);
  return isOld && isUntouched(launchers) && isUntouched(templates);
}
