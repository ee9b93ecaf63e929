import { afterEach, describe, expect, it } from 'vitest';
import { createDiscord, type DiscordOptions } from '../../../src/adapters/discord/platform.ts';
import type { Form } from '../../../src/bot/message.ts';
import type { ChatHandlers, Press } from '../../../src/bot/ports.ts';
import { type ChatStage, card, chatContract, type Seen } from '../../contract/chat.ts';
import { buttonsOf, type DiscordMessage, type DiscordStandIn, discordStandIn, wordsOf } from '../../support/discord-stand-in.ts';
import { silentLog } from '../../support/silent-log.ts';
import { soon } from '../../support/soon.ts';

const ids = { ada: '112233445566778899', stranger: '998877665544332211' };
const quiet: ChatHandlers = { form: async () => undefined, press: async () => undefined, command: async () => undefined };

chatContract(
  'Discord',
  async (on) => {
    const discord = await discordStandIn();
    const guilds = { ada: discord.guild, stranger: '299999999999999999' };
    const chat = createDiscord(optionsFor(discord));
    await chat.start(on);
    let last = 0;
    const stage: ChatStage = {
      chat,
      people: {
        ada: { platform: 'discord', user: ids.ada, space: guilds.ada },
        stranger: { platform: 'discord', user: ids.stranger, space: guilds.stranger },
      },
      seen: () => discord.messages.map(seenBy),
      press: async (who, ref, button, again) => {
        if (!again) last++;
        await discord.press({
          id: `7000000000000000${last}`,
          message: { id: ref.id, channel: ref.room },
          button,
          user: ids[who],
          guild: guilds[who],
        });
      },
      openForm: (who) =>
        (
          discord.modals.findLast(({ user }) => user === ids[who])?.data.components as { component: { custom_id: string } }[] | undefined
        )?.map(({ component }) => component.custom_id),
      submit: async (who, values) => void (await discord.submit({ user: ids[who], values, guild: guilds[who] })),
      command: async (who, text) => void (await discord.command({ user: ids[who], text, guild: guilds[who] })),
      whispers: (who) => discord.whispers.filter(({ user }) => user === ids[who]).map(({ body }) => wordsOf(body).join('\n')),
      async cut() {
        discord.drop();
        await soon(() => expect(discord.connections()).toBe(0));
        await soon(() => expect(discord.connections()).toBe(1));
      },
      async close() {
        await chat.stop();
        await discord.stop();
      },
    };
    return stage;
  },
  { keepsConnection: true },
);

