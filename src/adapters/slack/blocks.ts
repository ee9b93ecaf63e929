/**
 * Message → Slack blocks, and Form → Slack modal. Pure. Limits: docs.slack.dev "Block Kit" (50 blocks, section 3,000, header 150,
 * button 75, 25 elements) and the undocumented cap of about 13,200 characters over all blocks (slackapi/bolt-js#2509).
 */
import type { types } from '@slack/bolt';
import type { Button, Form, Message, Part, Text } from '../../bot/message.ts';
import type { Severity } from '../../checks/observation.ts';
import { cutMark } from '../text.ts';
import { mrkdwn, plain } from './text.ts';

type Block = types.KnownBlock;
type Image = Extract<Part, { kind: 'image' }>;
export type Rendered = { text: string; blocks: Block[] };
export type Trimmings = {
  /** Slack user ids that are notified. */
  mention?: string[];
  /** The Slack file a picture was uploaded as. A picture without one is described in words. */
  fileOf?: (image: Image) => string | undefined;
  /** 0 shows everything that fits; the highest shows least. */
  from?: number;
};

const mostCharacters = 12_000;
const mostBlocks = 50;
const mostButtons = 25;
const sectionLength = 2_900;
/** How much of a line, and how many lines of a list, are shown: the first measure that fits is taken. */
const measures = [
  { line: 1_500, items: 100 },
  { line: 700, items: 40 },
  { line: 300, items: 15 },
  { line: 150, items: 5 },
] as const;
type Measure = (typeof measures)[number];

/** Always valid for Slack: what is too long is cut and says so. Buttons are kept before everything else. */
export function render(message: Message, trimmings: Trimmings = {}): Rendered {
  const mention = (trimmings.mention ?? []).filter((user) => /^[UW][A-Z0-9]+$/.test(user)).slice(0, 20);
  const call = mention.map((user) => `<@${user}>`).join(' ');
  const text = [call, mrkdwn(message.summary, 500) || 'Cloudwarden'].filter(Boolean).join(' ');
  const buttons = limitButtons(message);
  for (const measure of measures.slice(trimmings.from ?? 0)) {
    const blocks = blocksOf(message, buttons, call, measure, trimmings);
    if (blocks.length <= mostBlocks && size(blocks) <= mostCharacters) return { text, blocks };
  }
  return { text, blocks: shorten(blocksOf(message, buttons, call, measures[measures.length - 1]!, trimmings)) };
}

/** The last resort when Slack refuses the blocks: words alone. */
export function renderBare(message: Message, mention: string[] = []): Rendered {
  const { text } = render({ ...message, parts: [] }, { mention });
  const lines = message.parts.flatMap((part) => (part.kind === 'buttons' || part.kind === 'image' ? [] : wordsOf(part)));
  const words: string[] = [text];
  for (const line of lines) if (words.join('\n').length + line.length < 3_000) words.push(line);
  words.push(`${cutMark}: Slack did not accept this message in full, so its buttons are missing here.`);
  return { text: words.join('\n'), blocks: [] };
}

/** The id under which a form's submission comes back. */
const formCallback = 'cloudwarden-form';

