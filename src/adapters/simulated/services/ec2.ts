import type {
  Instance as AwsInstance,
  DescribeInstanceAttributeRequest,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  Filter,
  InstanceAttribute,
  InstanceStateChange,
  ModifyInstanceAttributeRequest,
  Reservation,
  RunInstancesRequest,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import type { Resources } from '../call.ts';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { deliverStates } from '../push.ts';
import { allRegions, defaultRegions } from '../regions.ts';
import type { Call, Instance, InstanceState, Operation, World } from '../world.ts';
import { instanceArn, newEc2Id, stateAt } from '../world.ts';
import { keepGroups } from './auto-scaling.ts';
import { fleetOperations, keepFleets } from './fleets.ts';
import { limitOf, quotaOfFamily } from './service-quotas.ts';
import { fromTemplate, templateOperations } from './templates.ts';

export const ec2Operations: Record<string, Operation> = {
  ...templateOperations,
  ...fleetOperations,

  /** This account keeps no key pairs; removing one that is not there succeeds. */
  DeleteKeyPair: () => ({ Return: true }),

  DescribeRegions(world, input: DescribeRegionsRequest): DescribeRegionsResult {
    const status = (region: string) =>
      (defaultRegions as readonly string[]).includes(region)
        ? 'opt-in-not-required'
        : world.optedIn.has(region)
          ? 'opted-in'
          : 'not-opted-in';
    const wanted = allRegions
      .filter((region) => input.AllRegions || status(region) !== 'not-opted-in')
      .filter((region) => !input.RegionNames?.length || input.RegionNames.includes(region));
    const regions = wanted.map((region) => ({ RegionName: region, Endpoint: `ec2.${region}.amazonaws.com`, OptInStatus: status(region) }));
    const fits = matcher(input.Filters, (name, region: { RegionName: string; OptInStatus: string }) =>
      name === 'opt-in-status' ? region.OptInStatus : name === 'region-name' ? region.RegionName : undefined,
    );
    return { Regions: regions.filter(fits) };
  },

  DescribeInstanceTypes(world, input: DescribeInstanceTypesRequest): DescribeInstanceTypesResult {
    const names = input.InstanceTypes?.length ? input.InstanceTypes.map(String) : Object.keys(world.types);
    const described = names.map((name) => {
      const type = world.types[name];
      if (!type) throw new AwsError('InvalidInstanceType', `The following supplied instance types do not exist: [${name}]`);
      return { InstanceType: name as AwsInstance['InstanceType'], VCpuInfo: { DefaultVCpus: type.vcpus } };
    });
    const { items, next } = pageOf(described, input.MaxResults ?? 100, input.NextToken);
    return { InstanceTypes: items as NonNullable<DescribeInstanceTypesResult['InstanceTypes']>, NextToken: next };
  },

  DescribeInstances(world, input: DescribeInstancesRequest, call): DescribeInstancesResult {
    if (input.MaxResults !== undefined && (input.MaxResults < 5 || input.MaxResults > 1000)) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value ( ${input.MaxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
      );
    }
    if (input.InstanceIds?.length) find(world, call, input.InstanceIds);
    const fits = matcher(input.Filters, (name, instance: Instance) => filterValue(name, instance, call.ms));
    const matching = [...world.instances.values()].filter(
      (instance) =>
        instance.region === call.region &&
        (!input.InstanceIds?.length || input.InstanceIds.includes(instance.id)) &&
        !isForgotten(instance, call.ms) &&
        fits(instance),
    );
    const { items, next } = pageOf(matching, input.MaxResults ?? 1000, input.NextToken);
    const byReservation = Map.groupBy(items, (instance) => instance.reservationId);
    const reservations: Reservation[] = [...byReservation].map(([id, instances]) => ({
      ReservationId: id,
      OwnerId: world.accountId,
      Groups: [],
      Instances: instances.map((instance) => ({ ...described(instance, call.ms), ...attached(instance, call.ms) })),
    }));
    return { Reservations: reservations, NextToken: next };
  },

  RunInstances(world, asked: RunInstancesRequest, call): Reservation {
    const { input, templateTags } = fromTemplate(world, asked, call);
    const type = input.InstanceType ?? 'm1.small';
    const size = world.types[type];
    if (!size) throw new AwsError('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
    const [least, most] = [input.MinCount ?? 1, input.MaxCount ?? 1];
    if (least < 1 || most < least)
      throw new AwsError('InvalidParameterValue', 'The minimum count must be between 1 and the maximum count.');
    const limit = limitOf(world, call.region, quotaOfFamily(type, input.InstanceMarketOptions?.MarketType === 'spot'));
    const room = Math.floor((limit - runningVcpus(world, call)) / size.vcpus);
    if (room < least) {
      const told = `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to.`;
      throw new AwsError('VcpuLimitExceeded', told);
    }
    const reservationId = newEc2Id(world, 'r');
    const zone = `${call.region}${'abc'[Math.floor(world.chance.next() * 3)]}`;
    const tags = (input.TagSpecifications ?? [])
      .filter((specification) => specification.ResourceType === 'instance')
      .flatMap((specification) => specification.Tags ?? [])
      .map(({ Key = '', Value = '' }) => ({ Key, Value }))
      .concat(templateTags);
    const launched = Array.from({ length: Math.min(most, room) }, (): Instance => {
      const instance: Instance = {
        id: newEc2Id(world, 'i'),
        region: call.region,
        type,
        imageId: input.ImageId ?? newEc2Id(world, 'ami'),
        reservationId,
        zone,
        privateIp: `10.0.${Math.floor(world.chance.next() * 256)}.${1 + Math.floor(world.chance.next() * 254)}`,
        launchedMs: call.ms,
        phases: [
          { fromMs: call.ms, state: 'pending' },
          { fromMs: call.ms + bootMs, state: 'running' },
        ],
        tags: [...tags],
        noStop: input.DisableApiStop ?? false,
        noTermination: input.DisableApiTermination ?? false,
        spot: input.InstanceMarketOptions?.MarketType === 'spot',
        load: 0,
        launchedBy: call.caller.arn,
      };
      if (input.KeyName) instance.keyName = input.KeyName;
      if (input.UserData) instance.userData = input.UserData;
      return instance;
    });
    for (const instance of launched) {
      world.instances.set(instance.id, instance);
      deliverStates(world, instance, call.ms);
    }
    return {
      ReservationId: reservationId,
      OwnerId: world.accountId,
      Groups: [],
      Instances: launched.map((instance) => described(instance, call.ms)),
    };
  },

  StopInstances(world, input: StopInstancesRequest, call): { StoppingInstances: InstanceStateChange[] } {
    const instances = find(world, call, input.InstanceIds ?? []);
    for (const instance of instances) {
      const state = stateAt(instance, call.ms);
      if (!['running', 'stopping', 'stopped'].includes(state)) throw notInState(instance, 'stopped');
      if (instance.noStop && state === 'running') {
        throw new AwsError(
          'OperationNotPermitted',
          `The instance '${instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
        );
      }
      if (instance.spot) {
        throw new AwsError(
          'UnsupportedOperation',
          `You can't stop the Spot Instance '${instance.id}' because it is associated with a one-time Spot Instance request.`,
        );
      }
    }
    return {
      StoppingInstances: instances.map((instance) => changing(world, instance, call.ms, ['running'], ['stopping', 'stopped'], stopMs)),
    };
  },

  StartInstances(world, input: StartInstancesRequest, call): { StartingInstances: InstanceStateChange[] } {
    const instances = find(world, call, input.InstanceIds ?? []);
    for (const instance of instances) {
      if (!['stopped', 'pending', 'running'].includes(stateAt(instance, call.ms))) throw notInState(instance, 'started');
    }
    return {
      StartingInstances: instances.map((instance) => {
        const change = changing(world, instance, call.ms, ['stopped'], ['pending', 'running'], bootMs);
        if (change.PreviousState?.Name === 'stopped') instance.launchedMs = call.ms;
        return change;
      }),
    };
  },

  TerminateInstances(world, input: TerminateInstancesRequest, call): { TerminatingInstances: InstanceStateChange[] } {
    const instances = find(world, call, input.InstanceIds ?? []);
    for (const instance of instances) {
      // A group or fleet ends its own machines, protected or not.
      if (instance.noTermination && !call.caller.invokedBy) {
        throw new AwsError(
          'OperationNotPermitted',
          `The instance '${instance.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
        );
      }
    }
    const alive: InstanceState[] = ['pending', 'running', 'stopping', 'stopped'];
    return {
      TerminatingInstances: instances.map((instance) => changing(world, instance, call.ms, alive, ['shutting-down', 'terminated'], stopMs)),
    };
  },

  DescribeInstanceAttribute(world, input: DescribeInstanceAttributeRequest, call): InstanceAttribute {
    const [instance] = find(world, call, [input.InstanceId ?? '']);
    switch (input.Attribute) {
      case 'disableApiStop':
        return { InstanceId: instance!.id, DisableApiStop: { Value: instance!.noStop } };
      case 'disableApiTermination':
        return { InstanceId: instance!.id, DisableApiTermination: { Value: instance!.noTermination } };
      case 'instanceType':
        return { InstanceId: instance!.id, InstanceType: { Value: instance!.type } };
      case 'userData':
        return { InstanceId: instance!.id, UserData: instance!.userData ? { Value: instance!.userData } : {} };
      case 'instanceInitiatedShutdownBehavior':
        return { InstanceId: instance!.id, InstanceInitiatedShutdownBehavior: { Value: 'stop' } };
      default:
        throw new AwsError('InvalidParameterValue', `The simulated account does not keep the attribute ${input.Attribute}.`);
    }
  },

  ModifyInstanceAttribute(world, input: ModifyInstanceAttributeRequest, call): undefined {
    const [instance] = find(world, call, [input.InstanceId ?? '']);
    const value = input.Value === undefined ? undefined : input.Value === 'true';
    const stop = input.DisableApiStop?.Value ?? (input.Attribute === 'disableApiStop' ? value : undefined);
    const termination = input.DisableApiTermination?.Value ?? (input.Attribute === 'disableApiTermination' ? value : undefined);
    if (termination && instance!.spot) {
      throw new AwsError('UnsupportedOperation', 'Termination protection is not available for Spot Instances.');
    }
    if (stop !== undefined) instance!.noStop = stop;
    if (termination !== undefined) instance!.noTermination = termination;
    return undefined;
  },
};

/** Policies may name single machines. */
export const ec2Resources: Resources = (world, input, call) => {
  const ids = Array.isArray(input.InstanceIds) ? input.InstanceIds : typeof input.InstanceId === 'string' ? [input.InstanceId] : [];
  if (call.operation === 'RunInstances') return [instanceArn(world, call.region, '*')];
  if (call.operation.startsWith('Describe') || !ids.length) return ['*'];
  return ids.map((id) => instanceArn(world, call.region, String(id)));
};

/** Until a started machine runs, and until a stopped one has come to rest. */
const bootMs = 8_000;
const stopMs = 25_000;
/** Terminated machines are shown for about an hour. */
const afterlifeMs = 3_600_000;

const codes: Record<InstanceState, number> = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 };
const awsState = (state: InstanceState) => ({ Code: codes[state], Name: state });

const isForgotten = (instance: Instance, ms: number) =>
  stateAt(instance, ms) === 'terminated' && (instance.phases.at(-1)?.fromMs ?? 0) < ms - afterlifeMs;

/** One id that is not there spoils the whole call, as with AWS. */
function find(world: World, call: Call, ids: string[]): Instance[] {
  const malformed = ids.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (malformed !== undefined) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const found = ids.map((id) => world.instances.get(id));
  const missing = ids.filter((_, at) => {
    const instance = found[at];
    return !instance || instance.region !== call.region || isForgotten(instance, call.ms);
  });
  if (missing.length === 1) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${missing[0]}' does not exist`);
  if (missing.length) throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
  return found.filter((instance) => instance !== undefined);
}

const notInState = (instance: Instance, wanted: string) =>
  new AwsError('IncorrectInstanceState', `The instance '${instance.id}' is not in a state from which it can be ${wanted}.`);

/** Sets it on its way from one of these states to the next two; anything else stays as it is. */
function changing(
  world: World,
  instance: Instance,
  ms: number,
  from: InstanceState[],
  [soon, then]: [InstanceState, InstanceState],
  afterMs: number,
): InstanceStateChange {
  const before = stateAt(instance, ms);
  if (from.includes(before)) {
    instance.phases = [
      ...instance.phases.filter((phase) => phase.fromMs <= ms),
      { fromMs: ms, state: soon },
      { fromMs: ms + afterMs, state: then },
    ];
    deliverStates(world, instance, ms);
    if (soon !== 'pending') {
      keepGroups(world, instance, ms);
      keepFleets(world, instance, ms);
    }
  }
  return { InstanceId: instance.id, PreviousState: awsState(before), CurrentState: awsState(stateAt(instance, ms)) };
}

function runningVcpus(world: World, call: Call): number {
  let vcpus = 0;
  for (const instance of world.instances.values()) {
    if (instance.region !== call.region || !['pending', 'running'].includes(stateAt(instance, call.ms))) continue;
    vcpus += world.types[instance.type]?.vcpus ?? 0;
  }
  return vcpus;
}

function described(instance: Instance, ms: number): AwsInstance {
  const state = stateAt(instance, ms);
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    State: awsState(state),
    InstanceType: instance.type as NonNullable<AwsInstance['InstanceType']>,
    LaunchTime: new Date(instance.launchedMs),
    Placement: { AvailabilityZone: instance.zone, Tenancy: 'default' },
    PrivateIpAddress: instance.privateIp,
    Architecture: 'x86_64',
    RootDeviceType: 'ebs',
    PlatformDetails: 'Linux/UNIX',
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    Monitoring: { State: 'disabled' },
    Tags: instance.tags,
    ...(instance.keyName ? { KeyName: instance.keyName } : {}),
    ...(instance.spot ? { InstanceLifecycle: 'spot' as const } : {}),
    ...(instance.spotRequest ? { SpotInstanceRequestId: instance.spotRequest } : {}),
  };
}

/** Its network interface has been there since its very first launch, however often it was stopped and started since. */
const attached = (instance: Instance, ms: number): Pick<AwsInstance, 'NetworkInterfaces'> =>
  stateAt(instance, ms) === 'terminated'
    ? {}
    : {
        NetworkInterfaces: [
          {
            NetworkInterfaceId: instance.id.replace(/^i-/, 'eni-'),
            Status: 'in-use',
            PrivateIpAddress: instance.privateIp,
            Attachment: { AttachTime: new Date(instance.phases[0]?.fromMs ?? instance.launchedMs), DeviceIndex: 0, Status: 'attached' },
          },
        ],
      };

/** AWS joins the values of one filter by *or* and the filters by *and*; a filter nobody knows is an error, not an empty answer. */
export function matcher<T>(
  filters: Filter[] | undefined,
  actualOf: (name: string, item: T) => string | string[] | undefined,
): (item: T) => boolean {
  return (item) =>
    (filters ?? []).every(({ Name = '', Values = [] }) => {
      const actual = actualOf(Name, item);
      if (actual === undefined) throw new AwsError('InvalidParameterValue', `The filter '${Name}' is invalid`);
      return [actual]
        .flat()
        .some((value) => Values.some((wanted) => wanted === value || (wanted.endsWith('*') && value.startsWith(wanted.slice(0, -1)))));
    });
}

function filterValue(name: string, instance: Instance, ms: number): string | string[] | undefined {
  if (name.startsWith('tag:')) return instance.tags.filter((tag) => tag.Key === name.slice(4)).map((tag) => tag.Value);
  switch (name) {
    case 'instance-state-name':
      return stateAt(instance, ms);
    case 'instance-state-code':
      return String(codes[stateAt(instance, ms)]);
    case 'instance-id':
      return instance.id;
    case 'instance-type':
      return instance.type;
    case 'instance-lifecycle':
      return instance.spot ? 'spot' : [];
    case 'availability-zone':
      return instance.zone;
    case 'image-id':
      return instance.imageId;
    case 'reservation-id':
      return instance.reservationId;
    case 'tag-key':
      return instance.tags.map((tag) => tag.Key);
    default:
      return undefined;
  }
}
