/** The account itself, its organization, and Identity Center: who owns it, where it may act, who may enter it. */
import type { Subject } from '../../../../checks/observation.ts';
import { isUnsaid } from '../by-hand.ts';
import { type Act, answer, done, type Facts, looked, type Meaning, request, type Table, tried } from '../meaning.ts';
import { resourceSubject } from '../names.ts';
import { allowsEverything, forbidsSomething } from '../policy-document.ts';
import { at, text } from '../reading.ts';
import { createFederation } from './iam.ts';

const owner = (what: Extract<Facts, { kind: 'owner.changed' }>['what'], how: string): Meaning =>
  tried(() => [{ kind: 'owner.changed', what, how }]);

export const account: Table = {
  'account:EnableRegion': tried((act) => {
    const region = text(request(act.event), 'regionName') ?? (isUnsaid(act) ? 'unknown' : undefined);
    return region === undefined ? [] : [{ kind: 'region.opened', region: region.slice(0, 64) }];
  }),
  'account:ListRegions': looked('regions'),
  'account:GetRegionOptStatus': looked('regions'),
  'account:PutContactInformation': owner('contact', 'the contact information was changed'),
  'account:PutAlternateContact': owner('contact', 'an alternate contact was changed'),
  'account:DeleteAlternateContact': owner('contact', 'an alternate contact was deleted'),
  'account:StartPrimaryEmailUpdate': owner('e-mail', 'a change of the root e-mail address was begun'),
  'account:AcceptPrimaryEmailUpdate': owner('e-mail', 'the root e-mail address was changed'),
};

type How = Extract<Facts, { kind: 'organization.changed' }>['how'];
const changed = (how: How, to: (act: Act) => string | undefined = () => undefined): Meaning =>
  tried((act) => {
    const whom = to(act)?.slice(0, 256);
    return [{ kind: 'organization.changed', how, ...(whom !== undefined ? { to: whom } : {}) }];
  });

const unbound = changed('guard rail removed', ({ event }) => text(request(event), 'policyId'));
const removedService = changed('guard rail removed', ({ event }) => text(request(event), 'servicePrincipal'));
/** Everything is allowed by it, and nothing forbidden. */
const boundsNothing = ({ event }: Act): boolean => {
  const content = at(request(event), 'content');
  return allowsEverything(content) && !forbidsSomething(content);
};
/** Services that watch all accounts of an organization; the others come and go. */
const isOfGuard = ({ event }: Act): boolean =>
  /^(?:cloudtrail|config|config-multiaccountsetup|guardduty|malware-protection\.guardduty|securityhub|macie|inspector2|detective|access-analyzer|securitylake|fms)\./.test(
    text(request(event), 'servicePrincipal') ?? '',
  );

export const organizations: Table = {
  'organizations:CreateAccount': changed(
    'account created',
    ({ event }) => text(answer(event), 'createAccountStatus', 'accountId') ?? text(request(event), 'accountName'),
  ),
  'organizations:CreateGovCloudAccount': changed('account created', ({ event }) => text(request(event), 'accountName')),
  'organizations:InviteAccountToOrganization': changed('account invited', ({ event }) => text(request(event), 'target', 'id')),
  'organizations:AcceptHandshake': changed(
    'account invited',
    ({ event }) => text(answer(event), 'handshake', 'id') ?? text(request(event), 'handshakeId'),
  ),
  'organizations:LeaveOrganization': changed('left'),
  'organizations:RemoveAccountFromOrganization': changed('left', ({ event }) => text(request(event), 'accountId')),
  'organizations:DetachPolicy': changed('guard rail removed', ({ event }) => text(request(event), 'targetId')),
  'organizations:DeletePolicy': changed('guard rail removed', ({ event }) => text(request(event), 'policyId')),
  'organizations:DisablePolicyType': changed('guard rail removed', ({ event }) => text(request(event), 'policyType')),
  'organizations:UpdatePolicy': tried((act) => (boundsNothing(act) ? unbound(act) : [])),
  'organizations:DisableAWSServiceAccess': tried((act) => (isOfGuard(act) ? removedService(act) : [])),
  'organizations:DeregisterDelegatedAdministrator': tried((act) => (isOfGuard(act) ? removedService(act) : [])),
  'organizations:DeleteOrganization': changed('left'),
  'controltower:DisableControl': changed('guard rail removed', ({ event }) => text(request(event), 'controlIdentifier')),
  'controltower:DeleteLandingZone': changed('guard rail removed', ({ event }) => text(request(event), 'landingZoneIdentifier')),
};

