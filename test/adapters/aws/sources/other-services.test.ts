/** What is particular to Batch, EKS, EMR and Lightsail; what they have in common with the rest stands in sweep.test.ts. */
import { afterEach, describe, expect, it } from 'vitest';
import { batch } from '../../../../src/adapters/aws/sources/batch.ts';
import { emr } from '../../../../src/adapters/aws/sources/emr.ts';
import { kubernetes } from '../../../../src/adapters/aws/sources/kubernetes.ts';
import { lightsail } from '../../../../src/adapters/aws/sources/lightsail.ts';
import { account, type Said } from '../aws-stand-in.ts';
import { abroad, home, lookAt, of, type Sweeping, seconds, sweeping } from './sweeping.ts';

const made = seconds('2026-03-01T09:00:00.000Z');
let world: Sweeping;
afterEach(() => world.close());

async function open(make: Parameters<typeof sweeping>[0], answers: Record<string, Said>): Promise<(next: Record<string, Said>) => void> {
  world = await sweeping(make);
  let now = answers;
  world.answers(({ region, operation }) => (region === home ? now[operation] : undefined));
  return (next) => {
    now = { ...now, ...next };
  };
}

describe('Batch', () => {
  const arn = (rest: string): string => `arn:aws:batch:us-east-1:${account}:${rest}`;
  const environment = (maxvCpus: number, more: object = {}): Said => ({
    computeEnvironments: [
      {
        computeEnvironmentName: 'ce',
        computeEnvironmentArn: arn('compute-environment/ce'),
        state: 'ENABLED',
        computeResources: { type: 'EC2', maxvCpus, desiredvCpus: 8, instanceTypes: ['c5.2xlarge'] },
        ...more,
      },
    ],
  });
  const list = 'POST /v1/describecomputeenvironments';

  it('does not tell environments that were there before anybody looked, and tells when they grow', async () => {
    const change = await open(batch, { [list]: environment(16) });
    const first = await world.look();
    change({ [list]: environment(800) });
    world.clock.turn(3600);

    const second = await world.look(first.cursors);

    expect(of('launcher.changed', first.observations)).toEqual([]);
    expect(of('launcher.changed', second.observations)).toMatchObject([
      { at: world.clock.now(), desired: 1, most: 100, service: 'Batch', shape: { type: 'c5.2xlarge', vcpus: 8 } },
    ]);
  });

  it('tells an environment that is new since the last look', async () => {
    const change = await open(batch, {});
    const first = await world.look();
    change({ [list]: environment(256, { computeResources: { type: 'FARGATE_SPOT', maxvCpus: 256 } }) });
    world.clock.turn(3600);

    const launchers = of('launcher.changed', (await world.look(first.cursors)).observations);

    expect(launchers).toMatchObject([{ at: world.clock.now(), most: 256, shape: { vcpus: 1, spot: true } }]);
  });

  it('shows running jobs, whose power is counted where they run, and what they are told to run', async () => {
    await open(batch, {
      [list]: environment(16),
      'POST /v1/describejobqueues': { jobQueues: [{ jobQueueName: 'q', jobQueueArn: arn('job-queue/q') }] },
      'POST /v1/listjobs': {
        jobSummaryList: [
          { jobId: 'j', jobArn: arn('job/j'), jobName: 'render', createdAt: made * 1000, jobDefinition: arn('job-definition/d:1') },
        ],
      },
      'POST /v1/describejobdefinitions': {
        jobDefinitions: [
          {
            jobDefinitionName: 'd',
            jobDefinitionArn: arn('job-definition/d:1'),
            revision: 1,
            type: 'container',
            containerProperties: { image: 'someone/thing', command: ['xmrig'] },
          },
        ],
      },
    });

    const { observations, cursors } = await world.look();
    const again = await world.look(cursors);

    expect(of('compute.seen', observations)[0]).toMatchObject({
      what: 'Batch job',
      shape: { vcpus: 0 },
      from: `resource:${arn('job-definition/d:1')}`,
    });
    expect(of('workload.defined', observations)).toMatchObject([
      { at: '2026-03-01T09:00:00.000Z', imageFrom: 'public', markers: [{ kind: 'miner', word: 'xmrig' }] },
    ]);
    expect(of('workload.defined', again.observations)).toEqual([]);
  });
});

