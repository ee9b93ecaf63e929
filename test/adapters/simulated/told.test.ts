import { AccessAnalyzerClient, ListAnalyzersCommand, ListFindingsV2Command } from '@aws-sdk/client-accessanalyzer';
import { StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { GetAnomaliesCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeRegionsCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { GetFindingsCommand, GuardDutyClient, ListDetectorsCommand, ListFindingsCommand } from '@aws-sdk/client-guardduty';
import { DescribeEventsCommand, HealthClient } from '@aws-sdk/client-health';
import { AddUserToGroupCommand, CreateRoleCommand, CreateUserCommand, ListGroupsForUserCommand } from '@aws-sdk/client-iam';
import {
  GetServiceQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { DeleteMessageBatchCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { launch, lookUp, recordOf, refusal, running, smallAccount } from './account.ts';

const event = z.object({ 'detail-type': z.string(), region: z.string(), detail: z.record(z.string(), z.unknown()) });
async function receive(client: SQSClient, QueueUrl: string) {
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle: ReceiptHandle ?? '' }));
  if (Entries.length) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  return Messages.map(({ Body = '' }) => event.parse(JSON.parse(Body)));
}

it('sends calls and changes of state to the queue after their delays, each once', async () => {
  const { ada, bot, clock, simulated } = await running(await smallAccount('push: true'));
  const queue = simulated.queueUrl ?? '';
  const [id] = await launch(ada.ec2('us-west-2'));

  const atOnce = await receive(bot.with(SQSClient), queue);
  await clock.advance(240);
  const later = await receive(bot.with(SQSClient), queue);

  expect(atOnce).toEqual([]);
  expect(later.map((each) => [each['detail-type'], each.detail.state ?? each.detail.eventName, each.region]).sort()).toEqual([
    ['AWS API Call via CloudTrail', 'RunInstances', 'us-west-2'],
    ['EC2 Instance State-change Notification', 'pending', 'us-west-2'],
    ['EC2 Instance State-change Notification', 'running', 'us-west-2'],
  ]);
  expect(later.map((each) => each.detail['instance-id']).filter(Boolean)).toEqual([id, id]);
  expect(await receive(bot.with(SQSClient), queue)).toEqual([]);
  const { Attributes } = await bot.with(SQSClient).send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    QueueArn: 'arn:aws:sqs:eu-central-1:123456789012:cloudwarden-events',
  });
});

it('keeps what is in the queue for four days, as a queue does whose maker did not say', async () => {
  const { ada, bot, clock, simulated } = await running(await smallAccount('push: true'));
  const queue = simulated.queueUrl ?? '';
  await launch(ada.ec2('us-west-2'));

  await clock.advance(3 * 86_400);
  const count = async () =>
    (await bot.with(SQSClient).send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }))).Attributes
      ?.ApproximateNumberOfMessages;
  const kept = Number(await count());
  await clock.advance(2 * 86_400);

  expect(kept).toBeGreaterThan(0);
  expect(await count()).toBe('0');
  expect(await receive(bot.with(SQSClient), queue)).toEqual([]);
});

it('sends no calls any more once the trail is stopped, but still changes of state', async () => {
  const { ada, bot, clock, simulated } = await running(await smallAccount('push: true'));
  const [id = ''] = await launch(ada.ec2());
  await ada.cloudTrail().send(new StopLoggingCommand({ Name: 'main' }));
  await clock.advance(60);
  await ada.ec2().send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await clock.advance(300);

  const told = await receive(bot.with(SQSClient), simulated.queueUrl ?? '');

  expect(told.flatMap((each) => each.detail.eventName ?? [])).toEqual(['RunInstances']);
  expect(told.map((each) => each.detail.state)).toContain('terminated');
});

it('sends nothing from a region whose rules were removed', async () => {
  const steps = `push: true
attack:
  - { at: +1s, as: ada, call: "events:RemoveTargets", with: { rule: cloudwarden-calls-1, ids: [queue] }, region: us-west-2 }
  - { at: +2s, as: ada, call: "events:DeleteRule", with: { name: cloudwarden-calls-1 }, region: us-west-2 }
  - { at: +3s, as: ada, call: "events:DisableRule", with: { name: cloudwarden-native-1 }, region: us-west-2 }`;
  const { ada, bot, clock, simulated } = await running(await smallAccount(steps));
  await clock.advance(300);
  const before = await receive(bot.with(SQSClient), simulated.queueUrl ?? '');
  await launch(ada.ec2('us-west-2'));
  await clock.advance(300);

  // The removal itself is told only as far as the rule still stood: EventBridge works through events in order of arrival.
  expect(before.every((each) => each.region === 'us-west-2')).toBe(true);
  expect(await receive(bot.with(SQSClient), simulated.queueUrl ?? '')).toEqual([]);
});

