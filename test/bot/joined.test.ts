import { describe, expect, it } from 'vitest';
import { ada, openWorld, type World, words } from '../support/living-bot.ts';

const first = 'AKIAIOSFODNN7EXAMPLE';
const second = 'AKIAI44QH8DHBEXAMPLE';

/** Two attacks that seem to have nothing to do with each other. */
async function twoStories(): Promise<World> {
  const world = await openWorld();
  world.account.keys.set(second, { user: 'linus', active: true });
  world.account.launch(first, 'us-west-2');
  await world.pass(3 * 3600, 300);
  world.account.launch(second, 'sa-east-1', { type: 'p4d.24xlarge' });
  await world.pass(900, 60);
  expect((await world.stories()).map((one) => [one.id, one.state])).toEqual([
    ['INC-1', 'open'],
    ['INC-2', 'open'],
  ]);
  return world;
}
/** It turns out that the second user was made by the first key. */
const prove = async (world: World): Promise<void> => {
  world.account.madeUser('linus', first);
  await world.pass(400, 60);
};
const ask = async (world: World, incident: string) => {
  await world.press(ada, { kind: 'ask', incident, want: 'contain' });
  await world.pass(1, 1);
  const { plan } = await world.story(incident);
  return { kind: 'approve', incident, plan: plan!.id, hash: plan!.hash } as const;
};

describe('two stories that prove to be one', () => {
  it('become one under the older number, and the other card says where it went', async () => {
    const world = await twoStories();
    await prove(world);

    expect((await world.stories()).map((one) => [one.id, one.state])).toEqual([
      ['INC-1', 'open'],
      ['INC-2', 'joined'],
    ]);
    expect((await world.story('INC-1')).subjects).toContain(`credential:${second}`);
    expect(world.chat.text()).toContain('INC-2 · part of INC-1');
  });

  it('while the older one asks: the plan under somebody’s finger stays what it was, and the rest is not called contained', async () => {
    const world = await twoStories();
    const approve = await ask(world, 'INC-1');
    await prove(world);

    expect(await world.story('INC-2')).toMatchObject({ state: 'joined', joinedInto: 'INC-1' });
    expect(await world.press(ada, approve)).toBeUndefined();
    await world.pass(60, 10);
    expect(world.account.writes.map((one) => one.resource).filter((one) => one.includes(second) || one.includes('linus'))).toEqual([]);
    await world.pass(3 * 3600, 120);

    const story = await world.story('INC-1');
    expect(story.state === 'resolved' && world.account.running() > 0).toBe(false);
  });

  it('while the younger one asks: it keeps its number until that is over, and its question works', async () => {
    const world = await twoStories();
    const approve = await ask(world, 'INC-2');
    await prove(world);

    expect((await world.story('INC-2')).state).toBe('asking');
    expect(words(await world.press(ada, approve))).toBe('');
    await world.pass(20, 10);
    expect(world.account.keys.get(second)?.active).toBe(false);
    expect((await world.story('INC-2')).state).toBe('watching');
  });
});

describe('a quiet story', () => {
  it('gets a card only when it becomes loud, and does not take in the machines of a loud neighbour', async () => {
    const world = await openWorld();
    const low = {
      ...(await import('../support/stories.ts')).finding({
        key: 'quiet',
        severity: 'low',
        about: ['resource:arn:aws:ec2:eu-central-1:123456789012:instance/i-own'],
        at: world.clock.now(),
      }),
    };
    const { openIncident } = await import('../../src/bot/advance.ts');
    await world.store.save([
      {
        incident: {
          ...openIncident('INC-90', world.clock.now(), low, low.about, []),
          version: 1,
          severity: 'low',
          findings: { quiet: { ...low, state: 'active', changedAt: world.clock.now() } },
        },
        effects: [{ kind: 'show' }],
      },
    ]);
    await world.pass(20, 10);
    const cards = () => world.chat.posted.filter((one) => !one.under && one.message.severity !== undefined);
    expect(cards()).toEqual([]);

    world.account.launch(first, 'us-west-2');
    await world.pass(130, 10);

    expect(cards()).toHaveLength(1);
    expect((await world.story('INC-90')).severity).toBe('low');
    expect((await world.story('INC-1')).subjects).not.toContain('resource:arn:aws:ec2:eu-central-1:123456789012:instance/i-own');
  });
});
