import { describe, expect, it } from 'vitest';
import type { Of } from '../../../src/checks/observation.ts';
import { adminRightsGiven } from '../../../src/checks/persistence/admin-rights-given.ts';
import { ada, byAda, byDeploy, found, loudest, past, stolen, work } from '../history.ts';
import { observed } from '../observed.ts';

const given = (more: Partial<Of<'access.granted'>> = {}) => observed('access.granted', { ...byAda, ...more });

describe('an administrator’s rights', () => {
  it('given by a stranger are high, and medium without any history', () => {
    const [finding] = found(adminRightsGiven, [...past(), observed('access.granted', { ...stolen })]);

    expect(finding).toMatchObject({ severity: 'high', facts: { To: 'backup', Rights: 'AdministratorAccess' } });
    expect(finding?.remedies).toContainEqual(expect.objectContaining({ kind: 'deny-principal' }));
    expect(loudest(adminRightsGiven, [observed('access.granted', {})])).toBe('medium');
  });

  it('given by a known administrator are medium, and by whoever stole that name’s key high', () => {
    expect(loudest(adminRightsGiven, [...past(), given()])).toBe('medium');
    expect(loudest(adminRightsGiven, [...past(), given(stolen)])).toBe('high');
  });

  it('given by a robot by habit are medium from rented networks, low from its own, high from elsewhere or with another program', () => {
    const atHome = past().map((one) => (one.actor?.kind === 'robot' ? { ...one, network: work } : one));

    expect(loudest(adminRightsGiven, [...past(), given(byDeploy)])).toBe('medium');
    expect(loudest(adminRightsGiven, [...atHome, given({ ...byDeploy, network: work })])).toBe('low');
    expect(loudest(adminRightsGiven, [...past(), given({ ...byDeploy, ...stolen })])).toBe('high');
    expect(loudest(adminRightsGiven, [...past(), given({ ...byDeploy, program: 'aws-cli' })])).toBe('high');
  });

  it('given to oneself are high from anybody', () => {
    expect(loudest(adminRightsGiven, [...past(), given({ to: ada.subject })])).toBe('high');
  });

  it('that were refused are medium, and lesser ones nothing', () => {
    expect(loudest(adminRightsGiven, [...past(), given({ ...stolen, outcome: 'denied' })])).toBe('medium');
    expect(found(adminRightsGiven, [...past(), given({ ...stolen, level: 'other' })])).toEqual([]);
  });
});
