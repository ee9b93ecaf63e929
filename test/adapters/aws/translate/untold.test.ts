import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../src/checks/observation.ts';
import { account, first, kindsOf, record, translate } from './records.ts';

const refused = (call: string, on: string) =>
  record(call, {
    errorCode: 'AccessDenied',
    errorMessage: `User: arn:aws:iam::${account}:user/team/ada is not authorized to perform: ${call} on resource: ${on} because no identity-based policy allows the ${call} action`,
  });
const made = (call: string, requestParameters: object | null, more: object = {}) => record(call, { requestParameters, ...more });
const user = (name: string) => `principal:arn:aws:iam::${account}:user/${name}`;

describe('a refused call, of which the record keeps no parameters', () => {
  const cases: [string, string, Kind, object][] = [
    ['iam:CreateUser', `arn:aws:iam::${account}:user/x`, 'identity.created', { subject: user('x') }],
    ['iam:CreateAccessKey', 'user grace', 'credential.created', { owner: user('grace'), form: 'key' }],
    ['iam:CreateLoginProfile', 'user grace', 'credential.created', { owner: user('grace'), form: 'password' }],
    ['iam:DeactivateMFADevice', 'user grace', 'second-factor.changed', { owner: user('grace') }],
    ['iam:AttachUserPolicy', 'user grace', 'access.granted', { to: user('grace'), level: 'admin' }],
    ['iam:PutGroupPolicy', 'group staff', 'access.granted', { level: 'admin' }],
    ['iam:CreatePolicyVersion', `policy arn:aws:iam::${account}:policy/p`, 'access.granted', { level: 'admin' }],
    ['iam:UpdateAssumeRolePolicy', 'role deploy', 'trust.opened', { resource: `resource:arn:aws:iam::${account}:role/deploy` }],
    ['iam:CreateSAMLProvider', `arn:aws:iam::${account}:saml-provider/x`, 'credential.created', { form: 'federation' }],
    ['cloudtrail:PutEventSelectors', 'trail', 'guard.weakened', { guard: 'audit log', perhaps: true }],
    ['guardduty:UpdateDetector', 'detector', 'guard.weakened', { guard: 'threat detector', perhaps: true }],
    ['account:EnableRegion', 'region', 'region.opened', { region: 'unknown' }],
    ['servicequotas:RequestServiceQuotaIncrease', 'quota', 'quota.asked', { of: 'compute', state: 'refused' }],
  ];
  for (const [call, on, kind, says] of cases) {
    it(`keeps the meaning of ${call}`, () => {
      expect(first(refused(call, on), kind)).toMatchObject({ ...says, outcome: 'denied' });
    });
  }

  it('makes nothing: no new thing is linked to anybody', () => {
    const { observations } = translate(refused('iam:CreateAccessKey', 'user grace'));

    expect(observations.filter((one) => one.kind === 'identity.linked').map(({ how }) => how)).toEqual(['key of']);
  });
});

describe('a record that leaves much out', () => {
  it('of somebody it does not name is still somebody’s', () => {
    const { actor } = first(made('iam:CreateUser', { userName: 'x' }, { userIdentity: undefined }), 'identity.created');

    expect(actor).toMatchObject({ kind: 'unknown', name: 'somebody' });
  });

  it('of an event of a service is that service’s', () => {
    const own = { userIdentity: { accountId: account, invokedBy: 'AWS Internal' }, eventType: 'AwsServiceEvent' };

    expect(translate(record('kms:RotateKey', own)).observations[0]?.actor).toMatchObject({ kind: 'provider' });
  });

  it('without request and answer still says that an identity provider was made, a key was, or a log of the network is gone', () => {
    expect(first(record('iam:CreateSAMLProvider'), 'credential.created').form).toBe('federation');
    expect(first(made('iam:CreateAccessKey', { userName: 'x' }), 'credential.created').owner).toBe(user('x'));
    expect(first(record('ec2:DeleteFlowLogs'), 'guard.weakened').guard).toBe('network log');
  });

  it('without a zone means UTC, wherever it is read', () => {
    for (const eventTime of ['2022-09-27 17:09:18', '2022-09-27 17:09:18.000000000', '2022-09-27T17:09:18'])
      expect(translate(record('iam:GetUser', { eventTime })).observations[0]?.at).toBe('2022-09-27T17:09:18.000Z');
  });

  it('of something at sign-in that says Failure failed', () => {
    const changed = record('signin:PasswordUpdated', { responseElements: { PasswordUpdated: 'Failure' } });

    expect(first(changed, 'owner.changed').outcome).toBe('failed');
  });
});

