import { describe, expect, it } from 'vitest';
import type { Of } from '../../../src/checks/observation.ts';
import { trustOpened } from '../../../src/checks/persistence/trust-opened.ts';
import { byAda, found, looked, loudest, past, stolen } from '../history.ts';
import { at, judge, known, never, notYet, observed } from '../observed.ts';

const opened = (more: Partial<Of<'trust.opened'>> = {}) => observed('trust.opened', { ...byAda, ...stolen, at: at('14:00'), ...more });
const memory = { hands: never, work: never };

describe('trust', () => {
  it('for an account never dealt with is high, critical without any condition, and while learning low and high', () => {
    expect(loudest(trustOpened, [...past(), opened()])).toBe('high');
    expect(loudest(trustOpened, [...past(), opened({ unconditional: true })])).toBe('critical');
    expect(loudest(trustOpened, [opened()])).toBe('low');
    expect(loudest(trustOpened, [opened({ unconditional: true })])).toBe('high');
    expect(found(trustOpened, [opened({ to: '*', unconditional: true })])[0]).toMatchObject({
      severity: 'critical',
      facts: { For: 'anybody', Condition: 'none' },
    });
  });

  it('that somebody opens who has long worked from there is medium, unless it is for anybody', () => {
    expect(loudest(trustOpened, [...past(), opened(byAda)])).toBe('medium');
    expect(loudest(trustOpened, [...past(), opened({ ...byAda, to: '*', unconditional: true })])).toBe('high');
    expect(loudest(trustOpened, [...past(), opened({ ...byAda, program: 'boto3' })])).toBe('high');
  });

  it('that could not be opened is medium under a key of its own', () => {
    const [finding] = found(trustOpened, [looked(), opened({ unconditional: true, outcome: 'denied' })]);

    expect(finding).toMatchObject({ severity: 'medium', key: expect.stringMatching(/\/tried$/) });
  });

  it('for a partner of long standing is nothing, but a lost condition is', () => {
    expect(judge(trustOpened, opened({ unconditional: true }), { ...memory, partners: known })).toEqual([]);
    expect(judge(trustOpened, opened({ lost: 'external id' }), { ...memory, partners: known })[0]).toMatchObject({
      severity: 'high',
      facts: { Lost: 'external id' },
    });
  });

  it('in stored data is medium at most, and a function is another check’s', () => {
    expect(loudest(trustOpened, [...past(), opened({ door: 'data', to: '*', unconditional: true })])).toBe('medium');
    expect(judge(trustOpened, opened({ door: 'data' }), { ...memory, partners: notYet })[0]?.severity).toBe('low');
    expect(found(trustOpened, [looked(), opened({ door: 'function', to: '*', unconditional: true })])).toEqual([]);
  });
});
