import { GetCostAndUsageCommand, type GetCostAndUsageCommandInput } from '@aws-sdk/client-cost-explorer';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { launch, refusal, running, smallAccount } from './account.ts';

const asked = (more: Partial<GetCostAndUsageCommandInput> = {}) =>
  new GetCostAndUsageCommand({
    TimePeriod: { Start: '2026-03-09', End: '2026-03-13' },
    Granularity: 'DAILY',
    Metrics: ['UnblendedCost'],
    ...more,
  });
const compute = { Dimensions: { Key: 'SERVICE' as const, Values: ['Amazon Elastic Compute Cloud - Compute'] } };

it('bills a machine for the hours it runs, some hours late, and no more once it is stopped', async () => {
  const { ada, bot, clock } = await running(await smallAccount());
  const day = async () => {
    const { ResultsByTime = [] } = await bot.costs().send(asked({ Filter: compute }));
    return ResultsByTime.map((each) => Number(Number(each.Total?.UnblendedCost?.Amount).toFixed(2)));
  };

  const InstanceIds = await launch(ada.ec2('us-west-2'), { InstanceType: 'g5.12xlarge', MinCount: 2, MaxCount: 2 });
  await clock.advance(3600);
  expect(await day()).toEqual([0, 0, 0, 0]);
  await clock.advance(3 * 3600);
  await ada.ec2('us-west-2').send(new StopInstancesCommand({ InstanceIds }));
  await clock.advance(48 * 3600);

  // Two machines at $5.672 an hour for four hours, less the seconds until they ran.
  expect(await day()).toEqual([0, 45.35, 0, 0]);
});

it('groups by service and region, and marks the last days as estimated', async () => {
  const { bot } = await running(
    await smallAccount(`
costs:
  - { service: Amazon CloudFront, region: global, perDay: 10, noise: 0, weekend: 0.5 }
  - { service: Tax, region: NoRegion, perDay: 40, noise: 0, dayOfMonth: 2, charge: Tax }`),
  );

  const { ResultsByTime = [] } = await bot.costs().send(
    asked({
      TimePeriod: { Start: '2026-03-01', End: '2026-03-11' },
      GroupBy: [
        { Type: 'DIMENSION', Key: 'SERVICE' },
        { Type: 'DIMENSION', Key: 'REGION' },
      ],
    }),
  );

  const [sunday, monday, tuesday] = ResultsByTime;
  const rows = (result = sunday) => result?.Groups?.map((group) => [...(group.Keys ?? []), Number(group.Metrics?.UnblendedCost?.Amount)]);
  expect(rows(sunday)).toEqual([['Amazon CloudFront', 'global', 5]]);
  expect(rows(monday)).toEqual([
    ['Amazon CloudFront', 'global', 10],
    ['Tax', 'NoRegion', 40],
  ]);
  expect(tuesday?.Estimated).toBe(false);
  expect(ResultsByTime.map((result) => result.Estimated).slice(-3)).toEqual([true, true, true]);
});

it('tells the kinds of charges apart', async () => {
  const { bot } = await running(
    await smallAccount(`
costs:
  - { service: Amazon CloudFront, region: global, perDay: 10, noise: 0 }
  - { service: Amazon CloudFront, region: global, perDay: -4, noise: 0, charge: Credit }`),
  );
  const sum = async (more: Partial<GetCostAndUsageCommandInput>) => {
    const { ResultsByTime } = await bot.costs().send(asked({ TimePeriod: { Start: '2026-03-02', End: '2026-03-03' }, ...more }));
    return Number(ResultsByTime?.[0]?.Total?.UnblendedCost?.Amount);
  };
  const credits = { Dimensions: { Key: 'RECORD_TYPE' as const, Values: ['Credit', 'Refund', 'Tax'] } };

  expect(await sum({})).toBe(6);
  expect(await sum({ Filter: { Not: credits } })).toBe(10);
  expect(await sum({ Filter: { And: [credits, { Not: compute }] } })).toBe(-4);
});

