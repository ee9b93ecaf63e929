/**
 * What every chat platform must do, whatever it is. A platform brings a stage: itself, started on a stand-in or a page, and hands and
 * eyes of the people in the room. Names of people: 'ada' and 'stranger'.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Form, Message, MessageRef } from '../../src/bot/message.ts';
import type { Answer, Chat, ChatHandlers, ChatUser, Command, Press } from '../../src/bot/ports.ts';
import { soon } from '../support/soon.ts';

/** A message as people see it: all its words, who is notified by name or as a group, the buttons, the message whose thread it stands in. */
export type Seen = { id: string; words: string; notifies: string[]; buttons: string[]; under?: string };
export type Hand = 'ada' | 'stranger';
export type ChatStage = {
  chat: Chat;
  /** How each person appears in a press. */
  people: Record<Hand, ChatUser>;
  seen(): Promise<Seen[]> | Seen[];
  /** Resolves once the platform has taken the press; `again` sends the very same press a second time. */
  press(who: Hand, ref: MessageRef, button: string, again?: 'again'): Promise<void>;
  /** The fields of the form that is open for a person, by id. */
  openForm(who: Hand): Promise<string[] | undefined> | string[] | undefined;
  submit(who: Hand, values: Record<string, string>): Promise<void>;
  command(who: Hand, text: string): Promise<void>;
  /** What a person was told privately: the words. */
  whispers(who: Hand): Promise<string[]> | string[];
  /** Cuts the connection; resolves when it stands again. */
  cut?(): Promise<void>;
  close(): Promise<void>;
};
/** The stage starts the platform with these handlers. */
export type SetStage = (on: ChatHandlers) => Promise<ChatStage>;

const form: Form = {
  title: 'This is expected',
  submit: 'Save',
  fields: [
    { id: 'cap', label: 'At most, USD an hour', kind: 'number', min: 0, max: 1_000, initial: 20 },
    {
      id: 'days',
      label: 'For how long',
      kind: 'choice',
      options: [
        { value: '7', label: 'a week' },
        { value: '30', label: 'a month' },
      ],
      initial: '7',
    },
    { id: 'why', label: 'Why', kind: 'text', most: 200, optional: true },
  ],
};

export const card: Message = {
  summary: 'CRITICAL $79/h: stolen key starts miners in 3 regions (production)',
  severity: 'critical',
  parts: [
    { kind: 'header', severity: 'critical', text: 'Miners are being started with a stolen key', aside: 'INC-42 · 3 min old' },
    {
      kind: 'facts',
      rows: [
        { label: 'Who', lines: [['user ', { bold: 'ci-deploy' }, ' · key ', { code: 'AKIA…MPLE' }]] },
        { label: 'Costs', lines: [['$79.41 an hour since ', { time: '2026-11-23T14:02:00.000Z', as: 'clock' }]] },
      ],
    },
    { kind: 'list', items: ['us-west-2', 'ap-south-1'], more: 957 },
    {
      kind: 'buttons',
      buttons: [
        { id: 'contain0000000000000000', label: 'Contain everything', style: 'danger' },
        { id: 'expected000000000000000', label: 'This is expected …', style: 'plain', form },
      ],
    },
  ],
};

