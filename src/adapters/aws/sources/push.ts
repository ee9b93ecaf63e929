/** Events as they happen: EventBridge puts them into queues in the account, and the bot waits at these. */
import type { Batch, Source } from '../../../bot/ports.ts';
import { OutsideError } from '../../../bot/ports.ts';
import type { Observation, Place, Time } from '../../../checks/observation.ts';
import { type TranslateOptions, withoutRepeatedLinks } from '../translate/cloudtrail.ts';
import { type Notification, translateNotification } from '../translate/notifications.ts';
import { text } from '../translate/reading.ts';
import { inParallel, lookFinished, type Sight } from './looking.ts';
import type { Probes } from './probe.ts';
import { openGauge, openQueue, type Queue, type QueueAddress, queueAddress, type Received } from './push-queue.ts';

export type Hint = NonNullable<Notification['hint']>;

export type Push = {
  /** The addresses of the queues: one that collects from all regions, or one in each. */
  queues: string[];
  /** What the records are translated with; the same as for the audit log, so that a record says the same by both paths. */
  reading?: () => Promise<Omit<TranslateOptions, 'heard' | 'by'>>;
  probes?: Probes;
  /** Something started there, and only looking tells what. Called before the batch is handed on; must not throw. */
  onHint?: (hint: Hint) => void;
};

/**
 * Waits at every queue, 20 seconds at a time, until nothing comes. A message is taken out of its queue only when the batch it was in has
 * been kept. One that cannot be read, or that is about another account, stays: after some tries the queue itself puts it aside, where it
 * is counted. `stop` ends the waiting.
 */
export function push(
  { session, clock }: Pick<Sight, 'session' | 'clock'>,
  { queues, reading, probes, onHint }: Push,
): Source & { stop(): void } {
  const stopping = new AbortController();
  const lines = queues.map((url) => openLine(queueAddress(url, session.scope)));
  let isWaiting = false;

  return {
    name,
    scope: session.scope,
    everySeconds: 20,
    permissions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((one) => ({ system: 'aws-iam', name: one })),
    stop: () => stopping.abort(),

    async *collect(): AsyncGenerator<Batch> {
      // Somebody is at the queues already; whoever asks for a look now would only wait beside.
      if (isWaiting || stopping.signal.aborted) return;
      isWaiting = true;
      try {
        yield* inParallel(
          lines.map((line) => () => line()),
          Math.max(1, lines.length),
        );
      } finally {
        isWaiting = false;
      }
    },
  };

  function openLine(address: QueueAddress): () => AsyncGenerator<Batch> {
    const place: Place = { scope: session.scope, region: address.region };
    const queue = openQueue(session, address, stopping.signal);
    const gauge = openGauge(name, session.scope, address);
    const ledger = openLedger(address);
    let lastTold: { at: Time; gap: string | undefined } | undefined;

    return async function* (): AsyncGenerator<Batch> {
      const began = clock.now();
      const troubles: string[] = [];
      try {
        yield* drain(began, queue, gauge, ledger, troubles);
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        troubles.push(error.message);
      }
      if (stopping.signal.aborted) return;
      const now = clock.now();
      if (gauge.mustMeasure(now)) {
        try {
          gauge.noteCounts(await queue.counts(), now);
        } catch (error) {
          if (!(error instanceof OutsideError)) throw error;
          gauge.noteFailure(now);
          ledger.cannotMeasure = error.message;
        }
      }
      const gap = [...troubles, ...ledger.gaps(now)].join('; ') || undefined;
      const mustTell = lastTold === undefined || lastTold.gap !== gap || seconds(lastTold.at, now) >= tellSeconds;
      const observations: Observation[] = [...gauge.tell(now)];
      if (mustTell) {
        lastTold = { at: now, gap };
        observations.push({
          ...lookFinished(name, place, {
            noun: 'queues',
            of: 1,
            seen: troubles.length === 0 ? 1 : 0,
            heard: now,
            upTo: troubles.length === 0 ? now : began,
            complete: gap === undefined,
            gap,
          }),
          evidence: [address.resource],
        });
      }
      if (observations.length > 0) yield { observations, raw: {}, cursors: {} };
    };
  }

  async function* drain(
    began: Time,
    queue: Queue,
    gauge: ReturnType<typeof openGauge>,
    ledger: Ledger,
    troubles: string[],
  ): AsyncGenerator<Batch> {
    const reader = await openReader();
    // A look has to end some time even if the events do not: the next one begins at once.
    for (let round = 0; round < mostRounds && seconds(began, clock.now()) < lookSeconds; round += 1) {
      const messages = await queue.receive();
      const heard = clock.now();
      gauge.noteReceived(messages, heard);
      if (messages.length === 0) return;
      const { batch, read } = toBatch(messages, heard, ledger, reader);
      // The consumer comes back for more only after it has kept this.
      if (batch.observations.length > 0) yield batch;
      try {
        await queue.remove(read.map(({ handle }) => handle));
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        troubles.push(error.message);
        return;
      }
    }
  }

  function toBatch(messages: Received[], heard: Time, ledger: Ledger, { translate, links }: Reader): { batch: Batch; read: Received[] } {
    const batch: Batch = { observations: [], raw: {}, cursors: {} };
    const read: Received[] = [];
    for (const message of messages) {
      const envelope = parsed(message.body);
      const verdict = envelope === undefined ? 'unreadable' : isOurs(envelope) ? 'ours' : 'foreign';
      if (verdict !== 'ours') {
        ledger.leave(verdict, heard);
        continue;
      }
      const record = (envelope as { detail?: unknown }).detail;
      if (probes?.recognise(record, 'push', heard)) {
        read.push(message);
        continue;
      }
      const { observations, raw, hint, problem } = translate(envelope, heard);
      if (problem !== undefined) {
        ledger.leave('unreadable', heard);
        continue;
      }
      read.push(message);
      if (hint) onHint?.(hint);
      const [first] = observations;
      if (!first) continue;
      batch.observations.push(...links(observations));
      batch.raw[first.evidence[0] ?? first.id] = raw;
    }
    return { batch, read };
  }

  async function openReader(): Promise<Reader> {
    const options = (await reading?.()) ?? {};
    return {
      translate: (envelope, heard) => translateNotification(envelope, { ...options, heard, by: name }),
      links: withoutRepeatedLinks(),
    };
  }

  /** A notification names its account twice: EventBridge on the envelope, CloudTrail in the record. */
  function isOurs(envelope: unknown): boolean {
    const inRecord = text(envelope, 'detail', 'recipientAccountId');
    return text(envelope, 'account') === session.scope.id && (inRecord === undefined || inRecord === session.scope.id);
  }
}

