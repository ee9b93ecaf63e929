import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, tried } from '../habits.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'identity/root-key';

export const rootKey = defineCheck({
  id,
  title: 'The account’s owner login (root) was given a key or a password',
  why: 'Root may do everything and no policy of the account can hold it. A key of root works from anywhere without a second factor; nobody needs one, and a thief who has root for a minute makes one to come back.',
  severity: 'Critical; medium for an attempt that was refused.',
  falseAlarms: ['An owner who follows very old instructions.'],
  misses: ['A key of root that was there before; its use is seen by the check on root’s acts.'],
  tactic: 'Persistence (TA0003): Account Manipulation, Additional Cloud Credentials (T1098.001)',
  references: [
    'MITRE ATT&CK, T1098.001',
    'AWS IAM documentation, root user best practices',
    'Elastic detection rules, login profile created for root',
  ],
  maturity: 'stable',
  watches: ['credential.created'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    if (now.form === 'federation' || now.actor?.kind !== 'root' || now.owner !== now.actor.subject) return [];
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.form}${tried(now)}`,
        severity: now.outcome ? 'medium' : 'critical',
        title: now.outcome
          ? 'Somebody tried to make a key or password for the account’s owner login (root)'
          : 'The account’s owner login (root) was given a key or a password',
        about: [...(now.outcome ? [] : [now.credential]), ...suspects(now)],
        facts: { Access: now.form, ...from(now) },
        remedies: [
          ...(now.outcome || now.form !== 'key'
            ? []
            : [{ kind: 'disable-credential' as const, credential: now.credential, owner: now.actor }]),
          ...cutOff(now),
        ],
      }),
    ];
  },
});
