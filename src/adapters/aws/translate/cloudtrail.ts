/** CloudTrail's dialect into the neutral vocabulary: one table from `service:call` to what it means. Pure. */
import { createHash } from 'node:crypto';
import type { Network, Observation, Place, Scope, Shape, Subject, Time } from '../../../checks/observation.ts';
import { plainNetwork } from '../network.ts';
import { meaningOf } from './acts.ts';
import { type Caller, callerOf } from './identity.ts';
import { type Act, acted, type CallError, type Facts, type Meaning } from './meaning.ts';
import { accountScope, principalSubject } from './names.ts';
import { programOf } from './program.ts';
import { at, fields, text } from './reading.ts';
import { scrubEvent } from './scrub.ts';
import { timeOf } from './time.ts';

export type Translation = {
  /** The act first, then the links between the identities it shows. Empty for what is not a record of an act. */
  observations: Observation[];
  /** The record without its secrets, made when asked for. */
  readonly raw: unknown;
  /** In plain words, why nothing could be made of it. */
  problem?: string;
};

export type TranslateOptions = {
  /** Absent: it was heard when it happened, as in a recording. */
  heard?: Time;
  /** The source's name, e.g. 'aws/audit-log'. */
  by: string;
  network?: (address: string) => Network;
  /** Size and accelerators by instance type; without it only type and family are known. */
  shape?: (type: string) => Shape;
  price?: Act['price'];
  /** Prices of what is not an EC2 machine: Fargate, SageMaker, Lightsail. */
  servicePrices?: Act['servicePrices'];
  /** The bot's own roles by ARN: what it does itself is told apart, and its own probes look like nobody's. */
  own?: { act?: string; read?: string };
  /** Is this thing, by ARN or name, part of the bot's own plumbing: its rules, queues, topics, roles, stacks? */
  ours?: Act['ours'];
  /** Leaves out whose session it is, which nearly every record says. */
  withoutSessions?: boolean;
};

/** One raw CloudTrail record as observations. Liberal in what it takes, never throws, and the same record always gives the same ids. */
export function translateCloudTrail(
  event: unknown,
  { heard, by, network = plainNetwork, shape = plainShape, price, servicePrices, own, ours, withoutSessions = false }: TranslateOptions,
): Translation {
  const translation = (observations: Observation[], problem?: string): Translation => new Made(event, observations, problem);

  if (!fields(event)) return translation([], 'not a CloudTrail record');
  const name = text(event, 'eventName');
  const when = timeOf(at(event, 'eventTime'));
  if (name === undefined) return translation([], 'a record without eventName');
  if (when === undefined) return translation([], 'a record without a readable eventTime');
  // Insights are statistics about calls, not calls.
  if (text(event, 'eventCategory') === 'Insight') return translation([]);

  const account = text(event, 'recipientAccountId') ?? text(event, 'userIdentity', 'accountId') ?? text(event, 'accountId') ?? 'unknown';
  const place = placeOf(account, text(event, 'awsRegion') ?? 'global');
  const caller = callerOf(event, place);
  const source = text(event, 'eventSource');
  const { operation, meaning } = callOf(source, name);
  const error = errorOf(event, source === undefined || operation.startsWith('signin:'));
  const address = text(event, 'sourceIPAddress');
  const id = text(event, 'eventID') ?? fingerprint(event);
  const shared = text(event, 'sharedEventID');

  const program = programOf(event);
  const act: Act = { event, operation, place, caller, error, shape, price, servicePrices, ours };
  const facts = (own && ownAct(act, own)) ?? meaning(act);
  const links = ownLinks(caller, withoutSessions);
  const evidence = [id];
  const from = address !== undefined ? network(address) : undefined;
  const { actor, session } = caller;
  const [only] = facts;
  if (
    only?.kind === 'principal.acted' &&
    facts.length === 1 &&
    links.length === 0 &&
    shared === undefined &&
    error === undefined &&
    actor &&
    session &&
    from &&
    program &&
    only.userAgent !== undefined &&
    only.mfa !== undefined
  ) {
    // What most of a log is: somebody's session did what means no more than that. Written down in one piece it takes half the time and room.
    const { kind, userAgent, mfa } = only;
    return translation([
      { kind, operation, userAgent, mfa, id, at: when, heard: heard ?? when, by, place, evidence, network: from, actor, session, program },
    ]);
  }
  // What a table made is completed in place: this runs for every record of a log, and copying small objects costs more than all else here.
  const made = (links.length > 0 ? [...facts, ...links] : facts) as (Facts & Record<string, unknown>)[];
  for (let index = 0; index < made.length; index += 1) {
    const fact = made[index]!;
    fact.id = index === 0 ? id : `${id}/${index}`;
    fact.at = when;
    fact.heard = heard ?? when;
    fact.by = by;
    fact.place = place;
    fact.evidence = evidence;
    if (from !== undefined) fact.network = from;
    if (actor) fact.actor = actor;
    // The new key takes the place of the one it was made with.
    if (fact.kind === 'credential.created') {
      if (caller.credential !== undefined) fact.using ??= caller.credential;
    } else if (caller.credential !== undefined) fact.credential = caller.credential;
    if (session !== undefined) fact.session = session;
    if (shared !== undefined) fact.deed = shared;
    if (program !== undefined) fact.program = program;
    // Whose key it is stays true when the call was refused.
    if (error && fact.kind !== 'identity.linked') fact.outcome = error.outcome;
  }
  return translation(made as unknown as Observation[]);
}

