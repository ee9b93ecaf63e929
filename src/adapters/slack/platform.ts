/** Slack as a chat platform: it renders messages and hands on presses; it does not know what an incident is. */
import type { Message, MessageRef } from '../../bot/message.ts';
import { type Chat, type Log, OutsideError } from '../../bot/ports.ts';
import { bounded } from '../reaching.ts';
import { render } from './blocks.ts';
import { createConnection } from './connection.ts';
import { createHearing, type Whom } from './hearing.ts';
import { createSending } from './sending.ts';
import { outsideError } from './trouble.ts';

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
  const sent = bounded<string, Promise<MessageRef>>(500);
  const parents = bounded<string, string>(2_000);
  const lastUpdate = bounded<string, Promise<void>>(500);
  const troubles = {
    socket: undefined as string | undefined,
    token: undefined as string | undefined,
    post: undefined as string | undefined,
  };
  let told: string | undefined;
  let listen: ReturnType<typeof createHearing> = () => undefined;
  const patienceMs = (options.patienceSeconds ?? 20) * 1000;
  const connection = createConnection(options, { patienceMs, log, listen: (app) => listen(app), say });
  const sending = createSending({ web: connection.web, log });

  return {
    platform: 'slack',
    room,
    async start(on) {
      listen = createHearing({ on, log, web: connection.web, whisper });
      await connection.start();
    },
    stop: connection.stop,
    post,
    update,
    trouble: () => [troubles.token, troubles.socket, troubles.post].filter(Boolean).join(' · ') || undefined,
  };

  /** By the bot's own token, which works for ever; the answering address (30 minutes, 5 uses) serves where the bot is not a member. */
  async function whisper(to: Whom, message: Message): Promise<void> {
    const web = connection.web();
    const files = await sending.uploaded(message);
    try {
      await sending.tolerant(message, files, (form) =>
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
    const web = connection.web();
    const channel = under?.room ?? room;
    // An answer to an answer belongs to the thread of the first message.
    const thread = under && (parents.get(`${under.room} ${under.id}`) ?? under.id);
    const files = await sending.uploaded(message);
    try {
      const result = await sending.tolerant(
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
    const web = connection.web();
    const files = await sending.uploaded(message);
    try {
      await sending.tolerant(message, files, (form) => web.chat.update({ channel: ref.room, ts: ref.id, ...form }));
    } catch (error) {
      throw outsideError(`change a message in ${ref.room}`, error);
    }
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
