import type * as iam from '@aws-sdk/client-iam';
import type { Resources } from '../call.ts';
import { AwsError } from '../fault.ts';
import { having, type Key, type Role, rootName, type User, without } from '../identity.ts';
import { managedPolicy } from '../managed-policies.ts';
import { pageOf } from '../page.ts';
import { readPolicy } from '../policy.ts';
import type { Call, Operation, World } from '../world.ts';
import { newIamId, roleArn, userArn } from '../world.ts';
import { madeUpSecret } from './sts.ts';

export const iamOperations: Record<string, Operation> = {
  // ---- users ----
  ListUsers(world, input: iam.ListUsersRequest): iam.ListUsersResponse {
    return paged(
      [...world.identity.latest().users.values()].map((user) => userShape(world, user)),
      input,
      (Users) => ({ Users }),
    );
  },
  GetUser: (world, input: iam.GetUserRequest, call): iam.GetUserResponse => ({
    User: userShape(world, userOf(world, input.UserName, call)),
  }),
  CreateUser(world, input: iam.CreateUserRequest, call): iam.CreateUserResponse {
    const name = input.UserName ?? '';
    if (world.identity.latest().users.has(name)) throw new AwsError('EntityAlreadyExists', `User with name ${name} already exists.`, 409);
    const tags = (input.Tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }));
    const user: User = {
      name,
      id: newIamId(world, 'AIDA'),
      path: input.Path ?? '/',
      createdMs: call.ms,
      mfa: false,
      tags,
      attached: [],
      inline: {},
    };
    putUser(world, user, call);
    return { User: userShape(world, user) };
  },
  DeleteUser(world, input: iam.DeleteUserRequest, call): undefined {
    const user = userOf(world, input.UserName, call);
    const hasKeys = [...world.identity.latest().keys.values()].some((key) => key.user === user.name);
    if (hasKeys || user.login || user.attached.length || Object.keys(user.inline).length) {
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must remove keys, login profile and policies first.', 409);
    }
    world.identity.change(call.ms, ({ users }) => ({ users: without(users, user.name) }));
    return undefined;
  },

  // ---- access keys ----
  ListAccessKeys(world, input: iam.ListAccessKeysRequest, call): iam.ListAccessKeysResponse {
    const user = userOf(world, input.UserName, call);
    const keys = [...world.identity.latest().keys.values()].filter((key) => key.user === user.name);
    return paged(
      keys.map((key) => ({ UserName: key.user, AccessKeyId: key.id, Status: status(key), CreateDate: new Date(key.createdMs) })),
      input,
      (AccessKeyMetadata) => ({ AccessKeyMetadata }),
    );
  },
  CreateAccessKey(world, input: iam.CreateAccessKeyRequest, call): iam.CreateAccessKeyResponse {
    const isOfRoot = input.UserName === undefined && call.caller.kind === 'root';
    const user = isOfRoot ? { name: rootName } : userOf(world, input.UserName, call);
    if ([...world.identity.latest().keys.values()].filter((key) => key.user === user.name).length >= 2) {
      throw new AwsError('LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2', 409);
    }
    const key: Key = { id: newIamId(world, 'AKIA'), user: user.name, active: true, createdMs: call.ms };
    world.identity.change(call.ms, ({ keys }) => ({ keys: having(keys, key.id, key) }));
    return {
      AccessKey: {
        UserName: isOfRoot ? 'root' : user.name,
        AccessKeyId: key.id,
        Status: 'Active',
        SecretAccessKey: madeUpSecret,
        CreateDate: new Date(call.ms),
      },
    };
  },
  UpdateAccessKey(world, input: iam.UpdateAccessKeyRequest, call): undefined {
    const key = keyOf(world, input.AccessKeyId, input.UserName);
    world.identity.change(call.ms, ({ keys }) => ({ keys: having(keys, key.id, { ...key, active: input.Status === 'Active' }) }));
    return undefined;
  },
  DeleteAccessKey(world, input: iam.DeleteAccessKeyRequest, call): undefined {
    const key = keyOf(world, input.AccessKeyId, input.UserName);
    world.identity.change(call.ms, ({ keys }) => ({ keys: without(keys, key.id) }));
    return undefined;
  },
  GetAccessKeyLastUsed(world, input: iam.GetAccessKeyLastUsedRequest): iam.GetAccessKeyLastUsedResponse {
    const key = keyOf(world, input.AccessKeyId, undefined);
    const used = world.lastUsed.get(key.id);
    return {
      UserName: key.user,
      AccessKeyLastUsed: used
        ? { LastUsedDate: new Date(used.ms), Region: used.region, ServiceName: used.service }
        : { LastUsedDate: undefined, Region: 'N/A', ServiceName: 'N/A' },
    };
  },

  // ---- policies of users ----
  ListUserPolicies: (world, input: iam.ListUserPoliciesRequest, call): iam.ListUserPoliciesResponse =>
    paged(Object.keys(userOf(world, input.UserName, call).inline), input, (PolicyNames) => ({ PolicyNames })),
  PutUserPolicy(world, input: iam.PutUserPolicyRequest, call): undefined {
    const user = userOf(world, input.UserName, call);
    putUser(world, { ...user, inline: { ...user.inline, [input.PolicyName ?? '']: checked(input.PolicyDocument) } }, call);
    return undefined;
  },
  GetUserPolicy(world, input: iam.GetUserPolicyRequest, call): iam.GetUserPolicyResponse {
    const user = userOf(world, input.UserName, call);
    return { UserName: user.name, PolicyName: input.PolicyName, PolicyDocument: encodeURIComponent(inlineOf(user, input.PolicyName)) };
  },
  DeleteUserPolicy(world, input: iam.DeleteUserPolicyRequest, call): undefined {
    const user = userOf(world, input.UserName, call);
    inlineOf(user, input.PolicyName);
    putUser(world, { ...user, inline: lacking(user.inline, input.PolicyName) }, call);
    return undefined;
  },
  AttachUserPolicy(world, input: iam.AttachUserPolicyRequest, call): undefined {
    const user = userOf(world, input.UserName, call);
    putUser(world, { ...user, attached: [...new Set([...user.attached, existing(world, input.PolicyArn)])] }, call);
    return undefined;
  },
  DetachUserPolicy(world, input: iam.DetachUserPolicyRequest, call): undefined {
    const user = userOf(world, input.UserName, call);
    putUser(world, { ...user, attached: detached(user, input.PolicyArn) }, call);
    return undefined;
  },
  ListAttachedUserPolicies: (world, input: iam.ListAttachedUserPoliciesRequest, call): iam.ListAttachedUserPoliciesResponse =>
    paged(userOf(world, input.UserName, call).attached.map(attachedShape), input, (AttachedPolicies) => ({ AttachedPolicies })),

  // ---- console password and second factor ----
  CreateLoginProfile(world, input: iam.CreateLoginProfileRequest, call): iam.CreateLoginProfileResponse {
    const user = userOf(world, input.UserName, call);
    if (user.login) throw new AwsError('EntityAlreadyExists', `Login Profile for user ${user.name} already exists.`, 409);
    const login = { createdMs: call.ms, resetRequired: input.PasswordResetRequired ?? false };
    putUser(world, { ...user, login }, call);
    return { LoginProfile: loginShape(user.name, login) };
  },
  GetLoginProfile(world, input: iam.GetLoginProfileRequest, call): iam.GetLoginProfileResponse {
    const user = userOf(world, input.UserName, call);
    if (!user.login) throw new AwsError('NoSuchEntity', `Login Profile for User ${user.name} cannot be found.`, 404);
    return { LoginProfile: loginShape(user.name, user.login) };
  },
  DeleteLoginProfile(world, input: iam.DeleteLoginProfileRequest, call): undefined {
    const { login, ...user } = userOf(world, input.UserName, call);
    if (!login) throw new AwsError('NoSuchEntity', `Login Profile for User ${user.name} cannot be found.`, 404);
    putUser(world, user, call);
    return undefined;
  },
  ListMFADevices(world, input: iam.ListMFADevicesRequest, call): iam.ListMFADevicesResponse {
    const user = userOf(world, input.UserName, call);
    const device = {
      UserName: user.name,
      SerialNumber: `arn:aws:iam::${world.accountId}:mfa/${user.name}`,
      EnableDate: new Date(user.createdMs),
    };
    return { MFADevices: user.mfa ? [device] : [], IsTruncated: false };
  },

  // ---- roles ----
  ListRoles(world, input: iam.ListRolesRequest): iam.ListRolesResponse {
    return paged(
      [...world.identity.latest().roles.values()].map((role) => roleShape(world, role)),
      input,
      (Roles) => ({ Roles }),
    );
  },
  GetRole: (world, input: iam.GetRoleRequest): iam.GetRoleResponse => ({ Role: roleShape(world, roleOf(world, input.RoleName)) }),
  CreateRole(world, input: iam.CreateRoleRequest, call): iam.CreateRoleResponse {
    const name = input.RoleName ?? '';
    if (world.identity.latest().roles.has(name)) throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
    const role: Role = {
      name,
      id: newIamId(world, 'AROA'),
      path: input.Path ?? '/',
      createdMs: call.ms,
      trust: checked(input.AssumeRolePolicyDocument),
      attached: [],
      inline: {},
      ...(input.Description ? { description: input.Description } : {}),
    };
    putRole(world, role, call);
    return { Role: roleShape(world, role) };
  },
  UpdateAssumeRolePolicy(world, input: iam.UpdateAssumeRolePolicyRequest, call): undefined {
    putRole(world, { ...roleOf(world, input.RoleName), trust: checked(input.PolicyDocument) }, call);
    return undefined;
  },
  DeleteRole(world, input: iam.DeleteRoleRequest, call): undefined {
    const role = roleOf(world, input.RoleName);
    if (role.attached.length || Object.keys(role.inline).length) {
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
    }
    world.identity.change(call.ms, ({ roles }) => ({ roles: without(roles, role.name) }));
    return undefined;
  },
  ListRolePolicies: (world, input: iam.ListRolePoliciesRequest): iam.ListRolePoliciesResponse =>
    paged(Object.keys(roleOf(world, input.RoleName).inline), input, (PolicyNames) => ({ PolicyNames })),
  PutRolePolicy(world, input: iam.PutRolePolicyRequest, call): undefined {
    const role = roleOf(world, input.RoleName);
    putRole(world, { ...role, inline: { ...role.inline, [input.PolicyName ?? '']: checked(input.PolicyDocument) } }, call);
    return undefined;
  },
  GetRolePolicy(world, input: iam.GetRolePolicyRequest): iam.GetRolePolicyResponse {
    const role = roleOf(world, input.RoleName);
    return { RoleName: role.name, PolicyName: input.PolicyName, PolicyDocument: encodeURIComponent(inlineOf(role, input.PolicyName)) };
  },
  DeleteRolePolicy(world, input: iam.DeleteRolePolicyRequest, call): undefined {
    const role = roleOf(world, input.RoleName);
    inlineOf(role, input.PolicyName);
    putRole(world, { ...role, inline: lacking(role.inline, input.PolicyName) }, call);
    return undefined;
  },
  AttachRolePolicy(world, input: iam.AttachRolePolicyRequest, call): undefined {
    const role = roleOf(world, input.RoleName);
    putRole(world, { ...role, attached: [...new Set([...role.attached, existing(world, input.PolicyArn)])] }, call);
    return undefined;
  },
  DetachRolePolicy(world, input: iam.DetachRolePolicyRequest, call): undefined {
    const role = roleOf(world, input.RoleName);
    putRole(world, { ...role, attached: detached(role, input.PolicyArn) }, call);
    return undefined;
  },
  ListAttachedRolePolicies: (world, input: iam.ListAttachedRolePoliciesRequest): iam.ListAttachedRolePoliciesResponse =>
    paged(roleOf(world, input.RoleName).attached.map(attachedShape), input, (AttachedPolicies) => ({ AttachedPolicies })),

  // ---- the account ----
  ListEntitiesForPolicy(world, input: iam.ListEntitiesForPolicyRequest): iam.ListEntitiesForPolicyResponse {
    const arn = existing(world, input.PolicyArn);
    const { users, roles, groups } = world.identity.latest();
    return {
      PolicyUsers: [...users.values()]
        .filter((user) => user.attached.includes(arn))
        .map((user) => ({ UserName: user.name, UserId: user.id })),
      PolicyRoles: [...roles.values()]
        .filter((role) => role.attached.includes(arn))
        .map((role) => ({ RoleName: role.name, RoleId: role.id })),
      PolicyGroups: [...groups.values()]
        .filter((group) => group.attached.includes(arn))
        .map((group) => ({ GroupName: group.name, GroupId: group.id })),
      IsTruncated: false,
    };
  },
  GetAccountSummary(world): iam.GetAccountSummaryResponse {
    const { users, roles, keys } = world.identity.latest();
    const withMfa = [...users.values()].filter((user) => user.mfa).length;
    return {
      SummaryMap: {
        Users: users.size,
        Roles: roles.size,
        MFADevicesInUse: withMfa,
        AccountMFAEnabled: world.rootMfa ? 1 : 0,
        AccountAccessKeysPresent: [...keys.values()].filter((key) => key.user === rootName).length,
        AccessKeysPerUserQuota: 2,
      },
    };
  },
  ListAccountAliases: (world): iam.ListAccountAliasesResponse => ({ AccountAliases: [world.name], IsTruncated: false }),
};

