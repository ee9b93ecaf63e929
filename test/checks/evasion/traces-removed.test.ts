import { describe, expect, it } from 'vitest';
import { tracesRemoved } from '../../../src/checks/evasion/traces-removed.ts';
import type { Subject } from '../../../src/checks/observation.ts';
import { byAda, found, looked, loudest, past, stolen } from '../history.ts';
import { at, leakedKey, observed } from '../observed.ts';

const backup: Subject = 'principal:arn:aws:iam::123456789012:user/backup';
const made = (more: object = {}) => observed('identity.created', { ...byAda, ...stolen, at: at('14:00'), subject: backup, ...more });
const gone = (more: object = {}) => observed('identity.removed', { ...byAda, ...stolen, at: at('16:00'), subject: backup, ...more });

describe('a user made and removed', () => {
  it('within a day by the same hand is medium, with both records', () => {
    const [finding] = found(tracesRemoved, [looked(), made(), gone()]);

    expect(finding).toMatchObject({ severity: 'medium', facts: { Name: 'backup' } });
    expect(finding?.evidence).toHaveLength(2);
    expect(loudest(tracesRemoved, [made(), gone()])).toBe('medium');
  });

  it('is not a role, which tools make and remove all day', () => {
    const role: Subject = 'principal:arn:aws:iam::123456789012:role/batch';
    const linked = observed('identity.linked', { ...byAda, at: at('14:00'), from: role, to: 'session:ASIAEXAMPLE', how: 'created' });

    expect(found(tracesRemoved, [looked(), linked, gone({ ...byAda, subject: role, what: 'role' })])).toEqual([]);
  });

  it('by somebody known is low, as it is from people at home while nobody is known yet, but not with a key', () => {
    const byKey = { ...byAda, session: undefined as never, credential: leakedKey, program: 'aws-cli' };

    expect(loudest(tracesRemoved, [...past(), made(byAda), gone(byAda)])).toBe('low');
    expect(loudest(tracesRemoved, [made(byAda), gone(byAda)])).toBe('low');
    expect(loudest(tracesRemoved, [made(byKey), gone(byKey)])).toBe('medium');
  });

  it('is nothing when another was removed, by another, days later, or when it was refused', () => {
    expect(found(tracesRemoved, [looked(), made(), gone({ subject: `${backup}2` })])).toEqual([]);
    expect(found(tracesRemoved, [looked(), made(), gone({ session: 'session:ASIAOTHER' })])).toEqual([]);
    expect(found(tracesRemoved, [looked(), made({ at: at('14:00', '2026-11-21') }), gone()])).toEqual([]);
    expect(found(tracesRemoved, [looked(), made(), gone({ outcome: 'denied' })])).toEqual([]);
  });
});
