import { describe, expect, it } from 'vitest';
import type { Meaning } from '../../src/bot/button.ts';
import type { Policy } from '../../src/bot/people.ts';
import type { ChatUser } from '../../src/bot/ports.ts';
import { ada, bob, grace, openWorld, type World, type WorldOptions, words } from '../support/living-bot.ts';
import { recordingChat } from '../support/recording-chat.ts';
import { policy } from '../support/stories.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const slackPeople: Policy['people'] = [
  { id: 'ada', name: 'Ada', role: 'admin', slack: 'T1/UADA', discord: '111' },
  { id: 'bob', name: 'Bob', role: 'admin', slack: 'T1/UBOB', discord: '222' },
  { id: 'grace', name: 'Grace', role: 'responder', slack: 'T1/UGRACE', discord: '333' },
];

async function alarmed(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options);
  world.account.launch(key, 'us-west-2', { count: 2 });
  await world.pass(700, 60);
  return world;
}

async function asking(options: WorldOptions = {}, by: ChatUser = grace): Promise<World & { approve: Meaning; decline: Meaning }> {
  const world = await alarmed(options);
  await world.press(by, { kind: 'ask', incident: 'INC-1', want: 'contain' });
  await world.pass(1, 1);
  const { plan, state } = await world.story();
  expect(state).toBe('asking');
  const of = { incident: 'INC-1', plan: plan!.id, hash: plan!.hash };
  return Object.assign(world, { approve: { kind: 'approve', ...of } as Meaning, decline: { kind: 'decline', ...of } as Meaning });
}

const refused = async (world: World) => (await world.store.auditRows({ most: 500 })).filter((row) => row.what === 'refused');

describe('an account without an acting role, beside one that has it', () => {
  it('shows no button to act, and says why', async () => {
    const world = await alarmed({
      accounts: ({ remedier: _, ...observed }) => [
        observed,
        { ...observed, scope: { ...observed.scope, id: '999999999999' }, name: 'other', sources: [], remedier: _! },
      ],
    });

    const chat = world.chats[0]!;
    expect(chat.buttons(/^(Contain|Stop|Revoke)/)).toEqual([]);
    expect(chat.text()).toContain('no acting role is configured for');
  });
});

