import type { Log } from '../../bot/ports.ts';
import { makeCall, type Result } from './call.ts';
import type { VirtualClock } from './clock.ts';
import { rootName } from './identity.ts';
import { createRandom, type Random } from './random.ts';
import type { Recurring, Scenario, Step } from './scenario.ts';
import { habitOf } from './scenario-check.ts';
import { wantMachines } from './services/auto-scaling.ts';
import { openSession } from './services/sts.ts';
import { type Services, signingName } from './services.ts';
import { plainTypes, type Shape } from './wire.ts';
import type { World } from './world.ts';

/** What a play works on. `known`: what the past saved, for everybody. */
export type Stage = { world: World; scenario: Scenario; services: Services; startMs: number; log: Log; known: Map<string, unknown> };

/** Plays what recurred before the start, in the order of time, through the same door as everything else. */
export function playPast(stage: Stage): void {
  const { scenario, startMs } = stage;
  const fromMs = startMs - scenario.past.days * 86_400_000;
  scale(stage, fromMs);
  const recurred = scenario.past.calls.flatMap((entry, at) => {
    const times: number[] = [];
    for (const ms of occurrences(stage, entry, `past/${at}`, fromMs)) {
      if (ms >= startMs) break;
      times.push(ms);
    }
    return times.flatMap((ms) => {
      const saved = new Map<string, unknown>([['time', compactTime(ms)]]);
      return deedsOf(entry)
        .map((deed) => ({ ms: ms + deed.after * 1000, deed, entry, saved }))
        .filter((each) => each.ms < startMs);
    });
  });
  const once = scenario.past.deeds.flatMap((step) =>
    [...timesOf(step, startMs)]
      .filter((ms) => ms < startMs)
      .map((ms) => ({ ms, deed: { ...step, after: 0 }, entry: step, saved: stage.known })),
  );
  for (const { ms, deed, entry, saved } of [...once, ...recurred].sort((a, b) => a.ms - b.ms)) act(stage, entry, deed, saved, ms);
  stage.world.agenda.run(startMs - 1);
}

/** What groups do by their own policies, from the past on. */
function scale({ world, scenario, startMs }: Stage, fromMs: number): void {
  const home = scenario.account.regions[0] ?? 'us-east-1';
  for (const { group, region = home, to, at, hour } of scenario.scaling) {
    if (at !== undefined) world.agenda.add(startMs + at * 1000, (now, ms) => wantMachines(now, region, group, to, ms));
    if (hour === undefined) continue;
    const daily = (firstMs: number) =>
      world.agenda.add(firstMs, (now, ms) => {
        wantMachines(now, region, group, to, ms);
        daily(firstMs + dayMs);
      });
    daily(fromMs - (fromMs % dayMs) + dayMs + hour * 3_600_000);
  }
}
const dayMs = 86_400_000;

/** When a step is tried: once, or as often as it repeats. Without an end when it has none. */
function* timesOf({ at, repeat }: Step, startMs: number): Generator<number> {
  const lastMs = startMs + (repeat?.until ?? Number.POSITIVE_INFINITY) * 1000;
  const times = repeat ? (repeat.times ?? Number.POSITIVE_INFINITY) : 1;
  for (let turn = 0; turn < times; turn++) {
    const ms = startMs + (at + turn * (repeat?.every ?? 0)) * 1000;
    if (ms > lastMs) return;
    yield ms;
  }
}

/** Plays normal life and the attack from the start on, until the signal aborts. Every entry is a loop of its own on the clock. */
export function play(stage: Stage, clock: VirtualClock, signal: AbortSignal): Promise<unknown> {
  const sleepUntil = (ms: number) => clock.sleep((ms - clock.ms()) / 1000, signal);

  const recur = async (entry: Recurring, at: number) => {
    for (const ms of occurrences(stage, entry, `normal/${at}`, stage.startMs)) {
      await sleepUntil(ms);
      if (signal.aborted) return;
      const saved = new Map<string, unknown>([['time', compactTime(ms)]]);
      // Not awaited: what comes later in this occurrence must not hold up the next one.
      void follow(entry, ms, saved);
    }
  };
  const follow = async (entry: Recurring, ms: number, saved: Map<string, unknown>) => {
    for (const deed of deedsOf(entry)) {
      await sleepUntil(ms + deed.after * 1000);
      if (signal.aborted) return;
      act(stage, entry, deed, saved, clock.ms());
    }
  };

  const strike = async (step: Step, saved: Map<string, unknown>) => {
    for (const ms of timesOf(step, stage.startMs)) {
      await sleepUntil(ms);
      if (signal.aborted) return;
      act(stage, step, { ...step, after: 0 }, saved, clock.ms());
    }
  };

  const { agenda } = stage.world;
  agenda.watch((ms) => {
    void sleepUntil(ms).then(() => {
      if (!signal.aborted) agenda.run(clock.ms());
    });
  });
  // What one of them learned the others do not know.
  const [attackers, honest] = [new Map<string, unknown>(), new Map<string, unknown>()];
  return Promise.all([
    ...stage.scenario.attack.map((step) => strike(step, attackers)),
    ...stage.scenario.deeds.map((step) => strike(step, honest)),
    ...stage.scenario.normal.map(recur),
  ]);
}

