/** ECS: services and the tasks that run, on Fargate or on machines of one's own, and what they are told to run. */
import type { ECSClient, Service, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { z } from 'zod';
import type { Source } from '../../../bot/ports.ts';
import type { Observation, Subject } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { markersIn } from '../translate/markers.ts';
import { wordsOf } from '../translate/meaning.ts';
import { ecsServiceSubject, ecsTaskSubject, taskDefinitionSubject } from '../translate/names.ts';
import { fargateShape, vcpusOf } from '../translate/shapes.ts';
import type { Sight } from './looking.ts';
import { arnOf, countedElsewhere, imageShape, launcherChanged, machine, startedBy, strangestImage, workloadDefined } from './seen.ts';
import { eachOf, type RegionLook, sweep } from './sweep.ts';

/**
 * A region without clusters costs one call and look, a cluster two and one per ten services and hundred tasks, a task definition one, once.
 * None of them is charged for.
 */
export function containers(sight: Sight, prices: PriceTable, { everySeconds = 3600 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: ['ListClusters', 'ListServices', 'DescribeServices', 'ListTasks', 'DescribeTasks', 'DescribeTaskDefinition'].map(
      (action) => `ecs:${action}`,
    ),
    parts: [{ what: 'the containers', read }],
  });

  async function* read(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateListClusters } = await import('@aws-sdk/client-ecs');
    const client = await session.read.ecs(look.region);
    const clusters: string[] = [];
    for await (const page of paginateListClusters({ client, pageSize: 100 }, {})) clusters.push(...(page.clusterArns ?? []));
    // Many clusters may run the same definition; it is read for the first that asks.
    const definitions: Definitions = new Map();
    const reads = clusters.map(
      (cluster) =>
        async function* (): AsyncGenerator<Observation[]> {
          yield* tasksOf(client, cluster, look, definitions);
          yield* servicesOf(client, cluster, look, definitions);
        },
    );
    yield* eachOf(reads, clustersAtOnce);
  }

  async function* tasksOf(client: ECSClient, cluster: string, look: RegionLook, definitions: Definitions): AsyncGenerator<Observation[]> {
    const { DescribeTasksCommand, paginateListTasks } = await import('@aws-sdk/client-ecs');
    for await (const page of paginateListTasks({ client, pageSize: 100 }, { cluster })) {
      const tasks = page.taskArns ?? [];
      if (tasks.length === 0) continue;
      const answer = await client.send(new DescribeTasksCommand({ cluster, tasks }));
      for (const one of answer.tasks ?? []) yield* once(one.taskDefinitionArn, definitions, (arn) => definitionOf(client, arn, look));
      yield (answer.tasks ?? []).flatMap((one) => task(one, cluster, look));
    }
  }

  async function* servicesOf(
    client: ECSClient,
    cluster: string,
    look: RegionLook,
    definitions: Definitions,
  ): AsyncGenerator<Observation[]> {
    const { DescribeServicesCommand, paginateListServices } = await import('@aws-sdk/client-ecs');
    // As many as one DescribeServices takes.
    for await (const page of paginateListServices({ client, pageSize: 10 }, { cluster })) {
      const services = page.serviceArns ?? [];
      if (services.length === 0) continue;
      const answer = await client.send(new DescribeServicesCommand({ cluster, services }));
      for (const one of answer.services ?? []) yield* once(one.taskDefinition, definitions, (arn) => definitionOf(client, arn, look));
      yield (answer.services ?? []).flatMap((one) => service(one, cluster, look));
    }
  }

  /** What a definition says, once; the memory keeps its size and image for those that run it. */
  async function definitionOf(client: ECSClient, arn: string, look: RegionLook): Promise<Observation[]> {
    if (look.memory.known(arn) !== undefined) return [];
    const { DescribeTaskDefinitionCommand } = await import('@aws-sdk/client-ecs');
    try {
      const { taskDefinition } = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
      if (!taskDefinition) return [];
      const said = reduced(taskDefinition, look.place.scope.id);
      look.memory.keep(arn, JSON.stringify(said));
      const resource = taskDefinitionSubject(look.place, arn);
      return [
        workloadDefined(name, look, {
          id: `${arnOf(resource)}@defined`,
          at: taskDefinition.registeredAt?.toISOString() ?? look.heard,
          resource,
          what: 'an ECS task definition',
          service: 'ECS',
          shape: fargateShape(said.vcpus === undefined ? undefined : `${said.vcpus} vCPU`, said.memoryMib),
          image: said.image,
          markers: markersIn(wordsOf(taskDefinition.containerDefinitions)),
        }),
      ];
    } catch (error) {
      look.lacks('what stands in task definitions', error);
      return [];
    }
  }

  function task(one: Task, cluster: string, look: RegionLook): Observation[] {
    if (one.taskArn === undefined || one.lastStatus === 'STOPPED') return [];
    const resource = ecsTaskSubject(look.place, one.clusterArn ?? cluster, one.taskArn);
    const said = knownOf(one.taskDefinitionArn, look);
    const isFargate = one.launchType === 'FARGATE' || /^FARGATE/.test(one.capacityProviderName ?? '');
    const spot = one.capacityProviderName === 'FARGATE_SPOT';
    const vcpus = vcpusOf(one.cpu) ?? said?.vcpus;
    const memoryMib = Number(one.memory ?? said?.memoryMib ?? 0);
    const system = /^windows/i.test(one.platformFamily ?? '') ? 'windows' : said?.isArm ? 'arm' : 'linux';
    const shape = fargateShape(vcpus === undefined ? undefined : `${vcpus} vCPU`, memoryMib > 0 ? memoryMib : undefined);
    const at = one.createdAt?.toISOString() ?? look.heard;
    const launcher = serviceOf(one, cluster, look);
    const images = (one.containers ?? []).flatMap(({ image }) => image ?? []);
    return [
      machine(name, look, {
        at,
        id: `${arnOf(resource)}@running`,
        resource,
        what: isFargate ? 'Fargate task' : 'ECS task on a machine of its own',
        service: 'ECS',
        shape: isFargate && shape ? { ...shape, ...(spot ? { spot } : {}) } : { type: 'ECS task', family: 'ECS', vcpus: 0 },
        price: isFargate ? prices.fargate(vcpus ?? 1, memoryMib / 1024, look.region, { spot, system }) : countedElsewhere,
        launcher,
        from: one.taskDefinitionArn !== undefined ? taskDefinitionSubject(look.place, one.taskDefinitionArn) : undefined,
        image: strangestImage(images, look.place.scope.id) ?? said?.image,
        // What was overridden for this task alone stands nowhere else.
        markers: markersIn(wordsOf(one.overrides?.containerOverrides)),
      }),
      ...(launcher !== undefined ? [startedBy(name, look, resource, launcher, at)] : []),
    ];
  }

  function service(one: Service, cluster: string, look: RegionLook): Observation[] {
    if (one.serviceName === undefined || one.status === 'INACTIVE') return [];
    const resource = ecsServiceSubject(look.place, one.clusterArn ?? cluster, one.serviceName);
    const desired = one.desiredCount ?? 0;
    const sized = look.memory.sized(resource, desired, desired, one.createdAt?.toISOString());
    const said = knownOf(one.taskDefinition, look);
    const shape = fargateShape(said?.vcpus === undefined ? undefined : `${said.vcpus} vCPU`, said?.memoryMib);
    return sized === undefined ? [] : [launcherChanged(name, look, { ...sized, resource, desired, most: desired, service: 'ECS', shape })];
  }
}

