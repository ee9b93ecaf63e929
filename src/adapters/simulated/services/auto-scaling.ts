import type * as scaling from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, put, remove, type Thing, take } from '../shelf.ts';
import type { Shape } from '../wire.ts';
import type { Call, Instance, Operation, World } from '../world.ts';
import { stateAt } from '../world.ts';

type Group = {
  asked: scaling.CreateAutoScalingGroupType;
  least: number;
  most: number;
  desired: number;
  suspended: string[];
  isDeleting: boolean;
};
const kind = 'autoscaling/group';

export const autoScalingOperations: Record<string, Operation> = {
  CreateAutoScalingGroup(world, input: scaling.CreateAutoScalingGroupType, call): undefined {
    const name = input.AutoScalingGroupName ?? '';
    if (take(world, kind, call.region, name)) {
      throw new AwsError('AlreadyExists', 'AutoScalingGroup by this name already exists - A group with the name already exists');
    }
    const least = input.MinSize ?? 0;
    const facts: Group = {
      asked: input,
      least,
      most: input.MaxSize ?? least,
      desired: input.DesiredCapacity ?? least,
      suspended: [],
      isDeleting: false,
    };
    checkSizes(facts);
    const arn = arnOf(world, 'autoscaling', call.region, `autoScalingGroup:${world.chance.uuid()}:autoScalingGroupName/${name}`);
    const thing = put(world, kind, call, { id: name, arn, facts });
    keep(world, thing, call.ms + startsAfterMs);
    return undefined;
  },
  UpdateAutoScalingGroup(world, input: scaling.UpdateAutoScalingGroupType, call): undefined {
    const thing = find(world, input.AutoScalingGroupName, call);
    const group = groupOf(thing);
    const least = input.MinSize ?? group.least;
    const most = input.MaxSize ?? group.most;
    // A group outside its new limits is moved to the nearest.
    const desired = input.DesiredCapacity ?? Math.min(Math.max(group.desired, least), most);
    const next = { ...group, least, most, desired, asked: { ...group.asked, ...given(input) } };
    checkSizes(next);
    thing.facts = next;
    keep(world, thing, call.ms + startsAfterMs);
    return undefined;
  },
  SetDesiredCapacity(world, input: scaling.SetDesiredCapacityType, call): undefined {
    const thing = find(world, input.AutoScalingGroupName, call);
    const next = { ...groupOf(thing), desired: input.DesiredCapacity ?? 0 };
    checkSizes(next);
    thing.facts = next;
    keep(world, thing, call.ms + startsAfterMs);
    return undefined;
  },
  SuspendProcesses(world, input: scaling.ScalingProcessQuery, call): undefined {
    const thing = find(world, input.AutoScalingGroupName, call);
    const which = input.ScalingProcesses?.length ? input.ScalingProcesses : processes;
    thing.facts = { ...groupOf(thing), suspended: [...new Set([...groupOf(thing).suspended, ...which])] };
    return undefined;
  },
  ResumeProcesses(world, input: scaling.ScalingProcessQuery, call): undefined {
    const thing = find(world, input.AutoScalingGroupName, call);
    const which = input.ScalingProcesses?.length ? input.ScalingProcesses : processes;
    thing.facts = { ...groupOf(thing), suspended: groupOf(thing).suspended.filter((each) => !which.includes(each)) };
    keep(world, thing, call.ms + startsAfterMs);
    return undefined;
  },
  DeleteAutoScalingGroup(world, input: scaling.DeleteAutoScalingGroupType, call): undefined {
    const thing = find(world, input.AutoScalingGroupName, call);
    const members = membersOf(world, thing, call.ms);
    if (members.length && !input.ForceDelete) {
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      );
    }
    thing.facts = { ...groupOf(thing), least: 0, desired: 0, isDeleting: true };
    if (members.length) end(world, thing, members, call.ms);
    remove(world, kind, thing);
    return undefined;
  },
  DescribeAutoScalingGroups(world, input: scaling.AutoScalingGroupNamesType, call): scaling.AutoScalingGroupsType {
    const found = list(world, kind, call.region).filter(
      (each) => !input.AutoScalingGroupNames?.length || input.AutoScalingGroupNames.includes(each.id),
    );
    const { items, next } = pageOf(found, input.MaxRecords ?? 50, input.NextToken);
    return { AutoScalingGroups: items.map((each) => shapeOf(world, each, call.ms)), ...(next ? { NextToken: next } : {}) };
  },
  DescribeAutoScalingInstances(world, input: scaling.DescribeAutoScalingInstancesType, call): scaling.AutoScalingInstancesType {
    const all = list(world, kind, call.region).flatMap((group) =>
      membersOf(world, group, call.ms).map((each) => ({ ...memberShape(each, group, call.ms), AutoScalingGroupName: group.id })),
    );
    const found = all.filter((each) => !input.InstanceIds?.length || input.InstanceIds.includes(each.InstanceId));
    const { items, next } = pageOf(found, input.MaxRecords ?? 50, input.NextToken);
    return { AutoScalingInstances: items, ...(next ? { NextToken: next } : {}) };
  },
  DescribeScalingActivities: (): scaling.ActivitiesType => ({ Activities: [] }),
  DescribeLaunchConfigurations(world, input: scaling.LaunchConfigurationNamesType, call): scaling.LaunchConfigurationsType {
    const found = list(world, configurations, call.region).filter(
      (each) => !input.LaunchConfigurationNames?.length || input.LaunchConfigurationNames.includes(each.id),
    );
    return {
      LaunchConfigurations: found.map((each) => ({
        ...(each.facts as unknown as scaling.LaunchConfiguration),
        LaunchConfigurationARN: each.arn,
        CreatedTime: new Date(each.madeMs),
      })),
    };
  },
  CreateLaunchConfiguration(world, input: scaling.CreateLaunchConfigurationType, call): undefined {
    const id = input.LaunchConfigurationName ?? '';
    const arn = arnOf(world, 'autoscaling', call.region, `launchConfiguration:${world.chance.uuid()}:launchConfigurationName/${id}`);
    put(world, configurations, call, { id, arn, facts: { ...input } });
    return undefined;
  },
};

