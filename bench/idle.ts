import { setTimeout as wait } from 'node:timers/promises';
import type { Measure } from './support/figure.ts';
import { openWorld } from './support/live.ts';
import { residentTree } from './support/memory.ts';

const idleSeconds = 60;

export const measure: Measure = {
  about:
    'Resident memory of the bot’s processes (the launcher and what it starts) 60 seconds after it was ready, on Slack, Discord and one quiet account whose past has been read before (in the minutes of its first reading a bot is not idle). Nobody talks to it; it looks at the account as always.',
  async run() {
    const world = await openWorld({ isPastRead: true });
    try {
      const live = await world.start();
      await live.ready();
      const early = await residentTree(live.pid);
      await wait(idleSeconds * 1000);
      const tree = await residentTree(live.pid);
      const sum = (list: typeof tree) => list.reduce((all, { megabytes }) => all + megabytes, 0);
      const launcher = tree.find(({ pid }) => pid === live.pid)?.megabytes ?? 0;
      return [
        { what: `bot and launcher, ${idleSeconds} s after ready`, value: sum(tree), unit: 'MB', atMost: 250 },
        { what: 'of it the launcher', value: launcher, unit: 'MB' },
        {
          what: 'of it the bot',
          value: sum(tree) - launcher,
          unit: 'MB',
          note: `${(sum(early) - launcher).toFixed(0)} MB when it was ready`,
        },
      ];
    } finally {
      await world.close();
    }
  },
};
