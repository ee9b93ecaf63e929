import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetLoginProfileCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListMFADevicesCommand,
  ListRolesCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetFederationTokenCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { adasKey, launch, refusal, running, smallAccount } from './account.ts';

const denyEverything = (condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: '*', Resource: '*', ...(condition ? { Condition: condition } : {}) }],
  });

describe('keys', () => {
  it('refuses a key that nobody has', async () => {
    const { as } = await running(await smallAccount());
    const stranger = as('AKIA0000000000000000');

    expect(await refusal(stranger.sts().send(new GetCallerIdentityCommand({})))).toBe('InvalidClientTokenId');
    expect(await refusal(launch(stranger.ec2()))).toBe('AuthFailure');
  });

  it('still takes a deactivated key for four seconds, and then no more', async () => {
    const { ada, bot, clock, simulated } = await running(await smallAccount());

    await bot.iam().send(new UpdateAccessKeyCommand({ UserName: 'ada', AccessKeyId: adasKey, Status: 'Inactive' }));
    expect(simulated.state.key(adasKey)).toBe('Inactive');
    await clock.advance(3.9);
    expect(await refusal(launch(ada.ec2()))).toBe('not refused');
    await clock.advance(0.2);

    expect(await refusal(launch(ada.ec2()))).toBe('AuthFailure');
    expect(await refusal(ada.iam().send(new ListUsersCommand({})))).toBe('InvalidClientTokenId');
  });

  it('knows when and where a key was last used', async () => {
    const { ada, bot } = await running(await smallAccount());

    await launch(ada.ec2('us-west-2'));
    const used = await bot.iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId: adasKey }));
    const unused = await bot.iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId: 'AKIAI44QH8DHBEXAMPLE' }));

    expect(used.AccessKeyLastUsed).toMatchObject({ Region: 'us-west-2', ServiceName: 'ec2' });
    expect(unused.AccessKeyLastUsed?.LastUsedDate).toBeUndefined();
  });

  it('allows two keys a user', async () => {
    const { ada } = await running(await smallAccount());
    const create = () => ada.iam().send(new CreateAccessKeyCommand({ UserName: 'ada' }));

    await create();

    expect(await refusal(create())).toBe('LimitExceededException');
  });
});