it('grants a higher limit after a while and remembers who asked', async () => {
  const { ada, bot, clock } = await running(await smallAccount('faults: { lookupLag: { mean: 0s, cap: 0s } }'));
  const quota = { ServiceCode: 'ec2', QuotaCode: 'L-DB2E81BA' };
  const asked = new RequestServiceQuotaIncreaseCommand({ ...quota, DesiredValue: 200_000 });
  await ada.with(ServiceQuotasClient).send(asked);
  const history = async () =>
    (await bot.with(ServiceQuotasClient).send(new ListRequestedServiceQuotaChangeHistoryCommand({ ServiceCode: 'ec2' }))).RequestedQuotas;

  const before = await history();
  await clock.advance(1000);
  const after = await history();

  expect(before?.[0]).toMatchObject({ Status: 'PENDING', DesiredValue: 200_000, QuotaCode: 'L-DB2E81BA' });
  expect(after?.[0]?.Status).toBe('APPROVED');
  expect((await bot.with(ServiceQuotasClient).send(new GetServiceQuotaCommand(quota))).Quota?.Value).toBe(200_000);
  const named = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'RequestServiceQuotaIncrease' }] };
  expect((await lookUp(bot.cloudTrail(), named)).map(recordOf)[0]).toMatchObject({
    requestParameters: { serviceCode: 'ec2', quotaCode: 'L-DB2E81BA', desiredValue: 200_000 },
    responseElements: { requestedQuota: { status: 'PENDING', created: 'Mar 10, 2026 10:00:00 AM' } },
  });
});

it('tells what the threat detector finds at its time, and what AWS Health says only with a support plan', async () => {
  const told = `guards: { threatDetector: [eu-central-1], accessAnalyzer: [eu-central-1] }
findings: [{ at: +10m, type: "CryptoCurrency:EC2/BitcoinTool.B!DNS", severity: 8 }]
health: [{ at: +5m, code: AWS_RISK_CREDENTIALS_EXPOSED, entities: [AKIAIOSFODNN7EXAMPLE] }]`;
  const { ada, bot, clock } = await running(await smallAccount(told));
  const guard = bot.with(GuardDutyClient);
  const { DetectorIds } = await guard.send(new ListDetectorsCommand({}));
  const DetectorId = DetectorIds?.[0] ?? '';
  const found = async () => (await guard.send(new ListFindingsCommand({ DetectorId }))).FindingIds ?? [];
  const trust = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'sts:AssumeRole' }] });
  await ada.iam().send(new CreateRoleCommand({ RoleName: 'door', AssumeRolePolicyDocument: trust }));

  const before = await found();
  await clock.advance(900);
  const { Findings } = await guard.send(new GetFindingsCommand({ DetectorId, FindingIds: await found() }));

  expect(before).toEqual([]);
  expect(Findings?.[0]).toMatchObject({ Type: 'CryptoCurrency:EC2/BitcoinTool.B!DNS', Severity: 8, Region: 'eu-central-1' });
  expect(await refusal(bot.with(HealthClient, 'us-east-1').send(new DescribeEventsCommand({})))).toBe('SubscriptionRequiredException');
  const { analyzers } = await bot.with(AccessAnalyzerClient).send(new ListAnalyzersCommand({}));
  const opened = await bot.with(AccessAnalyzerClient).send(new ListFindingsV2Command({ analyzerArn: analyzers?.[0]?.arn }));
  expect(opened.findings?.map((each) => each.resource)).toEqual(['arn:aws:iam::123456789012:role/door']);
});

