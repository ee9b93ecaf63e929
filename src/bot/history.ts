/**
 * The first reading: 90 days of the past, newest day first, in the background and resumable. It ends in one message: what would have
 * been alarmed, what still runs, what is not known yet.
 */
import type { AnyCheck, Finding } from '../checks/check.ts';
import { addSeconds, rank } from './incident.ts';
import { createInspector, type Inspector } from './inspect.ts';
import type { Message, Text } from './message.ts';
import type { Clock, GuardedAccount, Log, Store } from './ports.ts';
import { scopeName } from './story.ts';

const daySeconds = 24 * 3600;
export const historyDays = 90;
/** What is older becomes a story only when it is critical and still runs; the rest stands in the message. */
const storyDays = 7;

export type HistoryDeps = {
  accounts: GuardedAccount[];
  store: Store;
  clock: Clock;
  checks: readonly AnyCheck[];
  params: Record<string, unknown>;
  log: Log;
  /** Shown in a terminal or the log: days read of days wanted. */
  onProgress?: (account: string, done: number, of: number) => void;
};

/** Reads what is missing; resolves to the message to post, or undefined when everything had been read before. */
export async function readHistory(
  deps: HistoryDeps,
  signal: AbortSignal,
): Promise<{ message: Message; findings: Finding[]; inspector: Inspector } | undefined> {
  const { accounts, store, clock, log } = deps;
  let isNew = false;
  const unread: string[] = [];
  for (const account of accounts) {
    const name = `history ${scopeName(account.scope)}`;
    if ((await store.setting(name)) === 'done') continue;
    isNew = true;
    const began = clock.now();
    for (let back = Number((await store.setting(name)) ?? 0); back < historyDays; back += 1) {
      if (signal.aborted) return undefined;
      const day = addSeconds(began, -back * daySeconds).slice(0, 10);
      for (const source of account.sources) {
        if (!source.history) continue;
        try {
          for await (const batch of source.history(day)) {
            await store.keep({ name: `${source.name} history`, scope: source.scope }, { ...batch, cursors: {} });
            for (const one of batch.observations)
              if (one.kind === 'look.finished' && one.gap) unread.push(`${account.name} ${day}: ${one.gap}`);
          }
        } catch (error) {
          unread.push(`${account.name} ${day}: ${error instanceof Error ? error.message : String(error)}`);
          log.warn({ source: source.name, day, error }, 'a day of the past could not be read');
        }
      }
      await store.setSetting(name, String(back + 1));
      deps.onProgress?.(account.name, back + 1, historyDays);
    }
    await store.setSetting(name, 'done');
  }
  if (!isNew) return undefined;

  const inspector = createInspector({ checks: deps.checks, params: deps.params });
  let few = [];
  for await (const observation of store.observations(addSeconds(clock.now(), -(historyDays + 5) * daySeconds))) {
    few.push(observation);
    if (few.length < 500) continue;
    inspector.inspect(few);
    few = [];
    // The past is long: let whatever is urgent have its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  inspector.inspect(few);
  const loud = inspector.findings().filter((finding) => rank(finding.severity) >= rank('medium'));
  const running = new Set((await store.machines({ running: true })).map((machine) => machine.resource));
  const lately = addSeconds(clock.now(), -storyDays * daySeconds);
  const runs = (finding: Finding) => finding.about.some((subject) => running.has(subject));
  const live = loud.filter((finding) => finding.at >= lately || (finding.severity === 'critical' && runs(finding)));
  return { message: firstMessage(loud, live, running.size, unread), findings: live, inspector };
}

function firstMessage(loud: Finding[], live: Finding[], running: number, unread: string[]): Message {
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
      loud.length === 0
        ? `First reading done: nothing in ${historyDays} days would have been an alarm.`
        : `First reading done: ${loud.length} alarms in the last ${historyDays} days, ${live.length} still so.`,
    parts: [
      { kind: 'header', text: `The last ${historyDays} days have been read` },
      {
        kind: 'text',
        text: loud.length === 0 ? 'Nothing in them would have been an alarm.' : `${loud.length} things would have been alarms:`,
      },
      ...(shown.length > 0
        ? [{ kind: 'list' as const, items: shown.map(line), ...(loud.length > shown.length ? { more: loud.length - shown.length } : {}) }]
        : []),
      { kind: 'text', text: `${running} ${running === 1 ? 'machine runs' : 'machines run'} now.` },
      ...(unread.length > 0
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
