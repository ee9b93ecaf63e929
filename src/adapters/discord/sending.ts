/** Sending a message to Discord in a form it takes. */
import type { Message } from '../../bot/message.ts';
import type { Log } from '../../bot/ports.ts';
import { type Rendered, render, renderBare, type Upload } from './components.ts';
import { outsideError, refusedForItsForm } from './trouble.ts';

/** Sends the message in full; when Discord refuses its form, without pictures, with less in it, and at last as words alone: an alarm is never lost to a limit. */
export async function tolerant<T>(
  log: Log,
  message: Message,
  send: (form: { body: Rendered; files: Upload[] }) => Promise<T>,
  mention: string[] = [],
): Promise<T> {
  const hasPictures = message.parts.some((part) => part.kind === 'image');
  const forms = [
    () => render(message, { mention }),
    ...(hasPictures ? [() => render(message, { mention, pictures: false })] : []),
    () => render(message, { mention, pictures: false, from: 2 }),
    () => renderBare(message, mention, true),
    () => renderBare(message, mention, false),
  ];
  for (let at = 0; ; at++) {
    const form = forms[at]!();
    try {
      return await send(form);
    } catch (error) {
      // The nonce keeps a second try from becoming a second message.
      const picturesFailed = form.files.length > 0 && outsideError('send', error).retryAfterSeconds === undefined;
      if ((!refusedForItsForm(error) && !picturesFailed) || at === forms.length - 1) throw error;
      log.warn({ error: outsideError('send', error).message, summary: message.summary }, 'discord refused a message in this form');
    }
  }
}
