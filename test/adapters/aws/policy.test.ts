import { describe, expect, it } from 'vitest';
import { guardAwsAccount } from '../../../src/adapters/aws/account.ts';
import { doctorPermissions } from '../../../src/adapters/aws/doctor.ts';
import { grantedOnEverything, policyDocument } from '../../../src/adapters/aws/policy.ts';
import { remedyPermissions } from '../../../src/adapters/aws/remedies/index.ts';
import type { Batch, Permission } from '../../../src/bot/ports.ts';
import { actions, denying, disabling, type Given, given, machine, role, stopping, user, warrant } from './remedies/given.ts';
import { account } from './remedies/stand-in.ts';

const names = (permissions: readonly Permission[]) => [...new Set(permissions.map((one) => one.name))].sort();
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const key = 'AKIAIOSFODNN7EXAMPLE';

/** An account in which every remedy has everything to do. */
const busy = () =>
  given({
    machines: {
      'us-east-1': {
        'i-0abc': { state: 'running', type: 'g5.12xlarge', stopProtection: true },
        'i-0def': { state: 'running', type: 'g5.12xlarge', stopProtection: false, spot: 'one-time' },
      },
    },
    users: { ada: { id: 'AIDAADA', keys: { [key]: 'Active' }, policies: {} } },
    roles: { app: { id: 'AROAAPP', path: '/', policies: {} } },
  });

const accountOf = ({ session, clock }: Given) => guardAwsAccount({ account, name: 'production' }, { session, clock, log: quiet });

async function read(batches: AsyncIterable<Batch>): Promise<void> {
  for await (const _batch of batches);
}

async function declared(): Promise<{ read: Permission[]; act: Permission[] }> {
  const { sources } = await accountOf(await busy());
  return {
    read: [...sources.flatMap((source) => source.permissions), ...remedyPermissions.read, ...doctorPermissions],
    act: remedyPermissions.act,
  };
}

describe('what is declared and what is called', () => {
  it('agree both ways for the remedies', async () => {
    const { remedier, calls } = await busy();

    const { items } = await remedier.plan([
      disabling(key),
      denying(user('ada')),
      denying(role('app')),
      stopping(machine('us-east-1', 'i-0abc'), machine('us-east-1', 'i-0def')),
    ]);
    for (const item of items) await remedier.apply(item, warrant);
    for (const item of items) await remedier.verify(item);
    for (const item of items) expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'done' });

    expect(actions(calls, 'read').sort()).toEqual(names(remedyPermissions.read));
    expect(actions(calls, 'act').sort()).toEqual(names(remedyPermissions.act));
  });

  // That everything declared is needed too, each source's own test says: what is called depends on what is there.
  it('cover every call of every source', async () => {
    const world = await busy();
    const { sources } = await accountOf(world);
    world.session.meter.take();

    for (const source of sources) {
      await read(source.collect({}));
      if (source.lookInto) await read(source.lookInto(`credential:${key}`, '2025-11-24T00:00:00.000Z'));
    }

    const called = world.session.meter.take().map((one) => one.operation);
    // Probes are calls that have to be refused.
    const allowed = new Set(names(sources.flatMap((source) => source.permissions)));
    expect(called.filter((one) => one !== 'sts:AssumeRole' && one !== 'ec2:DeleteKeyPair' && !allowed.has(one))).toEqual([]);
    expect(called.length).toBeGreaterThan(20);
  });
});

describe('the policies', () => {
  it('grant what is declared, each action by name', async () => {
    const { read, act } = await declared();

    for (const [permissions, kind] of [[read, 'read'] as const, [act, 'act'] as const]) {
      const granted = policyDocument(permissions, kind)
        .Statement.filter((one) => one.Effect === 'Allow')
        .flatMap((one) => one.Action);
      expect([...granted].sort()).toEqual(names(permissions));
      expect(granted.filter((action) => action.includes('*'))).toEqual([]);
    }
  });

  it('let the act role write to instances, users and roles alone, and never to the bot’s own roles', async () => {
    const { act } = await declared();

    const { Statement } = policyDocument(act, 'act');

    expect(Statement.filter((one) => one.Effect === 'Allow').map((one) => one.Resource)).toEqual([
      'arn:aws:ec2:*:*:instance/*',
      'arn:aws:ec2:*:*:instance/*',
      'arn:aws:iam::*:user/*',
      'arn:aws:iam::*:role/*',
    ]);
    expect(Statement.at(-1)).toEqual({
      Sid: 'HandsOffOurselves',
      Effect: 'Deny',
      Action: names(act).filter((name) => name.startsWith('iam:')),
      Resource: expect.arrayContaining(['arn:aws:iam::*:role/CloudwardenAct', 'arn:aws:iam::*:role/CloudwardenRead']),
    });
  });

  it('let attributes of a machine be changed only for its stop protection', async () => {
    const { act } = await declared();

    const statement = policyDocument(act, 'act').Statement.find((one) => one.Action.includes('ec2:ModifyInstanceAttribute'));

    expect(statement).toMatchObject({
      Action: ['ec2:ModifyInstanceAttribute'],
      Condition: { StringEqualsIgnoreCase: { 'ec2:Attribute': 'DisableApiStop' } },
    });
  });

  it('grant on every resource only reads that have a reason', async () => {
    const { read } = await declared();

    const onEverything = policyDocument(read, 'read').Statement.find((one) => one.Resource === '*');

    expect(onEverything?.Action.filter((action) => !(action in grantedOnEverything))).toEqual([]);
  });

  it('let the reading role change nothing but what was read from the bot’s own queues', () => {
    const queues = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

    const { Statement } = policyDocument(
      queues.map((name) => ({ system: 'aws-iam', name })),
      'read',
    );

    expect(Statement).toEqual([{ Sid: 'OwnQueues', Effect: 'Allow', Action: queues.sort(), Resource: 'arn:aws:sqs:*:*:cloudwarden-*' }]);
  });

  it('never grant what a probe of our own ears needs to be refused', async () => {
    const { read, act } = await declared();

    expect(names([...read, ...act])).not.toContain('ec2:DeleteKeyPair');
  });

  it('refuse to grant an act they know nothing about', () => {
    expect(() => policyDocument([{ system: 'aws-iam', name: 'ec2:TerminateInstances' }], 'act')).toThrow('ec2:TerminateInstances');
  });

  it('fit into an inline policy of a role', async () => {
    const { read, act } = await declared();

    // IAM counts at most 10,240 characters over all inline policies of a role, white space aside (IAM user guide, quotas).
    const everything = Object.keys(grantedOnEverything).map((name): Permission => ({ system: 'aws-iam', name }));
    for (const document of [policyDocument([...read, ...everything], 'read'), policyDocument(act, 'act')]) {
      expect(JSON.stringify(document).length).toBeLessThan(10_240);
    }
  });
});
