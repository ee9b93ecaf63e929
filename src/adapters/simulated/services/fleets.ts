import type * as ec2 from '@aws-sdk/client-ec2';
import type { ServiceRole } from '../call.ts';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, put, type Thing, take } from '../shelf.ts';
import type { Shape } from '../wire.ts';
import type { Call, Instance, Operation, World } from '../world.ts';
import { stateAt } from '../world.ts';
import { templateData } from './templates.ts';

export const fleetOperations: Record<string, Operation> = {
  CreateFleet(world, input: ec2.CreateFleetRequest, call): ec2.CreateFleetResult {
    const [config] = input.LaunchTemplateConfigs ?? [];
    const specification = config?.LaunchTemplateSpecification ?? {};
    templateData(world, specification, call);
    const id = `fleet-${world.chance.uuid()}`;
    const capacity = input.TargetCapacitySpecification;
    const isSpot = (capacity?.DefaultTargetCapacityType ?? 'on-demand') === 'spot';
    const launch = {
      LaunchTemplate: { ...specification },
      ...(config?.Overrides?.[0]?.InstanceType ? { InstanceType: config.Overrides[0].InstanceType } : {}),
      ...(isSpot ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
    };
    const facts: Fleet = {
      asked: input,
      target: capacity?.TotalTargetCapacity ?? 0,
      state: 'active',
      tag: fleetTag,
      by: fleetRole,
      launch,
      maintains: (input.Type ?? 'maintain') === 'maintain',
    };
    const thing = put(world, fleets, call, { id, arn: arnOf(world, 'ec2', call.region, `fleet/${id}`), facts });
    const started = start(world, thing, call.ms);
    if (input.Type !== 'instant') return { FleetId: id };
    const byType = Map.groupBy(started, (each) => each.type);
    return {
      FleetId: id,
      Errors: [],
      Instances: [...byType].map(([type, instances]) => ({
        InstanceType: type as NonNullable<ec2.CreateFleetInstance['InstanceType']>,
        InstanceIds: instances.map((each) => each.id),
        Lifecycle: isSpot ? ('spot' as const) : ('on-demand' as const),
        LaunchTemplateAndOverrides: { LaunchTemplateSpecification: specification },
      })),
    };
  },
  ModifyFleet(world, input: ec2.ModifyFleetRequest, call): ec2.ModifyFleetResult {
    const thing = find(world, fleets, input.FleetId, call);
    fleetOf(thing).target = input.TargetCapacitySpecification?.TotalTargetCapacity ?? fleetOf(thing).target;
    keep(world, thing, call.ms + startsAfterMs);
    return { Return: true };
  },
  DeleteFleets(world, input: ec2.DeleteFleetsRequest, call): ec2.DeleteFleetsResult {
    const things = (input.FleetIds ?? []).map((id) => find(world, fleets, id, call));
    for (const thing of things) close(world, thing, input.TerminateInstances ?? false, call.ms);
    return {
      SuccessfulFleetDeletions: things.map((thing) => ({
        FleetId: thing.id,
        CurrentFleetState: input.TerminateInstances ? 'deleted_terminating' : 'deleted_running',
        PreviousFleetState: 'active',
      })),
      UnsuccessfulFleetDeletions: [],
    };
  },
  DescribeFleets(world, input: ec2.DescribeFleetsRequest, call): ec2.DescribeFleetsResult {
    const found = list(world, fleets, call.region).filter((each) =>
      input.FleetIds?.length ? input.FleetIds.includes(each.id) : (fleetOf(each).asked as ec2.CreateFleetRequest).Type !== 'instant',
    );
    const { items, next } = pageOf(found, input.MaxResults ?? 100, input.NextToken);
    return { Fleets: items.map((each) => fleetShape(world, each, call)), NextToken: next };
  },
  DescribeFleetInstances(world, input: ec2.DescribeFleetInstancesRequest, call): ec2.DescribeFleetInstancesResult {
    const thing = find(world, fleets, input.FleetId, call);
    return { FleetId: thing.id, ActiveInstances: membersOf(world, thing, call.ms).map(activeShape) };
  },

  RequestSpotFleet(world, input: ec2.RequestSpotFleetRequest, call): ec2.RequestSpotFleetResponse {
    const config = input.SpotFleetRequestConfig;
    const [specification] = config?.LaunchSpecifications ?? [];
    const [template] = config?.LaunchTemplateConfigs ?? [];
    const id = `sfr-${world.chance.uuid()}`;
    const arn = arnOf(world, 'ec2', call.region, `spot-fleet-request/${id}`);
    const type = specification?.InstanceType ?? template?.Overrides?.[0]?.InstanceType;
    const launch = {
      ...(specification?.ImageId ? { ImageId: specification.ImageId } : {}),
      ...(specification?.UserData ? { UserData: specification.UserData } : {}),
      ...(type ? { InstanceType: type } : {}),
      ...(template?.LaunchTemplateSpecification ? { LaunchTemplate: { ...template.LaunchTemplateSpecification } } : {}),
      InstanceMarketOptions: { MarketType: 'spot' },
    };
    const facts: Fleet = {
      asked: input,
      target: config?.TargetCapacity ?? 0,
      state: 'active',
      tag: spotFleetTag,
      by: spotFleetRole,
      launch,
      maintains: (config?.Type ?? 'maintain') === 'maintain',
    };
    const thing = put(world, spotFleets, call, { id, arn, facts });
    world.agenda.add(call.ms + startsAfterMs, (now, ms) => start(now, thing, ms));
    return { SpotFleetRequestId: id };
  },
  ModifySpotFleetRequest(world, input: ec2.ModifySpotFleetRequestRequest, call): ec2.ModifySpotFleetRequestResponse {
    const thing = find(world, spotFleets, input.SpotFleetRequestId, call);
    fleetOf(thing).target = input.TargetCapacity ?? fleetOf(thing).target;
    keep(world, thing, call.ms + startsAfterMs);
    return { Return: true };
  },
  CancelSpotFleetRequests(world, input: ec2.CancelSpotFleetRequestsRequest, call): ec2.CancelSpotFleetRequestsResponse {
    const things = (input.SpotFleetRequestIds ?? []).map((id) => find(world, spotFleets, id, call));
    for (const thing of things) close(world, thing, input.TerminateInstances ?? false, call.ms);
    return {
      SuccessfulFleetRequests: things.map((thing) => ({
        SpotFleetRequestId: thing.id,
        CurrentSpotFleetRequestState: input.TerminateInstances ? 'cancelled_terminating' : 'cancelled_running',
        PreviousSpotFleetRequestState: 'active',
      })),
      UnsuccessfulFleetRequests: [],
    };
  },
  DescribeSpotFleetRequests(world, input: ec2.DescribeSpotFleetRequestsRequest, call): ec2.DescribeSpotFleetRequestsResponse {
    const found = list(world, spotFleets, call.region).filter(
      (each) => !input.SpotFleetRequestIds?.length || input.SpotFleetRequestIds.includes(each.id),
    );
    const { items, next } = pageOf(found, input.MaxResults ?? 100, input.NextToken);
    return {
      SpotFleetRequestConfigs: items.map((each) => ({
        SpotFleetRequestId: each.id,
        CreateTime: new Date(each.madeMs),
        SpotFleetRequestState: fleetOf(each).state as ec2.BatchState,
        ActivityStatus: 'fulfilled' as const,
        SpotFleetRequestConfig: {
          ...((fleetOf(each).asked as ec2.RequestSpotFleetRequest).SpotFleetRequestConfig as ec2.SpotFleetRequestConfigData),
          TargetCapacity: fleetOf(each).target,
          FulfilledCapacity: membersOf(world, each, call.ms).length,
        },
        Tags: [],
      })),
      NextToken: next,
    };
  },
  DescribeSpotFleetInstances(world, input: ec2.DescribeSpotFleetInstancesRequest, call): ec2.DescribeSpotFleetInstancesResponse {
    const thing = find(world, spotFleets, input.SpotFleetRequestId, call);
    return { SpotFleetRequestId: thing.id, ActiveInstances: membersOf(world, thing, call.ms).map(activeShape) };
  },

  RequestSpotInstances(world, input: ec2.RequestSpotInstancesRequest, call): ec2.RequestSpotInstancesResult {
    const made = Array.from({ length: input.InstanceCount ?? 1 }, () => {
      const id = `sir-${world.chance.text(8, 'abcdefghijkmnpqrstuvwxyz0123456789')}`;
      const facts = { asked: input, state: 'open', instance: '' };
      return put(world, spotRequests, call, { id, arn: arnOf(world, 'ec2', call.region, `spot-instances-request/${id}`), facts });
    });
    world.agenda.add(call.ms + startsAfterMs, (now, ms) => fulfil(now, made, input, ms));
    return { SpotInstanceRequests: made.map((each) => requestShape(each)) };
  },
  CancelSpotInstanceRequests(world, input: ec2.CancelSpotInstanceRequestsRequest, call): ec2.CancelSpotInstanceRequestsResult {
    const things = (input.SpotInstanceRequestIds ?? []).map((id) => find(world, spotRequests, id, call));
    for (const thing of things) thing.facts.state = 'cancelled';
    return { CancelledSpotInstanceRequests: things.map((thing) => ({ SpotInstanceRequestId: thing.id, State: 'cancelled' as const })) };
  },
  DescribeSpotInstanceRequests(world, input: ec2.DescribeSpotInstanceRequestsRequest, call): ec2.DescribeSpotInstanceRequestsResult {
    const wanted = (name: string) => input.Filters?.find((filter) => filter.Name === name)?.Values;
    const states = wanted('state');
    const found = list(world, spotRequests, call.region).filter(
      (each) =>
        (!input.SpotInstanceRequestIds?.length || input.SpotInstanceRequestIds.includes(each.id)) &&
        (!states || states.includes(String(each.facts.state))),
    );
    const { items, next } = pageOf(found, input.MaxResults ?? 1000, input.NextToken);
    return { SpotInstanceRequests: items.map(requestShape), NextToken: next };
  },
};

/** A machine of a fleet was stopped or ended: one that maintains its target makes good. */
export function keepFleets(world: World, instance: Instance, ms: number): void {
  for (const kind of [fleets, spotFleets]) {
    for (const thing of list(world, kind, instance.region)) {
      if (instance.tags.some(({ Key, Value }) => Key === fleetOf(thing).tag && Value === thing.id)) keep(world, thing, ms + noticesAfterMs);
    }
  }
}

type Fleet = {
  asked: ec2.CreateFleetRequest | ec2.RequestSpotFleetRequest;
  target: number;
  state: string;
  /** By which its machines are known, the role it starts them with, and how. */
  tag: string;
  by: ServiceRole;
  launch: Shape;
  maintains: boolean;
};
const fleets = 'ec2/fleet';
const spotFleets = 'ec2/spot fleet';
const spotRequests = 'ec2/spot request';
const fleetTag = 'aws:ec2:fleet-id';
const spotFleetTag = 'aws:ec2spot:fleet-request-id';
const fleetRole = { service: 'ec2fleet.amazonaws.com', role: 'AWSServiceRoleForEC2Fleet', session: 'FleetManager' };
const spotFleetRole = { service: 'spotfleet.amazonaws.com', role: 'AWSServiceRoleForEC2SpotFleet', session: 'SpotFleet' };
const spotRole = { service: 'spot.amazonaws.com', role: 'AWSServiceRoleForEC2Spot', session: 'spot' };
const startsAfterMs = 5_000;
const noticesAfterMs = 60_000;
const fleetOf = (thing: Thing) => thing.facts as Fleet;

function find(world: World, kind: string, id: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, id);
  if (!thing) throw new AwsError('InvalidFleetId.NotFound', `The ID '${id}' does not exist`);
  return thing;
}

