/**
 * Message → Discord message, and Form → modal. Pure. An embed carries the card and the plain content its notification: Components V2 would
 * allow no content, so a lock screen would say nothing, and could not be unset when a message is changed. Limits: docs.discord.com
 * (content 2,000; embed title 256, description 4,096, all embeds 6,000 characters; 5 rows of 5 buttons; label 80; custom id 100).
 */
import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIEmbed,
  type APILabelComponent,
  type APIModalInteractionResponseCallbackData,
  ButtonStyle,
  ComponentType,
  TextInputStyle,
} from 'discord.js';
import type { Button, Form, Message, Part, Text } from '../../bot/message.ts';
import type { Severity } from '../../checks/observation.ts';
import { cutMark } from '../text.ts';
import { markdown, plain } from './text.ts';

export type Rendered = {
  content: string;
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIButtonComponentWithCustomId>[];
  allowed_mentions: { parse: []; users: string[]; replied_user: false };
  attachments: { id: number; filename: string; description: string }[];
};
export type Upload = { name: string; data: Uint8Array; contentType: 'image/png' };
export type Trimmings = {
  /** Discord user ids that are notified. */
  mention?: string[];
  /** False: pictures are described in words. */
  pictures?: boolean;
  /** 0 shows everything that fits; the highest shows least. */
  from?: number;
};

const mostPictures = 4;
const descriptionLength = 4_000;
/** How much of a line, and how many lines of a list, are shown: the first measure that fits is taken. */
const measures = [
  { line: 1_200, items: 60 },
  { line: 500, items: 25 },
  { line: 250, items: 10 },
  { line: 120, items: 4 },
] as const;
type Measure = (typeof measures)[number];

/** Always valid for Discord: what is too long is cut and says so. `files` belong to `attachments` by position. */
export function render(message: Message, trimmings: Trimmings = {}): { body: Rendered; files: Upload[] } {
  const mention = [...new Set((trimmings.mention ?? []).filter((user) => /^\d{1,20}$/.test(user)))].slice(0, 20);
  const call = mention.map((user) => `<@${user}>`).join(' ');
  const content = [call, markdown(message.summary, 500) || 'Cloudwarden'].filter(Boolean).join(' ');
  const images = message.parts.filter((part) => part.kind === 'image').slice(0, mostPictures);
  const shown = trimmings.pictures === false ? [] : images;
  const title = titleOf(message);
  const embed: APIEmbed = {
    ...(title ? { title } : {}),
    description: descriptionOf(message, shown, trimmings.from ?? 0),
    color: colours[message.severity ?? headerOf(message)?.severity ?? 'none'],
  };
  const pictures = shown.map((_, at) => ({
    ...(at === 0 ? embed : {}),
    image: { url: `attachment://${at}.png` },
    color: embed.color ?? 0,
  }));
  const bare = !embed.title && !embed.description && pictures.length === 0;
  return {
    body: {
      content,
      embeds: pictures.length > 0 ? pictures.map(withoutEmpty) : bare ? [] : [withoutEmpty(embed)],
      components: rowsOf(message),
      allowed_mentions: { parse: [], users: mention, replied_user: false },
      attachments: shown.map((image, id) => ({ id, filename: `${id}.png`, description: plain(image.alt, 1_000) })),
    },
    files: shown.map((image, at) => ({ name: `${at}.png`, data: image.png, contentType: 'image/png' })),
  };
}

/** The last resort when Discord refuses the message: words alone, and the buttons if they are not what was refused. */
export function renderBare(message: Message, mention: string[] = [], buttons: boolean): { body: Rendered; files: Upload[] } {
  const { body } = render({ ...message, parts: [] }, { mention });
  const words = [body.content, plainly(message)].filter(Boolean).join('\n').slice(0, 1_700);
  const note = buttons ? '' : `\n${cutMark}: Discord did not accept this message in full, so its buttons are missing here.`;
  return { body: { ...body, content: `${words}${note}`, embeds: [], components: buttons ? rowsOf(message) : [] }, files: [] };
}

/** A modal. `customId` (at most 100 characters) comes back with the submission. */
export function renderForm(form: Form, customId: string): APIModalInteractionResponseCallbackData {
  return { custom_id: customId, title: plain(form.title, 45) || 'Cloudwarden', components: form.fields.slice(0, 5).map(labelOf) };
}

function labelOf(field: Form['fields'][number]): APILabelComponent {
  const label = { type: ComponentType.Label as const, label: plain(field.label, 45) || '?' };
  switch (field.kind) {
    case 'number': {
      const hint = plain([field.hint ? `${field.hint} ` : '', `A number from ${field.min} to ${field.max}.`], 100);
      const input = {
        type: ComponentType.TextInput as const,
        style: TextInputStyle.Short,
        custom_id: field.id,
        value: String(field.initial),
      };
      return { ...label, description: hint, component: { ...input, required: true, min_length: 1, max_length: 20 } };
    }
    case 'choice': {
      const options = field.options.slice(0, 25).map((option) => ({
        label: plain(option.label, 100) || option.value,
        value: option.value,
        default: option.value === field.initial,
      }));
      return {
        ...label,
        component: { type: ComponentType.StringSelect, custom_id: field.id, options, min_values: 1, max_values: 1, required: true },
      };
    }
    case 'text': {
      const style = field.most > 150 ? TextInputStyle.Paragraph : TextInputStyle.Short;
      const input = { type: ComponentType.TextInput as const, style, custom_id: field.id, max_length: Math.min(field.most, 4_000) };
      const hint = field.hint ? { description: plain(field.hint, 100) } : {};
      return { ...label, ...hint, component: { ...input, required: !(field.optional ?? false) } };
    }
    default:
      return field satisfies never;
  }
}

