/**
 * Saved answers of Cost Explorer `GetCostAndUsage`: one page, several in one file (a list, one a line, or one after the other), several files.
 * Grouped by any of SERVICE, REGION, LINKED_ACCOUNT and RECORD_TYPE, or not at all; by hour, day or month. Amounts are strings in the API.
 */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Cost } from '../../bot/digest.ts';
import type { CostProblem, Measure } from './problem.ts';
import { daysOf, numberOf, type Tally, timeOf } from './tally.ts';

const metric = z.object({ Amount: z.string().optional(), Unit: z.string().optional() });
const page = z.object({
  ResultsByTime: z.array(
    z.object({
      TimePeriod: z.object({ Start: z.string(), End: z.string() }),
      Total: z.record(z.string(), metric).optional(),
      Groups: z.array(z.object({ Keys: z.array(z.string()).default([]), Metrics: z.record(z.string(), metric).default({}) })).optional(),
      Estimated: z.boolean().optional(),
    }),
  ),
  GroupDefinitions: z.array(z.object({ Type: z.string().optional(), Key: z.string().optional() })).optional(),
  DimensionValueAttributes: z
    .array(z.object({ Value: z.string().optional(), Attributes: z.object({ description: z.string().optional() }).optional() }))
    .optional(),
  NextPageToken: z.string().nullish(),
});
type Page = z.infer<typeof page>;
type Reading = {
  file: string;
  measure: Measure;
  tally: Tally;
  pages: Pages;
  problem(text: string, lost: boolean, line?: number): void;
};

/** What must be known over all files: which cells were read already, and whether the last page is among them. */
export type Pages = {
  read: Set<string>;
  count: number;
  withMore: { file: string }[];
  finish(onProblem: (problem: CostProblem) => void): void;
};
export function createPages(): Pages {
  const pages: Pages = {
    read: new Set(),
    count: 0,
    withMore: [],
    finish(onProblem) {
      const last = pages.withMore.at(-1);
      // Every page but the last points at the next one.
      if (last && pages.withMore.length === pages.count) {
        onProblem({
          file: last.file,
          lost: true,
          text: 'there are more pages (NextPageToken) than were named: the newest costs may be missing',
        });
      }
    },
  };
  return pages;
}

/** The largest file that is read: saved answers are a few megabytes. */
const mostBytes = 256 * 1024 * 1024;

/** Adds a file's pages to the tally. */
export async function readPages(stream: Readable, reading: Reading): Promise<void> {
  const { problem } = reading;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) return problem('is larger than 256 MB, which no saved Cost Explorer answer is; not read', true);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  for (const { json, line } of documents(text)) {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      problem('is not complete JSON from here on; save the answer again', true, line);
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) {
      const parsed = page.safeParse(one);
      if (parsed.success) takePage(parsed.data, reading);
      else problem(`is not an answer of GetCostAndUsage: ${z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' ')}`, true, line);
    }
  }
}

function takePage(answer: Page, reading: Reading): void {
  const { tally, pages, problem, measure, file } = reading;
  pages.count += 1;
  if (answer.NextPageToken) pages.withMore.push({ file });
  const dimensions = answer.GroupDefinitions?.map((group) =>
    group.Type === undefined || group.Type === 'DIMENSION' ? group.Key : undefined,
  );
  for (const { Value, Attributes } of answer.DimensionValueAttributes ?? []) {
    const name = Attributes?.description;
    if (Value && name && /^\d{12}$/.test(Value)) tally.name(account(Value), name);
  }
  const notes = new Set<string>();
  const lost = new Set<string>();
  for (const result of answer.ResultsByTime) {
    const start = timeOf(result.TimePeriod.Start);
    const end = timeOf(result.TimePeriod.End);
    if (start === undefined || end === undefined) {
      lost.add(`a period of ${result.TimePeriod.Start} to ${result.TimePeriod.End} is not a time; left out`);
      continue;
    }
    const groups = result.Groups && result.Groups.length > 0 ? result.Groups : [{ Keys: [], Metrics: result.Total ?? {} }];
    for (const group of groups) {
      const chosen = chooseMetric(group.Metrics, measure);
      if (!chosen) {
        if (Object.keys(group.Metrics).length > 0)
          lost.add(`holds no cost metric (found ${Object.keys(group.Metrics).join(', ')}); ask for UnblendedCost`);
        continue;
      }
      if (chosen.note) notes.add(chosen.note);
      const amount = numberOf(chosen.amount);
      if (amount === undefined) {
        lost.add(`an amount is “${chosen.amount.slice(0, 40)}”, not a number; left out`);
        continue;
      }
      if (amount === 0) continue;
      const key = JSON.stringify([start, end, group.Keys, dimensions]);
      if (pages.read.has(key)) {
        notes.add('holds costs that another page or file already held; they are counted once');
        continue;
      }
      pages.read.add(key);
      const leaf = leafOf(group.Keys, dimensions, amount, notes);
      const days = leaf.charge === 'usage' ? daysOf(start, end) : daysOf(start, undefined);
      if (days.length > 2) notes.add('is by month: its cost is spread evenly over the days, so single days are averages');
      for (const { day, share } of days) {
        tally.add({ ...leaf, day, amount: amount * share, currency: chosen.unit, provisional: result.Estimated ?? false });
      }
    }
  }
  for (const text of notes) problem(text, false);
  for (const text of lost) problem(text, true);
}

