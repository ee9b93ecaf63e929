/** EKS: groups of machines that clusters keep up. The machines are EC2's and are listed there. */
import type { Nodegroup } from '@aws-sdk/client-eks';
import type { Source } from '../../../bot/ports.ts';
import type { Observation } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { nodegroupSubject, scalingGroupSubject } from '../translate/names.ts';
import type { Sight } from './looking.ts';
import { launcherChanged, startedBy } from './seen.ts';
import { eachOf, type RegionLook, sweep } from './sweep.ts';

/** Costs: one call per region and look, one per cluster, one per group; none of them is charged for. */
export function kubernetes(sight: Sight, prices: PriceTable, { everySeconds = 3600 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: ['eks:ListClusters', 'eks:ListNodegroups', 'eks:DescribeNodegroup'],
    parts: [{ what: 'the Kubernetes clusters', read }],
  });

  async function* read(look: RegionLook): AsyncGenerator<Observation[]> {
    const { DescribeNodegroupCommand, paginateListClusters, paginateListNodegroups } = await import('@aws-sdk/client-eks');
    const client = await session.read.eks(look.region);
    const clusters: string[] = [];
    for await (const page of paginateListClusters({ client, pageSize: 100 }, {})) clusters.push(...(page.clusters ?? []));
    const reads = clusters.map(
      (clusterName) =>
        async function* (): AsyncGenerator<Observation[]> {
          for await (const { nodegroups = [] } of paginateListNodegroups({ client, pageSize: 100 }, { clusterName })) {
            for (const nodegroupName of nodegroups) {
              const { nodegroup } = await client.send(new DescribeNodegroupCommand({ clusterName, nodegroupName }));
              if (nodegroup) yield group(nodegroup, clusterName, nodegroupName, look);
            }
          }
        },
    );
    yield* eachOf(reads, clustersAtOnce);
  }

  function group(one: Nodegroup, cluster: string, called: string, look: RegionLook): Observation[] {
    const resource = nodegroupSubject(look.place, cluster, called);
    const desired = one.scalingConfig?.desiredSize ?? 0;
    const most = one.scalingConfig?.maxSize ?? desired;
    const made = one.createdAt?.toISOString();
    const sized = look.memory.sized(resource, desired, most, made);
    const type = one.instanceTypes?.[0];
    const shape = type !== undefined ? { ...prices.shape(type), ...(one.capacityType === 'SPOT' ? { spot: true } : {}) } : undefined;
    const groups = (one.resources?.autoScalingGroups ?? []).flatMap((scaling) => scaling.name ?? []);
    const at = made ?? look.heard;
    return [
      ...(sized === undefined ? [] : [launcherChanged(name, look, { ...sized, resource, desired, most, service: 'EKS', shape })]),
      ...groups.map((scaling) => startedBy(name, look, scalingGroupSubject(look.place, scaling), resource, at)),
    ];
  }
}

const name = 'aws/kubernetes';
const clustersAtOnce = 4;
