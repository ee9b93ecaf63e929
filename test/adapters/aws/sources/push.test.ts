import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openAwsSession } from '../../../../src/adapters/aws/session.ts';
import { type Push, push } from '../../../../src/adapters/aws/sources/push.ts';
import { translateCloudTrail } from '../../../../src/adapters/aws/translate/cloudtrail.ts';
import { openStore } from '../../../../src/adapters/store/store.ts';
import type { Batch } from '../../../../src/bot/ports.ts';
import type { Observation, Of } from '../../../../src/checks/observation.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { envelope, queues, queueUrl, record } from './queue-stand-in.ts';

const open: StandIn[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of open.splice(0)) await one.close();
});

async function at(stand: ReturnType<typeof queues>, more: Partial<Push> & { answer?: (asked: Asked) => Said | undefined } = {}) {
  const { answer, ...options } = more;
  const aws = await standIn((asked) => answer?.(asked) ?? stand.answer(asked));
  open.push(aws);
  const clock = handClock('2026-11-23T14:00:30.000Z');
  const source = push({ session: await sessionOn(aws), clock }, { queues: [queueUrl()], ...options });
  return { aws, clock, source };
}

async function all(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const read: Batch[] = [];
  for await (const batch of batches) read.push(batch);
  return read;
}
const of = <K extends Observation['kind']>(batches: Batch[], kind: K): Of<K>[] =>
  batches.flatMap(({ observations }) => observations).filter((one): one is Of<K> => one.kind === kind);
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
const operations = (aws: StandIn): string[] => aws.asked.map(({ operation }) => operation);

