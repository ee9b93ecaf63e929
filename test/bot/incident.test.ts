import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance } from '../../src/bot/advance.ts';
import type { Effect, Happening, Incident } from '../../src/bot/incident.ts';
import type { Policy } from '../../src/bot/people.ts';
import { at, finding, item, machine, opened, plan, policy } from '../support/stories.ts';

const live = (happenings: Happening[], given: Policy = policy()): { incident: Incident; effects: Effect[]; all: Effect[] } => {
  let incident = opened();
  let effects: Effect[] = [];
  const all: Effect[] = [];
  for (const happening of happenings) {
    const moved = advance(incident, happening, given);
    incident = moved.incident;
    effects = moved.effects;
    all.push(...effects);
  }
  return { incident, effects, all };
};
const found = (over: Parameters<typeof finding>[0] = {}, minute = 0): Happening => ({
  kind: 'found',
  at: at(minute),
  finding: finding(over),
  subjects: [machine('i-1')],
  actors: [],
});
const asked: Happening[] = [
  found(),
  { kind: 'asked', at: at(1), by: 'grace', want: 'contain' },
  { kind: 'planned', at: at(1), plan: plan() },
];
const approved: Happening = { kind: 'approved', at: at(2), by: 'ada', hash: 'hash-1' };
const done = (id: string, minute = 3): Happening => ({
  kind: 'stepped',
  at: at(minute),
  item: item(id),
  outcome: { outcome: 'done' },
  followed: false,
});
const kinds = (effects: Effect[]) => effects.map((effect) => effect.kind);

describe('a story opens and changes', () => {
  it('shows a card, and pages at once when it is critical', () => {
    const { incident, effects } = live([found({ severity: 'critical' })]);

    expect(incident).toMatchObject({ state: 'open', severity: 'critical', version: 1 });
    expect(effects).toContainEqual({ kind: 'show' });
    expect(effects).toContainEqual({ kind: 'page', at: at(0) });
  });

  it('pages a high one only after the configured time', () => {
    expect(live([found()]).effects).toContainEqual({ kind: 'page', at: at(10) });
  });

  it('says aloud that the severity rose, because edits notify nobody', () => {
    const { effects } = live([
      found({ severity: 'medium' }),
      found({ key: 'other', severity: 'critical', title: 'The audit log was stopped' }, 4),
    ]);

    expect(effects).toContainEqual({ kind: 'nudge', text: 'Now critical (was medium): The audit log was stopped.', mention: true });
  });

  it('does not say again what has not changed', () => {
    const { effects } = live([found(), found({}, 1)]);

    expect(kinds(effects)).toEqual(['show']);
  });

  it('is over when every finding is cleared, each with its reason', () => {
    const { incident } = live([found(), { kind: 'cleared', at: at(9), key: finding().key, why: 'none of these machines runs any more' }]);

    expect(incident.state).toBe('resolved');
    expect(incident.findings[finding().key]).toMatchObject({ state: 'cleared', clearedWhy: 'none of these machines runs any more' });
  });

  it('comes back with a new message when the same key is found after it was closed', () => {
    const { incident, effects } = live([found(), { kind: 'resolved', at: at(5), by: 'ada', why: 'a person said so' }, found({}, 60)]);

    expect(incident.state).toBe('open');
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'nudge', mention: true }));
  });
});

