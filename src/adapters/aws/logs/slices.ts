/**
 * A log file as AWS delivers it, a few records at a time: what was parsed is used and gone before the next is parsed. A whole file as a tree
 * of objects, with its text beside it, is what would take most memory, and most of the time it takes to clear away.
 */

export type Slice = { records: unknown[]; bytes: number };

/**
 * Yields the records of `{"Records":[{"eventVersion":…},…]}` (UTF-8), about so many bytes of them at a time. Returns false where the file turns
 * out to be written otherwise, or damaged: what was yielded until then are its first records all the same.
 *
 * A cut is made where a record seems to begin. The mark holds quotes, so it cannot stand within a text, where quotes are escaped. Where it
 * stands deeper, in a list that somebody sent along with a call, what is before it leaves brackets open and is no JSON.
 */
export function* slicesOf(bytes: Buffer, sliceBytes = 64 * 1024): Generator<Slice, boolean> {
  if (bytes.indexOf(head) !== 0) return false;
  const decoder = new TextDecoder();
  const end = bytes.lastIndexOf(tail);
  // The bracket or comma before the first record, and the one behind the last.
  let from = head.length - 2;
  while (from < end) {
    const cut = bytes.indexOf(mark, Math.min(from + sliceBytes, end));
    const to = (cut < 0 ? end : cut) + 1;
    const records = listBetween(bytes, from, to, decoder);
    if (records === undefined) return false;
    yield { records, bytes: to - from };
    from = to;
  }
  // Nothing but the end of the file is left.
  return end > 0 && decoder.decode(bytes.subarray(end + tail.length)).trim() === '';
}

const head = '{"Records":[{';
const mark = '},{"eventVersion":"';
const tail = '}]}';

/** The records between two commas, which are brackets for as long as it takes: put together from pieces, the text would be copied once more. */
function listBetween(bytes: Buffer, from: number, to: number, decoder: TextDecoder): unknown[] | undefined {
  const [before, behind] = [bytes[from]!, bytes[to]!];
  bytes[from] = 0x5b;
  bytes[to] = 0x5d;
  const text = decoder.decode(bytes.subarray(from, to + 1));
  bytes[from] = before;
  bytes[to] = behind;
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return undefined;
  }
}
