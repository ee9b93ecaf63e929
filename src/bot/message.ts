/**
 * A message as data. The bot writes it; each chat platform renders it with a pure function within that platform's limits: over-long
 * text is cut (and says so), never rejected; every string is escaped and cannot mention anybody.
 */
import type { Severity, Time } from '../checks/observation.ts';

/** A piece of a line. Plain strings are untrusted text. `code` can be copied with a thumb. `time` shows in the reader's zone where the platform can. */
export type Piece =
  | string
  | { bold: string }
  | { code: string }
  | { time: Time; as: 'clock' | 'date' | 'ago' }
  | { link: string; label: string };
/** One line or paragraph. */
export type Text = Piece | Piece[];

/** What must be typed: shown as a modal the moment its button is pressed. */
export type Form = {
  title: string;
  submit: string;
  fields: (
    | { id: string; label: string; kind: 'number'; min: number; max: number; initial: number; hint?: string }
    | { id: string; label: string; kind: 'choice'; options: { value: string; label: string }[]; initial: string }
    | { id: string; label: string; kind: 'text'; most: number; optional?: boolean; hint?: string }
  )[];
};

/** `id` is a short opaque digest (at most 40 characters): never state, never rights. A label is at most 75 characters. */
export type Button = { id: string; label: string; style: 'danger' | 'primary' | 'plain'; form?: Form };

export type Part =
  /** Severity in word, shape and colour: ▲ CRITICAL, ▲ HIGH, ◆ MEDIUM, ● LOW, ◼ for none. `aside` stands at the right or after: "INC-42 · 3 min old". */
  | { kind: 'header'; severity?: Severity; text: string; aside?: Text }
  /** A small table of label and line(s): Who, From, What, Costs, Looked. */
  | { kind: 'facts'; rows: { label: string; lines: Text[] }[] }
  /** `quiet`: a side remark (context). `struck`: withdrawn. */
  | { kind: 'text'; text: Text; quiet?: boolean; struck?: boolean }
  /** `more` counts what is not listed: shown as "+957 more". */
  | { kind: 'list'; ordered?: boolean; items: Text[]; more?: number }
  /** PNG bytes; `alt` says in words what the picture shows. */
  | { kind: 'image'; png: Uint8Array; name: string; alt: string }
  | { kind: 'buttons'; buttons: Button[] };

export type Message = {
  /** The notification (what a lock screen shows): at most 110 characters. */
  summary: string;
  severity?: Severity;
  parts: Part[];
};
/** Where a posted message lives. `id` is the platform's own (Slack ts, Discord message id). */
export type MessageRef = { platform: string; room: string; id: string };
