import type * as sm from '@aws-sdk/client-sagemaker';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, meter, priceOfType, put, remove, stopMeters, type Thing, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

export const sageMakerOperations: Record<string, Operation> = {
  // ---- notebooks ----
  CreateNotebookInstance(world, input: sm.CreateNotebookInstanceInput, call): sm.CreateNotebookInstanceOutput {
    const id = input.NotebookInstanceName ?? '';
    const thing = make(world, notebook, id, `notebook-instance/${id}`, { ...input, status: 'InService' }, call);
    run(world, thing, input.InstanceType, 1, call.ms);
    return { NotebookInstanceArn: thing.arn };
  },
  StopNotebookInstance(world, input: sm.StopNotebookInstanceInput, call): undefined {
    const thing = find(world, notebook, input.NotebookInstanceName, call);
    thing.facts.status = 'Stopped';
    stopMeters(world, thing.region, thing.arn, call.ms);
    return undefined;
  },
  StartNotebookInstance(world, input: sm.StartNotebookInstanceInput, call): undefined {
    const thing = find(world, notebook, input.NotebookInstanceName, call);
    if (thing.facts.status === 'Stopped') run(world, thing, thing.facts.InstanceType, 1, call.ms);
    thing.facts.status = 'InService';
    return undefined;
  },
  DeleteNotebookInstance(world, input: sm.DeleteNotebookInstanceInput, call): undefined {
    const thing = find(world, notebook, input.NotebookInstanceName, call);
    if (thing.facts.status !== 'Stopped') throw new AwsError('ValidationException', 'Status (InService) not in ([Stopped, Failed]).');
    remove(world, notebook, thing);
    return undefined;
  },
  ListNotebookInstances(world, input: sm.ListNotebookInstancesInput, call): sm.ListNotebookInstancesOutput {
    const { items, NextToken } = paged(list(world, notebook, call.region), input);
    return { NotebookInstances: items.map(notebookShape), NextToken };
  },
  DescribeNotebookInstance: (world, input: sm.DescribeNotebookInstanceInput, call): sm.DescribeNotebookInstanceOutput =>
    notebookShape(find(world, notebook, input.NotebookInstanceName, call)) as sm.DescribeNotebookInstanceOutput,
  CreateNotebookInstanceLifecycleConfig(
    world,
    input: sm.CreateNotebookInstanceLifecycleConfigInput,
    call,
  ): sm.CreateNotebookInstanceLifecycleConfigOutput {
    const id = input.NotebookInstanceLifecycleConfigName ?? '';
    const thing = make(world, lifecycle, id, `notebook-instance-lifecycle-config/${id}`, { ...input }, call);
    return { NotebookInstanceLifecycleConfigArn: thing.arn };
  },
  DescribeNotebookInstanceLifecycleConfig(
    world,
    input: sm.DescribeNotebookInstanceLifecycleConfigInput,
    call,
  ): sm.DescribeNotebookInstanceLifecycleConfigOutput {
    const thing = find(world, lifecycle, input.NotebookInstanceLifecycleConfigName, call);
    return { ...thing.facts, NotebookInstanceLifecycleConfigArn: thing.arn, CreationTime: new Date(thing.madeMs) };
  },

  // ---- jobs ----
  CreateTrainingJob(world, input: sm.CreateTrainingJobRequest, call): sm.CreateTrainingJobResponse {
    const id = input.TrainingJobName ?? '';
    const thing = make(world, training, id, `training-job/${id}`, { ...input, status: 'InProgress' }, call);
    run(world, thing, input.ResourceConfig?.InstanceType, input.ResourceConfig?.InstanceCount, call.ms);
    finish(world, thing, input.StoppingCondition?.MaxRuntimeInSeconds, call.ms);
    return { TrainingJobArn: thing.arn };
  },
  StopTrainingJob(world, input: sm.StopTrainingJobRequest, call): undefined {
    end(world, find(world, training, input.TrainingJobName, call), call.ms);
    return undefined;
  },
  ListTrainingJobs(world, input: sm.ListTrainingJobsRequest, call): sm.ListTrainingJobsResponse {
    const { items, NextToken } = paged(withStatus(list(world, training, call.region), input.StatusEquals), input);
    return {
      TrainingJobSummaries: items.map((each) => ({
        TrainingJobName: each.id,
        TrainingJobArn: each.arn,
        CreationTime: new Date(each.madeMs),
        TrainingJobStatus: each.facts.status as sm.TrainingJobStatus,
      })),
      NextToken,
    };
  },
  DescribeTrainingJob(world, input: sm.DescribeTrainingJobRequest, call): sm.DescribeTrainingJobResponse {
    const thing = find(world, training, input.TrainingJobName, call);
    const { status, ...facts } = thing.facts;
    return {
      ...(facts as unknown as sm.CreateTrainingJobRequest),
      TrainingJobArn: thing.arn,
      TrainingJobStatus: status as sm.TrainingJobStatus,
      CreationTime: new Date(thing.madeMs),
      TrainingStartTime: new Date(thing.madeMs),
    } as sm.DescribeTrainingJobResponse;
  },
  CreateProcessingJob(world, input: sm.CreateProcessingJobRequest, call): sm.CreateProcessingJobResponse {
    const id = input.ProcessingJobName ?? '';
    const thing = make(world, processing, id, `processing-job/${id}`, { ...input, status: 'InProgress' }, call);
    const cluster = input.ProcessingResources?.ClusterConfig;
    run(world, thing, cluster?.InstanceType, cluster?.InstanceCount, call.ms);
    finish(world, thing, input.StoppingCondition?.MaxRuntimeInSeconds, call.ms);
    return { ProcessingJobArn: thing.arn };
  },
  StopProcessingJob(world, input: sm.StopProcessingJobRequest, call): undefined {
    end(world, find(world, processing, input.ProcessingJobName, call), call.ms);
    return undefined;
  },
  ListProcessingJobs(world, input: sm.ListProcessingJobsRequest, call): sm.ListProcessingJobsResponse {
    const { items, NextToken } = paged(withStatus(list(world, processing, call.region), input.StatusEquals), input);
    return {
      ProcessingJobSummaries: items.map((each) => ({
        ProcessingJobName: each.id,
        ProcessingJobArn: each.arn,
        CreationTime: new Date(each.madeMs),
        ProcessingJobStatus: each.facts.status as sm.ProcessingJobStatus,
      })),
      NextToken,
    };
  },
  DescribeProcessingJob(world, input: sm.DescribeProcessingJobRequest, call): sm.DescribeProcessingJobResponse {
    const thing = find(world, processing, input.ProcessingJobName, call);
    const { status, ...facts } = thing.facts;
    return {
      ...(facts as unknown as sm.CreateProcessingJobRequest),
      ProcessingJobArn: thing.arn,
      ProcessingJobStatus: status as sm.ProcessingJobStatus,
      CreationTime: new Date(thing.madeMs),
    } as sm.DescribeProcessingJobResponse;
  },

  // ---- endpoints ----
  CreateEndpointConfig(world, input: sm.CreateEndpointConfigInput, call): sm.CreateEndpointConfigOutput {
    const id = input.EndpointConfigName ?? '';
    return { EndpointConfigArn: make(world, endpointConfig, id, `endpoint-config/${id}`, { ...input }, call).arn };
  },
  CreateEndpoint(world, input: sm.CreateEndpointInput, call): sm.CreateEndpointOutput {
    const config = find(world, endpointConfig, input.EndpointConfigName, call);
    const id = input.EndpointName ?? '';
    const thing = make(world, endpoint, id, `endpoint/${id}`, { ...input, status: 'InService' }, call);
    for (const variant of (config.facts.ProductionVariants ?? []) as sm.ProductionVariant[]) {
      run(world, thing, variant.InstanceType, variant.InitialInstanceCount, call.ms);
    }
    return { EndpointArn: thing.arn };
  },
  DeleteEndpoint(world, input: sm.DeleteEndpointInput, call): undefined {
    const thing = find(world, endpoint, input.EndpointName, call);
    stopMeters(world, thing.region, thing.arn, call.ms);
    remove(world, endpoint, thing);
    return undefined;
  },
  ListEndpoints(world, input: sm.ListEndpointsInput, call): sm.ListEndpointsOutput {
    const { items, NextToken } = paged(list(world, endpoint, call.region), input);
    return { Endpoints: items.map(endpointShape), NextToken };
  },
  DescribeEndpoint(world, input: sm.DescribeEndpointInput, call): sm.DescribeEndpointOutput {
    const thing = find(world, endpoint, input.EndpointName, call);
    const config = take(world, endpointConfig, call.region, thing.facts.EndpointConfigName);
    const variants = (config?.facts.ProductionVariants ?? []) as sm.ProductionVariant[];
    return {
      ...endpointShape(thing),
      EndpointConfigName: String(thing.facts.EndpointConfigName),
      ProductionVariants: variants.map((each) => ({
        VariantName: each.VariantName,
        CurrentInstanceCount: each.InitialInstanceCount,
        DesiredInstanceCount: each.InitialInstanceCount,
      })),
    };
  },
  DescribeEndpointConfig(world, input: sm.DescribeEndpointConfigInput, call): sm.DescribeEndpointConfigOutput {
    const thing = find(world, endpointConfig, input.EndpointConfigName, call);
    return { ...thing.facts, EndpointConfigArn: thing.arn, CreationTime: new Date(thing.madeMs) } as sm.DescribeEndpointConfigOutput;
  },
  ListEndpointConfigs(world, input: sm.ListEndpointConfigsInput, call): sm.ListEndpointConfigsOutput {
    const { items, NextToken } = paged(list(world, endpointConfig, call.region), input);
    return {
      EndpointConfigs: items.map((each) => ({
        EndpointConfigName: each.id,
        EndpointConfigArn: each.arn,
        CreationTime: new Date(each.madeMs),
      })),
      NextToken,
    };
  },

  // ---- what this account keeps none of ----
  ListApps: (): sm.ListAppsResponse => ({ Apps: [] }),
  ListClusters: (): sm.ListClustersResponse => ({ ClusterSummaries: [] }),
  ListDomains: (): sm.ListDomainsResponse => ({ Domains: [] }),
  ListTransformJobs: (): sm.ListTransformJobsResponse => ({ TransformJobSummaries: [] }),
  ListHyperParameterTuningJobs: (): sm.ListHyperParameterTuningJobsResponse => ({ HyperParameterTuningJobSummaries: [] }),
};

