import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createInspector } from '../../src/bot/inspect.ts';
import { addSeconds } from '../../src/bot/time.ts';
import { defineCheck } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { finding as said, spot } from '../../src/checks/suspects.ts';
import { ada, openWorld, start } from '../support/living-bot.ts';
import { machineSubject } from '../support/pretend-cloud.ts';
import { place, scope, user } from '../support/stories.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const days = (count: number): string => addSeconds(start, count * 86_400);
const launch = (id: string, at: string, region = 'us-west-2', type = 'm5.4xlarge'): Observation => ({
  ...{ kind: 'compute.asked', id, at, heard: at, by: 'test', place: place(region), evidence: [id], actor: user('ada') },
  ...{
    resources: [machineSubject({ id: `i-${id}`, region: 'us-west-2' })],
    count: 1,
    what: 'EC2 instance',
    shape: { type, family: 'm5', vcpus: 16 },
  },
});
const looked = (at: string, since: string): Observation => ({
  ...{ kind: 'look.finished', id: `look ${at}`, at, heard: at, by: 'test', place: { scope, region: 'global' }, evidence: [] },
  ...{ source: 'test/log', noun: 'regions', of: 1, seen: 1, since, upTo: at, complete: true },
});
const region = (findings: { check: string }[]) => findings.filter((one) => one.check === 'compute/never-used-region');

describe('what somebody answered for, or nobody could have', () => {
  const past = [looked(days(-90), days(-91)), launch('a', days(-60)), launch('b', days(-30)), launch('c', days(-1))];

  it('is not learnt by itself: a region used wrongly once stays unused', () => {
    const inspector = createInspector({ checks });
    inspector.inspect(past);
    const { changed } = inspector.inspect([launch('d', days(0))]);

    expect(region(changed)).toHaveLength(1);
  });

  it('is learnt when it is forgiven before the past is judged', () => {
    const inspector = createInspector({ checks });
    inspector.forgive([`compute/never-used-region:aws/123456789012/us-west-2`], days(-7));
    inspector.inspect(past);
    const { changed } = inspector.inspect([launch('d', days(0))]);

    expect(region(changed)).toEqual([]);
    expect(region(inspector.findings())).toMatchObject([{ evidence: ['a'] }]);
  });

  it('is learnt when it is forgiven later, from its evidence, also over a restart, and only up to then', () => {
    const first = createInspector({ checks });
    first.inspect(past);
    const keys = region(first.findings()).map((one) => (one as { key?: string }).key ?? '');
    first.forgive(
      keys,
      days(0),
      past.filter((one) => one.kind === 'compute.asked'),
    );
    const second = createInspector({ checks });
    second.restore(first.checkpoint(), [launch('c', days(-1))]);

    const { changed } = second.inspect([launch('d', addSeconds(days(0), 60)), launch('e', addSeconds(days(0), 60), 'sa-east-1')]);

    expect(region(changed)).toMatchObject([{ place: { region: 'sa-east-1' } }]);
  });

  it('an account that is looked at for the first time is being learnt, however old its machines are', () => {
    const inspector = createInspector({ checks });
    const old: Observation = {
      ...{
        kind: 'compute.seen',
        id: 'i-old',
        at: days(-200),
        heard: start,
        by: 'test/inventory',
        place: place('eu-central-1'),
        evidence: ['i-old'],
      },
      ...{
        resource: machineSubject({ id: 'i-old', region: 'eu-central-1' }),
        what: 'EC2 instance',
        shape: { type: 'm5.large', vcpus: 2 },
        estimated: false,
        running: true,
      },
    };
    inspector.inspect([old, looked(start, start)]);

    const { changed } = inspector.inspect([launch('a', addSeconds(start, 60))]);

    expect(region(changed)).toMatchObject([{ learning: true, severity: 'low' }]);
  });
});