describe('a press', () => {
  it('by a stranger does nothing, is answered with who may, and is audited once a minute, then counted', async () => {
    const world = await asking();
    const mallory: ChatUser = { platform: 'console', user: 'mallory', space: 'console' };

    const answers = [];
    for (let turn = 0; turn < 5; turn += 1) answers.push(await world.press(mallory, world.approve));
    expect(await refused(world)).toHaveLength(1);
    await world.pass(70, 10);
    await world.press(mallory, world.approve);

    for (const answer of answers) expect(words(answer)).toMatch(/Only people of the configuration.*Ada/);
    expect((await refused(world)).map((row) => row.data.more ?? 0).toSorted()).toEqual([0, 0, 4]);
    expect(world.account.writes).toEqual([]);
  });

  it('by a guest of another workspace or server is a stranger’s, whatever the user id', async () => {
    const world = await asking(
      { policy: policy({ people: slackPeople, discordGuild: 'G1' }), chats: [recordingChat('slack'), recordingChat('discord')] },
      { platform: 'slack', user: 'UGRACE', space: 'T1' },
    );

    for (const guest of [
      { platform: 'slack', user: 'UADA', space: 'T2' },
      { platform: 'discord', user: '111', space: 'G2' },
      { platform: 'console', user: 'ada', space: 'elsewhere' },
      { platform: 'telegraph', user: 'ada', space: 'console' },
    ])
      expect(words(await world.press(guest, world.approve))).toContain('Only people of the configuration');

    expect(world.account.writes).toEqual([]);
    expect((await world.story()).state).toBe('asking');
  });

  it('above the limit takes somebody else than the one who asked, people and not chat accounts', async () => {
    const two = policy({ people: slackPeople, discordGuild: 'G1', twoPeopleAboveUsdPerHour: 5 });
    const world = await asking(
      { policy: two, chats: [recordingChat('slack'), recordingChat('discord')] },
      { platform: 'slack', user: 'UADA', space: 'T1' },
    );

    const own = await world.press({ platform: 'slack', user: 'UADA', space: 'T1' }, world.approve);
    const other = await world.press({ platform: 'discord', user: '111', space: 'G1' }, world.approve);
    expect([words(own), words(other)]).toEqual([
      expect.stringContaining('You asked for this'),
      expect.stringContaining('You asked for this'),
    ]);
    expect(world.account.writes).toEqual([]);
    await world.press({ platform: 'discord', user: '222', space: 'G1' }, world.approve);
    await world.bot.idle();

    expect(world.account.writes).toHaveLength(4);
  });

  it('that is delivered twice, or whose payload is sent again much later, counts once', async () => {
    const world = await asking();
    const press = {
      id: 'the-same',
      button: world.chat.buttons(/^Contain$/)[0]!.id,
      by: ada,
      ref: { platform: 'console', room: '', id: '1' },
    };

    const [first, second] = await Promise.all([world.bot.press(press), world.bot.press(press)]);
    await world.bot.idle();
    expect([first, second]).toEqual([undefined, undefined]);
    await world.pass(7200, 60);
    expect((await world.story()).state).toBe('resolved');
    const again = await world.bot.press(press);
    const later = await world.bot.press({ ...press, id: 'another' });
    await world.restart();
    const reborn = await world.bot.press(press);

    expect(again).toBeUndefined();
    for (const answer of [later, reborn]) expect(words(answer)).toMatch(/already did this/);
    expect(world.account.writes).toHaveLength(4);
  });

  it('on a question that ran out is refused, and the question does not look alive any more', async () => {
    const world = await asking();
    await world.clock.advance(15 * 60 + 1);

    expect(words(await world.press(ada, world.approve))).toContain('older than 15 minutes');
    await world.pass(60, 10);
    expect(words(await world.press(ada, world.approve))).toContain('moved on');
    expect(words(await world.press(ada, world.decline))).toContain('moved on');

    expect((await world.story()).state).toBe('open');
    expect([...world.chat.buttons(/^Contain$/), ...world.chat.buttons(/^Not now$/)]).toEqual([]);
    expect(world.chat.text()).toContain('ran out at');
    expect((await refused(world)).length).toBeGreaterThan(0);
    expect(world.account.writes).toEqual([]);
  });

  it('on the question before the newest one is refused, and the old question is closed', async () => {
    const world = await asking();
    await world.press(grace, world.decline);
    await world.bot.idle();
    expect(world.chat.buttons(/^Contain$/)).toEqual([]);
    await world.press(grace, { kind: 'ask', incident: 'INC-1', want: 'contain' });
    await world.pass(1, 1);

    expect(words(await world.press(ada, world.approve))).toContain('not the plan');
    expect(world.chat.buttons(/^Contain$/)).toHaveLength(1);
    expect(world.account.writes).toEqual([]);
  });

  it('on a story that became part of another points there', async () => {
    const world = await alarmed();
    const story = await world.story();
    await world.store.save([{ incident: { ...story, version: story.version + 1, state: 'joined', joinedInto: 'INC-7' }, effects: [] }]);

    for (const meaning of [
      { kind: 'ask', incident: 'INC-1', want: 'contain' },
      { kind: 'take', incident: 'INC-1' },
      { kind: 'resolve', incident: 'INC-1' },
    ] as const)
      expect(words(await world.press(ada, meaning))).toContain('INC-7');
  });

  it('while a plan is carried out or a question is open is told so', async () => {
    const world = await asking();

    expect(words(await world.press(ada, { kind: 'ask', incident: 'INC-1', want: 'stop' }))).toContain('a question is open');
    expect(await world.press(ada, { kind: 'take', incident: 'INC-1' })).toBeUndefined();
    expect(words(await world.press(bob, { kind: 'take', incident: 'INC-1' }))).toContain('Ada already did this');
    expect(words(await world.press(grace, { kind: 'resolve', incident: 'INC-1' }))).toContain('Only admins');
  });

  it('of “expected” with a bad form changes nothing', async () => {
    const world = await alarmed();
    const form = { kind: 'expected', incident: 'INC-1' } as const;

    for (const values of [
      undefined,
      {},
      { days: '31', cap: '5' },
      { days: '0', cap: '5' },
      { days: '7', cap: '' },
      { days: '7', cap: 'Infinity' },
      { days: '7', cap: '-1' },
      { days: '1e1', cap: '5' },
      { days: '7', cap: '1e9' },
      { days: '3.5', cap: '5' },
    ])
      expect(words(await world.press(ada, form, values as Record<string, string>)), JSON.stringify(values)).toContain(
        'Nothing was changed',
      );

    expect((await world.story()).state).toBe('open');
    expect(await world.store.expectations(world.clock.now())).toEqual([]);
  });

  it('of “expected” by a responder is refused', async () => {
    const world = await alarmed();

    expect(words(await world.press(grace, { kind: 'expected', incident: 'INC-1' }, { days: '7', cap: '50' }))).toContain('Only admins');
  });

  it('of a button that was never shown is refused', async () => {
    const world = await alarmed();
    const answer = await world.bot.press({ id: 'x', button: 'made-up', by: ada, ref: { platform: 'console', room: '', id: '1' } });

    expect(words(answer)).toContain('moved on');
  });
});

