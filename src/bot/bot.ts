/** The bot: its parts put together, its heart beat, its start and its stop. */
import type { AnyCheck } from '../checks/check.ts';
import type { Time } from '../checks/observation.ts';
import { againstApproving, mayDo } from './approval.ts';
import type { Meaning } from './button.ts';
import { type CommandDeps, runCommand } from './commands.ts';
import { createDesk } from './desk.ts';
import { digestAccounts, digestInput } from './digest/from-store.ts';
import { type ChartSpec, digest, withPicture } from './digest.ts';
import { type HistoryDeps, readHistory } from './history.ts';
import type { Happening, Incident, StoryFinding } from './incident.ts';
import { createInspector } from './inspect.ts';
import type { Message } from './message.ts';
import { approvers, type Policy, personOf } from './people.ts';
import type { Answer, AuditEntry, Chat, Clock, Command, GuardedAccount, Log, Notices, Press, Source, Store } from './ports.ts';
import { details, refusal } from './present.ts';
import { createRounds, linkOf } from './rounds.ts';
import { due, type Job } from './schedule.ts';
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
  digestAt: { at: string; zone: string };
  /** Draws the digest's picture. */
  draw?: (spec: ChartSpec) => Promise<{ png: Uint8Array; alt: string }>;
  /** Endpoints that do not point where they usually do, for the digest. */
  endpointsElsewhere: string[];
  /** Stands in the first audit row of every start. */
  configuration: { hash: string; people: string[]; limits: Record<string, unknown> };
  /** The demo brings its own past at once. */
  retention?: { observations: number; incidents: number };
  fault?: (point: string) => void;
};