describe('what is pushed', () => {
  it('is waited for twenty seconds in the queue’s own region, and the look ends when nothing more comes', async () => {
    const stand = queues();
    const { aws, source } = await at(stand);

    const batches = await all(source.collect({}));

    expect(aws.asked[0]).toMatchObject({
      operation: 'ReceiveMessage',
      region: 'eu-central-1',
      input: { QueueUrl: queueUrl(), WaitTimeSeconds: 20, MaxNumberOfMessages: 10 },
    });
    expect(operations(aws).filter((name) => name === 'ReceiveMessage')).toHaveLength(1);
    expect(of(batches, 'look.finished')).toMatchObject([{ source: 'aws/push', complete: true, seen: 1, noun: 'queues' }]);
  });

  it('is asked for where AWS_ENDPOINT_URL points, not where the queue’s address does', async () => {
    const stand = queues();
    const aws = await standIn((asked) => stand.answer(asked));
    open.push(aws);
    vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'made-up' };
    const session = await openAwsSession({ account, name: 'production' }, { credentials, maxAttempts: 1 });

    await all(push({ session, clock: handClock('2026-11-23T14:00:30.000Z') }, { queues: [queueUrl()] }).collect({}));

    expect(operations(aws)).toEqual(['ReceiveMessage', 'GetQueueAttributes', 'GetQueueAttributes']);
    session.close();
  });

  it('has the ids that the same record has when it is polled', async () => {
    const stand = queues();
    stand.put(envelope(record()));
    const { source } = await at(stand);
    const polled = translateCloudTrail(record(), { by: 'aws/audit-log', heard: '2026-11-23T14:06:00.000Z' });

    const [batch] = await all(source.collect({}));

    expect(batch?.observations.map(({ id }) => id)).toEqual(polled.observations.map(({ id }) => id));
    expect(Object.keys(batch?.raw ?? {})).toEqual([record().eventID]);
  });

  it('counts once in the store, whichever path is first', async () => {
    const stand = queues();
    stand.put(envelope(record()));
    const { source } = await at(stand);
    const store = await openStore({ file: ':memory:', auditKey: 'made-up key for tests' });

    for await (const batch of source.collect({})) await store.keep(source, batch);
    const polled = translateCloudTrail(record(), { by: 'aws/audit-log', heard: '2026-11-23T14:06:00.000Z' });
    await store.keep({ name: 'aws/audit-log', scope: source.scope }, { observations: polled.observations, raw: {}, cursors: {} });

    const kept: Observation[] = [];
    for await (const one of store.observations('')) if (one.evidence.includes(String(record().eventID))) kept.push(one);
    expect(kept).toHaveLength(polled.observations.length);
    await store.close();
  });

  it('is taken out of the queue only after the batch was kept', async () => {
    const stand = queues();
    stand.put(envelope(record()));
    const { aws, source } = await at(stand);
    const batches = source.collect({})[Symbol.asyncIterator]();

    await batches.next();
    const before = stand.left().length;
    await batches.next();

    expect(before).toBe(1);
    expect(stand.left()).toEqual([]);
    expect(operations(aws)).toContain('DeleteMessageBatch');
  });

  it('stays in the queue when keeping it failed', async () => {
    const stand = queues();
    stand.put(envelope(record()));
    const { source } = await at(stand);

    const looking = async () => {
      for await (const _batch of source.collect({})) throw new Error('the disk is full');
    };

    await expect(looking()).rejects.toThrow('the disk is full');
    expect(stand.left()).toHaveLength(1);
    stand.showAgain();
    expect(of(await all(source.collect({})), 'identity.created').length + stand.left().length).toBeGreaterThan(0);
    expect(stand.left()).toEqual([]);
  });

  it('is read from several queues at once, none waiting for another', async () => {
    const [here, there] = [queueUrl('cloudwarden-events', 'eu-central-1'), queueUrl('cloudwarden-events', 'us-west-2')];
    const stand = queues();
    stand.put(envelope(record()), undefined, here);
    stand.put(envelope(record({ eventID: 'bbbbbbbb-0000-4000-8000-000000000002' })), undefined, there);
    const { source } = await at(stand, { queues: [here, there] });

    const batches = await all(source.collect({}));

    expect(of(batches, 'look.finished').map(({ place }) => place.region)).toEqual(expect.arrayContaining(['eu-central-1', 'us-west-2']));
    expect(stand.left(here)).toEqual([]);
    expect(stand.left(there)).toEqual([]);
  });

  it('is waited for once, however often a look is asked for meanwhile', async () => {
    const { aws, source } = await at(queues());

    await Promise.all([all(source.collect({})), all(source.collect({}))]);

    expect(operations(aws).filter((name) => name === 'ReceiveMessage')).toHaveLength(1);
  });

  it('is not waited for any longer once the bot stops', async () => {
    // Holds every request back, as SQS does for twenty seconds.
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const silent = createServer(() => arrived());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({ endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, asked: [], close: () => closed(silent) });
    const source = push({ session: await sessionOn(open.at(-1)!), clock: handClock('2026-11-23T14:00:30.000Z') }, { queues: [queueUrl()] });

    const looking = all(source.collect({}));
    await asked;
    source.stop();

    expect(await looking).toEqual([]);
    expect(await all(source.collect({}))).toEqual([]);
  });

  it('hints where machines may have changed', async () => {
    const stand = queues();
    const hints: string[] = [];
    stand.put(
      envelope(
        { 'instance-id': 'i-0abc', state: 'pending' },
        { 'detail-type': 'EC2 Instance State-change Notification', region: 'sa-east-1' },
      ),
    );
    const { source } = await at(stand, { onHint: ({ region }) => hints.push(region) });

    await all(source.collect({}));

    expect(hints).toEqual(['sa-east-1']);
    expect(stand.left()).toEqual([]);
  });
});

