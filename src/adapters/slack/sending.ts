/** Sending a message to Slack in a form it takes, with its pictures. */
import { setTimeout as pause } from 'node:timers/promises';
import { webApi } from '@slack/bolt';
import type { Message, Part } from '../../bot/message.ts';
import { type Log, OutsideError } from '../../bot/ports.ts';
import { bounded } from '../reaching.ts';
import { type Rendered, render, renderBare } from './blocks.ts';
import { neverArrived, outsideError, refusedForItsForm } from './trouble.ts';

export function createSending({ web, log }: { web(): webApi.WebClient; log: Log }) {
  const uploads = bounded<Uint8Array, Promise<string | undefined>>(20);

  return { tolerant, uploaded };

  /**
   * Sends the message in full; when Slack refuses its form, with less in it; then as words alone: an alarm is never lost to a limit.
   * Waits out one short pause Slack asks for, and tries again where surely nothing was done.
   */
  async function tolerant<T>(
    message: Message,
    files: ReadonlyMap<Part, string>,
    send: (form: Rendered) => Promise<T>,
    mention: string[] = [],
  ): Promise<T> {
    const fileOf = (part: Part) => files.get(part);
    const forms = [
      () => render(message, { mention, fileOf }),
      () => render(message, { mention, from: 2 }),
      () => renderBare(message, mention),
    ];
    let pauses = 2;
    // A picture just uploaded is not known everywhere at once; Slack calls a message with it invalid until it is.
    let waitsForPicture = files.size > 0 ? 3 : 0;
    for (let at = 0; ; ) {
      try {
        return await send(forms[at]!());
      } catch (error) {
        const waitMs = waitFor(error);
        if (waitMs !== undefined && pauses > 0) {
          pauses--;
          await pause(waitMs);
        } else if (refusedForItsForm(error) && at === 0 && waitsForPicture > 0) {
          waitsForPicture--;
          await pause(700);
        } else if (refusedForItsForm(error) && at < forms.length - 1) {
          log.warn({ error: outsideError('send', error).message, summary: message.summary }, 'slack refused a message in this form');
          at++;
        } else throw error;
      }
    }
  }

  /** The pictures of a message as files of Slack. One that cannot be uploaded is missing from the map, and described in words. */
  async function uploaded(message: Message): Promise<ReadonlyMap<Part, string>> {
    const files = new Map<Part, string>();
    for (const part of message.parts) {
      if (part.kind !== 'image') continue;
      const known = uploads.get(part.png) ?? upload(part);
      uploads.set(part.png, known);
      const file = await known;
      if (file) files.set(part, file);
      else uploads.delete(part.png);
    }
    return files;
  }

  async function upload(image: Extract<Part, { kind: 'image' }>): Promise<string | undefined> {
    try {
      const ticket = await web().files.getUploadURLExternal({
        filename: image.name,
        length: image.png.byteLength,
        alt_text: image.alt.slice(0, 1_000),
      });
      if (!ticket.upload_url || !ticket.file_id) return undefined;
      const put = await fetch(ticket.upload_url, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(image.png),
        signal: AbortSignal.timeout(15_000),
      });
      if (!put.ok) throw new OutsideError(`Slack: could not upload a picture: HTTP status ${put.status}`, put.status >= 500);
      await web().files.completeUploadExternal({ files: [{ id: ticket.file_id, title: image.name }] });
      return ticket.file_id;
    } catch (error) {
      log.warn({ error: outsideError('upload a picture', error).message }, 'slack picture not uploaded');
      return undefined;
    }
  }
}

function waitFor(error: unknown): number | undefined {
  if (error instanceof webApi.WebAPIRateLimitedError) return error.retryAfter <= 5 ? error.retryAfter * 1_000 : undefined;
  return neverArrived(error) ? 300 : undefined;
}
