/**
 * A stand-in of Discord: the documented paths over HTTP, the gateway over WebSocket, the documented limits. It keeps what people would see
 * and lets a test press, type, cut lines and make paths fail.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Loose = Record<string, unknown>;
export type DiscordMessage = { id: string; channel: string; body: Loose; files: number; changes: number; inThread: boolean };
/** How a request that fits goes wrong. */
export type Fault = { status: number; code?: number; headers?: Record<string, string> } | { hang: true } | { reset: true };
export type DiscordStandIn = Awaited<ReturnType<typeof discordStandIn>>;

export async function discordStandIn(known: { path?: string; without?: 'threads' | 'commands'; bare?: boolean } = {}) {
  const token = 'made.up.token';
  const guild = '200000000000000001';
  const room = '300000000000000001';
  const application = '400000000000000001';
  const path = known.path ?? '/api';
  const messages: DiscordMessage[] = [];
  const threads = new Map<string, { name: string; parent: string }>();
  const whispers: { user: string; body: Loose }[] = [];
  const modals: { user: string; data: Loose; message: Loose; channel: string }[] = [];
  const commands: Loose[] = [];
  const calls: { method: string; path: string; body: Loose }[] = [];
  const faults: { fits: RegExp; fault: Fault }[] = [];
  const sockets = new Set<WebSocket>();
  const tokens = new Map<string, { user: string; message?: Loose; channel: string; acknowledged?: () => void; type?: number }>();
  const nonces = new Map<string, DiscordMessage>();
  let accepts = token;
  let counter = 0;
  let sequence = 0;

  const server = createServer((request, response) => void serve(request, response));
  const gateway = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head, welcome));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const newId = () => `50000000000000${String(++counter).padStart(4, '0')}`;

  return {
    origin,
    apiUrl: origin + path,
    token,
    guild,
    room,
    messages,
    threads,
    whispers,
    modals,
    commands,
    calls,
    connections: () => sockets.size,
    /** The next request whose "METHOD /path" fits goes wrong. */
    fail: (fits: RegExp, ...next: Fault[]) => void faults.push(...next.map((fault) => ({ fits, fault }))),
    /** From now on another token is the good one. */
    changeToken: (to: string) => {
      accepts = to;
    },
    drop: () => {
      for (const socket of sockets) socket.terminate();
    },
    close: (code: number) => {
      for (const socket of sockets) socket.close(code);
    },
    /** A thread that somebody began from a message before. */
    beginThread: (message: string) => threads.set(message, { name: 'begun before', parent: room }),
    press: (press: {
      id?: string;
      message: { id: string; channel: string };
      button: string;
      user: string;
      guild?: string | null;
      bot?: boolean;
    }) => interact(press, 3, { custom_id: press.button, component_type: 2 }, { id: press.message.id, channel_id: press.message.channel }),
    submit: (submit: { user: string; values: Record<string, string>; guild?: string }) => {
      const modal = modals.findLast(({ user }) => user === submit.user)!;
      const components = (modal.data.components as { component: { type: number; custom_id: string } }[]).map(({ component }) => ({
        type: 18,
        component: {
          type: component.type,
          custom_id: component.custom_id,
          ...(component.type === 3
            ? { values: [submit.values[component.custom_id]] }
            : { value: submit.values[component.custom_id] ?? '' }),
        },
      }));
      const place = { ...submit, message: { channel: modal.channel } };
      return interact(place, 5, { custom_id: modal.data.custom_id, components }, modal.message);
    },
    command: (command: { user: string; text: string; guild?: string; subcommand?: boolean }) =>
      interact({ ...command, message: { channel: room } }, 2, {
        id: '1',
        name: 'warden',
        type: 1,
        options: command.subcommand
          ? [{ name: command.text, type: 1, options: [] }]
          : command.text === ''
            ? []
            : [{ name: 'command', type: 3, value: command.text }],
      }),
    async stop() {
      for (const socket of sockets) socket.terminate();
      gateway.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };

  /** Sends an interaction down the gateway; resolves with the type of its first answer. */
  function interact(
    by: { id?: string; user: string; guild?: string | null; bot?: boolean; message: { channel: string } },
    type: number,
    data: Loose,
    message?: Loose,
  ): Promise<number | undefined> {
    const id = by.id ?? newId();
    const secret = `answer-${id}`;
    const user = {
      id: by.user,
      username: `user${by.user}`,
      global_name: null,
      discriminator: '0',
      avatar: null,
      ...(by.bot ? { bot: true } : {}),
    };
    const from = by.guild === null ? undefined : (by.guild ?? guild);
    const full = {
      entitlements: [],
      authorizing_integration_owners: {},
      channel: { id: by.message.channel, type: 0 },
      locale: 'en-US',
      app_permissions: '0',
      attachment_size_limit: 1,
    };
    const payload = {
      id,
      application_id: application,
      type,
      token: secret,
      version: 1,
      data,
      channel_id: by.message.channel,
      ...(known.bare ? {} : full),
      ...(from
        ? {
            guild_id: from,
            member: { user, roles: [], joined_at: '2026-01-01T00:00:00Z', deaf: false, mute: false, permissions: '0', flags: 0 },
          }
        : { user }),
      ...(message
        ? {
            message: {
              ...message,
              ...(known.bare
                ? {}
                : {
                    author: user,
                    content: '',
                    embeds: [],
                    attachments: [],
                    components: [],
                    mentions: [],
                    mention_roles: [],
                    timestamp: '2026-11-23T14:02:00Z',
                    type: 0,
                  }),
            },
          }
        : {}),
    };
    return new Promise((resolve, reject) => {
      const socket = [...sockets].at(-1);
      if (!socket) return reject(new Error('nobody is connected'));
      const before = tokens.get(secret);
      const talk = { user: by.user, channel: by.message.channel, ...(message ? { message } : {}) };
      if (before) resolve(before.type);
      else tokens.set(secret, { ...talk, acknowledged: () => resolve(tokens.get(secret)?.type) });
      if (by.bot) resolve(undefined);
      socket.send(JSON.stringify({ op: 0, t: 'INTERACTION_CREATE', s: ++sequence, d: payload }));
    });
  }

  function welcome(socket: WebSocket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (raw) => {
      const said = JSON.parse(String(raw)) as { op: number; d: { token?: string } };
      if (said.op === 1) return socket.send(JSON.stringify({ op: 11 }));
      if (said.op === 6) return socket.send(JSON.stringify({ op: 0, t: 'RESUMED', s: ++sequence, d: {} }));
      if (said.op !== 2) return;
      if (said.d.token !== accepts) return socket.close(4004);
      const user = { id: application, username: 'cloudwarden', discriminator: '0', avatar: null, bot: true };
      const d = {
        v: 10,
        user,
        guilds: [{ id: guild, unavailable: true }],
        session_id: 'session',
        resume_gateway_url: origin.replace('http', 'ws'),
        application: { id: application, flags: 0 },
      };
      socket.send(JSON.stringify({ op: 0, t: 'READY', s: ++sequence, d }));
    });
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 45_000 } }));
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', origin);
    const answer = (status: number, body?: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, body === undefined ? headers : { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const prefix = `${path}/v10`;
    if (!url.pathname.startsWith(prefix)) return answer(404, { message: '404: Not Found', code: 0 });
    const route = url.pathname.slice(prefix.length);
    const { body, files } = await bodyOf(raw, request.headers['content-type'] ?? '');
    calls.push({ method: request.method ?? '', path: route, body });
    const at = faults.findIndex(({ fits }) => fits.test(`${request.method} ${route}`));
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (fault && 'hang' in fault) return;
    if (fault && 'reset' in fault) return void request.socket.destroy();
    if (fault) {
      const retryAfter = Number(fault.headers?.['retry-after'] ?? 0);
      return answer(
        fault.status,
        { message: 'made to fail', code: fault.code ?? 0, retry_after: retryAfter, global: false },
        fault.headers,
      );
    }
    const isOpen = route.startsWith('/interactions/') || route.startsWith('/webhooks/');
    if (!isOpen && request.headers.authorization !== `Bot ${accepts}`) return answer(401, { message: '401: Unauthorized', code: 0 });
    perform(request.method ?? '', route.slice(1).split('/'), body, files, answer);
  }

  function perform(method: string, parts: string[], body: Loose, files: number, answer: (status: number, body?: unknown) => void): unknown {
    const [kind, first = '', second = '', third = '', fourth = ''] = parts;
    const refuse = (problems: string[]) => answer(400, { message: `Invalid Form Body: ${problems[0]}`, code: 50_035 });
    if (kind === 'gateway') {
      return answer(200, {
        url: origin.replace('http', 'ws'),
        shards: 1,
        session_start_limit: { total: 1_000, remaining: 999, reset_after: 0, max_concurrency: 1 },
      });
    }
    if (kind === 'applications' && method === 'PUT') {
      if (known.without === 'commands') return answer(403, { message: 'Missing Access', code: 50_001 });
      commands.splice(0, commands.length, ...(body as unknown as Loose[]));
      return answer(200, body);
    }
    if (kind === 'channels' && fourth === 'threads') {
      if (known.without === 'threads') return answer(403, { message: 'Missing Permissions', code: 50_013 });
      if (threads.has(third)) return answer(400, { message: 'A thread has already been created for this message', code: 160_004 });
      threads.set(third, { name: String(body.name), parent: first });
      return answer(201, { id: third, type: 11, name: body.name });
    }
    if (kind === 'channels' && second === 'messages') {
      if (first !== room && !threads.has(first)) return answer(404, { message: 'Unknown Channel', code: 10_003 });
      const problems = discordProblems(body);
      if (problems.length > 0) return refuse(problems);
      if (method === 'POST') {
        const twin = body.enforce_nonce ? nonces.get(String(body.nonce)) : undefined;
        if (twin) return answer(200, { id: twin.id, channel_id: twin.channel });
        const message = { id: newId(), channel: first, body, files, changes: 0, inThread: threads.has(first) };
        messages.push(message);
        if (body.nonce) nonces.set(String(body.nonce), message);
        return answer(200, { id: message.id, channel_id: first });
      }
      const message = messages.find((candidate) => candidate.id === third && candidate.channel === first);
      if (!message) return answer(404, { message: 'Unknown Message', code: 10_008 });
      Object.assign(message, { body: { ...message.body, ...body }, files, changes: message.changes + 1 });
      return answer(200, { id: message.id, channel_id: first });
    }
    if (kind === 'interactions') {
      const talk = tokens.get(second);
      if (!talk) return answer(404, { message: 'Unknown interaction', code: 10_062 });
      if (talk.type !== undefined) return answer(400, { message: 'Interaction has already been acknowledged.', code: 40_060 });
      talk.type = Number(body.type);
      if (talk.type === 9) {
        const problems = modalProblems(body.data as Loose);
        if (problems.length > 0) return refuse(problems);
        modals.push({ user: talk.user, data: body.data as Loose, message: talk.message ?? {}, channel: talk.channel });
      }
      talk.acknowledged?.();
      return answer(204);
    }
    if (kind === 'webhooks') {
      const talk = tokens.get(second);
      if (!talk) return answer(404, { message: 'Unknown Webhook', code: 10_015 });
      const problems = discordProblems(body);
      if (problems.length > 0) return refuse(problems);
      const isPrivate = method === 'PATCH' ? talk.type === 5 : (Number(body.flags) & 64) === 64;
      if (isPrivate) whispers.push({ user: talk.user, body });
      else messages.push({ id: newId(), channel: talk.channel, body, files, changes: 0, inThread: false });
      return answer(200, { id: newId(), channel_id: talk.channel });
    }
    return answer(404, { message: '404: Not Found', code: 0 });
  }
}

