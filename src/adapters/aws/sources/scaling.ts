/** What starts EC2 machines by itself, and what they are started from: Auto Scaling groups, fleets, Spot requests, launch templates. */
import type { LaunchTemplate, LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import type { Source } from '../../../bot/ports.ts';
import type { Observation, Shape, Subject, Time } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { fleetSubject, launchTemplateSubject, scalingGroupSubject, spotRequestSubject } from '../translate/names.ts';
import { inParallel, type Sight } from './looking.ts';
import { markersInUserData } from './machine-text.ts';
import { arnOf, launcherChanged, workloadDefined } from './seen.ts';
import { type RegionLook, sweep } from './sweep.ts';

/**
 * Launchers with their sizes, at the time they were made or the change was noticed; templates once per version, with what betrays mining in
 * their user data. Costs: five calls per region and look, one more per new template; none of them is charged for.
 */
export function scaling(sight: Sight, prices: PriceTable, { everySeconds = 120 }: { everySeconds?: number } = {}): Source {
  const { read: clients } = sight.session;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: [
      'autoscaling:DescribeAutoScalingGroups',
      'ec2:DescribeFleets',
      'ec2:DescribeSpotFleetRequests',
      'ec2:DescribeSpotInstanceRequests',
      'ec2:DescribeLaunchTemplates',
      'ec2:DescribeLaunchTemplateVersions',
    ],
    parts: [
      { what: 'the Auto Scaling groups', read: groups },
      { what: 'the fleets', read: fleets },
      { what: 'the Spot fleets', read: spotFleets },
      { what: 'the Spot requests', read: spotRequests },
      { what: 'the launch templates', read: templates },
    ],
  });

  async function* groups(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeAutoScalingGroups } = await import('@aws-sdk/client-auto-scaling');
    const client = await clients.autoScaling(look.region);
    for await (const page of paginateDescribeAutoScalingGroups({ client, pageSize: 100 }, {})) {
      yield (page.AutoScalingGroups ?? []).flatMap((group) => {
        if (group.AutoScalingGroupName === undefined) return [];
        const types = [
          ...(group.Instances ?? []).map((one) => one.InstanceType),
          ...(group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []).map((one) => one.InstanceType),
        ];
        return launcher(look, {
          resource: scalingGroupSubject(look.place, group.AutoScalingGroupName),
          desired: group.DesiredCapacity ?? 0,
          most: group.MaxSize ?? group.DesiredCapacity ?? 0,
          made: group.CreatedTime?.toISOString(),
          type: types.find((type) => type !== undefined),
        });
      });
    }
  }

  async function* fleets(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeFleets } = await import('@aws-sdk/client-ec2');
    const client = await clients.ec2(look.region);
    for await (const page of paginateDescribeFleets({ client, pageSize: 100 }, {})) {
      yield (page.Fleets ?? []).flatMap((fleet) => {
        if (fleet.FleetId === undefined || /^(deleted|failed)/.test(fleet.FleetState ?? '')) return [];
        const wanted = fleet.TargetCapacitySpecification?.TotalTargetCapacity ?? 0;
        const types = (fleet.LaunchTemplateConfigs ?? []).flatMap((one) => one.Overrides ?? []).map((one) => one.InstanceType);
        return launcher(look, {
          resource: fleetSubject(look.place, fleet.FleetId),
          desired: wanted,
          most: wanted,
          made: fleet.CreateTime?.toISOString(),
          type: types.find((type) => type !== undefined),
          spot: (fleet.TargetCapacitySpecification?.DefaultTargetCapacityType ?? '') === 'spot',
        });
      });
    }
  }

  async function* spotFleets(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeSpotFleetRequests } = await import('@aws-sdk/client-ec2');
    const client = await clients.ec2(look.region);
    for await (const page of paginateDescribeSpotFleetRequests({ client, pageSize: 100 }, {})) {
      yield (page.SpotFleetRequestConfigs ?? []).flatMap((fleet) => {
        if (fleet.SpotFleetRequestId === undefined || /^(cancelled|failed)/.test(fleet.SpotFleetRequestState ?? '')) return [];
        const asked = fleet.SpotFleetRequestConfig;
        const types = [
          ...(asked?.LaunchSpecifications ?? []).map((one) => one.InstanceType),
          ...(asked?.LaunchTemplateConfigs ?? []).flatMap((one) => one.Overrides ?? []).map((one) => one.InstanceType),
        ];
        return launcher(look, {
          resource: fleetSubject(look.place, fleet.SpotFleetRequestId),
          desired: asked?.TargetCapacity ?? 0,
          most: asked?.TargetCapacity ?? 0,
          made: fleet.CreateTime?.toISOString(),
          type: types.find((type) => type !== undefined),
          spot: true,
        });
      });
    }
  }

  /** A request waits for a machine, or starts it anew when it was taken away. */
  async function* spotRequests(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeSpotInstanceRequests } = await import('@aws-sdk/client-ec2');
    const client = await clients.ec2(look.region);
    const alive = { Filters: [{ Name: 'state', Values: ['open', 'active'] }] };
    for await (const page of paginateDescribeSpotInstanceRequests({ client, pageSize: 100 }, alive)) {
      yield (page.SpotInstanceRequests ?? []).flatMap((request) => {
        // A one-time request that has its machine is used up.
        if (request.SpotInstanceRequestId === undefined || (request.Type === 'one-time' && request.State === 'active')) return [];
        return launcher(look, {
          resource: spotRequestSubject(look.place, request.SpotInstanceRequestId),
          desired: 1,
          most: 1,
          made: request.CreateTime?.toISOString(),
          type: request.LaunchSpecification?.InstanceType,
          spot: true,
        });
      });
    }
  }

  async function* templates(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeLaunchTemplates } = await import('@aws-sdk/client-ec2');
    const client = await clients.ec2(look.region);
    const unread: LaunchTemplate[] = [];
    for await (const page of paginateDescribeLaunchTemplates({ client, pageSize: 100 }, {})) {
      for (const one of page.LaunchTemplates ?? []) {
        const wanted = [one.DefaultVersionNumber, one.LatestVersionNumber].map((version) =>
          look.memory.known(versionKey(one.LaunchTemplateId, version)),
        );
        if (wanted.includes(undefined)) unread.push(one);
      }
    }
    const reads = unread.slice(0, mostTemplates).map(
      (template) =>
        async function* (): AsyncGenerator<Observation[]> {
          try {
            yield await versionsOf(template, look);
          } catch (error) {
            look.lacks('what stands in launch templates', error);
          }
        },
    );
    yield* inParallel(reads, 4);
  }

  async function versionsOf({ LaunchTemplateId: id }: LaunchTemplate, look: RegionLook): Promise<Observation[]> {
    const { DescribeLaunchTemplateVersionsCommand } = await import('@aws-sdk/client-ec2');
    const client = await clients.ec2(look.region);
    const answer = await client.send(
      new DescribeLaunchTemplateVersionsCommand({
        ...(id !== undefined ? { LaunchTemplateId: id } : {}),
        Versions: ['$Default', '$Latest'],
      }),
    );
    const versions = new Map((answer.LaunchTemplateVersions ?? []).map((one) => [one.VersionNumber, one]));
    return [...versions].map(([number, version]) => {
      look.memory.keep(versionKey(id, number), '');
      return defined(version, look);
    });
  }

  function defined(
    { LaunchTemplateId: id, VersionNumber, CreateTime, LaunchTemplateData: data }: LaunchTemplateVersion,
    look: RegionLook,
  ): Observation {
    const resource = launchTemplateSubject(look.place, id ?? 'unknown');
    const markers = markersInUserData(data?.UserData);
    const spot = data?.InstanceMarketOptions?.MarketType === 'spot';
    return workloadDefined(name, look, {
      id: `${arnOf(resource)}:${VersionNumber ?? 0}`,
      at: CreateTime?.toISOString() ?? look.heard,
      resource,
      what: 'a launch template',
      shape: data?.InstanceType !== undefined ? shapeOf(data.InstanceType, spot) : undefined,
      markers,
    });
  }

  function launcher(look: RegionLook, made: Launcher): Observation[] {
    const { resource, desired, most, type, spot = false } = made;
    const sized = look.memory.sized(resource, desired, most, made.made);
    const shape = type !== undefined ? shapeOf(type, spot) : undefined;
    return sized === undefined ? [] : [launcherChanged(name, look, { ...sized, resource, desired, most, shape })];
  }

  function shapeOf(type: string, spot: boolean): Shape {
    return { ...prices.shape(type), ...(spot ? { spot: true } : {}) };
  }
}

const name = 'aws/scaling';
/** In one region and look; the rest is read in the next looks. */
const mostTemplates = 50;

type Launcher = { resource: Subject; desired: number; most: number; made: Time | undefined; type: string | undefined; spot?: boolean };

const versionKey = (template: string | undefined, version: number | undefined): string => `template ${template}:${version}`;
