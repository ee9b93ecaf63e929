/** A whole bot over a pretended account, a real store and a clock that is moved by hand; it can be killed at any point and born again. */
import { onTestFinished } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../src/adapters/simulated/clock.ts';
import { openStore } from '../../src/adapters/store/store.ts';
import { type Bot, type BotDeps, createBot } from '../../src/bot/bot.ts';
import { type Meaning, mean } from '../../src/bot/button.ts';
import { Killed } from '../../src/bot/fault.ts';
import type { Incident } from '../../src/bot/incident.ts';
import type { Policy } from '../../src/bot/people.ts';
import type { Answer, ChatUser, GuardedAccount, Log, Store } from '../../src/bot/ports.ts';
import { checks } from '../../src/checks/index.ts';
import { type PretendAccount, pretendAccount } from './pretend-cloud.ts';
import { type RecordingChat, recordingChat } from './recording-chat.ts';
import { silentLog } from './silent-log.ts';
import { policy } from './stories.ts';

export const start = '2026-11-03T12:00:00.000Z';
export const ada: ChatUser = { platform: 'console', user: 'ada', space: 'console', name: 'Ada' };
export const grace: ChatUser = { platform: 'console', user: 'grace', space: 'console', name: 'Grace' };
export const bob: ChatUser = { platform: 'console', user: 'bob', space: 'console', name: 'Bob' };

export type Paged = { incident: string; severity: string; usdPerHour: number | null };
export type World = {
  clock: VirtualClock;
  account: PretendAccount;
  chats: RecordingChat[];
  chat: RecordingChat;
  store: Store;
  bot: Bot;
  paged: Paged[];
  beats: string[];
  /** What the policy says from the next start on. */
  policy: Policy;
  /** Time passes: the heart beats every `step` seconds, and everything begun ends. `between` acts before each beat. */
  pass(seconds: number, step?: number, between?: () => void): Promise<void>;
  press(by: ChatUser, meaning: Meaning, values?: Record<string, string>): Promise<Answer>;
  /** Presses what stands on a message, as a person would. */
  pressOn(by: ChatUser, label: RegExp, values?: Record<string, string>): Promise<Answer>;
  story(id?: string): Promise<Incident>;
  stories(): Promise<Incident[]>;
  /** The process dies here, without a word, and another one starts on the same database. */
  restart(): Promise<void>;
};
export type WorldOptions = {
  /** Where the database is; in memory, a restart keeps the connection. */
  file?: string;
  chats?: RecordingChat[];
  policy?: Policy;
  fault?: (point: string) => void;
  log?: Log;
  accounts?: (account: PretendAccount) => GuardedAccount[];
  digestAt?: BotDeps['digestAt'];
  checks?: BotDeps['checks'];
};

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const clock = createVirtualClock({ start, speed: 'manual' });
  const account = pretendAccount(clock);
  const chats = options.chats ?? [recordingChat()];
  const open = () =>
    openStore({ file: options.file ?? ':memory:', auditKey: 'a key for tests only, 32 bytes!!', log: silentLog, now: () => clock.now() });
  const paged: Paged[] = [];
  const beats: string[] = [];
  const log = options.log ?? silentLog;
  let presses = 0;
  let life = { dead: false };

  async function live(store: Store): Promise<Bot> {
    const mine = { dead: false };
    life = mine;
    const mortal = <T extends object>(thing: T): T =>
      new Proxy(thing, {
        get(target, name, receiver) {
          const value: unknown = Reflect.get(target, name, receiver);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            if (mine.dead) throw new Killed('dead');
            return (value as (...all: unknown[]) => unknown).apply(target, given);
          };
        },
      });
    const accounts = options.accounts?.(account) ?? [account];
    const bot = createBot({
      accounts: accounts.map((one) => ({
        ...one,
        sources: one.sources.map(mortal),
        ...(one.remedier ? { remedier: mortal(one.remedier) } : {}),
      })),
      chats: chats.map(mortal),
      store: mortal(store),
      clock,
      checks: options.checks ?? checks,
      params: {},
      policy: world.policy,
      notices: mortal({
        page: async (page: Paged) => void paged.push(page),
        heartbeat: async () => void beats.push(clock.now()),
        finding: async () => {},
      }),
      log,
      digestAt: options.digestAt ?? { at: '09:00', zone: 'UTC' },
      endpointsElsewhere: [],
      configuration: {
        hash: JSON.stringify(world.policy),
        people: world.policy.people.map((one) => `${one.id} ${one.role}`),
        limits: { most: world.policy.mostResources },
      },
      fault(point) {
        if (mine.dead) throw new Killed(point);
        try {
          options.fault?.(point);
        } catch (error) {
          if (error instanceof Killed) mine.dead = true;
          throw error;
        }
      },
    });
    await bot.start();
    await bot.idle();
    return bot;
  }

  const world: World = {
    clock,
    account,
    chats,
    chat: chats[0]!,
    store: await open(),
    bot: undefined as unknown as Bot,
    paged,
    beats,
    policy: options.policy ?? policy(),
    async pass(seconds, step = 10, between) {
      const until = clock.ms() + seconds * 1000;
      while (clock.ms() < until) {
        await clock.advance(Math.min(step, (until - clock.ms()) / 1000));
        between?.();
        if (life.dead) continue;
        await world.bot.beat().catch(orKilled);
        await world.bot.idle().catch(orKilled);
      }
    },
    async press(by, meaning, values) {
      presses += 1;
      const button = mean(meaning, '').button.id;
      const ref = { platform: by.platform, room: 'alerts', id: '1' };
      return world.bot.press({ id: `press-${presses}`, button, by, ref, ...(values ? { values } : {}) });
    },
    async pressOn(by, label, values) {
      presses += 1;
      const chat = chats.find((one) => one.platform === by.platform) ?? world.chat;
      const [button] = chat.buttons(label);
      if (!button) throw new Error(`There is no button ${label} now:\n${chat.text()}`);
      const { id, ref } = button;
      const answer = await world.bot.press({ id: `press-${presses}`, button: id, by, ref, ...(values ? { values } : {}) });
      await world.bot.idle();
      return answer;
    },
    async story(id = 'INC-1') {
      const story = await world.store.incident(id);
      if (!story) throw new Error(`There is no story ${id}.`);
      return story;
    },
    stories: () => world.store.incidents({}),
    async restart() {
      life.dead = true;
      // Whatever the dead one had begun runs against closed doors.
      await world.bot.idle().catch(orKilled);
      if (options.file) {
        await world.store.close();
        world.store = await open();
      }
      world.bot = await live(world.store);
    },
  };
  world.bot = await live(world.store);
  onTestFinished(() => {
    life.dead = true;
    clock.stop();
    return world.store.close();
  });
  return world;
}

const orKilled = (error: unknown): void => {
  if (!(error instanceof Killed)) throw error;
};
export const words = (answer: Answer): string => (answer ? JSON.stringify(answer.parts) : '');