/** Policies may name single users and roles. */
export const iamResources: Resources = (world, input) => {
  const { users, roles } = world.identity.latest();
  if (typeof input.UserName === 'string') return [userArn(world, users.get(input.UserName) ?? { name: input.UserName, path: '/' })];
  if (typeof input.RoleName === 'string') return [roleArn(world, roles.get(input.RoleName) ?? { name: input.RoleName, path: '/' })];
  return ['*'];
};

/** Without a name the caller's own user is meant; a session has none to fall back on. */
function userOf(world: World, name: string | undefined, call: Call): User {
  const wanted = name ?? (call.caller.kind === 'user' || call.caller.kind === 'session of user' ? call.caller.name : undefined);
  if (wanted === undefined) throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
  const user = world.identity.latest().users.get(wanted);
  if (!user) throw new AwsError('NoSuchEntity', `The user with name ${wanted} cannot be found.`, 404);
  return user;
}
function roleOf(world: World, name: string | undefined): Role {
  const role = world.identity.latest().roles.get(name ?? '');
  if (!role) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  return role;
}
function keyOf(world: World, id: string | undefined, user: string | undefined): Key {
  const key = world.identity.latest().keys.get(id ?? '');
  if (!key || (user !== undefined && key.user !== user))
    throw new AwsError('NoSuchEntity', `The Access Key with id ${id} cannot be found.`, 404);
  return key;
}

