/**
 * Text in Discord's dialect of Markdown, where a backslash takes the meaning from any mark (docs.discord.com, "Message formatting"). Code
 * spans know no escape, so a backtick in them is replaced by a letter that looks alike.
 */
import type { Piece, Text } from '../../bot/message.ts';

/** What stands where text was cut. */
export const cutMark = '… cut';

/** One line of Markdown of at most `most` characters, markup included. Formatting marks in it come from us alone. */
export function markdown(text: Text, most: number): string {
  const { pieces, shortened } = limited(text);
  const whole = joined(pieces, Number.POSITIVE_INFINITY);
  const line = whole.length <= most && !shortened ? whole : `${joined(pieces, most - cutMark.length - 2)} ${cutMark}`;
  // A line that begins like a list item would become one.
  return line.trim().replace(/^([-+]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\u2060` : `\\${start}`));
}

/** Text for a place that reads no markup (buttons, labels, names), at most `most` characters. */
export function plain(text: Text, most: number): string {
  const { pieces, shortened } = limited(text);
  const line = calm(clean(pieces.map(said).join(''))).trim();
  return line.length <= most && !shortened ? line : `${within(line, most - cutMark.length - 1, (char) => char).trimEnd()} ${cutMark}`;
}

/** Nobody reads a longer piece of a line, and an attacker who sends many of them must not keep us busy. */
const longestPiece = 5_000;
const mostPieces = 100;

function limited(text: Text): { pieces: Piece[]; shortened: boolean } {
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

/** Pieces one after the other until one does not fit; of that one, what fits. */
function joined(pieces: Piece[], most: number): string {
  let line = '';
  for (const piece of pieces) {
    const whole = rendered(piece, Number.POSITIVE_INFINITY);
    // Two code spans or two bold words that touch would be read as one mark.
    const glue = /[`*]$/.test(line) && /^[`*]/.test(whole) ? '\u200b' : '';
    if (line.length + glue.length + whole.length > most) return line + glue + rendered(piece, most - line.length - glue.length);
    line += glue + whole;
  }
  return line;
}

/** A piece in at most `most` characters; what cannot be cut (a link, a time) is left out when it does not fit. */
function rendered(piece: Piece, most: number): string {
  if (typeof piece === 'string') return within(tame(piece), most, escaped);
  if ('bold' in piece) return wrapped('**', within(tame(piece.bold).trim(), most - 4, escaped).trim());
  if ('code' in piece) {
    const code = calm(clean(piece.code)).replaceAll('`', 'ˋ').trim();
    return wrapped(
      '`',
      within(code, most - 2, (char) => char),
    );
  }
  if ('time' in piece) return date(piece.time, piece.as, most);
  return link(piece.link, piece.label, most);
}

function date(time: string, as: 'clock' | 'date' | 'ago', most: number): string {
  const seconds = Math.floor(new Date(time).getTime() / 1000);
  if (Number.isNaN(seconds)) return within(tame(time), most, escaped);
  const token = `<t:${seconds}:${{ clock: 't', date: 'D', ago: 'R' }[as]}>`;
  return token.length <= most ? token : '';
}

function link(address: string, label: string, most: number): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return within(tame(label), most, escaped);
  const href = url.href.replaceAll('(', '%28').replaceAll(')', '%29').replaceAll('<', '%3C').replaceAll('>', '%3E');
  const words = within(tame(label), most - href.length - 4, escaped).trim();
  return words === '' ? within(tame(label), most, escaped) : `[${words}](${href})`;
}

/** Zero-width and direction controls could hide or reorder words; line breaks could forge lines of ours. */
function clean(raw: string): string {
  return raw
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\p{Cf}|\u034F|[\u115F\u1160\u3164\uFFA0]/gu, '');
}

/** A word joiner keeps "@everyone" what it is: text. */
const calm = (text: string): string => text.replace(/@(?=everyone|here)/gi, '@\u2060');

/** The joiner after "http:" keeps an address from becoming a link that nobody of ours wrote. */
const tame = (raw: string): string => calm(clean(raw)).replace(/:(?=\/\/)/g, ':\u2060');

const marks = new Set('\\`*_~|[]()<>#');
const escaped = (char: string): string => (marks.has(char) ? `\\${char}` : char);

/** As many whole characters as fit when rendered: never half an escape or half a surrogate pair. */
function within(text: string, most: number, render: (char: string) => string): string {
  let out = '';
  for (const char of text) {
    const next = render(char);
    if (out.length + next.length > most) break;
    out += next;
  }
  return out;
}

const wrapped = (mark: string, text: string): string => (text === '' ? '' : `${mark}${text}${mark}`);

function said(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  if ('bold' in piece) return piece.bold;
  if ('code' in piece) return piece.code;
  if ('time' in piece) {
    const at = new Date(piece.time);
    return Number.isNaN(at.getTime()) ? piece.time : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
  return piece.label;
}
