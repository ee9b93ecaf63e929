/**
 * Saved costs as a table (CSV): FOCUS exports and AWS Cost and Usage Reports, see columns.ts. Read as a stream and summed at once. A row that
 * cannot be used is a problem with its line; the rest is read.
 */
import type { Readable } from 'node:stream';
import { count } from '../../bot/words.ts';
import { cell, shown } from './cells.ts';
import { type Columns, columnsOf } from './columns.ts';
import { createCounted } from './counted.ts';
import type { Doubles } from './doubles.ts';
import { createLeaves } from './leaves.ts';
import { type Custom, numberOf, writtenNumber } from './numbers.ts';
import { createRepeats, type Measure, type Repeats, reason, type Tell } from './problem.ts';
import { readRows, rowFault } from './rows.ts';
import { addAll, addTo, createSums, known, type Sums } from './sums.ts';
import { daysOf, rememberedTimeOf } from './times.ts';

type Reading = { measure: Measure; sums: Sums; doubles: Doubles; delimiter: string; tell: Tell };

/** Adds a file's rows to the sums. */
export async function readTable(stream: Readable, { measure, sums, doubles, delimiter, tell }: Reading): Promise<void> {
  const repeats = createRepeats(tell);
  let header: string[] = [];
  let rows: Rows | undefined;
  let hasRows = false;
  let isOther = false;
  let lastLine = 1;
  try {
    await readRows(stream, delimiter, (cells, line) => {
      lastLine = line;
      if (rows) takeRow(rows, cells, line);
      else {
        const columns = columnsOf(cells, measure);
        if ('not' in columns) {
          tell(`not read: ${columns.not}`, true, 1);
          isOther = true;
          return false;
        }
        for (const text of columns.notes) tell(text, false, 1);
        const parted = delimiterNames[delimiter];
        if (parted) tell(`its cells are parted by ${parted}, not by commas; read all the same`, false, 1);
        header = cells;
        rows = takeRows(columns, { sums, doubles, repeats, tell });
      }
      return true;
    });
    if (!isOther && !rows) tell('the file has no header', true);
    else if (!isOther && !hasRows) tell('the file has a header and no rows', false);
  } catch (error) {
    const at = (error as { lines?: number }).lines ?? lastLine;
    tell(`reading ended here: ${rowFault(error) ?? reason(error)}. What came before is counted`, true, at);
  }
  (rows as Rows | undefined)?.finish();
  repeats.finish();

  function takeRow(into: Rows, cells: string[], line: number): void {
    if (cells.length !== header.length)
      repeats.say('width', `has ${cells.length} cells where the header has ${header.length}; left out`, true, line);
    else if (cells[0] === header[0] && cells.every((cell, at) => cell === header[at]))
      repeats.say('header', 'the header stands here again: several exports were put into one file; read on', false, line);
    else {
      hasRows = true;
      into.take(cells, line);
    }
  }
}

const delimiterNames: Record<string, string> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** So many rows show how a file tells charges apart. */
const sampleRows = 100_000;

type Rows = { take(cells: string[], line: number): void; finish(): void };

