import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { ListUsersCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { adasKey, launch, refusal, running, smallAccount } from './account.ts';

it("throttles only what was asked for, in each protocol's own words", async () => {
  const { bot, simulated } = await running(await smallAccount());
  const look = (region: string) => refusal(bot.ec2(region).send(new DescribeInstancesCommand({})));

  simulated.faults.set({
    throttling: [
      { service: 'ec2', region: 'us-west-2', rate: 1 },
      { service: 'iam', rate: 1 },
      { service: 'cloudtrail', operation: 'LookupEvents', rate: 1 },
    ],
  });

  expect(await look('us-west-2')).toBe('RequestLimitExceeded');
  expect(await look('us-east-1')).toBe('not refused');
  expect(await refusal(bot.iam().send(new ListUsersCommand({})))).toBe('Throttling');
  expect(await refusal(bot.cloudTrail().send(new LookupEventsCommand({})))).toBe('ThrottlingException');
  simulated.faults.set({ throttling: [] });
  expect(await look('us-west-2')).toBe('not refused');
});

it('throttles the asked share of calls', async () => {
  const { bot, simulated } = await running(await smallAccount());
  simulated.faults.set({ throttling: [{ service: 'ec2', rate: 0.5 }] });

  const answers: string[] = [];
  for (let turn = 0; turn < 60; turn++) answers.push(await refusal(bot.ec2().send(new DescribeInstancesCommand({}))));

  const refused = answers.filter((answer) => answer === 'RequestLimitExceeded').length;
  expect(refused).toBeGreaterThan(15);
  expect(refused).toBeLessThan(45);
});

it('denies a whole region, as an organization does', async () => {
  const { ada, simulated } = await running(await smallAccount());

  simulated.faults.set({ deniedRegions: ['us-west-2'] });

  expect(await refusal(launch(ada.ec2('us-west-2')))).toBe('UnauthorizedOperation');
  expect(await refusal(launch(ada.ec2('us-east-1')))).toBe('not refused');
});

it('takes its time when told to', async () => {
  const { bot, simulated } = await running(await smallAccount());
  simulated.faults.set({ latencyMs: 120 });

  const before = performance.now();
  await bot.ec2().send(new DescribeInstancesCommand({}));

  expect(performance.now() - before).toBeGreaterThanOrEqual(115);
});

it('believes a change of IAM as late as told', async () => {
  const { ada, bot, clock } = await running(await smallAccount('faults: { consistency: 2m }'));

  await bot.iam().send(new UpdateAccessKeyCommand({ UserName: 'ada', AccessKeyId: adasKey, Status: 'Inactive' }));
  await clock.advance(119);
  expect(await refusal(launch(ada.ec2()))).toBe('not refused');
  await clock.advance(2);

  expect(await refusal(launch(ada.ec2()))).toBe('AuthFailure');
});

it('reports the settings in force', async () => {
  const { simulated } = await running(await smallAccount('faults: { deniedRegions: [sa-east-1] }'));

  simulated.faults.set({ latencyMs: 5 });

  expect(simulated.faults.now).toMatchObject({ deniedRegions: ['sa-east-1'], latencyMs: 5, consistencySeconds: 4 });
});
