import { describe, expect, it } from 'vitest';
import { scheduleSet } from '../../../src/checks/persistence/schedule-set.ts';
import { byAda, found, looked, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const gpu = { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 };
const schedule = (more: object = {}) => observed('schedule.set', { ...stolen, at: at('14:30'), ...more });

describe('a schedule', () => {
  it('set by the hand that asked for GPUs is medium, whichever came first', () => {
    const machines = (clock: string) => observed('compute.asked', { ...stolen, at: at(clock), shape: gpu });

    expect(loudest(scheduleSet, [looked(), machines('14:00'), schedule()])).toBe('medium');
    expect(loudest(scheduleSet, [looked(), schedule(), machines('15:00')])).toBe('medium');
    expect(loudest(scheduleSet, [schedule(), observed('compute.refused', { ...stolen, at: at('14:00') })])).toBe('medium');
  });

  it('is nothing by itself, after small machines, by another hand, or days later', () => {
    const other = { ...stolen, credential: 'credential:AKIAIOSFODNN8EXAMPLE' as const };

    expect(found(scheduleSet, [looked(), schedule()])).toEqual([]);
    expect(found(scheduleSet, [looked(), observed('compute.asked', { ...stolen, at: at('14:00') }), schedule()])).toEqual([]);
    expect(found(scheduleSet, [looked(), observed('compute.asked', { ...other, at: at('14:00'), shape: gpu }), schedule()])).toEqual([]);
    expect(
      found(scheduleSet, [looked(), observed('compute.asked', { ...stolen, at: at('14:00', '2026-11-21'), shape: gpu }), schedule()]),
    ).toEqual([]);
  });

  it('is nothing from somebody known who also makes keys, and medium when that name comes from elsewhere', () => {
    const key = observed('access.granted', { ...byAda, at: at('14:00') });

    expect(found(scheduleSet, [...past(), key, schedule(byAda)])).toEqual([]);
    expect(loudest(scheduleSet, [...past(), { ...key, ...stolen }, schedule({ ...byAda, ...stolen })])).toBe('medium');
  });
});
