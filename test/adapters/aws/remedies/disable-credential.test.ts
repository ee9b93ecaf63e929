import { describe, expect, it } from 'vitest';
import { actions, actor, denying, disabling, given, role, user, warrant } from './given.ts';
import { account, type World } from './stand-in.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const second = 'AKIAI44QH8DHBEXAMPL2';
const ada = (keys: World['users'][string]['keys']): Partial<World> => ({ users: { ada: { id: 'AIDAADA', keys, policies: {} } } });

describe('planning to deactivate a key', () => {
  it('takes the other active keys of its user along, and says why', async () => {
    const { remedier } = await given(ada({ [key]: 'Active', [second]: 'Active' }));

    const plan = await remedier.plan([disabling(key, user('ada'))]);

    expect(plan.items.map(({ resource, does, before, undo }) => ({ resource, does, before, undo }))).toEqual([
      {
        resource: `credential:${key}`,
        does: 'Deactivate access key AKIA…MPLE of user ada',
        before: { user: 'ada', status: 'Active' },
        undo: 'full',
      },
      {
        resource: `credential:${second}`,
        does: expect.stringMatching(/^Deactivate access key AKIA…MPL2 of user ada \(a second active key/),
        before: { user: 'ada', status: 'Active' },
        undo: 'full',
      },
    ]);
  });

  it('finds out whose key it is when nobody said so', async () => {
    const { only, calls } = await given(ada({ [key]: 'Active' }));

    const item = await only(disabling(key));

    expect(item.before).toEqual({ user: 'ada', status: 'Active' });
    expect(actions(calls, 'act')).toEqual([]);
    expect(actions(calls).filter((action) => !/:(List|Get)/.test(action))).toEqual([]);
  });

  it('counts 36 hours for sessions the key leaves alive, unless the same plan denies the user', async () => {
    const { remedier } = await given(ada({ [key]: 'Active' }));

    const alone = await remedier.plan([disabling(key, user('ada'))]);
    const both = await remedier.plan([disabling(key, user('ada')), denying(user('ada'))]);

    expect(alone.shutBySeconds).toBe(36 * 3600);
    expect(alone.holes).toEqual([expect.stringContaining('live on for up to 36 hours')]);
    expect(both.shutBySeconds).toBeLessThan(3600);
    expect(both.holes).toEqual([]);
    expect(both.items.map((item) => item.verb)).toEqual(['disable-credential', 'deny-principal']);
  });

  it('explains a temporary session, unless its user is denied in the same plan', async () => {
    const { remedier } = await given(ada({}));
    const session = { kind: 'disable-credential', credential: 'session:ASIAIOSFODNN7EXAMPLE', owner: user('ada') } as const;

    const alone = await remedier.plan([session]);
    const both = await remedier.plan([session, denying(user('ada'))]);

    expect(alone).toMatchObject({ items: [], holes: [expect.stringContaining('temporary session')] });
    expect(both.holes).toEqual([]);
  });

  it('leaves nothing open by the password of a user whom the same plan denies', async () => {
    const { remedier } = await given(ada({}));
    const password = disabling(`login-profile/arn:aws:iam::${account}:user/ada`);

    const alone = await remedier.plan([password]);
    const both = await remedier.plan([password, denying(user('ada'))]);

    expect(alone).toMatchObject({
      items: [],
      holes: [expect.stringMatching(/^the password of ada still works until ada is denied .*https:/)],
    });
    expect(both.items.map((item) => item.verb)).toEqual(['deny-principal']);
    expect(both.holes).toEqual([]);
  });

  it('says whose password cannot be shut from here', async () => {
    const { remedier } = await given(ada({}));

    const plan = await remedier.plan([
      disabling(`login-profile/arn:aws:iam::${account}:root`),
      disabling('login-profile/arn:aws:iam::210987654321:user/eve'),
      disabling('login-profile/x'),
    ]);

    expect(plan.holes).toEqual([
      expect.stringMatching(/^the password of root still works.*Sign in as root/),
      expect.stringContaining('belongs to account 210987654321'),
      expect.stringContaining('whose it is could not be told'),
    ]);
  });

  it('sends root, strangers and lost keys to a person', async () => {
    const { remedier } = await given(ada({}));

    const plan = await remedier.plan([
      disabling('AKIAROOTAAAAAAAAAAAA', actor(`arn:aws:iam::${account}:root`, 'root')),
      disabling('AKIAOTHERAAAAAAAAAAA', actor('arn:aws:iam::210987654321:user/eve')),
      disabling('AKIALOSTAAAAAAAAAAAA'),
      disabling('AKIAGONEAAAAAAAAAAAA', user('bob')),
      disabling('ssh/x', user('ada')),
    ]);

    expect(plan.items).toEqual([]);
    expect(plan.holes).toEqual([
      expect.stringMatching(/belongs to root.*Sign in as root.*https:/),
      expect.stringContaining('account 210987654321'),
      expect.stringContaining('belongs to no user of this account'),
      expect.stringContaining('only a deny of its user'),
      expect.stringContaining('user bob does not exist any more'),
    ]);
  });

  it('leaves the bot’s own keys alone', async () => {
    const { remedier, world } = await given(ada({ [key]: 'Active' }));
    world.caller = `arn:aws:iam::${account}:user/ada`;

    const plan = await remedier.plan([disabling(key)]);

    expect(plan.items).toEqual([]);
    expect(plan.holes).toEqual([expect.stringContaining('this bot itself runs as')]);
  });

  it('keeps the rest of the plan when the keys cannot be read', async () => {
    const { remedier, world } = await given(ada({ [key]: 'Active' }));
    world.faults['iam:ListAccessKeys'] = { code: 'AccessDenied', status: 403, times: 1 };

    const plan = await remedier.plan([disabling(key, user('ada')), denying(user('ada'))]);

    expect(plan.items.map((item) => item.verb)).toEqual(['deny-principal']);
    expect(plan.holes).toEqual([expect.stringMatching(/reading the keys to deactivate: not allowed.*not in the plan/)]);
  });
});

describe('deactivating a key', () => {
  it('is done once however often it is applied, and undone to the state before', async () => {
    const { only, remedier, world, calls } = await given(ada({ [key]: 'Active', [second]: 'Inactive' }));
    const before = structuredClone(world.users);
    const item = await only(disabling(key, user('ada')));

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'already so' });
    expect(world.users.ada?.keys).toEqual({ [key]: 'Inactive', [second]: 'Inactive' });
    expect(calls.filter((call) => call.action === 'iam:UpdateAccessKey')).toHaveLength(1);
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });

    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'done' });
    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'already so' });
    expect(world.users).toEqual(before);
  });

  it('never activates a key that was inactive before', async () => {
    const { only, remedier, world } = await given(ada({ [key]: 'Active' }));
    const item = { ...(await only(disabling(key, user('ada')))), before: { user: 'ada', status: 'Inactive' } };
    await remedier.apply(item, warrant);

    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'already so' });
    expect(world.users.ada?.keys[key]).toBe('Inactive');
  });

  it('sees a key that somebody set active again, and one that is gone', async () => {
    const { only, remedier, world } = await given(ada({ [key]: 'Active' }));
    const item = await only(disabling(key));
    await remedier.apply(item, warrant);

    (world.users.ada as World['users'][string]).keys[key] = 'Active';
    expect(await remedier.verify(item)).toEqual({ state: 'undone', why: 'key AKIA…MPLE is active again' });

    world.users = {};
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });
    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'gone' });
    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'gone' });
  });

  it('logs what it did without the key', async () => {
    const { only, remedier, logged, world } = await given(ada({ [key]: 'Active' }));
    const item = await only(disabling(key));
    world.faults['iam:UpdateAccessKey'] = { code: 'AccessDenied', status: 403, times: 1 };

    await remedier.apply(item, warrant);
    await remedier.apply(item, warrant);

    expect(logged.map((line) => line.level)).toEqual(['warn', 'info']);
    expect(JSON.stringify(logged)).not.toContain(key);
  });

  it('does not take a role for the owner of a key', async () => {
    const { only } = await given(ada({ [key]: 'Active' }));

    const item = await only(disabling(key, role('app-runner')));

    expect(item.before).toEqual({ user: 'ada', status: 'Active' });
  });
});
