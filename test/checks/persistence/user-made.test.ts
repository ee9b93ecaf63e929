import { describe, expect, it } from 'vitest';
import { userMade } from '../../../src/checks/persistence/user-made.ts';
import { byAda, byDeploy, found, loudest, past, stolen } from '../history.ts';
import { at, leakedKey, observed } from '../observed.ts';

const made = (more: object = {}) => observed('identity.created', { at: at('14:00'), ...stolen, ...more });
const byService = { network: { address: 'cloudformation.example', kind: 'provider' as const } };

describe('a user that is made', () => {
  it('is medium with a long-term key, also without any history, and by a stranger', () => {
    expect(loudest(userMade, [made()])).toBe('medium');
    expect(loudest(userMade, [...past(), made()])).toBe('medium');
    expect(loudest(userMade, [...past(), made({ ...byAda, ...stolen })])).toBe('medium');
  });

  it('is low by somebody known, by a service, and without history by whoever is signed in', () => {
    expect(loudest(userMade, [...past(), made(byAda)])).toBe('low');
    expect(loudest(userMade, [made(byAda)])).toBe('low');
    expect(loudest(userMade, [made(byDeploy)])).toBe('low');
    expect(loudest(userMade, [...past(), made({ ...byService, credential: leakedKey })])).toBe('low');
  });

  it('that was refused is medium with a key and low otherwise; nothing is said of another that failed than low', () => {
    expect(loudest(userMade, [made({ outcome: 'denied' })])).toBe('medium');
    expect(loudest(userMade, [made({ ...byAda, outcome: 'denied' })])).toBe('low');
    expect(loudest(userMade, [made({ outcome: 'failed' })])).toBe('low');
    expect(found(userMade, [observed('identity.removed', {})])).toEqual([]);
  });
});
