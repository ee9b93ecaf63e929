import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/bot/ports.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { openWorld, start } from '../support/living-bot.ts';
import { pretendAccount } from '../support/pretend-cloud.ts';
import { scope } from '../support/stories.ts';

/** What an attack of twenty minutes left in inventory and log, as batches. */
async function attack(): Promise<Observation[][]> {
  let now = Date.parse(start);
  const account = pretendAccount({ now: () => new Date(now).toISOString(), sleep: async () => {} });
  account.keys.set('AKIAI44QH8DHBEXAMPLE', { user: 'ci-deploy', active: true });
  const batches: Observation[][] = [];
  for (let minute = 0; minute < 20; minute += 2) {
    now = Date.parse(start) + minute * 60_000;
    if (minute % 4 === 0)
      account.launch('AKIAIOSFODNN7EXAMPLE', minute < 10 ? 'us-west-2' : 'sa-east-1', { type: minute < 8 ? 'g5.12xlarge' : 'c5.large' });
    if (minute % 6 === 0) account.launch('AKIAI44QH8DHBEXAMPLE', 'eu-central-1', { type: 'c5.large' });
  }
  now += 600_000;
  for (const source of account.sources)
    for await (const batch of source.collect({})) for (const one of batch.observations) batches.push([one]);
  return batches;
}

/** The findings that stand in the store when these batches were brought in that order, with restarts after some of them. */
async function findingsAfter(batches: Observation[][], restarts: Set<number>): Promise<unknown> {
  const waiting = [...batches];
  const feed: Source = {
    name: 'pretend/feed',
    scope,
    everySeconds: 1,
    permissions: [],
    async *collect() {
      const observations = waiting.shift();
      if (observations) yield { observations, raw: {}, cursors: {} };
    },
  };
  const world = await openWorld({ accounts: (account) => [{ ...account, sources: [feed] }] });
  await world.clock.advance(1800);
  for (const index of batches.keys()) {
    await world.pass(1, 1);
    if (restarts.has(index)) await world.restart();
  }
  const findings = (await world.stories()).filter((one) => one.state !== 'joined').flatMap((one) => Object.values(one.findings));
  return findings.map(({ key, severity, evidence }) => ({ key, severity, evidence })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

describe('the same batches in any order, doubled, with restarts in between', () => {
  it('leave the same findings in the store', async () => {
    const batches = await attack();
    const expected = await findingsAfter(batches, new Set());
    expect((expected as unknown[]).length).toBeGreaterThan(2);

    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(batches, { minLength: batches.length }),
        fc.subarray(batches, { maxLength: 6 }),
        fc.array(fc.nat({ max: batches.length }), { maxLength: 3 }),
        async (shuffled, doubled, restarts) => {
          expect(await findingsAfter([...shuffled, ...doubled], new Set(restarts))).toEqual(expected);
        },
      ),
      { numRuns: 15, seed: 7 },
    );
  });
});
