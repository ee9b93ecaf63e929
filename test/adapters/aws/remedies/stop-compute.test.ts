import { describe, expect, it } from 'vitest';
import { actions, given, machine, stopping, warrant } from './given.ts';
import type { Machine } from './stand-in.ts';

const region = 'ap-south-1';
const id = 'i-0abc';
const running: Machine = { state: 'running', type: 'g5.12xlarge', name: 'web', stopProtection: false };
const one = (part: Partial<Machine> = {}) => ({ machines: { [region]: { [id]: { ...running, ...part } } } });

describe('planning a stop', () => {
  it('names the machine, its type, its name and its region, and its state before', async () => {
    const { remedier } = await given(one());

    const plan = await remedier.plan([stopping(machine(region, id))]);

    expect(plan.items).toEqual([
      expect.objectContaining({
        verb: 'stop-compute',
        resource: machine(region, id),
        does: 'Stop i-0abc (g5.12xlarge, "web") in ap-south-1',
        before: { state: 'running', stopProtection: false, type: 'g5.12xlarge' },
        undo: 'partial',
        undoNeeds: expect.stringContaining('memory is lost'),
      }),
    ]);
    expect(plan.shutBySeconds).toBeGreaterThan(0);
    expect(plan.holes).toEqual([]);
  });

  it('is refused with credentials of another account, whatever the configuration calls it', async () => {
    const { remedier, calls } = await given({ ...one(), caller: 'arn:aws:sts::999999999999:assumed-role/somebody/x' });

    await expect(remedier.plan([stopping(machine(region, id))])).rejects.toThrow(/belong to account 999999999999, not to 123456789012/);
    expect(actions(calls, 'act')).toEqual([]);
  });

  it('reads, and nothing else', async () => {
    const { remedier, calls } = await given(one({ stopProtection: true, spot: 'persistent' }));

    await remedier.plan([stopping(machine(region, id))]);

    expect(actions(calls).filter((action) => !/:(Describe|Get)/.test(action))).toEqual([]);
    expect(actions(calls, 'act')).toEqual([]);
  });

  it('leaves out machines that run no more', async () => {
    const { remedier } = await given(one({ state: 'stopped' }));

    const plan = await remedier.plan([stopping(machine(region, id))]);

    expect(plan).toMatchObject({ items: [], holes: [], shutBySeconds: 0 });
  });

  it.each([
    [{ spot: 'one-time' as const }, 'a one-time Spot instance'],
    [{ root: 'instance-store' as const }, 'instance store'],
  ])('says what to do by hand for what cannot be stopped (%o)', async (part, why) => {
    const { remedier } = await given(one(part));

    const plan = await remedier.plan([stopping(machine(region, id))]);

    expect(plan.items).toEqual([]);
    expect(plan.holes).toEqual([
      expect.stringMatching(new RegExp(`i-0abc.*cannot be stopped.*${why}.*https://ap-south-1\\.console\\.aws`)),
    ]);
  });

  it('says that a group will start others in the place of its machines', async () => {
    const { remedier } = await given(one({ group: 'miners' }));

    const plan = await remedier.plan([stopping(machine(region, id))]);

    expect(plan.items).toHaveLength(1);
    expect(plan.holes).toEqual([expect.stringContaining('Auto Scaling group "miners"')]);
  });

  it('keeps the other regions when one cannot be read, and says so', async () => {
    const { remedier, world } = await given({ machines: { [region]: { [id]: running }, 'eu-west-3': { 'i-0def': running } } });
    world.faults['ec2:DescribeInstances'] = { code: 'UnauthorizedOperation', status: 403, times: 1 };

    const plan = await remedier.plan([stopping(machine(region, id), machine('eu-west-3', 'i-0def'))]);

    expect(plan.items).toHaveLength(1);
    expect(plan.holes).toEqual([expect.stringMatching(/1 instances in \S+ could not be read \(not allowed.*not in this plan/)]);
  });

  it('throws what was tried when nothing could be read', async () => {
    const { remedier, world } = await given(one());
    world.faults['ec2:DescribeInstances'] = { code: 'RequestLimitExceeded', status: 503, times: 99 };

    await expect(remedier.plan([stopping(machine(region, id))])).rejects.toMatchObject({ again: true });
  });

  it('leaves machines of other accounts, things that are no machines, and unknown ids to the reader', async () => {
    const { remedier } = await given(one());

    const plan = await remedier.plan([
      stopping('resource:arn:aws:ec2:us-east-1:210987654321:instance/i-0abc', 'resource:arn:aws:s3:::bucket', machine(region, 'i-0fff')),
    ]);

    expect(plan.items).toEqual([]);
    expect(plan.holes).toHaveLength(3);
  });

  it('names what is no EC2 instance as what goes on, each sort and region in one line', async () => {
    const { remedier, calls } = await given(one());
    const arn = (rest: string) => `resource:arn:aws:${rest}` as const;

    const plan = await remedier.plan([
      stopping(
        machine(region, id),
        ...['a', 'b', 'c', 'd', 'e'].map((task) => arn(`ecs:eu-west-1:123456789012:task/work/${task}`)),
        arn('sagemaker:us-east-1:123456789012:notebook-instance/lab'),
        arn('lightsail:us-east-1:123456789012:Instance/shop'),
      ),
    ]);

    expect(plan.items).toHaveLength(1);
    expect(plan.holes).toEqual([
      'ecs in eu-west-1: task/work/a, task/work/b, task/work/c and 2 more would go on. This bot can stop EC2 instances only; stop these by hand in the AWS console',
      expect.stringMatching(/^sagemaker in us-east-1: notebook-instance\/lab would go on\./),
      expect.stringMatching(/^lightsail in us-east-1: Instance\/shop would go on\./),
    ]);
    expect(actions(calls, 'act')).toEqual([]);
  });

  it('does not stop the machine the bot runs on', async () => {
    const { remedier, world } = await given(one());
    world.caller = 'arn:aws:sts::123456789012:assumed-role/bot/i-0abc';

    const plan = await remedier.plan([stopping(machine(region, id))]);

    expect(plan.items).toEqual([]);
    expect(plan.holes).toEqual([expect.stringContaining('this bot runs on')]);
  });

  it('reads 450 machines of a region in three calls', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 450 }, (_, at) => [`i-${(at + 16).toString(16).padStart(8, '0')}`, { ...running }]),
    );
    const { remedier, calls } = await given({ machines: { [region]: many } });

    const plan = await remedier.plan([stopping(...Object.keys(many).map((each) => machine(region, each)))]);

    expect(plan.items).toHaveLength(450);
    expect(calls.filter((call) => call.action === 'ec2:DescribeInstances')).toHaveLength(3);
  });
});

