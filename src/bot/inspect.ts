/**
 * Runs the checks and keeps what they declare to remember. A pure state machine: no clock, no disk; only the times of events.
 *
 * Everything is judged in one total order, event time and then id, whatever the order of arrival: judging an observation reads only what
 * stands before it. An observation that arrives late, or is heard again with other content, is put where it belongs, and those after it
 * that can see the change are judged again, in order. So the findings depend on what was heard and not on when, as long as it is heard
 * within the horizon (24 hours; 96 for costs, whose amounts are revised). What is older is settled: its memory is one line a day, its
 * findings no longer change, and a straggler is judged by what is remembered without judging others again.
 *
 * A `seen` memory that several checks declare, the very same object over the same kinds, is kept once. What a log mostly consists of, acts
 * that are remembered and never spoken of, is held without its content and settles without a trace but its line a day.
 *
 * Memories of kind `seen` and `most` do not admit an observation from the first finding of *medium* or more on that cites it.
 */
import type { AnyCheck, Finding } from '../checks/check.ts';
import type { Kind, Observation, Of, Time } from '../checks/observation.ts';
import { inOrder } from '../checks/observation.ts';
import { createBeginnings } from './inspect-beginnings.ts';
import {
  type AnyMemory,
  always,
  append,
  detach,
  entryOf,
  Fed,
  type Held,
  isLearnt,
  isOfBill,
  isOwnRecord,
  isSame,
  isSerious,
  type Judged,
  type Lane,
  type Memory,
  mayBeRevised,
  minutesOf,
  nameOf,
  neverSeen,
  neverSeenYet,
  noFindings,
  noJudges,
  noValues,
  type Runner,
  recordsBeside,
  replaces,
  SeenRecall,
  saysTheSame,
  sinceWhen,
  type Watch,
} from './inspect-held.ts';
import type { Entry, Listener, Position } from './inspect-memory.ts';
import { Bucket, dayOf, daysBefore, drop, insert, minutesLater } from './inspect-memory.ts';
import { watchFor } from './inspect-narrow.ts';
import { dequeue, push } from './inspect-queue.ts';
import { createSayings } from './inspect-said.ts';
import { watching } from './inspect-watch.ts';
import type { MemoryEntry } from './ports.ts';

export type Inspection = {
  /** New, or different from when it was last told. */
  changed: Finding[];
  /** Told before, and no longer so: something that arrived later explains it. */
  withdrawn: { key: string; why: string }[];
  /** Checks that threw: blind spots. The others went on. */
  broken: { check: string; error: string }[];
};
/** `horizon`: what was observed from then on has to be read again to go on. Undefined: everything. */
export type Checkpoint = { horizon: Time | undefined; entries: MemoryEntry[] };

/** One thing a check has learnt and holds for usual. */
export type Memorised = { check: string; memory: string; key: string; first: Time; last: Time; pinned: boolean };
/** What an admin decided about one of them. */
export type Decreed = { what: 'pin' | 'forget'; check: string; memory: string; key: string; at: Time };

export interface Inspector {
  inspect(observations: Observation[]): Inspection;
  /** All findings as they stand, by time and key. */
  findings(): Finding[];
  /**
   * What these findings cite up to then is learnt after all: somebody answered for it, or nobody could have. `evidence`: the observations
   * behind them, for those that are settled already.
   */
  forgive(keys: string[], until: Time, evidence?: Observation[]): void;
  /** What checks have learnt as usual; the last used first. */
  memories(): Memorised[];
  /** Which places are still being learnt, and until when. */
  learning(now: Time): { scope: string; until: Time }[];
  /**
   * Pinned: known from then on, for good. Forgotten: what was seen until the end of that day counts no more from then on. False: no such
   * memory. Not part of a checkpoint: it is said again after a restore.
   */
  decree(decreed: Decreed): boolean;
  checkpoint(): Checkpoint;
  /** Goes on where a checkpoint was made. What these observations say counts as told. From nothing, it learns them as history. */
  restore(checkpoint: Checkpoint, observationsSinceHorizon: Iterable<Observation>): void;
}

export type InspectorOptions = {
  checks: readonly AnyCheck[];
  /** Settings by check id; what is missing has its default. */
  params?: Record<string, unknown>;
  horizonHours?: number;
  costHorizonHours?: number;
  /** More than so many observations that may still change are never held: the oldest are settled early. */
  mostHeld?: number;
  /** Keys of one memory; the one unused for longest is forgotten first. */
  mostKeys?: number;
};

/** Settling happens in steps of so much event time, for each hour of the horizon: it goes through all that was remembered since. */
const stepMinutesAnHour = 10;
const leastStepMinutes = 60;
const forgetFindingsAfterDays = 100;
const beginning: Position = { at: '', id: '' };
/** For most of a log. */
const nobody: Memory[] = [];
const isSeen = ({ of }: Memory): boolean => of.kind === 'seen';

