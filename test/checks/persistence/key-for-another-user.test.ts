import { describe, expect, it } from 'vitest';
import type { Of, Subject } from '../../../src/checks/observation.ts';
import { keyForAnotherUser } from '../../../src/checks/persistence/key-for-another-user.ts';
import { ada, byAda, found, loudest, past, stolen } from '../history.ts';
import { at, leakedKey, observed } from '../observed.ts';

const key = (more: Partial<Of<'credential.created'>> = {}) =>
  observed('credential.created', { at: at('14:05'), using: leakedKey, ...stolen, ...more });
const byAdaHerself = { ...byAda, using: undefined as unknown as Subject, credential: 'credential:AKIAI44QH8DHBEXAMPLE' as Subject };

describe('a key for another user', () => {
  it('is high from a stranger, with the new key to be switched off, and medium without any history', () => {
    const [finding] = found(keyForAnotherUser, [...past(), key()]);

    expect(finding).toMatchObject({ severity: 'high', facts: { For: 'backup', Access: 'key' } });
    expect(finding?.remedies).toContainEqual({ kind: 'disable-credential', credential: 'credential:AKIAI44QH8DHBEXAMPLE' });
    expect(loudest(keyForAnotherUser, [key()])).toBe('medium');
    expect(loudest(keyForAnotherUser, [key({ form: 'password' })])).toBe('medium');
  });

  it('is medium from a known administrator, high when the same name comes from elsewhere', () => {
    const backup = { ...ada, subject: 'principal:arn:aws:iam::123456789012:user/backup', name: 'backup' } as const;
    const itsWork = observed('principal.acted', { ...byAda, actor: backup, at: at('03:00', '2026-11-16'), operation: 's3:PutObject' });

    expect(loudest(keyForAnotherUser, [...past(), itsWork, key(byAdaHerself)])).toBe('medium');
    expect(loudest(keyForAnotherUser, [...past(), itsWork, key({ ...byAdaHerself, ...stolen })])).toBe('high');
  });

  it('is nothing from a known administrator for a user never heard of, high from a stranger', () => {
    expect(found(keyForAnotherUser, [...past(), key(byAdaHerself)])).toEqual([]);
    expect(loudest(keyForAnotherUser, [...past(), key({ ...byAdaHerself, ...stolen })])).toBe('high');
  });

  it('is medium for a user the same hand has just made, nothing from a known administrator', () => {
    const created = observed('identity.linked', {
      ...byAda,
      at: at('14:00'),
      from: 'principal:arn:aws:iam::123456789012:user/backup',
      to: 'session:ASIAEXAMPLE',
      how: 'created',
    });

    expect(found(keyForAnotherUser, [...past(), created, key(byAdaHerself)])).toEqual([]);
    expect(loudest(keyForAnotherUser, [...past(), { ...created, ...stolen }, key({ ...byAdaHerself, ...stolen })])).toBe('medium');
  });

  it('is a password as well that somebody with a key makes for themselves, but not one made while signed in', () => {
    const own = { owner: ada.subject, form: 'password' as const };

    expect(loudest(keyForAnotherUser, [key({ ...own, actor: ada })])).toBe('medium');
    expect(found(keyForAnotherUser, [key({ ...byAdaHerself, ...own })])).toEqual([]);
    expect(found(keyForAnotherUser, [key({ owner: ada.subject, actor: ada })])).toEqual([]);
  });

  it('that was refused is medium, one’s own is nothing', () => {
    expect(loudest(keyForAnotherUser, [...past(), key({ outcome: 'denied' })])).toBe('medium');
    expect(found(keyForAnotherUser, [...past(), key({ ...byAdaHerself, owner: ada.subject })])).toEqual([]);
  });
});
