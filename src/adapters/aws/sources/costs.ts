/** What it cost: Cost Explorer, by day. Every page of an answer costs $0.01, so nothing is asked twice. */
import type { GetCostAndUsageCommandInput, ResultByTime } from '@aws-sdk/client-cost-explorer';
import type { Batch, CostRow, Cursors, Source } from '../../../bot/ports.ts';
import type { Observation, Scope, Time } from '../../../checks/observation.ts';
import { troubleOf } from '../trouble.ts';
import { placesUsed } from './costs-places.ts';
import { onlyOf, periodOf, type Question, questionsOf, refreshSeconds, rowsOf } from './costs-questions.ts';
import { dayAfter, detailed, isProvisional, keyOf, recorded, type ToldCosts, vanished } from './costs-rows.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

export type CostOptions = {
  /** What was told of days before: what an answer no longer holds is then told to be zero. */
  told?: ToldCosts;
  /** The credentials are the payer's. `covers`: guarded accounts whose costs are in its answers. */
  payer?: { covers: readonly string[] };
  /** AWS keeps hours for 14 days, where the payer switched that on. */
  hourly?: boolean;
  tag?: string;
};

/**
 * Every eight hours the last three days and today, at the first time thirteen months, and from the sixth of a month on once the whole
 * month before, whose bill is final by then. What each question is stands in costs-questions.ts. Amounts are gross usage in the billing
 * currency; a revised amount comes with the same id, heard later. The first reading also says where machines ran in those months.
 *
 * By default 90 pages a month by service and region, and 30 (an account) or 45 (a payer) of the rest: $1.20 or $1.35, whatever the
 * number of accounts. Where an answer takes several pages it is asked for that many times less often.
 */
export function costs({ session, clock }: Pick<Sight, 'session' | 'clock'>, options: CostOptions = {}): Source {
  const { scope } = session;
  const { told, payer, hourly = false, tag } = options;
  const questions = questionsOf({ scope, payer: payer !== undefined, hourly, tag });
  let metrics = ['UnblendedCost', 'NetUnblendedCost'];

  return {
    name,
    scope,
    everySeconds: refreshSeconds,
    permissions: [{ system: 'aws-iam', name: 'ce:GetCostAndUsage' }],

    async *collect(given): AsyncGenerator<Batch> {
      const heard = clock.now();
      const cursors: Cursors = { ...given };
      const due = questions.filter((one) => isDue(one, cursors, heard));
      if (due.length === 0) return;
      let gap: string | undefined;
      for (const question of due) {
        try {
          yield* answer(question, cursors, heard);
        } catch (error) {
          if (error instanceof TooLong) backOff(question.cursor, cursors, heard);
          const why = reasonOf(error);
          // A finer cut that cannot be had takes nothing from the bill itself.
          if (question.cut === 'hour' || question.cut === 'team')
            yield { observations: [end(scope, heard, heard, why, `${name} by ${question.cut}`)], raw: {}, cursors: {} };
          else {
            gap = why;
            break;
          }
        }
      }
      const today = `${heard.slice(0, 10)}T00:00:00.000Z`;
      const main = questions[0]!.cursor;
      if (heard < (cursors[`${main} not before`] ?? ''))
        gap = `costs could not be read: the answer has more than ${mostPages} pages; it is asked for again tomorrow, half as far back`;
      const upTo = gap === undefined ? today : (given[main] ?? `${startOf(main, given, heard)}T00:00:00.000Z`);
      yield { observations: [end(scope, heard, upTo, gap), ...(gap === undefined ? covered(cursors, heard) : [])], raw: {}, cursors };
    },
  };

  async function* answer(question: Question, cursors: Cursors, heard: Time): AsyncGenerator<Batch> {
    const isFirst = cursors[question.cursor] === undefined;
    const isClosing = closing(question.cursor, cursors, heard);
    const from = startOf(question.cursor, cursors, heard);
    const period = periodOf(question, from, heard);
    const hearing = { by: name, heard };
    const tell = (row: CostRow): Observation => (question.cut ? detailed(row, question.cut, hearing) : recorded(row, hearing));
    const accounts = accountsIn(cursors, [scope.id, ...(payer?.covers ?? [])]);
    const earlierRows = (await told?.(period.Start.slice(0, 10), heard.slice(0, 10), question.cut)) ?? [];
    const before = earlierRows.filter((row) => question.answers(row, accounts));
    const was = new Set(before.filter(({ amount }) => amount !== 0).map(keyOf));
    const keys = new Set<string>();
    const bills: CostRow[] = [];
    let taken = 0;
    for await (const results of pages({ TimePeriod: period, ...question.asks })) {
      taken += 1;
      // A zero is said where it may revise an earlier amount.
      const rows = rowsOf(question, results, heard).filter(
        (row) => row.amount !== 0 || isProvisional(row.day, heard) || was.has(keyOf(row)),
      );
      for (const row of rows) keys.add(keyOf(row));
      if (isFirst && question.isMain) bills.push(...rows);
      if (question.cut === 'account')
        cursors[seenCursor] = [
          ...accountsIn(
            cursors,
            rows.map((row) => row.scope.id),
          ),
        ].join(' ');
      if (rows.length > 0) yield { observations: rows.map(tell), raw: {}, cursors: {} };
    }
    const gone = vanished(before, keys, heard).map(tell);
    if (gone.length > 0) yield { observations: gone, raw: {}, cursors: {} };
    const places = isFirst && question.isMain ? await placesOf(question, period, bills, heard) : [];
    if (places.length > 0) yield { observations: places, raw: {}, cursors: {} };

    cursors[question.cursor] = heard;
    if (isClosing || (isFirst && heard.slice(8, 10) >= finalFromDay)) cursors[`${question.cursor} closed`] = heard.slice(0, 7);
    if (!isFirst && !isClosing) cursors[`${question.cursor} pages`] = String(taken);
    yield { observations: [], raw: {}, cursors };
  }

  /** A payer's answer does not say whose machines ran where: for that each guarded account is asked for once. */
  async function placesOf(question: Question, period: Period, bills: CostRow[], heard: Time): Promise<Observation[]> {
    const hearing = { by: name, heard };
    const places = (rows: CostRow[], of: Scope) =>
      placesUsed(
        rows.map((row) => recorded(row, hearing)),
        { by: name, scope: of, heard },
      );
    if (!payer) return places(bills, scope);
    const all: Observation[] = [];
    for (const id of new Set([scope.id, ...payer.covers])) {
      const rows: CostRow[] = [];
      for await (const results of pages({ TimePeriod: period, ...onlyOf(question, id) })) rows.push(...rowsOf(question, results, heard));
      all.push(...places(rows, { ...scope, id }));
    }
    return all;
  }

  async function* pages(asked: Omit<GetCostAndUsageCommandInput, 'Metrics'>): AsyncGenerator<ResultByTime[]> {
    const { GetCostAndUsageCommand } = await import('@aws-sdk/client-cost-explorer');
    const client = await session.read.costExplorer();
    let token: string | undefined;
    let left = mostPages;
    do {
      const ask = (wanted: string[]) =>
        client.send(new GetCostAndUsageCommand({ ...asked, Metrics: wanted, ...(token !== undefined ? { NextPageToken: token } : {}) }));
      const given = await ask(metrics).catch(async (error: unknown) => {
        // The console offers net costs only to those who have discounts; if the API ever does so too, gross is what counts.
        if (metrics.length === 1 || token !== undefined || (error as { name?: string }).name !== 'ValidationException') throw error;
        const gross = metrics.slice(0, 1);
        const other = await ask(gross);
        metrics = gross;
        return other;
      });
      token = given.NextPageToken;
      yield given.ResultsByTime ?? [];
    } while (token !== undefined && --left > 0);
    if (token !== undefined) throw new TooLong();
  }

  function end(of: Scope, heard: Time, upTo: Time, gap?: string, by = name): Observation {
    const complete = gap === undefined;
    return lookFinished(by, { scope: of, region: 'global' }, { noun: 'payers', of: 1, seen: complete ? 1 : 0, heard, upTo, complete, gap });
  }

  /** Whether the guarded accounts that are not asked for their costs are in the payer's answers. */
  function covered(cursors: Cursors, heard: Time): Observation[] {
    const seen = accountsIn(cursors, []);
    return (payer?.covers ?? []).map((id) =>
      end(
        { ...scope, id },
        heard,
        `${heard.slice(0, 10)}T00:00:00.000Z`,
        seen.has(id)
          ? undefined
          : `the bill of account ${scope.id} names no account ${id}; if another pays for it, write payer: false under its costs`,
      ),
    );
  }
}

