/** AWS Batch: environments that start machines, queues, and the jobs sent to them. */
import type { Shape } from '../../../../checks/observation.ts';
import { imageFromOf } from '../images.ts';
import { markersIn } from '../markers.ts';
import { type Act, answer, request, type Table, wordsOf } from '../meaning.ts';
import { batchSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { defined, keeps, launch, prepared } from '../starting.ts';

const service = 'Batch';

export const batch: Table = {
  'batch:CreateComputeEnvironment': keeps(service, 'a Batch compute environment', (act) => environment(act, true)),
  'batch:UpdateComputeEnvironment': keeps(service, 'a Batch compute environment', (act) => environment(act, false)),
  'batch:CreateJobQueue': prepared(service, 'a Batch job queue', ({ event, place }) => {
    const name = text(answer(event), 'jobQueueArn') ?? text(request(event), 'jobQueueName');
    return name !== undefined ? batchSubject(place, 'job-queue', name) : undefined;
  }),
  'batch:RegisterJobDefinition': defined(service, 'a Batch job definition', ({ event, place }) => {
    const name = text(answer(event), 'jobDefinitionArn') ?? text(request(event), 'jobDefinitionName');
    const container =
      at(request(event), 'containerProperties') ?? at(list(request(event), 'nodeProperties', 'nodeRangeProperties')[0], 'container');
    const image = text(container, 'image');
    return name === undefined
      ? undefined
      : {
          resource: batchSubject(place, 'job-definition', name),
          shape: sizeOf(container),
          ...(image !== undefined ? { image, imageFrom: imageFromOf(image, place.scope.id) } : {}),
          markers: markersIn(wordsOf(container)),
        };
  }),
  'batch:SubmitJob': launch(service, 'a Batch job', ({ event, place }) => {
    const id = text(answer(event), 'jobArn') ?? text(answer(event), 'jobId');
    const definition = text(request(event), 'jobDefinition');
    const overrides = at(request(event), 'containerOverrides');
    return {
      resources: id !== undefined ? [batchSubject(place, 'job', id)] : [],
      count: Math.max(1, number(request(event), 'arrayProperties', 'size') ?? number(request(event), 'nodeOverrides', 'numNodes') ?? 1),
      from: definition !== undefined ? batchSubject(place, 'job-definition', definition) : undefined,
      shape: sizeOf(overrides),
      markers: markersIn(wordsOf(overrides)),
    };
  }),
};

/** Environments are sized in vCPUs; where the kind of machine is left to Batch, this many stand for one. */
const vcpusOfAnyMachine = 16;

function environment({ event, place, shape }: Act, made: boolean) {
  const name = text(request(event), 'computeEnvironmentName') ?? text(request(event), 'computeEnvironment');
  const resources = at(request(event), 'computeResources');
  const most = number(resources, 'maxvCpus');
  if (name === undefined || most === undefined) return undefined;
  const kind = text(resources, 'type')?.toUpperCase() ?? '';
  const types = list(resources, 'instanceTypes').flatMap((one) => (typeof one === 'string' ? [one] : []));
  const type = types.find((one) => one.includes('.')) ?? types.find((one) => one !== 'optimal');
  const of: Shape = kind.startsWith('FARGATE')
    ? { type: 'Fargate 1 vCPU', family: 'Fargate', vcpus: 1, ...(kind.endsWith('SPOT') ? { spot: true } : {}) }
    : { ...(type !== undefined ? shape(type) : { type: 'optimal' }), ...(kind === 'SPOT' ? { spot: true } : {}) };
  const each = of.vcpus ?? vcpusOfAnyMachine;
  return {
    resource: batchSubject(place, 'compute-environment', text(answer(event), 'computeEnvironmentArn') ?? name),
    desired: Math.ceil((number(resources, 'desiredvCpus') ?? number(resources, 'minvCpus') ?? 0) / each),
    most: Math.ceil(most / each),
    shape: { ...of, vcpus: each },
    made,
  };
}

/** vCPUs stand in a field of their own in older requests, else among the requirements. */
function sizeOf(container: unknown): Shape | undefined {
  const needed = (type: string) =>
    list(container, 'resourceRequirements').flatMap((one) => (text(one, 'type') === type ? (number(one, 'value') ?? []) : []))[0];
  const vcpus = number(container, 'vcpus') ?? needed('VCPU');
  const gpus = needed('GPU');
  return vcpus === undefined && gpus === undefined
    ? undefined
    : {
        type: 'a Batch job',
        family: 'Batch',
        ...(vcpus !== undefined ? { vcpus } : {}),
        ...(gpus !== undefined && gpus > 0 ? { gpus } : {}),
      };
}
