/** IAM: users, roles, keys, passwords, second factors, and what they may do. */
import type { Subject } from '../../../../checks/observation.ts';
import { type Act, acted, actedAnd, answer, done, type Facts, link, type Meaning, oursOr, request, type Table, tried } from '../meaning.ts';
import { iamSubject, keySubject, passwordSubject, principalSubject } from '../names.ts';
import { allowsEverything, lettingIn } from '../policy-document.ts';
import { text } from '../reading.ts';

const userOf = ({ event, place, caller }: Act): Subject | undefined => {
  const arn = text(answer(event), 'user', 'arn');
  if (arn !== undefined) return principalSubject(arn);
  const name = text(request(event), 'userName');
  // Without a name the call is about the caller: that is how root makes itself a key.
  return name !== undefined ? iamSubject(place, 'user', name) : caller.actor?.subject;
};
const roleOf = ({ event, place }: Act): Subject | undefined => {
  const arn = text(answer(event), 'role', 'arn');
  const name = text(request(event), 'roleName');
  return arn !== undefined ? principalSubject(arn) : name !== undefined ? iamSubject(place, 'role', name) : undefined;
};
const groupOf = ({ event, place }: Act): Subject | undefined => {
  const name = text(request(event), 'groupName');
  return name !== undefined ? iamSubject(place, 'group', name) : undefined;
};
type Whose = (act: Act) => Subject | undefined;

// ---- made -------------------------------------------------------------------------------------------------------------------

const createUser: Meaning = (act) => {
  const user = userOf(act);
  return user !== undefined && user !== act.caller.actor?.subject ? link(user, act.caller.narrowest, 'created') : [];
};

const createRole: Meaning = (act) => {
  const role = roleOf(act);
  return role === undefined
    ? []
    : [...link(role, act.caller.narrowest, 'created'), ...opened(act, role, request(act.event, 'assumeRolePolicyDocument'))];
};

const createAccessKey: Meaning = (act) => {
  const id = text(answer(act.event), 'accessKey', 'accessKeyId');
  const owner = userOf(act);
  return id === undefined || owner === undefined ? [] : newCredential(act, `credential:${id}`, 'key', owner);
};

const setPassword: Meaning = (act) => {
  const owner = userOf(act);
  return owner === undefined ? [] : newCredential(act, passwordSubject(owner), 'password', owner);
};

const newCredential = (act: Act, credential: Subject, form: 'key' | 'password', owner: Subject): Facts[] => [
  { kind: 'credential.created', credential, form, owner },
  ...link(credential, owner, 'key of'),
  ...link(credential, act.caller.narrowest, 'created'),
];

const createFederation: Meaning = (act) => {
  const { event, place } = act;
  const arn =
    text(answer(event), 'openIDConnectProviderArn') ??
    text(answer(event), 'sAMLProviderArn') ??
    text(request(event), 'sAMLProviderArn') ??
    text(answer(event), 'trustAnchor', 'trustAnchorArn') ??
    text(request(event), 'url') ??
    text(request(event), 'name');
  if (arn === undefined) return [];
  const credential: Subject = `credential:${arn}`;
  return [
    { kind: 'credential.created', credential, form: 'federation', owner: `scope:${place.scope.id}` },
    ...link(credential, act.caller.narrowest, 'created'),
  ];
};

const secondFactor = (how: 'added' | 'removed'): Meaning =>
  done((act) => {
    const owner = userOf(act);
    return owner === undefined ? [] : [{ kind: 'second-factor.changed', owner, how }];
  });

// ---- rights -----------------------------------------------------------------------------------------------------------------

