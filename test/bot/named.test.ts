import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/checks/observation.ts';
import { ada, openWorld } from '../support/living-bot.ts';
import { keySubject, userSubject } from '../support/pretend-cloud.ts';
import { scope } from '../support/stories.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const other = 'AKIAI44QH8DHBEXAMPLE';
const madeAt = '2025-09-29T12:00:00.000Z';

describe('what belongs to a story', () => {
  it.each([
    { complete: true, says: 'AKIA…MPLE , 400 days old' },
    { complete: false, says: 'AKIA…MPLE  What' },
  ])('shows how old a key is when the list of keys could be read: $complete', async ({ complete, says }) => {
    const world = await openWorld();
    const heard = world.clock.now();
    const base = { heard, by: 'pretend/identities', place: { scope, region: 'global' }, evidence: [] };
    const list: Observation[] = [
      { ...base, kind: 'identity.linked', id: key, at: madeAt, from: keySubject(key), to: userSubject('ci-deploy'), how: 'key of' },
      {
        ...base,
        ...{ kind: 'look.finished', id: 'list', at: heard, source: 'pretend/identities', noun: 'lists of users' },
        ...{ of: 1, seen: complete ? 1 : 0, since: heard, upTo: heard, complete },
      },
    ];
    await world.store.keep({ name: 'pretend/identities', scope }, { observations: list, raw: {}, cursors: {} });
    world.account.launch(key, 'us-west-2');
    await world.pass(720, 60);

    expect(world.chat.text()).toContain(says);
  });

  it('is named when it comes back: a user that was made meanwhile, and its key', async () => {
    const world = await openWorld();
    world.account.keys.set(other, { user: 'user-x1x2', active: true });
    world.account.launch(key, 'us-west-2', { count: 2 });
    await world.pass(720, 60);
    await world.pressOn(ada, /^Contain everything/);
    await world.pass(1, 1);
    await world.pressOn(ada, /^Contain$/);
    world.account.madeUser('user-x1x2', key);
    world.account.launch(other, 'sa-east-1');
    await world.pass(1200, 60);

    expect(world.chat.text()).toMatch(/Came back: .*new ways? in \(.*user-x1x2/);
    expect(world.chat.text()).toContain('a key of user-x1x2');
    expect(world.account.running()).toBe(0);
  });
});

describe('a warning about an account', () => {
  it('names the account once', async () => {
    const lives = 'This bot’s credentials live in account production, which it guards.';
    const world = await openWorld({ accounts: (account) => [{ ...account, warnings: async () => [lives, 'This bot runs as root.'] }] });

    expect((await world.bot.ready()).troubles).toEqual([lives, 'production: This bot runs as root.']);
  });
});
