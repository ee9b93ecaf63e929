import type * as batch from '@aws-sdk/client-batch';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, meter, priceOfTask, put, remove, stopMeters, type Thing, take } from '../shelf.ts';
import type { Shape } from '../wire.ts';
import type { Call, Operation, World } from '../world.ts';
import { stateAt } from '../world.ts';

export const batchOperations: Record<string, Operation> = {
  CreateComputeEnvironment(world, input: batch.CreateComputeEnvironmentRequest, call): batch.CreateComputeEnvironmentResponse {
    const id = input.computeEnvironmentName ?? '';
    const facts = { ...input, state: input.state ?? 'ENABLED' };
    const thing = put(world, environments, call, { id, arn: arnOf(world, 'batch', call.region, `compute-environment/${id}`), facts });
    return { computeEnvironmentName: id, computeEnvironmentArn: thing.arn };
  },
  UpdateComputeEnvironment(world, input: batch.UpdateComputeEnvironmentRequest, call): batch.UpdateComputeEnvironmentResponse {
    const thing = find(world, environments, input.computeEnvironment, call);
    if (input.state) thing.facts.state = input.state;
    if (input.computeResources) thing.facts.computeResources = { ...resourcesOf(thing), ...input.computeResources };
    if (input.state === 'DISABLED') endMachines(world, thing, call.ms);
    return { computeEnvironmentName: thing.id, computeEnvironmentArn: thing.arn };
  },
  DeleteComputeEnvironment(world, input: batch.DeleteComputeEnvironmentRequest, call): object {
    const thing = find(world, environments, input.computeEnvironment, call);
    if (thing.facts.state !== 'DISABLED') throw new AwsError('ClientException', 'Cannot delete, compute environment must be disabled.');
    remove(world, environments, thing);
    return {};
  },
  DescribeComputeEnvironments(world, input: batch.DescribeComputeEnvironmentsRequest, call): batch.DescribeComputeEnvironmentsResponse {
    const found = chosen(list(world, environments, call.region), input.computeEnvironments);
    const { items, next } = pageOf(found, input.maxResults ?? 100, input.nextToken);
    return { computeEnvironments: items.map(environmentShape), ...(next ? { nextToken: next } : {}) };
  },

  CreateJobQueue(world, input: batch.CreateJobQueueRequest, call): batch.CreateJobQueueResponse {
    const id = input.jobQueueName ?? '';
    const facts = { ...input, state: input.state ?? 'ENABLED' };
    const thing = put(world, queues, call, { id, arn: arnOf(world, 'batch', call.region, `job-queue/${id}`), facts });
    return { jobQueueName: id, jobQueueArn: thing.arn };
  },
  UpdateJobQueue(world, input: batch.UpdateJobQueueRequest, call): batch.UpdateJobQueueResponse {
    const thing = find(world, queues, input.jobQueue, call);
    if (input.state) thing.facts.state = input.state;
    return { jobQueueName: thing.id, jobQueueArn: thing.arn };
  },
  DescribeJobQueues(world, input: batch.DescribeJobQueuesRequest, call): batch.DescribeJobQueuesResponse {
    const { items, next } = pageOf(chosen(list(world, queues, call.region), input.jobQueues), input.maxResults ?? 100, input.nextToken);
    return {
      jobQueues: items.map((each) => ({
        jobQueueName: each.id,
        jobQueueArn: each.arn,
        state: each.facts.state as batch.JQState,
        status: 'VALID' as const,
        priority: Number(each.facts.priority ?? 1),
        computeEnvironmentOrder: (each.facts.computeEnvironmentOrder ?? []) as batch.ComputeEnvironmentOrder[],
      })),
      ...(next ? { nextToken: next } : {}),
    };
  },

  RegisterJobDefinition(world, input: batch.RegisterJobDefinitionRequest, call): batch.RegisterJobDefinitionResponse {
    const name = input.jobDefinitionName ?? '';
    const revision = list(world, definitions, call.region).filter((each) => each.facts.jobDefinitionName === name).length + 1;
    const id = `${name}:${revision}`;
    const arn = arnOf(world, 'batch', call.region, `job-definition/${id}`);
    put(world, definitions, call, { id, arn, facts: { ...input, revision } });
    return { jobDefinitionName: name, jobDefinitionArn: arn, revision };
  },
  DescribeJobDefinitions(world, input: batch.DescribeJobDefinitionsRequest, call): batch.DescribeJobDefinitionsResponse {
    const found = list(world, definitions, call.region).filter(
      (each) =>
        (!input.jobDefinitions?.length || input.jobDefinitions.includes(each.id) || input.jobDefinitions.includes(each.arn)) &&
        (!input.jobDefinitionName || each.facts.jobDefinitionName === input.jobDefinitionName),
    );
    const { items, next } = pageOf(found, input.maxResults ?? 100, input.nextToken);
    return {
      jobDefinitions: items.map(
        (each) => ({ ...each.facts, jobDefinitionArn: each.arn, status: 'ACTIVE' }) as unknown as batch.JobDefinition,
      ),
      ...(next ? { nextToken: next } : {}),
    };
  },
  SubmitJob(world, input: batch.SubmitJobRequest, call): batch.SubmitJobResponse {
    const queue = find(world, queues, input.jobQueue, call);
    const definition =
      take(world, definitions, call.region, input.jobDefinition) ??
      list(world, definitions, call.region).findLast((each) => each.facts.jobDefinitionName === input.jobDefinition);
    if (!definition) throw new AwsError('ClientException', 'Job definition not found.');
    const id = world.chance.uuid();
    const facts = {
      name: input.jobName,
      queue: queue.arn,
      definition: definition.arn,
      size: input.arrayProperties?.size ?? 1,
      status: 'RUNNING',
      seconds: input.timeout?.attemptDurationSeconds ?? (definition.facts.timeout as batch.JobTimeout | undefined)?.attemptDurationSeconds,
    };
    const thing = put(world, jobs, call, { id, arn: arnOf(world, 'batch', call.region, `job/${id}`), facts });
    startMachines(world, thing, queue, definition, call);
    return { jobId: id, jobName: String(input.jobName), jobArn: thing.arn };
  },
  TerminateJob(world, input: batch.TerminateJobRequest, call): object {
    const thing = find(world, jobs, input.jobId, call);
    Object.assign(thing.facts, { status: 'FAILED' });
    thing.endedMs ??= call.ms;
    stopMeters(world, thing.region, thing.arn, call.ms);
    return {};
  },
  ListJobs(world, input: batch.ListJobsRequest, call): batch.ListJobsResponse {
    const queue = take(world, queues, call.region, input.jobQueue);
    const status = input.jobStatus ?? 'RUNNING';
    const found = list(world, jobs, call.region).filter((each) => each.facts.queue === queue?.arn && each.facts.status === status);
    const { items, next } = pageOf(found, input.maxResults ?? 100, input.nextToken);
    return { jobSummaryList: items.map(jobShape), ...(next ? { nextToken: next } : {}) };
  },
  DescribeJobs: (world, input: batch.DescribeJobsRequest, call): batch.DescribeJobsResponse => ({
    jobs: (input.jobs ?? []).flatMap((id) => {
      const found = take(world, jobs, call.region, id);
      const definition = found && take(world, definitions, call.region, found.facts.definition);
      if (!found) return [];
      const container = definition?.facts.containerProperties as batch.ContainerDetail | undefined;
      return [
        {
          ...jobShape(found),
          jobQueue: String(found.facts.queue),
          jobDefinition: String(found.facts.definition),
          startedAt: found.madeMs,
          ...(container ? { container } : {}),
        },
      ];
    }),
  }),
};

