import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { isService } from '../networks.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, finding, keyUsed, suspects } from '../suspects.ts';
import { deeds, isWriting } from './acts.ts';

const id = 'identity/root-acted';

export const rootActed = defineCheck({
  id,
  title: 'The account’s owner login (root) is being used',
  why: 'Root may do everything and cannot be held by a policy of the account. It is for a handful of tasks a year; a key of root should not exist at all.',
  severity:
    'Medium for signing in, high for changing something and for signing in without a second factor, critical for anything done with a long-term key of root. Low for looking around in the console and for what failed; medium for what was denied.',
  falseAlarms: ['The owner looks at bills or closes a task only root can do. Signing in with a second factor is only medium.'],
  misses: ['What root does in the payer’s or another account.'],
  tactic: 'Initial Access (TA0001): Valid Accounts, Cloud Accounts (T1078.004)',
  references: ['MITRE ATT&CK, T1078.004', 'AWS IAM documentation, root user best practices', 'Sigma, AWS root account usage'],
  maturity: 'stable',
  watches: deeds,
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    // The provider's services act in root's name on the owner's behalf.
    if (now.actor?.kind !== 'root' || isService(now.network)) return [];
    const key = keyUsed(now);
    const severity = severityOf(now, key !== undefined);
    return [
      finding(id, now, {
        key: account(now.place.scope),
        severity,
        title: key ? 'A key of the account’s owner login (root) is being used' : 'The account’s owner login (root) is being used',
        about: suspects(now),
        facts: {
          ...('operation' in now ? { Act: now.operation } : {}),
          ...('mfa' in now && now.mfa === false ? { 'Second factor': 'not used' } : {}),
          ...(now.network ? { From: `${now.network.address}${now.network.name ? ` (${now.network.name})` : ''}` } : {}),
        },
        remedies: [
          ...(key ? [{ kind: 'disable-credential' as const, credential: key, owner: now.actor }] : []),
          { kind: 'deny-principal', principal: now.actor, over: now.actor.home },
        ],
      }),
    ];
  },
});

function severityOf(now: Observation, hasKey: boolean): Severity {
  if (hasKey) return 'critical';
  if (now.outcome) return now.outcome === 'denied' ? 'medium' : 'low';
  if (now.kind === 'signed.in') return now.mfa === false ? 'high' : 'medium';
  return isWriting(now) ? 'high' : 'low';
}
