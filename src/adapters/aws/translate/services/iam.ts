/** IAM: users, roles, keys, passwords, second factors, and what they may do. */
import type { Subject } from '../../../../checks/observation.ts';
import { isUnsaid } from '../by-hand.ts';
import {
  type Act,
  acted,
  actedAnd,
  answer,
  done,
  type Facts,
  isUntold,
  link,
  type Meaning,
  oursOr,
  refusedOn,
  request,
  type Table,
  tried,
} from '../meaning.ts';
import { iamSubject, keySubject, passwordSubject, principalSubject } from '../names.ts';
import { allowsEverything, lettingIn } from '../policy-document.ts';
import { at, fields, text } from '../reading.ts';

const userOf = (act: Act): Subject | undefined => {
  const { event, place, caller } = act;
  const arn = text(answer(event), 'user', 'arn');
  if (arn !== undefined) return principalSubject(arn);
  const name = text(request(event), 'userName');
  if (name !== undefined) return iamSubject(place, 'user', name);
  // Without a name the call is about the caller: that is how root makes itself a key.
  return isUntold(act) || (isUnsaid(act) && !removal.test(act.operation)) ? untold(act, 'user') : caller.actor?.subject;
};
/** What people take from themselves has no answer either. */
const removal = /^iam:Delete/;
const roleOf = (act: Act): Subject | undefined => {
  const { event, place } = act;
  const arn = text(answer(event), 'role', 'arn');
  const name = text(request(event), 'roleName');
  if (arn !== undefined) return principalSubject(arn);
  return name !== undefined ? iamSubject(place, 'role', name) : isUnsaid(act) ? untold(act, 'role') : undefined;
};
const groupOf = (act: Act): Subject | undefined => {
  const name = text(request(act.event), 'groupName');
  return name !== undefined ? iamSubject(act.place, 'group', name) : isUnsaid(act) ? untold(act, 'group') : undefined;
};
/** Whom a refused call was about, by the words of the refusal. */
function untold(act: Act, kind: 'user' | 'role' | 'group'): Subject {
  const [first, name] = refusedOn(act)?.split(' ') ?? [];
  if (first?.startsWith('arn:')) return principalSubject(first);
  return iamSubject(act.place, kind, first === kind && name !== undefined ? name : 'unknown');
}
type Whose = (act: Act) => Subject | undefined;

// ---- made -------------------------------------------------------------------------------------------------------------------

const createUser: Meaning = (act) => {
  const user = userOf(act);
  if (user === undefined || (user === act.caller.actor?.subject && !act.error)) return [];
  return [{ kind: 'identity.created', subject: user, what: 'user' }, ...(act.error ? [] : link(user, act.caller.narrowest, 'created'))];
};

const createRole: Meaning = (act) => {
  const role = roleOf(act);
  return role === undefined
    ? []
    : [...link(role, act.caller.narrowest, 'created'), ...opened(act, role, request(act.event, 'assumeRolePolicyDocument'))];
};

const createAccessKey: Meaning = (act) => {
  const made = at(answer(act.event), 'accessKey');
  const named = text(request(act.event), 'userName') ?? text(made, 'userName');
  // The answer says whose the key is, but for root's own.
  const isNobodys = act.error === undefined && act.caller.actor?.kind !== 'root';
  const owner = named !== undefined ? iamSubject(act.place, 'user', named) : isNobodys ? untold(act, 'user') : userOf(act);
  if (owner === undefined) return [];
  const id = text(made, 'accessKeyId') ?? `key-of/${owner.slice('principal:'.length)}`;
  return newCredential(act, `credential:${id}`, 'key', owner);
};

/** Keys of single services, such as Bedrock's: they work like a password, in one place. */
const createServiceKey: Meaning = (act) => {
  const owner = userOf(act);
  if (owner === undefined) return [];
  const made = at(answer(act.event), 'serviceSpecificCredential');
  const id = text(made, 'serviceSpecificCredentialId') ?? text(request(act.event), 'serviceSpecificCredentialId') ?? lastPart(owner);
  return newCredential(act, `credential:service-specific/${id}`, 'password', owner);
};

