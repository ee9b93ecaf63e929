import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Inspector } from '../../src/bot/inspect.ts';
import { createInspector } from '../../src/bot/inspect.ts';
import type { AnyCheck } from '../../src/checks/check.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { inOrder } from '../../src/checks/observation.ts';
import { madeUp, madeUpOfLogs, revised, streamWithin } from './inspect-fixtures.ts';

const seed = 20_261_123;
const dayMinutes = 1_440;

/** What everything is held against: the same observations, read once, in the order of events, by an inspector that never settles anything. */
function inOneGo(checks: readonly AnyCheck[], observations: Observation[]) {
  const inspector = createInspector({ checks, horizonHours: 100_000, costHorizonHours: 100_000 });
  inspector.inspect([...observations].sort(inOrder));
  return inspector.findings();
}

/** Cuts a list into batches at random places. */
const inBatches = <T>(list: T[], cuts: number[]): T[][] => {
  const batches: T[][] = [];
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (list.length + 1)), list.length].sort((a, b) => a - b)) {
    batches.push(list.slice(from, cut));
    from = cut;
  }
  return batches;
};

/** An order in which everything is heard less than 20 hours after something newer was. */
const arrival = (observations: Observation[], delays: number[]): Observation[] =>
  observations
    .map((observation, index) => ({ observation, heard: Date.parse(observation.at) + (delays[index % delays.length] ?? 0) * 60_000 }))
    .sort((a, b) => a.heard - b.heard)
    .map(({ observation }) => observation);

const delays = fc.array(fc.integer({ min: 0, max: 20 * 60 }), { minLength: 1, maxLength: 13 });
const cuts = fc.array(fc.nat(), { maxLength: 6 });

describe.each([
  ['judge all they watch', madeUp],
  ['only remember what somebody did', madeUpOfLogs],
])('the findings of checks that %s', (_, madeUp) => {
  it('are the same for every order of arrival within a day, in whatever batches', () => {
    fc.assert(
      fc.property(streamWithin(4 * dayMinutes, 60), delays, cuts, (observations, late, at) => {
        const inspector = createInspector({ checks: madeUp });

        for (const batch of inBatches(arrival(observations, late), at)) inspector.inspect(batch);

        expect(inspector.findings()).toEqual(inOneGo(madeUp, observations));
      }),
      { seed, numRuns: 400 },
    );
  });

  it('are the same when everything happens within an hour and arrives in any order at all', () => {
    fc.assert(
      fc.property(
        streamWithin(90, 40).chain((stream) => fc.tuple(fc.constant(stream), fc.shuffledSubarray(stream, { minLength: stream.length }))),
        cuts,
        ([observations, shuffled], at) => {
          const inspector = createInspector({ checks: madeUp });

          for (const batch of inBatches(shuffled, at)) inspector.inspect(batch);

          expect(inspector.findings()).toEqual(inOneGo(madeUp, observations));
        },
      ),
      { seed, numRuns: 400 },
    );
  });

  it('do not mind what is heard twice', () => {
    fc.assert(
      fc.property(
        streamWithin(2 * dayMinutes, 40),
        delays,
        fc.array(fc.nat(), { maxLength: 20 }),
        cuts,
        (observations, late, again, at) => {
          const heard = arrival([...observations, ...again.map((index) => observations[index % observations.length]!)], late);
          const inspector = createInspector({ checks: madeUp });

          for (const batch of inBatches(heard, at)) inspector.inspect(batch);

          expect(inspector.findings()).toEqual(inOneGo(madeUp, observations));
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it('follow what was heard last when the same thing is told differently, whichever arrives first', () => {
    fc.assert(
      fc.property(
        streamWithin(dayMinutes, 30),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 20 })), { maxLength: 12 }),
        cuts,
        fc.nat(),
        (observations, changes, at, turn) => {
          const versions = changes.map(([index, by]) => revised(observations[index % observations.length]!, by));
          const all = [...observations, ...versions];
          const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
          const inspector = createInspector({ checks: madeUp });

          for (const batch of inBatches(turned, at)) inspector.inspect(batch);

          expect(inspector.findings()).toEqual(inOneGo(madeUp, latest(all)));
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it('survive a restart between any two batches', () => {
    fc.assert(
      fc.property(streamWithin(12 * dayMinutes, 80), delays, cuts, (observations, late, at) => {
        const heard: Observation[] = [];
        let inspector = createInspector({ checks: madeUp });

        for (const batch of inBatches(arrival(observations, late), at)) {
          inspector.inspect(batch);
          heard.push(...batch);
          inspector = restarted(madeUp, inspector, heard);
        }

        expect(inspector.findings()).toEqual(inOneGo(madeUp, observations));
      }),
      { seed, numRuns: 150 },
    );
  });

  it('survive restarts in the middle of everything: with an hour of patience, in crowded hours', () => {
    const short = { horizonHours: 1, costHorizonHours: 1 };
    fc.assert(
      fc.property(
        streamWithin(9 * 60, 90),
        fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 9 }),
        (observations, late, size) => {
          const heard: Observation[] = [];
          let inspector = createInspector({ checks: madeUp, ...short });

          for (const batch of inBatches(
            arrival(observations, late),
            Array.from({ length: Math.ceil(observations.length / size) }, (_, index) => index * size),
          )) {
            inspector.inspect(batch);
            heard.push(...batch);
            inspector = restarted(madeUp, inspector, heard, short);
          }

          expect(inspector.findings()).toEqual(inOneGo(madeUp, observations));
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  it('are told as they change, so that a listener ends with the same set', () => {
    fc.assert(
      fc.property(streamWithin(2 * dayMinutes, 50), delays, cuts, (observations, late, at) => {
        const inspector = createInspector({ checks: madeUp });
        const heard = new Map<string, unknown>();

        for (const batch of inBatches(arrival(observations, late), at)) {
          const { changed, withdrawn } = inspector.inspect(batch);
          for (const finding of changed) heard.set(finding.key, finding);
          for (const { key } of withdrawn) heard.delete(key);
        }

        expect(heard).toEqual(new Map(inspector.findings().map((finding) => [finding.key, finding])));
      }),
      { seed, numRuns: 200 },
    );
  });
});

/** As after a crash: only the checkpoint and what the store kept. */
function restarted(
  checks: readonly AnyCheck[],
  inspector: Inspector,
  heard: Observation[],
  options: { horizonHours?: number; costHorizonHours?: number } = {},
): Inspector {
  const { horizon, entries } = JSON.parse(JSON.stringify(inspector.checkpoint()));
  const next = createInspector({ checks, ...options });
  next.restore({ horizon, entries }, heard.filter((observation) => horizon === undefined || observation.at >= horizon).sort(inOrder));
  expect(next.findings()).toEqual(inspector.findings());
  return next;
}

function latest(versions: Observation[]): Observation[] {
  const byId = new Map<string, Observation>();
  for (const version of versions) {
    const known = byId.get(version.id);
    const isLater =
      !known || version.heard > known.heard || (version.heard === known.heard && JSON.stringify(version) > JSON.stringify(known));
    if (isLater) byId.set(version.id, version);
  }
  return [...byId.values()];
}
