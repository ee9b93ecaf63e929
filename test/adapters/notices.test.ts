import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createNotices } from '../../src/adapters/notices.ts';
import { OutsideError } from '../../src/bot/ports.ts';

type Heard = { method: string; path: string; type: string | undefined; body: string };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
const folder = mkdtempSync(join(tmpdir(), 'notices-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A webhook on loopback; `answer` decides what it says. */
async function webhook(answer: (response: ServerResponse) => void = (response) => response.end('ok')) {
  const heard: Heard[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      heard.push({ method: request.method ?? '', path: request.url ?? '', type: request.headers['content-type'], body });
      answer(response);
    });
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/not-a-real-key-0123` };
}
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('no');
const alarm = { incident: 'INC-42', severity: 'critical', summary: 'CRITICAL $79/h: stolen key starts miners', usdPerHour: 79.41 };

/** What went wrong, as the caller gets it. */
async function failure(work: Promise<void>): Promise<OutsideError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OutsideError);
  return error as OutsideError;
}

describe('the pager', () => {
  it('gets what happened as JSON', async () => {
    const { url, heard } = await webhook();

    await createNotices({ pageUrl: url }).page(alarm);

    expect(heard).toEqual([{ method: 'POST', path: '/hooks/not-a-real-key-0123', type: 'application/json', body: JSON.stringify(alarm) }]);
  });

  it.each([
    [500, true],
    [503, true],
    [429, true],
    [408, true],
    [400, false],
    [401, false],
    [404, false],
  ])('that answers %i is an error outside; trying again helps: %s', async (code, again) => {
    const { url } = await webhook(status(code));

    const error = await failure(createNotices({ pageUrl: url }).page(alarm));

    expect(error).toMatchObject({ message: `the pager answered ${code}`, again });
  });

  it('may say how long to wait, up to an hour', async () => {
    const { url } = await webhook(status(429, { 'retry-after': '30' }));
    const slow = await webhook(status(503, { 'retry-after': '86400' }));

    expect(await failure(createNotices({ pageUrl: url }).page(alarm))).toMatchObject({ again: true, retryAfterSeconds: 30 });
    expect(await failure(createNotices({ pageUrl: slow.url }).page(alarm))).toMatchObject({ retryAfterSeconds: 3600 });
  });

  it('that never answers is given up', async () => {
    const { url } = await webhook(() => undefined);

    const error = await failure(createNotices({ pageUrl: url, patienceSeconds: 0.05 }).page(alarm));

    expect(error).toMatchObject({ message: 'the pager did not answer in time', again: true });
  });

  it('that is not there, or hangs up, is an error outside, and no error names its address', async () => {
    const gone = await webhook();
    await new Promise((closed) => servers.pop()?.close(closed));
    const rude = await webhook((response) => response.destroy());

    const errors = [
      await failure(createNotices({ pageUrl: gone.url }).page(alarm)),
      await failure(createNotices({ pageUrl: rude.url }).page(alarm)),
      await failure(createNotices({ pageUrl: 'http://[not-a-real-key-0123' }).page(alarm)),
    ];

    expect(errors[0]?.message).toBe('the pager could not be reached (ECONNREFUSED)');
    for (const error of errors) {
      expect(error.again).toBe(true);
      expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('not-a-real-key');
    }
  });

  it('that is not configured is silently done', async () => {
    const nobody = createNotices({});

    await expect(Promise.all([nobody.page(alarm), nobody.heartbeat(), nobody.finding({ key: 'a' })])).resolves.toBeDefined();
  });
});

describe('the heartbeat', () => {
  it('is one plain request', async () => {
    const { url, heard } = await webhook();

    await createNotices({ heartbeatUrl: url }).heartbeat();

    expect(heard).toEqual([{ method: 'GET', path: '/hooks/not-a-real-key-0123', type: undefined, body: '' }]);
  });

  it('that is refused says so', async () => {
    const { url } = await webhook(status(404));

    expect(await failure(createNotices({ heartbeatUrl: url }).heartbeat())).toMatchObject({
      message: 'the heartbeat address answered 404',
    });
  });
});

describe('findings', () => {
  const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

  it('are appended one JSON object a line, never mixed, in the order in which they were told', async () => {
    const file = join(folder, 'many.ndjson');
    const notices = createNotices({ findingsFile: file });
    const told = Array.from({ length: 200 }, (_, number) => ({ number, title: `line\nbreak ${'x'.repeat(number * 50)}` }));

    await Promise.all(told.map((one) => notices.finding(one)));

    expect(lines(file).map((line) => JSON.parse(line) as object)).toEqual(told);
  });

  it('begin on a line of their own after a process was killed while writing', async () => {
    const file = join(folder, 'torn.ndjson');
    writeFileSync(file, '{"key":"a"}\n{"key":"half');

    await createNotices({ findingsFile: file }).finding({ key: 'b' });

    expect(lines(file)).toEqual(['{"key":"a"}', '{"key":"half', '{"key":"b"}']);
  });

  it('go to the webhook too, and to each of the two when the other fails', async () => {
    const { url, heard } = await webhook();
    const file = join(folder, 'both.ndjson');
    const refusing = await webhook(status(500));

    await createNotices({ findingsFile: file, findingsUrl: url }).finding({ key: 'a' });
    const noFile = await failure(createNotices({ findingsFile: folder, findingsUrl: url }).finding({ key: 'b' }));
    const noWebhook = await failure(createNotices({ findingsFile: file, findingsUrl: refusing.url }).finding({ key: 'c' }));

    expect(noFile).toMatchObject({ message: 'the findings file could not be written (EISDIR)', again: true });
    expect(noWebhook).toMatchObject({ message: 'the findings webhook answered 500', again: true });
    expect(heard.map(({ body }) => body)).toEqual(['{"key":"a"}', '{"key":"b"}']);
    expect(lines(file)).toEqual(['{"key":"a"}', '{"key":"c"}']);
  });

  it('go on after one could not be written', async () => {
    const file = join(folder, 'later', 'findings.ndjson');
    const notices = createNotices({ findingsFile: file });
    expect(await failure(notices.finding({ key: 'a' }))).toMatchObject({ message: 'the findings file could not be written (ENOENT)' });

    const here = createNotices({ findingsFile: join(folder, 'later.ndjson') });
    await Promise.all([here.finding({ key: 'b' }), failure(notices.finding({ key: 'c' })), here.finding({ key: 'd' })]);

    expect(lines(join(folder, 'later.ndjson'))).toEqual(['{"key":"b"}', '{"key":"d"}']);
  });
});
