import { describe, expect, it, vi } from 'vitest';
import { ada, openWorld } from '../support/living-bot.ts';
import { recordingChat } from '../support/recording-chat.ts';
import { policy } from '../support/stories.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const both = () => [recordingChat('slack'), recordingChat('discord')];
const people = policy({ people: [{ id: 'ada', name: 'Ada', role: 'admin', slack: 'T1/UADA', discord: '111' }], discordGuild: 'G1' });
const adaOnSlack = { platform: 'slack', user: 'UADA', space: 'T1' };

describe('a chat platform that is away', () => {
  it('keeps nobody from looking while it connects, and hears afterwards what was found', async () => {
    const slow = recordingChat();
    const connect = slow.start;
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    slow.down = true;
    slow.start = async (on) => {
      await arrived;
      slow.down = false;
      await connect(on);
    };
    let looks: { source: string }[] = [];
    const opening = openWorld({
      chats: [slow],
      accounts: (account) => {
        looks = account.looks;
        account.launch(key, 'us-west-2', { count: 2 });
        return [account];
      },
    });
    await vi.waitFor(() => expect(new Set(looks.map((look) => look.source)).size).toBe(2));
    expect(slow.posted).toEqual([]);
    arrive();
    const world = await opening;
    await world.pass(720, 60);

    expect(slow.buttons(/^Contain everything/)).toHaveLength(1);
    expect(slow.text()).toContain('The last 90 days have been read');
    expect(await world.bot.ready()).toMatchObject({ ready: true });
  });

  it('at start: the other one goes on at once, and when it is back it gets the card, the question and what happened, once', async () => {
    const chats = both();
    const [slack, discord] = chats;
    discord!.down = true;
    const world = await openWorld({ chats, policy: people });
    world.account.launch(key, 'us-west-2', { count: 2 });
    await world.pass(720, 60);
    expect(slack!.buttons(/^Contain everything/)).toHaveLength(1);
    await world.pressOn(adaOnSlack, /^Contain everything/);
    await world.pass(1, 1);
    await world.pressOn(adaOnSlack, /^Contain$/);
    await world.pass(300, 60);
    expect(world.account.running()).toBe(0);
    expect(discord!.posted).toEqual([]);
    const onSlack = slack!.posted.length;

    discord!.down = false;
    await world.pass(1800, 60);

    const cards = discord!.posted.filter((one) => !one.under && one.message.severity !== undefined);
    expect(cards).toHaveLength(1);
    expect(discord!.text()).toContain('Stopped 2 of 2 instances');
    expect(discord!.text()).toContain('The last 90 days have been read');
    expect([...discord!.buttons(/^Contain$/), ...slack!.buttons(/^Contain$/)]).toEqual([]);
    expect(discord!.posted.filter((one) => one.under).length).toBe(
      slack!.posted.filter((one) => one.under && !/asks|Contain INC/.test(slack!.text(one.message))).length,
    );
    // Nothing was said twice on the platform that was there all the time.
    expect(new Set(slack!.posted.map((one) => slack!.text(one.message))).size).toBe(slack!.posted.length);
    expect(slack!.posted.length).toBeGreaterThanOrEqual(onSlack);
    expect(await world.store.deadEffects()).toEqual([]);
  });

  it('when it is the only one: nothing is lost, the pager goes off all the same, and of many drawings only the newest is sent', async () => {
    const world = await openWorld();
    world.chat.down = true;
    world.account.launch(key, 'us-west-2');
    await world.pass(1200, 60);
    expect(world.paged).toHaveLength(1);
    for (let turn = 0; turn < 20; turn += 1) {
      world.account.launch(key, 'us-west-2', { type: 'c5.large' });
      await world.pass(120, 120);
    }
    const before = world.chat.posted.length;
    world.chat.down = false;
    await world.pass(900, 60);

    const cards = world.chat.posted.slice(before).filter((one) => !one.under && one.message.severity !== undefined);
    expect(cards).toHaveLength(1);
    expect(world.chat.updates).toBeLessThan(12);
    expect(await world.store.deadEffects()).toEqual([]);
  });

  it('for good: what could not be said is shown as such by status, and the digest counts it', async () => {
    const chats = both();
    const world = await openWorld({ chats, policy: people });
    chats[1]!.post = async () => {
      const { OutsideError } = await import('../../src/bot/ports.ts');
      throw new OutsideError('the token was revoked', false);
    };
    world.account.launch(key, 'us-west-2');
    await world.pass(720, 60);

    const status = await world.bot.command({ id: '1', text: 'status', by: adaOnSlack, room: '' });

    expect(JSON.stringify(status)).toContain('the token was revoked');
    expect(chats[0]!.buttons(/^Contain everything/)).toHaveLength(1);
    expect(JSON.stringify(await world.bot.digestNow())).toMatch(/given up/);
  });
});

describe('jobs', () => {
  it('the digest is posted again until at least one platform got it, once a day, and a missed one is caught up once', async () => {
    const world = await openWorld({ digestAt: { at: '12:05', zone: 'UTC' } });
    const digests = () => world.chat.posted.filter((one) => one.message.summary.startsWith('Digest:')).length;
    world.chat.down = true;
    await world.pass(600, 60);
    expect(digests()).toBe(0);
    world.chat.down = false;
    await world.pass(600, 60);
    expect(digests()).toBe(1);
    await world.pass(600, 60);
    expect(digests()).toBe(1);

    await world.clock.advance(3 * 24 * 3600);
    await world.restart();
    await world.pass(300, 60);
    expect(digests()).toBe(2);
  });

  it('the heartbeat is sent after each complete round, and not while a source breaks off', async () => {
    const world = await openWorld();
    await world.pass(600, 60);
    expect(world.beats.length).toBeGreaterThan(0);
    world.account.broken.add('pretend/audit-log');
    await world.pass(600, 60);
    const broken = world.beats.length;
    await world.pass(1800, 60);
    expect(world.beats.length).toBe(broken);
    world.account.broken.clear();
    await world.pass(600, 60);

    expect(world.beats.length).toBeGreaterThan(broken);
  });

  it('the first audit row of a start says which people and limits changed', async () => {
    const world = await openWorld();
    world.policy = policy({
      mostResources: 7,
      people: [
        { id: 'ada', name: 'Ada', role: 'admin' },
        { id: 'eve', name: 'Eve', role: 'admin' },
      ],
    });
    await world.restart();

    const [first, last] = (await world.store.auditRows({ most: 50 }))
      .filter((row) => row.what === 'started')
      .toSorted((a, b) => a.number - b.number);
    expect(first?.data).toMatchObject({ changed: false });
    expect(last?.data).toMatchObject({ changed: true, peopleAdded: ['eve admin'], limitsBefore: { most: 500 }, limits: { most: 7 } });
    expect(last?.data.peopleRemoved).toEqual(expect.arrayContaining(['bob admin', 'grace responder']));
    expect(ada.user).toBe('ada');
  });
});
