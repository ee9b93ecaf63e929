import { describe, expect, it } from 'vitest';
import { ownerChanged } from '../../../src/checks/identity/owner-changed.ts';
import { byAda, found, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const changed = (more: object = {}) => observed('owner.changed', { ...byAda, ...stolen, at: at('14:00'), ...more });

describe('the owner', () => {
  it('whose e-mail, password or recovery is touched is critical, whoever does it', () => {
    expect(loudest(ownerChanged, [changed()])).toBe('critical');
    expect(loudest(ownerChanged, [...past(), changed({ ...byAda, what: 'e-mail' })])).toBe('critical');
  });

  it('whose contact is changed is high from a stranger, medium from somebody known', () => {
    expect(loudest(ownerChanged, [...past(), changed({ what: 'contact' })])).toBe('high');
    expect(loudest(ownerChanged, [...past(), changed({ ...byAda, what: 'contact' })])).toBe('medium');
  });

  it('that could not be changed is medium, under a key of its own', () => {
    const [tried] = found(ownerChanged, [changed({ outcome: 'denied' })]);

    expect(tried).toMatchObject({ severity: 'medium', key: expect.stringMatching(/\/tried$/) });
  });

  it('is not meant when a user changes their own password like any other act', () => {
    expect(found(ownerChanged, [observed('principal.acted', { operation: 'iam:ChangePassword' })])).toEqual([]);
  });
});
