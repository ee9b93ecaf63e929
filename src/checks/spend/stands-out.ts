/**
 * Does a day of one series stand out from its own past, and how? And what of the past counts: days that stood out themselves are no history,
 * but at most five of fourteen, else the new level is believed.
 */
import { type Bill, leastADay, type Owner, type Part, type Series } from './bill-series.ts';
import { clearlyMore, loweredBy } from './came-and-went.ts';
import { type Days, dayOf, isMasked, setMask, spentOn } from './days.ts';
import type { How } from './severity-by-money.ts';
import { createPast, expectedOn, greatestLike, middle, spreadOf, takePast, windowDays } from './usual.ts';

/** What people have said. Days with both ends, UTC. */
export type Declared = {
  usualMonthly: Readonly<Record<string, number>>;
  assumedMonthly: number;
  /** Stories nobody has answered: their days are not learned, however many, and are no sign that such things come and go. */
  open: readonly { part: Part; from: number; until: number }[];
};
/** `lowered`: so many levels less severe, because it came and went like this before. */
export type Look = { how: How; expected: number; spread: number; excess: number; lowered: number };
export type Usual = { expected: number; spread: number };
export type Watch = {
  /** Brings what is known of the past up to (without) that day; must be called before the others. */
  bringUpTo(owner: Owner, day: number): void;
  /** Undefined when the day is ordinary. */
  look(series: Series, day: number): Look | undefined;
  /** What such a day usually costs; where that is nothing, 0. The spread is at least `least`. */
  usual(series: Series, day: number, least?: number): Usual;
  /** The level of the time before this week. */
  levelBeforeWeek(series: Series, day: number): number;
  /** What the account, or the payer, spends on a usual day. */
  typicalDay(owner: Owner, day: number): number;
  isKnown(owner: Owner, day: number): boolean;
  isGuess(owner: Owner, day: number): boolean;
};

