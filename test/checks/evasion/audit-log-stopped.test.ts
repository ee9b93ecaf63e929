import { describe, expect, it } from 'vitest';
import { auditLogStopped } from '../../../src/checks/evasion/audit-log-stopped.ts';
import type { Observation } from '../../../src/checks/observation.ts';
import { byAda, byDeploy, loudest, past, stolen } from '../history.ts';
import { at, judge, never, observed } from '../observed.ts';

const none = { value: 0, learning: false };
const memory = { hands: never, replacing: none, restarted: none };

describe('the audit log', () => {
  it('switched off is critical', () => {
    const [finding] = judge(auditLogStopped, observed('guard.weakened', {}), memory);

    expect(finding).toMatchObject({ severity: 'critical', facts: { 'Audit log': 'stopped' } });
  });

  it('that somebody was not allowed to switch off is medium, and not the same finding', () => {
    const tried = judge(auditLogStopped, observed('guard.weakened', { outcome: 'denied' }), memory);
    const done = judge(auditLogStopped, observed('guard.weakened', {}), memory);

    expect(tried[0]?.severity).toBe('medium');
    expect(tried[0]?.key).not.toBe(done[0]?.key);
  });

  it('is not meant when a budget or an alarm goes', () => {
    expect(judge(auditLogStopped, observed('guard.weakened', { guard: 'budget' }), memory)).toEqual([]);
  });

  it('that may have been changed for good or ill is medium', () => {
    const [finding] = judge(auditLogStopped, observed('guard.weakened', { perhaps: true, how: 'perhaps sent elsewhere' }), memory);

    expect(finding).toMatchObject({ severity: 'medium', title: 'The record of who does what was changed' });
  });
});

describe('a log that replaces another', () => {
  const started = (clock: string, day?: string, more: object = {}): Observation =>
    observed('guard.started', { ...byAda, at: at(clock, day), ...more });
  const deleted = observed('guard.weakened', { ...byAda, at: at('12:06'), how: 'deleted' });

  it('and was started within a week before the other goes, by somebody known from there, is medium', () => {
    expect(loudest(auditLogStopped, [...past(), started('12:00'), deleted])).toBe('medium');
    expect(loudest(auditLogStopped, [...past(), started('12:00', '2026-11-20'), deleted])).toBe('medium');
  });

  it('by the robot that keeps the account is medium as well', () => {
    const robots = { ...started('12:00'), ...byDeploy } as Observation;

    expect(loudest(auditLogStopped, [...past(), robots, { ...deleted, ...byDeploy }])).toBe('medium');
  });

  it('excuses nothing when it came later or long before, is the same one, or whoever did it is new there', () => {
    expect(loudest(auditLogStopped, [...past(), started('12:07'), deleted])).toBe('critical');
    expect(loudest(auditLogStopped, [...past(), started('12:00', '2026-11-10'), deleted])).toBe('critical');
    expect(loudest(auditLogStopped, [...past(), started('12:00', undefined, { resource: deleted.resource }), deleted])).toBe('critical');
    expect(loudest(auditLogStopped, [started('12:00'), deleted])).toBe('critical');
    expect(loudest(auditLogStopped, [...past(), started('12:00'), { ...deleted, ...stolen }])).toBe('critical');
    expect(loudest(auditLogStopped, [...past(), started('12:00', undefined, stolen), { ...deleted, ...stolen }])).toBe('critical');
  });
});
