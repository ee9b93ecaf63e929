/** ECS: clusters, task definitions, tasks and services, on Fargate or on machines of one's own. */
import type { Subject } from '../../../../checks/observation.ts';
import { strangestImage } from '../images.ts';
import { markersIn } from '../markers.ts';
import { type Act, answer, type Meaning, request, type Table, wordsOf } from '../meaning.ts';
import { ecsClusterSubject, ecsServiceSubject, ecsTaskSubject, taskDefinitionSubject } from '../names.ts';
import { list, number, text } from '../reading.ts';
import { fargateShape, vcpusOf } from '../shapes.ts';
import { andKeeps, defined, keeps, launch, prepared, refusalOf } from '../starting.ts';

export const ecs: Table = {
  'ecs:CreateCluster': prepared('ECS', 'an ECS cluster', ({ event, place }) =>
    ecsClusterSubject(place, text(answer(event), 'cluster', 'clusterArn') ?? text(request(event), 'clusterName')),
  ),
  'ecs:RegisterTaskDefinition': defined('ECS', 'an ECS task definition', ({ event, place }) => {
    const made = text(answer(event), 'taskDefinition', 'taskDefinitionArn') ?? text(request(event), 'family');
    if (made === undefined) return undefined;
    const containers = list(request(event), 'containerDefinitions');
    const image = strangestImage(
      containers.flatMap((one) => text(one, 'image') ?? []),
      place.scope.id,
    );
    return {
      resource: taskDefinitionSubject(place, made),
      shape: fargateShape(
        text(request(event), 'cpu') ?? sumOf(containers.map((one) => number(one, 'cpu'))),
        number(request(event), 'memory'),
      ),
      ...image,
      markers: markersIn(wordsOf(containers)),
    };
  }),
  'ecs:RunTask': (act) => runTask(act),
  'ecs:StartTask': (act) => runTask(act),
  'ecs:CreateService': (act) => createService(act),
  'ecs:UpdateService': keeps('ECS', 'an ECS service', (act) => service(act, false)),
  'ecs:CreateTaskSet': (act) => createTaskSet(act),
};

const runTask: Meaning = (act) => {
  const { event } = act;
  const failed = list(answer(event), 'failures');
  // A call that could start nothing succeeds all the same, and says so in its answer.
  if (!act.error && failed.length > 0 && list(answer(event), 'tasks').length === 0) {
    const reason = failed.map((one) => text(one, 'reason') ?? '').join(' ');
    const why = /capacity|^RESOURCE/i.test(reason) ? 'capacity' : refusalOf({ code: 'Failure', message: reason, outcome: 'failed' });
    if (why !== undefined) return [{ kind: 'compute.refused', service: 'ECS', what: 'ECS tasks', why }];
  }
  return startedTasks(act);
};

const startedTasks = launch('ECS', 'ECS tasks', ({ event, place }) => {
  const tasks = list(answer(event), 'tasks');
  const cluster = text(request(event), 'cluster');
  const resources = tasks.flatMap((one) => {
    const arn = text(one, 'taskArn');
    return arn !== undefined ? [ecsTaskSubject(place, text(one, 'clusterArn') ?? cluster, arn)] : [];
  });
  const overrides = list(request(event), 'overrides', 'containerOverrides');
  const spot = isSpot(event);
  // On machines of one's own a task costs nothing more.
  const onOwn = /^(?:EC2|EXTERNAL)$/i.test(text(tasks[0], 'launchType') ?? text(request(event), 'launchType') ?? '');
  const cpu = text(tasks[0], 'cpu') ?? text(request(event), 'overrides', 'cpu');
  const memoryMiB = number(tasks[0], 'memory') ?? number(request(event), 'overrides', 'memory');
  const vcpus = vcpusOf(cpu);
  return {
    resources,
    count: resources.length > 0 ? resources.length : Math.max(1, number(request(event), 'count') ?? 1),
    from: definitionOf({ event, place }, text(tasks[0], 'taskDefinitionArn')),
    ...(onOwn
      ? {}
      : {
          shape: fargateShape(cpu, memoryMiB),
          priced: vcpus !== undefined ? (prices, region) => prices.fargate(vcpus, (memoryMiB ?? 0) / 1024, region, { spot }) : undefined,
        }),
    spot,
    markers: markersIn(wordsOf(overrides)),
  };
});

const askedService = launch('ECS', 'an ECS service', (act) => {
  const { event } = act;
  return {
    resources: [],
    count: Math.max(1, countOf(event) ?? 1),
    from: definitionOf(act, text(answer(event), 'service', 'taskDefinition')),
    spot: isSpot(event),
  };
});
const keptService = keeps('ECS', 'an ECS service', (act) => service(act, true));
const keptAndAsked = andKeeps('ECS', askedService, (act) => service(act, true));
/** A service of none asks for nothing yet. */
const createService: Meaning = (act) => (countOf(act.event) === 0 ? keptService : keptAndAsked)(act);
const createTaskSet = launch('ECS', 'an ECS task set', (act) => ({
  resources: [],
  count: 1,
  from: definitionOf(act),
  spot: isSpot(act.event),
}));

const countOf = (event: unknown): number | undefined =>
  number(request(event), 'desiredCount') ?? number(answer(event), 'service', 'desiredCount');

function service({ event, place }: Pick<Act, 'event' | 'place'>, made: boolean) {
  // A new deployment of the same size asks for nothing more.
  const desired = made ? (countOf(event) ?? 1) : number(request(event), 'desiredCount');
  const name = text(answer(event), 'service', 'serviceName') ?? text(request(event), 'serviceName') ?? text(request(event), 'service');
  if (desired === undefined || name === undefined) return undefined;
  const cluster = text(answer(event), 'service', 'clusterArn') ?? text(request(event), 'cluster');
  return { resource: ecsServiceSubject(place, cluster, name), desired, most: desired, made };
}

/** The answer names the revision, the request often the family alone. */
const definitionOf = ({ event, place }: Pick<Act, 'event' | 'place'>, answered?: string): Subject | undefined => {
  const name = answered ?? text(request(event), 'taskDefinition');
  return name !== undefined ? taskDefinitionSubject(place, name) : undefined;
};

const isSpot = (event: unknown): boolean =>
  list(request(event), 'capacityProviderStrategy').some((one) => /spot/i.test(text(one, 'capacityProvider') ?? ''));

const sumOf = (values: (number | undefined)[]): number | undefined => {
  const sum = values.reduce<number>((all, one) => all + (one ?? 0), 0);
  return sum > 0 ? sum : undefined;
};
