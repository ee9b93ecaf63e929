/**
 * Text in Slack's dialects. `mrkdwn` has no escape character for its formatting marks, so in untrusted text they are replaced by
 * letters that look alike; ids that must be copied exactly stand in code spans, where only the backtick is replaced.
 * What Slack reads as control is `&`, `<` and `>` (docs.slack.dev, "Formatting message text").
 */
import type { Piece, Text } from '../../bot/message.ts';
import { clean, cutMark, type Dialect, joined, limited, within } from '../text.ts';

/** One line of mrkdwn of at most `most` characters, markup included. Formatting marks in it come from us alone. */
export function mrkdwn(text: Text, most: number): string {
  const { pieces, shortened } = limited(text);
  const whole = joined(pieces, Number.POSITIVE_INFINITY, dialect);
  const line = whole.length <= most && !shortened ? whole : `${joined(pieces, most - cutMark.length - 1, dialect)} ${cutMark}`;
  // A line that begins with ">" would become a quotation.
  return line.trim().replace(/^&gt;/, '＞');
}

/** Text for a place that reads no markup (headers, buttons, labels), at most `most` characters. Angle brackets are replaced, because Slack's own rules for them differ from place to place. */
export function plain(text: Text, most: number): string {
  const { pieces, shortened } = limited(text);
  const line = calm(clean(pieces.map(said).join('')))
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .trim();
  return line.length <= most && !shortened ? line : `${within(line, most - cutMark.length - 1).trimEnd()} ${cutMark}`;
}

const dialect: Dialect = {
  rendered,
  // Slack sees a formatting mark only at the edge of a word; a zero-width space makes an edge.
  needsGlue: (before, after) =>
    (/[\p{L}\p{N}]$/u.test(before) && /^[*`]/.test(after)) || (/[*`]$/.test(before) && /^[\p{L}\p{N}*`]/u.test(after)),
};

/** A piece in at most `most` characters; what cannot be cut (a link, a time) is left out when it does not fit. */
function rendered(piece: Piece, most: number): string {
  if (typeof piece === 'string') return within(tame(piece), most, entity);
  if ('bold' in piece) return wrapped('*', tame(piece.bold), most);
  if ('code' in piece) return wrapped('`', calm(clean(piece.code)).replaceAll('`', 'ˋ'), most);
  if ('time' in piece) return date(piece.time, piece.as, most);
  return link(piece.link, piece.label, most);
}

function date(time: string, as: 'clock' | 'date' | 'ago', most: number): string {
  const seconds = Math.floor(new Date(time).getTime() / 1000);
  if (Number.isNaN(seconds)) return within(tame(time), most, entity);
  const format = { clock: '{time}', date: '{date_short}', ago: '{ago}' }[as];
  const token = `<!date^${seconds}^${format}|${inUtc(time, as)}>`;
  return token.length <= most ? token : '';
}

/** For readers whose client knows no zone, and for places without markup: '14:02 UTC', '23 Nov 2026'. */
function inUtc(time: string, as: 'clock' | 'date' | 'ago'): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  if (as === 'date') return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return `${at.toISOString().slice(11, 16)} UTC`;
}

function link(address: string, label: string, most: number): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return within(tame(label), most, entity);
  const href = url.href.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C');
  const words = within(tame(label), most - href.length - 3, entity).trim();
  return words === '' ? within(tame(label), most, entity) : `<${href}|${words}>`;
}

/** A word joiner keeps "@channel" and ":emoji:" what they are: text. */
function calm(text: string): string {
  return text.replace(/@(?=channel|here|everyone)/gi, '@\u2060').replace(/:(?=[\w+'-]+:)/g, ':\u2060');
}

function tame(raw: string): string {
  return calm(clean(raw))
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll('`', 'ˋ')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const entity = (char: string): string => entities[char] ?? char;

function wrapped(mark: string, inner: string, most: number): string {
  const text = within(inner.trim(), most - 2 * mark.length, entity).trim();
  return text === '' ? '' : `${mark}${text}${mark}`;
}

function said(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  if ('bold' in piece) return piece.bold;
  if ('code' in piece) return piece.code;
  if ('time' in piece) return inUtc(piece.time, piece.as);
  return piece.label;
}
