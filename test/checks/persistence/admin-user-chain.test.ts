import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import type { Observation, Subject } from '../../../src/checks/observation.ts';
import { adminUserChain } from '../../../src/checks/persistence/admin-user-chain.ts';
import { at, ciDeploy, hosting, leakedKey, observed, office } from '../observed.ts';

const backup: Subject = 'principal:arn:aws:iam::123456789012:user/backup';
const created = (clock: string, user = backup, day?: string): Observation =>
  observed('identity.linked', {
    at: at(clock, day),
    from: user,
    to: leakedKey,
    how: 'created',
    actor: ciDeploy,
    credential: leakedKey,
    network: office,
  });
const key = (clock: string, user = backup): Observation => observed('credential.created', { at: at(clock), owner: user, network: office });
const admin = (clock: string, more: object = {}): Observation =>
  observed('access.granted', { at: at(clock), to: backup, network: office, ...more });
const findingsOf = (observations: Observation[]) => {
  const inspector = createInspector({ checks: [adminUserChain] });
  inspector.inspect(observations);
  return inspector.findings();
};

describe('a user created, given a key and made an administrator within an hour', () => {
  it('is critical in whatever order, with all three records and everybody in it', () => {
    const [finding] = findingsOf([admin('14:00'), created('14:10'), key('14:40')]);

    expect(finding).toMatchObject({ severity: 'critical', facts: { 'New user': 'backup', Rights: 'AdministratorAccess', Access: 'key' } });
    expect(finding?.evidence).toHaveLength(3);
    expect(finding?.about).toEqual([leakedKey, 'credential:AKIAI44QH8DHBEXAMPLE', backup, ciDeploy.subject].sort());
    expect(finding?.remedies).toContainEqual(
      expect.objectContaining({ kind: 'deny-principal', principal: expect.objectContaining({ subject: backup }) }),
    );
  });

  it('is medium from somebody who has done such things from that network for weeks', () => {
    const colleague: Subject = 'principal:arn:aws:iam::123456789012:user/grace';
    const past = [created('09:00', colleague, '2026-11-01'), created('09:00', colleague, '2026-11-10')];

    expect(findingsOf([...past, created('14:00'), key('14:01'), admin('14:02')])[0]?.severity).toBe('medium');
    expect(findingsOf([...past, created('14:00'), key('14:01'), admin('14:02', { network: hosting })])[0]?.severity).toBe('critical');
  });

  it('is not there when a step is missing, was refused, comes hours later, or is about somebody else', () => {
    const somebodyElse: Subject = 'principal:arn:aws:iam::123456789012:user/grace';

    expect(findingsOf([created('14:00'), key('14:01')])).toEqual([]);
    expect(findingsOf([created('14:00'), key('14:01'), admin('14:02', { level: 'other' })])).toEqual([]);
    expect(findingsOf([created('14:00'), key('14:01'), admin('14:02', { outcome: 'denied' })])).toEqual([]);
    expect(findingsOf([created('14:00'), key('14:01'), admin('17:02')])).toEqual([]);
    expect(findingsOf([created('14:00', somebodyElse), key('14:01', somebodyElse), admin('14:02')])).toEqual([]);
  });
});
