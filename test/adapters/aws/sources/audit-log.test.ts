import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { auditLog } from '../../../../src/adapters/aws/sources/audit-log.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import type { Batch, Cursors, Source } from '../../../../src/bot/ports.ts';
import type { Observation, Of } from '../../../../src/checks/observation.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';

type Kept = { id: string; at: string; region: string; name?: string; key?: string; user?: string; readOnly?: boolean; more?: object };
let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let log: Kept[];
let trouble: (asked: Asked) => Said | undefined;
const pageSize = 50;

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  log = [];
  trouble = () => undefined;
  aws = await standIn((asked) =>
    asked.operation === 'DescribeRegions'
      ? regionsXml({ 'us-east-1': 'opt-in-not-required', 'eu-west-1': 'opt-in-not-required' })
      : (trouble(asked) ?? lookup(asked)),
  );
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

/** Newest first, one attribute, both ends included, as LookupEvents does. */
function lookup({ region, input }: Asked): Said {
  const [attribute] = (input.LookupAttributes ?? []) as { AttributeKey: string; AttributeValue: string }[];
  const fits = (event: Kept): boolean => {
    if (attribute?.AttributeKey === 'ReadOnly') return String(event.readOnly ?? false) === attribute.AttributeValue;
    if (attribute?.AttributeKey === 'EventName') return event.name === attribute.AttributeValue;
    if (attribute?.AttributeKey === 'AccessKeyId') return (event.key ?? 'AKIAIOSFODNN7EXAMPLE') === attribute.AttributeValue;
    return attribute?.AttributeKey === 'Username' && (event.user ?? 'ada') === attribute.AttributeValue;
  };
  const seconds = (event: Kept): number => Math.floor(Date.parse(event.at) / 1000);
  const found = log
    .filter(
      (event) =>
        event.region === region && fits(event) && seconds(event) >= Number(input.StartTime) && seconds(event) <= Number(input.EndTime),
    )
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  const from = Number(input.NextToken ?? 0);
  return {
    Events: found
      .slice(from, from + pageSize)
      .map((event) => ({ EventId: event.id, EventTime: seconds(event), CloudTrailEvent: JSON.stringify(recordOf(event)) })),
    ...(found.length > from + pageSize ? { NextToken: String(from + pageSize) } : {}),
  };
}
const recordOf = ({ id, at, region, name = 'CreateTags', key = 'AKIAIOSFODNN7EXAMPLE', user = 'ada', more }: Kept) => ({
  eventID: id,
  eventTime: at.replace(/\.\d+Z$/, 'Z'),
  eventName: name,
  eventSource:
    name === 'AssumeRole' || name === 'GetSessionToken'
      ? 'sts.amazonaws.com'
      : name.endsWith('User') || name.endsWith('Key')
        ? 'iam.amazonaws.com'
        : 'ec2.amazonaws.com',
  awsRegion: region,
  recipientAccountId: account,
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${account}:user/${user}`, accountId: account, accessKeyId: key, userName: user },
  ...more,
});
const launched = {
  requestParameters: { instanceType: 'c5.large', instancesSet: { items: [{ minCount: 1, maxCount: 1 }] } },
  responseElements: { instancesSet: { items: [{ instanceId: 'i-0abc12345678' }] } },
};
const minutesAgo = (minutes: number): string => new Date(Date.parse(clock.now()) - minutes * 60_000).toISOString();

const open = (): Source => auditLog({ session, clock, regions: openRegions(session, clock) });
async function drain(
  batches: AsyncIterable<Batch>,
): Promise<{ observations: Observation[]; cursors: Cursors; raw: Record<string, unknown> }> {
  const all = { observations: [] as Observation[], cursors: {} as Cursors, raw: {} as Record<string, unknown> };
  for await (const batch of batches) {
    all.observations.push(...batch.observations);
    Object.assign(all.cursors, batch.cursors);
    Object.assign(all.raw, batch.raw);
  }
  return all;
}
const acts = (observations: Observation[]): string[] =>
  observations.flatMap((one) => (one.kind === 'identity.linked' || one.kind === 'look.finished' ? [] : [one.id]));
const looks = (observations: Observation[]): Of<'look.finished'>[] => observations.filter((one) => one.kind === 'look.finished');
const lookups = (): Asked[] => aws.asked.filter((one) => one.operation === 'LookupEvents');

describe('the AWS audit log', () => {
  it('says once where something was started that a list would show, however often its record is read', async () => {
    log = [
      { id: 'launch', at: minutesAgo(10), region: 'eu-west-1', name: 'RunInstances', more: launched },
      {
        id: 'refused',
        at: minutesAgo(9),
        region: 'us-east-1',
        name: 'RunInstances',
        more: { ...launched, errorCode: 'Client.InstanceLimitExceeded' },
      },
      { id: 'tags', at: minutesAgo(8), region: 'us-east-1' },
    ];
    const hints: object[] = [];
    const source = auditLog({ session, clock, regions: openRegions(session, clock) }, { onHint: (hint) => hints.push(hint) });

    const first = await drain(source.collect({}));
    clock.turn(300);
    const second = await drain(source.collect(first.cursors));

    expect(acts(second.observations)).toContain('launch');
    expect(hints).toEqual([{ region: 'eu-west-1', service: undefined }]);
  });

  it('reads write events of every region, the last 24 hours first, and keeps the records', async () => {
    log = [
      { id: 'new', at: minutesAgo(10), region: 'us-east-1' },
      { id: 'other region', at: minutesAgo(60), region: 'eu-west-1' },
      { id: 'yesterday', at: minutesAgo(23 * 60), region: 'us-east-1' },
      { id: 'older', at: minutesAgo(30 * 60), region: 'us-east-1' },
      { id: 'a read', at: minutesAgo(10), region: 'us-east-1', readOnly: true },
    ];

    const { observations, raw } = await drain(open().collect({}));

    expect(acts(observations).sort()).toEqual(['new', 'other region', 'yesterday']);
    expect(Object.keys(raw).sort()).toEqual(['new', 'other region', 'yesterday']);
    expect(looks(observations).map((one) => [one.place.region, one.complete])).toEqual(
      expect.arrayContaining([
        ['us-east-1', true],
        ['eu-west-1', true],
        ['global', true],
      ]),
    );
  });

  it('goes on where it was, with an overlap of twenty minutes for what comes late, and once a day reads 24 hours again', async () => {
    const first = await drain(open().collect({}));
    clock.turn(300);
    log = [
      { id: 'late', at: minutesAgo(20), region: 'us-east-1' },
      { id: 'very late', at: minutesAgo(12 * 60), region: 'us-east-1' },
    ];

    const second = await drain(open().collect(first.cursors));
    clock.turn(24 * 3600 - 400);
    const hoursLater = await drain(open().collect({ ...second.cursors }));
    log.push({ id: 'forgotten', at: minutesAgo(10 * 60), region: 'us-east-1' });
    clock.turn(200);
    const dayLater = await drain(open().collect(hoursLater.cursors));

    expect(acts(second.observations)).toEqual(['late']);
    expect(acts(dayLater.observations)).toEqual(['forgotten']);
    expect(looks(second.observations).find((one) => one.place.region === 'us-east-1')?.since).toBe('2026-03-01T13:40:00.000Z');
  });

  it('says each event once in a look, though windows overlap', async () => {
    log = Array.from({ length: 120 }, (_, index) => ({ id: `e${index}`, at: minutesAgo(index), region: 'us-east-1' }));

    const { observations } = await drain(open().collect({}));

    expect(acts(observations)).toHaveLength(120);
    expect(new Set(observations.map((one) => one.id)).size).toBe(observations.length);
  });

  it('stops at its limit in a flood, says so, and reads the rest in the next rounds', async () => {
    log = Array.from({ length: 7_000 }, (_, index) => ({
      id: `e${index}`,
      at: new Date(Date.parse(clock.now()) - index * 10_000).toISOString(),
      region: 'us-east-1',
    }));
    const read = new Set<string>();
    const gaps: (string | undefined)[] = [];
    let cursors: Cursors = {};

    for (let round = 0; round < 4; round += 1) {
      const { observations, cursors: next } = await drain(open().collect(cursors));
      for (const id of acts(observations)) read.add(id);
      gaps.push(looks(observations).find((one) => one.place.region === 'us-east-1')?.gap);
      cursors = next;
      clock.turn(300);
    }

    expect(read.size).toBe(7_000);
    expect(gaps[0]).toMatch(/more events than are read at once in us-east-1: still reading back to 2026-02-28 14:00 UTC/);
    expect(gaps.at(-1)).toBeUndefined();
  });

  it('asks no region more than twice a second', async () => {
    log = Array.from({ length: 160 }, (_, index) => ({ id: `e${index}`, at: minutesAgo(index), region: 'us-east-1' }));
    const before = Date.parse(clock.now());

    await drain(open().collect({}));

    const inOneRegion = lookups().filter((one) => one.region === 'us-east-1').length;
    expect(inOneRegion).toBe(4);
    expect(Date.parse(clock.now()) - before).toBeGreaterThanOrEqual(1_500);
  });

  it('does not move past a region it could not read, and says why', async () => {
    const { cursors } = await drain(open().collect({}));
    clock.turn(3600);
    log = [{ id: 'meanwhile', at: minutesAgo(50), region: 'eu-west-1' }];
    trouble = ({ region, operation }) =>
      operation === 'LookupEvents' && region === 'eu-west-1' ? { error: 'AccessDeniedException', status: 400 } : undefined;
    const failed = await drain(open().collect(cursors));
    trouble = () => undefined;
    clock.turn(300);

    const after = await drain(open().collect(failed.cursors));

    expect(looks(failed.observations).find((one) => one.place.region === 'eu-west-1')).toMatchObject({
      complete: false,
      gap: 'the events of eu-west-1 could not be read: not allowed (AccessDeniedException)',
    });
    expect(acts(after.observations)).toEqual(['meanwhile']);
  });

  it('keeps what it got when it is slowed down in the middle, and reads the rest later', async () => {
    log = Array.from({ length: 130 }, (_, index) => ({ id: `e${index}`, at: minutesAgo(index), region: 'us-east-1' }));
    let calls = 0;
    trouble = ({ region, operation }) =>
      operation === 'LookupEvents' && region === 'us-east-1' && ++calls === 3 ? { error: 'ThrottlingException', status: 400 } : undefined;
    const first = await drain(open().collect({}));
    clock.turn(300);

    const second = await drain(open().collect(first.cursors));

    expect(acts(first.observations)).toHaveLength(100);
    expect(new Set([...acts(first.observations), ...acts(second.observations)]).size).toBe(130);
  });

  it('moves a region’s cursor only with the batch that completes it', async () => {
    log = Array.from({ length: 120 }, (_, index) => ({ id: `e${index}`, at: minutesAgo(index), region: 'us-east-1' }));

    for await (const batch of open().collect({})) {
      const completes = batch.observations.some((one) => one.kind === 'look.finished' && one.place.region === 'us-east-1');
      if (completes) break;
      expect(batch.cursors['us-east-1']).toBeUndefined();
    }
  });

  it('starts over from 24 hours when a cursor cannot be understood', async () => {
    log = [{ id: 'e', at: minutesAgo(600), region: 'us-east-1' }];

    expect(acts((await drain(open().collect({ 'us-east-1': 'garbage' }))).observations)).toEqual(['e']);
  });

  it('reads one past day, and no more', async () => {
    log = [
      { id: 'before', at: '2026-02-26T23:59:59.000Z', region: 'us-east-1' },
      { id: 'that day', at: '2026-02-27T08:00:00.000Z', region: 'eu-west-1' },
    ];

    const { observations } = await drain(open().history?.('2026-02-27') ?? none());

    expect(acts(observations)).toEqual(['that day']);
    expect(looks(observations)).toMatchObject([
      { since: '2026-02-27T00:00:00.000Z', upTo: '2026-02-28T00:00:00.000Z', complete: true, noun: 'days of the past' },
    ]);
  });

  it('asks for nothing it does not declare', async () => {
    const source = open();

    await drain(source.collect({}));

    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});

describe('looking into a subject', () => {
  const assume = (from: string, to: string): Partial<Kept> => ({
    name: 'AssumeRole',
    key: from,
    readOnly: true,
    more: { requestParameters: { roleArn: `arn:aws:iam::${account}:role/r` }, responseElements: { credentials: { accessKeyId: to } } },
  });
  const into = (subject: `credential:${string}` | `session:${string}` | `principal:${string}`) =>
    drain(open().lookInto?.(subject, minutesAgo(24 * 60)) ?? none());

  it('finds everything a key did, reads included, and what its sessions did in turn', async () => {
    log = [
      { id: 'read', at: minutesAgo(50), region: 'eu-west-1', name: 'DescribeInstances', readOnly: true },
      { id: 'assumed', at: minutesAgo(40), region: 'us-east-1', ...assume('AKIAIOSFODNN7EXAMPLE', 'ASIA1') },
      { id: 'in session', at: minutesAgo(30), region: 'eu-west-1', name: 'RunInstances', key: 'ASIA1' },
      { id: 'chained', at: minutesAgo(25), region: 'us-east-1', ...assume('ASIA1', 'ASIA2') },
      { id: 'in the second session', at: minutesAgo(20), region: 'eu-west-1', key: 'ASIA2' },
      { id: 'somebody else', at: minutesAgo(20), region: 'eu-west-1', key: 'AKIAI44QH8DHBEXAMPLE', user: 'grace' },
    ];

    const { observations } = await into('credential:AKIAIOSFODNN7EXAMPLE');

    expect(acts(observations).sort()).toEqual(['assumed', 'chained', 'in session', 'in the second session', 'read']);
    expect(looks(observations)).toMatchObject([{ complete: true, place: { region: 'global' } }]);
  });

  it('follows users it created, and stops four sessions deep', async () => {
    const keys = ['AKIAIOSFODNN7EXAMPLE', 'ASIA1', 'ASIA2', 'ASIA3', 'ASIA4', 'ASIA5'];
    log = [
      ...keys.slice(0, -1).map(
        (key, index): Kept => ({
          id: `hop ${index}`,
          at: minutesAgo(50 - index),
          region: 'us-east-1',
          ...assume(key, keys[index + 1] ?? ''),
        }),
      ),
      {
        id: 'made',
        at: minutesAgo(30),
        region: 'us-east-1',
        name: 'CreateUser',
        more: { requestParameters: { userName: 'x1' }, responseElements: { user: { arn: `arn:aws:iam::${account}:user/x1` } } },
      },
      { id: 'by the made user', at: minutesAgo(20), region: 'eu-west-1', key: 'AKIAI44QH8DHBEXAMPLE', user: 'x1' },
    ];

    const { observations } = await into('credential:AKIAIOSFODNN7EXAMPLE');

    expect(acts(observations)).toContain('by the made user');
    expect(acts(observations)).toContain('hop 3');
    expect(acts(observations)).not.toContain('hop 4');
    expect(looks(observations)[0]?.gap).toMatch(/beyond depth 4/);
  });

  const inSession = (key: string, created: string, type = 'AssumedRole', more: object = {}): Partial<Kept> => ({
    key,
    more: {
      userIdentity: {
        type,
        arn: type === 'IAMUser' ? `arn:aws:iam::${account}:user/ada` : `arn:aws:sts::${account}:assumed-role/r/s`,
        accountId: account,
        accessKeyId: key,
        sessionContext: {
          ...(type === 'AssumedRole' ? { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/r`, userName: 'r' } } : {}),
          attributes: { creationDate: created.replace(/\.\d+Z$/, 'Z'), mfaAuthenticated: 'false' },
        },
      },
      ...more,
    },
  });
  const links = (observations: Observation[]): string[] =>
    observations.flatMap((one) => (one.kind === 'identity.linked' && one.how === 'assumed' ? [`${one.from} ${one.to}`] : []));

  it('finds the user key that took a session, and nobody who took another in the same second', async () => {
    const taken = minutesAgo(40);
    log = [
      { id: 'in session', at: minutesAgo(30), region: 'eu-west-1', name: 'RunInstances', ...inSession('ASIA1', taken) },
      { id: 'taken', at: taken, region: 'us-east-1', ...assume('AKIAIOSFODNN7EXAMPLE', 'ASIA1') },
      { id: 'another', at: taken, region: 'us-east-1', ...assume('AKIAI44QH8DHBEXAMPLE', 'ASIA9'), user: 'grace' },
    ];

    const { observations, raw } = await into('session:ASIA1');

    expect(links(observations)).toEqual(['session:ASIA1 credential:AKIAIOSFODNN7EXAMPLE']);
    expect(observations).toContainEqual(
      expect.objectContaining({ kind: 'identity.linked', how: 'key of', from: 'credential:AKIAIOSFODNN7EXAMPLE' }),
    );
    expect(acts(observations).sort()).toEqual(['in session', 'taken']);
    expect(Object.keys(raw).sort()).toEqual(['in session', 'taken']);
    expect(looks(observations)).toMatchObject([{ complete: true }]);
  });

  it('goes up through sessions of sessions, whichever call made them', async () => {
    const first = minutesAgo(50);
    const second = minutesAgo(40);
    log = [
      { id: 'in session', at: minutesAgo(30), region: 'eu-west-1', name: 'RunInstances', ...inSession('ASIA2', second) },
      {
        id: 'chained',
        at: second,
        region: 'eu-west-1',
        name: 'AssumeRole',
        readOnly: true,
        ...inSession('ASIA1', first, 'IAMUser', assume('', 'ASIA2').more),
      },
      { id: 'token', at: first, region: 'us-east-1', ...assume('AKIAIOSFODNN7EXAMPLE', 'ASIA1'), name: 'GetSessionToken' },
    ];

    const { observations } = await into('session:ASIA2');

    expect(links(observations)).toEqual(['session:ASIA2 session:ASIA1', 'session:ASIA1 credential:AKIAIOSFODNN7EXAMPLE']);
    expect(looks(observations)).toMatchObject([{ complete: true }]);
  });

  it('goes up four sessions at most', async () => {
    const taken = (index: number): string => minutesAgo(50 - index);
    log = [1, 2, 3, 4, 5].map(
      (index): Kept => ({
        id: `hop ${index}`,
        at: taken(index),
        region: 'us-east-1',
        name: 'AssumeRole',
        readOnly: true,
        ...inSession(`ASIA${index - 1}`, taken(index - 1), 'AssumedRole', assume('', `ASIA${index}`).more),
      }),
    );
    log.push({ id: 'in session', at: minutesAgo(30), region: 'us-east-1', ...inSession('ASIA5', taken(5)) });

    const { observations } = await into('session:ASIA5');

    expect(acts(observations).sort()).toEqual(['hop 2', 'hop 3', 'hop 4', 'hop 5', 'in session']);
    expect(looks(observations)[0]?.gap).toMatch(/beyond depth 4/);
  });

  it('says when it could not find who took a session, and gives up in a crowd', async () => {
    const taken = minutesAgo(40);
    const own: Kept = { id: 'in session', at: minutesAgo(30), region: 'eu-west-1', ...inSession('ASIA1', taken) };
    log = [own];
    expect(looks((await into('session:ASIA1')).observations)[0]?.gap).toBe(
      'who took the session …SIA1 was not found in us-east-1, eu-west-1',
    );

    log = [own, ...Array.from({ length: 600 }, (_, index) => ({ ...own, id: `other ${index}`, at: taken, ...assume('ASIA8', 'ASIA9') }))];
    const before = lookups().length;
    expect(looks((await into('session:ASIA1')).observations)[0]?.gap).toMatch(/too many sessions were taken at once in eu-west-1/);
    expect(lookups().length - before).toBe(2 + 1 + 10);

    log = [own];
    trouble = ({ input }) => (JSON.stringify(input).includes('EventName') ? { error: 'AccessDeniedException' } : undefined);
    expect(looks((await into('session:ASIA1')).observations)[0]?.gap).toMatch(/not read: .*us-east-1 \(not allowed/);
  });

  it.each<[string, object, object]>([
    ['a machine', { ec2RoleDelivery: '2.0' }, {}],
    ['a web identity', { webIdFederationData: { federatedProvider: 'accounts.example.com', attributes: {} } }, {}],
    ['single sign-on', { sessionIssuer: { type: 'Role', userName: 'AWSReservedSSO_Admin_0123456789abcdef' } }, {}],
    ['the console', {}, { sessionCredentialFromConsole: 'true' }],
  ])('looks for nobody’s key above the session of %s', async (_, context, more) => {
    const made = inSession('ASIA1', minutesAgo(40), 'AssumedRole', more).more as { userIdentity: { sessionContext: object } };
    Object.assign(made.userIdentity.sessionContext, context);
    log = [{ id: 'in session', at: minutesAgo(30), region: 'eu-west-1', key: 'ASIA1', more: made }];

    const { observations } = await into('session:ASIA1');

    expect(acts(observations)).toEqual(['in session']);
    expect(looks(observations)).toMatchObject([{ complete: true }]);
    expect(lookups().filter(({ input }) => JSON.stringify(input).includes('EventName'))).toEqual([]);
  });

  it('stops at 5,000 events and says so', async () => {
    log = Array.from({ length: 5_200 }, (_, index) => ({
      id: `e${index}`,
      at: new Date(Date.parse(clock.now()) - index * 1_000).toISOString(),
      region: 'us-east-1',
    }));

    const { observations } = await into('credential:AKIAIOSFODNN7EXAMPLE');

    expect(acts(observations)).toHaveLength(5_000);
    expect(looks(observations)[0]).toMatchObject({ complete: false, gap: 'stopped after 5,000 events' });
  });

  it('says that a role cannot be searched for, and names regions that could not be read', async () => {
    expect(looks((await into(`principal:arn:aws:iam::${account}:role/r`)).observations)[0]?.gap).toMatch(/cannot be searched for a role/);

    trouble = ({ region, operation }) =>
      operation === 'LookupEvents' && region === 'eu-west-1' ? { error: 'AccessDeniedException' } : undefined;
    expect(looks((await into(`principal:arn:aws:iam::${account}:user/ada`)).observations)[0]?.gap).toMatch(
      /not read: eu-west-1 \(not allowed/,
    );
  });
});

async function* none(): AsyncGenerator<Batch> {}
