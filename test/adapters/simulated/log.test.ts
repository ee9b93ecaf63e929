import { DescribeTrailsCommand, GetTrailStatusCommand, LookupEventsCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, CreateLoginProfileCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { adasKey, launch, lookUp, recordOf, refusal, running, smallAccount } from './account.ts';

/** Records can be looked up at once. */
const noLag = 'faults: { lookupLag: { mean: 0s, cap: 0s } }';

describe('looking up events', () => {
  it('shows a launch only after its lag, and never later than the cap', async () => {
    const { ada, bot, clock } = await running(await smallAccount());
    const byAda = { LookupAttributes: [{ AttributeKey: 'AccessKeyId' as const, AttributeValue: adasKey }] };

    await launch(ada.ec2());
    const atOnce = await lookUp(bot.cloudTrail(), byAda);
    await clock.advance(900);
    const later = await lookUp(bot.cloudTrail(), byAda);

    expect(atOnce).toEqual([]);
    expect(later.map((event) => event.EventName)).toEqual(['RunInstances']);
  });

  it('has a mean lag of about five minutes', async () => {
    const { ada, bot, clock } = await running(await smallAccount());
    for (let turn = 0; turn < 60; turn++) await ada.ec2().send(new DescribeInstancesCommand({}));
    const visible = async () =>
      (await lookUp(bot.cloudTrail(), { LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'ada' }] })).length;

    await clock.advance(120);
    const early = await visible();
    await clock.advance(180);
    const middle = await visible();
    await clock.advance(600);

    expect(early).toBeLessThan(10);
    expect(middle).toBeGreaterThan(20);
    expect(middle).toBeLessThan(55);
    expect(await visible()).toBe(60);
  });

  it('gives fifty a page, newest first, each once', async () => {
    const { ada, bot, clock } = await running(await smallAccount(noLag));
    for (let turn = 0; turn < 120; turn++) {
      await ada.ec2().send(new DescribeInstancesCommand({}));
      if (turn % 10 === 0) await clock.advance(1);
    }
    const byName = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'DescribeInstances' }] };

    const first = await bot.cloudTrail().send(new LookupEventsCommand(byName));
    const all = await lookUp(bot.cloudTrail(), byName);

    expect(first.Events).toHaveLength(50);
    expect(new Set(all.map((event) => event.EventId)).size).toBe(120);
    const times = all.map((event) => event.EventTime?.getTime() ?? 0);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('keeps to the times asked for and refuses what AWS refuses', async () => {
    const { ada, bot, clock } = await running(await smallAccount(noLag));
    await launch(ada.ec2());
    await clock.advance(600);
    await launch(ada.ec2(), { InstanceType: 'm5.xlarge' });
    const launches = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'RunInstances' }] };
    const at = (time: string) => new Date(`2026-03-10T${time}Z`);

    expect(await lookUp(bot.cloudTrail(), { ...launches, StartTime: at('10:05:00') })).toHaveLength(1);
    expect(await lookUp(bot.cloudTrail(), { ...launches, EndTime: at('10:05:00') })).toHaveLength(1);
    expect(await refusal(lookUp(bot.cloudTrail(), { StartTime: at('11:00:00'), EndTime: at('10:00:00') }))).toBe(
      'InvalidTimeRangeException',
    );
    expect(await refusal(lookUp(bot.cloudTrail(), { MaxResults: 51 }))).toBe('InvalidMaxResultsException');
    const two = [...launches.LookupAttributes, ...launches.LookupAttributes];
    expect(await refusal(lookUp(bot.cloudTrail(), { LookupAttributes: two }))).toBe('InvalidLookupAttributesException');
  });

  it('logs calls in their region, and those of IAM in us-east-1', async () => {
    const { ada, bot } = await running(await smallAccount(noLag));
    await launch(ada.ec2('us-west-2'));
    await ada.iam().send(new CreateUserCommand({ UserName: 'linus' }));
    const writes = { LookupAttributes: [{ AttributeKey: 'ReadOnly' as const, AttributeValue: 'false' }] };
    const names = async (region: string) => (await lookUp(bot.cloudTrail(region), writes)).map((event) => event.EventName);

    expect(await names('us-west-2')).toEqual(['RunInstances']);
    expect(await names('us-east-1')).toEqual(['CreateUser']);
    expect(await names('eu-central-1')).toEqual([]);
  });

  it('finds a launch by the machine it brought', async () => {
    const { ada, bot } = await running(await smallAccount(noLag));
    const [id = ''] = await launch(ada.ec2());

    const found = await lookUp(bot.cloudTrail(), { LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: id }] });

    expect(found.map((event) => event.EventName)).toEqual(['RunInstances']);
  });
});

