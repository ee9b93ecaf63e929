import { describe, expect, it } from 'vitest';
import { lookingAround } from '../../../src/checks/identity/looking-around.ts';
import { found, looked, loudest } from '../history.ts';
import { at, observed } from '../observed.ts';

const regions = (count: number) => Array.from({ length: count }, (_, index) => `region-${index}`);
const looks = (over: string[], more: object = {}, day = '2026-11-23') =>
  over.map((region, index) => observed('looked.around', { at: at(`14:00:${String(index).padStart(2, '0')}`, day), region, ...more }));

describe('looking around', () => {
  it('over five regions within minutes is medium', () => {
    expect(loudest(lookingAround, [looked(), ...looks(regions(5))])).toBe('medium');
  });

  it('for limits, regions, sizes and guards in one region is medium', () => {
    const kinds = (['limits', 'regions', 'sizes', 'guards'] as const).map((what) => observed('looked.around', { at: at('14:00'), what }));

    expect(loudest(lookingAround, [looked(), ...kinds])).toBe('medium');
  });

  it('without any history is low, but for the limits of ten regions', () => {
    expect(loudest(lookingAround, looks(regions(6)))).toBe('low');
    expect(loudest(lookingAround, looks(regions(10)))).toBe('medium');
  });

  it('is nothing when a tool does so every day, over two regions, or only asks who it is', () => {
    const today = (finding: { at: string }): boolean => finding.at > '2026-11-23';

    expect(found(lookingAround, [looked(), ...looks(regions(4), {}, '2026-11-21'), ...looks(regions(6))]).filter(today)).toEqual([]);
    expect(found(lookingAround, [looked(), ...looks(regions(2))])).toEqual([]);
    expect(found(lookingAround, [looked(), ...looks(regions(17), { what: 'self', operation: 'sts:GetCallerIdentity' })])).toEqual([]);
  });
});
