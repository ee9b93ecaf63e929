import type * as emr from '@aws-sdk/client-emr';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, capitals, list, put, type Thing, take } from '../shelf.ts';
import type { Call, Instance, Operation, World } from '../world.ts';
import { stateAt } from '../world.ts';

export const emrOperations: Record<string, Operation> = {
  RunJobFlow(world, input: emr.RunJobFlowInput, call): emr.RunJobFlowOutput {
    const id = `j-${capitals(world, 13)}`;
    const arn = arnOf(world, 'elasticmapreduce', call.region, `cluster/${id}`);
    const thing = put(world, kind, call, { id, arn, facts: { ...input, status: 'RUNNING' } });
    world.agenda.add(call.ms + startsAfterMs, (now, ms) => start(now, thing, ms));
    return { JobFlowId: id, ClusterArn: arn };
  },
  TerminateJobFlows(world, input: emr.TerminateJobFlowsInput, call): undefined {
    for (const id of input.JobFlowIds ?? []) {
      const thing = find(world, id, call);
      if (thing.facts.TerminationProtected) {
        throw new AwsError('ValidationException', 'Could not shut down one or more job flows since they are termination protected.');
      }
      Object.assign(thing.facts, { status: 'TERMINATED' });
      thing.endedMs ??= call.ms;
      const ids = machinesOf(world, thing, call.ms).map((each) => each.id);
      if (!ids.length) continue;
      world.asService(role, {
        service: 'ec2',
        operation: 'TerminateInstances',
        region: call.region,
        ms: call.ms,
        input: { InstanceIds: ids },
      });
    }
    return undefined;
  },
  SetTerminationProtection(world, input: emr.SetTerminationProtectionInput, call): undefined {
    for (const id of input.JobFlowIds ?? []) find(world, id, call).facts.TerminationProtected = input.TerminationProtected;
    return undefined;
  },
  ListClusters(world, input: emr.ListClustersInput, call): emr.ListClustersOutput {
    const states: string[] = input.ClusterStates ?? [];
    const found = list(world, kind, call.region).filter((each) => !states.length || states.includes(String(each.facts.status)));
    const { items, next } = pageOf(found, 50, input.Marker);
    return { Clusters: items.map(summaryShape), ...(next ? { Marker: next } : {}) };
  },
  DescribeCluster(world, input: emr.DescribeClusterInput, call): emr.DescribeClusterOutput {
    const thing = find(world, input.ClusterId, call);
    const instances = instancesOf(thing);
    return {
      Cluster: {
        ...summaryShape(thing),
        TerminationProtected: Boolean(thing.facts.TerminationProtected ?? instances.TerminationProtected),
        AutoTerminate: !instances.KeepJobFlowAliveWhenNoSteps,
        InstanceCollectionType: instances.InstanceFleets ? 'INSTANCE_FLEET' : 'INSTANCE_GROUP',
        ReleaseLabel: thing.facts.ReleaseLabel as string | undefined,
      },
    };
  },
  ListInstanceGroups(world, input: emr.ListInstanceGroupsInput, call): emr.ListInstanceGroupsOutput {
    const thing = find(world, input.ClusterId, call);
    return {
      InstanceGroups: groupsOf(thing).map((group, at) => ({
        Id: `ig-${thing.id.slice(2)}${at}`,
        InstanceGroupType: group.role as emr.InstanceGroupType,
        InstanceType: group.type,
        RequestedInstanceCount: group.count,
        RunningInstanceCount: thing.endedMs === undefined ? group.count : 0,
        Market: group.isSpot ? ('SPOT' as const) : ('ON_DEMAND' as const),
      })),
    };
  },
  ListInstances(world, input: emr.ListInstancesInput, call): emr.ListInstancesOutput {
    const thing = find(world, input.ClusterId, call);
    return {
      Instances: machinesOf(world, thing, call.ms).map((each) => ({
        Id: `ci-${each.id.slice(2)}`,
        Ec2InstanceId: each.id,
        InstanceType: each.type,
        Status: { State: 'RUNNING' as const },
      })),
    };
  },
  ListInstanceFleets: (): emr.ListInstanceFleetsOutput => ({ InstanceFleets: [] }),
};

const kind = 'emr/cluster';
const tag = 'aws:elasticmapreduce:job-flow-id';
const startsAfterMs = 60_000;
const role = { service: 'elasticmapreduce.amazonaws.com', role: 'EMR_DefaultRole', session: 'CCSSession' };
const instancesOf = (thing: Thing) => (thing.facts.Instances ?? {}) as emr.JobFlowInstancesConfig;

function find(world: World, id: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, id);
  if (!thing) throw new AwsError('InvalidRequestException', `Cluster id '${id}' is not valid.`);
  return thing;
}

type Group = { role: string; type: string; count: number; isSpot: boolean };
/** However the machines were asked for: by groups, fleets, or a master and workers of one type. */
function groupsOf(thing: Thing): Group[] {
  const asked = instancesOf(thing);
  if (asked.InstanceGroups?.length) {
    return asked.InstanceGroups.map((group) => ({
      role: group.InstanceRole ?? 'CORE',
      type: group.InstanceType ?? 'm5.xlarge',
      count: group.InstanceCount ?? 1,
      isSpot: group.Market === 'SPOT',
    }));
  }
  if (asked.InstanceFleets?.length) {
    return asked.InstanceFleets.map((fleet) => ({
      role: fleet.InstanceFleetType ?? 'CORE',
      type: fleet.InstanceTypeConfigs?.[0]?.InstanceType ?? 'm5.xlarge',
      count: (fleet.TargetOnDemandCapacity ?? 0) + (fleet.TargetSpotCapacity ?? 0),
      isSpot: (fleet.TargetSpotCapacity ?? 0) > 0,
    }));
  }
  const workers = (asked.InstanceCount ?? 1) - 1;
  const master = { role: 'MASTER', type: asked.MasterInstanceType ?? 'm5.xlarge', count: 1, isSpot: false };
  return workers > 0 ? [master, { role: 'CORE', type: asked.SlaveInstanceType ?? 'm5.xlarge', count: workers, isSpot: false }] : [master];
}

function start(world: World, thing: Thing, ms: number): void {
  if (thing.endedMs !== undefined) return;
  for (const group of groupsOf(thing)) {
    if (group.count < 1) continue;
    const input = {
      MinCount: 1,
      MaxCount: group.count,
      InstanceType: group.type,
      ...(group.isSpot ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: tag, Value: thing.id },
            { Key: 'aws:elasticmapreduce:instance-group-role', Value: group.role },
          ],
        },
      ],
    };
    world.asService(role, { service: 'ec2', operation: 'RunInstances', region: thing.region, ms, input });
  }
}

const machinesOf = (world: World, thing: Thing, ms: number): Instance[] =>
  [...world.instances.values()].filter(
    (each) =>
      each.region === thing.region &&
      ['pending', 'running'].includes(stateAt(each, ms)) &&
      each.tags.some((one) => one.Key === tag && one.Value === thing.id),
  );

const summaryShape = (thing: Thing) => ({
  Id: thing.id,
  Name: String(thing.facts.Name ?? ''),
  ClusterArn: thing.arn,
  Status: {
    State: thing.facts.status as emr.ClusterState,
    Timeline: { CreationDateTime: new Date(thing.madeMs), ReadyDateTime: new Date(thing.madeMs + startsAfterMs) },
  },
});
