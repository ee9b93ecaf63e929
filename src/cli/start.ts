/** `start`: the bot on its configuration, until it is told to stop. */
import { createServer } from 'node:net';
import cron from 'node-cron';
import { openPictures } from '../adapters/chart/apart.ts';
import { systemClock } from '../adapters/clock.ts';
import { createNotices } from '../adapters/notices.ts';
import { startOps } from '../adapters/ops.ts';
import { type Bot, createBot } from '../bot/bot.ts';
import type { Chat, Clock, Log, Store } from '../bot/ports.ts';
import { checks } from '../checks/index.ts';
import { type Config, fingerprint, moneyOf, paramsOf, policyOf } from '../config.ts';
import { endpointsElsewhere, openAccounts, openConfig, openData } from './open.ts';

/** So long a clean stop may take before the process ends anyway: containers are killed after ten seconds. */
const mostSecondsToStop = 8;
/** Ctrl-C reaches both the launcher, which hands it on, and this process: what follows at once is the same press. */
const samePressMs = 400;

/** Resolves after a clean stop. Throws a plain sentence when it cannot start: bad configuration, a taken port, another bot on this database. */
export async function start(): Promise<void> {
  const { config, log } = openConfig();
  const told = untilTold();
  const ops = address(config.ops.listen);
  await refuseTaken('ops.listen', ops);
  if (config.chat.console) await refuseTaken('chat.console.listen', address(config.chat.console.listen));
  const store = await openData(config.data, log, true);
  const elsewhere = endpointsElsewhere();
  for (const endpoint of elsewhere) log.warn({ endpoint }, 'an endpoint points elsewhere');
  const policy = policyOf(config);
  const accounts = await openAccounts(config, log, store);
  const pictures = openPictures();
  const bot = createBot({
    accounts,
    chats: await openChats(config, store, systemClock, log),
    store,
    clock: systemClock,
    checks,
    params: paramsOf(config),
    policy,
    notices: createNotices({
      ...(config.page ? { pageUrl: config.page.url } : {}),
      ...(config.heartbeat ? { heartbeatUrl: config.heartbeat } : {}),
      ...(config.findings?.file ? { findingsFile: config.findings.file } : {}),
      ...(config.findings?.url ? { findingsUrl: config.findings.url } : {}),
    }),
    log,
    digestAt: config.digest,
    money: moneyOf(config),
    draw: pictures.draw,
    endpointsElsewhere: elsewhere,
    configuration: fingerprint(config),
  });
  const door = await startOps({ ...ops, ready: bot.ready });
  log.info({ ops: door.url, accounts: config.accounts.map((account) => account.name), people: policy.people.length }, 'starting');
  const started = await Promise.race([bot.start().then(() => 'started' as const), told]);
  const beat = started === 'started' ? keepBeating(bot, log) : undefined;
  if (started === 'started') {
    log.info({}, 'started');
    await told;
  }
  log.info({}, 'stopping');
  beat?.stop();
  const patience = systemClock.sleep(mostSecondsToStop);
  await Promise.race([Promise.all([door.stop(), bot.stop(), pictures.close()]), patience]);
  for (const { session } of accounts) session.close();
  log.info({}, 'stopped');
  // Whatever still hangs on a connection must not keep the process.
  setTimeout(() => process.exit(), 200).unref();
}

/** node-cron drives the heartbeat, in UTC and every second, from now on; what is due is decided by the bot. */
export function keepBeating(bot: Bot, log: Log): { stop(): void } {
  const beat = () => bot.beat().catch((error: unknown) => log.error({ error }, 'a beat failed'));
  const task = cron.createTask('* * * * * *', beat, {
    timezone: 'Etc/UTC',
    noOverlap: true,
    missedExecutionTolerance: 60_000,
    // Its own words would go to the console, between the demo's lines and the log's JSON; a beat that comes late is made up for anyway.
    logger: {
      info: () => undefined,
      warn: (said) => log.debug({ said }, 'the beat says'),
      error: (said) => log.error({ said: String(said) }, 'the beat failed'),
      debug: () => undefined,
    },
  });
  // The first at once: whoever starts a guard should not wait for the next full second. Two at a time would do a job twice.
  let isStopped = false;
  void beat().then(() => isStopped || task.start());
  return {
    stop() {
      isStopped = true;
      void task.stop();
    },
  };
}

/** Resolves at the first SIGTERM or SIGINT; a second one, of either kind, ends the process at once. */
export function untilTold(): Promise<'told'> {
  let first: number | undefined;
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (first !== undefined && Date.now() - first > samePressMs) process.exit(130);
        first ??= Date.now();
        resolve('told');
      });
  });
}

/** Throws a plain sentence when nothing can listen there: found out before anything has been started. */
async function refuseTaken(setting: string, { host, port }: { host: string; port: number }): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(port, host, listening);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${code})`;
    throw new Error(`${host}:${port} ${why}; set ${setting} to a free port.`, { cause: error });
  }
  await new Promise((closed) => server.close(closed));
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
