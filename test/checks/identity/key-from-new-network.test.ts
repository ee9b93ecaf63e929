import { describe, expect, it } from 'vitest';
import { keyFromNewNetwork } from '../../../src/checks/identity/key-from-new-network.ts';
import { appRunner, at, ciDeploy, hosting, judge, known, leakedKey, never, notYet, observed, office } from '../observed.ts';

const memory = (more: object = {}) => ({ networks: never, users: known, keys: known, ...more });
const severityOf = (facts: Parameters<typeof observed<'principal.acted'>>[1], recall = memory()) =>
  judge(keyFromNewNetwork, observed('principal.acted', facts), recall)[0]?.severity;

describe('a long-term key', () => {
  it('from a network its user never came from is medium when it only reads', () => {
    const [finding] = judge(keyFromNewNetwork, observed('principal.acted', { network: office }), memory());

    expect(finding).toMatchObject({
      severity: 'medium',
      key: `identity/key-from-new-network:aws/123456789012/${ciDeploy.subject}/AS64501`,
    });
    expect(finding?.about).toEqual([leakedKey, ciDeploy.subject]);
  });

  it('is high when it writes, comes from a hosting network, or slept for weeks', () => {
    const slept = { ...known, last: at('14:00', '2026-10-01') };

    expect(severityOf({ network: office, operation: 'iam:DeleteUser' })).toBe('high');
    expect(severityOf({ network: hosting })).toBe('high');
    expect(severityOf({ network: office }, memory({ keys: slept }))).toBe('high');
  });

  it('says little for a new user and while networks are being learnt', () => {
    expect(severityOf({ network: hosting }, memory({ users: never }))).toBe('low');
    expect(severityOf({ network: hosting }, memory({ networks: notYet }))).toBe('low');
  });

  it('from its usual network, or through the provider’s own addresses, is nothing', () => {
    expect(severityOf({ network: office, operation: 'iam:DeleteUser' }, memory({ networks: known }))).toBeUndefined();
    expect(severityOf({ network: { address: 'cloudformation.amazonaws.com', kind: 'provider' } })).toBeUndefined();
    expect(severityOf({})).toBeUndefined();
  });

  it('is not what a role’s session uses', () => {
    const now = observed('principal.acted', { actor: appRunner, session: 'session:ASIAEXAMPLE', network: hosting });
    delete now.credential;

    expect(judge(keyFromNewNetwork, now, memory())).toEqual([]);
  });
});