/** A machine of a group was stopped or ended: the group notices after a while and makes good. */
export function keepGroups(world: World, instance: Instance, ms: number): void {
  const name = instance.tags.find((tag) => tag.Key === groupTag)?.Value;
  const thing = take(world, kind, instance.region, name);
  if (thing) keep(world, thing, ms + noticesAfterMs);
}

/** What a scaling policy does: within its limits the group wants so many machines from now on. No call, no record. */
export function wantMachines(world: World, region: string, name: string, wanted: number, ms: number): void {
  const thing = take(world, kind, region, name);
  if (!thing) return;
  const group = groupOf(thing);
  if (group.suspended.includes('AlarmNotification')) return;
  thing.facts = { ...group, desired: Math.min(Math.max(wanted, group.least), group.most) };
  keep(world, thing, ms + startsAfterMs);
}

const configurations = 'autoscaling/launch configuration';
export const groupTag = 'aws:autoscaling:groupName';
const startsAfterMs = 10_000;
/** Groups look at the health of their machines about once a minute. */
const noticesAfterMs = 60_000;
const triesAgainAfterMs = 300_000;
const processes = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
];
const role = { service: 'autoscaling.amazonaws.com', role: 'AWSServiceRoleForAutoScaling', session: 'AutoScaling' };

const groupOf = (thing: Thing) => thing.facts as Group;
const given = (input: object): Shape => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

function find(world: World, name: string | undefined, call: Call): Thing {
  const thing = take(world, kind, call.region, name);
  if (!thing) throw new AwsError('ValidationError', 'AutoScalingGroup name not found - null');
  return thing;
}

function checkSizes({ least, most, desired }: Group) {
  if (least > most) throw new AwsError('ValidationError', 'Max bound must be greater than or equal to min bound');
  if (desired < least || desired > most) {
    throw new AwsError(
      'ValidationError',
      `Desired capacity:${desired} must be between the specified min size:${least} and max size:${most}`,
    );
  }
}

/** At that time the group looks whether it has as many machines as it wants. */
function keep(world: World, thing: Thing, ms: number): void {
  world.agenda.add(ms, (now, atMs) => reconcile(now, thing, atMs));
}

function reconcile(world: World, thing: Thing, ms: number): void {
  if (take(world, kind, thing.region, thing.id) !== thing) return;
  const group = groupOf(thing);
  const members = membersOf(world, thing, ms);
  const isWell = (each: Instance) => ['pending', 'running'].includes(stateAt(each, ms));
  const unwell = members.filter((each) => !isWell(each));
  const isOn = (process: string) => !group.suspended.includes(process);
  if (unwell.length && isOn('Terminate') && isOn('HealthCheck') && isOn('ReplaceUnhealthy')) end(world, thing, unwell, ms);
  const well = members.filter(isWell);
  if (well.length > group.desired && isOn('Terminate')) end(world, thing, well.slice(group.desired), ms);
  const lacking = group.desired - well.length;
  if (lacking <= 0 || !isOn('Launch')) return;
  const result = world.asService(role, {
    service: 'ec2',
    operation: 'RunInstances',
    region: thing.region,
    ms,
    input: launchOf(world, thing, lacking),
  });
  const got = result.kind === 'done' ? ((result.output.Instances as unknown[] | undefined)?.length ?? 0) : 0;
  if (got < lacking) keep(world, thing, ms + triesAgainAfterMs);
}

