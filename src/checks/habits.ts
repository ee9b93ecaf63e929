/** Who is known here: what somebody has long done, from where, with what. Nothing in it can be set in a day. */
import { z } from 'zod';
import { isWriting } from './identity/acts.ts';
import { isRented, isService, networkName } from './networks.ts';
import type { Observation, Severity, Time } from './observation.ts';
import { account } from './suspects.ts';

type Seen = { first?: Time; learning: boolean };

/** Somebody by account and principal; of a role that people share, the one who took it. Undefined: nobody, or one who may not be known. */
export function who({ actor, place }: Observation): string | undefined {
  if (!actor || actor.kind === 'provider' || actor.kind === 'unknown' || actor.kind === 'root') return undefined;
  return `${account(place.scope)}/${actor.subject}${actor.kind === 'federated' ? ` ${actor.name}` : ''}`;
}

/** Where from, with a provider's service as a place of its own: what somebody has a service do comes from there. */
const whence = (act: Observation): string | undefined => (isService(act.network) ? 'a service' : networkName(act));

/** An act that tells who is usual here: done, and no mere reading, of which a log is full. */
function isTelling(act: Observation): boolean {
  if (act.outcome !== undefined || act.actor === undefined) return false;
  if (act.kind === 'principal.acted') return (act.actor.kind === 'user' || act.actor.kind === 'federated') && isWriting(act);
  return act.kind !== 'looked.around' && act.kind !== 'model.used';
}

const withNetwork = (act: Observation): string | undefined => {
  if (!isTelling(act)) return undefined;
  const from = whence(act);
  const by = from === undefined ? undefined : who(act);
  return by === undefined ? undefined : `${by} ${from}`;
};
const withProgram = (act: Observation): string | undefined => {
  const by = isTelling(act) ? who(act) : undefined;
  return by === undefined ? undefined : `${by} ${act.program ?? 'no program'}`;
};

/** Remember these two to know who is usual: every check that lowers anything for somebody known has them. */
export const usual = {
  networks: { kind: 'seen', key: withNetwork, days: 180 },
  programs: { kind: 'seen', key: withProgram, days: 180 },
} as const;

/** And this third for work of a kind: somebody doing it, from a place, with a program. `isWork` picks it, what is judged included. */
export const doing = (isWork: (act: Observation) => boolean) =>
  ({
    kind: 'seen',
    key: (act: Observation): string | undefined => {
      const from = act.outcome === undefined && isWork(act) ? whence(act) : undefined;
      const by = from === undefined ? undefined : who(act);
      return by === undefined ? undefined : `${by} ${from} ${act.program ?? 'no program'}`;
    },
    days: 180,
  }) as const;

/** A person on a network of their own, not on a machine that anybody can rent. */
const isAtHome = (act: Observation): boolean =>
  (act.actor?.kind === 'user' || act.actor?.kind === 'federated') && networkName(act) !== undefined && !isRented(act.network);

const isOld = (seen: Seen | undefined, now: Observation, days: number): boolean =>
  seen?.first !== undefined && Date.parse(now.at) - Date.parse(seen.first) >= days * 86_400_000;

/**
 * Known for so many days from this network and with this program; a robot, and whoever comes from a rented network, for work of this
 * kind as well.
 */
export function isKnown(now: Observation, seen: { networks: Seen; programs: Seen; work?: Seen }, days: number): boolean {
  if (who(now) === undefined || !isOld(seen.networks, now, days) || !isOld(seen.programs, now, days)) return false;
  return isAtHome(now) || isOld(seen.work, now, days);
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
