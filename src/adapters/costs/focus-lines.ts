/**
 * The lines of a FOCUS export as they stand, one after the other: with what the sums of a table leave out, the usage type, the resource and a
 * tag. For exports that a manifest names file by file; saved files of any kind are read by table.ts.
 */
import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { CostRow } from '../../bot/ports.ts';
import { chargeOfCategory } from './charges.ts';
import { columnsOf } from './columns.ts';
import { numberOf } from './numbers.ts';
import { createRepeats, reason, type Tell } from './problem.ts';
import { dayText } from './sums.ts';
import { daysOf, rememberedTimeOf } from './times.ts';

export type FocusLine = Pick<CostRow, 'day' | 'region' | 'service' | 'charge' | 'amount' | 'currency'> & {
  /** SubAccountId, or the billing account where that is empty. */
  account: string;
  /**
   * What it would have cost without the reservation or savings plan that covers it (ContractedCost, else ListCost, else EffectiveCost).
   * Absent: nothing covers it. BilledCost of what is covered is nothing, so that use would look free.
   */
  covered?: number;
  /** The end of its use, in milliseconds. */
  until: number;
  usageType?: string;
  resource?: string;
  team?: string;
};

/** A line that covers several days comes once for each. What cannot be used is told with its line; a file that is no FOCUS export ends at once. */
export async function* focusLines(stream: Readable, { tag, tell }: { tag?: string | undefined; tell: Tell }): AsyncGenerator<FocusLine> {
  const repeats = createRepeats(tell);
  const timeOf = rememberedTimeOf();
  const teamOf = rememberedTag(tag);
  let columns: Columns | undefined;
  let lastLine = 1;
  try {
    const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 4_000_000 });
    stream.once('error', (error) => parser.destroy(error));
    for await (const { record: cells, info } of stream.pipe(parser) as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      lastLine = info.lines;
      if (!columns) {
        const found = findColumns(cells);
        if (typeof found === 'string') {
          tell(`not read: ${found}`, true, 1);
          stream.destroy();
          return;
        }
        columns = found;
        continue;
      }
      if (cells.length !== columns.width) {
        repeats.say('width', `has ${cells.length} cells where the header has ${columns.width}; left out`, true, lastLine);
        continue;
      }
      const line = lineOf(cells, columns, { timeOf, teamOf, say: (kind, text) => repeats.say(kind, text, true, lastLine) });
      if (line) yield* overDays(line);
    }
    if (!columns) tell('the file has no header', true);
  } catch (error) {
    const { lines } = error as { lines?: number };
    const why = error instanceof CsvError ? 'a row or a quotation mark is broken' : reason(error);
    tell(`reading ended here: ${why}`, true, typeof lines === 'number' ? lines : lastLine);
  }
  repeats.finish();
}

type Columns = {
  width: number;
  cost: number;
  start: number;
  end: number;
  currency: number;
  category: number;
  service: number;
  regions: number[];
  account: number;
  payer: number;
  resource: number;
  usageType: number;
  tags: number;
  commitment: number;
  /** What covered use would have cost, the best first. */
  worth: number[];
};

function findColumns(header: string[]): Columns | string {
  const base = columnsOf(header, 'billed');
  if ('not' in base) return base.not;
  if (base.kind !== 'FOCUS') return 'this is a Cost and Usage Report; make an export of the table FOCUS with AWS columns';
  const names = header.map((name) => name.trim().toLowerCase());
  const at = (...choices: string[]): number => choices.map((name) => names.indexOf(name)).find((place) => place >= 0) ?? -1;
  return {
    ...base,
    service: base.services[0] ?? -1,
    // FOCUS 1.2 names the meter; AWS's own column says the same since 1.0.
    usageType: at('x_usagetype', 'skumeter'),
    tags: at('tags'),
    commitment: at('commitmentdiscountstatus'),
    worth: [at('contractedcost'), at('listcost'), at('effectivecost')],
  };
}

type Whole = FocusLine & { start: number; end: number | undefined };
type Helpers = {
  timeOf(text: string): number | undefined;
  teamOf(text: string | undefined): string | undefined;
  say(kind: string, text: string): void;
};

function lineOf(cells: string[], columns: Columns, { timeOf, teamOf, say }: Helpers): Whole | undefined {
  const cell = (at: number): string | undefined => {
    const value = cells[at]?.trim();
    return value === undefined || value === '' || /^null$/i.test(value) ? undefined : value;
  };
  const number = (at: number): number => numberOf(cell(at) ?? '0') ?? 0;
  const start = timeOf(cell(columns.start) ?? '');
  if (start === undefined) {
    say('time', 'ChargePeriodStart is not a time like 2026-11-23T00:00:00Z; left out');
    return undefined;
  }
  const written = cell(columns.cost);
  const amount = written === undefined ? 0 : numberOf(written);
  const currency = cell(columns.currency);
  if (amount === undefined) {
    say('cost', 'the cost is not a number with a decimal point; left out');
    return undefined;
  }
  const worth = cell(columns.commitment)?.toLowerCase() === 'used' ? columns.worth.map(number).find((value) => value > 0) : undefined;
  if (amount === 0 && worth === undefined) return undefined;
  if (currency === undefined) {
    say('currency', 'has a cost without BillingCurrency; left out');
    return undefined;
  }
  const end = timeOf(cell(columns.end) ?? '');
  const [usageType, resource, team] = [cell(columns.usageType), cell(columns.resource), teamOf(cell(columns.tags))];
  return {
    ...{ start, end, day: '', amount, currency },
    until: end ?? start,
    account: cell(columns.account) ?? cell(columns.payer) ?? 'unknown',
    region: columns.regions.map(cell).find((value) => value !== undefined) ?? 'global',
    service: cell(columns.service) ?? 'unknown service',
    charge: chargeOfCategory(cell(columns.category), amount) ?? (amount < 0 ? 'credit' : 'fee'),
    ...(worth === undefined ? {} : { covered: worth }),
    ...(usageType === undefined ? {} : { usageType }),
    ...(resource === undefined ? {} : { resource }),
    ...(team === undefined ? {} : { team }),
  };
}

/** A fee is booked on a day; use is spread over the time it covers. */
function* overDays({ start, end, ...line }: Whole): Generator<FocusLine> {
  for (const { day, share } of daysOf(start, line.charge === 'usage' ? end : undefined))
    yield {
      ...line,
      day: dayText(day),
      amount: line.amount * share,
      ...(line.covered === undefined ? {} : { covered: line.covered * share }),
    };
}

/** A tag's value out of the JSON of the column Tags; AWS writes what people tag as `user:team` or `user_team`. */
function rememberedTag(tag: string | undefined): (text: string | undefined) => string | undefined {
  const plain = (key: string): string =>
    key
      .toLowerCase()
      .replace(/^user[:_]/, '')
      .replace(/[^a-z0-9]/g, '_');
  const wanted = tag === undefined ? undefined : plain(tag);
  const seen = new Map<string, string>();
  return (text) => {
    if (wanted === undefined) return undefined;
    if (text === undefined) return '';
    let value = seen.get(text);
    if (value === undefined) {
      value = valueIn(text, (key) => plain(key) === wanted);
      if (seen.size > 10_000) seen.clear();
      seen.set(text, value);
    }
    return value;
  };
}

function valueIn(text: string, isWanted: (key: string) => boolean): string {
  try {
    const tags: unknown = JSON.parse(text);
    const found = Object.entries(tags ?? {}).find(([key]) => isWanted(key))?.[1];
    return typeof found === 'string' ? found : '';
  } catch {
    return '';
  }
}
