/**
 * The first reading: 90 days of the past, newest day first, in the background and resumable. It ends in one message: what would have
 * been alarmed, what still runs, what is not known yet.
 */
import type { AnyCheck, Finding } from '../checks/check.ts';
import type { Observation, Subject, Time } from '../checks/observation.ts';
import { createInspector, type Inspector } from './inspect.ts';
import type { Message, Text } from './message.ts';
import type { Batch, Clock, GuardedAccount, Log, Source, Store } from './ports.ts';
import { rank } from './severity.ts';
import { scopeName } from './story.ts';
import { addSeconds } from './time.ts';
import { listed } from './words.ts';

const daySeconds = 24 * 3600;
export const historyDays = 90;
/** What is older becomes a story only when it is critical and still runs; the rest stands in the message. */
const storyDays = 7;
/** After so many days in a row of which nothing could be read, the rest is left for the next start: the past does not run away. */
const mostSilentDays = 3;

const logEveryDays = 10;
/** Forgiving one thing may bring out another, hardly ever a third. */
const mostPasses = 4;
const unjudged = 'history not judged yet';

export type HistoryDeps = {
  accounts: GuardedAccount[];
  store: Store;
  clock: Clock;
  checks: readonly AnyCheck[];
  params: Record<string, unknown>;
  log: Log;
  /** Takes in what belongs to the last 24 hours, as the rounds do: no alarm may wait until the whole past has been read. */
  take(source: Pick<Source, 'name' | 'scope'>, batch: Batch): Promise<void>;
  /** One look at what runs now. */
  lookNow(): Promise<void>;
  /** Days read of days wanted, after each day; all of them: that account is done. Shown among what the bot does not know yet. */
  onProgress?: (account: string, done: number, of: number) => void;
};

/** Reads what is missing; resolves to the message to post, or undefined when everything had been read before. */
export async function readHistory(
  deps: HistoryDeps,
  signal: AbortSignal,
): Promise<{ message: Message; findings: Finding[]; inspector: Inspector; finish(): Promise<void> } | undefined> {
  const { accounts, store, clock, log } = deps;
  // Read, but the process died before it was judged and told: that is done now.
  let isNew = (await store.setting(unjudged)) === 'yes';
  const news = async () => {
    if (isNew) return;
    isNew = true;
    await store.setSetting(unjudged, 'yes');
  };
  const unread: string[] = [];
  const cutOff: string[] = [];
  for (const account of accounts) {
    const name = `history ${scopeName(account.scope)}`;
    const before = await store.setting(name);
    if (before === 'done') continue;
    const began = clock.now();
    let silent: string[] = [];
    let back = Number(before ?? 0);
    for (; back < historyDays && silent.length < mostSilentDays; back += 1) {
      if (signal.aborted) return undefined;
      const day = addSeconds(began, -back * daySeconds).slice(0, 10);
      const { gaps, isSilent } = await readDay(deps, account, day);
      unread.push(...gaps.map((gap) => `${account.name} ${day}: ${gap}`));
      silent = isSilent ? [...silent, gaps[0] ?? 'it did not answer'] : [];
      if (!isSilent) {
        await news();
        await store.setSetting(name, String(back + 1));
      }
      deps.onProgress?.(account.name, back + 1, historyDays);
      if ((back + 1) % logEveryDays === 0) log.info({ account: account.name, days: back + 1, of: historyDays }, 'reading the past');
    }
    deps.onProgress?.(account.name, historyDays, historyDays);
    if (silent.length < mostSilentDays) await store.setSetting(name, 'done');
    else {
      const from = back - silent.length;
      cutOff.push(
        `${account.name}: the past ${from > 0 ? `before the last ${from} days ` : ''}could not be read: ${silent[0]}; the next start tries again`,
      );
      log.warn({ account: account.name, days: from, why: silent[0] }, 'the past could not be read; the next start tries again');
      await store.setSetting(name, String(from));
    }
    if (before === undefined) await news();
  }
  if (!isNew) return undefined;

  // Machines that were started long ago are part of the past: heard of only afterwards they would look as if they had just come.
  await deps.lookNow();
  const billed = new Set<string>();
  async function* past(): AsyncGenerator<Observation> {
    for await (const one of store.observations('')) {
      if (one.kind === 'place.used') billed.add(one.place.region);
      yield one;
    }
  }
  const inspector = await judgePast(past, { checks: deps.checks, params: deps.params, now: clock.now() });
  // What is known of older days, such as their costs, is only there to compare with.
  const first = addSeconds(clock.now(), -historyDays * daySeconds);
  const loud = inspector.findings().filter((finding) => finding.at >= first && rank(finding.severity) >= rank('medium'));
  const running = new Set((await store.machines({ running: true })).map((machine) => machine.resource));
  const lately = addSeconds(clock.now(), -storyDays * daySeconds);
  const runs = (finding: Finding) => finding.about.some((subject) => running.has(subject));
  const live = loud.filter((finding) => finding.at >= lately || (finding.severity === 'critical' && runs(finding)));
  return {
    message: firstMessage({ loud, live, running: running.size, billed: [...billed].sort(), unread, cutOff }),
    findings: live,
    inspector,
    finish: () => store.setSetting(unjudged, undefined),
  };
}

/**
 * The whole past in the order of events. What was wrong long ago becomes no story, unless it is critical and still runs, so nobody can ever
 * answer for it: it is forgiven, and the past is judged once more with it learnt, or one launch in a new region two months ago would make
 * every launch there since an alarm.
 * @param read gives the whole past in event order, each time anew
 */
