import { describe, expect, it } from 'vitest';
import { leakedCredential } from '../../../src/checks/identity/leaked-credential.ts';
import { ciDeploy, judge, leakedKey, observed } from '../observed.ts';

describe('the provider’s warning', () => {
  it('of a leak is critical and offers to disable what it names', () => {
    const [finding] = judge(leakedCredential, observed('provider.alerted', { subjects: [leakedKey, ciDeploy.subject] }), {});

    expect(finding).toMatchObject({ severity: 'critical', about: [leakedKey, ciDeploy.subject] });
    expect(finding?.remedies.map(({ kind }) => kind)).toEqual(['disable-credential', 'deny-principal']);
  });

  it('of anything else, or one that was refused, is not a leak', () => {
    expect(judge(leakedCredential, observed('provider.alerted', { about: 'other' }), {})).toEqual([]);
    expect(judge(leakedCredential, observed('provider.alerted', { outcome: 'denied' }), {})).toEqual([]);
  });
});