class Made implements Translation {
  readonly observations: Observation[];
  declare readonly problem?: string;
  readonly #event: unknown;
  #scrubbed: unknown;

  constructor(event: unknown, observations: Observation[], problem: string | undefined) {
    this.#event = event;
    this.observations = observations;
    if (problem !== undefined) this.problem = problem;
  }

  get raw(): unknown {
    this.#scrubbed ??= scrubEvent(this.#event);
    return this.#scrubbed;
  }
}

/** Keeps the first link of each pair: every call of a key says again whose key it is. Remembers at most so many pairs. */
export function withoutRepeatedLinks(most = 50_000): (observations: Observation[]) => Observation[] {
  const known = new Set<string>();
  const isRepeated = (one: Observation): boolean => {
    if (one.kind !== 'identity.linked' || (one.how !== 'key of' && one.how !== 'session of')) return false;
    const key = `${one.from} ${one.to}`;
    if (known.has(key)) return true;
    if (known.size >= most) known.clear();
    known.add(key);
    return false;
  };
  // Most records say one thing, and no link.
  return (observations) =>
    observations.length === 1 && observations[0]!.kind !== 'identity.linked'
      ? observations
      : observations.filter((one) => !isRepeated(one));
}

/** What the bot does itself: with the role that acts it is told apart, with the role that reads it is an act like any other. */
function ownAct(act: Act, { act: acting, read }: { act?: string; read?: string }): Facts[] | undefined {
  const role = act.caller.actor?.subject;
  if (role === undefined) return undefined;
  if (acting !== undefined && role === principalSubject(acting)) {
    const incident = incidentOf(text(act.event, 'userIdentity', 'arn'));
    return [{ kind: 'ourselves.acted', operation: act.operation, role: 'act', ...(incident !== undefined ? { incident } : {}) }];
  }
  return read !== undefined && role === principalSubject(read) ? acted(act) : undefined;
}

/** The acting session is called after the story it acts in. Whoever stole the role may call theirs so too: the audit log has the last word. */
const incidentOf = (arn: string | undefined): string | undefined => /\/cloudwarden-([\w=,.@-]{1,64})$/.exec(arn ?? '')?.[1];

/** The caller's own key and session, and who they belong to. */
function ownLinks(
  { actor, credential, session }: Caller,
  withoutSessions: boolean,
): { kind: 'identity.linked'; from: Subject; to: Subject; how: 'key of' | 'session of' }[] {
  if (!actor || actor.kind === 'provider') return [];
  const links: ReturnType<typeof ownLinks> = [];
  if (credential !== undefined) links.push({ kind: 'identity.linked', from: credential, to: actor.subject, how: 'key of' });
  if (session !== undefined && !withoutSessions)
    links.push({ kind: 'identity.linked', from: session, to: actor.subject, how: 'session of' });
  return links;
}