describe('a first start on an account with a past', () => {
  it('tells in one message what would have been an alarm, and a region that came into use two months ago is in use', async () => {
    const world = await openWorld({
      accounts: (account) => {
        const [inventory, log] = account.sources;
        const history = async function* (day: string) {
          const mine = [launch('a', days(-60)), launch('b', days(-30)), launch('c', days(-10))].filter((one) => one.at.startsWith(day));
          yield {
            observations: [...mine, { ...looked(`${day}T23:59:59.000Z`, `${day}T00:00:00.000Z`), source: 'test/history' }] as Observation[],
            raw: {},
            cursors: {},
          };
        };
        return [{ ...account, sources: [inventory!, { ...log!, collect: log!.collect.bind(log), history }] }];
      },
    });
    const message = world.chat.text();
    world.account.launch(key, 'us-west-2', { type: 'm5.large' });
    await world.pass(900, 60);

    expect(message).toContain('One thing would have been an alarm');
    expect(message).toMatch(/region you have never used/);
    expect((await world.stories()).filter((one) => one.headline.includes('never used'))).toEqual([]);
  });
});

/** Cries for every machine, so that what hides it can only be what a person said. */
const crier = defineCheck({
  id: 'compute/crier',
  title: 'A machine',
  why: 'For tests.',
  falseAlarms: [],
  misses: [],
  tactic: 'Impact',
  references: [],
  maturity: 'stable',
  watches: ['compute.seen'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate: (now) =>
    now.running
      ? [
          said('compute/crier', now, {
            key: spot(now),
            severity: 'high',
            title: 'A machine runs',
            about: [now.resource],
            usdPerHour: { [now.resource]: 5 },
          }),
        ]
      : [],
} as Parameters<typeof defineCheck<'compute.seen', Record<never, never>, object>>[0]);

describe('“this is expected”', () => {
  it('hides within its scope and its cap, counts what it hid, and alarms again above the cap, elsewhere and after its time', async () => {
    const world = await openWorld({ checks: [crier] });
    world.account.launch(key, 'us-west-2');
    await world.pass(200, 60);
    await world.press(ada, { kind: 'expected', incident: 'INC-1' }, { days: '2', cap: '10' });
    await world.bot.idle();
    expect((await world.story()).state).toBe('expected');

    world.account.launch(key, 'us-west-2');
    await world.pass(200, 60);
    expect((await world.story()).state).toBe('expected');
    expect((await world.store.expectations(world.clock.now())).map((one) => one.hid)).toEqual([1]);
    expect(JSON.stringify(await world.bot.digestNow())).toMatch(/expected/i);

    world.account.launch(key, 'sa-east-1');
    await world.pass(200, 60);
    expect((await world.stories()).filter((one) => one.state === 'open')).toHaveLength(1);

    world.account.launch(key, 'us-west-2');
    await world.pass(200, 60);
    expect((await world.story()).state).toBe('open');

    await world.press(ada, { kind: 'expected', incident: 'INC-1' }, { days: '1', cap: '100' });
    await world.clock.advance(25 * 3600);
    world.account.launch(key, 'us-west-2');
    await world.pass(200, 60);
    expect((await world.story()).state).toBe('open');
    expect((await world.store.auditRows({ most: 100 })).filter((row) => row.what === 'expected')).toHaveLength(2);
  });

  it('lets what it answers for be learnt: the next machine in that region is no news', async () => {
    const world = await openWorld();
    world.account.launch(key, 'us-west-2');
    await world.pass(700, 60);
    await world.press(ada, { kind: 'expected', incident: 'INC-1' }, { days: '30', cap: '50' });
    await world.bot.idle();
    const before = (await world.store.expectations(world.clock.now())).map((one) => one.hid);

    // Two machines within half an hour would be a jump: another matter, and another alarm.
    await world.pass(3600, 300);
    world.account.launch(key, 'us-west-2');
    await world.pass(900, 60);

    expect((await world.story()).state).toBe('expected');
    const hidden = await world.store.expectations(world.clock.now());
    expect(hidden.filter((one) => one.check === 'compute/never-used-region').map((one) => one.hid)).toEqual([0]);
    expect(before.length).toBe(hidden.length);
  });
});
