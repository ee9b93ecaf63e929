import { afterEach, describe, expect, it } from 'vitest';
import type { Form } from '../../../src/bot/message.ts';
import type { ChatHandlers, Command, Press } from '../../../src/bot/ports.ts';
import { logIn, note, openConsole, type Reply, type Setting, send } from './support.ts';

const form: Form = {
  title: 'This is expected',
  submit: 'Save',
  fields: [
    { id: 'cap', label: 'Dollars an hour', kind: 'number', min: 1, max: 500, initial: 80 },
    { id: 'who', label: 'For whom', kind: 'choice', options: [{ value: 'user', label: 'ci-deploy' }], initial: 'user' },
    { id: 'why', label: 'Why', kind: 'text', most: 20 },
  ],
};

describe('pressing in the console', () => {
  let setting: Setting;
  afterEach(() => setting.chat.stop());

  async function open(handlers: Partial<ChatHandlers> = {}) {
    const presses: Press[] = [];
    const commands: Command[] = [];
    setting = await openConsole({
      press: async (press) => void presses.push(press),
      command: async (command) => void commands.push(command),
      ...handlers,
    });
    return { ada: await logIn(setting), presses, commands };
  }

  it('hands over who pressed what where', async () => {
    const { ada, presses } = await open();

    await send(ada, '/press', { id: 'first', button: 'stop', message: 'card' });

    expect(presses).toEqual([
      {
        id: 'ada:first',
        button: 'stop',
        by: { platform: 'console', user: 'ada', space: 'console', name: 'Ada' },
        ref: { platform: 'console', room: 'cloudwarden-alerts', id: 'card' },
      },
    ]);
  });

  it('takes a second press while the first is under way for the same one', async () => {
    const { promise: finish, resolve } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const pressed: Press[] = [];
    const { ada } = await open({
      async press(press) {
        pressed.push(press);
        begin();
        await finish;
        return note('Done once.');
      },
      command: async () => resolve() as undefined,
    });
    const first = send(ada, '/press', { id: 'first', button: 'stop', message: 'card' });
    await begun;
    const second = send(ada, '/press', { id: 'second', button: 'stop', message: 'card' });
    await send(ada, '/command', { id: 'third', text: 'let the first press finish' });

    expect((await read(await first)).says).toBe('Done once.');
    expect((await read(await second)).says).toBe('Done once.');
    expect(pressed).toHaveLength(1);
  });

  it('answers the very same press sent again without handing it over again', async () => {
    const { ada, presses } = await open();
    const press = { id: 'same', button: 'stop', message: 'card' };

    await send(ada, '/press', press);
    await send(ada, '/press', press);

    expect(presses).toHaveLength(1);
  });

  it('does not believe what a form brings before it has looked', async () => {
    const { ada, presses } = await open({ form: async () => form });
    const what = { button: 'expected', message: 'card' };

    const opened = await read(await send(ada, '/press', { id: '1', ...what }));
    const wrong = await read(await send(ada, '/press', { id: '2', ...what, values: { cap: '501', who: 'everybody', why: '' } }));
    const long = await read(await send(ada, '/press', { id: '3', ...what, values: { cap: 'NaN', who: 'user', why: 'x'.repeat(21) } }));

    expect(opened.form).toContain('This is expected');
    expect(Object.keys(wrong.wrong ?? {})).toEqual(['cap', 'who', 'why']);
    expect(long.wrong?.why).toContain('20');
    expect(presses).toEqual([]);
  });

  it('hands over the fields of the form and no others', async () => {
    const { ada, presses } = await open({ form: async () => form });

    const values = { cap: ' 80 ', who: 'user', why: 'load test', role: 'admin' };
    await send(ada, '/press', { id: '1', button: 'expected', message: 'card', values });

    expect(presses[0]?.values).toEqual({ cap: '80', who: 'user', why: 'load test' });
  });

  it('hands over no values with a button that has no form', async () => {
    const { ada, presses } = await open();

    await send(ada, '/press', { id: '1', button: 'stop', message: 'card', values: { sneaked: 'in' } });

    expect(presses[0]).not.toHaveProperty('values');
  });

  it('understands a command with and without its slash', async () => {
    const { ada, commands } = await open();

    for (const [at, text] of ['/warden status', 'status', 'warden show INC-42', '/warden', 'wardens'].entries()) {
      await send(ada, '/command', { id: `${at}`, text });
    }

    expect(commands.map((command) => command.text)).toEqual(['status', 'status', 'show INC-42', '', 'wardens']);
    expect(commands[0]).toMatchObject({ room: 'cloudwarden-alerts', by: { user: 'ada' } });
  });

  it('keeps the picture of a private answer where its reader finds it', async () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);
    const { ada } = await open({
      command: async () => ({ summary: 'Digest', parts: [{ kind: 'image', png, name: 'spend.png', alt: 'Thirty days of spend' }] }),
    });

    const { answer } = (await (await send(ada, '/command', { id: '1', text: 'digest' })).json()) as Reply;

    const path = /src="([^"]*picture[^"]*)"/.exec(answer ?? '')?.[1] ?? '';
    const picture = await fetch(`${ada.origin}${path}`, { headers: { cookie: ada.cookie } });
    expect(picture.status).toBe(200);
    expect(new Uint8Array(await picture.arrayBuffer())).toEqual(png);
  });

  it('refuses ids that are no ids', async () => {
    const { ada, presses } = await open();

    for (const button of ['', 'a b', '<script>', 'x'.repeat(65)]) {
      expect((await send(ada, '/press', { id: '1', button, message: 'card' })).status).toBe(400);
    }
    expect(presses).toEqual([]);
  });
});

const read = (answer: Response) => answer.json() as Promise<Reply>;
