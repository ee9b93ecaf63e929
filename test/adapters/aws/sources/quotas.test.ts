import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import { quotas } from '../../../../src/adapters/aws/sources/quotas.ts';
import type { Source } from '../../../../src/bot/ports.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let source: Source;
let requests: Record<string, object[]>;
let trouble: (asked: Asked) => Said | undefined;

const day = (date: string): number => Date.parse(date) / 1000;
const request = (more: object): object => ({
  Id: 'r-1',
  ServiceCode: 'ec2',
  ServiceName: 'Amazon Elastic Compute Cloud (Amazon EC2)',
  QuotaCode: 'L-1216C47A',
  QuotaName: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
  DesiredValue: 512,
  Status: 'PENDING',
  Created: day('2026-03-01T13:00:00Z'),
  LastUpdated: day('2026-03-01T13:00:05Z'),
  Requester: JSON.stringify({ accountId: account, callerArn: `arn:aws:iam::${account}:user/ci-deploy` }),
  ...more,
});

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  requests = {};
  trouble = () => undefined;
  aws = await standIn((asked) => {
    if (asked.service === 'ec2') return regionsXml({ 'us-east-1': 'opt-in-not-required', 'eu-west-1': 'opt-in-not-required' });
    const said = trouble(asked);
    if (said) return said;
    if (asked.operation !== 'ListRequestedServiceQuotaChangeHistory') return { error: 'AccessDeniedException' };
    const all = requests[asked.region] ?? [];
    const from = Number(asked.input.NextToken ?? 0);
    return { RequestedQuotas: all.slice(from, from + 1), ...(from + 1 < all.length ? { NextToken: String(from + 1) } : {}) };
  });
  session = await sessionOn(aws);
  source = quotas({ session, clock, regions: openRegions(session, clock) });
});
afterEach(async () => {
  session.close();
  await aws.close();
});

describe('requests for higher limits', () => {
  it('tells who asked for more machines, where, when and how many', async () => {
    requests = { 'eu-west-1': [request({})] };

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'quota.asked')).toMatchObject([
      {
        at: '2026-03-01T13:00:00.000Z',
        place: { region: 'eu-west-1' },
        service: 'ec2',
        of: 'compute',
        wanted: 512,
        state: 'asked',
        actor: { subject: `principal:arn:aws:iam::${account}:user/ci-deploy`, kind: 'user' },
        deed: 'quota-request/r-1',
      },
    ]);
    expect(gapsOf(seen)).toEqual([]);
  });

  it('tells the outcome beside the request, at its own time, and the same ids at the next look', async () => {
    requests = {
      'us-east-1': [
        request({ Status: 'APPROVED', LastUpdated: day('2026-03-01T13:30:00Z') }),
        request({ Id: 'r-2', Status: 'NOT_APPROVED' }),
        request({
          Id: 'r-3',
          ServiceCode: 'bedrock',
          QuotaName: 'Model invocation tokens per minute',
          Status: 'CASE_OPENED',
          Requester: 'nonsense',
        }),
      ],
    };

    const first = await drain(source.collect({}));
    clock.turn(7200);
    const second = await drain(source.collect(first.cursors));

    expect(ofKind(first, 'quota.asked').map((one) => [one.evidence[0], one.state, one.of, one.at.slice(11, 16)])).toEqual([
      ['r-1', 'asked', 'compute', '13:00'],
      ['r-1', 'granted', 'compute', '13:30'],
      ['r-2', 'asked', 'compute', '13:00'],
      ['r-2', 'refused', 'compute', '13:00'],
      ['r-3', 'asked', 'models', '13:00'],
    ]);
    expect(ofKind(second, 'quota.asked').map((one) => one.id)).toEqual(ofKind(first, 'quota.asked').map((one) => one.id));
  });

  it('leaves to the log what was asked long before the first look, and misses nothing of a long silence', async () => {
    requests = {
      'us-east-1': [
        request({ Id: 'old', Created: day('2025-12-20T00:00:00Z'), LastUpdated: day('2025-12-21T00:00:00Z'), Status: 'APPROVED' }),
        request({ Id: 'lately granted', Created: day('2026-02-10T00:00:00Z'), Status: 'APPROVED' }),
      ],
    };
    const first = await drain(source.collect({}));
    clock.turn(4 * 86_400);
    requests = { 'us-east-1': [request({ Id: 'meanwhile', Created: day('2026-03-02T00:00:00Z') })] };

    const second = await drain(source.collect(first.cursors));

    expect(ofKind(first, 'quota.asked').map((one) => [one.evidence[0], one.state])).toEqual([['lately granted', 'granted']]);
    expect(ofKind(second, 'quota.asked').map((one) => one.evidence[0])).toEqual(['meanwhile']);
  });

  it('says which region could not be read and why, and reads the others', async () => {
    requests = { 'us-east-1': [request({})] };
    trouble = ({ region }) => (region === 'eu-west-1' ? { error: 'TooManyRequestsException' } : undefined);

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'quota.asked')).toHaveLength(1);
    expect(gapsOf(seen)).toEqual([
      'the requests for higher limits of eu-west-1 could not be read: AWS slowed us down (TooManyRequestsException)',
    ]);
  });

  it('says that it is not allowed to look', async () => {
    trouble = () => ({ error: 'AccessDeniedException' });

    const seen = await drain(source.collect({}));

    expect(gapsOf(seen)).toHaveLength(2);
    expect(gapsOf(seen)[0]).toContain('not allowed');
  });

  it('is complete where nobody asked for anything, with the permissions it declares', async () => {
    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'look.finished').map((one) => [one.place.region, one.complete])).toEqual([
      ['us-east-1', true],
      ['eu-west-1', true],
      ['global', true],
    ]);
    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});
