/** What is done regularly: the digest, keeping the memory of the checks, forgetting what is old, drawing the cards again. */
import type { Time } from '../checks/observation.ts';
import type { Desk } from './desk.ts';
import { digestAccounts, digestInput, type View } from './digest/from-store.ts';
import { lastSpan, type Span } from './digest/period.ts';
import { type Budget, type ChartSpec, type DigestInput, digest, type Grant, summary, withPicture } from './digest.ts';
import type { Inspector } from './inspect.ts';
import type { Message } from './message.ts';
import { approvers, type Policy } from './people.ts';
import type { Chat, Clock, GuardedAccount, Log, Store } from './ports.ts';
import { due, type Job } from './schedule.ts';
import type { LinkBook } from './story.ts';
import { addSeconds } from './time.ts';
import { cut, dayIn } from './words.ts';

const retryJobSeconds = 60;

/** When the digest is posted. The week that is over is told on Mondays, the month on the 2nd or when its bill is final; both unless switched off. */
export type DigestTimes = { at: string; zone: string; weekly?: 'on' | 'off' | undefined; monthly?: '2nd' | 'final' | 'off' | undefined };

/** A bill is final a few days after its month; one that is provisional for longer is told as it is. */
const finalAtLatest = 10;

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
  digestAt: DigestTimes;
  /** What costs are held against. */
  money: { budgets: Budget[]; credits: Grant[] };
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
  /** At every start: what lies before the first one is never told. */
  begin(): Promise<void>;
  /** The names of those that are due now. */
  due(now: Time): Promise<string[]>;
  /** A job counts as done only when it was; one that failed is tried again a minute later. */
  run(name: string, now: Time): Promise<void>;
  digest(): Promise<Message>;
  /** What the store knows for a digest now. */
  input(view: View): Promise<DigestInput>;
  saveMemory(): Promise<void>;
  /** What the first reading found, for every platform once. */
  keepFirstMessage(message: Message): Promise<void>;
  /** Sends it where it has not arrived yet. */
  sendFirstMessage(): Promise<void>;
};

