import { describe, expect, it } from 'vitest';
import { spotSurge } from '../../../src/checks/compute/spot-surge.ts';
import { foundBy, gpu, severitiesIn, small, thief, weeks } from '../lives.ts';
import { at, machine, observed } from '../observed.ts';

const spot = (day: string, count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) =>
    observed('compute.asked', {
      ...thief,
      at: at(`14:${String(index).padStart(2, '0')}`, day),
      shape: { ...small, spot: true },
      resources: [machine(`i-${day}-${index}`)],
      perHour: { amount: 1, currency: 'USD', usd: 1 },
      ...more,
    }),
  );
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(spotSurge, [...weeks(), ...now]);

describe('machines from spare capacity', () => {
  it('are high from six within an hour, with the price of all', () => {
    const [finding] = foundBy(spotSurge, [...weeks(), ...spot('2026-11-23', 6)]);

    expect(finding?.severity).toBe('high');
    expect(Object.keys(finding?.usdPerHour ?? {})).toHaveLength(6);
  });

  it('are medium when one is started for the first time, high when it has a GPU', () => {
    expect(severities(...spot('2026-11-23', 1))).toEqual(['medium']);
    expect(severities(...spot('2026-11-23', 1, { shape: { ...gpu, spot: true } }))).toEqual(['high']);
  });

  it('are nothing for whoever starts as many every week, and high at four times as many', () => {
    const before = ['2026-11-03', '2026-11-05'].flatMap((day) => spot(day, 8));

    expect(severities(...before, ...spot('2026-11-23', 10))).toEqual([]);
    expect(severities(...before, ...spot('2026-11-23', 32))).toEqual(['high']);
  });

  it('are not taken for ordinary ones', () => {
    expect(severities(...spot('2026-11-23', 9, { shape: small }))).toEqual([]);
  });
});
