import { describe, expect, it } from 'vitest';
import { machineSessionElsewhere } from '../../../src/checks/identity/machine-session-elsewhere.ts';
import type { Actor, Network, Subject } from '../../../src/checks/observation.ts';
import { found, looked, loudest } from '../history.ts';
import { appRunner, at, ciDeploy, hosting, observed, office } from '../observed.ts';

const session: Subject = 'session:ASIAEXAMPLE';
const none = undefined as unknown as Subject;
const cloud: Network = { address: '203.0.113.20', asn: 64510, name: 'Example Cloud', kind: 'provider' };
const acted = (network: Network, actor: Actor = appRunner, more: object = {}) =>
  observed('principal.acted', { at: at('14:00'), operation: 's3:ListBuckets', actor, session, credential: none, network, ...more });

describe('what a machine was given to work with', () => {
  it('used from somebody’s home or a hosting network is high, and medium while the account is being learnt', () => {
    const [finding] = found(machineSessionElsewhere, [looked(), acted(hosting)]);

    expect(finding).toMatchObject({ severity: 'high', facts: { Machine: 'app-runner' } });
    expect(finding?.about).toContain(session);
    expect(loudest(machineSessionElsewhere, [looked(), acted(office)])).toBe('high');
    expect(loudest(machineSessionElsewhere, [acted(hosting)])).toBe('medium');
  });

  it('tried there and refused is medium', () => {
    expect(loudest(machineSessionElsewhere, [looked(), acted(hosting, appRunner, { outcome: 'denied' })])).toBe('medium');
  });

  it('is told once for a network, however many machines come from there', () => {
    const other: Actor = { ...appRunner, subject: `${appRunner.subject}-2`, name: 'other' };

    expect(found(machineSessionElsewhere, [looked(), acted(office), acted(office, other)])).toHaveLength(1);
  });

  it('used from the provider’s network, from a private address, or where nobody knows is nothing', () => {
    const inside: Network[] = [cloud, { address: '10.0.1.25', kind: 'unknown' }, { address: 'AWS Internal', kind: 'provider' }];

    for (const network of inside) expect(found(machineSessionElsewhere, [looked(), acted(network)])).toEqual([]);
    expect(found(machineSessionElsewhere, [looked(), acted({ address: 'unreadable', kind: 'unknown' })])).toEqual([]);
  });

  it('used for what the program that manages machines does by itself is nothing', () => {
    for (const operation of [
      'ssmmessages:OpenControlChannel',
      'ssm:UpdateInstanceInformation',
      'ssm:PutInventory',
      'ec2messages:GetMessages',
    ])
      expect(found(machineSessionElsewhere, [looked(), acted(office, appRunner, { operation })])).toEqual([]);
    expect(loudest(machineSessionElsewhere, [looked(), acted(office, appRunner, { operation: 'ssm:GetParameter' })])).toBe('high');
  });

  it('is not a person’s or a program’s own session, which come from everywhere', () => {
    expect(found(machineSessionElsewhere, [looked(), acted(office, ciDeploy)])).toEqual([]);
    expect(found(machineSessionElsewhere, [looked(), acted(hosting, { ...appRunner, kind: 'robot' })])).toEqual([]);
  });
});
