import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/adapters/store/store.ts';
import { type HistoryDeps, judgePast, readHistory } from '../../src/bot/history.ts';
import type { Batch, GuardedAccount, Source } from '../../src/bot/ports.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation, Scope } from '../../src/checks/observation.ts';
import { ada, openWorld } from '../support/living-bot.ts';
import { recordingChat } from '../support/recording-chat.ts';
import { silentLog } from '../support/silent-log.ts';

const now = '2026-03-10T10:00:00.000Z';
const scope: Scope = { cloud: 'aws', level: 'account', id: '123456789012' };

/** A source whose past is `batch`, and the days it was asked for. */
function past(batch: (day: string) => Batch): { account: GuardedAccount; asked: string[] } {
  const asked: string[] = [];
  const source: Source = {
    name: 'aws/audit-log',
    scope,
    everySeconds: 300,
    permissions: [],
    async *collect() {},
    async *history(day) {
      asked.push(day);
      yield batch(day);
    },
  };
  return { account: { scope, name: 'production', sources: [source], warnings: async () => [], meter: () => [] }, asked };
}

const looked = (day: string, seen: number, gap?: string): Observation => ({
  kind: 'look.finished',
  id: `look ${day}`,
  at: now,
  heard: now,
  by: 'aws/audit-log',
  place: { scope, region: 'global' },
  evidence: [],
  source: 'aws/history',
  noun: 'days of the past',
  of: 17,
  seen,
  upTo: now,
  complete: gap === undefined,
  ...(gap !== undefined ? { gap } : {}),
});

const launched = (id: string, at: string): Observation => ({
  kind: 'compute.asked',
  id,
  at,
  heard: now,
  by: 'aws/audit-log',
  place: { scope, region: 'sa-east-1' },
  evidence: [id],
  resources: [],
  count: 1,
  what: 'EC2 instances',
});

async function reading(account: GuardedAccount, more: Partial<HistoryDeps> = {}) {
  const store = await openStore({ file: ':memory:', auditKey: randomBytes(32), log: silentLog });
  onTestFinished(() => store.close());
  const taken: string[] = [];
  const deps: HistoryDeps = {
    accounts: [account],
    store,
    clock: { now: () => now, sleep: async () => undefined },
    checks,
    params: {},
    log: silentLog,
    take: async (source, batch) => {
      taken.push(...batch.observations.map((one) => one.id));
      await store.keep(source, batch);
    },
    lookNow: async () => undefined,
    ...more,
  };
  return { store, taken, read: () => readHistory(deps, new AbortController().signal) };
}

it('hands the last 24 hours to the checks that run now, instead of letting them wait for 90 days', async () => {
  const { account } = past((day) => ({
    observations: [
      ...(day === '2026-03-10' ? [launched('this morning', '2026-03-10T08:00:00.000Z')] : []),
      ...(day === '2026-03-09'
        ? [launched('yesterday noon', '2026-03-09T12:00:00.000Z'), launched('long ago', '2026-03-09T02:00:00.000Z')]
        : []),
      looked(day, 17),
    ],
    raw: {},
    cursors: {},
  }));
  const { taken, read } = await reading(account);

  await read();

  expect(taken).toEqual(['this morning', 'yesterday noon']);
});

it('forgives what was critical long ago and has ended, so that doing it again is no alarm', async () => {
  const gpus = (id: string, time: string, more: Partial<Observation> = {}): Observation =>
    ({
      ...launched(id, time),
      kind: 'compute.seen',
      resource: `resource:aws/123456789012/sa-east-1/ec2/${id}`,
      what: 'EC2 instance',
      shape: { type: 'g5.48xlarge', family: 'g5', vcpus: 192, accelerator: 'gpu' },
      perHour: { amount: 16.3, currency: 'USD', usd: 16.3 },
      estimated: false,
      running: true,
      ...more,
    }) as Observation;
  const first = gpus('i-1', '2026-02-05T08:00:00.000Z');
  const ended = { ...first, id: 'i-1 ended', at: '2026-02-06T20:00:00.000Z', running: false } as Observation;
  const again = gpus('i-2', '2026-03-09T08:00:00.000Z');
  const loudest = async (past: Observation[]) => {
    const inspector = await judgePast(
      async function* () {
        yield* past;
      },
      { checks, params: {}, now },
    );
    return inspector.findings().flatMap(({ at, severity }) => (at === again.at && severity !== 'low' ? [severity] : []));
  };

  expect(await loudest([first, ended, again])).toEqual([]);
  expect(await loudest([first, again]), 'it still runs').toContain('critical');
});

