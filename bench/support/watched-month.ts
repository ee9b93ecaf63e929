/**
 * The real bot with the real sources of a guarded account, the real SDK clients and a simulated account over HTTP, for some days of the
 * account's own time. What was asked is counted at the account's door and in its log, not by the bot.
 */
import { fileURLToPath } from 'node:url';
import { openAws } from '../../src/adapters/aws/open.ts';
import type { Profile } from '../../src/adapters/aws/pace.ts';
import { createNotices } from '../../src/adapters/notices.ts';
import { createVirtualClock } from '../../src/adapters/simulated/clock.ts';
import { networkOf } from '../../src/adapters/simulated/networks.ts';
import { defaultRegions } from '../../src/adapters/simulated/regions.ts';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { startSimulated } from '../../src/adapters/simulated/simulated.ts';
import { openStore } from '../../src/adapters/store/store.ts';
import { createBot } from '../../src/bot/bot.ts';
import type { Policy } from '../../src/bot/people.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import { checks } from '../../src/checks/index.ts';
import { recordingChat } from '../../test/support/recording-chat.ts';
import { silentLog } from '../../test/support/silent-log.ts';

export type Watched = {
  profile: Profile;
  /** Events are pushed into a queue. */
  push: boolean;
  /** The threat detector is on in every region. */
  detector: boolean;
  costExplorer: boolean;
  days: number;
  /** On the last day something is suspected, once. */
  suspected?: boolean;
  /** Nothing of the time before is read: it is known. */
  knowsPast?: boolean;
};
/** What was asked in one day, as the account saw it. */
export type Day = {
  /** By service and operation: 'ec2:DescribeInstances'. */
  calls: Record<string, number>;
  costRequests: number;
  metricsRead: number;
  metricRequests: number;
  queueRequests: number;
  /** In the account's log of management events, by the bot, where the detector is on. */
  analysed: number;
  /** Of these, calls of services that have no region. */
  analysedGlobal: number;
  /** What the bot's own meter says of the same day: USD. */
  metered: number;
};
export type Lived = {
  days: Day[];
  /** Cards of stories: none, in a quiet account. */
  told: string[];
  /** What `/warden status` answers at the end. */
  status: string;
};

const start = '2026-11-23T10:00:00.000Z';
const patienceMs = 25;
const daySeconds = 86_400;