describe('stopping', () => {
  it('stops once however often it is applied', async () => {
    const { only, remedier, world, calls } = await given(one());
    const item = await only(stopping(machine(region, id)));

    const outcomes = [await remedier.apply(item, warrant), await remedier.apply(item, warrant)];

    expect(outcomes).toEqual([{ outcome: 'done' }, { outcome: 'already so' }]);
    expect(world.machines[region]?.[id]?.state).toBe('stopped');
    expect(calls.filter((call) => call.action === 'ec2:StopInstances')).toHaveLength(1);
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });
  });

  it('writes with the act role, under the name of who approved', async () => {
    const { only, remedier, calls } = await given(one());
    const item = await only(stopping(machine(region, id)));

    await remedier.apply(item, warrant);

    expect(actions(calls, 'act')).toEqual(['ec2:StopInstances']);
    expect(calls.find((call) => call.parameters.RoleArn?.endsWith('Act'))?.parameters).toMatchObject({
      SourceIdentity: 'ada',
      RoleSessionName: 'cloudwarden-INC-42',
    });
  });

  it('lifts stop protection, and undo sets it again', async () => {
    const { only, remedier, world } = await given(one({ stopProtection: true }));
    const before = structuredClone(world.machines);
    const item = await only(stopping(machine(region, id)));
    expect(item.does).toContain('lifting its stop protection');

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
    expect(world.machines[region]?.[id]).toMatchObject({ state: 'stopped', stopProtection: false });

    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'done', why: 'its stop protection is set again' });
    expect(world.machines).toEqual(before);
    expect(await remedier.undo(item, warrant)).toEqual({ outcome: 'already so' });
  });

  it('stops a machine that was protected after the plan was made', async () => {
    const { only, remedier, world } = await given(one());
    const item = await only(stopping(machine(region, id)));
    (world.machines[region]?.[id] as Machine).stopProtection = true;

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
  });

  it('waits for a machine that is still starting', async () => {
    const { only, remedier, world } = await given(one({ state: 'pending' }));
    const item = await only(stopping(machine(region, id)));
    world.afterwards = (action) => {
      if (action === 'ec2:StopInstances') (world.machines[region]?.[id] as Machine).state = 'running';
      if (action === 'ec2:StopInstances') delete world.afterwards;
    };

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
  });

  it('leaves a machine that keeps starting to the next look', async () => {
    const { only, remedier } = await given(one({ state: 'pending' }));
    const item = await only(stopping(machine(region, id)));

    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'failed', why: expect.stringContaining('still starting') });
    expect(await remedier.verify(item)).toMatchObject({ state: 'undone' });
  });

  it('says gone for a terminated machine and for one AWS forgot', async () => {
    const { only, remedier, world } = await given(one());
    const item = await only(stopping(machine(region, id)));

    (world.machines[region]?.[id] as Machine).state = 'terminated';
    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'gone' });
    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'gone' });
    delete world.machines[region]?.[id];
    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'gone' });
    expect(await remedier.verify(item)).toEqual({ state: 'holds' });
  });

  it('sees that somebody started it again', async () => {
    const { only, remedier, world } = await given(one());
    const item = await only(stopping(machine(region, id)));
    await remedier.apply(item, warrant);

    (world.machines[region]?.[id] as Machine).state = 'running';

    expect(await remedier.verify(item)).toEqual({ state: 'undone', why: 'i-0abc is running again' });
  });

  it('names the permission to grant when it is refused, and the role', async () => {
    const { only, remedier, world } = await given(one());
    const item = await only(stopping(machine(region, id)));
    world.faults['ec2:StopInstances'] = { code: 'UnauthorizedOperation', status: 403, times: 9 };

    const outcome = await remedier.apply(item, warrant);

    expect(outcome).toEqual({
      outcome: 'refused',
      why: 'not allowed; grant ec2:StopInstances to arn:aws:iam::123456789012:role/CloudwardenAct',
    });
  });

  it('says that the act role could not be taken on', async () => {
    const { only, remedier, world } = await given(one());
    const item = await only(stopping(machine(region, id)));
    world.faults['sts:AssumeRole'] = { code: 'AccessDenied', status: 403, times: 9 };

    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'refused' });
    expect(world.machines[region]?.[id]?.state).toBe('running');
  });

  it.each([
    ['RequestLimitExceeded', 503],
    ['InternalError', 500],
  ])('fails, to be tried again, on %s', async (code, status) => {
    const { only, remedier, world } = await given(one());
    const item = await only(stopping(machine(region, id)));
    world.faults['ec2:StopInstances'] = { code, status, times: 9 };

    expect(await remedier.apply(item, warrant)).toMatchObject({ outcome: 'failed' });
    world.faults['ec2:DescribeInstances'] = { code, status, times: 9 };
    expect(await remedier.verify(item)).toMatchObject({ state: 'unseen' });
    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'failed' });
  });

  it('stops what it can when the protection cannot be read, and says so at undo', async () => {
    const { only, remedier, world } = await given(one({ stopProtection: true }));
    world.faults['ec2:DescribeInstanceAttribute'] = { code: 'UnauthorizedOperation', status: 403, times: 1 };
    const item = await only(stopping(machine(region, id)));

    expect(await remedier.apply(item, warrant)).toEqual({ outcome: 'done' });
    expect(await remedier.undo(item, warrant)).toMatchObject({ outcome: 'done', why: expect.stringContaining('could not be read') });
  });
});
