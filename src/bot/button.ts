/** What a button means. The meaning lives in the store under a short digest; the button carries the digest only. */
import { createHash } from 'node:crypto';
import type { Plan } from './incident.ts';
import type { Button, Form } from './message.ts';

export type Meaning =
  /** Ask for a plan. 'contain' is both others, with the following rule. */
  | { kind: 'ask'; incident: string; want: Plan['kind'] }
  | { kind: 'take'; incident: string }
  /** With a form: cap in USD an hour, days. */
  | { kind: 'expected'; incident: string }
  | { kind: 'details'; incident: string }
  | { kind: 'approve'; incident: string; plan: string; hash: string }
  | { kind: 'decline'; incident: string; plan: string; hash: string }
  | { kind: 'resolve'; incident: string };

/** A button as it is shown, and its meaning as it is kept. */
export type Meant = { button: Button; meaning: Meaning };

/** A button for a meaning; its id is a digest of the meaning, so that showing it again makes the same button. */
export function mean(meaning: Meaning, label: string, style: Button['style'] = 'plain', form?: Form): Meant {
  const id = createHash('sha256').update(JSON.stringify(meaning)).digest('base64url').slice(0, 22);
  return { button: { id, label, style, ...(form ? { form } : {}) }, meaning };
}
