/**
 * The real bot, started as its user starts it (`bin/cloudwarden start`), with a simulated account in AWS's place and stand-ins of Slack and
 * Discord. What stands in runs in this process, the bot in its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { createVirtualClock } from '../../src/adapters/simulated/clock.ts';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { type Simulated, startSimulated } from '../../src/adapters/simulated/simulated.ts';
import { auditKeyFrom } from '../../src/adapters/store/audit-key.ts';
import { openStore } from '../../src/adapters/store/store.ts';
import { discordStandIn } from '../../test/support/discord-stand-in.ts';
import { slackStandIn } from '../../test/support/slack-stand-in.ts';

const home = resolve(import.meta.dirname, '../..');
/** Who may press, by platform. */
export const ada = { slack: 'U0ADA', discord: '600000000000000001' };
const patienceMs = 60_000;

export type World = {
  simulated: Simulated;
  slack: Awaited<ReturnType<typeof slackStandIn>>;
  discord: Awaited<ReturnType<typeof discordStandIn>>;
  /** Starts the bot. `endpoint` goes between it and the account; `compileCache` is Node's cache of compiled modules. */
  start(options?: { endpoint?: string; compileCache?: string }): Promise<Live>;
  folder: string;
  close(): Promise<void>;
};
export type Live = {
  pid: number;
  /** When it was spawned (performance.now()). */
  spawnedMs: number;
  /** Resolves to the milliseconds from the spawn until /readyz said yes. */
  ready(): Promise<number>;
  /** The same until both chats are connected. */
  connected(): Promise<number>;
  stop(): Promise<void>;
};

/**
 * An account with an ordinary past and nothing wrong in it; two chats; a data folder that restarts share. `isPastRead`: as if the first
 * reading of 90 days, which goes on in the background for minutes at the pace AWS allows, had been done before.
 */
export async function openWorld({ isPastRead = false } = {}): Promise<World> {
  const scenario = await readScenario(join(home, 'config/scenarios/quiet.yaml'));
  const clock = createVirtualClock({ start: new Date().toISOString() });
  const simulated = await startSimulated({ scenario, clock });
  const [slack, discord] = await Promise.all([slackStandIn(), discordStandIn()]);
  const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-bench-'));
  const running = new Set<Live>();
  if (isPastRead) await skipFirstReading(join(folder, 'data'), simulated.accountId);

  return {
    simulated,
    slack,
    discord,
    folder,
    async start({ endpoint = simulated.endpoint, compileCache } = {}) {
      const port = await freePort();
      const config = join(folder, 'cloudwarden.yaml');
      writeFileSync(
        config,
        stringify({
          people: { ada: { name: 'Ada', role: 'admin', slack: `${slack.team}/${ada.slack}`, discord: ada.discord } },
          accounts: [{ cloud: 'aws', account: simulated.accountId, name: simulated.accountName }],
          chat: {
            slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room },
            discord: { token: discord.token, guild: discord.guild, room: discord.room },
          },
          ops: { listen: `127.0.0.1:${port}` },
          data: join(folder, 'data'),
          log: 'error',
        }),
      );
      const spawnedMs = performance.now();
      const child = spawn(join(home, 'bin/cloudwarden'), ['start'], {
        cwd: home,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          PATH: process.env.PATH ?? '',
          HOME: folder,
          CLOUDWARDEN_CONFIG: config,
          AWS_ENDPOINT_URL: endpoint,
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_ACCESS_KEY_ID: simulated.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: simulated.credentials.secretAccessKey,
          AWS_SESSION_TOKEN: simulated.credentials.sessionToken,
          SLACK_API_URL: slack.apiUrl,
          DISCORD_API_URL: discord.apiUrl,
          ...(compileCache ? { NODE_COMPILE_CACHE: compileCache } : {}),
        },
      });
      const since = async (check: () => boolean | Promise<boolean>) => {
        await until(check, child);
        return performance.now() - spawnedMs;
      };
      const live: Live = {
        pid: child.pid ?? 0,
        spawnedMs,
        ready: () => since(async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true),
        connected: () => since(() => slack.connections() > 0 && discord.connections() > 0),
        async stop() {
          running.delete(live);
          if (child.exitCode !== null) return;
          const gone = new Promise<void>((done) => child.once('exit', () => done()));
          child.kill('SIGTERM');
          // A bot that does not stop must not keep the bench waiting; its launcher's end takes it along.
          const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
          await gone;
          clearTimeout(force);
        },
      };
      running.add(live);
      return live;
    },
    async close() {
      for (const live of running) await live.stop();
      await Promise.all([simulated.stop(), slack.stop(), discord.stop()]);
      clock.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function skipFirstReading(data: string, account: string): Promise<void> {
  mkdirSync(data, { recursive: true });
  const file = join(data, 'cloudwarden.db');
  const store = await openStore({ file, auditKey: auditKeyFrom(join(data, 'audit.key'), file) });
  await store.setSetting(`history aws/${account}`, 'done');
  await store.close();
}

/** Asks every few milliseconds. Throws when the bot ended, or after a minute. */
export async function until(check: () => boolean | Promise<boolean>, child?: ChildProcess): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await check())) {
    if (child && child.exitCode !== null) throw new Error(`the bot ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error('nothing happened for a minute');
    await wait(3);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