describe('Discord', () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.stop();
  });
  const standIn = async (known: Parameters<typeof discordStandIn>[0] = {}) => {
    const discord = await discordStandIn(known);
    open.push(discord);
    return discord;
  };
  const started = async (discord: DiscordStandIn, on: Partial<ChatHandlers> = {}, more: Partial<DiscordOptions> = {}) => {
    const chat = createDiscord({ ...optionsFor(discord), ...more });
    open.push(chat);
    await chat.start({ ...quiet, ...on });
    return chat;
  };

  it.each(['/api', '/api/', '/api/v10', '', '/'])('finds the API when the address ends in "%s"', async (ending) => {
    const discord = await standIn();
    const chat = await started(discord, {}, { apiUrl: discord.origin + ending });

    await chat.post(card);

    expect(discord.messages).toHaveLength(1);
  });

  it('registers /warden with one free text in its guild', async () => {
    const discord = await standIn();

    await started(discord);

    expect(discord.commands).toMatchObject([{ name: 'warden', options: [{ type: 3, name: 'command', required: false }] }]);
  });

  it('alarms also where the command may not be registered, and says so', async () => {
    const discord = await standIn({ without: 'commands' });
    const chat = await started(discord);

    await chat.post(card);

    expect(discord.messages).toHaveLength(1);
    expect(chat.trouble()).toMatch(/could not register \/warden/);
  });

  it('says in a sentence that the token is not valid', async () => {
    const discord = await standIn();

    await expect(started(discord, {}, { token: 'wrong' })).rejects.toMatchObject({
      message: expect.stringMatching(/token is not valid; check DISCORD_TOKEN/),
      again: false,
    });
  });

  it('gives up within its patience when nobody is there', async () => {
    const discord = await discordStandIn();
    await discord.stop();

    await expect(started(discord, {}, { patienceSeconds: 1 })).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached/),
      again: true,
    });
  });

  it('gives up within its patience when nobody answers', async () => {
    const discord = await standIn();
    discord.fail(/gateway/, { hang: true }, { hang: true });

    await expect(started(discord, {}, { patienceSeconds: 0.5 })).rejects.toMatchObject({
      message: expect.stringMatching(/no answer in time/),
    });
  });

  it('notices that its token was revoked, says so, and comes back when it is good again', async () => {
    const discord = await standIn();
    const told: (string | undefined)[] = [];
    const presses: Press[] = [];
    const on = { press: async (press: Press) => void presses.push(press) };
    const chat = await started(discord, on, { againAfterSeconds: 0.2, onTrouble: (why) => told.push(why) });
    await chat.post(card);

    discord.changeToken('another');
    discord.close(4004);
    await soon(() => expect(chat.trouble()).toMatch(/token is not valid.*4004/));
    discord.changeToken(discord.token);
    await soon(() => expect(chat.trouble()).toBeUndefined());
    await discord.press({ message: discord.messages[0]!, button: 'contain', user: ids.ada });

    await soon(() => expect(presses).toHaveLength(1));
    expect(told).toEqual([expect.stringMatching(/4004/), undefined]);
  });

  it('acknowledges a press before its handler is done, without a visible answer', async () => {
    const discord = await standIn();
    let finish = () => {};
    const chat = await started(discord, { press: () => new Promise((resolve) => (finish = () => resolve(undefined))) });
    await chat.post(card);

    const type = await discord.press({ message: discord.messages[0]!, button: 'contain', user: ids.ada });
    finish();

    expect(type).toBe(6);
    expect(discord.whispers).toEqual([]);
  });

  it('hears a press that carries no more than it needs', async () => {
    const discord = await standIn({ bare: true });
    const presses: Press[] = [];
    const chat = await started(discord, { press: async (press) => void presses.push(press) });
    const ref = await chat.post(card);

    await discord.press({ message: discord.messages[0]!, button: 'contain', user: ids.ada });
    await discord.press({ message: discord.messages[0]!, button: 'contain', user: ids.ada });

    await soon(() => expect(presses).toMatchObject([{ ref }, { ref }]));
  });

  it('gives a private message no guild, and does not listen to bots', async () => {
    const discord = await standIn();
    const presses: Press[] = [];
    const chat = await started(discord, { press: async (press) => void presses.push(press) });
    await chat.post(card);

    await discord.press({ message: discord.messages[0]!, button: 'contain', user: ids.stranger, bot: true });
    await discord.press({ message: discord.messages[0]!, button: 'contain', user: ids.ada, guild: null });

    await soon(() => expect(presses).toHaveLength(1));
    expect(presses[0]?.by).toMatchObject({ user: ids.ada, space: '' });
  });

  it('answers out of range without bothering the bot', async () => {
    const discord = await standIn();
    const presses: Press[] = [];
    const form: Form = {
      title: 'Expected',
      submit: 'Save',
      fields: [{ id: 'cap', label: 'Cap', kind: 'number', min: 0, max: 100, initial: 20 }],
    };
    const chat = await started(discord, { form: async () => form, press: async (press) => void presses.push(press) });
    await chat.post(card);

    await discord.press({ message: discord.messages[0]!, button: 'expected', user: ids.ada });
    await discord.submit({ user: ids.ada, values: { cap: 'many' } });

    await soon(() => expect(discord.whispers).toHaveLength(1));
    expect(wordsOf(discord.whispers[0]!.body).join()).toMatch(/Nothing was done.*Cap: A number from 0 to 100/);
    expect(presses).toEqual([]);
  });

  it.each([
    ['status', false],
    ['status', true],
    ['', false],
  ])('understands "/warden %s" (as a subcommand: %s)', async (text, subcommand) => {
    const discord = await standIn();
    const heard: string[] = [];
    await started(discord, { command: async (command) => void heard.push(command.text) });

    expect(await discord.command({ user: ids.ada, text, subcommand })).toBe(5);

    await soon(() => expect(discord.whispers).toHaveLength(1));
    expect(heard).toEqual([text]);
  });

  it('goes on in a thread that was begun before it started', async () => {
    const discord = await standIn();
    const chat = await started(discord);
    const parent = await chat.post(card);
    discord.beginThread(parent.id);

    const reply = await chat.post(card, { under: parent });

    expect(reply.room).toBe(parent.id);
  });

  it('replies in the room where threads cannot be had', async () => {
    const discord = await standIn({ without: 'threads' });
    const chat = await started(discord);
    const parent = await chat.post(card);

    const reply = await chat.post(card, { under: parent });

    expect(reply.room).toBe(discord.room);
    expect(discord.messages[1]?.body.message_reference).toMatchObject({ message_id: parent.id });
  });

  it.each([
    // discord.js adds a moment to what it was told.
    [{ status: 429, headers: { 'retry-after': '77' } }, true, 78],
    [{ status: 404, code: 10_003 }, false, undefined],
    [{ status: 403, code: 50_013 }, false, undefined],
  ])('says whether trying again helps after %j', async (fault, again, retryAfterSeconds) => {
    const discord = await standIn();
    const chat = await started(discord);
    discord.fail(/POST .*messages/, fault);

    await expect(chat.post(card)).rejects.toMatchObject({ name: 'Error', again, retryAfterSeconds });
    expect(chat.trouble()).toMatch(/last message was not posted/);
  });

  it('says that trying again helps when Discord is down for longer', async () => {
    const discord = await standIn();
    const chat = await started(discord);
    discord.fail(/POST .*messages/, { status: 503 }, { status: 503 }, { status: 503 });

    await expect(chat.post(card)).rejects.toMatchObject({ again: true });
  });

  it('outlives a short outage with one message', async () => {
    const discord = await standIn();
    const chat = await started(discord);
    discord.fail(/POST .*messages/, { status: 502 });

    await chat.post(card);

    expect(discord.messages).toHaveLength(1);
  });

  it('posts less rather than nothing when Discord refuses the form', async () => {
    const discord = await standIn();
    const chat = await started(discord);
    const refusal = { status: 400, code: 50_035 };
    discord.fail(/POST .*messages/, refusal, refusal, refusal);

    await chat.post(card);

    expect(discord.messages[0]?.body.content).toMatch(/CRITICAL.*stolen key.*buttons are missing/s);
  });

  it('sends a picture with its message, and words instead where it is refused', async () => {
    const discord = await standIn();
    const chat = await started(discord);
    const message = {
      summary: 'Digest',
      parts: [{ kind: 'image' as const, png: new Uint8Array([1, 2, 3]), name: 'chart.png', alt: 'a chart' }],
    };

    await chat.post(message);
    discord.fail(/POST .*messages/, { status: 413, code: 40_005 });
    await chat.post(message);

    expect(discord.messages[0]).toMatchObject({ files: 1, body: { embeds: [{ image: { url: 'attachment://0.png' } }] } });
    expect(discord.messages[1]?.files).toBe(0);
    expect(wordsOf(discord.messages[1]!.body).join()).toContain('The picture could not be sent. It shows: a chart');
  });

  it('closes cleanly', async () => {
    const discord = await standIn();
    const chat = await started(discord);

    await chat.stop();

    await soon(() => expect(discord.connections()).toBe(0));
  });
});

function optionsFor(discord: DiscordStandIn): DiscordOptions {
  return { token: discord.token, guild: discord.guild, room: discord.room, apiUrl: discord.apiUrl, responders: [ids.ada], log: silentLog };
}

/** Discord notifies only whom `allowed_mentions` lets through, and from the content alone. */
function seenBy({ id, channel, body, inThread }: DiscordMessage): Seen {
  const allowed = body.allowed_mentions as { parse: string[]; users: string[] } | undefined;
  const named = [...String(body.content).matchAll(/<@!?(\d+)>/g)].map(([, user]) => user ?? '');
  const groups =
    allowed && !allowed.parse.includes('everyone') ? [] : [...String(body.content).matchAll(/@(everyone|here)/g)].map(([group]) => group);
  return {
    id,
    words: wordsOf(body).join('\n'),
    notifies: [...named.filter((user) => allowed === undefined || allowed.users.includes(user)), ...groups],
    buttons: buttonsOf(body),
    ...(inThread ? { under: channel } : {}),
  };
}
