import type * as eks from '@aws-sdk/client-eks';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, meter, put, remove, stopMeters, type Thing, take } from '../shelf.ts';
import type { Call, Instance, Operation, World } from '../world.ts';
import { stateAt } from '../world.ts';

export const eksOperations: Record<string, Operation> = {
  CreateCluster(world, input: eks.CreateClusterRequest, call): eks.CreateClusterResponse {
    const id = input.name ?? '';
    if (take(world, clusters, call.region, id))
      throw new AwsError('ResourceInUseException', `Cluster already exists with name: ${id}`, 409);
    const thing = put(world, clusters, call, { id, arn: arnOf(world, 'eks', call.region, `cluster/${id}`), facts: { ...input } });
    // The price of a control plane (AWS EKS pricing page).
    meter(world, { service: 'Amazon Elastic Kubernetes Service', region: call.region, what: thing.arn, usdPerHour: 0.1, fromMs: call.ms });
    return { cluster: clusterShape(thing) };
  },
  DeleteCluster(world, input: eks.DeleteClusterRequest, call): eks.DeleteClusterResponse {
    const thing = find(world, clusters, input.name, call);
    stopMeters(world, thing.region, thing.arn, call.ms);
    remove(world, clusters, thing);
    return { cluster: clusterShape(thing) };
  },
  ListClusters(world, input: eks.ListClustersRequest, call): eks.ListClustersResponse {
    const { items, next } = pageOf(list(world, clusters, call.region), input.maxResults ?? 100, input.nextToken);
    return { clusters: items.map((each) => each.id), ...(next ? { nextToken: next } : {}) };
  },
  DescribeCluster: (world, input: eks.DescribeClusterRequest, call): eks.DescribeClusterResponse => ({
    cluster: clusterShape(find(world, clusters, input.name, call)),
  }),

  CreateNodegroup(world, input: eks.CreateNodegroupRequest, call): eks.CreateNodegroupResponse {
    const cluster = find(world, clusters, input.clusterName, call);
    const id = `${cluster.id}/${input.nodegroupName}`;
    const arn = arnOf(world, 'eks', call.region, `nodegroup/${id}/${world.chance.uuid()}`);
    const thing = put(world, nodegroups, call, { id, arn, facts: { ...input, isDeleting: false } });
    keep(world, thing, call.ms + startsAfterMs);
    return { nodegroup: nodegroupShape(thing) };
  },
  UpdateNodegroupConfig(world, input: eks.UpdateNodegroupConfigRequest, call): eks.UpdateNodegroupConfigResponse {
    const thing = nodegroupOf(world, input, call);
    thing.facts.scalingConfig = { ...scalingOf(thing), ...input.scalingConfig };
    keep(world, thing, call.ms + startsAfterMs);
    return { update: { id: world.chance.uuid(), status: 'InProgress', type: 'ConfigUpdate', createdAt: new Date(call.ms) } };
  },
  DeleteNodegroup(world, input: eks.DeleteNodegroupRequest, call): eks.DeleteNodegroupResponse {
    const thing = nodegroupOf(world, input, call);
    thing.facts = { ...thing.facts, scalingConfig: { minSize: 0, maxSize: 1, desiredSize: 0 } };
    const told = nodegroupShape(thing);
    keep(world, thing, call.ms);
    world.agenda.add(call.ms + startsAfterMs, (now) => void remove(now, nodegroups, thing));
    return { nodegroup: { ...told, status: 'DELETING' } };
  },
  ListNodegroups(world, input: eks.ListNodegroupsRequest, call): eks.ListNodegroupsResponse {
    const cluster = find(world, clusters, input.clusterName, call);
    const found = list(world, nodegroups, call.region).filter((each) => each.facts.clusterName === cluster.id);
    const { items, next } = pageOf(found, input.maxResults ?? 100, input.nextToken);
    return { nodegroups: items.map((each) => String(each.facts.nodegroupName)), ...(next ? { nextToken: next } : {}) };
  },
  DescribeNodegroup: (world, input: eks.DescribeNodegroupRequest, call): eks.DescribeNodegroupResponse => ({
    nodegroup: nodegroupShape(nodegroupOf(world, input, call)),
  }),
  ListFargateProfiles: (): eks.ListFargateProfilesResponse => ({ fargateProfileNames: [] }),
};

const clusters = 'eks/cluster';
const nodegroups = 'eks/nodegroup';
const startsAfterMs = 30_000;
const looksAgainAfterMs = 60_000;
const tag = 'eks:nodegroup-name';
const role = { service: 'autoscaling.amazonaws.com', role: 'AWSServiceRoleForAutoScaling', session: 'AutoScaling' };

const scalingOf = (thing: Thing) => (thing.facts.scalingConfig ?? {}) as eks.NodegroupScalingConfig;

function find(world: World, kind: string, name: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, name);
  if (!thing) throw new AwsError('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
  return thing;
}
const nodegroupOf = (world: World, input: { clusterName: string | undefined; nodegroupName: string | undefined }, call: Call): Thing =>
  find(world, nodegroups, `${input.clusterName}/${input.nodegroupName}`, call);

const nodesOf = (world: World, thing: Thing, ms: number): Instance[] =>
  [...world.instances.values()].filter(
    (each) =>
      each.region === thing.region &&
      ['pending', 'running'].includes(stateAt(each, ms)) &&
      each.tags.some((one) => one.Key === tag && one.Value === thing.id),
  );

/** A node group is a group of machines: Auto Scaling starts and ends them. */
function keep(world: World, thing: Thing, ms: number): void {
  world.agenda.add(ms, (now, atMs) => {
    if (take(now, nodegroups, thing.region, thing.id) !== thing) return;
    const nodes = nodesOf(now, thing, atMs);
    const desired = scalingOf(thing).desiredSize ?? scalingOf(thing).minSize ?? 2;
    const surplus = nodes.slice(desired).map((each) => each.id);
    const call = { service: 'ec2', region: thing.region, ms: atMs };
    if (surplus.length) now.asService(role, { ...call, operation: 'TerminateInstances', input: { InstanceIds: surplus } });
    const lacking = desired - nodes.length;
    if (lacking <= 0) return;
    const [type = 't3.medium'] = (thing.facts.instanceTypes ?? []) as string[];
    const input = {
      MinCount: 1,
      MaxCount: lacking,
      InstanceType: type,
      ...(thing.facts.capacityType === 'SPOT' ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: tag, Value: thing.id },
            { Key: 'eks:cluster-name', Value: String(thing.facts.clusterName) },
          ],
        },
      ],
    };
    const result = now.asService(role, { ...call, operation: 'RunInstances', input });
    if (result.kind === 'refused') keep(now, thing, atMs + 5 * looksAgainAfterMs);
  });
}

const clusterShape = (thing: Thing): eks.Cluster => ({
  name: thing.id,
  arn: thing.arn,
  status: 'ACTIVE',
  version: (thing.facts.version as string | undefined) ?? '1.33',
  createdAt: new Date(thing.madeMs),
});
const nodegroupShape = (thing: Thing): eks.Nodegroup => ({
  nodegroupName: String(thing.facts.nodegroupName),
  nodegroupArn: thing.arn,
  clusterName: String(thing.facts.clusterName),
  status: 'ACTIVE',
  createdAt: new Date(thing.madeMs),
  capacityType: (thing.facts.capacityType ?? 'ON_DEMAND') as eks.CapacityTypes,
  instanceTypes: (thing.facts.instanceTypes ?? ['t3.medium']) as string[],
  scalingConfig: { minSize: 1, maxSize: 2, desiredSize: 2, ...scalingOf(thing) },
});