it('measures processors: idle ones little, busy ones all the time', async () => {
  const { ada, bot, clock } = await running(await smallAccount('load: [{ type: c5.xlarge, percent: 99 }]'));
  const [idle = ''] = await launch(ada.ec2());
  const [busy = ''] = await launch(ada.ec2(), { InstanceType: 'c5.xlarge' });
  await clock.advance(3600);
  const query = (Id: string, Value: string) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value }] },
      Period: 300,
      Stat: 'Average',
    },
  });
  const times = { StartTime: new Date('2026-03-10T10:05:00Z'), EndTime: new Date('2026-03-10T11:00:00Z') };

  const { MetricDataResults } = await bot
    .with(CloudWatchClient)
    .send(new GetMetricDataCommand({ ...times, MetricDataQueries: [query('idle', idle), query('busy', busy)] }));

  const [low, high] = MetricDataResults ?? [];
  expect(high?.Values).toHaveLength(11);
  expect(Math.max(...(low?.Values ?? [100]))).toBeLessThan(15);
  expect(Math.min(...(high?.Values ?? [0]))).toBeGreaterThan(95);
  expect((await bot.with(CloudWatchClient).send(new ListMetricsCommand({ Namespace: 'AWS/EC2' }))).Metrics).toHaveLength(2);
  expect((await bot.costs().send(new GetAnomaliesCommand({ DateInterval: { StartDate: '2026-03-01' } }))).Anomalies).toEqual([]);
});

it('counts how often models are asked, which the log tells among the reads only', async () => {
  const { bot, clock, simulated } = await running(
    await smallAccount(
      'attack: [{ at: +1m, as: ada, call: "bedrock-runtime:Converse", with: { modelId: example.large }, region: us-west-2, repeat: { every: 10s, times: 30 } }]',
    ),
  );
  await clock.advance(3600);
  const cloudWatch = bot.with(CloudWatchClient, 'us-west-2');
  const Metric = { Namespace: 'AWS/Bedrock', MetricName: 'InputTokenCount', Dimensions: [{ Name: 'ModelId', Value: 'example.large' }] };
  const times = { StartTime: new Date('2026-03-10T10:00:00Z'), EndTime: new Date('2026-03-10T11:00:00Z') };
  const MetricDataQueries = [{ Id: 'tokens', MetricStat: { Metric, Period: 300, Stat: 'Sum' } }];

  const { MetricDataResults } = await cloudWatch.send(new GetMetricDataCommand({ ...times, MetricDataQueries }));

  expect(MetricDataResults?.[0]?.Values).toEqual([6 * 1500, 24 * 1500]);
  const { Metrics } = await cloudWatch.send(new ListMetricsCommand({ Namespace: 'AWS/Bedrock', MetricName: 'InputTokenCount' }));
  expect(Metrics).toEqual([Metric]);
  const asked = simulated.state.records(-1).filter(({ record }) => record.eventName === 'Converse');
  expect(asked.map(({ readOnly, record }) => [readOnly, record.eventSource])).toEqual(Array(30).fill([true, 'bedrock.amazonaws.com']));
});

it('switches regions on, and faults at their time', async () => {
  const steps = `attack: [{ at: +1m, as: ada, call: "account:EnableRegion", with: { RegionName: af-south-1 }, region: us-east-1 }]
faultsAt: [{ at: +2m, deniedRegions: [us-west-2] }]`;
  const { ada, bot, clock } = await running(await smallAccount(steps));
  await launch(ada.ec2('us-west-2'));
  await clock.advance(180);

  const { Regions } = await bot.ec2().send(new DescribeRegionsCommand({}));
  expect(Regions?.map((each) => each.RegionName)).toContain('af-south-1');
  expect(await refusal(launch(ada.ec2('us-west-2')))).toBe('UnauthorizedOperation');
});

it('lets groups and policies of the account decide', async () => {
  const { ada, as, bot } = await running(
    await smallAccount(`policies: { launchers: { Statement: [{ Effect: Allow, Action: "ec2:*", Resource: "*" }] } }
groups: [{ name: builders, policies: [launchers] }]`),
  );
  const grace = as('AKIAI44QH8DHBEXAMPLE');

  const before = await refusal(launch(grace.ec2()));
  await ada.iam().send(new AddUserToGroupCommand({ GroupName: 'builders', UserName: 'grace' }));

  expect(before).toBe('UnauthorizedOperation');
  expect(await launch(grace.ec2())).toHaveLength(1);
  expect(await refusal(grace.iam().send(new CreateUserCommand({ UserName: 'x' })))).toBe('AccessDenied');
  const { Groups } = await bot.iam().send(new ListGroupsForUserCommand({ UserName: 'grace' }));
  expect(Groups?.map((each) => each.GroupName)).toEqual(['builders']);
});
