/** The bot: its parts put together, its heart beat, its start and its stop. */
import type { AnyCheck } from '../checks/check.ts';
import type { Scope, Time } from '../checks/observation.ts';
import { aboveOwnHistory, spendParams } from '../checks/spend/above-own-history.ts';
import { mayDo } from './approval.ts';
import { type CommandDeps, runCommand } from './commands.ts';
import { decrees } from './commands-memory.ts';
import { createDesk } from './desk.ts';
import type { Budget, ChartSpec, Grant } from './digest.ts';
import type { Fault } from './fault.ts';
import { type HistoryDeps, readHistory } from './history.ts';
import { createInspector } from './inspect.ts';
import { createJobs, type DigestTimes } from './jobs.ts';
import type { Message } from './message.ts';
import { approvers, type Policy, personOf } from './people.ts';
import type { Answer, Chat, Clock, Command, GuardedAccount, Log, Notices, Press, Source, Store } from './ports.ts';
import { createPresses } from './presses.ts';
import { createRounds, linkOf } from './rounds.ts';
import { spendJudge } from './spend.ts';
import { linkBook, scopeName } from './story.ts';
import { addSeconds } from './time.ts';
import { createWork } from './work.ts';

export type BotDeps = {
  accounts: GuardedAccount[];
  chats: Chat[];
  store: Store;
  clock: Clock;
  checks: readonly AnyCheck[];
  /** Settings of checks by id. */
  params: Record<string, unknown>;
  policy: Policy;
  notices: Notices;
  log: Log;
  digestAt: DigestTimes;
  /** What costs are held against. */
  money?: { budgets: Budget[]; credits: Grant[] };
  /** Draws the digest's picture. */
  draw?: (spec: ChartSpec) => Promise<{ png: Uint8Array; alt: string }>;
  /** Endpoints that do not point where they usually do, for the digest. */
  endpointsElsewhere: string[];
  /** Stands in the first audit row of every start. */
  configuration: { hash: string; people: string[]; limits: Record<string, unknown> };
  /** The demo brings its own past at once. */
  retention?: { observations: number; incidents: number };
  fault?: Fault;
};

export type Bot = {
  /**
   * Restores what was known and begins to look at once; resolves when each chat has been tried. Throws only when the store or the audit
   * cannot be used.
   */
  start(): Promise<void>;
  /** Called by the heart beat, every second or so; starts what is due and does not wait for it. */
  beat(): Promise<void>;
  /** Waits until nothing that was begun is running (looks, effects). For tests and a clean stop. */
  idle(): Promise<void>;
  stop(): Promise<void>;
  /** Ready when the store answers, the first round has been made and at least one chat is connected. `troubles`: what is wrong besides. */
  ready(): Promise<{ ready: boolean; why: string[]; troubles: string[] }>;
  digestNow(): Promise<Message>;
  command(command: Command): Promise<Answer>;
  press(press: Press): Promise<Answer>;
};

