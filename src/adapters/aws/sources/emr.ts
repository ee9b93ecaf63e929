/** EMR: clusters that run. Their machines are EC2's and are listed there; EMR takes a fee for each. */
import type { Cluster, ClusterSummary, EMRClient } from '@aws-sdk/client-emr';
import type { Source } from '../../../bot/ports.ts';
import type { Observation, Shape } from '../../../checks/observation.ts';
import type { Price, PriceTable } from '../prices.ts';
import { emrClusterSubject } from '../translate/names.ts';
import type { Sight } from './looking.ts';
import { arnOf, machine } from './seen.ts';
import { type RegionLook, sweep } from './sweep.ts';

/** Costs: one call per region and look, two per cluster; none of them is charged for. */
export function emr(sight: Sight, prices: PriceTable, { everySeconds = 3600 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: ['ListClusters', 'DescribeCluster', 'ListInstanceGroups', 'ListInstanceFleets'].map(
      (action) => `elasticmapreduce:${action}`,
    ),
    parts: [{ what: 'the EMR clusters', read }],
  });

  async function* read(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateListClusters } = await import('@aws-sdk/client-emr');
    const client = await session.read.emr(look.region);
    const alive = { ClusterStates: ['STARTING' as const, 'BOOTSTRAPPING' as const, 'RUNNING' as const, 'WAITING' as const] };
    for await (const page of paginateListClusters({ client }, alive)) {
      for (const one of page.Clusters ?? []) if (one.Id !== undefined) yield [await cluster(client, one, one.Id, look)];
    }
  }

  async function cluster(client: EMRClient, one: ClusterSummary, id: string, look: RegionLook): Promise<Observation> {
    const { DescribeClusterCommand } = await import('@aws-sdk/client-emr');
    const resource = emrClusterSubject(look.place, id);
    const at = one.Status?.Timeline?.CreationDateTime?.toISOString() ?? look.heard;
    let details: Cluster | undefined;
    let groups: Group[] = [];
    try {
      details = (await client.send(new DescribeClusterCommand({ ClusterId: id }))).Cluster;
      groups = await (details?.InstanceCollectionType === 'INSTANCE_FLEET' ? fleetsOf(client, id) : groupsOf(client, id));
    } catch (error) {
      look.lacks('the sizes of EMR clusters', error);
    }
    return machine(name, look, {
      at,
      id: `${arnOf(resource)}@running`,
      resource,
      what: 'EMR cluster',
      service: 'EMR',
      ...sized(groups, look),
      name: one.Name,
      protected: details?.TerminationProtected,
    });
  }

  function sized(groups: Group[], look: RegionLook): { shape: Shape; price?: Price } {
    const biggest = groups.toSorted((a, b) => b.count - a.count)[0];
    if (!biggest) return { shape: { type: 'EMR cluster', family: 'EMR', vcpus: 0 } };
    const fees = groups.map(({ type, count }) => ({ ...prices.emrFee(type, look.region), count }));
    return {
      shape: {
        type: groups
          .map(({ type, count }) => `${count} × ${type}`)
          .join(' + ')
          .slice(0, 120),
        family: prices.shape(biggest.type).family ?? 'EMR',
        vcpus: 0,
        ...(groups.every(({ spot }) => spot) ? { spot: true } : {}),
      },
      price: { usd: fees.reduce((sum, fee) => sum + fee.usd * fee.count, 0), estimated: true, why: `${fees[0]?.why ?? ''}; the fee alone` },
    };
  }
}

const name = 'aws/emr';
type Group = { type: string; count: number; spot: boolean };

async function groupsOf(client: EMRClient, id: string): Promise<Group[]> {
  const { paginateListInstanceGroups } = await import('@aws-sdk/client-emr');
  const found: Group[] = [];
  for await (const page of paginateListInstanceGroups({ client }, { ClusterId: id })) {
    for (const one of page.InstanceGroups ?? []) {
      const count = one.RunningInstanceCount || one.RequestedInstanceCount || 0;
      if (one.InstanceType !== undefined && count > 0) found.push({ type: one.InstanceType, count, spot: one.Market === 'SPOT' });
    }
  }
  return found;
}

/** A fleet's size is in units that a machine of a type may count for several of. */
async function fleetsOf(client: EMRClient, id: string): Promise<Group[]> {
  const { paginateListInstanceFleets } = await import('@aws-sdk/client-emr');
  const found: Group[] = [];
  for await (const page of paginateListInstanceFleets({ client }, { ClusterId: id })) {
    for (const one of page.InstanceFleets ?? []) {
      const units = (one.ProvisionedOnDemandCapacity ?? 0) + (one.ProvisionedSpotCapacity ?? 0);
      const wanted = (one.TargetOnDemandCapacity ?? 0) + (one.TargetSpotCapacity ?? 0);
      const first = one.InstanceTypeSpecifications?.[0];
      const count = Math.ceil((units || wanted) / Math.max(1, first?.WeightedCapacity ?? 1));
      if (first?.InstanceType !== undefined && count > 0)
        found.push({ type: first.InstanceType, count, spot: (one.TargetOnDemandCapacity ?? 0) === 0 });
    }
  }
  return found;
}