const environments = 'batch/environment';
const queues = 'batch/queue';
const definitions = 'batch/definition';
const jobs = 'batch/job';
const tag = 'aws:batch:compute-environment';
const role = { service: 'batch.amazonaws.com', role: 'AWSServiceRoleForBatch', session: 'aws-batch' };

const resourcesOf = (thing: Thing) => (thing.facts.computeResources ?? {}) as batch.ComputeResource;
const chosen = (things: Thing[], names: string[] | undefined) =>
  things.filter((each) => !names?.length || names.includes(each.id) || names.includes(each.arn));

function find(world: World, kind: string, name: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, name);
  if (!thing) throw new AwsError('ClientException', `${name} does not exist`);
  return thing;
}

/** Fargate jobs cost by themselves; others need machines, as many as the environment may have. */
function startMachines(world: World, job: Thing, queue: Thing, definition: Thing, call: Call): void {
  const [first] = (queue.facts.computeEnvironmentOrder ?? []) as batch.ComputeEnvironmentOrder[];
  const environment = take(world, environments, call.region, first?.computeEnvironment);
  if (!environment) return;
  const resources = resourcesOf(environment);
  const container = definition.facts.containerProperties as batch.ContainerProperties | undefined;
  const needed = (type: string) => Number(container?.resourceRequirements?.find((each) => each.type === type)?.value ?? 0);
  const vcpus = (needed('VCPU') || container?.vcpus || 1) * Number(job.facts.size);
  if (String(resources.type).startsWith('FARGATE')) {
    const usdPerHour = priceOfTask(vcpus * 1024, (needed('MEMORY') || 2048) * Number(job.facts.size));
    meter(world, { service: 'Amazon Elastic Container Service', region: call.region, what: job.arn, usdPerHour, fromMs: call.ms });
    finish(world, job, call.ms, () => {});
    return;
  }
  const [asked] = resources.instanceTypes ?? [];
  const type = asked && world.types[asked] ? asked : 'm5.xlarge';
  const size = world.types[type]?.vcpus ?? 4;
  world.agenda.add(call.ms + 30_000, (now, ms) => {
    const room = Math.floor((resourcesOf(environment).maxvCpus ?? 256) / size) - machinesOf(now, environment, ms).length;
    const count = Math.min(Math.ceil(vcpus / size), room);
    if (count < 1) return;
    const input: Shape = {
      MinCount: 1,
      MaxCount: count,
      InstanceType: type,
      ...(resources.type === 'SPOT' ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: tag, Value: environment.id }] }],
    };
    if (environment.facts.state === 'DISABLED') return;
    const result = now.asService(role, { service: 'ec2', operation: 'RunInstances', region: call.region, ms, input });
    const started = result.kind === 'done' ? ((result.output.Instances ?? []) as { InstanceId?: string }[]) : [];
    finish(now, job, ms, (later, endMs) => {
      const ids = new Set(started.map(({ InstanceId }) => InstanceId));
      terminate(
        later,
        environment,
        machinesOf(later, environment, endMs).filter((id) => ids.has(id)),
        endMs,
      );
    });
  });
}

