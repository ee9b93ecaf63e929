import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { advance } from '../../src/bot/advance.ts';
import { tacticsOf, type Weighed, weigh } from '../../src/bot/escalation.ts';
import type { Happening, Incident } from '../../src/bot/incident.ts';
import { createInspector } from '../../src/bot/inspect.ts';
import { card } from '../../src/bot/present.ts';
import { createReplay } from '../../src/bot/replay.ts';
import { defineCheck } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation, Severity } from '../../src/checks/observation.ts';
import { finding as said } from '../../src/checks/suspects.ts';
import { at, finding, machine, opened, place, policy, user } from '../support/stories.ts';

const step = (check: string, tactics: string[], minute: number, over: Partial<Weighed> = {}): Weighed => ({
  check,
  tactics,
  severity: 'medium',
  at: at(minute),
  about: [user('ci').subject],
  evidence: [`${check} ${minute}`],
  ...over,
});
const gettingIn = step('identity/key-from-new-network', ['TA0001'], 0);
const staying = step('persistence/admin-user-chain', ['TA0003'], 20);
const using = step('compute/vcpu-jump', ['TA0040'], 40, { severity: 'high' });

describe('how loud a story is', () => {
  it('is as loud as its worst finding when there is one kind of step', () => {
    expect(weigh([using, { ...using, at: at(41), evidence: ['another launch'] }])).toEqual({ severity: 'high', own: 'high' });
  });

  it('is one level worse with two kinds of steps within an hour', () => {
    expect(weigh([gettingIn, staying])).toEqual({
      severity: 'high',
      own: 'medium',
      why: 'two kinds of steps within an hour: getting in, staying in',
    });
  });

  it('is critical with three, and says so in one sentence', () => {
    expect(weigh([gettingIn, staying, { ...using, severity: 'medium' }])).toEqual({
      severity: 'critical',
      own: 'medium',
      why: 'three kinds of steps within an hour: getting in, staying in, using what is yours',
    });
  });

  it('does not count what is more than an hour apart, quieter than medium, or said by a check on trial', () => {
    const trial = { ...checks[0]!, maturity: 'trial' as const };

    expect(weigh([gettingIn, { ...staying, at: at(61) }]).severity).toBe('medium');
    expect(weigh([gettingIn, { ...staying, severity: 'low' }]).severity).toBe('medium');
    expect(tacticsOf(trial)).toEqual([]);
    expect(tacticsOf({ ...trial, maturity: 'stable', tactic: 'Persistence (TA0003) and Impact (TA0040): x (T1496.001)' })).toEqual([
      'TA0003',
      'TA0040',
    ]);
  });

  it('counts one launch that two checks see as one step', () => {
    const region = step('compute/never-used-region', ['TA0005'], 0, { about: [machine('i-1')], evidence: ['inventory'] });
    const jump = step('compute/vcpu-jump', ['TA0040'], 0, { about: [machine('i-1')], evidence: ['log'] });
    const probes = step('compute/refused-probes', ['TA0007'], 0);

    expect(weigh([region, jump]).severity).toBe('medium');
    expect(weigh([region, jump, probes]).severity).toBe('high');
  });

  it('is one level worse when somebody acts who was created less than a day before', () => {
    const act = { ...using, severity: 'medium' as const, actor: user('helper'), at: at(40) };

    expect(weigh([act], { [user('helper').subject]: at(10) })).toEqual({
      severity: 'high',
      own: 'medium',
      why: 'helper was created only 30 min before it acted',
    });
    expect(weigh([act], { [user('helper').subject]: at(-1500) }).severity).toBe('medium');
    expect(weigh([act], { [user('somebody-else').subject]: at(10) }).severity).toBe('medium');
  });

  it('does not depend on the order of arrival', () => {
    const kinds = ['TA0001', 'TA0003', 'TA0005', 'TA0007', 'TA0040'];
    const acts = fc.array(
      fc
        .record({
          topic: fc.constantFrom('identity', 'compute', 'persistence'),
          tactics: fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1, maxLength: 2 }),
          minute: fc.integer({ min: 0, max: 150 }),
          severity: fc.constantFrom<Severity>('low', 'medium', 'high'),
          evidence: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
        })
        .map(({ topic, tactics, minute, ...over }) => step(`${topic}/x`, tactics, minute, { ...over, actor: user(topic) })),
      { maxLength: 8 },
    );
    const shuffled = acts.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    );

    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const born = { [user('compute').subject]: at(-5) };
        expect(weigh(other, born)).toEqual(weigh(list, born));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('a story whose kinds of steps add up', () => {
  const found = (check: string, tactics: string[], minute: number, severity: Severity = 'medium'): Happening => ({
    kind: 'found',
    at: at(minute),
    finding: finding({ key: `${check}:1`, check, at: at(minute), severity, title: `It was ${check}`, evidence: [check], about: [] }),
    subjects: [user('ci').subject],
    actors: [],
    tactics,
  });
  const live = (happenings: Happening[]) =>
    happenings.reduce((before, happening) => advance(before.incident, happening, policy()), {
      incident: opened(),
      effects: [],
    } as ReturnType<typeof advance>);
  const shown = (incident: Incident) =>
    JSON.stringify(
      card({
        ...{ incident, machines: [], looks: [], policy: policy(), accounts: [], now: at(50), auditHash: '', startedBy: {} },
      }).message,
    );

  it('rises, says so with a mention, pages, and its card says why', () => {
    const { incident, effects } = live([found('identity/x', ['TA0001'], 0), found('persistence/y', ['TA0003'], 20)]);

    expect(incident).toMatchObject({ severity: 'high', raised: { from: 'medium' } });
    expect(effects).toContainEqual({
      kind: 'nudge',
      text: 'Now high (was medium): It was identity/x. Two kinds of steps within an hour: getting in, staying in.',
      mention: true,
    });
    expect(effects).toContainEqual({ kind: 'page', at: at(30) });
    expect(shown(incident)).toContain('high: two kinds of steps within an hour: getting in, staying in');
  });

  it('rises when two quiet stories prove to be one', () => {
    const [one, other] = [live([found('identity/x', ['TA0001'], 0)]).incident, live([found('persistence/y', ['TA0003'], 20)]).incident];

    const { incident, effects } = advance(one, { kind: 'absorbed', at: at(30), other }, policy());

    expect(incident.severity).toBe('high');
    expect(effects.map((effect) => effect.kind)).toEqual(['show', 'nudge', 'page']);
  });

  it('rises when a link says that whoever acts was created an hour ago', () => {
    const act = found('compute/z', ['TA0040'], 20);
    if (act.kind === 'found') act.finding.actor = user('helper');
    const { incident } = live([act]);

    const grown = advance(incident, { kind: 'grown', at: at(25), subjects: [], born: { [user('helper').subject]: at(-20) } }, policy());

    expect(grown.incident.severity).toBe('high');
    expect(grown.effects).toContainEqual(expect.objectContaining({ kind: 'nudge', mention: true }));
  });

  it('does not become less loud when one of its steps is withdrawn: that was told', () => {
    const { incident } = live([found('identity/x', ['TA0001'], 0), found('persistence/y', ['TA0003'], 20)]);

    const { incident: after } = advance(incident, { kind: 'cleared', at: at(30), key: 'persistence/y:1', why: 'it was known' }, policy());

    expect(after.severity).toBe('high');
  });
});

describe('a recording in which kinds of steps add up', () => {
  const cries = (id: string, tactic: string, maturity: 'stable' | 'trial' = 'stable') =>
    defineCheck({
      ...{ id, title: id, why: 'For tests.', falseAlarms: [], misses: [], tactic, references: [] },
      ...{ maturity, watches: ['principal.acted'], nature: 'event', remembers: {}, params: z.object({}) },
      evaluate: (now) => (now.operation === id ? [said(id, now, { key: id, severity: 'medium', title: id })] : []),
    });
  const act = (operation: string, minute: number): Observation => ({
    ...{ kind: 'principal.acted', id: operation, at: at(minute), heard: at(minute), by: 'test', place: place(), evidence: [operation] },
    ...{ actor: user('ci'), operation },
  });
  const three = [
    cries('identity/x', 'Initial Access (TA0001)'),
    cries('persistence/y', 'Persistence (TA0003)'),
    cries('evasion/z', 'Defense Evasion (TA0005)', 'trial'),
  ];

  it('says every finding of the story again with the severity of the whole, and its own stays', () => {
    const replay = createReplay({ checks: three });

    expect(replay.take([act('identity/x', 0)])).toMatchObject([{ severity: 'medium', incidentSeverity: 'medium' }]);
    const lines = replay.take([act('persistence/y', 10), act('evasion/z', 11)]);

    expect(new Set(lines.map((line) => line.key))).toEqual(
      new Set(['identity/x:identity/x', 'persistence/y:persistence/y', 'evasion/z:evasion/z']),
    );
    for (const line of lines) expect(line).toMatchObject({ severity: 'medium', incidentSeverity: 'high', incident: 'INC-1' });
  });

  it('says at the end what an inspector found before, also where nothing was heard since', () => {
    const inspector = createInspector({ checks: three });
    inspector.inspect([act('identity/x', 0)]);

    expect(createReplay({ checks: three, inspector }).end().lines).toMatchObject([{ severity: 'medium', incident: 'INC-1' }]);
  });

  it('comes to the same in any order, and when somebody proves to be new later', () => {
    const acts = [act('identity/x', 0), act('persistence/y', 10)];
    const link: Observation = {
      ...{ kind: 'identity.linked', id: 'link', at: at(-10), heard: at(20), by: 'test', place: place(), evidence: [] },
      ...{ from: user('ci').subject, to: user('boss').subject, how: 'created' },
    };
    const run = (order: Observation[]) => {
      const replay = createReplay({ checks: three });
      for (const one of order) replay.take([one]);
      return replay
        .end()
        .lines.map(({ key, incidentSeverity }) => `${String(key)} ${String(incidentSeverity)}`)
        .sort();
    };

    const results = [run([...acts, link]), run([link, ...acts]), run([...acts.toReversed(), link])];

    expect(results[0]).toEqual(['identity/x:identity/x critical', 'persistence/y:persistence/y critical']);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
