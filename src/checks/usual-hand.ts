/**
 * Is it the usual hand? Somebody known for a week to start things, from this network, with this program and this key. A name, a tag or a
 * program alone makes nobody usual: whoever carries a stolen key elsewhere is a stranger, whatever the program calls itself.
 */
import type { Recall } from './check.ts';
import { isWriting } from './identity/acts.ts';
import { networkName } from './networks.ts';
import type { Kind, Observation, Time } from './observation.ts';
import { account, keyUsed } from './suspects.ts';

/** A check that asks for the usual hand watches these besides what it judges: they tell whence and how somebody works. */
export const handiwork = [
  'compute.asked',
  'launcher.changed',
  'workload.defined',
  'ground.prepared',
  'principal.acted',
] as const satisfies readonly Kind[];

/** 'aws/123456789012/principal:…'. Undefined: nobody is named, or a provider's service acted for everybody. */
export const who = (act: Observation): string | undefined =>
  act.actor === undefined || act.actor.kind === 'provider'
    ? undefined
    : `${account(act.place.scope)}/${act.actor.subject}${act.actor.kind === 'federated' ? ` ${act.actor.name}` : ''}`;

const isStarting = ({ kind }: Observation): boolean =>
  kind === 'compute.asked' || kind === 'launcher.changed' || kind === 'workload.defined' || kind === 'ground.prepared';
const isTold = (act: Observation): boolean =>
  act.outcome === undefined && (isStarting(act) || (act.kind === 'principal.acted' ? isWriting(act) : act.actor !== undefined));
const join = (act: Observation, part: string | undefined): string | undefined => {
  const name = part === undefined || !isTold(act) ? undefined : who(act);
  return name === undefined ? undefined : `${name} ${part}`;
};

/** What such a check remembers for it. Reading teaches nothing: a thief reads for days at no risk. */
export const handMemories = {
  starters: { kind: 'seen', key: (o: Observation) => (o.kind === 'principal.acted' ? undefined : join(o, 'starts')), days: 120 },
  networks: { kind: 'seen', key: (o: Observation) => join(o, networkName(o)), days: 120 },
  programs: { kind: 'seen', key: (o: Observation) => join(o, o.program), days: 120 },
  keys: { kind: 'seen', key: (o: Observation) => join(o, keyUsed(o)), days: 120 },
} as const;
type Hand = { [N in keyof typeof handMemories]: Recall<Observation, (typeof handMemories)[N]> };

const weekMs = 7 * 86_400_000;

/** All of it known for a week; a key only where one was used. The owner's own login is nobody's habit. */
export function isUsualHand(now: Observation, { starters, networks, programs, keys }: Hand): boolean {
  const isOld = ({ known, first }: { known: boolean; first?: Time }): boolean =>
    known && first !== undefined && Date.parse(now.at) - Date.parse(first) >= weekMs;
  const kind = now.actor?.kind;
  if (who(now) === undefined || kind === 'root' || kind === 'unknown') return false;
  return isOld(starters) && isOld(networks) && isOld(programs) && (keyUsed(now) === undefined || isOld(keys));
}
