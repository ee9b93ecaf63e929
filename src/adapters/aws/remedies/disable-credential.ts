/** Deactivate access keys. Never delete: a key set inactive can be set active again, and its id stays searchable in the log. */
import type { IAMClient } from '@aws-sdk/client-iam';
import { z } from 'zod';
import type { PlanItem, StepOutcome, Warrant } from '../../../bot/ports.ts';
import type { Subject } from '../../../checks/observation.ts';
import { outside, troubleOf } from '../trouble.ts';
import { consolePage, maskKey, type Principal, principalOf } from './arn.ts';
import { errorName, iamSettles, itemId, outcomeOf, permit, type RemedyOf, type Tools, unseen, type Verb, type Verified } from './verb.ts';

export const disableCredential: Verb<'disable-credential'> = {
  permissions: { read: permit('iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed'), act: permit('iam:UpdateAccessKey') },

  async plan(remedies, { session }, { own, denied }) {
    const iam = await session.read.iam();
    const holes: string[] = [];
    const items = new Map<string, PlanItem>();
    const open = new Set<string>();

    const owners = new Map<string, Set<string>>();
    const unread: unknown[] = [];
    let asked = 0;
    for (const remedy of remedies) {
      try {
        const found = await ownerOf(iam, remedy, session.scope.id, denied);
        if ('user' in found) owners.set(found.user, (owners.get(found.user) ?? new Set()).add(found.key));
        else if (found.hole) holes.push(found.hole);
      } catch (error) {
        asked++;
        unread.push(error);
        holes.push(
          `whose key ${maskKey(idIn(remedy.credential))} is could not be read (${troubleOf(error).words}); it is not in this plan`,
        );
      }
    }

    for (const [user, named] of owners) {
      asked++;
      if (own.principals.has(`user/${user}`)) {
        holes.push(`${cut(user)} is the user this bot itself runs as; its keys are left alone. Run the bot as a role, then ask again`);
        continue;
      }
      let keys: Key[];
      try {
        keys = await keysOf(iam, user);
      } catch (error) {
        if (errorName(error) === 'NoSuchEntityException') holes.push(`user ${cut(user)} does not exist any more, and its keys with it`);
        else {
          unread.push(error);
          holes.push(`the keys of ${cut(user)} could not be read (${troubleOf(error).words}); they are not in this plan`);
        }
        continue;
      }
      for (const key of named)
        if (!keys.some((one) => one.id === key)) holes.push(`key ${maskKey(key)} of ${cut(user)} does not exist any more`);
      for (const key of keys.filter((one) => one.status === 'Active')) {
        const before: z.infer<typeof beforeSchema> = { user, status: key.status };
        items.set(key.id, {
          id: itemId('disable-credential', key.id),
          verb: 'disable-credential',
          resource: `credential:${key.id}`,
          place: { scope: session.scope, region: 'global' },
          does: `Deactivate access key ${maskKey(key.id)} of user ${cut(user)}${named.has(key.id) ? '' : ' (a second active key of the same user: whoever holds one may hold both)'}`,
          before,
          undo: 'full',
        });
      }
      if (!denied.has(`user/${user}`)) open.add(user);
    }

    if (unread.length > 0 && unread.length === asked) throw outside('reading the keys to deactivate', unread[0]);

    for (const user of open) {
      holes.push(
        `temporary sessions made with keys of ${cut(user)} live on for up to 36 hours: nothing in this plan denies the user itself`,
      );
    }
    return {
      items: [...items.values()],
      holes,
      shutBySeconds: open.size > 0 ? longestSessionSeconds : items.size > 0 ? iamSettles.seconds : 0,
      shutWhy: open.size > 0 ? 'sessions made with a key outlive it by up to 36 hours' : items.size > 0 ? iamSettles.why : '',
    };
  },

  apply: (item, warrant, tools) => setKey(item, 'Inactive', warrant, tools),

  async verify(item, { session }): Promise<Verified> {
    const { user } = beforeSchema.parse(item.before);
    try {
      const key = (await keysOf(await session.read.iam(), user)).find((one) => one.id === keyIdOf(item));
      return key?.status === 'Active' ? { state: 'undone', why: `key ${maskKey(key.id)} is active again` } : { state: 'holds' };
    } catch (error) {
      if (errorName(error) === 'NoSuchEntityException') return { state: 'holds' };
      return unseen(error, 'iam:ListAccessKeys');
    }
  },

  async undo(item, warrant, tools) {
    const before = beforeSchema.parse(item.before);
    if (before.status !== 'Active') return { outcome: 'already so', why: 'the key was not active before' };
    return setKey(item, 'Active', warrant, tools);
  },
};

/** GetSessionToken and GetFederationToken of a user: at most 36 hours (STS API reference). */
const longestSessionSeconds = 36 * 3600;

/** Loaded on first use: the SDK is slow to read. */
const iamSdk = () => import('@aws-sdk/client-iam');

const beforeSchema = z.object({ user: z.string(), status: z.enum(['Active', 'Inactive', 'Expired']) });
type Key = { id: string; status: 'Active' | 'Inactive' | 'Expired' };