export type Bot = {
  /** Restores what was known, starts the chats, catches up. Throws only when the store or the audit cannot be used. */
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

const jobs = (digestAt: { at: string; zone: string }): Job[] => [
  { name: 'digest', ...digestAt },
  { name: 'memory', everySeconds: 3600 },
  { name: 'retention', everySeconds: 24 * 3600 },
  { name: 'refresh', everySeconds: 300 },
];

const retryJobSeconds = 60;

export function createBot(deps: BotDeps): Bot {
  const { accounts, chats, store, clock, notices, log } = deps;
  const halt = new AbortController();
  const running = new Map<string, Promise<void>>();
  /** A job that failed is not tried again before then. */
  const notBefore = new Map<string, Time>();
  const lastLooks = new Map<Source, Time>();
  const troubles = new Map<string, string>();
  const fault = deps.fault ?? (() => undefined);
  let isPaused = false;
  let isStarted = false;
  let beaten: Time | undefined;
  let pressed = new Set<string>();

  const policy = (): Policy => (isPaused ? { ...deps.policy, actions: 'off' } : deps.policy);
  const cannotAct = (): string | undefined => {
    if (deps.policy.actions === 'off') return 'Acting is switched off in the configuration (actions: off).';
    if (isPaused) return 'Acting is paused (/warden resume-actions ends that).';
    if (approvers(deps.policy).length === 0) return 'Observe only: nobody is configured who may approve (people with role admin).';
    if (!accounts.some((account) => account.remedier)) return 'Observe only: no acting role is configured (accounts → act).';
    return undefined;
  };

  const book = linkBook();
  let inspector = createInspector({ checks: deps.checks, params: deps.params });
  const lens: typeof inspector = {
    inspect: (observations) => inspector.inspect(observations),
    findings: () => inspector.findings(),
    checkpoint: () => inspector.checkpoint(),
    restore: (...given) => inspector.restore(...given),
    forgive: (...given) => inspector.forgive(...given),
  };
  const desk = createDesk({ store, clock, policy, onEffects: () => begin('effects', () => work.drain()) });
  const rounds = createRounds({ accounts, store, clock, desk, inspector: lens, checks: deps.checks, book, policy, notices, log });
  const work = createWork({
    accounts,
    chats,
    store,
    clock,
    desk,
    rounds,
    book,
    policy,
    notices,
    log,
    cannotAct,
    ...(deps.fault ? { fault: deps.fault } : {}),
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
      // The chats and the clouds are asked at the same time: each is mostly waiting.
      const [warned] = await Promise.all([Promise.all(accounts.map(warningsOf)), ...chats.map(connect)]);
      const now = clock.now();
      for (const [name, warnings] of warned) for (const warning of warnings) troubles.set(`${name} ${warning}`, `${name}: ${warning}`);
      if ((await store.setting('last digest')) === undefined) await store.setSetting('last digest', now);
      const observing = cannotAct();
      if (observing) log.warn({ why: observing }, 'nothing can be acted on');
      isStarted = true;
      begin('history', firstReading);
    },

    async beat() {
      if (!isStarted || halt.signal.aborted) return;
      const now = clock.now();
      for (const account of accounts) {
        for (const source of account.sources) {
          const last = lastLooks.get(source);
          if (last && Date.parse(now) - Date.parse(last) < source.everySeconds * 1000) continue;
          const name = `look ${source.name} ${scopeName(source.scope)}`;
          if (running.has(name)) continue;
          lastLooks.set(source, now);
          begin(name, async () => {
            if (await rounds.look(source)) await finishedLook(source);
          });
        }
        const calls = account.meter();
        if (calls.length > 0) begin('meter', () => store.addCalls(now.slice(0, 10), account.scope, calls));
      }
      for (const job of await dueJobs(now)) begin(job.name, () => runJob(job.name, now));
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
      await Promise.all(
        chats.map((chat) =>
          chat.stop().catch((error: unknown) => log.warn({ platform: chat.platform, error }, 'a chat did not stop cleanly')),
        ),
      );
      const patience = new Promise<void>((resolve) => setTimeout(resolve, 10_000).unref());
      await Promise.race([Promise.all(running.values()), patience]);
      await saveMemory();
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

    digestNow: async () => (await makeDigest()).message,

    async press(press) {
      // A platform may deliver one press twice.
      const known = `${press.by.platform} ${press.id}`;
      if (pressed.has(known)) return undefined;
      if (pressed.size > 5000) pressed = new Set([...pressed].slice(-1000));
      pressed.add(known);
      const kept = await store.button(press.button);
      if (!kept) return refusal({ kind: 'stale' });
      return deed(kept.meaning as Meaning, press);
    },

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
    const now = clock.now();
    book.add(await store.links());
    const observations = [];
    for await (const one of store.observations(horizon ?? '')) {
      observations.push(one);
      book.add(linkOf(one));
    }
    inspector.restore({ horizon, entries }, observations);
    await rounds.catchUp(inspector.findings());
  }

  const warningsOf = async ({ name, warnings }: GuardedAccount): Promise<[string, string[]]> => [
    name,
    await warnings().catch((error: unknown) => [String(error)]),
  ];

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

  async function firstReading(): Promise<void> {
    const lookNow = async () => {
      for (const source of accounts.flatMap((account) => account.sources))
        if (source.name.endsWith('/inventory')) await rounds.look(source);
    };
    const take: HistoryDeps['take'] = (source, batch) => rounds.take(source, batch, clock.now());
    const read = await readHistory({ accounts, store, clock, checks: deps.checks, params: deps.params, log, take, lookNow }, halt.signal);
    if (!read) return;
    // From here on the checks remember the past as well.
    inspector = read.inspector;
    // What was heard while the past was being read again is known already by the store; hearing it twice changes nothing.
    const lately = [];
    for await (const one of store.observations(addSeconds(clock.now(), -24 * 3600))) lately.push(one);
    const { changed } = inspector.inspect(lately);
    await rounds.raise([...read.findings, ...changed.filter((finding) => !read.findings.some((one) => one.key === finding.key))]);
    await saveMemory();
    await store.setSetting('first message', JSON.stringify({ message: read.message, for: chats.map((chat) => chat.platform) }));
    await read.finish();
    await sendFirstMessage();
  }

  /** What the first reading found; a platform that is away gets it when it is back. */
  async function sendFirstMessage(): Promise<void> {
    const kept = await store.setting('first message');
    if (kept === undefined) return;
    const waiting = JSON.parse(kept) as { message: Message; for: string[] };
    const missed: string[] = [];
    for (const chat of chats.filter((one) => waiting.for.includes(one.platform)))
      await chat.post(waiting.message, { once: 'first-reading' }).catch((error: unknown) => {
        missed.push(chat.platform);
        log.warn({ platform: chat.platform, error }, 'the first message was not posted and is tried again');
      });
    await store.setSetting('first message', missed.length > 0 ? JSON.stringify({ ...waiting, for: missed }) : undefined);
  }

  // ---- jobs ---------------------------------------------------------------------------------------------------------------

  async function dueJobs(now: Time): Promise<Job[]> {
    const all = jobs(deps.digestAt);
    const lastRuns = Object.fromEntries(
      await Promise.all(all.map(async (job) => [job.name, await store.setting(`last ${job.name}`)] as const)),
    );
    return due(all, lastRuns, now).filter((job) => !running.has(job.name) && (notBefore.get(job.name) ?? '') <= now);
  }

  /** A job counts as done only when it was; one that failed is tried again a minute later. */
  async function runJob(name: string, now: Time): Promise<void> {
    notBefore.set(name, addSeconds(now, retryJobSeconds));
    if (name === 'digest') await postDigest();
    if (name === 'memory') await saveMemory();
    if (name === 'retention') {
      await store.forget(now, deps.retention ?? { observations: 95, incidents: 400 });
      book.forgetBefore(addSeconds(now, -(deps.retention?.observations ?? 95) * 24 * 3600));
    }
    if (name === 'refresh') await refresh();
    await store.setSetting(`last ${name}`, now);
    notBefore.delete(name);
  }

  async function refresh(): Promise<void> {
    await sendFirstMessage();
    await flushRefusals();
    for (const story of await store.incidents({ states: ['open', 'asking', 'watching'] }))
      await desk.happen(story.id, () => ({ kind: 'refreshed', at: clock.now() }));
  }

  async function postDigest(): Promise<void> {
    const { message } = await makeDigest();
    const failures: unknown[] = [];
    const once = `digest-${clock.now().slice(0, 10)}`;
    for (const chat of chats)
      await chat.post(message, { once }).catch((error: unknown) => {
        failures.push(error);
        log.warn({ platform: chat.platform, error }, 'the digest was not posted there');
      });
    if (failures.length === chats.length && chats.length > 0) throw failures[0];
  }

  async function makeDigest(): Promise<{ message: Message }> {
    const observing = cannotAct();
    const input = await digestInput(store, {
      now: clock.now(),
      zone: deps.digestAt.zone,
      accounts: digestAccounts(accounts),
      policy: deps.policy,
      endpointsElsewhere: deps.endpointsElsewhere,
      notices: [...allTroubles(), ...(observing && approvers(deps.policy).length > 0 ? [observing] : [])],
    });
    const { message, chart } = digest(input);
    if (!chart || !deps.draw) return { message };
    try {
      return { message: withPicture(message, await deps.draw(chart), chart.marked) };
    } catch (error) {
      log.warn({ error }, 'the picture of the digest could not be drawn');
      return { message };
    }
  }

  const allTroubles = (): string[] => [
    ...troubles.values(),
    ...rounds.broken(),
    ...chats.flatMap((chat) => {
      const trouble = chat.trouble();
      return trouble && !troubles.has(chat.platform) ? [`${chat.platform}: ${trouble}`] : [];
    }),
  ];

  async function saveMemory(): Promise<void> {
    const { horizon, entries } = inspector.checkpoint();
    if (horizon) await store.saveMemory(horizon, entries);
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

  // ---- what people do -----------------------------------------------------------------------------------------------------

  async function deed(meaning: Meaning, press: Press): Promise<Answer> {
    const person = personOf(deps.policy, press.by);
    const now = policy();
    const kind = (
      { ask: 'ask', take: 'take', expected: 'expect', details: 'look', approve: 'approve', decline: 'decline', resolve: 'resolve' } as const
    )[meaning.kind];
    const verdict = mayDo(kind, person, press.by, now);
    if (!verdict.ok) {
      await refuse(meaning, press, verdict.refusal.kind);
      return refusal(verdict.refusal);
    }
    const story = await store.incident(meaning.incident);
    if (!story) return refusal({ kind: 'stale' });
    if (story.state === 'joined') return refusal({ kind: 'joined', into: story.joinedInto ?? '' });
    const by = verdict.person.id;
    const at = clock.now();
    const record = (what: string) => (_: Incident, moved: boolean) =>
      moved ? [{ at, who: by, what, incident: story.id, data: { platform: press.by.platform, user: press.by.user, press: press.id } }] : [];

    switch (meaning.kind) {
      case 'details':
        return details(await work.view(story));
      case 'take':
        if (story.owner) return refusal({ kind: 'already', by: nameOf(story.owner.by), secondsAgo: secondsSince(story.owner.at, at) });
        return settled(await moved(story.id, { kind: 'taken', at, by }, record('took it')));
      case 'ask': {
        const isTaken = story.state === 'planning' || story.state === 'asking' || story.state === 'acting';
        const after = isTaken
          ? story
          : await moved(story.id, { kind: 'asked', at, by, want: meaning.want }, record(`asked to ${meaning.want}`));
        return after ? busy(after) : undefined;
      }
      case 'approve': {
        let isAsking = story.state === 'asking';
        let against = againstApproving(story, verdict.person, meaning.hash, now, at);
        fault('approve: before it is written');
        await desk.happen(
          story.id,
          (latest) => {
            against = againstApproving(latest, verdict.person, meaning.hash, policy(), at);
            isAsking = latest.state === 'asking';
            return against ? undefined : { kind: 'approved', at, by, hash: meaning.hash };
          },
          (after, moved) =>
            moved
              ? [
                  {
                    at,
                    who: by,
                    what: 'approved',
                    incident: story.id,
                    data: {
                      plan: meaning.plan,
                      hash: meaning.hash,
                      shown: after.plan?.items.map((item) => item.does) ?? [],
                      platform: press.by.platform,
                      user: press.by.user,
                    },
                  },
                ]
              : [],
        );
        fault('approve: after it was written');
        if (!against) return undefined;
        await refuse(meaning, press, against.kind);
        // Declined or run out: there is no newer question to point at.
        if (against.kind === 'plan-changed' && !isAsking) return refusal({ kind: 'stale' });
        return refusal(against.kind === 'already' ? { ...against, by: nameOf(against.by) } : against);
      }
      case 'decline': {
        const isOpen = (one: Incident) => one.state === 'asking' && one.plan?.hash === meaning.hash;
        const after = isOpen(story) ? await moved(story.id, { kind: 'declined', at, by }, record('declined'), isOpen) : story;
        return after ? refusal({ kind: 'stale' }) : undefined;
      }
      case 'expected':
        return expected(story, by, press, at);
      case 'resolve':
        return settled(await moved(story.id, { kind: 'resolved', at, by, why: 'a person said so' }, record('closed it')));
      default:
        return meaning satisfies never;
    }
  }

  /** Moves the story, unless it does not fit any more. Answers with the story as it stood when nothing was moved. */
  async function moved(
    id: string,
    happening: Happening,
    audit: (after: Incident, moved: boolean) => AuditEntry[],
    fits: (latest: Incident) => boolean = () => true,
  ): Promise<Incident | undefined> {
    let wasMoved = false;
    const after = await desk.happen(
      id,
      (latest) => (fits(latest) ? happening : undefined),
      (now, did) => {
        wasMoved = did;
        return audit(now, did);
      },
    );
    return wasMoved ? undefined : after;
  }

  /** Why nothing was moved, to the one who pressed. */
  function settled(story: Incident | undefined): Answer {
    if (!story) return undefined;
    if (story.state === 'joined') return refusal({ kind: 'joined', into: story.joinedInto ?? '' });
    return busy(story);
  }

  function busy(story: Incident): Message {
    const doing: Partial<Record<Incident['state'], string>> = {
      planning: 'a plan is being made',
      asking: 'a question is open already, see the thread',
      acting: 'an approved plan is being carried out',
    };
    const what = doing[story.state];
    return refusal(what ? { kind: 'busy', doing: what } : { kind: 'stale' });
  }

  async function expected(story: Incident, by: string, press: Press, at: Time): Promise<Answer> {
    const days = wholeNumber(press.values?.days);
    const cap = amount(press.values?.cap);
    if (days === undefined || days < 1 || days > 30 || cap === undefined) {
      return {
        summary: 'Not understood',
        parts: [{ kind: 'text', text: 'Give a cap in dollars an hour (0 to 100000) and 1 to 30 days. Nothing was changed.' }],
      };
    }
    const until = addSeconds(at, days * 24 * 3600);
    let hideable: StoryFinding[] = [];
    const kept = await moved(story.id, { kind: 'expected', at, by, until }, (after, did) => {
      hideable = Object.values(after.findings).filter((finding) => finding.state === 'active' && isHideable(finding));
      const data = { until, capUsdPerHour: cap, findings: hideable.map((finding) => finding.key) };
      return did ? [{ at, who: by, what: 'expected', incident: story.id, data }] : [];
    });
    if (kept) return settled(kept);
    // After the story: if the process dies in between, it alarms once more rather than hiding what nobody was told of.
    for (const finding of hideable) {
      const principal = finding.actor?.subject;
      await store.saveExpectation({
        id: `${story.id} ${finding.key}`,
        check: finding.check,
        region: finding.place.region,
        scope: finding.place.scope,
        capUsdPerHour: cap,
        until,
        by,
        at,
        hid: 0,
        ...(principal ? { principal } : {}),
      });
    }
    // What costs more than what was called expected was not called expected.
    const usdOf = (finding: StoryFinding) => Object.values(finding.usdPerHour).reduce((sum, usd) => sum + usd, 0);
    const answered = hideable.filter((finding) => usdOf(finding) <= cap);
    begin(`learn ${story.id}`, () => rounds.learn(answered, at));
    return undefined;
  }

  /** A refused press is audited, once a minute per person and reason, then counted. */
  const refusals = new Map<string, { minute: string; more: number; entry: Omit<AuditEntry, 'at'> }>();
  async function refuse(meaning: Meaning, press: Press, why: string): Promise<void> {
    const key = `${press.by.platform} ${press.by.space} ${press.by.user} ${why}`;
    const minute = clock.now().slice(0, 16);
    const known = refusals.get(key);
    if (known?.minute === minute) {
      known.more += 1;
      return;
    }
    if (refusals.size >= 1000) await flushRefusals();
    const entry = {
      who: `${press.by.platform}:${press.by.user}`,
      what: 'refused',
      incident: meaning.incident,
      data: { wanted: meaning.kind, why, space: press.by.space },
    };
    refusals.set(key, { minute, more: 0, entry });
    const at = clock.now();
    if (known && known.more > 0) await store.audit({ ...known.entry, at, data: { ...known.entry.data, more: known.more } });
    await store.audit({ ...entry, at });
  }

  /** What was only counted is written down as a number. */
  async function flushRefusals(): Promise<void> {
    const minute = clock.now().slice(0, 16);
    for (const [key, { minute: last, more, entry }] of refusals) {
      if (last === minute && refusals.size < 1000) continue;
      refusals.delete(key);
      if (more > 0) await store.audit({ ...entry, at: clock.now(), data: { ...entry.data, more } });
    }
  }

  const nameOf = (id: string): string => deps.policy.people.find((one) => one.id === id)?.name ?? id;

  const commandDeps = (): Omit<CommandDeps, 'person'> => ({
    store,
    clock,
    policy: policy(),
    accounts,
    view: work.view,
    keep: work.keep,
    digest: bot.digestNow,
    troubles: allTroubles,
    cannotAct,
    scan: async () => {
      await Promise.all(
        accounts
          .flatMap((account) => account.sources)
          .filter((source) => source.everySeconds <= 900)
          .map((source) => rounds.look(source)),
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

/** Touched guards and our own blindness are never hidden. */
const isHideable = ({ check }: StoryFinding): boolean => !check.startsWith('evasion/') && !check.startsWith('coverage/');
const wholeNumber = (text: string | undefined): number | undefined => (/^\d{1,3}$/.test(text?.trim() ?? '') ? Number(text) : undefined);
const amount = (text: string | undefined): number | undefined => {
  const usd = /^\d{1,6}(\.\d{1,6})?$/.test(text?.trim() ?? '') ? Number(text) : Number.NaN;
  return usd <= 100_000 ? usd : undefined;
};
const secondsSince = (then: Time, now: Time): number => Math.max(0, Math.round((Date.parse(now) - Date.parse(then)) / 1000));