const notebook = 'sagemaker/notebook';
const lifecycle = 'sagemaker/lifecycle';
const training = 'sagemaker/training';
const processing = 'sagemaker/processing';
const endpointConfig = 'sagemaker/endpoint config';
const endpoint = 'sagemaker/endpoint';

function make(world: World, kind: string, id: string, path: string, facts: Thing['facts'], call: Call): Thing {
  if (take(world, kind, call.region, id)) throw new AwsError('ResourceInUse', `Resource ${id} already exists.`);
  return put(world, kind, call, { id, arn: arnOf(world, 'sagemaker', call.region, path), facts });
}
function find(world: World, kind: string, id: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, id);
  if (!thing) throw new AwsError('ValidationException', `RecordNotFound: ${id}`);
  return thing;
}
function run(world: World, thing: Thing, type: unknown, count: number | undefined, ms: number): void {
  const usdPerHour = priceOfType(world, type) * (count ?? 1);
  meter(world, { service: 'Amazon SageMaker', region: thing.region, what: thing.arn, usdPerHour, fromMs: ms });
}
function end(world: World, thing: Thing, ms: number): void {
  thing.facts.status = 'Stopped';
  thing.endedMs = ms;
  stopMeters(world, thing.region, thing.arn, ms);
}
/** A job takes as long as it may; a day when nobody said (the default of both kinds in the API reference). */
function finish(world: World, thing: Thing, seconds: number | undefined, startedMs: number): void {
  world.agenda.add(startedMs + (seconds ?? 86_400) * 1000, (now, ms) => {
    if (thing.endedMs !== undefined) return;
    end(now, thing, ms);
    thing.facts.status = 'Completed';
  });
}
const withStatus = (things: Thing[], status: string | undefined) => things.filter((each) => !status || each.facts.status === status);
function paged(things: Thing[], input: { MaxResults?: number | undefined; NextToken?: string | undefined }) {
  const { items, next } = pageOf(things, input.MaxResults ?? 10, input.NextToken);
  return { items, NextToken: next };
}

const notebookShape = (thing: Thing): sm.NotebookInstanceSummary => ({
  NotebookInstanceName: thing.id,
  NotebookInstanceArn: thing.arn,
  NotebookInstanceStatus: thing.facts.status as sm.NotebookInstanceStatus,
  InstanceType: thing.facts.InstanceType as sm._InstanceType,
  CreationTime: new Date(thing.madeMs),
  LastModifiedTime: new Date(thing.madeMs),
  NotebookInstanceLifecycleConfigName: thing.facts.LifecycleConfigName as string | undefined,
});
const endpointShape = (thing: Thing) => ({
  EndpointName: thing.id,
  EndpointArn: thing.arn,
  CreationTime: new Date(thing.madeMs),
  LastModifiedTime: new Date(thing.madeMs),
  EndpointStatus: thing.facts.status as sm.EndpointStatus,
});
