/** What people do in Slack: presses, forms and commands, each acknowledged first, understood once, and answered privately. */
import type { App, webApi } from '@slack/bolt';
import type { Message } from '../../bot/message.ts';
import type { Answer, ChatHandlers, Log } from '../../bot/ports.ts';
import { checkForm } from '../form.ts';
import { bounded } from '../reaching.ts';
import { renderForm } from './blocks.ts';
import { type Carried, carried, commanded, personOf, pressed, submitted, valuesOf } from './payloads.ts';
import { outsideError } from './trouble.ts';

/** Whom a private answer goes to, and where that person is looking. */
export type Whom = { user: string; room: string; thread: string | undefined; responseUrl: string | undefined };

/** Gives what puts our ears on a Bolt app. What was heard once is not heard again, also over a new connection. */
export function createHearing(parts: {
  on: ChatHandlers;
  log: Log;
  web(): webApi.WebClient;
  whisper(to: Whom, message: Message): Promise<void>;
}): (app: App) => void {
  const { on, log, web, whisper } = parts;
  const heard = bounded<string, true>(5_000);

  return (app) => {
    app.error(async (error) => log.error({ error: error.message }, 'slack listener failed'));
    app.action(/.*/, async ({ body, ack, context }) => hear(ack, context, () => press(body)));
    app.view(/.*/, async ({ body, ack, context }) => hear(ack, context, () => submit(body)));
    app.command(/.*/, async ({ body, ack, context }) => hear(ack, context, () => command(body)));
    // Nothing of ours makes these, but what is not acknowledged is shown to people as a failure.
    app.shortcut(/.*/, async ({ ack }) => ack());
    app.options(/.*/, async ({ ack }) => ack({ options: [] }));
  };

  /** Acknowledges first. What could not be acknowledged is not heard: Slack shows that it failed, and sends it again or the person does. */
  async function hear(ack: () => Promise<void>, context: Record<string, unknown>, work: () => Promise<void>): Promise<void> {
    await ack();
    const envelope = typeof context.envelope === 'string' ? context.envelope : '';
    if (envelope !== '' && isRepeated(`envelope ${envelope}`)) return;
    await work();
  }

  function isRepeated(id: string): boolean {
    if (heard.get(id)) return true;
    heard.set(id, true);
    return false;
  }

  async function press(body: unknown): Promise<void> {
    const payload = pressed.safeParse(body);
    const action = payload.data?.actions[0];
    const place = payload.data && placeOf(payload.data);
    if (!payload.data || !action || !place)
      return log.warn({ problem: payload.error?.message ?? 'no message' }, 'slack press not understood');
    const by = personOf(payload.data.user, payload.data.team);
    const id = [action.action_ts ?? '', payload.data.trigger_id ?? '', by.space, by.user, action.action_id, place.message].join(' ');
    if (isRepeated(id)) return;

    const to: Whom = { user: by.user, room: place.room, thread: place.thread, responseUrl: payload.data.response_url ?? undefined };
    await answer(to, async () => {
      const form = await on.form(action.action_id);
      if (!form) return on.press({ id, button: action.action_id, by, ref: { platform: 'slack', room: place.room, id: place.message } });
      const carry: Carried = {
        button: action.action_id,
        room: place.room,
        message: place.message,
        ...(place.thread ? { thread: place.thread } : {}),
      };
      try {
        await web().views.open({ trigger_id: payload.data.trigger_id ?? '', view: renderForm(form, JSON.stringify(carry)) });
      } catch (error) {
        log.warn({ error: outsideError('open a form', error).message }, 'slack form not opened');
        return sentence('The form could not be opened, and nothing was done. Please press the button again.');
      }
      return undefined;
    });
  }

  async function submit(body: unknown): Promise<void> {
    const payload = submitted.safeParse(body);
    const carry = payload.data && carried.safeParse(parsed(payload.data.view.private_metadata)).data;
    if (!payload.data || !carry) return log.warn({ problem: payload.error?.message ?? 'not our form' }, 'slack form not understood');
    const by = personOf(payload.data.user, payload.data.team);
    const id = ['form', payload.data.view.id ?? '', payload.data.trigger_id ?? '', by.space, by.user, carry.button, carry.message].join(
      ' ',
    );
    if (isRepeated(id)) return;

    const to: Whom = { user: by.user, room: carry.room, thread: carry.thread, responseUrl: undefined };
    const typed = valuesOf(payload.data.view);
    await answer(to, async () => {
      const form = await on.form(carry.button);
      const checked = form ? checkForm(form, typed) : { kind: 'good' as const, values: typed };
      const ref = { platform: 'slack', room: carry.room, id: carry.message };
      if (checked.kind === 'good') return on.press({ id, button: carry.button, by, ref, values: checked.values });
      const labels = new Map(form?.fields.map((field) => [field.id, field.label]));
      const wrong = Object.entries(checked.fields).map(([field, why]) => `${labels.get(field) ?? field}: ${why}`);
      return sentence(`Nothing was done. ${wrong.join(' ')} Press the button to try again.`);
    });
  }

  async function command(body: unknown): Promise<void> {
    const payload = commanded.safeParse(body);
    if (!payload.success) return log.warn({ problem: payload.error.message }, 'slack command not understood');
    const { user_id, user_name, team_id, channel_id, text, response_url, trigger_id } = payload.data;
    const by = personOf({ id: user_id, team_id, username: user_name }, undefined);
    const id = ['command', trigger_id || crypto.randomUUID(), by.space, by.user].join(' ');
    await answer({ user: by.user, room: channel_id, thread: undefined, responseUrl: response_url ?? undefined }, () =>
      on.command({ id, text: (text ?? '').trim(), by, room: channel_id }),
    );
  }

  /** Runs a handler and tells the person privately what it says, or that it failed. */
  async function answer(to: Whom, handle: () => Promise<Answer>): Promise<void> {
    let said: Answer;
    try {
      said = await handle();
    } catch (error) {
      log.error({ error: error instanceof Error ? error.message : String(error) }, 'handler of a press or command failed');
      said = sentence('This failed inside Cloudwarden; as far as is known, nothing was done. Look at the card before you try again.');
    }
    if (!said) return;
    try {
      await whisper(to, said);
    } catch (error) {
      log.warn({ error: outsideError('answer privately', error).message }, 'private answer not delivered');
    }
  }
}

function placeOf(payload: {
  channel?: { id: string } | null | undefined;
  container?:
    | { channel_id?: string | null | undefined; message_ts?: string | null | undefined; thread_ts?: string | null | undefined }
    | null
    | undefined;
  message?: { ts?: string | null | undefined; thread_ts?: string | null | undefined } | null | undefined;
}): { room: string; message: string; thread: string | undefined } | undefined {
  const room = payload.channel?.id ?? payload.container?.channel_id;
  const message = payload.container?.message_ts ?? payload.message?.ts;
  const thread = payload.message?.thread_ts ?? payload.container?.thread_ts;
  return room && message ? { room, message, thread: thread && thread !== message ? thread : undefined } : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const sentence = (text: string): Message => ({ summary: text.slice(0, 110), parts: [{ kind: 'text', text }] });
