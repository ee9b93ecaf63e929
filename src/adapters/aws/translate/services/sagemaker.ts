/** SageMaker: notebooks, jobs, endpoints, apps and clusters; each runs machines of types named `ml.…`. */
import { imageFromOf } from '../images.ts';
import { markersIn } from '../markers.ts';
import { type Act, answer, request, type Table, wordsOf } from '../meaning.ts';
import { sageMakerSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { defined, launch, prepared } from '../starting.ts';

const service = 'SageMaker';
const startScript = 'the start-up script of a SageMaker notebook';
const startsOtherwise = ({ event }: Act): boolean => text(request(event), 'lifecycleConfigName') !== undefined;
const notebook =
  (needs: 'lifecycleConfigName' | 'instanceType') =>
  ({ event, place }: Act) => {
    const name = text(request(event), 'notebookInstanceName');
    return name === undefined || text(request(event), needs) === undefined
      ? undefined
      : { resource: sageMakerSubject(place, 'notebook-instance', name), type: text(request(event), 'instanceType') };
  };
const resizedNotebook = defined(service, 'a SageMaker notebook', notebook('instanceType'));
const rewrittenNotebook = defined(service, startScript, notebook('lifecycleConfigName'));
function scripts({ event, place }: Act) {
  const name = text(request(event), 'notebookInstanceLifecycleConfigName');
  return name === undefined
    ? undefined
    : {
        resource: sageMakerSubject(place, 'notebook-instance-lifecycle-config', name),
        markers: markersIn(wordsOf(at(request(event), 'onCreate'), at(request(event), 'onStart'))),
      };
}

export const sageMaker: Table = {
  'sagemaker:CreateNotebookInstance': launch(service, 'a SageMaker notebook', ({ event, place }) => ({
    ...one(place, 'notebook-instance', event, 'notebookInstanceName', 'notebookInstanceArn'),
    type: text(request(event), 'instanceType'),
  })),
  'sagemaker:StartNotebookInstance': launch(service, 'a stopped SageMaker notebook', ({ event, place }) =>
    one(place, 'notebook-instance', event, 'notebookInstanceName'),
  ),
  // Another script is run at its next start, with the rights of the notebook; or it is only given another size.
  'sagemaker:UpdateNotebookInstance': (act) => (startsOtherwise(act) ? rewrittenNotebook : resizedNotebook)(act),
  'sagemaker:UpdateNotebookInstanceLifecycleConfig': defined(service, startScript, (act) => scripts(act)),
  'sagemaker:CreateNotebookInstanceLifecycleConfig': defined(service, 'what a SageMaker notebook runs at its start', (act) => scripts(act)),
  'sagemaker:CreateTrainingJob': launch(service, 'a SageMaker training job', ({ event, place }) => {
    const resources = at(request(event), 'resourceConfig');
    const group = list(resources, 'instanceGroups');
    const image = text(request(event), 'algorithmSpecification', 'trainingImage');
    return {
      ...one(place, 'training-job', event, 'trainingJobName', 'trainingJobArn'),
      count: countOf(number(resources, 'instanceCount') ?? sum(group.map((each) => number(each, 'instanceCount')))),
      type: text(resources, 'instanceType') ?? text(group[0], 'instanceType'),
      spot: at(request(event), 'enableManagedSpotTraining') === true,
      ...imageOf(image, place.scope.id),
      markers: markersIn(
        wordsOf(at(request(event), 'algorithmSpecification'), at(request(event), 'hyperParameters'), at(request(event), 'environment')),
      ),
    };
  }),
  'sagemaker:CreateProcessingJob': launch(service, 'a SageMaker processing job', ({ event, place }) => {
    const cluster = at(request(event), 'processingResources', 'clusterConfig');
    return {
      ...one(place, 'processing-job', event, 'processingJobName', 'processingJobArn'),
      count: countOf(number(cluster, 'instanceCount')),
      type: text(cluster, 'instanceType'),
      ...imageOf(text(request(event), 'appSpecification', 'imageUri'), place.scope.id),
      markers: markersIn(wordsOf(at(request(event), 'appSpecification'), at(request(event), 'environment'))),
    };
  }),
  'sagemaker:CreateTransformJob': launch(service, 'a SageMaker transform job', ({ event, place }) => ({
    ...one(place, 'transform-job', event, 'transformJobName', 'transformJobArn'),
    count: countOf(number(request(event), 'transformResources', 'instanceCount')),
    type: text(request(event), 'transformResources', 'instanceType'),
  })),
  'sagemaker:CreateHyperParameterTuningJob': launch(service, 'a SageMaker tuning job', ({ event, place }) => {
    const job = at(request(event), 'trainingJobDefinition') ?? list(request(event), 'trainingJobDefinitions')[0];
    const parallel = number(request(event), 'hyperParameterTuningJobConfig', 'resourceLimits', 'maxParallelTrainingJobs') ?? 1;
    return {
      ...one(place, 'hyper-parameter-tuning-job', event, 'hyperParameterTuningJobName', 'hyperParameterTuningJobArn'),
      count: countOf((number(job, 'resourceConfig', 'instanceCount') ?? 1) * parallel),
      type: text(job, 'resourceConfig', 'instanceType'),
    };
  }),
  'sagemaker:CreateEndpointConfig': defined(service, 'a SageMaker endpoint configuration', ({ event, place }) => {
    const name = text(request(event), 'endpointConfigName');
    const type = list(request(event), 'productionVariants')
      .map((variant) => text(variant, 'instanceType'))
      .find((each) => each !== undefined);
    return name === undefined ? undefined : { resource: sageMakerSubject(place, 'endpoint-config', name), type };
  }),
  'sagemaker:CreateEndpoint': launch(service, 'a SageMaker endpoint', ({ event, place }) => {
    const config = text(request(event), 'endpointConfigName');
    return {
      ...one(place, 'endpoint', event, 'endpointName', 'endpointArn'),
      from: config !== undefined ? sageMakerSubject(place, 'endpoint-config', config) : undefined,
    };
  }),
  'sagemaker:CreateApp': launch(service, 'a SageMaker app', ({ event, place }) => ({
    ...one(place, 'app', event, 'appName', 'appArn'),
    type: text(request(event), 'resourceSpec', 'instanceType'),
  })),
  'sagemaker:CreateCluster': launch(service, 'a SageMaker cluster', ({ event, place }) => {
    const groups = list(request(event), 'instanceGroups');
    return {
      ...one(place, 'cluster', event, 'clusterName', 'clusterArn'),
      count: countOf(sum(groups.map((each) => number(each, 'instanceCount')))),
      type: groups.map((each) => text(each, 'instanceType')).find((each) => each !== undefined),
    };
  }),
  'sagemaker:CreateDomain': prepared(service, 'a SageMaker domain', ({ event, place }) => {
    const name = text(answer(event), 'domainArn') ?? text(request(event), 'domainName');
    return name !== undefined ? sageMakerSubject(place, 'domain', name) : undefined;
  }),
};

function one(
  place: Parameters<typeof sageMakerSubject>[0],
  kind: Parameters<typeof sageMakerSubject>[1],
  event: unknown,
  name: string,
  arn?: string,
) {
  const found = (arn !== undefined ? text(answer(event), arn) : undefined) ?? text(request(event), name);
  return { resources: found !== undefined ? [sageMakerSubject(place, kind, found)] : [], count: 1 };
}

const imageOf = (image: string | undefined, account: string) =>
  image === undefined ? {} : { image, imageFrom: imageFromOf(image, account) };
const countOf = (count: number | undefined): number => Math.max(1, count ?? 1);
const sum = (values: (number | undefined)[]): number => values.reduce<number>((all, each) => all + (each ?? 0), 0);
