import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containers } from '../../../../src/adapters/aws/sources/containers.ts';
import { type Asked, account, type Said } from '../aws-stand-in.ts';
import { home, lookAt, of, type Sweeping, seconds, sweeping } from './sweeping.ts';

const made = seconds('2026-03-01T09:00:00.000Z');
const arn = (rest: string): string => `arn:aws:ecs:us-east-1:${account}:${rest}`;
const cluster = arn('cluster/work');
const definition = arn('task-definition/render:3');
const secret = 'hunter2-made-up';

let world: Sweeping;
let tasks: object[];
let answers: Record<string, Said>;
beforeEach(async () => {
  world = await sweeping(containers);
  tasks = [
    {
      taskArn: arn('task/work/abc'),
      clusterArn: cluster,
      taskDefinitionArn: definition,
      launchType: 'FARGATE',
      lastStatus: 'RUNNING',
      cpu: '16384',
      memory: '32768',
      createdAt: made,
      group: 'service:render',
      startedBy: 'ecs-svc/123',
      containers: [{ image: 'someone/thing:latest' }],
    },
  ];
  answers = {
    ListClusters: { clusterArns: [cluster] },
    ListTasks: { taskArns: [arn('task/work/abc')] },
    ListServices: { serviceArns: [arn('service/work/render')] },
    DescribeServices: {
      services: [
        {
          serviceName: 'render',
          serviceArn: arn('service/work/render'),
          clusterArn: cluster,
          status: 'ACTIVE',
          desiredCount: 10,
          taskDefinition: definition,
          createdAt: made,
        },
      ],
    },
    DescribeTaskDefinition: {
      taskDefinition: {
        taskDefinitionArn: definition,
        cpu: '16384',
        memory: '32768',
        registeredAt: made,
        containerDefinitions: [
          {
            image: 'someone/thing:latest',
            command: ['/run', '--url', 'stratum+tcp://pool.example.com:3333'],
            environment: [{ name: 'PASSWORD', value: secret }],
          },
        ],
      },
    },
  };
  world.answers((asked: Asked) =>
    asked.region !== home ? undefined : asked.operation === 'DescribeTasks' ? { tasks } : answers[asked.operation],
  );
});
afterEach(() => world.close());

describe('containers', () => {
  it('are seen as tasks with size, price, image, definition and the service that started them', async () => {
    const { observations } = await world.look();

    const service = `resource:${arn('service/work/render')}`;
    expect(of('compute.seen', observations)).toMatchObject([
      {
        resource: `resource:${arn('task/work/abc')}`,
        at: '2026-03-01T09:00:00.000Z',
        service: 'ECS',
        shape: { family: 'Fargate', vcpus: 16 },
        perHour: { currency: 'USD', usd: expect.closeTo(16 * 0.04048 + 32 * 0.004445, 6) },
        estimated: false,
        running: true,
        image: 'someone/thing:latest',
        imageFrom: 'public',
        from: `resource:${definition}`,
        launcher: service,
      },
    ]);
    expect(of('identity.linked', observations)).toMatchObject([{ to: service, how: 'started' }]);
    expect(of('launcher.changed', observations)).toMatchObject([
      { resource: service, desired: 10, most: 10, service: 'ECS', shape: { vcpus: 16 }, at: '2026-03-01T09:00:00.000Z' },
    ]);
  });

  it('read a definition once, and keep of it what betrays mining but none of its words', async () => {
    const first = await world.look();
    const second = await world.look(first.cursors);

    expect(of('workload.defined', first.observations)).toMatchObject([
      {
        resource: `resource:${definition}`,
        service: 'ECS',
        shape: { vcpus: 16 },
        imageFrom: 'public',
        markers: [{ kind: 'pool', word: 'stratum+tcp://pool.example.com:3333' }],
      },
    ]);
    expect(JSON.stringify([first, second])).not.toContain(secret);
    expect(of('workload.defined', second.observations)).toEqual([]);
    expect(of('compute.seen', second.observations)[0]?.shape.vcpus).toBe(16);
    expect(world.aws.asked.filter((one) => one.operation === 'DescribeTaskDefinition')).toHaveLength(1);
  });

  it('on machines of their own are not counted twice', async () => {
    tasks = [{ ...tasks[0], launchType: 'EC2' }];

    const [task] = of('compute.seen', (await world.look()).observations);

    expect(task).toMatchObject({ shape: { vcpus: 0 }, perHour: { usd: 0 } });
  });

  it('on Spot capacity say so, and that the price is an estimate', async () => {
    tasks = [{ ...tasks[0], launchType: undefined, capacityProviderName: 'FARGATE_SPOT' }];

    const [task] = of('compute.seen', (await world.look()).observations);

    expect(task).toMatchObject({ shape: { spot: true, vcpus: 16 }, estimated: true });
  });

  it('are all seen when the definitions may not be read, and that is said', async () => {
    answers.DescribeTaskDefinition = { error: 'AccessDeniedException', status: 400 };

    const { observations } = await world.look();

    expect(of('compute.seen', observations)).toMatchObject([{ shape: { vcpus: 16 }, image: 'someone/thing:latest' }]);
    expect(lookAt(home, observations)).toMatchObject({
      complete: true,
      gap: expect.stringMatching(/^what stands in task definitions of us-east-1/),
    });
  });

  it('that are told something of their own by an override are marked', async () => {
    tasks = [{ ...tasks[0], overrides: { containerOverrides: [{ command: ['xmrig'] }] } }];

    const [task] = of('compute.seen', (await world.look()).observations);

    expect(task?.markers).toEqual([{ kind: 'miner', word: 'xmrig' }]);
  });

  it('of one cluster stay visible when another cannot be read, and the region does not count as whole', async () => {
    const other = arn('cluster/closed');
    answers.ListClusters = { clusterArns: [other, cluster] };
    world.answers((asked: Asked) =>
      asked.region !== home
        ? undefined
        : asked.input.cluster === other
          ? { error: 'AccessDeniedException' }
          : asked.operation === 'DescribeTasks'
            ? { tasks }
            : answers[asked.operation],
    );

    const { observations } = await world.look();

    expect(of('compute.seen', observations)).toHaveLength(1);
    expect(lookAt(home, observations)).toMatchObject({
      complete: false,
      gap: expect.stringMatching(/^the containers of us-east-1 could not be read/),
    });
  });

  it('of a cluster that is deleted meanwhile are no gap', async () => {
    answers.ListTasks = { error: 'ClusterNotFoundException' };

    expect(lookAt(home, (await world.look()).observations)).toMatchObject({ complete: true });
  });
});