const permissionSet = ({ event, place }: Act): Subject | undefined => {
  const arn = text(request(event), 'permissionSetArn');
  return arn !== undefined ? resourceSubject(place, 'sso', arn) : undefined;
};
const mayDo =
  (level: (act: Act) => 'admin' | 'other', how: (act: Act) => string): Meaning =>
  (act) => {
    const to = permissionSet(act);
    return to === undefined ? [] : [{ kind: 'access.granted', to, level: level(act), how: how(act).slice(0, 256), over: act.place.scope }];
  };
const policyName = ({ event }: Act): string => text(request(event), 'managedPolicyArn')?.split('/').at(-1) ?? 'a managed policy';

export const identityCenter: Table = {
  // What a permission set allows stands elsewhere; AWS's own names are telling, others may hide anything.
  'sso:CreateAccountAssignment': tried(({ event }) => {
    const to = text(request(event), 'principalId');
    const set = text(request(event), 'permissionSetArn') ?? '';
    return [
      {
        kind: 'organization.changed',
        how: 'access assigned',
        ...(to !== undefined ? { to: to.slice(0, 256) } : {}),
        level: /admin|poweruser/i.test(set) ? 'admin' : 'other',
      },
    ];
  }),
  'sso:AttachManagedPolicyToPermissionSet': tried(
    mayDo(
      (act) => (/^(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(policyName(act)) ? 'admin' : 'other'),
      (act) => `${policyName(act)} for a permission set`,
    ),
  ),
  'sso:PutInlinePolicyToPermissionSet': tried(
    mayDo(
      ({ event }) => (allowsEverything(at(request(event), 'inlinePolicy')) ? 'admin' : 'other'),
      () => 'inline policy of a permission set',
    ),
  ),
  'sso-directory:DeleteMfaDeviceForUser': tried(({ event, place }) => {
    const user = text(request(event), 'userId');
    return user === undefined
      ? []
      : [{ kind: 'second-factor.changed', owner: `principal:${place.scope.id}/directory/${user}`, how: 'removed' }];
  }),
  'sso:DeletePermissionsBoundaryFromPermissionSet': tried(
    mayDo(
      () => 'admin',
      () => 'permissions boundary removed',
    ),
  ),
  // Shown to whoever asks for it; one that is sent goes to the user's own address.
  'sso-directory:UpdatePassword': tried((act) => {
    const { event, place } = act;
    const user = text(request(event), 'userId');
    if (user === undefined || text(request(event), 'passwordMode')?.toUpperCase() !== 'OTP') return [];
    const owner: Subject = `principal:${place.scope.id}/directory/${user}`;
    return [{ kind: 'credential.created', credential: `credential:password/${place.scope.id}/directory/${user}`, form: 'password', owner }];
  }),
  'sso-directory:CreateUser': done((act) => userCreated(act)),
  'identitystore:CreateUser': done((act) => userCreated(act)),
  // Who may say who people are: a directory, or an identity provider outside (Identity Center user guide, "Change your identity source").
  ...Object.fromEntries(
    [
      'AssociateDirectory',
      'DisassociateDirectory',
      'CreateExternalIdPConfigurationForDirectory',
      'EnableExternalIdPConfigurationForDirectory',
      'UpdateExternalIdPConfigurationForDirectory',
      'DisableExternalIdPConfigurationForDirectory',
      'ImportExternalIdPCertificate',
    ].flatMap((call) => ['sso', 'sso-directory'].map((service) => [`${service}:${call}`, tried(createFederation)] as const)),
  ),
  'sso:CreateTrustedTokenIssuer': tried(createFederation),
  'sso:UpdateTrustedTokenIssuer': tried(createFederation),
};

const userCreated: Meaning = ({ event }) => {
  const to = text(answer(event), 'user', 'userId') ?? text(answer(event), 'userId') ?? text(request(event), 'userName');
  return [{ kind: 'organization.changed', how: 'user created', ...(to !== undefined ? { to: to.slice(0, 256) } : {}) }];
};
