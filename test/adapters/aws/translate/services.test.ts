import { describe, expect, it } from 'vitest';
import { loadPrices } from '../../../../src/adapters/aws/prices.ts';
import { loadServicePrices } from '../../../../src/adapters/aws/service-prices.ts';
import { acts, tables } from '../../../../src/adapters/aws/translate/acts.ts';
import { quotaOf } from '../../../../src/adapters/aws/translate/quota.ts';
import type { Subject } from '../../../../src/checks/observation.ts';
import { account, first, kindsOf, record, role, translate } from './records.ts';

const made = (call: string, requestParameters: object, responseElements: object | null = null, more: object = {}) =>
  record(call, { requestParameters, responseElements, ...more });
const resource = (service: string, rest: string): Subject => `resource:arn:aws:${service}:us-east-1:${account}:${rest}`;

describe('the tables', () => {
  it('name each call once', () => {
    const calls = Object.values(tables).flatMap((table) => Object.keys(table));

    expect(new Set(calls).size).toBe(calls.length);
    expect(acts.size).toBe(calls.length);
    for (const call of calls) expect(call).toMatch(/^[a-z0-9-]+:[A-Z][A-Za-z0-9]*$/);
  });
});

describe('a launch that was refused', () => {
  const launches: [string, string, string | undefined][] = [
    ['ecs:RunTask', 'ClientException', 'ECS'],
    ['sagemaker:CreateTrainingJob', 'ResourceLimitExceeded', 'SageMaker'],
    ['sagemaker:CreateNotebookInstance', 'ResourceLimitExceeded', 'SageMaker'],
    ['lightsail:CreateInstances', 'ServiceException', 'Lightsail'],
    ['eks:CreateNodegroup', 'ResourceLimitExceededException', 'EKS'],
    ['codebuild:StartBuild', 'AccountLimitExceededException', 'CodeBuild'],
    ['gamelift:CreateFleet', 'LimitExceededException', 'GameLift'],
    ['workspaces:CreateWorkspaces', 'ResourceLimitExceededException', 'WorkSpaces'],
    ['glue:CreateDevEndpoint', 'ResourceNumberLimitExceededException', 'Glue'],
    ['apprunner:CreateService', 'ServiceQuotaExceededException', 'App Runner'],
    ['autoscaling:CreateAutoScalingGroup', 'LimitExceeded', undefined],
    ['batch:CreateComputeEnvironment', 'ClientException', 'Batch'],
  ];
  for (const [call, errorCode, service] of launches) {
    it(`says so for ${call}`, () => {
      const errorMessage = 'You have reached the maximum limit of resources for this account.';

      const refused = first(made(call, {}, null, { errorCode, errorMessage }), 'compute.refused');

      expect(refused).toMatchObject({ why: 'quota', outcome: 'failed' });
      expect(refused.service).toBe(service);
      expect(first(made(call, {}, null, { errorCode: 'AccessDeniedException' }), 'compute.refused')).toMatchObject({
        why: 'not allowed',
        outcome: 'denied',
      });
    });
  }

  it('is told from throttling and from slips of the pen, whatever words the message has', () => {
    const slip = (errorCode: string, errorMessage: string) =>
      translate(made('ecs:RunTask', {}, null, { errorCode, errorMessage })).observations[0];

    expect(slip('ThrottlingException', 'Rate limit exceeded')?.kind).toBe('principal.acted');
    expect(slip('InvalidParameterException', 'TaskDefinition not found.')?.kind).toBe('principal.acted');
  });

  it('is seen when a task could not be placed although the call itself succeeded', () => {
    const event = made(
      'ecs:RunTask',
      { cluster: 'c', taskDefinition: 't' },
      { tasks: [], failures: [{ reason: 'Capacity is unavailable at this time' }] },
    );

    expect(first(event, 'compute.refused')).toMatchObject({ service: 'ECS', why: 'capacity' });
  });
});

