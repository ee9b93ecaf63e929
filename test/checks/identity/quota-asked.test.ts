import { describe, expect, it } from 'vitest';
import { quotaAsked } from '../../../src/checks/identity/quota-asked.ts';
import { byAda, byDeploy, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const asked = (more: Parameters<typeof observed<'quota.asked'>>[1] = {}) =>
  observed('quota.asked', { ...byAda, ...stolen, at: at('14:00'), ...more });

describe('more machines', () => {
  it('asked for by a stranger are high, critical in a region never used, medium without any history', () => {
    expect(loudest(quotaAsked, [...past(), asked()])).toBe('high');
    expect(loudest(quotaAsked, [...past(), asked({ region: 'sa-east-1' })])).toBe('critical');
    expect(loudest(quotaAsked, [asked()])).toBe('medium');
  });

  it('that were planned, asked for by a known person or robot, are medium, also where the company grows into a region', () => {
    expect(loudest(quotaAsked, [...past(), asked(byAda)])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), asked(byDeploy)])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), asked({ ...byAda, region: 'sa-east-1' })])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), asked({ ...byDeploy, ...stolen })])).toBe('high');
  });

  it('of which there may be twice as many, asked for by somebody known, are low where machines run, medium elsewhere', () => {
    const twice = { wanted: 64, before: 32 };
    const running = observed('compute.seen', { at: at('12:00', '2026-11-01'), region: 'eu-central-1' });

    expect(loudest(quotaAsked, [...past(), running, asked({ ...byAda, ...twice, region: 'eu-central-1' })])).toBe('low');
    expect(loudest(quotaAsked, [...past(), running, asked({ ...byAda, wanted: 65, before: 32, region: 'eu-central-1' })])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), running, asked({ ...byAda, ...twice, region: 'sa-east-1' })])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), running, asked({ ...byAda, ...stolen, ...twice, region: 'eu-central-1' })])).toBe('medium');
  });

  it('asked for over three regions are high also without any history', () => {
    const everywhere = ['us-east-1', 'eu-west-3', 'sa-east-1'].map((region) => asked({ region }));

    expect(loudest(quotaAsked, everywhere)).toBe('high');
  });

  it('known from the provider’s list alone, a little more, or refused are medium; other limits low', () => {
    const listed = asked();
    delete listed.actor;

    expect(loudest(quotaAsked, [...past(), listed])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), asked({ wanted: 40, before: 32 })])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), asked({ outcome: 'denied' })])).toBe('medium');
    expect(loudest(quotaAsked, [...past(), asked({ of: 'other' })])).toBe('low');
  });
});
