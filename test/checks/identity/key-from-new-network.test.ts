import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { keyFromNewNetwork } from '../../../src/checks/identity/key-from-new-network.ts';
import type { Network } from '../../../src/checks/observation.ts';
import { appRunner, at, ciDeploy, hosting, judge, known, leakedKey, never, notYet, observed, office } from '../observed.ts';

const memory = (more: object = {}) => ({ networks: never, users: known, keys: known, habits: never, rented: never, ...more });
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
    expect(severityOf({ network: { address: 'AWS Internal', kind: 'provider' } })).toBeUndefined();
  });

  it('is not what a role’s session uses', () => {
    const now = observed('principal.acted', { actor: appRunner, session: 'session:ASIAEXAMPLE', network: hosting });
    delete now.credential;

    expect(judge(keyFromNewNetwork, now, memory())).toEqual([]);
  });

  it('from elsewhere is medium for what its user does anyway, and high again for machines, keys and rights', () => {
    const cafe: Network = { address: '198.51.100.4', asn: 64502, name: 'Example Cafe', kind: 'unknown' };
    const launch = (network: Network) => judge(keyFromNewNetwork, observed('compute.asked', { network }), memory({ habits: known }))[0];

    expect(severityOf({ network: office, operation: 's3:PutObject' }, memory({ habits: known }))).toBe('medium');
    expect(severityOf({ network: cafe, operation: 's3:PutObject' }, memory({ habits: known }))).toBe('medium');
    expect(severityOf({ network: cafe, operation: 's3:PutObject' })).toBe('high');
    expect(launch(office)?.severity).toBe('medium');
    expect(launch(cafe)?.severity).toBe('high');
  });

  it('of a build service that moves between hosts is low for its usual work, and loud for anything else', () => {
    const mover = memory({ rented: known });

    expect(severityOf({ network: hosting, operation: 'ecr:PutImage' }, { ...mover, habits: known })).toBe('low');
    expect(severityOf({ network: hosting, operation: 'iam:ListUsers' }, mover)).toBe('medium');
    expect(severityOf({ network: hosting, operation: 'iam:CreateUser' }, mover)).toBe('high');
  });

  it('on a machine rented from the provider itself comes from a stranger’s as much as from anywhere', () => {
    expect(severityOf({ network: { address: '192.0.2.80', asn: 64520, name: 'Example Cloud', kind: 'provider' } })).toBe('high');
  });

  it('is compared by address where no table knows the network', () => {
    const [finding] = judge(
      keyFromNewNetwork,
      observed('principal.acted', { network: { address: '203.0.113.9', kind: 'unknown' }, operation: 'iam:CreateUser' }),
      memory(),
    );

    expect(finding).toMatchObject({ severity: 'high', key: expect.stringMatching(/\/203\.0\.0\.0\/16$/) });
  });

  it('that makes another key is the one to blame, not the new one', () => {
    const [finding] = judge(
      keyFromNewNetwork,
      observed('credential.created', { credential: 'credential:AKIAI44QH8DHBEXAMPLE', using: leakedKey, network: hosting }),
      memory(),
    );

    expect(finding?.about).toEqual([leakedKey, ciDeploy.subject]);
    expect(finding?.remedies).toContainEqual({ kind: 'disable-credential', credential: leakedKey, owner: ciDeploy });
  });

  it('that was used for a month from one network, and then creates a user from another, is high', () => {
    const month = Array.from({ length: 30 }, (_, index) =>
      observed('principal.acted', {
        at: at('10:00', `2026-10-${String(index + 1).padStart(2, '0')}`),
        network: { address: `192.0.2.${index}`, kind: 'unknown' },
        operation: 's3:PutObject',
      }),
    );
    const inspector = createInspector({ checks: [keyFromNewNetwork] });
    inspector.inspect(month);

    inspector.inspect([
      observed('principal.acted', {
        at: at('10:00', '2026-11-02'),
        network: { address: '203.0.113.9', asn: 64511, kind: 'unknown' },
        operation: 'iam:CreateUser',
      }),
    ]);

    expect(inspector.findings().at(-1)).toMatchObject({ severity: 'high', learning: false });
  });
});
