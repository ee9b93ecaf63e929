import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createQuiet, declared } from '../../src/bot/expected.ts';
import { createReplay } from '../../src/bot/replay.ts';
import { linkBook } from '../../src/bot/story.ts';
import { defineCheck } from '../../src/checks/check.ts';
import type { Observation, Scope, Subject } from '../../src/checks/observation.ts';
import { finding as said, spot } from '../../src/checks/suspects.ts';
import { ada, grace, openWorld, start, type World, words } from '../support/living-bot.ts';
import { at, finding, machine, place, scope, user } from '../support/stories.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const deploy = user('deploy').subject;
const role: Subject = 'principal:arn:aws:iam::123456789012:role/deploy';
const session = (id: string): Subject => `session:${id}`;
const drill = (over: Partial<Parameters<typeof declared>[0]> = {}) =>
  declared({ what: 'machines', scope, region: 'us-west-2', from: at(0), until: at(120), upToUsdPerHour: 20, by: 'ada', ...over });
const usd = (amount: number, id = 'i-1') => ({ [machine(id)]: amount });

/** Cries for every machine, and for every guard that is weakened. */
const crier = (id: string, kind: Observation['kind']) =>
  defineCheck({
    ...{ id, title: 'Something', why: 'For tests.', falseAlarms: [], misses: [], tactic: 'Impact (TA0040)', references: [] },
    ...{ maturity: 'stable' as const, watches: [kind], nature: 'state' as const, remembers: {}, params: z.object({}) },
    evaluate: (now) =>
      now.kind === 'compute.seen' && !now.running
        ? []
        : [
            said(id, now, {
              ...{ key: spot(now), severity: 'high', title: `Something in ${now.place.region}` },
              ...(now.kind === 'compute.seen' ? { about: [now.resource], usdPerHour: { [now.resource]: 5 } } : {}),
            }),
          ],
  });

describe('a declared window', () => {
  it('hides what falls into it, in its region, up to its cap', () => {
    const quiet = createQuiet(linkBook());
    const hides = (over: Parameters<typeof finding>[0] = {}, now = at(10), one = drill()) =>
      quiet.hiding([one], finding({ at: at(5), ...over }), [], now).by !== undefined;

    expect(hides()).toBe(true);
    expect(hides({ place: place('sa-east-1') })).toBe(false);
    expect(hides({ check: 'identity/root-acted' })).toBe(false);
    expect(hides({ check: 'identity/quota-asked' }), 'the limit they need').toBe(true);
    expect(hides({ check: 'spend/run-rate-above-usual' }), 'what they cost').toBe(true);
    expect(hides({ check: 'spend/models-surge' })).toBe(false);
    expect(hides({ at: at(-1) }), 'it began before').toBe(false);
    expect(hides({}, at(130)), 'heard a little late').toBe(true);
    expect(hides({}, at(136)), 'over').toBe(false);
    expect(hides({ place: { scope: { ...scope, id: '999999999999' } as Scope, region: 'us-west-2' } })).toBe(false);
  });

  it('alarms again above its cap, also when many small things add up', () => {
    const quiet = createQuiet(linkBook());
    const one = drill({ what: 'machines' });
    const small = (n: number) => finding({ at: at(5), key: `compute/x:${n}`, usdPerHour: usd(8, `i-${n}`) });

    expect(quiet.hiding([one], small(1), [], at(6)).by).toBe(one);
    expect(quiet.hiding([one], small(2), [], at(6)).by).toBe(one);
    expect(quiet.hiding([one], small(1), [], at(6)).by, 'the same again').toBe(one);
    expect(quiet.hiding([one], small(3), [], at(6))).toEqual({ over: one });
  });

  it('of one principal hides only what that principal did, with its keys and sessions', () => {
    const book = linkBook([
      { from: session('S1'), to: role, how: 'session of', at: at(0) },
      { from: session('S2'), to: user('x').subject, how: 'session of', at: at(0) },
      { from: machine('i-5'), to: session('S1'), how: 'started', at: at(1) },
      { from: machine('i-6'), to: session('S2'), how: 'started', at: at(1) },
    ]);
    const one = drill({ principal: role });
    const hides = (about: Subject[]) => createQuiet(book).hiding([one], finding({ at: at(5), about }), [], at(6)).by !== undefined;

    expect(hides([session('S1'), machine('i-1')])).toBe(true);
    expect(hides([machine('i-5')])).toBe(true);
    expect(hides([machine('i-6')]), 'another started it').toBe(false);
    expect(hides([session('S1'), session('S2')]), 'another hides behind it').toBe(false);
    expect(hides([machine('i-9')]), 'the log has named nobody yet').toBe(true);
  });

  it('is not declared for guards, for everybody everywhere, by a pattern, or for too long', () => {
    expect(() => drill({ what: 'evasion/audit-log-stopped' })).toThrow('always alarm');
    expect(() => drill({ what: 'coverage/blind' })).toThrow('always alarm');
    expect(() => declared({ what: 'machines', scope, from: at(0), until: at(9), upToUsdPerHour: 1, by: 'ada' })).toThrow(
      'everybody everywhere',
    );
    expect(() => drill({ principal: `${role.slice(0, -3)}*` as Subject })).toThrow('Patterns');
    expect(() => drill({ until: at(60 * 24 * 8) })).toThrow('At most 7 days');
    expect(() => drill({ until: at(60 * 24 * 91), principal: deploy })).toThrow('At most 90 days');
    expect(drill({ until: at(60 * 24 * 90), principal: deploy })).toMatchObject({ kind: 'principal' });
  });

  it('holds for a recording as well, and what comes after it is told', () => {
    const seen = (n: number, minute: number, region = 'us-west-2'): Observation => ({
      ...{ kind: 'compute.seen', id: `m${n}`, at: at(minute), heard: at(minute), by: 'test', place: place(region), evidence: [`m${n}`] },
      ...{ resource: machine(`i-${n}`, region), what: 'machine', shape: { type: 'x' }, estimated: false, running: true },
    });
    const replay = () => createReplay({ checks: [crier('compute/crier', 'compute.seen')], expected: [drill()] });
    const calm = replay();
    const loud = replay();

    expect(calm.take([seen(1, 5), seen(2, 100)])).toEqual([]);
    expect(calm.end().lines).toEqual([]);
    expect(loud.take([seen(1, 5), seen(4, 6, 'sa-east-1'), seen(3, 140)]).map((line) => line.region)).toEqual(['sa-east-1', 'us-west-2']);
  });
});

