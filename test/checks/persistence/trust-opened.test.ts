import { describe, expect, it } from 'vitest';
import { trustOpened } from '../../../src/checks/persistence/trust-opened.ts';
import { judge, known, never, notYet, observed } from '../observed.ts';

describe('trust', () => {
  it('for an account never dealt with is high, and without any condition also while learning', () => {
    expect(judge(trustOpened, observed('trust.opened', {}), { partners: never })[0]?.severity).toBe('high');
    expect(judge(trustOpened, observed('trust.opened', {}), { partners: notYet })[0]?.severity).toBe('low');
    expect(judge(trustOpened, observed('trust.opened', { to: '*', unconditional: true }), { partners: notYet })[0]).toMatchObject({
      severity: 'high',
      facts: { For: 'anybody', Condition: 'none' },
    });
  });

  it('that could not be opened is medium under a key of its own', () => {
    const [finding] = judge(trustOpened, observed('trust.opened', { unconditional: true, outcome: 'denied' }), { partners: never });

    expect(finding).toMatchObject({ severity: 'medium', key: expect.stringMatching(/\/tried$/) });
  });

  it('for a partner of long standing is nothing', () => {
    expect(judge(trustOpened, observed('trust.opened', { unconditional: true }), { partners: known })).toEqual([]);
  });
});
