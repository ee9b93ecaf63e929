import { describe, expect, it } from 'vitest';
import { auditLogStopped } from '../../../src/checks/evasion/audit-log-stopped.ts';
import { judge, observed } from '../observed.ts';

describe('the audit log', () => {
  it('switched off is critical', () => {
    const [finding] = judge(auditLogStopped, observed('guard.weakened', {}), {});

    expect(finding).toMatchObject({ severity: 'critical', facts: { 'Audit log': 'stopped' } });
  });

  it('that somebody was not allowed to switch off is medium, and not the same finding', () => {
    const tried = judge(auditLogStopped, observed('guard.weakened', { outcome: 'denied' }), {});
    const done = judge(auditLogStopped, observed('guard.weakened', {}), {});

    expect(tried[0]?.severity).toBe('medium');
    expect(tried[0]?.key).not.toBe(done[0]?.key);
  });

  it('is not meant when a budget or an alarm goes', () => {
    expect(judge(auditLogStopped, observed('guard.weakened', { guard: 'budget' }), {})).toEqual([]);
  });
});
