import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident, StoryFinding } from '../../../src/bot/incident.ts';
import type { Message, Part } from '../../../src/bot/message.ts';
import { asPlainText } from '../../../src/bot/plain.ts';
import { asLine, card, details, question, result } from '../../../src/bot/present.ts';
import type { Subject } from '../../../src/checks/observation.ts';
import { incident, item, labels, machine, now, plan, policy, production, revoke, step, stop, view } from '../present-story.ts';

const linesOf = (message: Message): number =>
  message.parts
    .map((part: Part) =>
      part.kind === 'facts' ? part.rows.reduce((sum, found) => sum + found.lines.length, 0) : part.kind === 'buttons' ? 0 : 1,
    )
    .reduce((sum, lines) => sum + lines, 0);

describe('whatever a story is made of', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom('<!channel> @everyone', '``` ||x|| **b**', '\u202Egnp.exe', '\u001b[2J', 'x'.repeat(5000), '👩‍👩‍👧‍👦'.repeat(60), ''),
  );
  const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
  const subject = fc
    .tuple(fc.constantFrom('principal', 'credential', 'session', 'resource', 'network', 'scope'), hostile)
    .map(([kind, name]) => `${kind}:${name}` as Subject);
  const place = fc.record({
    scope: fc.constant(production),
    region: fc.oneof(fc.constantFrom('us-east-1', 'eu-west-1', 'global'), hostile),
  });
  const arbitraryFinding: fc.Arbitrary<StoryFinding> = fc.record({
    key: hostile,
    check: fc.constantFrom('compute/x', 'identity/y', 'persistence/z', 'evasion/w', 'odd'),
    at: time,
    place,
    severity: fc.constantFrom('info', 'low', 'medium', 'high', 'critical'),
    title: hostile,
    about: fc.array(subject, { maxLength: 5 }),
    evidence: fc.array(hostile, { maxLength: 5 }),
    usdPerHour: fc.dictionary(subject, fc.double(), { maxKeys: 4 }) as fc.Arbitrary<Record<Subject, number>>,
    facts: fc.dictionary(hostile, hostile, { maxKeys: 5 }),
    remedies: fc.constantFrom([], [stop], [revoke], [stop, revoke]),
    learning: fc.boolean(),
    state: fc.constantFrom('active', 'cleared'),
    changedAt: time,
  });
  const outcome = fc.constantFrom('done', 'already so', 'refused', 'gone', 'failed');
  const arbitraryStep = fc
    .record({
      n: fc.nat(99),
      at: time,
      followed: fc.boolean(),
      outcome,
      why: hostile,
      undone: fc.option(fc.record({ outcome, at: time }), { nil: undefined }),
    })
    .map(({ n, undone, ...rest }) => step(item(n), { ...rest, ...(undone ? { undone } : {}) }));
  const arbitraryIncident: fc.Arbitrary<Incident> = fc
    .record({
      state: fc.constantFrom('open', 'planning', 'asking', 'acting', 'watching', 'resolved', 'expected', 'joined'),
      severity: fc.constantFrom('info', 'low', 'medium', 'high', 'critical'),
      headline: hostile,
      beganAt: time,
      findings: fc.array(arbitraryFinding, { maxLength: 15 }).map((list) => Object.fromEntries(list.map((one, n) => [`f${n}`, one]))),
      subjects: fc.array(subject, { maxLength: 20 }),
      actors: fc.array(
        fc.record({ subject, name: hostile, kind: fc.constantFrom('root', 'user', 'unknown', 'workload'), home: fc.constant(production) }),
        { maxLength: 4 },
      ),
      steps: fc.array(arbitraryStep, { maxLength: 10 }).map((list) => Object.fromEntries(list.map((one) => [one.item.id, one]))),
      withPlan: fc.boolean(),
      kind: fc.constantFrom('contain', 'stop', 'revoke', 'undo'),
      owner: fc.option(fc.record({ by: hostile, at: time }), { nil: undefined }),
      contained: fc.boolean(),
    })
    .map(({ withPlan, kind, owner, contained, ...rest }) =>
      incident({
        ...(rest as Partial<Incident>),
        ...(withPlan ? { plan: plan({ kind: kind as 'contain' }) } : {}),
        ...(owner ? { owner } : {}),
        watch: { looks: [{ due: now }, { due: now, saw: 'x' }], ...(contained ? { containedAt: now } : {}) },
        history: [{ at: now, text: rest.headline }],
      }),
    );
  const arbitraryView = fc
    .record({ story: arbitraryIncident, machines: fc.nat(1000), at: time, gone: fc.boolean(), name: hostile, observing: fc.boolean() })
    .map(({ story, machines, at, gone, name, observing }) =>
      view({
        incident: story,
        machines: Array.from({ length: machines }, (_, n) =>
          machine(n, { shape: { type: n % 3 ? name : 't3.micro' }, name, ...(gone ? { goneAt: at } : {}) }),
        ),
        now: at,
        accounts: [{ scope: production, name }],
        ...(observing ? { policy: policy({ people: [] }) } : {}),
      }),
    );

  it('can be shown: never throws, a short notification, at most twelve lines, labels that fit', () => {
    fc.assert(
      fc.property(arbitraryView, (shown) => {
        const messages = [card(shown).message, question(shown).message, details(shown), result(shown)];

        for (const message of messages) {
          expect(message.summary.length).toBeLessThanOrEqual(110);
          expect(message.summary).not.toMatch(/[\n\r]/);
          expect(asPlainText(message, shown.now)).toBeTypeOf('string');
          for (const label of labels(message)) expect(label.length).toBeLessThanOrEqual(75);
        }
        expect(linesOf(messages[0]!)).toBeLessThanOrEqual(12);
        expect(JSON.stringify(messages)).not.toMatch(/NaN|Infinity|undefined/);
        expect(asLine(shown.incident, shown.policy)).not.toContain('\n');
      }),
      { numRuns: 150, seed: 42 },
    );
  });

  it('offers to act only while nothing is asked or running, and never when observing', () => {
    fc.assert(
      fc.property(arbitraryView, (shown) => {
        const acts = card(shown).buttons.filter((meant) => meant.meaning.kind === 'ask');

        if (['planning', 'asking', 'acting', 'joined'].includes(shown.incident.state) || shown.policy.people.length === 0)
          expect(acts).toEqual([]);
        for (const meant of question(shown).buttons) expect(shown.incident.plan?.hash).toBe((meant.meaning as { hash?: string }).hash);
      }),
      { numRuns: 100, seed: 43 },
    );
  });
});
