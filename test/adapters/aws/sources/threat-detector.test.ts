import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readByDetector, usdPerAnalysedCall } from '../../../../src/adapters/aws/meter.ts';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import { threatDetector } from '../../../../src/adapters/aws/sources/threat-detector.ts';
import type { Source } from '../../../../src/bot/ports.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

type Finding = Record<string, unknown> & { id: string };
let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let source: Source;
let detector: { id: string; status: string } | undefined;
let findings: Finding[];
let trouble: (asked: Asked) => Said | undefined;

const mining: Finding = {
  id: 'f1',
  accountId: account,
  region: 'us-east-1',
  type: 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
  severity: 8,
  title: 'EC2 instance is querying a domain of a Bitcoin pool.',
  createdAt: '2026-03-01T13:40:00.000Z',
  updatedAt: '2026-03-01T13:50:00.000Z',
  resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0abc12345678' } },
  service: { eventFirstSeen: '2026-03-01T13:31:00.000Z', eventLastSeen: '2026-03-01T13:49:00.000Z', archived: true },
};

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  detector = { id: 'd1', status: 'ENABLED' };
  findings = [];
  trouble = () => undefined;
  aws = await standIn((asked) => trouble(asked) ?? answer(asked));
  session = await sessionOn(aws);
  source = threatDetector({ session, clock, regions: openRegions(session, clock) });
});
afterEach(async () => {
  session.close();
  await aws.close();
});

function answer({ service, operation, input }: Asked): Said {
  if (service === 'ec2') return regionsXml({ 'us-east-1': 'opt-in-not-required' });
  switch (operation) {
    case 'GET /detector':
      return { detectorIds: detector ? [detector.id] : [] };
    case 'GET /detector/d1':
      return { status: detector?.status, createdAt: '2025-01-01T00:00:00Z', serviceRole: 'r' };
    case 'POST /detector/d1/findings': {
      const from = Number(input.nextToken ?? 0);
      const since = (input.findingCriteria as { criterion: { updatedAt: { greaterThanOrEqual: number } } }).criterion.updatedAt
        .greaterThanOrEqual;
      const fitting = findings.filter((one) => Date.parse(String(one.updatedAt)) >= since);
      return {
        findingIds: fitting.slice(from, from + 1).map((one) => one.id),
        nextToken: from + 1 < fitting.length ? String(from + 1) : '',
      };
    }
    case 'POST /detector/d1/findings/get':
      return { findings: findings.filter((one) => (input.findingIds as string[]).includes(one.id)) };
    default:
      return { error: 'AccessDeniedException', status: 403 };
  }
}

