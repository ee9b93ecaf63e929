/** The connection to Discord: discord.js for the gateway and for requests. It reconnects, and is replaced where it would not come back by itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationCommandOptionType, ApplicationCommandType, Client, Events, GatewayDispatchEvents, Routes } from 'discord.js';
import { type Log, OutsideError } from '../../bot/ports.ts';
import { inTime } from '../reaching.ts';
import { closedForGood, nobodyHome, outsideError } from './trouble.ts';

export type Access = {
  token: string;
  /** The server's id; the command is registered there. */
  guild: string;
  /** Elsewhere than https://discord.com/api; with or without `/api` and `/v10`. */
  apiUrl?: string;
};

export type Connection = {
  /** Resolves when buttons and commands arrive. Throws an OutsideError when that takes longer than the patience. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Throws an OutsideError before `start`. */
  online(): Client;
};

/** `hear` is given each interaction as it came; `say` is told what is wrong with the gateway and the command, and when it is over. */
export function createConnection(
  access: Access,
  parts: {
    patienceMs: number;
    againAfterMs: number;
    log: Log;
    hear(client: Client, data: unknown): void;
    say(what: 'gateway' | 'commands', why: string | undefined): void;
  },
): Connection {
  const { patienceMs, againAfterMs, log, hear, say } = parts;
  let client: Client | undefined;
  let base = '';
  let watch: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let downSince: number | undefined;
  let stopped = false;

  return {
    start,
    stop,
    online() {
      if (!client) throw new OutsideError('Discord: not started', true);
      return client;
    },
  };

  async function start(): Promise<void> {
    stopped = false;
    const deadline = Date.now() + patienceMs;
    const bases = addressesOf(access.apiUrl);
    for (;;) {
      base = bases[0]!;
      try {
        client = await logIn(deadline);
        break;
      } catch (error) {
        const problem = outsideError(`log in at ${new URL(base).host}`, error);
        if (nobodyHome(problem.cause) && bases.length > 1) bases.shift();
        else if (!problem.again || Date.now() + 1_000 >= deadline || stopped) throw problem;
        else await pause(500);
      }
    }
    watch = setInterval(look, 15_000).unref();
  }

  async function logIn(deadline: number): Promise<Client> {
    const made = new Client({
      intents: [],
      rest: {
        api: base,
        version: '10',
        retries: 1,
        timeout: 8_000,
        rejectOnRateLimit: ({ retryAfter, timeToReset }) => Math.max(retryAfter, timeToReset) > 5_000,
      },
    });
    // Without a listener the client's errors would end the process.
    made.on(Events.Error, (error) => log.error({ error: error.message }, 'discord client failed'));
    made.on(Events.ShardError, (error) => log.warn({ error: error.message }, 'discord connection reports an error'));
    made.on(Events.ShardReconnecting, () => {
      downSince ??= Date.now();
    });
    made.on(Events.ShardResume, () => backAgain());
    made.on(Events.ShardReady, () => backAgain());
    made.on(Events.ShardDisconnect, ({ code }) => {
      if (client === made) closed(made, code);
    });
    takeInteractions(made, (data) => hear(made, data));
    try {
      await inTime(ready(made, access.token), deadline, late);
      await register(made);
      return made;
    } catch (error) {
      await made.destroy().catch(() => undefined);
      throw error;
    }
  }

  /** `/warden` belongs to the guild, where a new command is there at once. The alarm works without it. */
  async function register(made: Client): Promise<void> {
    const application = made.application?.id;
    if (!application) return;
    try {
      await made.rest.put(Routes.applicationGuildCommands(application, access.guild), { body: [wardenCommand] });
      say('commands', undefined);
    } catch (error) {
      const problem = outsideError('register /warden', error);
      log.warn({ error: problem.message }, 'discord command not registered');
      say('commands', problem.message);
    }
  }

  /** Discord will not reconnect by itself after these: say so, and try with a new client from time to time. */
  function closed(made: Client, code: number): void {
    say('gateway', `No buttons or commands on Discord: ${closedForGood(code)}`);
    comeBack(made);
  }

  function comeBack(before: Client): void {
    if (stopped || again) return;
    again = setTimeout(async () => {
      again = undefined;
      try {
        const made = await logIn(Date.now() + 20_000);
        if (stopped) return void made.destroy();
        client = made;
        backAgain();
        await before.destroy().catch(() => undefined);
      } catch (error) {
        log.warn({ error: outsideError('log in again', error).message }, 'discord login failed');
        comeBack(before);
      }
    }, againAfterMs).unref();
  }

  function backAgain(): void {
    downSince = undefined;
    say('gateway', undefined);
  }

  /** A connection that does not come back by itself is replaced. (discord.js notices a silent one by its heartbeat.) */
  function look(): void {
    if (downSince === undefined || !client) return;
    const seconds = (Date.now() - downSince) / 1_000;
    if (seconds > 30)
      say(
        'gateway',
        `No buttons or commands on Discord since ${new Date(downSince).toISOString().slice(11, 16)} UTC: it cannot be reached`,
      );
    if (seconds > 600) comeBack(client);
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearInterval(watch);
    clearTimeout(again);
    again = undefined;
    await client?.destroy().catch(() => undefined);
    client = undefined;
  }
}

/** One free text: the bot understands it, and answers with what it knows when nothing is typed. */
const wardenCommand = {
  name: 'warden',
  type: ApplicationCommandType.ChatInput,
  description: 'Ask Cloudwarden: status, incidents, show INC-1, digest, scan, whoami, pause-actions, help',
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: 'command',
      description: 'For example: status. Empty for help.',
      required: false,
      max_length: 500,
    },
  ],
};

/** Where Discord's API may be found: the address given, and below `/api`, which people leave out. */
function addressesOf(apiUrl: string | undefined): string[] {
  if (apiUrl === undefined || apiUrl === '') return ['https://discord.com/api'];
  const given = apiUrl.replace(/\/+$/, '').replace(/\/v\d+$/, '');
  return given.endsWith('/api') ? [given] : [given, `${given}/api`];
}

/**
 * Hands over what the gateway says about interactions, and takes it away from discord.js: where a field is missing, its own reading
 * throws inside an event nobody awaits, and that would end the process.
 */
function takeInteractions(client: Client, take: (data: unknown) => void): void {
  client.on(Events.Raw, (packet: { t: string | null; d: unknown }) => {
    if (packet.t !== GatewayDispatchEvents.InteractionCreate) return;
    packet.t = null;
    take(packet.d);
  });
}

async function ready(client: Client, token: string): Promise<void> {
  const isReady = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  await client.login(token);
  await isReady;
}

const late = () => new OutsideError('Discord: no answer in time', true);