describe('what people type about what is expected', () => {
  const type = (world: World, text: string, by = ada) => world.bot.command({ id: text, text, by, room: 'room' });
  const world = () => openWorld({ checks: [crier('compute/crier', 'compute.seen'), crier('evasion/crier', 'guard.weakened')] });

  it('declares a window, hides by it, lists what it hid, ends it, and tells what goes on', async () => {
    const w = await world();

    const answer = words(await type(w, 'expect machines in us-west-2 for 4h up to $100/h'));
    w.account.launch(key, 'us-west-2');
    await w.pass(200, 60);
    expect(await w.stories()).toEqual([]);
    const list = words(await type(w, 'expected'));
    const code = /"code":"([0-9a-f]{6})"/.exec(list)?.[1];
    const [kept] = await w.store.expectations(w.clock.now());

    expect(answer).toContain('machines in us-west-2 up to $100/h');
    expect(kept).toMatchObject({ kind: 'window', by: 'ada', hidden: [{ key: 'compute/crier:aws/123456789012/us-west-2', usdPerHour: 5 }] });
    expect(list).toContain('Something in us-west-2');

    await type(w, `expected end ${code}`);
    await w.pass(400, 60);

    expect(await w.stories()).toMatchObject([{ state: 'open', headline: 'Something in us-west-2' }]);
    const rows = (await w.store.auditRows({ most: 50 })).map((row) => row.what);
    expect(rows).toEqual(expect.arrayContaining(['declared as expected', 'ended an expectation']));
  });

  it('tells what still goes on when a window has ended by itself', async () => {
    const w = await world();
    await type(w, 'expect machines in us-west-2 for 1h up to $100/h');
    w.account.launch(key, 'us-west-2');
    await w.pass(3600, 300);
    expect(await w.stories()).toEqual([]);

    await w.pass(1500, 300);

    expect(await w.stories()).toMatchObject([{ state: 'open' }]);
  });

  it('is for admins, names one principal by its id, and says what it did not understand', async () => {
    const w = await world();

    expect(words(await type(w, 'expect machines in us-west-2 for 4h up to $100/h', grace))).toContain('Only admins');
    expect(words(await type(w, 'expect machines'))).toContain('Not understood');
    expect(words(await type(w, 'expect machines by nobody for 4h up to $100/h'))).toContain('Nobody is known as');
    expect(words(await type(w, 'expect evasion/crier in us-west-2 for 4h up to $100/h'))).toContain('always alarm');
    expect(words(await type(w, 'expected end abcdef'))).toContain('Nothing expected is called');
    expect(words(await type(w, `expect machines by ${deploy.slice(10)} from 2026-11-04T22:00Z for 90 days up to $9/h`))).toContain(
      'by deploy',
    );
    expect(await w.store.expectations(start)).toMatchObject([{ principal: deploy, kind: 'principal', region: 'any' }]);
  });

  it('says clearly that a touched guard cannot be expected', async () => {
    const w = await world();
    w.account.launch(key, 'us-west-2');
    await w.pass(200, 60);
    const story = await w.story();
    const guard = { ...Object.values(story.findings)[0]!, key: 'evasion/x:1', check: 'evasion/x', title: 'The audit log was stopped' };
    await w.store.save([{ incident: { ...story, version: story.version + 1, findings: { [guard.key]: guard } }, effects: [] }]);

    const answer = words(await w.press(ada, { kind: 'expected', incident: story.id }, { days: '2', cap: '10' }));

    expect(answer).toContain('cannot be set down as expected');
    expect((await w.story()).state).toBe('open');
  });
});