type Deed = {
  after: number;
  call: string;
  with: Shape;
  region?: string | string[] | undefined;
  save?: string | undefined;
  fails?: string | undefined;
};

const deedsOf = (entry: Recurring): Deed[] =>
  entry.call
    ? [{ after: 0, call: entry.call, with: entry.with, region: entry.region, fails: entry.fails }]
    : entry.do.map((deed) => ({ ...deed, region: deed.region ?? entry.region }));

/** The times an entry recurs, from then on, jittered by the seed. */
function* occurrences({ world, startMs }: Stage, entry: Recurring, name: string, fromMs: number): Generator<number> {
  const chance = createRandom(world.seed, name);
  const sinceMs = Math.max(fromMs, startMs + (entry.since ?? Number.NEGATIVE_INFINITY) * 1000);
  const untilMs = startMs + (entry.until ?? Number.POSITIVE_INFINITY) * 1000;
  // The first turn falls anywhere within the interval, so that not everything happens at once.
  for (let ms = sinceMs + chance.next() * entry.every * 1000; ms <= untilMs; ms += entry.every * 1000) {
    const moved = inHours(entry, Math.round(ms + (chance.next() * 2 - 1) * entry.jitter * 1000), chance);
    if (moved !== undefined && moved >= sinceMs) yield moved;
  }
}

/**
 * What recurs several times a day is left out outside the hours and on free days; what is rarer is moved to where it fits, or a weekly
 * task could fall on every Sunday and never happen.
 */
function inHours({ hours, weekdays, every }: Recurring, ms: number, chance: Random): number | undefined {
  const [from, to] = hours ?? [0, 24];
  const isRare = every >= 43_200;
  const hour = new Date(ms).getUTCHours();
  const isFree = (time: number) => weekdays && [0, 6].includes(new Date(time).getUTCDay());
  if (!isRare) return isFree(ms) || (from <= to ? hour < from || hour >= to : hour < from && hour >= to) ? undefined : ms;
  let moved = ms;
  if (from < to && (hour < from || hour >= to))
    moved = ms - (ms % 86_400_000) + Math.round((from + chance.next() * (to - from)) * 3_600_000);
  while (isFree(moved)) moved += 86_400_000;
  return moved;
}

/** One deed, in each of its regions. A refusal is part of the story; a deed that refers to something that never came to be is left out. */
function act(stage: Stage, entry: Recurring | Step, deed: Deed, saved: Map<string, unknown>, ms: number): void {
  const { world, scenario, services, log } = stage;
  const known = new Map<string, unknown>([['time', compactTime(ms)], ...stage.known, ...saved]);
  const accessKeyId = keyFor(stage, entry.as, known, ms);
  const input = fill(deed.with, known);
  if (!accessKeyId || input === missing) {
    log.debug({ call: deed.call, as: entry.as }, 'a scenario step was left out: what it refers to does not exist');
    return;
  }
  const [given = '', operation = ''] = deed.call.split(':');
  const serviceName = signingName(given);
  const service = services.loaded[serviceName];
  const schema = service?.wire?.operation(operation);
  const habit = habitOf(scenario, entry.as);
  let kept: Shape | undefined;
  for (const region of [deed.region ?? scenario.account.regions[0] ?? 'us-east-1'].flat()) {
    const result: Result = makeCall(world, service, {
      service: serviceName,
      operation,
      region,
      accessKeyId,
      from: entry.from ?? habit?.from ?? scenario.account.botAddress,
      userAgent: entry.userAgent ?? habit?.userAgent ?? 'aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 lang/python#3.13.7',
      ms,
      ...(deed.fails === undefined ? {} : { fails: deed.fails }),
      input: (schema ? plainTypes(schema.input, input) : input) as Shape,
    });
    if (result.kind === 'refused') {
      log.debug({ call: deed.call, region, code: result.error.code }, 'a scenario step was refused');
    } else {
      const told = { ...result.output, ...shortcuts(result.output) };
      kept = { ...told, ...kept, instances: [...asList(kept?.instances), ...asList(told.instances)] };
    }
  }
  if (deed.save && kept) saved.set(deed.save, kept);
}

