import { describe, expect, it } from 'vitest';
import { actions, actor, denying, given, role, scope, user, warrant } from './given.ts';
import { account, type World } from './stand-in.ts';

type Users = World['users'];
type Roles = World['roles'];
const ada = (policies: Record<string, string> = {}): Partial<World> => ({ users: { ada: { id: 'AIDAADA', keys: {}, policies } } });
const app = (policies: Record<string, string> = {}): Partial<World> => ({ roles: { app: { id: 'AROAAPP', path: '/', policies } } });
const theirs = '{ "Version": "2012-10-17",\n  "Statement": [ {"Effect":"Allow","Action":"s3:GetObject","Resource":"*"} ] }';

describe('planning a deny', () => {
  it('denies everything to a user and ends the sessions of a role, reading only', async () => {
    const { remedier, calls } = await given({ ...ada(), ...app() });

    const plan = await remedier.plan([denying(user('ada')), denying(role('app')), denying(user('ada'))]);

    expect(plan.items.map(({ does, undo }) => ({ does, undo }))).toEqual([
      { does: 'Deny everything to user ada, its open sessions included', undo: 'full' },
      { does: 'End the open sessions of role app (workloads that use it sign in again by themselves)', undo: 'full' },
    ]);
    expect(plan.shutBySeconds).toBe(300);
    expect(plan.holes).toEqual([expect.stringContaining('whoever may still assume the role')]);
    expect(actions(calls).filter((action) => !/:Get/.test(action))).toEqual([]);
    expect(actions(calls, 'act')).toEqual([]);
  });

  it('takes a session of a role for its role', async () => {
    const { remedier } = await given(app());
    const session = actor(`arn:aws:sts::${account}:assumed-role/app/i-0abc`, 'workload');

    const { items } = await remedier.plan([denying(session)]);

    expect(items).toEqual([expect.objectContaining({ resource: session.subject, does: expect.stringContaining('role app') })]);
  });

  it.each([
    ['root', actor(`arn:aws:iam::${account}:root`, 'root'), /root cannot be cut off by a policy.*https:/],
    ['Identity Center', role('AWSReservedSSO_Admin_0123456789abcdef'), /Identity Center.*https:/],
    [
      'a service-linked role',
      actor(`arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`, 'provider'),
      /service-linked/,
    ],
    ['a federated session', actor(`arn:aws:sts::${account}:federated-user/bob`, 'federated'), /Deny that user/],
    ['another account', actor('arn:aws:iam::210987654321:role/eve', 'workload'), /lives in account 210987654321/],
    ['AWS itself', actor('ec2.amazonaws.com', 'provider'), /AWS itself/],
    ['the role the bot reads as', role('CloudwardenRead'), /this bot itself/],
    ['the role the bot acts as', role('CloudwardenAct'), /this bot itself/],
    ['a user who is gone', user('bob'), /does not exist any more/],
  ])('says in words what to do about %s', async (_name, principal, words) => {
    const { remedier } = await given(ada());

    const plan = await remedier.plan([denying(principal)]);

    expect(plan.items).toEqual([]);
    expect(plan.holes).toEqual([expect.stringMatching(words)]);
  });

  it('does not reach into an account it was not asked about here', async () => {
    const { remedier } = await given(ada());

    const plan = await remedier.plan([{ kind: 'deny-principal', principal: user('ada'), over: { ...scope, id: '210987654321' } }]);

    expect(plan).toMatchObject({ items: [], holes: [expect.stringContaining('210987654321')] });
  });

  it('makes no plan when AWS does not say who the bot is', async () => {
    const { remedier, world } = await given(ada());
    world.faults['sts:GetCallerIdentity'] = { code: 'ServiceUnavailable', status: 503, times: 9 };

    await expect(remedier.plan([denying(user('ada'))])).rejects.toThrow('asking AWS who the bot is');
  });
});