export function createInspector(options: InspectorOptions): Inspector {
  const mostHeld = options.mostHeld ?? 50_000;
  const mostKeys = options.mostKeys ?? 50_000;
  const params = new Map(options.checks.map((check) => [check.id, check.params.parse(options.params?.[check.id] ?? {})]));
  for (const { id, watches } of options.checks)
    if (watches.some(isOfBill) && watches.length > 1)
      throw new Error(`${id} watches what the bill says and other things: their horizons differ.`);
  let state = emptyState();
  const listener: Listener<Held> = {
    reread: ({ of, readers }) => reread(of, readers as readonly Judged[]),
    changed: (bucket) => state.changed.push(bucket),
    round: 0,
    furthest: beginning,
  };

  function emptyState() {
    const { reach, ...watched } = watching(options.checks, params);
    const lane = (hours: number, reach: number): Lane => ({
      hours,
      reach,
      held: [],
      past: [],
      settled: undefined,
      nextAt: '',
      nextHeld: mostHeld,
    });
    return {
      ...watched,
      usual: lane(options.horizonHours ?? 24, reach.usual),
      costs: lane(options.costHorizonHours ?? 96, reach.costs),
      byId: new Map<string, Held>(),
      /** Who holds a record in a memory (what has the record's own name is in `byId`), and whose findings cite it. */
      holders: new Map<string, Held[]>(),
      citing: new Map<string, Held[]>(),
      sayings: createSayings(),
      beginnings: createBeginnings(judgeAsKnown),
      stragglers: [] as Held[],
      queue: [] as Held[],
      /** Windows that changed, whose readers have yet to be queued. */
      changed: [] as Bucket<Held>[],
      /** The memories that have a key for the observation that is being placed. */
      asking: nobody,
      newest: '' as Time,
      sweptDay: '',
      broken: new Map<string, { check: string; error: string }>(),
      restoring: false,
      /** Findings that keep nothing from being learnt up to that time. */
      forgiven: new Map<string, Time>(),
    };
  }

  return {
    inspect(observations) {
      take(observations);
      return tell();
    },
    findings: () => state.sayings.all(),
    forgive,
    memories,
    learning: (now) => state.beginnings.learning(now),
    decree,
    checkpoint,
    restore(from, observations) {
      state = emptyState();
      state.restoring = true;
      for (const entry of from.entries) load(entry);
      take([...observations]);
      state.restoring = false;
      tell();
    },
  };

  // ---- taking in ----------------------------------------------------------------------------------------------------------

  /** Stragglers first and together, so that what they disturb is judged again once; then the new, each as it stands in order. */
  function take(observations: Observation[]): void {
    const sorted = observations.length > 1 ? [...observations].sort(inOrder) : observations;
    const newest = state.newest;
    let index = 0;
    for (; index < sorted.length && sorted[index]!.at <= newest; index++) place(sorted[index]!);
    judgeQueued();
    for (; index < sorted.length; index++) {
      const observation = sorted[index]!;
      place(observation);
      judgeQueued();
      if (observation.at > state.newest) {
        state.newest = observation.at;
        if (isDue(state.usual)) settle(state.usual);
        if (isDue(state.costs)) settle(state.costs);
      }
    }
  }

  function isDue({ nextAt, held, nextHeld }: Lane): boolean {
    return state.newest >= nextAt || held.length > nextHeld;
  }

  function place(observation: Observation): void {
    const lane = laneOf(observation);
    const settled = lane.settled !== undefined && observation.at < lane.settled;
    if (!settled) state.beginnings.teach(observation);
    const all = state.watchers.get(observation.kind);
    if (all === undefined) return;
    const watch = watchFor(all, observation);
    if (watch.memories.length === 0 && watch.runners.length === 0 && !mayBeRevised(observation)) return;
    const known = state.byId.get(observation.id);
    // Nearly all that is heard again is heard unchanged.
    if (known?.observation && isSame(observation, known.observation)) {
      if (observation.heard > known.heard) {
        known.observation = observation;
        known.heard = observation.heard;
      }
      return;
    }
    const asking = ask(watch, observation);
    if (settled && state.restoring) {
      if (known !== undefined) {
        if (!replaces(observation, () => '[]', false, known)) return;
        withdraw(known);
      }
      remember(lane, observation, asking);
      return;
    }
    const isRevisable = mayBeRevised(observation);
    const judged = judgesOf(watch, observation, isRevisable);
    if (judged.length === 0 && asking.length === 0 && !isRevisable) return;
    const isOnlyFed = !isRevisable && judged.length === 0 && asking.every(isSeen);
    if (known !== undefined) {
      const keys = () => JSON.stringify(asking.map(({ number, asked }) => [number, asked]));
      if (!replaces(observation, keys, isOnlyFed, known)) return;
      withdraw(known);
    }
    if (isOnlyFed && !settled) {
      const held = new Fed(observation, lane);
      state.byId.set(held.id, held);
      insert(lane.held, held);
      feed(held, asking);
      return;
    }
    const held = hold(lane, observation, judged);
    if (settled) {
      judgeStraggler(held, observation, asking);
      return;
    }
    insert(lane.held, held);
    admit(held, observation, asking);
    for (const one of judged) one.stale = true;
    enqueue(held);
  }

  /** The memories that have a key for it, each with the key in `asked`, as long as this observation is being placed. */
  function ask({ memories }: Watch, observation: Observation): Memory[] {
    for (const memory of state.asking) memory.asked = undefined;
    let asking = nobody;
    for (let index = 0; index < memories.length; index++) {
      const memory = memories[index]!;
      const key = keyOf(memory, observation);
      memory.asked = key;
      if (key === undefined) continue;
      if (asking === nobody) asking = [memory];
      else asking.push(memory);
      memory.turn = asking.length - 1;
    }
    state.asking = asking;
    return asking;
  }

  function keyOf(memory: Memory, observation: Observation): string | undefined {
    try {
      return memory.of.key(observation);
    } catch (error) {
      breakage(memory.owners[0]!.check, error);
      return undefined;
    }
  }

  function judgesOf({ runners }: Watch, observation: Observation, isRevisable: boolean): Judged[] {
    let judged = noJudges;
    for (let index = 0; index < runners.length; index++) {
      const runner = runners[index]!;
      const isJudge = runner.judges.has(observation.kind);
      const hasKey = runner.memories.some(({ asked, of }) => asked !== undefined && (isJudge || of.kind === 'most'));
      if (!hasKey && !isJudge) continue;
      // A log's record never changes, so one that nobody remembers or complains about need not be kept to compare with.
      if (!hasKey && (runner.memories.length === 0 || !isRevisable) && saysNothing(runner, observation)) continue;
      if (judged === noJudges) judged = [];
      judged.push({
        runner,
        keys: runner.memories.map(({ asked }) => asked),
        values: noValues,
        entry: undefined,
        stale: false,
        findings: noFindings,
      });
    }
    return judged;
  }

  function saysNothing(runner: Runner, observation: Observation): boolean {
    try {
      const recall = state.beginnings.isLearning(observation) ? runner.blank.learning : runner.blank.later;
      return runner.check.evaluate(observation as Of<Kind>, recall as never, runner.params).length === 0;
    } catch (error) {
      breakage(runner.check.id, error);
      return true;
    }
  }

  function hold(lane: Lane, observation: Observation, judged: Judged[]): Held {
    const { at, id, heard } = observation;
    const held: Held = {
      at,
      id,
      taintedFrom: undefined,
      of: undefined as unknown as Held,
      day: dayOf(at),
      value: 0,
      readers: noJudges,
      observation,
      heard,
      isOwnRecord: isOwnRecord(observation),
      records: recordsBeside(observation),
      lane,
      judged,
      buckets: [],
      entries: [],
      queued: false,
      gone: false,
      spoke: false,
      cites: undefined,
      learnt: false,
    };
    held.of = held;
    state.byId.set(id, held);
    return held;
  }

  /** Gives each memory that has a key for it its entry. `which` leaves some out. */
  function admit(held: Held, observation: Observation, asking: readonly Memory[], which: (memory: AnyMemory) => boolean = always): void {
    held.learnt = asking.some(({ of }) => isLearnt(of) && which(of));
    if (held.learnt) {
      for (const id of held.records) append(state.holders, id, held);
      if (state.citing.size > 0) held.taintedFrom = taintOf(held);
    }
    const buckets = asking.map((memory) => (which(memory.of) ? bucketOf(memory, memory.asked!) : undefined));
    const readers = readersOf(held, observation, buckets);
    for (let index = 0; index < asking.length; index++) {
      const bucket = buckets[index];
      const entry = bucket && entryFor(held, asking[index]!, observation, readers[index] ?? noJudges);
      if (entry === undefined) continue;
      held.buckets.push(bucket!);
      held.entries?.push(entry);
      bucket!.add(entry);
    }
  }

  /** By the turn of each memory that is asking: those who judge by it, or whose `most` it is. */
  function readersOf(held: Held, { kind }: Observation, buckets: (Bucket<Held> | undefined)[]): (Judged[] | undefined)[] {
    const readers: (Judged[] | undefined)[] = [];
    for (const one of held.judged) {
      const { memories, judges } = one.runner;
      const isJudge = judges.has(kind);
      for (let index = 0; index < memories.length; index++) {
        const { asked, turn, of } = memories[index]!;
        const bucket = asked === undefined ? undefined : buckets[turn];
        if (bucket === undefined) continue;
        // One text for all who keep it.
        one.keys[index] = bucket.key;
        if (!isJudge && of.kind !== 'most') continue;
        const same = readers[turn];
        one.entry ??= { of: held, day: held.day, value: 0, readers: [one] };
        readers[turn] = same === undefined ? one.entry.readers : [...same, one];
      }
    }
    return readers;
  }

  /** The same for what is its own entry. Of most that is remembered a log says the same again and again: one list for all of it. */
  function feed(held: Fed, asking: readonly Memory[]): void {
    held.learnt = true;
    for (const id of held.records) append(state.holders, id, held);
    if (state.citing.size > 0) held.taintedFrom = taintOf(held);
    const first = bucketOf(asking[0]!, asking[0]!.asked!);
    let { buckets } = first;
    let isSame = buckets.length === asking.length;
    for (let index = 1; isSame && index < asking.length; index++) {
      const bucket = buckets[index]!;
      isSame = bucket.memory === asking[index]!.number && bucket.key === asking[index]!.asked && !bucket.isForgotten;
    }
    if (!isSame) {
      buckets = asking.map((memory) => bucketOf(memory, memory.asked!));
      first.buckets = buckets;
    }
    held.buckets = buckets;
    for (let index = 0; index < buckets.length; index++) if (!buckets[index]!.feed(held)) buckets[index]!.add(held);
  }

  /** Where it has nothing to say of itself, the observation is its own entry. */
  function entryFor(held: Held, memory: Memory, observation: Observation, readers: readonly Judged[]): Entry<Held> | undefined {
    const { of } = memory;
    switch (of.kind) {
      case 'seen':
      case 'recent':
        if (readers.length === 0) return held;
        return readers.length === 1 ? readers[0]!.entry : { of: held, day: held.day, value: 0, readers };
      case 'most': {
        const entry = { of: held, day: held.day, value: undefined, readers };
        for (const one of readers) {
          if (one.values === noValues) one.values = [];
          one.values[one.runner.memories.indexOf(memory)] = entry;
        }
        return entry;
      }
      case 'daily':
        try {
          return { of: held, day: of.day(observation), value: of.value(observation), readers };
        } catch (error) {
          breakage(memory.owners[0]!.check, error);
          return undefined;
        }
      default:
        return of satisfies never;
    }
  }

  function withdraw(held: Held): void {
    held.gone = true;
    state.byId.delete(held.id);
    for (const lane of [state.usual, state.costs]) if (drop(lane.held, held) < 0) drop(lane.past, held);
    unhold(held);
    held.buckets.forEach((bucket, index) => {
      bucket.remove(entryOf(held, index));
    });
    for (const judged of held.judged) say(held, judged, []);
    recite(held);
  }

  /** Between the end of the windows and the horizon, after a restart: only windows need it, the rest is in the checkpoint. */
  function remember(lane: Lane, observation: Observation, asking: readonly Memory[]): void {
    if (observation.at < minutesLater(lane.settled!, -lane.reach)) return;
    const held = hold(lane, observation, noJudges);
    insert(lane.past, held);
    admit(held, observation, asking, (memory) => memory.kind === 'recent');
  }

  /** Older than what may still change: judged by what is remembered, and learnt if nothing is wrong with it. */
  function judgeStraggler(held: Held, observation: Observation, asking: readonly Memory[]): void {
    admit(held, observation, asking, (memory) => memory.kind === 'recent');
    state.stragglers.push(held);
    for (const judged of held.judged) judged.findings = evaluate(judged, observation);
    const isWrong = taintOf(held) !== undefined || held.judged.some(({ findings }) => findings.some((one) => taints(one, held.at)));
    for (const { findings } of held.judged) for (const one of findings) state.sayings.add(one);
    for (const memory of asking) {
      if (memory.of.kind === 'recent' || (isWrong && isLearnt(memory.of))) continue;
      const day = memory.of.kind === 'daily' ? memory.of.day(observation) : dayOf(held.at);
      bucketOf(memory, memory.asked!).keep(day, held.at, learntFrom(held, memory, observation) ?? 0);
    }
    for (const judged of held.judged) judged.findings = noFindings;
  }

  // ---- judging ------------------------------------------------------------------------------------------------------------

  function reread(held: Held, readers: readonly Judged[]): void {
    // What is stale is queued already: a burst has the same observations judged again from many sides.
    let isNews = false;
    for (let index = 0; index < readers.length; index++) if (!readers[index]!.stale) isNews = true;
    if (!isNews || held.gone || isSettled(held)) return;
    for (const judged of readers) judged.stale = true;
    enqueue(held);
  }

  function isSettled(held: Held): boolean {
    const { settled } = held.lane;
    return settled !== undefined && held.at < settled;
  }

  function judgeQueued(): void {
    if (state.changed.length > 0) for (const bucket of state.changed.splice(0)) bucket.wakeReaders();
    for (let held = dequeue(state.queue); held !== undefined; held = dequeue(state.queue)) {
      held.queued = false;
      if (inOrder(held, listener.furthest) > 0) listener.furthest = held;
      const { observation } = held;
      if (held.gone || observation === undefined) continue;
      for (const judged of held.judged) {
        if (!judged.stale) continue;
        judged.stale = false;
        judged.values.forEach((entry, index) => {
          const memory = judged.runner.memories[index]!;
          const value = entry && learntFrom(held, memory, observation);
          if (entry && value !== undefined) bucketOf(memory, judged.keys[index]!).revalue(entry, value);
        });
        say(held, judged, evaluate(judged, observation));
      }
      recite(held);
    }
    listener.round += 1;
    listener.furthest = beginning;
  }

  function evaluate(judged: Judged, observation: Observation): Finding[] {
    const { runner, keys } = judged;
    if (!runner.judges.has(observation.kind)) return noFindings;
    try {
      const learning = state.beginnings.isLearning(observation);
      const recall: Record<string, unknown> = {};
      for (let index = 0; index < runner.memories.length; index++) {
        const memory = runner.memories[index]!;
        recall[runner.names[index]!] = recallOf(memory, keys[index], observation, learning);
      }
      return runner.check.evaluate(observation as Of<Kind>, recall as never, runner.params);
    } catch (error) {
      breakage(runner.check.id, error);
      return [];
    }
  }

  function recallOf(memory: Memory, key: string | undefined, now: Observation, learning: boolean): unknown {
    const { of } = memory;
    const bucket = key === undefined ? undefined : memory.buckets.get(key);
    switch (of.kind) {
      case 'seen':
        return bucket
          ? new SeenRecall(bucket, now, sinceWhen(memory, key, now, dayOf(now.at), of.days), learning)
          : learning
            ? neverSeenYet
            : neverSeen;
      case 'most':
        return { value: bucket ? bucket.greatest(now, sinceWhen(memory, key, now, dayOf(now.at), of.days)) : 0, learning };
      case 'recent':
        return bucket ? bucket.window(now).map((entry) => entry.of.observation!) : [];
      case 'daily':
        return bucket ? bucket.sums(now, sinceWhen(memory, key, now, of.day(now), of.days)) : [];
      default:
        return of satisfies never;
    }
  }

  /** The value a `most` memory takes from this observation; it may look at the check's windows. */
  function learntFrom(held: Held, memory: Memory, observation: Observation): number | undefined {
    const { of } = memory;
    try {
      if (of.kind === 'daily') return of.value(observation);
      if (of.kind !== 'most') return 0;
      const recent: Record<string, readonly Observation[]> = {};
      const judged = held.judged.find(({ runner }) => runner.memories.includes(memory));
      judged?.runner.memories.forEach((other, index) => {
        if (other.of.kind === 'recent')
          recent[judged.runner.names[index]!] = recallOf(other, judged.keys[index], observation, false) as Observation[];
      });
      return of.value(observation, recent);
    } catch (error) {
      breakage(memory.owners[0]!.check, error);
      return undefined;
    }
  }

  function breakage(check: string, error: unknown): void {
    const text = (error instanceof Error ? error.message : String(error)).slice(0, 200);
    state.broken.set(`${check} ${text}`, { check, error: text });
  }

  // ---- findings and what they keep from being learnt ------------------------------------------------------------------------

  function say(held: Held, judged: Judged, findings: Finding[]): void {
    const before = judged.findings;
    judged.findings = findings.length === 0 ? noFindings : findings;
    if (before.length === 0 && findings.length === 0) return;
    if (saysTheSame(before, findings)) return;
    state.sayings.say(held, judged.runner.number, before, findings);
  }

  /** What this observation's findings cite changed: those who hold these records are learnt, or no longer. */
  function recite(held: Held): void {
    const before = held.cites;
    let cites: Set<string> | undefined;
    if (!held.gone)
      for (const { findings } of held.judged)
        for (const one of findings)
          if (taints(one, held.at)) {
            cites ??= new Set();
            for (const id of one.evidence) cites.add(id);
          }
    if (before === undefined && cites === undefined) return;
    held.cites = cites;
    const freed = new Set<Held>();
    for (const id of before ?? [])
      if (!cites?.has(id)) {
        detach(state.citing, id, held);
        for (const holder of holdersOf(id)) if (holder.taintedFrom && inOrder(holder.taintedFrom, held) === 0) freed.add(holder);
      }
    for (const holder of freed) retaint(holder, taintOf(holder));
    for (const id of cites ?? [])
      if (!before?.has(id)) {
        append(state.citing, id, held);
        for (const holder of holdersOf(id))
          if ((holder.taintedFrom === undefined || inOrder(held, holder.taintedFrom) < 0) && reaches(held, holder))
            retaint(holder, { at: held.at, id: held.id });
      }
  }

  function taints(one: Finding, at: Time): boolean {
    return isSerious(one) && (state.forgiven.get(one.key) ?? '') < at;
  }

  function forgive(keys: string[], until: Time, evidence: Observation[] = []): void {
    for (const key of keys) if ((state.forgiven.get(key) ?? '') < until) state.forgiven.set(key, until);
    const speaks = (held: Held): boolean => held.judged.some(({ findings }) => findings.some((one) => keys.includes(one.key)));
    for (const held of [...state.usual.held, ...state.costs.held]) if (speaks(held)) recite(held);
    for (const observation of [...evidence].sort(inOrder)) {
      const { settled } = laneOf(observation);
      if (settled !== undefined && observation.at < settled && observation.at <= until) learnSettled(observation, evidence);
    }
    judgeQueued();
    tell();
  }

  /** Settled, and not learnt then: its line is added to its day now. Its windows are made of the evidence alone. */
  function learnSettled(observation: Observation, evidence: Observation[]): void {
    for (const memory of state.watchers.get(observation.kind)?.memories ?? []) {
      const key = isLearnt(memory.of) ? keyOf(memory, observation) : undefined;
      if (key === undefined) continue;
      try {
        const value = memory.of.kind === 'most' ? memory.of.value(observation, windowsOf(memory, observation, evidence)) : 0;
        bucketOf(memory, key).keep(dayOf(observation.at), observation.at, value);
      } catch (error) {
        breakage(memory.owners[0]!.check, error);
      }
    }
  }

  function windowsOf(memory: Memory, observation: Observation, evidence: Observation[]): Record<string, readonly Observation[]> {
    const recent: Record<string, readonly Observation[]> = {};
    const runner = state.runners.find(({ memories }) => memories.includes(memory));
    runner?.memories.forEach((other, index) => {
      const { of } = other;
      const key = of.kind === 'recent' ? keyOf(other, observation) : undefined;
      if (of.kind !== 'recent' || key === undefined) return;
      const from = minutesLater(observation.at, -of.minutes);
      recent[runner.names[index]!] = evidence.filter(
        (one) => runner.check.watches.includes(one.kind) && one.at >= from && inOrder(one, observation) <= 0 && of.key(one) === key,
      );
    });
    return recent;
  }

  function retaint(holder: Held, after: Position | undefined): void {
    const before = holder.taintedFrom;
    if (before === after || (before && after && inOrder(before, after) === 0)) return;
    holder.taintedFrom = after;
    const since = before === undefined || (after !== undefined && inOrder(after, before) < 0) ? after! : before;
    // Where nothing counted meanwhile, it may have been forgotten.
    holder.buckets = holder.buckets.map(({ memory, key }) => bucketOf(state.memories[memory]!, key));
    holder.buckets.forEach((bucket, index) => {
      bucket.retaint(entryOf(holder, index), since);
    });
  }

  /** A finding keeps from being learnt what it cites, itself and what went before within reach; what comes later is judged for itself. */
  function reaches(citing: Held, holder: Held): boolean {
    return citing.at === holder.at || (citing.at > holder.at && citing.at <= minutesLater(holder.at, holder.lane.reach));
  }

  function taintOf(holder: Held): Position | undefined {
    let first: Held | undefined;
    for (const id of holder.isOwnRecord ? [holder.id, ...holder.records] : holder.records)
      for (const citing of state.citing.get(id) ?? [])
        if ((first === undefined || inOrder(citing, first) < 0) && reaches(citing, holder)) first = citing;
    return first && { at: first.at, id: first.id };
  }

  function holdersOf(id: string): Held[] {
    const others = state.holders.get(id) ?? [];
    const own = state.byId.get(id);
    return own?.learnt && own.isOwnRecord ? [own, ...others] : others;
  }

  function unhold(held: Held): void {
    if (!held.learnt) return;
    held.learnt = false;
    for (const id of held.records) detach(state.holders, id, held);
  }

  /** What is new since the last time. */
  function tell(): Inspection {
    const broken = [...state.broken.values()];
    state.broken.clear();
    return { ...state.sayings.tell(), broken };
  }

  /** The account turned out to be known for longer: what was judged as of the time of learning is judged again. */
  function judgeAsKnown(scope: string, from: Position & { learnt: Time }): void {
    if (from.learnt > state.newest) return;
    for (const lane of [state.usual, state.costs])
      for (const held of lane.held)
        if (held.observation && held.at >= from.learnt && inOrder(held, from) >= 0 && nameOf(held.observation.place.scope) === scope)
          if (held.judged.length > 0) reread(held, held.judged);
  }

  // ---- settling -------------------------------------------------------------------------------------------------------------

  function settle(lane: Lane): void {
    const spread = minutesLater(state.newest, -(lane.hours * 60 + lane.reach));
    const excess = lane.held.length - mostHeld;
    const crowded = excess > 0 ? lane.held[excess]!.at : '';
    const until = crowded > spread ? crowded : spread;
    lane.nextAt = minutesLater(state.newest, Math.max(leastStepMinutes, lane.hours * stepMinutesAnHour));
    lane.nextHeld = mostHeld + Math.ceil(mostHeld / 10);
    if (lane.settled !== undefined && until <= lane.settled) return;
    const isFirst = lane.settled === undefined && (lane.held[0] === undefined || lane.held[0].at >= until);
    if (isFirst) return;
    lane.settled = until;

    const touched: Bucket<Held>[] = [];
    let settled = 0;
    for (; settled < lane.held.length && lane.held[settled]!.at < until; settled++) settleOne(lane.held[settled]!, touched);
    settleAll(touched, until);
    for (let index = 0; index < settled; index++) lighten(lane.held[index]!);

    const windowsFrom = minutesLater(until, -lane.reach);
    const windows: Bucket<Held>[] = [];
    const past = lane.past.findIndex(({ at }) => at >= windowsFrom);
    for (const held of lane.past.splice(0, past < 0 ? lane.past.length : past)) leave(held, windows);
    // No window holds it, and heard again it would be learnt again, as the same. What was not learnt must not be then either.
    for (const held of lane.held.splice(0, settled))
      if (held.at < windowsFrom || (isForgettable(held) && held.taintedFrom === undefined)) leave(held, windows);
      else lane.past.push(held);
    for (const held of state.stragglers.splice(0)) {
      held.buckets.forEach((bucket, index) => {
        bucket.remove(entryOf(held, index));
      });
      leave(held, windows);
    }
    settleAll(windows, windowsFrom);
    if (lane === state.usual && dayOf(until) !== state.sweptDay) sweep(dayOf(until));
  }

  function settleAll(buckets: Bucket<Held>[], until: Time): void {
    for (const bucket of buckets) {
      bucket.isListed = false;
      bucket.settle(until);
    }
  }

  function list(buckets: Bucket<Held>[], bucket: Bucket<Held>): void {
    if (bucket.isListed) return;
    bucket.isListed = true;
    buckets.push(bucket);
  }

  function settleOne(held: Held, touched: Bucket<Held>[]): void {
    for (const bucket of held.buckets) if (bucket.kind !== 'recent') list(touched, bucket);
    for (const judged of held.judged) {
      if (judged.findings.length > 0) held.spoke = true;
      state.sayings.settle(held, judged);
      judged.findings = noFindings;
    }
    for (const id of held.cites ?? []) detach(state.citing, id, held);
    unhold(held);
  }

  /** No window holds it, and no check spoke of it. */
  function isForgettable({ entries, spoke }: Held): boolean {
    return entries === undefined || (entries.length === 0 && !spoke);
  }

  /** Only windows hold it from now on, and nobody judges it again: what it was judged by would be most of what is held. */
  function lighten(held: Held): void {
    const { buckets, entries } = held;
    if (entries === undefined) return;
    const stays = (index: number): boolean => buckets[index]!.kind === 'recent' || buckets[index]!.kind === 'daily';
    held.judged = noJudges;
    held.buckets = buckets.filter((_, index) => stays(index));
    held.entries = entries.filter((_, index) => stays(index));
    for (const entry of held.entries) entry.readers = noJudges;
  }

  function leave(held: Held, windows: Bucket<Held>[]): void {
    if (state.byId.get(held.id) === held) state.byId.delete(held.id);
    held.gone = true;
    for (const bucket of held.buckets) if (bucket.kind === 'recent') list(windows, bucket);
  }

  /** Once a day of event time: what has decayed goes, and memories stay within their limit of keys. */
  function sweep(day: string): void {
    state.sweptDay = day;
    for (const { of, buckets } of state.memories) {
      const oldest = of.kind === 'recent' ? day : daysBefore(day, of.days);
      for (const bucket of buckets.values()) if (!bucket.forget(oldest)) forgetAll(buckets, bucket);
      if (buckets.size <= mostKeys) continue;
      const oldestFirst = [...buckets.values()]
        .filter((bucket) => bucket.isSettled())
        .map((bucket) => ({ bucket, key: bucket.key, last: bucket.lastUsed() }));
      oldestFirst.sort((a, b) => (a.last < b.last ? -1 : a.last > b.last ? 1 : a.key < b.key ? -1 : 1));
      for (const { bucket } of oldestFirst.slice(0, buckets.size - mostKeys)) forgetAll(buckets, bucket);
    }
    const forgotten = daysBefore(day, forgetFindingsAfterDays);
    for (const [key, until] of state.forgiven) if (until < forgotten) state.forgiven.delete(key);
    state.sayings.forget(forgotten);
  }

  function forgetAll(buckets: Memory['buckets'], bucket: Bucket<Held>): void {
    bucket.isForgotten = true;
    buckets.delete(bucket.key);
  }

  function bucketOf(memory: Memory, key: string): Bucket<Held> {
    const known = memory.buckets.get(key);
    if (known !== undefined) return known;
    const { of } = memory;
    const shape = { kind: of.kind, minutes: minutesOf(memory), most: of.kind === 'recent' ? of.most : 0 };
    const bucket = new Bucket<Held>(memory.number, shape, key, listener);
    memory.buckets.set(key, bucket);
    return bucket;
  }

  // ---- what admins look at and decide ---------------------------------------------------------------------------------------

  function memories(): Memorised[] {
    const all: Memorised[] = [];
    for (const { owners, of, buckets, forgotten } of state.memories) {
      if (of.kind !== 'seen') continue;
      const { check, name } = owners[0]!;
      for (const [key, bucket] of buckets) {
        const span = bucket.span();
        if (span && (span.pinned || !((forgotten.get(key) ?? '') >= span.last))) all.push({ check, memory: name, key, ...span });
      }
    }
    return all.sort((a, b) => (a.last > b.last ? -1 : a.last < b.last ? 1 : a.key < b.key ? -1 : 1));
  }

  function decree({ what, check, memory: name, key, at }: Decreed): boolean {
    const memory = memoryOf(check, name);
    if (memory?.of.kind !== 'seen') return false;
    if (what === 'pin') {
      memory.forgotten.delete(key);
      bucketOf(memory, key).pin(at);
    } else {
      memory.buckets.get(key)?.unpin();
      memory.forgotten.set(key, at);
    }
    return true;
  }

  // ---- surviving a restart --------------------------------------------------------------------------------------------------

  function checkpoint(): Checkpoint {
    const entries: MemoryEntry[] = [];
    let horizon: Time | undefined = 'none';
    for (const lane of [state.usual, state.costs]) {
      if (lane.settled === undefined) {
        if (lane.held.length > 0) horizon = undefined;
        continue;
      }
      const from = minutesLater(lane.settled, -lane.reach);
      if (horizon !== undefined && (horizon === 'none' || from < horizon)) horizon = from;
      entries.push({
        memory: 'settled',
        key: lane === state.usual ? 'usual' : 'costs',
        day: '',
        first: lane.settled,
        last: lane.settled,
        value: 0,
      });
    }
    if (horizon === undefined || horizon === 'none') return { horizon: undefined, entries: [] };
    for (const { owners, buckets } of state.memories) {
      const memory = `${owners[0]!.check} ${owners[0]!.name}`;
      for (const [key, bucket] of buckets) {
        for (const line of bucket.days) entries.push({ memory, key, ...line });
        for (const { at, id, value } of bucket.waiting)
          entries.push({ memory, key, day: JSON.stringify([id]), first: at, last: at, value });
        for (const { at, id, value, until } of bucket.settledBriefs)
          entries.push({ memory, key, day: JSON.stringify([id, until.id]), first: at, last: until.at, value });
      }
    }
    entries.push(...state.sayings.entries());
    for (const [key, until] of state.forgiven) entries.push({ memory: 'forgiven', key, day: '', first: until, last: until, value: 0 });
    entries.push(...state.beginnings.entries());
    return { horizon, entries };
  }

  function load(entry: MemoryEntry): void {
    switch (entry.memory) {
      case 'settled':
        state[entry.key === 'costs' ? 'costs' : 'usual'].settled = entry.first;
        return;
      case 'finding':
        state.sayings.load(entry);
        return;
      case 'forgiven':
        state.forgiven.set(entry.key, entry.last);
        return;
      case 'since':
        state.beginnings.load(entry);
        return;
      default: {
        const space = entry.memory.indexOf(' ');
        const memory = memoryOf(entry.memory.slice(0, space), entry.memory.slice(space + 1));
        // A check that was removed or renamed leaves its memory behind.
        if (memory === undefined) return;
        const bucket = bucketOf(memory, entry.key);
        const { day, first, last, value } = entry;
        if (!day.startsWith('[')) {
          bucket.load({ day, first, last, value });
          return;
        }
        const [id, untilId] = JSON.parse(day) as [string, string?];
        if (untilId === undefined) bucket.wait({ at: first, id, value });
        else bucket.settledBriefs.push({ at: first, id, value, until: { at: last, id: untilId } });
      }
    }
  }

  function memoryOf(check: string, name: string): Memory | undefined {
    return state.memories.find(({ owners }) => owners.some((one) => one.check === check && one.name === name));
  }

  function laneOf(observation: Observation): Lane {
    return isOfBill(observation.kind) ? state.costs : state.usual;
  }

  function enqueue(held: Held): void {
    if (held.queued) return;
    held.queued = true;
    push(state.queue, held);
  }
}
