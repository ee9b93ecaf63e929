import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintLogin } from '../../../src/adapters/console/login.ts';
import { createConsole } from '../../../src/adapters/console/platform.ts';
import { logIn, memoryStore, openConsole, people, quietLog, redeem, type Setting, send, silent, stillClock } from './support.ts';

describe('the door of the console', () => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await openConsole();
  });
  afterEach(() => setting.chat.stop());

  it('answers under its own names only, so that a name of a stranger that resolves to this machine gets nothing', async () => {
    const port = new URL(setting.chat.url()).port;

    expect(await statusFor(port, { host: `127.0.0.1:${port}` })).toBe(401);
    expect(await statusFor(port, { host: `localhost:${port}` })).toBe(401);
    expect(await statusFor(port, { host: `evil.example:${port}` })).toBe(403);
    expect(await statusFor(port, { host: '127.0.0.1' })).toBe(403);
    expect(await statusFor(port, { host: `127.0.0.1:${port}`, origin: 'https://evil.example' })).toBe(403);
  });

  it('takes writes from its own pages only', async () => {
    const ada = await logIn(setting);
    const command = { id: '1', text: 'status' };

    expect((await send(ada, '/command', command)).status).toBe(200);
    expect((await send(ada, '/command', command, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await send(ada, '/command', command, { origin: 'null' })).status).toBe(403);
    expect((await send(ada, '/command', command, { 'x-csrf-token': 'guessed' })).status).toBe(403);
    expect((await send(ada, '/command', command, { 'content-type': 'text/plain' })).status).toBe(400);
    const noOrigin = await fetch(`${ada.origin}/command`, { method: 'POST', headers: { cookie: ada.cookie, 'x-csrf-token': ada.csrf } });
    expect(noOrigin.status).toBe(403);
    const link = await mintLogin(setting.store, 'ada', setting.realTime.now);
    expect((await redeem(setting.chat.url(), link, { origin: 'http://evil.example' })).status).toBe(403);
  });

  it("does not take one person's token for another's", async () => {
    const [ada, grace] = [await logIn(setting), await logIn(setting, 'grace')];

    expect((await send({ ...ada, csrf: grace.csrf }, '/command', { id: '1', text: 'status' })).status).toBe(403);
  });

  it('gives a cookie that scripts cannot read and other sites cannot use', async () => {
    const answer = await redeem(setting.chat.url(), await mintLogin(setting.store, 'ada', setting.realTime.now));

    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^cloudwarden-\d+=/);
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=43200']) expect(cookie).toContain(word);
  });

  it('forbids the browser what the page does not need, on every answer', async () => {
    const ada = await logIn(setting);
    const paths = ['/', '/console.js', '/console.css', '/icon.svg', '/login/ada/x', '/nowhere'];

    for (const path of paths) {
      const { headers } = await fetch(ada.origin + path, { headers: { cookie: ada.cookie } });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(ada.page).not.toMatch(/<script(?! type="module" src="\/)|<style| style="| on[a-z]+="|https?:\/\//);
  });

  it('reads no more than a small body', async () => {
    const ada = await logIn(setting);

    expect((await send(ada, '/command', { id: '1', text: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await send(ada, '/command', { id: '1', text: 'x'.repeat(600) })).status).toBe(400);
  });

  it('says so when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const chat = consoleAt('127.0.0.1', undefined, port);

    await expect(chat.start(silent)).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: another program uses that port`);
    await chat.stop();
    other.close();
  });
});

describe('where the console may listen', () => {
  it('refuses every address other machines reach, unless https stands before it', () => {
    expect(() => consoleAt('0.0.0.0')).toThrow('without encryption');
    expect(() => consoleAt('192.0.2.7', 'http://console.example.com')).toThrow('https://');
    expect(() => consoleAt('127.0.0.1', 'http://console.example.com')).toThrow('https://');
    expect(() => consoleAt('127.0.0.1', 'console')).toThrow('not a web address');
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect(consoleAt(host).url()).toContain('http://');
    expect(consoleAt('0.0.0.0', 'https://console.example.com/').url()).toBe('https://console.example.com');
  });

  it('behind https answers under that name, with a cookie for https alone', async () => {
    const setting = await openConsole({}, { publicUrl: 'https://console.example.com' });
    const port = /:(\d+)/.exec(setting.listensAt())?.[1] ?? '';
    const link = await mintLogin(setting.store, 'ada', setting.realTime.now);
    const [, , person = '', token = ''] = link.split('/');

    const headers = {
      host: 'console.example.com',
      origin: 'https://console.example.com',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const answer = await ask(port, '/login', { method: 'POST', headers }, new URLSearchParams({ person, token }).toString());
    await setting.chat.stop();

    expect(answer.status).toBe(303);
    expect(answer.cookie).toMatch(/^__Host-cloudwarden=/);
    expect(answer.cookie).toContain('Secure');
  });
});

function consoleAt(host: string, publicUrl?: string, port = 7373) {
  const options = { people, logins: memoryStore(), clock: stillClock(), log: quietLog };
  return createConsole({ listen: { host, port }, ...(publicUrl ? { publicUrl } : {}), ...options });
}

const statusFor = async (port: string, headers: Record<string, string>) => (await ask(port, '/', { headers })).status;

/** `fetch` does not let us choose the Host header. */
function ask(port: string, path: string, options: { method?: string; headers: Record<string, string> }, body = '') {
  return new Promise<{ status: number; cookie: string }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, ...options }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, cookie: answer.headers['set-cookie']?.[0] ?? '' });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
