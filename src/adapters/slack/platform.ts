/**
 * Slack as a chat platform: Bolt in Socket Mode, so that no public address is needed. It renders messages and hands on presses; it does
 * not know what an incident is. Reconnecting is done here rather than by Bolt, because a token revoked in the meantime would otherwise
 * end the process with an unhandled rejection.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { App, type Logger, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import type { Message, MessageRef, Part } from '../../bot/message.ts';
import type { Answer, Chat, ChatHandlers, Log } from '../../bot/ports.ts';
import { OutsideError } from '../../bot/ports.ts';
import { checkForm } from '../form.ts';
import { bounded, inTime } from '../reaching.ts';
import { type Rendered, render, renderBare, renderForm } from './blocks.ts';
import { type Carried, carried, commanded, personOf, pressed, submitted, valuesOf } from './payloads.ts';
import { neverArrived, nobodyHome, outsideError, refusedForItsForm, tokenRefused } from './trouble.ts';

export type SlackOptions = {
  /** xoxb-…, with chat:write, commands and files:write. */
  botToken: string;
  /** xapp-…, with connections:write. */
  appToken: string;
  /** The id of the room, C…. */
  room: string;
  /** Elsewhere than https://slack.com/api/; with or without `/api`. */
  apiUrl?: string;
  /** Slack user ids (U…) to mention when somebody must look. */
  responders: string[];
  log: Log;
  /** Told whenever `trouble()` begins to say something else. */
  onTrouble?(why: string | undefined): void;
  /** How long `start` may take, in seconds. Default 20. */
  patienceSeconds?: number;
};