describe('a question', () => {
  it('stays open while more of the same arrives, or noise would keep the button from ever working', () => {
    const { incident } = live([...asked, found({ key: 'noise' }, 2), found({ key: 'more noise' }, 2)]);

    expect(incident.state).toBe('asking');
    expect(incident.plan?.hash).toBe('hash-1');
  });

  it('leads to acting when an admin approves', () => {
    const { incident, effects } = live([...asked, approved]);

    expect(incident.state).toBe('acting');
    expect(effects).toContainEqual({ kind: 'act', plan: 'plan-1' });
  });

  it.each<[string, Happening, Policy]>([
    ['a responder approves', { ...approved, by: 'grace' } as Happening, policy()],
    ['a stranger approves', { ...approved, by: 'mallory' } as Happening, policy()],
    ['the approval is for another plan', { ...approved, hash: 'hash-2' } as Happening, policy()],
    ['the question has expired', { ...approved, at: at(16) }, policy()],
    ['acting is switched off', approved, policy({ actions: 'off' })],
    ['nobody is an admin', approved, policy({ people: [{ id: 'ada', name: 'Ada', role: 'responder' }] })],
  ])('changes nothing when %s', (_, happening, given) => {
    const before = live(asked).incident;
    const { incident, effects } = advance(before, happening, given);

    expect(incident).toBe(before);
    expect(effects).toEqual([]);
  });

  it('takes somebody else than the one who asked above the limit', () => {
    const two = [
      found(),
      { kind: 'asked', at: at(1), by: 'ada', want: 'contain' },
      { kind: 'planned', at: at(1), plan: plan({ askedBy: 'ada', usdPerHour: 80, peopleNeeded: 2 }) },
    ] as Happening[];

    expect(live([...two, approved]).incident.state).toBe('asking');
    expect(live([...two, { ...approved, by: 'bob' } as Happening]).incident.state).toBe('acting');
  });

  it('expires into the state before it, and says so', () => {
    const { incident, effects } = live([...asked, { kind: 'expired', at: at(16) }]);

    expect(incident.state).toBe('open');
    expect(incident.plan).toBeUndefined();
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'nudge' }));
  });
});

describe('after acting', () => {
  const acted: Happening[] = [...asked, approved, done('i-1'), done('i-2'), { kind: 'acted', at: at(4) }];
  const looks = (incident: Incident) => incident.watch?.looks ?? [];

  it('looks again until at least half an hour after the door is shut, and does not say contained before', () => {
    const { incident } = live(acted);

    expect(incident.state).toBe('watching');
    expect(looks(incident).map((look) => look.due)).toEqual([at(5), at(9), at(19), at(34), at(60)]);
    expect(incident.watch?.containedAt).toBeUndefined();
  });

  it('is contained when nothing came back in any look', () => {
    const watching = live(acted).incident;
    const quiet = looks(watching).map(
      (look): Happening => ({ kind: 'looked', at: look.due, due: look.due, saw: 'nothing came back', back: [], more: [], beyond: 0 }),
    );

    const { incident } = live([...acted, ...quiet]);

    expect(incident).toMatchObject({ state: 'resolved', watch: { containedAt: at(60) } });
  });

  it('does again what somebody undid, and what the approved rule covers, up to its limit', () => {
    const more = Array.from({ length: 7 }, (_, index) => item(`i-new${index}`));
    const { incident, effects } = live([
      ...acted,
      { kind: 'looked', at: at(5), due: at(5), saw: '7 new machines in us-west-2', back: [item('i-1')], more, beyond: 0 },
    ]);

    const follow = effects.find((effect) => effect.kind === 'follow');
    expect(follow?.items.map((one) => one.id)).toEqual(['i-1', 'i-new0', 'i-new1', 'i-new2', 'i-new3', 'i-new4']);
    expect(incident.steps['i-1']).toBeUndefined();
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: 'nudge', mention: true, text: expect.stringContaining('does not cover this') }),
    );
  });

  it('calls people once for what the plan does not cover, at most every quarter of an hour, and says in between only what is new', () => {
    const { incident: watching } = live(acted);
    const dues = [5, 6, 9, 19, 20, 30];
    const waiting: Incident = { ...watching, watch: { looks: [...dues, 60].map((minute) => ({ due: at(minute) })) } };
    const says = ['3 machines', '3 machines', '4 machines', '4 machines', '3 machines', '5 machines'];
    let incident = waiting;
    const called = says.map((saw, index) => {
      const due = at(dues[index] ?? 0);
      const step = advance(incident, { kind: 'looked', at: due, due, saw, back: [], more: [], beyond: 3 }, policy());
      incident = step.incident;
      const nudge = step.effects.find((effect) => effect.kind === 'nudge');
      return nudge ? `${nudge.text.slice(0, 20)}${nudge.mention ? ' @' : ''}` : '';
    });

    expect(called).toEqual(['Not over: 3 machines @', '', 'Not over: 4 machines', '', 'Not over: 3 machines', 'Not over: 5 machines @']);
    const again = advance(
      { ...incident, watch: { looks: [{ due: at(45) }, { due: at(60) }] } },
      { kind: 'looked', at: at(45), due: at(45), saw: '4 machines', back: [], more: [], beyond: 5 },
      policy(),
    );
    expect(again.effects).toContainEqual(expect.objectContaining({ kind: 'nudge', mention: true }));
  });

  it('is not called contained when a region could not be seen', () => {
    const watching = live(acted).incident;
    const blind = looks(watching).map(
      (look): Happening => ({
        kind: 'looked',
        at: look.due,
        due: look.due,
        saw: 'could not see eu-west-3: denied',
        back: [],
        more: [],
        beyond: 0,
      }),
    );

    const { incident } = live([...acted, ...blind]);

    expect(incident.state).toBe('open');
    expect(incident.watch?.containedAt).toBeUndefined();
  });
});