const putUser = (world: World, user: User, { ms }: Call) =>
  world.identity.change(ms, ({ users }) => ({ users: having(users, user.name, user) }));
const putRole = (world: World, role: Role, { ms }: Call) =>
  world.identity.change(ms, ({ roles }) => ({ roles: having(roles, role.name, role) }));

export function checked(document: string | undefined): string {
  const policy = readPolicy(document ?? '');
  if (typeof policy === 'string') throw new AwsError('MalformedPolicyDocument', policy);
  return document ?? '';
}
export function existing(world: World, arn: string | undefined): string {
  if (!arn || !(managedPolicy(arn) || world.identity.latest().policies.has(arn)))
    throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  return arn;
}
function detached(holder: User | Role, arn: string | undefined): string[] {
  if (!arn || !holder.attached.includes(arn)) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  return holder.attached.filter((other) => other !== arn);
}
function inlineOf(holder: User | Role, name: string | undefined): string {
  const document = holder.inline[name ?? ''];
  if (document === undefined) throw new AwsError('NoSuchEntity', `The policy with name ${name} cannot be found.`, 404);
  return document;
}
const lacking = (inline: User['inline'], name: string | undefined) =>
  Object.fromEntries(Object.entries(inline).filter(([other]) => other !== name));

const status = (key: Key): 'Active' | 'Inactive' => (key.active ? 'Active' : 'Inactive');
export const attachedShape = (arn: string) => ({ PolicyName: arn.split('/').at(-1) ?? '', PolicyArn: arn });
const loginShape = (name: string, login: NonNullable<User['login']>): iam.LoginProfile => ({
  UserName: name,
  CreateDate: new Date(login.createdMs),
  PasswordResetRequired: login.resetRequired,
});
const userShape = (world: World, user: User): iam.User => ({
  UserName: user.name,
  UserId: user.id,
  Arn: userArn(world, user),
  Path: user.path,
  CreateDate: new Date(user.createdMs),
  ...(user.tags.length ? { Tags: [...user.tags] } : {}),
});
const roleShape = (world: World, role: Role): iam.Role => ({
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(world, role),
  Path: role.path,
  CreateDate: new Date(role.createdMs),
  AssumeRolePolicyDocument: encodeURIComponent(role.trust),
  ...(role.description ? { Description: role.description } : {}),
});

/** IAM pages by marker, 100 at a time unless asked. */
export function paged<T, O>(list: T[], input: { Marker?: string | undefined; MaxItems?: number | undefined }, shape: (items: T[]) => O) {
  const { items, next } = pageOf(list, input.MaxItems ?? 100, input.Marker);
  return { ...shape(items), IsTruncated: next !== undefined, ...(next ? { Marker: next } : {}) };
}