export function createBot(deps: BotDeps): Bot {
  const { accounts, chats, store, clock, notices, log } = deps;
  const halt = new AbortController();
  const running = new Map<string, Promise<void>>();
  const lastLooks = new Map<Source, Time>();
  const troubles = new Map<string, string>();
  const fault = deps.fault ?? (() => undefined);
  let isPaused = false;
  let isStarted = false;
  /** Each chat has been tried once: what is posted only once, the digest, waits for that. */
  let hasTriedChats = false;
  let beaten: Time | undefined;

  const policy = (): Policy => (isPaused ? { ...deps.policy, actions: 'off' } : deps.policy);
  const cannotAct = (scopes?: Scope[]): string | undefined => {
    if (deps.policy.actions === 'off') return 'Acting is switched off in the configuration (actions: off).';
    if (isPaused) return 'Acting is paused (/warden resume-actions ends that).';
    if (approvers(deps.policy).length === 0) return 'Observe only: nobody is configured who may approve (people with role admin).';
    const concerned = scopes ? accounts.filter(({ scope }) => scopes.some((one) => scopeName(one) === scopeName(scope))) : accounts;
    if (concerned.some((account) => account.remedier)) return undefined;
    const where = scopes && concerned.length < accounts.length ? ` for ${concerned.map((account) => account.name).join(', ')}` : '';
    return `Observe only: no acting role is configured${where} (accounts → act).`;
  };

  const allTroubles = (): string[] => [
    ...troubles.values(),
    ...rounds.broken(),
    ...chats.flatMap((chat) => {
      const trouble = chat.trouble();
      return trouble && !troubles.has(chat.platform) ? [`${chat.platform}: ${trouble}`] : [];
    }),
  ];

  const book = linkBook();
  let inspector = createInspector({ checks: deps.checks, params: deps.params });
  const lens: typeof inspector = {
    inspect: (observations) => inspector.inspect(observations),
    findings: () => inspector.findings(),
    checkpoint: () => inspector.checkpoint(),
    restore: (...given) => inspector.restore(...given),
    forgive: (...given) => inspector.forgive(...given),
    memories: () => inspector.memories(),
    learning: (now) => inspector.learning(now),
    decree: (decreed) => inspector.decree(decreed),
  };
  const desk = createDesk({ store, clock, policy, onEffects: () => begin('effects', () => work.drain()) });
  const rounds = createRounds({ accounts, store, clock, desk, inspector: lens, checks: deps.checks, book, policy, notices, log });
  const work = createWork({ accounts, chats, store, clock, desk, rounds, book, policy, notices, log, cannotAct, fault });
  const presses = createPresses({ store, clock, desk, rounds, policy, view: work.view, begin, fault });
  const judge = spendJudge({
    store,
    clock,
    cloud: accounts[0]?.scope.cloud ?? 'aws',
    usual: spendParams.parse(deps.params[aboveOwnHistory.id] ?? {}),
    names: Object.fromEntries(accounts.map(({ scope, name }) => [scope.id, name])),
  });
  const jobs = createJobs({
    accounts,
    chats,
    store,
    clock,
    desk,
    inspector: lens,
    book,
    policy: deps.policy,
    digestAt: deps.digestAt,
    money: deps.money ?? { budgets: [], credits: [] },
    retention: deps.retention ?? { observations: 95, incidents: 400 },
    draw: deps.draw,
    endpointsElsewhere: deps.endpointsElsewhere,
    troubles: allTroubles,
    cannotAct,
    flushRefusals: presses.flushRefusals,
    reviewExpected: rounds.reviewExpected,
    log,
  });

  /** One of a name at a time; asked again while it runs, it runs once more after. */
  const wanted = new Set<string>();
  function begin(name: string, task: () => Promise<void>): void {
    if (halt.signal.aborted) return;
    if (running.has(name)) {
      wanted.add(name);
      return;
    }
    const run = task()
      .catch((error: unknown) => log.error({ task: name, error }, 'a task failed'))
      .finally(() => {
        running.delete(name);
        if (wanted.delete(name)) begin(name, task);
      });
    running.set(name, run);
  }

  const bot: Bot = {
    async start() {
      await store.audit({ at: clock.now(), who: 'cloudwarden', what: 'started', data: await startData() });
      // One process works on this store, so whatever is in hand was in the hands of one that died.
      await store.releaseLeases();
      isPaused = (await store.setting('actions paused')) === 'yes';
      await restore();
      await jobs.begin();
      const observing = cannotAct();
      if (observing) log.warn({ why: observing }, 'nothing can be acted on');
      // Looking waits for nobody: what is to be said to a chat that is still connecting is kept until it has.
      for (const { platform } of chats) troubles.set(platform, `${platform} is not connected yet`);
      const connected = Promise.all(chats.map(connect));
      isStarted = true;
      begin('history', () => firstReading(connected));
      for (const account of accounts) begin(`warnings of ${scopeName(account.scope)}`, () => warningsOf(account));
      await bot.beat();
      await connected;
      hasTriedChats = true;
    },

    async beat() {
      if (!isStarted || halt.signal.aborted) return;
      const now = clock.now();
      lookIfDue(judge, now);
      for (const account of accounts) {
        for (const source of account.sources) lookIfDue(source, now);
        const calls = account.meter();
        if (calls.length > 0) begin('meter', () => store.addCalls(now.slice(0, 10), account.scope, calls));
      }
      for (const name of hasTriedChats ? await jobs.due(now) : []) if (!running.has(name)) begin(name, () => jobs.run(name, now));
      begin('effects', () => work.drain());
    },

    async idle() {
      // A chat that is away is waited for in the background.
      const busy = () => [...running].filter(([name]) => !name.startsWith('connect ')).map(([, run]) => run);
      while (busy().length > 0) await Promise.all(busy());
      await desk.settled();
    },

    async stop() {
      halt.abort();
      for (const source of accounts.flatMap((account) => account.sources)) source.stop?.();
      await Promise.all(
        chats.map((chat) =>
          chat.stop().catch((error: unknown) => log.warn({ platform: chat.platform, error }, 'a chat did not stop cleanly')),
        ),
      );
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.all(running.values()), patience]);
      await jobs.saveMemory();
      await store.close();
    },

    async ready() {
      const why: string[] = [];
      if (!isStarted) why.push('starting');
      if (isStarted && !beaten) why.push('the first round of looks is not complete yet');
      // One that could not be started knows of no trouble itself.
      const silent = chats.flatMap((chat) => troubles.get(chat.platform) ?? chat.trouble() ?? []);
      if (chats.length > 0 && silent.length === chats.length) why.push(`no chat is connected: ${silent.join('; ')}`);
      return { ready: why.length === 0, why, troubles: allTroubles() };
    },

    digestNow: jobs.digest,

    press: presses.press,

    async command(command) {
      const allowed = mayDo('look', personOf(deps.policy, command.by), command.by, policy());
      return runCommand(command, { ...commandDeps(), person: allowed.ok ? allowed.person : undefined });
    },
  };

  // ---- starting -----------------------------------------------------------------------------------------------------------

  async function startData(): Promise<Record<string, unknown>> {
    const before = JSON.parse((await store.setting('configuration')) ?? '{}') as Partial<BotDeps['configuration']>;
    const { configuration } = deps;
    await store.setSetting('configuration', JSON.stringify(configuration));
    const were = before.people ?? [];
    return {
      configuration: configuration.hash,
      changed: before.hash !== undefined && before.hash !== configuration.hash,
      peopleAdded: configuration.people.filter((person) => !were.includes(person)),
      peopleRemoved: were.filter((person) => !configuration.people.includes(person)),
      limitsBefore: before.limits ?? null,
      limits: configuration.limits,
      endpointsElsewhere: deps.endpointsElsewhere,
    };
  }

  /** Memory and findings as they were; findings that a crash kept from becoming stories become stories now. */
  async function restore(): Promise<void> {
    const { horizon, entries } = await store.memory();
    book.add(await store.links());
    const observations = [];
    for await (const one of store.observations(horizon ?? '')) {
      observations.push(one);
      book.add(linkOf(one));
    }
    inspector.restore({ horizon, entries }, observations);
    for (const one of await decrees(store)) inspector.decree(one);
    await rounds.catchUp(inspector.findings());
  }

  async function warningsOf({ name, warnings }: GuardedAccount): Promise<void> {
    for (const warning of await warnings().catch((error: unknown) => [String(error)]))
      troubles.set(`${name} ${warning}`, warning.includes(name) ? warning : `${name}: ${warning}`);
  }

  async function connect(chat: Chat): Promise<void> {
    const handlers = {
      form: async (button: string) => (await store.button(button))?.form,
      press: (press: Press) => bot.press(press),
      command: (command: Command) => bot.command(command),
    };
    try {
      await chat.start(handlers);
      troubles.delete(chat.platform);
    } catch (error) {
      troubles.set(chat.platform, `${chat.platform} is not connected: ${error instanceof Error ? error.message : String(error)}`);
      log.error({ platform: chat.platform, error }, 'a chat could not be started');
      begin(`connect ${chat.platform}`, async () => {
        await clock.sleep(60, halt.signal);
        if (!halt.signal.aborted) await connect(chat);
      });
    }
  }

  /** `connected`: when each chat has been tried once. */
  async function firstReading(connected: Promise<unknown>): Promise<void> {
    const lookNow = async () => {
      for (const source of accounts.flatMap((account) => account.sources))
        if (source.lists === 'machines') await rounds.look(source, { everywhere: true });
    };
    const take: HistoryDeps['take'] = (source, batch) => rounds.take(source, batch, clock.now());
    const onProgress: HistoryDeps['onProgress'] = (account, done, of) => {
      if (done >= of) troubles.delete(`past of ${account}`);
      else
        troubles.set(
          `past of ${account}`,
          `${account}: the past is still being read, ${done} of ${of} days; what is usual here is not known yet`,
        );
    };
    const read = await readHistory(
      { accounts, store, clock, checks: deps.checks, params: deps.params, log, take, lookNow, onProgress },
      halt.signal,
    );
    if (!read) return;
    // From here on the checks remember the past as well.
    inspector = read.inspector;
    for (const one of await decrees(store)) inspector.decree(one);
    // What was heard while the past was being read again is known already by the store; hearing it twice changes nothing.
    const lately = [];
    for await (const one of store.observations(addSeconds(clock.now(), -24 * 3600))) lately.push(one);
    const { changed } = inspector.inspect(lately);
    await rounds.raise([...read.findings, ...changed.filter((finding) => !read.findings.some((one) => one.key === finding.key))]);
    await jobs.saveMemory();
    await jobs.keepFirstMessage(read.message);
    await read.finish();
    await connected;
    await jobs.sendFirstMessage();
  }

  function lookIfDue(source: Source, now: Time): void {
    const last = lastLooks.get(source);
    if (last && Date.parse(now) - Date.parse(last) < source.everySeconds * 1000 && !source.isDue?.()) return;
    const name = `look ${source.name} ${scopeName(source.scope)}`;
    if (running.has(name)) return;
    lastLooks.set(source, now);
    begin(name, async () => {
      if (await rounds.look(source)) await finishedLook(source);
    });
  }

  /** A round is complete when every quick source has looked to its end since the last heartbeat; one that broke off does not count. */
  const looked = new Set<Source>();
  async function finishedLook(source: Source): Promise<void> {
    looked.add(source);
    const quick = accounts.flatMap((account) => account.sources).filter((one) => one.everySeconds <= 900);
    if (!quick.every((one) => looked.has(one))) return;
    looked.clear();
    beaten = clock.now();
    await notices.heartbeat().catch((error: unknown) => log.warn({ error }, 'the heartbeat was not delivered'));
  }

  // ---- what people type ---------------------------------------------------------------------------------------------------

  const commandDeps = (): Omit<CommandDeps, 'person'> => ({
    store,
    clock,
    policy: policy(),
    accounts,
    view: work.view,
    keep: work.keep,
    digest: bot.digestNow,
    money: { input: () => jobs.input('day'), budgets: deps.money?.budgets ?? [] },
    troubles: allTroubles,
    cannotAct,
    inspector: lens,
    scan: async () => {
      await Promise.all(
        accounts
          .flatMap((account) => account.sources)
          .filter((source) => source.everySeconds <= 900)
          .map((source) => rounds.look(source, { everywhere: true })),
      );
    },
    pause: async (paused, by) => {
      isPaused = paused;
      await store.setSetting('actions paused', paused ? 'yes' : 'no');
      await store.audit({ at: clock.now(), who: by, what: paused ? 'paused acting' : 'resumed acting', data: {} });
    },
  });

  return bot;
}