describe('switched off', () => {
  it.each<[string, Partial<Policy>]>([
    ['by the configuration', { actions: 'off' }],
    ['because nobody may approve', { people: [{ id: 'grace', name: 'Grace', role: 'responder' }] }],
  ])('%s: there are no buttons to act, and a press of one is refused', async (_, over) => {
    const world = await alarmed({ policy: policy(over) });

    expect(world.chat.buttons(/Contain|Stop|Revoke/)).toEqual([]);
    await world.store.saveButtons([{ id: 'kept', meaning: { kind: 'ask', incident: 'INC-1', want: 'contain' } }]);
    const answer = await world.bot.press({ id: 'x', button: 'kept', by: grace, ref: { platform: 'console', room: '', id: '1' } });
    expect(words(answer)).toMatch(/switched off|only observes/);
    expect(world.account.writes).toEqual([]);
  });

  it('by a person: a plan not begun is not begun, a question cannot be approved, a following rule rests and goes on after', async () => {
    const world = await asking();
    const { account } = world;
    const command = (text: string, by = ada) => world.bot.command({ id: text, text, by, room: 'alerts' });

    expect(words(await command('pause-actions', grace))).toContain('Only admins');
    await command('pause-actions');
    expect(words(await world.press(ada, world.approve))).toContain('switched off');
    await command('resume-actions');
    await world.press(ada, world.approve);
    await world.bot.idle();
    expect(account.running()).toBe(0);

    await command('pause-actions');
    account.keys.set('AKIAI44QH8DHBEXAMPLE', { user: 'ci-deploy', active: true });
    account.denied.clear();
    account.keys.get(key)!.active = true;
    account.launch(key, 'us-west-2');
    const before = account.writes.length;
    await world.pass(600, 60);
    expect(account.writes).toHaveLength(before);
    expect(account.running()).toBe(1);
    expect((await world.story()).history.map((one) => one.text).join('\n')).toContain('Acting is paused');

    await command('resume-actions');
    await world.pass(1500, 60);
    expect(account.running()).toBe(0);
    expect(account.keys.get(key)?.active).toBe(false);
    expect((await world.store.auditRows({ most: 500 })).map((row) => row.what)).toEqual(
      expect.arrayContaining(['paused acting', 'resumed acting']),
    );
  });

  it('in the middle of a plan: the step that runs ends, the others wait for the looks after resume', async () => {
    let steps = 0;
    const world: World & { approve: Meaning } = await asking({
      fault(point) {
        if (!point.endsWith('after it was written') || !point.startsWith('step')) return;
        steps += 1;
        if (steps === 1) void world.bot.command({ id: 'p', text: 'pause-actions', by: ada, room: 'alerts' });
      },
    });
    await world.press(ada, world.approve);
    await world.pass(20, 5);

    expect(world.account.running()).toBe(2);
    expect(world.account.writes.length).toBeLessThan(4);
    expect(await world.story()).toMatchObject({ state: 'watching' });
    expect(world.chat.text()).toContain('switched off after the approval');

    await world.bot.command({ id: 'r', text: 'resume-actions', by: ada, room: 'alerts' });
    await world.pass(400, 60);
    expect(world.account.running()).toBe(0);
    expect(world.account.writes).toHaveLength(4);
  });
});

