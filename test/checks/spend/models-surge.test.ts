import { describe, expect, it } from 'vitest';
import { modelsSurge } from '../../../src/checks/spend/models-surge.ts';
import { loudest } from '../history.ts';
import { severitiesIn, thief, usual, weeks } from '../lives.ts';
import { appRunner, at, observed } from '../observed.ts';

const used = (more: object = {}) => observed('model.used', { at: at('14:00'), ...thief, ...more });
const tokens = (value: number, day = '2026-11-23') =>
  observed('usage.measured', { at: at('14:00', day), of: 'models', value, minutes: 60 });
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(modelsSurge, [...weeks(), ...now]);

describe('language models', () => {
  it('are high when a stranger uses them first, medium when the usual hand does', () => {
    expect([severities(used()), severities(used(usual))]).toEqual([['high'], ['medium']]);
  });

  it('are medium for one more stranger, high when he opens one for use, nothing for one who is known', () => {
    const before = used({ at: at('10:00', '2026-11-03'), actor: appRunner, credential: undefined });

    expect(severities(before, used())).toEqual(['medium']);
    expect(severities(before, used({ how: 'grant' }))).toEqual(['high']);
    expect(severities(before, used(usual))).toEqual([]);
  });

  it('are medium when somebody opens one while the account is being learnt, and low when they are only called', () => {
    expect(loudest(modelsSurge, [used({ how: 'grant' })])).toBe('medium');
    expect(loudest(modelsSurge, [used()])).toBe('low');
  });

  it('are medium when somebody was refused', () => {
    expect(severities(used({ outcome: 'denied' }))).toEqual(['medium']);
  });

  it('are high from ten times the greatest hour before, nothing below', () => {
    expect(severities(tokens(100_000, '2026-11-20'), tokens(2_000_000))).toEqual(['high']);
    expect(severities(tokens(300_000, '2026-11-20'), tokens(2_000_000))).toEqual([]);
  });
});
