/**
 * Discord as a chat platform: discord.js for the gateway and for requests. Rooms, threads and answers are addressed by id, so nothing needs to
 * be cached and no intent is asked for. Interactions are read from the gateway's own event through a schema, taking only what we use.
 */

import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  Client,
  Events,
  GatewayDispatchEvents,
  InteractionResponseType,
  MessageFlags,
  Routes,
} from 'discord.js';
import { z } from 'zod';
import type { Form, Message, MessageRef } from '../../bot/message.ts';
import type { Answer, Chat, ChatHandlers, ChatUser, Log } from '../../bot/ports.ts';
import { OutsideError } from '../../bot/ports.ts';
import { checkForm } from '../form.ts';
import { bounded, inTime } from '../reaching.ts';
import { type Rendered, render, renderBare, renderForm, type Upload } from './components.ts';
import { anyInteraction, type Interaction, interaction, personOf, typed, valuesOf } from './payloads.ts';
import { plain } from './text.ts';
import { closedForGood, discordCode, nobodyHome, outsideError, refusedForItsForm } from './trouble.ts';

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
  const heard = bounded<string, true>(5_000);
  const threads = bounded<string, Promise<string | undefined>>(500);
  const summaries = bounded<string, string>(500);
  const troubles = {
    gateway: undefined as string | undefined,
    commands: undefined as string | undefined,
    post: undefined as string | undefined,
  };
  let told: string | undefined;
  let client: Client | undefined;
  let base = '';
  let watch: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let downSince: number | undefined;
  let stopped = false;

  return { platform: 'discord', room, start, stop, post, update, trouble };

  function trouble(): string | undefined {
    return [troubles.gateway, troubles.commands, troubles.post].filter(Boolean).join(' · ') || undefined;
  }

  // ---- starting, staying connected, stopping

  async function start(on: ChatHandlers): Promise<void> {
    stopped = false;
    const deadline = Date.now() + (options.patienceSeconds ?? 20) * 1_000;
    const bases = addressesOf(options.apiUrl);
    for (;;) {
      base = bases[0]!;
      try {
        client = await logIn(on, deadline);
        break;
      } catch (error) {
        const problem = outsideError(`log in at ${new URL(base).host}`, error);
        if (nobodyHome(problem.cause) && bases.length > 1) bases.shift();
        else if (!problem.again || Date.now() + 1_000 >= deadline || stopped) throw problem;
        else await pause(500);
      }
    }
    watch = setInterval(() => look(on), 15_000).unref();
  }

  async function logIn(on: ChatHandlers, deadline: number): Promise<Client> {
    const made = new Client({
      intents: [],
      rest: {
        api: base,
        version: '10',
        retries: 1,
        timeout: 8_000,
        rejectOnRateLimit: ({ retryAfter, timeToReset }) => Math.max(retryAfter, timeToReset) > 5_000,
      },
    });
    // Without a listener the client's errors would end the process.
    made.on(Events.Error, (error) => log.error({ error: error.message }, 'discord client failed'));
    made.on(Events.ShardError, (error) => log.warn({ error: error.message }, 'discord connection reports an error'));
    made.on(Events.ShardReconnecting, () => {
      downSince ??= Date.now();
    });
    made.on(Events.ShardResume, () => backAgain());
    made.on(Events.ShardReady, () => backAgain());
    made.on(Events.ShardDisconnect, ({ code }) => {
      if (client === made) closed(made, code, on);
    });
    takeInteractions(made, (data) => {
      hear(made, data, on).catch((error: unknown) => log.error({ error: wordsOf(error) }, 'discord interaction failed'));
    });
    try {
      await inTime(ready(made, options.token), deadline, late);
      await register(made);
      return made;
    } catch (error) {
      await made.destroy().catch(() => undefined);
      throw error;
    }
  }

  /** `/warden` belongs to the guild, where a new command is there at once. The alarm works without it. */
  async function register(made: Client): Promise<void> {
    const application = made.application?.id;
    if (!application) return;
    try {
      await made.rest.put(Routes.applicationGuildCommands(application, options.guild), { body: [wardenCommand] });
      say('commands', undefined);
    } catch (error) {
      const problem = outsideError('register /warden', error);
      log.warn({ error: problem.message }, 'discord command not registered');
      say('commands', problem.message);
    }
  }

  /** Discord will not reconnect by itself after these: say so, and try with a new client from time to time. */
  function closed(made: Client, code: number, on: ChatHandlers): void {
    say('gateway', `No buttons or commands on Discord: ${closedForGood(code)}`);
    comeBack(made, on);
  }

  function comeBack(before: Client, on: ChatHandlers): void {
    if (stopped || again) return;
    again = setTimeout(
      async () => {
        again = undefined;
        try {
          const made = await logIn(on, Date.now() + 20_000);
          if (stopped) return void made.destroy();
          client = made;
          backAgain();
          await before.destroy().catch(() => undefined);
        } catch (error) {
          log.warn({ error: outsideError('log in again', error).message }, 'discord login failed');
          comeBack(before, on);
        }
      },
      (options.againAfterSeconds ?? 60) * 1_000,
    ).unref();
  }

  function backAgain(): void {
    downSince = undefined;
    say('gateway', undefined);
  }

  /** A connection that does not come back by itself is replaced. (discord.js notices a silent one by its heartbeat.) */
  function look(on: ChatHandlers): void {
    if (downSince === undefined || !client) return;
    const seconds = (Date.now() - downSince) / 1_000;
    if (seconds > 30)
      say(
        'gateway',
        `No buttons or commands on Discord since ${new Date(downSince).toISOString().slice(11, 16)} UTC: it cannot be reached`,
      );
    if (seconds > 600) comeBack(client, on);
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearInterval(watch);
    clearTimeout(again);
    again = undefined;
    await client?.destroy().catch(() => undefined);
    client = undefined;
  }

  // ---- hearing

  async function hear(made: Client, data: unknown, on: ChatHandlers): Promise<void> {
    const { data: happened, error } = interaction.safeParse(data);
    if (!happened) {
      const kind = anyInteraction.safeParse(data).data?.type;
      return log.warn({ kind, problem: error.message }, 'discord interaction not understood');
    }
    if (heard.has(happened.id)) return;
    heard.set(happened.id, true);
    const by = personOf(happened);
    if (!by) return;
    const talk = talkOf(made, happened);
    switch (happened.type) {
      case 2:
        return command(talk, happened, by, on);
      case 3:
        return press(talk, happened, by, on);
      case 5:
        return submit(talk, happened, by, on);
      default:
        return happened satisfies never;
    }
  }

  async function press(talk: Talk, happened: Interaction & { type: 3 }, by: ChatUser, on: ChatHandlers): Promise<void> {
    const ref = refOf(happened);
    if (!ref) return log.warn({}, 'discord press without a message');
    const button = happened.data.custom_id;
    let form: Form | undefined;
    try {
      // A modal must be the first answer, so the form has to be known before; Discord waits three seconds for it.
      form = await inTime(on.form(button), Date.now() + 1_500, late);
    } catch (error) {
      log.error({ error: wordsOf(error) }, 'form of a button not known in time');
      await talk.answer(InteractionResponseType.DeferredMessageUpdate);
      return whisper(talk, sentence('The form could not be opened, and nothing was done. Please press the button again.'));
    }
    if (form) return talk.modal(renderForm(form, `form ${button}`));
    await talk.answer(InteractionResponseType.DeferredMessageUpdate);
    const said = await handled(() => on.press({ id: happened.id, button, by, ref }));
    if (said) await whisper(talk, said);
  }

  async function submit(talk: Talk, happened: Interaction & { type: 5 }, by: ChatUser, on: ChatHandlers): Promise<void> {
    const ref = refOf(happened);
    const button = happened.data.custom_id.replace(/^form /, '');
    if (!ref || button === happened.data.custom_id) return log.warn({}, 'discord form not understood');
    await talk.answer(InteractionResponseType.DeferredMessageUpdate);
    const said = await handled(async () => {
      const values = valuesOf(happened.data.components ?? []);
      const form = await on.form(button);
      // Discord has no number fields, so what was typed is looked at here.
      const checked = form ? checkForm(form, values) : { kind: 'good' as const, values };
      if (checked.kind === 'good') return on.press({ id: happened.id, button, by, ref, values: checked.values });
      const labels = new Map(form?.fields.map((field) => [field.id, field.label]));
      const wrong = Object.entries(checked.fields).map(([field, why]) => `${labels.get(field) ?? field}: ${why}`);
      return sentence(`Nothing was done. ${wrong.join(' ')} Press the button to try again.`);
    });
    if (said) await whisper(talk, said);
  }

  async function command(talk: Talk, happened: Interaction & { type: 2 }, by: ChatUser, on: ChatHandlers): Promise<void> {
    await talk.answer(InteractionResponseType.DeferredChannelMessageWithSource, { flags: MessageFlags.Ephemeral });
    const where = happened.channel_id ?? happened.channel?.id ?? '';
    const said = await handled(() => on.command({ id: happened.id, text: typed(happened.data.options), by, room: where }));
    try {
      await tolerant(said ?? sentence('Done.'), ({ body, files }) => talk.fill(body, files));
    } catch (error) {
      log.warn({ error: outsideError('answer a command', error).message }, 'private answer not delivered');
    }
  }

  async function handled(handle: () => Promise<Answer>): Promise<Answer> {
    try {
      return await handle();
    } catch (error) {
      log.error({ error: wordsOf(error) }, 'handler of a press or command failed');
      return sentence('This failed inside Cloudwarden; as far as is known, nothing was done. Look at the card before you try again.');
    }
  }

  async function whisper(talk: Talk, message: Message): Promise<void> {
    try {
      await tolerant(message, ({ body, files }) => talk.add({ ...body, flags: MessageFlags.Ephemeral }, files));
    } catch (error) {
      // Discord takes answers for fifteen minutes.
      log.warn({ error: outsideError('answer privately', error).message }, 'private answer not delivered');
    }
  }

  // ---- saying

  async function post(message: Message, { under, mention, once }: NonNullable<Parameters<Chat['post']>[1]> = {}): Promise<MessageRef> {
    const { rest } = online();
    // With a nonce Discord itself keeps a repeated send from becoming a second message, for some minutes.
    const nonce = nonceOf(once ?? randomUUID());
    const send = async (channel: string, more: object) =>
      refFrom(
        await tolerant(
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
    const begun = online()
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
    const { rest } = online();
    try {
      await tolerant(message, ({ body, files }) => rest.patch(Routes.channelMessage(ref.room, ref.id), { body, files }));
    } catch (error) {
      throw outsideError(`change a message in ${ref.room}`, error);
    }
  }

  /** Sends the message in full; when Discord refuses its form, without pictures, with less in it, and at last as words alone: an alarm is never lost to a limit. */
  async function tolerant<T>(
    message: Message,
    send: (form: { body: Rendered; files: Upload[] }) => Promise<T>,
    mention: string[] = [],
  ): Promise<T> {
    const hasPictures = message.parts.some((part) => part.kind === 'image');
    const forms = [
      () => render(message, { mention }),
      ...(hasPictures ? [() => render(message, { mention, pictures: false })] : []),
      () => render(message, { mention, pictures: false, from: 2 }),
      () => renderBare(message, mention, true),
      () => renderBare(message, mention, false),
    ];
    for (let at = 0; ; at++) {
      const form = forms[at]!();
      try {
        return await send(form);
      } catch (error) {
        // The nonce keeps a second try from becoming a second message.
        const picturesFailed = form.files.length > 0 && outsideError('send', error).retryAfterSeconds === undefined;
        if ((!refusedForItsForm(error) && !picturesFailed) || at === forms.length - 1) throw error;
        log.warn({ error: outsideError('send', error).message, summary: message.summary }, 'discord refused a message in this form');
      }
    }
  }

  function online(): Client {
    if (!client) throw new OutsideError('Discord: not started', true);
    return client;
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

/** One free text: the bot understands it, and answers with what it knows when nothing is typed. */
const wardenCommand = {
  name: 'warden',
  type: ApplicationCommandType.ChatInput,
  description: 'Ask Cloudwarden: status, incidents, show INC-1, digest, scan, whoami, pause-actions, help',
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'command',
      description: 'For example: status. Empty for help.',
      required: false,
      max_length: 500,
    },
  ],
};

/** How one interaction is answered. The first answer is due within three seconds, further ones within fifteen minutes. */
type Talk = {
  answer(type: InteractionResponseType, data?: object): Promise<void>;
  modal(data: object): Promise<void>;
  /** Puts words where "is thinking" stands. */
  fill(body: object, files: Upload[]): Promise<unknown>;
  /** One more message of this conversation. */
  add(body: object, files: Upload[]): Promise<unknown>;
};

function talkOf(client: Client, happened: Interaction): Talk {
  const application = happened.application_id ?? client.application?.id ?? '';
  const callback = (body: object) =>
    client.rest.post(Routes.interactionCallback(happened.id, happened.token), { body, auth: false }).then(() => undefined);
  return {
    answer: (type, data) => callback({ type, ...(data ? { data } : {}) }),
    modal: (data) => callback({ type: InteractionResponseType.Modal, data }),
    fill: (body, files) => client.rest.patch(Routes.webhookMessage(application, happened.token, '@original'), { body, files, auth: false }),
    add: (body, files) => client.rest.post(Routes.webhook(application, happened.token), { body, files, auth: false }),
  };
}

function refOf(happened: Interaction): MessageRef | undefined {
  const room = happened.message?.channel_id ?? happened.channel_id ?? happened.channel?.id;
  return happened.message && room ? { platform: 'discord', room, id: happened.message.id } : undefined;
}

const created = z.object({ id: z.string(), channel_id: z.string().nullish() });

function refFrom(answer: unknown, channel: string): MessageRef {
  const made = created.safeParse(answer).data;
  if (!made) throw new OutsideError('Discord: took the message but gave no id for it', false);
  return { platform: 'discord', room: made.channel_id ?? channel, id: made.id };
}

/** At most 25 characters. */
const nonceOf = (name: string): string => (name.length <= 25 ? name : createHash('sha256').update(name).digest('base64url').slice(0, 25));

/** Where Discord's API may be found: the address given, and below `/api`, which people leave out. */
function addressesOf(apiUrl: string | undefined): string[] {
  if (apiUrl === undefined || apiUrl === '') return ['https://discord.com/api'];
  const given = apiUrl.replace(/\/+$/, '').replace(/\/v\d+$/, '');
  return given.endsWith('/api') ? [given] : [given, `${given}/api`];
}

/**
 * Hands over what the gateway says about interactions, and takes it away from discord.js: where a field is missing, its own reading
 * throws inside an event nobody awaits, and that would end the process.
 */
function takeInteractions(client: Client, take: (data: unknown) => void): void {
  client.on(Events.Raw, (packet: { t: string | null; d: unknown }) => {
    if (packet.t !== GatewayDispatchEvents.InteractionCreate) return;
    packet.t = null;
    take(packet.d);
  });
}

async function ready(client: Client, token: string): Promise<void> {
  const isReady = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  await client.login(token);
  await isReady;
}

const late = () => new OutsideError('Discord: no answer in time', true);
const sentence = (text: string): Message => ({ summary: text.slice(0, 110), parts: [{ kind: 'text', text }] });
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
