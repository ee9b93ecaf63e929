/**
 * What people do in Discord: presses, forms and commands, each acknowledged first, understood once, and answered privately. Interactions
 * are read from the gateway's own event through a schema, taking only what we use.
 */
import { type Client, InteractionResponseType, MessageFlags, Routes } from 'discord.js';
import type { Form, Message, MessageRef } from '../../bot/message.ts';
import { type Answer, type ChatHandlers, type ChatUser, type Log, OutsideError } from '../../bot/ports.ts';
import { checkForm } from '../form.ts';
import { bounded, inTime } from '../reaching.ts';
import { renderForm, type Upload } from './components.ts';
import { anyInteraction, type Interaction, interaction, personOf, typed, valuesOf } from './payloads.ts';
import { tolerant } from './sending.ts';
import { outsideError } from './trouble.ts';

/** Gives what hears interactions. What was heard once is not heard again, also over a new connection. */
export function createHearing({ on, log }: { on: ChatHandlers; log: Log }): (client: Client, data: unknown) => void {
  const heard = bounded<string, true>(5_000);

  return (client, data) => {
    hear(client, data).catch((error: unknown) => log.error({ error: wordsOf(error) }, 'discord interaction failed'));
  };

  async function hear(client: Client, data: unknown): Promise<void> {
    const { data: happened, error } = interaction.safeParse(data);
    if (!happened) {
      const kind = anyInteraction.safeParse(data).data?.type;
      return log.warn({ kind, problem: error.message }, 'discord interaction not understood');
    }
    if (heard.has(happened.id)) return;
    heard.set(happened.id, true);
    const by = personOf(happened);
    if (!by) return;
    const talk = talkOf(client, happened);
    switch (happened.type) {
      case 2:
        return command(talk, happened, by);
      case 3:
        return press(talk, happened, by);
      case 5:
        return submit(talk, happened, by);
      default:
        return happened satisfies never;
    }
  }

  async function press(talk: Talk, happened: Interaction & { type: 3 }, by: ChatUser): Promise<void> {
    const ref = refOf(happened);
    if (!ref) return log.warn({}, 'discord press without a message');
    const button = happened.data.custom_id;
    let form: Form | undefined;
    try {
      // A modal must be the first answer, so the form has to be known before; Discord waits three seconds for it.
      form = await inTime(on.form(button), Date.now() + 1_500, late);
    } catch (error) {
      log.error({ error: wordsOf(error) }, 'form of a button not known in time');
      await talk.answer(InteractionResponseType.DeferredMessageUpdate);
      return whisper(talk, sentence('The form could not be opened, and nothing was done. Please press the button again.'));
    }
    if (form) return talk.modal(renderForm(form, `form ${button}`));
    await talk.answer(InteractionResponseType.DeferredMessageUpdate);
    const said = await handled(() => on.press({ id: happened.id, button, by, ref }));
    if (said) await whisper(talk, said);
  }

  async function submit(talk: Talk, happened: Interaction & { type: 5 }, by: ChatUser): Promise<void> {
    const ref = refOf(happened);
    const button = happened.data.custom_id.replace(/^form /, '');
    if (!ref || button === happened.data.custom_id) return log.warn({}, 'discord form not understood');
    await talk.answer(InteractionResponseType.DeferredMessageUpdate);
    const said = await handled(async () => {
      const values = valuesOf(happened.data.components ?? []);
      const form = await on.form(button);
      // Discord has no number fields, so what was typed is looked at here.
      const checked = form ? checkForm(form, values) : { kind: 'good' as const, values };
      if (checked.kind === 'good') return on.press({ id: happened.id, button, by, ref, values: checked.values });
      const labels = new Map(form?.fields.map((field) => [field.id, field.label]));
      const wrong = Object.entries(checked.fields).map(([field, why]) => `${labels.get(field) ?? field}: ${why}`);
      return sentence(`Nothing was done. ${wrong.join(' ')} Press the button to try again.`);
    });
    if (said) await whisper(talk, said);
  }

  async function command(talk: Talk, happened: Interaction & { type: 2 }, by: ChatUser): Promise<void> {
    await talk.answer(InteractionResponseType.DeferredChannelMessageWithSource, { flags: MessageFlags.Ephemeral });
    const where = happened.channel_id ?? happened.channel?.id ?? '';
    const said = await handled(() => on.command({ id: happened.id, text: typed(happened.data.options), by, room: where }));
    try {
      await tolerant(log, said ?? sentence('Done.'), ({ body, files }) => talk.fill(body, files));
    } catch (error) {
      log.warn({ error: outsideError('answer a command', error).message }, 'private answer not delivered');
    }
  }

  async function handled(handle: () => Promise<Answer>): Promise<Answer> {
    try {
      return await handle();
    } catch (error) {
      log.error({ error: wordsOf(error) }, 'handler of a press or command failed');
      return sentence('This failed inside Cloudwarden; as far as is known, nothing was done. Look at the card before you try again.');
    }
  }

  async function whisper(talk: Talk, message: Message): Promise<void> {
    try {
      await tolerant(log, message, ({ body, files }) => talk.add({ ...body, flags: MessageFlags.Ephemeral }, files));
    } catch (error) {
      // Discord takes answers for fifteen minutes.
      log.warn({ error: outsideError('answer privately', error).message }, 'private answer not delivered');
    }
  }
}

/** How one interaction is answered. The first answer is due within three seconds, further ones within fifteen minutes. */
type Talk = {
  answer(type: InteractionResponseType, data?: object): Promise<void>;
  modal(data: object): Promise<void>;
  /** Puts words where "is thinking" stands. */
  fill(body: object, files: Upload[]): Promise<unknown>;
  /** One more message of this conversation. */
  add(body: object, files: Upload[]): Promise<unknown>;
};

function talkOf(client: Client, happened: Interaction): Talk {
  const application = happened.application_id ?? client.application?.id ?? '';
  const callback = (body: object) =>
    client.rest.post(Routes.interactionCallback(happened.id, happened.token), { body, auth: false }).then(() => undefined);
  return {
    answer: (type, data) => callback({ type, ...(data ? { data } : {}) }),
    modal: (data) => callback({ type: InteractionResponseType.Modal, data }),
    fill: (body, files) => client.rest.patch(Routes.webhookMessage(application, happened.token, '@original'), { body, files, auth: false }),
    add: (body, files) => client.rest.post(Routes.webhook(application, happened.token), { body, files, auth: false }),
  };
}

function refOf(happened: Interaction): MessageRef | undefined {
  const room = happened.message?.channel_id ?? happened.channel_id ?? happened.channel?.id;
  return happened.message && room ? { platform: 'discord', room, id: happened.message.id } : undefined;
}

const late = () => new OutsideError('Discord: no answer in time', true);
const sentence = (text: string): Message => ({ summary: text.slice(0, 110), parts: [{ kind: 'text', text }] });
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
