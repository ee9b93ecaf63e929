/**
 * What the inspector holds of each observation, check and key, and the plain questions about them. See inspect.ts for how they are used.
 */
import type { AnyCheck, Finding, Remembered } from '../checks/check.ts';
import type { Kind, Observation, Scope, Time } from '../checks/observation.ts';
import { inOrder } from '../checks/observation.ts';
import { type Bucket, dayOf, daysBefore, type Entry, type Holder, type Position } from './inspect-memory.ts';
import type { United } from './inspect-unite.ts';
import { rank } from './severity.ts';

export type AnyMemory = Remembered<Observation>;
/**
 * One memory, of one check or of several that declare the very same one over the same kinds: what they would each keep is the same.
 * `reach` keeps the last answer to "how far back": it is asked for every observation and changes once a day.
 */
export type Memory = {
  number: number;
  of: AnyMemory;
  /** The first of them stands for all where the memory is named. */
  owners: { check: string; name: string }[];
  buckets: Map<string, Bucket<Held>>;
  reach: { day: string; oldest: string };
  /** Keys that an admin had forgotten, and when. */
  forgotten: Map<string, Time>;
  /** Its key for the observation that is being placed, and the how manieth it is of those that have one. */
  asked: string | undefined;
  turn: number;
};
/** `names`: what the check calls each of its memories. */
export type Runner = {
  check: AnyCheck;
  number: number;
  params: unknown;
  memories: Memory[];
  names: string[];
  judges: ReadonlySet<Kind>;
  blank: Blank;
};
/** All that is done with one kind: who remembers it, once each, and who judges it or takes a `most` value from it. */
export type Watch = { memories: Memory[]; runners: Runner[] };
/** What a check recalls of an observation that none of its memories has a key for. */
type Blank = { learning: Record<string, unknown>; later: Record<string, unknown> };
/** One observation before one check: a key for each of its memories. `values`: the entries of its `most` memories. */
export type Keys = (string | undefined)[];
export type Judged = {
  runner: Runner;
  keys: Keys;
  values: (Entry<Held> | undefined)[];
  stale: boolean;
  findings: Finding[];
  /** What it left in all windows and `seen` memories by which this check alone judges it. */
  entry: (Entry<Held> & { readers: Judged[] }) | undefined;
};
/**
 * An observation that may still be judged again, or is still in a window of those that may. `isOwnRecord`: it is named after a record behind
 * it; `records` are the others behind it.
 */
export interface Held extends Holder, Entry<Held> {
  observation: Observation | undefined;
  heard: Time;
  isOwnRecord: boolean;
  records: readonly string[];
  lane: Lane;
  judged: readonly Judged[];
  /** Where it is remembered, and as what; without `entries` as itself. */
  buckets: Bucket<Held>[];
  entries: Entry<Held>[] | undefined;
  queued: boolean;
  gone: boolean;
  /** A check spoke of it when it was settled. */
  spoke: boolean;
  cites: Set<string> | undefined;
  learnt: boolean;
}

/**
 * One that no check will ever speak of, and that only `seen` memories keep. It is held without its content (`observation` is undefined) and
 * is its own entry in all of them. A log is made of little else: what is the same for all of them stands here once, not in each.
 */
export class Fed implements Held {
  readonly at: Time;
  readonly id: string;
  heard: Time;
  readonly isOwnRecord: boolean;
  readonly records: readonly string[];
  readonly lane: Lane;
  buckets: Bucket<Held>[] = noBuckets;
  taintedFrom: Position | undefined = undefined;
  learnt = false;
  gone = false;

  constructor(observation: Observation, lane: Lane) {
    this.at = observation.at;
    this.id = observation.id;
    this.heard = observation.heard;
    this.isOwnRecord = isOwnRecord(observation);
    this.records = recordsBeside(observation);
    this.lane = lane;
  }
  get of(): Held {
    return this;
  }
  get day(): string {
    return dayOf(this.at);
  }
  get value(): number {
    return 0;
  }
  get readers(): readonly Judged[] {
    return noJudges;
  }
  get observation(): undefined {
    return undefined;
  }
  get judged(): readonly Judged[] {
    return noJudges;
  }
  get entries(): undefined {
    return undefined;
  }
  get queued(): boolean {
    return false;
  }
  get spoke(): boolean {
    return false;
  }
  get cites(): undefined {
    return undefined;
  }
}

export const isOwnRecord = ({ id, evidence }: Observation): boolean => evidence.includes(id);
export const recordsBeside = ({ id, evidence }: Observation): readonly string[] =>
  evidence.length === 1 && evidence[0] === id ? noRecords : evidence.filter((one) => one !== id);
const noRecords: readonly string[] = [];
export const noJudges: Judged[] = [];
export const noValues: Judged['values'] = [];
export const noBuckets: Bucket<Held>[] = [];

/**
 * Observations that share a horizon. `settled`: the time before which nothing changes any more. `held` may still change; `past` is settled
 * and in the windows of those that may. Both in order.
 */
export type Lane = { hours: number; reach: number; held: Held[]; past: Held[]; settled: Time | undefined; nextAt: Time; nextHeld: number };
export type Part = Position & { check: number; finding: Finding };
/** What was said under one key: `base` is settled, `parts` may still change, `whole` is both, unless something came in between. */
export type Said = { base: United | undefined; parts: Part[]; whole: United | undefined };
/** From this position on, the account is known to have been looked at since `value`. */
export type Since = Position & { value: Time; learnt: Time };

