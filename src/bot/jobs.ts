/** What is done regularly: the digest, keeping the memory of the checks, forgetting what is old, drawing the cards again. */
import type { Time } from '../checks/observation.ts';
import type { Desk } from './desk.ts';
import { digestAccounts, digestInput } from './digest/from-store.ts';
import { type ChartSpec, digest, withPicture } from './digest.ts';
import type { Inspector } from './inspect.ts';
import type { Message } from './message.ts';
import { approvers, type Policy } from './people.ts';
import type { Chat, Clock, GuardedAccount, Log, Store } from './ports.ts';
import { due, type Job } from './schedule.ts';
import type { LinkBook } from './story.ts';
import { addSeconds } from './time.ts';

const retryJobSeconds = 60;

export type JobsDeps = {
  accounts: GuardedAccount[];
  chats: Chat[];
  store: Store;
  clock: Clock;
  desk: Desk;
  inspector: Pick<Inspector, 'checkpoint'>;
  book: LinkBook;
  /** As configured: a pause is named apart. */
  policy: Policy;
  digestAt: { at: string; zone: string };
  /** Days. */
  retention: { observations: number; incidents: number };
  /** Draws the digest's picture. */
  draw: ((spec: ChartSpec) => Promise<{ png: Uint8Array; alt: string }>) | undefined;
  endpointsElsewhere: string[];
  /** What is wrong with the bot itself, one sentence each. */
  troubles(): string[];
  cannotAct(): string | undefined;
  flushRefusals(): Promise<void>;
  reviewExpected(): Promise<void>;
  log: Log;
};

export type Jobs = {
  /** The names of those that are due now. */
  due(now: Time): Promise<string[]>;
  /** A job counts as done only when it was; one that failed is tried again a minute later. */
  run(name: string, now: Time): Promise<void>;
  digest(): Promise<Message>;
  saveMemory(): Promise<void>;
  /** What the first reading found, for every platform once. */
  keepFirstMessage(message: Message): Promise<void>;
  /** Sends it where it has not arrived yet. */
  sendFirstMessage(): Promise<void>;
};

export function createJobs(deps: JobsDeps): Jobs {
  const { accounts, chats, store, clock, desk, book, log } = deps;
  const all: Job[] = [
    { name: 'digest', ...deps.digestAt },
    { name: 'memory', everySeconds: 3600 },
    { name: 'retention', everySeconds: 24 * 3600 },
    { name: 'refresh', everySeconds: 300 },
  ];
  /** A job that failed is not tried again before then. */
  const notBefore = new Map<string, Time>();

  return {
    async due(now) {
      const lastRuns = Object.fromEntries(
        await Promise.all(all.map(async (job) => [job.name, await store.setting(`last ${job.name}`)] as const)),
      );
      return due(all, lastRuns, now).flatMap(({ name }) => ((notBefore.get(name) ?? '') <= now ? [name] : []));
    },

    async run(name, now) {
      notBefore.set(name, addSeconds(now, retryJobSeconds));
      if (name === 'digest') await postDigest();
      if (name === 'memory') await saveMemory();
      if (name === 'retention') {
        await store.forget(now, deps.retention);
        book.forgetBefore(addSeconds(now, -deps.retention.observations * 24 * 3600));
      }
      if (name === 'refresh') await refresh();
      await store.setSetting(`last ${name}`, now);
      notBefore.delete(name);
    },

    digest: makeDigest,
    saveMemory,

    sendFirstMessage,

    keepFirstMessage: (message) => store.setSetting('first message', JSON.stringify({ message, for: chats.map((chat) => chat.platform) })),
  };

  async function refresh(): Promise<void> {
    await sendFirstMessage();
    await deps.flushRefusals();
    await deps.reviewExpected();
    for (const story of await store.incidents({ states: ['open', 'asking', 'watching'] }))
      await desk.happen(story.id, () => ({ kind: 'refreshed', at: clock.now() }));
  }

  async function postDigest(): Promise<void> {
    const message = await makeDigest();
    const failures: unknown[] = [];
    const once = `digest-${clock.now().slice(0, 10)}`;
    for (const chat of chats)
      await chat.post(message, { once }).catch((error: unknown) => {
        failures.push(error);
        log.warn({ platform: chat.platform, error }, 'the digest was not posted there');
      });
    if (failures.length === chats.length && chats.length > 0) throw failures[0];
  }

  async function makeDigest(): Promise<Message> {
    const observing = deps.cannotAct();
    const input = await digestInput(store, {
      now: clock.now(),
      zone: deps.digestAt.zone,
      accounts: digestAccounts(accounts),
      policy: deps.policy,
      endpointsElsewhere: deps.endpointsElsewhere,
      notices: [...deps.troubles(), ...(observing && approvers(deps.policy).length > 0 ? [observing] : [])],
    });
    const { message, chart } = digest(input);
    if (!chart || !deps.draw) return message;
    try {
      return withPicture(message, await deps.draw(chart), chart.marked);
    } catch (error) {
      log.warn({ error }, 'the picture of the digest could not be drawn');
      return message;
    }
  }

  async function saveMemory(): Promise<void> {
    const { horizon, entries } = deps.inspector.checkpoint();
    if (horizon) await store.saveMemory(horizon, entries);
  }

  async function sendFirstMessage(): Promise<void> {
    const kept = await store.setting('first message');
    if (kept === undefined) return;
    const waiting = JSON.parse(kept) as { message: Message; for: string[] };
    const missed: string[] = [];
    for (const chat of chats.filter((one) => waiting.for.includes(one.platform)))
      await chat.post(waiting.message, { once: 'first-reading' }).catch((error: unknown) => {
        missed.push(chat.platform);
        log.warn({ platform: chat.platform, error }, 'the first message was not posted and is tried again');
      });
    await store.setSetting('first message', missed.length > 0 ? JSON.stringify({ ...waiting, for: missed }) : undefined);
  }
}