const membersOf = (world: World, thing: Thing, ms: number): Instance[] =>
  [...world.instances.values()].filter(
    (each) =>
      each.region === thing.region &&
      ['pending', 'running'].includes(stateAt(each, ms)) &&
      each.tags.some(({ Key, Value }) => Key === fleetOf(thing).tag && Value === thing.id),
  );

/** Fills the fleet up to its target, as the service. */
function start(world: World, thing: Thing, ms: number): Instance[] {
  const { target, state, tag, by, launch } = fleetOf(thing);
  const lacking = target - membersOf(world, thing, ms).length;
  if (lacking <= 0 || state !== 'active') return [];
  const input = {
    ...launch,
    MinCount: 1,
    MaxCount: lacking,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: tag, Value: thing.id }] }],
  };
  const result = world.asService(by, { service: 'ec2', operation: 'RunInstances', region: thing.region, ms, input });
  const started = result.kind === 'done' ? ((result.output as ec2.Reservation).Instances ?? []) : [];
  return started.flatMap((each) => world.instances.get(each.InstanceId ?? '') ?? []);
}

function keep(world: World, thing: Thing, ms: number): void {
  if (fleetOf(thing).maintains) world.agenda.add(ms, (now, atMs) => start(now, thing, atMs));
}

function close(world: World, thing: Thing, terminate: boolean, ms: number): void {
  const { by } = fleetOf(thing);
  const members = membersOf(world, thing, ms);
  thing.facts = { ...fleetOf(thing), state: terminate ? 'deleted_terminating' : 'deleted_running' };
  if (!terminate || !members.length) return;
  const input = { InstanceIds: members.map((each) => each.id) };
  world.asService(by, { service: 'ec2', operation: 'TerminateInstances', region: thing.region, ms, input });
}