/** What a `seen` memory knows; only the first question is asked of every observation, so the others are worked out when asked. */
export class SeenRecall {
  readonly learning: boolean;
  readonly #bucket: Bucket<Held>;
  readonly #now: Position;
  readonly #oldest: string;

  constructor(bucket: Bucket<Held>, now: Position, oldest: string, learning: boolean) {
    this.learning = learning;
    this.#bucket = bucket;
    this.#now = now;
    this.#oldest = oldest;
  }
  get known(): boolean {
    return this.#bucket.known(this.#now, this.#oldest);
  }
  get first(): Time | undefined {
    return this.#bucket.first(this.#now, this.#oldest);
  }
  get last(): Time | undefined {
    return this.#bucket.times(this.#now, this.#oldest).last;
  }
  get days(): number {
    return this.#bucket.times(this.#now, this.#oldest).days;
  }
}

export const nameOf = (scope: Scope): string => `${scope.cloud}/${scope.level}/${scope.id}`;
export const minutesOf = ({ of }: Pick<Memory, 'of'>): number =>
  of.kind === 'recent' ? of.minutes : of.kind === 'most' ? (of.after ?? 0) : 0;
function oldestOf({ reach }: Memory, day: string, days: number): string {
  if (reach.day !== day) {
    reach.day = day;
    reach.oldest = daysBefore(day, days);
  }
  return reach.oldest;
}
/** The oldest day that counts for this key: what an admin had forgotten before this observation does not. */
export function sinceWhen(memory: Memory, key: string | undefined, { at }: Position, day: string, days: number): string {
  const oldest = oldestOf(memory, day, days);
  const forgotten = memory.forgotten.size > 0 ? memory.forgotten.get(key ?? '') : undefined;
  if (forgotten === undefined || at <= forgotten) return oldest;
  const next = daysBefore(dayOf(forgotten), -1);
  return next > oldest ? next : oldest;
}
export const isLearnt = (memory: AnyMemory): boolean => memory.kind === 'seen' || memory.kind === 'most';
export const isSerious = ({ severity }: Finding): boolean => rank(severity) >= rank('medium');
/** Inventories and bills say again what a thing is like now; a log's record stands. */
export const mayBeRevised = ({ kind }: { kind: Kind }): boolean => kind === 'compute.seen' || isOfBill(kind);
/** Bills come late and are revised for weeks: what they say may be judged anew for longer. */
export const isOfBill = (kind: Kind): boolean => kind === 'spend.recorded' || kind === 'spend.judged';
export const byTimeAndKey = (a: Finding, b: Finding): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : 1);
type PartPlace = Omit<Part, 'finding'>;
const inParts = (a: PartPlace, b: PartPlace): number => inOrder(a, b) || a.check - b.check;

/** Where this part stands, or would. */
export function partAt(parts: readonly Part[], part: PartPlace): number {
  let low = 0;
  let high = parts.length;
  if (high > 0 && inParts(parts[high - 1]!, part) < 0) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inParts(parts[middle]!, part) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const always = (): boolean => true;
export const noFindings: Finding[] = [];
export const neverSeen = { known: false, learning: false, days: 0 };
export const neverSeenYet = { known: false, learning: true, days: 0 };

export function blankOf(memories: readonly Memory[], names: readonly string[]): Blank {
  const blank = (learning: boolean): Record<string, unknown> =>
    Object.fromEntries(
      memories.map(({ of }, index) => [
        names[index]!,
        of.kind === 'seen' ? (learning ? neverSeenYet : neverSeen) : of.kind === 'most' ? { value: 0, learning } : [],
      ]),
    );
  return { learning: blank(true), later: blank(false) };
}

export const entryOf = (held: Held, index: number): Entry<Held> => held.entries?.[index] ?? held;

/** The same but for when it was heard. */
export function isSame(heard: Observation, known: Observation): boolean {
  if (heard === known) return true;
  return JSON.stringify({ ...heard, heard: '' }) === JSON.stringify({ ...known, heard: '' });
}

/** Judged again, most findings differ in how much they cite, which is seen before they are written out to be compared. */
export function saysTheSame(before: readonly Finding[], now: readonly Finding[]): boolean {
  if (before.length !== now.length || before.some(({ evidence }, index) => evidence.length !== now[index]!.evidence.length)) return false;
  return JSON.stringify(before) === JSON.stringify(now);
}

/**
 * Of two versions of one observation the one heard later counts; of two heard at once, one by content, so that arrival does not matter:
 * one that is judged before one that is only remembered.
 */
export function replaces(heard: Observation, keys: () => string, isOnlyFed: boolean, known: Held): boolean {
  if (known.observation === undefined && isOnlyFed && keys() === keysOf(known)) {
    if (heard.heard > known.heard) known.heard = heard.heard;
    return false;
  }
  if (heard.heard !== known.heard) return heard.heard > known.heard;
  if (known.observation === undefined) return !isOnlyFed || keys() > keysOf(known);
  return !isOnlyFed && JSON.stringify({ ...heard, heard: '' }) > JSON.stringify({ ...known.observation, heard: '' });
}

const keysOf = ({ buckets }: Held): string => JSON.stringify(buckets.map(({ memory, key }) => [memory, key]));

export function append(lists: Map<string, Held[]>, key: string, held: Held): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [held]);
  else list.push(held);
}

export function detach(lists: Map<string, Held[]>, key: string, held: Held): void {
  const list = lists.get(key);
  const index = list?.indexOf(held) ?? -1;
  if (list === undefined || index < 0) return;
  if (list.length === 1) lists.delete(key);
  else list.splice(index, 1);
}