describe('limits', () => {
  it('a plan that would touch more than the limit is not made, and says so', async () => {
    const world = await alarmed({ policy: policy({ mostResources: 3 }) });
    await world.press(ada, { kind: 'ask', incident: 'INC-1', want: 'contain' });
    await world.pass(1, 1);

    expect((await world.story()).state).toBe('open');
    expect(world.chat.text()).toContain('the limit is 3');
  });

  it('an approval that could not be begun in time is not begun', async () => {
    let held = true;
    const world = await asking({
      fault(point) {
        if (point === 'act: before the first step' && held) throw new Error('the machine sleeps');
      },
    });
    await world.press(ada, world.approve);
    await world.bot.idle();
    await world.clock.advance(31 * 60);
    held = false;
    await world.pass(60, 10);

    expect(world.account.writes).toEqual([]);
    expect((await world.story()).state).toBe('open');
    expect(world.chat.text()).toContain('could not be begun in time');
  });

  it('a plan whose stored content is not what was approved is not carried out', async () => {
    const world = await asking();
    const story = await world.story();
    const [first] = story.plan!.items;
    const tampered = {
      ...story.plan!,
      items: [{ ...first!, resource: 'resource:arn:aws:ec2:us-west-2:123456789012:instance/i-innocent' as const }],
    };
    await world.store.save([{ incident: { ...story, version: story.version + 1, plan: tampered }, effects: [] }]);
    await world.press(ada, world.approve);
    await world.pass(5, 1);

    expect(world.account.writes).toEqual([]);
    expect(world.chat.text()).toContain('not the one that was approved');
  });
});

describe('for every deed, person, platform, space and state', () => {
  it('nothing is written to the cloud outside of what is allowed', async () => {
    const people = policy({ people: slackPeople, discordGuild: 'G1', twoPeopleAboveUsdPerHour: 5 });
    const users: (ChatUser & { may: boolean })[] = [];
    for (const [id, person] of [
      ['ADA', 'admin'],
      ['BOB', 'admin'],
      ['GRACE', 'responder'],
      ['NOBODY', 'stranger'],
    ] as const) {
      const discord = { ADA: '111', BOB: '222', GRACE: '333', NOBODY: '444' }[id];
      for (const space of ['T1', 'T2', ''])
        users.push({ platform: 'slack', user: `U${id}`, space, may: person === 'admin' && space === 'T1' });
      for (const space of ['G1', 'G2'])
        users.push({ platform: 'discord', user: discord, space, may: person === 'admin' && space === 'G1' });
      users.push({ platform: 'console', user: `U${id}`, space: 'console', may: false });
    }
    const states = ['asking', 'expired', 'declined', 'paused', 'replayed'] as const;
    let allowed = 0;
    for (const state of states) {
      const ada1: ChatUser = { platform: 'slack', user: 'UADA', space: 'T1' };
      const world = await asking({ policy: people, chats: [recordingChat('slack'), recordingChat('discord')] }, ada1);
      const meanings: Meaning[] = [
        { kind: 'details', incident: 'INC-1' },
        { kind: 'take', incident: 'INC-1' },
        { kind: 'ask', incident: 'INC-1', want: 'undo' },
        world.approve,
      ];
      if (state === 'expired') await world.clock.advance(901);
      if (state === 'declined') await world.press({ platform: 'slack', user: 'UGRACE', space: 'T1' }, world.decline);
      if (state === 'paused') await world.bot.command({ id: 'p', text: 'pause-actions', by: ada1, room: '' });
      if (state === 'replayed') await world.press({ platform: 'slack', user: 'UBOB', space: 'T1' }, world.approve);
      await world.bot.idle();
      // Those who may come last, so that everybody else finds the question as it was.
      for (const user of users.toSorted((a, b) => Number(a.may) - Number(b.may))) {
        const before = world.account.writes.length;
        for (const meaning of meanings) await world.press(user, meaning);
        await world.bot.idle();

        const isBob = user.may && (user.user === 'UBOB' || user.user === '222');
        const mayWrite = isBob && state === 'asking' && allowed === 0;
        if (mayWrite) allowed += 1;
        const where = `${state} ${user.platform} ${user.user} ${user.space}`;
        expect(world.account.writes.length - before, where).toBe(mayWrite ? 4 : 0);
      }
    }
    expect(allowed).toBe(1);
  });
});