it('leaves a past that cannot be read for the next start, and says so once', async () => {
  const { account, asked } = past((day) => ({ observations: [looked(day, 0, 'not allowed')], raw: {}, cursors: {} }));
  const { read } = await reading(account);

  const first = await read();
  await first?.finish();
  const second = await read();

  expect(first?.message.summary).toContain('The past could not be read in full');
  expect(JSON.stringify(first?.message.parts)).toContain('production: the past could not be read: not allowed; the next start tries again');
  expect(second).toBeUndefined();
  expect(asked).toEqual(['2026-03-10', '2026-03-09', '2026-03-08', '2026-03-10', '2026-03-09', '2026-03-08']);
});

it('goes on past a day of which only some regions could not be read', async () => {
  const { account, asked } = past((day) => ({
    observations: [looked(day, 16, 'the past of eu-west-3 could not be read')],
    raw: {},
    cursors: {},
  }));
  const { read } = await reading(account);

  const told = await read();

  expect(asked).toHaveLength(90);
  expect(told?.message.summary).toContain('First reading done');
});

it('says after each day how far it is, and in the log after every ten', async () => {
  const { account } = past((day) => ({ observations: [looked(day, 17)], raw: {}, cursors: {} }));
  const progress: string[] = [];
  const logged: object[] = [];
  const { read } = await reading(account, {
    onProgress: (name, done, of) => progress.push(`${name} ${done}/${of}`),
    log: { ...silentLog, info: (data) => logged.push(data) },
  });

  await read();

  expect(progress.slice(0, 2)).toEqual(['production 1/90', 'production 2/90']);
  expect(progress.at(-1)).toBe('production 90/90');
  expect(logged).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90].map((days) => ({ account: 'production', days, of: 90 })));
});

it('tells of regions that only the bills know, or that they told of none', async () => {
  const { account } = past((day) => ({ observations: [looked(day, 17)], raw: {}, cursors: {} }));
  const [silent, told] = [await reading(account), await reading(account)];
  const used: Observation = {
    ...{ kind: 'place.used', id: 'bill', at: '2025-07-01T00:00:00.000Z', heard: now, by: 'aws/costs', evidence: [] },
    place: { scope, region: 'eu-north-1' },
  };
  await told.store.keep({ name: 'aws/costs', scope }, { observations: [used], raw: {}, cursors: {} });

  expect(JSON.stringify((await silent.read())?.message.parts)).toContain('The bills tell of no region');
  expect(JSON.stringify((await told.read())?.message.parts)).toContain('By the bills of 13 months, machines have run in eu-north-1.');
});

it('is shown by status while it runs, and not any more afterwards', async () => {
  const chat = recordingChat();
  const asked: string[] = [];
  const status = async () => JSON.stringify(await chat.handlers?.command({ id: '1', text: 'status', by: ada, room: 'alerts' }));
  const world = await openWorld({
    chats: [chat],
    accounts: (account) => [
      {
        ...account,
        sources: [
          ...account.sources,
          {
            ...{ name: 'test/past', scope: account.scope, everySeconds: 3600, permissions: [] },
            async *collect() {},
            async *history(day) {
              if (day === '2026-10-30') asked.push(await status());
              yield { observations: [looked(day, 17)], raw: {}, cursors: {} };
            },
          },
        ],
      },
    ],
  });

  expect(asked).toEqual([expect.stringContaining('the past is still being read, 4 of 90 days')]);
  expect(await status()).not.toContain('the past is still being read');
  expect(world.chat.text()).toContain('The last 90 days have been read');
});
