/** How the channel is written down: one setting for its messages, one for each picture, so that a changed card does not rewrite pictures. */
import { z } from 'zod';
import type { Form, Message, Part } from '../../bot/message.ts';
import type { Log } from '../../bot/ports.ts';
import { type Severity, severities } from '../../checks/observation.ts';
import type { LoginStore } from './login.ts';
import { pictureHash } from './picture.ts';
import type { Posted } from './room.ts';

type Kept = Pick<Posted, 'id' | 'under' | 'message' | 'at' | 'mention' | 'once'>;

/** Reads the channel of an earlier run. What cannot be understood is left out with a warning: an empty page must not keep the bot from starting. */
export async function readRecord(store: LoginStore, log: Log): Promise<Kept[]> {
  const text = await store.setting(roomName);
  if (text === undefined) return [];
  try {
    const record = recordSchema.parse(JSON.parse(text));
    const pictures = new Map<string, Uint8Array>();
    for (const hash of record.pictures) {
      const base64 = await store.setting(pictureName(hash));
      if (base64 !== undefined) pictures.set(hash, Buffer.from(base64, 'base64'));
    }
    return record.messages.map((kept) => ({
      ...kept,
      message: { ...kept.message, parts: kept.message.parts.map((part) => toPart(part, pictures)) },
    }));
  } catch (error) {
    log.warn({ error }, 'console could not read its earlier messages and starts with an empty room');
    return [];
  }
}

/** `written` holds the hashes of the pictures that are already in the store; it is brought up to date. */
export async function writeRecord(
  store: LoginStore,
  messages: Posted[],
  pictures: Map<string, Uint8Array>,
  written: Set<string>,
): Promise<void> {
  const used = new Set<string>();
  const kept = messages.map(({ id, under, message, at, mention, once }) => ({
    id,
    ...(under === undefined ? {} : { under }),
    at,
    mention,
    ...(once === undefined ? {} : { once }),
    message: { ...message, parts: message.parts.map((part) => fromPart(part, used)) },
  }));
  for (const hash of used) {
    const png = pictures.get(hash);
    if (written.has(hash) || !png) continue;
    await store.setSetting(pictureName(hash), Buffer.from(png).toString('base64'));
    written.add(hash);
  }
  await store.setSetting(roomName, JSON.stringify({ messages: kept, pictures: [...used] } satisfies z.input<typeof recordSchema>));
  for (const hash of written) {
    if (used.has(hash)) continue;
    await store.setSetting(pictureName(hash), undefined);
    written.delete(hash);
  }
}

const roomName = 'console/room';
const pictureName = (hash: string) => `console/picture/${hash}`;

type KeptPart = Exclude<Part, { kind: 'image' }> | { kind: 'image'; hash: string; name: string; alt: string };

function fromPart(part: Part, used: Set<string>): KeptPart {
  if (part.kind !== 'image') return part;
  const hash = pictureHash(part.png);
  used.add(hash);
  return { kind: 'image', hash, name: part.name, alt: part.alt };
}

function toPart(part: KeptPart, pictures: Map<string, Uint8Array>): Part {
  if (part.kind !== 'image') return part;
  const png = pictures.get(part.hash);
  if (!png) return { kind: 'text', quiet: true, text: `Picture no longer kept: ${part.alt}` };
  return { kind: 'image', png, name: part.name, alt: part.alt };
}

const severitySchema = z.enum(severities) satisfies z.ZodType<Severity>;
const pieceSchema = z.union([
  z.string(),
  z.object({ bold: z.string() }),
  z.object({ code: z.string() }),
  z.object({ time: z.string(), as: z.enum(['clock', 'date', 'ago']) }),
  z.object({ link: z.string(), label: z.string() }),
]);
const textSchema = z.union([pieceSchema, z.array(pieceSchema)]);
const formSchema: z.ZodType<Form> = z.object({
  title: z.string(),
  submit: z.string(),
  fields: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        id: z.string(),
        label: z.string(),
        kind: z.literal('number'),
        min: z.number(),
        max: z.number(),
        initial: z.number(),
        hint: z.string().exactOptional(),
      }),
      z.object({
        id: z.string(),
        label: z.string(),
        kind: z.literal('choice'),
        options: z.array(z.object({ value: z.string(), label: z.string() })),
        initial: z.string(),
      }),
      z.object({
        id: z.string(),
        label: z.string(),
        kind: z.literal('text'),
        most: z.number(),
        optional: z.boolean().exactOptional(),
        hint: z.string().exactOptional(),
      }),
    ]),
  ),
});
const partSchema: z.ZodType<KeptPart> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('header'), severity: severitySchema.exactOptional(), text: z.string(), aside: textSchema.exactOptional() }),
  z.object({ kind: z.literal('facts'), rows: z.array(z.object({ label: z.string(), lines: z.array(textSchema) })) }),
  z.object({ kind: z.literal('text'), text: textSchema, quiet: z.boolean().exactOptional(), struck: z.boolean().exactOptional() }),
  z.object({ kind: z.literal('list'), ordered: z.boolean().exactOptional(), items: z.array(textSchema), more: z.number().exactOptional() }),
  z.object({ kind: z.literal('image'), hash: z.string(), name: z.string(), alt: z.string() }),
  z.object({
    kind: z.literal('buttons'),
    buttons: z.array(
      z.object({ id: z.string(), label: z.string(), style: z.enum(['danger', 'primary', 'plain']), form: formSchema.exactOptional() }),
    ),
  }),
]);
const recordSchema = z.object({
  messages: z.array(
    z.object({
      id: z.string(),
      under: z.string().exactOptional(),
      at: z.string(),
      mention: z.boolean(),
      once: z.string().exactOptional(),
      message: z.object({
        summary: z.string(),
        severity: severitySchema.exactOptional(),
        parts: z.array(partSchema),
      }) satisfies z.ZodType<Omit<Message, 'parts'> & { parts: KeptPart[] }>,
    }),
  ),
  pictures: z.array(z.string()),
});
