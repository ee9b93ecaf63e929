/** What findings have in common: whom they are about, how those could be cut off, and how keys are spelled. */
import type { Finding, Remedy } from './check.ts';
import type { Observation, Scope, Severity, Subject } from './observation.ts';

type Acted = Pick<Observation, 'actor' | 'credential' | 'session'> & { kind?: Observation['kind']; using?: Subject };

/** The long-term key somebody acted with. Where a key is made, `credential` is the new one and nobody has acted with it yet. */
export const keyUsed = (act: Acted): Subject | undefined => (act.kind === 'credential.created' ? act.using : act.credential);

/**
 * Whom an act is to be laid at the door of. A session stands for itself: its role may have innocent users. A provider's own services act
 * for everybody and are nobody's suspect.
 */
export function suspects(act: Acted): Subject[] {
  const { actor, session } = act;
  const credential = keyUsed(act);
  if (actor?.kind === 'provider') return [];
  const isOneself = actor?.kind === 'user' || actor?.kind === 'root';
  const subjects: (Subject | undefined)[] = session
    ? [session, isOneself ? actor.subject : undefined]
    : [credential, actor && (isOneself || !credential) ? actor.subject : undefined];
  return subjects.filter((subject) => subject !== undefined);
}

/** The narrowest name under which somebody acts: key, else session, else principal. Undefined: a provider's service, or nobody named. */
export function hand(act: Acted): Subject | undefined {
  return act.actor?.kind === 'provider' ? undefined : (keyUsed(act) ?? act.session ?? act.actor?.subject);
}

/** How the doer could be cut off. What cannot be cut (root, a federated person) is for the remedier to say. */
export function cutOff(act: Acted): Remedy[] {
  const { actor } = act;
  const credential = keyUsed(act);
  if (!actor || actor.kind === 'provider' || actor.kind === 'unknown') return [];
  return [
    ...(credential ? [{ kind: 'disable-credential' as const, credential, owner: actor }] : []),
    ...(actor.kind === 'federated' ? [] : [{ kind: 'deny-principal' as const, principal: actor, over: actor.home }]),
  ];
}

export const stop = (resources: Subject[], over: Scope): Remedy[] =>
  resources.length > 0 ? [{ kind: 'stop-compute', resources, over }] : [];

/** 'aws/123456789012', as it stands in keys. */
export const account = ({ cloud, id }: Scope): string => `${cloud}/${id}`;
/** 'aws/123456789012/eu-west-3', as it stands in keys. */
export const spot = ({ place }: Pick<Observation, 'place'>): string => `${account(place.scope)}/${place.region}`;

/** A finding that rests on one observation, or on it and some before it. */
export function finding(
  check: string,
  now: Observation,
  said: { key: string; severity: Severity; title: string } & Partial<
    Omit<Finding, 'key' | 'severity' | 'title' | 'check' | 'at' | 'place'>
  >,
  with_: readonly Observation[] = [now],
): Finding {
  // A bill has no record of its own: the observation's id names it.
  const evidence = [...new Set(with_.flatMap((one) => (one.evidence.length > 0 ? one.evidence : [one.id])))];
  return {
    about: [...new Set(with_.flatMap(suspects))],
    evidence,
    usdPerHour: {},
    facts: {},
    remedies: with_.flatMap(cutOff),
    learning: false,
    ...said,
    key: `${check}:${said.key}`,
    check,
    at: now.at,
    place: now.place,
    ...(now.actor && now.actor.kind !== 'provider' ? { actor: now.actor } : {}),
  };
}

/** While a memory is learning, not having seen something before means little. */
export const whileLearning = (learning: boolean, severity: Severity): Severity => (learning ? 'low' : severity);
