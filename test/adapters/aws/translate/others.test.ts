import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../src/checks/observation.ts';
import { account, first, kindsOf, record, role, root, translate, user } from './records.ts';

const without = (event: object, ...names: string[]) => Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name)));
const made = (call: string, requestParameters: object | null, more: object = {}) => record(call, { requestParameters, ...more });
const refused = (call: string, more: object = {}) =>
  record(call, {
    errorCode: 'AccessDenied',
    errorMessage: `ada is not authorized to perform: ${call} on resource: arn:aws:x:::y`,
    ...more,
  });

describe('a record without its service', () => {
  it('goes by the name of its call, where one table alone has it or IAM’s does', () => {
    expect(first(without(made('cloudtrail:StopLogging', { name: 't' }), 'eventSource'), 'guard.weakened').guard).toBe('audit log');
    expect(first(without(made('iam:CreateUser', { userName: 'x' }), 'eventSource'), 'identity.created').what).toBe('user');
    expect(first(without(made('ecs:CreateCluster', { clusterName: 'x' }), 'eventSource'), 'principal.acted').operation).toBe(
      'unknown:CreateCluster',
    );
  });

  it('of a wrong password failed, and of a right one did not', () => {
    const signIn = (ConsoleLogin: string) => without(record('signin:ConsoleLogin', { responseElements: { ConsoleLogin } }), 'eventSource');

    expect(first(signIn('Failure'), 'signed.in').outcome).toBe('failed');
    expect(first(signIn('Success'), 'signed.in').outcome).toBeUndefined();
  });

  it('of another service is not taken for what its name says', () => {
    expect(first(record('example:DeleteDetector'), 'principal.acted').operation).toBe('example:DeleteDetector');
  });
});

describe('a role that was made unreadable', () => {
  const acted = (userIdentity: object) => translate(record('guardduty:DeleteDetector', { userIdentity })).observations[0]!;

  it('is somebody’s all the same', () => {
    expect(acted({ type: 'AssumedRole' }).actor).toMatchObject({ kind: 'robot', name: 'some role' });
    expect(acted({ type: 'AssumedRole', arn: 'arn:aws:sts::<ACCOUNT>:assumed-role/<ROLE>/<SESSION>' }).actor?.kind).toBe('robot');
    expect(acted({ type: 'AssumedRole', sessionContext: { sessionIssuer: { type: 'Role', userName: 'backup' } } }).actor?.name).toBe(
      'backup',
    );
  });

  it('is known by who gave it, where the record leaves its type out', () => {
    const { type: _, ...untyped } = role;

    expect(acted(untyped).actor).toMatchObject({ kind: 'robot', name: 'ci-deploy' });
  });

  it('has no long-term key, whatever its key looks like', () => {
    expect(acted({ ...role, accessKeyId: 'AKIA****************' }).credential).toBeUndefined();
    expect(acted({ ...user, accessKeyId: 'AKIA****************' }).credential).toBe('credential:AKIA****************');
  });
});

describe('a record written by hand', () => {
  const kindOf = (userIdentity: object) => translate(record('guardduty:DeleteDetector', { userIdentity })).observations[0]?.actor?.kind;

  it('spells types as it likes, or leaves them to the name', () => {
    expect(kindOf({ type: 'root', accountId: account })).toBe('root');
    expect(kindOf({ type: 'assumed-role', arn: `arn:aws:sts::${account}:assumed-role/x/y` })).toBe('robot');
    expect(kindOf({ arn: `arn:aws:iam::${account}:root` })).toBe('root');
    expect(kindOf({ arn: `arn:aws:sts::${account}:assumed-role/x/y` })).toBe('robot');
    expect(kindOf({ arn: `arn:aws:iam::${account}:user/ada` })).toBe('user');
    expect(kindOf({ type: 'Directory', principalId: 'x' })).toBe('unknown');
  });

  it('puts the sign-in under any service, and its failure stays one', () => {
    const signIn = (eventSource: string, ConsoleLogin: string) =>
      first({ ...record('signin:ConsoleLogin', { responseElements: { ConsoleLogin } }), eventSource }, 'signed.in').outcome;

    for (const source of ['iam.amazonaws.com', 'sts.amazonaws.com', 'eu-west-1.signin.aws.amazon.com', 'signin.amazonaws.com']) {
      expect(signIn(source, 'Failure')).toBe('failed');
      expect(signIn(source, 'Success')).toBeUndefined();
    }
  });

  it('names services as the event bus does', () => {
    const asked = { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };

    expect(first({ ...made('iam:AttachUserPolicy', asked), eventSource: 'aws.iam' }, 'access.granted').level).toBe('admin');
  });

  it('tells of a second factor in its own words', () => {
    const mfa = (MFAUsed: unknown) => first(record('signin:ConsoleLogin', { additionalEventData: { MFAUsed } }), 'signed.in').mfa;

    expect(['Yes', 'yes', true, 'true'].map(mfa)).toEqual([true, true, true, true]);
    expect(['No', 'no', false, 'false'].map(mfa)).toEqual([false, false, false, false]);
  });
});