it('gives many groups in pages that together are the whole', async () => {
  const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-west-2', 'sa-east-1', 'ap-south-1'];
  const lines = ['Alpha', 'Beta', 'Gamma', 'Delta'].flatMap((service) =>
    regions.map((region) => `  - { service: ${service}, region: ${region}, perDay: 1, noise: 0 }`),
  );
  const { bot } = await running(await smallAccount(`costs:\n${lines.join('\n')}`));
  const GroupBy = [
    { Type: 'DIMENSION' as const, Key: 'SERVICE' },
    { Type: 'DIMENSION' as const, Key: 'REGION' },
  ];

  const days: string[] = [];
  let pages = 0;
  for (let NextPageToken: string | undefined; ; ) {
    const page = await bot.costs().send(asked({ TimePeriod: { Start: '2026-01-01', End: '2026-03-01' }, GroupBy, NextPageToken }));
    days.push(...(page.ResultsByTime ?? []).map((result) => result.TimePeriod?.Start ?? ''));
    pages++;
    NextPageToken = page.NextPageToken;
    if (!NextPageToken) break;
  }

  expect(pages).toBe(3);
  expect(new Set(days).size).toBe(59);
});

it('keeps hours where that is switched on', async () => {
  const { bot } = await running(await smallAccount('costs: [{ service: Amazon CloudFront, region: global, perDay: 24, noise: 0 }]'));
  const hourly = await smallAccount('costs: [{ service: Amazon CloudFront, region: global, perDay: 24, noise: 0 }]');
  const { bot: other } = await running({ ...hourly, account: { ...hourly.account, hourlyCosts: true } });
  const hours = asked({ Granularity: 'HOURLY', TimePeriod: { Start: '2026-03-09T22:00:00Z', End: '2026-03-10T03:00:00Z' } });

  expect(await refusal(bot.costs().send(hours))).toBe('ValidationException');
  const { ResultsByTime = [] } = await other.costs().send(hours);

  // At ten in the morning the bill knows what was used until midnight.
  expect(ResultsByTime.map(({ TimePeriod, Total }) => [TimePeriod?.Start, Number(Total?.UnblendedCost?.Amount)])).toEqual([
    ['2026-03-09T22:00:00Z', 1],
    ['2026-03-09T23:00:00Z', 1],
    ['2026-03-10T00:00:00Z', 0],
    ['2026-03-10T01:00:00Z', 0],
    ['2026-03-10T02:00:00Z', 0],
  ]);
});

it('refuses what it does not keep instead of answering something else', async () => {
  const { bot } = await running(await smallAccount());

  expect(await refusal(bot.costs().send(asked({ Granularity: 'HOURLY' })))).toBe('ValidationException');
  expect(await refusal(bot.costs().send(asked({ GroupBy: [{ Type: 'COST_CATEGORY', Key: 'team' }] })))).toBe('ValidationException');
  expect(await refusal(bot.costs().send(asked({ TimePeriod: { Start: '2024-01-01', End: '2024-02-01' } })))).toBe('ValidationException');
});

it('tells accounts, teams and discounts apart, and revises a day later', async () => {
  const { bot, clock } = await running(
    await smallAccount(`
costs:
  - { service: Amazon CloudFront, region: global, perDay: 10, noise: 0, discount: 0.2, tags: { team: web } }
  - { service: Amazon Redshift, region: eu-west-1, perDay: 4, noise: 0, account: "999988887777", revised: { afterDays: 2, times: 3 } }`),
  );
  const rows = async (GroupBy: GetCostAndUsageCommandInput['GroupBy']) => {
    const Metrics = ['UnblendedCost', 'NetUnblendedCost'];
    const TimePeriod = { Start: '2026-03-08', End: '2026-03-09' };
    const { ResultsByTime = [] } = await bot.costs().send(asked({ GroupBy, Metrics, TimePeriod }));
    return ResultsByTime[0]?.Groups?.map((group) => [
      ...(group.Keys ?? []),
      Number(group.Metrics?.UnblendedCost?.Amount),
      Number(group.Metrics?.NetUnblendedCost?.Amount),
    ]);
  };

  expect(await rows([{ Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' }])).toEqual([
    ['123456789012', 10, 8],
    ['999988887777', 4, 4],
  ]);
  expect(await rows([{ Type: 'TAG', Key: 'team' }])).toEqual([
    ['team$', 4, 4],
    ['team$web', 10, 8],
  ]);
  await clock.advance(86_400);
  expect(await rows([{ Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' }])).toContainEqual(['999988887777', 12, 12]);
});

it('gives the same bill for the same seed', async () => {
  const scenario = await smallAccount('costs: [{ service: Amazon CloudFront, region: global, perDay: 10, noise: 0.3 }]');
  const bill = async () => {
    const { bot } = await running(scenario);
    return (await bot.costs().send(asked({ TimePeriod: { Start: '2026-02-01', End: '2026-03-01' } }))).ResultsByTime;
  };

  expect(await bill()).toEqual(await bill());
});
