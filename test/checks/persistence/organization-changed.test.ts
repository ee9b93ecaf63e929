import { describe, expect, it } from 'vitest';
import type { Of } from '../../../src/checks/observation.ts';
import { organizationChanged } from '../../../src/checks/persistence/organization-changed.ts';
import { byAda, found, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const changed = (more: Partial<Of<'organization.changed'>> = {}) =>
  observed('organization.changed', { ...byAda, at: at('14:00'), ...more });

describe('an organization', () => {
  it('changed by a stranger is high, and medium without any history', () => {
    expect(loudest(organizationChanged, [...past(), changed(stolen)])).toBe('high');
    expect(loudest(organizationChanged, [...past(), changed({ ...stolen, how: 'access assigned', level: 'admin' })])).toBe('high');
    expect(loudest(organizationChanged, [changed({ ...stolen, how: 'left' })])).toBe('medium');
  });

  it('that could not be left is medium, whatever the reason', () => {
    const tried = (outcome: 'denied' | 'failed') =>
      found(organizationChanged, [...past(), changed({ ...stolen, how: 'left', outcome })])[0];

    expect([tried('denied')?.severity, tried('failed')?.severity]).toEqual(['medium', 'medium']);
  });

  it('changed by somebody known is medium, and lesser access low', () => {
    expect(loudest(organizationChanged, [...past(), changed()])).toBe('medium');
    expect(loudest(organizationChanged, [...past(), changed({ how: 'access assigned', level: 'other' })])).toBe('low');
  });

  it('is not meant when a call failed for another reason', () => {
    expect(loudest(organizationChanged, [...past(), changed({ ...stolen, outcome: 'failed' })])).toBe('low');
  });
});
