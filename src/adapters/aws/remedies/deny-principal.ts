/**
 * Deny everything to a user, or end the sessions of a role. A deny is judged at every request, so it also reaches what a deactivated key
 * leaves alive: sessions already handed out.
 *
 * A user gets an inline deny of everything. A role gets AWS's own recipe for revoking its sessions: a deny for tokens issued before now,
 * so that innocent workloads sign in again by themselves.
 */
import type { IAMClient } from '@aws-sdk/client-iam';
import { z } from 'zod';
import type { PlanItem, StepOutcome, Warrant } from '../../../bot/ports.ts';
import type { Actor } from '../../../checks/observation.ts';
import { outside, troubleOf } from '../trouble.ts';
import { consolePage, type Principal, principalOf } from './arn.ts';
import type { Own } from './own.ts';
import {
  eachOf,
  errorName,
  iamSettles,
  itemId,
  outcomeOf,
  type PartOfPlan,
  permit,
  type Tools,
  unseen,
  type Verb,
  type Verified,
} from './verb.ts';

/** The inline policies' names. A person finds and understands them in the console. */
const denyPolicyNames = { user: 'CloudwardenDenyAll', role: 'CloudwardenDenyOlderSessions' } as const;

/** `denied`: the users and roles (`user/name`, `role/name`) that are shut out once this part is done, or are already. */
type Part = PartOfPlan & { denied: Set<string> };

export const denyPrincipal: Omit<Verb<'deny-principal'>, 'plan'> & {
  plan(remedies: Parameters<Verb<'deny-principal'>['plan']>[0], tools: Tools, own: Own): Promise<Part>;
} = {
  permissions: {
    read: permit('iam:GetUser', 'iam:GetUserPolicy', 'iam:GetRole', 'iam:GetRolePolicy'),
    act: permit('iam:PutUserPolicy', 'iam:DeleteUserPolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy'),
  },

  async plan(remedies, tools, own) {
    const part: Part = { items: [], holes: [], shutBySeconds: 0, shutWhy: '', denied: new Set() };
    const account = tools.session.scope.id;
    const reachable = new Map<string, { actor: Actor; who: Named }>();
    for (const { principal, over } of remedies) {
      const who = principalOf(principal.subject);
      const hole =
        over.id === account
          ? outOfReach(principal, who, account, own)
          : `${cut(principal.name)}: account ${over.id} is not reached from here`;
      if (hole !== undefined) part.holes.push(hole);
      else if (who.kind === 'user' || who.kind === 'role') reachable.set(who.key, { actor: principal, who });
    }

    const iam = await tools.session.read.iam();
    const unread: unknown[] = [];
    const planned = await eachOf([...reachable.values()], 4, async ({ actor, who }) => {
      try {
        return { who, ...(await planOne(iam, actor, who, tools)) };
      } catch (error) {
        unread.push(error);
        return { who, missing: `${who.kind} ${cut(who.name)} could not be read (${troubleOf(error).words}); it is not in this plan` };
      }
    });
    if (unread.length > 0 && unread.length === reachable.size) throw outside('reading the users and roles to deny', unread[0]);
    for (const one of planned) {
      if (one.missing !== undefined) part.holes.push(one.missing);
      else part.denied.add(one.who.key);
      if ('item' in one && one.item) part.items.push(one.item);
    }
    if (part.items.length > 0) {
      part.shutBySeconds = iamSettles.seconds;
      part.shutWhy = iamSettles.why;
    }
    const roles = part.items.filter((item) => named(item).kind === 'role').length;
    if (roles > 0) {
      part.holes.push(
        `whoever may still assume ${roles === 1 ? 'the role' : 'these roles'} can open new sessions, also from a machine that carries ${roles === 1 ? 'it' : 'them'}`,
      );
    }
    return part;
  },

  async apply(item, warrant, tools) {
    const who = named(item);
    const before = beforeSchema.parse(item.before);
    return step(item, warrant, tools, async (now, writer) => {
      if (isInForce(who.kind, now, before.readAt)) return { outcome: 'already so' };
      await put(await writer(), who, who.kind === 'user' ? denyAll : denyOlderThan(tools.clock.now(), before.readAt));
      return { outcome: 'done' };
    });
  },

  async verify(item, { session }): Promise<Verified> {
    const who = named(item);
    const before = beforeSchema.parse(item.before);
    const action = who.kind === 'user' ? 'iam:GetUserPolicy' : 'iam:GetRolePolicy';
    try {
      const iam = await session.read.iam();
      const now = await policyOf(iam, who);
      if (isInForce(who.kind, now, before.readAt)) return { state: 'holds' };
      if (now === null && (await idOf(iam, who)) === undefined) return { state: 'holds' };
      return {
        state: 'undone',
        why: `the policy ${denyPolicyNames[who.kind]} of ${cut(who.name)} was ${now === null ? 'removed' : 'changed'}`,
      };
    } catch (error) {
      return unseen(error, action);
    }
  },

  async undo(item, warrant, tools) {
    const who = named(item);
    const before = beforeSchema.parse(item.before);
    return step(item, warrant, tools, async (now, writer) => {
      if (now === before.document) return { outcome: 'already so' };
      // What somebody else has put in its place is not ours to take away, nor what a later plan did.
      if (now !== null && !isOf(who.kind, now, before.readAt)) {
        return {
          outcome: 'refused',
          why: `${denyPolicyNames[who.kind]} of ${cut(who.name)} was changed since, by somebody or by a later plan; look at it by hand: ${pageOf(who)}`,
        };
      }
      if (before.document === null) await remove(await writer(), who);
      else await put(await writer(), who, before.document);
      return { outcome: 'done' };
    });
  },
};

