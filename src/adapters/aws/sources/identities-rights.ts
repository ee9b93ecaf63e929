/** Who is an administrator, and which roles let outsiders in: IAM's own account of all its policies, in a few pages. */
import type { AttachedPolicy, ManagedPolicyDetail, PolicyDetail } from '@aws-sdk/client-iam';
import type { Place, Subject, Time } from '../../../checks/observation.ts';
import { iamSubject, principalSubject } from '../translate/names.ts';
import { allowsEverything } from '../translate/policy-document.ts';
import { type Door, doorsOf } from './identities-doors.ts';
import type { Sight } from './looking.ts';

/** `made`: when the user, group or role was made. */
export type Admin = { to: Subject; how: string; made?: Time };
export type RoleDoors = { role: Subject; doors: Door[]; made?: Time };
export type Rights = { admins: Admin[]; roles: RoleDoors[] };

/** Every user, group, role and policy of the account; documents are looked at and not kept. @throws what the SDK throws. */
export async function readRights({ session, place }: Pick<Sight, 'session'> & { place: Place }): Promise<Rights> {
  const { paginateGetAccountAuthorizationDetails } = await import('@aws-sdk/client-iam');
  const holders: Holder[] = [];
  const roles: RoleDoors[] = [];
  const wide = new Set<string>();
  const pages = paginateGetAccountAuthorizationDetails(
    { client: await session.read.iam(), pageSize: 200 },
    { Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'] },
  );
  for await (const page of pages) {
    for (const policy of page.Policies ?? []) if (policy.Arn !== undefined && isWide(policy)) wide.add(policy.Arn);
    for (const user of page.UserDetailList ?? []) {
      const { UserName: name, Arn: arn, GroupList: groups = [] } = user;
      if (name === undefined) continue;
      const to = arn !== undefined ? principalSubject(arn) : iamSubject(place, 'user', name);
      holders.push({ to, ...held(user.AttachedManagedPolicies, user.UserPolicyList), groups, ...madeAt(user.CreateDate) });
    }
    for (const group of page.GroupDetailList ?? []) {
      if (group.GroupName === undefined) continue;
      const to = iamSubject(place, 'group', group.GroupName);
      const policies = held(group.AttachedManagedPolicies, group.GroupPolicyList);
      holders.push({ to, ...policies, groups: [], group: group.GroupName, ...madeAt(group.CreateDate) });
    }
    for (const role of page.RoleDetailList ?? []) {
      const { RoleName: name, Arn: arn } = role;
      // AWS alone can use and change its service-linked roles.
      if (name === undefined || arn?.includes(':role/aws-service-role/')) continue;
      const to = arn !== undefined ? principalSubject(arn) : iamSubject(place, 'role', name);
      holders.push({ to, ...held(role.AttachedManagedPolicies, role.RolePolicyList), groups: [], ...madeAt(role.CreateDate) });
      const doors = doorsOf(role.AssumeRolePolicyDocument, place.scope.id);
      if (doors.length > 0) roles.push({ role: to, doors, ...madeAt(role.CreateDate) });
    }
  }
  return { admins: adminsAmong(holders, wide), roles };
}

type Holder = { to: Subject; attached: string[]; inline: string[]; groups: string[]; group?: string; made?: Time };

/** Of the inline policies only the names of those that allow everything. */
const held = (attached: AttachedPolicy[] = [], inline: PolicyDetail[] = []): Pick<Holder, 'attached' | 'inline'> => ({
  attached: attached.flatMap((policy) => policy.PolicyArn ?? []),
  inline: inline.flatMap(({ PolicyName: name, PolicyDocument: document }) =>
    name !== undefined && allowsEverything(document) ? [name] : [],
  ),
});

const madeAt = (date: Date | undefined): { made?: Time } => (date ? { made: date.toISOString() } : {});

const isWide = (policy: ManagedPolicyDetail): boolean =>
  (policy.PolicyVersionList ?? []).some((version) => version.IsDefaultVersion === true && allowsEverything(version.Document));

/** AWS's own policies that make an administrator, or let one become one. */
const adminPolicies = /^arn:[\w-]+:iam::aws:policy\/(?:job-function\/)?(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

function adminsAmong(holders: Holder[], wide: ReadonlySet<string>): Admin[] {
  const waysOf = ({ attached, inline }: Holder): string[] => [
    ...attached.filter((arn) => adminPolicies.test(arn) || wide.has(arn)).map((arn) => arn.slice(arn.lastIndexOf('/') + 1)),
    ...inline.map((name) => `inline policy ${name}`),
  ];
  const adminGroups = new Set(holders.flatMap((one) => (one.group !== undefined && waysOf(one).length > 0 ? [one.group] : [])));
  return holders.flatMap((one) =>
    [...waysOf(one), ...one.groups.filter((group) => adminGroups.has(group)).map((group) => `group ${group}`)].map((how) => ({
      to: one.to,
      how: how.slice(0, 256),
      ...(one.made !== undefined ? { made: one.made } : {}),
    })),
  );
}
