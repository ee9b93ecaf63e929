import { describe, expect, it } from 'vitest';
import { live } from './simulated-life.ts';

type Life = Awaited<ReturnType<typeof live>>;

/** A person who asks for containment at the first alarm, whether or not the log has named anybody by then, and approves a little later. */
async function guard(world: Life, step: number): Promise<void> {
  const loud = async () => (await world.stories()).filter((one) => one.state !== 'joined' && ['high', 'critical'].includes(one.severity));
  await world.pass(3600, step, async () => (await loud()).length > 0);
  await world.press(/^Contain/);
  await world.pass(step, step);
  await world.press(/^Contain$/);
  await world.pass(3 * 3600, 120, async () => (await loud()).every((one) => one.state === 'resolved' || one.state === 'open'));
}

/** How often somebody approved something. */
const approvals = async (world: Life) => (await world.store.auditRows({ most: 100_000 })).filter((row) => row.what === 'approved').length;

describe('the shipped scenarios, with the real AWS adapter', () => {
  it('a quiet account gets no card in its first reading nor in the day after', async () => {
    const world = await live('quiet');
    const first = world.chat.text();

    await world.pass(26 * 3600, 900);

    expect(world.cards().map((one) => world.chat.text(one.message))).toEqual([]);
    // Ada makes a colleague's user for the first time: a line in the digest, and nothing else.
    expect((await world.stories()).map((one) => [one.id, one.severity, one.headline])).toEqual([
      ['INC-1', 'low', 'A user was made by somebody who never makes any'],
    ]);
    expect(first).toContain('The last 90 days have been read');
    expect(world.chat.text()).toContain('Yesterday');
  }, 240_000);

  it('a stolen key is contained: nothing of the thief runs, the key is inactive, and it is one story', async () => {
    const world = await live('stolen-key');

    await guard(world, 60);

    const stories = (await world.stories()).filter((one) => one.state !== 'joined');
    expect(world.simulated.state.runningSinceStart()).toBe(0);
    expect(stories.filter((one) => one.severity === 'critical')).toMatchObject([
      { state: 'resolved', watch: { containedAt: expect.any(String) } },
    ]);
    const keys = stories.flatMap((one) => one.subjects).filter((subject) => subject.startsWith('credential:'));
    expect(keys.length).toBeGreaterThanOrEqual(2);
    expect(await approvals(world)).toBe(1);
    for (const key of keys) expect(world.simulated.state.key(key.slice('credential:'.length)), key).not.toBe('Active');
  }, 240_000);

  it('a stolen key that nobody answers for is told of by the bill a day later, in the same story', async () => {
    const world = await live('stolen-key');

    await world.pass(40 * 3600, 900);

    const loud = (await world.stories()).filter((one) => one.state !== 'joined' && ['high', 'critical'].includes(one.severity));
    expect(loud.map(({ severity }) => severity)).toEqual(['critical']);
    const bill = Object.values(loud[0]?.findings ?? {}).find(({ check }) => check === 'spend/above-own-history');
    expect(bill).toMatchObject({ severity: 'critical', state: 'active', title: expect.stringContaining('never spent any') });
    expect(bill?.facts.Why).toMatch(/\d+ × g5\.12xlarge run there since 10:\d\d UTC/);
  }, 240_000);

  it('a thief who launches every second before, during and after ends with nothing running and one approval', async () => {
    const world = await live('relentless', { mostResources: 5000 });

    await guard(world, 60);

    expect(world.simulated.state.runningSinceStart()).toBe(0);
    const stories = (await world.stories()).filter((one) => one.state !== 'joined' && one.severity === 'critical');
    expect(stories.map((one) => one.state)).toEqual(['resolved']);
    expect(await approvals(world)).toBe(1);
  }, 240_000);
});
