import { describe, expect, it } from 'vitest';
import { protectionSet } from '../../../src/checks/compute/protection-set.ts';
import { foundBy, severitiesIn, small, thief, usual, weeks } from '../lives.ts';
import { at, machine, observed } from '../observed.ts';

const protect = (more: object = {}) => observed('protection.set', { at: at('14:10'), ...thief, ...more });
const launched = observed('compute.asked', {
  at: at('14:00'),
  ...thief,
  shape: small,
  resources: [machine('i-0aaa')],
  perHour: { amount: 2, currency: 'USD', usd: 2 },
});
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(protectionSet, [...weeks(), ...now]);

describe('protection against ending', () => {
  it('is critical when a stranger sets it on a machine of today, and tells what that costs', () => {
    const [finding] = foundBy(protectionSet, [...weeks(), launched, protect()]);

    expect(finding).toMatchObject({ severity: 'critical', usdPerHour: { [machine('i-0aaa')]: 2 } });
  });

  it('is critical for three machines, and high for an old one', () => {
    expect(severities(protect({ resources: ['1', '2', '3'].map((name) => machine(name)) }))).toEqual(['critical']);
    expect(severities(protect())).toEqual(['high']);
  });

  it('is medium by the usual hand, low once that is its habit, and high again with its key elsewhere', () => {
    const early = ['2026-11-03', '2026-11-04', '2026-11-05'].map((day) => protect({ ...usual, at: at('10:00', day) }));

    expect(severities(protect(usual))).toEqual(['medium']);
    expect(severities(...early, protect(usual))).toEqual(['low']);
    expect(severities(...early, protect())).toEqual(['high']);
  });

  it('is medium when the inventory finds it, and nothing when it was refused or is not there', () => {
    expect(severities(observed('compute.seen', { protected: true }))).toEqual(['medium']);
    expect(severities(observed('compute.seen', {}), protect({ outcome: 'denied' }))).toEqual([]);
  });
});
