import { describe, expect, it } from 'vitest';
import { deniedBurst } from '../../../src/checks/identity/denied-burst.ts';
import { found, looked, loudest } from '../history.ts';
import { at, observed } from '../observed.ts';

const refused = (count: number, day = '2026-11-23', more: object = {}) =>
  Array.from({ length: count }, (_, index) =>
    observed('principal.acted', {
      at: at(`14:0${Math.floor(index / 10)}:${String(index % 60).padStart(2, '0')}`, day),
      operation: `service${index}:List`,
      outcome: 'denied',
      ...more,
    }),
  );

describe('refusals in a row', () => {
  it('of 25 different calls are medium, of a few low, also without any history', () => {
    expect(loudest(deniedBurst, [looked(), ...refused(25)])).toBe('medium');
    expect(loudest(deniedBurst, refused(25))).toBe('medium');
    expect(loudest(deniedBurst, refused(9))).toBe('low');
  });

  it('of one call again and again, of a program refused so every day, or that were no refusals, are nothing', () => {
    const everyDay = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'].flatMap((day) => refused(5, day));

    expect(found(deniedBurst, [looked(), ...refused(40, '2026-11-23', { operation: 's3:ListBuckets' })])).toEqual([]);
    expect(found(deniedBurst, [looked(), ...refused(40, '2026-11-23', { outcome: undefined })])).toEqual([]);
    expect(found(deniedBurst, [looked(), ...everyDay, ...refused(5)])).toEqual([]);
  });
});
