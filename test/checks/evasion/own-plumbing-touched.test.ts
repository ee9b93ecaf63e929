import { describe, expect, it } from 'vitest';
import { ownPlumbingTouched } from '../../../src/checks/evasion/own-plumbing-touched.ts';
import { byAda, found, loudest, past } from '../history.ts';
import { at, observed } from '../observed.ts';

const touched = (more: object = {}) =>
  observed('guard.weakened', { ...byAda, at: at('14:00'), guard: 'ourselves', how: 'rule deleted', ...more });

describe('the bot’s own wires', () => {
  it('cut by anybody are critical, by the usual administrator as well', () => {
    expect(loudest(ownPlumbingTouched, [...past(), touched()])).toBe('critical');
  });

  it('that somebody was not allowed to cut are high, under a key of their own', () => {
    const [tried, done] = [found(ownPlumbingTouched, [touched({ outcome: 'denied' })])[0], found(ownPlumbingTouched, [touched()])[0]];

    expect(tried?.severity).toBe('high');
    expect(tried?.key).not.toBe(done?.key);
  });

  it('are not meant when somebody else’s rule goes', () => {
    expect(found(ownPlumbingTouched, [touched({ guard: 'alarm' })])).toEqual([]);
  });
});
