/** The grammar of the tables in services/: what a call is given, what it may mean, and the forms most meanings take. */
import type { Observation, Place, Shape, Subject } from '../../../checks/observation.ts';
import type { ServicePrices } from '../service-prices.ts';
import type { Caller } from './identity.ts';
import { resourceSubject } from './names.ts';
import { sameAgent } from './program.ts';
import { at, fields, flag, text } from './reading.ts';

type Common = 'id' | 'at' | 'heard' | 'by' | 'place' | 'evidence' | 'network' | 'actor' | 'session' | 'program' | 'outcome';
/** What one kind of observation says beyond what every record has. */
export type Facts = Observation extends infer O
  ? O extends Observation
    ? Omit<O, Common | (O['kind'] extends 'credential.created' ? never : 'credential')>
    : never
  : never;
/** `message` tells quotas from slips where a service has one code for both. */
export type CallError = { code: string; message?: string; outcome: 'denied' | 'failed' };

export type ServicePricing = Pick<ServicePrices, 'fargate' | 'machineLearning' | 'lightsail'>;

/** One recorded call, as the tables see it. */
export type Act = {
  event: unknown;
  /** 'ec2:RunInstances'. */
  operation: string;
  place: Place;
  caller: Caller;
  error: CallError | undefined;
  shape: (type: string) => Shape;
  /** List price of one machine in USD an hour; undefined: no table is at hand. */
  price: ((type: string, region: string, options: { spot?: boolean }) => { usd: number }) | undefined;
  /** What is not priced by an EC2 type alone; undefined: no table is at hand. */
  servicePrices: ServicePricing | undefined;
  /** Is this thing part of the bot's own plumbing? By ARN, or by name where the request has no more. */
  ours: ((arnOrName: string) => boolean) | undefined;
};
/** The main observation first; what else follows from the act after it. Never empty, once it went through one of the forms below. */
export type Meaning = (act: Act) => Facts[];
/** 'service:Call' as IAM spells it, without a version at its end. */
export type Table = Record<string, Meaning>;

/**
 * A call that was denied is recorded without its parameters by most services. What it was about is then in doubt, and taken for the worse:
 * what somebody may not do they may not even try.
 */
export const isUntold = ({ event, error }: Pick<Act, 'event' | 'error'>): boolean =>
  error?.outcome === 'denied' && at(event, 'requestParameters') === undefined;
/** What the refusal says it was about: 'user ada', or an ARN. */
export const refusedOn = ({ error }: Pick<Act, 'error'>): string | undefined =>
  / on resource: ((?:user|role|group|policy) [\w+=,.@-]{1,128}|arn:[\w-]+:[^\s]{1,256})(?=\s|$)/.exec(
    error?.message?.slice(0, 2_000) ?? '',
  )?.[1];

export const request = (event: unknown, first?: string, second?: string, third?: string): unknown =>
  at(event, 'requestParameters', first, second, third);
export const answer = (event: unknown, first?: string, second?: string, third?: string): unknown =>
  at(event, 'responseElements', first, second, third);

// ---- forms ------------------------------------------------------------------------------------------------------------------

/** Anything else somebody did. */
export const acted: Meaning = ({ event, operation }) => {
  const userAgent = text(event, 'userAgent');
  const mfa = mfaOf(event);
  const fact: Extract<Facts, { kind: 'principal.acted' }> = { kind: 'principal.acted', operation };
  if (userAgent !== undefined) fact.userAgent = sameAgent(userAgent);
  if (mfa !== undefined) fact.mfa = mfa;
  return [fact];
};

export function mfaOf(event: unknown): boolean | undefined {
  const used = at(event, 'additionalEventData', 'MFAUsed');
  return used !== undefined ? isYes.test(String(used)) : flag(event, 'userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated');
}

/** AWS writes 'Yes'; who copies a record writes what they like. */
const isYes = /^(?:yes|true)$/i;

/** The act as it is, and what came of it when it succeeded. */
export const actedAnd =
  (more: Meaning): Meaning =>
  (act) => [...acted(act), ...(act.error ? [] : more(act))];
/** Only when it succeeded; else just the act and its outcome. */
export const done =
  (meaning: Meaning): Meaning =>
  (act) => {
    const facts = act.error ? [] : meaning(act);
    return facts.length > 0 ? facts : acted(act);
  };
