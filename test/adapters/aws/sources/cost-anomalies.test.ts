import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { costAnomalies } from '../../../../src/adapters/aws/sources/cost-anomalies.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let anomalies: object[];
let trouble: (asked: Asked) => Said | undefined;

const anomaly = (more: object): object => ({
  AnomalyId: 'a1',
  AnomalyStartDate: '2026-02-27',
  AnomalyEndDate: '2026-02-28',
  RootCauses: [
    { Service: 'Amazon Elastic Compute Cloud - Compute', Region: 'us-west-2', LinkedAccount: account, UsageType: 'BoxUsage:g5.12xlarge' },
  ],
  AnomalyScore: { MaxScore: 0.9, CurrentScore: 0.9 },
  Impact: { MaxImpact: 300, TotalImpact: 412.5, TotalActualSpend: 430, TotalExpectedSpend: 17.5 },
  MonitorArn: `arn:aws:ce::${account}:anomalymonitor/m`,
  ...more,
});

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  anomalies = [];
  trouble = () => undefined;
  aws = await standIn((asked) => {
    const said = trouble(asked);
    if (said) return said;
    const from = Number(asked.input.NextPageToken ?? 0);
    return { Anomalies: anomalies.slice(from, from + 1), ...(from + 1 < anomalies.length ? { NextPageToken: String(from + 1) } : {}) };
  });
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

describe('AWS’s own watch over costs', () => {
  it('passes on what it found, with how much and where, the same at every look', async () => {
    anomalies = [anomaly({}), anomaly({ AnomalyId: 'a2', Impact: { MaxImpact: 3, TotalImpact: 5 } })];
    const source = costAnomalies({ session, clock });

    const first = await drain(source.collect({}));
    clock.turn(86_400);
    const second = await drain(source.collect(first.cursors));

    expect(ofKind(first, 'provider.alerted')).toMatchObject([
      { about: 'money', rule: 'a1', severity: 'medium', at: '2026-02-27T00:00:00.000Z', subjects: [`scope:${account}`] },
      { about: 'money', rule: 'a2', severity: 'low' },
    ]);
    expect(ofKind(first, 'provider.alerted')[0]?.summary).toBe(
      "AWS's cost watch: 412.50 more than usual since 2026-02-27: 430.00 instead of 17.50 (Amazon Elastic Compute Cloud - Compute, us-west-2, BoxUsage:g5.12xlarge)",
    );
    expect(ofKind(second, 'provider.alerted').map((one) => one.id)).toEqual(ofKind(first, 'provider.alerted').map((one) => one.id));
    expect(gapsOf(first)).toEqual([]);
    expect(aws.asked.map((one) => (one.input.DateInterval as { StartDate: string }).StartDate).at(0)).toBe('2026-02-26');
  });

  it('leaves out what is another account’s of the same payer', async () => {
    anomalies = [anomaly({ RootCauses: [{ Service: 'x', LinkedAccount: '999988887777' }] })];

    const seen = await drain(costAnomalies({ session, clock }).collect({}));

    expect(seen.observations).toMatchObject([{ kind: 'look.finished', complete: true }]);
  });

  it('tells the same one anew, under the same id, when AWS revises its impact', async () => {
    anomalies = [anomaly({})];
    const source = costAnomalies({ session, clock });
    const first = await drain(source.collect({}));
    anomalies = [anomaly({ Impact: { MaxImpact: 300, TotalImpact: 900, TotalActualSpend: 930, TotalExpectedSpend: 30 } })];
    clock.turn(86_400);

    const [before, after] = [first, await drain(source.collect(first.cursors))].map((seen) => ofKind(seen, 'provider.alerted')[0]);

    expect(after?.id).toBe(before?.id);
    expect(after?.summary).toContain('900.00 more than usual');
  });

  it('tells a payer every other day about the account that caused most of it', async () => {
    const [small, great] = ['111111111111', '222222222222'];
    anomalies = [
      anomaly({
        RootCauses: [
          { Service: 'A', LinkedAccount: small, Impact: { Contribution: 20 } },
          { Service: 'B', Region: 'eu-west-3', LinkedAccount: great, Impact: { Contribution: 380 } },
        ],
      }),
    ];
    const source = costAnomalies({ session, clock }, { payer: true });

    const seen = ofKind(await drain(source.collect({})), 'provider.alerted');

    expect(source.everySeconds).toBe(172_800);
    expect(seen).toMatchObject([{ place: { scope: { id: great } }, subjects: [`scope:${great}`], id: `aws/cost-anomalies/${account}/a1` }]);
    expect(seen[0]?.summary).toContain('(B, eu-west-3)');
  });

  it('does not buy twice what was just bought, and costs a cent a page', async () => {
    const source = costAnomalies({ session, clock }, { perDay: 3 });
    const first = await drain(source.collect({}));
    clock.turn(3600);

    const second = await drain(source.collect(first.cursors));

    expect(second.observations).toEqual([]);
    expect(source.everySeconds).toBe(28_800);
    expect(session.meter.take()).toEqual([{ operation: 'ce:GetAnomalies', calls: 1, usd: 0.01 }]);
  });

  it.each([
    ['AccessDeniedException', 'not allowed (AccessDeniedException)'],
    ['LimitExceededException', 'AWS slowed us down (LimitExceededException)'],
    ['DataUnavailableException', 'Cost Explorer is not switched on yet'],
  ])('says that it could not look, and looks again: %s', async (error, words) => {
    trouble = () => ({ error });
    const source = costAnomalies({ session, clock });

    const seen = await drain(source.collect({}));
    trouble = () => undefined;
    const again = await drain(source.collect(seen.cursors));

    expect(gapsOf(seen)).toEqual([`what AWS's own cost watch found could not be read: ${words}`]);
    expect(gapsOf(again)).toEqual([]);
    expect(again.observations).toHaveLength(1);
  });

  it('stops at five pages and says so', async () => {
    anomalies = Array.from({ length: 9 }, (_, index) => anomaly({ AnomalyId: `a${index}` }));

    const seen = await drain(costAnomalies({ session, clock }).collect({}));

    expect(aws.asked).toHaveLength(5);
    expect(gapsOf(seen)[0]).toContain('more than 500');
  });
});