describe('the price of one', () => {
  const machines = loadPrices();
  const options = { price: machines.usdPerHour, servicePrices: loadServicePrices(machines) };
  const usd = (event: object) => {
    const asked = first(event, 'compute.asked', options);
    return asked.perHour?.usd;
  };

  it('is that of the service it is rented from', () => {
    const task = made(
      'ecs:RunTask',
      { taskDefinition: 't' },
      { tasks: [{ taskArn: 'a', cpu: '16384', memory: '32768', launchType: 'FARGATE' }] },
    );

    expect(usd(task)).toBeCloseTo(16 * 0.04048 + 32 * 0.004445, 2);
    expect(usd(made('sagemaker:CreateNotebookInstance', { instanceType: 'ml.g5.xlarge' }))).toBeGreaterThan(
      machines.usdPerHour('g5.xlarge', 'us-east-1').usd,
    );
    expect(usd(made('lightsail:CreateInstances', { instanceNames: ['a'], bundleId: 'large_3_0' }))).toBeGreaterThan(0);
    expect(usd(made('eks:CreateNodegroup', { instanceTypes: ['c5.large'] }))).toBe(machines.usdPerHour('c5.large', 'us-east-1').usd);
  });

  it('is none for a task on a machine of one’s own, and for what no table knows', () => {
    const task = made(
      'ecs:RunTask',
      { launchType: 'EC2', taskDefinition: 't' },
      { tasks: [{ taskArn: 'a', cpu: '1024', launchType: 'EC2' }] },
    );

    expect(usd(task)).toBeUndefined();
    expect(first(task, 'compute.asked').shape).toBeUndefined();
    expect(usd(made('codebuild:StartBuild', { projectName: 'p' }))).toBeUndefined();
  });
});

describe('machines', () => {
  it('made hard to stop at their launch are a launch and a protection', () => {
    const event = made(
      'ec2:RunInstances',
      { instanceType: 'c5.large', disableApiTermination: true, disableApiStop: false, launchTemplate: { launchTemplateId: 'lt-1' } },
      { instancesSet: { items: [{ instanceId: 'i-0aaaaaaaaaaaaaaa1', instanceType: 'c5.large' }] } },
    );

    expect(first(event, 'compute.asked').from).toBe(resource('ec2', 'launch-template/lt-1'));
    expect(translate(event).observations).toContainEqual(
      expect.objectContaining({ kind: 'protection.set', against: 'ending', resources: [resource('ec2', 'instance/i-0aaaaaaaaaaaaaaa1')] }),
    );
  });

  it('are not protected by taking the protection away, in either spelling', () => {
    const lifted = [{ attribute: 'disableApiTermination', value: 'false' }, { disableApiTermination: { value: false } }];
    for (const more of lifted) {
      expect(first(made('ec2:ModifyInstanceAttribute', { instanceId: 'i-0aaaaaaaaaaaaaaa1', ...more }), 'principal.acted')).toBeDefined();
    }
  });

  it('may be given another text to run at their start', () => {
    const event = made('ec2:ModifyInstanceAttribute', { instanceId: 'i-0aaaaaaaaaaaaaaa1', userData: '<sensitiveDataRemoved>' });

    expect(first(event, 'workload.defined').resource).toBe(resource('ec2', 'instance/i-0aaaaaaaaaaaaaaa1'));
  });
});

describe('what keeps machines up', () => {
  it('is a launcher beside the launch', () => {
    const service = made('ecs:CreateService', { cluster: 'c', serviceName: 's', desiredCount: 5, taskDefinition: 't' });
    const nodes = made('eks:CreateNodegroup', { name: 'cl', nodegroupName: 'n', scalingConfig: { desiredSize: '2', maxSize: '90' } });

    expect(kindsOf(translate(service).observations)).toEqual(['compute.asked', 'launcher.changed', 'identity.linked', 'identity.linked']);
    expect(translate(nodes).observations).toContainEqual(
      expect.objectContaining({ kind: 'launcher.changed', resource: resource('eks', 'nodegroup/cl/n'), desired: 2, most: 90 }),
    );
  });

  it('asks for nothing yet while it is to run none', () => {
    expect(first(made('ecs:CreateService', { serviceName: 's', desiredCount: 0, taskDefinition: 't' }), 'launcher.changed')).toMatchObject({
      resource: resource('ecs', 'service/default/s'),
      most: 0,
    });
  });

  it('has not grown by a new deployment', () => {
    expect(first(made('ecs:UpdateService', { cluster: 'c', service: 's', taskDefinition: 't:2' }), 'principal.acted')).toBeDefined();
  });

  it('counts vCPUs as machines where a service is sized in them', () => {
    const fargate = { computeEnvironmentName: 'ce', computeResources: { type: 'FARGATE', maxvCpus: 256 } };
    const optimal = { computeEnvironmentName: 'ce', computeResources: { type: 'EC2', maxvCpus: 256, instanceTypes: ['optimal'] } };

    expect(first(made('batch:CreateComputeEnvironment', fargate), 'launcher.changed')).toMatchObject({ most: 256, shape: { vcpus: 1 } });
    expect(first(made('batch:CreateComputeEnvironment', optimal), 'launcher.changed')).toMatchObject({ most: 16, shape: { vcpus: 16 } });
  });

  it('may be grown from another service', () => {
    const event = made('application-autoscaling:RegisterScalableTarget', {
      serviceNamespace: 'ecs',
      resourceId: 'service/c/s',
      minCapacity: 20,
      maxCapacity: 400,
    });

    expect(first(event, 'launcher.changed')).toMatchObject({
      resource: resource('ecs', 'service/c/s'),
      desired: 20,
      most: 400,
      service: 'ECS',
    });
  });
});

