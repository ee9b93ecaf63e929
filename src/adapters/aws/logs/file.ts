/** One log file: whatever it is wrapped in, the events in it. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { createGunzip, gunzipSync } from 'node:zlib';
import { timeOf } from '../translate/time.ts';
import { eventsOf, type Found, isEvent } from './events.ts';
import { type Slice, slicesOf } from './slices.ts';
import { timeKeyOf } from './sort.ts';
import { byBraces, byLines, looksLikeLines, type Splitter } from './split.ts';
import { unfolded } from './wrapped.ts';

export type LogProblem = { file: string; why: string };
/** `key`: as sorted by; `size`: of its text, about. */
export type ReadEvent = { event: unknown; key: number; size: number };

/** A file no larger than this is unpacked in one go, which is the fastest there is. */
const wholeBytes = 16 * 1024 * 1024;
const smallBytes = 4 * 1024 * 1024;

/** The events of one file, many at a time. Never throws: what cannot be read is a problem, the rest is read. */
export async function* readLogFile(file: string, onProblem: (problem: LogProblem) => void): AsyncGenerator<ReadEvent[]> {
  const tell = (why: string): void => onProblem({ file, why });
  const faults = countFaults();
  let found = 0;
  try {
    const small = await readSmall(file);
    if (small !== undefined) {
      for (const events of parseBytes(small, faults)) {
        found += events.length;
        yield events;
      }
      giveBack(small);
    } else {
      for await (const events of parseStream(file, faults, tell)) {
        found += events.length;
        yield events;
      }
    }
  } catch (error) {
    tell(`could not be read (${(error as { code?: string }).code ?? String(error)})`);
    return;
  }
  for (const why of faults.words(found)) tell(why);
}

/** A small file that unpacks cleanly; undefined when it must be streamed. */
async function readSmall(file: string): Promise<Buffer | undefined> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > smallBytes) return undefined;
    const bytes = await handle.readFile();
    if (!isGzip(bytes)) return bytes;
    try {
      return gunzipSync(bytes, { maxOutputLength: wholeBytes, chunkSize: unpackedBytes(bytes) + 64 });
    } catch {
      // Too large once unpacked, or damaged: streaming reads as far as it goes.
      return undefined;
    }
  } finally {
    await handle.close();
  }
}

/**
 * Its room is free for the next file at once, and not when the collector comes to it, which takes a dozen files. Small ones lie together in
 * a pool, which is not theirs to give.
 */
function giveBack({ buffer }: Buffer): void {
  if (buffer.byteLength > 4 * Buffer.poolSize && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** What the end of a gzip file says (RFC 1952, ISIZE), held to sense: unpacked in one piece, nothing has to be put together. */
const unpackedBytes = (bytes: Buffer): number => Math.min(wholeBytes, Math.max(16 * 1024, bytes.readUInt32LE(bytes.length - 4)));

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** UTF-8, or the UTF-16 that a redirect in PowerShell writes, with a byte order mark or told by its zeros. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] !== 0 && bytes[1] === 0)) return 'utf-16le';
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] !== undefined && bytes[1] !== 0)) return 'utf-16be';
  return 'utf-8';
}

const textOf = (bytes: Uint8Array): string => new TextDecoder(encodingOf(bytes)).decode(bytes);

/** In slices where it is written as AWS writes it; as a whole from where it is not, which finds the same, and what is wrong with it. */
function* parseBytes(bytes: Buffer, faults: Faults): Generator<ReadEvent[]> {
  const slices = slicesOf(bytes);
  let done = 0;
  let last: unknown;
  let slice = slices.next();
  for (; !slice.done; slice = slices.next()) {
    const events = takePlain(slice.value);
    if (events === undefined) break;
    done += events.length;
    last = events.at(-1)?.event;
    yield events;
  }
  if (slice.done && slice.value) return;
  const all = parseText(textOf(bytes), faults);
  // A file that says twice what its records are has two first ones: better twice than not at all.
  yield done > 0 && JSON.stringify(all[done - 1]?.event) === JSON.stringify(last) ? all.slice(done) : all;
}

/** Undefined when any of them is not simply an event with its time. */
function takePlain({ records, bytes }: Slice): ReadEvent[] | undefined {
  const size = Math.ceil(bytes / records.length);
  const events: ReadEvent[] = [];
  for (const event of records) {
    const key = isEvent(event) ? timeKeyOf(event) : 0;
    if (key <= 0) return undefined;
    events.push({ event: unfolded(event as object), key, size });
  }
  return events;
}

function parseText(text: string, faults: Faults): ReadEvent[] {
  if (text.trim() === '') {
    faults.add('empty', 0);
    return [];
  }
  const before = faults.count();
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    whole = undefined;
  }
  if (whole !== undefined) {
    const found = eventsOf(whole);
    // From here on each event can go when it has been used.
    whole = undefined;
    return take(found, text.length, 0, faults);
  }
  const splitter = looksLikeLines(text) ? byLines() : byBraces();
  const events = [splitter.feed(text), splitter.end()].flatMap((parts) => [...split(parts, faults)].flat());
  // Nothing but brackets.
  if (events.length === 0 && faults.count() === before) faults.add('json', 0);
  return events;
}

