/** Who made a CloudTrail call: `userIdentity` as an actor, the key or session used, and how they belong together. */
import type { Actor, Place, Scope, Subject } from '../../../checks/observation.ts';
import { accountScope, keySubject, partitionOf, principalSubject } from './names.ts';
import { at, text } from './reading.ts';

export type Caller = {
  actor?: Actor;
  credential?: Subject;
  session?: Subject;
  /** The narrowest of session, key and principal: what a new thing hangs from, so that a role's innocent users stay out of a story. */
  narrowest?: Subject;
};

/** Reads `userIdentity`; whatever is missing is left out. */
export function callerOf(event: unknown, place: Place): Caller {
  const identity = at(event, 'userIdentity');
  const actor = sessionOfRole(identity, event, place) ?? oneOf(actorOf(identity, event, place));
  const key = text(identity, 'accessKeyId');
  const used = key !== undefined ? keySubject(key) : undefined;
  const caller: Caller = {};
  if (actor !== undefined) caller.actor = actor;
  if (used !== undefined && 'session' in used) caller.session = used.session;
  // Roles have sessions only: whoever made a log unreadable may have made a long-term key of theirs.
  else if (used !== undefined && !(actor && rolesOnly.has(actor.kind))) caller.credential = used.credential;
  // A service's own role is shared by everybody who uses the service: nothing hangs from it.
  const narrowest = actor?.kind === 'provider' ? undefined : (caller.session ?? caller.credential ?? actor?.subject);
  if (narrowest !== undefined) caller.narrowest = narrowest;
  return caller;
}

const rolesOnly: ReadonlySet<Actor['kind']> = new Set(['robot', 'workload', 'federated']);

/**
 * Nearly all that a log holds is done in sessions of roles, many times in each: what was made of the same words before is taken again. The
 * words compared are all that `actorOf` reads of a role.
 */
function sessionOfRole(identity: unknown, event: unknown, place: Place): Actor | undefined {
  const arn = text(identity, 'arn');
  const account = text(identity, 'accountId');
  if (arn === undefined || account === undefined || text(identity, 'type') !== 'AssumedRole') return undefined;
  const context = at(identity, 'sessionContext');
  const issuer = at(context, 'sessionIssuer');
  const [role, name] = [text(issuer, 'arn'), text(issuer, 'userName')];
  const isDelivered = at(context, 'ec2RoleDelivery') !== undefined;
  const known = sessions.get(arn);
  if (known?.account === account && known.role === role && known.name === name && known.isDelivered === isDelivered) return known.actor;
  const actor = oneOf(actorOf(identity, event, place));
  if (actor === undefined) return undefined;
  // Sessions come and go: the memory begins anew rather than grow.
  if (sessions.size >= mostActors) sessions.clear();
  sessions.set(arn, { account, role, name, isDelivered, actor });
  return actor;
}

type Session = { account: string; role: string | undefined; name: string | undefined; isDelivered: boolean; actor: Actor };
const sessions = new Map<string, Session>();

/**
 * One object for all records of the same actor: a log has few actors and many records, and what is asked of an actor again and again can be
 * kept with it. Nobody changes an actor.
 */
function oneOf(actor: Actor | undefined): Actor | undefined {
  if (actor === undefined) return undefined;
  const known = actors.get(actor.subject);
  if (known !== undefined && known.name === actor.name && known.kind === actor.kind && known.home === actor.home) return known;
  // Somebody who comes under a new name with each call must not fill the memory.
  if (actors.size >= mostActors) actors.clear();
  actors.set(actor.subject, actor);
  return actor;
}

const mostActors = 5_000;
const actors = new Map<string, Actor>();

