/** The bot tries its own ears: a call that AWS writes down and refuses is looked for on every path by which events come. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Observation, Time } from '../../../checks/observation.ts';
import { probePrefix } from '../push-names.ts';
import { text } from '../translate/reading.ts';
import { troubleOf } from '../trouble.ts';
import { few, lookFinished, type Sight } from './looking.ts';

export type ProbePath = 'push' | 'poll';

/** What the readers of records and the sender of probes share. */
export type Probes = {
  /** Notes a probe of ours in a CloudTrail record. True: the record is ours and says nothing about the account. */
  recognise(record: unknown, path: ProbePath, heard: Time): boolean;
};

/**
 * Every hour one probe in us-east-1 and in two more regions by turns: `DeleteKeyPair` of a key pair that does not exist, as a dry run,
 * and with a right the reading role lacks. One of these refusals alone would do; with none of them it would delete nothing. A probe
 * that is late is followed by another in the same region at once, since one event alone may be lost.
 *
 * `paths`: how many seconds a probe of that region may take by each path there is. Recognised are probes of the last 25 hours, by their random token
 * alone; the records of older ones are acts of the reading role like any other.
 */
export function probes(
  { session, clock, regions }: Sight,
  {
    paths,
    token = () => randomBytes(15).toString('hex'),
  }: { paths: Partial<Record<ProbePath, (region: string) => number>>; token?: () => string },
): Source & Probes {
  const known = new Map<string, Probe>();
  let isLoaded = false;
  let lastRound: Time | undefined;
  let lastCollect: Time | undefined;
  let turn = 0;
  let gap: string | undefined;

  return {
    name,
    scope: session.scope,
    everySeconds: 60,
    permissions: [{ system: 'aws-iam', name: 'ec2:DescribeRegions' }],

    recognise(record, path, heard) {
      const word = text(record, 'requestParameters', 'keyName');
      if (word === undefined || !word.startsWith(probePrefix) || text(record, 'errorCode') === undefined) return false;
      const probe = known.get(word.slice(probePrefix.length));
      if (!probe) return false;
      probe.heard[path] ??= heard;
      return true;
    },

    async *collect(cursors): AsyncGenerator<Batch> {
      const now = clock.now();
      if (!isLoaded) load(cursors.probes);
      // A computer that slept has heard nothing meanwhile: that tells nothing about the paths.
      if (lastCollect !== undefined && since(lastCollect, now) > awaySeconds) for (const probe of known.values()) probe.isOver = true;
      lastCollect = now;

      const observations = [...known].flatMap(([word, probe]) => told(word, probe, now));
      const again = new Map(lateAndLast(observations));
      const isRound = lastRound === undefined || since(lastRound, now) >= roundSeconds;
      if (isRound || again.size > 0) {
        const { names } = await regions();
        const wanted = [...new Set([...(isRound ? theirTurn(names) : []), ...again.keys()])];
        const failed: string[] = [];
        for (const region of wanted) {
          const why = await send(region, again.get(region) ?? 1);
          if (why !== undefined) failed.push(`${region}: ${why}`);
        }
        if (isRound) {
          lastRound = now;
          gap = failed.length > 0 ? `the paths of events could not be tried: ${few(failed, 3)}` : undefined;
          observations.push(
            lookFinished(
              name,
              { scope: session.scope, region: 'global' },
              {
                noun: 'regions tried',
                of: wanted.length,
                seen: wanted.length - failed.length,
                heard: now,
                upTo: now,
                complete: failed.length === 0,
                gap,
              },
            ),
          );
        }
      }
      for (const [word, { sentAt }] of known) if (since(sentAt, now) > rememberedSeconds) known.delete(word);
      yield { observations, raw: {}, cursors: { probes: JSON.stringify({ lastRound, turn, sent: [...known].map(sentOf) }) } };
    },
  };

  /** Those of an earlier run are recognised still; whether they came back while nobody listened cannot be known. */
  function load(saved: string | undefined): void {
    isLoaded = true;
    const read = savedShape.safeParse(parsed(saved));
    if (!read.success) return;
    turn = read.data.turn;
    for (const { word, region, sentAt } of read.data.sent)
      if (!known.has(word)) known.set(word, { region, sentAt, heard: {}, told: {}, isOver: true, attempt: 1 });
    // The restart left the last round without an answer, unless all of it had been told.
    lastRound = read.data.sent.some((one) => !one.isOver) ? undefined : read.data.lastRound;
  }

  function theirTurn(names: string[]): string[] {
    const [home, ...others] = names;
    if (home === undefined) return [];
    const picked = Array.from({ length: Math.min(othersAtOnce, others.length) }, (_, index) => others[(turn + index) % others.length]!);
    turn = others.length === 0 ? 0 : (turn + picked.length) % others.length;
    return [home, ...picked];
  }

  /** Undefined when it was refused as it should be, else why nothing was tried. */
  async function send(region: string, attempt: number): Promise<string | undefined> {
    const { DeleteKeyPairCommand } = await import('@aws-sdk/client-ec2');
    const word = token();
    const sentAt = clock.now();
    // Known before it is sent: by push it may be back before AWS has answered.
    known.set(word, { region, sentAt, heard: {}, told: {}, isOver: false, attempt });
    let why = 'AWS did not refuse it';
    try {
      await (await session.read.ec2(region)).send(new DeleteKeyPairCommand({ KeyName: `${probePrefix}${word}`, DryRun: true }));
    } catch (error) {
      if (isRefusal(error)) return undefined;
      why = troubleOf(error).words;
    }
    known.set(word, { region, sentAt, heard: {}, told: {}, isOver: true, attempt });
    return why;
  }

  /** Regions where the last probe was late, with the number of the next attempt. */
  function lateAndLast(observations: Observation[]): [string, number][] {
    return observations.flatMap((one): [string, number][] => {
      if (one.kind !== 'probe.returned' || one.seconds !== undefined) return [];
      const last = [...known.values()].findLast(({ region }) => region === one.place.region);
      return last && last.sentAt === one.sentAt && last.attempt < mostAttempts ? [[last.region, last.attempt + 1]] : [];
    });
  }

  function told(word: string, probe: Probe, now: Time): Observation[] {
    if (probe.isOver) return [];
    const made: Observation[] = [];
    for (const path of ['push', 'poll'] as const) {
      const within = paths[path]?.(probe.region);
      const heard = probe.heard[path];
      if (within === undefined || probe.told[path] === 'heard') continue;
      if (heard === undefined && (probe.told[path] === 'late' || since(probe.sentAt, now) <= within)) continue;
      probe.told[path] = heard === undefined ? 'late' : 'heard';
      made.push({
        kind: 'probe.returned',
        // The same once it has come after all: its true time then takes the place of "not in time".
        id: `${name}/${session.scope.id}/${word}/${path}`,
        at: probe.sentAt,
        heard: now,
        by: name,
        place: { scope: session.scope, region: probe.region },
        evidence: [],
        path,
        sentAt: probe.sentAt,
        ...(heard !== undefined ? { seconds: since(probe.sentAt, heard) } : {}),
        within,
      });
    }
    return made;
  }

  function sentOf([word, { region, sentAt, isOver, told: said }]: [string, Probe]) {
    const isAnswered = isOver || (['push', 'poll'] as const).every((path) => paths[path] === undefined || said[path] !== undefined);
    return { word, region, sentAt, isOver: isAnswered };
  }
}

