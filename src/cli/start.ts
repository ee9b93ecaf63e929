/** `start`: the bot on its configuration, until it is told to stop. */
import cron from 'node-cron';
import { drawSpend } from '../adapters/chart/chart.ts';
import { systemClock } from '../adapters/clock.ts';
import { createNotices } from '../adapters/notices.ts';
import { startOps } from '../adapters/ops.ts';
import { type Bot, createBot } from '../bot/bot.ts';
import type { Chat, Clock, Log, Store } from '../bot/ports.ts';
import { checks } from '../checks/index.ts';
import { type Config, fingerprint, policyOf } from '../config.ts';
import { endpointsElsewhere, openAccounts, openConfig, openData } from './open.ts';

export async function start(): Promise<void> {
  const { config, log } = openConfig();
  const store = await openData(config.data, log, true);
  const elsewhere = endpointsElsewhere();
  for (const endpoint of elsewhere) log.warn({ endpoint }, 'an endpoint points elsewhere');
  const policy = policyOf(config);
  const bot = createBot({
    accounts: await openAccounts(config, log),
    chats: await openChats(config, store, systemClock, log),
    store,
    clock: systemClock,
    checks,
    params: config.checks ?? {},
    policy,
    notices: createNotices({
      ...(config.page ? { pageUrl: config.page.url } : {}),
      ...(config.heartbeat ? { heartbeatUrl: config.heartbeat } : {}),
      ...(config.findings?.file ? { findingsFile: config.findings.file } : {}),
      ...(config.findings?.url ? { findingsUrl: config.findings.url } : {}),
    }),
    log,
    digestAt: config.digest,
    draw: drawSpend,
    endpointsElsewhere: elsewhere,
    configuration: fingerprint(config),
  });
  const { host, port } = address(config.ops.listen);
  const ops = await startOps({ host, port, ready: bot.ready });
  log.info({ ops: ops.url, accounts: config.accounts.map((account) => account.name), people: policy.people.length }, 'starting');
  await bot.start();
  const beat = keepBeating(bot, log);
  log.info({}, 'started');
  await untilTold();
  log.info({}, 'stopping');
  beat.stop();
  await ops.stop();
  await bot.stop();
}

/** node-cron drives the heartbeat, in UTC and every second; what is due is decided by the bot. */
export function keepBeating(bot: Bot, log: Log): { stop(): void } {
  const task = cron.schedule('* * * * * *', () => bot.beat().catch((error: unknown) => log.error({ error }, 'a beat failed')), {
    timezone: 'Etc/UTC',
    noOverlap: true,
    missedExecutionTolerance: 60_000,
  });
  return { stop: () => void task.stop() };
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(130));
      });
    }
  });
}

export async function openChats(config: Config, store: Store, clock: Clock, log: Log): Promise<Chat[]> {
  const chats: Chat[] = [];
  const { slack, discord, console: door } = config.chat;
  const people = policyOf(config).people;
  if (slack) {
    const { createSlack } = await import('../adapters/slack/platform.ts');
    const responders = people.flatMap((person) => person.slack?.split('/')[1] ?? []);
    const apiUrl = process.env.SLACK_API_URL;
    chats.push(createSlack({ ...slack, responders, log, ...(apiUrl ? { apiUrl } : {}) }));
  }
  if (discord) {
    const { createDiscord } = await import('../adapters/discord/platform.ts');
    const responders = people.flatMap((person) => person.discord ?? []);
    const apiUrl = process.env.DISCORD_API_URL;
    chats.push(createDiscord({ ...discord, responders, log, ...(apiUrl ? { apiUrl } : {}) }));
  }
  if (door) {
    const { createConsole } = await import('../adapters/console/platform.ts');
    const readers = people.map(({ id, name, role }) => ({ id, name, role }));
    chats.push(
      createConsole({
        listen: address(door.listen),
        people: readers,
        logins: store,
        clock,
        log,
        ...(door.publicUrl ? { publicUrl: door.publicUrl } : {}),
      }),
    );
  }
  return chats;
}

/** host:port; an IPv6 host stands in brackets. */
export function address(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}