async function bodyOf(raw: Buffer, type: string): Promise<{ body: Loose; files: number }> {
  if (raw.length === 0) return { body: {}, files: 0 };
  if (!type.startsWith('multipart/')) return { body: JSON.parse(raw.toString()) as Loose, files: 0 };
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
  const files = [...form.keys()].filter((key) => key.startsWith('files[')).length;
  return { body: JSON.parse(String(form.get('payload_json'))) as Loose, files };
}

type Embed = { title?: string; description?: string; fields?: { name: string; value: string }[]; image?: { url: string } };
type Row = { type: number; components: { type: number; custom_id: string; label: string; style: number }[] };

/** Every word of a message that people read. */
export function wordsOf(body: Loose): string[] {
  const embeds = (body.embeds ?? []) as Embed[];
  const attachments = (body.attachments ?? []) as { description?: string }[];
  return [
    String(body.content ?? ''),
    ...embeds.flatMap(({ title = '', description = '' }) => [title, description]),
    ...attachments.map(({ description = '' }) => description),
  ];
}
export const buttonsOf = (body: Loose): string[] =>
  ((body.components ?? []) as Row[]).flatMap(({ components }) => components.map(({ label }) => label));

/** What Discord would refuse, by its documented limits. */
export function discordProblems(body: Loose): string[] {
  const problems: string[] = [];
  const check = (fine: boolean, problem: string) => void (fine || problems.push(problem));
  const content = String(body.content ?? '');
  const embeds = (body.embeds ?? []) as Embed[];
  const rows = (body.components ?? []) as Row[];
  check(content !== '' || embeds.length > 0, 'empty message');
  check(content.length <= 2_000, `content of ${content.length}`);
  check(embeds.length <= 10, `${embeds.length} embeds`);
  check(embeds.flatMap(({ title = '', description = '' }) => [title, description]).join('').length <= 6_000, 'embeds over 6,000');
  for (const { title, description, image } of embeds) {
    check(title === undefined || (title.length >= 1 && title.length <= 256), `title of ${title?.length}`);
    check(description === undefined || (description.length >= 1 && description.length <= 4_096), `description of ${description?.length}`);
    check(Boolean(title || description || image), 'empty embed');
  }
  check(rows.length <= 5, `${rows.length} rows`);
  const ids = rows.flatMap(({ components }) => components.map(({ custom_id }) => custom_id));
  check(new Set(ids).size === ids.length, 'custom id twice');
  for (const { components } of rows) {
    check(components.length >= 1 && components.length <= 5, `row of ${components.length}`);
    for (const { custom_id, label } of components) {
      check(custom_id.length >= 1 && custom_id.length <= 100, 'custom id');
      check(label.length >= 1 && label.length <= 80, `label of ${label.length}`);
    }
  }
  for (const { description = '' } of (body.attachments ?? []) as { description?: string }[])
    check(description.length <= 1_024, 'attachment description');
  if (body.nonce !== undefined) check(String(body.nonce).length <= 25, 'nonce');
  return problems;
}

export function modalProblems(modal: Loose): string[] {
  const problems: string[] = [];
  const check = (fine: boolean, problem: string) => void (fine || problems.push(problem));
  const labels = modal.components as { type: number; label: string; description?: string; component: Loose }[];
  check(String(modal.title).length >= 1 && String(modal.title).length <= 45, 'modal title');
  check(String(modal.custom_id).length <= 100, 'modal id');
  check(labels.length >= 1 && labels.length <= 5, `${labels.length} fields`);
  for (const { type, label, description = '', component } of labels) {
    check(type === 18, 'field without label');
    check(label.length >= 1 && label.length <= 45, `label of ${label.length}`);
    check(description.length <= 100, `description of ${description.length}`);
    const choices = (component.options ?? []) as { label: string; value: string }[];
    check(choices.length <= 25 && choices.every((choice) => choice.label.length <= 100 && choice.value.length <= 100), 'choices');
  }
  return problems;
}
