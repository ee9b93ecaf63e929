import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogins, mintLogin } from '../../../src/adapters/console/login.ts';
import { createConsole } from '../../../src/adapters/console/platform.ts';
import { logIn, memoryStore, openConsole, people, quietLog, redeem, type Setting, send, silent, stillClock } from './support.ts';

describe('logging in to the console', () => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await openConsole();
  });
  afterEach(() => setting.chat.stop());

  const mint = (person = 'ada') => mintLogin(setting.store, person, setting.realTime.now);
  const later = (minutes: number) => {
    setting.realTime.now = new Date(Date.parse(setting.realTime.now) + minutes * 60_000).toISOString();
  };

  it('shows nobody without a session anything but how to log in', async () => {
    await setting.chat.post({ summary: 'secret story', parts: [{ kind: 'text', text: 'secret story' }] });

    const page = await fetch(`${setting.chat.url()}/`);
    expect(page.status).toBe(401);
    const words = await page.text();
    expect(words).toContain('bin/cloudwarden login');
    expect(words).not.toContain('secret story');
    expect(words).not.toContain('Grace');
    for (const path of ['/events', '/picture/abc', '/anything']) expect((await fetch(setting.chat.url() + path)).status).toBe(401);
  });

  it('asks before it uses up the link, so that a preview does not', async () => {
    const link = await mint();

    const first = await fetch(setting.chat.url() + link);
    const second = await fetch(setting.chat.url() + link);
    expect(await first.text()).toContain('Log in as Ada');
    expect(second.status).toBe(200);
    expect(second.headers.get('set-cookie')).toBeNull();
    expect((await redeem(setting.chat.url(), link)).status).toBe(303);
  });

  it('lets a link in once, and says afterwards how to get another', async () => {
    const link = await mint();
    await redeem(setting.chat.url(), link);

    const again = await redeem(setting.chat.url(), link);
    expect(again.status).toBe(410);
    expect(again.headers.get('set-cookie')).toBeNull();
    const words = await again.text();
    expect(words).toContain('used already');
    expect(words).toContain('bin/cloudwarden login ada');
  });

  it('lets only one of many simultaneous presses of a link in', async () => {
    const link = await mint();

    const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(setting.chat.url(), link)));

    expect(answers.filter((answer) => answer.status === 303)).toHaveLength(1);
  });

  it('refuses a link older than five minutes, however fast the clock of a demo runs', async () => {
    const link = await mint();
    later(4.9);
    expect((await fetch(setting.chat.url() + link)).status).toBe(200);
    later(0.2);

    const late = await redeem(setting.chat.url(), link);
    expect(late.status).toBe(410);
    expect(await late.text()).toContain('older than five minutes');
  });

  it('makes an older link of the same person worthless when a newer one is made', async () => {
    const older = await mint();
    const newer = await mint();

    expect((await redeem(setting.chat.url(), older)).status).toBe(410);
    expect((await redeem(setting.chat.url(), newer)).status).toBe(303);
  });

  it('refuses a link with a person who is not in the configuration, or with a made-up token', async () => {
    const unknown = await mint('mallory');

    expect((await redeem(setting.chat.url(), unknown)).status).toBe(410);
    expect((await redeem(setting.chat.url(), '/login/ada/made-up')).status).toBe(410);
    expect((await fetch(`${setting.chat.url()}/login/%3Cscript%3E/x`)).status).toBe(410);
  });

  it('keeps neither the link nor the session in the clear', async () => {
    const link = await mint();
    const answer = await redeem(setting.chat.url(), link);
    const session = /=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? '';

    const kept = [...setting.store.rows.values()].join();
    expect(session.length).toBeGreaterThan(40);
    expect(kept).not.toContain(session);
    expect(kept).not.toContain(link.split('/')[3]);
  });

  it('keeps the session through a restart, for twelve hours', async () => {
    const ada = await logIn(setting);
    await setting.chat.stop();
    const options = { listen: { host: '127.0.0.1', port: Number(new URL(setting.chat.url()).port) }, people, logins: setting.store };
    const chat = createConsole({ ...options, clock: stillClock(), log: quietLog, realTime: () => setting.realTime.now });
    await chat.start(silent);
    setting.chat = chat;

    expect((await fetch(`${chat.url()}/`, { headers: { cookie: ada.cookie } })).status).toBe(200);
    later(12 * 60);
    expect((await fetch(`${chat.url()}/`, { headers: { cookie: ada.cookie } })).status).toBe(401);
  });

  it('ends the session of whoever logs out, and no other', async () => {
    const [ada, grace] = [await logIn(setting), await logIn(setting, 'grace')];

    const out = await fetch(`${ada.origin}/logout`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: ada.cookie, origin: ada.origin },
      body: new URLSearchParams({ csrf: ada.csrf }),
    });

    expect(out.status).toBe(303);
    expect((await send(ada, '/command', { id: '1', text: 'status' })).status).toBe(401);
    expect((await send(grace, '/command', { id: '1', text: 'status' })).status).toBe(200);
  });

  it('starts without sessions when what is kept cannot be read', async () => {
    const store = memoryStore();
    await store.setSetting('console/sessions', '{broken');
    const logins = createLogins(store, () => '2026-11-23T15:00:00.000Z');

    expect(await logins.session('anything')).toBeUndefined();
  });
});
