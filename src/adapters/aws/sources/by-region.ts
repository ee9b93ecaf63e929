/** Sources that ask one service the same question in every region share this: the list of regions, the gaps, the end of every look. */
import type { Batch, Cursors } from '../../../bot/ports.ts';
import type { Observation, Place, Time } from '../../../checks/observation.ts';
import type { Reading } from '../pace.ts';
import { troubleOf } from '../trouble.ts';
import { dueRegions, inParallel, lookFinished, plusSeconds, regionsLooked, type Sight } from './looking.ts';

/** What a region brought so far; `cursors` must come with the last of it, so that nothing is skipped when the rest fails. */
export type Part = { observations: Observation[]; raw?: Record<string, unknown>; cursors?: Cursors; gap?: string };
/**
 * `since`: what happened from then on is news: the last whole look at that region, at least a day ago. `isFirst`: there was none; what
 * stood before it is how things are, and nothing to wake anybody for.
 */
export type Where = { region: string; place: Place; heard: Time; since: Time; isFirst: boolean };

/**
 * Looks at every enabled region, or, where a `reading` names the rhythm, at those whose turn it is, a few at once. What `look` throws, or says as `gap`, is that region's gap ("the <what> of eu-west-1 could
 * not be read: not allowed"); the other regions are looked at all the same.
 */
export async function* everyRegion(
  sight: Sight,
  {
    name,
    what,
    cursors,
    reading,
    everywhere,
  }: { name: string; what: string; cursors: Cursors; reading?: Reading; everywhere?: boolean | undefined },
  look: (where: Where) => AsyncIterable<Part>,
): AsyncGenerator<Batch> {
  const { session, clock } = sight;
  const { names, gap: shortList } = reading ? await dueRegions(sight, name, reading, everywhere) : await sight.regions();
  if (names.length === 0) return;
  const streams = names.map((region) => () => lookAt(region));
  for await (const batch of inParallel(streams, regionsAtOnce)) yield batch;
  yield { observations: [regionsLooked(name, session.scope, clock.now(), shortList)], raw: {}, cursors: {} };

  async function* lookAt(region: string): AsyncGenerator<Batch> {
    const place: Place = { scope: session.scope, region };
    const heard = clock.now();
    const gaps: string[] = [];
    const looked = cursors[`${lookedCursor}${region}`];
    const dayAgo = plusSeconds(heard, -86_400);
    const since = looked !== undefined && looked < dayAgo ? looked : dayAgo;
    try {
      for await (const { observations, raw = {}, cursors = {}, gap } of look({
        region,
        place,
        heard,
        since,
        isFirst: looked === undefined,
      })) {
        if (gap !== undefined) gaps.push(gap);
        if (observations.length > 0 || Object.keys(cursors).length > 0) yield { observations, raw, cursors };
      }
    } catch (error) {
      gaps.push(`the ${what} of ${region} could not be read: ${troubleOf(error).words}`);
    }
    const whole = gaps.length === 0;
    const finished = lookFinished(name, place, {
      noun: 'regions',
      of: 1,
      seen: whole ? 1 : 0,
      heard,
      upTo: heard,
      complete: whole,
      gap: whole ? undefined : [...new Set(gaps)].join('; '),
    });
    yield { observations: [finished], raw: {}, cursors: whole ? { [`${lookedCursor}${region}`]: heard } : {} };
  }
}

const regionsAtOnce = 4;
const lookedCursor = 'looked ';
