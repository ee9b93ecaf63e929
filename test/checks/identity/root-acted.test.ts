import { describe, expect, it } from 'vitest';
import { rootActed } from '../../../src/checks/identity/root-acted.ts';
import type { Actor } from '../../../src/checks/observation.ts';
import { judge, leakedKey, observed, office, production } from '../observed.ts';

const root: Actor = { subject: 'principal:arn:aws:iam::123456789012:root', name: 'root', kind: 'root', home: production };
const byRoot = (operation: string, more: object = {}) => {
  const now = observed('principal.acted', { actor: root, operation, network: office, session: 'session:ASIAEXAMPLE', ...more });
  if (!('credential' in more)) delete now.credential;
  return now;
};

describe('root', () => {
  it('is medium when it signs in, low when it looks around in the console, high when it changes something, critical with a key', () => {
    const severities = [
      observed('signed.in', { actor: root, how: 'password', mfa: true, network: office, credential: undefined as never }),
      byRoot('ce:GetCostAndUsage'),
      byRoot('iam:CreateUser'),
      byRoot('s3:ListBuckets', { credential: leakedKey }),
    ].map((now) => judge(rootActed, now, {})[0]?.severity);

    expect(severities).toEqual(['medium', 'low', 'high', 'critical']);
  });

  it('is low when what it tried failed, medium when it was denied', () => {
    expect(judge(rootActed, byRoot('iam:CreateUser', { outcome: 'failed' }), {})[0]?.severity).toBe('low');
    expect(judge(rootActed, byRoot('iam:CreateUser', { outcome: 'denied' }), {})[0]?.severity).toBe('medium');
  });

  it('names root although it came with a session', () => {
    expect(judge(rootActed, byRoot('iam:CreateUser'), {})[0]?.about).toEqual(['session:ASIAEXAMPLE', root.subject]);
  });

  it('is not meant when the provider’s services act for it, or when an administrator does', () => {
    expect(judge(rootActed, byRoot('kms:Decrypt', { network: { address: 'AWS Internal', kind: 'provider' } }), {})).toEqual([]);
    expect(judge(rootActed, observed('principal.acted', { operation: 'iam:CreateUser' }), {})).toEqual([]);
  });

  it('is meant when it comes from a machine rented from the provider, as anybody can', () => {
    const rented = { address: '192.0.2.80', asn: 64520, kind: 'provider' as const };

    expect(judge(rootActed, byRoot('s3:ListBuckets', { network: rented, credential: leakedKey }), {})[0]?.severity).toBe('critical');
  });
});
