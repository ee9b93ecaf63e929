import { describe, expect, it } from 'vitest';
import { federationFromKey } from '../../../src/checks/identity/federation-from-key.ts';
import { found, loudest } from '../history.ts';
import { at, hosting, judge, known, never, observed, office } from '../observed.ts';

const turned = (more: object = {}) => observed('signed.in', { at: at('14:00'), how: 'key', mfa: false, network: office, ...more });

describe('a key turned into a session', () => {
  it('is medium, also without any history and when it was refused', () => {
    expect(loudest(federationFromKey, [turned()])).toBe('medium');
    expect(loudest(federationFromKey, [turned({ outcome: 'denied' })])).toBe('medium');
  });

  it('is low for a program that has always done so from there, medium when it comes from elsewhere', () => {
    const memory = { hands: known, work: known };

    expect(judge(federationFromKey, turned(), memory)[0]?.severity).toBe('low');
    expect(judge(federationFromKey, turned(), { ...memory, hands: never, work: never })[0]?.severity).toBe('medium');
  });

  it('is low with a second factor from where no servers are rented', () => {
    expect(loudest(federationFromKey, [turned({ mfa: true })])).toBe('low');
    expect(loudest(federationFromKey, [turned({ mfa: true, network: hosting })])).toBe('medium');
  });

  it('is not meant when somebody signs in with a password', () => {
    expect(found(federationFromKey, [turned({ how: 'password' })])).toEqual([]);
  });
});