describe('denying a user', () => {
  it('writes the deny once, sees it stand, and takes it away without a trace', async () => {
    const { only, remedier, world, calls } = await given(ada({ theirs }));
    const before = structuredClone(world.users);
    const item = await only(denying(user('ada')));

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'already so' });
    expect(calls.filter((call) => call.action === 'iam:PutUserPolicy')).toHaveLength(1);
    expect(JSON.parse(world.users.ada?.policies.CloudwardenDenyAll ?? '')).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    });
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });

    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'done' });
    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'already so' });
    expect(world.users).toEqual(before);
  });

  it('puts back, byte for byte, a policy that had our name before', async () => {
    const { only, remedier, world } = await given(ada({ CloudwardenDenyAll: theirs }));
    const item = await only(denying(user('ada')));

    await remedier.apply(item, warrant);
    expect(world.users.ada?.policies.CloudwardenDenyAll).not.toBe(theirs);
    await remedier.undo(item, warrant);

    expect(world.users.ada?.policies.CloudwardenDenyAll).toBe(theirs);
  });

  it('asks for nothing when the user is denied already', async () => {
    const { only, remedier } = await given(ada());
    await remedier.apply(await only(denying(user('ada'))), warrant);

    const plan = await remedier.plan([denying(user('ada'))]);

    expect(plan).toMatchObject({ items: [], holes: [] });
  });

  it('sees that somebody removed or changed it, and does not undo what is not its own', async () => {
    const { only, remedier, world } = await given(ada());
    const item = await only(denying(user('ada')));
    await remedier.apply(item, warrant);

    (world.users as Users).ada = { id: 'AIDAADA', keys: {}, policies: { CloudwardenDenyAll: theirs } };
    expect(await remedier.verify(item)).toMatchObject({ state: 'undone', why: expect.stringContaining('changed') });
    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'refused' });
    expect(world.users.ada?.policies.CloudwardenDenyAll).toBe(theirs);

    (world.users as Users).ada = { id: 'AIDAADA', keys: {}, policies: {} };
    expect(await remedier.verify(item)).toMatchObject({ state: 'undone', why: expect.stringContaining('removed') });
    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
  });

  it('does not touch a namesake made since the plan', async () => {
    const { only, remedier, world } = await given(ada());
    const item = await only(denying(user('ada')));
    (world.users as Users).ada = { id: 'AIDANEW', keys: {}, policies: {} };

    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'gone', why: expect.stringContaining('another of that name') });
    expect(world.users.ada?.policies).toEqual({});
  });

  it('says gone for a user who is deleted; nothing is left to hold', async () => {
    const { only, remedier, world } = await given(ada());
    const item = await only(denying(user('ada')));
    world.users = {};

    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'gone' });
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });
    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'gone' });
  });

  it.each([
    ['LimitExceeded', 409, 'refused', 'no room'],
    ['AccessDenied', 403, 'refused', 'iam:PutUserPolicy'],
    ['Throttling', 400, 'failed', 'slowed us down'],
    ['ServiceFailure', 500, 'failed', 'error of its own'],
  ])('turns %s into an outcome', async (code, status, outcome, why) => {
    const { only, remedier, world } = await given(ada());
    const item = await only(denying(user('ada')));
    world.faults['iam:PutUserPolicy'] = { code, status, times: 1 };

    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome, why: expect.stringContaining(why) });
    expect(world.users.ada?.policies).toEqual({});
  });
});

describe('ending the sessions of a role', () => {
  it('denies tokens issued before the moment of applying, once', async () => {
    const { only, remedier, world, clock, calls } = await given(app({ theirs }));
    const before = structuredClone(world.roles);
    const item = await only(denying(role('app')));
    clock.pass(240);

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
    clock.pass(60);
    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'already so' });

    expect(calls.filter((call) => call.action === 'iam:PutRolePolicy')).toHaveLength(1);
    expect(JSON.parse(world.roles.app?.policies.CloudwardenDenyOlderSessions ?? '')).toMatchObject({
      Statement: [{ Effect: 'Deny', Condition: { DateLessThan: { 'aws:TokenIssueTime': '2025-11-24T14:06:00.000Z' } } }],
    });
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });
    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'done' });
    expect(world.roles).toEqual(before);
  });

  it('ends newer sessions too when asked again, and each undo takes back only its own', async () => {
    const { only, remedier, world, clock } = await given(app());
    const first = await only(denying(role('app')));
    await remedier.apply(first, warrant);
    const afterFirst = structuredClone(world.roles);
    clock.pass(3600);
    const second = await only(denying(role('app')));

    expect(await remedier.apply(second, warrant)).toEqual({ outcome: 'done' });
    expect(await remedier.verify(first)).toEqual({ state: 'holds' });

    expect(await remedier.undo(first, warrant)).toMatchObject({ outcome: 'refused', why: expect.stringContaining('later plan') });
    expect(await remedier.undo(second, warrant)).toEqual({ outcome: 'done' });
    expect(world.roles).toEqual(afterFirst);
    expect(await remedier.undo(first, warrant)).toEqual({ outcome: 'done' });
    expect((world.roles as Roles).app?.policies).toEqual({});
  });
});
