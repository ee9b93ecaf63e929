/** What every source that lists machines does alike, each over its real client. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PriceTable } from '../../../../src/adapters/aws/prices.ts';
import { batch } from '../../../../src/adapters/aws/sources/batch.ts';
import { containers } from '../../../../src/adapters/aws/sources/containers.ts';
import { emr } from '../../../../src/adapters/aws/sources/emr.ts';
import { inventories } from '../../../../src/adapters/aws/sources/inventories.ts';
import { inventory } from '../../../../src/adapters/aws/sources/inventory.ts';
import { kubernetes } from '../../../../src/adapters/aws/sources/kubernetes.ts';
import { learning } from '../../../../src/adapters/aws/sources/learning.ts';
import { lightsail } from '../../../../src/adapters/aws/sources/lightsail.ts';
import type { Sight } from '../../../../src/adapters/aws/sources/looking.ts';
import { scaling } from '../../../../src/adapters/aws/sources/scaling.ts';
import { sweep } from '../../../../src/adapters/aws/sources/sweep.ts';
import type { Source } from '../../../../src/bot/ports.ts';
import { type Asked, account, handClock, instancesXml, instanceXml, type Said, sessionOn, standIn } from '../aws-stand-in.ts';
import { abroad, home, lookAt, of, type Sweeping, seconds, sweeping } from './sweeping.ts';

const made = seconds('2026-03-01T09:00:00.000Z');
const arn = (service: string, rest: string): string => `arn:aws:${service}:${home}:${account}:${rest}`;

/** One thing of each service at home; the second of two pages where the service has pages. */
const services: {
  make: (sight: Sight, prices: PriceTable) => Source;
  list: string;
  resource: string;
  there: (asked: Asked) => Said | undefined;
}[] = [
  {
    make: inventory,
    list: 'DescribeInstances',
    resource: arn('ec2', 'instance/i-0abc'),
    there: ({ operation, input }) =>
      operation !== 'DescribeInstances'
        ? undefined
        : input.NextToken
          ? instancesXml([instanceXml({ id: 'i-0abc' })])
          : instancesXml([], 'more'),
  },
  {
    make: scaling,
    list: 'DescribeAutoScalingGroups',
    resource: arn('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/workers'),
    there: ({ operation, input }) =>
      operation !== 'DescribeAutoScalingGroups'
        ? undefined
        : `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult>${
            input.NextToken
              ? '<AutoScalingGroups><member><AutoScalingGroupName>workers</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>999</MaxSize><DesiredCapacity>20</DesiredCapacity><DefaultCooldown>1</DefaultCooldown><HealthCheckType>EC2</HealthCheckType><CreatedTime>2026-03-01T09:00:00.000Z</CreatedTime></member></AutoScalingGroups>'
              : '<AutoScalingGroups/><NextToken>more</NextToken>'
          }</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
  },
  {
    make: containers,
    list: 'ListClusters',
    resource: arn('ecs', 'task/work/abc'),
    there: ({ operation, input }) => {
      switch (operation) {
        case 'ListClusters':
          return { clusterArns: [arn('ecs', 'cluster/work')] };
        case 'ListTasks':
          return input.nextToken ? { taskArns: [arn('ecs', 'task/work/abc')] } : { taskArns: [], nextToken: 'more' };
        case 'DescribeTasks':
          return {
            tasks: [
              {
                taskArn: arn('ecs', 'task/work/abc'),
                clusterArn: arn('ecs', 'cluster/work'),
                launchType: 'FARGATE',
                lastStatus: 'RUNNING',
                cpu: '1024',
                memory: '2048',
                createdAt: made,
              },
            ],
          };
        default:
          return undefined;
      }
    },
  },
  {
    make: learning,
    list: 'ListNotebookInstances',
    resource: arn('sagemaker', 'notebook-instance/lab'),
    there: ({ operation, input }) =>
      operation !== 'ListNotebookInstances'
        ? undefined
        : input.NextToken
          ? {
              NotebookInstances: [
                {
                  NotebookInstanceName: 'lab',
                  NotebookInstanceArn: arn('sagemaker', 'notebook-instance/lab'),
                  NotebookInstanceStatus: 'InService',
                  InstanceType: 'ml.g5.xlarge',
                  CreationTime: made,
                  LastModifiedTime: made,
                },
              ],
            }
          : { NotebookInstances: [], NextToken: 'more' },
  },
  {
    make: batch,
    list: 'POST /v1/describecomputeenvironments',
    resource: arn('batch', 'job/j-1'),
    there: ({ operation, input }) => {
      switch (operation) {
        case 'POST /v1/describecomputeenvironments':
          return input.nextToken
            ? { computeEnvironments: [{ computeEnvironmentName: 'ce', computeEnvironmentArn: arn('batch', 'compute-environment/ce') }] }
            : { computeEnvironments: [], nextToken: 'more' };
        case 'POST /v1/describejobqueues':
          return { jobQueues: [{ jobQueueName: 'q', jobQueueArn: arn('batch', 'job-queue/q') }] };
        case 'POST /v1/listjobs':
          return input.jobStatus === 'RUNNING'
            ? {
                jobSummaryList: [
                  { jobId: 'j-1', jobArn: arn('batch', 'job/j-1'), jobName: 'render', createdAt: made * 1000, status: 'RUNNING' },
                ],
              }
            : { jobSummaryList: [] };
        default:
          return undefined;
      }
    },
  },
  {
    make: kubernetes,
    list: 'GET /clusters',
    resource: arn('eks', 'nodegroup/work/big'),
    there: ({ operation, input }) => {
      switch (operation) {
        case 'GET /clusters':
          return input.nextToken ? { clusters: ['work'] } : { clusters: [], nextToken: 'more' };
        case 'GET /clusters/work/node-groups':
          return { nodegroups: ['big'] };
        case 'GET /clusters/work/node-groups/big':
          return {
            nodegroup: { nodegroupName: 'big', clusterName: 'work', createdAt: made, scalingConfig: { desiredSize: 5, maxSize: 50 } },
          };
        default:
          return undefined;
      }
    },
  },
  {
    make: emr,
    list: 'ListClusters',
    resource: arn('elasticmapreduce', 'cluster/j-1'),
    there: ({ operation, input }) =>
      operation !== 'ListClusters'
        ? undefined
        : input.Marker
          ? { Clusters: [{ Id: 'j-1', Name: 'crunch', Status: { State: 'RUNNING', Timeline: { CreationDateTime: made } } }] }
          : { Clusters: [], Marker: 'more' },
  },
  {
    make: lightsail,
    list: 'GetInstances',
    resource: arn('lightsail', 'Instance/shop'),
    there: ({ operation, input }) =>
      operation !== 'GetInstances'
        ? undefined
        : input.pageToken
          ? { instances: [{ name: 'shop', bundleId: 'large_3_0', createdAt: made, state: { name: 'running' }, hardware: { cpuCount: 2 } }] }
          : { instances: [], nextPageToken: 'more' },
  },
];

it('has a test here for every source that lists machines', () => {
  expect(services.map((one) => one.make)).toEqual([...inventories]);
});

describe.each(services.map((one) => ({ ...one, name: one.make.name })))('the source $name', ({ make, list, resource, there }) => {
  let sweeping1: Sweeping;
  beforeEach(async () => {
    sweeping1 = await sweeping(make);
  });
  afterEach(() => sweeping1.close());
  const onlyAtHome = (asked: Asked): Said | undefined => (asked.region === home ? there(asked) : undefined);
  const about = (observations: Awaited<ReturnType<Sweeping['look']>>['observations']) =>
    observations.filter((one) => 'resource' in one && one.resource === `resource:${resource}`);

  it('sees what is there, on later pages too, and nothing elsewhere', async () => {
    sweeping1.answers(onlyAtHome);

    const { observations } = await sweeping1.look();

    expect(about(observations)).toHaveLength(1);
    expect(about(observations)[0]?.place.region).toBe(home);
    for (const region of [home, abroad]) expect(lookAt(region, observations)).toMatchObject({ complete: true, seen: 1, of: 1 });
    expect(of('look.finished', observations).filter((one) => one.gap !== undefined)).toEqual([]);
  });

  it('calls the same thing the same in two looks, with what it remembers and without', async () => {
    sweeping1.answers(onlyAtHome);

    const first = await sweeping1.look();
    sweeping1.clock.turn(3600);
    const second = await sweeping1.look(first.cursors);
    const afresh = await sweeping1.look();

    const plain = about(first.observations).map((one) => ({ ...one, heard: '' }));
    expect(about(second.observations).map((one) => ({ ...one, heard: '' }))).toEqual(plain);
    expect(about(afresh.observations).map((one) => ({ ...one, heard: '' }))).toEqual(plain);
  });

  it('lets end what a complete look no longer returns', async () => {
    sweeping1.answers(onlyAtHome);
    const { cursors } = await sweeping1.look();
    sweeping1.answers(() => undefined);

    const { observations } = await sweeping1.look(cursors);

    expect(about(observations)).toEqual([]);
    expect(lookAt(home, observations)).toMatchObject({ complete: true });
  });

  it.each([
    ['AccessDeniedException', 403, /not allowed \(AccessDeniedException\)/],
    ['ThrottlingException', 429, /slowed us down \(ThrottlingException\)/],
  ])('never counts a region as empty that answers %s', async (error, status, words) => {
    sweeping1.answers((asked) => (asked.region === abroad && asked.operation === list ? { error, status } : onlyAtHome(asked)));

    const { observations } = await sweeping1.look();

    expect(lookAt(abroad, observations)).toMatchObject({ complete: false, seen: 0, gap: expect.stringMatching(words) });
    expect(lookAt(abroad, observations)?.gap).toMatch(/^the .* of eu-west-1 could not be read: /);
    expect(lookAt(home, observations)).toMatchObject({ complete: true });
    expect(about(observations)).toHaveLength(1);
  });

  it('asks for nothing it does not declare', async () => {
    sweeping1.answers(onlyAtHome);
    const source = make(sweeping1.sight, {} as PriceTable);

    await sweeping1.look();

    const declared = new Set(source.permissions.map((one) => one.name));
    expect(sweeping1.session.meter.take().filter((row) => !declared.has(row.operation))).toEqual([]);
    expect(source.lists).toBe('machines');
  });
});

describe('a region without the service', () => {
  const nowhere = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  async function looks(isThere: (region: string) => boolean) {
    const aws = await standIn(() => ({}));
    const session = await sessionOn(aws);
    const clock = handClock('2026-03-01T14:00:00.000Z');
    const source = sweep(
      { session, clock, regions: async () => ({ names: [home, abroad] }) },
      {
        name: 'aws/example',
        reading: 'services',
        everySeconds: 60,
        permissions: [],
        parts: [
          {
            what: 'the examples',
            async *read({ region }) {
              if (!isThere(region)) throw nowhere;
              yield [];
            },
          },
        ],
      },
    );
    const found = [];
    for await (const one of source.collect({})) found.push(...one.observations);
    session.close();
    await aws.close();
    return found;
  }

  it('is no blind spot when its name does not exist and the service answers elsewhere', async () => {
    const observations = await looks((region) => region === home);

    expect(lookAt(abroad, observations)).toMatchObject({ complete: true, seen: 1 });
    expect(lookAt(abroad, observations)?.gap).toBeUndefined();
  });

  it('is one when the service answers nowhere', async () => {
    const observations = await looks(() => false);

    expect(lookAt(abroad, observations)).toMatchObject({ complete: false, gap: expect.stringMatching(/no answer from AWS \(ENOTFOUND\)/) });
  });
});
