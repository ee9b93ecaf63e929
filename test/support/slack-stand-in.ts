/**
 * A stand-in of Slack: the documented methods over HTTP, Socket Mode over WebSocket, the documented limits. It keeps what people would see
 * and lets a test press, type, cut lines and make methods fail.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Block = Record<string, unknown> & { type: string };
export type SlackMessage = { ts: string; channel: string; thread?: string; text: string; blocks: Block[]; changes: number };
export type Whisper = { channel: string; user: string; thread?: string; text: string; blocks: Block[]; by: 'token' | 'address' };
/** How a method misbehaves: an error word, an HTTP status with headers, or no answer at all. */
export type Fault = { error: string } | { status: number; headers?: Record<string, string> } | { hang: true } | { reset: true };

export type SlackStandIn = Awaited<ReturnType<typeof slackStandIn>>;

export async function slackStandIn(
  known: { botToken?: string; appToken?: string; room?: string; team?: string; path?: string; without?: string[] } = {},
) {
  const botToken = known.botToken ?? 'xoxb-1-made-up';
  const appToken = known.appToken ?? 'xapp-1-made-up';
  const room = known.room ?? 'C0ROOM';
  const team = known.team ?? 'T0TEAM';
  const path = known.path ?? '/api/';
  const messages: SlackMessage[] = [];
  const whispers: Whisper[] = [];
  const views: Record<string, unknown>[] = [];
  const files: { id: string; bytes: number; done: boolean }[] = [];
  const calls: { method: string; body: Record<string, unknown> }[] = [];
  const faults = new Map<string, Fault[]>();
  const sockets = new Set<WebSocket>();
  const waitingForAck = new Map<string, () => void>();
  const revoked = new Set<string>();
  let counter = 0;

  const server = createServer((request, response) => void serve(request, response));
  const gateway = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => gateway.handleUpgrade(request, socket, head, welcome));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    apiUrl: origin + path,
    botToken,
    appToken,
    room,
    team,
    messages,
    whispers,
    views,
    files,
    calls,
    connections: () => sockets.size,
    /** The next calls of a method go wrong, one fault each. */
    fail: (method: string, ...next: Fault[]) => faults.set(method, [...(faults.get(method) ?? []), ...next]),
    revoke: (token: string) => revoked.add(token),
    allow: (token: string) => revoked.delete(token),
    /** Cuts every line without a goodbye. */
    drop: () => {
      for (const socket of sockets) socket.terminate();
    },
    /** The lines stay up, but nothing is read or answered on them any more. */
    stall: () => {
      for (const socket of sockets) socket.pause();
    },
    /** Slack asks to reconnect, as it does every few hours. */
    refresh: () => {
      for (const socket of sockets) socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    },
    press: (press: {
      message: { ts: string; channel: string; thread?: string };
      button: string;
      user: string;
      team?: string;
      envelope?: string;
      at?: string;
    }) =>
      deliver(press.envelope, 'interactive', {
        type: 'block_actions',
        user: { id: press.user, username: press.user.toLowerCase(), team_id: press.team ?? team },
        team: { id: team, domain: 'example' },
        api_app_id: 'A0APP',
        trigger_id: `trigger.${press.at ?? ++counter}`,
        response_url: `${origin}/respond/${press.message.channel}/${press.user}`,
        container: { type: 'message', message_ts: press.message.ts, channel_id: press.message.channel, is_ephemeral: false },
        channel: { id: press.message.channel, name: 'alerts' },
        message: { type: 'message', ts: press.message.ts, ...(press.message.thread ? { thread_ts: press.message.thread } : {}) },
        actions: [
          { type: 'button', action_id: press.button, block_id: 'b', value: press.button, action_ts: press.at ?? `${++counter}.000100` },
        ],
      }),
    submit: (submit: { view: Record<string, unknown>; values: Record<string, string>; user: string; team?: string }) =>
      deliver(undefined, 'interactive', {
        type: 'view_submission',
        user: { id: submit.user, username: submit.user.toLowerCase(), team_id: submit.team ?? team },
        team: { id: team, domain: 'example' },
        api_app_id: 'A0APP',
        trigger_id: `trigger.${++counter}`,
        view: { ...submit.view, id: `V${++counter}`, state: { values: stateOf(submit.view, submit.values) } },
      }),
    command: (command: { text: string; user: string; team?: string; channel?: string; withoutAddress?: boolean }) =>
      deliver(undefined, 'slash_commands', {
        command: '/warden',
        text: command.text,
        user_id: command.user,
        user_name: command.user.toLowerCase(),
        team_id: command.team ?? team,
        channel_id: command.channel ?? room,
        trigger_id: `trigger.${++counter}`,
        api_app_id: 'A0APP',
        ...(command.withoutAddress ? {} : { response_url: `${origin}/respond/${command.channel ?? room}/${command.user}` }),
      }),
    async stop() {
      for (const socket of sockets) socket.terminate();
      gateway.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };

  /** Sends an envelope down the line; resolves when it was acknowledged. */
  function deliver(envelope: string | undefined, type: string, payload: unknown): Promise<void> {
    const id = envelope ?? `envelope-${++counter}`;
    return new Promise((resolve, reject) => {
      const socket = [...sockets].at(-1);
      if (!socket) return reject(new Error('nobody is connected'));
      waitingForAck.set(id, resolve);
      socket.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: true }));
    });
  }

  function welcome(socket: WebSocket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => {
      const said = JSON.parse(String(data)) as { envelope_id?: string };
      waitingForAck.get(said.envelope_id ?? '')?.();
    });
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0APP' } }));
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', origin);
    const answer = (body: unknown, status = 200, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (url.pathname.startsWith('/upload/')) {
      const file = files.find((candidate) => candidate.id === url.pathname.slice(8));
      if (file) file.bytes = raw.byteLength;
      return answer({ ok: true });
    }
    if (url.pathname.startsWith('/respond/')) {
      const [, , channel = '', user = ''] = url.pathname.split('/');
      const body = JSON.parse(raw.toString()) as { text: string; blocks?: Block[] };
      whispers.push({ channel, user, text: body.text, blocks: body.blocks ?? [], by: 'address' });
      return answer({ ok: true });
    }
    if (!url.pathname.startsWith(path)) return answer({ ok: false, error: 'not here' }, 404);
    const method = url.pathname.slice(path.length);
    const fault = faults.get(method)?.shift();
    if (fault && 'hang' in fault) return;
    if (fault && 'reset' in fault) return void request.socket.destroy();
    if (fault && 'status' in fault) return answer({}, fault.status, fault.headers);
    if (fault) return answer({ ok: false, error: fault.error });
    const body = Object.fromEntries([...new URLSearchParams(raw.toString())].map(([key, value]) => [key, unpacked(key, value)]));
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    calls.push({ method, body });
    answer(perform(method, body, token));
  }

  function perform(method: string, body: Record<string, unknown>, token: string): Record<string, unknown> {
    if (known.without?.includes(method)) return { ok: false, error: 'unknown_method' };
    const wanted = method === 'apps.connections.open' ? appToken : botToken;
    if (revoked.has(token)) return { ok: false, error: 'token_revoked' };
    if (token !== wanted) return { ok: false, error: 'invalid_auth' };
    const text = String(body.text ?? '');
    const blocks = (body.blocks ?? []) as Block[];
    const channel = String(body.channel ?? '');
    switch (method) {
      case 'auth.test':
        return { ok: true, team_id: team, user_id: 'U0BOT', bot_id: 'B0BOT', user: 'cloudwarden', team: 'Example', url: `${origin}/` };
      case 'apps.connections.open':
        return { ok: true, url: `${origin.replace('http', 'ws')}/link/?ticket=${++counter}` };
      case 'chat.postMessage': {
        if (channel !== room) return { ok: false, error: 'channel_not_found' };
        const problem = slackProblems({ text, blocks })[0];
        if (problem) return { ok: false, error: 'invalid_blocks', problem };
        const ts = `${1_800_000_000 + ++counter}.000100`;
        messages.push({ ts, channel, text, blocks, changes: 0, ...(body.thread_ts ? { thread: String(body.thread_ts) } : {}) });
        return { ok: true, channel, ts, message: { text, ts } };
      }
      case 'chat.update': {
        const message = messages.find((candidate) => candidate.ts === body.ts && candidate.channel === channel);
        if (!message) return { ok: false, error: 'message_not_found' };
        const problem = slackProblems({ text, blocks })[0];
        if (problem) return { ok: false, error: 'invalid_blocks', problem };
        Object.assign(message, { text, blocks, changes: message.changes + 1 });
        return { ok: true, channel, ts: message.ts, text };
      }
      case 'chat.postEphemeral': {
        if (channel !== room) return { ok: false, error: 'channel_not_found' };
        const problem = slackProblems({ text, blocks })[0];
        if (problem) return { ok: false, error: 'invalid_blocks', problem };
        whispers.push({
          channel,
          user: String(body.user),
          text,
          blocks,
          by: 'token',
          ...(body.thread_ts ? { thread: String(body.thread_ts) } : {}),
        });
        return { ok: true, message_ts: `${++counter}.0` };
      }
      case 'views.open':
        if (!body.trigger_id) return { ok: false, error: 'invalid_arguments' };
        views.push(body.view as Record<string, unknown>);
        return { ok: true, view: { id: `V${++counter}` } };
      case 'files.getUploadURLExternal': {
        const id = `F${++counter}`;
        files.push({ id, bytes: 0, done: false });
        return { ok: true, upload_url: `${origin}/upload/${id}`, file_id: id };
      }
      case 'files.completeUploadExternal':
        for (const { id } of body.files as { id: string }[]) for (const file of files) if (file.id === id) file.done = true;
        return { ok: true, files: body.files };
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }
}

