import { describe, expect, it } from 'vitest';
import { ada, grace, openWorld } from '../support/living-bot.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';

describe('the whole story', () => {
  it('inventory first, then the actor, contained by an admin, watched, and undone to the state before', async () => {
    const world = await openWorld();
    const { account, chat } = world;
    account.launch(key, 'us-west-2', { count: 3 });

    await world.pass(130);
    const early = await world.story();
    const card = chat.posted.find((one) => one.mention === 'responders')!;

    expect(early).toMatchObject({ state: 'open', severity: 'critical' });
    expect(early.subjects.some((subject) => subject.startsWith('credential:'))).toBe(false);
    expect(card.message.severity).toBe('critical');
    expect(world.paged).toMatchObject([{ incident: 'INC-1', severity: 'critical', usdPerHour: 15 }]);

    await world.pass(600);
    const joined = await world.story();

    expect(joined.subjects).toContain(`credential:${key}`);
    expect((await world.stories()).filter((one) => one.state !== 'joined')).toHaveLength(1);
    expect(chat.posted.filter((one) => one.mention === 'responders' && !one.under)).toHaveLength(1);

    await world.pressOn(grace, /^Contain everything/);
    await world.pass(1, 1);
    const asking = await world.story();
    expect(asking.state).toBe('asking');
    expect(account.writes).toEqual([]);

    const refused = await world.pressOn(grace, /^Contain$/);
    expect(JSON.stringify(refused)).toContain('Only admins');
    expect(account.writes).toEqual([]);

    await world.pressOn(ada, /^Contain$/);
    await world.pass(5, 1);

    expect(account.running()).toBe(0);
    expect(account.keys.get(key)?.active).toBe(false);
    expect([...account.denied]).toEqual(['ci-deploy']);
    expect(account.writes).toHaveLength(5);
    expect((await world.story()).state).toBe('watching');
    const told = chat.posted.filter((one) => one.under).map((one) => chat.text(one.message));
    expect(told.some((text) => /Done by Ada/.test(text) && /Stopped 3 of 3 instances/.test(text))).toBe(true);
    expect(chat.buttons(/^Contain$/)).toEqual([]);
    expect(chat.buttons(/^Not now$/)).toEqual([]);

    await world.pass(3600, 60);
    const contained = await world.story();

    expect(contained.state).toBe('resolved');
    expect(contained.watch?.containedAt).toBeDefined();
    expect(account.writes).toHaveLength(5);
    expect(chat.text(chat.posted.at(-1)?.message)).toContain('Contained');

    await world.pressOn(ada, /^Undo/);
    await world.pass(1, 1);
    await world.pressOn(ada, /^Undo$/);
    await world.pass(5, 1);

    expect(account.running()).toBe(3);
    expect(account.keys.get(key)?.active).toBe(true);
    expect(account.denied.size).toBe(0);
    expect(await world.store.verifyAudit()).toMatchObject({ ok: true });
  });

  it('can be contained again after an undo, and again be undone', async () => {
    const world = await openWorld();
    const { account } = world;
    account.launch(key, 'us-west-2', { count: 2 });
    await world.pass(700);
    for (const label of [/^Contain/, /^Undo/, /^Contain/, /^Undo/]) {
      await world.pressOn(ada, label);
      await world.pass(1, 1);
      await world.pressOn(ada, label.source === '^Undo' ? /^Undo$/ : /^Contain$/);
      await world.pass(5, 1);
      expect(account.running()).toBe(label.source === '^Undo' ? 2 : 0);
      expect(account.keys.get(key)?.active).toBe(label.source === '^Undo');
      await world.pass(130);
    }
  });
});
