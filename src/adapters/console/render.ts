/**
 * Message → HTML. Pure. Every string is escaped by the template tag, loses characters that would reorder or hide text, and is cut when it
 * is longer than anybody would read. Times are written in UTC; the page rewrites them in the reader's zone.
 */
import { html } from 'hono/html';
import type { Button, Form, Message, Part, Piece, Text } from '../../bot/message.ts';
import type { Severity, Time } from '../../checks/observation.ts';
import { pictureSize } from './picture.ts';

/** Escaped HTML, made by the template tag only. */
export type Html = ReturnType<typeof html>;

/** `pictureUrl` says where the page finds a picture. `now` is the bot's clock, for "3 min ago". */
export type Sight = { now: Time; pictureUrl(png: Uint8Array): string };

/** Characters of a text, a label and a headline; items of a list, lines of a row, rows of a table, parts of a message. */
const most = { text: 1000, label: 75, heading: 300, items: 60, lines: 10, rows: 25, parts: 100 };

export function renderMessage(message: Message, sight: Sight): Html {
  let groups = 0;
  const parts = message.parts.slice(0, most.parts);
  const left = message.parts.length - parts.length;
  return html`<div class="card ${message.severity ?? 'none'}" data-key="card">
    ${parts.map((part) => renderPart(part, sight, part.kind === 'buttons' ? groups++ : 0))}
    ${left > 0 ? html`<p class="quiet">${left} more parts are not shown here.</p>` : ''}
  </div>`;
}

/** Shape, word and colour together: none of them alone carries the meaning. */
export const severityLook: Record<Severity, { shape: string; word: string }> = {
  critical: { shape: '▲', word: 'CRITICAL' },
  high: { shape: '▲', word: 'HIGH' },
  medium: { shape: '◆', word: 'MEDIUM' },
  low: { shape: '●', word: 'LOW' },
  info: { shape: '◼', word: 'INFO' },
};

function renderPart(part: Part, sight: Sight, group: number): Html {
  switch (part.kind) {
    case 'header':
      return html`<header>
        ${part.severity ? badge(part.severity) : ''}
        <h3>${plain(part.text, most.heading)}</h3>
        ${part.aside === undefined ? '' : html`<span class="aside">${renderText(part.aside, sight)}</span>`}
      </header>`;
    case 'facts': {
      const left = part.rows.length - most.rows;
      return html`<dl>
        ${part.rows.slice(0, most.rows).map(
          (row) => html`<div>
            <dt>${plain(row.label, most.label)}</dt>
            ${row.lines.slice(0, most.lines).map((line) => html`<dd>${renderText(line, sight)}</dd>`)}
          </div>`,
        )}
      </dl>${left > 0 ? html`<p class="quiet">+${left} more</p>` : ''}`;
    }
    case 'text': {
      const text = renderText(part.text, sight);
      return html`<p class="${part.quiet ? 'quiet' : 'says'}">${part.struck ? html`<s>${text}</s>` : text}</p>`;
    }
    case 'list': {
      const items = part.items.slice(0, most.items).map((item) => html`<li>${renderText(item, sight)}</li>`);
      const more = part.items.length - items.length + (part.more ?? 0);
      const rest = more > 0 ? html`<p class="quiet">+${more} more</p>` : '';
      return part.ordered ? html`<ol>${items}</ol>${rest}` : html`<ul>${items}</ul>${rest}`;
    }
    case 'image': {
      const url = sight.pictureUrl(part.png);
      const size = pictureSize(part.png);
      const shape = size ? html` width="${size.width}" height="${size.height}"` : '';
      return html`<figure data-key="${url}"><img src="${url}" alt="${plain(part.alt, most.text)}"${shape}></figure>`;
    }
    case 'buttons':
      return html`<div class="actions" data-key="actions-${group}">${part.buttons.map(renderButton)}</div>`;
    default:
      return part satisfies never;
  }
}

function badge(severity: Severity): Html {
  const { shape, word } = severityLook[severity];
  return html`<span class="badge ${severity}"><span aria-hidden="true">${shape}&#xFE0E;</span> ${word}</span>`;
}

