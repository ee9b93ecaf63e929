/** Who has to do with which kind of observation: the checks with their settings and memories, told apart once, before anything is heard. */
import type { AnyCheck } from '../checks/check.ts';
import type { Kind } from '../checks/observation.ts';
import { type AnyMemory, blankOf, isOfBill, type Memory, minutesOf, type Runner } from './inspect-held.ts';
import type { KindWatch } from './inspect-narrow.ts';

export type Watching = {
  runners: Runner[];
  memories: Memory[];
  watchers: ReadonlyMap<Kind, KindWatch>;
  /** Minutes: what happened so long before may matter to what is judged now. */
  reach: { usual: number; costs: number };
};

/** `params` by check id, as parsed. Memories are empty. */
export function watching(checks: readonly AnyCheck[], params: ReadonlyMap<string, unknown>): Watching {
  const memories: Memory[] = [];
  const runners = runnersOf(checks, params, memories);
  const watchers = new Map([...new Set(checks.flatMap(({ watches }) => watches))].map((kind) => [kind, watchOf(kind, runners)]));
  const isOfCosts = ({ check }: Runner): boolean => check.watches.some(isOfBill);
  return {
    runners,
    memories,
    watchers,
    reach: { usual: reachOf(runners.filter((one) => !isOfCosts(one))), costs: reachOf(runners.filter(isOfCosts)) },
  };
}

function runnersOf(checks: readonly AnyCheck[], params: ReadonlyMap<string, unknown>, memories: Memory[]): Runner[] {
  /** By what is remembered and of which kinds. */
  const shared = new Map<AnyMemory, Map<string, Memory>>();

  function memoryOf(check: AnyCheck, name: string): Memory {
    const of = (check.remembers as Record<string, AnyMemory>)[name]!;
    const kinds = [...new Set(check.watches)].sort().join(' ');
    const known = shared.get(of)?.get(kinds);
    if (known) {
      known.owners.push({ check: check.id, name });
      return known;
    }
    const memory: Memory = {
      number: memories.length,
      of,
      owners: [{ check: check.id, name }],
      buckets: new Map(),
      reach: { day: '', oldest: '' },
      forgotten: new Map(),
      asked: undefined,
      turn: 0,
    };
    memories.push(memory);
    // What the others keep depends on the check itself, or is small.
    if (of.kind === 'seen') shared.set(of, (shared.get(of) ?? new Map<string, Memory>()).set(kinds, memory));
    return memory;
  }

  return checks.map((check, number) => {
    const names = Object.keys(check.remembers);
    const mine = names.map((name) => memoryOf(check, name));
    return {
      check,
      number,
      params: params.get(check.id),
      memories: mine,
      names,
      judges: new Set(check.judges ?? check.watches),
      blank: blankOf(mine, names),
    };
  });
}

function watchOf(kind: Kind, all: readonly Runner[]): KindWatch {
  const runners = all.filter(({ check }) => check.watches.includes(kind));
  return {
    kind,
    sorts: new Map(),
    memories: [...new Set(runners.flatMap((runner) => runner.memories))],
    runners: runners.filter(({ judges, memories }) => judges.has(kind) || memories.some(({ of }) => of.kind === 'most')),
  };
}

/** A finding keeps those observations from being learnt that it cites and that are at most so much older than the one it was made at. */
const leastReachMinutes = 60;
const reachOf = (runners: readonly Runner[]): number =>
  Math.max(leastReachMinutes, ...runners.flatMap(({ memories }) => memories.map(minutesOf)));
