import { expect, it } from 'vitest';
import { z } from 'zod';
import { createInspector } from '../../src/bot/inspect.ts';
import type { AnyCheck } from '../../src/checks/check.ts';
import { defineCheck } from '../../src/checks/check.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { finding } from '../../src/checks/suspects.ts';
import { appRunner, at, ciDeploy, observed } from '../checks/observed.ts';

const about = {
  title: 'Made up',
  why: '',
  falseAlarms: [],
  misses: [],
  tactic: '',
  references: [],
  maturity: 'stable' as const,
  nature: 'event' as const,
  params: z.object({}),
};
/** Says how often it was asked for a key, and speaks of everything it does not know. */
function counting(key: (act: Observation) => string | undefined): { check: AnyCheck; asked: () => number } {
  let asked = 0;
  const check = defineCheck({
    ...about,
    id: 'made-up/counting',
    watches: ['principal.acted', 'guard.weakened'],
    judges: ['guard.weakened'],
    remembers: {
      acts: {
        kind: 'seen',
        key: (act: Observation) => {
          asked += 1;
          return key(act);
        },
        days: 10,
      },
    },
    evaluate: (now, { acts }) =>
      acts.known ? [] : [finding('made-up/counting', now, { key: `${now.actor?.name}`, severity: 'low', title: 'New' })],
  });
  return { check, asked: () => asked };
}
const acts = (many: number, more: object = {}): Observation[] =>
  Array.from({ length: many }, (_, n) => observed('principal.acted', { at: at(`12:${String(n).padStart(2, '0')}`), ...more }));
const weakened = (more: object = {}): Observation => observed('guard.weakened', { at: at('14:00'), ...more });

it('a memory that says no to a kind of actor is asked once for all of them, and still asked for others', () => {
  const { check, asked } = counting((act) => (act.actor?.kind === 'user' ? act.actor.name : undefined));
  const inspector = createInspector({ checks: [check] });
  inspector.inspect(acts(20, { actor: appRunner }));

  expect(asked()).toBe(1);
  expect(inspector.inspect([...acts(1), weakened()]).changed).toEqual([]);
  expect(inspector.inspect([weakened({ at: at('14:01'), actor: { ...ciDeploy, name: 'eve' } })]).changed).toHaveLength(1);
});

it('a memory that looks at anything else of an observation is asked for each', () => {
  const { check, asked } = counting((act) => (act.place.region === 'eu-west-3' ? act.actor?.name : undefined));
  const inspector = createInspector({ checks: [check] });
  inspector.inspect(acts(20));

  expect(asked()).toBeGreaterThanOrEqual(20);
  expect(inspector.inspect([...acts(1, { region: 'eu-west-3' }), weakened({ region: 'eu-west-3' })]).changed).toEqual([]);
});

it('one that hides that it looked, by catching what it is told then, is asked for each all the same', () => {
  const { check } = counting((act) => {
    try {
      return act.place.region === 'eu-west-3' ? 'known' : undefined;
    } catch {
      return undefined;
    }
  });
  const inspector = createInspector({ checks: [check] });

  expect(inspector.inspect([...acts(2, { region: 'eu-west-3' }), weakened({ region: 'eu-west-3' })]).changed).toEqual([]);
});

it('what was asked of one observation does not stick to the next, which nobody asks', () => {
  const { check } = counting((act) => (act.kind === 'guard.weakened' || act.actor?.kind === 'user' ? act.actor?.name : undefined));
  const inspector = createInspector({ checks: [check] });
  inspector.inspect([acts(1)[0]!, ...acts(1, { at: at('12:30'), actor: { ...appRunner, name: 'somebody else' } })]);

  expect(inspector.inspect([weakened()]).changed).toEqual([]);
  expect(inspector.inspect([weakened({ at: at('14:01'), actor: { ...ciDeploy, name: 'somebody else' } })]).changed).toHaveLength(1);
});

it('a check that speaks of a sort without any memory is heard', () => {
  const strict = defineCheck({
    ...about,
    id: 'made-up/strict',
    watches: ['principal.acted'],
    remembers: {},
    evaluate: (now) =>
      now.actor?.kind === 'workload' ? [finding('made-up/strict', now, { key: 'x', severity: 'low', title: 'A machine acted' })] : [],
  });
  const inspector = createInspector({ checks: [strict] });

  expect(inspector.inspect(acts(3)).changed).toEqual([]);
  expect(inspector.inspect(acts(1, { actor: appRunner })).changed).toHaveLength(1);
});
