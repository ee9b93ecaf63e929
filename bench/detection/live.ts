/**
 * One account with one scenario, from its past to its end, as the bot would have lived it: the records and the lists of machines come when
 * the delivery model and the pace of looking let them come, go through the translator, the checks and the stories of live, and what would
 * have been told is written down. Machines are read by the real sources and the real SDK clients from the simulated account; records are
 * handed to the translator as they stand in the simulated log.
 */
import { isOurs } from '../../src/adapters/aws/account.ts';
import { createPace, type Pace, type Profile } from '../../src/adapters/aws/pace.ts';
import { loadPrices } from '../../src/adapters/aws/prices.ts';
import { pushedNames } from '../../src/adapters/aws/push-template.ts';
import { type AwsSession, openAwsSession } from '../../src/adapters/aws/session.ts';
import { isOfLists } from '../../src/adapters/aws/sources/audit-log.ts';
import { health } from '../../src/adapters/aws/sources/health.ts';
import { inventories, listsShowing } from '../../src/adapters/aws/sources/inventories.ts';
import { openRegions, type Sight } from '../../src/adapters/aws/sources/looking.ts';
import { metrics } from '../../src/adapters/aws/sources/metrics.ts';
import { threatDetector } from '../../src/adapters/aws/sources/threat-detector.ts';
import { acts } from '../../src/adapters/aws/translate/acts.ts';
import { translateCloudTrail } from '../../src/adapters/aws/translate/cloudtrail.ts';
import { createVirtualClock, type VirtualClock } from '../../src/adapters/simulated/clock.ts';
import type { LoggedEvent } from '../../src/adapters/simulated/event-log.ts';
import { networkOf } from '../../src/adapters/simulated/networks.ts';
import { allRegions, defaultRegions } from '../../src/adapters/simulated/regions.ts';
import type { Scenario } from '../../src/adapters/simulated/scenario.ts';
import { type Meter, type Simulated, startSimulated } from '../../src/adapters/simulated/simulated.ts';
import { mayStillMatter } from '../../src/adapters/store/observations.ts';
import { declared as declare, mostDays } from '../../src/bot/expected.ts';
import { judgePast } from '../../src/bot/history.ts';
import type { Cursors, Expectation, Source } from '../../src/bot/ports.ts';
import { createReplay } from '../../src/bot/replay.ts';
import { rank } from '../../src/bot/severity.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation, Severity, Time } from '../../src/checks/observation.ts';
import { openDelivery } from './delivery.ts';

/** Something a person would have read. `severity` is the story's. */
export type Told = { atMs: number; story: string; severity: Severity; title: string; checks: string[] };
export type Lived = {
  told: Told[];
  /** What happened since the start, the bot's own calls left out. */
  records: LoggedEvent[];
  meters: Meter[];
  /** What checks could not do: nothing, or the run proves nothing. */
  broken: string[];
};
/** How the bot hears. `cut`: push was set up, and is dead from the start without anybody having seen how. */
export type Hearing = 'push' | 'poll' | 'cut';
export type Life = {
  seed: number;
  hearing: Hearing;
  startMs: number;
  endMs: number;
  /** Enough is known as soon as somebody is woken at or after this time. */
  endWhenWokenFromMs?: number;
};

const dayMs = 86_400_000;
const profileOf: Record<Hearing, Profile> = { push: 'standard', cut: 'standard', poll: 'poll only' };
/** How often the bot's ears are asked, in seconds: what is looked at is seen so much later at most. */
const busyStep = 5;
const idleStep = 60;