/** `document`: the policy of our name as it stood, byte for byte; null: there was none. `uniqueId` tells a namesake made later apart. */
const beforeSchema = z.object({ document: z.string().nullable(), uniqueId: z.string(), readAt: z.string() });

type Named = Extract<Principal, { kind: 'user' | 'role' }>;

/** Why IAM cannot deny this one, and what to do instead; undefined when it can. */
function outOfReach(actor: Actor, who: Principal, account: string, own: Own): string | undefined {
  const name = cut(actor.name);
  switch (who.kind) {
    case 'root':
      return `root cannot be cut off by a policy. Sign in as root now, change its password, end its keys and set MFA: ${consolePage.root}`;
    case 'federated session':
      return `${name} is a federated session: it ends when the user who asked for it is denied. Deny that user: ${consolePage.users}`;
    case 'other':
      return `${name} is ${actor.kind === 'provider' ? 'AWS itself, acting for somebody' : 'no user or role of this account'}; no policy here reaches it`;
    case 'user':
    case 'role':
      break;
    default:
      return who satisfies never;
  }
  if (who.account !== account)
    return `${name} lives in account ${who.account}: cut it off there, or take away its way in by the trust of the role it uses`;
  if (own.principals.has(who.key)) return `${name} is what this bot itself runs as; it is left alone`;
  if (who.kind === 'role' && (who.name.startsWith('AWSReservedSSO_') || who.path.startsWith('/aws-reserved/'))) {
    return `${name} belongs to Identity Center and cannot be edited here; disable the person there: ${consolePage.identityCenter}`;
  }
  if (who.kind === 'role' && isServiceLinked(who.path, who.name)) {
    return `${name} is a service-linked role: AWS lets nobody edit it. Stop the service that uses it: ${consolePage.role(who.name)}`;
  }
  return undefined;
}

const isServiceLinked = (path: string, name: string): boolean =>
  path.startsWith('/aws-service-role/') || name.startsWith('AWSServiceRoleFor');

async function planOne(
  iam: IAMClient,
  actor: Actor,
  who: Named,
  { session, clock }: Tools,
): Promise<{ item?: PlanItem; missing?: string }> {
  const readAt = clock.now();
  const uniqueId = await idOf(iam, who);
  if (uniqueId === undefined)
    return { missing: `${who.kind} ${cut(who.name)} does not exist any more; sessions it opened before may still live` };
  const document = await policyOf(iam, who);
  if (who.kind === 'user' && isInForce('user', document, readAt)) return {};
  const before: z.infer<typeof beforeSchema> = { document, uniqueId, readAt };
  return {
    item: {
      id: itemId('deny-principal', who.key),
      verb: 'deny-principal',
      resource: actor.subject,
      place: { scope: session.scope, region: 'global' },
      does:
        who.kind === 'user'
          ? `Deny everything to user ${cut(who.name)}, its open sessions included`
          : `End the open sessions of role ${cut(who.name)} (workloads that use it sign in again by themselves)`,
      before,
      undo: 'full',
    },
  };
}

/** Looks, lets `work` decide on the policy as it is now, and turns whatever AWS says into an outcome. */
async function step(
  item: PlanItem,
  warrant: Warrant,
  tools: Tools,
  work: (now: string | null, writer: () => Promise<IAMClient>) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  const who = named(item);
  const before = beforeSchema.parse(item.before);
  const kind = who.kind === 'user' ? 'User' : 'Role';
  let action = `iam:Get${kind}`;
  try {
    const iam = await tools.session.read.iam();
    const uniqueId = await idOf(iam, who);
    if (uniqueId === undefined) return { outcome: 'gone', why: `${who.kind} ${cut(who.name)} does not exist any more` };
    if (uniqueId !== before.uniqueId) {
      return {
        outcome: 'gone',
        why: `${who.kind} ${cut(who.name)} was deleted and another of that name was made since; ask for a new plan`,
      };
    }
    action = `iam:Get${kind}Policy`;
    const now = await policyOf(iam, who);
    return await work(now, async () => {
      action = `iam:Put${kind}Policy and iam:Delete${kind}Policy`;
      return (await tools.session.act(warrant)).iam();
    });
  } catch (error) {
    switch (errorName(error)) {
      case 'LimitExceededException':
        return {
          outcome: 'refused',
          why: `the inline policies of ${cut(who.name)} leave no room for one more; remove one by hand: ${pageOf(who)}`,
        };
      case 'UnmodifiableEntityException':
        return { outcome: 'refused', why: `AWS lets nobody edit ${cut(who.name)}: ${pageOf(who)}` };
      case 'NoSuchEntityException':
        return { outcome: 'gone', why: `${who.kind} ${cut(who.name)} does not exist any more` };
      default:
        return outcomeOf(error, action, tools);
    }
  }
}

