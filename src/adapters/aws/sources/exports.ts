/** What it cost, out of a Data Export in FOCUS that AWS writes into a bucket: free, and as fine as the bill itself. */
import type { Readable } from 'node:stream';
import type { Batch, CostRow, Source } from '../../../bot/ports.ts';
import { OutsideError } from '../../../bot/ports.ts';
import type { CostCut, Observation, Scope, Time } from '../../../checks/observation.ts';
import { troubleOf } from '../trouble.ts';
import { dayAfter, detailed, keyOf, recorded, type ToldCosts, vanished } from './costs-rows.ts';
import { type Delivered, delivered, opened, placeOf } from './exports-files.ts';
import { type BillLine, createExportSums, type ExportSums } from './exports-sums.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

/**
 * Reads the lines of a file; what is lost is told, with its line. A text that begins with "not read" or "reading ended" says that it is
 * the file that is broken.
 */
export type ReadBill = (
  file: Readable,
  options: { tag?: string | undefined; tell(text: string, lost: boolean, line?: number): void },
) => AsyncIterable<BillLine>;

export type ExportOptions = {
  read: ReadBill;
  /** s3://bucket/prefix/name */
  address: string;
  told?: ToldCosts;
  /** All accounts of the bill are meant, not only that whose credentials read it. `covers`: those of them that are guarded. */
  payer?: { covers: readonly string[] };
  tag?: string;
  /** The bill itself is read elsewhere: only teams and causes are taken from here. */
  onlyDetails?: boolean;
};

/**
 * Every hour it is asked whether AWS delivered anew the months that may still change: this one and the one before. What did is read as a
 * stream and summed at once. An hour costs one request to list: $0.004 a month.
 */
export function exportsOfCosts({ session, clock }: Pick<Sight, 'session' | 'clock'>, options: ExportOptions): Source {
  const { scope } = session;
  const { told, payer, tag, onlyDetails = false } = options;
  const place = placeOf(options.address);
  return {
    name,
    scope,
    everySeconds: 3600,
    permissions: ['s3:ListBucket', 's3:GetObject'].map((one) => ({ system: 'aws-iam' as const, name: one })),

    async *collect(given): AsyncGenerator<Batch> {
      const heard = clock.now();
      const cursors = { ...given };
      let gap: string | undefined;
      try {
        const client = await session.read.s3();
        const months = [firstOfMonth(heard, -1), firstOfMonth(heard, 0)].map((day) => day.slice(0, 7));
        for (const month of await delivered(client, place, months, cursors)) {
          const { sums, lost, broken } = await read(month, heard);
          const tries = Number(cursors[`tries ${month.month}`] ?? 0) + 1;
          // Half a bill would look as if the rest had been revised away. It may be the line that broke: some more tries.
          if (broken === undefined) for (const batch of tell(sums, heard, await before(month, sums))) yield batch;
          const isDone = broken === undefined || tries >= mostTries;
          if (isDone) cursors[month.month] = month.version;
          cursors[`tries ${month.month}`] = String(isDone ? 0 : tries);
          cursors[`gap ${month.month}`] = broken ?? lost ?? '';
          const last = broken === undefined ? sums.last() : undefined;
          // A line of a day that is not over ends with that day.
          if (last) cursors.upTo = new Date(Math.min(last.until, month.at)).toISOString();
        }
        // It holds until the month is delivered anew.
        const said = months.map((month) => cursors[`gap ${month}`] ?? '').find((text) => text !== '');
        if (said !== undefined) gap = `the export of costs could not be read in full: ${said}`;
        if (cursors.upTo !== undefined && plusSeconds(cursors.upTo, lateSeconds) < heard)
          gap ??= `the export was delivered last with costs up to ${cursors.upTo.slice(0, 16).replace('T', ' ')} UTC`;
      } catch (error) {
        const why = error instanceof OutsideError ? error.message : troubleOf(error).words;
        gap = `the export of costs could not be read: ${why}`;
      }
      yield { observations: [end(heard, cursors.upTo ?? heard, gap)], raw: {}, cursors };
    },
  };

  type Read = { sums: ExportSums /** The first that could not be used. */; lost: string | undefined; broken: string | undefined };
  async function read({ month, keys }: Delivered, heard: Time): Promise<Read> {
    const client = await session.read.s3();
    const found: Read = { sums: createExportSums({ month, heard, scope, byTeam: tag !== undefined }), lost: undefined, broken: undefined };
    for (const key of keys) {
      const file = key.split('/').at(-1);
      const tellLost = (text: string, isLost: boolean, line?: number): void => {
        if (!isLost) return;
        const words = `in ${file}${line === undefined ? '' : `, line ${line}`}: ${text}`;
        found.lost ??= words;
        if (/^(not read|reading ended|the file has no)/.test(text)) found.broken ??= words;
      };
      for await (const line of options.read(await opened(client, place, key), { tag, tell: tellLost }))
        if (payer !== undefined || line.account === scope.id) found.sums.add(line);
      if (found.broken !== undefined) break;
    }
    return found;
  }

  /** What was told of that month's days so far, by whatever source, as far as the export knows them. */
  async function before({ month }: Delivered, sums: ExportSums): Promise<(cut?: CostCut) => CostRow[]> {
    const last = sums.last()?.day;
    if (told === undefined || last === undefined) return () => [];
    const ours = payer ? new Set([scope.id, ...payer.covers, ...sums.accounts()]) : new Set([scope.id]);
    const rowsOf = async (cut?: CostCut) => (await told(`${month}-01`, last, cut)).filter((row) => ours.has(row.scope.id));
    const [bill, teams] = [await rowsOf(), await rowsOf('team')];
    return (cut) => (cut === undefined ? bill : cut === 'team' ? teams : []);
  }

  function* tell(sums: ExportSums, heard: Time, earlier: (cut?: CostCut) => CostRow[]): Generator<Batch> {
    const hearing = { by: name, heard };
    const all = (rows: CostRow[], cut?: CostCut): Observation[] =>
      [...rows, ...vanished(earlier(cut), new Set(rows.map(keyOf)), heard)].map((row) =>
        cut ? detailed(row, cut, hearing) : recorded(row, hearing),
      );
    const observations = [...(onlyDetails ? [] : all(sums.bill())), ...all(sums.teams(), 'team'), ...all(sums.causes(), 'cause')];
    for (let from = 0; from < observations.length; from += atOnce)
      yield { observations: observations.slice(from, from + atOnce), raw: {}, cursors: {} };
  }

  function end(heard: Time, upTo: Time, gap?: string): Observation {
    const complete = gap === undefined;
    const where: { scope: Scope; region: string } = { scope, region: 'global' };
    return lookFinished(name, where, { noun: 'exports', of: 1, seen: complete ? 1 : 0, heard, upTo, complete, gap });
  }
}

const name = 'aws/exports/costs';
/** AWS delivers at least once a day (user guide, "Export refreshing"); what is in it is up to a day old then. */
const lateSeconds = 3 * 86_400;
const atOnce = 2000;
const mostTries = 3;

const firstOfMonth = (time: Time, months: number): string => {
  const date = new Date(time);
  return dayAfter(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)).toISOString().slice(0, 10), 0);
};
