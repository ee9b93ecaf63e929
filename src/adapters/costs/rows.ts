/**
 * The rows of a table, one after the other, each with its line. As long as no quotation mark comes, a line is a row and its cells are what stands
 * between separators; cutting is several times faster than parsing, which matters for millions of rows. From the first quotation mark on the parser
 * reads.
 */
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CsvError, parse } from 'csv-parse';

/** Longer ones are no rows: somewhere a quotation mark or a line's end is missing. */
const longestRow = 4_000_000;

/**
 * `take` says false when it wants no more. Cells are parts of far longer texts: whoever keeps one keeps a copy (`ownText`). Rejects where a row cannot
 * be read; `lines` of the error is where, if it is known.
 */
export async function readRows(stream: Readable, delimiter: string, take: (cells: string[], line: number) => boolean): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest = '';
  let line = 0;
  try {
    for (;;) {
      const { value, done } = await chunks.next();
      const text = rest + (done ? decoder.end() : decoder.write(value));
      // Lines that end in a carriage return alone are left to the parser as well.
      const isPlain = text.indexOf('"', rest.length) < 0 && (line > 0 || text.includes('\n') || !text.includes('\r'));
      if (!isPlain) return await parseRest(text, chunks, delimiter, (cells, at) => take(cells, at + line));
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        line += 1;
        if (!takeLine(text.slice(from, end), line)) return;
        from = end + 1;
      }
      rest = text.slice(from);
      if (rest.length > longestRow) throw Object.assign(new Error('a line is longer than 4 MB'), { lines: line + 1 });
      if (!done) continue;
      if (rest !== '') takeLine(rest, line + 1);
      return;
    }
  } catch (error) {
    throw error instanceof CsvError ? Object.assign(error, { lines: line + Number((error as { lines?: number }).lines ?? 0) }) : error;
  } finally {
    stream.destroy();
  }

  function takeLine(written: string, at: number): boolean {
    let text = written.endsWith('\r') ? written.slice(0, -1) : written;
    if (at === 1 && text.startsWith('\ufeff')) text = text.slice(1);
    return text === '' || take(text.split(delimiter), at);
  }
}

async function parseRest(
  begun: string,
  chunks: AsyncIterator<Buffer>,
  delimiter: string,
  take: (cells: string[], line: number) => boolean,
): Promise<void> {
  async function* all(): AsyncGenerator<Buffer> {
    yield Buffer.from(begun, 'utf8');
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const parser = parse({ bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: longestRow });
  const source = Readable.from(all(), { objectMode: false });
  source.once('error', (error) => parser.destroy(error));
  for await (const { record, info } of source.pipe(parser) as AsyncIterable<{ record: string[]; info: { lines: number } }>)
    if (!take(record, info.lines)) return;
}

/** Why a row could not be read, in plain words; undefined when it was not the table that was at fault. */
export function rowFault(error: unknown): string | undefined {
  if (!(error instanceof CsvError)) return undefined;
  return /QUOTE/.test(error.code) ? 'a quotation mark is opened or closed in the wrong place' : error.message;
}
