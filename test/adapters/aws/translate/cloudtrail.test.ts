import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { translateCloudTrail, withoutRepeatedLinks } from '../../../../src/adapters/aws/translate/cloudtrail.ts';
import type { Observation } from '../../../../src/checks/observation.ts';
import { account, first, record, role, translate, user } from './records.ts';
import { takeoverRecords } from './takeover-records.ts';

const links = (event: unknown) =>
  translate(event).observations.flatMap((one) => (one.kind === 'identity.linked' ? [`${one.from} ${one.how} ${one.to}`] : []));

describe('what every record says', () => {
  it('carries time, place, network, actor and key, and the record as evidence', () => {
    const { observations } = translate(record('s3:ListAllMyBuckets'));

    expect(observations[0]).toEqual({
      kind: 'principal.acted',
      id: '11111111-2222-3333-4444-555555555555',
      at: '2026-03-01T14:02:00.000Z',
      heard: '2026-03-01T14:05:00.000Z',
      by: 'aws/audit-log',
      place: { scope: { cloud: 'aws', level: 'account', id: account }, region: 'us-east-1' },
      evidence: ['11111111-2222-3333-4444-555555555555'],
      network: { address: '192.0.2.7', kind: 'unknown' },
      actor: {
        subject: `principal:arn:aws:iam::${account}:user/ada`,
        name: 'ada',
        kind: 'user',
        home: { cloud: 'aws', level: 'account', id: account },
      },
      credential: 'credential:AKIAIOSFODNN7EXAMPLE',
      operation: 's3:ListAllMyBuckets',
      userAgent: 'aws-cli/2.0',
      program: 'aws-cli',
    });
    expect(observations[1]).toMatchObject({ kind: 'identity.linked', id: '11111111-2222-3333-4444-555555555555/1' });
    expect(links(record('s3:ListAllMyBuckets'))).toEqual([
      `credential:AKIAIOSFODNN7EXAMPLE key of principal:arn:aws:iam::${account}:user/ada`,
    ]);
  });

  it('names a role by its own ARN without its path, and the session beside it', () => {
    const acted = first(record('ec2:DescribeInstances', { userIdentity: role }), 'principal.acted');

    expect(acted.actor).toMatchObject({
      subject: `principal:arn:aws:iam::${account}:role/ci-deploy`,
      name: 'ci-deploy',
      kind: 'robot',
    });
    expect(acted.session).toBe('session:ASIAIOSFODNN7EXAMPLE');
    expect(acted.credential).toBeUndefined();
  });

  it('builds the ARN of a role from the session when the issuer is missing', () => {
    const acted = first(record('ec2:DescribeInstances', { userIdentity: { ...role, sessionContext: undefined } }), 'principal.acted');

    expect(acted.actor?.subject).toBe(`principal:arn:aws:iam::${account}:role/ci-deploy`);
  });

  const callers: [string, object, object][] = [
    [
      'root',
      { type: 'Root', arn: `arn:aws:iam::${account}:root`, accountId: account },
      { kind: 'root', name: 'root', subject: `principal:arn:aws:iam::${account}:root` },
    ],
    [
      'a service',
      { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
      { kind: 'provider', subject: 'principal:autoscaling.amazonaws.com' },
    ],
    [
      'a service-linked role',
      {
        ...role,
        invokedBy: 'autoscaling.amazonaws.com',
        sessionContext: {
          sessionIssuer: {
            arn: `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
            userName: 'AWSServiceRoleForAutoScaling',
          },
        },
      },
      { kind: 'provider' },
    ],
    ['a person for whom a service acts', { ...user, invokedBy: 'cloudformation.amazonaws.com' }, { kind: 'user', name: 'ada' }],
    ['an instance', { ...role, arn: `arn:aws:sts::${account}:assumed-role/web/i-0abcdef1234567890` }, { kind: 'workload' }],
    [
      'somebody of Identity Center',
      {
        ...role,
        arn: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_1/ada@example.com`,
        sessionContext: {
          sessionIssuer: {
            arn: `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1`,
            userName: 'AWSReservedSSO_Admin_1',
          },
        },
      },
      { kind: 'federated', name: 'ada@example.com (AWSReservedSSO_Admin_1)' },
    ],
    [
      'a federated session, which is cut off by its user',
      {
        type: 'FederatedUser',
        arn: `arn:aws:sts::${account}:federated-user/x`,
        accountId: account,
        sessionContext: { sessionIssuer: { type: 'IAMUser', arn: user.arn, userName: 'ada' } },
      },
      { kind: 'user', subject: `principal:arn:aws:iam::${account}:user/ada` },
    ],
    [
      'a web identity',
      { type: 'WebIdentityUser', userName: 'repo:example/app', identityProvider: 'token.actions.githubusercontent.com' },
      { kind: 'federated', name: 'repo:example/app' },
    ],
    [
      'another account',
      { type: 'AWSAccount', accountId: '210987654321', principalId: 'AIDAX' },
      { kind: 'unknown', home: { cloud: 'aws', level: 'account', id: '210987654321' } },
    ],
    ['somebody unheard of', { type: 'Quantum', userName: 'q' }, { kind: 'unknown', name: 'q' }],
  ];
  for (const [name, userIdentity, actor] of callers) {
    it(`knows ${name}`, () => {
      expect(first(record('ec2:DescribeInstances', { userIdentity }), 'principal.acted').actor).toMatchObject(actor);
    });
  }

  it('says that a call was denied or failed, but not that a key therefore is nobody’s', () => {
    const { observations } = translate(record('organizations:LeaveOrganization', { errorCode: 'AccessDenied', errorMessage: 'no' }));

    expect(observations[0]).toMatchObject({ kind: 'organization.changed', outcome: 'denied' });
    expect(observations[1]).not.toHaveProperty('outcome');
    expect(first(record('ec2:DescribeInstances', { errorCode: 'Client.InvalidInstanceID.NotFound' }), 'principal.acted').outcome).toBe(
      'failed',
    );
  });

  it('reads a console sign-in, its second factor and its failure', () => {
    const login = {
      userIdentity: { ...user, accessKeyId: undefined },
      responseElements: { ConsoleLogin: 'Success' },
      additionalEventData: { MFAUsed: 'Yes' },
    };

    expect(first(record('signin:ConsoleLogin', login), 'signed.in')).toMatchObject({ how: 'password', mfa: true });
    expect(first(record('signin:ConsoleLogin', { ...login, responseElements: { ConsoleLogin: 'Failure' } }), 'signed.in').outcome).toBe(
      'failed',
    );
    expect(first(record('signin:ConsoleLogin', { ...login, userIdentity: role }), 'signed.in').how).toBe('federation');
  });

  it('counts one deed for records that two accounts keep of one act', () => {
    expect(first(record('sts:AssumeRole', { sharedEventID: 'shared-1' }), 'principal.acted').deed).toBe('shared-1');
  });

  it('gives a record without an id the same name each time, and says what cannot be placed', () => {
    const { eventID: _, ...nameless } = record('ec2:DescribeInstances');

    expect(translate(nameless).observations[0]?.id).toMatch(/^sha256-/);
    expect(translate(nameless).observations[0]?.id).toBe(translate({ ...nameless }).observations[0]?.id);
    expect(translate({ ...nameless, eventTime: 'soon' })).toMatchObject({
      observations: [],
      problem: 'a record without a readable eventTime',
    });
    expect(translate('hello')).toMatchObject({ observations: [], problem: 'not a CloudTrail record' });
  });

  it('says once whose key it is', () => {
    const filter = withoutRepeatedLinks();

    const kept = [record('s3:A'), record('s3:B', { eventID: 'b' })].flatMap((one) => filter(translate(one).observations));

    expect(kept.map((one) => one.kind)).toEqual(['principal.acted', 'identity.linked', 'principal.acted']);
  });
});

describe('compute', () => {
  const launched = {
    requestParameters: { instancesSet: { items: [{ imageId: 'ami-1', minCount: 2, maxCount: 2 }] }, instanceType: 'g5.12xlarge' },
    responseElements: {
      instancesSet: {
        items: [
          { instanceId: 'i-0aaa', instanceType: 'g5.12xlarge' },
          { instanceId: 'i-0bbb', instanceType: 'g5.12xlarge' },
        ],
      },
    },
  };

  it('says what one of them costs, where a price table is at hand', () => {
    const price = (type: string, region: string) => ({ usd: type === 'g5.12xlarge' && region === 'ap-south-1' ? 5.672 : 0 });
    const { observations } = translateCloudTrail(record('ec2:RunInstances', { ...launched, awsRegion: 'ap-south-1' }), {
      by: 'test',
      price,
    });

    expect(observations.find((one) => one.kind === 'compute.asked')).toMatchObject({
      perHour: { amount: 5.672, currency: 'USD', usd: 5.672 },
    });
  });

  it('sees machines asked for, and who started them: the session of a role, else the key', () => {
    const asked = first(record('ec2:RunInstances', { ...launched, awsRegion: 'ap-south-1', userIdentity: role }), 'compute.asked');

    expect(asked).toMatchObject({
      resources: [
        `resource:arn:aws:ec2:ap-south-1:${account}:instance/i-0aaa`,
        `resource:arn:aws:ec2:ap-south-1:${account}:instance/i-0bbb`,
      ],
      count: 2,
      shape: { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 },
    });
    expect(links(record('ec2:RunInstances', { ...launched, userIdentity: role }))).toContain(
      `resource:arn:aws:ec2:us-east-1:${account}:instance/i-0aaa started session:ASIAIOSFODNN7EXAMPLE`,
    );
    expect(links(record('ec2:RunInstances', launched))).toContain(
      `resource:arn:aws:ec2:us-east-1:${account}:instance/i-0aaa started credential:AKIAIOSFODNN7EXAMPLE`,
    );
  });

  it('links machines of an Auto Scaling group to the group, never to the service that started them', () => {
    const event = record('ec2:RunInstances', {
      ...launched,
      userIdentity: { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' },
      requestParameters: {
        ...launched.requestParameters,
        tagSpecificationSet: { items: [{ resourceType: 'instance', tags: [{ key: 'aws:autoscaling:groupName', value: 'web' }] }] },
      },
    });

    expect(links(event)).toEqual([
      `resource:arn:aws:ec2:us-east-1:${account}:instance/i-0aaa started resource:arn:aws:autoscaling:us-east-1:${account}:autoScalingGroup:*:autoScalingGroupName/web`,
      `resource:arn:aws:ec2:us-east-1:${account}:instance/i-0bbb started resource:arn:aws:autoscaling:us-east-1:${account}:autoScalingGroup:*:autoScalingGroupName/web`,
    ]);
  });

  it('takes the number from the request when the answer was cut from the record, in any spelling', () => {
    expect(
      first(
        record('ec2:RunInstances', { requestParameters: { instancesSet: [{ maxCount: '40' }], instanceType: 'c5.large' } }),
        'compute.asked',
      ).count,
    ).toBe(40);
  });

  const refusals: [string, string][] = [
    ['Client.DryRunOperation', 'dry run'],
    ['Client.UnauthorizedOperation', 'not allowed'],
    ['AccessDenied', 'not allowed'],
    ['Client.VcpuLimitExceeded', 'quota'],
    ['Client.InstanceLimitExceeded', 'quota'],
    ['Client.MaxSpotInstanceCountExceeded', 'quota'],
    ['Server.InsufficientInstanceCapacity', 'capacity'],
    ['Client.Unsupported', 'capacity'],
    ['Client.Blocked', 'account blocked'],
    ['Client.PendingVerification', 'account blocked'],
  ];
  for (const [errorCode, why] of refusals) {
    it(`says why machines were refused: ${errorCode} is ${why}`, () => {
      expect(first(record('ec2:RunInstances', { ...launched, responseElements: null, errorCode }), 'compute.refused')).toMatchObject({
        why,
        shape: { family: 'g5' },
      });
    });
  }

  it('takes a slip of the pen or throttling for neither a launch nor a refusal', () => {
    expect(
      first(
        record('ec2:RunInstances', { ...launched, responseElements: null, errorCode: 'Client.InvalidAMIID.NotFound' }),
        'principal.acted',
      ).outcome,
    ).toBe('failed');
    expect(
      first(
        record('ec2:RunInstances', { ...launched, responseElements: null, errorCode: 'Client.RequestLimitExceeded' }),
        'principal.acted',
      ).outcome,
    ).toBe('failed');
  });

  it('sees fleets, Spot requests, restarts and Auto Scaling groups', () => {
    const fleet = record('ec2:CreateFleet', {
      requestParameters: {
        CreateFleetRequest: {
          TargetCapacitySpecification: { TotalTargetCapacity: 30, DefaultTargetCapacityType: 'spot' },
          LaunchTemplateConfigs: { Overrides: { InstanceType: 'c5a.24xlarge' } },
        },
      },
    });
    const spotFleet = record('ec2:RequestSpotFleet', {
      requestParameters: { spotFleetRequestConfig: { targetCapacity: 12, launchSpecifications: [{ instanceType: 'g5.48xlarge' }] } },
    });
    const spot = record('ec2:RequestSpotInstances', {
      requestParameters: { instanceCount: 5, launchSpecification: { instanceType: 'g4dn.xlarge' } },
    });
    const start = record('ec2:StartInstances', {
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-0ccc' }] } },
      responseElements: { instancesSet: { items: [{ instanceId: 'i-0ccc' }] } },
    });
    const group = record('autoscaling:CreateAutoScalingGroup', {
      requestParameters: { autoScalingGroupName: 'asg-1', minSize: 20, maxSize: 999, desiredCapacity: 20 },
    });

    expect(first(fleet, 'compute.asked')).toMatchObject({ count: 30, shape: { type: 'c5a.24xlarge', spot: true } });
    expect(first(spotFleet, 'compute.asked')).toMatchObject({ count: 12, shape: { type: 'g5.48xlarge', gpus: 8 } });
    expect(first(spot, 'compute.asked')).toMatchObject({ count: 5, shape: { type: 'g4dn.xlarge', spot: true } });
    expect(first(start, 'compute.asked')).toMatchObject({
      count: 1,
      again: true,
      resources: [`resource:arn:aws:ec2:us-east-1:${account}:instance/i-0ccc`],
    });
    expect(first(group, 'launcher.changed')).toMatchObject({ desired: 20, most: 999 });
  });
});

describe('identities', () => {
  it('sees a user made, its key, and its rights, each linked to the key that did it', () => {
    const made = record('iam:CreateUser', {
      requestParameters: { userName: 'x1' },
      responseElements: { user: { arn: `arn:aws:iam::${account}:user/x1`, userName: 'x1' } },
    });
    const key = record('iam:CreateAccessKey', {
      requestParameters: { userName: 'x1' },
      responseElements: { accessKey: { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', userName: 'x1' } },
    });
    const login = record('iam:CreateLoginProfile', { requestParameters: { userName: 'x1', passwordResetRequired: false } });
    const admin = record('iam:AttachUserPolicy', {
      requestParameters: { userName: 'x1', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    });

    expect(first(made, 'identity.created')).toMatchObject({ subject: `principal:arn:aws:iam::${account}:user/x1`, what: 'user' });
    expect(links(made)).toContain(`principal:arn:aws:iam::${account}:user/x1 created credential:AKIAIOSFODNN7EXAMPLE`);
    expect(first(key, 'credential.created')).toMatchObject({
      credential: 'credential:AKIAI44QH8DHBEXAMPLE',
      form: 'key',
      owner: `principal:arn:aws:iam::${account}:user/x1`,
    });
    expect(links(key)).toEqual(
      expect.arrayContaining([
        `credential:AKIAI44QH8DHBEXAMPLE key of principal:arn:aws:iam::${account}:user/x1`,
        'credential:AKIAI44QH8DHBEXAMPLE created credential:AKIAIOSFODNN7EXAMPLE',
      ]),
    );
    expect(first(login, 'credential.created')).toMatchObject({ form: 'password', owner: `principal:arn:aws:iam::${account}:user/x1` });
    expect(first(admin, 'access.granted')).toMatchObject({
      to: `principal:arn:aws:iam::${account}:user/x1`,
      level: 'admin',
      how: 'AdministratorAccess',
    });
  });

  it('takes a user with a path for the same user in every call', () => {
    const made = record('iam:CreateUser', {
      requestParameters: { userName: 'x1', path: '/a/b/' },
      responseElements: { user: { arn: `arn:aws:iam::${account}:user/a/b/x1`, userName: 'x1' } },
    });
    const admin = record('iam:AttachUserPolicy', {
      requestParameters: { userName: 'x1', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    });
    const acting = record('ec2:DescribeInstances', {
      userIdentity: { ...user, arn: `arn:aws:iam::${account}:user/a/b/x1`, userName: 'x1' },
    });

    const name = `principal:arn:aws:iam::${account}:user/x1`;
    expect(links(made)[0]).toMatch(new RegExp(`^${name} created`));
    expect(first(admin, 'access.granted').to).toBe(name);
    expect(first(acting, 'principal.acted').actor?.subject).toBe(name);
  });

  it('keeps the path of AWS’s own roles, which says whose they are', () => {
    const arn = `arn:aws:iam::${account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`;
    const acting = record('ec2:DescribeInstances', { userIdentity: { ...role, sessionContext: { sessionIssuer: { arn } } } });

    expect(first(acting, 'principal.acted').actor?.subject).toBe(`principal:${arn}`);
  });

  it('sees root make a key for itself', () => {
    const event = record('iam:CreateAccessKey', {
      userIdentity: { type: 'Root', arn: `arn:aws:iam::${account}:root`, accountId: account },
      responseElements: { accessKey: { accessKeyId: 'AKIAI44QH8DHBEXAMPLE' } },
    });

    expect(first(event, 'credential.created').owner).toBe(`principal:arn:aws:iam::${account}:root`);
  });

  it('follows a session to its role and to who took it', () => {
    const event = record('sts:AssumeRole', {
      requestParameters: { roleArn: `arn:aws:iam::${account}:role/bots/ci-deploy` },
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE', sessionToken: 'secret' } },
    });

    expect(links(event)).toEqual(
      expect.arrayContaining([
        `session:ASIAI44QH8DHBEXAMPLE session of principal:arn:aws:iam::${account}:role/ci-deploy`,
        'session:ASIAI44QH8DHBEXAMPLE assumed credential:AKIAIOSFODNN7EXAMPLE',
      ]),
    );
  });

  it('does not hang an instance’s session from EC2, which hands out everybody’s', () => {
    const event = record('sts:AssumeRole', {
      userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      requestParameters: { roleArn: `arn:aws:iam::${account}:role/web` },
      responseElements: { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' } },
    });

    expect(links(event)).toEqual([`session:ASIAI44QH8DHBEXAMPLE session of principal:arn:aws:iam::${account}:role/web`]);
  });

  const everything = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
  const some = JSON.stringify({ Statement: { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] } });
  it('tells an administrator’s policy from others, plain and URL-encoded', () => {
    const inline = (policyDocument: string) =>
      record('iam:PutUserPolicy', { requestParameters: { userName: 'x1', policyName: 'p', policyDocument } });

    expect(first(inline(everything), 'access.granted')).toMatchObject({ level: 'admin', how: 'inline policy p' });
    expect(first(inline(encodeURIComponent(everything)), 'access.granted').level).toBe('admin');
    expect(first(inline(some), 'access.granted').level).toBe('other');
    expect(first(inline('not a document'), 'access.granted').level).toBe('other');
    expect(
      first(record('iam:AddUserToGroup', { requestParameters: { userName: 'x1', groupName: 'ops' } }), 'access.granted'),
    ).toMatchObject({ level: 'other', how: 'group ops' });
    expect(
      first(
        record('iam:CreatePolicyVersion', {
          requestParameters: { policyArn: `arn:aws:iam::${account}:policy/p`, policyDocument: everything },
        }),
        'access.granted',
      ).level,
    ).toBe('admin');
  });

  it('sees a role opened to another account, and whether anything narrows it; its own account is no news', () => {
    const trust = (AWS: unknown, more: object = {}) =>
      record('iam:UpdateAssumeRolePolicy', {
        requestParameters: {
          roleName: 'r',
          policyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole', ...more }] }),
        },
      });

    expect(first(trust('arn:aws:iam::210987654321:root'), 'trust.opened')).toMatchObject({ to: '210987654321', unconditional: true });
    expect(first(trust(['210987654321'], { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }), 'trust.opened').unconditional).toBe(
      false,
    );
    expect(first(trust('*'), 'trust.opened').to).toBe('*');
    expect(first(trust(`arn:aws:iam::${account}:role/x`), 'principal.acted').operation).toBe('iam:UpdateAssumeRolePolicy');
  });

  it('takes the quarantine policy for what it is: AWS says that a key leaked', () => {
    const event = record('iam:AttachUserPolicy', {
      requestParameters: { userName: 'ada', policyArn: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3' },
    });

    expect(first(event, 'provider.alerted')).toMatchObject({
      about: 'leak',
      severity: 'critical',
      subjects: [`principal:arn:aws:iam::${account}:user/ada`],
    });
  });
});

describe('guards', () => {
  const cases: [string, object, string, string][] = [
    ['cloudtrail:StopLogging', { name: 'main' }, 'audit log', `resource:arn:aws:cloudtrail:us-east-1:${account}:trail/main`],
    [
      'cloudtrail:DeleteTrail',
      { name: `arn:aws:cloudtrail:eu-west-1:${account}:trail/main` },
      'audit log',
      `resource:arn:aws:cloudtrail:eu-west-1:${account}:trail/main`,
    ],
    [
      'cloudtrail:UpdateTrail',
      { name: 'main', isMultiRegionTrail: false },
      'audit log',
      `resource:arn:aws:cloudtrail:us-east-1:${account}:trail/main`,
    ],
    [
      'cloudtrail:PutEventSelectors',
      { trailName: 'main', eventSelectors: [{ includeManagementEvents: false }] },
      'audit log',
      `resource:arn:aws:cloudtrail:us-east-1:${account}:trail/main`,
    ],
    [
      'cloudtrail:PutEventSelectors',
      { trailName: 'main', advancedEventSelectors: { items: [{ fieldSelectors: [{ field: 'eventCategory', equals: ['Data'] }] }] } },
      'audit log',
      `resource:arn:aws:cloudtrail:us-east-1:${account}:trail/main`,
    ],
    ['guardduty:DeleteDetector', { detectorId: 'd1' }, 'threat detector', `resource:arn:aws:guardduty:us-east-1:${account}:detector/d1`],
    [
      'guardduty:UpdateDetector',
      { detectorId: 'd1', enable: false },
      'threat detector',
      `resource:arn:aws:guardduty:us-east-1:${account}:detector/d1`,
    ],
    ['budgets:DeleteBudget', { budgetName: 'monthly' }, 'budget', `resource:arn:aws:budgets:us-east-1:${account}:budget/monthly`],
    [
      'ce:DeleteAnomalyMonitor',
      { monitorArn: `arn:aws:ce::${account}:anomalymonitor/1` },
      'budget',
      `resource:arn:aws:ce::${account}:anomalymonitor/1`,
    ],
    ['monitoring:DeleteAlarms', { alarmNames: ['billing'] }, 'alarm', `resource:arn:aws:cloudwatch:us-east-1:${account}:alarm:billing`],
  ];
  for (const [call, requestParameters, guard, resource] of cases) {
    it(`sees ${call} ${JSON.stringify(requestParameters).slice(0, 60)}`, () => {
      expect(first(record(call, { requestParameters }), 'guard.weakened')).toMatchObject({ guard, resource });
    });
  }

  it('tells a trail that no longer records from one that perhaps records less', () => {
    const weakened = (call: string, requestParameters: object) => {
      const [one] = translate(record(`cloudtrail:${call}`, { requestParameters })).observations;
      return one?.kind === 'guard.weakened' ? (one.perhaps ? 'perhaps' : 'surely') : 'no';
    };
    const simple = (more: object) => ({
      trailName: 'main',
      eventSelectors: [{ readWriteType: 'All', includeManagementEvents: true, ...more }],
    });
    const advanced = (...more: object[]) => ({
      trailName: 'main',
      advancedEventSelectors: [{ fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }, ...more] }],
    });

    expect(weakened('UpdateTrail', { name: 'main', s3BucketName: 'another' })).toBe('perhaps');
    expect(weakened('UpdateTrail', { name: 'main', isOrganizationTrail: false })).toBe('perhaps');
    expect(weakened('UpdateTrail', { name: 'main', s3BucketName: 'b', isMultiRegionTrail: 'false' })).toBe('surely');
    expect(weakened('PutEventSelectors', simple({ readWriteType: 'ReadOnly' }))).toBe('surely');
    expect(weakened('PutEventSelectors', simple({ readWriteType: 'WriteOnly' }))).toBe('perhaps');
    expect(weakened('PutEventSelectors', simple({ excludeManagementEventSources: ['kms.amazonaws.com'] }))).toBe('no');
    expect(weakened('PutEventSelectors', advanced())).toBe('no');
    expect(weakened('PutEventSelectors', advanced({ field: 'eventSource', notEquals: ['kms.amazonaws.com'] }))).toBe('no');
    expect(weakened('PutEventSelectors', advanced({ field: 'eventSource', notEquals: ['ec2.amazonaws.com'] }))).toBe('surely');
    expect(weakened('PutEventSelectors', advanced({ field: 'readOnly', equals: ['true'] }))).toBe('surely');
    expect(weakened('PutEventSelectors', advanced({ field: 'readOnly', equals: ['false'] }))).toBe('perhaps');
  });

  it('sees a log that is switched on', () => {
    const { observations } = translate(record('cloudtrail:StartLogging', { requestParameters: { name: 'next' } }));

    expect(observations).toContainEqual(expect.objectContaining({ kind: 'guard.started', guard: 'audit log' }));
  });

  it('keeps an attempt that was refused, with its outcome', () => {
    expect(
      first(record('cloudtrail:StopLogging', { requestParameters: { name: 'main' }, errorCode: 'AccessDenied' }), 'guard.weakened').outcome,
    ).toBe('denied');
  });

  it('finds nothing wrong with a trail that is widened or a detector that is switched on', () => {
    expect(
      first(record('cloudtrail:UpdateTrail', { requestParameters: { name: 'main', isMultiRegionTrail: true } }), 'principal.acted')
        .operation,
    ).toBe('cloudtrail:UpdateTrail');
    expect(
      first(record('guardduty:UpdateDetector', { requestParameters: { detectorId: 'd', enable: true } }), 'principal.acted').operation,
    ).toBe('guardduty:UpdateDetector');
    expect(
      first(
        record('cloudtrail:PutEventSelectors', {
          requestParameters: { trailName: 'm', eventSelectors: [{ includeManagementEvents: true, readWriteType: 'All' }] },
        }),
        'principal.acted',
      ).kind,
    ).toBe('principal.acted');
  });
});

describe('what is kept', () => {
  it('holds no secrets, passwords, tokens, user data or environments, and keeps key ids', () => {
    const raw = JSON.stringify(
      translate(
        record('ec2:RunInstances', {
          requestParameters: {
            userData: 'hidden-script',
            passwordResetRequired: true,
            password: 'hidden-password',
            containerDefinitions: [{ environment: [{ name: 'A', value: 'hidden-value' }] }],
          },
          responseElements: {
            credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE', sessionToken: 'hidden-token', secretAccessKey: 'hidden-secret' },
          },
        }),
      ).raw,
    );

    expect(raw).not.toMatch(/hidden/);
    expect(raw).toMatch(/ASIAI44QH8DHBEXAMPLE/);
    expect(raw).toMatch(/"passwordResetRequired":true/);
  });
});

describe('any JSON at all', () => {
  const calls = [
    'ec2:RunInstances',
    'ec2:CreateFleet',
    'iam:AttachUserPolicy',
    'iam:CreateRole',
    'sts:AssumeRole',
    'cloudtrail:PutEventSelectors',
    'cloudwatch:DeleteAlarms',
  ];
  const shaped = fc.record(
    {
      eventID: fc.oneof(fc.uuid(), fc.jsonValue()),
      eventName: fc.oneof(fc.constantFrom(...calls.map((one) => one.split(':')[1])), fc.jsonValue()),
      eventSource: fc.oneof(fc.constantFrom(...calls.map((one) => `${one.split(':')[0]}.amazonaws.com`)), fc.jsonValue()),
      eventTime: fc.oneof(fc.constant('2026-03-01T14:02:00Z'), fc.jsonValue()),
      awsRegion: fc.oneof(fc.constant('us-east-1'), fc.jsonValue()),
      sourceIPAddress: fc.oneof(fc.ipV4(), fc.jsonValue()),
      errorCode: fc.oneof(fc.constant('AccessDenied'), fc.jsonValue()),
      userIdentity: fc.oneof(
        fc.record({
          type: fc.constantFrom('Root', 'IAMUser', 'AssumedRole', 'FederatedUser', 'AWSService', 'AWSAccount', 'SAMLUser', '?'),
          arn: fc.jsonValue(),
          userName: fc.jsonValue(),
          sessionContext: fc.jsonValue(),
          accessKeyId: fc.jsonValue(),
        }),
        fc.jsonValue(),
      ),
      requestParameters: fc.oneof(
        fc.record({
          instancesSet: fc.jsonValue(),
          policyArn: fc.jsonValue(),
          userName: fc.jsonValue(),
          policyDocument: fc.oneof(fc.json(), fc.jsonValue()),
          eventSelectors: fc.jsonValue(),
          CreateFleetRequest: fc.jsonValue(),
        }),
        fc.jsonValue(),
      ),
      responseElements: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it('never makes it throw; ids are unique and the same each time; times are well formed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (event) => {
        const { observations, raw } = translate(event);
        const again: Observation[] = translate(structuredClone(event)).observations;

        expect(() => JSON.stringify(raw)).not.toThrow();
        expect(again).toEqual(observations);
        expect(new Set(observations.map((one) => one.id)).size).toBe(observations.length);
        for (const one of observations) expect(one.at).toBe(new Date(one.at).toISOString());
      }),
      { seed: 20260301, numRuns: 3_000 },
    );
  });

  it('stays whole when any part of a telling record is something else', () => {
    const events = Object.values(takeoverRecords).map((one) => one.event as Record<string, unknown>);
    const part = fc.constantFrom(
      'requestParameters',
      'responseElements',
      'userIdentity',
      'additionalEventData',
      'userAgent',
      'errorMessage',
    );
    const mangled = fc.tuple(fc.constantFrom(...events), part, fc.array(fc.nat(20), { maxLength: 4 }), fc.jsonValue()).map(put);

    fc.assert(
      fc.property(mangled, (event) => {
        const { observations } = translate(event, { ours: () => true, price: () => ({ usd: 1 }) });

        expect(observations.length).toBeGreaterThan(0);
        expect(observations.flatMap((one) => Object.entries(one)).filter(([, value]) => value === undefined)).toEqual([]);
        expect(() => JSON.stringify(observations)).not.toThrow();
        expect(new Set(observations.map((one) => one.id)).size).toBe(observations.length);
      }),
      { seed: 20260302, numRuns: 3_000 },
    );
  });

  it('takes nesting without end', () => {
    const deep = JSON.parse(`${'{"value":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    const { eventID: _, ...nameless } = record('cloudtrail:UpdateTrail', {
      requestParameters: { isMultiRegionTrail: deep, policyDocument: deep },
    });

    expect(translate(nameless).observations).not.toEqual([]);
    expect(JSON.stringify(translate(nameless).raw).length).toBeLessThan(20_000);
  });
});

describe('a fleet', () => {
  const launcherOf = (call: string, requestParameters: object, responseElements: object = {}) =>
    translate(record(call, { requestParameters, responseElements })).observations.find((one) => one.kind === 'launcher.changed');
  const fleetOf = (more: object) => ({
    CreateFleetRequest: { TargetCapacitySpecification: { TotalTargetCapacity: '50' }, LaunchTemplateConfigs: {}, ...more },
  });

  it('that is kept up is a launcher, whether its machines are known or not', () => {
    const fleet = { resource: `resource:arn:aws:ec2:us-east-1:${account}:fleet/fleet-1`, desired: 50, most: 50 };

    expect(launcherOf('ec2:CreateFleet', fleetOf({}), { CreateFleetResponse: { fleetId: 'fleet-1' } })).toMatchObject(fleet);
    expect(launcherOf('ec2:CreateFleet', fleetOf({ Type: 'maintain' }))).toMatchObject({ most: 50 });
    expect(
      launcherOf('ec2:RequestSpotFleet', { spotFleetRequestConfig: { targetCapacity: 40 } }, { spotFleetRequestId: 'sfr-1' }),
    ).toMatchObject({ resource: `resource:arn:aws:ec2:us-east-1:${account}:spot-fleet-request/sfr-1`, most: 40 });
    expect(launcherOf('ec2:ModifySpotFleetRequest', { spotFleetRequestId: 'sfr-1', targetCapacity: 400 })).toMatchObject({ most: 400 });
    expect(
      launcherOf('ec2:ModifyFleet', {
        ModifyFleetRequest: { FleetId: 'fleet-1', TargetCapacitySpecification: { TotalTargetCapacity: 400 } },
      }),
    ).toMatchObject({ ...fleet, desired: 400, most: 400 });
  });

  it('that starts its machines once is none', () => {
    expect(launcherOf('ec2:CreateFleet', fleetOf({ Type: 'instant' }))).toBeUndefined();
  });
});

describe('who makes a key', () => {
  it('is told by the key used, beside the new one', () => {
    const made = first(
      record('iam:CreateAccessKey', {
        requestParameters: { userName: 'backup' },
        responseElements: { accessKey: { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', userName: 'backup' } },
      }),
      'credential.created',
    );

    expect(made).toMatchObject({ credential: 'credential:AKIAI44QH8DHBEXAMPLE', using: 'credential:AKIAIOSFODNN7EXAMPLE' });
  });
});

describe('joining a group', () => {
  it('whose name promises rights counts as an administrator’s', () => {
    const level = (groupName: string) =>
      first(record('iam:AddUserToGroup', { requestParameters: { groupName, userName: 'backup' } }), 'access.granted').level;

    expect(['Admins', 'power-users', 'analysts'].map(level)).toEqual(['admin', 'admin', 'other']);
  });
});

/** Somewhere inside of one part of a record, the value is another. */
function put([event, part, path, value]: [Record<string, unknown>, string, number[], unknown]): unknown {
  const copy = structuredClone(event);
  const names = [part];
  let here: unknown = copy[part];
  for (const step of path) {
    const inside = typeof here === 'object' && here !== null ? Object.keys(here) : [];
    const next = inside[step % Math.max(1, inside.length)];
    if (next === undefined) break;
    names.push(next);
    here = (here as Record<string, unknown>)[next];
  }
  const last = names.pop() ?? part;
  const owner = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, copy);
  owner[last] = value;
  return copy;
}
