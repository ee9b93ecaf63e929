/**
 * `demo`: the whole bot on a simulated account with the web console. Endpoint and credentials are made up and passed in code; what the
 * environment says about AWS, Slack or Discord is not read, and nothing but loopback is opened.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAws } from '../adapters/aws/open.ts';
import { openPictures } from '../adapters/chart/apart.ts';
import { mintLogin } from '../adapters/console/login.ts';
import { createConsole, type DemoControls } from '../adapters/console/platform.ts';
import { createLog } from '../adapters/log.ts';
import { createNotices } from '../adapters/notices.ts';
import { createVirtualClock, type VirtualClock } from '../adapters/simulated/clock.ts';
import { networkOf } from '../adapters/simulated/networks.ts';
import { readScenario, type Scenario, ScenarioError } from '../adapters/simulated/scenario.ts';
import { startSimulated } from '../adapters/simulated/simulated.ts';
import { openStore } from '../adapters/store/store.ts';
import { createBot } from '../bot/bot.ts';
import type { Message } from '../bot/message.ts';
import type { Policy } from '../bot/people.ts';
import { type Chat, type Log, OutsideError, type Store } from '../bot/ports.ts';
import { checks } from '../checks/index.ts';
import { playAlone, type Teller } from './demo-auto.ts';
import { createPace } from './demo-pace.ts';
import { keepBeating, untilTold } from './start.ts';

type Options = { port: number; speed: number; scenario: string; auto?: boolean; json?: boolean };

const people: Policy['people'] = [
  { id: 'ada', name: 'Ada', role: 'admin' },
  { id: 'grace', name: 'Grace', role: 'responder' },
];
const policy: Policy = {
  people,
  expiresSeconds: 15 * 60,
  twoPeopleAboveUsdPerHour: Number.POSITIVE_INFINITY,
  mostResources: 500,
  actions: 'on',
  pageAfterSeconds: 600,
  zone: 'UTC',
};
/** The scenario begins so long after the account's clock starts: time to read the past. */
const leadSeconds = 4 * 60;
/** Before its first step nobody has to wait longer than this, in the account's time. */
const calmSeconds = 15;

export async function demo(options: Options): Promise<void> {
  const scenario = await scenarioOf(options.scenario);
  if (!scenario) {
    process.exitCode = 2;
    return;
  }
  const told = untilTold();
  const teller: Teller = { line: (text) => process.stdout.write(`${text}\n`), json: options.json === true };
  const stage = await openDemo({
    ...options,
    scenario,
    waits: !options.auto,
    onFirstMessage: (message) => tellFirst(teller, stage.clock, message),
  });
  const { bot, clock, store, simulated, pace } = stage;
  await introduce(teller, stage, options);
  const contained = options.auto
    ? await Promise.race([
        playAlone({
          bot,
          store,
          simulated,
          scenario: stage.scenario,
          startedAt: stage.startedAt,
          clock,
          pace,
          speed: options.speed,
          teller,
        }),
        told,
      ])
    : await told;
  await stage.stop();
  if (contained === false) process.exitCode = 1;
}

async function introduce(teller: Teller, stage: Awaited<ReturnType<typeof openDemo>>, options: Options): Promise<void> {
  const { scenario } = stage;
  const [ada, grace] = [await stage.login('ada'), await stage.login('grace')];
  if (teller.json) {
    if (!options.auto) for (const [person, url] of Object.entries({ ada, grace })) teller.line(JSON.stringify({ person, url }));
    return;
  }
  teller.line(
    `Cloudwarden demo: a simulated AWS account, ${options.speed} times as fast as yours. Nothing outside this machine is touched.`,
  );
  teller.line(`Played: ${scenario.name}.${scenario.about ? ` ${scenario.about.trim()}` : ''}`);
  teller.line('');
  teller.line(`${options.auto ? 'To watch, open' : 'Open'} this in a browser (you are Ada, an admin; the link works once):`);
  teller.line(ada);
  teller.line('For a second person, open this in a private window (Grace, a responder: may ask, not approve):');
  teller.line(grace);
  teller.line('');
  teller.line(
    options.auto
      ? 'Ada is played by a script. Times are the account’s own.'
      : 'The story begins when you have opened the page. Ctrl+C ends the demo.',
  );
}

function tellFirst(teller: Teller, clock: VirtualClock, message: Message): void {
  if (!teller.json) teller.line(`${clock.now().slice(11, 19)} UTC  ${message.summary}`);
}