export async function live(scenario: Scenario, life: Life): Promise<Lived> {
  const clock = createVirtualClock({ start: new Date(life.startMs).toISOString(), speed: 'manual' });
  const simulated = await startSimulated({ scenario, clock, seed: life.seed });
  const session = await openAwsSession(
    { account: simulated.accountId, name: simulated.accountName },
    { endpoint: simulated.endpoint, credentials: simulated.credentials, clock },
  );
  try {
    const world = watch(simulated, scenario, session, clock);
    const past = simulated.state.records(-1);
    const mind = await begin(world, past, scenario, life.startMs);
    const bot = listen(world, mind, life);
    const wakingFromMs = life.endWhenWokenFromMs ?? Number.POSITIVE_INFINITY;
    const before = past.at(-1)?.turn ?? -1;
    let last = before;
    const isOver = () =>
      clock.ms() >= life.endMs || mind.told.some(({ atMs, severity }) => atMs >= wakingFromMs && rank(severity) >= rank('high'));
    while (!isOver()) {
      await clock.advance(bot.isBusy() ? busyStep : idleStep);
      const fresh = simulated.state.records(last);
      last = fresh.at(-1)?.turn ?? last;
      await bot.beat(fresh.filter((record) => record.accessKeyId !== simulated.credentials.accessKeyId));
    }
    return {
      told: mind.told,
      records: simulated.state.records(before).filter((record) => record.accessKeyId !== simulated.credentials.accessKeyId),
      meters: simulated.state.meters(),
      broken: mind.broken(),
    };
  } finally {
    session.close();
    await simulated.stop();
  }
}

type World = ReturnType<typeof watch>;
/** What the bot sees of the account. */
function watch(simulated: Simulated, scenario: Scenario, session: AwsSession, clock: VirtualClock) {
  const prices = loadPrices();
  const network = networkOf(simulated.networks);
  const lists = new Map<string, () => Promise<Observation[]>>();
  return {
    simulated,
    session,
    clock,
    listNames: inventories.map((make) => make({ session, clock, regions: async () => ({ names: [] }) }, prices).name),
    regions: allRegions.filter((one) => (defaultRegions as readonly string[]).includes(one)),
    observed: (record: LoggedEvent, heard: Time): Observation[] =>
      translateCloudTrail(record.record, {
        heard,
        by: 'aws/audit-log',
        network,
        shape: prices.shape,
        price: prices.usdPerHour,
        servicePrices: prices,
        own: { read: simulated.roleArn },
        ours: isOurs([simulated.roleArn]),
      }).observations,
    /** One look at one region by the real source. */
    async seen(make: (typeof inventories)[number], region: string): Promise<Observation[]> {
      const name = `${inventories.indexOf(make)} ${region}`;
      const look = lists.get(name) ?? reading(make({ session, clock, regions: async () => ({ names: [region] }) }, prices));
      lists.set(name, look);
      return look();
    },
    /** What the provider itself finds and measures, where a scenario has any of it: read by the real sources, each at its own pace. */
    others(pace: Pace, isPushed: boolean): { everySeconds: number; look: () => Promise<Observation[]> }[] {
      if (!speaks(scenario)) return [];
      const sight: Sight = { session, clock, regions: openRegions(session, clock) };
      const paced = { ...sight, pace };
      // What is found is pushed within half a minute; looking every minute stands for that.
      const pushed = [threatDetector(isPushed ? sight : paced), health(sight)].map((source) => ({
        everySeconds: isPushed ? 60 : source.everySeconds,
        look: reading(source),
      }));
      const measured = metrics(paced, { young: async () => [] });
      return [...pushed, { everySeconds: measured.everySeconds, look: reading(measured) }];
    },
  };
}

/** A source that goes on from its last look. */
function reading(source: Source): () => Promise<Observation[]> {
  let cursors: Cursors = {};
  return async () => {
    const observations: Observation[] = [];
    for await (const batch of source.collect(cursors)) {
      observations.push(...batch.observations);
      cursors = { ...cursors, ...batch.cursors };
    }
    return observations;
  };
}

