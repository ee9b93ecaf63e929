import { describe, expect, it } from 'vitest';
import { signInFromNewNetwork } from '../../../src/checks/identity/sign-in-from-new-network.ts';
import { byAda, found, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const signedIn = (more: object = {}) => observed('signed.in', { ...byAda, at: at('14:00'), mfa: true, ...more });

describe('a sign-in', () => {
  it('from a rented network somebody never came from is medium', () => {
    expect(found(signInFromNewNetwork, [...past(), signedIn(stolen)]).find(({ facts }) => facts.Network)).toMatchObject({
      severity: 'medium',
      facts: { Network: 'where servers are rented', 'Second factor': 'used' },
    });
  });

  it('from a hotel, by somebody new, or without any history is low', () => {
    expect(loudest(signInFromNewNetwork, [...past(), signedIn({ network: { address: '192.0.2.90', asn: 64503, kind: 'home' } })])).toBe(
      'low',
    );
    expect(loudest(signInFromNewNetwork, [signedIn(stolen)])).toBe('low');
  });

  it('from the usual network, or with a wrong password, is nothing', () => {
    const today = (observations: Parameters<typeof found>[1]) =>
      found(signInFromNewNetwork, observations).filter(({ at }) => at > '2026-11-23');

    expect(today([...past(), signedIn()])).toEqual([]);
    expect(today([...past(), signedIn({ ...stolen, outcome: 'failed' })])).toEqual([]);
  });
});
