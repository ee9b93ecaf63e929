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
import {
  type AnyMemory,
  always,
  append,
  blankOf,
  byTimeAndKey,
  detach,
  entryOf,
  type Held,
  isLearnt,
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
  type Part,
  partAt,
  type Runner,
  replaces,
  type Said,
  SeenRecall,
  type Since,
  sinceWhen,
  type Watch,
} from './inspect-held.ts';
import type { Entry, Position } from './inspect-memory.ts';
import { Bucket, dayOf, daysBefore, drop, insert, minutesLater } from './inspect-memory.ts';
import { dequeue, push } from './inspect-queue.ts';
import { copied, resumed, shown, unite } from './inspect-unite.ts';
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

/** A place is being learnt for so long after it was first looked at. */
const learningMinutes = 7 * 24 * 60;
/** A finding keeps those observations from being learnt that it cites and that are at most so much older than the one it was made at. */
const leastReachMinutes = 60;
/** Settling happens in steps of so much event time, for each hour of the horizon: it goes through all that was remembered since. */
const stepMinutesAnHour = 10;
const leastStepMinutes = 60;
const forgetFindingsAfterDays = 100;
/** For most of a log. */
const nobody: Memory[] = [];
const noJudges: Judged[] = [];
const noBuckets: Bucket<Held>[] = [];
const isSeen = ({ of }: Memory): boolean => of.kind === 'seen';

