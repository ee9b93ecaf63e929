/** The door for whoever runs the process: /healthz (it lives) and /readyz (it works, else why not). */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

export type Ops = { url: string; stop(): Promise<void> };

/** Resolves when it listens. A taken port throws with a plain sentence, unless `orAnyPort`: then a free one is used. */
export async function startOps(options: {
  host: string;
  port: number;
  orAnyPort?: boolean;
  ready(): Promise<{ ready: boolean; why: string[]; troubles: string[] }>;
}): Promise<Ops> {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) => {
    const state = await options.ready();
    return context.json(state, state.ready ? 200 : 503);
  });
  const listen = (port: number) =>
    new Promise<Ops>((resolve, reject) => {
      const server = serve({ fetch: app.fetch, hostname: options.host, port }, (at) =>
        resolve({
          url: `http://${options.host}:${at.port}`,
          stop: () =>
            new Promise((done) => {
              server.close(() => done());
              if ('closeAllConnections' in server) server.closeAllConnections();
            }),
        }),
      );
      server.once('error', reject);
    });
  try {
    return await listen(options.port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (options.orAnyPort) return listen(0);
    throw new Error(`${options.host}:${options.port} is taken by another program; set ops.listen to a free port`, { cause: error });
  }
}