/** The bot in one Slack room. `start` throws an OutsideError within `patienceSeconds`; `post` and `update` throw one when Slack refuses. */
export function createSlack(options: SlackOptions): Chat {
  const { room, log } = options;
  const patienceMs = (options.patienceSeconds ?? 20) * 1000;
  const heard = bounded<string, true>(5_000);
  const sent = bounded<string, Promise<MessageRef>>(500);
  const parents = bounded<string, string>(2_000);
  const uploads = bounded<Uint8Array, Promise<string | undefined>>(20);
  const lastUpdate = bounded<string, Promise<void>>(500);
  const troubles = {
    socket: undefined as string | undefined,
    token: undefined as string | undefined,
    post: undefined as string | undefined,
  };
  let told: string | undefined;
  let line: Line | undefined;
  let stopped = false;

  return {
    platform: 'slack',
    room,
    start,
    stop,
    post,
    update,
    trouble: () => [troubles.token, troubles.socket, troubles.post].filter(Boolean).join(' · ') || undefined,
  };

  // ---- starting, staying connected, stopping

  async function start(on: ChatHandlers): Promise<void> {
    stopped = false;
    const deadline = Date.now() + patienceMs;
    const bases = addressesOf(options.apiUrl);
    for (;;) {
      const base = bases[0]!;
      try {
        line = await connectTo(base, on, deadline);
        return;
      } catch (error) {
        const problem = outsideError(`connect at ${new URL(base).host}`, error);
        if (nobodyHome(problem.cause) && bases.length > 1) bases.shift();
        else if (!problem.again || Date.now() + 1_000 >= deadline || stopped) throw problem;
        else await pause(500);
      }
    }
  }

  async function connectTo(base: string, on: ChatHandlers, deadline: number): Promise<Line> {
    const clientOptions = clientOptionsFor(base, log);
    const web = new webApi.WebClient(options.botToken, { ...clientOptions });
    const me = await inTime(web.auth.test(), deadline, late('connect')).catch((error: unknown) => {
      throw outsideError('log in with the bot token (SLACK_BOT_TOKEN)', error);
    });
    const receiver = new SocketModeReceiver({
      appToken: options.appToken,
      logger: loggerFor(log),
      // A third of it is the pace of the pings; shorter, and a busy host would cut good connections.
      clientPingTimeout: 2_500,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: { ...clientOptions } },
      customPropertiesExtractor: (event: { envelope_id?: string }) => ({ envelope: event.envelope_id ?? '' }),
    });
    const app = new App({
      receiver,
      logger: loggerFor(log),
      convoStore: false,
      clientOptions: { ...clientOptions },
      authorize: async () => ({
        botToken: options.botToken,
        ...(me.bot_id ? { botId: me.bot_id } : {}),
        ...(me.user_id ? { botUserId: me.user_id } : {}),
      }),
    });
    const made: Line = { web, app, receiver, heardAt: Date.now(), open: false, watch: undefined };
    listen(made, on);
    try {
      await open(made, deadline);
    } catch (error) {
      await close(made);
      throw outsideError('open the connection for buttons and commands with the app token (SLACK_APP_TOKEN)', error);
    }
    made.watch = setInterval(() => void look(made), 60_000).unref();
    return made;
  }

  async function open(made: Line, deadline: number): Promise<void> {
    try {
      await inTime(made.app.start(), deadline, late('open the connection'));
    } catch (error) {
      // A connection without a "hello" would stay half open.
      await made.receiver.client.disconnect().catch(() => undefined);
      throw error ?? new OutsideError('Slack: the connection was closed before it was ready', true);
    }
    made.open = true;
    made.heardAt = Date.now();
    say('socket', undefined);
  }

  /** After a lost connection, for as long as it takes: quickly first, then every half minute. */
  async function reopen(made: Line): Promise<void> {
    if (stopped || !made.open) return;
    made.open = false;
    const since = new Date().toISOString().slice(11, 16);
    for (let attempt = 0; !stopped && !made.open; attempt++) {
      await pause(Math.min(30_000, attempt === 0 ? 50 : 500 * 2 ** attempt));
      if (stopped) return;
      try {
        await open(made, Date.now() + 15_000);
        if (stopped) return close(made);
        log.info({ attempt }, 'slack connection is back');
      } catch (error) {
        const problem = outsideError('open the connection for buttons and commands', error);
        if (attempt > 2 || tokenRefused(error)) say('socket', `No buttons or commands on Slack since ${since} UTC. ${problem.message}`);
        log.warn({ attempt, error: problem.message }, 'slack connection could not be opened');
      }
    }
  }

  /** Once a minute: is the token still good, and is a quiet connection still a connection? */
  async function look(made: Line): Promise<void> {
    try {
      await made.web.auth.test();
      say('token', undefined);
    } catch (error) {
      say('token', outsideError('log in', error).message);
    }
    // Slack itself renews connections every few hours; one that was silent for an hour may have been forgotten on the other side.
    if (made.open && Date.now() - made.heardAt > 3_600_000) await made.receiver.client.disconnect().catch(() => undefined);
  }

  async function stop(): Promise<void> {
    stopped = true;
    if (line) await close(line);
    line = undefined;
  }

  async function close(made: Line): Promise<void> {
    clearInterval(made.watch);
    const { client } = made.receiver;
    const gone = client.disconnect().catch(() => undefined);
    // A peer that never answers the closing would hold the process for half a minute; asking twice cuts the line.
    const cut = setTimeout(() => void client.disconnect().catch(() => undefined), 500);
    await gone;
    clearTimeout(cut);
  }

  // ---- hearing

  function listen(made: Line, on: ChatHandlers): void {
    const { app, receiver } = made;
    receiver.client.on('ws_message', () => {
      made.heardAt = Date.now();
    });
    receiver.client.on('disconnected', () => void reopen(made));
    app.error(async (error) => log.error({ error: error.message }, 'slack listener failed'));
    app.action(/.*/, async ({ body, ack, context }) => hear(ack, context, () => press(body, on)));
    app.view(/.*/, async ({ body, ack, context }) => hear(ack, context, () => submit(body, on)));
    app.command(/.*/, async ({ body, ack, context }) => hear(ack, context, () => command(body, on)));
    // Nothing of ours makes these, but what is not acknowledged is shown to people as a failure.
    app.shortcut(/.*/, async ({ ack }) => ack());
    app.options(/.*/, async ({ ack }) => ack({ options: [] }));
  }

  /** Acknowledges first. What could not be acknowledged is not heard: Slack shows that it failed, and sends it again or the person does. */
  async function hear(ack: () => Promise<void>, context: Record<string, unknown>, work: () => Promise<void>): Promise<void> {
    await ack();
    const envelope = typeof context.envelope === 'string' ? context.envelope : '';
    if (envelope !== '' && isRepeated(`envelope ${envelope}`)) return;
    await work();
  }

  function isRepeated(id: string): boolean {
    if (heard.get(id)) return true;
    heard.set(id, true);
    return false;
  }

  async function press(body: unknown, on: ChatHandlers): Promise<void> {
    const payload = pressed.safeParse(body);
    const action = payload.data?.actions[0];
    const place = payload.data && placeOf(payload.data);
    if (!payload.data || !action || !place)
      return log.warn({ problem: payload.error?.message ?? 'no message' }, 'slack press not understood');
    const by = personOf(payload.data.user, payload.data.team);
    const id = [action.action_ts ?? '', payload.data.trigger_id ?? '', by.space, by.user, action.action_id, place.message].join(' ');
    if (isRepeated(id)) return;

    const to: Whom = { user: by.user, room: place.room, thread: place.thread, responseUrl: payload.data.response_url ?? undefined };
    await answer(to, async () => {
      const form = await on.form(action.action_id);
      if (!form) return on.press({ id, button: action.action_id, by, ref: { platform: 'slack', room: place.room, id: place.message } });
      const carry: Carried = {
        button: action.action_id,
        room: place.room,
        message: place.message,
        ...(place.thread ? { thread: place.thread } : {}),
      };
      try {
        await online().web.views.open({ trigger_id: payload.data.trigger_id ?? '', view: renderForm(form, JSON.stringify(carry)) });
      } catch (error) {
        log.warn({ error: outsideError('open a form', error).message }, 'slack form not opened');
        return sentence('The form could not be opened, and nothing was done. Please press the button again.');
      }
      return undefined;
    });
  }

  async function submit(body: unknown, on: ChatHandlers): Promise<void> {
    const payload = submitted.safeParse(body);
    const carry = payload.data && carried.safeParse(parsed(payload.data.view.private_metadata)).data;
    if (!payload.data || !carry) return log.warn({ problem: payload.error?.message ?? 'not our form' }, 'slack form not understood');
    const by = personOf(payload.data.user, payload.data.team);
    const id = ['form', payload.data.view.id ?? '', payload.data.trigger_id ?? '', by.space, by.user, carry.button, carry.message].join(
      ' ',
    );
    if (isRepeated(id)) return;

    const to: Whom = { user: by.user, room: carry.room, thread: carry.thread, responseUrl: undefined };
    const typed = valuesOf(payload.data.view);
    await answer(to, async () => {
      const form = await on.form(carry.button);
      const checked = form ? checkForm(form, typed) : { kind: 'good' as const, values: typed };
      const ref = { platform: 'slack', room: carry.room, id: carry.message };
      if (checked.kind === 'good') return on.press({ id, button: carry.button, by, ref, values: checked.values });
      const labels = new Map(form?.fields.map((field) => [field.id, field.label]));
      const wrong = Object.entries(checked.fields).map(([field, why]) => `${labels.get(field) ?? field}: ${why}`);
      return sentence(`Nothing was done. ${wrong.join(' ')} Press the button to try again.`);
    });
  }

  async function command(body: unknown, on: ChatHandlers): Promise<void> {
    const payload = commanded.safeParse(body);
    if (!payload.success) return log.warn({ problem: payload.error.message }, 'slack command not understood');
    const { user_id, user_name, team_id, channel_id, text, response_url, trigger_id } = payload.data;
    const by = personOf({ id: user_id, team_id, username: user_name }, undefined);
    const id = ['command', trigger_id || crypto.randomUUID(), by.space, by.user].join(' ');
    await answer({ user: by.user, room: channel_id, thread: undefined, responseUrl: response_url ?? undefined }, () =>
      on.command({ id, text: (text ?? '').trim(), by, room: channel_id }),
    );
  }

  /** Runs a handler and tells the person privately what it says, or that it failed. */
  async function answer(to: Whom, handle: () => Promise<Answer>): Promise<void> {
    let said: Answer;
    try {
      said = await handle();
    } catch (error) {
      log.error({ error: error instanceof Error ? error.message : String(error) }, 'handler of a press or command failed');
      said = sentence('This failed inside Cloudwarden; as far as is known, nothing was done. Look at the card before you try again.');
    }
    if (!said) return;
    try {
      await whisper(to, said);
    } catch (error) {
      log.warn({ error: outsideError('answer privately', error).message }, 'private answer not delivered');
    }
  }

  /** By the bot's own token, which works for ever; the answering address (30 minutes, 5 uses) serves where the bot is not a member. */
  async function whisper(to: Whom, message: Message): Promise<void> {
    const { web } = online();
    const files = await uploaded(message);
    try {
      await tolerant(message, files, (form) =>
        web.chat.postEphemeral({ channel: to.room, user: to.user, ...form, ...(to.thread ? { thread_ts: to.thread } : {}) }),
      );
    } catch (error) {
      if (!to.responseUrl) throw error;
      const response = await fetch(to.responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          response_type: 'ephemeral',
          replace_original: false,
          ...render(message, { fileOf: (image) => files.get(image) }),
        }),
        signal: AbortSignal.timeout(10_000),
      });
      if (!response.ok)
        throw new OutsideError(`Slack: could not answer privately: HTTP status ${response.status}`, false, { cause: error });
    }
  }

  // ---- saying

  function post(message: Message, extras: Parameters<Chat['post']>[1] = {}): Promise<MessageRef> {
    const { once } = extras;
    const before = once === undefined ? undefined : sent.get(once);
    if (before !== undefined) return before;
    const posted = postNow(message, extras);
    if (once !== undefined) {
      // Slack has no key against doubles: this much is remembered here. What failed may be tried again.
      sent.set(once, posted);
      posted.catch(() => sent.delete(once));
    }
    return posted;
  }

  async function postNow(
    message: Message,
    { under, mention }: { under?: MessageRef; mention?: 'nobody' | 'responders' },
  ): Promise<MessageRef> {
    const { web } = online();
    const channel = under?.room ?? room;
    // An answer to an answer belongs to the thread of the first message.
    const thread = under && (parents.get(`${under.room} ${under.id}`) ?? under.id);
    const files = await uploaded(message);
    try {
      const result = await tolerant(
        message,
        files,
        (form) =>
          web.chat.postMessage({ channel, ...form, unfurl_links: false, unfurl_media: false, ...(thread ? { thread_ts: thread } : {}) }),
        mention === 'responders' ? options.responders : [],
      );
      if (!result.ts) throw new OutsideError('Slack: took the message but gave no id for it', false);
      say('post', undefined);
      const ref = { platform: 'slack', room: result.channel ?? channel, id: result.ts };
      if (thread) parents.set(`${ref.room} ${ref.id}`, thread);
      return ref;
    } catch (error) {
      const problem = outsideError(`post in ${channel}`, error);
      say('post', `The last message was not posted. ${problem.message}`);
      throw problem;
    }
  }

  /** Changes of one message go out one after the other, so that an older one never arrives after a newer. */
  function update(ref: MessageRef, message: Message): Promise<void> {
    const key = `${ref.room} ${ref.id}`;
    const before = lastUpdate.get(key) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => updateNow(ref, message));
    lastUpdate.set(key, mine);
    const forget = () => {
      if (lastUpdate.get(key) === mine) lastUpdate.delete(key);
    };
    mine.then(forget, forget);
    return mine;
  }

  async function updateNow(ref: MessageRef, message: Message): Promise<void> {
    const { web } = online();
    const files = await uploaded(message);
    try {
      await tolerant(message, files, (form) => web.chat.update({ channel: ref.room, ts: ref.id, ...form }));
    } catch (error) {
      throw outsideError(`change a message in ${ref.room}`, error);
    }
  }

  /**
   * Sends the message in full; when Slack refuses its form, with less in it; then as words alone: an alarm is never lost to a limit.
   * Waits out one short pause Slack asks for, and tries again where surely nothing was done.
   */
  async function tolerant<T>(
    message: Message,
    files: ReadonlyMap<Part, string>,
    send: (form: Rendered) => Promise<T>,
    mention: string[] = [],
  ): Promise<T> {
    const fileOf = (part: Part) => files.get(part);
    const forms = [
      () => render(message, { mention, fileOf }),
      () => render(message, { mention, from: 2 }),
      () => renderBare(message, mention),
    ];
    let pauses = 2;
    // A picture just uploaded is not known everywhere at once; Slack calls a message with it invalid until it is.
    let waitsForPicture = files.size > 0 ? 3 : 0;
    for (let at = 0; ; ) {
      try {
        return await send(forms[at]!());
      } catch (error) {
        const waitMs = waitFor(error);
        if (waitMs !== undefined && pauses > 0) {
          pauses--;
          await pause(waitMs);
        } else if (refusedForItsForm(error) && at === 0 && waitsForPicture > 0) {
          waitsForPicture--;
          await pause(700);
        } else if (refusedForItsForm(error) && at < forms.length - 1) {
          log.warn({ error: outsideError('send', error).message, summary: message.summary }, 'slack refused a message in this form');
          at++;
        } else throw error;
      }
    }
  }

  /** The pictures of a message as files of Slack. One that cannot be uploaded is missing from the map, and described in words. */
  async function uploaded(message: Message): Promise<ReadonlyMap<Part, string>> {
    const files = new Map<Part, string>();
    for (const part of message.parts) {
      if (part.kind !== 'image') continue;
      const known = uploads.get(part.png) ?? upload(part);
      uploads.set(part.png, known);
      const file = await known;
      if (file) files.set(part, file);
      else uploads.delete(part.png);
    }
    return files;
  }

  async function upload(image: Extract<Part, { kind: 'image' }>): Promise<string | undefined> {
    try {
      const { web } = online();
      const ticket = await web.files.getUploadURLExternal({
        filename: image.name,
        length: image.png.byteLength,
        alt_text: image.alt.slice(0, 1_000),
      });
      if (!ticket.upload_url || !ticket.file_id) return undefined;
      const put = await fetch(ticket.upload_url, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(image.png),
        signal: AbortSignal.timeout(15_000),
      });
      if (!put.ok) throw new OutsideError(`Slack: could not upload a picture: HTTP status ${put.status}`, put.status >= 500);
      await web.files.completeUploadExternal({ files: [{ id: ticket.file_id, title: image.name }] });
      return ticket.file_id;
    } catch (error) {
      log.warn({ error: outsideError('upload a picture', error).message }, 'slack picture not uploaded');
      return undefined;
    }
  }

  function online(): Line {
    if (!line) throw new OutsideError('Slack: not started', true);
    return line;
  }

  function say(what: keyof typeof troubles, why: string | undefined): void {
    troubles[what] = why;
    const now = [troubles.token, troubles.socket, troubles.post].filter(Boolean).join(' · ') || undefined;
    if (now === told) return;
    told = now;
    if (now) log.error({ trouble: now }, 'slack is in trouble');
    options.onTrouble?.(now);
  }
}