export function createWatch(bill: Bill, { usualMonthly, assumedMonthly, open }: Declared): Watch {
  const past = createPast();
  const typicalDays = new Map<Owner, Map<number, number>>();
  const take = ({ owner, days }: Series, day: number, from = owner.first): void => takePast(past, days, from, day, bill.isGap);

  /** Everything is new in an account's first two weeks. */
  const isKnown = (owner: Owner, day: number): boolean => day - owner.first >= 14;

  /** Nobody said what the account costs, and it has not shown it yet: there is only a guess to hold it against, and days that are taken as they come. */
  const isGuess = ({ account, first }: Owner, day: number): boolean =>
    account !== undefined && usualMonthly[account] === undefined && day - first < 7;

  /** What was declared counts like a week of history while there are fewer than two weeks. */
  function typicalDay(owner: Owner, day: number): number {
    const known = typicalDays.get(owner)?.get(day);
    if (known !== undefined) return known;
    take(owner.whole, day);
    const { length } = past;
    const level = middle(past, 0, length);
    const monthly = owner.account === undefined ? 0 : (usualMonthly[owner.account] ?? assumedMonthly);
    const typical = length >= 14 ? level : ((monthly / 30) * 7 + level * length) / (7 + length);
    typicalDays.get(owner)?.set(day, typical);
    return typical;
  }

  function look(series: Series, day: number): Look | undefined {
    const found = lookAlone(series, day);
    if (!found) return undefined;
    if (series.place && !isMore(series.place, day, found.excess)) return undefined;
    if (found.how === 'slow burn') return found;
    const lowered = isFee(series, day) ? 3 : loweredBy(series.days, series.owner.first, day, spentOn(series.days, day));
    return { ...found, lowered };
  }

  function lookAlone(series: Series, day: number): Look | undefined {
    const { owner, days, level, part } = series;
    const spent = spentOn(days, day);
    if (spent < leastADay) return undefined;
    const typical = typicalDay(owner, day);
    const floor = Math.max(leastADay, floorShare * typical);
    const mayBurn = isWeekAbove(days, day, floor);
    if (!mayBurn && isAsDearAsBefore(series, day, spent)) return undefined;
    take(series, day);
    // Before the account itself is known, only as a whole it can be held against what it is said to cost.
    if (level !== 'account' && !isKnown(owner, day)) return undefined;
    if (level !== 'account' && level !== 'payer' && past.greatest <= nothing) {
      const isRegion = level === 'region' || level === 'payer region';
      if (isRegion && part.region === noRegion) return undefined;
      if (spent < (isRegion ? leastADay : Math.max(leastADay, newShare * typical))) return undefined;
      return { how: isRegion ? 'new region' : 'new service', expected: 0, spread: Math.max(0.02 * typical, 1), excess: spent, lowered: 0 };
    }
    if (past.length < 7 || spent >= clearlyMore * greatestLike(day, past)) {
      // What costs many times what it ever did is held against as little as what is new.
      const isAsNew = past.length >= 14 && spent >= 3 * past.greatest;
      const share = (isAsNew ? newShare : floorShare) * typical;
      const expected = expectedOn(day, past, level === 'account' ? typical : undefined);
      const spread = spreadOf(past, expected, share / 4);
      const excess = spent - expected;
      if (excess >= Math.max(leastADay, share, 4 * spread)) return { how: 'jump', expected, spread, excess, lowered: 0 };
    }
    return mayBurn ? slowBurn(series, day, floor, typical) : undefined;
  }

  /** On six of seven days clearly more than in the five weeks before. */
  function slowBurn(series: Series, day: number, floor: number, typical: number): Look | undefined {
    const { owner, days } = series;
    if (day - 6 - owner.first < 21) return undefined;
    const expected = levelBeforeWeek(series, day);
    if (past.length < 14) return undefined;
    const excess = sumOf(days, day - 6, day) / 7 - expected;
    if (excess < Math.max(floor, 0.15 * typical)) return undefined;
    const spread = spreadOf(past, expected, 0.02 * typical);
    const line = expected + 3 * spread;
    // What has been so for two weeks is the new level, and was told when it began.
    if (daysOver(days, day - 13, day - 7, line) >= 4 || daysOver(days, day - 6, day, line) < 6) return undefined;
    return { how: 'slow burn', expected, spread, excess, lowered: 0 };
  }

  function levelBeforeWeek(series: Series, day: number): number {
    take(series, day - 6, Math.max(series.owner.first, day - 6 - 35));
    return middle(past, 0, past.length);
  }

  /** Machines of one family that take the place of others are no more money than before. */
  function isMore(place: Series, day: number, excess: number): boolean {
    const { expected, spread } = usual(place, day);
    return spentOn(place.days, day) - expected + 0.5 * spread >= 0.5 * excess;
  }

  function usual(series: Series, day: number, least = 0): Usual {
    take(series, day);
    const expected = past.greatest <= nothing ? 0 : expectedOn(day, past, undefined);
    return { expected, spread: spreadOf(past, expected, least) };
  }

  const isOpen = (series: Series, day: number): boolean =>
    open.some(({ part, from, until }) => from <= day && day <= until && overlap(part, series.part));

  return {
    bringUpTo(owner, day) {
      const known = typicalDays.get(owner) ?? new Map<number, number>();
      typicalDays.set(owner, known);
      for (const one of known.keys()) if (one > owner.knownUpTo) known.delete(one);
      for (let one = Math.max(owner.knownUpTo, owner.first); one < day; one++) {
        for (const series of owner.loud.get(one) ?? []) {
          const isOut = !isGuess(owner, one) && look(series, one) !== undefined;
          setMask(series.days, one, !isOut ? 'counts' : isOpen(series, one) ? 'open' : isStillNews(series.days, one) ? 'out' : 'counts');
        }
      }
      owner.knownUpTo = Math.max(owner.knownUpTo, day);
    },
    look,
    usual,
    levelBeforeWeek,
    typicalDay,
    isKnown,
    isGuess,
  };

  /** One such weekday that counts and was about as dear settles it: most days are told apart here. */
  function isAsDearAsBefore({ owner, days }: Series, day: number, spent: number): boolean {
    const { from, values, masked } = days;
    const enough = spent / clearlyMore;
    for (let at = day - 7 - from, oldest = Math.max(owner.first, day - windowDays, from) - from; at >= oldest; at -= 7) {
      if (values[at]! > enough && masked[at] === 0) return true;
    }
    return false;
  }
}

/** Where the provider books what has no region. */
const noRegion = 'global';
/** What has no region and comes on the first of a month is billed once for all of it; on a second day it is none. */
const isFee = ({ part }: Series, day: number): boolean => part.region === noRegion && dayOf(day).endsWith('-01');
/** Of a typical day: less is not worth a word. */
const floorShare = 0.08;
const newShare = 0.03;
/** Up to so much a day is as good as nothing. */
const nothing = 1;

function isStillNews(days: Days, day: number): boolean {
  let out = 0;
  for (let before = day - 13; before < day; before++) if (isMasked(days, before)) out += 1;
  return out < 5;
}

const isWeekAbove = (days: Days, day: number, floor: number): boolean => sumOf(days, day - 6, day) >= 7 * floor;

function sumOf({ from, values }: Days, first: number, last: number): number {
  let sum = 0;
  for (let at = Math.max(0, first - from), end = Math.min(last - from, values.length - 1); at <= end; at++) sum += values[at]!;
  return sum;
}

function daysOver(days: Days, first: number, last: number, line: number): number {
  let count = 0;
  for (let day = first; day <= last; day++) if (spentOn(days, day) > line) count += 1;
  return count;
}

/** Is there money that is in both? */
const overlap = (a: Part, b: Part): boolean =>
  (['account', 'service', 'region', 'usage'] as const).every((key) => a[key] === undefined || b[key] === undefined || a[key] === b[key]);
