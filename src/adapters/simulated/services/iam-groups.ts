import type * as iam from '@aws-sdk/client-iam';
import { AwsError } from '../fault.ts';
import { type Group, having, type OwnPolicy, without } from '../identity.ts';
import { managedPolicy } from '../managed-policies.ts';
import type { Call, Operation, World } from '../world.ts';
import { newIamId, roleArn, userArn } from '../world.ts';
import { attachedShape, checked, existing, paged } from './iam.ts';

/** Groups of users, and policies of the account's own. */
export const groupOperations: Record<string, Operation> = {
  // ---- groups ----
  CreateGroup(world, input: iam.CreateGroupRequest, call): iam.CreateGroupResponse {
    const name = input.GroupName ?? '';
    if (world.identity.latest().groups.has(name)) throw new AwsError('EntityAlreadyExists', `Group with name ${name} already exists.`, 409);
    const id = newIamId(world, 'AGPA');
    const group: Group = { name, id, path: input.Path ?? '/', createdMs: call.ms, members: [], attached: [], inline: {} };
    putGroup(world, group, call);
    return { Group: groupShape(world, group) };
  },
  DeleteGroup(world, input: iam.DeleteGroupRequest, call): undefined {
    const group = groupOf(world, input.GroupName);
    if (group.members.length || group.attached.length || Object.keys(group.inline).length) {
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must remove users and policies from group first.', 409);
    }
    world.identity.change(call.ms, ({ groups }) => ({ groups: without(groups, group.name) }));
    return undefined;
  },
  AddUserToGroup(world, input: iam.AddUserToGroupRequest, call): undefined {
    const group = groupOf(world, input.GroupName);
    const user = world.identity.latest().users.get(input.UserName ?? '');
    if (!user) throw new AwsError('NoSuchEntity', `The user with name ${input.UserName} cannot be found.`, 404);
    putGroup(world, { ...group, members: [...new Set([...group.members, user.name])] }, call);
    return undefined;
  },
  RemoveUserFromGroup(world, input: iam.RemoveUserFromGroupRequest, call): undefined {
    const group = groupOf(world, input.GroupName);
    putGroup(world, { ...group, members: group.members.filter((name) => name !== input.UserName) }, call);
    return undefined;
  },
  AttachGroupPolicy(world, input: iam.AttachGroupPolicyRequest, call): undefined {
    const group = groupOf(world, input.GroupName);
    putGroup(world, { ...group, attached: [...new Set([...group.attached, existing(world, input.PolicyArn)])] }, call);
    return undefined;
  },
  DetachGroupPolicy(world, input: iam.DetachGroupPolicyRequest, call): undefined {
    const group = groupOf(world, input.GroupName);
    putGroup(world, { ...group, attached: group.attached.filter((arn) => arn !== input.PolicyArn) }, call);
    return undefined;
  },
  PutGroupPolicy(world, input: iam.PutGroupPolicyRequest, call): undefined {
    const group = groupOf(world, input.GroupName);
    putGroup(world, { ...group, inline: { ...group.inline, [input.PolicyName ?? '']: checked(input.PolicyDocument) } }, call);
    return undefined;
  },
  ListGroups: (world, input: iam.ListGroupsRequest): iam.ListGroupsResponse =>
    paged(
      [...world.identity.latest().groups.values()].map((group) => groupShape(world, group)),
      input,
      (Groups) => ({ Groups }),
    ),
  ListGroupsForUser: (world, input: iam.ListGroupsForUserRequest): iam.ListGroupsForUserResponse =>
    paged(
      [...world.identity.latest().groups.values()]
        .filter((group) => group.members.includes(input.UserName ?? ''))
        .map((group) => groupShape(world, group)),
      input,
      (Groups) => ({ Groups }),
    ),
  ListAttachedGroupPolicies: (world, input: iam.ListAttachedGroupPoliciesRequest): iam.ListAttachedGroupPoliciesResponse =>
    paged(groupOf(world, input.GroupName).attached.map(attachedShape), input, (AttachedPolicies) => ({ AttachedPolicies })),
  ListGroupPolicies: (world, input: iam.ListGroupPoliciesRequest): iam.ListGroupPoliciesResponse =>
    paged(Object.keys(groupOf(world, input.GroupName).inline), input, (PolicyNames) => ({ PolicyNames })),
  GetGroupPolicy(world, input: iam.GetGroupPolicyRequest): iam.GetGroupPolicyResponse {
    const group = groupOf(world, input.GroupName);
    const document = group.inline[input.PolicyName ?? ''];
    if (document === undefined) throw new AwsError('NoSuchEntity', `The policy with name ${input.PolicyName} cannot be found.`, 404);
    return { GroupName: group.name, PolicyName: input.PolicyName, PolicyDocument: encodeURIComponent(document) };
  },

  // ---- policies ----
  CreatePolicy(world, input: iam.CreatePolicyRequest, call): iam.CreatePolicyResponse {
    const name = input.PolicyName ?? '';
    const arn = `arn:aws:iam::${world.accountId}:policy${input.Path ?? '/'}${name}`;
    if (world.identity.latest().policies.has(arn))
      throw new AwsError('EntityAlreadyExists', `A policy called ${name} already exists.`, 409);
    const version = { id: 'v1', document: checked(input.PolicyDocument), isDefault: true, createdMs: call.ms };
    const policy: OwnPolicy = { name, id: newIamId(world, 'ANPA'), arn, createdMs: call.ms, versions: [version] };
    putPolicy(world, policy, call);
    return { Policy: policyShape(world, policy) };
  },
  CreatePolicyVersion(world, input: iam.CreatePolicyVersionRequest, call): iam.CreatePolicyVersionResponse {
    const policy = policyOf(world, input.PolicyArn);
    if (policy.versions.length >= 5) throw new AwsError('LimitExceeded', 'A managed policy can have up to 5 versions.', 409);
    const isDefault = input.SetAsDefault ?? false;
    const version = { id: `v${policy.versions.length + 1}`, document: checked(input.PolicyDocument), isDefault, createdMs: call.ms };
    const others = policy.versions.map((each) => (isDefault ? { ...each, isDefault: false } : each));
    putPolicy(world, { ...policy, versions: [...others, version] }, call);
    return { PolicyVersion: { VersionId: version.id, IsDefaultVersion: isDefault, CreateDate: new Date(call.ms) } };
  },
  SetDefaultPolicyVersion(world, input: iam.SetDefaultPolicyVersionRequest, call): undefined {
    const policy = policyOf(world, input.PolicyArn);
    putPolicy(world, { ...policy, versions: policy.versions.map((each) => ({ ...each, isDefault: each.id === input.VersionId })) }, call);
    return undefined;
  },
  GetPolicy: (world, input: iam.GetPolicyRequest): iam.GetPolicyResponse => {
    const arn = existing(world, input.PolicyArn);
    const own = world.identity.latest().policies.get(arn);
    return { Policy: own ? policyShape(world, own) : { ...attachedNames(arn), DefaultVersionId: 'v1', IsAttachable: true } };
  },
  GetPolicyVersion(world, input: iam.GetPolicyVersionRequest): iam.GetPolicyVersionResponse {
    const arn = existing(world, input.PolicyArn);
    const own = world.identity
      .latest()
      .policies.get(arn)
      ?.versions.find((each) => each.id === input.VersionId);
    const document = own?.document ?? JSON.stringify({ Version: '2012-10-17', ...managedPolicy(arn) });
    const IsDefaultVersion = own?.isDefault ?? true;
    return { PolicyVersion: { VersionId: input.VersionId, Document: encodeURIComponent(document), IsDefaultVersion } };
  },
  /** Everybody and everything they may do, in one answer. */
  GetAccountAuthorizationDetails(world, input: iam.GetAccountAuthorizationDetailsRequest): iam.GetAccountAuthorizationDetailsResponse {
    const { users, roles, groups, policies } = world.identity.latest();
    const wants = (kind: iam.EntityType) => !input.Filter?.length || input.Filter.includes(kind);
    const lists = (inline: Group['inline']) =>
      Object.entries(inline).map(([PolicyName, document]) => ({ PolicyName, PolicyDocument: encodeURIComponent(document) }));
    return {
      UserDetailList: wants('User')
        ? [...users.values()].map((user) => ({
            UserName: user.name,
            UserId: user.id,
            Arn: userArn(world, user),
            Path: user.path,
            CreateDate: new Date(user.createdMs),
            UserPolicyList: lists(user.inline),
            AttachedManagedPolicies: user.attached.map(attachedShape),
            GroupList: [...groups.values()].filter((group) => group.members.includes(user.name)).map((group) => group.name),
          }))
        : [],
      GroupDetailList: wants('Group')
        ? [...groups.values()].map((group) => ({
            ...groupShape(world, group),
            GroupPolicyList: lists(group.inline),
            AttachedManagedPolicies: group.attached.map(attachedShape),
          }))
        : [],
      RoleDetailList: wants('Role')
        ? [...roles.values()].map((role) => ({
            RoleName: role.name,
            RoleId: role.id,
            Arn: roleArn(world, role),
            Path: role.path,
            CreateDate: new Date(role.createdMs),
            AssumeRolePolicyDocument: encodeURIComponent(role.trust),
            RolePolicyList: lists(role.inline),
            AttachedManagedPolicies: role.attached.map(attachedShape),
            InstanceProfileList: [],
          }))
        : [],
      Policies: wants('LocalManagedPolicy')
        ? [...policies.values()].map((policy) => ({
            ...policyShape(world, policy),
            PolicyVersionList: policy.versions.map((version) => ({
              VersionId: version.id,
              Document: encodeURIComponent(version.document),
              IsDefaultVersion: version.isDefault,
              CreateDate: new Date(version.createdMs),
            })),
          }))
        : [],
      IsTruncated: false,
    };
  },
  ListVirtualMFADevices: (world): iam.ListVirtualMFADevicesResponse => ({
    VirtualMFADevices: [...world.identity.latest().users.values()]
      .filter((user) => user.mfa)
      .map((user) => ({
        SerialNumber: `arn:aws:iam::${world.accountId}:mfa/${user.name}`,
        EnableDate: new Date(user.createdMs),
        User: { UserName: user.name, UserId: user.id, Arn: userArn(world, user), Path: user.path, CreateDate: new Date(user.createdMs) },
      })),
    IsTruncated: false,
  }),
  ListPolicies: (world, input: iam.ListPoliciesRequest): iam.ListPoliciesResponse =>
    paged(
      [...world.identity.latest().policies.values()].map((policy) => policyShape(world, policy)),
      input,
      (Policies) => ({ Policies }),
    ),
};

