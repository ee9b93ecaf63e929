import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { accessAnalyzer } from '../../../../src/adapters/aws/sources/access-analyzer.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import type { Source } from '../../../../src/bot/ports.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let source: Source;
let analyzers: object[];
let findings: object[];
let trouble: (asked: Asked) => Said | undefined;

const external = {
  arn: `arn:aws:access-analyzer:us-east-1:${account}:analyzer/a`,
  name: 'a',
  type: 'ACCOUNT',
  status: 'ACTIVE',
  createdAt: '2025-01-01T00:00:00Z',
};
const finding = (more: object): object => ({
  id: 'f1',
  resource: `arn:aws:iam::${account}:role/team/deploy`,
  resourceType: 'AWS::IAM::Role',
  resourceOwnerAccount: account,
  principal: { AWS: '999988887777' },
  condition: {},
  isPublic: false,
  status: 'ACTIVE',
  createdAt: '2026-03-01T13:00:00.000Z',
  analyzedAt: '2026-03-01T13:30:00.000Z',
  updatedAt: '2026-03-01T13:30:00.000Z',
  ...more,
});

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  analyzers = [external];
  findings = [];
  trouble = () => undefined;
  aws = await standIn((asked) => {
    if (asked.service === 'ec2') return regionsXml({ 'us-east-1': 'opt-in-not-required' });
    const said = trouble(asked);
    if (said) return said;
    if (asked.operation === 'GET /analyzer') return { analyzers };
    const from = Number(asked.input.nextToken ?? 0);
    return { findings: findings.slice(from, from + 2), ...(from + 2 < findings.length ? { nextToken: String(from + 2) } : {}) };
  });
  session = await sessionOn(aws);
  source = accessAnalyzer({ session, clock, regions: openRegions(session, clock) });
});
afterEach(async () => {
  session.close();
  await aws.close();
});

describe('the access analyzer', () => {
  it('tells which doors stand open, for whom and since when', async () => {
    findings = [
      finding({}),
      finding({
        id: 'f2',
        resource: `arn:aws:lambda:us-east-1:${account}:function:hook`,
        resourceType: 'AWS::Lambda::Function',
        principal: { AWS: '*' },
        isPublic: true,
      }),
      finding({ id: 'f3', resource: 'arn:aws:s3:::bucket', resourceType: 'AWS::S3::Bucket', condition: { 'aws:SourceVpc': 'vpc-1' } }),
      finding({ id: 'f4', principal: { Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` } }),
    ];

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'trust.opened').map((one) => [one.resource, one.door, one.to, one.unconditional, one.place.region])).toEqual([
      [`resource:arn:aws:iam::${account}:role/deploy`, 'role', '999988887777', true, 'global'],
      [`resource:arn:aws:lambda:us-east-1:${account}:function:hook`, 'function', '*', true, 'us-east-1'],
      ['resource:arn:aws:s3:::bucket', 'data', '999988887777', false, 'us-east-1'],
      [`resource:arn:aws:iam::${account}:role/deploy`, 'role', 'token.actions.githubusercontent.com', true, 'global'],
    ]);
    expect(ofKind(seen, 'trust.opened')[0]?.at).toBe('2026-03-01T13:00:00.000Z');
    expect(gapsOf(seen)).toEqual([]);
  });

  it('asks for what is active only, and tells the same ids at the next look', async () => {
    findings = [finding({}), finding({ id: 'f2' }), finding({ id: 'f3' })];

    const first = await drain(source.collect({}));
    clock.turn(7200);
    const second = await drain(source.collect(first.cursors));

    expect(aws.asked.find((one) => one.operation === 'POST /finding')?.input).toMatchObject({ filter: { status: { eq: ['ACTIVE'] } } });
    expect(new Set(ofKind(first, 'trust.opened').map((one) => one.id)).size).toBe(3);
    expect(ofKind(second, 'trust.opened').map((one) => one.id)).toEqual(ofKind(first, 'trust.opened').map((one) => one.id));
  });

  it('wakes nobody for what stood open before the first look, but knows the partners of old', async () => {
    findings = [
      finding({ createdAt: '2025-06-01T00:00:00Z' }),
      finding({ id: 'partner', createdAt: '2025-06-01T00:00:00Z', condition: { 'sts:ExternalId': 'x' } }),
      finding({ id: 'found by its first scan', createdAt: '2025-01-01T00:20:00Z', condition: { 'sts:ExternalId': 'x' } }),
    ];
    const first = await drain(source.collect({}));
    clock.turn(7200);
    const second = await drain(source.collect(first.cursors));

    expect(ofKind(first, 'trust.opened').map((one) => [one.evidence[0], one.at])).toEqual([['partner', '2025-06-01T00:00:00.000Z']]);
    expect(ofKind(second, 'trust.opened')).toEqual([]);
  });

  it('leaves other accounts of the organization, and analyzers of something else, alone', async () => {
    analyzers = [
      { ...external, type: 'ACCOUNT_UNUSED_ACCESS' },
      { ...external, type: 'ORGANIZATION' },
    ];
    findings = [finding({ resourceOwnerAccount: '999988887777' })];

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'trust.opened')).toEqual([]);
    expect(aws.asked.filter((one) => one.operation === 'POST /finding')).toHaveLength(1);
  });

  it('takes no analyzer for no gap', async () => {
    analyzers = [];

    const seen = await drain(source.collect({}));

    expect(seen.observations.map((one) => one.kind)).toEqual(['look.finished', 'look.finished']);
    expect(gapsOf(seen)).toEqual([]);
  });

  it.each([
    ['AccessDeniedException', 403, 'not allowed'],
    ['ThrottlingException', 429, 'AWS slowed us down'],
  ])('says that it could not look: %s', async (error, status, words) => {
    trouble = () => ({ error, status });

    const seen = await drain(source.collect({}));

    expect(gapsOf(seen)).toEqual([`the doors for strangers of us-east-1 could not be read: ${words} (${error})`]);
  });

  it('asks only for what it declares', async () => {
    await drain(source.collect({}));

    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});
