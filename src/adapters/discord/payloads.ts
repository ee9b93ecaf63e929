/** What Discord's gateway sends when somebody presses, types or submits, reduced to what we use (docs.discord.com, "Interactions"). */
import { z } from 'zod';
import type { ChatUser } from '../../bot/ports.ts';

const id = z.string().min(1);
const user = z.object({ id, username: z.string().nullish(), global_name: z.string().nullish(), bot: z.boolean().nullish() });

type Option = { name: string; value?: unknown; options?: Option[] | undefined };
const option: z.ZodType<Option> = z.lazy(() =>
  z.object({ name: z.string(), value: z.unknown().optional(), options: z.array(option).optional() }),
);

const common = {
  id,
  token: id,
  application_id: id.nullish(),
  guild_id: id.nullish(),
  channel_id: id.nullish(),
  channel: z.object({ id }).nullish(),
  member: z.object({ user, nick: z.string().nullish() }).nullish(),
  user: user.nullish(),
  message: z.object({ id, channel_id: id.nullish() }).nullish(),
};

export const interaction = z.discriminatedUnion('type', [
  z.object({ ...common, type: z.literal(2), data: z.object({ name: z.string(), options: z.array(option).nullish() }) }),
  z.object({ ...common, type: z.literal(3), data: z.object({ custom_id: id }) }),
  z.object({ ...common, type: z.literal(5), data: z.object({ custom_id: id, components: z.array(z.unknown()).nullish() }) }),
]);
export type Interaction = z.infer<typeof interaction>;

/** The kind alone, to tell what we do not serve from what we do not understand. */
export const anyInteraction = z.object({ type: z.number() });

/** Who it was: the space is the guild it happened in, empty in a private message. Undefined for other bots. */
export function personOf(happened: Interaction): ChatUser | undefined {
  const who = happened.member?.user ?? happened.user;
  if (!who || who.bot) return undefined;
  const name = happened.member?.nick ?? who.global_name ?? who.username;
  return { platform: 'discord', user: who.id, space: happened.guild_id ?? '', ...(name ? { name } : {}) };
}

/** What was typed behind the command, also where a guild has it as subcommands. */
export function typed(options: Option[] | null | undefined): string {
  return (options ?? [])
    .map((each) => (each.options || each.value === undefined ? `${each.name} ${typed(each.options)}` : String(each.value)))
    .join(' ')
    .trim();
}

const input = z.object({ custom_id: id, value: z.string().nullish(), values: z.array(z.string()).nullish() });
const row = z.object({ components: z.array(z.unknown()) });
const label = z.object({ component: z.unknown() });

/** A submitted form's values by field, from labels (today) and rows (before). */
export function valuesOf(components: unknown[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const component of components) {
    const one = input.safeParse(component).data;
    if (one) values[one.custom_id] = one.value ?? one.values?.[0] ?? '';
    const rowOf = row.safeParse(component).data;
    if (rowOf) Object.assign(values, valuesOf(rowOf.components));
    const labelled = label.safeParse(component).data;
    if (labelled?.component) Object.assign(values, valuesOf([labelled.component]));
  }
  return values;
}
