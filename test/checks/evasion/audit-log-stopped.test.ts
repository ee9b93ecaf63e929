import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { auditLogStopped } from '../../../src/checks/evasion/audit-log-stopped.ts';
import type { Observation } from '../../../src/checks/observation.ts';
import { appRunner, at, hosting, judge, never, observed, office } from '../observed.ts';

const memory = { started: [], known: never };

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
  const by = { actor: appRunner, network: office };
  const known = observed('principal.acted', { ...by, at: at('12:00', '2026-11-10') });
  const started = (clock: string, more: object = {}): Observation => observed('guard.started', { ...by, at: at(clock), ...more });
  const deleted = observed('guard.weakened', { ...by, at: at('12:06'), how: 'deleted' });
  const severityOf = (observations: Observation[]) => {
    const inspector = createInspector({ checks: [auditLogStopped] });
    inspector.inspect(observations);
    return inspector.findings()[0]?.severity;
  };

  it('and is running before the other goes, by somebody known from there, is medium', () => {
    expect(severityOf([known, started('12:00'), deleted])).toBe('medium');
  });

  it('excuses nothing when it came later or long before, is the same one, or whoever did it is new there', () => {
    expect(severityOf([known, started('12:07'), deleted])).toBe('critical');
    expect(severityOf([known, started('11:50'), deleted])).toBe('critical');
    expect(severityOf([known, started('12:00', { resource: deleted.resource }), deleted])).toBe('critical');
    expect(severityOf([started('12:00'), deleted])).toBe('critical');
    expect(severityOf([known, started('12:00'), { ...deleted, network: hosting }])).toBe('critical');
  });
});