/** Whose key it is, or in plain words why it cannot be deactivated here ('' when nothing is left open by that). */
async function ownerOf(
  iam: IAMClient,
  remedy: RemedyOf<'disable-credential'>,
  account: string,
  denied: ReadonlySet<string>,
): Promise<{ user: string; key: string } | { hole: string }> {
  const key = idIn(remedy.credential);
  const owner = remedy.owner ? principalOf(remedy.owner.subject) : undefined;
  if (key.startsWith('ASIA')) {
    // The deny of the same plan ends the session with its user or role.
    if (owner && (owner.kind === 'user' || owner.kind === 'role') && denied.has(owner.key)) return { hole: '' };
    return { hole: `${maskKey(key)} is a temporary session: it cannot be deactivated by itself and ends when its user or role is denied` };
  }
  const signsIn = passwordOwner(key);
  if (signsIn) {
    if (signsIn.kind === 'user' && signsIn.account === account && denied.has(signsIn.key)) return { hole: '' };
    return { hole: passwordHole(signsIn, account) };
  }
  if (!key.startsWith('AKIA')) {
    if (owner?.kind === 'user' && denied.has(owner.key)) return { hole: '' };
    return {
      hole: `${cut(key)} is no access key: only a deny of its user stops it${owner?.kind === 'user' ? ` (${consolePage.user(owner.name)})` : ''}`,
    };
  }
  if (owner?.kind === 'root') {
    return { hole: `key ${maskKey(key)} belongs to root: only root can deactivate it. Sign in as root and do it now: ${consolePage.root}` };
  }
  if (owner && 'account' in owner && owner.account !== account) {
    return { hole: `key ${maskKey(key)} belongs to account ${owner.account}; it is not this account's to deactivate` };
  }
  if (owner?.kind === 'user') return { user: owner.name, key };
  try {
    const user = (await iam.send(new (await iamSdk()).GetAccessKeyLastUsedCommand({ AccessKeyId: key }))).UserName;
    if (user) return { user, key };
  } catch (error) {
    // AWS answers 'denied' for a key of another account too.
    if (troubleOf(error).sort === 'denied') {
      return { hole: `whose key ${maskKey(key)} is could not be read (not allowed, or another account's)` };
    }
    if (errorName(error) !== 'NoSuchEntityException') throw error;
  }
  return { hole: `key ${maskKey(key)} belongs to no user of this account: deleted, another account's, or root's (${consolePage.root})` };
}

/** As the translator of the log spells a console password: this, then its user's ARN. */
const passwordPrefix = 'login-profile/';
/** Whom a password lets in; undefined when the credential is none. */
const passwordOwner = (credential: string): Principal | undefined =>
  credential.startsWith(passwordPrefix) ? principalOf(credential.slice(passwordPrefix.length)) : undefined;

/** What a password of somebody whom this plan does not deny still opens, and how a person shuts it. */
function passwordHole(who: Principal, account: string): string {
  switch (who.kind) {
    case 'root':
      return `the password of root still works: only root can change it. Sign in as root and do it now: ${consolePage.root}`;
    case 'user':
      return who.account === account
        ? `the password of ${cut(who.name)} still works until ${cut(who.name)} is denied or the password is taken away: ${consolePage.user(who.name)}`
        : `the password of ${cut(who.name)} still works: it belongs to account ${who.account}, which is not reached from here`;
    case 'role':
    case 'federated session':
    case 'other':
      return `a password still works, and whose it is could not be told; look at the users by hand: ${consolePage.users}`;
    default:
      return who satisfies never;
  }
}

async function keysOf(iam: IAMClient, user: string): Promise<Key[]> {
  const keys: Key[] = [];
  let marker: string | undefined;
  do {
    const page = await iam.send(new (await iamSdk()).ListAccessKeysCommand({ UserName: user, ...(marker ? { Marker: marker } : {}) }));
    for (const one of page.AccessKeyMetadata ?? [])
      if (one.AccessKeyId && one.Status) keys.push({ id: one.AccessKeyId, status: one.Status });
    marker = page.IsTruncated ? page.Marker : undefined;
  } while (marker);
  return keys;
}

async function setKey(item: PlanItem, to: 'Active' | 'Inactive', warrant: Warrant, tools: Tools): Promise<StepOutcome> {
  const { user } = beforeSchema.parse(item.before);
  const id = keyIdOf(item);
  let action = 'iam:ListAccessKeys';
  try {
    const key = (await keysOf(await tools.session.read.iam(), user)).find((one) => one.id === id);
    if (!key) return { outcome: 'gone', why: `key ${maskKey(id)} does not exist any more` };
    if (key.status === to || (to === 'Inactive' && key.status === 'Expired')) return { outcome: 'already so' };
    action = 'iam:UpdateAccessKey';
    const writer = await (await tools.session.act(warrant)).iam();
    await writer.send(new (await iamSdk()).UpdateAccessKeyCommand({ UserName: user, AccessKeyId: id, Status: to }));
    return { outcome: 'done' };
  } catch (error) {
    if (errorName(error) === 'NoSuchEntityException')
      return { outcome: 'gone', why: `user ${cut(user)} or its key does not exist any more` };
    return outcomeOf(error, action, tools);
  }
}

const idIn = (credential: Subject): string => credential.slice(credential.indexOf(':') + 1);
const keyIdOf = (item: PlanItem): string => idIn(item.resource);
const cut = (text: string): string => (text.length > 64 ? `${text.slice(0, 63)}…` : text);
