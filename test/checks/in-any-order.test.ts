import { describe, expect, it } from 'vitest';
import { createInspector } from '../../src/bot/inspect.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { byAda, byDeploy, past, stolen } from './history.ts';
import { at, leakedKey, observed } from './observed.ts';

const own = checks.filter(({ id }) => /^(?:identity|persistence|evasion)\//.test(id));
const gpu = { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 };
const regions = ['us-east-1', 'eu-west-3', 'sa-east-1', 'ap-south-1', 'ca-central-1'];

/** A thief with a carried-off key, and the people who work here, in one afternoon. */
const afternoon = (): Observation[] => [
  ...past(),
  ...regions.flatMap((region, index) => [
    observed('looked.around', { ...stolen, region, at: at(`13:5${index}`) }),
    observed('quota.asked', { ...stolen, region, at: at(`14:0${index}`) }),
  ]),
  observed('guard.weakened', {
    ...stolen,
    at: at('14:10'),
    guard: 'budget',
    resource: 'resource:arn:aws:budgets::123456789012:budget/all',
  }),
  observed('guard.weakened', { ...stolen, at: at('14:11'), guard: 'threat detector' }),
  observed('identity.linked', {
    ...stolen,
    at: at('14:12'),
    from: 'principal:arn:aws:iam::123456789012:user/backup',
    to: leakedKey,
    how: 'created',
  }),
  observed('identity.created', { ...stolen, at: at('14:12') }),
  observed('credential.created', { ...stolen, at: at('14:13'), using: leakedKey }),
  observed('access.granted', { ...stolen, at: at('14:14') }),
  observed('schedule.set', { ...stolen, at: at('14:15') }),
  observed('compute.asked', { ...stolen, at: at('14:20'), shape: gpu }),
  observed('identity.removed', { ...stolen, at: at('14:30') }),
  observed('access.granted', { ...byDeploy, at: at('14:31'), level: 'other' }),
  observed('signed.in', { ...byAda, at: at('14:32'), mfa: false }),
  observed('quota.asked', { ...byAda, at: at('14:33'), quota: 'another' }),
];

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const all = [...list];
  let state = seed;
  for (let index = all.length - 1; index > 0; index--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const other = state % (index + 1);
    [all[index], all[other]] = [all[other]!, all[index]!];
  }
  return all;
}

describe('an afternoon with a thief in it', () => {
  const observations = afternoon();
  const findingsOf = (order: Observation[], most = 1) => {
    const inspector = createInspector({ checks: own, horizonHours: 24 * 90 });
    for (let index = 0; index < order.length; index += most) inspector.inspect(order.slice(index, index + most));
    return inspector.findings();
  };

  it('is told the same whatever the order its records arrive in', () => {
    const inOrder = findingsOf(observations, observations.length);

    expect(new Set(inOrder.map(({ check }) => check)).size).toBeGreaterThan(8);
    for (let seed = 1; seed <= 12; seed++) expect(findingsOf(shuffled(observations, seed), seed)).toEqual(inOrder);
  });

  it('is loud about the thief and below high about everybody else', () => {
    const loud = findingsOf(observations).filter(({ severity }) => severity === 'high' || severity === 'critical');

    expect(loud.length).toBeGreaterThan(4);
    expect(loud.every(({ about }) => about.includes(leakedKey))).toBe(true);
  });
});
