/** How long it takes until the bot hears of something: measured with its own probes. Pure. */
import type { Observation, Scope } from '../checks/observation.ts';
import type { Message, Text } from './message.ts';

/**
 * Measured delays of one path into one account, in seconds. `tries`: probes whose answer is known; `late`: those that took longer than
 * they may, or never came; they count as the slowest, so that `p95` is undefined when more than one in twenty never came.
 */
export type Latency = {
  scope: Scope;
  path: 'push' | 'poll';
  tries: number;
  late: number;
  p50?: number;
  p95?: number;
  /** The last that came back took so long. */
  last?: number;
  slowest: { region: string; seconds: number } | undefined;
};

/** Of all probes among these observations, in any order; one line for each account and path, push first. */
export function latencies(observations: Iterable<Observation>): Latency[] {
  const probes = new Map<string, Probe>();
  for (const one of observations) {
    if (one.kind !== 'probe.returned') continue;
    const known = probes.get(one.id);
    if (!known || known.heard <= one.heard) probes.set(one.id, one);
  }
  const groups = Map.groupBy(probes.values(), ({ place, path }) => `${place.scope.cloud} ${place.scope.id} ${path === 'push' ? 0 : 1}`);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => ofGroup(group));
}

/** What one source brought: from the moment something happened to the moment it was heard of, in seconds. */
export type Hearing = { by: string; count: number; p50: number; p95: number };

/**
 * The delay of every source that tells of acts and alerts. Of one that was heard several times the first hearing counts, so this wants what
 * sources bring as they bring it: a store keeps the last hearing, which for a log that is read with an overlap is later.
 */
export function hearings(observations: Iterable<Observation>): Hearing[] {
  const first = new Map<string, Observation>();
  for (const one of observations) {
    if (!isAct(one)) continue;
    const known = first.get(one.id);
    if (!known || one.heard < known.heard) first.set(one.id, one);
  }
  return [...Map.groupBy(first.values(), ({ by }) => by)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([by, group]) => {
      const took = group.map(({ at, heard }) => Math.max(0, (Date.parse(heard) - Date.parse(at)) / 1000)).sort((a, b) => a - b);
      return { by, count: took.length, p50: share(took, 0.5), p95: share(took, 0.95) };
    });
}

/** The time of what is not listed here is not the time of an act, or the bot's own. */
const isAct = ({ kind }: Observation): boolean =>
  ![
    'look.finished',
    'probe.returned',
    'queue.measured',
    'spend.recorded',
    'spend.detailed',
    'budget.seen',
    'usage.measured',
    'identity.linked',
  ].includes(kind);

/** The answer to `/warden latency`. `accounts` are those guarded, `hours` is how far back the observations go. */
export function latencyMessage(measured: Latency[], accounts: { scope: Scope; name: string }[], hours: number): Message {
  const items = accounts.flatMap(({ scope, name }): Text[] => {
    const mine = measured.filter((one) => one.scope.cloud === scope.cloud && one.scope.id === scope.id);
    return mine.length > 0 ? mine.map((one) => line(name, one)) : [`${name}: not measured yet; the first probe is back within minutes`];
  });
  const [first] = measured;
  const summary =
    first?.p50 !== undefined
      ? `Events reach me by ${first.path} in ${inWords(first.p50)} (half of them)`
      : 'How long events take to reach me';
  return {
    summary: summary.slice(0, 110),
    parts: [
      { kind: 'text', text: `How long it takes until I hear of something, measured over ${hours} hours:` },
      { kind: 'list', items },
      { kind: 'text', text: 'Measured with calls of my own that the provider writes down and refuses.', quiet: true },
    ],
  };
}

type Probe = Extract<Observation, { kind: 'probe.returned' }>;

function ofGroup(group: [Probe, ...Probe[]] | Probe[]): Latency {
  const inTime = [...group].sort((a, b) => (a.sentAt < b.sentAt ? -1 : a.sentAt > b.sentAt ? 1 : 0));
  const { place, path } = inTime[0]!;
  const took = inTime.map(({ seconds }) => seconds ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const [p50, p95] = [share(took, 0.5), share(took, 0.95)];
  const last = inTime.findLast(({ seconds }) => seconds !== undefined)?.seconds;
  const slowest = inTime.reduce<Latency['slowest']>(
    (most, { seconds, place: { region } }) =>
      seconds !== undefined && (most === undefined || seconds > most.seconds) ? { region, seconds } : most,
    undefined,
  );
  return {
    scope: place.scope,
    path,
    tries: took.length,
    late: inTime.filter(({ seconds, within }) => seconds === undefined || seconds > within).length,
    ...(Number.isFinite(p50) ? { p50 } : {}),
    ...(Number.isFinite(p95) ? { p95 } : {}),
    ...(last !== undefined ? { last } : {}),
    slowest,
  };
}

/** The smallest value that at least this share does not exceed (nearest rank). */
const share = (sorted: number[], part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.POSITIVE_INFINITY;

function line(name: string, { path, tries, late, p50, p95, last, slowest }: Latency): Text {
  const how = path === 'push' ? 'pushed events' : 'events read from the log';
  const half = p50 !== undefined ? `half within ${inWords(p50)}` : 'more than half never came';
  const most = p95 !== undefined ? `95 of 100 within ${inWords(p95)}` : 'more than 5 of 100 never came';
  const worst = slowest !== undefined ? `; slowest ${inWords(slowest.seconds)} in ${slowest.region}` : '';
  const newest = last !== undefined ? `; last ${inWords(last)}` : '';
  const few = tries === 1 ? '1 try' : `${tries} tries`;
  return [{ bold: name }, `, ${how}: ${half}, ${most} (${few}${late > 0 ? `, ${late} late or lost` : ''}${worst}${newest})`];
}

const inWords = (seconds: number): string =>
  seconds < 120
    ? `${Math.round(seconds)} s`
    : seconds < 7200
      ? `${(seconds / 60).toFixed(1).replace(/\.0$/, '')} min`
      : `${Math.round(seconds / 3600)} h`;
