import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { discordStandIn } from '../support/discord-stand-in.ts';
import { slackStandIn } from '../support/slack-stand-in.ts';
import { account, farAway, guarded } from './guarded.ts';
import { configured, finished, freePort, run } from './program.ts';
import { people } from './room.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

const binary = resolve(import.meta.dirname, '../../bin/cloudwarden');
const lines = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function consoleOnly(): Promise<{ file: string; door: number }> {
  const door = await freePort();
  const { file } = configured({
    people,
    accounts: [{ cloud: 'aws', account, name: 'production' }],
    chat: { console: { listen: `127.0.0.1:${door}` } },
    ops: { listen: `127.0.0.1:${await freePort()}` },
  });
  return { file, door };
}

describe('every command', () => {
  it('has help, and refuses what it does not know with 2 and a hint', async () => {
    for (const command of ['start', 'demo', 'scan', 'digest', 'replay', 'backtest', 'iam', 'doctor', 'login', 'audit']) {
      const help = await finished([command, '--help']);
      expect([command, help.code, help.out.startsWith('Usage: ')]).toEqual([command, 0, true]);
    }
    const verify = await finished(['audit', 'verify', '--help']);
    const unknown = await finished(['strat']);
    const option = await finished(['scan', '--nonsense']);
    const version = await finished(['--version']);

    expect([verify.code, unknown.code, option.code, version.code]).toEqual([0, 2, 2, 0]);
    expect(unknown.err).toContain('There is no command “strat”.');
    expect(unknown.err).toContain('replay');
    expect(option.err).toContain('--help');
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('says how to get a configuration when there is none', async () => {
    for (const command of [['start'], ['scan'], ['doctor'], ['login', 'ada'], ['audit', 'verify']]) {
      const { code, err } = await finished(command);
      expect([command, code]).toEqual([command, 2]);
      expect(err).toContain('cloudwarden.example.yaml');
    }
  });

  it('ends quietly when its reader has had enough', async () => {
    const folder = configured({}).folder;
    const event = {
      eventVersion: '1.10',
      userIdentity: { type: 'Root', arn: `arn:aws:iam::${account}:root`, accountId: account, principalId: account },
      eventTime: '2026-03-10T10:00:00Z',
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      sourceIPAddress: '192.0.2.7',
      userAgent: 'aws-cli/2',
      readOnly: false,
      eventType: 'AwsApiCall',
      recipientAccountId: account,
    };
    const records = Array.from({ length: 400 }, (_, index) => ({
      ...event,
      eventID: `e-${index}`,
      awsRegion: ['eu-west-3', 'sa-east-1', 'ap-south-1', 'us-west-1'][index % 4],
      requestParameters: { instanceType: 'g5.12xlarge' },
      responseElements: { instancesSet: { items: [{ instanceId: `i-${index}` }] } },
    }));
    writeFileSync(join(folder, 'log.json'), JSON.stringify({ Records: records }));

    const shell = spawn('bash', ['-o', 'pipefail', '-c', `"${process.execPath}" "${binary}" replay "${folder}" --json | head -n 1`], {
      cwd: tmpdir(),
    });
    let err = '';
    shell.stderr.on('data', (chunk: Buffer) => {
      err += chunk;
    });
    const code = await new Promise((closed) => shell.once('close', closed));

    expect(err).not.toMatch(/EPIPE| {4}at /);
    expect(code).toBe(0);
  });
});

describe('single commands', () => {
  it('iam prints policies that IAM takes', async () => {
    for (const which of ['read', 'act']) {
      const { code, out } = await finished(['iam', which]);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ Version: '2012-10-17', Statement: expect.any(Array) });
    }
    expect(lines((await finished(['iam', '--json'])).out).map((line) => line.name)).toEqual(['read', 'act']);
    expect((await finished(['iam', 'neither'])).code).toBe(2);
  });

  it('login prints one link for a person of the configuration, and says who there is otherwise', async () => {
    const { file, door } = await consoleOnly();
    const env = { CLOUDWARDEN_CONFIG: file };

    const link = await finished(['login', 'ada'], { env });
    const nobody = await finished(['login', 'mallory'], { env });

    expect([link.code, nobody.code]).toEqual([0, 1]);
    expect(link.out).toMatch(new RegExp(`^http://127.0.0.1:${door}/\\S+\\n$`));
    expect(nobody.out).toBe('');
    expect(nobody.err).toMatch(/There is no mallory .* ada, grace/);
  });

  it('scan prints findings, machines and what could not be seen, as NDJSON and nothing else', async () => {
    const aws = await guarded();
    open.push(aws);
    await aws.launch(farAway, 'g5.12xlarge', 2);
    aws.simulated.faults.set({ deniedRegions: ['eu-west-3'] });
    const { file } = await consoleOnly();

    const { out } = await finished(['scan', '--json'], { env: { ...aws.env, CLOUDWARDEN_CONFIG: file } });

    const told = lines(out);
    expect(told.filter((line) => line.kind === 'finding')).toContainEqual(
      expect.objectContaining({ check: 'compute/never-used-region', severity: 'critical', region: farAway }),
    );
    expect(told.filter((line) => line.kind === 'machine')).toHaveLength(2);
    expect(told.filter((line) => line.kind === 'blind spot').map((line) => line.region)).toContain('eu-west-3');
  });

  it('doctor names what works and what does not, and exits with 1 when something is broken', async () => {
    const aws = await guarded();
    const slack = await slackStandIn();
    const discord = await discordStandIn();
    open.push(aws, slack, discord);
    const chats = (token: string) =>
      configured({
        people,
        accounts: [{ cloud: 'aws', account, name: 'production' }],
        chat: {
          slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room },
          discord: { token, guild: discord.guild, room: discord.room },
        },
      }).file;
    const env = { ...aws.env, SLACK_API_URL: slack.apiUrl, DISCORD_API_URL: discord.apiUrl };

    const healthy = await finished(['doctor'], { env: { ...env, CLOUDWARDEN_CONFIG: chats(discord.token) } });
    const broken = await finished(['doctor', '--json'], { env: { ...env, CLOUDWARDEN_CONFIG: chats('not.the.token') } });

    expect(healthy.out).toContain('ok      slack: connected');
    expect(healthy.out).toContain('Nothing is broken');
    expect(healthy.code).toBe(0);
    expect(broken.code).toBe(1);
    expect(lines(broken.out)).toContainEqual(expect.objectContaining({ what: 'discord', ok: false }));
    expect(broken.out + broken.err).not.toContain('not.the.token');
    expect(slack.messages).toEqual([]);
    expect(await aws.calls('StopInstances')).toEqual([]);
  });
});

it('the demo stops cleanly when it is told to', async () => {
  const program = run(['demo', '--port', '0']);
  await new Promise((wake) => program.child.stdout?.once('data', wake));

  program.child.kill('SIGTERM');

  expect(await program.ended).toEqual({ code: 0, signal: null });
});
