import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ops, type State, startOps } from '../../src/adapters/ops.ts';

const doors: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const door of doors.splice(0)) await door.stop();
});

type Options = Partial<Parameters<typeof startOps>[0]>;
const fine: State = { ready: true, why: [], troubles: [] };

async function open(options: Options = {}): Promise<Ops> {
  const ops = await startOps({ host: '127.0.0.1', port: 0, ready: async () => fine, ...options });
  doors.push(ops);
  return ops;
}
const ask = async (url: string) => {
  const response = await fetch(url);
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
};

describe('the ops port', () => {
  it('says that the process lives', async () => {
    const { url } = await open({ ready: async () => ({ ...fine, ready: false }) });

    expect(await ask(`${url}/healthz`)).toEqual({ status: 200, body: 'ok\n' });
  });

  it('says that it works, or why it does not', async () => {
    const ready: State = { ready: true, why: [], troubles: ['Discord: no answer in time'] };
    const waiting: State = { ready: false, why: ['the first look is not done'], troubles: [] };
    let state = ready;
    const { url } = await open({ ready: async () => state });

    expect(await ask(`${url}/readyz`)).toEqual({ status: 200, body: ready });
    state = waiting;
    expect(await ask(`${url}/readyz`)).toEqual({ status: 503, body: waiting });
  });

  it('is not ready when its state cannot be read, or not in time', async () => {
    const broken = await open({ ready: () => Promise.reject(new Error('the database is gone, password=hunter2')) });
    const hung = await open({ ready: () => new Promise(() => {}), patienceSeconds: 0.05 });

    expect(await ask(`${broken.url}/readyz`)).toEqual({
      status: 503,
      body: { ready: false, why: ['the state could not be read'], troubles: [] },
    });
    expect(await ask(`${hung.url}/readyz`)).toEqual({
      status: 503,
      body: { ready: false, why: ['the state could not be read in time'], troubles: [] },
    });
  });

  it('says nothing else', async () => {
    const { url } = await open();

    expect((await ask(url)).status).toBe(404);
    expect((await ask(`${url}/metrics`)).status).toBe(404);
  });

  it('refuses a taken port with a plain sentence', async () => {
    const other = await occupied();

    await expect(open({ port: other.port })).rejects.toThrow(
      `127.0.0.1:${other.port} is taken by another program; set ops.listen to a free port`,
    );
  });

  it('says plainly when it cannot listen there at all', async () => {
    // 192.0.2.0/24 is kept for documentation: no machine has an address in it.
    await expect(open({ host: '192.0.2.7' })).rejects.toThrow('192.0.2.7:0 cannot be listened on (EADDRNOTAVAIL); change ops.listen');
  });

  it('stops at once, also while somebody keeps a connection open', async () => {
    const ops = await open();
    await ask(`${ops.url}/healthz`);

    await ops.stop();

    await expect(fetch(`${ops.url}/healthz`)).rejects.toThrow('fetch failed');
  });
});

async function occupied(): Promise<{ port: number }> {
  const server: Server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  doors.push({ stop: () => new Promise((done) => server.close(() => done())) });
  return { port: (server.address() as AddressInfo).port };
}
