import { describe, expect, it } from 'vitest';
import { regionOpened } from '../../../src/checks/identity/region-opened.ts';
import { byAda, byDeploy, found, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const opened = (more: object = {}) => observed('region.opened', { ...byAda, ...stolen, at: at('14:00'), ...more });

describe('a region', () => {
  it('switched on by a stranger is high, also without any history', () => {
    expect(loudest(regionOpened, [...past(), opened()])).toBe('high');
    expect(found(regionOpened, [opened()])[0]).toMatchObject({ severity: 'high', facts: { Region: 'af-south-1' } });
  });

  it('switched on by the usual administrator or robot is medium, by a thief of that name high', () => {
    expect(loudest(regionOpened, [...past(), opened(byAda)])).toBe('medium');
    expect(loudest(regionOpened, [...past(), opened(byDeploy)])).toBe('medium');
    expect(loudest(regionOpened, [...past(), opened({ ...byDeploy, ...stolen })])).toBe('high');
  });

  it('that could not be switched on is medium, and nothing when the call was a mistake', () => {
    expect(loudest(regionOpened, [...past(), opened({ outcome: 'denied' })])).toBe('medium');
    expect(found(regionOpened, [...past(), opened({ outcome: 'failed' })])).toEqual([]);
  });
});