export function createInspector(options: InspectorOptions): Inspector {
  const mostHeld = options.mostHeld ?? 50_000;
  const mostKeys = options.mostKeys ?? 50_000;
  const params = new Map(options.checks.map((check) => [check.id, check.params.parse(options.params?.[check.id] ?? {})]));
  for (const { id, watches } of options.checks)
    if (watches.includes('spend.recorded') && watches.length > 1)
      throw new Error(`${id} watches costs and other things: their horizons differ.`);
  let state = emptyState();

  function emptyState() {
    const memories: Memory[] = [];
    /** By what is remembered and of which kinds. */
    const shared = new Map<AnyMemory, Map<string, Memory>>();
    const runners = options.checks.map((check, number): Runner => {
      const kinds = [...new Set(check.watches)].sort().join(' ');
      const names = Object.keys(check.remembers);
      const mine = names.map((name) => {
        const of = (check.remembers as Record<string, AnyMemory>)[name]!;
        const known = shared.get(of)?.get(kinds);
        if (known) known.owners.push({ check: check.id, name });
        if (known) return known;
        const memory: Memory = {
          number: memories.length,
          of,
          owners: [{ check: check.id, name }],
          buckets: new Map(),
          reach: { day: '', oldest: '' },
          forgotten: new Map(),
          asked: undefined,
        };
        memories.push(memory);
        // What the others keep depends on the check itself, or is small.
        if (of.kind === 'seen') shared.set(of, (shared.get(of) ?? new Map<string, Memory>()).set(kinds, memory));
        return memory;
      });
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
    const watchers = new Map<Kind, Watch>();
    for (const kind of new Set(runners.flatMap(({ check }) => check.watches))) {
      const watching = runners.filter(({ check }) => check.watches.includes(kind));
      watchers.set(kind, {
        memories: [...new Set(watching.flatMap((runner) => runner.memories))],
        runners: watching.filter(({ judges, memories }) => judges.has(kind) || memories.some(({ of }) => of.kind === 'most')),
      });
    }
    const reachOf = (isMine: (kind: Kind) => boolean): number =>
      Math.max(
        leastReachMinutes,
        ...runners.filter(({ check }) => check.watches.some(isMine)).flatMap(({ memories }) => memories.map(minutesOf)),
      );
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
      runners,
      memories,
      watchers,
      usual: lane(
        options.horizonHours ?? 24,
        reachOf((kind) => kind !== 'spend.recorded'),
      ),
      costs: lane(
        options.costHorizonHours ?? 96,
        reachOf((kind) => kind === 'spend.recorded'),
      ),
      byId: new Map<string, Held>(),
      /** Who holds a record in a memory (what has the record's own name is in `byId`), and whose findings cite it. */
      holders: new Map<string, Held[]>(),
      citing: new Map<string, Held[]>(),
      said: new Map<string, Said>(),
      touched: new Set<string>(),
      told: new Map<string, string>(),
      since: new Map<string, Since[]>(),
      stragglers: [] as Held[],
      queue: [] as Held[],
      day: '',
      scope: { of: { cloud: '', level: '', id: '' } as { cloud: string; level: string; id: string }, name: '' },
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
    findings: () =>
      [...state.said.keys()]
        .map((key) => finding(key))
        .filter((one) => one !== undefined)
        .sort(byTimeAndKey),
    forgive,
    memories,
    learning,
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
    if (!settled) teachSince(observation);
    const watch = state.watchers.get(observation.kind);
    if (watch === undefined) return;
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
    const held = hold(lane, observation, judged, isOnlyFed);
    if (settled) {
      judgeStraggler(held, observation, asking);
      return;
    }
    insert(lane.held, held);
    admit(held, observation, asking);
    if (isOnlyFed) return;
    for (const one of judged) one.stale = true;
    enqueue(held);
  }

  /** The memories that have a key for it, each with the key in `asked`, as long as this observation is being placed. */
  function ask({ memories }: Watch, observation: Observation): Memory[] {
    let asking = nobody;
    for (let index = 0; index < memories.length; index++) {
      const memory = memories[index]!;
      const key = keyOf(memory, observation);
      memory.asked = key;
      if (key === undefined) continue;
      if (asking === nobody) asking = [memory];
      else asking.push(memory);
    }
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
      judged.push({ runner, keys: runner.memories.map(({ asked }) => asked), values: [], stale: false, findings: noFindings });
    }
    return judged;
  }

  function saysNothing(runner: Runner, observation: Observation): boolean {
    try {
      const recall = isLearning(observation) ? runner.blank.learning : runner.blank.later;
      return runner.check.evaluate(observation as Of<Kind>, recall as never, runner.params).length === 0;
    } catch (error) {
      breakage(runner.check.id, error);
      return true;
    }
  }

  function hold(lane: Lane, observation: Observation, judged: Judged[], isOnlyFed: boolean): Held {
    const { at, id, heard, evidence } = observation;
    if (state.day === '' || !at.startsWith(state.day)) state.day = dayOf(at);
    const held: Held = {
      at,
      id,
      taintedFrom: undefined,
      of: undefined as unknown as Held,
      day: state.day,
      value: 0,
      reread: undefined,
      observation: isOnlyFed ? undefined : observation,
      heard,
      evidence,
      lane,
      judged,
      buckets: isOnlyFed ? noBuckets : [],
      entries: isOnlyFed ? undefined : [],
      queued: false,
      gone: false,
      cites: undefined,
      learnt: false,
    };
    held.of = held;
    state.byId.set(id, held);
    return held;
  }

  /** Gives each memory that has a key for it its entry. `which` leaves some out. */
  function admit(held: Held, observation: Observation, asking: readonly Memory[], which: (memory: AnyMemory) => boolean = always): void {
    const { judged, entries, evidence } = held;
    if (entries === undefined) {
      feed(held, asking);
      return;
    }
    held.learnt = asking.some(({ of }) => isLearnt(of) && which(of));
    if (held.learnt) {
      for (const id of evidence) if (id !== held.id) append(state.holders, id, held);
      if (state.citing.size > 0) held.taintedFrom = taintOf(held);
    }
    for (let index = 0; index < asking.length; index++) {
      const memory = asking[index]!;
      if (!which(memory.of)) continue;
      const bucket = bucketOf(memory, memory.asked!);
      const entry = entryFor(held, memory, observation);
      if (entry === undefined) continue;
      for (const one of judged) {
        const at = one.runner.memories.indexOf(memory);
        // One text for all who keep it.
        if (at >= 0) one.keys[at] = bucket.key;
        if (at >= 0 && memory.of.kind === 'most') one.values[at] = entry;
      }
      held.buckets.push(bucket);
      entries.push(entry);
      bucket.add(entry);
    }
  }

  /** The same for what is its own entry. Of most that is remembered a log says the same again and again: one list for all of it. */
  function feed(held: Held, asking: readonly Memory[]): void {
    held.learnt = true;
    for (const id of held.evidence) if (id !== held.id) append(state.holders, id, held);
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

  function entryFor(held: Held, memory: Memory, observation: Observation): Entry<Held> | undefined {
    let { day } = held;
    let value: number | undefined = memory.of.kind === 'most' ? undefined : 0;
    if (memory.of.kind === 'daily')
      try {
        day = memory.of.day(observation);
        value = memory.of.value(observation);
      } catch (error) {
        breakage(memory.owners[0]!.check, error);
        return undefined;
      }
    const readers = held.judged.filter(
      ({ runner }) => runner.memories.includes(memory) && (memory.of.kind === 'most' || runner.judges.has(observation.kind)),
    );
    return { of: held, day, value, reread: readers.length === 0 ? undefined : () => reread(held, readers) };
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
    const held = hold(lane, observation, noJudges, false);
    insert(lane.past, held);
    admit(held, observation, asking, (memory) => memory.kind === 'recent');
  }

  /** Older than what may still change: judged by what is remembered, and learnt if nothing is wrong with it. */
  function judgeStraggler(held: Held, observation: Observation, asking: readonly Memory[]): void {
    held.entries ??= [];
    if (held.buckets === noBuckets) held.buckets = [];
    admit(held, observation, asking, (memory) => memory.kind === 'recent');
    state.stragglers.push(held);
    for (const judged of held.judged) judged.findings = evaluate(judged, observation);
    const isWrong = taintOf(held) !== undefined || held.judged.some(({ findings }) => findings.some((one) => taints(one, held.at)));
    for (const judged of held.judged)
      for (const one of judged.findings) {
        const said = saidOf(one.key);
        said.base = unite(said.base, one);
        said.whole = undefined;
        state.touched.add(one.key);
      }
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
    for (let held = dequeue(state.queue); held !== undefined; held = dequeue(state.queue)) {
      held.queued = false;
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
  }

  function evaluate(judged: Judged, observation: Observation): Finding[] {
    const { runner, keys } = judged;
    if (!runner.judges.has(observation.kind)) return noFindings;
    try {
      const learning = isLearning(observation);
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
    judged.findings = findings;
    if (before.length === 0 && findings.length === 0) return;
    if (JSON.stringify(before) === JSON.stringify(findings)) return;
    for (const { key } of before) {
      const said = saidOf(key);
      const index = partAt(said.parts, { at: held.at, id: held.id, check: judged.runner.number });
      while (said.parts[index]?.id === held.id && said.parts[index].check === judged.runner.number) said.parts.splice(index, 1);
      said.whole = undefined;
      state.touched.add(key);
    }
    for (const one of findings) {
      const said = saidOf(one.key);
      const part: Part = { at: held.at, id: held.id, check: judged.runner.number, finding: one };
      const index = partAt(said.parts, part);
      if (index === said.parts.length) {
        said.parts.push(part);
        if (said.whole) said.whole = unite(said.whole, one);
      } else {
        said.parts.splice(index, 0, part);
        said.whole = undefined;
      }
      state.touched.add(one.key);
    }
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
    for (const id of holder.evidence)
      for (const citing of state.citing.get(id) ?? [])
        if ((first === undefined || inOrder(citing, first) < 0) && reaches(citing, holder)) first = citing;
    return first && { at: first.at, id: first.id };
  }

  function holdersOf(id: string): Held[] {
    const others = state.holders.get(id) ?? [];
    const own = state.byId.get(id);
    return own?.learnt && own.evidence.includes(id) ? [own, ...others] : others;
  }

  function unhold(held: Held): void {
    if (!held.learnt) return;
    held.learnt = false;
    for (const id of held.evidence) if (id !== held.id) detach(state.holders, id, held);
  }

  function saidOf(key: string): Said {
    const known = state.said.get(key);
    if (known !== undefined) return known;
    const said: Said = { base: undefined, parts: [], whole: undefined };
    state.said.set(key, said);
    return said;
  }

  function finding(key: string): Finding | undefined {
    const said = state.said.get(key);
    if (said === undefined || (said.base === undefined && said.parts.length === 0)) return undefined;
    if (said.whole === undefined) {
      let whole = said.base && copied(said.base);
      for (const part of said.parts) whole = unite(whole, part.finding);
      said.whole = whole;
    }
    return shown(said.whole!);
  }

  /** What is new since the last time. */
  function tell(): Inspection {
    const changed: Finding[] = [];
    const withdrawn: Inspection['withdrawn'] = [];
    for (const key of state.touched) {
      const now = finding(key);
      const text = now && JSON.stringify(now);
      if (text === state.told.get(key)) continue;
      if (now !== undefined && text !== undefined) {
        changed.push(now);
        state.told.set(key, text);
      } else {
        withdrawn.push({ key, why: 'A record that arrived later, or was corrected, explains it.' });
        state.told.delete(key);
        state.said.delete(key);
      }
    }
    state.touched.clear();
    const broken = [...state.broken.values()];
    state.broken.clear();
    return { changed: changed.sort(byTimeAndKey), withdrawn: withdrawn.sort((a, b) => (a.key < b.key ? -1 : 1)), broken };
  }

  // ---- learning -------------------------------------------------------------------------------------------------------------

  /**
   * A finished look counts from where it began to read, a record of somebody's act from its time. A machine's launch says nothing about
   * when we began to look, and a look at bills nothing about acts.
   */
  function teachSince(observation: Observation): void {
    const isLook = observation.kind === 'look.finished' && observation.noun !== 'payer';
    if (!isLook && observation.actor === undefined) return;
    const value =
      isLook && observation.complete && observation.since !== undefined && observation.since < observation.at
        ? observation.since
        : observation.at;
    const scope = scopeOf(observation);
    const first = state.since.get(scope)?.[0];
    // Nearly always the beginning is known already.
    if (first && first.value <= value && inOrder(first, observation) <= 0 && state.since.get(scope)?.length === 1) return;
    learnSince(scope, { at: observation.at, id: observation.id, value, learnt: '' });
  }

  function learnSince(scope: string, step: Since): void {
    const steps = state.since.get(scope) ?? [];
    const covers = steps.findLast((other) => inOrder(other, step) <= 0);
    if (covers && covers.value <= step.value) return;
    step.learnt = minutesLater(step.value, learningMinutes);
    // Each step reaches further back than the one before it; those that no longer do are dropped.
    const kept = [...steps.filter((other) => inOrder(other, step) < 0), step];
    kept.push(...steps.filter((other) => inOrder(other, step) >= 0 && other.value < step.value));
    state.since.set(scope, kept);
    if (step.learnt > state.newest) return;
    for (const lane of [state.usual, state.costs])
      for (const held of lane.held)
        if (held.observation && held.at >= step.learnt && inOrder(held, step) >= 0 && nameOf(held.observation.place.scope) === scope)
          if (held.judged.length > 0) reread(held, held.judged);
  }

  /** Most of a log is of one account: its name need not be made anew each time. */
  function scopeOf({ place: { scope } }: Observation): string {
    const { cloud, level, id } = state.scope.of;
    if (scope.id !== id || scope.cloud !== cloud || scope.level !== level) state.scope = { of: scope, name: nameOf(scope) };
    return state.scope.name;
  }

  function isLearning(observation: Observation): boolean {
    const steps = state.since.get(scopeOf(observation));
    if (steps === undefined) return true;
    for (let index = steps.length - 1; index >= 0; index--) {
      const step = steps[index]!;
      if (step.at < observation.at || inOrder(step, observation) <= 0) return observation.at < step.learnt;
    }
    return true;
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

    const windowsFrom = minutesLater(until, -lane.reach);
    const windows: Bucket<Held>[] = [];
    const past = lane.past.findIndex(({ at }) => at >= windowsFrom);
    for (const held of lane.past.splice(0, past < 0 ? lane.past.length : past)) leave(held, windows);
    // No window holds it, and heard again it would be learnt again, as the same. What was not learnt must not be then either.
    for (const held of lane.held.splice(0, settled))
      if (held.at < windowsFrom || (held.entries === undefined && held.taintedFrom === undefined)) leave(held, windows);
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
      for (const { key } of judged.findings) {
        const said = saidOf(key);
        const index = partAt(said.parts, { at: held.at, id: held.id, check: judged.runner.number });
        if (said.parts[index]?.id !== held.id || said.parts[index].check !== judged.runner.number) continue;
        const [part] = said.parts.splice(index, 1);
        said.base = unite(said.base, part!.finding);
      }
      judged.findings = noFindings;
    }
    for (const id of held.cites ?? []) detach(state.citing, id, held);
    unhold(held);
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
    // What has not been told yet is not over: a quiet log spans months in one batch.
    for (const [key, said] of state.said)
      if (said.parts.length === 0 && said.base && said.base.last < forgotten && !state.touched.has(key)) {
        state.said.delete(key);
        state.told.delete(key);
      }
  }

  function forgetAll(buckets: Memory['buckets'], bucket: Bucket<Held>): void {
    bucket.isForgotten = true;
    buckets.delete(bucket.key);
  }

  function bucketOf(memory: Memory, key: string): Bucket<Held> {
    const known = memory.buckets.get(key);
    if (known !== undefined) return known;
    const bucket = new Bucket<Held>(
      memory.number,
      memory.of.kind,
      minutesOf(memory),
      memory.of.kind === 'recent' ? memory.of.most : 0,
      key,
    );
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

  function learning(now: Time): { scope: string; until: Time }[] {
    return [...state.since].flatMap(([scope, steps]) => {
      const until = steps.at(-1)?.learnt ?? '';
      return until > now ? [{ scope, until }] : [];
    });
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
    for (const { base } of state.said.values())
      if (base)
        entries.push({ memory: 'finding', key: JSON.stringify(shown(base)), day: '', first: base.finding.at, last: base.last, value: 0 });
    for (const [key, until] of state.forgiven) entries.push({ memory: 'forgiven', key, day: '', first: until, last: until, value: 0 });
    for (const [key, steps] of state.since)
      for (const step of steps)
        entries.push({ memory: 'since', key, day: `${step.at} ${step.id}`, first: step.value, last: step.at, value: 0 });
    return { horizon, entries };
  }

  function load(entry: MemoryEntry): void {
    switch (entry.memory) {
      case 'settled':
        state[entry.key === 'costs' ? 'costs' : 'usual'].settled = entry.first;
        return;
      case 'finding': {
        const settled = JSON.parse(entry.key) as Finding;
        saidOf(settled.key).base = resumed(settled, entry.last);
        state.touched.add(settled.key);
        return;
      }
      case 'forgiven':
        state.forgiven.set(entry.key, entry.last);
        return;
      case 'since':
        learnSince(entry.key, { at: entry.last, id: entry.day.slice(entry.last.length + 1), value: entry.first, learnt: '' });
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
    return observation.kind === 'spend.recorded' ? state.costs : state.usual;
  }

  function enqueue(held: Held): void {
    if (held.queued) return;
    held.queued = true;
    push(state.queue, held);
  }
}
