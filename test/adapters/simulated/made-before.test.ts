import { ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { describe, expect, it } from 'vitest';
import { parseScenario, ScenarioError } from '../../../src/adapters/simulated/scenario.ts';
import { lookUp, recordOf, running, smallAccount } from './account.ts';

const webGroup = `
past:
  days: 40
  deeds:
    - { at: -30d, as: ada, call: "ec2:CreateLaunchTemplate", with: { LaunchTemplateName: web, LaunchTemplateData: { ImageId: ami-1, InstanceType: m5.large } } }
    - { at: -29d, as: ada, call: "autoscaling:CreateAutoScalingGroup", with: { AutoScalingGroupName: web, MinSize: 2, MaxSize: 10, LaunchTemplate: { LaunchTemplateName: web } } }`;

describe('what was done once before the start', () => {
  it('is done at its time, and what it saved may be used by everybody since', async () => {
    const { clock, simulated } = await running(
      await smallAccount(`
past:
  days: 20
  deeds:
    - { at: -10d, as: ada, call: "ec2:RunInstances", with: { ImageId: ami-1, InstanceType: m5.large, MinCount: 2, MaxCount: 2 }, save: boxes }
    - { at: -9d, as: ada, call: "ec2:StopInstances", with: { InstanceIds: "\${boxes.instances}" } }
attack:
  - { at: +1m, as: ada, call: "ec2:StartInstances", with: { InstanceIds: "\${boxes.instances}" } }`),
    );
    const before = simulated.state.instances({ state: 'stopped' });

    await clock.advance(120);

    expect(before.map(({ launchedAt }) => launchedAt)).toEqual(['2026-02-28T10:00:00.000Z', '2026-02-28T10:00:00.000Z']);
    expect(simulated.state.instances({ state: 'running' })).toHaveLength(2);
  });

  it('knows the machines of a fleet by the word it was saved under', async () => {
    const { simulated } = await running(
      await smallAccount(`
past:
  days: 20
  calls:
    - as: ada
      every: 5d
      do:
        - { call: "ec2:CreateLaunchTemplate", with: { LaunchTemplateName: "node-\${time}", LaunchTemplateData: { ImageId: ami-1, InstanceType: m5.large } } }
        - { after: 5s, call: "ec2:CreateFleet", with: { Type: instant, LaunchTemplateConfigs: [{ LaunchTemplateSpecification: { LaunchTemplateName: "node-\${time}", Version: "1" } }], TargetCapacitySpecification: { TotalTargetCapacity: 2 } }, save: fleet }
        - { after: 1h, call: "ec2:TerminateInstances", with: { InstanceIds: "\${fleet.instances}" } }`),
    );

    expect(simulated.state.instances({ state: 'running' })).toEqual([]);
    const counts = Map.groupBy(simulated.state.records(-1), ({ record }) => `${record.eventName} ${record.errorCode ?? 'done'}`);
    expect([...counts].map(([what, records]) => [what, records.length])).toEqual([
      ['CreateLaunchTemplate done', 4],
      ['RunInstances done', 4],
      ['CreateFleet done', 4],
      ['TerminateInstances done', 4],
    ]);
  });

  it('gives machines of the past a word by which steps refer to them', async () => {
    const { clock, simulated } = await running(
      await smallAccount(`
past:
  instances:
    - { type: t3.small, region: eu-central-1, since: -50d }
    - { type: g5.xlarge, region: eu-central-1, count: 2, since: -50d, stopped: true, save: gpus }
attack: [{ at: +1m, as: ada, call: "ec2:StartInstances", with: { InstanceIds: ["\${gpus.instances.1}"] } }]`),
    );

    await clock.advance(120);

    expect(simulated.state.instances({ state: 'running' }).map(({ type }) => type)).toEqual(['t3.small', 'g5.xlarge']);
    expect(simulated.state.instances({ state: 'stopped' }).map(({ type }) => type)).toEqual(['g5.xlarge']);
  });

  it('says which word nothing was saved under', async () => {
    const wrong = smallAccount(
      `
attack: [{ at: +1m, as: ada, call: "ec2:StartInstances", with: { InstanceIds: "\${gpu.instances}" } }]
past: { instances: [{ type: t3.small, region: eu-central-1, since: -50d, save: gpus }] }`,
    );

    await expect(wrong).rejects.toThrow('attack[0].with: nothing was saved as "gpu" before; write gpus');
  });
});

describe('groups that scale by themselves', () => {
  it('follow the hours of the day within their limits, and only the launches are written down', async () => {
    const { clock, bot, simulated } = await running(
      await smallAccount(`${webGroup}
scaling: [{ group: web, hour: 12, to: 5 }, { group: web, hour: 20, to: 0 }, { group: web, at: +2d2h30m, to: 99 }]`),
    );
    const counts: number[] = [];
    for (const hours of [0, 3, 8, 16, 24]) {
      await clock.advance(hours * 3600);
      counts.push(simulated.state.instances({ state: 'running' }).length);
    }

    // 10:00, 13:00, 21:00, 13:00 of the next day, and the day after, when it wants as many as it may.
    expect(counts).toEqual([2, 5, 2, 5, 10]);
    await clock.advance(900);
    const records = (await lookUp(bot.cloudTrail())).map(recordOf);
    expect(new Set(records.filter(({ readOnly }) => !readOnly).map(({ eventName }) => eventName))).toEqual(
      new Set(['CreateLaunchTemplate', 'CreateAutoScalingGroup', 'RunInstances', 'TerminateInstances']),
    );
  });

  it('want either a time or an hour', async () => {
    await expect(smallAccount('scaling: [{ group: web, to: 3 }]')).rejects.toThrow(
      'scaling[0]: write either at (once) or hour (every day)',
    );
  });
});

describe('people who are made while the scenario is played', () => {
  it('act at the console, by their key and as the role as soon as they are there', async () => {
    const { clock, bot } = await running(
      await smallAccount(`
attack:
  - &thief { at: +1m, as: ada, from: 203.0.113.9, call: "iam:CreateUser", with: { UserName: helper } }
  - { <<: *thief, at: +2m, call: "iam:CreateLoginProfile", with: { UserName: helper, Password: made-up } }
  - { <<: *thief, at: +3m, call: "iam:CreateRole", with: { RoleName: helpers, AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' } }
  - { <<: *thief, at: +4m, as: console/helper, call: "signin:ConsoleLogin", with: {} }
  - { <<: *thief, at: +5m, as: role/helpers, call: "iam:ListUsers", with: {} }`),
    );

    await clock.advance(3600);

    const records = (await lookUp(bot.cloudTrail('us-east-1')))
      .map(recordOf)
      .filter(({ sourceIPAddress }) => sourceIPAddress === '203.0.113.9');
    const who = (name: string) => (records.find(({ eventName }) => eventName === name)?.userIdentity as { arn?: string } | undefined)?.arn;
    expect(who('ConsoleLogin')).toBe('arn:aws:iam::123456789012:user/helper');
    expect(who('ListUsers')).toBe('arn:aws:sts::123456789012:assumed-role/helpers/session');
  });

  it('are asked where they come from, and nobody else is let in', async () => {
    const steps = (as: string) => `
attack:
  - { at: +1m, as: ada, call: "iam:CreateUser", with: { userName: helper } }
  - { at: +2m, as: ${as}, call: "signin:ConsoleLogin" }`;

    await expect(smallAccount(steps('console/helper'))).rejects.toThrow('attack[1].from: say which address');
    await expect(smallAccount(steps('console/helpers'))).rejects.toThrow('attack[1].as: there is no user "helpers"; write console/helper');
  });
});

describe('jobs', () => {
  it('end when they may run no longer, and recur under names made of the time', async () => {
    const { clock, bot, simulated } = await running(
      await smallAccount(`
past:
  days: 4
  deeds:
    - { at: -3d, as: ada, call: "batch:CreateComputeEnvironment", with: { computeEnvironmentName: env, type: MANAGED, state: ENABLED, computeResources: { type: EC2, maxvCpus: 16, instanceTypes: [m5.xlarge], subnets: [subnet-1] } } }
    - { at: -3d, as: ada, call: "batch:CreateJobQueue", with: { jobQueueName: queue, priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: env }] } }
    - { at: -3d, as: ada, call: "batch:RegisterJobDefinition", with: { jobDefinitionName: job, type: container, timeout: { attemptDurationSeconds: 1800 }, containerProperties: { image: x, vcpus: 4, memory: 2048 } } }
  calls:
    - { as: ada, every: 1d, call: "sagemaker:CreateTrainingJob", with: { TrainingJobName: "nightly-\${time}", RoleArn: "arn:aws:iam::123456789012:role/x", AlgorithmSpecification: { TrainingInputMode: File }, OutputDataConfig: { S3OutputPath: s3://x }, ResourceConfig: { InstanceType: ml.g5.xlarge, InstanceCount: 1, VolumeSizeInGB: 1 }, StoppingCondition: { MaxRuntimeInSeconds: 60 } } }
attack:
  - { at: +1m, as: ada, call: "batch:SubmitJob", with: { jobName: big, jobQueue: queue, jobDefinition: job, arrayProperties: { size: 100 } }, repeat: { every: 10s, times: 2 } }`),
    );
    const machines = () => simulated.state.instances({ state: 'running' }).length;

    await clock.advance(150);
    const during = machines();
    await clock.advance(1800);

    // Never more than the environment may have.
    expect([during, machines()]).toEqual([4, 0]);
    const { TrainingJobSummaries = [] } = await bot.with(SageMakerClient).send(new ListTrainingJobsCommand({}));
    expect(TrainingJobSummaries.map(({ TrainingJobStatus }) => TrainingJobStatus)).toEqual([
      'Completed',
      'Completed',
      'Completed',
      'Completed',
    ]);
    expect(TrainingJobSummaries[0]?.TrainingJobName).toMatch(/^nightly-2026030\dT\d{6}$/);
  });
});

describe('what fails because the scenario says so', () => {
  it('is written down with its error and does nothing; a wrong password as AWS tells it', async () => {
    const { clock, simulated } = await running(
      await smallAccount(`
attack:
  - { at: +1m, as: ada, call: "ec2:RunInstances", with: { ImageId: ami-1, InstanceType: m5.large, MinCount: 1, MaxCount: 1 }, fails: InsufficientInstanceCapacity }
  - { at: +2m, as: console/ada, call: "signin:ConsoleLogin", fails: Failed authentication, repeat: { every: 2s, times: 3 } }
  - { at: +3m, as: console/ada, call: "signin:PasswordRecoveryRequested" }`),
    );

    await clock.advance(240);

    const records = simulated.state.records(-1).map(({ record }) => record);
    expect(simulated.state.instances()).toEqual([]);
    expect(records[0]).toMatchObject({
      eventName: 'RunInstances',
      errorCode: 'Client.InsufficientInstanceCapacity',
      responseElements: null,
    });
    expect(records[1]).toMatchObject({
      eventName: 'ConsoleLogin',
      errorMessage: 'Failed authentication',
      responseElements: { ConsoleLogin: 'Failure' },
      userIdentity: { type: 'IAMUser', userName: 'ada', accessKeyId: '' },
    });
    expect(records.slice(1).map(({ errorCode }) => errorCode)).toEqual([undefined, undefined, undefined, undefined]);
    expect(records.at(-1)?.responseElements).toEqual({ PasswordRecoveryRequested: 'Success' });
  });
});

describe('the root user', () => {
  it('may do everything, by a key and at the console, and makes itself further keys', async () => {
    const { clock, simulated } = await running(
      await smallAccount(`
root: { from: 192.0.2.9, mfa: false, key: { id: AKIAROOTROOTEXAMPLE1 } }
attack:
  - { at: +1m, as: root, from: 203.0.113.9, call: "ec2:RunInstances", with: { ImageId: ami-1, InstanceType: m5.large, MinCount: 1, MaxCount: 1 } }
  - { at: +2m, as: console/root, call: "signin:ConsoleLogin" }
  - { at: +3m, as: console/root, call: "iam:CreateAccessKey", save: more }
  - { at: +4m, as: "\${more.key}", from: 203.0.113.9, call: "iam:CreateUser", with: { UserName: helper } }`),
    );

    await clock.advance(300);

    const records = simulated.state.records(-1).map(({ record }) => record);
    expect(records.map(({ eventName, errorCode, userIdentity }) => [eventName, errorCode, userIdentity])).toEqual([
      [
        'RunInstances',
        undefined,
        expect.objectContaining({ type: 'Root', arn: 'arn:aws:iam::123456789012:root', accessKeyId: 'AKIAROOTROOTEXAMPLE1' }),
      ],
      [
        'ConsoleLogin',
        undefined,
        { type: 'Root', principalId: '123456789012', arn: 'arn:aws:iam::123456789012:root', accountId: '123456789012' },
      ],
      ['CreateAccessKey', undefined, expect.objectContaining({ type: 'Root', sessionContext: expect.anything() })],
      ['CreateUser', undefined, expect.objectContaining({ type: 'Root' })],
    ]);
    expect(records[1]?.additionalEventData).toMatchObject({ MFAUsed: 'No' });
    expect(simulated.state.users()).toContain('helper');
  });

  it('has no key unless it is given one', async () => {
    await expect(smallAccount('attack: [{ at: +1m, as: root, from: 203.0.113.9, call: "iam:ListUsers" }]')).rejects.toThrow(
      'attack[0].as: root has no key to act with; give it one under root, or write console/root',
    );
  });
});

it('knows the managed policies people give each other, under the name AWS has them by', async () => {
  const scenario = await parseScenario(
    `
name: Mine
account: { id: "123456789012", name: mine, regions: [eu-central-1] }
users: [{ name: ada, from: 192.0.2.7, policies: [IAMUserChangePassword, AmazonECS_FullAccess, SystemAdministrator], keys: [{}] }]
attack: [{ at: +1m, as: ada, call: "ecs:CreateCluster", with: { clusterName: x } }]`,
    'mine.yaml',
  );
  const { clock, simulated } = await running(scenario);

  await clock.advance(90);

  expect(simulated.state.records(-1).map(({ record }) => [record.eventName, record.errorCode])).toEqual([['CreateCluster', undefined]]);
  await expect(
    parseScenario(
      'name: Mine\naccount: { id: "123456789012", name: mine, regions: [eu-central-1] }\nusers: [{ name: ada, policies: [EcsEverything] }]',
      'mine.yaml',
    ),
  ).rejects.toThrow(ScenarioError);
});