/** Certificates with which requests were signed before there were keys; they work still, and nobody looks for them. */
const uploadCertificate: Meaning = (act) => {
  const owner = userOf(act);
  if (owner === undefined) return [];
  const id = text(answer(act.event), 'certificate', 'certificateId') ?? lastPart(owner);
  return newCredential(act, `credential:signing-certificate/${id}`, 'password', owner);
};

/** They open the user's repositories of code. */
const uploadSshKey: Meaning = (act) => {
  const owner = userOf(act);
  if (owner === undefined) return [];
  const id = text(answer(act.event), 'sSHPublicKey', 'sSHPublicKeyId') ?? lastPart(owner);
  return newCredential(act, `credential:ssh-key/${id}`, 'key', owner);
};

const setPassword: Meaning = (act) => {
  const owner = userOf(act);
  return owner === undefined ? [] : newCredential(act, passwordSubject(owner), 'password', owner);
};

const newCredential = (act: Act, credential: Subject, form: 'key' | 'password', owner: Subject): Facts[] => [
  { kind: 'credential.created', credential, form, owner },
  ...(act.error ? [] : [...link(credential, owner, 'key of'), ...link(credential, act.caller.narrowest, 'created')]),
];

export const createFederation: Meaning = (act) => {
  const { event, place } = act;
  const arn =
    text(answer(event), 'openIDConnectProviderArn') ??
    text(answer(event), 'sAMLProviderArn') ??
    text(request(event), 'sAMLProviderArn') ??
    text(request(event), 'openIDConnectProviderArn') ??
    text(answer(event), 'trustAnchor', 'trustAnchorArn') ??
    text(answer(event), 'profile', 'profileArn') ??
    text(answer(event), 'trustedTokenIssuerArn') ??
    text(request(event), 'trustedTokenIssuerArn') ??
    text(request(event), 'trustAnchorId') ??
    text(request(event), 'directoryId') ??
    text(request(event), 'url') ??
    text(request(event), 'name') ??
    refusedOn(act)?.split(' ').at(-1) ??
    'unknown identity provider';
  const credential: Subject = `credential:${arn}`;
  return [
    { kind: 'credential.created', credential, form: 'federation', owner: `scope:${place.scope.id}` },
    ...(act.error ? [] : link(credential, act.caller.narrowest, 'created')),
  ];
};

const secondFactor = (how: 'added' | 'removed'): Meaning =>
  tried((act) => {
    const owner = userOf(act);
    return owner === undefined ? [] : [{ kind: 'second-factor.changed', owner, how }];
  });

/**
 * The device's name is whatever its owner called it, in the console the user's own at first. Somebody signed in who deletes one is taken to
 * delete their own: another's has to be taken away before, which is in the log.
 */
const deviceDeleted: Meaning = tried((act) => {
  const { event, place, caller } = act;
  if (isUntold(act)) return [{ kind: 'second-factor.changed', owner: untold(act, 'user'), how: 'removed' }];
  const device = text(request(event), 'serialNumber');
  const isSignedIn = caller.actor?.kind === 'user' && caller.credential === undefined;
  const owner = isSignedIn ? caller.actor?.subject : device !== undefined ? iamSubject(place, 'user', lastPart(device)) : undefined;
  return owner === undefined ? [] : [{ kind: 'second-factor.changed', owner, how: 'removed' }];
});

// ---- rights -----------------------------------------------------------------------------------------------------------------

