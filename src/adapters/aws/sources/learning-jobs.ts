/** SageMaker's jobs that run: training, processing, transforming. */
import type { Observation } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import type { AwsSession } from '../session.ts';
import { wordsOf } from '../translate/meaning.ts';
import { sageMakerSubject } from '../translate/names.ts';
import { type Described, once, sizedLearning } from './learning-sizes.ts';
import { arnOf, machine } from './seen.ts';
import type { Part, RegionLook } from './sweep.ts';

/** Three kinds of jobs, listed alike; what one runs on is read once. */
export function learningJobs(session: AwsSession, prices: PriceTable, by: string): Part[] {
  return [
    {
      what: 'the training jobs',
      async *read(look) {
        const { DescribeTrainingJobCommand, paginateListTrainingJobs } = await import('@aws-sdk/client-sagemaker');
        const client = await session.read.sagemaker(look.region);
        for await (const page of paginateListTrainingJobs({ client, pageSize: 100 }, { StatusEquals: 'InProgress' })) {
          for (const { TrainingJobName: job, CreationTime: made } of page.TrainingJobSummaries ?? []) {
            if (job === undefined) continue;
            yield* oneJob(look, 'training-job', job, made, async () => {
              const said = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: job }));
              const groups = said.ResourceConfig?.InstanceGroups ?? [];
              return {
                machines:
                  groups.length > 0
                    ? groups.map((one) => ({ type: one.InstanceType, count: one.InstanceCount }))
                    : [{ type: said.ResourceConfig?.InstanceType, count: said.ResourceConfig?.InstanceCount }],
                spot: said.EnableManagedSpotTraining === true,
                images: [said.AlgorithmSpecification?.TrainingImage],
                words: wordsOf(said.AlgorithmSpecification, said.HyperParameters, said.Environment),
              };
            });
          }
        }
      },
    },
    {
      what: 'the processing jobs',
      async *read(look) {
        const { DescribeProcessingJobCommand, paginateListProcessingJobs } = await import('@aws-sdk/client-sagemaker');
        const client = await session.read.sagemaker(look.region);
        for await (const page of paginateListProcessingJobs({ client, pageSize: 100 }, { StatusEquals: 'InProgress' })) {
          for (const { ProcessingJobName: job, CreationTime: made } of page.ProcessingJobSummaries ?? []) {
            if (job === undefined) continue;
            yield* oneJob(look, 'processing-job', job, made, async () => {
              const said = await client.send(new DescribeProcessingJobCommand({ ProcessingJobName: job }));
              const cluster = said.ProcessingResources?.ClusterConfig;
              return {
                machines: [{ type: cluster?.InstanceType, count: cluster?.InstanceCount }],
                images: [said.AppSpecification?.ImageUri],
                words: wordsOf(said.AppSpecification, said.Environment),
              };
            });
          }
        }
      },
    },
    {
      what: 'the transform jobs',
      async *read(look) {
        const { DescribeTransformJobCommand, paginateListTransformJobs } = await import('@aws-sdk/client-sagemaker');
        const client = await session.read.sagemaker(look.region);
        for await (const page of paginateListTransformJobs({ client, pageSize: 100 }, { StatusEquals: 'InProgress' })) {
          for (const { TransformJobName: job, CreationTime: made } of page.TransformJobSummaries ?? []) {
            if (job === undefined) continue;
            yield* oneJob(look, 'transform-job', job, made, async () => {
              const said = await client.send(new DescribeTransformJobCommand({ TransformJobName: job }));
              return {
                machines: [{ type: said.TransformResources?.InstanceType, count: said.TransformResources?.InstanceCount }],
                words: wordsOf(said.Environment),
              };
            });
          }
        }
      },
    },
  ];

  async function* oneJob(
    look: RegionLook,
    kind: 'training-job' | 'processing-job' | 'transform-job',
    job: string,
    made: Date | undefined,
    describe: () => Promise<Described>,
  ): AsyncGenerator<Observation[]> {
    const resource = sageMakerSubject(look.place, kind, job);
    const said = await once(look, `${resource}@${made?.toISOString() ?? ''}`, 'what SageMaker jobs run on', describe);
    const at = made?.toISOString() ?? look.heard;
    yield [
      machine(by, look, {
        at,
        id: `${arnOf(resource)}@${at}`,
        resource,
        what: `SageMaker ${kind.replace('-', ' ')}`,
        service: 'SageMaker',
        ...sizedLearning(prices, said?.machines ?? [], look, said?.spot),
        name: job,
        image: said?.image,
        markers: said?.markers,
      }),
    ];
  }
}
