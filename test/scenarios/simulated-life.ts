/** The whole bot with the real AWS adapter on a simulated account; its clock is moved by hand, so that a day is over in seconds. */
import { onTestFinished } from 'vitest';
import { openAws } from '../../src/adapters/aws/open.ts';
import { createVirtualClock } from '../../src/adapters/simulated/clock.ts';
import { networkOf } from '../../src/adapters/simulated/networks.ts';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { startSimulated } from '../../src/adapters/simulated/simulated.ts';
import { openStore } from '../../src/adapters/store/store.ts';
import { createBot } from '../../src/bot/bot.ts';
import type { Incident } from '../../src/bot/incident.ts';
import { checks } from '../../src/checks/index.ts';
import { recordingChat } from '../support/recording-chat.ts';
import { silentLog } from '../support/silent-log.ts';
import { policy } from '../support/stories.ts';

export async function live(name: string, options: { start?: string; seed?: number; mostResources?: number } = {}) {
  const scenario = await readScenario(`config/scenarios/${name}.yaml`);
  const clock = createVirtualClock({ start: options.start ?? '2026-11-23T10:00:00.000Z', speed: 'manual' });
  const simulated = await startSimulated({ scenario, clock, ...(options.seed === undefined ? {} : { seed: options.seed }) });
  const store = await openStore({ file: ':memory:', auditKey: 'a key for tests only, 32 bytes!!', now: () => clock.now() });
  const account = await openAws(
    { account: simulated.accountId, name: simulated.accountName },
    {
      log: silentLog,
      clock,
      endpoint: simulated.endpoint,
      credentials: simulated.credentials,
      network: async () => networkOf(simulated.networks),
    },
  );
  const chat = recordingChat();
  const people = policy({ twoPeopleAboveUsdPerHour: 100_000, mostResources: options.mostResources ?? 500 });
  const bot = createBot({
    accounts: [account],
    chats: [chat],
    store,
    clock,
    checks,
    params: {},
    policy: people,
    notices: { page: async () => {}, heartbeat: async () => {}, finding: async () => {} },
    log: silentLog,
    digestAt: { at: '09:00', zone: 'UTC' },
    endpointsElsewhere: [],
    configuration: { hash: 'test', people: people.people.map((one) => one.id), limits: {} },
  });
  onTestFinished(async () => {
    await bot.stop();
    await simulated.stop();
    await store.close();
    clock.stop();
  });

  /** Waits for what was begun. The clock is moved a little only when no call has reached the account for a while: then it is time that is waited for (paces, retries). */
  async function settle(): Promise<void> {
    let isIdle = false;
    const idle = bot.idle().then(() => {
      isIdle = true;
    });
    let calls = -1;
    for (let still = 0; !isIdle; still += 1) {
      await Promise.race([idle, new Promise((wake) => setTimeout(wake, 2))]);
      if (simulated.state.events() !== calls) still = 0;
      calls = simulated.state.events();
      if (isIdle || still < 5) continue;
      await clock.advance(0.5);
      still = 0;
    }
  }

  await bot.start();
  await settle();
  return {
    bot,
    chat,
    clock,
    simulated,
    store,
    settle,
    /** The heart beats every `step` seconds of the account's time; stops early when `until` holds. */
    async pass(seconds: number, step = 30, until: () => Promise<boolean> = async () => false): Promise<void> {
      const end = clock.ms() + seconds * 1000;
      while (clock.ms() < end) {
        await clock.advance(step);
        await bot.beat();
        await settle();
        if (await until()) return;
      }
    },
    async press(label: RegExp): Promise<void> {
      const [button] = chat.buttons(label);
      if (!button) throw new Error(`There is no button ${label} now:\n${chat.text()}`);
      await bot.press({
        id: `press-${clock.ms()}-${label}`,
        button: button.id,
        by: { platform: 'console', user: 'ada', space: 'console' },
        ref: button.ref,
      });
      await settle();
    },
    stories: (): Promise<Incident[]> => store.incidents({}),
    /** Cards in the room: messages with a severity. */
    cards: () => chat.posted.filter((one) => !one.under && one.message.severity !== undefined),
  };
}
