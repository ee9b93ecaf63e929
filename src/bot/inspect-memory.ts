/**
 * One key of one memory of a check: a bucket. What may still change its order is kept entry by entry; what is older is kept as one line
 * a day. A question about it is always asked from a position in event order and sees only what stands before that position.
 */
import type { Remembered } from '../checks/check.ts';
import type { Time } from '../checks/observation.ts';
import { inOrder } from '../checks/observation.ts';

/** A place in the total order of event time, then id. */
export type Position = { at: Time; id: string };
/** An observation as far as memories care: where it stands, and from where on a finding keeps it from being learnt. */
export type Holder = Position & { taintedFrom: Position | undefined };
/**
 * What one observation left in one bucket. `value` is undefined until the observation has been judged. `readers`: those who judge it by this
 * bucket, again when something before it changes.
 */
export type Entry<H extends Holder> = { of: H; day: string; value: number | undefined; readers: readonly object[] };
/** All that one day left, once it can no longer change. `value` is the greatest (`most`) or the sum (`daily`). */
export type DayLine = { day: string; first: Time; last: Time; value: number };
/** An entry that is settled but still counts for positions up to `until`, where a finding took it back. */
export type Brief = { at: Time; id: string; value: number; until: Position };
type MemoryKind = Remembered<never>['kind'];
/**
 * `reread`: the readers of this entry have to judge it again. `changed`: before they do, `wakeReaders` is to be called. `round`: a number for
 * each time that all who were told so do, one after the other in order; `furthest`: how far they have come in it.
 */
export type Listener<H extends Holder> = {
  reread(entry: Entry<H>): void;
  changed(bucket: Bucket<H>): void;
  round: number;
  furthest: Position;
};

const pinnedDay = '9999-12-31';

export class Bucket<H extends Holder> {
  readonly kind: MemoryKind;
  readonly key: string;
  /** The number of the memory it belongs to. */
  readonly memory: number;
  /** How far a `recent` memory looks back; how old a value of a `most` memory must be to count. */
  readonly minutes: number;
  /** How many a `recent` memory looks back at most. */
  readonly most: number;
  /** Everything unsettled, in order: of `seen` those alone that may have to be judged again when something before them changes. */
  readonly all: Entry<H>[] = [];
  /** Those no finding cites. */
  readonly clean: Entry<H>[] = [];
  /** Those a later finding cites: they count only until then. */
  brief: Entry<H>[] = [];
  settledBriefs: Brief[] = [];
  /** Settled values that are not old enough to count everywhere. */
  waiting: Omit<Brief, 'until'>[] = [];
  days: DayLine[] = [];
  /** No earlier than the last of `clean`: asked for every record, when that one is long out of sight. */
  #latest: Time = '';
  /** Greatest value of `clean` up to each index, as far as it has been worked out. */
  #greatest: number[] = [];

  /** In this round, all behind `from` up to `end` were told already, and those that are further than `furthest` wait to judge. */
  #awake: { round: number; from: Position; end: Position | undefined } | undefined;

  /** Nobody has asked yet when something was seen first: what comes after others of its day then changes nothing for later ones. */
  #asksFirst = false;

  /** It is on the list of those to be settled. */
  isListed = false;
  /** It is in no memory any more. */
  isForgotten = false;
  /** All that the latest observation was remembered in that was remembered here first: most that follow are remembered in the same. */
  buckets: Bucket<H>[] = [];

  readonly #listener: Listener<H>;
  /** Where its windows changed since the listener was told so. */
  #changes: Position[] = [];
  /** How far back the window last asked for goes: of a burst, all ask for the same. */
  #window: { at: Time; from: Position } = { at: '', from: { at: '', id: '' } };

  constructor(memory: number, of: { kind: MemoryKind; minutes: number; most: number }, key: string, listener: Listener<H>) {
    this.memory = memory;
    this.kind = of.kind;
    this.minutes = of.minutes;
    this.most = of.most;
    this.key = key;
    this.#listener = listener;
  }