const name = 'aws/containers';
const clustersAtOnce = 4;

type Definitions = Map<string, Promise<Observation[]>>;

async function* once(
  definition: string | undefined,
  definitions: Definitions,
  read: (arn: string) => Promise<Observation[]>,
): AsyncGenerator<Observation[]> {
  if (definition === undefined) return;
  const asked = definitions.get(definition);
  if (asked !== undefined) {
    await asked;
    return;
  }
  const reading = read(definition);
  definitions.set(definition, reading);
  yield await reading;
}

/** Only what says how big it is and where its image is from: what it is told to do may hold secrets. */
const saidShape = z.object({
  vcpus: z.number().optional(),
  memoryMib: z.number().optional(),
  isArm: z.boolean().optional(),
  image: imageShape.optional(),
});
type Said = z.infer<typeof saidShape>;

function reduced(definition: TaskDefinition, account: string): Said {
  const containers = definition.containerDefinitions ?? [];
  const sum = (values: (number | undefined)[]): number => values.reduce<number>((all, one) => all + (one ?? 0), 0);
  const vcpus = vcpusOf(definition.cpu) ?? vcpusOf(sum(containers.map((one) => one.cpu)));
  const memoryMib = Number(definition.memory ?? 0) || sum(containers.map((one) => one.memory ?? one.memoryReservation));
  const image = strangestImage(
    containers.flatMap((one) => one.image ?? []),
    account,
  );
  return {
    ...(vcpus !== undefined ? { vcpus } : {}),
    ...(memoryMib > 0 ? { memoryMib } : {}),
    ...(definition.runtimePlatform?.cpuArchitecture === 'ARM64' ? { isArm: true } : {}),
    ...(image ? { image } : {}),
  };
}

function knownOf(definition: string | undefined, look: RegionLook): Said | undefined {
  const kept = definition === undefined ? undefined : look.memory.known(definition);
  return kept === undefined ? undefined : saidShape.parse(JSON.parse(kept));
}

/** A task of a service says so in its group, and that ECS's deployment started it. */
function serviceOf({ group, startedBy: by }: Task, cluster: string, look: RegionLook): Subject | undefined {
  return group?.startsWith('service:') && by?.startsWith('ecs-svc/')
    ? ecsServiceSubject(look.place, cluster, group.slice('service:'.length))
    : undefined;
}