/** `keepsConnection`: the platform holds a line to somewhere, and the stage can cut it. */
export function chatContract(name: string, setStage: SetStage, traits = { keepsConnection: false }): void {
  describe(`${name} keeps the contract of a chat platform:`, () => {
    let stage: ChatStage;
    let presses: Press[];
    let commands: Command[];
    let answer: () => Answer | Promise<Answer>;

    beforeEach(async () => {
      presses = [];
      commands = [];
      answer = () => undefined;
      stage = await setStage({
        form: async (button) => (button.startsWith('expected') ? form : undefined),
        press: async (press) => {
          presses.push(press);
          return answer();
        },
        command: async (command) => {
          commands.push(command);
          return answer();
        },
      });
    });
    afterEach(() => stage.close());

    const only = async (): Promise<Seen> => {
      const seen = await stage.seen();
      expect(seen).toHaveLength(1);
      return seen[0]!;
    };

    it('a message arrives with its words, its buttons and how many are not listed', async () => {
      const ref = await stage.chat.post(card);

      const seen = await only();
      expect(seen.id).toBe(ref.id);
      expect(ref.platform).toBe(stage.chat.platform);
      for (const words of [
        'CRITICAL',
        'Miners are being started with a stolen key',
        'INC-42',
        'ci-deploy',
        'AKIA…MPLE',
        'ap-south-1',
        '+957 more',
      ]) {
        expect(seen.words).toContain(words);
      }
      expect(seen.buttons).toEqual(['Contain everything', 'This is expected …']);
      expect(seen.notifies).toEqual([]);
      expect(stage.chat.trouble()).toBeUndefined();
    });

    it('a message changes in place', async () => {
      const ref = await stage.chat.post(card);
      await stage.chat.update(ref, { summary: 'Contained', parts: [{ kind: 'header', text: 'Contained by Ada' }] });

      const seen = await only();
      expect(seen.id).toBe(ref.id);
      expect(seen.words).toContain('Contained by Ada');
      expect(seen.words).not.toContain('Miners');
      expect(seen.buttons).toEqual([]);
    });

    it('changes made in a hurry end with the last one', async () => {
      const ref = await stage.chat.post(card);
      const numbers = Array.from({ length: 8 }, (_, at) => at);
      await Promise.all(
        numbers.map((at) => stage.chat.update(ref, { summary: `${at}`, parts: [{ kind: 'text', text: `state ${at} of the story` }] })),
      );

      expect((await only()).words).toContain('state 7 of the story');
    });

    it('an answer stands in the thread of its message', async () => {
      const ref = await stage.chat.post(card);
      const reply = await stage.chat.post(
        { summary: 'Came back', parts: [{ kind: 'text', text: '2 instances came back' }] },
        { under: ref },
      );
      await stage.chat.update(reply, { summary: 'Gone', parts: [{ kind: 'text', text: 'and went again' }] });

      const seen = (await stage.seen()).find((message) => message.id === reply.id);
      expect(seen?.under).toBe(ref.id);
      expect(seen?.words).toContain('and went again');
    });

    it('the responders are notified when asked for, and nobody else', async () => {
      await stage.chat.post(card, { mention: 'responders' });

      const { notifies } = await only();
      expect(notifies.length).toBeGreaterThan(0);
      expect(notifies.filter((who) => /channel|here|everyone/.test(who))).toEqual([]);
    });

    it('the same message sent twice under one name is one message', async () => {
      const [first, second] = [
        await stage.chat.post(card, { once: 'digest-2026-11-23' }),
        await stage.chat.post(card, { once: 'digest-2026-11-23' }),
      ];

      expect(second).toEqual(first);
      await only();
    });

    it('a press comes back once, with who pressed what where', async () => {
      const ref = await stage.chat.post(card);
      await stage.press('ada', ref, 'contain0000000000000000');
      await stage.press('ada', ref, 'contain0000000000000000', 'again');
      await soon(() => expect(presses.length).toBeGreaterThan(0));
      await stage.press('stranger', ref, 'contain0000000000000000');
      await soon(() => expect(presses.at(-1)?.by.user).toBe(stage.people.stranger.user));

      expect(presses).toHaveLength(2);
      expect(presses[0]).toMatchObject({ button: 'contain0000000000000000', by: personal(stage.people.ada), ref });
      expect(presses[1]).toMatchObject({ by: personal(stage.people.stranger) });
      expect(presses[0]?.values).toBeUndefined();
      expect(presses[0]?.id).not.toBe(presses[1]?.id);
    });

    it('a button with a form opens it, and what was typed arrives with the press', async () => {
      const ref = await stage.chat.post(card);
      await stage.press('ada', ref, 'expected000000000000000');
      await soon(async () => expect(await stage.openForm('ada')).toEqual(['cap', 'days', 'why']));
      expect(presses).toEqual([]);
      await stage.submit('ada', { cap: '25', days: '30', why: 'load test' });
      await soon(() => expect(presses).toHaveLength(1));

      expect(presses[0]).toMatchObject({ button: 'expected000000000000000', by: personal(stage.people.ada), ref });
      expect(presses[0]?.values).toEqual({ cap: '25', days: '30', why: 'load test' });
    });

    it('an answer to a press is seen by the one who pressed alone', async () => {
      answer = () => ({
        summary: 'Only admins may approve this',
        parts: [{ kind: 'text', text: 'Only admins may approve this. Admins: Ada.' }],
      });
      const ref = await stage.chat.post(card);
      await stage.press('stranger', ref, 'contain0000000000000000');
      await soon(async () => expect(await stage.whispers('stranger')).toHaveLength(1));

      expect((await stage.whispers('stranger'))[0]).toContain('Only admins may approve this. Admins: Ada.');
      expect(await stage.whispers('ada')).toEqual([]);
      expect((await only()).words).not.toContain('Only admins');
    });

    it('a press that fails inside is answered privately, and the next one works', async () => {
      answer = () => {
        throw new Error('made to fail');
      };
      const ref = await stage.chat.post(card);
      await stage.press('ada', ref, 'contain0000000000000000');
      await soon(async () => expect((await stage.whispers('ada')).join()).toMatch(/nothing was done/i));
      answer = () => undefined;
      await stage.press('ada', ref, 'contain0000000000000000');

      await soon(() => expect(presses).toHaveLength(2));
      expect((await stage.whispers('ada')).join()).not.toContain('made to fail');
    });

    it('a command goes in and its answer comes back privately', async () => {
      answer = () => ({ summary: 'Status', parts: [{ kind: 'text', text: 'I see 17 of 17 regions.' }] });
      await stage.command('ada', 'show INC-42');
      await soon(async () => expect((await stage.whispers('ada')).join()).toContain('I see 17 of 17 regions.'));

      expect(commands).toHaveLength(1);
      expect(commands[0]).toMatchObject({ text: 'show INC-42', by: personal(stage.people.ada) });
      expect(await stage.seen()).toEqual([]);
    });

    it('text that is far too long is cut, and the buttons are still there', async () => {
      const long = 'x'.repeat(100_000);
      await stage.chat.post({
        summary: long,
        parts: [
          { kind: 'header', severity: 'high', text: long, aside: long },
          { kind: 'facts', rows: Array.from({ length: 200 }, () => ({ label: long, lines: [long, { code: long }] })) },
          { kind: 'list', items: Array.from({ length: 3_000 }, (_, at) => `i-${at} ${long.slice(0, 500)}`) },
          { kind: 'buttons', buttons: [{ id: 'contain0000000000000000', label: long, style: 'danger' }] },
        ],
      });

      const seen = await only();
      expect(seen.words).toContain('HIGH');
      expect(seen.words).toMatch(/cut|more/);
      expect(seen.words.length).toBeLessThan(100_000);
      expect(seen.buttons).toHaveLength(1);
    });

    it('hostile text notifies nobody and stays readable', async () => {
      const hostile =
        '<!channel> <!here> <@U0ADA> <@&1> @everyone @here <@112233445566778899> [pay](http://evil.example) *b* _i_ ~s~ `c` ```x``` &amp; \u202Egnp.\u0000\uD800';
      await stage.chat.post({
        summary: hostile,
        parts: [
          { kind: 'header', severity: 'low', text: hostile, aside: hostile },
          { kind: 'facts', rows: [{ label: hostile, lines: [hostile, { code: hostile }, { bold: hostile }] }] },
          { kind: 'text', text: hostile, quiet: true },
          { kind: 'text', text: hostile, struck: true },
          { kind: 'list', items: [hostile] },
          { kind: 'buttons', buttons: [{ id: 'hostile0000000000000000', label: hostile, style: 'plain' }] },
        ],
      });

      const seen = await only();
      expect(seen.notifies).toEqual([]);
      expect(seen.words).toContain('evil.example');
      expect(seen.words).not.toContain('\u202E');
    });

    it('a picture never keeps its message from arriving', async () => {
      const png = Uint8Array.from(
        atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
        (char) => char.charCodeAt(0),
      );
      await stage.chat.post({
        summary: 'Digest',
        parts: [
          { kind: 'text', text: 'Yesterday $143.20' },
          { kind: 'image', png, name: 'days.png', alt: '30 days of spend by service' },
        ],
      });

      const { words } = await only();
      expect(words).toContain('Yesterday $143.20');
      expect(words).toContain('30 days of spend by service');
    });

    if (traits.keepsConnection) {
      it('presses arrive again after the connection was lost', async () => {
        const ref = await stage.chat.post(card);
        await stage.cut?.();
        await stage.press('ada', ref, 'contain0000000000000000');

        await soon(() => expect(presses).toHaveLength(1));
        expect(stage.chat.trouble()).toBeUndefined();
      });
    }
  });
}

const personal = ({ platform, user, space }: ChatUser) => ({ platform, user, space });
