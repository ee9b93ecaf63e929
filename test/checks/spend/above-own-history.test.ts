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
    expect(findingsOf([spend(0, 60)], { usualMonthly: { '123456789012': 150 } })[0]?.severity).toBe('high');
  });

  it('on the first days of an account of which nobody said what it costs is at most medium', () => {
    expect(findingsOf([spend(0, 1000)])[0]?.severity).toBe('medium');
  });

  it('that goes on as usual is nothing, also over many regions', () => {
    expect(findingsOf([...usual, spend(40, 4.1), spend(40, 1, 'eu-west-1')])).toEqual([]);
  });

  it('that jumps in six new regions at once is critical on the same day, while that day is not over yet', () => {
    const regions = ['us-west-1', 'us-west-2', 'eu-west-3', 'ap-south-1', 'sa-east-1', 'ap-northeast-1'];
    const firstHours = regions.map((region) => spend(40, 22, region, { provisional: true }));

    const findings = findingsOf([...usual, ...firstHours]);

    expect(findings.map(({ severity }) => severity).sort()).toEqual(['critical', ...regions.map(() => 'high')]);
  });

  it('that follows the week, with fees on the first of a month, is nothing for months', () => {
    const months = Array.from({ length: 120 }, (_, index) => {
      const isWeekend = [0, 6].includes(new Date(day(index)).getUTCDay());
      const usage = spend(index, (isWeekend ? 14 : 40) + (index % 5));
      return day(index).endsWith('-01') ? [usage, spend(index, 300, 'global', { charge: 'fee' })] : [usage];
    }).flat();

    expect(findingsOf(months, { usualMonthly: { '123456789012': 1000 } })).toEqual([]);
  });
});
