/**
 * FOCUS cost and usage exports (FinOps Open Cost and Usage Specification, 1.0 and later) as CSV, of any provider. Taken: ChargePeriodStart,
 * ChargePeriodEnd, BilledCost or EffectiveCost, BillingCurrency, ChargeCategory, ServiceName, RegionId (else RegionName), SubAccountId and
 * SubAccountName (else BillingAccountId), ProviderName.
 */
import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Cost } from '../../bot/digest.ts';
import { type Measure, reason } from './problem.ts';
import { daysOf, numberOf, type Tally, timeOf } from './tally.ts';

type Reading = { measure: Measure; tally: Tally; problem(text: string, lost: boolean, line?: number): void };

/** Adds a file's rows to the tally. A row that cannot be used is a problem with its line; the rest is read. */
export async function readFocus(stream: Readable, { measure, tally, problem }: Reading): Promise<void> {
  const repeats = createRepeats(problem);
  let columns: Columns | undefined;
  let lastLine = 1;
  try {
    const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 4_000_000 });
    stream.once('error', (error) => parser.destroy(error));
    for await (const record of stream.pipe(parser) as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const cells = record.record;
      const line = record.info.lines;
      if (!columns) {
        columns = columnsOf(cells, measure);
        for (const text of columns.notes) problem(text, false, 1);
        if (columns.missing.length > 0) {
          const found = cells.slice(0, 8).join(', ').slice(0, 160);
          problem(`not read: ${named(columns.missing)} missing, so this is not a FOCUS export (its columns begin ${found})`, true, 1);
          stream.destroy();
          return;
        }
      } else if (cells.length !== columns.width) {
        repeats.say('width', `has ${cells.length} cells where the header has ${columns.width}; left out`, true, line);
      } else takeRow(columns, cells, line, tally, repeats);
      lastLine = line;
    }
    if (!columns) problem('the file has no header', true);
  } catch (error) {
    const { lines } = error as { lines?: number };
    const at = typeof lines === 'number' ? lines : lastLine;
    problem(`reading ended here: ${error instanceof CsvError ? csvWords(error) : reason(error)}. What came before is counted`, true, at);
  }
  repeats.finish();
}

const csvWords = (error: CsvError): string =>
  /QUOTE/.test(error.code) ? 'a quotation mark is opened or closed in the wrong place' : error.message;

type Columns = {
  width: number;
  missing: string[];
  notes: string[];
  cost: number;
  start: number;
  end: number;
  currency: number;
  category: number;
  service: number;
  regions: number[];
  account: number;
  accountName: number;
  payer: number;
  providers: number[];
};

/** Where the columns are; names are compared without case. What is missing is named, and what stands in for it. */
function columnsOf(header: string[], measure: Measure): Columns {
  const names = header.map((name) => name.trim().toLowerCase());
  const at = (name: string) => names.indexOf(name.toLowerCase());
  const notes: string[] = [];
  const optional = (name: string, instead: string) => {
    if (at(name) < 0) notes.push(`the column ${name} is missing: ${instead}`);
    return at(name);
  };
  const wanted = measure === 'billed' ? 'BilledCost' : 'EffectiveCost';
  const other = measure === 'billed' ? 'EffectiveCost' : 'BilledCost';
  let cost = at(wanted);
  if (cost < 0 && at(other) >= 0) {
    cost = at(other);
    notes.push(`the column ${wanted} is missing: ${other} is counted in its place`);
  }
  const missing = [
    ...(at('ChargePeriodStart') < 0 ? ['ChargePeriodStart'] : []),
    ...(cost < 0 ? [`${wanted} (or ${other})`] : []),
    ...(at('BillingCurrency') < 0 ? ['BillingCurrency'] : []),
  ];
  return {
    width: header.length,
    missing,
    // A file that is not FOCUS at all needs no list of what else it lacks.
    notes: missing.length > 0 ? [] : notes,
    cost,
    start: at('ChargePeriodStart'),
    end: optional('ChargePeriodEnd', 'each charge is counted on the day it begins'),
    currency: at('BillingCurrency'),
    category: optional('ChargeCategory', 'everything is counted as usage, also fees, taxes and credits'),
    service: optional('ServiceName', 'services cannot be told apart'),
    regions: [at('RegionId'), at('RegionName'), at('Region')],
    account: optional('SubAccountId', 'costs are put under the billing account'),
    accountName: at('SubAccountName'),
    payer: at('BillingAccountId'),
    providers: [at('ProviderName'), at('ServiceProviderName'), at('Provider')],
  };
}