describe('policies', () => {
  it('denies everything to a user with a deny policy, sessions taken before it included', async () => {
    const { ada, as, bot, clock } = await running(await smallAccount());
    const { Credentials } = await ada.sts().send(new GetSessionTokenCommand({}));
    const session = as(Credentials?.AccessKeyId ?? '', { sessionToken: Credentials?.SessionToken ?? '' });
    await launch(session.ec2());

    await bot.iam().send(new UpdateAccessKeyCommand({ UserName: 'ada', AccessKeyId: adasKey, Status: 'Inactive' }));
    await clock.advance(10);
    expect(await refusal(launch(session.ec2()))).toBe('not refused');
    await bot.iam().send(new PutUserPolicyCommand({ UserName: 'ada', PolicyName: 'cut', PolicyDocument: denyEverything() }));
    await clock.advance(10);

    expect(await refusal(launch(session.ec2()))).toBe('UnauthorizedOperation');
    await bot.iam().send(new DeleteUserPolicyCommand({ UserName: 'ada', PolicyName: 'cut' }));
    await clock.advance(10);
    expect(await refusal(launch(session.ec2()))).toBe('not refused');
  });

  it('cuts the sessions of a role that are older than a time, and leaves newer ones', async () => {
    const { ada, as, bot, clock, simulated } = await running(await smallAccount());
    const trust = JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::123456789012:root` }, Action: 'sts:AssumeRole' }],
    });
    await ada.iam().send(new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument: trust }));
    const allow = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'ec2:*', Resource: '*' } });
    await ada.iam().send(new PutRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'work', PolicyDocument: allow }));
    await clock.advance(10);
    const assume = async () => {
      const answer = await ada
        .sts()
        .send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/deploy', RoleSessionName: 'build' }));
      return as(answer.Credentials?.AccessKeyId ?? '', { sessionToken: 'x' });
    };
    const old = await assume();
    await launch(old.ec2());

    await clock.advance(60);
    const before = { DateLessThan: { 'aws:TokenIssueTime': clock.now() } };
    await bot.iam().send(new PutRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'cut', PolicyDocument: denyEverything(before) }));
    await clock.advance(10);
    const fresh = await assume();

    expect(await refusal(launch(old.ec2()))).toBe('UnauthorizedOperation');
    expect(await refusal(launch(fresh.ec2()))).toBe('not refused');
    expect(simulated.state.instances()).toHaveLength(2);
    const kept = await bot.iam().send(new GetRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'cut' }));
    expect(decodeURIComponent(kept.PolicyDocument ?? '')).toBe(denyEverything(before));
  });

  it('gives a federated session no more than both its user and its own policy allow', async () => {
    const { ada, as } = await running(await smallAccount());
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' } });

    const { Credentials } = await ada.sts().send(new GetFederationTokenCommand({ Name: 'visitor', Policy }));
    const visitor = as(Credentials?.AccessKeyId ?? '', { sessionToken: 'x' });

    expect(await refusal(launch(visitor.ec2()))).toBe('UnauthorizedOperation');
    expect((await visitor.sts().send(new GetCallerIdentityCommand({}))).Arn).toBe('arn:aws:sts::123456789012:federated-user/visitor');
  });

  it('lets a policy name the region a machine may be launched in', async () => {
    const scenario = await smallAccount();
    const Statement = { Effect: 'Allow', Action: 'ec2:RunInstances', Resource: 'arn:aws:ec2:eu-west-1:123456789012:instance/*' };
    scenario.users[1]!.inline = { launch: { Statement } };
    const { as } = await running(scenario);
    const grace = as('AKIAI44QH8DHBEXAMPLE');

    expect(await refusal(launch(grace.ec2('eu-west-1')))).toBe('not refused');
    expect(await refusal(launch(grace.ec2('eu-west-2')))).toBe('UnauthorizedOperation');
  });

  it('refuses a policy it could not judge instead of ignoring a part of it', async () => {
    const { ada } = await running(await smallAccount());
    const put = (PolicyDocument: string) =>
      ada.iam().send(new PutUserPolicyCommand({ UserName: 'grace', PolicyName: 'odd', PolicyDocument }));

    expect(await refusal(put('not json'))).toBe('MalformedPolicyDocumentException');
    expect(await refusal(put(denyEverything({ MoonPhase: { 'aws:Moon': 'full' } })))).toBe('MalformedPolicyDocumentException');
  });

  it('gives the bot what it needs and nothing more', async () => {
    const { bot } = await running(await smallAccount());

    expect((await bot.sts().send(new GetCallerIdentityCommand({}))).Arn).toBe(
      'arn:aws:sts::123456789012:assumed-role/cloudwarden/cloudwarden',
    );
    expect(await refusal(bot.iam().send(new CreateUserCommand({ UserName: 'x' })))).toBe('AccessDenied');
    expect(await refusal(bot.ec2().send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 })))).toBe('UnauthorizedOperation');
  });
});

describe('users and roles', () => {
  it('makes a user with a key, a password and a policy that can be read back', async () => {
    const { ada, bot } = await running(await smallAccount());
    const UserName = 'linus';
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';

    await ada.iam().send(new CreateUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'kernel' }] }));
    const { AccessKey } = await ada.iam().send(new CreateAccessKeyCommand({ UserName }));
    await ada.iam().send(new CreateLoginProfileCommand({ UserName, Password: 'made-up', PasswordResetRequired: true }));
    await ada.iam().send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    await ada.iam().send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: denyEverything() }));

    expect((await bot.iam().send(new GetUserCommand({ UserName }))).User).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:user/linus',
      Tags: [{ Key: 'team', Value: 'kernel' }],
    });
    expect((await bot.iam().send(new ListAccessKeysCommand({ UserName }))).AccessKeyMetadata?.[0]?.AccessKeyId).toBe(
      AccessKey?.AccessKeyId,
    );
    expect((await bot.iam().send(new GetLoginProfileCommand({ UserName }))).LoginProfile?.PasswordResetRequired).toBe(true);
    expect((await bot.iam().send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies?.[0]?.PolicyArn).toBe(PolicyArn);
    expect((await bot.iam().send(new ListUserPoliciesCommand({ UserName }))).PolicyNames).toEqual(['own']);
    expect(decodeURIComponent((await bot.iam().send(new GetUserPolicyCommand({ UserName, PolicyName: 'own' }))).PolicyDocument ?? '')).toBe(
      denyEverything(),
    );
    const entities = await bot.iam().send(new ListEntitiesForPolicyCommand({ PolicyArn }));
    expect(entities.PolicyUsers?.map((user) => user.UserName)).toEqual(['ada', UserName]);
    expect((await bot.iam().send(new ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([]);
  });

  it('does not delete what still has something', async () => {
    const { ada } = await running(await smallAccount());

    expect(await refusal(ada.iam().send(new DeleteUserCommand({ UserName: 'ada' })))).toBe('DeleteConflictException');
  });

  it("answers in AWS's words for what is not there", async () => {
    const { ada } = await running(await smallAccount());

    expect(await refusal(ada.iam().send(new GetUserCommand({ UserName: 'nobody' })))).toBe('NoSuchEntityException');
    expect(await refusal(ada.iam().send(new DeleteRoleCommand({ RoleName: 'nobody' })))).toBe('NoSuchEntityException');
    expect(
      await refusal(ada.iam().send(new DetachUserPolicyCommand({ UserName: 'ada', PolicyArn: 'arn:aws:iam::aws:policy/Billing' }))),
    ).toBe('NoSuchEntityException');
  });

  it('gives long lists in pages', async () => {
    const { ada, bot } = await running(await smallAccount());
    for (const turn of Array.from({ length: 5 }, (_, at) => at)) await ada.iam().send(new CreateUserCommand({ UserName: `user-${turn}` }));

    const first = await bot.iam().send(new ListUsersCommand({ MaxItems: 4 }));
    const second = await bot.iam().send(new ListUsersCommand({ MaxItems: 4, Marker: first.Marker }));

    expect(first.IsTruncated).toBe(true);
    expect(second.IsTruncated).toBe(false);
    expect([...(first.Users ?? []), ...(second.Users ?? [])]).toHaveLength(7);
  });

  it('lists roles with their trust policy', async () => {
    const { bot } = await running(await smallAccount('roles: [{ name: web, trusts: [ec2.amazonaws.com] }]'));

    const { Roles } = await bot.iam().send(new ListRolesCommand({}));

    const web = Roles?.find((role) => role.RoleName === 'web');
    expect(decodeURIComponent(web?.AssumeRolePolicyDocument ?? '')).toContain('ec2.amazonaws.com');
  });
});
