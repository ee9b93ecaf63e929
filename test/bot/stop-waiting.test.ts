import { expect, it } from 'vitest';
import type { Batch, Source } from '../../src/bot/ports.ts';
import { openWorld } from '../support/living-bot.ts';

it('a look that only waits for something to come keeps no other source waiting, and ends when the bot stops', async () => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let isQuiet = false;
  const stopped: string[] = [];
  const world = await openWorld({
    accounts: (account) => {
      const waiting: Source = {
        name: 'any/push',
        scope: account.scope,
        everySeconds: 20,
        permissions: [],
        async *collect(): AsyncGenerator<Batch> {
          if (isQuiet) await ended;
          yield* [];
        },
        stop() {
          stopped.push('any/push');
          end();
        },
      };
      return [{ ...account, sources: [waiting, ...account.sources] }];
    },
  });

  isQuiet = true;
  await world.clock.advance(300);
  const before = (await world.store.looks()).map(({ at }) => at);
  await world.bot.beat();
  await expect.poll(async () => (await world.store.looks()).some(({ at }) => !before.includes(at))).toBe(true);
  await world.bot.stop();

  expect(stopped).toEqual(['any/push']);
});