// ---- the documents ----------------------------------------------------------------------------------------------------------

const denyAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: 'CloudwardenDenyAll', Effect: 'Deny', Action: '*', Resource: '*' }],
});

/** AWS's recipe: IAM user guide, "Revoking IAM role temporary security credentials". The statement's name tells which plan wrote it. */
const denyOlderThan = (time: string, readAt: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: `Cloudwarden${readAt.replace(/\D/g, '')}`,
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:TokenIssueTime': time } },
      },
    ],
  });

const olderSchema = z.object({
  Statement: z.tuple([
    z.object({ Sid: z.string(), Condition: z.object({ DateLessThan: z.object({ 'aws:TokenIssueTime': z.string() }) }) }),
  ]),
});

/** The moment up to which our policy ends a role's sessions, or undefined when the document is not ours to the letter. */
function cutoffOf(document: string | null): string | undefined {
  if (document === null) return undefined;
  try {
    const [{ Sid, Condition }] = olderSchema.parse(JSON.parse(document)).Statement;
    const time = Condition.DateLessThan['aws:TokenIssueTime'];
    return document === denyOlderThan(time, Sid) ? time : undefined;
  } catch {
    return undefined;
  }
}

/** Did the plan read at that moment write this document? */
const isOf = (kind: Named['kind'], document: string, readAt: string): boolean =>
  kind === 'user' ? document === denyAll : document === denyOlderThan(cutoffOf(document) ?? '', readAt);

/** A role's sessions count as ended only by a moment after the plan was read: an older policy of ours spares the sessions since. */
const isInForce = (kind: Named['kind'], document: string | null, readAt: string): boolean =>
  kind === 'user' ? document === denyAll : (cutoffOf(document) ?? '') >= readAt;

// ---- the calls --------------------------------------------------------------------------------------------------------------

/** Loaded on first use: the SDK is slow to read. */
const iamSdk = () => import('@aws-sdk/client-iam');

/** IAM's own unchanging id (AIDA…, AROA…), or undefined when there is nobody of that name. */
async function idOf(iam: IAMClient, who: Named): Promise<string | undefined> {
  try {
    return who.kind === 'user'
      ? (await iam.send(new (await iamSdk()).GetUserCommand({ UserName: who.name }))).User?.UserId
      : (await iam.send(new (await iamSdk()).GetRoleCommand({ RoleName: who.name }))).Role?.RoleId;
  } catch (error) {
    if (errorName(error) === 'NoSuchEntityException') return undefined;
    throw error;
  }
}

async function policyOf(iam: IAMClient, who: Named): Promise<string | null> {
  try {
    const answer =
      who.kind === 'user'
        ? await iam.send(new (await iamSdk()).GetUserPolicyCommand({ UserName: who.name, PolicyName: denyPolicyNames.user }))
        : await iam.send(new (await iamSdk()).GetRolePolicyCommand({ RoleName: who.name, PolicyName: denyPolicyNames.role }));
    const text = answer.PolicyDocument ?? '';
    // IAM answers with the document percent-encoded (RFC 3986); some emulators hand it out plain.
    return text.startsWith('%') ? decodeURIComponent(text) : text;
  } catch (error) {
    if (errorName(error) === 'NoSuchEntityException') return null;
    throw error;
  }
}

async function put(iam: IAMClient, who: Named, document: string): Promise<void> {
  if (who.kind === 'user') {
    await iam.send(
      new (await iamSdk()).PutUserPolicyCommand({ UserName: who.name, PolicyName: denyPolicyNames.user, PolicyDocument: document }),
    );
  } else {
    await iam.send(
      new (await iamSdk()).PutRolePolicyCommand({ RoleName: who.name, PolicyName: denyPolicyNames.role, PolicyDocument: document }),
    );
  }
}

async function remove(iam: IAMClient, who: Named): Promise<void> {
  if (who.kind === 'user')
    await iam.send(new (await iamSdk()).DeleteUserPolicyCommand({ UserName: who.name, PolicyName: denyPolicyNames.user }));
  else await iam.send(new (await iamSdk()).DeleteRolePolicyCommand({ RoleName: who.name, PolicyName: denyPolicyNames.role }));
}

function named(item: PlanItem): Named {
  const who = principalOf(item.resource);
  if (who.kind !== 'user' && who.kind !== 'role') throw new Error(`not a user or role: ${item.resource}`);
  return who;
}

const pageOf = (who: Named): string => (who.kind === 'user' ? consolePage.user(who.name) : consolePage.role(who.name));
const cut = (text: string): string => (text.length > 64 ? `${text.slice(0, 63)}…` : text);
