/**
 * The web console: a local web page as a chat platform. It knows messages, buttons and people who logged in; what a button means and
 * who may press it is decided by the bot.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { Message } from '../../bot/message.ts';
import { type Answer, type Chat, type ChatHandlers, type ChatUser, type Clock, type Log, OutsideError } from '../../bot/ports.ts';
import type { Time } from '../../checks/observation.ts';
import { checkForm } from '../form.ts';
import { checkListen, guardDoor, namesOf } from './door.ts';
import { createFeed } from './feed.ts';
import { createLogins, type LoginStore, type Session, sessionHours } from './login.ts';
import { badLinkPage, type DemoState, loginPage, type Reader, renderPrivate, roomPage, strangerPage } from './page.ts';
import { pictureHash } from './picture.ts';
import { type Html, renderForm, type Sight } from './render.ts';
import { createRoom } from './room.ts';

/** The demo's clock, shown as a bar above the messages. `speed(60)`: a minute of the account's time in a second. */
export interface DemoControls {
  state(): DemoState;
  pause(): void;
  resume(): void;
  speed(times: number): void;
  /** Somebody logged in. */
  entered(): void;
}

const mostWhispered = 20;

export type ConsoleOptions = {
  /** Port 0 takes any free one. */
  listen: { host: string; port: number };
  /** Where a proxy or a tunnel serves the page, when it is not the address it listens on. */
  publicUrl?: string;
  room?: string;
  people: Reader[];
  /** Keeps log-ins, sessions and the newest messages. */
  logins: LoginStore;
  /** The bot's clock; it may be virtual. */
  clock: Clock;
  log: Log;
  demo?: DemoControls;
  /** Real time, by which links and sessions run out even while a demo runs at sixty times the speed. Default: the machine's. */
  realTime?: () => Time;
};

/**
 * A console for these people. Throws when the page could be reached in the clear from other machines. `start` throws an `OutsideError`
 * when it cannot listen there (its cause has the code, e.g. EADDRINUSE). `url()` is the address to open, without a path.
 */
