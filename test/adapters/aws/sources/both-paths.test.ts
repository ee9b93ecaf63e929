import { afterEach, describe, expect, it } from 'vitest';
import { auditLog } from '../../../../src/adapters/aws/sources/audit-log.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import { probes } from '../../../../src/adapters/aws/sources/probe.ts';
import { push } from '../../../../src/adapters/aws/sources/push.ts';
import { openStore } from '../../../../src/adapters/store/store.ts';
import { latencies } from '../../../../src/bot/latency.ts';
import type { Source } from '../../../../src/bot/ports.ts';
import type { Observation } from '../../../../src/checks/observation.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { envelope, queues, queueUrl, record } from './queue-stand-in.ts';

const open: StandIn[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** An account whose records come by push after 40 seconds and stand in the event history after four minutes. */
async function livingAccount(delays = { push: 40, poll: 240 }) {
  const clock = handClock('2026-11-23T14:00:00.000Z');
  const stand = queues();
  const records: { record: Record<string, unknown>; at: number; isPushed: boolean }[] = [];
  const happen = (one: Record<string, unknown>): void => {
    records.push({ record: { ...one, eventTime: clock.now() }, at: Date.parse(clock.now()), isPushed: false });
  };
  const age = (at: number): number => (Date.parse(clock.now()) - at) / 1000;
  const answer = (asked: Asked): Said => {
    if (asked.service === 'sqs') {
      for (const one of records) {
        if (one.isPushed || age(one.at) < delays.push) continue;
        one.isPushed = true;
        stand.put(envelope(one.record), clock.now());
      }
      return stand.answer(asked);
    }
    switch (asked.operation) {
      case 'DescribeRegions':
        return regionsXml({ 'us-east-1': 'opt-in-not-required' });
      case 'DeleteKeyPair':
        happen({
          ...record(),
          eventID: `probe-${records.length}`,
          eventName: 'DeleteKeyPair',
          eventSource: 'ec2.amazonaws.com',
          errorCode: 'Client.UnauthorizedOperation',
          requestParameters: { keyName: asked.input.KeyName },
        });
        return { error: 'UnauthorizedOperation', status: 403 };
      case 'LookupEvents':
        return {
          Events: records
            .filter(({ at }) => age(at) >= delays.poll)
            .map(({ record: one, at }) => ({ EventId: one.eventID, EventTime: at / 1000, CloudTrailEvent: JSON.stringify(one) })),
        };
      default:
        return { error: 'InvalidAction' };
    }
  };
  const aws = await standIn(answer);
  open.push(aws);
  const session = await sessionOn(aws);
  const sight = { session, clock, regions: openRegions(session, clock) };
  const tries = probes(sight, { paths: { push: () => 300, poll: () => 1200 } });
  const sources: Source[] = [tries, push(sight, { queues: [queueUrl()], probes: tries }), auditLog(sight, { probes: tries })];
  const store = await openStore({ file: ':memory:', auditKey: 'made-up key for tests' });
  return {
    happen,
    store,
    /** Every source looks as often as it says. */
    async live(minutes: number): Promise<void> {
      for (let second = 0; second < minutes * 60; second += 20) {
        for (const source of sources)
          if (second % source.everySeconds === 0)
            for await (const batch of source.collect(await store.cursors(source))) await store.keep(source, batch);
        clock.turn(20);
      }
    },
    async kept(): Promise<Observation[]> {
      const all: Observation[] = [];
      for await (const one of store.observations('')) all.push(one);
      return all;
    },
  };
}

describe('push and poll together', () => {
  it('are measured with the bot’s own probes, which are nothing else', async () => {
    const { live, kept, store } = await livingAccount();

    await live(15);

    const all = await kept();
    expect(latencies(all)).toMatchObject([
      { path: 'push', tries: 1, late: 0, p50: 40 },
      { path: 'poll', tries: 1, late: 0, p50: 300 },
    ]);
    expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual(['look.finished', 'probe.returned', 'queue.measured']);
    await store.close();
  });

  it('count an act once, and push tells it first', async () => {
    const { live, kept, store, happen } = await livingAccount();
    happen(record());

    await live(2);
    const early = await kept();
    await live(10);
    const late = await kept();

    const acts = (all: Observation[]) => all.filter(({ evidence }) => evidence.includes(String(record().eventID)));
    expect(acts(early).map(({ by }) => by)).toContain('aws/push');
    expect(acts(late).map(({ id }) => id)).toEqual(acts(early).map(({ id }) => id));
    expect(acts(late)[0]).toMatchObject({ by: 'aws/audit-log', place: { scope: { id: account } } });
    await store.close();
  });

  it('still hear by poll when push dies, and say that it died', async () => {
    const { live, kept, store } = await livingAccount({ push: 1e9, poll: 240 });

    await live(30);

    expect(latencies(await kept())).toMatchObject([
      { path: 'push', tries: 3, late: 3 },
      { path: 'poll', late: 0 },
    ]);
    await store.close();
  });
});
