/** A saved file as a stream of UTF-8 bytes, unpacked where it is gzipped, and what it holds, seen from its first bytes and not from its name. */
import { createReadStream } from 'node:fs';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';

export type Opened = {
  stream: Readable;
  holds: { kind: 'json' } | { kind: 'table'; delimiter: string } | { kind: 'nothing' } | { kind: 'other'; why: string };
};

const chunkBytes = 256 * 1024;

export async function openCosts(file: string): Promise<Opened> {
  const raw = createReadStream(file, { highWaterMark: chunkBytes });
  const first = await peek(raw);
  const isPacked = first[0] === 0x1f && first[1] === 0x8b;
  const plain = isPacked ? through(raw, createGunzip({ chunkSize: chunkBytes })) : raw;
  const start = isPacked ? await peek(plain) : first;
  const other = otherKind(start);
  if (other) return { stream: plain, holds: { kind: 'other', why: other } };
  const encoding = encodingOf(start);
  const stream = encoding === 'utf-8' ? plain : through(plain, decoding(encoding));
  const text = new TextDecoder(encoding).decode(start.subarray(0, 64 * 1024)).replace(/^\ufeff/, '');
  if (text.trim() === '') return { stream, holds: { kind: 'nothing' } };
  if (/^\s*[{[]/.test(text)) return { stream, holds: { kind: 'json' } };
  return { stream, holds: { kind: 'table', delimiter: delimiterOf(text) } };
}

/** A damaged archive ends the stream with its error, after what could be unpacked. */
function through(from: Readable, by: Transform): Readable {
  const to = new PassThrough({ highWaterMark: chunkBytes });
  pipeline(from, by, to).catch((error: unknown) => to.destroy(error instanceof Error ? error : new Error(String(error))));
  return to;
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

/** UTF-8, or the UTF-16 that table programs and a redirect in PowerShell write, with a byte order mark or told by its zeros. */
function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] !== 0 && bytes[1] === 0)) return 'utf-16le';
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] !== undefined && bytes[1] !== 0)) return 'utf-16be';
  return 'utf-8';
}

function decoding(encoding: string): Transform {
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8'));
    },
    flush(done) {
      done(null, Buffer.from(decoder.decode(), 'utf8'));
    },
  });
}

/** What is often saved in place of a table, by its first bytes. */
function otherKind(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 6).toString('latin1');
  if (head.startsWith('PAR1')) return 'this is a Parquet file; export CSV, plain or gzipped';
  if (head.startsWith('PK\u0003\u0004'))
    return 'this is a zip archive or a workbook; unpack it, or save it as CSV, and name what comes out';
  if (head.startsWith('BZh') || head.startsWith('\u00fd7zXZ') || head.startsWith('\u0028\u00b5\u002f\u00fd'))
    return 'this is packed in a way that is not read here; unpack it, or pack it with gzip';
  return undefined;
}

/** What parts the cells of the header, outside of quotation marks. */
function delimiterOf(text: string): string {
  const counts = new Map([',', ';', '\t', '|'].map((one) => [one, 0]));
  let isQuoted = false;
  for (const letter of text) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (letter === '\n' || letter === '\r')) break;
    else if (!isQuoted && counts.has(letter)) counts.set(letter, counts.get(letter)! + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best && best[1] > 0 ? best[0] : ',';
}