/** One connection to one Slack. `open`: commands and buttons arrive. */
type Line = {
  web: webApi.WebClient;
  app: App;
  receiver: SocketModeReceiver;
  heardAt: number;
  open: boolean;
  watch: NodeJS.Timeout | undefined;
};
/** Whom a private answer goes to, and where that person is looking. */
type Whom = { user: string; room: string; thread: string | undefined; responseUrl: string | undefined };

/** Where Slack's methods may be found: the address given, and below `/api/`, which people leave out. */
function addressesOf(apiUrl: string | undefined): string[] {
  if (apiUrl === undefined || apiUrl === '') return ['https://slack.com/api/'];
  const base = apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
  return base.endsWith('/api/') ? [base] : [base, `${base}api/`];
}

/** Retrying is decided here, call by call: Bolt would retry for half an hour, and a message it doubles cannot be taken back. */
function clientOptionsFor(slackApiUrl: string, log: Log): webApi.WebClientOptions {
  return { slackApiUrl, retryConfig: { retries: 0 }, timeout: 8_000, rejectRateLimitedCalls: true, logger: loggerFor(log) };
}

function waitFor(error: unknown): number | undefined {
  if (error instanceof webApi.WebAPIRateLimitedError) return error.retryAfter <= 5 ? error.retryAfter * 1_000 : undefined;
  return neverArrived(error) ? 300 : undefined;
}

