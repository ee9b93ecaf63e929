import { afterEach, describe, expect, it } from 'vitest';
import { probePrefix } from '../../../../src/adapters/aws/push-names.ts';
import { openRegions } from '../../../../src/adapters/aws/sources/looking.ts';
import { type ProbePath, probes } from '../../../../src/adapters/aws/sources/probe.ts';
import type { Cursors } from '../../../../src/bot/ports.ts';
import type { Observation, Of } from '../../../../src/checks/observation.ts';
import { type Asked, account, handClock, regionsXml, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';

const open: StandIn[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const refused: Said = { error: 'UnauthorizedOperation', status: 403 };
const some = ['us-east-1', 'ap-south-1', 'eu-west-1', 'sa-east-1'];
const within = { push: () => 300, poll: () => 1200 };

async function trying(more: { paths?: Partial<Record<ProbePath, () => number>>; answer?: (asked: Asked) => Said } = {}) {
  const aws = await standIn((asked) =>
    asked.operation === 'DescribeRegions'
      ? regionsXml(Object.fromEntries(some.map((region) => [region, 'opt-in-not-required'])))
      : (more.answer?.(asked) ?? refused),
  );
  open.push(aws);
  const session = await sessionOn(aws);
  const clock = handClock('2026-11-23T14:00:00.000Z');
  let cursors: Cursors = {};
  let number = 0;
  const make = () =>
    probes(
      { session, clock, regions: openRegions(session, clock) },
      { paths: more.paths ?? within, token: () => `word-${String(++number).padStart(2, '0')}` },
    );
  let source = make();
  const look = async (): Promise<Observation[]> => {
    const seen: Observation[] = [];
    for await (const batch of source.collect(cursors)) {
      seen.push(...batch.observations);
      cursors = { ...cursors, ...batch.cursors };
    }
    return seen;
  };
  return {
    aws,
    clock,
    look,
    probes: () => source,
    restart: () => {
      source = make();
    },
    /** The bot goes on looking, once a minute. */
    async minutes(count: number): Promise<Observation[]> {
      const seen: Observation[] = [];
      for (let minute = 0; minute < count; minute += 1) {
        clock.turn(60);
        seen.push(...(await look()));
      }
      return seen;
    },
  };
}

const sent = (aws: StandIn) => aws.asked.filter(({ operation }) => operation === 'DeleteKeyPair');
const written = (word: string, more: Record<string, unknown> = {}) => ({
  eventName: 'DeleteKeyPair',
  eventSource: 'ec2.amazonaws.com',
  errorCode: 'Client.UnauthorizedOperation',
  recipientAccountId: account,
  requestParameters: { keyName: `${probePrefix}${word}` },
  ...more,
});
const returned = (seen: Observation[]): Of<'probe.returned'>[] => seen.filter((one) => one.kind === 'probe.returned');
const brief = (seen: Observation[]) => returned(seen).map(({ path, seconds, place }) => [path, place.region, seconds]);

describe('a probe', () => {
  it('is a dry run of removing a key pair that does not exist, each with a word of its own', async () => {
    const { aws, look } = await trying();

    await look();

    expect(sent(aws).map(({ input }) => [input.DryRun, input.KeyName])).toEqual([
      ['true', 'cloudwarden-probe-word-01'],
      ['true', 'cloudwarden-probe-word-02'],
      ['true', 'cloudwarden-probe-word-03'],
    ]);
  });

  it('goes every hour to us-east-1 and two more regions by turns', async () => {
    const { aws, look, minutes, probes: source, clock } = await trying({ paths: {} });
    await look();

    await minutes(125);

    expect(sent(aws).map(({ region }) => region)).toEqual([
      ...['us-east-1', 'ap-south-1', 'eu-west-1'],
      ...['us-east-1', 'sa-east-1', 'ap-south-1'],
      ...['us-east-1', 'eu-west-1', 'sa-east-1'],
    ]);
    expect(source().recognise(written('word-01'), 'poll', clock.now())).toBe(true);
  });

  it('is told once for each path, with the seconds it took', async () => {
    const { look, minutes, clock, probes: source } = await trying();
    await look();
    clock.turn(42);
    for (const word of ['word-01', 'word-02', 'word-03']) source().recognise(written(word), 'push', clock.now());
    await look();
    clock.turn(258);
    for (const word of ['word-01', 'word-02', 'word-03']) source().recognise(written(word), 'poll', clock.now());
    const first = await look();
    // The next round of polling reads the same records again.
    clock.turn(240);
    for (const word of ['word-01', 'word-02', 'word-03']) source().recognise(written(word), 'poll', clock.now());

    expect(brief(first)).toEqual([
      ['poll', 'us-east-1', 300],
      ['poll', 'ap-south-1', 300],
      ['poll', 'eu-west-1', 300],
    ]);
    expect(returned(await minutes(20))).toEqual([]);
  });

  it('that is late is told without seconds, followed by another at once, and put right when it comes after all', async () => {
    const { aws, look, minutes, clock, probes: source } = await trying({ paths: { push: () => 300 } });
    await look();
    for (const word of ['word-02', 'word-03']) source().recognise(written(word), 'push', clock.now());

    const late = (await minutes(6)).filter((one) => one.kind === 'probe.returned' && one.seconds === undefined);
    clock.turn(60);
    source().recognise(written('word-01'), 'push', clock.now());
    const [after] = returned(await look());

    expect(late).toMatchObject([{ path: 'push', within: 300, place: { region: 'us-east-1' } }]);
    expect(sent(aws).map(({ region }) => region)).toEqual(['us-east-1', 'ap-south-1', 'eu-west-1', 'us-east-1']);
    expect(after).toMatchObject({ id: late[0]?.id, seconds: 420 });
  });

  it('is tried three times an hour in a region that stays silent, and no more', async () => {
    const { aws, look, minutes } = await trying();
    await look();

    await minutes(59);

    expect(sent(aws).filter(({ region }) => region === 'us-east-1')).toHaveLength(3);
  });

  it('is only waited for on paths there are', async () => {
    const { look, minutes } = await trying({ paths: { poll: () => 1200 } });
    await look();

    expect(new Set(brief(await minutes(25)).map(([path]) => path))).toEqual(new Set(['poll']));
  });

  it('that could not be tried is a gap, and is not missed later', async () => {
    const { look, minutes } = await trying({
      answer: ({ region }) => (region === 'ap-south-1' ? { error: 'RequestLimitExceeded', status: 503 } : refused),
      paths: { push: () => 300 },
    });

    const [finished] = (await look()).filter((one) => one.kind === 'look.finished');

    expect(finished).toMatchObject({ of: 3, seen: 2, complete: false });
    expect(finished?.gap).toContain('ap-south-1: AWS slowed us down');
    expect(brief(await minutes(6)).filter(([, region]) => region === 'ap-south-1')).toEqual([]);
  });
});

describe('a record', () => {
  it('is ours by its word alone, and only when it was refused', async () => {
    const { look, probes: source, clock } = await trying();
    await look();
    const ours = (given: unknown) => source().recognise(given, 'poll', clock.now());

    expect(ours(written('word-01'))).toBe(true);
    expect(ours(written('word-99'))).toBe(false);
    expect(ours(written('word-01', { errorCode: undefined }))).toBe(false);
    expect(ours(written('word-01', { requestParameters: { keyName: 'word-01' } }))).toBe(false);
    expect(ours({ eventName: 'DeleteKeyPair' })).toBe(false);
    expect(ours(undefined)).toBe(false);
  });

  it('is still ours after a restart, though nobody says any more that it is late', async () => {
    const { look, minutes, restart, probes: source, clock } = await trying();
    await look();
    restart();
    await look();

    expect(source().recognise(written('word-01'), 'poll', clock.now())).toBe(true);
    expect(returned(await minutes(4))).toEqual([]);
    expect(brief(await minutes(2)).every(([path]) => path === 'push')).toBe(true);
  });

  it('is forgotten after 25 hours', async () => {
    const { look, minutes, probes: source, clock } = await trying({ paths: {} });
    await look();

    await minutes(25 * 60 + 2);

    expect(source().recognise(written('word-01'), 'poll', clock.now())).toBe(false);
  });
});

describe('a computer that slept', () => {
  it('does not take it for lateness of the paths', async () => {
    const { look, clock } = await trying();
    await look();
    clock.turn(2 * 3600);

    expect(returned(await look())).toEqual([]);
  });
});
