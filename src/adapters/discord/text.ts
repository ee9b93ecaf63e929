/**
 * Text in Discord's dialect of Markdown, where a backslash takes the meaning from any mark (docs.discord.com, "Message formatting"). Code
 * spans know no escape, so a backtick in them is replaced by a letter that looks alike.
 */
import type { Piece, Text } from '../../bot/message.ts';
import { clean, cutMark, type Dialect, joined, limited, within } from '../text.ts';

/** One line of Markdown of at most `most` characters, markup included. Formatting marks in it come from us alone. */
export function markdown(text: Text, most: number): string {
  const { pieces, shortened } = limited(text);
  const whole = joined(pieces, Number.POSITIVE_INFINITY, dialect);
  const line = whole.length <= most && !shortened ? whole : `${joined(pieces, most - cutMark.length - 2, dialect)} ${cutMark}`;
  // A line that begins like a list item would become one.
  return line.trim().replace(/^([-+]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\u2060` : `\\${start}`));
}

/** Text for a place that reads no markup (buttons, labels, names), at most `most` characters. */
export function plain(text: Text, most: number): string {
  const { pieces, shortened } = limited(text);
  const line = calm(clean(pieces.map(said).join(''))).trim();
  return line.length <= most && !shortened ? line : `${within(line, most - cutMark.length - 1).trimEnd()} ${cutMark}`;
}

const dialect: Dialect = {
  rendered,
  // Two code spans or two bold words that touch would be read as one mark.
  needsGlue: (before, after) => /[`*]$/.test(before) && /^[`*]/.test(after),
};

/** A piece in at most `most` characters; what cannot be cut (a link, a time) is left out when it does not fit. */
function rendered(piece: Piece, most: number): string {
  if (typeof piece === 'string') return within(tame(piece), most, escaped);
  if ('bold' in piece) return wrapped('**', within(tame(piece.bold).trim(), most - 4, escaped).trim());
  if ('code' in piece) {
    const code = calm(clean(piece.code)).replaceAll('`', 'ˋ').trim();
    return wrapped('`', within(code, most - 2));
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

/** A word joiner keeps "@everyone" what it is: text. */
const calm = (text: string): string => text.replace(/@(?=everyone|here)/gi, '@\u2060');

/** The joiner after "http:" keeps an address from becoming a link that nobody of ours wrote. */
const tame = (raw: string): string => calm(clean(raw)).replace(/:(?=\/\/)/g, ':\u2060');

const marks = new Set('\\`*_~|[]()<>#');
const escaped = (char: string): string => (marks.has(char) ? `\\${char}` : char);

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
