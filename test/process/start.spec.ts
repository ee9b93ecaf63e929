import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { discordStandIn } from '../support/discord-stand-in.ts';
import { slackStandIn } from '../support/slack-stand-in.ts';
import { account, guarded } from './guarded.ts';
import { configured, finished, freePort, run, until } from './program.ts';
import { people, slackText } from './room.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

const accounts = [{ cloud: 'aws', account, name: 'production' }];

/** A configuration with only the web console, on free ports. */
async function alone(more: object = {}) {
  const [ops, door] = [await freePort(), await freePort()];
  const { folder, file } = configured({
    people,
    accounts,
    chat: { console: { listen: `127.0.0.1:${door}` } },
    ops: { listen: `127.0.0.1:${ops}` },
    ...more,
  });
  return { folder, file, ops, door };
}

/** Nobody answers there: AWS is down. */
const noCloud = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'made-up' };

function started(file: string, env: Record<string, string>) {
  const bot = run(['start'], { env: { ...env, CLOUDWARDEN_CONFIG: file } });
  open.push({ stop: async () => bot.child.kill('SIGKILL') });
  return bot;
}

const readyz = async (port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  return { status: response.status, ...((await response.json()) as { ready: boolean; why: string[]; troubles: string[] }) };
};

async function taken(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  open.push({ stop: () => new Promise((closed) => server.close(closed)) });
}

describe('npm start', () => {
  it('names every mistake of the configuration, starts nothing and exits with 2', async () => {
    const { file } = configured({
      accounts: [{ cloud: 'aws', account: 12, name: 'x' }],
      chat: { slack: { botToken: `$${'{NOT_SET}'}` } },
      digset: {},
    });

    const { code, err } = await finished(['start'], { env: { CLOUDWARDEN_CONFIG: file } });

    expect(code).toBe(2);
    for (const mistake of ['accounts.0.account', 'NOT_SET', 'chat.slack.appToken', 'digset']) expect(err).toContain(mistake);
    expect(err).not.toContain('    at ');
  });

  it('says which port is taken and exits with 1, for the ops door and for the console', async () => {
    const { file, ops } = await alone();
    await taken(ops);
    const other = await alone();
    await taken(other.door);

    const first = await finished(['start'], { env: { ...noCloud, CLOUDWARDEN_CONFIG: file } });
    const second = await finished(['start'], { env: { ...noCloud, CLOUDWARDEN_CONFIG: other.file } });

    expect([first.code, second.code]).toEqual([1, 1]);
    expect(first.err).toContain(`127.0.0.1:${ops} is taken by another program; set ops.listen to a free port.`);
    expect(second.err).toContain(`127.0.0.1:${other.door} is taken by another program; set chat.console.listen to a free port.`);
    expect(first.err + second.err).not.toContain('    at ');
  });

  it('refuses a second bot on the same database', async () => {
    const { folder, file } = await alone();
    await started(file, noCloud).said('started');
    const again = await alone({ data: `${folder}/data` });

    const { code, err } = await finished(['start'], { env: { ...noCloud, CLOUDWARDEN_CONFIG: again.file } });

    expect(code).toBe(1);
    expect(err).toMatch(/another bot|already runs|another/i);
    expect(err).not.toContain('    at ');
  });

  it('goes on with one chat when the token of the other is refused, and says so', async () => {
    const aws = await guarded();
    const slack = await slackStandIn();
    const discord = await discordStandIn();
    open.push(aws, slack, discord);
    const { file, ops } = await alone({
      chat: {
        slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room },
        discord: { token: 'not.the.token', guild: discord.guild, room: discord.room },
      },
    });
    const bot = started(file, { ...aws.env, SLACK_API_URL: slack.apiUrl, DISCORD_API_URL: discord.apiUrl });
    await bot.said('started');

    const state = await until('ready', async () => {
      const now = await readyz(ops);
      return now.ready ? now : undefined;
    });
    await slack.command({ text: 'status', user: 'U0ADA' });
    const status = await until('the status', () => slack.whispers.at(-1));

    expect(state.troubles.join(' ')).toMatch(/discord/i);
    expect(slackText(status)).toMatch(/discord/i);
    expect(bot.lines.some((line) => line.level === 'error' && line.platform === 'discord')).toBe(true);
    expect(bot.err()).not.toContain('not.the.token');
  });

  it('lives on without any chat, and is not ready', async () => {
    const slack = await slackStandIn();
    open.push(slack);
    const { file, ops } = await alone({ chat: { slack: { botToken: 'xoxb-wrong', appToken: slack.appToken, room: slack.room } } });
    const bot = started(file, { ...noCloud, SLACK_API_URL: slack.apiUrl });
    await bot.said('started');

    const state = await readyz(ops);

    expect(state.status).toBe(503);
    expect(state.why.join(' ')).toMatch(/no chat is connected: .*slack/i);
    expect((await fetch(`http://127.0.0.1:${ops}/healthz`)).status).toBe(200);
    expect(bot.child.exitCode).toBeNull();
  });

  it('says at start and in the digest when nobody may approve', async () => {
    const aws = await guarded();
    const slack = await slackStandIn();
    open.push(aws, slack);
    const { file } = await alone({
      people: { grace: people.grace },
      chat: { slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room } },
    });
    const bot = started(file, { ...aws.env, SLACK_API_URL: slack.apiUrl });

    const line = await bot.said('nothing can be acted on');
    await bot.said('started');
    await slack.command({ text: 'digest', user: 'U0GRACE' });
    const digest = await until('the digest', () => slack.whispers.at(-1));

    expect(line.why).toMatch(/Observe only/);
    expect(slackText(digest)).toMatch(/observe|nobody .*approve/i);
  });

  it('stops cleanly on SIGTERM and on SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { file } = await alone();
      const bot = started(file, noCloud);
      await bot.said('started');
      const before = Date.now();

      // As a terminal does it: the launcher gets it, and hands it on beside the one that the program gets itself.
      bot.child.kill(signal);
      bot.child.kill(signal);

      expect(await bot.ended).toEqual({ code: 0, signal: null });
      expect(Date.now() - before).toBeLessThan(10_000);
      await bot.said('stopped');
    }
  });

  it('can be stopped while a chat has not answered yet', async () => {
    const slack = await slackStandIn();
    open.push(slack);
    slack.fail('auth.test', { hang: true }, { hang: true }, { hang: true });
    const { file } = await alone({ chat: { slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room } } });
    const bot = started(file, { ...noCloud, SLACK_API_URL: slack.apiUrl });
    await bot.said('starting');
    const before = Date.now();

    bot.child.kill('SIGTERM');

    expect(await bot.ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  it('ends with its launcher, however that ends', async () => {
    const { file, ops } = await alone();
    const bot = started(file, noCloud);
    await bot.said('started');

    bot.child.kill('SIGKILL');
    await bot.ended;

    await until('nobody answers any more', () =>
      fetch(`http://127.0.0.1:${ops}/healthz`).then(
        () => false,
        () => true,
      ),
    );
  });

  it('works from any folder, through npm as well', async () => {
    const { file } = await alone();
    const home = resolve(import.meta.dirname, '../..');
    const npm = spawn('npm', ['start', '--silent', '--', 'iam', 'read'], { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    npm.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
    });
    await new Promise((closed) => npm.once('close', closed));

    expect(JSON.parse(out)).toHaveProperty('Version', '2012-10-17');
    expect((await finished(['audit', 'verify'], { cwd: tmpdir(), env: { CLOUDWARDEN_CONFIG: file } })).code).toBe(0);
  });
});