export function createJobs(deps: JobsDeps): Jobs {
  const { accounts, chats, store, clock, desk, book, log } = deps;
  const digests = [
    'digest',
    ...(deps.digestAt.weekly === 'off' ? [] : ['weekly digest']),
    ...(deps.digestAt.monthly === 'off' ? [] : ['monthly digest']),
  ];
  const all: Job[] = [
    ...digests.map((name) => ({ name, at: deps.digestAt.at, zone: deps.digestAt.zone })),
    { name: 'memory', everySeconds: 3600 },
    { name: 'retention', everySeconds: 24 * 3600 },
    { name: 'refresh', everySeconds: 300 },
  ];
  /** A job that failed is not tried again before then. */
  const notBefore = new Map<string, Time>();

  /** A digest that failed is complained of once a day. */
  const complained = new Map<string, string>();

  return {
    async begin() {
      const now = clock.now();
      for (const name of digests) if ((await store.setting(`last ${name}`)) === undefined) await store.setSetting(`last ${name}`, now);
      for (const kind of ['week', 'month'] as const)
        if ((await store.setting(`told ${kind}`)) === undefined)
          await store.setSetting(`told ${kind}`, lastSpan(kind, now.slice(0, 10)).from);
    },

    async due(now) {
      const lastRuns = Object.fromEntries(
        await Promise.all(all.map(async (job) => [job.name, await store.setting(`last ${job.name}`)] as const)),
      );
      return due(all, lastRuns, now).flatMap(({ name }) => ((notBefore.get(name) ?? '') <= now ? [name] : []));
    },

    async run(name, now) {
      notBefore.set(name, addSeconds(now, retryJobSeconds));
      if (name === 'digest') await saying(name, 'The digest', () => postDigest());
      if (name === 'weekly digest') await saying(name, 'The summary of the week', () => postSummary('week'));
      if (name === 'monthly digest') await saying(name, 'The summary of the month', () => postSummary('month'));
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
    input,
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
    const made = digest(await input('day'));
    const shown = made.quiet ? undefined : await picture(made.chart);
    const quiet = made.quiet && made.details ? await picture(made.chart) : undefined;
    const day = made.chart?.marked ?? '';
    await postEverywhere(
      `digest-${clock.now().slice(0, 10)}`,
      shown ? withPicture(made.message, shown, day) : made.message,
      made.details && (quiet ? withPicture(made.details, quiet, day) : made.details),
    );
  }

  /** Each week and month once, however late. */
  async function postSummary(kind: Span['kind']): Promise<void> {
    const now = clock.now();
    const { from } = lastSpan(kind, now.slice(0, 10));
    if ((await store.setting(`told ${kind}`)) === from || (kind === 'month' && !(await isMonthReady(from, now)))) return;
    const made = summary(await input(kind), kind);
    const shown = await picture(made.chart);
    await postEverywhere(`${kind}-${from}`, shown ? withPicture(made.message, shown, from) : made.message, made.details);
    await store.setSetting(`told ${kind}`, from);
  }

  async function isMonthReady(from: string, now: Time): Promise<boolean> {
    const date = Number(dayIn(now, deps.digestAt.zone).slice(8, 10));
    if (deps.digestAt.monthly !== 'final') return date >= 2;
    const rows = await store.costs(from, `${from.slice(0, 7)}-31`);
    return date >= finalAtLatest || (date >= 2 && rows.length > 0 && rows.every((row) => !row.provisional));
  }

  /** The details go into the thread. One platform that is away does not keep the others waiting. */
  async function postEverywhere(once: string, message: Message, details: Message | undefined): Promise<void> {
    const failures: unknown[] = [];
    for (const chat of chats)
      try {
        const under = await chat.post(message, { once });
        // The digest has arrived: without its details it is still one, and is not posted twice for their sake.
        if (details)
          await chat
            .post(details, { under, once: `${once}-more` })
            .catch((error: unknown) => log.warn({ platform: chat.platform, error }, 'the details of the digest were not posted there'));
      } catch (error) {
        failures.push(error);
        log.warn({ platform: chat.platform, error }, 'the digest was not posted there');
      }
    if (failures.length === chats.length && chats.length > 0) throw new NotPosted(failures[0]);
  }

  /** Where it could not be made, people are told so once a day, and it is tried again. */
  async function saying(name: string, what: string, post: () => Promise<void>): Promise<void> {
    try {
      await post();
      complained.delete(name);
    } catch (error) {
      if (error instanceof NotPosted) throw error.cause;
      const day = clock.now().slice(0, 10);
      if (complained.get(name) !== day) {
        complained.set(name, day);
        const message = notMade(what, error);
        for (const chat of chats)
          await chat
            .post(message, { once: `no-${name.split(' ')[0]}-${day}` })
            .catch((failed: unknown) =>
              log.warn({ platform: chat.platform, error: failed }, 'that there is no digest was not posted there'),
            );
      }
      throw error;
    }
  }

  /** What somebody asked for: all in one message. */
  async function makeDigest(): Promise<Message> {
    const made = digest(await input('day'));
    const shown = await picture(made.chart);
    return shown ? withPicture(made.message, shown, made.chart?.marked ?? '') : made.message;
  }

  async function input(view: View): Promise<DigestInput> {
    const observing = deps.cannotAct();
    return digestInput(store, {
      now: clock.now(),
      zone: deps.digestAt.zone,
      accounts: digestAccounts(accounts),
      policy: deps.policy,
      endpointsElsewhere: deps.endpointsElsewhere,
      notices: [...deps.troubles(), ...(observing && approvers(deps.policy).length > 0 ? [observing] : [])],
      ...deps.money,
      view,
    });
  }

  async function picture(chart: ChartSpec | undefined): Promise<{ png: Uint8Array; alt: string } | undefined> {
    if (!chart || !deps.draw) return undefined;
    try {
      return await deps.draw(chart);
    } catch (error) {
      log.warn({ error }, 'the picture of the digest could not be drawn');
      return undefined;
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

/** It was made, and no platform took it: there is nobody to complain to. */
class NotPosted extends Error {
  constructor(cause: unknown) {
    super('posted nowhere', { cause });
  }
}

function notMade(what: string, error: unknown): Message {
  const why = cut(error instanceof Error ? error.message : String(error), 200);
  return {
    summary: cut(`${what} could not be made: ${why}`, 110),
    parts: [
      {
        kind: 'text',
        text: `◆ ${what} could not be made: ${why}. It is tried again every minute; alerts go on. If this stays, see the log of the bot and “bin/cloudwarden doctor”.`,
      },
    ],
  };
}
