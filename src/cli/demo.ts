/**
 * `demo`: the whole bot on a simulated account with the web console. Endpoint and credentials are made up and passed in code; what the
 * environment says about AWS, Slack or Discord is not read, and nothing but loopback is opened.
 */
import { randomBytes } from 'node:crypto';
import { BlockList, isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { openAws } from '../adapters/aws/open.ts';
import { drawSpend } from '../adapters/chart/chart.ts';
import { mintLogin } from '../adapters/console/login.ts';
import { createConsole, type DemoControls } from '../adapters/console/platform.ts';
import { createLog } from '../adapters/log.ts';
import { createNotices } from '../adapters/notices.ts';
import { createVirtualClock, type VirtualClock } from '../adapters/simulated/clock.ts';
import { readScenario } from '../adapters/simulated/scenario.ts';
import { type Simulated, startSimulated } from '../adapters/simulated/simulated.ts';
import { openStore } from '../adapters/store/store.ts';
import { type Bot, createBot } from '../bot/bot.ts';
import { mean } from '../bot/button.ts';
import { type Incident, rank } from '../bot/incident.ts';
import type { Policy } from '../bot/people.ts';
import { OutsideError, type Store } from '../bot/ports.ts';
import { storyHeadline } from '../bot/present.ts';
import { checks } from '../checks/index.ts';
import type { Network } from '../checks/observation.ts';
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
/** In the account's time; long enough for any scenario to be contained and watched. */
const autoGivesUpAfterHours = 4;

export async function demo(options: Options): Promise<void> {
  const scenario = await readScenario(resolve(options.scenario));
  const log = createLog('error');
  const clock = createVirtualClock({ start: new Date().toISOString(), speed: options.speed });
  const simulated = await startSimulated({ scenario, clock, log });
  const store = await openStore({ file: ':memory:', auditKey: randomBytes(32), log });
  const account = await openAws(
    { account: simulated.accountId, name: simulated.accountName },
    { log, clock, endpoint: simulated.endpoint, credentials: simulated.credentials, network: async () => networkOf(simulated.networks) },
  );
  const room = createDemoConsole(options, store, clock, log);
  const bot = createBot({
    // The made-up role lives in the made-up account; that is no news to anybody here.
    accounts: [{ ...account, warnings: async () => [] }],
    chats: [room],
    store,
    clock,
    checks,
    params: {},
    policy,
    notices: createNotices({}),
    log,
    digestAt: { at: '09:00', zone: 'UTC' },
    draw: drawSpend,
    endpointsElsewhere: [],
    configuration: { hash: 'demo', people: people.map((person) => person.id), limits: {} },
  });
  await bot.start();
  const say = (text: string) => process.stdout.write(`${text}\n`);
  if (!options.json) {
    say(`Cloudwarden demo: a simulated AWS account, ${options.speed} times as fast as yours. Nothing outside this machine is touched.`);
    say('Open this in a browser (you are Ada, an admin):');
    say(`${room.url()}${await mintLogin(store, 'ada', new Date().toISOString())}`);
    say('');
  }
  const beat = keepBeating(bot, log);
  const pace = slowForQuestions(store, clock);
  const contained = options.auto ? await playAlone(bot, store, simulated, clock, options, say) : await untilTold();
  beat.stop();
  pace.stop();
  await bot.stop();
  await simulated.stop();
  clock.stop();
  if (contained === false) process.exitCode = 1;
}

/** The scenario's made-up addresses, in the networks it says they are in. */
function networkOf(networks: Simulated['networks']): (address: string) => Network {
  const ranges = networks.map(({ range, asn, name, kind }) => {
    const list = new BlockList();
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits));
    return { list, asn, name, kind };
  });
  return (address) => {
    const found = isIPv4(address) ? ranges.find(({ list }) => list.check(address)) : undefined;
    return found
      ? { address, asn: found.asn, name: found.name, kind: found.kind }
      : { address, kind: address.endsWith('.amazonaws.com') ? 'provider' : 'unknown' };
  };
}