function actorOf(identity: unknown, event: unknown, place: Place): Actor | undefined {
  const arn = text(identity, 'arn');
  const account = text(identity, 'accountId');
  const home: Scope = account !== undefined ? accountScope(account) : place.scope;
  const issuer = at(identity, 'sessionContext', 'sessionIssuer');
  const type = typeOf(text(identity, 'type')) ?? (text(issuer, 'type') === 'Role' ? 'AssumedRole' : typeIn(arn));
  const make = (kind: Actor['kind'], subject: string, name: string): Actor => ({
    subject: principalSubject(subject),
    name: name.slice(0, 256),
    kind,
    home,
  });

  switch (type) {
    case 'Root':
      return make('root', arn ?? `arn:${partitionOf(place.region)}:iam::${home.id}:root`, 'root');
    case 'IAMUser': {
      const name = text(identity, 'userName') ?? lastOf(arn) ?? text(identity, 'principalId') ?? 'some user';
      return make('user', arn ?? `arn:${partitionOf(place.region)}:iam::${home.id}:user/${name}`, name);
    }
    case 'FederatedUser': {
      // GetFederationToken: only cutting the user who asked for it cuts the session.
      const base = text(issuer, 'arn');
      if (base?.endsWith(':root')) return make('root', base, 'root');
      const name = text(issuer, 'userName') ?? lastOf(base ?? arn);
      return base !== undefined || arn !== undefined ? make('user', base ?? arn ?? '', name ?? 'federated user') : undefined;
    }
    case 'AssumedRole':
    case 'Role': {
      const name = text(issuer, 'userName');
      const role = text(issuer, 'arn') ?? (arn !== undefined ? roleArnOf(arn) : undefined);
      // Some role, whose name is lost or made unreadable, is still no reason to overlook it.
      if (role === undefined) return make('robot', name ?? arn ?? `${home.id}/some role`, name ?? lastOf(arn) ?? 'some role');
      return roleActor(role, name ?? lastOf(role) ?? role, sessionNameOf(identity), identity, make);
    }
    case 'WebIdentityUser':
    case 'SAMLUser':
    case 'IdentityCenterUser': {
      const provider = text(identity, 'identityProvider') ?? text(identity, 'onBehalfOf', 'identityStoreArn') ?? type;
      const name = text(identity, 'userName') ?? text(identity, 'onBehalfOf', 'userId') ?? text(identity, 'principalId') ?? 'unknown';
      return make('federated', `${provider}/${name}`, name);
    }
    case 'AWSService': {
      const service = text(identity, 'invokedBy') ?? text(event, 'sourceIPAddress') ?? 'aws';
      return make('provider', service, service);
    }
    case 'AWSAccount': {
      const principal = arn ?? `${home.id}/${text(identity, 'principalId') ?? 'somebody'}`;
      return make('unknown', principal, `account ${home.id}`);
    }
    default: {
      const name = text(identity, 'userName') ?? lastOf(arn) ?? text(identity, 'principalId');
      if (name !== undefined) return make('unknown', arn ?? name, name);
      const service = text(identity, 'invokedBy') ?? (text(event, 'eventType') === 'AwsServiceEvent' ? 'aws' : undefined);
      if (service !== undefined) return make('provider', service, service);
      // Somebody did it, whom the record does not name: no reason to overlook it.
      return make('unknown', `${home.id}/somebody`, 'somebody');
    }
  }
}

/** AWS writes 'AssumedRole'; who writes a record by hand writes 'assumed-role'. */
const typeOf = (said: string | undefined): string | undefined =>
  said === undefined || types.has(said)
    ? said
    : ([...types].find((type) => type.toLowerCase() === said.toLowerCase().replace(/[^a-z]/g, '')) ?? said);
const types: ReadonlySet<string> = new Set([
  'IAMUser',
  'AssumedRole',
  'AWSService',
  'Root',
  'AWSAccount',
  'Role',
  'FederatedUser',
  'SAMLUser',
  'WebIdentityUser',
  'IdentityCenterUser',
]);

/** What a name tells of its owner, where the record tells nothing else. */
const typeIn = (arn: string | undefined): string | undefined =>
  arn === undefined
    ? undefined
    : arn.endsWith(':root')
      ? 'Root'
      : arn.includes(':assumed-role/')
        ? 'AssumedRole'
        : arn.includes(':user/')
          ? 'IAMUser'
          : undefined;

function roleActor(
  role: string,
  name: string,
  session: string | undefined,
  identity: unknown,
  make: (kind: Actor['kind'], subject: string, name: string) => Actor,
): Actor {
  // AWS alone can use a service-linked role. Other calls with `invokedBy` are made for somebody, who stays the actor.
  if (role.includes(':role/aws-service-role/')) return make('provider', role, name);
  if (role.includes('/aws-reserved/sso.amazonaws.com/') || name.startsWith('AWSReservedSSO_')) {
    return make('federated', role, session !== undefined ? `${session} (${name})` : name);
  }
  const machine = at(identity, 'sessionContext', 'ec2RoleDelivery') !== undefined || /^i-[0-9a-f]{8,17}$/i.test(session ?? '');
  return make(machine ? 'workload' : 'robot', role, name);
}

/** `arn:aws:sts::1:assumed-role/name/session` as the role's ARN; its path is not in there. */
export function roleArnOf(arn: string): string | undefined {
  const parts = /^(arn:[\w-]+):sts::(\d*):assumed-role\/([^/]+)/.exec(arn);
  return parts ? `${parts[1]}:iam::${parts[2]}:role/${parts[3]}` : arn.includes(':role/') ? arn : undefined;
}

const sessionNameOf = (identity: unknown): string | undefined =>
  lastOf(text(identity, 'arn')) ?? text(identity, 'principalId')?.split(':').slice(1).join(':');

const lastOf = (arn: string | undefined): string | undefined => {
  const last = arn?.slice(arn.lastIndexOf('/') + 1);
  return last === '' ? undefined : last;
};