function launchOf(world: World, thing: Thing, count: number): Shape {
  const { asked } = groupOf(thing);
  const mixed = asked.MixedInstancesPolicy?.LaunchTemplate;
  const template = asked.LaunchTemplate ?? mixed?.LaunchTemplateSpecification;
  const configuration = take(world, configurations, thing.region, asked.LaunchConfigurationName)?.facts;
  const type = mixed?.Overrides?.[0]?.InstanceType ?? configuration?.InstanceType;
  const isSpot = mixed && asked.MixedInstancesPolicy?.InstancesDistribution?.OnDemandPercentageAboveBaseCapacity === 0;
  const tags = (asked.Tags ?? []).filter((tag) => tag.PropagateAtLaunch).map(({ Key, Value }) => ({ Key, Value }));
  return {
    MinCount: 1,
    MaxCount: count,
    ...(template ? { LaunchTemplate: given(template) } : {}),
    ...(type ? { InstanceType: type } : {}),
    ...(configuration?.ImageId ? { ImageId: configuration.ImageId } : {}),
    ...(configuration?.UserData ? { UserData: configuration.UserData } : {}),
    ...(isSpot ? { InstanceMarketOptions: { MarketType: 'spot' } } : {}),
    TagSpecifications: [{ ResourceType: 'instance', Tags: [...tags, { Key: groupTag, Value: thing.id }] }],
  };
}

function end(world: World, thing: Thing, members: Instance[], ms: number): void {
  const input = { InstanceIds: members.map((each) => each.id) };
  world.asService(role, { service: 'ec2', operation: 'TerminateInstances', region: thing.region, ms, input });
}

function membersOf(world: World, thing: Thing, ms: number): Instance[] {
  return [...world.instances.values()].filter(
    (each) =>
      each.region === thing.region &&
      !['shutting-down', 'terminated'].includes(stateAt(each, ms)) &&
      each.tags.some((tag) => tag.Key === groupTag && tag.Value === thing.id),
  );
}

function shapeOf(world: World, thing: Thing, ms: number): scaling.AutoScalingGroup {
  const { asked, least, most, desired, suspended } = groupOf(thing);
  return {
    AutoScalingGroupName: thing.id,
    AutoScalingGroupARN: thing.arn,
    MinSize: least,
    MaxSize: most,
    DesiredCapacity: desired,
    DefaultCooldown: asked.DefaultCooldown ?? 300,
    AvailabilityZones: asked.AvailabilityZones ?? [`${thing.region}a`],
    HealthCheckType: asked.HealthCheckType ?? 'EC2',
    CreatedTime: new Date(thing.madeMs),
    VPCZoneIdentifier: asked.VPCZoneIdentifier ?? '',
    Instances: membersOf(world, thing, ms).map((each) => memberShape(each, thing, ms)),
    SuspendedProcesses: suspended.map((ProcessName) => ({ ProcessName, SuspensionReason: 'User suspended' })),
    Tags: (asked.Tags ?? []).map((tag) => ({ ...tag, ResourceId: thing.id, ResourceType: 'auto-scaling-group' })),
    ...(asked.LaunchTemplate ? { LaunchTemplate: asked.LaunchTemplate } : {}),
    ...(asked.LaunchConfigurationName ? { LaunchConfigurationName: asked.LaunchConfigurationName } : {}),
    ...(asked.MixedInstancesPolicy ? { MixedInstancesPolicy: asked.MixedInstancesPolicy } : {}),
  };
}

const memberShape = (each: Instance, thing: Thing, ms: number) => ({
  InstanceId: each.id,
  InstanceType: each.type,
  AvailabilityZone: each.zone,
  LifecycleState: (stateAt(each, ms) === 'pending' ? 'Pending' : 'InService') as scaling.LifecycleState,
  HealthStatus: ['pending', 'running'].includes(stateAt(each, ms)) ? 'Healthy' : 'Unhealthy',
  ProtectedFromScaleIn: groupOf(thing).asked.NewInstancesProtectedFromScaleIn ?? false,
  ...(groupOf(thing).asked.LaunchTemplate ? { LaunchTemplate: groupOf(thing).asked.LaunchTemplate } : {}),
});