/** A job takes as long as it may, and a day when nobody said: nothing here knows what it does. */
function finish(world: World, job: Thing, startedMs: number, done: (world: World, ms: number) => void): void {
  world.agenda.add(startedMs + Number(job.facts.seconds ?? 86_400) * 1000, (now, ms) => {
    if (job.endedMs === undefined) {
      job.facts.status = 'SUCCEEDED';
      job.endedMs = ms;
      stopMeters(now, job.region, job.arn, ms);
    }
    done(now, ms);
  });
}

const endMachines = (world: World, environment: Thing, ms: number): void =>
  terminate(world, environment, machinesOf(world, environment, ms), ms);

function machinesOf(world: World, environment: Thing, ms: number): string[] {
  return [...world.instances.values()].flatMap((each) =>
    each.region === environment.region &&
    ['pending', 'running'].includes(stateAt(each, ms)) &&
    each.tags.some((one) => one.Key === tag && one.Value === environment.id)
      ? [each.id]
      : [],
  );
}
function terminate(world: World, environment: Thing, ids: string[], ms: number): void {
  if (!ids.length) return;
  world.asService(role, { service: 'ec2', operation: 'TerminateInstances', region: environment.region, ms, input: { InstanceIds: ids } });
}

const environmentShape = (thing: Thing): batch.ComputeEnvironmentDetail => ({
  computeEnvironmentName: thing.id,
  computeEnvironmentArn: thing.arn,
  ecsClusterArn: thing.arn.replace(':batch:', ':ecs:').replace('compute-environment/', 'cluster/AWSBatch-'),
  type: (thing.facts.type ?? 'MANAGED') as batch.CEType,
  state: thing.facts.state as batch.CEState,
  status: 'VALID',
  computeResources: resourcesOf(thing),
});
const jobShape = (thing: Thing) => ({
  jobId: thing.id,
  jobArn: thing.arn,
  jobName: String(thing.facts.name),
  status: thing.facts.status as batch.JobStatus,
  createdAt: thing.madeMs,
  startedAt: thing.madeMs,
});
