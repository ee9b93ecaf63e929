/** What every chat needs before its own dialect: text bounded, without hidden characters, cut between whole characters. */
import type { Piece, Text } from '../bot/message.ts';

/** What stands where text was cut. */
export const cutMark = '… cut';

/** Nobody reads a longer piece of a line, and an attacker who sends many of them must not keep us busy. */
const longestPiece = 5_000;
const mostPieces = 100;

/** The pieces of a line, bounded in number and length; `shortened` when something was left out. */
export function limited(text: Text): { pieces: Piece[]; shortened: boolean } {
  let shortened = Array.isArray(text) && text.length > mostPieces;
  const short = (raw: string) => {
    if (raw.length > longestPiece) shortened = true;
    return raw.slice(0, longestPiece);
  };
  const pieces = (Array.isArray(text) ? text.slice(0, mostPieces) : [text]).map((piece): Piece => {
    if (typeof piece === 'string') return short(piece);
    if ('bold' in piece) return { bold: short(piece.bold) };
    if ('code' in piece) return { code: short(piece.code) };
    if ('link' in piece) return { link: piece.link.length > longestPiece ? '' : piece.link, label: short(piece.label) };
    return piece;
  });
  return { pieces, shortened };
}

/** How one platform writes a piece in at most `most` characters, and which two texts would be read as one mark if they touched. */
export type Dialect = { rendered(piece: Piece, most: number): string; needsGlue(before: string, after: string): boolean };

/** Pieces one after the other until one does not fit; of that one, what fits. */
export function joined(pieces: Piece[], most: number, { rendered, needsGlue }: Dialect): string {
  let line = '';
  for (const piece of pieces) {
    const whole = rendered(piece, Number.POSITIVE_INFINITY);
    const glue = needsGlue(line, whole) ? '\u200b' : '';
    if (line.length + glue.length + whole.length > most) {
      const part = rendered(piece, most - line.length - glue.length);
      return part === '' ? line : line + glue + part;
    }
    line += glue + whole;
  }
  return line;
}

/** Zero-width and direction controls could hide or reorder words; line breaks could forge lines of ours. */
export function clean(raw: string): string {
  return raw
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\p{Cf}|\u034F|[\u115F\u1160\u3164\uFFA0]/gu, '');
}

/** As many whole characters as fit when rendered: never half an entity, half an escape or half a surrogate pair. */
export function within(text: string, most: number, render: (char: string) => string = (char) => char): string {
  let out = '';
  for (const char of text) {
    const next = render(char);
    if (out.length + next.length > most) break;
    out += next;
  }
  return out;
}
