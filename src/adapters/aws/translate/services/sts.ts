/** STS and sign-in: sessions, and who entered by which door. */
import type { Subject } from '../../../../checks/observation.ts';
import { isUnsaidByHand } from '../by-hand.ts';
import { roleArnOf } from '../identity.ts';
import { type Act, actedAnd, answer, type Facts, link, looked, type Meaning, mfaOf, request, type Table, tried } from '../meaning.ts';
import { keySubject, principalSubject } from '../names.ts';
import { at, text } from '../reading.ts';

/** AssumeRole and its sisters: the new session, the role it is of, and who took it. */
const newSession: Meaning = (act) => {
  const { event, caller } = act;
  const id = text(answer(event), 'credentials', 'accessKeyId');
  const key = id !== undefined ? keySubject(id) : undefined;
  if (!key || !('session' in key)) return [];
  const assumed = text(request(event), 'roleArn') ?? roleArnOf(text(answer(event), 'assumedRoleUser', 'arn') ?? '');
  const of: Subject | undefined = assumed !== undefined ? principalSubject(assumed) : caller.actor?.subject;
  return [...link(key.session, of, 'session of'), ...link(key.session, caller.narrowest, 'assumed')];
};

/** A session made from a long-term key outlives the key, and opens the console; from another session it is an act like any other. */
const fromKey: Meaning = (act) =>
  act.caller.credential === undefined ? actedAnd(newSession)(act) : [...signedIn(() => 'key')(act), ...(act.error ? [] : newSession(act))];

/**
 * For a few minutes the root of a member account, for one of five tasks (STS API reference, AssumeRoot). Setting its password anew is
 * having the account; so is whatever was refused and not told.
 */
const rootOfMember: Meaning = (act) => {
  const task = text(request(act.event), 'taskPolicyArn', 'arn') ?? text(request(act.event), 'taskPolicyArn');
  return task?.endsWith('/IAMCreateRootUserPassword') === true || isUnsaidByHand(act)
    ? [
        { kind: 'owner.changed', what: 'password', how: 'the root password of a member account may be set anew' },
        ...(act.error ? [] : newSession(act)),
      ]
    : actedAnd(newSession)(act);
};

export const sts: Table = {
  'sts:AssumeRole': actedAnd(newSession),
  'sts:AssumeRoleWithSAML': actedAnd(newSession),
  'sts:AssumeRoleWithWebIdentity': actedAnd(newSession),
  'sts:AssumeRoot': (act) => rootOfMember(act),
  'sts:GetSessionToken': (act) => fromKey(act),
  'sts:GetFederationToken': (act) => fromKey(act),
  'sts:GetCallerIdentity': looked('self'),
};

const signedIn =
  (how: (act: Act) => Extract<Facts, { kind: 'signed.in' }>['how']): Meaning =>
  (act) => {
    const userAgent = text(act.event, 'userAgent');
    // A session made from a key tells of its second factor in the request.
    const mfa = text(request(act.event), 'serialNumber') !== undefined ? !act.error : mfaOf(act.event);
    return [
      {
        kind: 'signed.in',
        how: how(act),
        ...(mfa !== undefined ? { mfa } : {}),
        ...(userAgent !== undefined ? { userAgent: userAgent.slice(0, 512) } : {}),
      },
    ];
  };

/** Root and users have passwords here; whoever comes as somebody else came from somewhere else. */
const fromElsewhere = new Set(['AssumedRole', 'Role', 'FederatedUser', 'SAMLUser', 'WebIdentityUser', 'IdentityCenterUser']);
const doorOf = ({ event }: Act): 'password' | 'federation' =>
  fromElsewhere.has(text(event, 'userIdentity', 'type') ?? '') || at(event, 'additionalEventData', 'SamlProviderArn') !== undefined
    ? 'federation'
    : 'password';

const owner = (what: Extract<Facts, { kind: 'owner.changed' }>['what'], how: string): Meaning =>
  tried(() => [{ kind: 'owner.changed', what, how }]);

export const signIn: Table = {
  'signin:ConsoleLogin': signedIn(doorOf),
  'signin:UserAuthentication': signedIn(() => 'federation'),
  // The page on which people pick an account asks for it at every entrance.
  'signin:GetSigninToken': signedIn(({ caller }) => (caller.actor?.kind === 'federated' ? 'federation' : 'key')),
  'signin:PasswordRecoveryRequested': owner('recovery', 'the recovery of the root password was begun'),
  'signin:PasswordRecoveryCompleted': owner('password', 'the root password was set anew by recovery'),
  'signin:PasswordUpdated': owner('password', 'the root password was changed'),
  'signin:EmailUpdated': owner('e-mail', 'the root e-mail address was changed'),
};