function fulfil(world: World, requests: Thing[], input: ec2.RequestSpotInstancesRequest, ms: number): void {
  const open = requests.filter((each) => each.facts.state === 'open');
  const [first] = open;
  if (!first) return;
  const specification = input.LaunchSpecification;
  const launch = {
    ImageId: specification?.ImageId,
    InstanceType: specification?.InstanceType,
    ...(specification?.UserData ? { UserData: specification.UserData } : {}),
    InstanceMarketOptions: { MarketType: 'spot' },
    MinCount: 1,
    MaxCount: open.length,
  };
  const result = world.asService(spotRole, { service: 'ec2', operation: 'RunInstances', region: first.region, ms, input: launch });
  const started = result.kind === 'done' ? ((result.output as ec2.Reservation).Instances ?? []) : [];
  started.forEach(({ InstanceId: id = '' }, at) => {
    const request = open[at];
    const instance = world.instances.get(id);
    if (!request || !instance) return;
    instance.spotRequest = request.id;
    request.facts = { ...request.facts, state: 'active', instance: id };
  });
}

const fleetShape = (world: World, thing: Thing, call: Call): ec2.FleetData => {
  const asked = fleetOf(thing).asked as ec2.CreateFleetRequest;
  return {
    FleetId: thing.id,
    FleetState: fleetOf(thing).state as NonNullable<ec2.FleetData['FleetState']>,
    ActivityStatus: 'fulfilled',
    CreateTime: new Date(thing.madeMs),
    Type: asked.Type ?? 'maintain',
    TargetCapacitySpecification: {
      ...asked.TargetCapacitySpecification,
      TotalTargetCapacity: fleetOf(thing).target,
    } as ec2.TargetCapacitySpecification,
    FulfilledCapacity: membersOf(world, thing, call.ms).length,
    LaunchTemplateConfigs: (asked.LaunchTemplateConfigs ?? []) as ec2.FleetLaunchTemplateConfig[],
    Tags: [],
  };
};
const activeShape = (instance: Instance): ec2.ActiveInstance => ({
  InstanceId: instance.id,
  InstanceType: instance.type,
  InstanceHealth: 'healthy',
});
function requestShape(thing: Thing): ec2.SpotInstanceRequest {
  const { asked, state, instance } = thing.facts as {
    asked: ec2.RequestSpotInstancesRequest;
    state: ec2.SpotInstanceState;
    instance: string;
  };
  const { UserData: _, ...specification } = asked.LaunchSpecification ?? {};
  return {
    SpotInstanceRequestId: thing.id,
    CreateTime: new Date(thing.madeMs),
    State: state,
    Status: { Code: state === 'active' ? 'fulfilled' : 'pending-evaluation' },
    Type: asked.Type ?? 'one-time',
    SpotPrice: asked.SpotPrice,
    LaunchSpecification: specification as ec2.LaunchSpecification,
    ...(instance ? { InstanceId: instance } : {}),
  };
}
