import { describe, expect, it } from 'vitest';
import type { Of } from '../../../src/checks/observation.ts';
import { publicFunction } from '../../../src/checks/persistence/public-function.ts';
import { byAda, found, loudest, past, stolen } from '../history.ts';
import { at, judge, known, never, observed } from '../observed.ts';

const door = (more: Partial<Of<'trust.opened'>> = {}) =>
  observed('trust.opened', {
    ...byAda,
    at: at('14:00'),
    resource: 'resource:arn:aws:lambda:us-east-1:123456789012:function:hello',
    door: 'function',
    to: '*',
    unconditional: true,
    ...more,
  });

describe('a function', () => {
  it('that a stranger opens to anybody is high, and medium without any history', () => {
    expect(loudest(publicFunction, [...past(), door(stolen)])).toBe('high');
    expect(loudest(publicFunction, [door(stolen)])).toBe('medium');
  });

  it('that somebody known opens for a web hook is medium, with a condition low', () => {
    expect(loudest(publicFunction, [...past(), door()])).toBe('medium');
    expect(loudest(publicFunction, [...past(), door({ unconditional: false })])).toBe('low');
    expect(loudest(publicFunction, [...past(), door({ ...stolen, unconditional: false })])).toBe('medium');
  });

  it('that could not be opened is medium; one open before, and roles, are nothing', () => {
    expect(loudest(publicFunction, [...past(), door({ ...stolen, outcome: 'denied' })])).toBe('medium');
    expect(judge(publicFunction, door(stolen), { hands: never, work: never, doors: known })).toEqual([]);
    expect(found(publicFunction, [...past(), door({ ...stolen, door: 'role' })])).toEqual([]);
  });
});
