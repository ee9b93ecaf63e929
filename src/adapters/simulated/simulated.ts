import type { Log } from '../../bot/ports.ts';
import { botRole, buildWorld, savedMachines } from './build.ts';
import { makeServiceCall } from './call.ts';
import type { VirtualClock } from './clock.ts';
import type { LoggedEvent } from './event-log.ts';
import type { Faults } from './fault.ts';
import { play, playPast } from './play.ts';
import { queueUrl } from './push.ts';
import { type Expectation, type Scenario, servicesOf } from './scenario.ts';
import { type Asked, openDoor } from './server.ts';
import { madeUpSecret, openSession } from './services/sts.ts';
import { loadServices } from './services.ts';
import { type InstanceState, stateAt, type World } from './world.ts';

/** A running simulated account. */
export type Simulated = {
  /** For the SDK clients' `endpoint`; loopback only. */
  endpoint: string;
  accountId: string;
  accountName: string;
  /** Where the scenario's account usually works; the first is home. */
  regions: string[];
  /** The bot's made-up session of the role `roleArn`. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  roleArn: string;
  /** Whose the scenario's made-up addresses are, for whoever looks networks up. */
  networks: Scenario['networks'];
  /** What people declared beforehand. */
  expected: Expectation[];
  /** Where events are sent, when push is on in the scenario. */
  queueUrl?: string;
  faults: Faults;
  /** The truth, for tests and benches. */
  state: {
    instances(filter?: { region?: string; state?: InstanceState; launchedBy?: string }): {
      id: string;
      region: string;
      type: string;
      state: InstanceState;
      launchedBy: string;
      launchedAt: string;
    }[];
    /** Pending or running, launched at or after the scenario's start. */
    runningSinceStart(): number;
    /** All that has cost money by the hour so far, since before the scenario's start. */
    meters(): Meter[];
    key(id: string): 'Active' | 'Inactive' | 'gone';
    keysOf(user: string): string[];
    users(): string[];
    /** That trail, or any. */
    isLogging(trail?: string): boolean;
    /** Records so far, visible or not. */
    events(): number;
    /** Those written down after that turn (-1: all), in the order in which they were; reads too. */
    records(afterTurn: number): LoggedEvent[];
  };
  stop(): Promise<void>;
};

/**
 * Something that costs money by the hour, under its service's name on the bill: a machine while it runs, or another service's thing.
 * Without `untilMs` it goes on.
 */
export type Meter = { service: string; region: string; fromMs: number; untilMs?: number } & (
  | { type: string; spot: boolean }
  | { usdPerHour: number }
);

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Builds the account, plays its past, opens the door and lets the scenario run on the clock. `seed` overrides the scenario's. `onRequest` is
 * told of every request over HTTP; it must not throw.
 */
export async function startSimulated(options: {
  scenario: Scenario;
  clock: VirtualClock;
  seed?: number;
  log?: Log;
  onRequest?: (asked: Asked) => void;
}): Promise<Simulated> {
  const { scenario, clock, log = quiet } = options;
  const startMs = clock.ms();
  const services = await loadServices(servicesOf(scenario));
  const world = buildWorld(scenario, startMs, options.seed ?? scenario.seed);
  world.asService = (by, request) =>
    makeServiceCall(world, services.loaded[request.service], { ...request, accessKeyId: '', from: by.service, userAgent: by.service }, by);
  const stage = { world, scenario, services, startMs, log, known: savedMachines(world, scenario) };
  playPast(stage);

  const session = openSession(world, { of: { kind: 'role', name: botRole }, sessionName: 'cloudwarden', createdMs: startMs, mfa: false });
  const door = await openDoor(world, services, clock, log, options.onRequest);
  const stopping = new AbortController();
  const played = play(stage, clock, stopping.signal).catch((error: unknown) => log.error({ error }, 'the scenario broke'));

  const instances: Simulated['state']['instances'] = (filter = {}) =>
    [...world.instances.values()]
      .map((each) => ({
        id: each.id,
        region: each.region,
        type: each.type,
        state: stateAt(each, clock.ms()),
        launchedBy: each.launchedBy,
        launchedAt: new Date(each.launchedMs).toISOString(),
      }))
      .filter(
        (each) =>
          (filter.region ?? each.region) === each.region &&
          (filter.state ?? each.state) === each.state &&
          (filter.launchedBy ?? each.launchedBy) === each.launchedBy,
      );
  return {
    endpoint: door.endpoint,
    accountId: world.accountId,
    accountName: world.name,
    regions: scenario.account.regions,
    credentials: { accessKeyId: session.id, secretAccessKey: madeUpSecret, sessionToken: `made-up-token-of-${session.id}` },
    roleArn: `arn:aws:iam::${world.accountId}:role/${botRole}`,
    networks: scenario.networks,
    expected: scenario.expected,
    ...(scenario.push ? { queueUrl: queueUrl(world.accountId, scenario.account.regions[0] ?? 'us-east-1', scenario.push.queue) } : {}),
    faults: world.faults,
    state: {
      instances,
      runningSinceStart: () =>
        instances().filter((each) => (each.state === 'running' || each.state === 'pending') && Date.parse(each.launchedAt) >= startMs)
          .length,
      meters: () => [...machineMeters(world, clock.ms()), ...world.usage.map(({ what: _, ...usage }) => usage)],
      key(id) {
        const key = world.identity.latest().keys.get(id);
        return key ? (key.active ? 'Active' : 'Inactive') : 'gone';
      },
      keysOf: (user) => [...world.identity.latest().keys.values()].filter((key) => key.user === user).map((key) => key.id),
      users: () => [...world.identity.latest().users.keys()],
      isLogging: (name) => [...world.trails.values()].some((trail) => trail.logging && (name === undefined || trail.name === name)),
      events: () => world.events.count(),
      records: (afterTurn) => world.events.after(afterTurn),
    },
    async stop() {
      stopping.abort();
      await played;
      await door.close();
    },
  };
}

const machineMeters = (world: World, nowMs: number): Meter[] =>
  [...world.instances.values()].flatMap(({ type, region, spot, phases }) =>
    phases.flatMap(({ state, fromMs }, at) => {
      const untilMs = phases[at + 1]?.fromMs;
      return state !== 'running' || fromMs > nowMs
        ? []
        : [
            {
              service: 'Amazon Elastic Compute Cloud - Compute',
              region,
              type,
              spot,
              fromMs,
              ...(untilMs === undefined ? {} : { untilMs }),
            },
          ];
    }),
  );
