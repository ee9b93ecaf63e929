/** What is told outside the chat: the pager, the heartbeat, the findings for a SIEM. */
import { appendFile } from 'node:fs/promises';
import { type Notices, OutsideError } from '../bot/ports.ts';

export type NoticeOptions = { pageUrl?: string; heartbeatUrl?: string; findingsFile?: string; findingsUrl?: string };

/** Each call resolves when it was delivered and throws `OutsideError` otherwise; what is not configured is silently done. */
export function createNotices({ pageUrl, heartbeatUrl, findingsFile, findingsUrl }: NoticeOptions): Notices {
  // One line at a time, so that lines never mix.
  let written: Promise<unknown> = Promise.resolve();
  return {
    async page(text) {
      if (pageUrl) await send('the pager', pageUrl, text);
    },
    async heartbeat() {
      if (heartbeatUrl) await send('the heartbeat address', heartbeatUrl, undefined);
    },
    async finding(line) {
      if (findingsFile) {
        written = written.catch(() => undefined).then(() => appendFile(findingsFile, `${JSON.stringify(line)}\n`));
        await written;
      }
      if (findingsUrl) await send('the findings webhook', findingsUrl, line);
    },
  };
}

async function send(what: string, url: string, body: unknown): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new OutsideError(`${what} could not be reached`, true, { cause: error });
  }
  await response.body?.cancel();
  if (!response.ok) throw new OutsideError(`${what} answered ${response.status}`, response.status >= 500 || response.status === 429);
}