export async function judgePast(
  read: () => AsyncIterable<Observation>,
  { checks, params, now }: { checks: readonly AnyCheck[]; params: Record<string, unknown>; now: Time },
): Promise<Inspector> {
  const lately = addSeconds(now, -storyDays * daySeconds);
  const forgiven = new Set<string>();
  const running = new Set<Subject>();
  for (let pass = 1; ; pass += 1) {
    const inspector = createInspector({ checks, params });
    inspector.forgive([...forgiven], lately);
    // What was said on the way: the inspector itself forgets what is long over.
    const said = new Map<string, Finding[]>();
    const judge = (some: Observation[]): void => {
      const { changed, withdrawn } = inspector.inspect(some);
      for (const { key } of withdrawn) said.delete(key);
      for (const finding of changed)
        if (rank(finding.severity) >= rank('medium')) said.set(finding.key, [...(said.get(finding.key) ?? []), finding]);
    };
    let few: Observation[] = [];
    // From the very first: a machine that was started years ago and still runs says where this account is at home.
    for await (const observation of read()) {
      if (observation.kind === 'compute.seen') running[observation.running ? 'add' : 'delete'](observation.resource);
      // Day by day, or what one day brings and the next forgets would never be said.
      if (few.length >= 500 || few[0]?.at.slice(0, 10) !== observation.at.slice(0, 10)) {
        judge(few);
        few = [];
        // The past is long: let whatever is urgent have its turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      few.push(observation);
    }
    judge(few);
    const stillRuns = ({ severity, about }: Finding): boolean => severity === 'critical' && about.some((subject) => running.has(subject));
    const unanswered = [...said].filter(([key, findings]) => {
      const old = findings.filter(({ at }) => at < lately);
      return old.length > 0 && !old.some(stillRuns) && !forgiven.has(key);
    });
    if (unanswered.length === 0 || pass === mostPasses) return inspector;
    for (const [key] of unanswered) forgiven.add(key);
  }
}

/** One day of one account. `isSilent`: no part of it could be read. */
async function readDay(
  { store, clock, log, take }: HistoryDeps,
  account: GuardedAccount,
  day: string,
): Promise<{ gaps: string[]; isSilent: boolean }> {
  const gaps: string[] = [];
  let parts = 0;
  let seen = 0;
  for (const source of account.sources) {
    if (!source.history) continue;
    const keeper = { name: `${source.name} history`, scope: source.scope };
    try {
      for await (const batch of source.history(day)) {
        const dayAgo = addSeconds(clock.now(), -daySeconds);
        const isLate = (one: Observation) => one.kind !== 'look.finished' && one.at >= dayAgo;
        const late = batch.observations.filter(isLate);
        if (late.length > 0) await take(keeper, { ...batch, observations: late, cursors: {} });
        await store.keep(keeper, { ...batch, observations: batch.observations.filter((one) => !isLate(one)), cursors: {} });
        for (const one of batch.observations) {
          if (one.kind !== 'look.finished') continue;
          parts += one.of;
          seen += one.seen;
          if (one.gap) gaps.push(one.gap);
        }
      }
    } catch (error) {
      parts += 1;
      gaps.push(error instanceof Error ? error.message : String(error));
      log.warn({ source: source.name, day, error }, 'a day of the past could not be read');
    }
  }
  return { gaps, isSilent: parts > 0 && seen === 0 };
}

type Told = { loud: Finding[]; live: Finding[]; running: number; billed: string[]; unread: string[]; cutOff: string[] };

function firstMessage({ loud, live, running, billed, unread, cutOff }: Told): Message {
  const shown = [...loud].sort((a, b) => rank(b.severity) - rank(a.severity) || (a.at < b.at ? 1 : -1)).slice(0, 10);
  const line = (finding: Finding): Text => [
    { bold: finding.severity },
    ' ',
    { time: finding.at, as: 'date' },
    ` ${finding.title}`,
    live.includes(finding) ? ' (still so, see its own card)' : '',
  ];
  const days = unread.slice(0, 3);
  return {
    summary:
      cutOff.length > 0
        ? `The past could not be read in full: ${loud.length === 0 ? 'no alarm in what was read' : `${loud.length} alarms in what was read`}.`
        : loud.length === 0
          ? `First reading done: nothing in ${historyDays} days would have been an alarm.`
          : `First reading done: ${loud.length} ${loud.length === 1 ? 'alarm' : 'alarms'} in the last ${historyDays} days, ${live.length} still so.`,
    parts: [
      { kind: 'header', text: cutOff.length > 0 ? 'The past could not be read in full' : `The last ${historyDays} days have been read` },
      ...(cutOff.length > 0 ? [{ kind: 'list' as const, items: cutOff }] : []),
      {
        kind: 'text',
        text:
          loud.length === 0
            ? `Nothing in ${cutOff.length > 0 ? 'what was read' : 'them'} would have been an alarm.`
            : loud.length === 1
              ? 'One thing would have been an alarm:'
              : `${loud.length} things would have been alarms:`,
      },
      ...(shown.length > 0
        ? [{ kind: 'list' as const, items: shown.map(line), ...(loud.length > shown.length ? { more: loud.length - shown.length } : {}) }]
        : []),
      { kind: 'text', text: `${running} ${running === 1 ? 'machine runs' : 'machines run'} now. ${billedWords(billed)}` },
      ...(unread.length > 0 && cutOff.length === 0
        ? [
            {
              kind: 'text' as const,
              text: `Not read: ${days.join('; ')}${unread.length > days.length ? ` and ${unread.length - days.length} more` : ''}.`,
              quiet: true,
            },
          ]
        : []),
    ],
  };
}

/** What reaches further back than the log. */
const billedWords = (regions: string[]): string =>
  regions.length > 0
    ? `By the bills of 13 months, machines have run in ${listed(regions)}.`
    : 'The bills tell of no region in which machines ran earlier, or could not be read: one last used before these days looks never used.';