/** The first header stands as the embed's title; later ones are bold lines. */
function headerOf(message: Message): Extract<Part, { kind: 'header' }> | undefined {
  return message.parts.find((part) => part.kind === 'header');
}

function titleOf(message: Message): string {
  const header = headerOf(message);
  return header ? markdown(`${mark(header.severity)}  ${header.text}`, 256) : '';
}

function descriptionOf(message: Message, shown: Part[], from: number): string {
  const first = headerOf(message);
  const linesAt = (measure: Measure) => message.parts.flatMap((part) => linesOf(part, part === first, shown.includes(part), measure));
  for (const measure of measures.slice(from)) {
    const text = spaced(linesAt(measure));
    if (text.length <= descriptionLength) return text;
  }
  const lines = linesAt(measures[measures.length - 1]!);
  let text = '';
  for (const line of lines) {
    const next = spaced([text, ...line.split('\n')]);
    if (next.length + cutMark.length + 1 > descriptionLength) break;
    text = next;
  }
  return `${text}\n${cutMark}`.trim();
}

const spaced = (lines: string[]): string =>
  lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** Lines of a part, with an empty one where the eye should rest. */
function linesOf(part: Part, isTitle: boolean, isShown: boolean, measure: Measure): string[] {
  switch (part.kind) {
    case 'header': {
      const title = isTitle ? [] : [`**${markdown(`${mark(part.severity)}  ${part.text}`, 256)}**`];
      return [...title, ...(part.aside === undefined ? [] : small(markdown(part.aside, measure.line))), ''];
    }
    case 'facts':
      return [
        ...part.rows.slice(0, measure.items).flatMap((row) => factLines(row, measure)),
        ...more(part.rows.length - measure.items),
        '',
      ];
    case 'text': {
      const line = markdown(part.text, measure.line);
      if (line === '') return [];
      const words = part.struck ? `~~${line}~~` : line;
      return part.quiet ? small(words) : [words, ''];
    }
    case 'list': {
      const items = part.items
        .slice(0, measure.items)
        .map((item, at) => `${part.ordered ? `${at + 1}.` : '•'} ${markdown(item, measure.line)}`);
      return [...items, ...more(Math.max(0, part.items.length - measure.items) + (part.more ?? 0)), ''];
    }
    case 'image':
      return isShown ? [] : small(`The picture could not be sent. It shows: ${markdown(part.alt, measure.line) || 'nothing described'}`);
    case 'buttons':
      return [];
    default:
      return part satisfies never;
  }
}

const small = (line: string): string[] => (line === '' ? [] : [`-# ${line}`, '']);
const more = (count: number): string[] => (count > 0 ? [`+${count} more`] : []);

function factLines(row: { label: string; lines: Text[] }, measure: Measure): string[] {
  const [first = '', ...rest] = row.lines.slice(0, measure.items).map((line) => markdown(line, measure.line));
  const label = markdown({ bold: row.label }, 100);
  return [`${label}  ${first}`.trim(), ...rest.map((line) => `\u2003${line}`), ...more(row.lines.length - measure.items)].filter(Boolean);
}

/** ▲ CRITICAL: word and shape; the embed's edge has the colour. */
function mark(severity: Severity | undefined): string {
  return severity === undefined
    ? '◼'
    : { critical: '▲ CRITICAL', high: '▲ HIGH', medium: '◆ MEDIUM', low: '● LOW', info: '◼ INFO' }[severity];
}
const colours: Record<Severity | 'none', number> = {
  critical: 0xd92d20,
  high: 0xf79009,
  medium: 0xeac54f,
  low: 0x2e90fa,
  info: 0x98a2b3,
  none: 0x667085,
};

/** Five rows of five; each id once, because Discord tells buttons apart by it. */
function rowsOf(message: Message): Rendered['components'] {
  const seen = new Set<string>();
  const rows: Button[][] = [];
  for (const part of message.parts) {
    if (part.kind !== 'buttons') continue;
    const fresh = part.buttons.filter(
      (button) => button.id !== '' && button.id.length <= 100 && !seen.has(button.id) && seen.add(button.id),
    );
    for (let at = 0; at < fresh.length; at += 5) rows.push(fresh.slice(at, at + 5));
  }
  const tight = rows.length > 5 ? Array.from({ length: 5 }, (_, row) => rows.flat().slice(row * 5, row * 5 + 5)) : rows;
  return tight.filter((row) => row.length > 0).map((row) => ({ type: ComponentType.ActionRow, components: row.map(buttonOf) }));
}

function buttonOf(button: Button): APIButtonComponentWithCustomId {
  const style = { danger: ButtonStyle.Danger, primary: ButtonStyle.Primary, plain: ButtonStyle.Secondary } as const;
  return { type: ComponentType.Button, custom_id: button.id, label: plain(button.label, 80) || '…', style: style[button.style] };
}

function withoutEmpty(embed: APIEmbed): APIEmbed {
  const { description, ...rest } = embed;
  return description ? { ...rest, description } : rest;
}

function plainly(message: Message): string {
  const lines: string[] = [];
  const all = [titleOf(message), ...message.parts.flatMap((part) => linesOf(part, part === headerOf(message), false, measures[3]))];
  for (const line of all) if (lines.join('\n').length + line.length < 1_100) lines.push(line);
  return spaced(lines);
}
