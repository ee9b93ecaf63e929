import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPace } from '../../../../src/adapters/aws/pace.ts';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { quarantine } from '../../../../src/adapters/aws/sources/quarantine.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let held: string[];
let trouble: (asked: Asked) => Said | undefined;

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  held = [];
  trouble = () => undefined;
  aws = await standIn((asked) => {
    const said = trouble(asked);
    if (said) return said;
    const { operation, input } = asked;
    if (!String(input.PolicyArn).endsWith('V3')) return { error: 'NoSuchEntity', status: 404 };
    const from = Number(input.Marker ?? 0);
    const users = held.slice(from, from + 1).map((name) => `<member><UserName>${name}</UserName><UserId>U</UserId></member>`);
    const more =
      from + 1 < held.length ? `<IsTruncated>true</IsTruncated><Marker>${from + 1}</Marker>` : '<IsTruncated>false</IsTruncated>';
    return `<${operation}Response><${operation}Result><PolicyUsers>${users.join('')}</PolicyUsers>${more}</${operation}Result></${operation}Response>`;
  });
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});
const open = () => quarantine({ session, clock });

describe('users under quarantine', () => {
  it('passes on that AWS put users under quarantine, at the time it was first seen, also after a restart', async () => {
    held = ['ada', 'grace'];

    const first = await drain(open().collect({}));
    clock.turn(300);
    const second = await drain(open().collect(first.cursors));

    const alerts = [first, second].map((one) => ofKind(one, 'provider.alerted'));
    expect(alerts[0]).toMatchObject([
      {
        about: 'leak',
        severity: 'critical',
        rule: 'AWSCompromisedKeyQuarantineV3',
        subjects: [`principal:arn:aws:iam::${account}:user/ada`],
        at: '2026-03-01T14:00:00.000Z',
      },
      { subjects: [`principal:arn:aws:iam::${account}:user/grace`] },
    ]);
    expect(alerts[1]?.map((one) => [one.id, one.at])).toEqual(alerts[0]?.map((one) => [one.id, one.at]));
    expect(gapsOf(first)).toEqual([]);
  });

  it('asks as often as the account is looked at', async () => {
    const source = quarantine({ session, clock, pace: createPace('standard', { home: [], seed: account }) });
    await drain(source.collect({}));
    const before = aws.asked.length;

    clock.turn(600);
    await drain(source.collect({}));
    expect(aws.asked).toHaveLength(before);

    clock.turn(1200);
    await drain(source.collect({}));
    expect(aws.asked.length).toBeGreaterThan(before);
  });

  it('takes a quarantine that comes back for a new one', async () => {
    held = ['ada'];
    const first = await drain(open().collect({}));
    held = [];
    clock.turn(300);
    const released = await drain(open().collect(first.cursors), first.cursors);
    held = ['ada'];
    clock.turn(300);

    const again = await drain(open().collect(released.cursors));

    expect(ofKind(again, 'provider.alerted').map((one) => one.at)).toEqual(['2026-03-01T14:10:00.000Z']);
  });

  it('asks for a policy the account does not have once a day only', async () => {
    const first = await drain(open().collect({}));
    clock.turn(300);
    const second = await drain(open().collect(first.cursors), first.cursors);
    const asked = aws.asked.length;
    clock.turn(86_400);
    await drain(open().collect(second.cursors));

    expect(asked).toBe(4);
    expect(aws.asked).toHaveLength(7);
    expect(first.observations).toMatchObject([{ kind: 'look.finished', complete: true }]);
  });

  it.each([
    ['AccessDenied', 403, 'not allowed'],
    ['Throttling', 400, 'AWS slowed us down'],
  ])('says that it could not look, and keeps the time it first saw somebody there: %s', async (error, status, words) => {
    held = ['ada'];
    const first = await drain(open().collect({}));
    trouble = () => ({ error, status });
    clock.turn(300);
    const failed = await drain(open().collect(first.cursors), first.cursors);
    trouble = () => undefined;
    clock.turn(300);
    const again = await drain(open().collect(failed.cursors));

    expect(gapsOf(failed)).toEqual([`users under quarantine could not be read: ${words} (${error})`]);
    expect(ofKind(again, 'provider.alerted').map((one) => one.at)).toEqual(['2026-03-01T14:00:00.000Z']);
  });

  it('asks only for what it declares', async () => {
    const source = open();
    await drain(source.collect({}));

    expect(source.permissions.map((one) => one.name)).toEqual(session.meter.take().map((row) => row.operation));
  });
});