function takeRow(columns: Columns, cells: string[], line: number, tally: Tally, repeats: Repeats): void {
  const cell = (at: number): string | undefined => {
    const value = cells[at]?.trim();
    return value === undefined || value === '' || /^null$/i.test(value) ? undefined : value;
  };
  const first = (places: number[]): string | undefined => places.map(cell).find((value) => value !== undefined);
  const started = cell(columns.start);
  const start = started === undefined ? undefined : timeOf(started);
  if (start === undefined)
    return void repeats.say('time', `ChargePeriodStart is ${shown(started)}, not a time like 2026-11-23T00:00:00Z; left out`, true, line);
  const ended = cell(columns.end);
  const end = ended === undefined ? undefined : timeOf(ended);
  if (ended !== undefined && end === undefined)
    repeats.say('end', `ChargePeriodEnd is ${shown(ended)}; counted on the day it begins`, false, line);
  const written = cell(columns.cost);
  const amount = written === undefined ? 0 : numberOf(written);
  if (amount === undefined)
    return void repeats.say('cost', `the cost is ${shown(written)}, not a number with a decimal point; left out`, true, line);
  if (amount === 0) return;
  const currency = cell(columns.currency);
  if (!currency) return void repeats.say('currency', 'has a cost without BillingCurrency; left out', true, line);

  const charge = chargeOf(cell(columns.category), amount, line, repeats);
  const account = cell(columns.account);
  const scope: Cost['scope'] = {
    cloud: cloudOf(first(columns.providers)),
    level: account ? 'account' : 'payer',
    id: account ?? cell(columns.payer) ?? 'unknown',
  };
  const name = cell(columns.accountName);
  if (account && name) tally.name(scope, name);
  const row = {
    scope,
    region: first(columns.regions) ?? 'global',
    service: cell(columns.service) ?? 'unknown service',
    charge,
    currency,
    provisional: false,
  };
  // A fee is booked on a day; use is spread over the time it covers.
  const days = charge === 'usage' ? daysOf(start, end) : daysOf(start, undefined);
  if (days.length > 2)
    repeats.say('long', `covers ${days.length} days; its cost is spread evenly over them, so single days are averages`, false, line);
  for (const { day, share } of days) tally.add({ ...row, day, amount: amount * share });
}

function chargeOf(category: string | undefined, amount: number, line: number, repeats: Repeats): Cost['charge'] {
  switch (category?.toLowerCase()) {
    case undefined:
    case 'usage':
      return 'usage';
    case 'purchase':
      return 'fee';
    case 'tax':
      return 'tax';
    case 'credit':
      return 'credit';
    case 'adjustment':
      return amount < 0 ? 'credit' : 'fee';
    default:
      repeats.say(
        'category',
        `ChargeCategory is ${shown(category)}, which FOCUS does not know; counted as a ${amount < 0 ? 'credit' : 'fee'}`,
        false,
        line,
      );
      return amount < 0 ? 'credit' : 'fee';
  }
}

function cloudOf(provider: string | undefined): string {
  if (!provider) return 'unknown';
  if (/\baws\b|amazon/i.test(provider)) return 'aws';
  if (/microsoft|azure/i.test(provider)) return 'azure';
  if (/google|\bgcp\b/i.test(provider)) return 'gcp';
  return provider.toLowerCase();
}

const shown = (text: string | undefined): string => (text === undefined ? 'empty' : `“${text.slice(0, 60)}”`);
const named = (columns: string[]): string =>
  `the column${columns.length > 1 ? 's' : ''} ${columns.join(', ')} ${columns.length > 1 ? 'are' : 'is'}`;

/** Says the first three problems of a kind with their lines, and at the end how many more there were. */
type Repeats = { say(kind: string, text: string, lost: boolean, line: number): void; finish(): void };
function createRepeats(problem: Reading['problem']): Repeats {
  const counts = new Map<string, { text: string; lost: boolean; number: number }>();
  return {
    say(kind, text, lost, line) {
      const known = counts.get(kind);
      const number = (known?.number ?? 0) + 1;
      counts.set(kind, { text: known?.text ?? text, lost, number });
      if (number <= 3) problem(text, lost, line);
    },
    finish() {
      for (const { text, lost, number } of counts.values()) if (number > 3) problem(`${number - 3} more lines like this: ${text}`, lost);
    },
  };
}