export function createConsole(options: ConsoleOptions): Chat & { url(): string } {
  const { listen, people, clock, log, demo } = options;
  const publicUrl = checkListen(listen.host, options.publicUrl);
  const roomName = options.room ?? 'cloudwarden-alerts';
  const realTime = options.realTime ?? (() => new Date().toISOString());
  const room = createRoom({ store: options.logins, clock, log });
  const logins = createLogins(options.logins, realTime);
  /** Pictures of private answers, under names only their readers know; the newest few. */
  const whispered = new Map<string, Uint8Array>();
  function whisper(png: Uint8Array): void {
    whispered.set(pictureHash(png), png);
    while (whispered.size > mostWhispered) whispered.delete(whispered.keys().next().value ?? '');
  }
  const feed = createFeed({ room, clock, demo, sight });
  /** Presses and commands under way or lately answered, so that the same one sent twice is handled once. */
  const handled = new Map<string, Promise<Reply>>();
  let handlers: ChatHandlers | undefined;
  let server: Server | undefined;
  let port = listen.port;
  let names = namesOf(port, publicUrl);
  let files: Record<string, Buffer> = {};

  return {
    platform: 'console',
    room: roomName,
    url,
    async start(on) {
      handlers = on;
      files = await readFiles();
      await room.load();
      server = await open(createApp(), listen);
      port = (server.address() as AddressInfo).port;
      names = namesOf(port, publicUrl);
      feed.start();
      log.info({ url: url(), listensAt: `${listen.host}:${port}` }, 'console listens');
    },
    async stop() {
      feed.stop();
      await within(2, Promise.allSettled(handled.values()), async () => []);
      const closing = server;
      server = undefined;
      if (closing) {
        await new Promise((done) => {
          closing.close(done);
          closing.closeAllConnections();
        });
      }
      await room.flush();
    },
    async post(message, { under, mention, once } = {}) {
      const posted = room.post(message, { ...(under ? { under } : {}), ...(once ? { once } : {}), mention: mention === 'responders' });
      return { platform: 'console', room: roomName, id: posted.id };
    },
    async update(ref, message) {
      room.update(ref.id, message);
    },
    trouble: () => room.trouble(),
  };

  function url(): string {
    if (publicUrl) return publicUrl.origin;
    const host = listen.host.includes(':') && !listen.host.startsWith('[') ? `[${listen.host}]` : listen.host;
    return `http://${host}:${port}`;
  }

  function sight(): Sight {
    return { now: clock.now(), pictureUrl: (png) => `/picture/${pictureHash(png)}` };
  }

  function createApp(): Hono<Known> {
    const app = new Hono<Known>();
    app.use(...guardDoor(() => names));
    app.onError((error, c) => {
      log.error({ error, path: c.req.routePath }, 'console request failed');
      return c.text('Something went wrong in Cloudwarden. Its log says more.\n', 500);
    });
    app.get('/console.js', (c) => c.body(text(files['console.js']), 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
    app.get('/console.css', (c) => c.body(text(files['console.css']), 200, { 'Content-Type': 'text/css; charset=utf-8' }));
    app.get('/icon.svg', (c) => c.body(text(files['icon.svg']), 200, { 'Content-Type': 'image/svg+xml' }));
    app.get('/login/:person/:token', showLogin);
    app.post('/login', logIn);

    app.use(async (c, next) => {
      const session = await sessionOf(c);
      const reader = people.find((person) => person.id === session?.person);
      if (!session || !reader)
        return c.req.path === '/' ? page(c, strangerPage(demo !== undefined), 401) : c.text('You are not logged in.\n', 401);
      c.set('session', session);
      c.set('reader', reader);
      return next();
    });
    app.get('/', async (c) =>
      page(
        c,
        roomPage({
          room: roomName,
          reader: c.var.reader,
          csrf: c.var.session.csrf,
          position: feed.position(),
          sight: sight(),
          messages: room.messages(),
          ...(demo ? { demo: demo.state() } : {}),
        }),
      ),
    );
    app.get('/picture/:hash', (c) => {
      const png = room.picture(c.req.param('hash')) ?? whispered.get(c.req.param('hash'));
      return png ? c.body(new Uint8Array(png), 200, { 'Content-Type': 'image/png' }) : c.text('This picture is no longer kept.\n', 404);
    });
    app.get('/events', (c) => {
      const after = c.req.header('last-event-id') ?? c.req.query('after') ?? '';
      return feed.serve(c, after, async () => (await sessionOf(c)) !== undefined);
    });

    app.post('*', async (c, next) => {
      const sent = c.req.header('x-csrf-token') ?? (c.req.path === '/logout' ? (await c.req.parseBody()).csrf : undefined);
      return sent === c.var.session.csrf ? next() : c.text('This page is out of date. Reload it and press again.\n', 403);
    });
    app.post('/logout', async (c) => {
      await logins.logOut(c.var.session);
      deleteCookie(c, cookieName(), cookieShape());
      feed.wake();
      return c.redirect('/', 303);
    });
    app.post('/press', async (c) => {
      const body = await parse(c, pressSchema);
      return body ? c.json(await once(c.var.reader.id, body, () => press(body, c.var.reader))) : unreadable(c);
    });
    app.post('/command', async (c) => {
      const body = await parse(c, commandSchema);
      return body ? c.json(await once(c.var.reader.id, body, () => command(body, c.var.reader))) : unreadable(c);
    });
    app.post('/demo', async (c) => {
      const body = await parse(c, demoSchema);
      if (!demo || !body) return unreadable(c);
      if (body.do === 'speed') demo.speed(body.speed);
      else demo[body.do]();
      feed.wake();
      return c.json({});
    });
    return app;
  }

  // ---- log-in

  async function showLogin(c: Context<Known>) {
    const [person = '', token = ''] = [c.req.param('person'), c.req.param('token')];
    const reader = people.find((one) => one.id === person);
    const state = reader ? await logins.look(person, token) : 'unknown';
    return state === 'good' && reader ? page(c, loginPage(reader, token)) : badLink(c, state === 'good' ? 'unknown' : state, reader);
  }

  async function logIn(c: Context<Known>) {
    const body = loginSchema.safeParse(await c.req.parseBody());
    const reader = people.find((one) => one.id === body.data?.person);
    const result = reader && body.data ? await logins.redeem(reader.id, body.data.token) : 'unknown';
    if (typeof result === 'string') return badLink(c, result, reader);
    setCookie(c, cookieName(), result.secret, { ...cookieShape(), maxAge: sessionHours * 3600 });
    log.info({ person: reader?.id }, 'somebody logged in to the console');
    demo?.entered();
    return c.redirect('/', 303);
  }

  function badLink(c: Context<Known>, state: 'used' | 'old' | 'unknown', reader: Reader | undefined) {
    return page(c, badLinkPage(state, reader?.id, demo !== undefined), 410);
  }

  function sessionOf(c: Context<Known>): Promise<Session | undefined> {
    return logins.session(getCookie(c, cookieName()));
  }

  /** Browsers share cookies between all ports of a host, so the port tells the demo's page from the real bot's. */
  function cookieName(): string {
    return publicUrl?.protocol === 'https:' ? '__Host-cloudwarden' : `cloudwarden-${port}`;
  }

  function cookieShape() {
    return { httpOnly: true, sameSite: 'Strict', path: '/', secure: publicUrl?.protocol === 'https:' } as const;
  }

  // ---- what people press and type

  async function press(body: z.infer<typeof pressSchema>, reader: Reader): Promise<Reply> {
    const on = handlers;
    if (!on) return {};
    const form = await on.form(body.button);
    if (form && !body.values) return { form: await asText(renderForm(form)) };
    const checked = form && body.values ? checkForm(form, body.values) : undefined;
    if (checked?.kind === 'wrong') return { wrong: checked.fields };
    const answer = await on.press({
      id: `${reader.id}:${body.id}`,
      button: body.button,
      by: chatUser(reader),
      ref: { platform: 'console', room: roomName, id: body.message },
      ...(checked ? { values: checked.values } : {}),
    });
    return privately(answer);
  }

  async function command(body: z.infer<typeof commandSchema>, reader: Reader): Promise<Reply> {
    const typed = body.text.trim().replace(/^\/?warden(\s+|$)/i, '');
    const answer = await handlers?.command({ id: `${reader.id}:${body.id}`, text: typed, by: chatUser(reader), room: roomName });
    return privately(answer);
  }

  /** The same press sent twice, or pressed again while the first is under way, is handled once and answered alike. */
  function once(person: string, body: { id: string }, handle: () => Promise<Reply>): Promise<Reply> {
    const { id, ...what } = body;
    const sent = `${person} sent ${id}`;
    const underWay = `${person} wants ${JSON.stringify(what)}`;
    const earlier = handled.get(sent) ?? handled.get(underWay);
    if (earlier) return earlier;
    const reply = within(answerSeconds, handle(), slow).catch((error: unknown) => {
      log.error({ error, person }, 'console could not handle what somebody pressed or typed');
      return privately(broken);
    });
    handled.set(sent, reply);
    handled.set(underWay, reply);
    void reply.then(() => handled.delete(underWay));
    for (const oldest of handled.keys()) {
      if (handled.size <= mostHandled) break;
      handled.delete(oldest);
    }
    return reply;
  }

  async function privately(answer: Answer): Promise<Reply> {
    for (const part of answer?.parts ?? []) if (part.kind === 'image') whisper(part.png);
    if (!answer) return {};
    return {
      answer: await asText(renderPrivate(`private-${randomBytes(6).toString('base64url')}`, answer, sight())),
      says: answer.summary,
    };
  }

  function slow(): Promise<Reply> {
    return privately(note('This takes longer than usual. It goes on; its result will appear in the room.'));
  }
}

type Known = { Variables: { session: Session; reader: Reader } };
/** `form`: to be filled in. `wrong`: by field, what is wrong with it. `answer`: for the eyes of this person only. */
type Reply = { form?: string; wrong?: Record<string, string>; answer?: string; says?: string };

const answerSeconds = 60;
const mostHandled = 100;

const idSchema = z.string().regex(/^[\w.:-]{1,64}$/);
const pressSchema = z.object({
  id: idSchema,
  button: idSchema,
  message: idSchema,
  values: z.record(z.string().max(100), z.string().max(8000)).optional(),
});
const commandSchema = z.object({ id: idSchema, text: z.string().max(500) });
const demoSchema = z.union([
  z.object({ do: z.enum(['pause', 'resume']) }),
  z.object({ do: z.literal('speed'), speed: z.number().positive().max(100_000) }),
]);
const loginSchema = z.object({ person: z.string(), token: z.string().max(100) });

const note = (text: string): Message => ({ summary: text.slice(0, 110), parts: [{ kind: 'text', text }] });
const broken = note(
  'This did not work, and as far as can be told nothing was done. Look at the card before you press again; the log says why.',
);

const chatUser = (reader: Reader): ChatUser => ({ platform: 'console', user: reader.id, space: 'console', name: reader.name });

async function parse<T>(c: Context<Known>, schema: z.ZodType<T>): Promise<T | undefined> {
  if (!c.req.header('content-type')?.startsWith('application/json')) return undefined;
  const body: unknown = await c.req.json().catch(() => undefined);
  return schema.safeParse(body).data;
}

const unreadable = (c: Context<Known>) => c.text('This could not be understood. Reload the page and press again.\n', 400);

async function page(c: Context<Known>, content: Html, status: 200 | 401 | 410 = 200) {
  return c.html(await asText(content), status);
}

const asText = async (content: Html): Promise<string> => String(await content);
const text = (file: Buffer | undefined): string => file?.toString('utf8') ?? '';

async function readFiles(): Promise<Record<string, Buffer>> {
  const folder = new URL('./page/', import.meta.url);
  const wanted = ['console.js', 'console.css', 'icon.svg'];
  return Object.fromEntries(await Promise.all(wanted.map(async (name) => [name, await readFile(new URL(name, folder))] as const)));
}

function open(app: Hono<Known>, listen: { host: string; port: number }): Promise<Server> {
  const server = createAdaptorServer({ fetch: app.fetch, hostname: listen.host }) as Server;
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program uses that port' : (cause.code ?? cause.message);
      reject(new OutsideError(`The web console cannot listen on ${listen.host}:${listen.port}: ${why}.`, false, { cause }));
    });
    server.listen(listen.port, listen.host, () => resolve(server));
  });
}

/** What `work` gives, or what `late` gives when it takes longer than so many real seconds; the work itself goes on. */
async function within<T>(seconds: number, work: Promise<T>, late: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const alarm = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), seconds * 1000);
  });
  try {
    const first = await Promise.race([work.then((value) => ({ value })), alarm]);
    return first === 'late' ? await late() : first.value;
  } finally {
    clearTimeout(timer);
  }
}
