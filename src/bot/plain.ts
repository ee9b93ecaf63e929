/** A message as plain text, for a terminal, a log or an e-mail. Pure. */
import type { Time } from '../checks/observation.ts';
import type { Message, Part, Piece, Text } from './message.ts';
import { duration, secondsBetween } from './words.ts';

const shapes = { critical: '▲ CRITICAL', high: '▲ HIGH', medium: '◆ MEDIUM', low: '● LOW', info: '◼ INFO' } as const;

/**
 * Lines of text without colour. Times are UTC and say so; `now` lets "ago" be said, else the time itself stands there. Control and
 * direction characters of untrusted text are taken out, so that a name cannot move the cursor or rewrite a line. A picture is its words.
 */
export function asPlainText(message: Message, now?: Time): string {
  return message.parts
    .flatMap((part) => lines(part, now))
    .map((line) => line.trimEnd())
    .join('\n');
}

function lines(part: Part, now: Time | undefined): string[] {
  switch (part.kind) {
    case 'header': {
      const aside = part.aside === undefined ? '' : `   ${words(part.aside, now)}`;
      return [`${part.severity ? shapes[part.severity] : '◼'}  ${clean(part.text)}${aside}`];
    }
    case 'facts': {
      const width = Math.max(...part.rows.map((row) => row.label.length), 0);
      return part.rows.flatMap((row) =>
        row.lines.map((line, at) => `${(at === 0 ? clean(row.label) : '').padEnd(width)}  ${words(line, now)}`),
      );
    }
    case 'text':
      return [part.struck ? `(withdrawn) ${words(part.text, now)}` : words(part.text, now)];
    case 'list': {
      const more = part.more ? [`   +${part.more} more`] : [];
      return [...part.items.map((item, at) => `${part.ordered ? `${String(at + 1).padStart(2)} ` : ' - '} ${words(item, now)}`), ...more];
    }
    case 'image':
      return [`[picture: ${clean(part.alt)}]`];
    case 'buttons':
      return [part.buttons.map((button) => `[ ${clean(button.label)} ]`).join('  ')];
    default:
      return part satisfies never;
  }
}

function words(text: Text, now: Time | undefined): string {
  return (Array.isArray(text) ? text : [text]).map((piece) => word(piece, now)).join('');
}

function word(piece: Piece, now: Time | undefined): string {
  if (typeof piece === 'string') return clean(piece);
  if ('bold' in piece) return clean(piece.bold);
  if ('code' in piece) return clean(piece.code);
  if ('label' in piece) return `${clean(piece.label)} (${clean(piece.link)})`;
  if (piece.as === 'clock') return `${piece.time.slice(11, 16)} UTC`;
  if (piece.as === 'ago' && now) return `${duration(secondsBetween(piece.time, now))} ago`;
  return `${piece.time.slice(0, 10)} ${piece.time.slice(11, 16)} UTC`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;
const clean = (text: string): string => text.replace(unsafe, ' ');
