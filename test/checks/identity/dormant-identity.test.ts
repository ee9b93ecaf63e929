import { describe, expect, it } from 'vitest';
import { dormantIdentity } from '../../../src/checks/identity/dormant-identity.ts';
import { byAda, byDeploy, found, loudest } from '../history.ts';
import { at, observed } from '../observed.ts';

const acts = (day: string, more: object = byAda) =>
  observed('principal.acted', { at: at('09:00', day), operation: 'iam:ListUsers', ...more });

describe('somebody who was gone', () => {
  it('for more than two months is medium, once, with how long', () => {
    const all = found(dormantIdentity, [acts('2026-08-20'), acts('2026-11-22'), acts('2026-11-23')]);

    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ severity: 'medium', facts: { 'Not seen for': expect.stringMatching(/^9\d days$/) } });
  });

  it('is low when all that comes is a wrong password', () => {
    const now = observed('signed.in', { ...byAda, at: at('09:00'), outcome: 'failed' });

    expect(loudest(dormantIdentity, [acts('2026-08-20'), now])).toBe('low');
  });

  it('is nothing after a holiday, for somebody new, for a robot, and for what a service does in the name', () => {
    expect(found(dormantIdentity, [acts('2026-10-20'), acts('2026-11-23')])).toEqual([]);
    expect(found(dormantIdentity, [acts('2026-11-23')])).toEqual([]);
    expect(found(dormantIdentity, [acts('2026-08-20', byDeploy), acts('2026-11-23', byDeploy)])).toEqual([]);
    expect(
      found(dormantIdentity, [
        acts('2026-08-20'),
        acts('2026-11-23', { ...byAda, network: { address: 'service.example.com', kind: 'provider' } }),
      ]),
    ).toEqual([]);
  });
});
