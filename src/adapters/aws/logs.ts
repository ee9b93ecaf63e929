/** CloudTrail logs from disk, for `replay`: every form they come in, in the order of their events, with flat memory. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type LogProblem, readLogFile } from './logs/file.ts';
import { openSorter } from './logs/sort.ts';

export type { LogProblem } from './logs/file.ts';
export type ReadLogsOptions<T = unknown> = {
  /**
   * Makes of each raw event what is yielded, as early as can be: what has been read and waits for its turn is then held in this form. Absent:
   * the event itself.
   */
  read?: (event: unknown) => T;
  /** Called for what could not be read, at most a few times per file; everything else is read all the same. */
  onProblem: (problem: LogProblem) => void;
  /** Called when a file has been read. */
  onProgress?: (progress: { file: string; done: number; of: number }) => void;
  /** Bytes of text held in memory for ordering; beyond, temporary files are used. */
  holdBytes?: number;
};

/**
 * Reads files and folders (recursively) of `{"Records":[…]}`, NDJSON, JSON arrays, single events, `LookupEvents` output, each also
 * gzipped, and yields the raw events by eventTime, many at a time. Digests, hidden files and files of other kinds are left out of folders. When every
 * file has a name as AWS gives it, they are read in the order of their names and only the last two hours are held back.
 */
export async function* readCloudTrailLogs<T = unknown>(paths: string[], options: ReadLogsOptions<T>): AsyncGenerator<T[]> {
  const files = await filesIn(paths, options.onProblem);
  const holdBytes = options.holdBytes ?? 64 * 1024 * 1024;
  const timed = files.map((file) => ({ file, delivered: deliveredAt(file) }));
  if (timed.length > 1 && timed.every((one) => one.delivered !== undefined)) {
    yield* inOrderOfNames(
      timed.map(({ file, delivered = 0 }) => ({ file, delivered })).sort((a, b) => a.delivered - b.delivered || (a.file < b.file ? -1 : 1)),
      holdBytes,
      options,
    );
  } else {
    yield* inOrderOfTimes(files, holdBytes, options);
  }
}

/** AWS delivers an event within minutes; two hours hold back nearly all that came late. */
const heldBackMs = 2 * 3_600_000;

async function* inOrderOfNames<T>(
  files: { file: string; delivered: number }[],
  holdBytes: number,
  options: ReadLogsOptions<T>,
): AsyncGenerator<T[]> {
  const read = options.read ?? ((event: unknown) => event as T);
  let held: { event: T; key: number; size: number }[] = [];
  let bytes = 0;
  let done = 0;
  for (const { file, delivered } of files) {
    const ready = delivered - heldBackMs;
    if (bytes > holdBytes || (held.length > 0 && (held[0]?.key ?? 0) < ready - heldBackMs)) {
      held.sort((a, b) => a.key - b.key);
      // Too much within two hours: the older half goes, a late event may then follow a newer one.
      const split = held.findIndex((one) => one.key >= ready);
      const count = bytes > holdBytes ? Math.max(split, held.length >> 1) : split < 0 ? held.length : split;
      yield held.slice(0, count).map(({ event }) => event);
      held = held.slice(count);
      bytes = held.reduce((sum, { size }) => sum + size, 0);
    }
    for await (const events of readLogFile(file, options.onProblem))
      for (const one of events) {
        const { event, key, size } = one;
        // Only what was made of it is held.
        one.event = undefined;
        held.push({ event: read(event), key, size });
        bytes += size;
      }
    options.onProgress?.({ file, done: ++done, of: files.length });
  }
  held.sort((a, b) => a.key - b.key);
  yield held.map(({ event }) => event);
}

async function* inOrderOfTimes<T>(files: string[], holdBytes: number, options: ReadLogsOptions<T>): AsyncGenerator<T[]> {
  const read = options.read ?? ((event: unknown) => event as T);
  const sorter = openSorter(holdBytes);
  try {
    let done = 0;
    for (const file of files) {
      for await (const events of readLogFile(file, options.onProblem))
        for (const { event, key, size } of events) if (sorter.add(event, key, size)) await sorter.makeRoom();
      options.onProgress?.({ file, done: ++done, of: files.length });
    }
    for await (const event of sorter.sorted()) yield [read(event)];
  } finally {
    await sorter.close();
  }
}

/** `<account>_CloudTrail_<region>_YYYYMMDDTHHmmZ_<unique>.json.gz`, in ms. */
function deliveredAt(file: string): number | undefined {
  const said = /_CloudTrail_[\w-]+_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_/.exec(basename(file));
  if (!said) return undefined;
  const ms = Date.parse(`${said[1]}-${said[2]}-${said[3]}T${said[4]}:${said[5]}:00Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

const logNames = /\.(?:json|ndjson|jsonl|log|gz)$/i;
const notLogs = /CloudTrail-(?:Digest|Insight)/;

async function filesIn(paths: string[], onProblem: (problem: LogProblem) => void): Promise<string[]> {
  const files: string[] = [];
  const folders = new Set<string>();

  async function add(path: string, given: boolean): Promise<void> {
    try {
      const about = await stat(path);
      if (about.isDirectory()) {
        const real = await realpath(path);
        // A link to a folder above would never end.
        if (folders.has(real)) return;
        folders.add(real);
        const names = (await readdir(path)).sort();
        for (const name of names) if (!name.startsWith('.') && !notLogs.test(name)) await add(join(path, name), false);
      } else if (about.isFile() && (given || logNames.test(path))) {
        files.push(path);
      } else if (given) {
        onProblem({ file: path, why: 'is neither a file nor a folder' });
      }
    } catch (error) {
      onProblem({ file: path, why: plainReason(error) });
    }
  }

  for (const path of paths) {
    const before = files.length;
    await add(path, true);
    if (files.length === before && (await isFolder(path))) onProblem({ file: path, why: 'holds no log files' });
  }
  return [...new Set(files)];
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (about) => about.isDirectory(),
    () => false,
  );

function plainReason(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read';
  return `could not be read (${code ?? String(error)})`;
}
