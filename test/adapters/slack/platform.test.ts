import { afterEach, describe, expect, it } from 'vitest';
import { createSlack, type SlackOptions } from '../../../src/adapters/slack/platform.ts';
import type { ChatHandlers } from '../../../src/bot/ports.ts';
import { type ChatStage, card, chatContract, type Seen } from '../../contract/chat.ts';
import { silentLog } from '../../support/silent-log.ts';
import { type SlackMessage, type SlackStandIn, slackStandIn, wordsOf } from '../../support/slack-stand-in.ts';
import { soon } from '../../support/soon.ts';

const ids = { ada: 'U0ADA', stranger: 'U0STRANGER' };
const teams = { ada: 'T0TEAM', stranger: 'T0ELSEWHERE' };
const quiet: ChatHandlers = { form: async () => undefined, press: async () => undefined, command: async () => undefined };

chatContract(
  'Slack',
  async (on) => {
    const slack = await slackStandIn();
    const chat = createSlack(optionsFor(slack));
    await chat.start(on);
    let last = '';
    const stage: ChatStage = {
      chat,
      people: {
        ada: { platform: 'slack', user: ids.ada, space: teams.ada },
        stranger: { platform: 'slack', user: ids.stranger, space: teams.stranger },
      },
      seen: () => slack.messages.map(seenBy),
      press: (who, ref, button, again) => {
        if (!again) last = `envelope-of-${crypto.randomUUID()}`;
        return slack.press({ message: { ts: ref.id, channel: ref.room }, button, user: ids[who], team: teams[who], envelope: last });
      },
      openForm: () =>
        (slack.views.at(-1)?.blocks as { type: string; block_id: string }[] | undefined)
          ?.filter(({ type }) => type === 'input')
          .map(({ block_id }) => block_id),
      submit: (who, values) => slack.submit({ view: slack.views.at(-1)!, values, user: ids[who], team: teams[who] }),
      command: (who, text) => slack.command({ text, user: ids[who], team: teams[who] }),
      whispers: (who) =>
        slack.whispers.filter(({ user }) => user === ids[who]).map(({ text, blocks }) => [text, ...wordsOf(blocks)].join('\n')),
      async cut() {
        slack.drop();
        await soon(() => expect(slack.connections()).toBe(0));
        await soon(() => expect(slack.connections()).toBe(1));
      },
      async close() {
        await chat.stop();
        await slack.stop();
      },
    };
    return stage;
  },
  { keepsConnection: true },
);

