import { describe, expect, it } from 'vitest';
import { moneyAlarmRemoved } from '../../../src/checks/evasion/money-alarm-removed.ts';
import type { Of } from '../../../src/checks/observation.ts';
import { byAda, byDeploy, found, looked, loudest, past, stolen } from '../history.ts';
import { at, leakedKey, observed } from '../observed.ts';

const removed = (more: Partial<Of<'guard.weakened'>> = {}) =>
  observed('guard.weakened', {
    ...byAda,
    at: at('14:00'),
    guard: 'budget',
    resource: 'resource:arn:aws:budgets::123456789012:budget/all',
    how: 'deleted',
    ...more,
  });
const gpus = (clock: string, more: object = {}) =>
  observed('compute.asked', { ...stolen, at: at(clock), shape: { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 }, ...more });

describe('a budget', () => {
  it('removed by a stranger is high, also without any history, medium by the owner who tidies up', () => {
    expect(loudest(moneyAlarmRemoved, [...past(), removed(stolen)])).toBe('high');
    expect(loudest(moneyAlarmRemoved, [removed(stolen)])).toBe('high');
    expect(loudest(moneyAlarmRemoved, [...past(), removed()])).toBe('medium');
  });

  it('is critical when the same hand asks for large machines within a day, before or after', () => {
    const thief = { ...stolen, actor: gpus('13:00').actor!, credential: leakedKey };
    const budget = observed('guard.weakened', { ...removed(), ...thief });
    delete budget.session;

    expect(loudest(moneyAlarmRemoved, [looked(), gpus('13:00'), budget])).toBe('critical');
    expect(loudest(moneyAlarmRemoved, [looked(), budget, gpus('15:00')])).toBe('critical');
    expect(loudest(moneyAlarmRemoved, [looked(), budget, gpus('15:00', { shape: { type: 't3.micro', vcpus: 2 } })])).toBe('high');
  });

  it('stays medium when somebody known removes it while others use large machines', () => {
    expect(loudest(moneyAlarmRemoved, [...past(), gpus('13:00'), removed()])).toBe('medium');
    expect(loudest(moneyAlarmRemoved, [...past(), gpus('13:00'), removed(stolen)])).toBe('critical');
  });

  it('that somebody was not allowed to remove is medium', () => {
    expect(loudest(moneyAlarmRemoved, [...past(), removed({ ...stolen, outcome: 'denied' })])).toBe('medium');
  });
});

describe('an alarm', () => {
  it('is medium from a stranger, low from somebody known, nothing when a service keeps its own', () => {
    expect(loudest(moneyAlarmRemoved, [...past(), removed({ ...stolen, guard: 'alarm' })])).toBe('medium');
    expect(loudest(moneyAlarmRemoved, [...past(), removed({ guard: 'alarm' })])).toBe('low');
    expect(loudest(moneyAlarmRemoved, [removed({ ...byDeploy, guard: 'alarm' })])).toBe('low');
    expect(loudest(moneyAlarmRemoved, [removed({ ...stolen, credential: leakedKey, guard: 'alarm' })])).toBe('medium');
    expect(
      found(moneyAlarmRemoved, [...past(), removed({ guard: 'alarm', network: { address: 'scaling.example.com', kind: 'provider' } })]),
    ).toEqual([]);
  });
});