/** Calls of models are reads: no log that is looked up or pushed tells of them, only what CloudWatch counts. */
const speaks = ({ findings, health, metrics, attack, normal }: Scenario): boolean =>
  findings.length + health.length + metrics.length > 0 ||
  [...attack, ...normal.flatMap(({ call, do: deeds }) => [{ call: call ?? '' }, ...deeds])].some(({ call }) => /^bedrock/.test(call));

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

  const told: Told[] = [];
  const keeper = keepNews();
  keeper(observations);
  const replaying = createReplay({ checks, inspector, expected: declared(scenario, world, startMs) });
  const loudest = new Map<string, Severity>();
  return {
    told,
    /** A story is told when it becomes medium or worse, and each time it becomes worse. */
    take(batch: Observation[], heardMs: number): boolean {
      let isSuspicious = false;
      for (const line of replaying.take(keeper(batch))) {
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

/** What was not heard before, or says something else than before: all that the store hands on. */
function keepNews(): (observations: Observation[]) => Observation[] {
  const known = new Map<string, string>();
  return (observations) =>
    observations.filter((observation) => {
      const { heard: _, ...one } = observation;
      const said = JSON.stringify(one);
      const before = known.get(one.id);
      known.set(one.id, said);
      return before === undefined || (before !== said && mayStillMatter(observation));
    });
}

/** What people of the account declared beforehand, as an admin of the bot would have. */
function declared(scenario: Scenario, { session }: World, startMs: number): Expectation[] {
  const timeOf = (seconds: number): Time => new Date(startMs + seconds * 1000).toISOString();
  return scenario.expected.flatMap(({ who, what, region, from, until, capUsdPerHour = 100_000 }) => {
    const name = who?.replace(/^console\//, '');
    const arn = name && `arn:aws:iam::${session.scope.id}:${name.startsWith('role/') ? name : `user/${name}`}`;
    // What takes longer than may be declared at once is declared again when it ends.
    const longest = (arn ? mostDays.principal : mostDays.region) * 86_400;
    const begins = Array.from({ length: Math.ceil((until - from) / longest) }, (_, turn) => from + turn * longest);
    return begins.map((begin) =>
      declare({
        what,
        scope: session.scope,
        ...(region ? { region } : {}),
        ...(arn ? { principal: `principal:${arn}` as const } : {}),
        from: timeOf(begin),
        until: timeOf(Math.min(until, begin + longest)),
        upToUsdPerHour: capUsdPerHour,
        by: 'slack:an-admin',
      }),
    );
  });
}

/** The bot's ears: what has been delivered and is due to be looked at. */
function listen(world: World, mind: Awaited<ReturnType<typeof begin>>, { hearing, seed }: Life) {
  const { clock, regions, simulated } = world;
  const delivery = openDelivery(seed);
  const pace = createPace(profileOf[hearing], { home: simulated.regions, seed: `${world.session.scope.id} ${seed}` });
  const toLookUp: { dueMs: number; record: LoggedEvent }[] = [];
  const onTheWay: { dueMs: number; take: () => Promise<void> }[] = [];
  /** Regions in which something changed that a list would show, by source, and from when on. */
  const changed = inventories.map(() => new Map<string, number>());
  const others = world.others(pace, hearing === 'push').map((source) => ({ ...source, dueMs: clock.ms() }));
  let isPushAlive = hearing === 'push';
  let isTrailed = simulated.state.isLogging();

  const hint = (service: string | undefined, region: string): void => {
    for (const list of listsShowing(service)) pace.hint(list, region);
  };
  async function look(index: number, region: string): Promise<void> {
    const sinceMs = changed[index]!.get(region);
    if (sinceMs === undefined || sinceMs > clock.ms()) return;
    changed[index]!.delete(region);
    hear(await world.seen(inventories[index]!, region), clock.ms());
  }
  function hear(observations: Observation[], ms: number): void {
    if (mind.take(observations, ms)) pace.hurry(new Date(ms).toISOString());
  }

  /** Something was recorded: from now on it is on its way by each path. */
  function send(record: LoggedEvent): void {
    const { eventID } = record.record;
    toLookUp.push({ dueMs: record.ms + delivery.lookup(eventID), record });
    const visibleMs = record.ms + delivery.inventory(eventID);
    for (const known of changed) known.set(record.region, Math.min(known.get(record.region) ?? visibleMs, visibleMs));
    if (!isPushAlive) return;
    // Machines and tasks are told of by the services themselves; what CloudTrail tells needs a trail that is logging.
    const service = tellsOfItself(record);
    if (service) onTheWay.push({ dueMs: record.ms + delivery.stateChange(eventID), take: async () => hint(service, record.region) });
    const lateMs = delivery.push(eventID);
    if (!isTrailed || lateMs === undefined || !isPushed(record)) return;
    for (const again of delivery.isDoubled(eventID) ? [0, 1000] : [0]) {
      const dueMs = record.ms + lateMs + again;
      onTheWay.push({ dueMs, take: async () => hear(world.observed(record, new Date(dueMs).toISOString()), dueMs) });
    }
  }

  return {
    isBusy: () => onTheWay.length > 0 || toLookUp.length > 0,
    async beat(fresh: LoggedEvent[]): Promise<void> {
      const nowMs = clock.ms();
      const now = new Date(nowMs).toISOString();
      for (const record of fresh) {
        if (record.readOnly) continue;
        send(record);
        // The call that ends a trail is still told, by the trail; that a rule's own end is told, nobody promises.
        if (cutsRule(record)) isPushAlive = false;
      }
      isTrailed = simulated.state.isLogging();
      const arrived = onTheWay.filter((one) => one.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
      for (const one of arrived) onTheWay.splice(onTheWay.indexOf(one), 1);
      for (const one of arrived) await one.take();
      for (const region of pace.due('log', 'log', regions, now)) {
        const readable = toLookUp.filter(({ record, dueMs }) => record.region === region && dueMs <= nowMs);
        if (readable.length === 0) continue;
        for (const one of readable) toLookUp.splice(toLookUp.indexOf(one), 1);
        const read = readable
          .flatMap(({ record }) => (delivery.isDoubled(record.record.eventID) ? [record, record] : [record]))
          .flatMap((record) => world.observed(record, now));
        for (const one of read) if (isOfLists(one)) hint(one.service, region);
        hear(read, nowMs);
      }
      for (const [index, name] of world.listNames.entries())
        for (const region of pace.due(name, index === 0 ? 'machines' : 'services', regions, now)) await look(index, region);
      for (const source of others) {
        if (source.dueMs > nowMs) continue;
        source.dueMs = nowMs + source.everySeconds * 1000;
        hear(await source.look(), nowMs);
      }
    },
  };
}

const calls = new Set<string>();
const callsBeginning: string[] = [];
for (const one of pushedNames(acts.keys())) typeof one === 'string' ? calls.add(one) : callsBeginning.push(one.prefix);
/** The rules of the shipped template take it. */
const isPushed = ({ record }: LoggedEvent): boolean =>
  calls.has(record.eventName) ||
  callsBeginning.some((start) => record.eventName.startsWith(start)) ||
  (record.userIdentity as { type?: string } | undefined)?.type === 'Root';

const wasDone = ({ record }: LoggedEvent): boolean => record.errorCode === undefined;
const cutsRule = (event: LoggedEvent): boolean =>
  event.record.eventSource === 'events.amazonaws.com' &&
  /^(DeleteRule|DisableRule|RemoveTargets)$/.test(event.record.eventName) &&
  wasDone(event);
/** The service, where it says so by itself that something of it started. */
function tellsOfItself(event: LoggedEvent): 'EC2' | 'ECS' | undefined {
  if (!wasDone(event)) return undefined;
  const call = `${event.record.eventSource}:${event.record.eventName}`;
  if (/^ec2\.amazonaws\.com:(Run|Start)Instances$/.test(call)) return 'EC2';
  return call === 'ecs.amazonaws.com:RunTask' ? 'ECS' : undefined;
}
