import { describe, expect, it } from 'vitest';
import { signInWithoutSecondFactor } from '../../../src/checks/identity/sign-in-without-second-factor.ts';
import type { Of } from '../../../src/checks/observation.ts';
import { byAda, found, looked, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const signedIn = (more: Partial<Of<'signed.in'>> = {}) => observed('signed.in', { ...byAda, at: at('14:00'), mfa: false, ...more });

describe('a sign-in with nothing but a password', () => {
  it('is medium without any history, high from a rented network the person never came from', () => {
    expect(loudest(signInWithoutSecondFactor, [signedIn()])).toBe('medium');
    expect(loudest(signInWithoutSecondFactor, [...past(), signedIn(stolen)])).toBe('high');
  });

  it('is low where the person has been on an earlier day, not where they came this morning', () => {
    expect(loudest(signInWithoutSecondFactor, [...past(), signedIn()])).toBe('low');
    expect(loudest(signInWithoutSecondFactor, [signedIn({ at: at('09:00') }), signedIn()])).toBe('medium');
  });

  it('is low at the very first sign-in of somebody new, not from a rented network, nor from another network later', () => {
    const hotel = { network: { address: '192.0.2.90', asn: 64503, kind: 'home' as const } };
    const before = signedIn({ at: at('14:00', '2026-11-20'), mfa: true });

    expect(loudest(signInWithoutSecondFactor, [looked(), signedIn()])).toBe('low');
    expect(loudest(signInWithoutSecondFactor, [looked(), signedIn(stolen)])).toBe('high');
    expect(loudest(signInWithoutSecondFactor, [looked(), before, signedIn(hotel)])).toBe('medium');
  });

  it('is nothing with a second factor, by way of an identity provider, with a wrong password, or where nothing is said', () => {
    const others: Partial<Of<'signed.in'>>[] = [{ mfa: true }, { how: 'federation' }, { outcome: 'failed' }];

    expect(found(signInWithoutSecondFactor, others.map(signedIn))).toEqual([]);
  });
});
