import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeRegionsCommand,
  DescribeVolumesCommand,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { launch, refusal, running, smallAccount } from './account.ts';

it('lists the regions that are on, and with all of them whether they were opted into', async () => {
  const { bot } = await running(await smallAccount());

  const on = await bot.ec2().send(new DescribeRegionsCommand({}));
  const all = await bot.ec2().send(new DescribeRegionsCommand({ AllRegions: true }));

  expect(on.Regions).toHaveLength(17);
  expect(on.Regions?.every((region) => region.OptInStatus === 'opt-in-not-required')).toBe(true);
  expect(all.Regions?.find((region) => region.RegionName === 'af-south-1')?.OptInStatus).toBe('not-opted-in');
});

it('refuses calls in a region that was never opted into', async () => {
  const { ada } = await running(await smallAccount());

  expect(await refusal(ada.ec2('af-south-1').send(new DescribeInstancesCommand({})))).toBe('AuthFailure');
});

it('tells a restart from a launch: the network interface has been there since the very first', async () => {
  const { ada, clock } = await running(await smallAccount());
  const ec2 = ada.ec2();
  const InstanceIds = await launch(ec2);
  await clock.advance(60);
  await ec2.send(new StopInstancesCommand({ InstanceIds }));
  await clock.advance(3600);
  await ec2.send(new StartInstancesCommand({ InstanceIds }));

  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));

  const [machine] = Reservations?.[0]?.Instances ?? [];
  expect(machine?.LaunchTime).toEqual(new Date('2026-03-10T11:01:00Z'));
  expect(machine?.NetworkInterfaces?.[0]?.Attachment?.AttachTime).toEqual(new Date('2026-03-10T10:00:00Z'));
});

it('takes a machine from launch to running to stopped to started to gone', async () => {
  const { ada, clock } = await running(await smallAccount());
  const ec2 = ada.ec2();
  const state = async () => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  };
  const seen: unknown[] = [];

  const InstanceIds = await launch(ec2, { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }] });
  seen.push(await state());
  await clock.advance(30);
  seen.push(await state());
  await ec2.send(new StopInstancesCommand({ InstanceIds }));
  seen.push(await state());
  await clock.advance(30);
  seen.push(await state());
  await ec2.send(new StartInstancesCommand({ InstanceIds }));
  await clock.advance(30);
  seen.push(await state());
  await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  await clock.advance(30);
  seen.push(await state());
  await clock.advance(3700);
  seen.push(await state());

  expect(seen).toEqual(['pending', 'running', 'stopping', 'stopped', 'running', 'terminated', undefined]);
});

it('answers with what was asked for: tags, protection, launch time, type', async () => {
  const { ada } = await running(await smallAccount());
  const Tags = [{ Key: 'Name', Value: 'web <1> & "2"' }];

  await launch(ada.ec2(), { TagSpecifications: [{ ResourceType: 'instance', Tags }], DisableApiTermination: true });
  const { Reservations } = await ada.ec2().send(new DescribeInstancesCommand({}));

  expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({ InstanceType: 'm5.large', Tags, LaunchTime: new Date('2026-03-10T10:00:00Z') });
});

it('keeps machines apart by region', async () => {
  const { ada } = await running(await smallAccount());

  await launch(ada.ec2('us-west-2'));
  const here = await ada.ec2('us-west-2').send(new DescribeInstancesCommand({}));
  const there = await ada.ec2('eu-west-1').send(new DescribeInstancesCommand({}));

  expect(here.Reservations).toHaveLength(1);
  expect(there.Reservations).toEqual([]);
});

it('gives long lists in pages and filters by state', async () => {
  const { ada, clock } = await running(await smallAccount());
  const ids = await launch(ada.ec2(), { MinCount: 12, MaxCount: 12 });
  await clock.advance(30);
  await ada.ec2().send(new StopInstancesCommand({ InstanceIds: ids.slice(0, 2) }));

  const found: string[] = [];
  let pages = 0;
  for (let NextToken: string | undefined; ; pages++) {
    const page = await ada
      .ec2()
      .send(new DescribeInstancesCommand({ MaxResults: 5, NextToken, Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }));
    found.push(...(page.Reservations ?? []).flatMap((each) => each.Instances ?? []).map((each) => each.InstanceId ?? ''));
    NextToken = page.NextToken;
    if (!NextToken) break;
  }

  expect(pages).toBe(1);
  expect(found.sort()).toEqual(ids.slice(2).sort());
});

it('lets a dry run say whether it would have worked, and starts nothing', async () => {
  const { ada, as, simulated } = await running(await smallAccount());
  const probe = () => new RunInstancesCommand({ ImageId: 'ami-1', InstanceType: 'g5.xlarge', MinCount: 1, MaxCount: 1, DryRun: true });

  expect(await refusal(ada.ec2().send(probe()))).toBe('DryRunOperation');
  expect(await refusal(as('AKIAI44QH8DHBEXAMPLE').ec2().send(probe()))).toBe('UnauthorizedOperation');
  expect(simulated.state.instances()).toEqual([]);
});

it('does not stop a protected machine until the protection is lifted, nor its neighbours in the same call', async () => {
  const { ada, clock, simulated } = await running(await smallAccount());
  const [kept = ''] = await launch(ada.ec2(), { DisableApiStop: true });
  const [plain = ''] = await launch(ada.ec2());
  await clock.advance(30);
  const stop = () => ada.ec2().send(new StopInstancesCommand({ InstanceIds: [kept, plain] }));

  expect(await refusal(stop())).toBe('OperationNotPermitted');
  expect(simulated.state.instances({ state: 'running' })).toHaveLength(2);
  await ada.ec2().send(new ModifyInstanceAttributeCommand({ InstanceId: kept, DisableApiStop: { Value: false } }));
  const attribute = await ada.ec2().send(new DescribeInstanceAttributeCommand({ InstanceId: kept, Attribute: 'disableApiStop' }));
  await stop();

  expect(attribute.DisableApiStop?.Value).toBe(false);
  expect(simulated.state.instances({ state: 'stopping' })).toHaveLength(2);
});

it('spoils the whole call for one machine that is not there', async () => {
  const { ada, clock, simulated } = await running(await smallAccount());
  const [id = ''] = await launch(ada.ec2());
  await clock.advance(30);

  const refused = await refusal(ada.ec2().send(new StopInstancesCommand({ InstanceIds: [id, 'i-0123456789abcdef0'] })));

  expect(refused).toBe('InvalidInstanceID.NotFound');
  expect(simulated.state.instances({ state: 'running' })).toHaveLength(1);
});

it('stops launching at the limit of vCPUs', async () => {
  const { ada } = await running(await smallAccount('types: { tiny.huge: { vcpus: 60000, usdPerHour: 1 } }'));
  const type = { InstanceType: 'tiny.huge' as 'm5.large' };

  await launch(ada.ec2(), type);

  expect(await refusal(launch(ada.ec2(), type))).toBe('VcpuLimitExceeded');
  expect(await launch(ada.ec2('us-west-2'), type)).toHaveLength(1);
});

it('describes the sizes of machine types', async () => {
  const { bot } = await running(await smallAccount());

  const { InstanceTypes } = await bot.ec2().send(new DescribeInstanceTypesCommand({ InstanceTypes: ['g5.12xlarge'] }));

  expect(InstanceTypes?.[0]?.VCpuInfo?.DefaultVCpus).toBe(48);
});

it('says so when it does not know an operation', async () => {
  const { ada } = await running(await smallAccount());

  expect(await refusal(ada.ec2().send(new DescribeVolumesCommand({})))).toBe('InvalidAction');
});
