import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { learning } from '../../../../src/adapters/aws/sources/learning.ts';
import { account, type Said } from '../aws-stand-in.ts';
import { home, lookAt, of, type Sweeping, seconds, sweeping } from './sweeping.ts';

const made = seconds('2026-03-01T09:00:00.000Z');
const arn = (rest: string): string => `arn:aws:sagemaker:us-east-1:${account}:${rest}`;
let world: Sweeping;
let answers: Record<string, Said>;
beforeEach(async () => {
  world = await sweeping(learning);
  answers = {};
  world.answers(({ region, operation }) => (region === home ? answers[operation] : undefined));
});
afterEach(() => world.close());
const machines = async () => of('compute.seen', (await world.look()).observations);

describe('SageMaker', () => {
  it('shows a job with all its machines, its image and what betrays mining, and reads it once', async () => {
    answers = {
      ListTrainingJobs: {
        TrainingJobSummaries: [
          { TrainingJobName: 'Fit', TrainingJobArn: arn('training-job/fit'), CreationTime: made, TrainingJobStatus: 'InProgress' },
        ],
      },
      DescribeTrainingJob: {
        TrainingJobName: 'Fit',
        ResourceConfig: { InstanceType: 'ml.g5.12xlarge', InstanceCount: 3, VolumeSizeInGB: 1 },
        AlgorithmSpecification: { TrainingImage: 'docker.io/someone/thing', TrainingInputMode: 'File' },
        Environment: { START: 'xmrig', PASSWORD: 'hunter2-made-up' },
      },
    };

    const first = await world.look();
    const second = await world.look(first.cursors);

    expect(of('compute.seen', first.observations)).toMatchObject([
      {
        resource: `resource:${arn('training-job/fit')}`,
        service: 'SageMaker',
        what: 'SageMaker training job',
        shape: { type: '3 × g5.12xlarge', family: 'g5', vcpus: 144, gpus: 12 },
        perHour: { usd: expect.closeTo(3 * 5.672 * 1.25, 6) },
        estimated: true,
        imageFrom: 'public',
        markers: [{ kind: 'miner', word: 'xmrig' }],
      },
    ]);
    expect(of('compute.seen', second.observations)[0]).toEqual(of('compute.seen', first.observations)[0]);
    expect(JSON.stringify([first, second])).not.toContain('hunter2');
    expect(world.aws.asked.filter((one) => one.operation === 'DescribeTrainingJob')).toHaveLength(1);
  });

  it('shows processing and transform jobs too', async () => {
    answers = {
      ListProcessingJobs: { ProcessingJobSummaries: [{ ProcessingJobName: 'p', CreationTime: made }] },
      DescribeProcessingJob: { ProcessingResources: { ClusterConfig: { InstanceType: 'ml.c5.xlarge', InstanceCount: 1 } } },
      ListTransformJobs: { TransformJobSummaries: [{ TransformJobName: 't', CreationTime: made }] },
      DescribeTransformJob: { TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 2 } },
    };

    expect((await machines()).map((one) => [one.what, one.shape.type, one.shape.vcpus]).sort()).toEqual([
      ['SageMaker processing job', 'c5.xlarge', 4],
      ['SageMaker transform job', '2 × m5.large', 4],
    ]);
  });

  it('shows an endpoint as big as it is now, not as it was asked for', async () => {
    answers = {
      ListEndpoints: { Endpoints: [{ EndpointName: 'e', EndpointStatus: 'InService', CreationTime: made, LastModifiedTime: made }] },
      DescribeEndpoint: {
        EndpointName: 'e',
        EndpointConfigName: 'config',
        ProductionVariants: [{ VariantName: 'all', CurrentInstanceCount: 8, DeployedImages: [{ SpecifiedImage: 'someone/thing' }] }],
      },
      DescribeEndpointConfig: {
        EndpointConfigName: 'config',
        ProductionVariants: [{ VariantName: 'all', InstanceType: 'ml.g5.xlarge', InitialInstanceCount: 1 }],
      },
    };

    expect(await machines()).toMatchObject([
      { shape: { type: '8 × g5.xlarge', gpus: 8 }, from: `resource:${arn('endpoint-config/config')}`, imageFrom: 'public' },
    ]);
  });

  it('shows Studio apps and clusters, but not the entry page of Studio', async () => {
    answers = {
      ListApps: {
        Apps: [
          {
            DomainId: 'd-1',
            UserProfileName: 'ada',
            AppType: 'JupyterLab',
            AppName: 'default',
            Status: 'InService',
            CreationTime: made,
            ResourceSpec: { InstanceType: 'ml.g4dn.xlarge' },
          },
          {
            DomainId: 'd-1',
            UserProfileName: 'ada',
            AppType: 'JupyterServer',
            AppName: 'default',
            Status: 'InService',
            CreationTime: made,
            ResourceSpec: { InstanceType: 'system' },
          },
        ],
      },
      ListClusters: {
        ClusterSummaries: [{ ClusterArn: arn('cluster/abc'), ClusterName: 'pod', CreationTime: made, ClusterStatus: 'InService' }],
      },
      DescribeCluster: {
        ClusterName: 'pod',
        InstanceGroups: [{ InstanceGroupName: 'a', InstanceType: 'ml.p4d.24xlarge', CurrentCount: 2, TargetCount: 4 }],
      },
    };

    expect((await machines()).map((one) => [one.resource, one.shape.gpus]).sort()).toEqual([
      [`resource:${arn('app/d-1/ada/jupyterlab/default')}`, 1],
      [`resource:${arn('cluster/abc')}`, 16],
    ]);
  });

  it('gives a notebook that was started again another life, with the same resource', async () => {
    const notebook = (status: string, changed: number): Said => ({
      NotebookInstances: [
        {
          NotebookInstanceName: 'lab',
          NotebookInstanceArn: arn('notebook-instance/lab'),
          NotebookInstanceStatus: status,
          InstanceType: 'ml.t3.medium',
          CreationTime: made,
          LastModifiedTime: changed,
        },
      ],
    });
    const seen = [];
    let cursors = {};
    for (const [status, changed] of [
      ['Pending', made],
      ['InService', made + 300],
      ['Stopped', made + 600],
      ['InService', made + 900],
    ] as const) {
      answers = { ListNotebookInstances: notebook(status, changed) };
      const look = await world.look(cursors);
      cursors = look.cursors;
      seen.push(...of('compute.seen', look.observations));
      world.clock.turn(3600);
    }

    expect(seen.map((one) => one.running)).toEqual([true, true, false, true]);
    expect(seen[1]?.id).toBe(seen[0]?.id);
    expect(new Set(seen.map((one) => one.id)).size).toBe(3);
    expect(new Set(seen.map((one) => one.resource)).size).toBe(1);
  });

  it('shows a job whose details it may not read, without a price, and says so', async () => {
    answers = {
      ListTrainingJobs: { TrainingJobSummaries: [{ TrainingJobName: 'fit', TrainingJobArn: arn('training-job/fit'), CreationTime: made }] },
      DescribeTrainingJob: { error: 'AccessDeniedException' },
    };

    const { observations } = await world.look();

    expect(of('compute.seen', observations)).toMatchObject([{ shape: { type: 'unknown' }, estimated: true }]);
    expect(of('compute.seen', observations)[0]).not.toHaveProperty('perHour');
    expect(lookAt(home, observations)).toMatchObject({
      complete: true,
      gap: expect.stringMatching(/what SageMaker jobs run on of us-east-1/),
    });
  });
});