describe('the owner of the account', () => {
  const cases: [string, string][] = [
    ['account:PutContactInformation', 'contact'],
    ['account:PutAlternateContact', 'contact'],
    ['account:StartPrimaryEmailUpdate', 'e-mail'],
    ['signin:PasswordRecoveryCompleted', 'password'],
    ['signin:PasswordUpdated', 'password'],
    ['signin:EmailUpdated', 'e-mail'],
  ];
  for (const [call, what] of cases) {
    it(`is reached elsewhere after ${call}`, () => {
      expect(first(record(call), 'owner.changed')).toMatchObject({ what });
    });
  }
});

describe('what is taken away again', () => {
  const cases: [string, object, object][] = [
    ['iam:DeleteAccessKey', { accessKeyId: 'AKIAI44QH8DHBEXAMPLE' }, { what: 'key', subject: 'credential:AKIAI44QH8DHBEXAMPLE' }],
    ['iam:UpdateAccessKey', { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', status: 'Inactive' }, { what: 'key' }],
    ['iam:DeleteUser', { userName: 'x' }, { what: 'user', subject: `principal:arn:aws:iam::${account}:user/x` }],
    ['iam:DeleteLoginProfile', { userName: 'x' }, { what: 'password' }],
    ['iam:DetachUserPolicy', { userName: 'x', policyArn: 'p' }, { what: 'right', subject: `principal:arn:aws:iam::${account}:user/x` }],
    ['iam:DeleteRole', { roleName: 'r' }, { what: 'role', subject: `principal:arn:aws:iam::${account}:role/r` }],
  ];
  for (const [call, requestParameters, says] of cases) {
    it(`is known after ${call}`, () => {
      expect(first(made(call, requestParameters), 'identity.removed')).toMatchObject(says);
      expect(first(made(call, requestParameters, null, { errorCode: 'AccessDenied' }), 'principal.acted').outcome).toBe('denied');
    });
  }

  it('is not a key that is switched on: that is as good as a new one', () => {
    const switched = made('iam:UpdateAccessKey', { userName: 'x', accessKeyId: 'AKIAI44QH8DHBEXAMPLE', status: 'Active' });

    expect(first(switched, 'credential.created')).toMatchObject({
      credential: 'credential:AKIAI44QH8DHBEXAMPLE',
      owner: `principal:arn:aws:iam::${account}:user/x`,
    });
  });

  it('is not a quarantine that is lifted: that gives rights back', () => {
    const lifted = made('iam:DetachUserPolicy', { userName: 'x', policyArn: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3' });

    expect(first(lifted, 'access.granted')).toMatchObject({ level: 'admin', how: 'quarantine lifted' });
  });
});

describe('sessions and doors', () => {
  it('a key turned into a session is told from a session turned into another', () => {
    expect(first(record('sts:GetSessionToken'), 'signed.in').how).toBe('key');
    expect(first(record('sts:GetSessionToken', { userIdentity: role }), 'principal.acted')).toBeDefined();
    expect(first(record('signin:GetSigninToken', { userIdentity: role }), 'signed.in').how).toBe('key');
  });

  it('a function asks nobody who he is only with that setting', () => {
    expect(first(made('lambda:UpdateFunctionUrlConfig', { functionName: 'f', authType: 'AWS_IAM' }), 'principal.acted')).toBeDefined();
    expect(first(made('lambda:AddPermission20150331v2', { functionName: 'f', principal: '*' }), 'trust.opened')).toMatchObject({
      door: 'function',
      to: '*',
      unconditional: true,
      resource: resource('lambda', 'function:f'),
    });
    expect(
      first(made('lambda:AddPermission20150331v2', { functionName: 'f', principal: '*', principalOrgID: 'o-1' }), 'trust.opened')
        .unconditional,
    ).toBe(false);
  });
});

describe('more than AWS gives by default', () => {
  it('is asked of the support as well, in whose words limits are limits', () => {
    expect(
      first(made('support:CreateCase', { serviceCode: 'service-limit-increase', categoryCode: 'ec2-instances' }), 'support.asked').about,
    ).toBe('limits');
    expect(first(made('support:CreateCase', { serviceCode: 'billing', categoryCode: 'other' }), 'support.asked').about).toBe('other');
  });

  it('counts although it was refused', () => {
    const refused = made(
      'servicequotas:RequestServiceQuotaIncrease',
      { serviceCode: 'sagemaker', quotaCode: 'L-1', desiredValue: '8' },
      null,
      {
        errorCode: 'AccessDeniedException',
      },
    );

    expect(first(refused, 'quota.asked')).toMatchObject({ state: 'refused', outcome: 'denied', of: 'compute', wanted: 8 });
  });

  it('is of machines, of models, or of neither', () => {
    expect(quotaOf('ec2', 'L-34B43A08', 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests')).toBe('compute');
    expect(quotaOf('ec2', 'L-1216C47A', undefined)).toBe('compute');
    expect(quotaOf('ec2', 'L-0263D0A3', 'EC2-VPC Elastic IPs')).toBe('other');
    expect(quotaOf('bedrock', undefined, undefined)).toBe('models');
    expect(quotaOf('s3', 'L-DC2B2D3D', 'General purpose buckets')).toBe('other');
  });
});

describe('other guards and doors', () => {
  const cases: [string, object, string, object][] = [
    ['guardduty:CreateFilter', { detectorId: 'd', action: 'ARCHIVE' }, 'guard.weakened', { guard: 'threat detector' }],
    ['guardduty:CreateIPSet', { detectorId: 'd', activate: true }, 'guard.weakened', { guard: 'threat detector' }],
    ['config:StopConfigurationRecorder', { configurationRecorderName: 'default' }, 'guard.weakened', { guard: 'configuration recorder' }],
    ['securityhub:DisableSecurityHub', {}, 'guard.weakened', { guard: 'threat detector' }],
    ['monitoring:PutMetricAlarm', { alarmName: 'billing', actionsEnabled: false }, 'guard.weakened', { guard: 'alarm' }],
    ['ce:UpdateAnomalySubscription', { subscriptionArn: 'arn:aws:ce::1:x' }, 'guard.weakened', { guard: 'budget', perhaps: true }],
    ['organizations:CreateAccount', { accountName: 'play' }, 'organization.changed', { how: 'account created' }],
    [
      'organizations:InviteAccountToOrganization',
      { target: { id: '210987654321', type: 'ACCOUNT' } },
      'organization.changed',
      { how: 'account invited', to: '210987654321' },
    ],
    [
      'sso:CreateAccountAssignment',
      { principalId: 'p', permissionSetArn: 'arn:aws:sso:::permissionSet/ssoins-1/ps-1' },
      'organization.changed',
      { how: 'access assigned', to: 'p' },
    ],
    ['sso-directory:CreateUser', { userName: 'x' }, 'organization.changed', { how: 'user created' }],
    [
      'events:PutRule',
      { name: 'again', scheduleExpression: 'rate(5 minutes)' },
      'schedule.set',
      { resource: resource('events', 'rule/again') },
    ],
    ['scheduler:CreateSchedule', { name: 'again' }, 'schedule.set', { resource: resource('scheduler', 'schedule/default/again') }],
    ['ssm:CreateAssociation', { name: 'AWS-RunShellScript' }, 'schedule.set', {}],
    ['route53domains:RegisterDomain', { domainName: 'example.com' }, 'commitment.bought', {}],
    [
      'bedrock:InvokeModelWithResponseStream',
      { modelId: 'arn:aws:bedrock:us-east-1::foundation-model/m1' },
      'model.used',
      { model: 'm1', how: 'call' },
    ],
    ['ce:GetCostAndUsage', {}, 'looked.around', { what: 'bills' }],
    ['guardduty:ListDetectors', {}, 'looked.around', { what: 'guards' }],
    ['ec2:DescribeInstanceTypes', {}, 'looked.around', { what: 'sizes' }],
  ];
  for (const [call, requestParameters, kind, says] of cases) {
    it(`${call} is ${kind}`, () => {
      expect(translate(made(call, requestParameters)).observations[0]).toMatchObject({ kind, ...says });
    });
  }

  it('are no worse for a filter that hides nothing or a list of addresses that is not used', () => {
    expect(first(made('guardduty:CreateFilter', { detectorId: 'd', action: 'NOOP' }), 'principal.acted')).toBeDefined();
    expect(first(made('guardduty:CreateIPSet', { detectorId: 'd', activate: false }), 'principal.acted')).toBeDefined();
  });
});

describe('the bot itself', () => {
  const acting = `arn:aws:iam::${account}:role/bots/cloudwarden-act`;
  const reading = `arn:aws:iam::${account}:role/cloudwarden-read`;
  const as = (name: string) => ({
    ...role,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/INC-1`,
    sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/${name}`, accountId: account, userName: name } },
  });
  const own = { act: acting, read: reading };

  it('is told apart when it acts', () => {
    const event = made('ec2:StopInstances', { instancesSet: {} }, null, { userIdentity: as('cloudwarden-act') });

    expect(first(event, 'ourselves.acted', { own })).toMatchObject({ operation: 'ec2:StopInstances', role: 'act' });
    expect(first(event, 'principal.acted', {})).toBeDefined();
  });

  it('is not taken for a thief when it tries whether it may', () => {
    const event = made('ec2:RunInstances', {}, null, { userIdentity: as('cloudwarden-read'), errorCode: 'Client.DryRunOperation' });

    expect(kindsOf(translate(event, { own }).observations)).toEqual(['principal.acted', 'identity.linked']);
    expect(first(event, 'compute.refused', {})).toBeDefined();
  });

  it('is perhaps only being set up when a rule of its own is written', () => {
    const written = (state: string) =>
      first(made('events:PutRule', { name: 'cloudwarden-events', eventPattern: '{}', state }), 'guard.weakened', { ours });

    expect(written('ENABLED').perhaps).toBe(true);
    expect(written('DISABLED').perhaps).toBeUndefined();
  });

  const ours = (name: string): boolean => /(?:^|[:/])cloudwarden-/.test(name);
  const touched: [string, object, string][] = [
    ['events:DisableRule', { name: 'cloudwarden-events' }, resource('events', 'rule/cloudwarden-events')],
    ['events:RemoveTargets', { rule: 'cloudwarden-events', ids: ['1'] }, resource('events', 'rule/cloudwarden-events')],
    [
      'sqs:SetQueueAttributes',
      { queueUrl: `https://sqs.us-east-1.amazonaws.com/${account}/cloudwarden-q` },
      resource('sqs', 'cloudwarden-q'),
    ],
    ['sqs:PurgeQueue', { queueUrl: `https://sqs.us-east-1.amazonaws.com/${account}/cloudwarden-q` }, resource('sqs', 'cloudwarden-q')],
    ['sns:Unsubscribe', { subscriptionArn: `arn:aws:sns:us-east-1:${account}:cloudwarden-t:1111` }, resource('sns', 'cloudwarden-t')],
    ['iam:DetachRolePolicy', { roleName: 'cloudwarden-read', policyArn: 'p' }, `resource:arn:aws:iam::${account}:role/cloudwarden-read`],
    [
      'iam:PutRolePolicy',
      { roleName: 'cloudwarden-act', policyName: 'p', policyDocument: '{}' },
      `resource:arn:aws:iam::${account}:role/cloudwarden-act`,
    ],
    ['cloudformation:DeleteStack', { stackName: 'cloudwarden-push' }, resource('cloudformation', 'stack/cloudwarden-push')],
  ];
  for (const [call, requestParameters, thing] of touched) {
    it(`notices ${call} on what is its own, and only there`, () => {
      expect(first(made(call, requestParameters), 'guard.weakened', { ours })).toMatchObject({ guard: 'ourselves', resource: thing });
      for (const ours of [undefined, () => false]) {
        const [elsewhere] = translate(made(call, requestParameters), ours ? { ours } : {}).observations;

        expect(elsewhere?.kind === 'guard.weakened' && elsewhere.guard === 'ourselves').toBe(false);
      }
    });
  }
});