describe('records', () => {
  it('write a launch as EC2 does', async () => {
    const { ada, bot } = await running(await smallAccount(noLag));
    const [id] = await launch(ada.ec2(), { UserData: 'Y3VybCBtaW5lcg==', DisableApiTermination: true });

    const [event] = await lookUp(bot.cloudTrail(), { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'RunInstances' }] });

    expect(event).toMatchObject({ Username: 'ada', AccessKeyId: adasKey, ReadOnly: 'false', EventSource: 'ec2.amazonaws.com' });
    expect(recordOf(event)).toMatchObject({
      eventTime: '2026-03-10T10:00:00Z',
      awsRegion: 'eu-central-1',
      sourceIPAddress: '192.0.2.10',
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/ada', accessKeyId: adasKey, userName: 'ada' },
      requestParameters: {
        instanceType: 'm5.large',
        instancesSet: { items: [{ imageId: 'ami-0a1b2c3d', minCount: 1, maxCount: 1 }] },
        disableApiTermination: true,
        userData: '<sensitiveDataRemoved>',
      },
      responseElements: {
        instancesSet: { items: [{ instanceId: id, instanceState: { code: 0, name: 'pending' }, instanceType: 'm5.large' }] },
      },
      recipientAccountId: '123456789012',
    });
    expect(event?.CloudTrailEvent).not.toContain('Y3VybCBtaW5lcg');
  });

  it("write the bot's own acts too, with its session", async () => {
    const { ada, bot, clock } = await running(await smallAccount(noLag));
    const InstanceIds = await launch(ada.ec2());
    await clock.advance(30);
    await bot.ec2().send(new StopInstancesCommand({ InstanceIds }));

    const [event] = await lookUp(bot.cloudTrail(), { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'StopInstances' }] });

    expect(recordOf(event)).toMatchObject({
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::123456789012:assumed-role/cloudwarden/cloudwarden',
        sessionContext: { sessionIssuer: { type: 'Role', userName: 'cloudwarden' }, attributes: { mfaAuthenticated: 'false' } },
      },
      requestParameters: { instancesSet: { items: [{ instanceId: InstanceIds[0] }] } },
      responseElements: { instancesSet: { items: [{ currentState: { name: 'stopping' }, previousState: { name: 'running' } }] } },
    });
  });

  it('write refusals with their code, and dry runs', async () => {
    const { ada, as, bot } = await running(await smallAccount(noLag));
    await refusal(launch(as('AKIAI44QH8DHBEXAMPLE').ec2()));
    await refusal(
      ada.ec2().send(new RunInstancesCommand({ ImageId: 'ami-1', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1, DryRun: true })),
    );
    await refusal(
      as('AKIAI44QH8DHBEXAMPLE')
        .iam()
        .send(new CreateUserCommand({ UserName: 'x' })),
    );

    const launches = await lookUp(bot.cloudTrail(), { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'RunInstances' }] });
    const [user] = await lookUp(bot.cloudTrail('us-east-1'), {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateUser' }],
    });

    expect(launches.map((event) => recordOf(event).errorCode).sort()).toEqual(['Client.DryRunOperation', 'Client.UnauthorizedOperation']);
    expect(recordOf(user)).toMatchObject({ errorCode: 'AccessDenied', responseElements: null });
  });

  it('hold no passwords and no secret keys', async () => {
    const { ada, bot } = await running(await smallAccount(noLag));
    await ada.iam().send(new CreateUserCommand({ UserName: 'linus' }));
    const { AccessKey } = await ada.iam().send(new CreateAccessKeyCommand({ UserName: 'linus' }));
    await ada.iam().send(new CreateLoginProfileCommand({ UserName: 'linus', Password: 'correct-horse' }));

    const all = await lookUp(bot.cloudTrail('us-east-1'));

    const text = all.map((event) => event.CloudTrailEvent).join('\n');
    expect(text).toContain(AccessKey?.AccessKeyId);
    expect(text).not.toContain('correct-horse');
    expect(text).not.toContain(AccessKey?.SecretAccessKey);
  });

  it('are not written for keys that are not valid', async () => {
    const { as, simulated } = await running(await smallAccount(noLag));
    const before = simulated.state.events();

    await refusal(launch(as('AKIA0000000000000000').ec2()));

    expect(simulated.state.events()).toBe(before);
  });

  it('name who was assumed and for whom', async () => {
    const { bot, simulated } = await running(await smallAccount(noLag));
    await bot.sts().send(new AssumeRoleCommand({ RoleArn: simulated.roleArn, RoleSessionName: 'plan-7', SourceIdentity: 'ada' }));

    const [event] = await lookUp(bot.cloudTrail('us-east-1'), {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' }],
    });

    expect(recordOf(event)).toMatchObject({
      readOnly: true,
      requestParameters: { roleArn: simulated.roleArn, roleSessionName: 'plan-7', sourceIdentity: 'ada' },
      responseElements: { sourceIdentity: 'ada', assumedRoleUser: { arn: 'arn:aws:sts::123456789012:assumed-role/cloudwarden/plan-7' } },
      resources: [{ type: 'AWS::IAM::Role', ARN: simulated.roleArn }],
    });
  });
});

describe('trails', () => {
  it('can be stopped, at home only, and say since when', async () => {
    const { ada, bot, simulated } = await running(await smallAccount());

    expect(await refusal(ada.cloudTrail('us-west-2').send(new StopLoggingCommand({ Name: 'main' })))).toBe('InvalidHomeRegionException');
    await ada.cloudTrail().send(new StopLoggingCommand({ Name: 'main' }));
    const { trailList } = await bot.cloudTrail('us-west-2').send(new DescribeTrailsCommand({}));
    const status = await bot.cloudTrail().send(new GetTrailStatusCommand({ Name: 'main' }));

    expect(trailList?.[0]).toMatchObject({ Name: 'main', HomeRegion: 'eu-central-1', IsMultiRegionTrail: true });
    expect(status).toMatchObject({ IsLogging: false, StopLoggingTime: new Date('2026-03-10T10:00:00Z') });
    expect(simulated.state.isLogging('main')).toBe(false);
  });
});
