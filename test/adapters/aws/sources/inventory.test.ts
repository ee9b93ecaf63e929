import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPrices } from '../../../../src/adapters/aws/prices.ts';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { inventory } from '../../../../src/adapters/aws/sources/inventory.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import type { Batch, Cursors, Source } from '../../../../src/bot/ports.ts';
import type { Observation, Of } from '../../../../src/checks/observation.ts';
import {
  type Asked,
  account,
  handClock,
  instancesXml,
  instanceXml,
  regionsXml,
  type Said,
  type StandIn,
  sessionOn,
  standIn,
} from '../aws-stand-in.ts';

const clock = handClock('2026-03-01T14:00:00.000Z');
const regions = {
  'eu-west-1': 'opt-in-not-required',
  'us-east-1': 'opt-in-not-required',
  'af-south-1': 'not-opted-in',
  'me-south-1': 'opted-in',
};
const prices = loadPrices();
let aws: StandIn;
let session: AwsSession;
let machines: (asked: Asked) => Said;
let list: () => Said;

beforeEach(async () => {
  machines = () => instancesXml([]);
  list = () => regionsXml(regions);
  aws = await standIn((asked) => (asked.operation === 'DescribeRegions' ? list() : machines(asked)));
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

const open = (): Source => inventory({ session, clock, regions: openRegions(session, clock) }, prices);
async function look(source = open()): Promise<Observation[]> {
  const batches: Batch[] = [];
  for await (const batch of source.collect({})) batches.push(batch);
  return batches.flatMap((batch) => batch.observations);
}
const seen = (observations: Observation[]): Of<'compute.seen'>[] => observations.filter((one) => one.kind === 'compute.seen');
const looks = (observations: Observation[]) =>
  observations.flatMap((one) =>
    one.kind === 'look.finished' ? [{ region: one.place.region, noun: one.noun, complete: one.complete, gap: one.gap }] : [],
  );

describe('the AWS inventory', () => {
  it('sees a machine with size, price, name and launch time, under a name that stays', async () => {
    machines = ({ region }) =>
      instancesXml(region === 'us-east-1' ? [instanceXml({ id: 'i-0abc', type: 'g5.12xlarge', tags: { Name: 'web' } })] : []);

    const [machine] = seen(await look());
    clock.turn(120);
    const [again] = seen(await look());

    expect(machine).toMatchObject({
      id: `arn:aws:ec2:us-east-1:${account}:instance/i-0abc@2026-03-01T10:00:00.000Z`,
      at: '2026-03-01T10:00:00.000Z',
      resource: `resource:arn:aws:ec2:us-east-1:${account}:instance/i-0abc`,
      shape: { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 },
      perHour: { amount: 5.672, currency: 'USD', usd: 5.672 },
      estimated: false,
      name: 'web',
      running: true,
    });
    expect({ ...again, heard: '' }).toEqual({ ...machine, heard: '' });
  });

  it('reads every enabled region, leaves out those that are not opted in, and ends each look', async () => {
    expect(looks(await look())).toEqual(
      expect.arrayContaining([
        { region: 'us-east-1', noun: 'regions', complete: true, gap: undefined },
        { region: 'eu-west-1', noun: 'regions', complete: true, gap: undefined },
        { region: 'me-south-1', noun: 'regions', complete: true, gap: undefined },
        { region: 'global', noun: 'lists of regions', complete: true, gap: undefined },
      ]),
    );
    expect(
      aws.asked
        .filter((one) => one.operation === 'DescribeInstances')
        .map((one) => one.region)
        .sort(),
    ).toEqual(['eu-west-1', 'me-south-1', 'us-east-1']);
  });

  it('never counts a region it could not read as empty', async () => {
    machines = ({ region }) =>
      region === 'eu-west-1' ? { error: 'UnauthorizedOperation', status: 403 } : instancesXml([instanceXml({ id: 'i-0abc' })]);

    const observations = await look();

    expect(looks(observations)).toContainEqual({
      region: 'eu-west-1',
      noun: 'regions',
      complete: false,
      gap: 'the machines of eu-west-1 could not be read: not allowed (UnauthorizedOperation)',
    });
    expect(seen(observations)).toHaveLength(2);
  });

  it('keeps the pages it has when a later one fails, and says that the region is not whole', async () => {
    machines = ({ region, input }) =>
      region !== 'us-east-1'
        ? instancesXml([])
        : input.NextToken
          ? { error: 'RequestLimitExceeded', status: 503 }
          : instancesXml([instanceXml({ id: 'i-1' })], 'next');

    const observations = await look();

    expect(seen(observations)).toHaveLength(1);
    expect(looks(observations)).toContainEqual(
      expect.objectContaining({ region: 'us-east-1', complete: false, gap: expect.stringContaining('slowed us down') }),
    );
  });

  it('looks at the regions every account has when the list cannot be read, and says so', async () => {
    list = () => ({ error: 'UnauthorizedOperation', status: 403 });

    const ended = looks(await look());

    expect(ended.filter((one) => one.noun === 'regions')).toHaveLength(17);
    expect(ended).toContainEqual({
      region: 'global',
      noun: 'lists of regions',
      complete: false,
      gap: expect.stringContaining('the list of regions could not be read: not allowed'),
    });
  });

  it('asks for the list of regions once, however many sources find theirs old at the same moment', async () => {
    const known = openRegions(session, clock);

    const lists = await Promise.all([known(), known(), known()]);

    expect(new Set(lists.map(({ names }) => names.join())).size).toBe(1);
    expect(aws.asked).toHaveLength(1);
  });

  it('keeps the regions it knew when the list cannot be read again', async () => {
    const source = open();
    await look(source);
    list = () => ({ error: 'InternalError', status: 500 });
    clock.turn(3600);

    const ended = looks(await look(source));

    expect(ended.filter((one) => one.noun === 'regions')).toHaveLength(3);
    expect(ended.at(-1)?.gap).toMatch(/could not be read again/);
  });

  it('tells ended machines from running ones, at the time AWS says', async () => {
    machines = ({ region }) =>
      instancesXml(
        region === 'us-east-1'
          ? [
              instanceXml({ id: 'i-stopped', state: 'stopped', reason: 'User initiated (2026-03-01 12:34:56 GMT)' }),
              instanceXml({ id: 'i-gone', state: 'terminated', reason: 'Server.SpotInstanceTermination' }),
              instanceXml({ id: 'i-pending', state: 'pending' }),
            ]
          : [],
      );
    const source = open();

    const before = clock.now();
    const now = new Map(seen(await look(source)).map((one) => [one.resource.split('/')[1], one]));
    clock.turn(120);
    const later = seen(await look(source)).find((one) => one.resource.endsWith('i-gone'));

    expect(now.get('i-stopped')).toMatchObject({ running: false, at: '2026-03-01T12:34:56.000Z', id: expect.stringMatching(/:ended$/) });
    expect(now.get('i-pending')).toMatchObject({ running: true });
    expect(now.get('i-gone')).toMatchObject({ running: false, at: before });
    expect(later?.at).toBe(before);
  });

  it('tells a machine that was stopped and started again by the age of its first network interface', async () => {
    const attached = (time: string, device = 0) =>
      `<networkInterfaceSet><item><attachment><attachTime>${time}</attachTime><deviceIndex>${device}</deviceIndex></attachment></item></networkInterfaceSet>`;
    machines = ({ region }) =>
      instancesXml(
        region === 'us-east-1'
          ? [
              instanceXml({ id: 'i-again', more: attached('2025-11-03T08:00:00.000Z') }),
              instanceXml({ id: 'i-new', more: attached('2026-03-01T10:00:00.000Z') }),
              instanceXml({ id: 'i-second', more: attached('2025-11-03T08:00:00.000Z', 1) }),
              instanceXml({ id: 'i-bare' }),
            ]
          : [],
      );

    const made = Object.fromEntries(seen(await look()).map((one) => [one.resource.split('/')[1], one.made]));

    expect(made).toEqual({ 'i-again': '2025-11-03T08:00:00.000Z', 'i-new': undefined, 'i-second': undefined, 'i-bare': undefined });
  });

  it('links a machine to the Auto Scaling group that AWS says started it', async () => {
    machines = ({ region }) =>
      instancesXml(region === 'us-east-1' ? [instanceXml({ id: 'i-1', tags: { 'aws:autoscaling:groupName': 'web' } })] : []);

    const observations = await look();

    const group = `resource:arn:aws:autoscaling:us-east-1:${account}:autoScalingGroup:*:autoScalingGroupName/web`;
    expect(seen(observations)[0]?.launcher).toBe(group);
    expect(observations).toContainEqual(expect.objectContaining({ kind: 'identity.linked', how: 'started', to: group }));
  });

  it('marks a price as estimated where it is one: elsewhere, Spot, an unknown type', async () => {
    machines = ({ region }) =>
      instancesXml(
        region === 'us-east-1'
          ? [
              instanceXml({ id: 'i-1', type: 'q9.4xlarge' }),
              instanceXml({ id: 'i-2', more: '<instanceLifecycle>spot</instanceLifecycle>' }),
            ]
          : region === 'eu-west-1'
            ? [instanceXml({ id: 'i-3' })]
            : [],
      );

    const machinesSeen = seen(await look());

    expect(machinesSeen).toHaveLength(3);
    for (const one of machinesSeen) {
      expect(one.estimated).toBe(true);
      expect(one.perHour?.usd).toBeGreaterThan(0);
    }
    expect(machinesSeen.find((one) => one.resource.endsWith('i-2'))?.shape.spot).toBe(true);
  });

  it('asks for nothing it does not declare', async () => {
    const source = open();

    await look(source);

    const declared = new Set(source.permissions.map((one) => one.name));
    expect(session.meter.take().filter((row) => !declared.has(row.operation))).toEqual([]);
  });

  it('names what started a machine and what it was started from, as AWS says', async () => {
    const tagged: [string, Record<string, string>, string][] = [
      ['i-1', { 'aws:ec2:fleet-id': 'fleet-1' }, 'ec2:us-east-1:123456789012:fleet/fleet-1'],
      ['i-2', { 'aws:ec2spot:fleet-request-id': 'sfr-1' }, 'ec2:us-east-1:123456789012:spot-fleet-request/sfr-1'],
      ['i-3', { 'aws:elasticmapreduce:job-flow-id': 'j-1' }, 'elasticmapreduce:us-east-1:123456789012:cluster/j-1'],
    ];
    machines = ({ region }) =>
      instancesXml(
        region === 'us-east-1'
          ? [
              ...tagged.map(([id, tags]) => instanceXml({ id, tags: { ...tags, 'aws:ec2launchtemplate:id': 'lt-1' } })),
              instanceXml({ id: 'i-4', more: '<spotInstanceRequestId>sir-1</spotInstanceRequestId>' }),
            ]
          : [],
      );

    const found = seen(await look());

    expect(found.map((one) => one.launcher)).toEqual([
      ...tagged.map(([, , launcher]) => `resource:arn:aws:${launcher}`),
      `resource:arn:aws:ec2:us-east-1:${account}:spot-instances-request/sir-1`,
    ]);
    expect(found[0]?.from).toBe(`resource:arn:aws:ec2:us-east-1:${account}:launch-template/lt-1`);
  });
});

describe('what young machines are told to run', () => {
  const attribute = (input: Record<string, unknown>, userData: string): string =>
    input.Attribute === 'userData'
      ? `<DescribeInstanceAttributeResponse><userData><value>${Buffer.from(userData).toString('base64')}</value></userData></DescribeInstanceAttributeResponse>`
      : `<DescribeInstanceAttributeResponse><${input.Attribute}><value>${input.Attribute === 'disableApiTermination'}</value></${input.Attribute}></DescribeInstanceAttributeResponse>`;
  const atHome = (xml: string[], userData: string | Said) => {
    machines = ({ operation, region, input }) =>
      region !== 'us-east-1'
        ? instancesXml([])
        : operation === 'DescribeInstances'
          ? instancesXml(xml)
          : typeof userData === 'string'
            ? attribute(input, userData)
            : userData;
  };
  const asked = () => aws.asked.filter((one) => one.operation === 'DescribeInstanceAttribute').length;
  async function lookWith(source: Source, cursors: Cursors) {
    const observations: Observation[] = [];
    const saved = { ...cursors };
    for await (const batch of source.collect(cursors)) {
      observations.push(...batch.observations);
      Object.assign(saved, batch.cursors);
    }
    return { observations, saved };
  }

  it('is read once, stays known, and is kept without its words', async () => {
    atHome([instanceXml({ id: 'i-1' })], 'export PASSWORD=hunter2-made-up\nxmrig -o pool');
    const source = open();

    const first = await lookWith(source, {});
    clock.turn(120);
    const second = await lookWith(open(), first.saved);

    for (const { observations } of [first, second])
      expect(seen(observations)).toMatchObject([{ markers: [{ kind: 'miner', word: 'xmrig' }], protected: true }]);
    expect(asked()).toBe(3);
    expect(JSON.stringify([first, second])).not.toContain('hunter2');
  });

  it('is not read of machines that are older than a day, or stopped', async () => {
    atHome([instanceXml({ id: 'i-1', launched: '2026-01-01T10:00:00.000Z' }), instanceXml({ id: 'i-2', state: 'stopped' })], 'xmrig');

    const { observations } = await lookWith(open(), {});

    expect(seen(observations)).toHaveLength(2);
    expect(asked()).toBe(0);
  });

  it('is a gap said once where it may not be read, and the look is whole', async () => {
    atHome(
      Array.from({ length: 30 }, (_, index) => instanceXml({ id: `i-${index}` })),
      { error: 'UnauthorizedOperation', status: 403 },
    );

    const { observations } = await lookWith(open(), {});

    const gaps = observations.flatMap((one) => (one.kind === 'look.finished' && one.gap !== undefined ? [one] : []));
    expect(gaps).toMatchObject([
      {
        by: 'aws/start-texts',
        place: { region: 'global' },
        complete: false,
        gap: 'what new machines are told to run, and whether they are protected, could not be read: not allowed (UnauthorizedOperation)',
      },
    ]);
    expect(looks(observations)).toContainEqual({ region: 'us-east-1', noun: 'regions', complete: true, gap: undefined });
    expect(seen(observations)).toHaveLength(30);
    expect(asked()).toBeLessThanOrEqual(18);
  });

  it('is read of a few machines a look, until all are known', async () => {
    atHome(
      Array.from({ length: 50 }, (_, index) => instanceXml({ id: `i-${index}` })),
      'xmrig',
    );
    const source = open();
    const marked: number[] = [];
    let cursors: Cursors = {};

    for (let round = 0; round < 4; round++) {
      const { observations, saved } = await lookWith(source, cursors);
      cursors = saved;
      marked.push(seen(observations).filter((one) => one.markers).length);
    }

    expect(marked).toEqual([20, 40, 50, 50]);
    expect(asked()).toBe(150);
  });
});
