/** EC2: machines, fleets, Spot, launch templates, protection. */
import type { Place, Subject } from '../../../../checks/observation.ts';
import { type Act, answer, done, type Facts, looked, request, type Table } from '../meaning.ts';
import { fleetSubject, resourceSubject, scalingGroupSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { andKeeps, launch } from '../starting.ts';
import { instancesOf, launchTemplate, protectedAtLaunch, protection, rewritten, templateOf } from './ec2-settings.ts';

export const ec2: Table = {
  'ec2:RunInstances': (act) => [...runInstances(act), ...protectedAtLaunch(act)],
  'ec2:StartInstances': (act) => startInstances(act),
  'ec2:CreateFleet': (act) => createFleet(act),
  'ec2:RequestSpotInstances': (act) => requestSpotInstances(act),
  'ec2:RequestSpotFleet': (act) => requestSpotFleet(act),
  'ec2:AllocateHosts': (act) => allocateHosts(act),
  'ec2:CreateCapacityReservation': (act) => reserveCapacity(act),
  'ec2:ModifyFleet': done(({ event, place }) =>
    grown(place, text(fleetRequest(event, 'Modify'), 'FleetId'), fleetTarget(fleetRequest(event, 'Modify'))),
  ),
  'ec2:ModifySpotFleetRequest': done(({ event, place }) =>
    grown(place, text(request(event), 'spotFleetRequestId'), number(request(event), 'targetCapacity')),
  ),
  'ec2:CreateLaunchTemplate': (act) => launchTemplate(act),
  'ec2:CreateLaunchTemplateVersion': (act) => launchTemplate(act),
  'ec2:ModifyInstanceAttribute': done((act) => [...protection(act), ...rewritten(act)]),
  'ec2:PurchaseReservedInstancesOffering': done(() => [{ kind: 'commitment.bought', what: 'reserved EC2 instances' }]),
  'ec2:PurchaseHostReservation': done(() => [{ kind: 'commitment.bought', what: 'reserved EC2 hosts' }]),
  'ec2:PurchaseCapacityBlock': done(() => [{ kind: 'commitment.bought', what: 'a block of EC2 capacity' }]),
  'ec2:PurchaseScheduledInstances': done(() => [{ kind: 'commitment.bought', what: 'scheduled EC2 instances' }]),
  'ec2:DescribeRegions': looked('regions'),
  'ec2:DescribeInstanceTypes': looked('sizes'),
  'ec2:DescribeInstanceTypeOfferings': looked('sizes'),
  'ec2:DescribeSpotPriceHistory': looked('sizes'),
  'ec2:DescribeAccountAttributes': looked('limits'),
  'ec2:DescribeReservedInstancesOfferings': looked('sizes'),
};

/** Tags beginning with `aws:` can be set by AWS alone, so this one is true. */
const launchedFor = ({ event, place }: Act): Subject[] =>
  [
    ...list(request(event), 'tagSpecificationSet').flatMap((specification) => list(specification, 'tags')),
    ...list(answer(event), 'instancesSet')
      .slice(0, 1)
      .flatMap((instance) => list(instance, 'tagSet')),
  ]
    .flatMap((tag) => (text(tag, 'key') === 'aws:autoscaling:groupName' ? (text(tag, 'value') ?? []) : []))
    .slice(0, 1)
    .map((name) => scalingGroupSubject(place, name));

const runInstances = launch(undefined, 'EC2 instances', (act) => {
  const { event, place } = act;
  const started = list(answer(event), 'instancesSet');
  const resources = instancesOf(started, place);
  const asked = list(request(event), 'instancesSet').reduce<number>(
    (sum, one) => sum + (number(one, 'maxCount') ?? number(one, 'minCount') ?? 1),
    0,
  );
  const spot = text(request(event), 'instanceMarketOptions', 'marketType') === 'spot' || text(started[0], 'instanceLifecycle') === 'spot';
  const wanted = at(request(event), 'instanceType');
  return {
    resources,
    // The answer is cut from very large records; the request then says how many.
    count: resources.length > 0 ? resources.length : Math.max(1, asked || (number(request(event), 'maxCount') ?? 1)),
    type:
      text(started[0], 'instanceType') ??
      text(wanted) ??
      text(wanted, 'value') ??
      text(list(request(event), 'instancesSet')[0], 'instanceType'),
    spot,
    from: templateOf(place, request(event, 'launchTemplate')),
    startedBy: launchedFor(act),
  };
});

const startInstances = launch(undefined, 'stopped EC2 instances', ({ event, place }) => {
  const resources = instancesOf([...list(answer(event), 'instancesSet'), ...list(request(event), 'instancesSet')], place);
  const once = [...new Set(resources)];
  return { resources: once, count: Math.max(1, once.length), again: true };
});

const fleetRequest = (event: unknown, verb: 'Create' | 'Modify'): unknown => request(event, `${verb}FleetRequest`) ?? request(event);
const fleetTarget = (asked: unknown): number | undefined => number(asked, 'TargetCapacitySpecification', 'TotalTargetCapacity');

const createFleet = andKeeps(
  undefined,
  launch(undefined, 'an EC2 fleet', ({ event, place }) => {
    const asked = fleetRequest(event, 'Create');
    const sets = list(answer(event, 'CreateFleetResponse') ?? answer(event), 'fleetInstanceSet');
    const resources = sets.flatMap((set) => instancesOf(list(set, 'instanceIds'), place));
    const configs = list(asked, 'LaunchTemplateConfigs');
    return {
      resources,
      count: Math.max(1, fleetTarget(asked) ?? resources.length),
      type:
        text(sets[0], 'instanceType') ??
        configs
          .flatMap((config) => list(config, 'Overrides'))
          .map((one) => text(one, 'InstanceType'))
          .find((one) => one !== undefined),
      spot: text(asked, 'TargetCapacitySpecification', 'DefaultTargetCapacityType') === 'spot',
      from: configs.map((config) => templateInFleet(place, config)).find((one) => one !== undefined),
    };
  }),
  ({ event, place }) => {
    const asked = fleetRequest(event, 'Create');
    const most = fleetTarget(asked);
    // Left out, it is kept up (EC2 API reference, CreateFleet).
    if (most === undefined || (text(asked, 'Type') ?? 'maintain') === 'instant') return undefined;
    const id = text(answer(event, 'CreateFleetResponse') ?? answer(event), 'fleetId') ?? text(event, 'eventID') ?? 'unknown';
    return { resource: fleetSubject(place, id), desired: most, most };
  },
);

const templateInFleet = (place: Place, config: unknown): Subject | undefined => {
  const specification = at(config, 'LaunchTemplateSpecification');
  return templateOf(place, specification);
};

const requestSpotInstances = launch(undefined, 'EC2 Spot instances', ({ event, place }) => ({
  resources: instancesOf(list(answer(event), 'spotInstanceRequestSet'), place),
  count: Math.max(1, number(request(event), 'instanceCount') ?? 1),
  type: text(request(event), 'launchSpecification', 'instanceType'),
  spot: true,
}));

const requestSpotFleet = andKeeps(
  undefined,
  launch(undefined, 'an EC2 Spot fleet', ({ event, place }) => {
    const config = spotFleetConfig(event);
    const templates = list(config, 'launchTemplateConfigs');
    const types = [
      ...list(config, 'launchSpecifications').map((one) => text(one, 'instanceType')),
      ...templates.flatMap((one) => list(one, 'overrides').map((override) => text(override, 'instanceType'))),
    ];
    return {
      resources: [],
      count: Math.max(1, number(config, 'targetCapacity') ?? 1),
      type: types.find((one) => one !== undefined),
      spot: true,
      from: templates.map((one) => templateInFleet(place, one)).find((one) => one !== undefined),
    };
  }),
  ({ event, place }) => {
    const most = number(spotFleetConfig(event), 'targetCapacity');
    const id = text(answer(event), 'spotFleetRequestId') ?? text(event, 'eventID') ?? 'unknown';
    return most === undefined ? undefined : { resource: fleetSubject(place, id), desired: most, most };
  },
);
const spotFleetConfig = (event: unknown): unknown => request(event, 'spotFleetRequestConfig') ?? request(event);

const grown = (place: Place, id: string | undefined, most: number | undefined): Facts[] =>
  id === undefined || most === undefined ? [] : [{ kind: 'launcher.changed', resource: fleetSubject(place, id), desired: most, most }];

const allocateHosts = launch(undefined, 'EC2 dedicated hosts', ({ event, place }) => {
  const asked = request(event, 'AllocateHostsRequest') ?? request(event);
  const ids = list(answer(event, 'AllocateHostsResponse') ?? answer(event), 'hostIdSet').flatMap((one) =>
    typeof one === 'string' ? [one] : (text(one, 'hostId') ?? text(one, 'content') ?? []),
  );
  const type = text(asked, 'instanceType') ?? text(asked, 'instanceFamily');
  return {
    resources: ids.map((id) => resourceSubject(place, 'ec2', `dedicated-host/${id}`)),
    count: Math.max(1, ids.length, number(asked, 'quantity') ?? 1),
    // A host is as big as its family gets, whatever is run on it.
    type: type !== undefined ? `${type.split('.', 1)[0]}.metal` : undefined,
  };
});

const reserveCapacity = launch(undefined, 'reserved EC2 capacity', ({ event, place }) => {
  const asked = request(event, 'CreateCapacityReservationRequest') ?? request(event);
  const answered = answer(event, 'CreateCapacityReservationResponse') ?? answer(event);
  const id = text(answered, 'capacityReservation', 'capacityReservationId') ?? text(answered, 'capacityReservationId');
  return {
    resources: id !== undefined ? [resourceSubject(place, 'ec2', `capacity-reservation/${id}`)] : [],
    count: Math.max(1, number(asked, 'instanceCount') ?? 1),
    type: text(asked, 'instanceType'),
  };
});