function takeRows(
  columns: Columns,
  { sums, doubles, repeats, tell }: { sums: Sums; doubles: Doubles; repeats: Repeats; tell: Tell },
): Rows {
  const timeOf = rememberedTimeOf();
  const leaves = createLeaves(columns, sums, repeats);
  const staged = createSums();
  const days = new Set<number>();
  const again = createCounted();
  const negative = createCounted();
  let rows = 0;
  let loose = 0;
  let custom: Custom | undefined;

  return {
    take(cells, line) {
      const time = timesOf(cells, line);
      const amount = time && amountOf(cell(cells, columns.cost), line);
      if (!time || amount === undefined) return;
      const currency = cell(cells, columns.currency);
      if (!currency) {
        if (amount !== 0) repeats.say('currency', 'has a cost without BillingCurrency; left out', true, line);
        return;
      }
      const { start, end } = time;
      const covered = daysOf(start, end);
      const isLong = covered.length > 2;
      const place = leaves.place(cells, amount, isLong, line);
      if (!isLong) days.add(covered[0]!.day);
      if (amount === 0) return;

      const { leaf } = place;
      const isAgain = isDouble(cells, line);
      if (isAgain) again.add(amount, leaf.currency, line);
      const one = (isAgain ? place.staged : place.counted) ?? (isAgain ? staged : sums).series(leaf);
      if (isAgain) place.staged = one;
      else place.counted = one;
      if (leaf.charge !== 'usage') {
        // A fee is booked on a day; use is spread over the time it covers.
        addTo(one, covered[0]!.day, amount, known);
        return;
      }
      if (amount < 0) negative.add(amount, leaf.currency, line);
      if (isLong)
        repeats.say('long', `covers ${covered.length} days; its cost is spread evenly over them, so single days are averages`, false, line);
      else if (covered.length === 2 && start % dayMs !== 0 && end! - start >= dayMs)
        repeats.say('zone', `its day begins at ${clockOf(start)} UTC: it is cut at midnight UTC by its hours`, false, line);
      for (const { day, share } of covered) addTo(one, day, amount * share, known);
      one.until = Math.max(one.until, end ?? start + (start % dayMs === 0 ? dayMs : dayMs / 24));
    },

    finish() {
      // A day on which nothing was spent is another thing than a day of which nothing is known: here others had costs on it.
      for (const bill of leaves.bills()) for (const day of days) sums.cover(bill, day);
      if (negative.rows > 0) {
        const rowsWords = `${count(negative.rows, 'row')} of usage ${negative.rows === 1 ? 'is' : 'are'} negative`;
        tell(`${rowsWords} (${negative.amount()}), the first one here: taken off what was used on those days`, false, negative.line);
      }
      if (again.rows === 0) return;
      const rowsWords = `${count(again.rows, 'row stands', 'rows stand')} in these files before, word for word`;
      // Where rows that differ in nothing but the amount are common, the columns do not tell charges apart, and neither does sameness.
      if (loose / Math.min(rows, sampleRows) >= again.rows / rows) {
        addAll(staged, sums);
        tell(
          `${rowsWords} (${again.amount()}), the first one here; other rows differ in the amount only, so these were taken for charges of their own and counted. Export ResourceId to tell them apart`,
          false,
          again.line,
        );
      } else tell(`${rowsWords} (${again.amount()}), the first one here: counted once`, false, again.line);
    },
  };

  function timesOf(cells: string[], line: number): { start: number; end: number | undefined } | undefined {
    const started = cell(cells, columns.start);
    const start = started === undefined ? undefined : timeOf(started);
    if (start === undefined) {
      const name = columns.kind === 'CUR' ? 'the start of its use' : 'ChargePeriodStart';
      repeats.say('time', `${name} is ${shown(started)}, not a time like 2026-11-23T00:00:00Z; left out`, true, line);
      return undefined;
    }
    const ended = cell(cells, columns.end);
    const end = ended === undefined ? undefined : timeOf(ended);
    if (ended !== undefined && (end === undefined || end < start)) {
      const why = end === undefined ? 'not a time' : 'before its start';
      repeats.say('end', `its end (${shown(ended)}) is ${why}; counted on the day it begins`, false, line);
    }
    return { start, end };
  }

  function isDouble(cells: string[], line: number): boolean {
    rows += 1;
    const look = doubles.look(cells, columns.amounts, rows <= sampleRows);
    if (look === 'loose') loose += 1;
    if (look === 'too many')
      repeats.say('many', 'from here on rows that stand in the files twice are not looked for: there are too many rows', false, line);
    return look === 'again';
  }

  function amountOf(written: string | undefined, line: number): number | undefined {
    if (written === undefined) return 0;
    const amount = numberOf(written);
    // A whole number is the same in both customs; a point is a point only until commas were seen.
    if (amount !== undefined && (custom !== 'comma' || !written.includes('.'))) {
      if (written.includes('.')) custom ??= 'point';
      return amount;
    }
    const found = writtenNumber(written, custom);
    if (!found) {
      repeats.say('cost', `the cost is ${shown(written)}, not a number with a decimal point; left out`, true, line);
      return undefined;
    }
    ({ custom } = found);
    repeats.say(
      'custom',
      `the cost is ${shown(written)}; read as ${found.value}. Export numbers with a decimal point and without separators`,
      false,
      line,
    );
    return found.value;
  }
}

const dayMs = 86_400_000;
const clockOf = (time: number): string => new Date(time).toISOString().slice(11, 16);
