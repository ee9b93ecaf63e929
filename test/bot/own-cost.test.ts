import { describe, expect, it } from 'vitest';
import { type Metered, ownCostInWords, ownCostSince } from '../../src/bot/own-cost.ts';

const now = '2026-11-23T10:00:00.000Z';
const row = (day: string, operation: string, calls: number, usd: number): Metered => ({ day, operation, calls, usd });

describe('what looking costs, in words', () => {
  it('says nothing before anything was counted', () => {
    expect(ownCostInWords([], now)).toBeUndefined();
  });

  it('tells of today only where there is no whole day yet', () => {
    expect(ownCostInWords([row('2026-11-23', 'ec2:DescribeInstances', 1_204, 0)], now)).toBe(
      'My own calls: 1,204 calls today so far, nothing to pay.',
    );
  });

  it('tells of the last whole day, and of thirty days at that rate by what is paid for', () => {
    const rows = ['2026-11-21', '2026-11-22'].flatMap((day) => [
      row(day, 'ec2:DescribeInstances', 10_000, 0),
      row(day, 'ce:GetCostAndUsage', 4, 0.04),
      row(day, 'ce:GetAnomalies', 1, 0.01),
      row(day, 'threat detector:reads the records of these calls', 0, 0.04),
    ]);

    expect(ownCostInWords([...rows, row('2026-11-23', 'ce:GetCostAndUsage', 100, 1)], now)).toBe(
      'My own calls: 10,005 calls yesterday, $0.09. At the rate of the last 2 days $2.70 in 30 days (ce $1.50, threat detector $1.20).',
    );
  });

  it('names the day where the bot did not look yesterday', () => {
    expect(ownCostInWords([row('2026-11-20', 'ec2:DescribeInstances', 1, 0)], now)).toBe(
      'My own calls: 1 call on 2026-11-20, nothing to pay. At the rate of the last 1 day nothing to pay in 30 days.',
    );
  });

  it('looks back thirty days', () => {
    expect(ownCostSince(now)).toBe('2026-10-24');
  });
});