export async function watch({
  profile,
  push,
  detector,
  costExplorer,
  days,
  suspected = false,
  knowsPast = false,
}: Watched): Promise<Lived> {
  const quiet = await readScenario(fileURLToPath(new URL('month.yaml', import.meta.url)));
  const { push: pushed, ...unpushed } = quiet;
  const guarded: readonly string[] = detector ? defaultRegions : [];
  const scenario = {
    ...unpushed,
    push: push ? pushed : undefined,
    guards: { ...quiet.guards, threatDetector: [...guarded] },
  };
  const clock = createVirtualClock({ start, speed: 'manual' });
  // Every rhythm is a multiple of it; a queue is waited at for 20 seconds.
  const stepSeconds = push ? 20 : 30;
  let day = emptyDay();
  let asked = 0;
  const simulated = await startSimulated({
    scenario,
    clock,
    onRequest({ service, operation, input }) {
      asked += 1;
      const name = `${service}:${operation}`;
      day.calls[name] = (day.calls[name] ?? 0) + 1;
      if (service === 'ce') day.costRequests += 1;
      else if (service === 'sqs') day.queueRequests += 1;
      else if (operation === 'GetMetricData') day.metricsRead += (input.MetricDataQueries as unknown[] | undefined)?.length ?? 0;
      else if (service === 'monitoring') day.metricRequests += 1;
    },
  });
  const store = await openStore({ file: ':memory:', auditKey: Buffer.alloc(32, 1), now: () => clock.now() });
  const account = await openAws(
    {
      account: simulated.accountId,
      name: simulated.accountName,
      pace: profile,
      usualMonthly: 650,
      ...(push && simulated.queueUrl !== undefined ? { push: { queues: [simulated.queueUrl] } } : {}),
      costExplorer: costExplorer ? 'on' : 'off',
    },
    {
      log: silentLog,
      clock,
      endpoint: simulated.endpoint,
      credentials: simulated.credentials,
      network: async () => networkOf(simulated.networks),
      store,
    },
  );
  const chat = recordingChat();
  const bot = createBot({
    accounts: [{ ...account, warnings: async () => [] }],
    chats: [chat],
    store,
    clock,
    checks,
    params: {},
    policy,
    notices: createNotices({}),
    log: silentLog,
    digestAt: { at: '09:00', zone: 'UTC' },
    endpointsElsewhere: [],
    configuration: { hash: 'bench', people: ['ada'], limits: {} },
  });

  /** Waits for what was begun. Where nothing has been asked for a while it is time that is waited for (paces, tries again). */
  async function settle(): Promise<void> {
    let isIdle = false;
    const idle = bot.idle().then(() => {
      isIdle = true;
    });
    let before = asked;
    let since = performance.now();
    while (!isIdle) {
      await Promise.race([idle, new Promise((wake) => setTimeout(wake, 1))]);
      if (asked !== before) [before, since] = [asked, performance.now()];
      if (isIdle || performance.now() - since < patienceMs) continue;
      await clock.advance(0.5);
      since = performance.now();
    }
  }

  const lived: Day[] = [];
  let lastTurn = simulated.state.records(-1).at(-1)?.turn ?? -1;
  let meteredBefore = 0;
  try {
    if (knowsPast) await store.setSetting(`history aws/${simulated.accountId}`, 'done');
    await bot.start();
    await settle();
    for (let number = 1; number < days + 1; number += 1) {
      const endMs = Date.parse(start) + Math.min(number, days) * daySeconds * 1000;
      if (suspected && number >= days) account.hurry?.();
      while (clock.ms() < endMs) {
        await clock.advance(Math.min(stepSeconds, (endMs - clock.ms()) / 1000));
        await bot.beat();
        await settle();
      }
      // What was asked last is written down by the next beat.
      await bot.beat();
      await settle();
      const records = simulated.state.records(lastTurn);
      lastTurn = records.at(-1)?.turn ?? lastTurn;
      const ours = records.filter(
        ({ accessKeyId, region }) => accessKeyId === simulated.credentials.accessKeyId && guarded.includes(region),
      );
      day.analysed = ours.length;
      day.analysedGlobal = ours.filter(({ record }) => /^(iam|sts)\./.test(record.eventSource)).length;
      const metered = (await store.calls('2000-01-01', '2100-01-01')).reduce((sum, { usd }) => sum + usd, 0);
      day.metered = metered - meteredBefore;
      meteredBefore = metered;
      lived.push(day);
      day = emptyDay();
    }
    const answer = await bot.command({
      id: 'status',
      text: 'status',
      by: { platform: 'console', user: 'ada', space: 'console' },
      room: 'alerts',
    });
    return {
      days: lived,
      told: chat.posted.filter(({ message }) => message.severity !== undefined).map(({ message }) => asPlainText(message)),
      status: answer ? asPlainText(answer) : '',
    };
  } finally {
    await bot.stop();
    await simulated.stop();
    clock.stop();
  }
}

const emptyDay = (): Day => ({
  calls: {},
  costRequests: 0,
  metricsRead: 0,
  metricRequests: 0,
  queueRequests: 0,
  analysed: 0,
  analysedGlobal: 0,
  metered: 0,
});

const policy: Policy = {
  people: [{ id: 'ada', name: 'Ada', role: 'admin' }],
  expiresSeconds: 900,
  twoPeopleAboveUsdPerHour: Number.POSITIVE_INFINITY,
  mostResources: 500,
  actions: 'on',
  pageAfterSeconds: 600,
  zone: 'UTC',
};
