/**
 * The connection to Slack: Bolt in Socket Mode, so that no public address is needed. Reconnecting is done here rather than by Bolt, because
 * a token revoked in the meantime would otherwise end the process with an unhandled rejection.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { App, type Logger, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import { type Log, OutsideError } from '../../bot/ports.ts';
import { inTime } from '../reaching.ts';
import { nobodyHome, outsideError, tokenRefused } from './trouble.ts';

export type Access = {
  botToken: string;
  appToken: string;
  /** Elsewhere than https://slack.com/api/; with or without `/api`. */
  apiUrl?: string;
};

export type Connection = {
  /** Resolves when buttons and commands arrive. Throws an OutsideError when that takes longer than the patience. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Slack's methods. Throws an OutsideError before `start`. */
  web(): webApi.WebClient;
};

/** `listen` is given each new Bolt app; `say` is told what is wrong with the socket and the token, and when it is over. */
export function createConnection(
  access: Access,
  parts: {
    patienceMs: number;
    log: Log;
    listen(app: App): void;
    say(what: 'socket' | 'token', why: string | undefined): void;
  },
): Connection {
  const { patienceMs, log, listen, say } = parts;
  let line: Line | undefined;
  let stopped = false;

  return {
    start,
    async stop() {
      stopped = true;
      if (line) await close(line);
      line = undefined;
    },
    web() {
      if (!line) throw new OutsideError('Slack: not started', true);
      return line.web;
    },
  };

  async function start(): Promise<void> {
    stopped = false;
    const deadline = Date.now() + patienceMs;
    const bases = addressesOf(access.apiUrl);
    for (;;) {
      const base = bases[0]!;
      try {
        line = await connectTo(base, deadline);
        return;
      } catch (error) {
        const problem = outsideError(`connect at ${new URL(base).host}`, error);
        if (nobodyHome(problem.cause) && bases.length > 1) bases.shift();
        else if (!problem.again || Date.now() + 1_000 >= deadline || stopped) throw problem;
        else await pause(500);
      }
    }
  }

  async function connectTo(base: string, deadline: number): Promise<Line> {
    const clientOptions = clientOptionsFor(base, log);
    const web = new webApi.WebClient(access.botToken, { ...clientOptions });
    const me = await inTime(web.auth.test(), deadline, late('connect')).catch((error: unknown) => {
      throw outsideError('log in with the bot token (SLACK_BOT_TOKEN)', error);
    });
    const receiver = new SocketModeReceiver({
      appToken: access.appToken,
      logger: loggerFor(log),
      // A third of it is the pace of the pings; shorter, and a busy host would cut good connections.
      clientPingTimeout: 2_500,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: { ...clientOptions } },
      customPropertiesExtractor: (event: { envelope_id?: string }) => ({ envelope: event.envelope_id ?? '' }),
    });
    const app = new App({
      receiver,
      logger: loggerFor(log),
      convoStore: false,
      clientOptions: { ...clientOptions },
      authorize: async () => ({
        botToken: access.botToken,
        ...(me.bot_id ? { botId: me.bot_id } : {}),
        ...(me.user_id ? { botUserId: me.user_id } : {}),
      }),
    });
    const made: Line = { web, app, receiver, heardAt: Date.now(), open: false, watch: undefined };
    receiver.client.on('ws_message', () => {
      made.heardAt = Date.now();
    });
    receiver.client.on('disconnected', () => void reopen(made));
    listen(app);
    try {
      await open(made, deadline);
    } catch (error) {
      await close(made);
      throw outsideError('open the connection for buttons and commands with the app token (SLACK_APP_TOKEN)', error);
    }
    made.watch = setInterval(() => void look(made), 60_000).unref();
    return made;
  }

  async function open(made: Line, deadline: number): Promise<void> {
    try {
      await inTime(made.app.start(), deadline, late('open the connection'));
    } catch (error) {
      // A connection without a "hello" would stay half open.
      await made.receiver.client.disconnect().catch(() => undefined);
      throw error ?? new OutsideError('Slack: the connection was closed before it was ready', true);
    }
    made.open = true;
    made.heardAt = Date.now();
    say('socket', undefined);
  }

  /** After a lost connection, for as long as it takes: quickly first, then every half minute. */
  async function reopen(made: Line): Promise<void> {
    if (stopped || !made.open) return;
    made.open = false;
    const since = new Date().toISOString().slice(11, 16);
    for (let attempt = 0; !stopped && !made.open; attempt++) {
      await pause(Math.min(30_000, attempt === 0 ? 50 : 500 * 2 ** attempt));
      if (stopped) return;
      try {
        await open(made, Date.now() + 15_000);
        if (stopped) return close(made);
        log.info({ attempt }, 'slack connection is back');
      } catch (error) {
        const problem = outsideError('open the connection for buttons and commands', error);
        if (attempt > 2 || tokenRefused(error)) say('socket', `No buttons or commands on Slack since ${since} UTC. ${problem.message}`);
        log.warn({ attempt, error: problem.message }, 'slack connection could not be opened');
      }
    }
  }

  /** Once a minute: is the token still good, and is a quiet connection still a connection? */
  async function look(made: Line): Promise<void> {
    try {
      await made.web.auth.test();
      say('token', undefined);
    } catch (error) {
      say('token', outsideError('log in', error).message);
    }
    // Slack itself renews connections every few hours; one that was silent for an hour may have been forgotten on the other side.
    if (made.open && Date.now() - made.heardAt > 3_600_000) await made.receiver.client.disconnect().catch(() => undefined);
  }

  async function close(made: Line): Promise<void> {
    clearInterval(made.watch);
    const { client } = made.receiver;
    const gone = client.disconnect().catch(() => undefined);
    // A peer that never answers the closing would hold the process for half a minute; asking twice cuts the line.
    const cut = setTimeout(() => void client.disconnect().catch(() => undefined), 500);
    await gone;
    clearTimeout(cut);
  }
}

/** One connection to one Slack. `open`: commands and buttons arrive. */
type Line = {
  web: webApi.WebClient;
  app: App;
  receiver: SocketModeReceiver;
  heardAt: number;
  open: boolean;
  watch: NodeJS.Timeout | undefined;
};
/** Where Slack's methods may be found: the address given, and below `/api/`, which people leave out. */
function addressesOf(apiUrl: string | undefined): string[] {
  if (apiUrl === undefined || apiUrl === '') return ['https://slack.com/api/'];
  const base = apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
  return base.endsWith('/api/') ? [base] : [base, `${base}api/`];
}

/** Retrying is decided here, call by call: Bolt would retry for half an hour, and a message it doubles cannot be taken back. */
function clientOptionsFor(slackApiUrl: string, log: Log): webApi.WebClientOptions {
  return { slackApiUrl, retryConfig: { retries: 0 }, timeout: 8_000, rejectRateLimitedCalls: true, logger: loggerFor(log) };
}

const late = (tried: string) => () => new OutsideError(`Slack: could not ${tried}: no answer in time`, true);

/** Bolt's own messages: warnings and errors only, without tokens and the tickets in socket addresses. */
function loggerFor(log: Log): Logger {
  const words = (said: unknown[]) =>
    said
      .map(String)
      .join(' ')
      .replace(/xox[a-z]-[\w-]+|xapp-[\w-]+|(ticket|app_id)=[^&\s]+/g, '[secret]')
      .slice(0, 500);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...said: unknown[]) => log.debug({ said: words(said) }, 'slack client warns'),
    error: (...said: unknown[]) => log.warn({ said: words(said) }, 'slack client reports an error'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
