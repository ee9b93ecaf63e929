/** The account itself, its organization, and Identity Center: who owns it, where it may act, who may enter it. */
import type { Subject } from '../../../../checks/observation.ts';
import { isUnsaid } from '../by-hand.ts';
import { type Act, answer, done, type Facts, looked, type Meaning, request, type Table, tried } from '../meaning.ts';
import { resourceSubject } from '../names.ts';
import { allowsEverything } from '../policy-document.ts';
import { at, text } from '../reading.ts';

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
  'sso-directory:CreateUser': done((act) => userCreated(act)),
  'identitystore:CreateUser': done((act) => userCreated(act)),
};

const userCreated: Meaning = ({ event }) => {
  const to = text(answer(event), 'user', 'userId') ?? text(answer(event), 'userId') ?? text(request(event), 'userName');
  return [{ kind: 'organization.changed', how: 'user created', ...(to !== undefined ? { to: to.slice(0, 256) } : {}) }];
};