const unpacked = (key: string, value: string): unknown => (['blocks', 'view', 'files'].includes(key) ? JSON.parse(value) : value);

/** Every word of blocks that people read or that Slack interprets. */
export function wordsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'text' || key === 'alt_text') && typeof inner === 'string' ? [inner] : wordsOf(inner),
  );
}

/** What Slack would refuse, by its documented limits and the known cap over all blocks. */
export function slackProblems(message: { text: string; blocks: Block[] }): string[] {
  const problems: string[] = [];
  const check = (fine: boolean, problem: string) => void (fine || problems.push(problem));
  check(message.text !== '' || message.blocks.length > 0, 'nothing to show');
  check(message.text.length <= 40_000, 'text over 40,000');
  check(message.blocks.length <= 50, 'over 50 blocks');
  check(wordsOf(message.blocks).join('').length <= 13_000, 'over 13,000 characters');
  for (const block of message.blocks) {
    const text = (block.text as { text?: string } | undefined)?.text ?? '';
    const elements = (block.elements ?? []) as Record<string, unknown>[];
    switch (block.type) {
      case 'section':
        check(text.length >= 1 && text.length <= 3_000, `section of ${text.length}`);
        break;
      case 'header':
        check(text.length >= 1 && text.length <= 150, `header of ${text.length}`);
        break;
      case 'context':
        check(elements.length >= 1 && elements.length <= 10, `context of ${elements.length}`);
        for (const element of elements) check(String(element.text).length >= 1 && String(element.text).length <= 3_000, 'context text');
        break;
      case 'actions':
        check(elements.length >= 1 && elements.length <= 25, `actions of ${elements.length}`);
        check(new Set(elements.map((element) => element.action_id)).size === elements.length, 'action id twice');
        for (const element of elements) {
          const label = (element.text as { text: string }).text;
          check(label.length >= 1 && label.length <= 75, `button of ${label.length}`);
          check(String(element.action_id).length >= 1 && String(element.action_id).length <= 255, 'action id');
          check(element.style === undefined || element.style === 'primary' || element.style === 'danger', 'button style');
        }
        break;
      case 'image':
        check(String(block.alt_text).length >= 1 && String(block.alt_text).length <= 2_000, 'alt text');
        break;
      default:
        problems.push(`unknown block ${block.type}`);
    }
  }
  return problems;
}

/** A submission's state, shaped by the inputs of the modal that was opened. */
function stateOf(view: Record<string, unknown>, values: Record<string, string>): unknown {
  const inputs = (view.blocks as Block[]).filter((block) => block.type === 'input');
  return Object.fromEntries(
    inputs.map((block) => {
      const element = block.element as { type: string; action_id: string };
      const value = values[String(block.block_id)] ?? null;
      const state = element.type === 'static_select' ? { selected_option: value === null ? null : { value } } : { value };
      return [block.block_id, { [element.action_id]: { type: element.type, ...state } }];
    }),
  );
}