describe('EKS', () => {
  it('tells a node group with its sizes, and that it started its Auto Scaling group', async () => {
    await open(kubernetes, {
      'GET /clusters': { clusters: ['work'] },
      'GET /clusters/work/node-groups': { nodegroups: ['gpu'] },
      'GET /clusters/work/node-groups/gpu': {
        nodegroup: {
          nodegroupName: 'gpu',
          clusterName: 'work',
          createdAt: made,
          capacityType: 'SPOT',
          instanceTypes: ['g5.xlarge'],
          scalingConfig: { desiredSize: 3, maxSize: 60 },
          resources: { autoScalingGroups: [{ name: 'eks-gpu' }] },
        },
      },
    });

    const { observations } = await world.look();

    const resource = `resource:arn:aws:eks:us-east-1:${account}:nodegroup/work/gpu`;
    expect(of('launcher.changed', observations)).toMatchObject([
      { resource, at: '2026-03-01T09:00:00.000Z', desired: 3, most: 60, service: 'EKS', shape: { type: 'g5.xlarge', gpus: 1, spot: true } },
    ]);
    expect(of('identity.linked', observations)).toMatchObject([
      {
        from: `resource:arn:aws:autoscaling:us-east-1:${account}:autoScalingGroup:*:autoScalingGroupName/eks-gpu`,
        to: resource,
        how: 'started',
      },
    ]);
  });
});

describe('EMR', () => {
  const clusters = {
    ListClusters: { Clusters: [{ Id: 'j-1', Name: 'crunch', Status: { State: 'RUNNING', Timeline: { CreationDateTime: made } } }] },
  };

  it('shows a cluster with its groups, its fee and its protection; its machines are counted with EC2', async () => {
    await open(emr, {
      ...clusters,
      DescribeCluster: { Cluster: { Id: 'j-1', InstanceCollectionType: 'INSTANCE_GROUP', TerminationProtected: true } },
      ListInstanceGroups: {
        InstanceGroups: [
          { InstanceType: 'm5.xlarge', RunningInstanceCount: 1, Market: 'ON_DEMAND' },
          { InstanceType: 'c5.24xlarge', RunningInstanceCount: 20, Market: 'ON_DEMAND' },
        ],
      },
    });

    const [cluster] = of('compute.seen', (await world.look()).observations);

    expect(cluster).toMatchObject({
      resource: `resource:arn:aws:elasticmapreduce:us-east-1:${account}:cluster/j-1`,
      service: 'EMR',
      shape: { type: '1 × m5.xlarge + 20 × c5.24xlarge', family: 'c5', vcpus: 0 },
      perHour: { usd: expect.closeTo(0.048 + 20 * 0.27, 6) },
      estimated: true,
      protected: true,
      name: 'crunch',
    });
  });

  it('counts the machines of fleets by their units', async () => {
    await open(emr, {
      ...clusters,
      DescribeCluster: { Cluster: { Id: 'j-1', InstanceCollectionType: 'INSTANCE_FLEET' } },
      ListInstanceFleets: {
        InstanceFleets: [
          {
            TargetSpotCapacity: 40,
            ProvisionedSpotCapacity: 40,
            InstanceTypeSpecifications: [{ InstanceType: 'c5.4xlarge', WeightedCapacity: 4 }],
          },
        ],
      },
    });

    expect(of('compute.seen', (await world.look()).observations)[0]?.shape).toMatchObject({ type: '10 × c5.4xlarge', spot: true });
  });

  it('shows a cluster whose sizes it may not read', async () => {
    await open(emr, { ...clusters, DescribeCluster: { error: 'AccessDeniedException' } });

    const { observations } = await world.look();

    expect(of('compute.seen', observations)).toHaveLength(1);
    expect(lookAt(home, observations)).toMatchObject({
      complete: true,
      gap: expect.stringMatching(/^the sizes of EMR clusters of us-east-1/),
    });
  });
});

describe('Lightsail', () => {
  it('shows a machine with its bundle price; stopped, it has ended', async () => {
    const instance = (state: string): Said => ({
      instances: [{ name: 'shop', bundleId: '2xlarge_3_0', createdAt: made, state: { name: state }, hardware: { cpuCount: 8 } }],
    });
    const change = await open(lightsail, { GetInstances: instance('running') });

    const first = await world.look();
    change({ GetInstances: instance('stopped') });
    world.clock.turn(3600);
    const second = await world.look(first.cursors);

    expect(of('compute.seen', first.observations)).toMatchObject([
      {
        service: 'Lightsail',
        at: '2026-03-01T09:00:00.000Z',
        running: true,
        shape: { type: '2xlarge_3_0', vcpus: 8 },
        perHour: { usd: expect.closeTo(164 / 744, 6) },
        estimated: false,
      },
    ]);
    expect(of('compute.seen', second.observations)).toMatchObject([{ running: false, at: world.clock.now() }]);
  });

  it('is not asked for where it does not exist, and that is no gap', async () => {
    world = await sweeping(({ session, clock }, prices) =>
      lightsail({ session, clock, regions: async () => ({ names: [abroad, 'af-south-1'] }) }, prices),
    );

    const { observations } = await world.look();

    expect(world.aws.asked.map((one) => one.region)).toEqual([abroad]);
    expect(of('look.finished', observations).filter((one) => !one.complete)).toEqual([]);
    expect(lookAt('af-south-1', observations)).toBeUndefined();
  });
});
