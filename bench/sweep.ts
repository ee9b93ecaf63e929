import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openAws } from '../src/adapters/aws/open.ts';
import { systemClock } from '../src/adapters/clock.ts';
import { createNotices } from '../src/adapters/notices.ts';
import { openStore } from '../src/adapters/store/store.ts';
import { createDesk } from '../src/bot/desk.ts';
import { createInspector } from '../src/bot/inspect.ts';
import type { Policy } from '../src/bot/people.ts';
import type { Source } from '../src/bot/ports.ts';
import { createRounds, type Rounds } from '../src/bot/rounds.ts';
import { linkBook } from '../src/bot/story.ts';
import { checks } from '../src/checks/index.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { crowd, openCrowdedRegions } from './support/crowded-regions.ts';
import type { Figure, Measure } from './support/figure.ts';

const policy: Policy = {
  people: [],
  expiresSeconds: 900,
  twoPeopleAboveUsdPerHour: Number.POSITIVE_INFINITY,
  mostResources: 500,
  actions: 'on',
  pageAfterSeconds: 600,
  zone: 'UTC',
};

export const measure: Measure = {
  about: `One look of the inventory at ${crowd.regions} regions of ${crowd.instancesEach} machines, each answer ${crowd.latencyMs} ms late, with everything that follows: translated, kept on the disk, inspected. In the first look the clients are made and every machine is new; the later one finds the same machines. The SDK is loaded before, once for the life of the process, and told apart.`,
  async run() {
    const regions = await openCrowdedRegions();
    const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-bench-'));
    const store = await openStore({ file: join(folder, 'bench.db'), auditKey: Buffer.alloc(32, 1) });
    try {
      const account = await openAws(
        { account: '123456789012', name: 'production' },
        {
          log: silentLog,
          clock: systemClock,
          endpoint: regions.endpoint,
          credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'made-up' },
        },
      );
      const source = account.sources.find(({ name }) => name === 'aws/inventory');
      if (!source) throw new Error('there is no inventory');
      const inspector = createInspector({ checks });
      const desk = createDesk({ store, clock: systemClock, policy: () => policy, onEffects: () => undefined });
      const rounds = createRounds({
        accounts: [account],
        store,
        clock: systemClock,
        desk,
        inspector,
        checks,
        book: linkBook(),
        policy: () => policy,
        notices: createNotices({}),
        log: silentLog,
      });
      const loading = performance.now();
      await import('@aws-sdk/client-ec2');
      const loadMs = performance.now() - loading;
      const first = await timed(rounds, source);
      const later = await timed(rounds, source);
      const machines = (await store.machines({ running: true })).length;
      return [
        {
          what: 'loading the EC2 client, once in a process',
          value: loadMs,
          unit: 'ms',
          note: 'the event loop stands still for most of it',
        },
        ...figures('the first look', first, machines),
        ...figures('a later look', later, machines),
      ];
    } finally {
      await store.close();
      regions.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Timed = { seconds: number; stallMs: number };

async function timed(rounds: Rounds, source: Source): Promise<Timed> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  await rounds.look(source);
  const seconds = (performance.now() - began) / 1000;
  delay.disable();
  return { seconds, stallMs: delay.max / 1e6 };
}

const figures = (which: string, { seconds, stallMs }: Timed, machines: number): Figure[] => [
  { what: which, value: seconds, unit: 's', atMost: 5, note: `${machines} machines known after it` },
  { what: `longest the event loop stood still, ${which}`, value: stallMs, unit: 'ms', atMost: 100 },
];