const preferred: Record<Measure, string[]> = {
  billed: ['UnblendedCost', 'NetUnblendedCost', 'BlendedCost', 'AmortizedCost', 'NetAmortizedCost'],
  effective: ['AmortizedCost', 'NetAmortizedCost', 'UnblendedCost', 'NetUnblendedCost', 'BlendedCost'],
};
function chooseMetric(
  metrics: Record<string, z.infer<typeof metric>>,
  measure: Measure,
): { amount: string; unit: string; note?: string } | undefined {
  const wanted = preferred[measure];
  const name = wanted.find((one) => metrics[one]?.Amount !== undefined);
  const found = name ? metrics[name] : undefined;
  if (!name || found?.Amount === undefined) return undefined;
  const note = name === wanted[0] ? {} : { note: `holds no ${wanted[0]}: ${name} is counted in its place` };
  return { amount: found.Amount, unit: found.Unit && found.Unit !== 'N/A' ? found.Unit : 'USD', ...note };
}

const account = (id: string): Cost['scope'] => ({ cloud: 'aws', level: 'account', id });
const regionForm = /^([a-z]{2}(-[a-z]+)+-\d|global|NoRegion)$/;
const usageTypes = /^(Usage|DiscountedUsage|SavingsPlanCoveredUsage)$/;

type Leaf = Pick<Cost, 'scope' | 'region' | 'service' | 'charge'>;
function leafOf(keys: string[], dimensions: (string | undefined)[] | undefined, amount: number, notes: Set<string>): Leaf {
  const leaf: Leaf = {
    scope: { cloud: 'aws', level: 'payer', id: 'all accounts' },
    region: 'global',
    service: 'all services',
    charge: 'usage',
  };
  let recordType: string | undefined;
  for (const [at, key] of keys.entries()) {
    const dimension = dimensions ? dimensions[at] : guessed(key);
    if (!dimensions) notes.add('has no GroupDefinitions: what its keys mean was told from how they look');
    switch (dimension) {
      case 'SERVICE':
        leaf.service = key || 'unknown service';
        break;
      case 'REGION':
        leaf.region = key === 'NoRegion' || key === '' ? 'global' : key;
        break;
      case 'LINKED_ACCOUNT':
        leaf.scope = account(key);
        break;
      case 'RECORD_TYPE':
        recordType = key;
        break;
      default:
        notes.add('is also grouped by something that is not service, region, account or record type; those groups are added up');
    }
  }
  leaf.charge = chargeOf(recordType, leaf.service, amount);
  if (recordType === undefined)
    notes.add('is not grouped by RECORD_TYPE: fees and credits cannot be told from usage, except where a sum is negative');
  return leaf;
}

const guessed = (key: string): string => (/^\d{12}$/.test(key) ? 'LINKED_ACCOUNT' : regionForm.test(key) ? 'REGION' : 'SERVICE');

function chargeOf(recordType: string | undefined, service: string, amount: number): Cost['charge'] {
  if (recordType === 'Tax' || (recordType === undefined && service === 'Tax')) return 'tax';
  if (recordType === undefined) return amount < 0 ? 'credit' : 'usage';
  if (usageTypes.test(recordType)) return 'usage';
  return amount < 0 ? 'credit' : 'fee';
}

/** The JSON documents of a text that stand one after the other, each with the line it begins on. */
function* documents(text: string): Generator<{ json: string; line: number }> {
  let depth = 0;
  let start = -1;
  let line = 1;
  let startLine = 1;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '\n') line += 1;
    if (quoted) {
      if (letter === '\\') at += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '{' || letter === '[') {
      if (depth === 0) [start, startLine] = [at, line];
      depth += 1;
    } else if ((letter === '}' || letter === ']') && depth > 0) {
      depth -= 1;
      if (depth === 0) {
        yield { json: text.slice(start, at + 1), line: startLine };
        start = -1;
      }
    }
  }
  if (start >= 0) yield { json: text.slice(start), line: startLine };
}
