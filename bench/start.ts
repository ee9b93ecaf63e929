import { join } from 'node:path';
import { type Figure, type Measure, median } from './support/figure.ts';
import { openWorld, type World } from './support/live.ts';
import { processorSeconds } from './support/memory.ts';

export const measure: Measure = {
  about:
    'From the spawn of `bin/cloudwarden start` until /readyz answers 200 (the store is open, one round of looks is complete, a chat is connected), and until Slack’s and Discord’s sockets are open. AWS, Slack and Discord are stand-ins on loopback without latency; the past has been read before.',
  async run() {
    const world = await openWorld({ isPastRead: true });
    try {
      const compileCache = join(world.folder, 'compile-cache');
      const first = await once(world, compileCache);
      const again = [await once(world, compileCache), await once(world, compileCache), await once(world, compileCache)];
      const middle = (of: (one: Once) => number) => median(again.map(of));
      return [
        ...figures('nothing compiled yet', first),
        ...figures('started again, middle of 3', {
          ready: middle(({ ready }) => ready),
          connected: middle(({ connected }) => connected),
          processor: middle(({ processor }) => processor),
        }),
      ];
    } finally {
      await world.close();
    }
  },
};

/** Milliseconds until ready and connected; seconds of processor used until both. */
type Once = { ready: number; connected: number; processor: number };

const figures = (how: string, { ready, connected, processor }: Once): Figure[] => [
  {
    what: `ready (${how})`,
    value: ready / 1000,
    unit: 's',
    atMost: 2,
    note: `${processor.toFixed(2)} s of processor, all threads; on a busy machine the clock on the wall says more`,
  },
  { what: `both chats connected (${how})`, value: connected / 1000, unit: 's' },
];

async function once(world: World, compileCache: string): Promise<Once> {
  const live = await world.start({ compileCache });
  const [ready, connected] = await Promise.all([live.ready(), live.connected()]);
  const processor = (await processorSeconds(live.pid)) ?? Number.NaN;
  await live.stop();
  return { ready, connected, processor };
}