/** A modal. `carried` (at most 3,000 characters) comes back with the submission. */
export function renderForm(form: Form, carried: string): types.ModalView {
  const title = plain(form.title, 24) || 'Cloudwarden';
  const lead: Block[] = title === form.title ? [] : [section(`*${mrkdwn(form.title, 1_000)}*`)];
  return {
    type: 'modal',
    callback_id: formCallback,
    private_metadata: carried,
    title: { type: 'plain_text', text: title },
    submit: { type: 'plain_text', text: plain(form.submit, 24) || 'Send' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [...lead, ...form.fields.slice(0, 50).map(inputOf)],
  };
}

function inputOf(field: Form['fields'][number]): types.InputBlock {
  const hint = 'hint' in field && field.hint ? { hint: { type: 'plain_text' as const, text: plain(field.hint, 1_000) } } : {};
  const input = {
    type: 'input' as const,
    block_id: field.id,
    label: { type: 'plain_text' as const, text: plain(field.label, 1_000) || '?' },
  };
  switch (field.kind) {
    case 'number':
      return {
        ...input,
        ...hint,
        element: {
          type: 'number_input',
          action_id: field.id,
          is_decimal_allowed: true,
          min_value: String(field.min),
          max_value: String(field.max),
          initial_value: String(field.initial),
        },
      };
    case 'choice': {
      const options = field.options.slice(0, 100).map((option) => ({
        text: { type: 'plain_text' as const, text: plain(option.label, 75) || option.value },
        value: option.value,
      }));
      const initial = options.find((option) => option.value === field.initial);
      return {
        ...input,
        element: { type: 'static_select', action_id: field.id, options, ...(initial ? { initial_option: initial } : {}) },
      };
    }
    case 'text':
      return {
        ...input,
        ...hint,
        optional: field.optional ?? false,
        element: { type: 'plain_text_input', action_id: field.id, max_length: Math.min(field.most, 3_000), multiline: field.most > 150 },
      };
    default:
      return field satisfies never;
  }
}

function blocksOf(message: Message, buttons: Map<Part, Button[]>, call: string, measure: Measure, trimmings: Trimmings): Block[] {
  const blocks = call ? [section(call)] : [];
  for (const part of message.parts) blocks.push(...partOf(part, buttons, measure, trimmings));
  const dropped = message.parts.reduce((sum, part) => sum + (part.kind === 'buttons' ? part.buttons.length : 0), 0) - shown(buttons);
  if (dropped > 0) blocks.push(context(`+${dropped} more buttons than Slack can show`));
  if (blocks.length === (call ? 1 : 0)) blocks.push(section(mrkdwn(message.summary, measure.line) || 'Cloudwarden'));
  return blocks;
}

function partOf(part: Part, buttons: Map<Part, Button[]>, measure: Measure, trimmings: Trimmings): Block[] {
  switch (part.kind) {
    case 'header': {
      const title = plain(`${mark(part.severity)}  ${part.text}`, 150);
      const aside = part.aside === undefined ? '' : mrkdwn(part.aside, measure.line);
      return [{ type: 'header', text: { type: 'plain_text', text: title, emoji: false } }, ...(aside ? [context(aside)] : [])];
    }
    case 'facts':
      return sections(
        part.rows
          .slice(0, measure.items)
          .flatMap((row) => factLines(row, measure))
          .concat(more(part.rows.length - measure.items)),
      );
    case 'text': {
      const line = mrkdwn(part.text, measure.line);
      if (line === '') return [];
      const words = part.struck ? `~${line}~` : line;
      return [part.quiet ? context(words) : section(words)];
    }
    case 'list': {
      const lines = part.items
        .slice(0, measure.items)
        .map((item, at) => `${part.ordered ? `${at + 1}.` : '•'} ${mrkdwn(item, measure.line)}`);
      return sections(lines.concat(more(Math.max(0, part.items.length - measure.items) + (part.more ?? 0))));
    }
    case 'image': {
      const file = trimmings.fileOf?.(part);
      const alt = plain(part.alt, Math.min(measure.line, 1_900)) || 'a picture';
      return file
        ? [{ type: 'image', slack_file: { id: file }, alt_text: alt }]
        : [context(`The picture could not be sent. It shows: ${mrkdwn(part.alt, measure.line) || 'nothing described'}`)];
    }
    case 'buttons': {
      const elements = (buttons.get(part) ?? []).map(buttonOf);
      return elements.length === 0 ? [] : [{ type: 'actions', elements }];
    }
    default:
      return part satisfies never;
  }
}

const wordsOf = (part: Part): string[] =>
  partOf(part, new Map(), measures[1], {}).flatMap((block) => {
    if (block.type === 'header' || (block.type === 'section' && block.text)) return [block.text?.text ?? ''];
    return [];
  });

function factLines(row: { label: string; lines: Text[] }, measure: Measure): string[] {
  const label = mrkdwn({ bold: row.label }, 80);
  const [first = '', ...rest] = row.lines.slice(0, measure.items).map((line) => mrkdwn(line, measure.line));
  return [`${label}  ${first}`.trim(), ...rest.map((line) => `      ${line}`), ...more(row.lines.length - measure.items)];
}

/** ▲ CRITICAL with a coloured square: word, shape and colour say the same. */
function mark(severity: Severity | undefined): string {
  return severity === undefined
    ? '◼'
    : { critical: '🟥 ▲ CRITICAL', high: '🟧 ▲ HIGH', medium: '🟨 ◆ MEDIUM', low: '🟦 ● LOW', info: '⬜ ◼ INFO' }[severity];
}

function buttonOf(button: Button): types.Button {
  return {
    type: 'button',
    action_id: button.id,
    value: button.id,
    text: { type: 'plain_text', text: plain(button.label, 75) || '…', emoji: false },
    ...(button.style === 'plain' ? {} : { style: button.style }),
  };
}

/** At most 25 over the whole message, each id once: Slack tells them apart by it. */
function limitButtons(message: Message): Map<Part, Button[]> {
  const seen = new Set<string>();
  const kept = new Map<Part, Button[]>();
  for (const part of message.parts) {
    if (part.kind !== 'buttons') continue;
    const fresh = part.buttons.filter(
      (button) => button.id !== '' && button.id.length <= 255 && seen.size < mostButtons && !seen.has(button.id) && seen.add(button.id),
    );
    kept.set(part, fresh);
  }
  return kept;
}
const shown = (buttons: Map<Part, Button[]>): number => [...buttons.values()].reduce((sum, list) => sum + list.length, 0);

const more = (count: number): string[] => (count > 0 ? [`+${count} more`] : []);
const section = (text: string): Block => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });
const context = (text: string): Block => ({ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] });

/** Lines gathered into as few sections as their limit allows. */
function sections(lines: string[]): Block[] {
  const texts: string[] = [];
  for (const line of lines.filter((candidate) => candidate.trim() !== '')) {
    const last = texts.length - 1;
    if (last >= 0 && texts[last]!.length + 1 + line.length <= sectionLength) texts[last] += `\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}

/** Leaves out from the end what is not a button, until the rest fits. */
function shorten(blocks: Block[]): Block[] {
  const kept = [...blocks];
  const cut = context(cutMark);
  while (kept.length + 1 > mostBlocks || size(kept) + cutMark.length > mostCharacters) {
    const at = kept.findLastIndex((block) => block.type !== 'actions');
    kept.splice(at < 0 ? kept.length - 1 : at, 1);
  }
  const firstActions = kept.findIndex((block) => block.type === 'actions');
  kept.splice(firstActions < 0 ? kept.length : firstActions, 0, cut);
  return kept;
}

/** Characters of everything that is sent as text, as JSON: on the safe side of what Slack counts. */
function size(blocks: Block[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
}