type Reader = {
  translate(envelope: unknown, heard: Time): Notification;
  links(observations: Observation[]): Observation[];
};

const name = 'aws/push';
const lookSeconds = 60;
const mostRounds = 200;
/** How often it is written down that all is well. */
const tellSeconds = 60;
/** For so long a message that was left in a queue is spoken of. */
const rememberedSeconds = 3_600;

type Ledger = ReturnType<typeof openLedger>;
/** What was left in a queue, to be said. */
function openLedger({ name: queue, region }: QueueAddress) {
  const left = { unreadable: [] as Time[], foreign: [] as Time[] };
  const ledger = {
    cannotMeasure: undefined as string | undefined,
    leave(why: keyof typeof left, at: Time): void {
      if (left[why].length < 10_000) left[why].push(at);
    },
    gaps(now: Time): string[] {
      const cannot = ledger.cannotMeasure;
      ledger.cannotMeasure = undefined;
      const count = (why: keyof typeof left): number => {
        left[why] = left[why].filter((at) => seconds(at, now) < rememberedSeconds);
        return left[why].length;
      };
      const [unreadable, foreign] = [count('unreadable'), count('foreign')];
      const where = `in the queue ${queue} of ${region}`;
      return [
        ...(unreadable > 0 ? [`messages ${where} could not be read (${times(unreadable)} within the hour)`] : []),
        ...(foreign > 0
          ? [`messages ${where} say they are about another account and were refused (${times(foreign)} within the hour)`]
          : []),
        ...(cannot !== undefined ? [cannot] : []),
      ];
    },
  };
  return ledger;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`);

/** An envelope, or undefined for what is none. */
function parsed(body: string): unknown {
  try {
    const envelope: unknown = JSON.parse(body);
    return text(envelope, 'account') !== undefined && text(envelope, 'detail-type') !== undefined ? envelope : undefined;
  } catch {
    return undefined;
  }
}

const seconds = (from: Time, to: Time): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