describe('a user whose name was left out', () => {
  it('is somebody all the same', () => {
    const by = (userIdentity: object) => translate(record('guardduty:DeleteDetector', { userIdentity })).observations[0]?.actor;

    expect(by({ type: 'IAMUser', accountId: account })).toMatchObject({ kind: 'user', name: 'some user' });
    expect(by({ type: 'IAMUser', principalId: 'AIDAEXAMPLE' })?.name).toBe('AIDAEXAMPLE');
    expect(by(user)?.name).toBe('ada');
  });
});

describe('the audit log where it is kept', () => {
  const key = `AWSLogs/${account}/CloudTrail/us-east-1/2026/03/01/${account}_CloudTrail_us-east-1_20260301T1400Z_x.json.gz`;

  it('has lost something when its files are deleted, one by one or together', () => {
    const weakened = { guard: 'audit log', perhaps: true };

    expect(first(made('s3:DeleteObject', { bucketName: 'logs', key }), 'guard.weakened')).toMatchObject(weakened);
    expect(first(made('s3:DeleteObjects', { bucketName: 'logs', delete: { objects: [{ key }] } }), 'guard.weakened')).toMatchObject(
      weakened,
    );
    expect(first(made('s3:DeleteObjects', { bucketName: 'acme-cloudtrail' }), 'guard.weakened')).toMatchObject(weakened);
  });

  it('is not every file and every bucket', () => {
    for (const [call, asked] of [
      ['s3:DeleteObject', { bucketName: 'app-logs', key: 'application/2026/03/01/app.log.gz' }],
      ['s3:DeleteObject', { bucketName: 'logs', key: `AWSLogs/${account}/elasticloadbalancing/x.log.gz` }],
      ['s3:DeleteObjects', { bucketName: 'app-logs' }],
      ['s3:DeleteObjects', { bucketName: 'acme-cloudtrail-reports', delete: { objects: [{ key: 'x.pdf' }] } }],
    ] as const)
      expect(kindsOf(translate(made(call, asked)).observations)[0]).toBe('principal.acted');
  });

  it('forgets soon where its group of logs keeps days only, and not where it keeps a year', () => {
    const keeping = (retentionInDays: number) => made('logs:PutRetentionPolicy', { logGroupName: 'aws-cloudtrail-logs', retentionInDays });

    expect(first(keeping(1), 'guard.weakened').guard).toBe('audit log');
    expect(kindsOf(translate(keeping(365)).observations)[0]).toBe('principal.acted');
  });
});