/** What scenarios mostly want of an answer, under short names. */
function shortcuts(output: Shape): { key: unknown; user: unknown; role: unknown; instances?: unknown } {
  const at = (...path: string[]) => path.reduce<unknown>((value, key) => (value as Shape | undefined)?.[key], output);
  // A fleet answers with lists of ids.
  const instances = output.Instances as { InstanceId?: string; InstanceIds?: string[] }[] | undefined;
  return {
    key: at('AccessKey', 'AccessKeyId') ?? at('Credentials', 'AccessKeyId'),
    user: at('User', 'UserName') ?? at('AccessKey', 'UserName'),
    role: at('Role', 'RoleName'),
    ...(instances ? { instances: instances.flatMap(({ InstanceId, InstanceIds }) => InstanceIds ?? InstanceId ?? []) } : {}),
  };
}

function keyFor({ world, scenario }: Stage, as: string, saved: Map<string, unknown>, ms: number): string | undefined {
  if (as.startsWith('${')) {
    const key = fill(as, saved);
    return typeof key === 'string' ? key : undefined;
  }
  const sessionOf = (kind: 'user' | 'role' | 'root', name: string, sessionName: string, mfa: boolean): string => {
    // A workload or a visitor gets a fresh session every day, like in life.
    const day = Math.floor(ms / 86_400_000);
    const open = [...world.sessions.values()].find(
      (session) =>
        session.of.kind === kind &&
        session.of.name === name &&
        session.sessionName === sessionName &&
        Math.floor(session.createdMs / 86_400_000) === day,
    );
    return (open ?? openSession(world, { of: { kind, name }, sessionName, createdMs: Math.max(ms - 60_000, day * 86_400_000), mfa })).id;
  };
  if (as === 'console/root' && !world.identity.latest().users.has('root')) return sessionOf('root', 'root', 'root', world.rootMfa);
  if (as.startsWith('role/')) {
    const name = as.slice('role/'.length);
    const role = scenario.roles.find((each) => each.name === name);
    // One made while the scenario is played has no habits.
    const isThere = world.identity.latest().roles.has(name);
    return isThere || role ? sessionOf('role', name, role?.session ?? 'session', false) : undefined;
  }
  if (as.startsWith('console/')) {
    const name = as.slice('console/'.length);
    const user = scenario.users.find((each) => each.name === name) ?? world.identity.latest().users.get(name);
    return user && sessionOf('user', name, name, user.mfa);
  }
  if (/^AKIA/.test(as)) return as;
  const owner = as === 'root' && !world.identity.latest().users.has('root') ? rootName : as;
  const keys = [...world.identity.latest().keys.values()].filter((key) => key.user === owner);
  // The key the user had from the first, also when somebody has added another since.
  return keys.sort((a, b) => a.createdMs - b.createdMs)[0]?.id;
}

/** 20260310T100500: for names that must not be taken yet. */
const compactTime = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\..*$/g, '');

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const missing = Symbol('missing');

/** `${word.path}` replaced by what was saved; a text that is nothing else becomes the value itself. */
function fill(value: unknown, saved: Map<string, unknown>): unknown {
  if (typeof value === 'string') {
    const whole = /^\$\{([\w.]+)\}$/.exec(value);
    if (whole) return lookUp(whole[1]!, saved);
    let isMissing = false;
    const text = value.replace(/\$\{([\w.]+)\}/g, (_, path: string) => {
      const found = lookUp(path, saved);
      if (found === missing) isMissing = true;
      return String(found === missing ? '' : found);
    });
    return isMissing ? missing : text;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => fill(item, saved));
    return items.includes(missing) ? missing : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, fill(item, saved)] as const);
  return entries.some(([, item]) => item === missing) ? missing : Object.fromEntries(entries);
}

function lookUp(path: string, saved: Map<string, unknown>): unknown {
  const [word = '', ...rest] = path.split('.');
  const found = rest.reduce<unknown>((value, key) => (value as Shape | undefined)?.[key], saved.get(word));
  return found ?? missing;
}
