import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createInspector } from '../../src/bot/inspect.ts';
import { addSeconds } from '../../src/bot/time.ts';
import { defineCheck } from '../../src/checks/check.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { finding as said } from '../../src/checks/suspects.ts';
import { ada, grace, openWorld, start, type World, words } from '../support/living-bot.ts';
import { place, scope, user } from '../support/stories.ts';

/** Says something of every act in a region that was not used in the last ten days. */
const newRegion = defineCheck({
  ...{ id: 'compute/new', title: 'New', why: 'For tests.', falseAlarms: [], misses: [], tactic: 'Impact (TA0040)', references: [] },
  ...{ maturity: 'stable', watches: ['principal.acted'], nature: 'event', params: z.object({}) },
  remembers: { regions: { kind: 'seen', key: (o) => o.place.region, days: 10 } },
  evaluate: (now, { regions }) =>
    regions.known ? [] : [said('compute/new', now, { key: `${now.place.region} ${now.id}`, severity: 'low', title: 'New' })],
});
const hours = (count: number): string => addSeconds(start, count * 3600);
const act = (hour: number, region = 'us-west-2'): Observation => ({
  ...{ kind: 'principal.acted', id: `act ${hour} ${region}`, at: hours(hour), heard: hours(hour), by: 'test', place: place(region) },
  ...{ evidence: ['e'], actor: user('ada'), operation: 'anything' },
});
const one = { check: 'compute/new', memory: 'regions', key: 'us-west-2' };
const isNew = (inspector: ReturnType<typeof createInspector>, hour: number) => inspector.inspect([act(hour)]).changed.length > 0;

describe('what admins decide about a memory', () => {
  it('a pinned one never decays', () => {
    const [pinned, other] = [createInspector({ checks: [newRegion] }), createInspector({ checks: [newRegion] })];
    for (const inspector of [pinned, other]) inspector.inspect([act(0)]);
    expect(pinned.decree({ what: 'pin', ...one, at: hours(1) })).toBe(true);

    expect([isNew(pinned, 24 * 200), isNew(other, 24 * 200)]).toEqual([false, true]);
    expect(pinned.memories()).toMatchObject([{ ...one, pinned: true }]);
  });

  it('a forgotten one is new again, and is learnt anew from the next day on', () => {
    const inspector = createInspector({ checks: [newRegion] });
    inspector.inspect([act(0), act(24)]);
    inspector.decree({ what: 'forget', ...one, at: hours(30) });

    expect(inspector.memories()).toEqual([]);
    expect([isNew(inspector, 31), isNew(inspector, 48), isNew(inspector, 49)]).toEqual([true, true, false]);
  });

  it('what is forgotten is not pinned any more, and what is pinned not forgotten', () => {
    const inspector = createInspector({ checks: [newRegion] });
    inspector.inspect([act(0)]);
    inspector.decree({ what: 'pin', ...one, at: hours(1) });
    inspector.decree({ what: 'forget', ...one, at: hours(2) });
    expect(isNew(inspector, 3)).toBe(true);
    inspector.decree({ what: 'pin', ...one, at: hours(4) });

    expect(isNew(inspector, 5)).toBe(false);
    expect(inspector.decree({ what: 'pin', check: 'compute/gone', memory: 'regions', key: 'x', at: hours(1) })).toBe(false);
  });

  it('says for how long a place is still being learnt', () => {
    const inspector = createInspector({ checks: [newRegion] });
    inspector.inspect([act(0)]);

    expect(inspector.learning(hours(24))).toEqual([{ scope: `aws/account/${scope.id}`, until: hours(7 * 24) }]);
    expect(inspector.learning(hours(7 * 24))).toEqual([]);
  });
});

describe('/warden memory', () => {
  const type = (world: World, text: string, by = ada) => world.bot.command({ id: text, text, by, room: 'room' });

  it('lists in plain words, pins and forgets for admins alone, audits it, and keeps it over a restart', async () => {
    const world = await openWorld();
    world.account.launch('AKIAIOSFODNN7EXAMPLE', 'us-west-2');
    await world.pass(700, 60);
    await world.press(ada, { kind: 'expected', incident: 'INC-1' }, { days: '30', cap: '500' });
    await world.bot.idle();
    const list = words(await type(world, 'memory us-west-2'));
    const code = /"code":"([0-9a-f]{8})"/.exec(list)?.[1];

    expect(list).toContain('held for usual');
    expect(words(await type(world, `memory pin ${code}`, grace))).toContain('Only admins');
    expect(words(await type(world, 'memory pin nothing'))).toContain('nothing was changed');
    expect(words(await type(world, `memory pin ${code}`))).toContain('Pinned');
    await world.restart();
    expect(words(await type(world, 'memory us-west-2'))).toContain('pinned');
    expect(words(await type(world, `memory forget ${code}`))).toContain('Forgotten');
    expect((await world.store.auditRows({ most: 50 })).map((row) => row.what)).toEqual(
      expect.arrayContaining(['pinned a memory', 'had a memory forgotten']),
    );
  });

  it('answers how fast events come, also where nothing was measured', async () => {
    const world = await openWorld();

    expect(words(await type(world, 'latency'))).toContain('not measured yet');
  });
});