describe('Slack', () => {
  const open: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.stop();
  });
  const standIn = async (known: Parameters<typeof slackStandIn>[0] = {}) => {
    const slack = await slackStandIn(known);
    open.push(slack);
    return slack;
  };
  const started = async (slack: SlackStandIn, on: Partial<ChatHandlers> = {}, more: Partial<SlackOptions> = {}) => {
    const chat = createSlack({ ...optionsFor(slack), ...more });
    open.push(chat);
    await chat.start({ ...quiet, ...on });
    return chat;
  };

  it.each(['/api/', '/api', '/', ''])('finds the methods when the address ends in "%s"', async (ending) => {
    const slack = await standIn();
    const chat = await started(slack, {}, { apiUrl: slack.origin + ending });

    await chat.post(card);

    expect(slack.messages).toHaveLength(1);
  });

  it('says in a sentence that the bot token is not valid', async () => {
    const slack = await standIn();

    await expect(started(slack, {}, { botToken: 'xoxb-wrong' })).rejects.toMatchObject({
      message: expect.stringMatching(/SLACK_BOT_TOKEN.*not valid.*invalid_auth/),
      again: false,
    });
  });

  it('says in a sentence that the app token is not valid', async () => {
    const slack = await standIn();

    await expect(started(slack, {}, { appToken: 'xapp-wrong' })).rejects.toMatchObject({
      message: expect.stringMatching(/SLACK_APP_TOKEN.*not valid/),
      again: false,
    });
  });

  it('gives up within its patience when nobody is there', async () => {
    const slack = await slackStandIn();
    await slack.stop();

    await expect(started(slack, {}, { patienceSeconds: 1 })).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached/),
      again: true,
    });
  });

  it('gives up within its patience when nobody answers', async () => {
    const slack = await standIn();
    slack.fail('auth.test', { hang: true }, { hang: true });

    await expect(started(slack, {}, { patienceSeconds: 0.5 })).rejects.toMatchObject({
      message: expect.stringMatching(/no answer in time/),
    });
  });

  it('survives a revoked app token, says so, and comes back when it is good again', async () => {
    const slack = await standIn();
    const told: (string | undefined)[] = [];
    const chat = await started(slack, {}, { onTrouble: (why) => told.push(why) });

    slack.revoke(slack.appToken);
    slack.drop();
    await soon(() => expect(chat.trouble()).toMatch(/token was revoked/));
    await chat.post(card);
    slack.allow(slack.appToken);
    await soon(() => expect(chat.trouble()).toBeUndefined());

    expect(slack.messages).toHaveLength(1);
    expect(told.at(-1)).toBeUndefined();
  });

  it('reconnects at once when Slack asks for it', async () => {
    const slack = await standIn();
    const presses: string[] = [];
    const chat = await started(slack, { press: async ({ button }) => void presses.push(button) });
    await chat.post(card);

    slack.refresh();
    await soon(() => expect(slack.calls.filter(({ method }) => method === 'apps.connections.open')).toHaveLength(2));
    await soon(() => slack.press({ message: slack.messages[0]!, button: 'contain', user: ids.ada }));

    await soon(() => expect(presses).toEqual(['contain']));
  });

  it('notices a line that has gone silent and opens another', async () => {
    const slack = await standIn();
    const presses: string[] = [];
    const chat = await started(slack, { press: async ({ button }) => void presses.push(button) });
    await chat.post(card);

    slack.stall();
    await soon(() => expect(slack.calls.filter(({ method }) => method === 'apps.connections.open')).toHaveLength(2));
    await soon(() => expect(slack.connections()).toBe(2));
    await slack.press({ message: slack.messages[0]!, button: 'contain', user: ids.ada });

    await soon(() => expect(presses).toEqual(['contain']));
  });

  it('answers a number out of range without bothering the bot', async () => {
    const slack = await standIn();
    const presses: string[] = [];
    const field = { id: 'cap', label: 'Cap', kind: 'number' as const, min: 0, max: 100, initial: 20 };
    const chat = await started(slack, {
      form: async () => ({ title: 'Expected', submit: 'Save', fields: [field] }),
      press: async ({ button }) => void presses.push(button),
    });
    await chat.post(card);

    await slack.press({ message: slack.messages[0]!, button: 'expected', user: ids.ada });
    await soon(() => expect(slack.views).toHaveLength(1));
    await slack.submit({ view: slack.views[0]!, values: { cap: '101' }, user: ids.ada });

    await soon(() => expect(slack.whispers[0]?.text).toMatch(/Nothing was done. Cap: A number from 0 to 100/));
    expect(presses).toEqual([]);
  });

  it('acknowledges a press before its handler is done', async () => {
    const slack = await standIn();
    let finish = () => {};
    const chat = await started(slack, { press: () => new Promise((resolve) => (finish = () => resolve(undefined))) });
    await chat.post(card);

    await slack.press({ message: slack.messages[0]!, button: 'contain', user: ids.ada });
    finish();

    expect(slack.whispers).toEqual([]);
  });

  it('takes a payload that is replayed in a new envelope for what it is', async () => {
    const slack = await standIn();
    const presses: string[] = [];
    const chat = await started(slack, { press: async ({ id }) => void presses.push(id) });
    await chat.post(card);

    await slack.press({ message: slack.messages[0]!, button: 'contain', user: ids.ada, at: '1.2' });
    await slack.press({ message: slack.messages[0]!, button: 'contain', user: ids.ada, at: '1.2' });
    await slack.press({ message: slack.messages[0]!, button: 'contain', user: ids.ada, at: '1.3' });

    await soon(() => expect(presses).toHaveLength(2));
  });

  it('answers in the thread in which the button stands', async () => {
    const slack = await standIn();
    const chat = await started(slack, { press: async () => ({ summary: 'No', parts: [] }) });
    const parent = await chat.post(card);
    await chat.post(card, { under: parent });

    await slack.press({ message: slack.messages[1]!, button: 'contain', user: ids.ada });

    await soon(() => expect(slack.whispers).toMatchObject([{ thread: parent.id, by: 'token' }]));
  });

  it('puts an answer to an answer into the thread of the first message', async () => {
    const slack = await standIn();
    const chat = await started(slack);
    const parent = await chat.post(card);
    const reply = await chat.post(card, { under: parent });

    await chat.post(card, { under: reply });

    expect(slack.messages[2]?.thread).toBe(parent.id);
  });

  it('answers a command where the bot is not a member, by the address that came with it', async () => {
    const slack = await standIn();
    await started(slack, { command: async () => ({ summary: 'Fine', parts: [] }) });

    await slack.command({ text: 'status', user: ids.ada, channel: 'C0OTHER' });

    await soon(() => expect(slack.whispers).toMatchObject([{ channel: 'C0OTHER', by: 'address' }]));
  });

  it('waits out a short pause Slack asks for', async () => {
    const slack = await standIn();
    const chat = await started(slack);
    slack.fail('chat.postMessage', { status: 429, headers: { 'retry-after': '0' } });

    await chat.post(card);

    expect(slack.messages).toHaveLength(1);
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '77' } }, true, 77],
    [{ status: 503 }, true, undefined],
    [{ reset: true as const }, true, undefined],
    [{ error: 'internal_error' }, true, undefined],
    [{ error: 'channel_not_found' }, false, undefined],
    [{ error: 'not_in_channel' }, false, undefined],
  ])('says whether trying again helps after %j', async (fault, again, retryAfterSeconds) => {
    const slack = await standIn();
    const chat = await started(slack);
    slack.fail('chat.postMessage', fault);

    await expect(chat.post(card)).rejects.toMatchObject({ name: 'Error', again, retryAfterSeconds });
    expect(chat.trouble()).toMatch(/last message was not posted/);
    await chat.post(card);

    expect(slack.messages).toHaveLength(1);
    expect(chat.trouble()).toBeUndefined();
  });

  it('posts less rather than nothing when Slack refuses the form', async () => {
    const slack = await standIn();
    const chat = await started(slack);
    slack.fail('chat.postMessage', { error: 'msg_blocks_too_long' }, { error: 'invalid_blocks' });

    await chat.post(card);

    expect(slack.messages[0]?.blocks).toEqual([]);
    expect(slack.messages[0]?.text).toMatch(/CRITICAL.*stolen key.*buttons are missing/s);
  });

  it('shows an uploaded picture in the message', async () => {
    const slack = await standIn();
    const chat = await started(slack);

    await chat.post(withPicture);

    expect(slack.files).toMatchObject([{ bytes: 3, done: true }]);
    expect(slack.messages[0]?.blocks).toContainEqual({ type: 'image', slack_file: { id: slack.files[0]?.id }, alt_text: 'a chart' });
  });

  it('describes the picture where files cannot be uploaded', async () => {
    const slack = await standIn({ without: ['files.getUploadURLExternal'] });
    const chat = await started(slack);

    await chat.post(withPicture);

    expect(wordsOf(slack.messages[0]?.blocks).join('\n')).toContain('The picture could not be sent. It shows: a chart');
  });

  it('says that a form could not be opened', async () => {
    const slack = await standIn();
    slack.fail('views.open', { error: 'expired_trigger_id' });
    const chat = await started(slack, { form: async () => ({ title: 'Expected', submit: 'Save', fields: [] }) });
    await chat.post(card);

    await slack.press({ message: slack.messages[0]!, button: 'expected', user: ids.ada });

    await soon(() => expect(slack.whispers[0]?.text).toMatch(/form could not be opened, and nothing was done/));
  });

  it('closes cleanly', async () => {
    const slack = await standIn();
    const chat = await started(slack);

    await chat.stop();

    await soon(() => expect(slack.connections()).toBe(0));
  });
});

const withPicture = {
  summary: 'Digest',
  parts: [{ kind: 'image' as const, png: new Uint8Array([1, 2, 3]), name: 'chart.png', alt: 'a chart' }],
};

function optionsFor(slack: SlackStandIn): SlackOptions {
  return {
    botToken: slack.botToken,
    appToken: slack.appToken,
    room: slack.room,
    apiUrl: slack.apiUrl,
    responders: ['U0ADA', 'U0GRACE'],
    log: silentLog,
  };
}

/** Slack notifies by `<!…>` and `<@…>` in text it parses; plain text is never parsed. */
function seenBy(message: SlackMessage): Seen {
  const parsed = JSON.stringify([message.text, message.blocks.filter((block) => block.type !== 'header' && block.type !== 'actions')]);
  const buttons = message.blocks.flatMap((block) => (block.type === 'actions' ? wordsOf(block.elements) : []));
  return {
    id: message.ts,
    words: [message.text, ...wordsOf(message.blocks)].join('\n'),
    notifies: [...parsed.matchAll(/<[@!](?!date)[^>]*>/g)].map(([mention]) => mention),
    buttons,
    ...(message.thread ? { under: message.thread } : {}),
  };
}
