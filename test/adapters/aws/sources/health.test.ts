import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { health } from '../../../../src/adapters/aws/sources/health.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let events: { arn: string; [more: string]: unknown }[];
let entities: { eventArn: string; entityValue: string }[];
let trouble: (asked: Asked) => Said | undefined;

const exposed = {
  arn: 'arn:aws:health:global::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/1',
  service: 'RISK',
  eventTypeCode: 'AWS_RISK_CREDENTIALS_EXPOSED',
  eventTypeCategory: 'issue',
  region: 'global',
  startTime: Date.parse('2026-03-01T13:00:00Z') / 1000,
  lastUpdatedTime: Date.parse('2026-03-01T13:01:00Z') / 1000,
  statusCode: 'open',
};

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  events = [];
  entities = [];
  trouble = () => undefined;
  aws = await standIn((asked) => {
    const said = trouble(asked);
    if (said) return said;
    const from = Number(asked.input.nextToken ?? 0);
    if (asked.operation === 'DescribeEvents')
      return { events: events.slice(from, from + 1), ...(from + 1 < events.length ? { nextToken: String(from + 1) } : {}) };
    const { eventArns } = asked.input.filter as { eventArns: string[] };
    return { entities: entities.filter((one) => eventArns.includes(one.eventArn)) };
  });
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});
const open = (pushed = false) => health({ session, clock }, { pushed });

describe('AWS Health', () => {
  it('passes on that a key leaked, with the key, at every look with the same id', async () => {
    events = [
      exposed,
      {
        ...exposed,
        arn: 'arn:aws:health:us-east-1::event/ABUSE/AWS_ABUSE_REPORT/2',
        service: 'ABUSE',
        eventTypeCode: 'AWS_ABUSE_REPORT',
        region: 'us-east-1',
      },
    ];
    entities = [
      { eventArn: exposed.arn, entityValue: 'AKIAIOSFODNN7EXAMPLE' },
      { eventArn: events[1]!.arn, entityValue: 'i-0abc12345678' },
    ];

    const first = await drain(open().collect({}));
    clock.turn(600);
    const second = await drain(open().collect(first.cursors));

    expect(ofKind(first, 'provider.alerted')).toMatchObject([
      {
        about: 'leak',
        severity: 'critical',
        rule: 'AWS_RISK_CREDENTIALS_EXPOSED',
        subjects: ['credential:AKIAIOSFODNN7EXAMPLE'],
        at: '2026-03-01T13:00:00.000Z',
      },
      {
        rule: 'AWS_ABUSE_REPORT',
        subjects: [`resource:arn:aws:ec2:us-east-1:${account}:instance/i-0abc12345678`],
        place: { region: 'us-east-1' },
      },
    ]);
    expect(ofKind(second, 'provider.alerted').map((one) => one.id)).toEqual(ofKind(first, 'provider.alerted').map((one) => one.id));
    expect(gapsOf(first)).toEqual([]);
  });

  it('takes what AWS closed long ago for settled, and an open warning of old for none', async () => {
    const old = Date.parse('2026-02-10T00:00:00Z') / 1000;
    events = [
      { ...exposed, arn: 'closed', statusCode: 'closed', startTime: old, lastUpdatedTime: old },
      { ...exposed, arn: 'open', startTime: old, lastUpdatedTime: old },
    ];

    const seen = await drain(open().collect({}));

    expect(ofKind(seen, 'provider.alerted').map((one) => one.evidence[0])).toEqual(['open']);
  });

  it('asks for warnings about the account alone, and is complete when there are none', async () => {
    const seen = await drain(open().collect({}));

    expect(aws.asked[0]?.input).toMatchObject({ filter: { services: ['RISK', 'ABUSE'] } });
    expect(seen.observations).toMatchObject([{ kind: 'look.finished', complete: true }]);
  });

  it('says that a support plan is missing, and asks again only after a day', async () => {
    trouble = () => ({ error: 'SubscriptionRequiredException' });
    const first = await drain(open().collect({}));
    clock.turn(600);
    const second = await drain(open().collect(first.cursors), first.cursors);

    expect(gapsOf(first)[0]).toContain('only with a paid support plan');
    expect(gapsOf(second)).toEqual(gapsOf(first));
    expect(aws.asked).toHaveLength(1);
    trouble = () => undefined;
    events = [exposed];
    clock.turn(86_400);

    const third = await drain(open().collect(second.cursors), second.cursors);
    clock.turn(600);
    await drain(open().collect(third.cursors));

    expect(ofKind(third, 'provider.alerted')).toHaveLength(1);
    expect(gapsOf(third)).toEqual([]);
    expect(aws.asked.filter((one) => one.operation === 'DescribeEvents')).toHaveLength(3);
  });

  it('misses nothing without a plan where the warnings arrive by push', async () => {
    trouble = () => ({ error: 'SubscriptionRequiredException' });

    const seen = await drain(open(true).collect({}));

    expect(seen.observations).toMatchObject([{ kind: 'look.finished', complete: true }]);
  });

  it.each([
    ['AccessDeniedException', 'not allowed'],
    ['ThrottlingException', 'AWS slowed us down'],
  ])('says that it could not look: %s', async (error, words) => {
    trouble = () => ({ error });

    const seen = await drain(open(true).collect({}));

    expect(gapsOf(seen)).toEqual([`warnings of AWS Health could not be read: ${words} (${error})`]);
  });

  it('asks only for what it declares', async () => {
    events = [exposed];
    const source = open();

    await drain(source.collect({}));

    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});