/** A path is looked for from here, then from the package, so that the shipped files are found from everywhere. Says what is wrong and gives nothing. */
async function scenarioOf(path: string): Promise<Scenario | undefined> {
  const here = resolve(path);
  const shipped = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  try {
    return await readScenario(existsSync(here) || !existsSync(shipped) ? here : shipped);
  } catch (error) {
    if (!(error instanceof ScenarioError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    process.stderr.write(
      `${error instanceof ScenarioError ? error.message : `The scenario ${path} cannot be read: ${(error as Error).message}`}\n`,
    );
    return undefined;
  }
}

/** Everything a demo is made of, running: the account, the bot, the page. */
export async function openDemo(options: {
  scenario: Scenario;
  port: number;
  speed: number;
  /** The scenario begins when somebody has opened the page. */
  waits: boolean;
  onFirstMessage?: (message: Message) => void;
}) {
  const log = createLog('error');
  const startedAt = new Date().toISOString();
  const scenario = later(options.scenario, leadSeconds);
  const clock = createVirtualClock({ start: startedAt, speed: 1 });
  const simulated = await startSimulated({ scenario, clock, log });
  const store = await openStore({ file: ':memory:', auditKey: randomBytes(32), log });
  const firstStep = Math.min(leadSeconds + 180, ...scenario.attack.map((step) => step.at));
  const beginsMs = Date.parse(startedAt) + Math.max(leadSeconds, firstStep - calmSeconds) * 1000;
  const pace = createPace({ clock, store, speed: options.speed, beginsMs, waits: options.waits });
  const account = await openAws(
    { account: simulated.accountId, name: simulated.accountName },
    {
      log,
      clock,
      endpoint: simulated.endpoint,
      credentials: simulated.credentials,
      network: async () => networkOf(simulated.networks),
      store,
    },
  );
  const room = createDemoConsole(options.port, { store, clock, log, demo: pace }, (message) => {
    pace.read();
    options.onFirstMessage?.(message);
  });
  const pictures = openPictures();
  const bot = createBot({
    // The made-up role lives in the made-up account; that is no news to anybody here.
    accounts: [{ ...account, warnings: async () => [] }],
    chats: [room.chat],
    store,
    clock,
    checks,
    params: {},
    policy,
    notices: createNotices({}),
    log,
    digestAt: { at: '09:00', zone: 'UTC' },
    draw: pictures.draw,
    endpointsElsewhere: [],
    configuration: { hash: 'demo', people: people.map((person) => person.id), limits: {} },
  });
  await bot.start();
  const beat = keepBeating(bot, log);
  return {
    bot,
    store,
    simulated,
    clock,
    pace,
    scenario,
    startedAt,
    /** A one-time link for that person, valid for five minutes of real time. */
    login: async (person: string) => `${room.url()}${await mintLogin(store, person, new Date().toISOString())}`,
    async stop() {
      beat.stop();
      pace.stop();
      await bot.stop();
      await pictures.close();
      await simulated.stop();
      clock.stop();
    },
  };
}

/** The same story, beginning so many seconds later. */
function later(scenario: Scenario, seconds: number): Scenario {
  const attack = scenario.attack.map((step) => ({
    ...step,
    at: step.at + seconds,
    ...(step.repeat?.until === undefined ? {} : { repeat: { ...step.repeat, until: step.repeat.until + seconds } }),
  }));
  return { ...scenario, attack };
}

/** The console on the wanted port, or on any free one when that is taken. `onFirstMessage`: the first reading has ended with that. */
function createDemoConsole(
  port: number,
  parts: { store: Store; clock: VirtualClock; log: Log; demo: DemoControls },
  onFirstMessage: (message: Message) => void,
): { chat: Chat; url(): string } {
  const { store, ...rest } = parts;
  const readers = people.map(({ id, name, role }) => ({ id, name, role }));
  const consoleOn = (wanted: number) =>
    createConsole({ listen: { host: '127.0.0.1', port: wanted }, people: readers, logins: store, ...rest });
  let room = consoleOn(port);
  const chat: Chat = {
    get platform() {
      return room.platform;
    },
    get room() {
      return room.room;
    },
    async start(on) {
      try {
        await room.start(on);
      } catch (error) {
        const code = error instanceof OutsideError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
        if (code !== 'EADDRINUSE') throw error;
        room = consoleOn(0);
        await room.start(on);
      }
    },
    stop: () => room.stop(),
    async post(message, options) {
      const ref = await room.post(message, options);
      if (options?.once === 'first-reading') onFirstMessage(message);
      return ref;
    },
    update: (...given) => room.update(...given),
    trouble: () => room.trouble(),
  };
  return { chat, url: () => room.url() };
}
