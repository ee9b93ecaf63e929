import { describe, expect, it } from 'vitest';
import { createTelling, type Told } from '../../../src/checks/spend/retelling.ts';

const leaf = { account: '123456789012', service: 'Amazon EC2', region: 'eu-west-1' };
const anomaly = (given: Partial<Told>): Told => ({
  day: 10,
  account: leaf.account,
  severity: 'medium',
  excess: 100,
  leaves: [leaf],
  ...given,
});

/** What each of them is, one after the other. */
const told = (...anomalies: Partial<Told>[]): unknown[] => {
  const telling = createTelling();
  return anomalies.map((one) => telling.isNews(anomaly(one)));
};

describe('what was told already', () => {
  it('is not told again on the same day, nor on the next', () => {
    expect(told({}, {}, { day: 11 })).toEqual(['new', undefined, undefined]);
  });

  it('is told again when it is more severe', () => {
    expect(told({}, { severity: 'high' }, { severity: 'medium' }, { severity: 'high' })).toEqual([
      'new',
      'more severe',
      undefined,
      undefined,
    ]);
  });

  it('is told again when it is twice as much, but not because its first day was not a whole one', () => {
    expect(told({}, { excess: 190 }, { day: 11, excess: 300 })).toEqual(['new', undefined, undefined]);
    expect(told({}, { day: 11, excess: 150 }, { day: 12, excess: 299 }, { day: 13, excess: 301 })).toEqual([
      'new',
      undefined,
      undefined,
      'twice as much',
    ]);
  });

  it('takes in what it spreads to, as long as it shares a leaf with it', () => {
    const other = { ...leaf, region: 'us-east-1' };

    expect(told({}, { day: 11, leaves: [leaf, other] }, { day: 12, leaves: [other] })).toEqual(['new', undefined, undefined]);
    expect(told({}, { day: 11, leaves: [other] })).toEqual(['new', 'new']);
  });

  it('is over after four quiet days', () => {
    expect(told({}, { day: 14 }, { day: 18 }, { day: 23 })).toEqual(['new', undefined, undefined, 'new']);
  });

  it('may be of an earlier day than the last, as bills come late', () => {
    expect(told({}, { day: 9 }, { day: 11 })).toEqual(['new', undefined, undefined]);
  });
});
