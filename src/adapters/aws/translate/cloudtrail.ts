/** CloudTrail's dialect into the neutral vocabulary: one table from `service:call` to what it means. Pure. */
import { createHash } from 'node:crypto';
import type { Network, Observation, Place, Shape, Subject, Time } from '../../../checks/observation.ts';
import { plainNetwork } from '../network.ts';
import { acts } from './acts.ts';
import { type Caller, callerOf } from './identity.ts';
import { accountScope } from './names.ts';
import { at, fields, number, text } from './reading.ts';
import { scrubEvent } from './scrub.ts';

export type Translation = {
  /** The act first, then the links between the identities it shows. Empty for what is not a record of an act. */
  observations: Observation[];
  /** The record without its secrets, made when asked for. */
  readonly raw: unknown;
  /** In plain words, why nothing could be made of it. */
  problem?: string;
};

export type TranslateOptions = {
  heard: Time;
  /** The source's name, e.g. 'aws/audit-log'. */
  by: string;
  network?: (address: string) => Network;
  /** Size and accelerators by instance type; without it only type and family are known. */
  shape?: (type: string) => Shape;
};

/** One raw CloudTrail record as observations. Liberal in what it takes, never throws, and the same record always gives the same ids. */
export function translateCloudTrail(
  event: unknown,
  { heard, by, network = plainNetwork, shape = plainShape }: TranslateOptions,
): Translation {
  let scrubbed: unknown;
  const translation = (observations: Observation[], problem?: string): Translation => ({
    observations,
    get raw() {
      scrubbed ??= scrubEvent(event);
      return scrubbed;
    },
    ...(problem !== undefined ? { problem } : {}),
  });

  if (!fields(event)) return translation([], 'not a CloudTrail record');
  const name = text(event, 'eventName');
  const when = timeOf(at(event, 'eventTime'));
  if (name === undefined) return translation([], 'a record without eventName');
  if (when === undefined) return translation([], 'a record without a readable eventTime');
  // Insights are statistics about calls, not calls.
  if (text(event, 'eventCategory') === 'Insight') return translation([]);

  const account = text(event, 'recipientAccountId') ?? text(event, 'userIdentity', 'accountId') ?? text(event, 'accountId') ?? 'unknown';
  const place: Place = { scope: accountScope(account), region: text(event, 'awsRegion') ?? 'global' };
  const caller = callerOf(event, place);
  const operation = operationOf(text(event, 'eventSource'), name);
  const error = errorOf(event);
  const address = text(event, 'sourceIPAddress');
  const id = text(event, 'eventID') ?? fingerprint(event);
  const shared = text(event, 'sharedEventID');

  const facts = (acts[operation] ?? acts.default)({ event, operation, place, caller, error, shape });
  const links = caller.actor ? ownLinks(caller) : [];
  const base = {
    at: when,
    heard,
    by,
    place,
    evidence: [id],
    ...(address !== undefined ? { network: network(address) } : {}),
    ...(caller.actor ? { actor: caller.actor } : {}),
    ...(caller.credential !== undefined ? { credential: caller.credential } : {}),
    ...(caller.session !== undefined ? { session: caller.session } : {}),
    ...(shared !== undefined ? { deed: shared } : {}),
  };
  return translation(
    [...facts, ...links].map((fact, index) => ({
      ...base,
      // Whose key it is stays true when the call was refused.
      ...(error && fact.kind !== 'identity.linked' ? { outcome: error.outcome } : {}),
      ...fact,
      id: index === 0 ? id : `${id}/${index}`,
    })) as Observation[],
  );
}

/** Keeps the first link of each pair: every call of a key says again whose key it is. Remembers at most so many pairs. */
export function withoutRepeatedLinks(most = 50_000): (observations: Observation[]) => Observation[] {
  const known = new Set<string>();
  return (observations) =>
    observations.filter((one) => {
      if (one.kind !== 'identity.linked' || (one.how !== 'key of' && one.how !== 'session of')) return true;
      const key = `${one.from} ${one.to}`;
      if (known.has(key)) return false;
      if (known.size >= most) known.clear();
      known.add(key);
      return true;
    });
}

/** The caller's own key and session, and who they belong to. */
function ownLinks({
  actor,
  credential,
  session,
}: Caller): { kind: 'identity.linked'; from: Subject; to: Subject; how: 'key of' | 'session of' }[] {
  if (!actor || actor.kind === 'provider') return [];
  return [
    ...(credential !== undefined
      ? [{ kind: 'identity.linked' as const, from: credential, to: actor.subject, how: 'key of' as const }]
      : []),
    ...(session !== undefined ? [{ kind: 'identity.linked' as const, from: session, to: actor.subject, how: 'session of' as const }] : []),
  ];
}

/** 'ec2:RunInstances': as IAM spells it, without the version some services append (CreateFunction20150331v2). */
function operationOf(source: string | undefined, name: string): string {
  const service = (source ?? 'unknown').split('.', 1)[0] ?? 'unknown';
  return `${service === 'monitoring' ? 'cloudwatch' : service}:${name.replace(/20\d{6}(?:v\d+)?$/, '')}`;
}

export type CallError = { code: string; outcome: 'denied' | 'failed' };

/** EC2 writes its codes with `Client.` or `Server.` before them; a console sign-in fails without any code. */
function errorOf(event: unknown): CallError | undefined {
  const code = text(event, 'errorCode')?.replace(/^(?:Client|Server)\./, '');
  const failedSignIn = text(event, 'responseElements', 'ConsoleLogin') === 'Failure';
  if (code === undefined && !failedSignIn && text(event, 'errorMessage') === undefined) return undefined;
  return { code: code ?? 'Failure', outcome: /AccessDenied|Unauthorized|NotAuthorized|Forbidden/i.test(code ?? '') ? 'denied' : 'failed' };
}

/** CloudTrail's own text, or the seconds and milliseconds some exports write. */
function timeOf(value: unknown): Time | undefined {
  const seconds = typeof value === 'string' && value.includes('-') ? undefined : number(value);
  const ms =
    seconds === undefined ? (typeof value === 'string' ? Date.parse(value) : Number.NaN) : seconds < 1e11 ? seconds * 1000 : seconds;
  // Times outside four-digit years would not sort as text.
  return ms >= 0 && ms <= 253_402_300_799_999 ? new Date(ms).toISOString() : undefined;
}

/** For a record without an id: the same content, the same name. */
function fingerprint(event: unknown): string {
  const { eventTime, eventName, eventSource, awsRegion, userIdentity, requestID, requestParameters } = event as Record<string, unknown>;
  // Scrubbing also cuts what is nested too deep to be written out.
  const content = JSON.stringify(scrubEvent([eventTime, eventName, eventSource, awsRegion, userIdentity, requestID, requestParameters]));
  return `sha256-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
}

const plainShape = (type: string): Shape => ({ type, family: type.split('.', 1)[0] ?? type });