type Probe = {
  region: string;
  sentAt: Time;
  heard: Partial<Record<ProbePath, Time>>;
  told: Partial<Record<ProbePath, 'late' | 'heard'>>;
  /** Nothing is to be learnt from it any more. */
  isOver: boolean;
  /** 1 of an hourly round; more: it followed one that was late. */
  attempt: number;
};

const name = 'aws/probes';
const roundSeconds = 3_600;
const othersAtOnce = 2;
const mostAttempts = 3;
/** The audit log reads the last 24 hours again once a day. */
const rememberedSeconds = 25 * 3_600;
const awaySeconds = 300;

const savedShape = z.object({
  lastRound: z.string().optional(),
  turn: z.number().int().min(0),
  sent: z.array(z.object({ word: z.string(), region: z.string(), sentAt: z.string(), isOver: z.boolean() })).max(1_000),
});

function parsed(saved: string | undefined): unknown {
  try {
    return JSON.parse(saved ?? 'null');
  } catch {
    return undefined;
  }
}

/** A dry run is always answered with an error: it would have been allowed, or it would not. CloudTrail writes down both. */
const isRefusal = (error: unknown): boolean =>
  ['DryRunOperation', 'UnauthorizedOperation'].includes((error as { name?: string } | undefined)?.name ?? '');

const since = (from: Time, to: Time): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