describe('carrying out', () => {
  const stepping = (id: string): Happening => ({ kind: 'stepping', at: at(3), item: item(id), plan: 'plan-1' });
  const outcome = (id: string, result: 'done' | 'already so' | 'failed', minute = 3): Happening => ({
    kind: 'stepped',
    at: at(minute),
    item: item(id),
    outcome: { outcome: result },
    followed: false,
  });

  it('that is interrupted half-way keeps what was done, and watches it', () => {
    const { incident, effects } = live([
      ...asked,
      approved,
      stepping('i-1'),
      outcome('i-1', 'done'),
      { kind: 'interrupted', at: at(4), why: 'Acting was switched off after the approval.' },
    ]);

    expect(incident.state).toBe('watching');
    expect(incident.steps['i-1']?.outcome).toBe('done');
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: 'nudge', mention: true, text: expect.stringContaining('1 of 2 steps done') }),
    );
  });

  it('says in the thread what was done, and says it again when it is contained', () => {
    const acted = live([...asked, approved, done('i-1'), done('i-2'), { kind: 'acted', at: at(4) }]);
    const looks = (acted.incident.watch?.looks ?? []).map(
      (look): Happening => ({ kind: 'looked', at: look.due, due: look.due, saw: 'nothing came back', back: [], more: [], beyond: 0 }),
    );
    const contained = live([...asked, approved, done('i-1'), done('i-2'), { kind: 'acted', at: at(4) }, ...looks]);

    for (const { effects } of [acted, contained])
      expect(effects).toContainEqual(expect.objectContaining({ kind: 'nudge', result: true, mention: false }));
  });

  it('once more, after somebody took a step back, still leads an undo to the state before the first time', () => {
    const first = item('i-1', { before: { state: 'running', stopProtection: true } });
    const second = item('i-1', { before: { state: 'running', stopProtection: false } });
    const { incident } = live([
      ...asked,
      approved,
      { kind: 'stepped', at: at(3), item: first, outcome: { outcome: 'done' }, followed: false },
      done('i-2'),
      { kind: 'acted', at: at(4) },
      { kind: 'asked', at: at(5), by: 'grace', want: 'contain' },
      { kind: 'planned', at: at(5), plan: plan({ id: 'plan-2', hash: 'hash-2', items: [second] }) },
      { kind: 'approved', at: at(6), by: 'ada', hash: 'hash-2' },
      { kind: 'stepped', at: at(7), item: second, outcome: { outcome: 'done' }, followed: false },
      { kind: 'acted', at: at(8) },
    ]);

    expect(incident.steps['i-1']?.item.before).toEqual({ state: 'running', stopProtection: true });
    expect(Object.keys(incident.steps).toSorted()).toEqual(['i-1', 'i-2']);
  });

  it('rests while acting is switched off: what came back is said and not touched', () => {
    const before = live([...asked, approved, done('i-1'), done('i-2'), { kind: 'acted', at: at(4) }]).incident;
    const { effects } = advance(
      before,
      { kind: 'looked', at: at(5), due: at(5), saw: '1 new machine', back: [], more: [item('i-new')], beyond: 0 },
      policy({ actions: 'off' }),
    );

    expect(kinds(effects)).not.toContain('follow');
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'nudge', text: expect.stringContaining('Acting is paused') }));
  });

  it('ends when a person closes the story: nothing more is done by its rule', () => {
    const { incident } = live([
      ...asked,
      approved,
      done('i-1'),
      done('i-2'),
      { kind: 'acted', at: at(4) },
      { kind: 'resolved', at: at(5), by: 'ada', why: 'a person said so' },
    ]);
    const moved = advance(
      incident,
      { kind: 'looked', at: at(6), due: at(6), saw: 'x', back: [item('i-1')], more: [], beyond: 0 },
      policy(),
    );

    expect(moved.incident).toBe(incident);
    expect(moved.effects).toEqual([]);
  });
});