function createDemoConsole(options: Options, store: Store, clock: VirtualClock, log: ReturnType<typeof createLog>) {
  const demo: DemoControls = {
    state: () => ({ paused: clock.pace.paused, speed: clock.pace.speed, now: clock.now(), label: 'simulated account' }),
    pause: () => clock.pause(),
    resume: () => clock.resume(),
    speed: (times) => clock.speed(times),
  };
  const consoleOn = (port: number) =>
    createConsole({
      listen: { host: '127.0.0.1', port },
      people: people.map(({ id, name, role }) => ({ id, name, role })),
      logins: store,
      clock,
      log,
      demo,
    });
  // The wanted port may be taken: any free one will do then.
  let room = consoleOn(options.port);
  return {
    get platform() {
      return room.platform;
    },
    get room() {
      return room.room;
    },
    async start(on: Parameters<typeof room.start>[0]) {
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
    post: (...given: Parameters<typeof room.post>) => room.post(...given),
    update: (...given: Parameters<typeof room.update>) => room.update(...given),
    trouble: () => room.trouble(),
    url: () => room.url(),
  };
}

/** While a question waits, the account's time runs like yours: a plan that is valid for 15 minutes must not be gone in 15 seconds. */
function slowForQuestions(store: Store, clock: VirtualClock): { stop(): void } {
  let before: number | undefined;
  const timer = setInterval(async () => {
    const asking = (await store.incidents({ states: ['asking'] }).catch(() => [])).length > 0;
    if (asking && before === undefined) {
      before = clock.pace.speed;
      clock.speed(Math.min(1, before));
    } else if (!asking && before !== undefined) {
      clock.speed(before);
      before = undefined;
    }
  }, 200);
  return { stop: () => clearInterval(timer) };
}

/** A scripted admin: asks for containment of every story of *high* or more, approves, and watches. True when the account is contained. */
async function playAlone(
  bot: Bot,
  store: Store,
  simulated: Simulated,
  clock: VirtualClock,
  options: Options,
  say: (text: string) => void,
): Promise<boolean> {
  const ada = { platform: 'console', user: 'ada', space: 'console', name: 'Ada' };
  const told = new Map<string, number>();
  const opened = clock.now();
  let presses = 0;
  const press = async (meaning: Parameters<typeof mean>[0]) => {
    presses += 1;
    await bot.press({
      id: `auto-${presses}`,
      button: mean(meaning, '').button.id,
      by: ada,
      ref: { platform: 'console', room: '', id: '' },
    });
  };
  for (;;) {
    await new Promise((wake) => setTimeout(wake, 200));
    const stories = await store.incidents({});
    for (const story of stories) tell(story, told, simulated, options, say);
    const loud = stories.filter((story) => rank(story.severity) >= rank('high') && story.state !== 'joined');
    for (const story of loud) {
      // The card must be there before anybody can press it.
      if (story.cards.length > 0 && needsContaining(story, simulated)) await press({ kind: 'ask', incident: story.id, want: 'contain' });
      if (story.state === 'asking' && story.plan && story.questions.length > 0)
        await press({ kind: 'approve', incident: story.id, plan: story.plan.id, hash: story.plan.hash });
    }
    const isOver =
      loud.length > 0 &&
      loud.some((story) => story.watch?.containedAt) &&
      loud.every((story) => story.state === 'resolved' || story.state === 'expected');
    if (isOver) {
      const running = runningOf(loud, simulated);
      if (options.json) say(JSON.stringify({ contained: running === 0, running }));
      else say(running === 0 ? 'The account is contained.' : `${running} of the attacker’s machines still run.`);
      return running === 0;
    }
    if (Date.parse(clock.now()) - Date.parse(opened) > autoGivesUpAfterHours * 3_600_000) {
      if (options.json) say(JSON.stringify({ contained: false, running: runningOf(loud, simulated) }));
      else say(`Not contained after ${autoGivesUpAfterHours} hours of the account’s time.`);
      return false;
    }
  }
}

function tell(story: Incident, told: Map<string, number>, simulated: Simulated, options: Options, say: (text: string) => void): void {
  const known = told.get(story.id) ?? 0;
  const last = story.history.slice(known);
  told.set(story.id, story.history.length);
  for (const { at, text } of last) {
    if (options.json)
      say(
        JSON.stringify({
          at,
          incident: story.id,
          severity: story.severity,
          state: story.state,
          headline: storyHeadline(story),
          text,
          running: runningOf([story], simulated),
        }),
      );
    else say(`${at.slice(11, 19)} UTC  ${story.id}  ${story.severity.padEnd(8)}  ${text}`);
  }
}

/** Open, or acted on while machines of the story still run that no approved plan covers. */
function needsContaining(story: Incident, simulated: Simulated): boolean {
  if (story.state === 'open') return !story.watch?.containedAt;
  const last = story.watch?.looks.filter((look) => look.saw !== undefined).at(-1);
  return story.state === 'watching' && last !== undefined && !last.saw?.startsWith('nothing') && runningOf([story], simulated) > 0;
}

/** The truth from behind the curtain: machines of these stories that still run. */
function runningOf(stories: Incident[], simulated: Simulated): number {
  const subjects = stories.flatMap((story) => story.subjects);
  return simulated.state
    .instances()
    .filter(({ id, state }) => (state === 'running' || state === 'pending') && subjects.some((subject) => subject.endsWith(`/${id}`)))
    .length;
}
