import { describe, expect, it } from 'vitest';
import { signInWithoutSecondFactor } from '../../../src/checks/identity/sign-in-without-second-factor.ts';
import type { Of } from '../../../src/checks/observation.ts';
import { ada, byAda, byDeploy, found, looked, loudest, past, stolen } from '../history.ts';
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

  it('is low for somebody made the day before, not from a rented network, nor for somebody made long ago', () => {
    const made = (day: string) =>
      observed('identity.linked', { ...byDeploy, at: at('15:00', day), from: ada.subject, to: 'session:ASIAEXAMPLE', how: 'created' });

    expect(loudest(signInWithoutSecondFactor, [looked(), made('2026-11-22'), signedIn()])).toBe('low');
    expect(loudest(signInWithoutSecondFactor, [looked(), made('2026-11-22'), signedIn(stolen)])).toBe('high');
    expect(loudest(signInWithoutSecondFactor, [looked(), made('2026-11-19'), signedIn()])).toBe('medium');
  });

  it('is nothing with a second factor, by way of an identity provider, with a wrong password, or where nothing is said', () => {
    const others: Partial<Of<'signed.in'>>[] = [{ mfa: true }, { how: 'federation' }, { outcome: 'failed' }];

    expect(found(signInWithoutSecondFactor, others.map(signedIn))).toEqual([]);
  });
});