describe('telling', () => {
  it('closes a question on each platform once it is over, and then forgets it', () => {
    const ref = (platform: string) => ({ platform, room: 'r', id: '1' });
    const { incident } = live([
      ...asked,
      { kind: 'posted', at: at(1), what: 'question', ref: ref('slack'), plan: 'plan-1' },
      { kind: 'posted', at: at(1), what: 'question', ref: ref('discord'), plan: 'plan-1' },
      { kind: 'declined', at: at(2), by: 'ada' },
      { kind: 'closed', at: at(2), plan: 'plan-1', platform: 'slack' },
    ]);
    const moved = advance(incident, { kind: 'closed', at: at(3), plan: 'plan-1', platform: 'discord' }, policy());

    expect(incident.asked).toHaveLength(1);
    expect([moved.incident.asked, moved.incident.questions]).toEqual([[], []]);
  });

  it('goes on for the platforms that did not get it, each for itself', () => {
    const { effects } = live([found(), { kind: 'unsent', at: at(1), effect: { kind: 'show' }, platforms: ['slack', 'discord'] }]);

    expect(effects).toEqual([
      { kind: 'show', only: 'slack' },
      { kind: 'show', only: 'discord' },
    ]);
  });

  it('wakes somebody for a story that took in a critical one, whose own call is off', () => {
    const other = live([found({ severity: 'critical', key: 'c' })]).incident;
    const { effects } = live([found({ severity: 'medium' }), { kind: 'absorbed', at: at(2), other: { ...other, id: 'INC-2' } }]);

    expect(effects).toContainEqual({ kind: 'page', at: at(2) });
  });
});

