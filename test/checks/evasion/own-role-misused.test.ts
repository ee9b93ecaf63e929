import { describe, expect, it } from 'vitest';
import { ownRoleMisused } from '../../../src/checks/evasion/own-role-misused.ts';
import { judge, observed } from '../observed.ts';

describe('the role this bot acts with', () => {
  it('used without anybody’s approval is critical', () => {
    expect(judge(ownRoleMisused, observed('ourselves.acted', { approved: false }), {})[0]).toMatchObject({
      severity: 'critical',
      facts: { Act: 'ec2:StopInstances' },
    });
  });

  it('is silent for what was approved, for what nobody has looked up yet, and for the role that reads', () => {
    const acts = [{ approved: true }, {}, { approved: false, role: 'read' as const }];

    expect(acts.flatMap((more) => judge(ownRoleMisused, observed('ourselves.acted', more), {}))).toEqual([]);
  });
});