describe('who is let in', () => {
  const trusting = (statement: object) =>
    made('iam:UpdateAssumeRolePolicy', {
      roleName: 'r',
      policyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }] }),
    });
  const hub = { Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` };
  const claim = (name: string) => ({ StringLike: { [`token.actions.githubusercontent.com:${name}`]: 'x' } });

  it('is anybody where a password is the only condition, and nobody new where an organization is', () => {
    const open = trusting({ Principal: '*', Condition: { StringEquals: { 'sts:ExternalId': '12345' } } });
    const closed = trusting({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } });

    expect(first(open, 'trust.opened')).toMatchObject({ to: '*', unconditional: true });
    expect(first(closed, 'trust.opened')).toMatchObject({ to: '*', unconditional: false });
  });

  it('is every user of a build service where no project is named', () => {
    expect(first(trusting({ Principal: hub, Condition: claim('aud') }), 'trust.opened')).toMatchObject({
      to: 'token.actions.githubusercontent.com',
      unconditional: true,
    });
    expect(kindsOf(translate(trusting({ Principal: hub, Condition: claim('sub') })).observations)[0]).toBe('principal.acted');
  });
});

describe('where what happened is written', () => {
  const keptFor = (days: number, bucketName: string, status = 'Enabled') =>
    made('s3:PutBucketLifecycle', {
      bucketName,
      LifecycleConfiguration: { Rule: { Expiration: { Days: days }, Status: status } },
    });

  it('is perhaps lost when its bucket forgets after a day, or its group of logs is deleted', () => {
    expect(first(keptFor(1, 'acme-cloudtrail'), 'guard.weakened')).toMatchObject({ guard: 'audit log', perhaps: true });
    expect(first(made('logs:DeleteLogGroup', { logGroupName: 'aws-cloudtrail-logs-1' }), 'guard.weakened').perhaps).toBe(true);
  });

  it('is not lost when it is kept for years, when the rule is off, or when it is another bucket', () => {
    for (const event of [
      keptFor(730, 'acme-cloudtrail'),
      keptFor(1, 'acme-cloudtrail', 'Disabled'),
      keptFor(1, 'acme-builds'),
      made('logs:DeleteLogGroup', { logGroupName: '/aws/lambda/web' }),
    ])
      expect(translate(event).observations[0]?.kind).toBe('principal.acted');
  });

  it('has guards that can be blinded in part', () => {
    const features = [{ name: 'S3_DATA_EVENTS', status: 'DISABLED' }];

    expect(first(made('guardduty:UpdateDetector', { detectorId: 'd', features }), 'guard.weakened').perhaps).toBe(true);
    expect(first(made('macie2:UpdateMacieSession', { status: 'PAUSED' }), 'guard.weakened').perhaps).toBeUndefined();
    expect(first(made('securityhub:BatchUpdateFindings', { workflow: { status: 'SUPPRESSED' } }), 'guard.weakened').perhaps).toBe(true);
    expect(translate(made('securityhub:BatchUpdateFindings', { workflow: { status: 'RESOLVED' } })).observations[0]?.kind).toBe(
      'principal.acted',
    );
  });
});

describe('other words', () => {
  it('say what of a function was changed', () => {
    const whatOf = (call: string, requestParameters: object) =>
      first(made(call, { functionName: 'f', ...requestParameters }), 'workload.defined').what;

    expect(whatOf('lambda:UpdateFunctionCode20150331v2', {})).toBe('the code of a Lambda function');
    expect(whatOf('lambda:UpdateFunctionConfiguration20150331v2', { layers: ['arn:aws:lambda:us-east-1:1:layer:x:1'] })).toBe(
      'the layers of a Lambda function',
    );
    expect(whatOf('lambda:UpdateFunctionConfiguration20150331v2', { memorySize: 512 })).toBe('a Lambda function');
    expect(translate(made('lambda:UpdateFunctionCode', { functionName: 'f', dryRun: true })).observations[0]?.kind).toBe('principal.acted');
  });

  it('tell a portal where people pick an account from a key turned into a sign-in', () => {
    const session = { type: 'AssumedRole', accountId: account, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' };
    const asked = (role: string) =>
      first(
        record('signin:GetSigninToken', { userIdentity: { ...session, arn: `arn:aws:sts::${account}:assumed-role/${role}/ada` } }),
        'signed.in',
      ).how;

    expect([asked('AWSReservedSSO_Admin_1'), asked('deploy')]).toEqual(['federation', 'key']);
  });

  it('are the same for a sign-in in the browser and for what is done there afterwards', () => {
    const programs = ['Mozilla/5.0 (X11; Linux x86_64)', 'signin.amazonaws.com', 'console.ec2.amazonaws.com'].map(
      (userAgent) => translate(record('iam:GetUser', { userAgent })).observations[0]?.program,
    );

    expect(programs).toEqual(['console', 'console', 'console']);
    expect(translate(record('iam:GetUser', { userAgent: 'aws-sdk', sessionCredentialFromConsole: 'true' })).observations[0]?.program).toBe(
      'console',
    );
  });

  it('name the story in which the bot’s own session acts', () => {
    const act = `arn:aws:iam::${account}:role/cloudwarden-act`;
    const userIdentity = {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/cloudwarden-act/cloudwarden-INC-12`,
      accountId: account,
      sessionContext: { sessionIssuer: { type: 'Role', arn: act, userName: 'cloudwarden-act' } },
    };

    expect(first(record('ec2:StopInstances', { userIdentity }), 'ourselves.acted', { own: { act } }).incident).toBe('INC-12');
  });

  it('for a launch are read also where the size is wrapped', () => {
    const wrapped = made('ec2:RunInstances', { instanceType: { value: 'p3.2xlarge' }, instancesSet: { items: [{ maxCount: 1 }] } });

    expect(first(wrapped, 'compute.asked').shape?.type).toBe('p3.2xlarge');
  });

  it('for a password tried to be found stay a failed sign-in', () => {
    const wrong = record('signin:ConsoleLogin', { responseElements: { ConsoleLogin: 'Failure' }, errorMessage: 'Failed authentication' });

    expect(first(wrong, 'signed.in')).toMatchObject({ outcome: 'failed', how: 'password' });
  });
});