const adminPolicies = /policy\/(?:job-function\/)?(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

const granted = (act: Act, to: Subject | undefined, level: 'admin' | 'other', how: string): Facts[] =>
  to === undefined ? [] : [{ kind: 'access.granted', to, level, how: how.slice(0, 256), over: act.place.scope }];

/**
 * What was refused to a user, or about one, is taken for the worse. Programs with a role of their own that may not give roles their rights
 * are so many that nothing follows from it.
 */
const untoldLevel = ({ caller, operation }: Act): 'admin' | 'other' =>
  (caller.actor?.kind === 'robot' || caller.actor?.kind === 'workload') && /Role|Policy(?:Version)$/.test(operation) ? 'other' : 'admin';

const attach = (whose: Whose): Meaning =>
  tried((act) => {
    const policy = text(request(act.event), 'policyArn');
    const to = whose(act);
    if (policy === undefined) return isHalfSaid(act) ? granted(act, to, untoldLevel(act), 'a managed policy') : [];
    if (to === undefined) return [];
    if (policy.includes(quarantine)) return [quarantined(to, policy)];
    return granted(act, to, adminPolicies.test(policy) ? 'admin' : 'other', lastPart(policy));
  });

const levelOf = (act: Act): 'admin' | 'other' => {
  const document = request(act.event, 'policyDocument');
  if (document !== undefined) return allowsEverything(document) ? 'admin' : 'other';
  return isHalfSaid(act) ? untoldLevel(act) : 'other';
};
/** To whom, at most, and not what. */
const isHalfSaid = (act: Act): boolean => isUnsaid(act) || Object.keys(fields(request(act.event)) ?? {}).length > 0;

const inline = (whose: Whose): Meaning =>
  tried((act) => {
    const to = whose(act);
    const name = text(request(act.event), 'policyName');
    // What AWS wrote into users whose keys it found in public before it had policies of its own for that.
    if (to !== undefined && name?.startsWith('AWSExposedCredentialPolicy') === true) return [quarantined(to, name)];
    return granted(act, to, levelOf(act), `inline policy ${name ?? ''}`.trim());
  });

const policyVersion: Meaning = (act) => {
  const policy = text(request(act.event), 'policyArn') ?? (isUnsaid(act) ? (refusedOn(act)?.split(' ').at(-1) ?? 'a policy') : undefined);
  return policy === undefined ? [] : granted(act, `resource:${policy}`, levelOf(act), `new version of ${lastPart(policy)}`);
};

/**
 * What stands in the version is in the record of how it was made, perhaps years ago. Tools write a version and choose it in one call; with a
 * key somebody goes looking for rights that a policy once gave.
 */
const versionChosen: Meaning = (act) => {
  const level = act.caller.credential !== undefined ? 'admin' : 'other';
  return isUnsaid(act)
    ? policyVersion(act)
    : policyVersion(act).map((fact) =>
        fact.kind === 'access.granted' ? { ...fact, level, how: fact.how.replace('new version', 'another version') } : fact,
      );
};

/** A policy nobody has yet grants nothing; one that allows everything is worth knowing all the same. */
const newPolicy: Meaning = (act) => {
  const policy = text(answer(act.event), 'policy', 'arn');
  if (policy === undefined || !allowsEverything(request(act.event, 'policyDocument'))) return [];
  return granted(act, `resource:${policy}`, 'admin', `new policy ${lastPart(policy)}`);
};

/** What a group may do is not in this record. A name may raise a suspicion, never lower one. */
const adminGroups = /admin|power.?user|super.?user|owner|root/i;

const joinGroup: Meaning = (act) => {
  const name = text(request(act.event), 'groupName') ?? '';
  return granted(act, userOf(act), isUnsaid(act) || adminGroups.test(name) ? 'admin' : 'other', `group ${name}`.trim());
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
  const role = roleOf(act) ?? iamSubject(act.place, 'role', 'unknown');
  const document = request(act.event, 'policyDocument');
  if (document === undefined && isHalfSaid(act))
    return [{ kind: 'trust.opened', resource: `resource:${role.slice('principal:'.length)}`, to: 'unknown', unconditional: true }];
  return opened(act, role, document);
};

/** What a boundary held back is let loose, whatever it was. */
const boundaryLifted = (whose: Whose): Meaning => tried((act) => granted(act, whose(act), 'admin', 'permissions boundary removed'));
/** A boundary that bounds nothing is as good as none. */
const boundarySet = (whose: Whose): Meaning =>
  tried((act) => {
    const boundary = text(request(act.event), 'permissionsBoundary') ?? '';
    return adminPolicies.test(boundary) ? granted(act, whose(act), 'admin', `${lastPart(boundary)} as permissions boundary`) : [];
  });

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
const keySwitched: Meaning = (act) => {
  if (text(request(act.event), 'status')?.toLowerCase() === 'inactive') return removed('key', keyOf)(act);
  // A key that slept, switched on again, is a new one to whoever has it.
  const [credential, owner] = [keyOf(act), userOf(act)];
  return act.error || credential === undefined || owner === undefined ? acted(act) : newCredential(act, credential, 'key', owner);
};
/** Whoever takes a quarantine away gives everything back that it held. */
const detached = (whose: Whose): Meaning => {
  const rightLost = removed('right', whose);
  return (act) =>
    text(request(act.event), 'policyArn')?.includes(quarantine) === true
      ? tried((one) => granted(one, whose(one), 'admin', 'quarantine lifted'))(act)
      : rightLost(act);
};
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
  'iam:CreateUser': tried(createUser),
  'iam:CreateRole': actedAnd(createRole),
  'iam:CreateAccessKey': tried(createAccessKey),
  'iam:CreateLoginProfile': tried(setPassword),
  'iam:UpdateLoginProfile': tried(setPassword),
  'iam:CreateServiceSpecificCredential': tried(createServiceKey),
  'iam:ResetServiceSpecificCredential': tried(createServiceKey),
  'iam:CreateOpenIDConnectProvider': tried(createFederation),
  'iam:CreateSAMLProvider': tried(createFederation),
  'iam:UpdateSAMLProvider': tried(createFederation),
  'rolesanywhere:CreateTrustAnchor': tried(createFederation),
  'rolesanywhere:UpdateTrustAnchor': tried(createFederation),
  'rolesanywhere:EnableTrustAnchor': tried(createFederation),
  // Which roles are had with a certificate.
  'rolesanywhere:CreateProfile': tried(createFederation),
  'iam:EnableMFADevice': secondFactor('added'),
  'iam:DeactivateMFADevice': secondFactor('removed'),
  'iam:DeleteVirtualMFADevice': deviceDeleted,
  'iam:UploadSigningCertificate': tried(uploadCertificate),
  'iam:UploadSSHPublicKey': tried(uploadSshKey),
  'iam:AddClientIDToOpenIDConnectProvider': tried(createFederation),

  'iam:AttachUserPolicy': attach(userOf),
  'iam:AttachGroupPolicy': attach(groupOf),
  'iam:AttachRolePolicy': ownRole('its role was given another policy', attach(roleOf), { perhaps: true }),
  'iam:PutUserPolicy': inline(userOf),
  'iam:PutGroupPolicy': inline(groupOf),
  'iam:PutRolePolicy': ownRole('the policy of its role was written anew', inline(roleOf)),
  'iam:CreatePolicy': done(newPolicy),
  'iam:CreatePolicyVersion': tried(policyVersion),
  'iam:SetDefaultPolicyVersion': tried(versionChosen),
  'iam:AddUserToGroup': tried(joinGroup),
  'iam:UpdateAssumeRolePolicy': ownRole('who may take its role was changed', tried(openTrust)),
  'iam:DeleteUserPermissionsBoundary': boundaryLifted(userOf),
  'iam:DeleteRolePermissionsBoundary': boundaryLifted(roleOf),
  'iam:PutUserPermissionsBoundary': boundarySet(userOf),
  'iam:PutRolePermissionsBoundary': ownRole('its role was limited', boundarySet(roleOf)),

  'iam:DeleteAccessKey': removed('key', keyOf),
  'iam:UpdateAccessKey': keySwitched,
  'iam:DeleteLoginProfile': removed('password', passwordOf),
  'iam:DeleteUser': removed('user', userOf),
  'iam:DeleteRole': ownRole('its role was deleted', removed('role', roleOf)),
  'iam:DetachUserPolicy': detached(userOf),
  'iam:DeleteUserPolicy': removed('right', userOf),
  'iam:RemoveUserFromGroup': removed('right', userOf),
  'iam:DetachGroupPolicy': removed('right', groupOf),
  'iam:DeleteGroupPolicy': removed('right', groupOf),
  'iam:DetachRolePolicy': ownRole('a policy was taken from its role', removed('right', roleOf)),
  'iam:DeleteRolePolicy': ownRole('a policy was taken from its role', removed('right', roleOf)),
  'iam:RemoveRoleFromInstanceProfile': ownRole('its role was taken from its machine', removed('right', profileOf)),
};
