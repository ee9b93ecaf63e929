/** What is told outside the chat: the pager, the heartbeat, the findings for a SIEM. */
import { open } from 'node:fs/promises';
import { type Notices, OutsideError } from '../bot/ports.ts';
import { causeCode } from './reaching.ts';

export type NoticeOptions = {
  pageUrl?: string;
  heartbeatUrl?: string;
  findingsFile?: string;
  findingsUrl?: string;
  /** How long one delivery may take; 10 by default. */
  patienceSeconds?: number;
};

/**
 * Each call resolves when it was delivered and throws `OutsideError` otherwise; what is not configured is silently done. An address is a
 * secret (whoever knows it may use it), so no error names one.
 */
export function createNotices({ pageUrl, heartbeatUrl, findingsFile, findingsUrl, patienceSeconds = 10 }: NoticeOptions): Notices {
  // One line at a time, so that lines never mix.
  let written: Promise<unknown> = Promise.resolve();
  const appendInTurn = (file: string, line: string): Promise<void> => {
    const turn = written.then(() => append(file, line));
    written = turn.catch(() => undefined);
    return turn;
  };
  return {
    async page(text) {
      if (pageUrl) await send('the pager', pageUrl, patienceSeconds, text);
    },
    async heartbeat() {
      if (heartbeatUrl) await send('the heartbeat address', heartbeatUrl, patienceSeconds);
    },
    async finding(line) {
      const text = JSON.stringify(line);
      // A file that is full must not keep the webhook from being told, nor the other way round.
      const tried = await Promise.allSettled([
        findingsFile ? appendInTurn(findingsFile, text) : undefined,
        findingsUrl ? send('the findings webhook', findingsUrl, patienceSeconds, line) : undefined,
      ]);
      for (const one of tried) if (one.status === 'rejected') throw one.reason;
    },
  };
}

async function append(file: string, line: string): Promise<void> {
  try {
    await using handle = await open(file, 'a+', 0o600);
    const { size } = await handle.stat();
    const last = size === 0 ? undefined : (await handle.read({ buffer: Buffer.alloc(1), position: size - 1 })).buffer.toString();
    // A process that was killed while it wrote has left half a line; the next one must not go on in it.
    await handle.appendFile(`${last === undefined || last === '\n' ? '' : '\n'}${line}\n`);
  } catch (error) {
    throw new OutsideError(`the findings file could not be written (${causeCode(error) ?? 'unknown reason'})`, true, { cause: error });
  }
}

async function send(what: string, url: string, patienceSeconds: number, body?: unknown): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      signal: AbortSignal.timeout(patienceSeconds * 1000),
      ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    // The error itself is kept back: it may quote the address.
    throw new OutsideError(
      late ? `${what} did not answer in time` : `${what} could not be reached (${causeCode(error) ?? 'no connection'})`,
      true,
    );
  }
  await response.body?.cancel();
  if (response.ok) return;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new OutsideError(`${what} answered ${response.status}`, response.status >= 500 || [408, 425, 429].includes(response.status), {
    ...(Number.isFinite(wait) && wait > 0 ? { retryAfterSeconds: Math.min(wait, 3600) } : {}),
  });
}
