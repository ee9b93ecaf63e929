import { describe, expect, it } from 'vitest';
import { Killed } from '../../src/bot/fault.ts';
import { ada, grace, openWorld, type World, type WorldOptions } from '../support/living-bot.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const backdoor = 'AKIAI44QH8DHBEXAMPLE';

/** A thief launches every second with two keys of one user for as long as either works; the second key comes to light while the question is open. */
async function attacked(options: WorldOptions = {}): Promise<World & { attack: () => void }> {
  const world = await openWorld(options);
  const { account } = world;
  account.keys.set(backdoor, { user: 'ci-deploy', active: true });
  const attack = () => {
    account.launch(key, 'us-west-2', { type: 'c5.large' });
    account.launch(backdoor, 'sa-east-1', { type: 'c5.large' });
  };
  account.launch(key, 'us-west-2', { count: 2 });
  return Object.assign(world, { attack });
}

describe('a thief who launches before the question, between question and press, and after it', () => {
  it('ends with nothing running and one approval', async () => {
    const world = await attacked();
    const { account } = world;
    await world.pass(600, 60);
    await world.pass(20, 1, world.attack);
    await world.pressOn(grace, /^Contain everything/);
    await world.pass(60, 1, world.attack);
    const before = account.machines.length;

    await world.pressOn(ada, /^Contain$/);
    await world.pass(20, 1, world.attack);
    await world.pass(90 * 60, 60, world.attack);

    expect(before).toBeGreaterThan(100);
    expect(account.running()).toBe(0);
    const story = (await world.stories()).find((one) => one.state !== 'joined');
    expect(story).toMatchObject({ state: 'resolved', watch: { containedAt: expect.any(String) } });
    const audit = await world.store.auditRows({ most: 5000 });
    expect(audit.filter((row) => row.what === 'approved')).toHaveLength(1);
    const writes = account.writes.map((one) => one.resource);
    expect(new Set(writes).size).toBe(writes.length);
    expect(Object.values(story!.steps).some((step) => step.followed)).toBe(true);
  });

  it('waits for the log to name who started what came at the last moment, instead of asking again at once', async () => {
    const world = await attacked();
    const { account } = world;
    await world.pass(600, 60);
    await world.pressOn(grace, /^Contain everything/);
    await world.pass(30, 1);
    account.launch(key, 'us-west-2', { count: 3 });
    await world.pressOn(ada, /^Contain$/);

    await world.pass(150, 10);
    const early = (await world.stories())[0]!;
    await world.pass(90 * 60, 60);

    expect(early.watch?.looks.map((look) => look.saw)).toContain('waiting for the log to name who started 3 machines');
    expect(early.history.map((one) => one.text).join(' ')).not.toContain('Not over');
    expect(account.running()).toBe(0);
    expect((await world.stories())[0]).toMatchObject({ state: 'resolved', watch: { containedAt: expect.any(String) } });
  });

  it('stops what the rule added once also when the process dies in the middle of following', async () => {
    for (const [point, nth] of [
      ['step stop-compute: after the cloud was touched', 30],
      ['follow: before it is ticked off', 1],
      ['look again: after it was written', 1],
    ] as const) {
      let turn = 0;
      let isDead = false;
      const world = await attacked({
        fault(name) {
          if (name !== point || isDead) return;
          turn += 1;
          if (turn < nth) return;
          isDead = true;
          throw new Killed(name);
        },
      });
      await world.pass(600, 60);
      await world.pressOn(grace, /^Contain everything/);
      await world.pass(60, 4, world.attack);
      await world.pressOn(ada, /^Contain$/);
      for (let minute = 0; minute < 100; minute += 1) {
        await world.pass(60, 60, world.attack);
        if (isDead && turn > 0) {
          turn = -1e9;
          await world.restart();
        }
      }

      expect(turn, point).toBeLessThan(0);
      expect(world.account.running(), point).toBe(0);
      const writes = world.account.writes.map((one) => one.resource);
      expect(new Set(writes).size, point).toBe(writes.length);
      expect(
        (await world.stories()).filter((one) => one.state !== 'joined').map((one) => one.state),
        point,
      ).toEqual(['resolved']);
    }
  });
});