const putGroup = (world: World, group: Group, { ms }: Call) =>
  world.identity.change(ms, ({ groups }) => ({ groups: having(groups, group.name, group) }));
const putPolicy = (world: World, policy: OwnPolicy, { ms }: Call) =>
  world.identity.change(ms, ({ policies }) => ({ policies: having(policies, policy.arn, policy) }));

function groupOf(world: World, name: string | undefined): Group {
  const group = world.identity.latest().groups.get(name ?? '');
  if (!group) throw new AwsError('NoSuchEntity', `The group with name ${name} cannot be found.`, 404);
  return group;
}
function policyOf(world: World, arn: string | undefined): OwnPolicy {
  const policy = world.identity.latest().policies.get(arn ?? '');
  if (!policy) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404);
  return policy;
}

const groupShape = (world: World, group: Group): iam.Group => ({
  GroupName: group.name,
  GroupId: group.id,
  Arn: `arn:aws:iam::${world.accountId}:group${group.path}${group.name}`,
  Path: group.path,
  CreateDate: new Date(group.createdMs),
});
const attachedNames = (arn: string) => ({ PolicyName: arn.split('/').at(-1) ?? '', Arn: arn });
function policyShape(world: World, policy: OwnPolicy): iam.Policy {
  const { users, roles, groups } = world.identity.latest();
  const holders = [...users.values(), ...roles.values(), ...groups.values()];
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    DefaultVersionId: policy.versions.find((each) => each.isDefault)?.id,
    AttachmentCount: holders.filter((holder) => holder.attached.includes(policy.arn)).length,
    IsAttachable: true,
    CreateDate: new Date(policy.createdMs),
  };
}
