/**
 * Saved answers of Cost Explorer `GetCostAndUsage`: one page, several in one file (a list, one a line, or one after the other), several files.
 * Grouped by any of SERVICE, REGION, LINKED_ACCOUNT and RECORD_TYPE, or not at all; by hour, day or month. Amounts are strings in the API.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { createDocuments, type Document } from './documents.ts';
import { numberOf } from './numbers.ts';
import type { CostProblem, Measure, Tell } from './problem.ts';
import type { Sums } from './sums.ts';
import { timeOf } from './times.ts';
import { type Answers, accountScope, type Dimension } from './views.ts';

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
type Reading = { file: string; measure: Measure; sums: Sums; answers: Answers; pages: Pages; tell: Tell };

/** What must be known over all files: whether the last page is among them. */
export type Pages = { count: number; withMore: { file: string }[]; finish(onProblem: (problem: CostProblem) => void): void };
export function createPages(): Pages {
  const pages: Pages = {
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

/** Reads a file's pages, one after the other. */
export async function readPages(stream: Readable, reading: Reading): Promise<void> {
  const { tell } = reading;
  const documents = createDocuments();
  const decoder = new StringDecoder('utf8');
  let found = 0;
  const take = (some: Iterable<Document>) => {
    for (const { text, line, fault } of some) {
      found += 1;
      if (fault === 'long') tell('an answer is longer than 256 MB: save it in pages, as Cost Explorer gives it; left out', true, line);
      else if (fault === 'cut') tell('is not complete JSON from here on; save this answer again', true, line);
      else if (fault === 'junk') tell('holds something that is not JSON; the answers around it are read', true, line);
      else takeDocument(text, line, reading);
    }
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) take(documents.feed(decoder.write(chunk)));
  } finally {
    take(documents.end());
  }
  if (found === 0) tell('is not an answer of GetCostAndUsage: there is none in it', true, 1);
}

function takeDocument(text: string, line: number, reading: Reading): void {
  const { tell } = reading;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    tell('is not JSON; this answer is left out, save it again', true, line);
    return;
  }
  const parsed = page.safeParse(value);
  if (parsed.success) takePage(parsed.data, line, reading);
  else {
    const why = z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' ');
    tell(`is not an answer of GetCostAndUsage: ${why}${adviceFor(value)}`, true, line);
  }
}

/** Other saved answers that are taken for this one. */
function adviceFor(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  if ('ForecastResultsByTime' in value) return '. It is a forecast: save get-cost-and-usage';
  if ('Anomalies' in value) return '. It is a list of anomalies: save get-cost-and-usage';
  if ('SavingsPlansUtilizationsByTime' in value || 'UtilizationsByTime' in value)
    return '. It is about commitments: save get-cost-and-usage';
  return '';
}

function takePage(answer: Page, line: number, { tell, sums, answers, pages, measure, file }: Reading): void {
  pages.count += 1;
  if (answer.NextPageToken) pages.withMore.push({ file });
  for (const { Value, Attributes } of answer.DimensionValueAttributes ?? []) {
    const name = Attributes?.description;
    if (Value && name && /^\d{12}$/.test(Value)) sums.name(accountScope(Value), name);
  }
  const notes = new Set<string>();
  const lost = new Set<string>();
  const dimensions = answer.GroupDefinitions?.map(dimensionOf);
  if (dimensions?.includes('other'))
    notes.add('is also grouped by something that is not service, region, account or record type; those groups are added up');
  for (const result of answer.ResultsByTime) {
    const start = timeOf(result.TimePeriod.Start);
    const end = timeOf(result.TimePeriod.End);
    if (start === undefined || end === undefined || end <= start) {
      lost.add(`a period of ${result.TimePeriod.Start} to ${result.TimePeriod.End} is not a time; left out`);
      continue;
    }
    const groups = result.Groups && result.Groups.length > 0 ? result.Groups : totalOf(result, dimensions);
    const view = answers.view({ start, end, file, line, dimensions: dimensions ?? guessed(groups, notes) });
    for (const { Keys, Metrics } of groups) {
      const chosen = chooseMetric(Metrics, measure);
      if (!chosen) {
        if (Object.keys(Metrics).length > 0)
          lost.add(`holds no cost metric (found ${Object.keys(Metrics).join(', ')}); ask for UnblendedCost`);
        continue;
      }
      if (chosen.note) notes.add(chosen.note);
      const amount = numberOf(chosen.amount.trim());
      if (amount === undefined) {
        lost.add(`an amount is “${chosen.amount.slice(0, 40)}”, not a number; left out`);
        continue;
      }
      view.take(Keys, { amount, currency: chosen.unit, isEstimate: result.Estimated ?? false });
    }
  }
  for (const text of notes) tell(text, false, line);
  for (const text of lost) tell(text, true, line);
}

/** A period without groups: of an answer that is not grouped it is the total, of a grouped one a day on which nothing was charged. */
function totalOf({ Total }: Page['ResultsByTime'][number], dimensions: Dimension[] | undefined) {
  const isGrouped = dimensions !== undefined && dimensions.length > 0;
  return isGrouped || Total === undefined || Object.keys(Total).length === 0 ? [] : [{ Keys: [], Metrics: Total }];
}

function dimensionOf({ Type, Key }: { Type?: string | undefined; Key?: string | undefined }): Dimension {
  if (Type !== undefined && Type !== 'DIMENSION') return 'other';
  return Key === 'SERVICE' || Key === 'REGION' || Key === 'LINKED_ACCOUNT' || Key === 'RECORD_TYPE' ? Key : 'other';
}

const regionForm = /^([a-z]{2}(-[a-z]+)+-\d|global|NoRegion)$/;
const recordForm = /^(Usage|DiscountedUsage|SavingsPlan\w+|Tax|Credit|Refund|Fee|RIFee|Recurring|Upfront|Enterprise Discount.*|Support)$/;
/** What keys mean where that is not written, from how they look; of each place the one that says most. */
function guessed(groups: { Keys: string[] }[], notes: Set<string>): Dimension[] {
  const places = groups.reduce((most, { Keys }) => Math.max(most, Keys.length), 0);
  if (places > 0) notes.add('has no GroupDefinitions: what its keys mean was told from how they look');
  return Array.from({ length: places }, (_, at) => {
    const keys = groups.map(({ Keys }) => Keys[at]).filter((key) => key !== undefined && key !== '');
    const all = (form: RegExp) => keys.every((key) => form.test(key!));
    return all(/^\d{12}$/) ? 'LINKED_ACCOUNT' : all(regionForm) ? 'REGION' : all(recordForm) ? 'RECORD_TYPE' : 'SERVICE';
  });
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
