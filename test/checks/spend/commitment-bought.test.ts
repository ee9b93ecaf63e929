import { describe, expect, it } from 'vitest';
import { commitmentBought } from '../../../src/checks/spend/commitment-bought.ts';
import { severitiesIn, thief, usual, weeks } from '../lives.ts';
import { at, observed } from '../observed.ts';

const bought = (amount: number | undefined, more: object = {}) =>
  observed('commitment.bought', {
    at: at('14:00'),
    ...(amount === undefined ? {} : { once: { amount, currency: 'USD', usd: amount } }),
    ...thief,
    ...more,
  });
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(commitmentBought, [...weeks(), ...now]);

describe('money that nobody gives back', () => {
  it('is critical from 1,000 dollars, high when nobody says how much, medium for a domain', () => {
    expect([severities(bought(5000)), severities(bought(undefined)), severities(bought(14))]).toEqual([['critical'], ['high'], ['medium']]);
  });

  it('is medium when it was refused, and for whoever buys so now and then, but not for the same key elsewhere', () => {
    const before = ['2026-11-12', '2026-11-14'].map((day) => bought(50, { ...usual, at: at('10:00', day) }));

    expect(severities(bought(5000, { outcome: 'denied' }))).toEqual(['medium']);
    expect(severities(bought(undefined, usual))).toEqual(['high']);
    expect(severities(...before, bought(500))).toEqual(['high']);
  });
});
