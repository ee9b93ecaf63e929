/** Cuts text into JSON objects, without holding more than one of them: those of a list, one a line, or one after the other. */

/** `fault`: it is not whole, it is longer than any is, or something that is not JSON stands before it. */
export type Document = { text: string; line: number; fault?: 'cut' | 'long' | 'junk' };
export type Documents = { feed(text: string): Iterable<Document>; end(): Iterable<Document> };

/** Letters of one object: pages of Cost Explorer are far smaller, but some scripts put them together. */
const longest = 256 * 1024 * 1024;

export function createDocuments(firstLine = 1): Documents {
  let piece = '';
  let depth = 0;
  let isQuoted = false;
  let isEscaped = false;
  let isTooLong = false;
  let line = firstLine;
  let began = firstLine;
  let junkAt = 0;

  return {
    *feed(text) {
      let from = depth > 0 ? 0 : -1;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code === newline) line += 1;
        if (isQuoted) {
          if (isEscaped) isEscaped = false;
          else if (code === backslash) isEscaped = true;
          else if (code === quote) isQuoted = false;
        } else if (depth > 0 && code === quote) isQuoted = true;
        else if (code === open) {
          if (depth === 0) {
            if (junkAt > 0) yield { text: '', line: junkAt, fault: 'junk' };
            [from, began, junkAt] = [at, line, 0];
          }
          depth += 1;
        } else if (code === close && depth > 0) {
          depth -= 1;
          if (depth > 0) continue;
          if (isTooLong) yield { text: '', line: began, fault: 'long' };
          else yield { text: piece + text.slice(from, at + 1), line: began };
          [piece, from, isTooLong] = ['', -1, false];
        } else if (depth === 0 && junkAt === 0 && !between.has(code)) junkAt = line;
      }
      if (depth === 0) return;
      if (!isTooLong) piece += text.slice(from);
      if (piece.length > longest) [piece, isTooLong] = ['', true];
    },
    *end() {
      if (depth > 0) {
        yield { text: '', line: began, fault: 'cut' };
        // Within one object no brace stands at the beginning of a line: there another one begins.
        const next = piece.indexOf('\n{', 1);
        if (next < 0) return;
        const rest = createDocuments(began + piece.slice(0, next + 1).split('\n').length - 1);
        yield* rest.feed(piece.slice(next + 1));
        yield* rest.end();
      } else if (junkAt > 0) yield { text: '', line: junkAt, fault: 'junk' };
    },
  };
}

const [newline, quote, backslash, open, close] = [10, 34, 92, 123, 125];
/** White space, a byte order mark, and the brackets and commas of lists. */
const between = new Set([...' \t\r\n\ufeff[],'].map((letter) => letter.charCodeAt(0)));
