/** Since when each account is known: while a place is being learnt, that something was never seen before means little. */
import type { Observation, Time } from '../checks/observation.ts';
import { inOrder } from '../checks/observation.ts';
import { nameOf, type Since } from './inspect-held.ts';
import { minutesLater, type Position } from './inspect-memory.ts';
import type { MemoryEntry } from './ports.ts';

/** A place is being learnt for so long after it was first looked at. */
const learningMinutes = 7 * 24 * 60;

export type Beginnings = {
  /** Learns from an observation since when its account is known. */
  teach(observation: Observation): void;
  /** Is its account still being learnt at that position? */
  isLearning(observation: Observation): boolean;
  /** Which places are, and until when. */
  learning(now: Time): { scope: string; until: Time }[];
  entries(): MemoryEntry[];
  load(entry: MemoryEntry): void;
};

/** `onLearnt`: what is of that scope, no earlier than that position and no earlier than `learnt`, is no longer of the time of learning. */
export function createBeginnings(onLearnt: (scope: string, from: Position & { learnt: Time }) => void): Beginnings {
  /** Each step reaches further back than the one before it. */
  const since = new Map<string, Since[]>();
  let latest = { of: { cloud: '', level: '', id: '' } as { cloud: string; level: string; id: string }, name: '' };

  /** Most of a log is of one account: its name need not be made anew each time. */
  function scopeOf({ place: { scope } }: Observation): string {
    const { cloud, level, id } = latest.of;
    if (scope.id !== id || scope.cloud !== cloud || scope.level !== level) latest = { of: scope, name: nameOf(scope) };
    return latest.name;
  }

  function learn(scope: string, step: Since): void {
    const steps = since.get(scope) ?? [];
    const covers = steps.findLast((other) => inOrder(other, step) <= 0);
    if (covers && covers.value <= step.value) return;
    step.learnt = minutesLater(step.value, learningMinutes);
    // Those that no longer reach further back than the one before them are dropped.
    const kept = [...steps.filter((other) => inOrder(other, step) < 0), step];
    kept.push(...steps.filter((other) => inOrder(other, step) >= 0 && other.value < step.value));
    since.set(scope, kept);
    onLearnt(scope, step);
  }

  return {
    /**
     * A finished look counts from where it began to read, a record of somebody's act from its time. A machine's launch says nothing about
     * when we began to look, and a look at bills nothing about acts.
     */
    teach(observation) {
      const isLook = observation.kind === 'look.finished' && observation.noun !== 'payers';
      if (!isLook && observation.actor === undefined) return;
      const value =
        isLook && observation.complete && observation.since !== undefined && observation.since < observation.at
          ? observation.since
          : observation.at;
      const scope = scopeOf(observation);
      const steps = since.get(scope);
      const first = steps?.[0];
      // Nearly always the beginning is known already.
      if (first && first.value <= value && inOrder(first, observation) <= 0 && steps?.length === 1) return;
      learn(scope, { at: observation.at, id: observation.id, value, learnt: '' });
    },
    isLearning(observation) {
      const steps = since.get(scopeOf(observation));
      if (steps === undefined) return true;
      for (let index = steps.length - 1; index >= 0; index--) {
        const step = steps[index]!;
        if (step.at < observation.at || inOrder(step, observation) <= 0) return observation.at < step.learnt;
      }
      return true;
    },
    learning: (now) =>
      [...since].flatMap(([scope, steps]) => {
        const until = steps.at(-1)?.learnt ?? '';
        return until > now ? [{ scope, until }] : [];
      }),
    entries: () =>
      [...since].flatMap(([key, steps]) =>
        steps.map(({ at, id, value }) => ({ memory: 'since', key, day: `${at} ${id}`, first: value, last: at, value: 0 })),
      ),
    load({ key, day, first, last }) {
      learn(key, { at: last, id: day.slice(last.length + 1), value: first, learnt: '' });
    },
  };
}
