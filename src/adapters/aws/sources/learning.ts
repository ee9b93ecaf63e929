/** SageMaker: notebooks, jobs, endpoints, Studio apps and clusters that run. Its machines are not among EC2's. */
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Source } from '../../../bot/ports.ts';
import type { Observation, Subject } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { sageMakerSubject } from '../translate/names.ts';
import { learningJobs } from './learning-jobs.ts';
import { lenient, once, sizedLearning } from './learning-sizes.ts';
import type { Sight } from './looking.ts';
import { arnOf, machine, strangestImage } from './seen.ts';
import { type RegionLook, sweep } from './sweep.ts';

/** Costs: seven calls per region and look, one more per new job, one per endpoint and cluster; none of them is charged for. */
export function learning(sight: Sight, prices: PriceTable, { everySeconds = 3600 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: [
      'ListNotebookInstances',
      'ListTrainingJobs',
      'DescribeTrainingJob',
      'ListProcessingJobs',
      'DescribeProcessingJob',
      'ListTransformJobs',
      'DescribeTransformJob',
      'ListEndpoints',
      'DescribeEndpoint',
      'DescribeEndpointConfig',
      'ListApps',
      'ListClusters',
      'DescribeCluster',
    ].map((action) => `sagemaker:${action}`),
    parts: [
      { what: 'the notebooks', read: notebooks },
      ...learningJobs(session, prices, name),
      { what: 'the endpoints', read: endpoints },
      { what: 'the Studio apps', read: apps },
      { what: 'the SageMaker clusters', read: clusters },
    ],
  });

  async function* notebooks(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateListNotebookInstances } = await import('@aws-sdk/client-sagemaker');
    const client = await session.read.sagemaker(look.region);
    for await (const page of paginateListNotebookInstances({ client, pageSize: 100 }, {})) {
      yield (page.NotebookInstances ?? []).flatMap((one) => {
        if (one.NotebookInstanceName === undefined) return [];
        const running = /^(InService|Pending|Updating)$/.test(one.NotebookInstanceStatus ?? '');
        const resource = sageMakerSubject(look.place, 'notebook-instance', one.NotebookInstanceName);
        // Starting and stopping both move the time of the last change.
        const changed = one.LastModifiedTime?.toISOString() ?? one.CreationTime?.toISOString();
        return [
          machine(name, look, {
            ...look.memory.since(resource, running, changed),
            resource,
            what: 'SageMaker notebook',
            service,
            ...sizedLearning(prices, [{ type: one.InstanceType, count: 1 }], look),
            name: one.NotebookInstanceName,
            running,
          }),
        ];
      });
    }
  }

  async function* endpoints(look: RegionLook): AsyncGenerator<Observation[]> {
    const { DescribeEndpointCommand, DescribeEndpointConfigCommand, paginateListEndpoints } = await import('@aws-sdk/client-sagemaker');
    const client = await session.read.sagemaker(look.region);
    for await (const page of paginateListEndpoints({ client, pageSize: 100 }, {})) {
      for (const one of page.Endpoints ?? []) {
        if (one.EndpointName === undefined || /^(Failed|Deleting|OutOfService)$/.test(one.EndpointStatus ?? '')) continue;
        const resource = sageMakerSubject(look.place, 'endpoint', one.EndpointName);
        const now = await lenient(look, 'what endpoints run on', () =>
          client.send(new DescribeEndpointCommand({ EndpointName: one.EndpointName })),
        );
        const config = now?.EndpointConfigName;
        const said =
          config === undefined
            ? undefined
            : await once(look, `endpoint-config ${config}`, 'what endpoints run on', async () => {
                const { ProductionVariants = [] } = await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: config }));
                return {
                  machines: ProductionVariants.map((variant) => ({
                    type: variant.InstanceType,
                    count: variant.InitialInstanceCount,
                    name: variant.VariantName,
                  })),
                };
              });
        const running = new Map((now?.ProductionVariants ?? []).map((variant) => [variant.VariantName, variant.CurrentInstanceCount]));
        const machines = (said?.machines ?? []).map((each) => ({ ...each, count: running.get(each.name) ?? each.count }));
        const images = (now?.ProductionVariants ?? []).flatMap((variant) =>
          (variant.DeployedImages ?? []).flatMap((image) => image.SpecifiedImage ?? []),
        );
        const at = one.CreationTime?.toISOString() ?? look.heard;
        yield [
          machine(name, look, {
            at,
            id: `${arnOf(resource)}@${at}`,
            resource,
            what: 'SageMaker endpoint',
            service,
            // Without machines of its own it is paid by what it answers.
            ...(said !== undefined && machines.every(({ type }) => type === undefined)
              ? serverless
              : sizedLearning(prices, machines, look)),
            name: one.EndpointName,
            from: config !== undefined ? sageMakerSubject(look.place, 'endpoint-config', config) : undefined,
            image: strangestImage(images, look.place.scope.id),
          }),
        ];
      }
    }
  }

  async function* apps(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateListApps } = await import('@aws-sdk/client-sagemaker');
    const client = await session.read.sagemaker(look.region);
    for await (const page of paginateListApps({ client, pageSize: 100 }, {})) {
      yield (page.Apps ?? []).flatMap((one) => {
        const type = one.ResourceSpec?.InstanceType;
        // The entry page of Studio runs on AWS's own machines.
        if (!/^(InService|Pending)$/.test(one.Status ?? '') || type === undefined || type === 'system') return [];
        const owner = one.UserProfileName ?? one.SpaceName ?? 'unknown';
        const resource: Subject = sageMakerSubject(look.place, 'app', [one.DomainId, owner, one.AppType, one.AppName].join('/'));
        const at = one.CreationTime?.toISOString() ?? look.heard;
        return [
          machine(name, look, {
            at,
            id: `${arnOf(resource)}@${at}`,
            resource,
            what: 'SageMaker Studio app',
            service,
            ...sizedLearning(prices, [{ type, count: 1 }], look),
            name: `${one.AppType ?? 'app'} of ${owner}`,
          }),
        ];
      });
    }
  }

  async function* clusters(look: RegionLook): AsyncGenerator<Observation[]> {
    const { DescribeClusterCommand, paginateListClusters } = await import('@aws-sdk/client-sagemaker');
    const client: SageMakerClient = await session.read.sagemaker(look.region);
    for await (const page of paginateListClusters({ client, pageSize: 100 }, {})) {
      for (const one of page.ClusterSummaries ?? []) {
        if (one.ClusterArn === undefined || /^(Failed|Deleting)$/.test(one.ClusterStatus ?? '')) continue;
        const resource = sageMakerSubject(look.place, 'cluster', one.ClusterArn);
        const now = await lenient(look, 'what SageMaker clusters run on', () =>
          client.send(new DescribeClusterCommand({ ClusterName: one.ClusterName })),
        );
        const groups = now?.InstanceGroups ?? [];
        const at = one.CreationTime?.toISOString() ?? look.heard;
        yield [
          machine(name, look, {
            at,
            id: `${arnOf(resource)}@${at}`,
            resource,
            what: 'SageMaker cluster',
            service,
            ...sizedLearning(
              prices,
              groups.map((group) => ({ type: group.InstanceType, count: group.CurrentCount ?? group.TargetCount })),
              look,
            ),
            name: one.ClusterName,
          }),
        ];
      }
    }
  }
}

const name = 'aws/learning';
const service = 'SageMaker';
const serverless = {
  shape: { type: 'serverless', family: 'SageMaker', vcpus: 0 },
  price: { usd: 0, estimated: true, why: 'paid by what it answers' },
};
