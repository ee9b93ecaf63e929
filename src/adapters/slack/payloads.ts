/** What Slack sends, reduced to what we use (docs.slack.dev, "Interaction payloads" and "Slash commands"). */
import { z } from 'zod';
import type { ChatUser } from '../../bot/ports.ts';

const id = z.string().min(1);
const who = z.object({ id, team_id: id.nullish(), username: z.string().nullish(), name: z.string().nullish() });
const team = z.object({ id }).nullish();

export const pressed = z.object({
  user: who,
  team,
  trigger_id: z.string().nullish(),
  response_url: z.string().nullish(),
  channel: z.object({ id }).nullish(),
  container: z.object({ channel_id: id.nullish(), message_ts: id.nullish(), thread_ts: id.nullish() }).nullish(),
  message: z.object({ ts: id.nullish(), thread_ts: id.nullish() }).nullish(),
  actions: z.array(z.object({ action_id: id, action_ts: z.string().nullish() })).min(1),
});

export const submitted = z.object({
  user: who,
  team,
  trigger_id: z.string().nullish(),
  view: z.object({
    id: z.string().nullish(),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(
        z.string(),
        z.record(z.string(), z.object({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() })),
      ),
    }),
  }),
});

export const commanded = z.object({
  text: z.string().nullish(),
  user_id: id,
  user_name: z.string().nullish(),
  team_id: id.nullish(),
  channel_id: id,
  trigger_id: z.string().nullish(),
  response_url: z.string().nullish(),
});

/** What a modal carries from its button to its submission. */
export const carried = z.object({ button: id, room: id, message: id, thread: id.optional() });
export type Carried = z.infer<typeof carried>;

/**
 * The space is the person's OWN workspace. In a channel shared between companies it differs from the workspace of the channel, and that
 * is what keeps a stranger with a look-alike id out.
 */
export function personOf(user: z.infer<typeof who>, where: z.infer<typeof team>): ChatUser {
  const name = user.username ?? user.name;
  return { platform: 'slack', user: user.id, space: user.team_id ?? where?.id ?? '', ...(name ? { name } : {}) };
}

/** A submitted form's values by field. */
export function valuesOf(view: z.infer<typeof submitted>['view']): Record<string, string> {
  const fields = Object.entries(view.state.values).flatMap(([field, elements]) =>
    Object.values(elements).map((element) => [field, element.selected_option?.value ?? element.value ?? ''] as const),
  );
  return Object.fromEntries(fields);
}
