import { describe, expect, it } from 'vitest';
import type { Of } from '../../../src/checks/observation.ts';
import { functionOverwritten } from '../../../src/checks/persistence/function-overwritten.ts';
import { byAda, byDeploy, found, looked, loudest, past, stolen } from '../history.ts';
import { at, leakedKey, observed } from '../observed.ts';

const code = (more: Partial<Of<'workload.defined'>> = {}) =>
  observed('workload.defined', { at: at('14:00'), what: 'the code of a function', service: 'Lambda', ...stolen, ...more });

describe('a function’s code', () => {
  it('changed by a hand that never did so is medium, with a long-term key also without any history', () => {
    expect(loudest(functionOverwritten, [...past(), code({ ...byDeploy, ...stolen })])).toBe('medium');
    expect(loudest(functionOverwritten, [code({ credential: leakedKey })])).toBe('medium');
    expect(loudest(functionOverwritten, [...past(), code({ outcome: 'denied' })])).toBe('medium');
  });

  it('changed by a build service that does so every day is nothing, and its first time without history low', () => {
    const daily = ['2026-11-20', '2026-11-21'].map((day) => code({ ...byDeploy, at: at('12:00', day) }));

    expect(loudest(functionOverwritten, [code(byDeploy)])).toBe('low');
    expect(found(functionOverwritten, [looked(), ...daily, code(byDeploy)]).flatMap(({ evidence }) => evidence)).toEqual([daily[0]!.id]);
  });

  it('is not all that can be changed: layers by a person, and start-up scripts by anybody, are medium without history', () => {
    expect(loudest(functionOverwritten, [code(byAda)])).toBe('low');
    expect(loudest(functionOverwritten, [code({ ...byAda, what: 'the layers of a function' })])).toBe('medium');
    expect(loudest(functionOverwritten, [code({ ...byDeploy, what: 'the layers of a function' })])).toBe('low');
    expect(loudest(functionOverwritten, [code({ ...byDeploy, what: 'the start-up script of a machine' })])).toBe('medium');
  });

  it('changed by somebody known is low, and a new function is nothing', () => {
    expect(loudest(functionOverwritten, [...past(), code(byAda)])).toBe('low');
    expect(found(functionOverwritten, [...past(), code({ what: 'a function' })])).toEqual([]);
  });
});