describe('what should not be there', () => {
  it('stays in the queue and is said when it cannot be read', async () => {
    const stand = queues();
    for (const body of [
      'not JSON',
      '[]',
      '{"account":"123456789012"}',
      envelope({ eventName: 'CreateUser' }),
      envelope({}, { 'detail-type': 'Gossip' }),
    ])
      stand.put(body);
    stand.put(envelope(record()));
    const { source } = await at(stand);

    const batches = await all(source.collect({}));

    expect(stand.left()).toHaveLength(5);
    expect(of(batches, 'look.finished')).toMatchObject([
      { complete: false, gap: 'messages in the queue cloudwarden-events of eu-central-1 could not be read (5 times within the hour)' },
    ]);
    expect(batches[0]?.observations[0]?.evidence).toEqual([record().eventID]);
  });

  it('is refused when the envelope or the record names another account', async () => {
    const stand = queues();
    stand.put(envelope(record(), { account: '210987654321' }));
    stand.put(envelope(record({ recipientAccountId: '210987654321' })));
    const { source } = await at(stand);

    const batches = await all(source.collect({}));

    expect(
      batches
        .flatMap(({ observations }) => observations)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['look.finished', 'queue.measured']);
    expect(of(batches, 'look.finished')[0]?.gap).toContain('about another account and were refused (2 times');
    expect(stand.left()).toHaveLength(2);
  });

  it('is a gap when the queue is not there, may not be read, or may not be emptied', async () => {
    const stand = queues();
    stand.put(envelope(record()));
    const refusing = (operation: string) => (asked: Asked) =>
      asked.operation === operation ? { error: 'AccessDeniedException', status: 403 } : undefined;

    const gaps = await Promise.all(
      ['ReceiveMessage', 'DeleteMessageBatch', 'GetQueueAttributes'].map(async (operation) => {
        const { source } = await at(stand, { answer: refusing(operation) });
        stand.showAgain();
        return of(await all(source.collect({})), 'look.finished')[0]?.gap;
      }),
    );

    expect(gaps[0]).toBe('the queue cloudwarden-events of eu-central-1 could not be read: not allowed (AccessDeniedException)');
    expect(gaps[1]).toContain('could not be taken out of the queue');
    expect(gaps[2]).toContain('how full the queue');
  });
});

describe('how far behind a queue is', () => {
  it('is the age of the oldest message on arrival, with the dead beside it', async () => {
    const stand = queues();
    const { clock, source } = await at(stand);
    await all(source.collect({}));
    clock.turn(900);
    stand.put(envelope(record()), '2026-11-23T14:05:30.000Z');
    stand.put('nobody could read this', undefined, queueUrl('cloudwarden-events-unread'));

    const batches = await all(source.collect({}));

    expect(of(batches, 'queue.measured')).toMatchObject([
      { resource: `resource:arn:aws:sqs:eu-central-1:${account}:cloudwarden-events`, oldestSeconds: 600, dead: 1 },
    ]);
  });

  it('does not count what waited while the bot was off', async () => {
    const stand = queues();
    stand.put(envelope(record()), '2026-11-22T14:00:00.000Z');
    const { source } = await at(stand);

    expect(of(await all(source.collect({})), 'queue.measured')).toMatchObject([{ oldestSeconds: 0, dead: 0 }]);
  });

  it('grows while something waits and nothing comes', async () => {
    const stand = queues();
    stand.put(envelope(record()));
    const { clock, source } = await at(stand, {
      answer: ({ operation }) => (operation === 'ReceiveMessage' ? { error: 'AccessDeniedException', status: 403 } : undefined),
    });

    const told: number[] = [];
    for (let minute = 0; minute < 15; minute += 1) {
      for (const { oldestSeconds } of of(await all(source.collect({})), 'queue.measured')) told.push(oldestSeconds);
      clock.turn(60);
    }

    expect(told.at(-1)).toBe(840);
  });

  it('is asked for and told every quarter of an hour while all is well', async () => {
    const { aws, clock, source } = await at(queues());

    const told: Batch[] = [];
    for (let minute = 0; minute < 30; minute += 1) {
      told.push(...(await all(source.collect({}))));
      clock.turn(60);
    }

    expect(operations(aws).filter((name) => name === 'GetQueueAttributes')).toHaveLength(4);
    expect(of(told, 'queue.measured')).toHaveLength(2);
  });
});