function renderButton(button: Button): Html {
  const opens = button.form ? html` aria-haspopup="dialog"` : '';
  return html`<button type="button" class="${button.style}" data-key="${button.id}" data-button="${button.id}"${opens}>${plain(button.label, most.label)}</button>`;
}

function renderText(text: Text, sight: Sight): Html {
  const pieces = Array.isArray(text) ? text : [text];
  return html`${pieces.map((piece) => renderPiece(piece, sight))}`;
}

function renderPiece(piece: Piece, sight: Sight): Html {
  if (typeof piece === 'string') return html`${plain(piece, most.text)}`;
  if ('bold' in piece) return html`<strong>${plain(piece.bold, most.text)}</strong>`;
  if ('code' in piece) return html`<code>${plain(piece.code, most.text)}</code>`;
  if ('time' in piece) return renderTime(piece.time, piece.as, sight.now);
  const label = plain(piece.label, most.text);
  return isWeb(piece.link) ? html`<a href="${piece.link}" target="_blank" rel="noopener noreferrer">${label}</a>` : html`${label}`;
}

/** A time in UTC, marked so that the page can show it in the reader's zone. Text that is no time is shown as it is. */
export function renderTime(time: Time, as: 'clock' | 'date' | 'ago', now: Time): Html {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return html`${plain(time, 40)}`;
  const iso = at.toISOString();
  const words = { clock: `${iso.slice(11, 16)} UTC`, date: iso.slice(0, 10), ago: ago(Date.parse(now) - at.getTime()) };
  return html`<time datetime="${iso}" data-as="${as}" title="${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC">${words[as]}</time>`;
}

function ago(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
}

/** The dialog's content for a form; the page opens it when its button is pressed. */
export function renderForm(form: Form): Html {
  return html`<form method="dialog" novalidate>
    <h2 id="form-title">${plain(form.title, most.heading)}</h2>
    ${form.fields.map(renderField)}
    <p class="wrong" role="alert" data-wrong=""></p>
    <div class="actions">
      <button type="submit" class="primary">${plain(form.submit, most.label)}</button>
      <button type="button" class="plain" data-cancel>Cancel</button>
    </div>
  </form>`;
}

function renderField(field: Form['fields'][number]): Html {
  const hint = 'hint' in field && field.hint !== undefined ? plain(field.hint, most.text) : undefined;
  const described = html` aria-describedby="hint-${field.id} wrong-${field.id}"`;
  return html`<div class="field">
    <label for="field-${field.id}">${plain(field.label, most.label)}${isOptional(field) ? html` <span class="quiet">(optional)</span>` : ''}</label>
    ${control(field, described)}
    <p class="quiet" id="hint-${field.id}">${hint ?? ''}${field.kind === 'number' ? html` <span>${field.min} to ${field.max}</span>` : ''}</p>
    <p class="wrong" id="wrong-${field.id}" data-wrong="${field.id}"></p>
  </div>`;
}

function control(field: Form['fields'][number], described: Html): Html {
  switch (field.kind) {
    case 'number':
      return html`<input type="number" step="any" id="field-${field.id}" name="${field.id}" min="${field.min}" max="${field.max}" value="${field.initial}" required${described}>`;
    case 'choice':
      return html`<select id="field-${field.id}" name="${field.id}"${described}>
        ${field.options.map(
          (option) =>
            html`<option value="${option.value}"${option.value === field.initial ? html` selected` : ''}>${plain(option.label, most.label)}</option>`,
        )}
      </select>`;
    case 'text':
      return html`<textarea id="field-${field.id}" name="${field.id}" maxlength="${field.most}" rows="2"${field.optional ? '' : html` required`}${described}></textarea>`;
    default:
      return field satisfies never;
  }
}

const isOptional = (field: Form['fields'][number]) => field.kind === 'text' && field.optional === true;

/** Cut with a mark, and without characters that turn the reading direction around, hide text or break the document. */
export function plain(text: string, length: number): string {
  const visible = text.slice(0, length).toWellFormed().replace(deceptive, '\uFFFD');
  return text.length > length ? `${visible} … (cut)` : visible;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go.
const deceptive = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;

function isWeb(link: string): boolean {
  const url = URL.parse(link);
  return url?.protocol === 'https:' || url?.protocol === 'http:';
}
