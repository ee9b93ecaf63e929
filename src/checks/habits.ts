/**
 * Who is known here: what somebody has long done, from where, with what. Nothing in it can be set in a day, and nothing that a thief could
 * have set counts by itself: whoever carries a stolen key elsewhere is a stranger, whatever their program calls itself.
 *
 * The memories below are single objects, the same in every check that has them, so that the engine keeps each of them once.
 */
import { z } from 'zod';
import { deeds, isWriting } from './identity/acts.ts';
import { isRented, isService, networkName } from './networks.ts';
import type { Kind, Observation, Severity, Time } from './observation.ts';
import { joined, nameIn } from './spelling.ts';
import { account, keyUsed, spot } from './suspects.ts';

type Seen = { first?: Time; learning: boolean };

/**
 * Somebody by account and principal, 'aws/123456789012/principal:…'; of a role that people share, the one who took it. Undefined: nobody is
 * named, or a provider's service acted for everybody.
 */
export function who({ actor, place }: Observation): string | undefined {
  if (!actor || actor.kind === 'provider') return undefined;
  return nameIn(place.scope, actor);
}

/** The owner's own login is nobody's habit, and whom the record does not name cannot be known. */
const mayBeKnown = (act: Observation): boolean =>
  act.actor !== undefined && act.actor.kind !== 'provider' && act.actor.kind !== 'root' && act.actor.kind !== 'unknown';

/** Where from, with a provider's service as a place of its own: what somebody has a service do comes from there. */
const whence = (act: Observation): string | undefined => (isService(act.network) ? 'a service' : networkName(act));

/** Somebody, from somewhere, with some program: the hand that is known or strange. */
function handOf(act: Observation): string | undefined {
  const from = mayBeKnown(act) ? whence(act) : undefined;
  const by = from === undefined ? undefined : who(act);
  return from === undefined || by === undefined ? undefined : joined(joined(by, from), act.program ?? 'no program');
}

/**
 * An act that tells who is usual here: done, and no mere reading, of which a log is full, and which a thief does for days at no risk. What
 * programs write all day says no more of them than what they start, make or let in.
 */
function isTelling(act: Observation): boolean {
  if (act.outcome !== undefined || act.actor === undefined) return false;
  if (act.kind === 'principal.acted') return (act.actor.kind === 'user' || act.actor.kind === 'federated') && isWriting(act);
  return act.kind !== 'looked.around' && act.kind !== 'model.used';
}

/** A check that lowers anything for somebody known watches these besides what it judges. */
export const handiwork = deeds;
/** And remembers this: which hands are usual. */
export const usual = {
  hands: { kind: 'seen', key: (act: Observation) => (isTelling(act) ? handOf(act) : undefined), days: 180 },
} as const;

/** Work in a region, by which machines there become less of a surprise. Rights and keys, which providers keep in one region, are none. */
const isLocal = ({ kind }: Observation): boolean =>
  kind === 'principal.acted' || kind === 'workload.defined' || kind === 'ground.prepared' || kind === 'schedule.set';
/** In which regions people have done something for long, whatever it was. What is prepared there in a day or two says nothing. */
export const regionsOfWork = {
  kind: 'seen',
  key: (act: Observation) => (mayBeKnown(act) && isTelling(act) && isLocal(act) ? spot(act) : undefined),
  days: 180,
} as const;
/** On three days, the first of them a week ago. */
export const isRegionOfWork = (now: Observation, region: Seen & { days: number }): boolean => region.days >= 3 && isOld(region, now, 7);

/** From which networks anybody here has worked. */
export const networksOfWork = {
  kind: 'seen',
  key: (act: Observation) => {
    const from = mayBeKnown(act) && isTelling(act) && !isService(act.network) ? networkName(act) : undefined;
    return from === undefined ? undefined : joined(account(act.place.scope), from);
  },
  days: 180,
} as const;
/** Since so many days. */
export const isSince = (now: Observation, seen: Seen, days: number): boolean => isOld(seen, now, days);

