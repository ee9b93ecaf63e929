import type * as ecs from '@aws-sdk/client-ecs';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { deliver } from '../push.ts';
import { arnOf, hex, list, meter, priceOfTask, put, stopMeters, type Thing, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

export const ecsOperations: Record<string, Operation> = {
  CreateCluster(world, input: ecs.CreateClusterRequest, call): ecs.CreateClusterResponse {
    const id = input.clusterName ?? 'default';
    const arn = arnOf(world, 'ecs', call.region, `cluster/${id}`);
    const thing = take(world, clusters, call.region, id) ?? put(world, clusters, call, { id, arn, facts: { status: 'ACTIVE' } });
    thing.facts.status = 'ACTIVE';
    return { cluster: clusterShape(world, thing) };
  },
  DeleteCluster(world, input: ecs.DeleteClusterRequest, call): ecs.DeleteClusterResponse {
    const thing = clusterOf(world, input.cluster, call);
    if (servicesOf(world, thing).some((each) => Number(each.facts.desired) > 0)) {
      throw new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.');
    }
    thing.facts.status = 'INACTIVE';
    return { cluster: clusterShape(world, thing) };
  },
  ListClusters(world, input: ecs.ListClustersRequest, call): ecs.ListClustersResponse {
    const found = list(world, clusters, call.region).filter((each) => each.facts.status === 'ACTIVE');
    return page(found, input, 'clusterArns');
  },
  DescribeClusters(world, input: ecs.DescribeClustersRequest, call): ecs.DescribeClustersResponse {
    const asked = input.clusters?.length ? input.clusters : ['default'];
    const found = asked.map((each) => take(world, clusters, call.region, each));
    return {
      clusters: found.filter((each) => each !== undefined).map((each) => clusterShape(world, each)),
      failures: asked.filter((_, at) => !found[at]).map((arn) => ({ arn, reason: 'MISSING' })),
    };
  },

  RegisterTaskDefinition(world, input: ecs.RegisterTaskDefinitionRequest, call): ecs.RegisterTaskDefinitionResponse {
    const family = input.family ?? '';
    const revision = list(world, definitions, call.region).filter((each) => each.facts.family === family).length + 1;
    const id = `${family}:${revision}`;
    const facts = { ...input, revision, status: 'ACTIVE' };
    const thing = put(world, definitions, call, { id, arn: arnOf(world, 'ecs', call.region, `task-definition/${id}`), facts });
    return { taskDefinition: definitionShape(thing) };
  },
  DeregisterTaskDefinition(world, input: ecs.DeregisterTaskDefinitionRequest, call): ecs.DeregisterTaskDefinitionResponse {
    const thing = definitionOf(world, input.taskDefinition, call);
    thing.facts.status = 'INACTIVE';
    return { taskDefinition: definitionShape(thing) };
  },
  ListTaskDefinitions(world, input: ecs.ListTaskDefinitionsRequest, call): ecs.ListTaskDefinitionsResponse {
    const status = input.status ?? 'ACTIVE';
    const found = list(world, definitions, call.region).filter(
      (each) => each.facts.status === status && (!input.familyPrefix || each.facts.family === input.familyPrefix),
    );
    return page(found, input, 'taskDefinitionArns');
  },
  DescribeTaskDefinition: (world, input: ecs.DescribeTaskDefinitionRequest, call): ecs.DescribeTaskDefinitionResponse => ({
    taskDefinition: definitionShape(definitionOf(world, input.taskDefinition, call)),
  }),

  CreateService(world, input: ecs.CreateServiceRequest, call): ecs.CreateServiceResponse {
    const cluster = clusterOf(world, input.cluster, call);
    const definition = definitionOf(world, input.taskDefinition, call);
    const id = `${cluster.id}/${input.serviceName}`;
    const facts = {
      name: input.serviceName,
      cluster: cluster.arn,
      definition: definition.arn,
      desired: input.desiredCount ?? 1,
      status: 'ACTIVE',
      launchType: input.launchType ?? 'FARGATE',
    };
    const thing = put(world, services, call, { id, arn: arnOf(world, 'ecs', call.region, `service/${id}`), facts });
    keep(world, thing, call.ms + startsAfterMs);
    return { service: serviceShape(world, thing) };
  },
  UpdateService(world, input: ecs.UpdateServiceRequest, call): ecs.UpdateServiceResponse {
    const thing = serviceOf(world, input.cluster, input.service, call);
    if (input.desiredCount !== undefined) thing.facts.desired = input.desiredCount;
    if (input.taskDefinition) thing.facts.definition = definitionOf(world, input.taskDefinition, call).arn;
    keep(world, thing, call.ms + startsAfterMs);
    return { service: serviceShape(world, thing) };
  },
  DeleteService(world, input: ecs.DeleteServiceRequest, call): ecs.DeleteServiceResponse {
    const thing = serviceOf(world, input.cluster, input.service, call);
    if (Number(thing.facts.desired) > 0 && !input.force) {
      throw new AwsError('InvalidParameterException', 'The service cannot be stopped while it is scaled above 0.');
    }
    Object.assign(thing.facts, { desired: 0, status: 'INACTIVE' });
    keep(world, thing, call.ms + startsAfterMs);
    return { service: serviceShape(world, thing) };
  },
  ListServices(world, input: ecs.ListServicesRequest, call): ecs.ListServicesResponse {
    const cluster = clusterOf(world, input.cluster, call);
    return page(
      servicesOf(world, cluster).filter((each) => each.facts.status === 'ACTIVE'),
      input,
      'serviceArns',
    );
  },
  DescribeServices(world, input: ecs.DescribeServicesRequest, call): ecs.DescribeServicesResponse {
    const asked = input.services ?? [];
    const cluster = clusterOf(world, input.cluster, call);
    const found = asked.map(
      (each) => take(world, services, call.region, each) ?? take(world, services, call.region, `${cluster.id}/${each}`),
    );
    return {
      services: found.filter((each) => each !== undefined).map((each) => serviceShape(world, each)),
      failures: asked.filter((_, at) => !found[at]).map((arn) => ({ arn, reason: 'MISSING' })),
    };
  },

  RunTask(world, input: ecs.RunTaskRequest, call): ecs.RunTaskResponse {
    const cluster = clusterOf(world, input.cluster, call);
    const definition = definitionOf(world, input.taskDefinition, call);
    const group = input.group ?? `family:${definition.facts.family}`;
    const started = Array.from({ length: input.count ?? 1 }, () => start(world, cluster, definition, group, call));
    return { tasks: started.map((each) => taskShape(each, call.ms)), failures: [] };
  },
  StopTask(world, input: ecs.StopTaskRequest, call): ecs.StopTaskResponse {
    const cluster = clusterOf(world, input.cluster, call);
    const id = (input.task ?? '').split('/').at(-1) ?? '';
    const thing = list(world, tasks, call.region).find((each) => each.id === id && each.facts.cluster === cluster.arn);
    if (!thing) throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
    stop(world, thing, call.ms);
    const service = list(world, services, call.region).find((each) => thing.facts.group === `service:${each.facts.name}`);
    if (service) keep(world, service, call.ms + startsAfterMs);
    return { task: taskShape(thing, call.ms) };
  },
  ListTasks(world, input: ecs.ListTasksRequest, call): ecs.ListTasksResponse {
    const cluster = clusterOf(world, input.cluster, call);
    const isWanted = input.desiredStatus === 'STOPPED';
    const found = list(world, tasks, call.region).filter(
      (each) =>
        each.facts.cluster === cluster.arn &&
        (each.endedMs !== undefined) === isWanted &&
        (!input.serviceName || each.facts.group === `service:${input.serviceName.split('/').at(-1)}`) &&
        (!input.family || String(each.facts.definition).includes(`task-definition/${input.family}:`)),
    );
    return page(found, input, 'taskArns');
  },
  DescribeTasks(world, input: ecs.DescribeTasksRequest, call): ecs.DescribeTasksResponse {
    const asked = input.tasks ?? [];
    const found = asked.map((each) => take(world, tasks, call.region, each.split('/').at(-1)));
    return {
      tasks: found.filter((each) => each !== undefined).map((each) => taskShape(each, call.ms)),
      failures: asked.filter((_, at) => !found[at]).map((arn) => ({ arn, reason: 'MISSING' })),
    };
  },
  ListContainerInstances: (): ecs.ListContainerInstancesResponse => ({ containerInstanceArns: [] }),
};

const clusters = 'ecs/cluster';
const definitions = 'ecs/task definition';
const services = 'ecs/service';
const tasks = 'ecs/task';
const startsAfterMs = 20_000;

function page<K extends string>(found: Thing[], input: { maxResults?: number | undefined; nextToken?: string | undefined }, name: K) {
  const { items, next } = pageOf(found, input.maxResults ?? 100, input.nextToken);
  return { [name]: items.map((each) => each.arn), ...(next ? { nextToken: next } : {}) } as Record<K, string[]> & { nextToken?: string };
}

function clusterOf(world: World, name: string | undefined, call: Call): Thing {
  const found = take(world, clusters, call.region, name ?? 'default');
  if (found?.facts.status !== 'ACTIVE') throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
  return found;
}
/** By ARN, family:revision, or family alone for the newest active one. */
function definitionOf(world: World, name: string | undefined, call: Call): Thing {
  const newest = list(world, definitions, call.region).findLast((each) => each.facts.family === name && each.facts.status === 'ACTIVE');
  const found = take(world, definitions, call.region, name) ?? newest;
  if (!found) throw new AwsError('ClientException', 'Unable to describe task definition.');
  return found;
}
function serviceOf(world: World, cluster: string | undefined, name: string | undefined, call: Call): Thing {
  const found =
    take(world, services, call.region, name) ?? take(world, services, call.region, `${clusterOf(world, cluster, call).id}/${name}`);
  if (!found) throw new AwsError('ServiceNotFoundException', 'Service not found.');
  return found;
}
const servicesOf = (world: World, cluster: Thing) =>
  list(world, services, cluster.region).filter((each) => each.facts.cluster === cluster.arn);
const tasksOf = (world: World, service: Thing) =>
  list(world, tasks, service.region).filter(
    (each) =>
      each.endedMs === undefined && each.facts.group === `service:${service.facts.name}` && each.facts.cluster === service.facts.cluster,
  );

/** At that time the service looks whether it has as many tasks as it wants. */
function keep(world: World, service: Thing, ms: number): void {
  world.agenda.add(ms, (now, atMs) => {
    const running = tasksOf(now, service);
    const desired = Number(service.facts.desired);
    for (const each of running.slice(desired)) stop(now, each, atMs);
    const cluster = take(now, clusters, service.region, service.facts.cluster);
    const definition = take(now, definitions, service.region, service.facts.definition);
    if (!cluster || !definition) return;
    const by = { region: service.region, ms: atMs, caller: { arn: service.by } };
    for (let at = running.length; at < desired; at++) start(now, cluster, definition, `service:${service.facts.name}`, by);
  });
}

function start(
  world: World,
  cluster: Thing,
  definition: Thing,
  group: string,
  by: Pick<Call, 'region' | 'ms'> & { caller: { arn: string } },
): Thing {
  const id = hex(world, 32);
  const { cpu, memory, containerDefinitions } = definition.facts as ecs.TaskDefinition;
  const arn = arnOf(world, 'ecs', by.region, `task/${cluster.id}/${id}`);
  const facts = {
    cluster: cluster.arn,
    definition: definition.arn,
    group,
    cpu: cpu ?? '256',
    memory: memory ?? '512',
    images: (containerDefinitions ?? []).map(({ name, image }) => ({ name, image })),
  };
  const thing = put(world, tasks, by as Call, { id, arn, facts });
  meter(world, {
    service: 'Amazon Elastic Container Service',
    region: by.region,
    what: arn,
    usdPerHour: priceOfTask(facts.cpu, facts.memory),
    fromMs: by.ms,
  });
  tell(world, thing, by.ms);
  return thing;
}

function stop(world: World, task: Thing, ms: number): void {
  task.endedMs ??= ms;
  stopMeters(world, task.region, task.arn, ms);
  tell(world, task, ms);
}

const tell = (world: World, task: Thing, ms: number) =>
  deliver(world, 'changes', {
    id: `${task.arn}/${ms}`,
    type: 'ECS Task State Change',
    source: 'aws.ecs',
    region: task.region,
    ms,
    resources: [task.arn],
    detail: { ...taskShape(task, ms), createdAt: new Date(task.madeMs).toISOString(), startedAt: new Date(task.madeMs).toISOString() },
  });

const clusterShape = (world: World, thing: Thing): ecs.Cluster => ({
  clusterArn: thing.arn,
  clusterName: thing.id,
  status: String(thing.facts.status),
  registeredContainerInstancesCount: 0,
  runningTasksCount: list(world, tasks, thing.region).filter((each) => each.facts.cluster === thing.arn && each.endedMs === undefined)
    .length,
  pendingTasksCount: 0,
  activeServicesCount: servicesOf(world, thing).filter((each) => each.facts.status === 'ACTIVE').length,
  capacityProviders: [],
  tags: [],
});
function definitionShape(thing: Thing): ecs.TaskDefinition {
  const { tags: _, ...facts } = thing.facts as { tags?: unknown };
  return {
    ...(facts as unknown as ecs.TaskDefinition),
    taskDefinitionArn: thing.arn,
    registeredAt: new Date(thing.madeMs),
    registeredBy: thing.by,
  };
}
const serviceShape = (world: World, thing: Thing): ecs.Service => ({
  serviceArn: thing.arn,
  serviceName: String(thing.facts.name),
  clusterArn: String(thing.facts.cluster),
  status: String(thing.facts.status),
  desiredCount: Number(thing.facts.desired),
  runningCount: tasksOf(world, thing).length,
  pendingCount: 0,
  launchType: thing.facts.launchType as ecs.LaunchType,
  taskDefinition: String(thing.facts.definition),
  createdAt: new Date(thing.madeMs),
  createdBy: thing.by,
});
function taskShape(thing: Thing, ms: number): ecs.Task {
  const facts = thing.facts as { cluster: string; definition: string; group: string; cpu: string; memory: string; images: ecs.Container[] };
  const isRunning = thing.endedMs === undefined || thing.endedMs > ms;
  return {
    taskArn: thing.arn,
    clusterArn: facts.cluster,
    taskDefinitionArn: facts.definition,
    group: facts.group,
    cpu: facts.cpu,
    memory: facts.memory,
    launchType: 'FARGATE',
    lastStatus: isRunning ? 'RUNNING' : 'STOPPED',
    desiredStatus: isRunning ? 'RUNNING' : 'STOPPED',
    createdAt: new Date(thing.madeMs),
    startedAt: new Date(thing.madeMs),
    containers: facts.images,
    startedBy: facts.group.startsWith('service:') ? `ecs-svc/${thing.id.slice(0, 19)}` : undefined,
  };
}