describe('the threat detector', () => {
  it('passes on what GuardDuty found about mining, archived or not, with the machine it is about', async () => {
    findings = [mining];

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'provider.alerted')).toMatchObject([
      {
        about: 'mining',
        severity: 'high',
        rule: 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
        at: '2026-03-01T13:50:00.000Z',
        subjects: [`resource:arn:aws:ec2:us-east-1:${account}:instance/i-0abc12345678`],
        evidence: ['f1'],
      },
    ]);
    expect(seen.raw).toHaveProperty('f1');
    expect(gapsOf(seen)).toEqual([]);
  });

  it('reads all pages, and takes a take-over for a take-over, with the key that was used', async () => {
    findings = [
      mining,
      {
        ...mining,
        id: 'f2',
        type: 'AttackSequence:IAM/CompromisedSession',
        severity: 9.5,
        resource: { accessKeyDetails: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', userType: 'Role', userName: 'app' } },
      },
    ];

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'provider.alerted').map((one) => one.evidence[0])).toEqual(['f1', 'f2']);
    expect(ofKind(seen, 'provider.alerted')[1]).toMatchObject({
      about: 'takeover',
      severity: 'critical',
      subjects: ['session:ASIAIOSFODNN7EXAMPLE', `principal:arn:aws:iam::${account}:role/app`],
    });
  });

  it('says of a sample finding that it is one', async () => {
    findings = [{ ...mining, title: '[SAMPLE] Something', service: { additionalInfo: { type: 'default', value: '{"sample":true}' } } }];

    const seen = await drain(source.collect({}));

    expect(ofKind(seen, 'provider.alerted')).toMatchObject([
      { severity: 'info', sample: true, summary: expect.stringContaining('[SAMPLE]') },
    ]);
  });

  it('reads on from the last look, and a finding read again has the same id', async () => {
    findings = [mining, { ...mining, id: 'f0', updatedAt: '2026-02-20T00:00:00.000Z' }];

    const first = await drain(source.collect({}));
    clock.turn(1800);
    const second = await drain(source.collect(first.cursors), first.cursors);
    clock.turn(1800);
    const third = await drain(source.collect(second.cursors));

    expect(ofKind(first, 'provider.alerted').map((one) => one.evidence[0])).toEqual(['f1']);
    expect(ofKind(second, 'provider.alerted').map((one) => one.id)).toEqual(ofKind(first, 'provider.alerted').map((one) => one.id));
    expect(ofKind(third, 'provider.alerted')).toEqual([]);
  });

  it('lets the meter know where it is on, since it reads the records of our calls and is paid for that', async () => {
    await drain(source.collect({}));
    const rows = session.meter.take();
    const calls = rows.reduce((sum, one) => sum + one.calls, 0);
    expect(rows.find(({ operation }) => operation === readByDetector)?.usd).toBeCloseTo(calls * usdPerAnalysedCall, 12);

    detector = undefined;
    clock.turn(3600);
    await drain(source.collect({}));
    session.meter.take();
    await (await session.read.ec2('us-east-1')).send(new DescribeRegionsCommand({}));

    expect(session.meter.take()).toEqual([{ operation: 'ec2:DescribeRegions', calls: 1, usd: 0 }]);
  });

  it('takes a detector that was never there for a fact, not for a gap', async () => {
    detector = undefined;

    const seen = await drain(source.collect({}));

    expect(seen.observations.map((one) => one.kind)).toEqual(['look.finished', 'look.finished']);
    expect(gapsOf(seen)).toEqual([]);
  });

  it.each([
    ['switched off', { id: 'd1', status: 'DISABLED' }],
    ['deleted', undefined],
  ])('notices between two looks that it was %s, and says so once', async (how, after) => {
    const first = await drain(source.collect({}));
    clock.turn(3600);
    detector = after;
    const second = await drain(source.collect(first.cursors), first.cursors);
    clock.turn(3600);
    const third = await drain(source.collect(second.cursors), second.cursors);

    expect(ofKind(second, 'guard.weakened')).toMatchObject([
      {
        guard: 'threat detector',
        how,
        resource: `resource:arn:aws:guardduty:us-east-1:${account}:detector/d1`,
        at: '2026-03-01T15:00:00.000Z',
      },
    ]);
    expect([...ofKind(first, 'guard.weakened'), ...ofKind(third, 'guard.weakened')]).toEqual([]);
  });

  it('finds out at the very next look that it was deleted', async () => {
    trouble = ({ operation }) =>
      operation === 'POST /detector/d1/findings' && detector === undefined ? { error: 'BadRequestException' } : undefined;
    const first = await drain(source.collect({}));
    clock.turn(1800);
    detector = undefined;

    const second = await drain(source.collect(first.cursors));

    expect(ofKind(second, 'guard.weakened')).toMatchObject([{ how: 'deleted', at: '2026-03-01T14:30:00.000Z' }]);
    expect(gapsOf(second)).toEqual([]);
  });

  it('says when there are more findings than it reads at once', async () => {
    findings = Array.from({ length: 21 }, (_, index) => ({ ...mining, id: `f${index}` }));
    const many = await drain(source.collect({}));
    findings = findings.slice(1);

    const fitting = await drain(source.collect({}));

    expect(gapsOf(many)).toEqual(['more threat findings in us-east-1 than are read at once: the newest 1000 were read']);
    expect(gapsOf(fitting)).toEqual([]);
    expect(ofKind(fitting, 'provider.alerted')).toHaveLength(20);
  });

  it('does not forget that it was on when a look in between fails', async () => {
    const first = await drain(source.collect({}));
    clock.turn(3600);
    trouble = ({ service }) => (service === 'guardduty' ? { error: 'ThrottlingException', status: 429 } : undefined);
    const failed = await drain(source.collect(first.cursors), first.cursors);
    trouble = () => undefined;
    clock.turn(3600);
    detector = undefined;
    const third = await drain(source.collect(failed.cursors));

    expect(gapsOf(failed)).toEqual(['the threat findings of us-east-1 could not be read: AWS slowed us down (ThrottlingException)']);
    expect(ofKind(third, 'guard.weakened')).toHaveLength(1);
  });

  it('says that it is not allowed to look, and asks only for what it declares', async () => {
    findings = [mining];
    await drain(source.collect({}));
    const asked = session.meter.take().filter(({ calls }) => calls > 0);
    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(asked.map((row) => row.operation))].sort());
    trouble = ({ service }) => (service === 'guardduty' ? { error: 'AccessDeniedException', status: 403 } : undefined);

    const seen = await drain(source.collect({}));

    expect(gapsOf(seen)).toEqual(['the threat findings of us-east-1 could not be read: not allowed (AccessDeniedException)']);
  });
});
