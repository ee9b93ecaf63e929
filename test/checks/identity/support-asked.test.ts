import { describe, expect, it } from 'vitest';
import { supportAsked } from '../../../src/checks/identity/support-asked.ts';
import { byAda, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const asked = (more: object = {}) => observed('support.asked', { ...byAda, ...stolen, at: at('14:00'), ...more });

describe('the provider’s support', () => {
  it('asked by a stranger about limits is high, and medium without any history', () => {
    expect(loudest(supportAsked, [...past(), asked()])).toBe('high');
    expect(loudest(supportAsked, [asked()])).toBe('medium');
  });

  it('asked by somebody known is medium, about anything else low', () => {
    expect(loudest(supportAsked, [...past(), asked(byAda)])).toBe('medium');
    expect(loudest(supportAsked, [...past(), asked({ ...byAda, about: 'other' })])).toBe('low');
    expect(loudest(supportAsked, [...past(), asked({ about: 'other' })])).toBe('medium');
  });

  it('that refused to hear is medium', () => {
    expect(loudest(supportAsked, [...past(), asked({ outcome: 'denied' })])).toBe('medium');
  });
});
