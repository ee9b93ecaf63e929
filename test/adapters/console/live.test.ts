import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemoControls } from '../../../src/adapters/console/platform.ts';
import { listen, logIn, note, openConsole, type Reader, type Setting, send, type Told } from './support.ts';

describe('live updates of the console', () => {
  let setting: Setting;
  let ada: Reader;
  beforeEach(async () => {
    setting = await openConsole();
    ada = await logIn(setting);
  });
  afterEach(() => setting.chat.stop());

  it('tells a page what is posted and what changes, in place', async () => {
    const line = await listen(ada);
    const ref = await setting.chat.post(note('miners started'));
    const posted = await line.until(isMessage);
    await setting.chat.update(ref, note('miners stopped'));
    const updated = await line.until(isMessage);
    line.close();

    expect(line.response.headers.get('content-type')).toContain('text/event-stream');
    expect(posted.data).toMatchObject({ id: ref.id, says: 'miners started', html: expect.stringContaining('miners started') });
    expect(updated.data).toMatchObject({ id: ref.id, says: 'miners stopped', html: expect.stringContaining('miners stopped') });
  });

  it('tells a page that was away what it missed, and nothing twice', async () => {
    const line = await listen(ada);
    await setting.chat.post(note('first'));
    const { id } = await line.until(isMessage);
    line.close();
    const second = await setting.chat.post(note('second'));

    const again = await listen(ada, { lastEventId: id ?? '' });
    const missed = await again.until(isMessage);
    again.close();

    expect(missed.data).toMatchObject({ id: second.id });
  });

  it('tells a page from before a restart everything', async () => {
    const ref = await setting.chat.post(note('still here'));

    const line = await listen(ada, { lastEventId: 'another-run.17' });
    const here = await line.until((one) => one.event === 'here');
    const told = await line.until(isMessage);
    line.close();

    expect(here.data).toEqual([ref.id]);
    expect(told.data).toMatchObject({ id: ref.id });
  });

  it('sends only the latest of many changes to a page that reads slowly', async () => {
    const ref = await setting.chat.post(note('state 0'));
    for (let state = 1; state <= 200; state++) await setting.chat.update(ref, note(`state ${state}`));

    const line = await listen(ada);
    const told = await line.until(isMessage);
    line.close();

    expect(told.data).toMatchObject({ says: 'state 200' });
  });

  it('says nothing when a message is shown again as it was', async () => {
    const line = await listen(ada);
    const ref = await setting.chat.post(note('same'));
    await line.until(isMessage);
    await setting.chat.update(ref, note('same'));
    await setting.chat.post(note('next'));

    const told = await line.until(isMessage);
    line.close();
    expect(told.data).toMatchObject({ says: 'next' });
  });

  it('ends the stream of whoever logs out', async () => {
    const line = await listen(ada);
    await line.until((one) => one.event === 'beat');
    await fetch(`${ada.origin}/logout`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: ada.cookie, origin: ada.origin },
      body: new URLSearchParams({ csrf: ada.csrf }),
    });

    await line.until((one) => one.event === 'bye');
    expect(await line.ended()).toBe(true);
  });
});

describe('the demo bar of the console', () => {
  it('pauses, goes on and speeds up the clock of the demo, and tells every page', async () => {
    const demo = fakeDemo();
    const setting = await openConsole({}, { demo });
    const ada = await logIn(setting);
    const line = await listen(ada);

    await line.until((one) => one.event === 'beat');
    await send(ada, '/demo', { do: 'pause' });
    const paused = await line.until((one) => one.event === 'beat' && (one.data as { rate: number }).rate === 0);
    await send(ada, '/demo', { do: 'resume' });
    await send(ada, '/demo', { do: 'speed', speed: 300 });
    const fast = await line.until((one) => one.event === 'beat' && (one.data as { rate: number }).rate === 300);
    const refused = await send(ada, '/demo', { do: 'speed', speed: -1 });
    line.close();
    await setting.chat.stop();

    expect(ada.page).toContain('A quiet morning');
    expect(paused.data).toMatchObject({ demo: { paused: true } });
    expect(fast.data).toMatchObject({ demo: { paused: false, speed: 300 } });
    expect(refused.status).toBe(400);
  });

  it('is not there for a real account', async () => {
    const setting = await openConsole();
    const ada = await logIn(setting);
    const answer = await send(ada, '/demo', { do: 'pause' });
    await setting.chat.stop();

    expect(ada.page).not.toContain('id="demo"');
    expect(answer.status).toBe(400);
  });
});

const isMessage = (one: Told) => one.event === 'message';

function fakeDemo(): DemoControls {
  const state = { paused: false, speed: 60, now: '2026-11-23T14:05:00.000Z', label: 'A quiet morning' };
  return {
    state: () => ({ ...state }),
    pause() {
      state.paused = true;
    },
    entered() {},
    resume() {
      state.paused = false;
    },
    speed(times) {
      state.speed = times;
    },
  };
}
