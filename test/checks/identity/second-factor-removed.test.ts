import { describe, expect, it } from 'vitest';
import { secondFactorRemoved } from '../../../src/checks/identity/second-factor-removed.ts';
import { byAda, found, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const grace = 'principal:arn:aws:iam::123456789012:user/grace' as const;
const removed = (more: object = {}) => observed('second-factor.changed', { ...byAda, at: at('14:00'), ...more });

describe('a second factor', () => {
  it('taken from somebody else is high by a stranger, medium by somebody known and without any history', () => {
    expect(loudest(secondFactorRemoved, [...past(), removed({ ...stolen, owner: grace })])).toBe('high');
    expect(loudest(secondFactorRemoved, [...past(), removed({ owner: grace })])).toBe('medium');
    expect(loudest(secondFactorRemoved, [removed({ owner: grace })])).toBe('medium');
  });

  it('of one’s own is medium where nobody is known yet', () => {
    expect(loudest(secondFactorRemoved, [removed()])).toBe('medium');
  });

  it('given to somebody else is medium, low by somebody known; one’s own is nothing unless a key did it', () => {
    const key = 'credential:AKIAIOSFODNN7EXAMPLE' as const;

    expect(loudest(secondFactorRemoved, [removed({ how: 'added', owner: grace })])).toBe('medium');
    expect(loudest(secondFactorRemoved, [...past(), removed({ how: 'added', owner: grace })])).toBe('low');
    expect(loudest(secondFactorRemoved, [removed({ how: 'added', credential: key })])).toBe('medium');
  });

  it('of one’s own is low at home, medium from elsewhere, high with a long-term key', () => {
    expect(loudest(secondFactorRemoved, [...past(), removed()])).toBe('low');
    expect(loudest(secondFactorRemoved, [...past(), removed(stolen)])).toBe('medium');
    expect(loudest(secondFactorRemoved, [...past(), removed({ ...stolen, credential: 'credential:AKIAIOSFODNN7EXAMPLE' })])).toBe('high');
  });

  it('that stays is medium when somebody tried, and nothing when one is added', () => {
    expect(loudest(secondFactorRemoved, [...past(), removed({ ...stolen, outcome: 'denied' })])).toBe('medium');
    expect(found(secondFactorRemoved, [...past(), removed({ how: 'added' })])).toEqual([]);
  });
});
