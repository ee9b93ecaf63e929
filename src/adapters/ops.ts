/** The door for whoever runs the process: /healthz (it lives) and /readyz (it works, else why not). */
import { setTimeout as pause } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** `why` it is not ready; `troubles` that do not keep it from working. */
export type State = { ready: boolean; why: string[]; troubles: string[] };
export type Ops = { url: string; stop(): Promise<void> };

/** Resolves when it listens. A taken port throws with a plain sentence. */
export async function startOps(options: {
  host: string;
  port: number;
  ready(): Promise<State>;
  /** How long /readyz waits for the state; 5 by default. */
  patienceSeconds?: number;
}): Promise<Ops> {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) => {
    const state = await stateOf(options.ready, options.patienceSeconds ?? 5);
    return context.json(state, state.ready ? 200 : 503);
  });
  try {
    return await new Promise<Ops>((resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname: options.host, port: options.port }, (at) =>
        resolve({
          url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${at.port}`,
          stop: () =>
            new Promise((done) => {
              server.close(() => done());
              if ('closeAllConnections' in server) server.closeAllConnections();
            }),
        }),
      );
      server.once('error', reject);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? 'is taken by another program; set ops.listen to a free port'
        : `cannot be listened on (${code}); change ops.listen`;
    throw new Error(`${options.host}:${options.port} ${why}`, { cause: error });
  }
}

/** Whoever asks wants an answer now: a state that cannot be read, or not in time, is not ready. */
async function stateOf(ready: () => Promise<State>, patienceSeconds: number): Promise<State> {
  const unread = (why: string): State => ({ ready: false, why: [why], troubles: [] });
  const late = new AbortController();
  try {
    return await Promise.race([
      ready(),
      pause(patienceSeconds * 1000, unread('the state could not be read in time'), { signal: late.signal, ref: false }),
    ]);
  } catch {
    return unread('the state could not be read');
  } finally {
    late.abort();
  }
}