const adminPolicies = /policy\/(?:job-function\/)?(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

const granted = (act: Act, to: Subject | undefined, level: 'admin' | 'other', how: string): Facts[] =>
  to === undefined ? [] : [{ kind: 'access.granted', to, level, how: how.slice(0, 256), over: act.place.scope }];

const attach = (whose: Whose): Meaning =>
  tried((act) => {
    const policy = text(request(act.event), 'policyArn');
    const to = whose(act);
    if (policy === undefined || to === undefined) return [];
    if (policy.includes(quarantine)) return [quarantined(to, policy)];
    return granted(act, to, adminPolicies.test(policy) ? 'admin' : 'other', lastPart(policy));
  });

const levelOf = (act: Act): 'admin' | 'other' => (allowsEverything(request(act.event, 'policyDocument')) ? 'admin' : 'other');

const inline = (whose: Whose): Meaning =>
  tried((act) => granted(act, whose(act), levelOf(act), `inline policy ${text(request(act.event), 'policyName') ?? ''}`.trim()));

const policyVersion: Meaning = (act) => {
  const policy = text(request(act.event), 'policyArn');
  return policy === undefined ? [] : granted(act, `resource:${policy}`, levelOf(act), `new version of ${lastPart(policy)}`);
};

/** A policy nobody has yet grants nothing; one that allows everything is worth knowing all the same. */
const newPolicy: Meaning = (act) => {
  const policy = text(answer(act.event), 'policy', 'arn');
  if (policy === undefined || levelOf(act) !== 'admin') return [];
  return granted(act, `resource:${policy}`, 'admin', `new policy ${lastPart(policy)}`);
};

/** What a group may do is not in this record. A name may raise a suspicion, never lower one. */
const adminGroups = /admin|power.?user|super.?user|owner|root/i;

const joinGroup: Meaning = (act) => {
  const name = text(request(act.event), 'groupName') ?? '';
  return granted(act, userOf(act), adminGroups.test(name) ? 'admin' : 'other', `group ${name}`.trim());
};

/** AWS attaches a policy of this name to a user whose key it found in public. */
const quarantine = 'AWSCompromisedKeyQuarantine';
const quarantined = (user: Subject, policy: string): Facts => ({
  kind: 'provider.alerted',
  rule: lastPart(policy),
  severity: 'critical',
  summary: `AWS put ${lastPart(user)} under quarantine: one of its keys is known to strangers`,
  about: 'leak',
  subjects: [user],
});

const opened = ({ place }: Act, role: Subject, document: unknown): Facts[] =>
  lettingIn(document, place.scope.id).map(({ to, unconditional }) => ({
    kind: 'trust.opened',
    resource: `resource:${role.slice('principal:'.length)}`,
    to,
    unconditional,
  }));

const openTrust: Meaning = (act) => {
  const role = roleOf(act);
  return role === undefined ? [] : opened(act, role, request(act.event, 'policyDocument'));
};

const boundaryLifted = (whose: Whose): Meaning => tried((act) => granted(act, whose(act), 'other', 'permissions boundary removed'));

// ---- taken away -------------------------------------------------------------------------------------------------------------

type Lost = Extract<Facts, { kind: 'identity.removed' }>['what'];
const removed = (what: Lost, of: (act: Act) => Subject | undefined): Meaning =>
  done((act) => {
    const subject = of(act);
    return subject === undefined ? [] : [{ kind: 'identity.removed', subject, what }];
  });

const keyOf = ({ event }: Act): Subject | undefined => {
  const key = keySubject(text(request(event), 'accessKeyId') ?? '');
  return key && 'credential' in key ? key.credential : undefined;
};
const keySwitched: Meaning = (act) =>
  text(request(act.event), 'status')?.toLowerCase() === 'inactive' ? removed('key', keyOf)(act) : acted(act);
const passwordOf = (act: Act): Subject | undefined => {
  const user = userOf(act);
  return user !== undefined ? passwordSubject(user) : undefined;
};
const profileOf = ({ event, place }: Act): Subject | undefined => {
  const name = text(request(event), 'instanceProfileName');
  return name !== undefined ? (iamSubject(place, 'role', name).replace(':role/', ':instance-profile/') as Subject) : undefined;
};

/** The bot's own roles are nobody else's business. */
const ownRole = (how: string, otherwise: Meaning, options?: { perhaps: boolean }): Meaning =>
  oursOr(how, (act) => [roleOf(act) ?? []].flat(), otherwise, options);

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

// ---- the table --------------------------------------------------------------------------------------------------------------

export const iam: Table = {
  'iam:CreateUser': actedAnd(createUser),
  'iam:CreateRole': actedAnd(createRole),
  'iam:CreateAccessKey': done(createAccessKey),
  'iam:CreateLoginProfile': done(setPassword),
  'iam:UpdateLoginProfile': done(setPassword),
  'iam:CreateOpenIDConnectProvider': done(createFederation),
  'iam:CreateSAMLProvider': done(createFederation),
  'iam:UpdateSAMLProvider': done(createFederation),
  'rolesanywhere:CreateTrustAnchor': done(createFederation),
  'iam:EnableMFADevice': secondFactor('added'),
  'iam:DeactivateMFADevice': secondFactor('removed'),

  'iam:AttachUserPolicy': attach(userOf),
  'iam:AttachGroupPolicy': attach(groupOf),
  'iam:AttachRolePolicy': ownRole('its role was given another policy', attach(roleOf), { perhaps: true }),
  'iam:PutUserPolicy': inline(userOf),
  'iam:PutGroupPolicy': inline(groupOf),
  'iam:PutRolePolicy': ownRole('the policy of its role was written anew', inline(roleOf)),
  'iam:CreatePolicy': done(newPolicy),
  'iam:CreatePolicyVersion': tried(policyVersion),
  'iam:AddUserToGroup': tried(joinGroup),
  'iam:UpdateAssumeRolePolicy': ownRole('who may take its role was changed', tried(openTrust)),
  'iam:DeleteUserPermissionsBoundary': boundaryLifted(userOf),
  'iam:DeleteRolePermissionsBoundary': boundaryLifted(roleOf),
  'iam:PutRolePermissionsBoundary': ownRole(
    'its role was limited',
    actedAnd(() => []),
  ),

  'iam:DeleteAccessKey': removed('key', keyOf),
  'iam:UpdateAccessKey': keySwitched,
  'iam:DeleteLoginProfile': removed('password', passwordOf),
  'iam:DeleteUser': removed('user', userOf),
  'iam:DeleteRole': ownRole('its role was deleted', removed('role', roleOf)),
  'iam:DetachUserPolicy': removed('right', userOf),
  'iam:DeleteUserPolicy': removed('right', userOf),
  'iam:RemoveUserFromGroup': removed('right', userOf),
  'iam:DetachGroupPolicy': removed('right', groupOf),
  'iam:DeleteGroupPolicy': removed('right', groupOf),
  'iam:DetachRolePolicy': ownRole('a policy was taken from its role', removed('right', roleOf)),
  'iam:DeleteRolePolicy': ownRole('a policy was taken from its role', removed('right', roleOf)),
  'iam:RemoveRoleFromInstanceProfile': ownRole('its role was taken from its machine', removed('right', profileOf)),
};
