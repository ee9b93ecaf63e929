import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInspector } from '../../src/bot/inspect.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { inOrder } from '../../src/checks/observation.ts';
import { life } from './lives.ts';

const seed = 20_261_124;

const delays = fc.array(fc.integer({ min: 0, max: 20 * 60 }), { minLength: 1, maxLength: 13 });
/** In the order in which they are heard, each as often as there are lists of delays. */
const arrival = (observations: Observation[], ...lates: number[][]): Observation[] =>
  lates
    .flatMap((late) =>
      observations.map((observation, index) => ({
        observation,
        heard: Date.parse(observation.at) + (late[index % late.length] ?? 0) * 60_000,
      })),
    )
    .sort((a, b) => a.heard - b.heard)
    .map(({ observation }) => observation);
const split = <T>(list: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));

const inOneGo = (observations: Observation[]) => {
  const inspector = createInspector({ checks, horizonHours: 100_000, costHorizonHours: 100_000 });
  inspector.inspect([...observations].sort(inOrder));
  return inspector.findings();
};

describe('all checks together', () => {
  it('find the same in every order of arrival within a day', () => {
    fc.assert(
      fc.property(life, delays, fc.integer({ min: 1, max: 20 }), (observations, late, size) => {
        const inspector = createInspector({ checks });

        const broken = split(arrival(observations, late), size).flatMap((batch) => inspector.inspect(batch).broken);

        expect(broken).toEqual([]);
        expect(inspector.findings()).toEqual(inOneGo(observations));
      }),
      { seed, numRuns: 120 },
    );
  });

  it('find the same when the process is restarted after every batch', () => {
    fc.assert(
      fc.property(life, delays, fc.integer({ min: 1, max: 20 }), (observations, late, size) => {
        let inspector = createInspector({ checks });
        const kept: Observation[] = [];

        for (const batch of split(arrival(observations, late), size)) {
          inspector.inspect(batch);
          kept.push(...batch);
          const checkpoint = inspector.checkpoint();
          inspector = createInspector({ checks });
          inspector.restore(
            checkpoint,
            kept.filter(({ at }) => checkpoint.horizon === undefined || at >= checkpoint.horizon),
          );
        }

        expect(inspector.findings()).toEqual(inOneGo(observations));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('find the same when everything is heard twice', () => {
    fc.assert(
      fc.property(life, delays, delays, fc.integer({ min: 1, max: 20 }), (observations, late, again, size) => {
        const inspector = createInspector({ checks });

        for (const batch of split(arrival(observations, late, again), size)) inspector.inspect(batch);

        expect(inspector.findings()).toEqual(inOneGo(observations));
      }),
      { seed, numRuns: 40 },
    );
  });

  it('speak in at least some of these lives, each of them: what is proven above is proven for every check', () => {
    const lives = fc.sample(life, { seed, numRuns: 120 });
    const heard = new Set(lives.flatMap((observations) => inOneGo(observations).map(({ check }) => check)));

    expect(checks.map(({ id }) => id).filter((id) => !heard.has(id))).toEqual([]);
  });
});
