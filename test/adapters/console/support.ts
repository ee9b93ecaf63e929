/** A console on a free port with a store in memory, and a reader who speaks HTTP with it as a browser would. */

import { type LoginStore, mintLogin } from '../../../src/adapters/console/login.ts';
import { type ConsoleOptions, createConsole } from '../../../src/adapters/console/platform.ts';
import type { Message } from '../../../src/bot/message.ts';
import type { Chat, ChatHandlers, Clock, Log } from '../../../src/bot/ports.ts';

export const people = [
  { id: 'ada', name: 'Ada', role: 'admin' },
  { id: 'grace', name: 'Grace', role: 'responder' },
];

export function memoryStore(): LoginStore & { rows: Map<string, string> } {
  const rows = new Map<string, string>();
  return {
    rows,
    setting: async (name) => rows.get(name),
    async setSetting(name, value) {
      if (value === undefined) rows.delete(name);
      else rows.set(name, value);
    },
  };
}

export function stillClock(time = '2026-11-23T14:05:00.000Z'): Clock & { time: string } {
  const clock = { time, now: () => clock.time, sleep: async () => undefined };
  return clock;
}

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export const note = (text: string): Message => ({ summary: text, parts: [{ kind: 'text', text }] });

export const silent: ChatHandlers = { form: async () => undefined, press: async () => undefined, command: async () => undefined };

/** `listensAt`: host and port, whatever the public name. */
export type Setting = {
  chat: Chat & { url(): string } /** Where it really listens, whatever its public name. */;
  listensAt(): string;
  store: ReturnType<typeof memoryStore>;
  realTime: { now: string };
};

/** A started console; `handlers` say what the bot does. Stop it with `chat.stop()`. */
export async function openConsole(handlers: Partial<ChatHandlers> = {}, options: Partial<ConsoleOptions> = {}): Promise<Setting> {
  const store = memoryStore();
  const realTime = { now: '2026-11-23T15:00:00.000Z' };
  let listensAt = '';
  const log: Log = {
    ...quietLog,
    info(data) {
      if ('listensAt' in data) listensAt = String(data.listensAt);
    },
  };
  const chat = createConsole({
    listen: { host: '127.0.0.1', port: 0 },
    people,
    logins: store,
    clock: stillClock(),
    log,
    realTime: () => realTime.now,
    ...options,
  });
  await chat.start({ ...silent, ...handlers });
  return { chat, store, realTime, listensAt: () => listensAt };
}

export type Reader = { cookie: string; csrf: string; page: string; origin: string };

/** Logs that person in over HTTP and reads the page. */
export async function logIn({ chat, store, realTime }: Setting, person = 'ada'): Promise<Reader> {
  const path = await mintLogin(store, person, realTime.now);
  const answer = await redeem(chat.url(), path);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const page = await (await fetch(`${chat.url()}/`, { headers: { cookie } })).text();
  return { cookie, page, csrf: /data-csrf="([^"]+)"/.exec(page)?.[1] ?? '', origin: chat.url() };
}

/** What pressing the button of the log-in page sends. */
export function redeem(url: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const [, , person = '', token = ''] = path.split('/');
  return fetch(`${url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, ...headers },
    body: new URLSearchParams({ person: decodeURIComponent(person), token }),
  });
}

export type Reply = { form?: string; wrong?: Record<string, string>; answer?: string; says?: string };

export function send(reader: Reader, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${reader.origin}${path}`, {
    method: 'POST',
    headers: { cookie: reader.cookie, origin: reader.origin, 'x-csrf-token': reader.csrf, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

export type Told = { event: string; id?: string; data: unknown };

/** The stream of live updates; `until` reads on to the first event that fits. */
export async function listen(reader: Reader, options: { after?: string; lastEventId?: string } = {}) {
  const position = options.after ?? /data-position="([^"]+)"/.exec(reader.page)?.[1] ?? '';
  const closing = new AbortController();
  const response = await fetch(`${reader.origin}/events?after=${position}`, {
    headers: { cookie: reader.cookie, ...(options.lastEventId ? { 'last-event-id': options.lastEventId } : {}) },
    signal: closing.signal,
  });
  const told = read(response);
  return {
    response,
    close: () => closing.abort(),
    async until(fits: (one: Told) => boolean): Promise<Told> {
      for (;;) {
        const { value, done } = await told.next();
        if (done) throw new Error('the stream ended before that was told');
        if (fits(value)) return value;
      }
    },
    /** True when the server closes the stream. */
    async ended(): Promise<boolean> {
      while (!(await told.next()).done);
      return true;
    },
  };
}

async function* read(response: Response): AsyncGenerator<Told, undefined> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) yield parse(block);
  }
  return undefined;
}

function parse(block: string): Told {
  const lines = block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
  const fields = new Map(lines);
  const id = fields.get('id');
  return { event: fields.get('event') ?? 'message', ...(id === undefined ? {} : { id }), data: JSON.parse(fields.get('data') ?? 'null') };
}

/** The words of escaped HTML, as they are read or, for pictures, read out. */
export function wordsOf(html: string): string {
  return html
    .replace(/<img [^>]*alt="([^"]*)"[^>]*>/g, ' $1 ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#xFE0E;/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim();
}