async function* parseStream(file: string, faults: Faults, tell: (why: string) => void): AsyncGenerator<ReadEvent[]> {
  let isDamaged = false;
  const pieces = textPieces(file, (why) => {
    isDamaged = true;
    tell(why);
  });
  let head = '';
  let splitter: Splitter | undefined;
  for await (const piece of pieces) {
    if (splitter) {
      yield* split(splitter.feed(piece), faults);
      continue;
    }
    head += piece;
    if (head.length < wholeBytes) continue;
    splitter = looksLikeLines(head) ? byLines() : byBraces();
    yield* split(splitter.feed(head), faults);
    head = '';
  }
  if (splitter) yield* split(splitter.end(), faults);
  else if (head.trim() !== '' || !isDamaged) yield parseText(head, faults);
}

/** Text as it comes off the disk. A damaged gzip gives what came before the damage, and a problem. */
async function* textPieces(file: string, tell: (why: string) => void): AsyncGenerator<string> {
  const handle = await open(file);
  const start = Buffer.alloc(3);
  try {
    await handle.read(start, 0, 3, 0);
  } finally {
    await handle.close();
  }
  const gzip = isGzip(start);
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  const stream = gzip ? source.pipe(createGunzip({ chunkSize: 256 * 1024 })) : source;
  if (gzip) source.on('error', (error) => stream.destroy(error));
  let decoder: TextDecoder | undefined;
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(encodingOf(bytes));
      yield decoder.decode(bytes, { stream: true });
    }
    const rest = decoder?.decode();
    if (rest) yield rest;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    tell(
      code === 'Z_BUF_ERROR'
        ? 'is cut off in the middle (gzip); read up to there'
        : code.startsWith('Z_')
          ? 'is damaged (gzip); read up to the damage'
          : `could not be read to its end (${code || String(error)})`,
    );
  } finally {
    source.destroy();
  }
}

function* split(parts: Iterable<{ text: string; line: number; fault?: 'long' | 'cut' | 'junk' }>, faults: Faults): Generator<ReadEvent[]> {
  for (const { text, line, fault } of parts) {
    if (fault) {
      faults.add(fault, line);
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      faults.add('json', line);
      continue;
    }
    yield take(eventsOf(value), text.length, line, faults);
  }
}

function take(found: Found[], length: number, line: number, faults: Faults): ReadEvent[] {
  const size = Math.ceil(length / Math.max(1, found.length));
  const events: ReadEvent[] = [];
  for (const one of found) {
    if (one.kind !== 'event') {
      faults.add(one.kind, line);
      continue;
    }
    const key = timeKeyOf(one.event);
    // Only what sorts as if it had no time is looked at twice.
    if (key > 0 || timeOf((one.event as { eventTime?: unknown }).eventTime) !== undefined) events.push({ event: one.event, key, size });
    else faults.add('no time', line);
  }
  return events;
}

// ---- faults, counted: one line each in the end, however many there are --------------------------------------------------------

type Fault = 'no time' | 'empty' | 'json' | 'long' | 'cut' | 'junk' | 'not a record' | 'broken record' | 'digest' | 'container';
type Faults = { add(fault: Fault, line: number): void; count(): number; words(found: number): string[] };

function countFaults(): Faults {
  const counts = new Map<Fault, { count: number; lines: number[] }>();
  return {
    add(fault, line) {
      const entry = counts.get(fault) ?? { count: 0, lines: [] };
      entry.count += 1;
      if (line > 0 && entry.lines.length < 3) entry.lines.push(line);
      counts.set(fault, entry);
    },
    count: () => [...counts.values()].reduce((sum, { count }) => sum + count, 0),
    words(found) {
      // What belongs to CloudTrail but holds no calls is not missing anything.
      const quiet = counts.has('digest') || counts.has('container');
      const onlyJunk = found === 0 && !quiet && ['json', 'junk', 'cut', 'not a record'].some((fault) => counts.has(fault as Fault));
      if (onlyJunk && !counts.has('not a record'))
        return [counts.has('cut') && !counts.has('junk') && !counts.has('json') ? 'ends in the middle of its first record' : 'is not JSON'];
      if (onlyJunk) return ['holds no CloudTrail records'];
      return [...counts].flatMap(([fault, { count, lines }]) => sentence(fault, count, lines));
    },
  };
}

function sentence(fault: Fault, count: number, lines: number[]): string[] {
  const where = lines.length > 0 ? ` (line ${lines.join(', ')}${count > lines.length ? ', …' : ''})` : '';
  const many = (one: string, more: string): string => (count === 1 ? one : `${count} ${more}`);
  switch (fault) {
    case 'empty':
      return ['is empty'];
    case 'json':
      return [`${many('one part is', 'parts are')} not JSON${where}; the rest was read`];
    case 'junk':
      return [`holds text that is not JSON${where}; the rest was read`];
    case 'long':
      return [`${many('one record is', 'records are')} longer than 64 MB${where}; the rest was read`];
    case 'cut':
      return [`ends in the middle of a record${where}; the rest was read`];
    case 'not a record':
      return [`${many('one entry is', 'entries are')} no CloudTrail record${where}; the rest was read`];
    case 'no time':
      return [`${many('one record has', 'records have')} no readable eventTime${where}; the rest was read`];
    case 'broken record':
      return [`${many('one record', 'records')} of LookupEvents could not be read${where}; the rest was read`];
    case 'digest':
    case 'container':
      return [];
    default:
      return fault satisfies never;
  }
}