  /**
   * The same as `add` for what is only remembered, no finding cites, and comes in order, while nobody is judged by this: true when it was
   * all that. A log is made of little else.
   */
  feed(entry: Entry<H>): boolean {
    const { clean } = this;
    const { of } = entry;
    if (of.taintedFrom !== undefined || this.all.length > 0) return false;
    if (clean.length > 0 && of.at <= this.#latest) return false;
    clean.push(entry);
    this.#latest = of.at;
    return true;
  }

  /** Puts an entry into its place and has those after it that may see it judged again. */
  add(entry: Entry<H>): void {
    // Whoever only remembers it is never judged again by it.
    if (this.kind !== 'seen' || entry.readers.length > 0) insert(this.all, entry);
    if (this.kind === 'seen' || this.kind === 'most') this.#sort(entry);
    this.#wake(entry, entry.of, entry.value);
  }

  remove(entry: Entry<H>): void {
    drop(this.all, entry);
    this.#unsort(entry);
    this.#wake(entry, entry.of, entry.value);
  }

  /** The value of an entry became known or changed. */
  revalue(entry: Entry<H>, value: number): void {
    if (entry.value === value) return;
    const higher = Math.max(entry.value ?? value, value);
    entry.value = value;
    const at = this.clean.length > 0 ? indexOf(this.clean, entry) : -1;
    if (at >= 0 && at < this.#greatest.length) this.#greatest.length = at;
    this.#wake(entry, entry.of, higher);
  }

  /** The taint of an entry's observation changed; it mattered or matters from `since` on. */
  retaint(entry: Entry<H>, since: Position): void {
    if (this.kind !== 'seen' && this.kind !== 'most') return;
    this.#unsort(entry);
    this.#sort(entry);
    this.#wake(entry, inOrder(since, entry.of) > 0 ? since : entry.of, entry.value);
  }

  /** Folds everything before `until` into its day. */
  settle(until: Time): void {
    const settled = this.all.splice(0, before(this.all, { at: until, id: '' }));
    if (this.kind === 'recent') return;
    if (this.kind === 'daily') for (const entry of settled) this.keep(entry.day, entry.of.at, entry.value ?? 0);
    const clean = this.clean.splice(0, before(this.clean, { at: until, id: '' }));
    this.#greatest.length = 0;
    this.settledBriefs = this.settledBriefs.filter((brief) => brief.until.at >= until);
    for (const entry of this.brief.splice(0, before(this.brief, { at: until, id: '' })))
      if (entry.of.taintedFrom && entry.of.taintedFrom.at >= until)
        this.settledBriefs.push({ at: entry.of.at, id: entry.of.id, value: entry.value ?? 0, until: entry.of.taintedFrom });
    if (this.kind === 'seen') {
      for (let from = 0, to = 0; from < clean.length; from = to) {
        const first = clean[from]!.of.at;
        to = before(clean, endOf(first));
        this.load({ day: dayOf(first), first, last: clean[to - 1]!.of.at, value: 0 });
      }
      return;
    }
    for (const { of, value } of clean) this.waiting.push({ at: of.at, id: of.id, value: value ?? 0 });
    this.#foldWaiting(this.#lagged(until));
  }

  wait(value: Omit<Brief, 'until'>): void {
    this.waiting.push(value);
    this.waiting.sort(inOrder);
  }

  #foldWaiting(until: Time): void {
    let folded = 0;
    for (; folded < this.waiting.length && this.waiting[folded]!.at < until; folded++) {
      const { at, value } = this.waiting[folded]!;
      this.keep(dayOf(at), at, value);
    }
    if (folded > 0) this.waiting.splice(0, folded);
  }

  /** Folds one settled entry into its day. */
  keep(day: string, at: Time, value: number): void {
    this.load({ day, first: at, last: at, value });
  }

  load(line: DayLine): void {
    let index = this.days.length;
    while (index > 0 && this.days[index - 1]!.day > line.day) index--;
    const same = this.days[index - 1];
    if (same?.day !== line.day) {
      this.days.splice(index, 0, { ...line });
      return;
    }
    if (line.first < same.first) same.first = line.first;
    if (line.last > same.last) same.last = line.last;
    same.value = this.kind === 'daily' ? same.value + line.value : Math.max(same.value, line.value);
  }

  /** Forgets days before `oldest`. Says whether anything is left. */
  forget(oldest: string): boolean {
    if (this.kind === 'most' && this.waiting.length > 0) this.#foldWaiting(oldest);
    let old = 0;
    while (old < this.days.length && this.days[old]!.day < oldest) old++;
    if (old > 0) this.days.splice(0, old);
    return !this.isSettled() || this.days.length > 0 || this.waiting.length > 0 || this.settledBriefs.length > 0;
  }

  isSettled(): boolean {
    return this.all.length === 0 && this.clean.length === 0 && this.brief.length === 0;
  }

  /** Of a settled one. */
  lastUsed(): Time {
    return this.days.at(-1)?.last ?? '';
  }

  /** Somebody said that this is known, from then on and for good: the line of a day that never comes is never old. */
  pin(at: Time): void {
    this.load({ day: pinnedDay, first: at, last: at, value: 0 });
  }

  unpin(): void {
    this.days = this.days.filter(({ day }) => day !== pinnedDay);
  }

  /** From when to when it was used, as far as no finding took it back, and whether somebody pinned it; undefined: nothing counts. */
  span(): { first: Time; last: Time; pinned: boolean } | undefined {
    const pinned = this.days.at(-1)?.day === pinnedDay;
    const lines = [
      ...this.days,
      ...[this.clean[0], this.clean.at(-1)].flatMap((entry) => (entry ? [{ first: entry.of.at, last: entry.of.at }] : [])),
    ];
    if (lines.length === 0) return undefined;
    const first = lines.reduce((least, line) => (line.first < least ? line.first : least), lines[0]!.first);
    return { first, last: lines.reduce((most, line) => (line.last > most ? line.last : most), first), pinned };
  }

  known(now: Position, oldest: string): boolean {
    const latest = this.clean[before(this.clean, now) - 1];
    // A time is no less than the name of its day.
    if (latest !== undefined && latest.of.at >= oldest) return true;
    for (const _ of this.#briefly(now, oldest)) return true;
    for (let index = this.days.length - 1; index >= 0; index--) {
      const line = this.days[index]!;
      if (line.day < oldest) return false;
      if (line.first < now.at) return true;
    }
    return false;
  }

  first(now: Position, oldest: string): Time | undefined {
    this.#asksFirst = true;
    return this.times(now, oldest).first;
  }

  times(now: Position, oldest: string): { first: Time | undefined; last: Time | undefined; days: number } {
    let first: Time | undefined;
    let last: Time | undefined;
    const days = new Set<string>();
    const count = (from: Time, to: Time): void => {
      if (first === undefined || from < first) first = from;
      if (last === undefined || to > last) last = to;
      days.add(dayOf(from));
    };
    for (const line of this.days)
      if (line.day >= oldest && line.first < now.at) count(line.first, line.last < now.at ? line.last : line.first);
    for (const { at } of this.#briefly(now, oldest)) count(at, at);
    // Days are at most a few among the unsettled: jump from the first of each day to the next day instead of walking.
    const end = before(this.clean, now);
    for (let index = before(this.clean, { at: oldest, id: '' }); index < end; ) {
      const { at } = this.clean[index]!.of;
      count(at, at);
      index = before(this.clean, endOf(at));
    }
    const latest = this.clean[end - 1];
    if (latest !== undefined && latest.of.at >= oldest) count(latest.of.at, latest.of.at);
    return { first, last, days: days.size };
  }

  greatest(now: Position, oldest: string): number {
    // What is not yet old enough is left out by asking from an earlier position; what a finding takes back counts by the true one.
    const old: Position = this.minutes === 0 ? now : { at: this.#lagged(now.at), id: '' };
    const end = before(this.clean, old);
    for (let index = this.#greatest.length; index < end; index++)
      this.#greatest.push(Math.max(this.#greatest[index - 1] ?? 0, this.clean[index]!.value ?? 0));
    let greatest = 0;
    const decayed = before(this.clean, { at: oldest, id: '' });
    if (decayed === 0) greatest = this.#greatest[end - 1] ?? 0;
    else for (let index = decayed; index < end; index++) greatest = Math.max(greatest, this.clean[index]!.value ?? 0);
    for (const { at, value } of this.#briefly(now, oldest)) if (this.minutes === 0 || at < old.at) greatest = Math.max(greatest, value);
    for (const { at, value } of this.waiting) if (at < old.at && dayOf(at) >= oldest) greatest = Math.max(greatest, value);
    for (const line of this.days) if (line.day >= oldest && line.first < old.at) greatest = Math.max(greatest, line.value);
    return greatest;
  }

  /** The last `most` entries within the minutes before `now`, itself included. */
  window(now: Position): Entry<H>[] {
    if (this.#window.at !== now.at) this.#window = { at: now.at, from: { at: minutesLater(now.at, -this.minutes), id: '' } };
    const end = upTo(this.all, now);
    const start = before(this.all, this.#window.from);
    return this.all.slice(Math.max(start, end - this.most), end);
  }

  /** One sum a day, oldest first, up to and with `now`. */
  sums(now: Position, oldest: string): { day: string; value: number }[] {
    const sums = new Map<string, number>();
    for (const line of this.days) if (line.day >= oldest) sums.set(line.day, line.value);
    for (const entry of this.all) {
      if (inOrder(entry.of, now) > 0) break;
      if (entry.day >= oldest) sums.set(entry.day, (sums.get(entry.day) ?? 0) + (entry.value ?? 0));
    }
    return [...sums].map(([day, value]) => ({ day, value })).sort((a, b) => (a.day < b.day ? -1 : 1));
  }

  *#briefly(now: Position, oldest: string): Iterable<{ at: Time; value: number }> {
    for (const { of, day, value } of this.brief)
      if (day >= oldest && inOrder(of, now) < 0 && inOrder(of.taintedFrom!, now) >= 0) yield { at: of.at, value: value ?? 0 };
    for (const { at, value, until } of this.settledBriefs) if (dayOf(at) >= oldest && inOrder(until, now) >= 0) yield { at, value };
  }

  #lagged(at: Time): Time {
    return this.kind === 'most' && this.minutes > 0 ? minutesLater(at, -this.minutes) : at;
  }

  #sort(entry: Entry<H>): void {
    const tainted = entry.of.taintedFrom;
    if (tainted === undefined) {
      const at = insert(this.clean, entry);
      if (entry.of.at > this.#latest) this.#latest = entry.of.at;
      if (at < this.#greatest.length) this.#greatest.length = at;
    } else if (inOrder(tainted, entry.of) > 0) insert(this.brief, entry);
  }

  #unsort(entry: Entry<H>): void {
    const at = drop(this.clean, entry);
    if (at >= 0 && at < this.#greatest.length) this.#greatest.length = at;
    drop(this.brief, entry);
  }

  /**
   * Has those judged again that may see a change of this entry, from `since` on. An entry is invisible where others say the same
   * whatever happens: an untainted one before it on its day, and from the next untainted one after it.
   */
  #wake(changed: Entry<H>, since: Position, value: number | undefined): void {
    const { all, clean } = this;
    let from = since;
    if (this.kind === 'most' && this.minutes > 0) {
      const old: Position = { at: minutesLater(changed.of.at, this.minutes), id: '\uffff' };
      if (inOrder(old, since) > 0) from = old;
    }
    let index = upTo(all, from);
    if (index >= all.length) return;
    if (this.kind === 'recent') {
      if (this.#changes.length === 0) this.#listener.changed(this);
      this.#changes.push({ at: since.at, id: since.id });
      return;
    }
    let end: Position | undefined;
    if (this.kind === 'seen' || this.kind === 'most') {
      const as = this.kind === 'most' ? (value ?? 0) : Number.NEGATIVE_INFINITY;
      const isEnough = (other: Entry<H>): boolean => other !== changed && (as === Number.NEGATIVE_INFINITY || (other.value ?? 0) >= as);
      const { day } = changed;
      let covered = this.days.some((line) => line.day === day && line.first < changed.of.at && (this.kind === 'seen' || line.value >= as));
      for (let earlier = before(clean, changed.of) - 1; !covered && earlier >= 0; earlier--) {
        if (clean[earlier]!.day !== day) break;
        covered = isEnough(clean[earlier]!);
      }
      if (covered && this.kind === 'most') return;
      if (covered || this.kind === 'most' || !this.#asksFirst) {
        for (let later = upTo(clean, changed.of); later < clean.length; later++)
          if (isEnough(clean[later]!)) {
            // One of another day tells of no day but its own.
            if (!covered && this.kind === 'seen' && clean[later]!.day !== day) break;
            end = clean[later]!.of;
            if (this.minutes > 0) end = { at: minutesLater(end.at, this.minutes), id: '\uffff' };
            break;
          }
      }
    }
    if (this.#isAwake(from, end)) return;
    this.#awake = { round: this.#listener.round, from: { at: from.at, id: from.id }, end };
    for (; index < all.length; index++) {
      const entry = all[index]!;
      if (end && inOrder(entry.of, end) > 0) return;
      if (entry.readers.length > 0) this.#listener.reread(entry);
    }
  }

  /** In a burst every launch is a reason to wake all that follow it; they are awake since the first. */
  #isAwake(from: Position, end: Position | undefined): boolean {
    const { round, furthest } = this.#listener;
    const awake = this.#awake;
    if (awake?.round !== round || inOrder(from, awake.from) < 0 || inOrder(from, furthest) < 0) return false;
    return awake.end === undefined || (end !== undefined && inOrder(end, awake.end) <= 0);
  }

  /**
   * Has those judged again whose windows changed. A burst that arrives in no order changes the same windows hundreds of times: each is looked at
   * once, from the last change before it, which is the nearest.
   */
  wakeReaders(): void {
    const { all } = this;
    const changes = this.#changes.sort(inOrder);
    this.#changes = [];
    changes.forEach((change, number) => {
      const next = changes[number + 1];
      const from = upTo(all, change);
      // What stands further behind looks back at those in between alone.
      const last = Math.min(next ? upTo(all, next) : all.length, from + this.most);
      const until: Position = { at: minutesLater(change.at, this.minutes), id: '\uffff' };
      for (let index = from; index < last && inOrder(all[index]!.of, until) <= 0; index++)
        if (all[index]!.readers.length > 0) this.#listener.reread(all[index]!);
    });
  }
}

export const dayOf = (at: Time): string => at.slice(0, 10);
export const minutesLater = (at: Time, minutes: number): Time => new Date(Date.parse(at) + minutes * 60_000).toISOString();
/** The first day of a memory that reaches `days` back from this one. */
export const daysBefore = (day: string, days: number): string => new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);

/** After all of this day. */
const endOf = (at: Time): Position => ({ at: `${dayOf(at)}U`, id: '' });

/** How many stand strictly before this position. */
function before(list: readonly { of: Position }[], position: Position): number {
  let high = list.length;
  // What comes last is asked for most: nearly everything comes in order, and is then looked for at once.
  for (let looked = 0; high > 0 && looked < 2; looked++, high--) if (inOrder(list[high - 1]!.of, position) < 0) return high;
  if (high === 0 || inOrder(list[0]!.of, position) >= 0) return 0;
  let low = 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inOrder(list[middle]!.of, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many stand before this position or on it. */
function upTo(list: readonly { of: Position }[], position: Position): number {
  if (list.length > 0 && inOrder(list[list.length - 1]!.of, position) <= 0) return list.length;
  let index = before(list, position);
  while (index < list.length && inOrder(list[index]!.of, position) === 0) index++;
  return index;
}

export function insert<T extends { of: Position }>(list: T[], entry: T): number {
  const index = before(list, entry.of);
  if (index === list.length) list.push(entry);
  else list.splice(index, 0, entry);
  return index;
}

function indexOf<T extends { of: Position }>(list: readonly T[], entry: T): number {
  for (let index = before(list, entry.of); index < list.length && inOrder(list[index]!.of, entry.of) === 0; index++)
    if (list[index] === entry) return index;
  return -1;
}

export function drop<T extends { of: Position }>(list: T[], entry: T): number {
  const index = indexOf(list, entry);
  if (index >= 0) list.splice(index, 1);
  return index;
}