/** The attempt counts too: a refused call keeps its meaning and carries its outcome. */
export const tried =
  (meaning: Meaning): Meaning =>
  (act) => {
    const facts = meaning(act);
    return facts.length > 0 ? facts : acted(act);
  };

/** Somebody looked at what could be had here. */
export const looked = (what: Extract<Facts, { kind: 'looked.around' }>['what']): Meaning => {
  return ({ operation }) => [{ kind: 'looked.around', operation, what }];
};

export const link = (from: Subject, to: Subject | undefined, how: 'key of' | 'session of' | 'assumed' | 'created' | 'started'): Facts[] =>
  to === undefined || to === from ? [] : [{ kind: 'identity.linked', from, to, how }];

/** A thing by the name the request gives it, as an ARN. */
export const named = ({ place }: Act, service: string, kind: string, name: string | undefined): Subject =>
  resourceSubject(place, service, name?.startsWith('arn:') ? name : `${kind}${name ?? 'unknown'}`);

// ---- reading requests ---------------------------------------------------------------------------------------------------------

/** SageMaker's and GameLift's types are EC2's with a prefix, or as they are. */
export const plainType = (type: string): string => type.replace(/^(?:ml|kernel)\./, '');

/** All text in a part of a request, for the search of markers: at most 64 KB, joined as a command line would be. */
export function wordsOf(...values: unknown[]): string {
  const found: string[] = [];
  let left = 65_536;
  const walk = (value: unknown, depth: number): void => {
    if (left <= 0 || depth > 12) return;
    if (typeof value === 'string') {
      found.push(value.slice(0, left));
      left -= value.length;
    } else if (Array.isArray(value)) for (const one of value) walk(one, depth + 1);
    else for (const one of Object.values(fields(value) ?? {})) walk(one, depth + 1);
  };
  for (const value of values) walk(value, 0);
  return found.join(' ');
}

// ---- guards -----------------------------------------------------------------------------------------------------------------

type Guard = Extract<Facts, { kind: 'guard.weakened' }>['guard'];

export const weakened = (guard: Guard, how: string, resource: (act: Act) => Subject | Subject[], really?: (act: Act) => boolean): Meaning =>
  tried((act) => {
    const perhaps = really !== undefined && isUntold(act);
    if (really && !perhaps && !really(act)) return [];
    return [resource(act)].flat().map((one) => ({ kind: 'guard.weakened', guard, resource: one, how, ...(perhaps ? { perhaps } : {}) }));
  });
/** The record holds what is so afterwards, or a part of it: whether anything was lost is for somebody to look at. */
export const perhapsWeakened = (
  guard: Guard,
  how: string,
  resource: (act: Act) => Subject | Subject[],
  really: (act: Act) => boolean = () => true,
): Meaning =>
  tried((act) =>
    really(act) ? [resource(act)].flat().map((one) => ({ kind: 'guard.weakened', guard, resource: one, how, perhaps: true })) : [],
  );
/** What an answer, or a list of them, means: the first that says anything. */
export const firstOf =
  (...meanings: Meaning[]): Meaning =>
  (act) => {
    for (const meaning of meanings) {
      const facts = meaning(act);
      if (facts[0]?.kind !== 'principal.acted') return facts;
    }
    return acted(act);
  };

/**
 * Somebody laid hands on the bot's own plumbing; on anything else the call means what `otherwise` says. `perhaps`: setting it up looks the
 * same in the record.
 */
export const oursOr =
  (how: string, things: (act: Act) => Subject[], otherwise: Meaning = acted, { perhaps = false }: { perhaps?: boolean } = {}): Meaning =>
  (act) => {
    const { ours } = act;
    if (!ours) return otherwise(act);
    const touched = things(act).filter((one) => {
      const arn = one.slice(one.indexOf(':') + 1);
      return ours(arn) || ours(arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1));
    });
    if (touched.length === 0) return otherwise(act);
    return touched.map((one) => ({
      kind: 'guard.weakened',
      guard: 'ourselves',
      resource: asResource(one),
      how,
      ...(perhaps ? { perhaps: true } : {}),
    }));
  };
const asResource = (subject: Subject): Subject => `resource:${subject.slice(subject.indexOf(':') + 1)}`;
