import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import type { Observation } from '../../../src/checks/observation.ts';
import { aboveOwnHistory } from '../../../src/checks/spend/above-own-history.ts';
import { observed } from '../observed.ts';

const day = (index: number): string => new Date(Date.parse('2026-10-01') + index * 86_400_000).toISOString().slice(0, 10);
const spend = (index: number, amount: number, region = 'us-east-1', more: object = {}): Observation =>
  observed('spend.recorded', {
    id: `bill/${day(index)}/${region}/${JSON.stringify(more)}`,
    at: `${day(index)}T23:59:59.000Z`,
    day: day(index),
    region,
    cost: { amount, currency: 'USD', usd: amount },
    evidence: [],
    ...more,
  });
const usual = Array.from({ length: 40 }, (_, index) => [spend(index, 4 + (index % 3) / 10), spend(index, 1, 'eu-west-1')]).flat();
const findingsOf = (observations: Observation[], params: object = {}) => {
  const inspector = createInspector({ checks: [aboveOwnHistory], params: { 'spend/above-own-history': params } });
  inspector.inspect(observations);
  return inspector.findings();
};

describe('spend', () => {
  it('in a region that never cost anything is told for the region and for the account', () => {
    const findings = findingsOf([...usual, spend(40, 412, 'ap-northeast-1', { provisional: true })]);

    expect(findings.map(({ key, severity }) => [key, severity])).toEqual([
      ['spend/above-own-history:aws/123456789012', 'critical'],
      ['spend/above-own-history:aws/123456789012/ap-northeast-1', 'critical'],
    ]);
    expect(findings[1]).toMatchObject({ facts: { Spent: '412 USD', Usual: '0.00 USD', Day: '2026-11-10, not final' } });
  });

  it('that is corrected downwards is withdrawn', () => {
    const inspector = createInspector({ checks: [aboveOwnHistory] });
    inspector.inspect([...usual, spend(40, 412)]);
    const { withdrawn } = inspector.inspect([{ ...spend(40, 5), heard: '2026-12-01T00:00:00.000Z' }]);

    expect(withdrawn.map(({ key }) => key)).toContain('spend/above-own-history:aws/123456789012');
    expect(inspector.findings()).toEqual([]);
  });

  it('of taxes, fees and credits does not count', () => {
    expect(findingsOf([...usual, spend(40, 412, 'us-east-1', { charge: 'tax' }), spend(40, 412, 'us-east-1', { charge: 'fee' })])).toEqual(
      [],
    );
  });

  it('on the first day is held against the month somebody named', () => {
    expect(findingsOf([spend(0, 60)], { usualMonthly: { '123456789012': 1500 } })).toEqual([]);
    expect(findingsOf([spend(0, 60)])[0]?.severity).toBe('high');
  });

  it('that goes on as usual is nothing, also over many regions', () => {
    expect(findingsOf([...usual, spend(40, 4.1), spend(40, 1, 'eu-west-1')])).toEqual([]);
  });
});
