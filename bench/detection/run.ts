/**
 * One account with one scenario, from its past to its end, as the bot would have lived it: the records and the lists of machines come when
 * the delivery model and the pace of looking let them come, go through the translator, the checks and the stories of live, and what would
 * have been told is written down. Machines are read by the real sources and the real SDK clients from the simulated account; records are
 * handed to the translator as they stand in the simulated log.
 */
import { createPace, type Profile } from '../../src/adapters/aws/pace.ts';
import { loadPrices } from '../../src/adapters/aws/prices.ts';
import { type AwsSession, openAwsSession } from '../../src/adapters/aws/session.ts';
import { inventories } from '../../src/adapters/aws/sources/inventories.ts';
import { translateCloudTrail } from '../../src/adapters/aws/translate/cloudtrail.ts';
import { createVirtualClock, type VirtualClock } from '../../src/adapters/simulated/clock.ts';
import type { LoggedEvent } from '../../src/adapters/simulated/event-log.ts';
import { networkOf } from '../../src/adapters/simulated/networks.ts';
import { allRegions, defaultRegions } from '../../src/adapters/simulated/regions.ts';
import type { Scenario } from '../../src/adapters/simulated/scenario.ts';
import { type Simulated, startSimulated } from '../../src/adapters/simulated/simulated.ts';
import { judgePast } from '../../src/bot/history.ts';
import type { Source } from '../../src/bot/ports.ts';
import { createReplay } from '../../src/bot/replay.ts';
import { rank } from '../../src/bot/severity.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation, Severity, Time } from '../../src/checks/observation.ts';
import { type Delivery, openDelivery } from './delivery.ts';

/** Something a person would have read. `severity` is the story's. */
export type Told = { atMs: number; story: string; severity: Severity; title: string; checks: string[] };
export type Lived = {
  /** Of the scenario's start. */
  startMs: number;
  endMs: number;
  told: Told[];
  records: LoggedEvent[];
  looks: number;
  /** Machines running at the end that the scenario's start did not know. */
  broken: string[];
};

const start = '2026-11-23T10:00:00.000Z';
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export async function live(
  scenario: Scenario,
  options: { seed: number; profile: Profile; push: boolean; days: number; stepSeconds: number },
): Promise<Lived> {
  const clock = createVirtualClock({ start, speed: 'manual' });
  const startMs = clock.ms();
  const simulated = await startSimulated({ scenario, clock, seed: options.seed });
  const session = await openAwsSession(
    { account: simulated.accountId, name: simulated.accountName },
    { endpoint: simulated.endpoint, credentials: simulated.credentials, clock },
  );
  try {
    const world = watch(simulated, session, clock);
    const past = simulated.state.records(-1);
    const life = await begin(world, past, scenario, startMs);
    let last = past.at(-1)?.turn ?? -1;
    const delivery = openDelivery(options.seed);
    const bot = listen(world, life, delivery, options, scenario);
    const endMs = startMs + options.days * dayMs;
    while (clock.ms() < endMs) {
      await clock.advance(options.stepSeconds);
      const fresh = simulated.state.records(last);
      last = fresh.at(-1)?.turn ?? last;
      await bot.beat(fresh);
    }
    return {
      startMs,
      endMs,
      told: life.told,
      records: simulated.state.records(past.at(-1)?.turn ?? -1),
      looks: bot.looks(),
      broken: life.broken(),
    };
  } finally {
    session.close();
    await simulated.stop();
  }
}

type World = ReturnType<typeof watch>;
/** What the bot sees of the account. */
function watch(simulated: Simulated, session: AwsSession, clock: VirtualClock) {
  const prices = loadPrices();
  const network = networkOf(simulated.networks);
  return {
    simulated,
    session,
    clock,
    regions: allRegions.filter((one) => (defaultRegions as readonly string[]).includes(one)),
    observed: (record: LoggedEvent, heard: Time): Observation[] =>
      translateCloudTrail(record.record, { heard, by: 'aws/audit-log', network, shape: prices.shape, price: prices.usdPerHour })
        .observations,
    /** One look at one region by the real source. */
    async seen(make: (typeof inventories)[number], region: string): Promise<Observation[]> {
      const source: Source = make({ session, clock, regions: async () => ({ names: [region] }) }, prices);
      const observations: Observation[] = [];
      for await (const batch of source.collect({})) observations.push(...batch.observations);
      return observations;
    },
  };
}

