import { describe, expect, it } from 'vitest';
import { Killed } from '../../src/bot/fault.ts';
import { ada, openWorld, type World } from '../support/living-bot.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const machines = 2;

/** Up to the question, then the approval; whoever pressed and heard nothing presses again. */
async function liveUntilContained(fault: (point: string) => void): Promise<World> {
  let isArmed = false;
  let isDead = false;
  const world = await openWorld({
    fault(point) {
      if (!isArmed) return;
      try {
        fault(point);
      } catch (error) {
        isDead = true;
        throw error;
      }
    },
  });
  const reborn = async () => {
    if (!isDead) return;
    isDead = false;
    isArmed = false;
    await world.restart();
  };
  world.account.launch(key, 'us-west-2', { count: machines });
  await world.pass(720, 60);
  await world.pressOn(ada, /^Contain everything/);
  await world.pass(1, 1);

  isArmed = true;
  await world.pressOn(ada, /^Contain$/).catch(onlyKilled);
  await reborn();
  for (let minute = 0; minute < 90; minute += 3) {
    if ((await world.story()).state === 'asking') await world.pressOn(ada, /^Contain$/).catch(onlyKilled);
    await world.pass(180, 180);
    await reborn();
  }
  return world;
}

const onlyKilled = (error: unknown): void => {
  if (!(error instanceof Killed)) throw error;
};

describe('a process that is killed between approve and done', () => {
  it('does no step twice, loses nothing, tells the truth, and can still undo to the state before, wherever it dies', async () => {
    const points: string[] = [];
    const whole = await liveUntilContained((point) => points.push(point));
    expect((await whole.story()).watch?.containedAt).toBeDefined();
    expect(new Set(points).size).toBeGreaterThan(25);

    for (const [name, index] of deaths(points)) {
      let turn = 0;
      const world = await liveUntilContained((point) => {
        turn += 1;
        if (turn === index + 1) throw new Killed(point);
      });
      await expectContained(world, `killed at ${name} (${index})`);
    }
  }, 240_000);

  it('and the same while it undoes', async () => {
    const points: string[] = [];
    await liveUntilUndone((point) => points.push(point));

    for (const [name, index] of deaths(points)) {
      let turn = 0;
      const { account, chat } = await liveUntilUndone((point) => {
        turn += 1;
        if (turn === index + 1) throw new Killed(point);
      });
      const where = `killed at ${name} (${index})`;
      expect([account.running(), account.keys.get(key)?.active, [...account.denied]], where).toEqual([machines, true, []]);
      const writes = account.writes.map((one) => `${one.undo} ${one.resource}`);
      expect(writes, where).toHaveLength(2 * (machines + 2));
      expect(new Set(writes).size, where).toBe(writes.length);
      expect(chat.text(), where).toContain('Ada undid what was done');
    }
  }, 240_000);
});

async function liveUntilUndone(fault: (point: string) => void): Promise<World> {
  let isArmed = false;
  let isDead = false;
  const world = await openWorld({
    fault(point) {
      if (!isArmed) return;
      try {
        fault(point);
      } catch (error) {
        isDead = true;
        isArmed = false;
        throw error;
      }
    },
  });
  world.account.launch(key, 'us-west-2', { count: machines });
  await world.pass(720, 60);
  for (const label of [/^Contain/, /^Contain$/, /^Undo/]) {
    await world.pressOn(ada, label);
    await world.pass(1, 1);
  }
  isArmed = true;
  await world.pressOn(ada, /^Undo$/).catch(onlyKilled);
  for (let turn = 0; turn < 10; turn += 1) {
    if (isDead) {
      isDead = false;
      await world.restart();
    }
    if ((await world.story()).state === 'asking') await world.pressOn(ada, /^Undo$/).catch(onlyKilled);
    await world.pass(20, 20);
  }
  return world;
}

/** Every point by name, where it is passed first and where it is passed last. */
function deaths(points: string[]): [string, number][] {
  const names = [...new Set(points)];
  return names.flatMap((name) =>
    [...new Set([points.indexOf(name), points.lastIndexOf(name)])].map((index): [string, number] => [name, index]),
  );
}

async function expectContained(world: World, where: string): Promise<void> {
  const { account, chat, store } = world;
  const story = await world.story();
  const writes = account.writes.map((one) => `${one.undo ? 'undo ' : ''}${one.verb} ${one.resource}`);

  expect(story, where).toMatchObject({ state: 'resolved', watch: { containedAt: expect.any(String) } });
  expect([account.running(), account.keys.get(key)?.active, [...account.denied]], where).toEqual([0, false, ['ci-deploy']]);
  expect(writes.toSorted(), where).toEqual([...new Set(writes)].toSorted());
  expect(writes, where).toHaveLength(machines + 2);
  expect(
    Object.values(story.steps).map((step) => step.outcome),
    where,
  ).toEqual(Array.from({ length: machines + 2 }, () => 'done'));

  const audit = (await store.auditRows({ incident: 'INC-1', most: 500 })).toSorted((a, b) => a.number - b.number);
  expect(
    audit.filter((row) => row.what === 'approved'),
    where,
  ).toHaveLength(1);
  for (const { item } of Object.values(story.steps)) {
    const rows = audit.filter((row) => row.data.item === item.id).map((row) => row.what);
    expect(rows[0], where).toBe('about to act');
    expect(
      rows.filter((what) => what === 'acted'),
      where,
    ).toHaveLength(1);
  }
  expect(await store.verifyAudit(), where).toMatchObject({ ok: true });

  const card = chat.posted.find((one) => one.message.parts.some((part) => part.kind === 'header' && part.text.startsWith('Contained')));
  expect(chat.text(card?.message), where).toContain('Contained by Ada');
  expect(chat.text(card?.message), where).toContain(`Stopped ${machines} of ${machines} instances`);
  expect(
    [...chat.buttons(/^Contain$/), ...chat.buttons(/^Not now$/)].filter(({ ref }) => story.questions.some((one) => one.id === ref.id)),
    where,
  ).toEqual([]);
  expect(await store.deadEffects(), where).toEqual([]);

  await world.pressOn(ada, /^Undo/);
  await world.pass(1, 1);
  await world.pressOn(ada, /^Undo$/);
  await world.pass(5, 5);
  expect([account.running(), account.keys.get(key)?.active, [...account.denied]], where).toEqual([machines, true, []]);
}
