import type * as lightsail from '@aws-sdk/client-lightsail';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, meter, put, remove, stopMeters, type Thing, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

export const lightsailOperations: Record<string, Operation> = {
  CreateInstances(world, input: lightsail.CreateInstancesRequest, call): lightsail.CreateInstancesResult {
    const names = input.instanceNames ?? [];
    if (names.some((name) => take(world, kind, call.region, name))) {
      throw new AwsError('InvalidInputException', 'Some names are already in use.');
    }
    const made = names.map((id) => {
      const facts = {
        blueprint: input.blueprintId,
        bundle: input.bundleId,
        zone: input.availabilityZone,
        state: 'running',
        tags: input.tags ?? [],
      };
      const thing = put(world, kind, call, { id, arn: arnOf(world, 'lightsail', call.region, `Instance/${world.chance.uuid()}`), facts });
      run(world, thing, call.ms);
      return thing;
    });
    return { operations: made.map((thing) => operationShape(world, thing, 'CreateInstance', call)) };
  },
  StopInstance(world, input: lightsail.StopInstanceRequest, call): lightsail.StopInstanceResult {
    const thing = find(world, input.instanceName, call);
    thing.facts.state = 'stopped';
    return { operations: [operationShape(world, thing, 'StopInstance', call)] };
  },
  StartInstance(world, input: lightsail.StartInstanceRequest, call): lightsail.StartInstanceResult {
    const thing = find(world, input.instanceName, call);
    thing.facts.state = 'running';
    return { operations: [operationShape(world, thing, 'StartInstance', call)] };
  },
  DeleteInstance(world, input: lightsail.DeleteInstanceRequest, call): lightsail.DeleteInstanceResult {
    const thing = find(world, input.instanceName, call);
    stopMeters(world, thing.region, thing.arn, call.ms);
    remove(world, kind, thing);
    return { operations: [operationShape(world, thing, 'DeleteInstance', call)] };
  },
  GetInstances(world, input: lightsail.GetInstancesRequest, call): lightsail.GetInstancesResult {
    const { items, next } = pageOf(list(world, kind, call.region), 100, input.pageToken);
    return { instances: items.map(shapeOf), ...(next ? { nextPageToken: next } : {}) };
  },
  GetInstance: (world, input: lightsail.GetInstanceRequest, call): lightsail.GetInstanceResult => ({
    instance: shapeOf(find(world, input.instanceName, call)),
  }),
  GetContainerServices: (): lightsail.ContainerServicesListResult => ({ containerServices: [] }),
};

const kind = 'lightsail/instance';

/** Sizes and USD a month of the bundles (Lightsail's pricing page); the generation behind the last underscore changes neither. */
const bundles: Record<string, { vcpus: number; gigabytes: number; usdPerMonth: number }> = {
  nano: { vcpus: 2, gigabytes: 0.5, usdPerMonth: 5 },
  micro: { vcpus: 2, gigabytes: 1, usdPerMonth: 7 },
  small: { vcpus: 2, gigabytes: 2, usdPerMonth: 12 },
  medium: { vcpus: 2, gigabytes: 4, usdPerMonth: 24 },
  large: { vcpus: 2, gigabytes: 8, usdPerMonth: 44 },
  xlarge: { vcpus: 4, gigabytes: 16, usdPerMonth: 84 },
  '2xlarge': { vcpus: 8, gigabytes: 32, usdPerMonth: 164 },
  '4xlarge': { vcpus: 16, gigabytes: 64, usdPerMonth: 384 },
};
const bundleOf = (thing: Thing) => bundles[String(thing.facts.bundle).split('_')[0] ?? ''] ?? bundles.medium!;

/** A bundle is paid for until it is deleted, stopped or not. */
function run(world: World, thing: Thing, ms: number): void {
  const usdPerHour = bundleOf(thing).usdPerMonth / 730;
  meter(world, { service: 'Amazon Lightsail', region: thing.region, what: thing.arn, usdPerHour, fromMs: ms });
}

function find(world: World, name: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, name);
  if (!thing) throw new AwsError('NotFoundException', `The Instance does not exist: ${name}`);
  return thing;
}

const shapeOf = (thing: Thing): lightsail.Instance => ({
  name: thing.id,
  arn: thing.arn,
  createdAt: new Date(thing.madeMs),
  location: { availabilityZone: String(thing.facts.zone ?? `${thing.region}a`), regionName: thing.region as lightsail.RegionName },
  resourceType: 'Instance',
  blueprintId: String(thing.facts.blueprint),
  bundleId: String(thing.facts.bundle),
  hardware: { cpuCount: bundleOf(thing).vcpus, ramSizeInGb: bundleOf(thing).gigabytes },
  state: thing.facts.state === 'running' ? { code: 16, name: 'running' } : { code: 80, name: 'stopped' },
  tags: thing.facts.tags as lightsail.Tag[],
});
const operationShape = (world: World, thing: Thing, type: string, call: Call): lightsail.Operation => ({
  id: world.chance.uuid(),
  resourceName: thing.id,
  resourceType: 'Instance',
  createdAt: new Date(call.ms),
  location: { regionName: call.region as lightsail.RegionName },
  isTerminal: false,
  operationType: type as lightsail.OperationType,
  status: 'Started',
});