describe('guards less often thought of', () => {
  const cases: [string, object | null, object][] = [
    ['wafv2:DeleteWebACL', { name: 'shop', scope: 'REGIONAL' }, { guard: 'firewall' }],
    ['wafv2:DisassociateWebACL', { resourceArn: 'arn:aws:elasticloadbalancing:x' }, { guard: 'firewall' }],
    ['waf-regional:DeleteRuleGroup', { ruleGroupId: 'x' }, { guard: 'firewall' }],
    ['securityhub:DeleteMembers', { accountIds: [account] }, { guard: 'threat detector' }],
    ['guardduty:DeleteInvitations', { accountIds: [account] }, { guard: 'threat detector', perhaps: true }],
    ['detective:DeleteGraph', { graphArn: 'arn:aws:detective:x' }, { guard: 'threat detector' }],
    ['config:DeleteConformancePack', { conformancePackName: 'x' }, { guard: 'configuration recorder', perhaps: true }],
    ['sns:SetSMSAttributes', { attributes: { MonthlySpendLimit: '1000' } }, { guard: 'budget', perhaps: true }],
  ];
  for (const [call, asked, says] of cases)
    it(`are ${call}`, () => {
      expect(first(made(call, asked), 'guard.weakened')).toMatchObject(says);
    });

  it('are not touched by what only looks alike', () => {
    for (const [call, asked] of [
      ['wafv2:UpdateWebACL', { name: 'shop' }],
      ['sns:SetSMSAttributes', { attributes: { DefaultSMSType: 'Promotional' } }],
    ] as const)
      expect(kindsOf(translate(made(call, asked)).observations)[0]).toBe('principal.acted');
  });
});

