/** One way to look for machines, shared by all services that start any: every region, in small numbers, each with an honest end. */
import { setImmediate } from 'node:timers/promises';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Observation, Place, Time } from '../../../checks/observation.ts';
import type { Reading } from '../pace.ts';
import { troubleOf } from '../trouble.ts';
import { dueRegions, inParallel, lookFinished, regionsLooked, type Sight } from './looking.ts';
import { type Memory, openMemory } from './sweep-memory.ts';

/** One look at one region. */
export type RegionLook = {
  region: string;
  place: Place;
  heard: Time;
  memory: Memory;
  /** Details of `what` could not be read; the list of machines is whole all the same. */
  lacks(what: string, error: unknown): void;
};
/** What is listed on its own: when it cannot be, the others still are. `what` in plain words, as in "the Spot fleets". */
export type Part = { what: string; read(look: RegionLook): AsyncIterable<Observation[]> };
export type Service = {
  name: string;
  /** Its rhythm; where nobody keeps a pace, it is looked at every `everySeconds`. */
  reading: Reading;
  everySeconds: number;
  /** Actions of IAM. */
  permissions: string[];
  parts: Part[];
  /** Regions in which the service does not exist are not asked and are no gap. Absent: it is everywhere. */
  offered?: (region: string) => boolean;
  /** What is said once at the end of a look over all regions. */
  after?: (heard: Time) => Observation[];
};

/**
 * A source that lists the machines of one service. What cannot be read is named with its region, never counted as empty. A region in which
 * the service's name is not known to DNS, while it answers elsewhere, does not have the service.
 */
export function sweep(sight: Sight, service: Service): Source {
  const { session, clock, pace } = sight;
  const { name, parts } = service;
  let answered = false;
  return {
    name,
    scope: session.scope,
    everySeconds: pace?.beat(service.reading) ?? service.everySeconds,
    isDue: () => pace?.isHinted(name, service.reading, clock.now()) ?? false,
    lists: 'machines',
    permissions: ['ec2:DescribeRegions', ...service.permissions].map((one) => ({ system: 'aws-iam' as const, name: one })),

    async *collect(cursors, { everywhere } = {}): AsyncGenerator<Batch> {
      const { names, gap } = await dueRegions(sight, name, service.reading, everywhere);
      if (names.length === 0) return;
      const asked = service.offered ? names.filter(service.offered) : names;
      const streams = asked.map((region) => () => lookAt(region, cursors[region]));
      const nameless: End[] = [];
      for await (const step of inParallel(streams, regionsAtOnce)) {
        if ('observations' in step) yield { observations: step.observations, raw: {}, cursors: {} };
        else if (step.isNameless) nameless.push(step);
        else {
          answered ||= step.hasAnswered;
          yield ended(step, step.gaps);
        }
      }
      for (const end of nameless) yield ended(end, answered ? [] : end.gaps);
      const heard = clock.now();
      yield { observations: [...(service.after?.(heard) ?? []), regionsLooked(name, session.scope, heard, gap)], raw: {}, cursors: {} };
    },
  };

  async function* lookAt(region: string, cursor: string | undefined): AsyncGenerator<{ observations: Observation[] } | End> {
    const place: Place = { scope: session.scope, region };
    const heard = clock.now();
    const memory = openMemory(cursor, heard);
    const unread: Trouble[] = [];
    const lacking: Trouble[] = [];
    const look: RegionLook = {
      region,
      place,
      heard,
      memory,
      lacks: (what, error) => {
        const words = troubleOf(error).words;
        if (!lacking.some((one) => one.what === what && one.words === words)) lacking.push({ what, words });
      },
    };
    let withoutName = 0;
    // Several regions begin at once; making a client is work enough for one turn.
    await setImmediate();
    const streams = parts.map(
      (part) =>
        async function* (): AsyncGenerator<Observation[]> {
          try {
            for await (const observations of part.read(look)) {
              if (observations.length > 0) {
                pace?.used(region);
                yield observations;
              }
              // Parsed, and what follows from it, are two pieces of work: others have their turn in between.
              await setImmediate();
            }
          } catch (error) {
            if (hasNoName(error)) withoutName += 1;
            unread.push({ what: part.what, words: troubleOf(error).words });
          }
        },
    );
    for await (const observations of inParallel(streams, partsAtOnce)) yield { observations };
    yield {
      place,
      heard,
      isWhole: unread.length === 0,
      isNameless: withoutName > 0 && withoutName === unread.length && unread.length === parts.length,
      hasAnswered: unread.length < parts.length,
      gaps: [...inWords(unread, region), ...inWords(lacking, region)],
      cursor: memory.saved(unread.length === 0),
    };
  }

  function ended({ place, heard, cursor, isWhole, isNameless }: End, gaps: string[]): Batch {
    const isSeen = isWhole || (isNameless && gaps.length === 0);
    return {
      observations: [
        lookFinished(name, place, {
          noun: 'regions',
          of: 1,
          seen: isSeen ? 1 : 0,
          heard,
          since: heard,
          upTo: heard,
          complete: isSeen,
          gap: gaps.length > 0 ? gaps.join('; ') : undefined,
        }),
      ],
      raw: {},
      // Moves with the batch that completes the region, never before.
      cursors: { [place.region]: cursor },
    };
  }
}

/**
 * Reads several things of one list, so many at once. One that cannot be read does not hide the others: its error is thrown at the end, so
 * that the list does not count as whole. One that is gone by then is no error.
 */
export async function* eachOf(things: (() => AsyncIterable<Observation[]>)[], width: number): AsyncGenerator<Observation[]> {
  const errors: unknown[] = [];
  const reads = things.map(
    (read) =>
      async function* (): AsyncGenerator<Observation[]> {
        try {
          yield* read();
        } catch (error) {
          if (!gone.test((error as { name?: string }).name ?? '')) errors.push(error);
        }
      },
  );
  yield* inParallel(reads, width);
  if (errors.length > 0) throw errors[0];
}
const gone = /NotFound(Exception)?$/;

type End = {
  place: Place;
  heard: Time;
  isWhole: boolean;
  isNameless: boolean;
  hasAnswered: boolean;
  gaps: string[];
  cursor: string;
};
type Trouble = { what: string; words: string };

const regionsAtOnce = 4;
const partsAtOnce = 5;

/** "the fleets and the Spot fleets of eu-west-1 could not be read: not allowed". */
function inWords(troubles: Trouble[], region: string): string[] {
  const gaps = [...Map.groupBy(troubles, (one) => one.words)].map(([words, group]) => {
    const things = [...new Set(group.map((one) => one.what))].sort();
    const list = things.length > 1 ? `${things.slice(0, -1).join(', ')} and ${things.at(-1)}` : (things[0] ?? '');
    return `${list} of ${region} could not be read: ${words}`;
  });
  // Whichever answered first: the same gaps read the same.
  return gaps.sort();
}

/** DNS says that the name does not exist; a resolver that does not answer says something else (EAI_AGAIN). */
function hasNoName(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return code === 'ENOTFOUND' || (cause !== undefined && cause !== error && hasNoName(cause));
}