function placeOf(payload: {
  channel?: { id: string } | null | undefined;
  container?:
    | { channel_id?: string | null | undefined; message_ts?: string | null | undefined; thread_ts?: string | null | undefined }
    | null
    | undefined;
  message?: { ts?: string | null | undefined; thread_ts?: string | null | undefined } | null | undefined;
}): { room: string; message: string; thread: string | undefined } | undefined {
  const room = payload.channel?.id ?? payload.container?.channel_id;
  const message = payload.container?.message_ts ?? payload.message?.ts;
  const thread = payload.message?.thread_ts ?? payload.container?.thread_ts;
  return room && message ? { room, message, thread: thread && thread !== message ? thread : undefined } : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const late = (tried: string) => () => new OutsideError(`Slack: could not ${tried}: no answer in time`, true);
const sentence = (text: string): Message => ({ summary: text.slice(0, 110), parts: [{ kind: 'text', text }] });

/** Bolt's own messages: warnings and errors only, without tokens and the tickets in socket addresses. */
function loggerFor(log: Log): Logger {
  const words = (said: unknown[]) =>
    said
      .map(String)
      .join(' ')
      .replace(/xox[a-z]-[\w-]+|xapp-[\w-]+|(ticket|app_id)=[^&\s]+/g, '[secret]')
      .slice(0, 500);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...said: unknown[]) => log.debug({ said: words(said) }, 'slack client warns'),
    error: (...said: unknown[]) => log.warn({ said: words(said) }, 'slack client reports an error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