describe('ways in that are less often thought of', () => {
  const grace = `principal:arn:aws:iam::${account}:user/grace`;

  it('are certificates and keys of other sorts for a user', () => {
    expect(first(made('iam:UploadSigningCertificate', { userName: 'grace' }), 'credential.created')).toMatchObject({ owner: grace });
    expect(first(made('iam:UploadSSHPublicKey', { userName: 'grace' }), 'credential.created')).toMatchObject({ owner: grace, form: 'key' });
  });

  it('are open when a second factor is deleted, of oneself while signed in, else of whom it is called after', () => {
    const deleted = made('iam:DeleteVirtualMFADevice', { serialNumber: `arn:aws:iam::${account}:mfa/grace` });
    const signedIn = { ...user, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' };

    expect(first(deleted, 'second-factor.changed')).toMatchObject({ owner: grace, how: 'removed' });
    expect(first({ ...deleted, userIdentity: signedIn }, 'second-factor.changed').owner).toBe(`principal:arn:aws:iam::${account}:user/ada`);
  });

  it('are the root password of a member account, which is a task among others', () => {
    const taking = (task: string) =>
      made('sts:AssumeRoot', { targetPrincipal: account, taskPolicyArn: { arn: `arn:aws:iam::aws:policy/root-task/${task}` } });

    expect(first(taking('IAMCreateRootUserPassword'), 'owner.changed').what).toBe('password');
    expect(kindsOf(translate(taking('S3UnlockBucketPolicy')).observations)[0]).toBe('principal.acted');
    expect(first(refused('sts:AssumeRoot'), 'owner.changed').outcome).toBe('denied');
  });
});

describe('what was refused and not told', () => {
  const cases: [string, Kind][] = [
    ['events:DeleteRule', 'guard.weakened'],
    ['events:DisableRule', 'guard.weakened'],
    ['lambda:UpdateFunctionCode20150331v2', 'workload.defined'],
    ['lambda:AddPermission20150331v2', 'trust.opened'],
    ['lambda:CreateFunctionUrlConfig', 'trust.opened'],
    ['route53domains:RegisterDomain', 'commitment.bought'],
  ];
  for (const [call, kind] of cases)
    it(`to somebody keeps the meaning of ${call}, and to a program of one’s own means nothing`, () => {
      expect(first(refused(call), kind).outcome).toBe('denied');
      expect(kindsOf(translate(refused(call, { userIdentity: role })).observations)[0]).toBe('principal.acted');
    });

  it('is not what failed by a slip of the pen', () => {
    const slip = made('route53domains:RegisterDomain', { domainName: 'x' }, { errorCode: 'InvalidInput' });

    expect(kindsOf(translate(slip).observations)[0]).toBe('principal.acted');
  });
});

describe('what is asked of a person at the provider', () => {
  it('is more mail than the first days allow', () => {
    expect(first(made('ses:PutAccountDetails', { productionAccessEnabled: true }, { userIdentity: root }), 'support.asked').about).toBe(
      'limits',
    );
  });
});

describe('a record that was cut down', () => {
  const cut = (call: string, more: object = {}) => without(record(call, more), 'requestParameters', 'responseElements');

  it('of something that cannot be done without saying what is taken for the worse', () => {
    expect(first(cut('iam:CreateUser'), 'identity.created').what).toBe('user');
    expect(first(cut('iam:AttachUserPolicy'), 'access.granted').level).toBe('admin');
    expect(first(cut('iam:CreatePolicyVersion'), 'access.granted').level).toBe('admin');
    expect(first(cut('iam:UpdateAssumeRolePolicy'), 'trust.opened').to).toBe('unknown');
    expect(first(cut('cloudtrail:PutEventSelectors'), 'guard.weakened')).toMatchObject({ guard: 'audit log', perhaps: true });
  });

  it('of a program that gives roles their rights is not', () => {
    expect(first(cut('iam:AttachRolePolicy', { userIdentity: role }), 'access.granted').level).toBe('other');
  });

  it('is not one in which there was nothing to write', () => {
    for (const call of ['iam:AttachUserPolicy', 'iam:UpdateAssumeRolePolicy', 'cloudtrail:PutEventSelectors', 'cloudtrail:UpdateTrail'])
      expect(kindsOf(translate(record(call, { requestParameters: null })).observations)[0]).toBe('principal.acted');
    expect(first(record('iam:PutUserPolicy', { requestParameters: null }), 'access.granted').level).toBe('other');
  });

  it('of what people take from themselves is about them', () => {
    expect(first(cut('iam:DeleteLoginProfile'), 'identity.removed').subject).toContain('user/ada');
  });

  it('that tells to whom, and not what, is taken for the worse too; where nothing is left out, for what it says', () => {
    expect(first(made('iam:PutUserPolicy', { userName: 'x', policyName: 'FullAccess' }), 'access.granted').level).toBe('admin');
    expect(first(made('iam:AttachUserPolicy', { userName: 'x' }), 'access.granted').level).toBe('admin');
    expect(first(made('iam:AttachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/X' }), 'access.granted').level).toBe(
      'other',
    );
    expect(first(made('iam:UpdateAssumeRolePolicy', { roleName: 'x' }), 'trust.opened').to).toBe('unknown');
    expect(kindsOf(translate(made('iam:UpdateAssumeRolePolicy', {})).observations)[0]).toBe('principal.acted');
    const chosen = made('iam:SetDefaultPolicyVersion', { policyArn: `arn:aws:iam::${account}:policy/x`, versionId: 'v1' });
    expect(first({ ...chosen, userIdentity: role }, 'access.granted').level).toBe('other');
    expect(first(chosen, 'access.granted').level).toBe('admin');
  });

  it('of a new key is about somebody else, unless the answer says whose it is, or it is root’s', () => {
    const owner = (more: object) => first(record('iam:CreateAccessKey', { requestParameters: null, ...more }), 'credential.created').owner;
    const answer = (userName?: string) => ({ responseElements: { accessKey: { accessKeyId: 'AKIAEXAMPLE', userName } } });

    expect(owner(answer())).toContain('user/unknown');
    expect(owner({ responseElements: {} })).toContain('user/unknown');
    expect(owner(answer('ada'))).toContain('user/ada');
    expect(owner({ ...answer(), userIdentity: root })).toContain('root');
  });
});

describe('a guard rail for models', () => {
  it('is weakened when it is deleted or changed, and not when it is made or read', () => {
    for (const call of ['bedrock:DeleteGuardrail', 'bedrock:UpdateGuardrail'])
      expect(first(made(call, { guardrailIdentifier: 'x' }), 'guard.weakened').guard).toBe('firewall');
    for (const call of ['bedrock:CreateGuardrail', 'bedrock:GetGuardrail'])
      expect(kindsOf(translate(made(call, { name: 'x' })).observations)[0]).toBe('principal.acted');
  });
});
