/**
 * Saved cost files, as a provider's billing export or a command line wrote them: FOCUS CSV (1.0 and later) and Cost Explorer
 * `GetCostAndUsage` JSON, each plain or gzipped. What a file is, is seen from its first bytes, not from its name. Files are read as streams and
 * summed at once, so that an export of gigabytes needs no more memory than its days, accounts, services and regions.
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Cost } from '../../bot/digest.ts';
import { createPages, readPages } from './cost-explorer.ts';
import { readFocus } from './focus.ts';
import { type CostProblem, type Measure, reason } from './problem.ts';
import { createTally } from './tally.ts';

export type { CostProblem, Measure } from './problem.ts';
export type SavedCosts = {
  /** By day, account, service, region, charge and currency, in that order. */
  costs: Cost[];
  accounts: { scope: Cost['scope']; name: string }[];
};

/** Reads every file it can; a broken one is a problem and does not keep the rest from being read. Never throws for a file's content. */
export async function readCosts(
  paths: string[],
  options: { measure?: Measure; onProblem(problem: CostProblem): void },
): Promise<SavedCosts> {
  const { measure = 'billed', onProblem } = options;
  const tally = createTally();
  const pages = createPages();
  const seen = new Set<string>();
  for (const file of paths) {
    const problem = (text: string, lost: boolean, line?: number) =>
      onProblem({ file, text, lost, ...(line === undefined ? {} : { line }) });
    try {
      const real = await realpath(file);
      if (seen.has(real)) {
        problem('this file was named twice; it is counted once', false);
        continue;
      }
      seen.add(real);
      if ((await stat(real)).isDirectory()) {
        problem('this is a folder; name the files in it', true);
        continue;
      }
      const { stream, start } = await opened(real);
      if (/^\s*[{[]/.test(start)) await readPages(stream, { file, measure, tally, pages, problem });
      else if (start.trim() === '') problem('the file is empty', true);
      else await readFocus(stream, { measure, tally, problem });
    } catch (error) {
      problem(`could not be read: ${reason(error)}`, true);
    }
  }
  pages.finish(onProblem);
  return { costs: tally.costs(), accounts: tally.accounts() };
}

/** The file's text as bytes, unpacked when it is gzipped, and its first letters without a byte order mark. */
async function opened(file: string): Promise<{ stream: Readable; start: string }> {
  const raw = createReadStream(file);
  const first = await peek(raw);
  if (first[0] !== 0x1f || first[1] !== 0x8b) return { stream: raw, start: text(first) };
  const plain = new PassThrough();
  // A damaged archive ends the plain stream with its error, after what could be unpacked.
  pipeline(raw, createGunzip(), plain).catch((error: unknown) => plain.destroy(error instanceof Error ? error : new Error(String(error))));
  return { stream: plain, start: text(await peek(plain)) };
}

async function peek(stream: Readable): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    stream.once('readable', resolve);
    stream.once('end', resolve);
    stream.once('error', reject);
  });
  const bytes = stream.read() as Buffer | null;
  if (bytes) stream.unshift(bytes);
  return bytes ?? Buffer.alloc(0);
}

const text = (bytes: Buffer): string =>
  bytes
    .subarray(0, 1024)
    .toString('utf8')
    .replace(/^\ufeff/, '');
