/** One queue of pushed events: what its address says, how it is read, and how far behind it is. */
import type { Message } from '@aws-sdk/client-sqs';
import type { Of, Place, Scope, Subject, Time } from '../../../checks/observation.ts';
import type { AwsSession } from '../session.ts';
import { outside } from '../trouble.ts';

export type QueueAddress = { url: string; region: string; account: string; name: string; resource: Subject };

/**
 * What the address of a queue says: `https://sqs.<region>.amazonaws.com/<account>/<name>`. An address of another form (a proxy, a
 * stand-in) belongs to `home`, in us-east-1 unless it names a region.
 */
export function queueAddress(url: string, home: Scope): QueueAddress {
  const { hostname, pathname } = new URL(url);
  const region = /(?:^|\.)((?:[a-z]{2,}-)+\d)(?:\.|$)/.exec(hostname)?.[1] ?? 'us-east-1';
  const parts = pathname.split('/').filter((part) => part !== '');
  const name = parts.at(-1) ?? 'unnamed';
  const account = /^\d{12}$/.test(parts.at(-2) ?? '') ? parts.at(-2)! : home.id;
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return { url, region, account, name, resource: `resource:arn:${partition}:sqs:${region}:${account}:${name}` };
}

/** A message as it was received. `sent`: when it came into the queue. */
export type Received = { body: string; handle: string; sent?: Time };

export type Queue = ReturnType<typeof openQueue>;

/** The calls on one queue. What AWS refuses is thrown as `OutsideError`; the waiting ends early, with nothing, when `stop` aborts. */
export function openQueue(session: AwsSession, { url, region, name }: QueueAddress, stop: AbortSignal) {
  const client = () => session.read.sqs(region);
  return {
    /** Waits up to 20 seconds, the longest SQS offers, for at most ten messages. */
    async receive(): Promise<Received[]> {
      const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
      const ask = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      try {
        return ((await (await client()).send(ask, { abortSignal: stop })).Messages ?? []).flatMap(received);
      } catch (error) {
        if (stop.aborted) return [];
        throw outside(`the queue ${name} of ${region} could not be read`, error);
      }
    },

    async remove(handles: string[]): Promise<void> {
      if (handles.length === 0) return;
      const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
      const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      try {
        // One that stays is read again and, its events having the same ids, changes nothing.
        await (await client()).send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      } catch (error) {
        throw outside(`what was read could not be taken out of the queue ${name} of ${region}`, error);
      }
    },

    /** How many messages wait in it, and how many lie in the queue of those that nobody could read. */
    async counts(): Promise<{ waiting: number; dead: number }> {
      const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
      const read = async (QueueUrl: string) =>
        (
          await (
            await client()
          ).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages', 'RedrivePolicy'] }))
        ).Attributes ?? {};
      try {
        const own = await read(url);
        const deadName = deadLetterName(own.RedrivePolicy);
        const dead = deadName === undefined ? {} : await read(`${url.slice(0, url.lastIndexOf('/'))}/${deadName}`);
        return { waiting: count(own), dead: count(dead) };
      } catch (error) {
        throw outside(`how full the queue ${name} of ${region} is could not be read`, error);
      }
    },
  };
}

const waitSeconds = 20;

const count = ({ ApproximateNumberOfMessages: said }: Record<string, string>): number => Number(said ?? 0) || 0;

function received({ Body: body, ReceiptHandle: handle, Attributes }: Message): Received[] {
  if (body === undefined || handle === undefined) return [];
  const sent = Number(Attributes?.SentTimestamp);
  return [{ body, handle, ...(Number.isFinite(sent) ? { sent: new Date(sent).toISOString() } : {}) }];
}

function deadLetterName(policy: string | undefined): string | undefined {
  try {
    const { deadLetterTargetArn } = JSON.parse(policy ?? '{}') as { deadLetterTargetArn?: unknown };
    return typeof deadLetterTargetArn === 'string' ? deadLetterTargetArn.slice(deadLetterTargetArn.lastIndexOf(':') + 1) : undefined;
  } catch {
    return undefined;
  }
}

/** How old the oldest message was on arrival, and the dead, told when it matters and every quarter of an hour. */
export function openGauge(by: string, scope: Scope, { region, resource, name }: QueueAddress) {
  const place: Place = { scope, region };
  let began: Time | undefined;
  let oldest = 0;
  let dead = 0;
  let waitingSince: Time | undefined;
  let told: { at: Time; oldest: number; dead: number } | undefined;
  let measured: Time | undefined;

  return {
    /** Messages that waited while this bot was off are not the queue's delay. */
    noteReceived(messages: Received[], now: Time): void {
      began ??= now;
      if (messages.length > 0) waitingSince = undefined;
      for (const { sent } of messages) if (sent !== undefined) oldest = Math.max(oldest, seconds(sent < began ? began : sent, now));
    },
    /** Asking costs two calls that are logged, so it is not done at every look. */
    mustMeasure: (now: Time): boolean => measured === undefined || seconds(measured, now) >= measureSeconds,
    noteCounts(counts: { waiting: number; dead: number }, now: Time): void {
      began ??= now;
      measured = now;
      dead = counts.dead;
      // Nothing comes although something waits: as late as it has been so.
      waitingSince = counts.waiting > 0 ? (waitingSince ?? now) : undefined;
    },
    noteFailure(now: Time): void {
      measured = now;
    },
    tell(now: Time): Of<'queue.measured'>[] {
      const oldestSeconds = Math.max(oldest, waitingSince === undefined ? 0 : seconds(waitingSince, now));
      const isNew =
        told === undefined ||
        dead !== told.dead ||
        oldestSeconds >= worthTelling ||
        told.oldest >= worthTelling ||
        seconds(told.at, now) >= 900;
      if (measured === undefined || !isNew || (told !== undefined && seconds(told.at, now) < 60)) return [];
      told = { at: now, oldest: oldestSeconds, dead };
      oldest = 0;
      const id = `${by}/${scope.id}/${region}/${name}/${now}`;
      return [{ kind: 'queue.measured', id, at: now, heard: now, by, place, evidence: [], resource, oldestSeconds, dead }];
    },
  };
}

const measureSeconds = 900;
const worthTelling = 60;
const seconds = (from: Time, to: Time): number => Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
