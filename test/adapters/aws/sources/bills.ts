/** Sources of cost on a simulated account, over HTTP, into a real store. */
import { onTestFinished } from 'vitest';
import { type AwsSession, openAwsSession } from '../../../../src/adapters/aws/session.ts';
import { openStore } from '../../../../src/adapters/store/store.ts';
import type { Source } from '../../../../src/bot/ports.ts';
import type { Observation } from '../../../../src/checks/observation.ts';
import { running, smallAccount } from '../../simulated/account.ts';

export const account = '123456789012';

export async function billing(
  yaml: string,
  make: (sight: { session: AwsSession; clock: { now(): string } }, store: Awaited<ReturnType<typeof openStore>>) => Source[],
  {
    now = '2026-03-10T10:00:00.000Z',
    ...more
  }: { now?: string; hourlyCosts?: boolean; exports?: object; billingAlerts?: boolean; budgets?: object[] } = {},
) {
  const scenario = await smallAccount(yaml);
  const { simulated, clock } = await running({ ...scenario, account: { ...scenario.account, ...(more as object) } }, now);
  const session = await openAwsSession(
    { account, name: 'small' },
    { endpoint: simulated.endpoint, credentials: simulated.credentials, maxAttempts: 1 },
  );
  const store = await openStore({ file: ':memory:', auditKey: Buffer.alloc(32, 1), now: () => clock.now() });
  onTestFinished(async () => {
    session.close();
    await store.close();
  });
  const sources = make({ session, clock }, store);
  return {
    clock,
    store,
    session,
    simulated,
    /** One look of every source, kept as the bot keeps it. What it brought, in order. */
    async look(): Promise<Observation[]> {
      const all: Observation[] = [];
      for (const source of sources)
        for await (const batch of source.collect(await store.cursors(source))) {
          all.push(...batch.observations);
          await store.keep(source, batch);
        }
      return all;
    },
    /** Pages paid for since the last time, by operation. */
    pages: (): Record<string, number> => Object.fromEntries(session.meter.take().map(({ operation, calls }) => [operation, calls])),
  };
}
