import { describe, expect, it } from 'vitest';
import { due, lastSlot, nextSlot } from '../../src/bot/schedule.ts';

const digest = { name: 'digest', at: '09:00', zone: 'Europe/Berlin' };

describe('what is due', () => {
  it('runs the digest once the wall clock of the zone has passed its time', () => {
    const last = { digest: '2026-11-22T08:00:00.000Z' };

    expect(due([digest], last, '2026-11-23T07:59:59.000Z')).toEqual([]);
    expect(due([digest], last, '2026-11-23T08:00:00.000Z')).toEqual([digest]);
  });

  it('catches up a missed day once, not once for every day missed', () => {
    expect(due([digest], { digest: '2026-11-19T08:00:05.000Z' }, '2026-11-23T12:00:00.000Z')).toEqual([digest]);
    expect(due([digest], { digest: '2026-11-23T12:00:00.000Z' }, '2026-11-23T12:00:01.000Z')).toEqual([]);
  });

  it('waits for its time of day when it never ran', () => {
    expect(due([digest], {}, '2026-11-23T12:00:00.000Z')).toEqual([]);
  });

  it('runs a repeating job at once when it never ran, then after its seconds', () => {
    const job = { name: 'memory', everySeconds: 3600 };

    expect(due([job], {}, '2026-11-23T12:00:00.000Z')).toEqual([job]);
    expect(due([job], { memory: '2026-11-23T11:00:01.000Z' }, '2026-11-23T12:00:00.000Z')).toEqual([]);
    expect(due([job], { memory: '2026-11-23T11:00:00.000Z' }, '2026-11-23T12:00:00.000Z')).toEqual([job]);
  });

  it.each([
    ['the day the clocks go forward', '2026-03-29T12:00:00.000Z', '2026-03-29T07:00:00.000Z'],
    ['the day before', '2026-03-28T12:00:00.000Z', '2026-03-28T08:00:00.000Z'],
    ['the day they go back', '2026-10-25T12:00:00.000Z', '2026-10-25T08:00:00.000Z'],
  ])('keeps the wall clock on %s', (_, now, slot) => {
    expect(lastSlot('09:00', 'Europe/Berlin', now)).toBe(slot);
  });

  it('does not lose a day to an hour that does not exist, nor run twice in one that comes twice', () => {
    expect(lastSlot('02:30', 'Europe/Berlin', '2026-03-29T12:00:00.000Z').slice(0, 13)).toBe('2026-03-29T01');
    const first = lastSlot('02:30', 'Europe/Berlin', '2026-10-25T12:00:00.000Z');
    expect(first.slice(0, 10)).toBe('2026-10-25');
    expect(due([{ name: 'd', at: '02:30', zone: 'Europe/Berlin' }], { d: first }, '2026-10-25T12:00:00.000Z')).toEqual([]);
  });

  it('knows zones on both sides of the date line', () => {
    expect(nextSlot('09:00', 'Pacific/Auckland', '2026-11-23T00:00:00.000Z')).toBe('2026-11-23T20:00:00.000Z');
    expect(lastSlot('23:30', 'America/Los_Angeles', '2026-11-23T00:00:00.000Z')).toBe('2026-11-22T07:30:00.000Z');
  });
});
