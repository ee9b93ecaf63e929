/** What all AWS sources do alike: many regions at once, in small numbers, and an honest end of every look. */

import type { Clock } from '../../../bot/ports.ts';
import type { Of, Place, Scope, Time } from '../../../checks/observation.ts';
import type { Pace, Reading } from '../pace.ts';
import type { AwsSession } from '../session.ts';
import { troubleOf } from '../trouble.ts';

/** What a source needs of the world. Without a pace every region is due at every look. */
export type Sight = { session: AwsSession; clock: Clock; regions: Regions; pace?: Pace };

export type RegionList = {
  /** In the order they should be looked at. */
  names: string[];
  /** Why the list may be short, in plain words. */
  gap?: string;
};
/** The enabled regions; asked again after ten minutes, because switching one on is a step of a take-over. */
export type Regions = () => Promise<RegionList>;

/** The regions whose turn it is; none at all is the usual answer between two looks. */
export async function dueRegions(
  { regions, pace, clock }: Pick<Sight, 'regions' | 'pace' | 'clock'>,
  source: string,
  reading: Reading,
  everywhere = false,
): Promise<RegionList> {
  const all = await regions();
  return pace ? { ...all, names: pace.due(source, reading, all.names, clock.now(), everywhere) } : all;
}

export function openRegions(session: AwsSession, clock: Clock): Regions {
  let known: { at: number; names: string[] } | undefined;
  let asking: Promise<RegionList> | undefined;
  return async () => {
    const now = Date.parse(clock.now());
    if (known && Math.abs(now - known.at) < 600_000) return { names: known.names };
    // Many sources find it old at the same moment.
    asking ??= ask(now).finally(() => {
      asking = undefined;
    });
    return asking;
  };

  async function ask(now: number): Promise<RegionList> {
    const { DescribeRegionsCommand } = await import('@aws-sdk/client-ec2');
    try {
      const { Regions = [] } = await (await session.read.ec2('us-east-1')).send(new DescribeRegionsCommand({ AllRegions: true }));
      const names = Regions.flatMap(({ RegionName, OptInStatus }) =>
        RegionName !== undefined && OptInStatus !== 'not-opted-in' ? [RegionName] : [],
      ).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
      if (names.length === 0) throw Object.assign(new Error('no regions'), { name: 'EmptyAnswer' });
      known = { at: now, names };
      return { names };
    } catch (error) {
      const why = troubleOf(error).words;
      return known
        ? { names: known.names, gap: `the list of regions could not be read again: ${why}` }
        : { names: [...everywhere], gap: `the list of regions could not be read: ${why}; looked at those that every account has` };
    }
  }
}

/** IAM and the global sign-in are logged in us-east-1. */
const rank = (region: string): number => (region === 'us-east-1' ? 0 : 1);
/** Regions that are on by default (AWS account management guide, "Enable or disable AWS Regions"). */
const everywhere = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
] as const;

/** Runs the streams, so many at once, and hands on what they yield as it comes. */
export async function* inParallel<T>(streams: (() => AsyncIterable<T>)[], width: number): AsyncGenerator<T> {
  type Turn = { iterator: AsyncIterator<T>; result: IteratorResult<T> };
  const waiting = [...streams];
  const active = new Map<AsyncIterator<T>, Promise<Turn>>();
  const ask = (iterator: AsyncIterator<T>): void => {
    active.set(
      iterator,
      iterator.next().then((result) => ({ iterator, result })),
    );
  };
  try {
    for (;;) {
      while (active.size < width) {
        const next = waiting.shift();
        if (!next) break;
        ask(next()[Symbol.asyncIterator]());
      }
      if (active.size === 0) return;
      const { iterator, result } = await Promise.race(active.values());
      active.delete(iterator);
      if (result.done) continue;
      yield result.value;
      ask(iterator);
    }
  } finally {
    for (const [iterator, turn] of active) {
      turn.catch(() => {});
      void iterator.return?.();
    }
  }
}

/** The end of a look. Give `since` only when everything from then on was read: memories learn from it how far back they know. */
export function lookFinished(
  by: string,
  place: Place,
  facts: { noun: string; of: number; seen: number; heard: Time; since?: Time; upTo: Time; complete: boolean; gap?: string | undefined },
): Of<'look.finished'> {
  const { noun, of, seen, heard, since, upTo, complete, gap } = facts;
  return {
    kind: 'look.finished',
    id: `${by}/${place.scope.id}/${place.region}/${heard}`,
    at: heard,
    heard,
    by,
    place,
    evidence: [],
    source: by,
    noun,
    of,
    seen,
    ...(since !== undefined ? { since } : {}),
    upTo,
    complete,
    ...(gap !== undefined ? { gap } : {}),
  };
}

/** Whether the list of regions itself is whole: a look of its own, since a region that is not in the list has none. */
export const regionsLooked = (by: string, scope: Scope, heard: Time, gap: string | undefined): Of<'look.finished'> =>
  lookFinished(
    by,
    { scope, region: 'global' },
    { noun: 'lists of regions', of: 1, seen: gap === undefined ? 1 : 0, heard, upTo: heard, complete: gap === undefined, gap },
  );

/** "eu-west-1, us-east-2 and 3 more": for a gap. */
export function few(names: string[], most = 5): string {
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

export const plusSeconds = (time: Time, seconds: number): Time => new Date(Date.parse(time) + seconds * 1000).toISOString();
