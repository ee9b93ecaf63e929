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

  it('is medium from a person who has been signed in from there on days before, and low while the account is being learnt', () => {
    const session: Subject = 'session:ASIAEXAMPLE';
    const signedIn = (clock: string, day?: string, more: object = {}): Observation => {
      const one = observed('principal.acted', { at: at(clock, day), operation: 'iam:ListUsers', session, network: office, ...more });
      delete (one as Partial<typeof one>).credential;
      return one;
    };
    const inConsole = (steps: Observation[], network = office): Observation[] =>
      steps.map((step) => {
        const one = { ...step, session, network };
        if (one.kind !== 'credential.created') delete one.credential;
        return one;
      });
    const chain = [created('14:00'), key('14:01'), admin('14:02')];
    const before = [signedIn('09:00', '2026-11-01'), signedIn('09:00', '2026-11-10')];

    expect(findingsOf([...before, ...inConsole(chain)])[0]?.severity).toBe('medium');
    expect(findingsOf([signedIn('09:00', '2026-11-21'), signedIn('09:00', '2026-11-22'), ...inConsole(chain)])[0]?.severity).toBe('low');
    // Signing in tells as much as what is done then; trying to tells nothing.
    const entries = before.map(({ at: when }) => observed('signed.in', { at: when, network: office, credential: undefined as never }));
    expect(findingsOf([...entries, ...inConsole(chain)])[0]?.severity).toBe('medium');
    expect(findingsOf([...entries.map((one) => ({ ...one, outcome: 'failed' as const })), ...inConsole(chain)])[0]?.severity).toBe(
      'critical',
    );
    // Somewhere else, on a rented machine, with a long-term key, or known since this morning only.
    expect(findingsOf([...before, ...inConsole(chain, { ...office, asn: 64509 })])[0]?.severity).toBe('critical');
    expect(findingsOf([...before.map((one) => ({ ...one, network: hosting })), ...inConsole(chain, hosting)])[0]?.severity).toBe(
      'critical',
    );
    expect(findingsOf([...before, ...chain])[0]?.severity).toBe('critical');
    expect(findingsOf([before[1]!, signedIn('09:00'), ...inConsole(chain)])[0]?.severity).toBe('critical');
    // What a stranger began is not made good by who completes it.
    expect(findingsOf([...before, created('14:00'), key('14:01'), ...inConsole([admin('14:02')])])[0]?.severity).toBe('critical');
  });

  it('is medium when all that is known of the rights is a group of some name', () => {
    const looked = observed('look.finished', { at: at('00:00', '2026-11-20'), since: at('00:00', '2026-10-01') });
    const inspector = createInspector({ checks: [adminUserChain] });
    inspector.inspect([looked, created('14:00'), key('14:01'), admin('14:02', { level: 'other', how: 'group analysts' })]);

    expect(inspector.findings()[0]).toMatchObject({ severity: 'medium', title: expect.stringMatching(/new user/) });
  });

  it('names the key that did it beside the key that was made', () => {
    const second: Subject = 'credential:AKIAIOSFODNN8EXAMPLE';
    const login: Observation = observed('credential.created', {
      at: at('14:30'),
      owner: backup,
      form: 'password',
      credential: 'credential:login-profile/backup',
      using: second,
      network: office,
    });

    const [finding] = findingsOf([login, admin('14:10'), created('14:20')]);

    expect(finding?.severity).toBe('critical');
    expect(finding?.about).toContain(second);
    expect(finding?.remedies).toContainEqual({ kind: 'disable-credential', credential: second, owner: ciDeploy });
  });
});