/** And this second for work of a kind: a hand that does it. `isWork` picks it, what is judged included. */
export const doing = (isWork: (act: Observation) => boolean) =>
  ({
    kind: 'seen',
    key: (act: Observation): string | undefined => (act.outcome === undefined && isWork(act) ? handOf(act) : undefined),
    days: 180,
  }) as const;

const isStarting = ({ kind, outcome }: Observation): boolean =>
  outcome === undefined &&
  (kind === 'compute.asked' || kind === 'launcher.changed' || kind === 'workload.defined' || kind === 'ground.prepared');
const starterOf = (act: Observation): string | undefined =>
  mayBeKnown(act) ? `${who(act)} ${act.program ?? 'no program'} ${keyUsed(act) ?? 'no key'}` : undefined;

/** What a check remembers that asks for the usual hand at starting machines: besides, with what program and key somebody starts them. */
export const handMemories = {
  ...usual,
  starters: { kind: 'seen', key: (act: Observation) => (isStarting(act) ? starterOf(act) : undefined), days: 180 },
} as const;
/** The same for a check that asks it of another kind of act, which then counts with the rest. */
export const handMemoriesFor = (judged: Kind) => {
  const isIt = (act: Observation): boolean => act.kind === judged && act.outcome === undefined;
  return {
    hands: { kind: 'seen', key: (act: Observation) => (isTelling(act) || isIt(act) ? handOf(act) : undefined), days: 180 },
    starters: { kind: 'seen', key: (act: Observation) => (isStarting(act) || isIt(act) ? starterOf(act) : undefined), days: 180 },
  } as const;
};

/**
 * With a long-term key, which works wherever it is carried, or in a way the record does not tell: nobody who is signed in, and no role
 * whose session says so.
 */
export const isByKey = (act: Observation): boolean =>
  keyUsed(act) !== undefined ||
  act.actor?.kind === 'unknown' ||
  (act.actor?.kind === 'user' && act.session === undefined && act.program !== 'console');

/** A person on a network of their own, not on a machine that anybody can rent. */
const isAtHome = (act: Observation): boolean =>
  (act.actor?.kind === 'user' || act.actor?.kind === 'federated') && networkName(act) !== undefined && !isRented(act.network);

const isOld = (seen: Seen | undefined, now: Observation, days: number): boolean =>
  seen?.first !== undefined && Date.parse(now.at) - Date.parse(seen.first) >= days * 86_400_000;

/**
 * Known for so many days from this network with this program; a robot, and whoever comes from a rented network, for work of this kind as
 * well.
 */
export function isKnown(now: Observation, seen: { hands: Seen; work?: Seen }, days: number): boolean {
  if (!mayBeKnown(now) || !isOld(seen.hands, now, days)) return false;
  return isAtHome(now) || isOld(seen.work, now, days);
}

/**
 * Known for a week from this network with this program, and for starting things with this program and key. What a service starts for
 * somebody is nobody's habit: whoever has the key can have it do so.
 */
export function isUsualHand(now: Observation, { hands, starters }: { hands: Seen; starters: Seen }): boolean {
  return mayBeKnown(now) && !isService(now.network) && isOld(hands, now, 7) && isOld(starters, now, 7);
}

/** The setting every check has that lowers something for somebody known. */
export const knownDays = z
  .number()
  .int()
  .positive()
  .default(7)
  .describe('From so many days on, somebody counts as known from a network and with a program.');

/**
 * How loud an act is by who did it. An attempt that was refused is medium, whoever made it: a thief whose attempt was denied is still
 * inside. One that failed for another reason is low.
 */
export function graded(
  now: Observation,
  by: { stranger: Severity; known: Severity; learning: Severity },
  { known, learning }: { known: boolean; learning: boolean },
): Severity {
  if (now.outcome === 'failed') return 'low';
  if (now.outcome === 'denied') return 'medium';
  return known ? by.known : learning ? by.learning : by.stranger;
}

/** Attempts are findings of their own: what was done must not look like what was refused, nor the other way round. */
export const tried = (now: Observation): string => (now.outcome ? '/tried' : '');

/** Where an act came from, for the card. */
export const from = ({ network }: Observation): Record<string, string> =>
  network ? { From: `${network.address}${network.name ? ` (${network.name})` : ''}` } : {};