/** One object for all records of one account and region, as far as can be: nobody changes it. */
function placeOf(account: string, region: string): Place {
  // Most records are of the place of the record before.
  if (latest.region === region && latest.scope.id === account) return latest;
  const scope = accountScope(account);
  let inside = places.get(scope);
  if (inside === undefined) {
    inside = new Map();
    places.set(scope, inside);
  }
  let place = inside.get(region);
  if (place === undefined) {
    place = { scope, region };
    if (inside.size < 100) inside.set(region, place);
  }
  latest = place;
  return place;
}

const places = new WeakMap<Scope, Map<string, Place>>();
let latest: Place = { scope: accountScope('unknown'), region: 'global' };

/** A call: 'ec2:RunInstances', as IAM spells it, without the version some services append (CreateFunction20150331v2), and what it means. */
function callOf(source: string | undefined, name: string): Call {
  const of = source ?? 'unknown';
  let known = calls.get(of);
  const call = known?.get(name);
  if (call !== undefined) return call;
  if (known === undefined) {
    if (calls.size >= 500) calls.clear();
    known = new Map();
    calls.set(of, known);
  }
  const operation = spelt(source, name);
  const made = { operation, meaning: meaningOf(operation) };
  if (known.size < 2_000 && name.length <= 200) known.set(name, made);
  return made;
}

type Call = { operation: string; meaning: Meaning };
/** A log has few calls; somebody who makes up a new one each time must not fill the memory. */
const calls = new Map<string, Map<string, Call>>();

function spelt(source: string | undefined, name: string): string {
  // The one call of its name, which examples put under many services.
  if (name === 'ConsoleLogin') return 'signin:ConsoleLogin';
  // EventBridge writes 'aws.iam'.
  const plainSource = source?.startsWith('aws.') ? source.slice(4) : source;
  const dot = plainSource?.indexOf('.') ?? -1;
  const service = plainSource === undefined ? 'unknown' : dot < 0 ? plainSource : plainSource.slice(0, dot);
  const last = name.charCodeAt(name.length - 1);
  const plain = last >= 48 && last <= 57 ? name.replace(/20\d{6}(?:v\d+)?$/, '') : name;
  return `${service === 'monitoring' ? 'cloudwatch' : service}:${plain}`;
}

/** EC2 writes its codes with `Client.` or `Server.` before them; a console sign-in fails without any code. */
function errorOf(event: unknown, mayBeSignIn: boolean): CallError | undefined {
  const said = text(event, 'errorCode');
  // `{ ConsoleLogin: 'Failure' }`, and alike for what else is done at sign-in.
  const failedSignIn = mayBeSignIn && saysFailure(at(event, 'responseElements'));
  const message = text(event, 'errorMessage');
  if (said === undefined && !failedSignIn && message === undefined) return undefined;
  const code = said?.replace(/^(?:Client|Server)\./, '');
  const outcome = /AccessDenied|Unauthorized|NotAuthorized|Forbidden/i.test(code ?? '') ? 'denied' : 'failed';
  return { code: code ?? 'Failure', outcome, ...(message !== undefined ? { message } : {}) };
}

const saysFailure = (answer: unknown): boolean => Object.values(fields(answer) ?? {}).includes('Failure');

/** For a record without an id: the same content, the same name. */
function fingerprint(event: unknown): string {
  const { eventTime, eventName, eventSource, awsRegion, userIdentity, requestID, requestParameters } = event as Record<string, unknown>;
  // Scrubbing also cuts what is nested too deep to be written out.
  const content = JSON.stringify(scrubEvent([eventTime, eventName, eventSource, awsRegion, userIdentity, requestID, requestParameters]));
  return `sha256-${createHash('sha256').update(content).digest('hex').slice(0, 32)}`;
}

const plainShape = (type: string): Shape => ({ type, family: type.split('.', 1)[0] ?? type });