type Period = { Start: string; End: string };
const name = 'aws/costs';
const seenCursor = 'seen accounts';
/** A run a little early is not too early. */
const slackSeconds = 300;
/** A limit on what one answer may cost: $1. */
const mostPages = 100;
/** Bills are made final in the first days of a month. */
const finalFromDay = '06';

/** A restart does not buy again what was just bought. */
function isDue({ cursor, everySeconds }: Question, cursors: Cursors, heard: Time): boolean {
  const read = cursors[cursor];
  if (heard < (cursors[`${cursor} not before`] ?? '')) return false;
  const times = Number(cursors[`${cursor} pages`] ?? 1) || 1;
  return read === undefined || read > heard || heard >= plusSeconds(read, times * everySeconds - slackSeconds);
}

/** The month before has not been read as a whole since its bill became final. */
const closing = (cursor: string, cursors: Cursors, heard: Time): boolean =>
  cursors[cursor] !== undefined && heard.slice(8, 10) >= finalFromDay && (cursors[`${cursor} closed`] ?? '') < heard.slice(0, 7);

function startOf(cursor: string, cursors: Cursors, heard: Time): string {
  const today = heard.slice(0, 10);
  const oldest = firstOfMonth(today, -Number(cursors[`${cursor} months`] ?? 12));
  const read = cursors[cursor];
  if (read === undefined) return oldest;
  const recent = earlier(dayAfter(today, -recentDays), dayAfter(read.slice(0, 10), -recentDays));
  const start = closing(cursor, cursors, heard) ? earlier(recent, firstOfMonth(today, -1)) : recent;
  return start < oldest ? oldest : start;
}
const recentDays = 3;

class TooLong extends Error {
  override name = `more than ${mostPages} pages`;
}
/** Asking for the same again would cost the same again: tomorrow, and half as far back. */
function backOff(cursor: string, cursors: Cursors, heard: Time): void {
  cursors[`${cursor} not before`] = plusSeconds(heard, 86_400);
  cursors[`${cursor} months`] = String(Math.floor(Number(cursors[`${cursor} months`] ?? 12) / 2));
}

function reasonOf(error: unknown): string {
  const trouble = troubleOf(error);
  return trouble.sort === 'not enabled'
    ? 'costs cannot be read: Cost Explorer is not switched on yet, or has no data (it takes a day after the first visit to its page)'
    : `costs could not be read: ${trouble.words}`;
}

const accountsIn = (cursors: Cursors, more: string[]): ReadonlySet<string> =>
  new Set([...(cursors[seenCursor]?.split(' ').filter((id) => id !== '') ?? []), ...more]);

const earlier = (a: string, b: string): string => (a < b ? a : b);
/** From the first of a month, since not every month has a 31st. */
function firstOfMonth(day: string, months: number): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}
