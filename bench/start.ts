import { join } from 'node:path';
import { type Figure, type Measure, median } from './support/figure.ts';
import { openWorld, type World } from './support/live.ts';

export const measure: Measure = {
  about:
    'From the spawn of `bin/cloudwarden start` until /readyz answers 200 (the store is open, one round of looks is complete, a chat is connected), and until Slack’s and Discord’s sockets are open. AWS, Slack and Discord are stand-ins on loopback without latency.',
  async run() {
    const world = await openWorld();
    try {
      const compileCache = join(world.folder, 'compile-cache');
      const first = await once(world, compileCache);
      const again = [await once(world, compileCache), await once(world, compileCache), await once(world, compileCache)];
      const figures = (note: string, ready: number, connected: number): Figure[] => [
        { what: `ready, ${note}`, value: ready / 1000, unit: 's', atMost: 2 },
        { what: `both chats connected, ${note}`, value: connected / 1000, unit: 's' },
      ];
      return [
        ...figures('first start ever (nothing compiled, no database)', first.ready, first.connected),
        ...figures(
          'started again (middle of 3)',
          median(again.map(({ ready }) => ready)),
          median(again.map(({ connected }) => connected)),
        ),
      ];
    } finally {
      await world.close();
    }
  },
};

async function once(world: World, compileCache: string): Promise<{ ready: number; connected: number }> {
  const live = await world.start({ compileCache });
  const [ready, connected] = await Promise.all([live.ready(), live.connected()]);
  await live.stop();
  return { ready, connected };
}
