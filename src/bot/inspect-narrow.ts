/**
 * Which memories and checks a sort of observation can concern at all. Most that a log tells concerns hardly any: a robot's call that was
 * done is asked of seventy memories, and one of them has a key for it. Asking each of them for each record would cost more than all else.
 *
 * What observations of a sort have in common is their kind, their outcome and the kind of their actor. A key that says no when it is
 * shown nothing else says no to all of them, since a key depends on the observation alone; so does a check that has nothing to say.
 */
import type { Kind, Observation } from '../checks/observation.ts';
import { type Memory, mayBeRevised, type Runner, type Watch } from './inspect-held.ts';

/** All that is done with one kind, and what is left of it for each sort of it that was seen. */
export type KindWatch = Watch & { kind: Kind; sorts: Map<Observation['outcome'], Map<string | undefined, Watch>> };

export function watchFor(all: KindWatch, { outcome, actor }: Observation): Watch {
  const known = all.sorts.get(outcome)?.get(actor?.kind);
  if (known !== undefined) return known;
  const narrowed = narrow(all, { kind: all.kind, outcome, actor: actor && { kind: actor.kind } });
  let byActor = all.sorts.get(outcome);
  if (byActor === undefined) {
    byActor = new Map();
    all.sorts.set(outcome, byActor);
  }
  byActor.set(actor?.kind, narrowed);
  return narrowed;
}

type Sort = { kind: Kind; outcome: Observation['outcome']; actor: { kind: string } | undefined };

function narrow(all: KindWatch, sort: Sort): Watch {
  const memories = all.memories.filter(({ of }) => !isSure(sort, (shown) => of.key(shown) === undefined));
  return { memories, runners: all.runners.filter((runner) => mayConcern(runner, sort, memories)) };
}

function mayConcern({ check, judges, memories, blank, params }: Runner, sort: Sort, mayHaveKey: Memory[]): boolean {
  const isJudge = judges.has(sort.kind);
  if (memories.some((memory) => (isJudge || memory.of.kind === 'most') && mayHaveKey.includes(memory))) return true;
  if (!isJudge) return false;
  // What may be told otherwise later is held by whoever remembers anything.
  if (memories.length > 0 && mayBeRevised(sort)) return true;
  return ![blank.learning, blank.later].every((recall) =>
    isSure(sort, (shown) => check.evaluate(shown as never, recall as never, params).length === 0),
  );
}

/** Answers yes, and having seen nothing but what the sort has in common. */
function isSure(sort: Sort, answers: (shown: Observation) => boolean): boolean {
  let sawMore = false;
  const more = (): never => {
    sawMore = true;
    throw new Error('This observation is not at hand yet.');
  };
  const showing = <T extends object>(known: T): T =>
    new Proxy(known, {
      get: (_, name) => (Object.hasOwn(known, name) ? known[name as keyof T] : more()),
      has: more,
      ownKeys: more,
      getOwnPropertyDescriptor: more,
    });
  try {
    const shown = showing({ ...sort, actor: sort.actor && showing(sort.actor) });
    // In this order: an answer counts only if nothing more was seen on the way to it.
    return answers(shown as unknown as Observation) && !sawMore;
  } catch {
    return false;
  }
}
