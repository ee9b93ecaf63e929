/** Orders events by time: in memory while they fit, beyond that through sorted temporary files. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { timeOf } from '../translate/time.ts';

export type Sorter = {
  /** True when it is full: then `makeRoom` must come before the next. */
  add(event: unknown, key: number, size: number): boolean;
  makeRoom(): Promise<void>;
  sorted(): AsyncGenerator<unknown>;
  close(): Promise<void>;
};

/** `holdBytes` is text before parsing; parsed, it takes a few times that. */
export function openSorter(holdBytes: number): Sorter {
  let held: { key: number; event: unknown }[] = [];
  let bytes = 0;
  let folder: string | undefined;
  const runs: string[] = [];

  async function spill(): Promise<void> {
    const events = held;
    held = [];
    bytes = 0;
    folder ??= await mkdtemp(join(tmpdir(), 'cloudwarden-'));
    const run = join(folder, `${runs.length}.ndjson`);
    runs.push(run);
    events.sort((a, b) => a.key - b.key);
    await pipeline(lines(events), createWriteStream(run, { mode: 0o600 }));
  }

  return {
    add(event, key, size) {
      held.push({ key, event });
      bytes += size;
      return bytes > holdBytes;
    },
    makeRoom: spill,
    async *sorted() {
      held.sort((a, b) => a.key - b.key);
      if (runs.length === 0) {
        for (const one of held) yield one.event;
        return;
      }
      const last = held;
      held = [];
      yield* merged([...runs.map(readRun), fromMemory(last)]);
    },
    async close() {
      held = [];
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Milliseconds; what has no readable time comes first, where its problem is told soonest. */
export function timeKeyOf(event: unknown): number {
  const time = (event as { eventTime?: unknown }).eventTime;
  const usual = typeof time === 'string' && time.includes('-') ? Date.parse(time) : Number.NaN;
  if (usual > 0) return usual;
  const known = timeOf(time);
  return known === undefined ? 0 : Date.parse(known);
}

function* lines(events: { key: number; event: unknown }[]): Generator<string> {
  let block = '';
  for (const { key, event } of events) {
    block += `${key}\t${JSON.stringify(event)}\n`;
    if (block.length < 256 * 1024) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}

type Entry = { key: number; event: () => unknown };

async function* readRun(file: string): AsyncGenerator<Entry> {
  for await (const line of createInterface({
    input: createReadStream(file, { highWaterMark: 64 * 1024 }),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const tab = line.indexOf('\t');
    yield { key: Number(line.slice(0, tab)), event: () => JSON.parse(line.slice(tab + 1)) };
  }
}

async function* fromMemory(events: { key: number; event: unknown }[]): AsyncGenerator<Entry> {
  for (const { key, event } of events) yield { key, event: () => event };
}

/** The smallest first; of equals, the one of the earlier run, as if they had been sorted together. */
async function* merged(sources: AsyncGenerator<Entry>[]): AsyncGenerator<unknown> {
  const heads: { entry: Entry; source: AsyncGenerator<Entry>; rank: number }[] = [];
  const before = (a: number, b: number): boolean => {
    const [one, other] = [heads[a]!, heads[b]!];
    return one.entry.key < other.entry.key || (one.entry.key === other.entry.key && one.rank < other.rank);
  };
  const swap = (a: number, b: number): void => {
    [heads[a], heads[b]] = [heads[b]!, heads[a]!];
  };
  const sink = (): void => {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < heads.length && before(left, least)) least = left;
      if (right < heads.length && before(right, least)) least = right;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };
  try {
    for (const [rank, source] of sources.entries()) {
      const first = await source.next();
      if (!first.done) heads.push({ entry: first.value, source, rank });
    }
    heads.sort((a, b) => a.entry.key - b.entry.key || a.rank - b.rank);
    while (heads.length > 0) {
      const least = heads[0]!;
      yield least.entry.event();
      const next = await least.source.next();
      if (next.done) {
        const last = heads.pop()!;
        if (heads.length === 0) return;
        if (last !== least) heads[0] = last;
      } else least.entry = next.value;
      sink();
    }
  } finally {
    for (const source of sources) await source.return(undefined);
  }
}
