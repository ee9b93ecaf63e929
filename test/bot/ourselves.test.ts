import { describe, expect, it } from 'vitest';
import { withApprovals } from '../../src/bot/ourselves.ts';
import { addSeconds } from '../../src/bot/time.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { ada, openWorld, start, type World } from '../support/living-bot.ts';
import { place, user } from '../support/stories.ts';

const acted = (at: string, over: object = {}): Observation => ({
  ...{ kind: 'ourselves.acted', id: `act ${at}`, at, heard: at, by: 'test', place: place(), evidence: ['e'], actor: user('cloudwarden') },
  ...{ operation: 'stop', role: 'act', incident: 'INC-1', ...over },
});
const verdicts = async (world: World, ...observations: Observation[]) =>
  (await withApprovals(observations, world.store)).map((one) => (one.kind === 'ourselves.acted' ? one.approved : 'other'));

/** Two machines are contained by an admin. */
async function contained(): Promise<{ world: World; at: string }> {
  const world = await openWorld();
  world.account.launch('AKIAIOSFODNN7EXAMPLE', 'us-west-2', { count: 2 });
  await world.pass(700, 60);
  await world.pressOn(ada, /^Contain/);
  await world.pass(1, 1);
  await world.pressOn(ada, /^(Approve|Yes|Contain)/);
  await world.pass(5, 1);
  const row = (await world.store.auditRows({ most: 500 })).find(({ what }) => what === 'about to act');
  return { world, at: row?.at ?? 'nothing was announced' };
}

describe('what our own acting role did', () => {
  it('is approved when the audit announced a step of that story shortly before', async () => {
    const { world, at } = await contained();

    expect(await verdicts(world, acted(addSeconds(at, 2)), acted(addSeconds(at, 3)))).toEqual([true, true]);
  });

  it('is not approved in the name of another story, long after, or before', async () => {
    const { world, at } = await contained();

    expect(
      await verdicts(world, acted(addSeconds(at, 2), { incident: 'INC-7' }), acted(addSeconds(at, 3600)), acted(addSeconds(at, -300))),
    ).toEqual([false, false, false]);
  });

  it('is not approved in another account, however well the story fits', async () => {
    const { world, at } = await contained();
    const elsewhere = { ...place(), scope: { ...place().scope, id: '210987654321' } };

    expect(await verdicts(world, acted(addSeconds(at, 2), { place: elsewhere }))).toEqual([false]);
  });

  it('is not approved in a session that names no story: ours always do', async () => {
    const { world, at } = await contained();

    expect(await verdicts(world, acted(addSeconds(at, 2), { incident: undefined }))).toEqual([false]);
  });

  it('is announced with the account and region in which it is done', async () => {
    const { world } = await contained();

    const rows = (await world.store.auditRows({ most: 500 })).filter(({ what }) => what === 'about to act');
    expect(rows.length).toBeGreaterThan(2);
    for (const { data } of rows) expect(data).toMatchObject({ account: `aws/${place().scope.id}`, region: expect.stringMatching(/./) });
  });

  it('is left open where it is older than the audit, and reads need no approval', async () => {
    const world = await openWorld();

    expect(await verdicts(world, acted(addSeconds(start, -86_400)), acted(start, { role: 'read' }))).toEqual([undefined, undefined]);
    expect(await verdicts(world, acted(addSeconds(start, 60)))).toEqual([false]);
  });
});