/** The past, judged as at the first start; then every finding with what would be told of it. */
async function begin(world: World, past: LoggedEvent[], scenario: Scenario, startMs: number) {
  const now = new Date(startMs).toISOString();
  const since = new Date(startMs - scenario.past.days * dayMs).toISOString();
  const observations: Observation[] = [
    {
      kind: 'look.finished',
      id: 'the past',
      at: now,
      heard: now,
      by: 'aws/history',
      place: { scope: world.session.scope, region: 'global' },
      evidence: [],
      source: 'aws/history',
      noun: 'days of the past',
      of: 1,
      seen: 1,
      since,
      upTo: now,
      complete: true,
    },
    ...past.filter((one) => !one.readOnly).flatMap((record) => world.observed(record, new Date(record.ms).toISOString())),
  ];
  for (const make of inventories) for (const region of world.regions) observations.push(...(await world.seen(make, region)));
  observations.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const inspector = await judgePast(
    async function* () {
      yield* observations;
    },
    { checks, params: {}, now },
  );

  const replaying = createReplay({ checks, inspector, expected: [] });
  const loudest = new Map<string, Severity>();
  const told: Told[] = [];
  return {
    told,
    /** A story is told when it becomes medium or worse, and each time it becomes worse. */
    take(batch: Observation[], heardMs: number): boolean {
      let isSuspicious = false;
      for (const line of replaying.take(batch)) {
        const story = String(line.incident);
        const severity = (line.incidentSeverity ?? line.severity) as Severity;
        if (rank(severity) < rank('medium')) continue;
        isSuspicious = true;
        const before = loudest.get(story);
        if (before !== undefined && rank(before) >= rank(severity)) continue;
        loudest.set(story, severity);
        told.push({ atMs: heardMs, story, severity, title: String(line.title), checks: [String(line.check)] });
      }
      return isSuspicious;
    },
    broken: () => replaying.end().broken,
  };
}

/** The bot's ears: what has been delivered and is due to be looked at. */
function listen(
  world: World,
  life: Awaited<ReturnType<typeof begin>>,
  delivery: Delivery,
  { profile, push, seed }: { profile: Profile; push: boolean; seed: number },
  scenario: Scenario,
) {
  const { clock, regions, simulated } = world;
  const pace = createPace(profile, { home: scenario.account.regions, seed: `${world.session.scope.id} ${seed}` });
  type Waiting = { dueMs: number; region: string; record: LoggedEvent };
  const toLookUp: Waiting[] = [];
  const onTheWay: { dueMs: number; take: () => Promise<void> }[] = [];
  /** Regions in which something changed that a list would show, by source, and from when on. */
  const changed = inventories.map(() => new Map<string, number>());
  let isPushCut = false;
  let looks = 0;

  async function look(index: number, region: string): Promise<void> {
    const sinceMs = changed[index]!.get(region);
    if (sinceMs === undefined || sinceMs > clock.ms()) return;
    changed[index]!.delete(region);
    looks += 1;
    hear(await world.seen(inventories[index]!, region), clock.ms());
  }
  function hear(observations: Observation[], ms: number): void {
    if (life.take(observations, ms)) pace.hurry(new Date(ms).toISOString());
  }
  const arrive = (record: LoggedEvent, ms: number) => hear(world.observed(record, new Date(ms).toISOString()), ms);

  return {
    looks: () => looks,
    async beat(fresh: LoggedEvent[]): Promise<void> {
      const nowMs = clock.ms();
      const now = new Date(nowMs).toISOString();
      for (const record of fresh) {
        if (record.readOnly || isOurs(record, simulated)) continue;
        const { eventID } = record.record;
        toLookUp.push({ dueMs: record.ms + delivery.lookup(eventID), region: record.region, record });
        for (const known of changed) {
          const visibleMs = record.ms + delivery.inventory(eventID);
          known.set(record.region, Math.min(known.get(record.region) ?? visibleMs, visibleMs));
        }
        if (!push || isPushCut) continue;
        if (cutsPush(record)) isPushCut = true;
        // The services tell of machines themselves; what CloudTrail tells needs a trail that is logging.
        if (startsMachines(record)) onTheWay.push({ dueMs: record.ms + delivery.stateChange(eventID), take: () => look(0, record.region) });
        const lateMs = delivery.push(eventID);
        if (lateMs !== undefined && simulated.state.isLogging('*'))
          for (const again of delivery.isDoubled(eventID) ? [0, 1000] : [0])
            onTheWay.push({ dueMs: record.ms + lateMs + again, take: async () => arrive(record, record.ms + lateMs + again) });
      }
      const arrived = onTheWay.filter((one) => one.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
      for (const one of arrived) {
        onTheWay.splice(onTheWay.indexOf(one), 1);
        await one.take();
      }
      for (const region of pace.due('log', 'log', regions, now)) {
        const readable = toLookUp.filter((one) => one.region === region && one.dueMs <= nowMs);
        if (readable.length === 0) continue;
        for (const one of readable) toLookUp.splice(toLookUp.indexOf(one), 1);
        hear(
          readable.flatMap(({ record }) =>
            (delivery.isDoubled(record.record.eventID) ? [record, record] : [record]).flatMap((one) => world.observed(one, now)),
          ),
          nowMs,
        );
      }
      for (const index of inventories.keys())
        for (const region of pace.due(`list ${index}`, index === 0 ? 'machines' : 'services', regions, now)) await look(index, region);
    },
  };
}

/** The bot's own calls over HTTP. */
const isOurs = ({ accessKeyId }: LoggedEvent, simulated: Simulated): boolean => accessKeyId === simulated.credentials.accessKeyId;
const wasDone = ({ record }: LoggedEvent): boolean => record.errorCode === undefined;
const cutsPush = (event: LoggedEvent): boolean =>
  event.record.eventSource === 'events.amazonaws.com' &&
  /^(DeleteRule|DisableRule|RemoveTargets)$/.test(event.record.eventName) &&
  wasDone(event);
const startsMachines = (event: LoggedEvent): boolean =>
  event.record.eventSource === 'ec2.amazonaws.com' && /^(Run|Start)Instances$/.test(event.record.eventName) && wasDone(event);
