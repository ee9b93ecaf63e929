/** The digest as a message, and the picture that belongs to it. Pure. */
import type { Severity } from '../../checks/observation.ts';
import type { Message, Part } from '../message.ts';
import { count, cut, dayAndMonth, money } from '../words.ts';
import { type ChartSpec, chartOf } from './chart.ts';
import { detailsOf } from './details.ts';
import type { DigestInput } from './input.ts';
import { longParts } from './long.ts';
import { quietParts } from './quiet.ts';
import { type Told, tell } from './told.ts';

/** `details` belong under the message. The picture belongs to the message, or to its details on a quiet day. */
export type Digest = { message: Message; details?: Message; chart?: ChartSpec; quiet: boolean };

/** The digest of a day and the picture that belongs to it. */
export function digest(input: DigestInput): Digest {
  const told = tell(input);
  const { main } = told;
  const chart = main ? chartOf(input, told, main) : undefined;
  const summary = cut(summaryOf(input, told), 110);
  const parts = told.quiet ? quietParts(input, told) : longParts(input, told);
  const details = detailsOf(input, told);
  return { message: { summary, parts }, ...(details ? { details } : {}), ...(chart ? { chart } : {}), quiet: told.quiet };
}

/** A message with its picture after the money. */
export function withPicture(message: Message, picture: { png: Uint8Array; alt: string }, day: string): Message {
  const after = message.parts.findIndex((part) => part.kind === 'facts') + 1 || message.parts.length;
  const image: Part = { kind: 'image', png: picture.png, name: `costs-${day}.png`, alt: picture.alt };
  return { ...message, parts: [...message.parts.slice(0, after), image, ...message.parts.slice(after)] };
}

function summaryOf(input: DigestInput, told: Told): string {
  const { main } = told;
  const costs = main
    ? main.hasDay
      ? `${told.isYesterday ? 'yesterday' : dayAndMonth(told.day)} ${money(main.usage, main.currency)}${main.usual ? ` (usual ${money(main.usual.amount, main.currency)})` : ''}`
      : 'no figures for yesterday yet'
    : 'no cost data';
  if (input.saved) return `Costs of ${costs}`;
  const worst: Severity | undefined = told.open[0]?.severity;
  const open =
    told.open.length > 0
      ? `, ${count(told.open.length, 'open story', 'open stories')}${worst ? ` (worst: ${worst})` : ''}`
      : ', nothing open';
  const blind = told.blind.length > 0 ? `, ${count(told.blind.length, 'blind spot')}` : '';
  const wrong = told.troubles.length > 0 ? `, ${count(told.troubles.length, 'warning')}` : '';
  return `Digest: ${costs}${open}${blind}${wrong}`;
}