describe('for any sequence of happenings', () => {
  const person = fc.constantFrom('ada', 'bob', 'grace', 'mallory');
  const hash = fc.constantFrom('hash-1', 'hash-2');
  const items = fc.constantFrom(item('i-1'), item('i-2'), item('i-9'));
  const minute = fc.integer({ min: 0, max: 70 });
  const happening: fc.Arbitrary<(minute: number) => Happening> = fc.oneof(
    fc.constantFrom('high', 'critical', 'low').map(
      (severity) =>
        (m: number): Happening =>
          found({ severity: severity as 'high', key: severity }, m),
    ),
    person.map(
      (by) =>
        (m: number): Happening => ({ kind: 'asked', at: at(m), by, want: 'contain' }),
    ),
    fc.record({ hash, askedBy: person, needs: fc.constantFrom(1, 2) }).map(
      ({ hash: value, askedBy, needs }) =>
        (m: number): Happening => ({
          kind: 'planned',
          at: at(m),
          plan: plan({
            id: `plan of ${value}`,
            hash: value,
            askedBy,
            peopleNeeded: needs,
            madeAt: at(m),
            expiresAt: at(m + 15),
            executeBefore: at(m + 30),
          }),
        }),
    ),
    fc.record({ by: person, value: hash }).map(
      ({ by, value }) =>
        (m: number): Happening => ({ kind: 'approved', at: at(m), by, hash: value }),
    ),
    person.map(
      (by) =>
        (m: number): Happening => ({ kind: 'declined', at: at(m), by }),
    ),
    items.map(
      (one) =>
        (m: number): Happening => ({ kind: 'stepped', at: at(m), item: one, outcome: { outcome: 'done' }, followed: false }),
    ),
    fc.constant((m: number): Happening => ({ kind: 'acted', at: at(m) })),
    fc.constant((m: number): Happening => ({ kind: 'interrupted', at: at(m), why: 'acting was switched off' })),
    items.map(
      (one) =>
        (m: number): Happening => ({ kind: 'stepping', at: at(m), item: one, plan: 'plan of hash-1' }),
    ),
    fc.constant((m: number): Happening => ({ kind: 'expired', at: at(m) })),
    fc.record({ back: fc.array(items, { maxLength: 2 }), more: fc.array(items, { maxLength: 3 }) }).map(
      (seen) =>
        (m: number): Happening => ({ kind: 'looked', at: at(m), due: at(m), saw: 'x', beyond: 0, ...seen }),
    ),
    person.map(
      (by) =>
        (m: number): Happening => ({ kind: 'expected', at: at(m), by, until: at(m + 60) }),
    ),
    fc.constant((m: number): Happening => ({ kind: 'resolved', at: at(m), why: 'a person said so', by: 'ada' })),
    fc.constant((m: number): Happening => ({ kind: 'joined', at: at(m), into: 'INC-9' })),
  );

  it('nothing is acted on without an approved, unexpired plan by allowed people', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(happening, minute), { maxLength: 40 }), fc.constantFrom('on', 'off'), (given, actions) => {
        const rules = policy({ actions: actions as 'on' });
        let incident = opened();
        for (const [make, m] of given) {
          const before = incident;
          const happened = make(m);
          const moved = advance(before, happened, rules);
          incident = moved.incident;
          for (const effect of moved.effects) {
            if (effect.kind === 'act') {
              expect(rules.actions).toBe('on');
              expect(happened.kind).toBe('approved');
              expect(before.state).toBe('asking');
              const approvedPlan = before.plan!;
              expect(effect.plan).toBe(approvedPlan.id);
              const by = (happened as Extract<Happening, { kind: 'approved' }>).by;
              expect(['ada', 'bob']).toContain(by);
              expect((happened as Extract<Happening, { kind: 'approved' }>).hash).toBe(approvedPlan.hash);
              expect(happened.at < approvedPlan.expiresAt).toBe(true);
              if (approvedPlan.peopleNeeded > 1) expect(by).not.toBe(approvedPlan.askedBy);
            }
            if (effect.kind === 'follow') {
              expect(
                before.standing?.approvals.some(
                  (approval) => ['ada', 'bob'].includes(approval.by) && approval.hash === before.standing?.plan.hash,
                ),
              ).toBe(true);
              expect(happened.at <= (before.standing?.plan.follows?.until ?? '')).toBe(true);
            }
          }
        }
      }),
      { numRuns: 2000, seed: 42 },
    );
  });

  it('no step is recorded twice unless a look said that somebody undid it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(happening, minute), { maxLength: 40 }), (given) => {
        let incident = opened();
        for (const [make, m] of given) {
          const happened = make(m);
          const before = incident;
          incident = advance(before, happened, policy()).incident;
          if (happened.kind === 'stepped' && before.steps[happened.item.id]?.outcome === 'done') expect(incident).toBe(before);
        }
      }),
      { numRuns: 1000, seed: 43 },
    );
  });
});
