/**
 * Discord as a chat platform: it renders messages and hands on presses; it does not know what an incident is. Rooms, threads and answers are
 * addressed by id, so nothing needs to be cached and no intent is asked for.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Routes } from 'discord.js';
import { z } from 'zod';
import type { Message, MessageRef } from '../../bot/message.ts';
import { type Chat, type Log, OutsideError } from '../../bot/ports.ts';
import { bounded } from '../reaching.ts';
import { createConnection } from './connection.ts';
import { createHearing } from './hearing.ts';
import { tolerant } from './sending.ts';
import { plain } from './text.ts';
import { discordCode, outsideError } from './trouble.ts';

export type DiscordOptions = {
  token: string;
  /** The server's id; the command is registered there. */
  guild: string;
  /** The channel's id. */
  room: string;
  /** Elsewhere than https://discord.com/api; with or without `/api` and `/v10`. */
  apiUrl?: string;
  /** Discord user ids to mention when somebody must look. */
  responders: string[];
  log: Log;
  /** Told whenever `trouble()` begins to say something else. */
  onTrouble?(why: string | undefined): void;
  /** How long `start` may take, in seconds. Default 20. */
  patienceSeconds?: number;
  /** How long to wait before logging in again after Discord closed the door for good, in seconds. Default 60. */
  againAfterSeconds?: number;
};

/** The bot in one Discord channel. `start` throws an OutsideError within `patienceSeconds`; `post` and `update` throw one when Discord refuses. */
export function createDiscord(options: DiscordOptions): Chat {
  const { room, log } = options;
  const threads = bounded<string, Promise<string | undefined>>(500);
  const summaries = bounded<string, string>(500);
  const troubles = {
    gateway: undefined as string | undefined,
    commands: undefined as string | undefined,
    post: undefined as string | undefined,
  };
  let told: string | undefined;
  let hear: ReturnType<typeof createHearing> = () => undefined;
  const patienceMs = (options.patienceSeconds ?? 20) * 1_000;
  const againAfterMs = (options.againAfterSeconds ?? 60) * 1_000;
  const connection = createConnection(options, { patienceMs, againAfterMs, log, hear: (client, data) => hear(client, data), say });

  return {
    platform: 'discord',
    room,
    async start(on) {
      hear = createHearing({ on, log });
      await connection.start();
    },
    stop: connection.stop,
    post,
    update,
    trouble,
  };

  async function post(message: Message, { under, mention, once }: NonNullable<Parameters<Chat['post']>[1]> = {}): Promise<MessageRef> {
    const { rest } = connection.online();
    // With a nonce Discord itself keeps a repeated send from becoming a second message, for some minutes.
    const nonce = nonceOf(once ?? randomUUID());
    const send = async (channel: string, more: object) =>
      refFrom(
        await tolerant(
          log,
          message,
          ({ body, files }) =>
            rest.post(Routes.channelMessages(channel), { body: { ...body, ...more, nonce, enforce_nonce: true }, files }),
          mention === 'responders' ? options.responders : [],
        ),
        channel,
      );
    try {
      const ref = under ? await answerUnder(under, message, send) : await send(room, {});
      summaries.set(ref.id, message.summary);
      say('post', undefined);
      return ref;
    } catch (error) {
      const problem = outsideError(`post in ${under?.room ?? room}`, error);
      say('post', `The last message was not posted. ${problem.message}`);
      throw problem;
    }
  }

  /** In the thread of the message; where threads cannot be had, as a reply to it. */
  async function answerUnder(
    under: MessageRef,
    message: Message,
    send: (channel: string, more: object) => Promise<MessageRef>,
  ): Promise<MessageRef> {
    const quote = { message_reference: { message_id: under.id, channel_id: under.room, fail_if_not_exists: false } };
    if (under.room !== room) return send(under.room, quote);
    const thread = await threadOf(under, message);
    if (!thread) return send(room, quote);
    try {
      return await send(thread, {});
    } catch (error) {
      if (![10_003, 50_001, 50_013, 160_005].includes(discordCode(error) ?? 0)) throw error;
      threads.delete(under.id);
      return send(room, quote);
    }
  }

  /** A thread begun from a message has that message's id, which is why nothing needs to be remembered over a restart. */
  function threadOf(under: MessageRef, message: Message): Promise<string | undefined> {
    const known = threads.get(under.id);
    if (known !== undefined) return known;
    const name = plain(summaries.get(under.id) ?? message.summary, 100) || 'Thread';
    const begun = connection
      .online()
      .rest.post(Routes.threads(under.room, under.id), { body: { name, auto_archive_duration: 10_080 } })
      .then((made) => created.parse(made).id)
      .catch((error: unknown) => {
        if (discordCode(error) === 160_004) return under.id;
        threads.delete(under.id);
        log.warn({ error: outsideError('begin a thread', error).message }, 'discord thread not begun');
        return undefined;
      });
    threads.set(under.id, begun);
    return begun;
  }

  async function update(ref: MessageRef, message: Message): Promise<void> {
    const { rest } = connection.online();
    try {
      await tolerant(log, message, ({ body, files }) => rest.patch(Routes.channelMessage(ref.room, ref.id), { body, files }));
    } catch (error) {
      throw outsideError(`change a message in ${ref.room}`, error);
    }
  }

  function trouble(): string | undefined {
    return [troubles.gateway, troubles.commands, troubles.post].filter(Boolean).join(' · ') || undefined;
  }

  function say(what: keyof typeof troubles, why: string | undefined): void {
    troubles[what] = why;
    const now = trouble();
    if (now === told) return;
    told = now;
    if (now) log.error({ trouble: now }, 'discord is in trouble');
    options.onTrouble?.(now);
  }
}

const created = z.object({ id: z.string(), channel_id: z.string().nullish() });

function refFrom(answer: unknown, channel: string): MessageRef {
  const made = created.safeParse(answer).data;
  if (!made) throw new OutsideError('Discord: took the message but gave no id for it', false);
  return { platform: 'discord', room: made.channel_id ?? channel, id: made.id };
}

/** At most 25 characters. */
const nonceOf = (name: string): string => (name.length <= 25 ? name : createHash('sha256').update(name).digest('base64url').slice(0, 25));
