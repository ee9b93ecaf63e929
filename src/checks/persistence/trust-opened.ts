import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Of } from '../observation.ts';
import { account, cutOff, finding, suspects, whileLearning } from '../suspects.ts';

const id = 'persistence/trust-opened';
const partner = (opened: Of<'trust.opened'>): string | undefined =>
  opened.outcome ? undefined : `${account(opened.place.scope)} trusts ${opened.to}`;

export const trustOpened = defineCheck({
  id,
  title: 'A door to your account was opened for strangers',
  why: 'Whoever may take on a role of yours from another account needs no stolen key any more. Trust without any condition, or for an account you never dealt with, outlives every clean-up of keys.',
  severity:
    'High; low for an account with some condition while partners are being learnt. Medium for an attempt without any condition that was refused.',
  falseAlarms: ['A new vendor is let in. Vendors’ account numbers are public, and a condition on an external id is usual.'],
  misses: ['Trust that was opened before the memory began.', 'Conditions that look strict and are not.'],
  tactic: 'Persistence (TA0003): Account Manipulation, Additional Cloud Roles (T1098.003)',
  references: ['MITRE ATT&CK, T1098.003', 'Stratus Red Team, backdoor an IAM role', 'AWS IAM documentation, the confused deputy problem'],
  maturity: 'stable',
  watches: ['trust.opened'],
  nature: 'event',
  remembers: { partners: { kind: 'seen', key: partner, days: 400 } },
  params: z.object({}),
  evaluate(now, { partners }) {
    if (partners.known || (now.outcome && !now.unconditional)) return [];
    const severity = now.outcome ? 'medium' : now.unconditional ? 'high' : whileLearning(partners.learning, 'high');
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.resource}${now.outcome ? '/tried' : ''}`,
        severity,
        title: now.outcome
          ? 'Somebody tried to open a door to your account for strangers'
          : 'A door to your account was opened for strangers',
        about: [now.resource, ...suspects(now)],
        facts: { For: now.to === '*' ? 'anybody' : now.to, Condition: now.unconditional ? 'none' : 'some' },
        remedies: cutOff(now),
        learning: partners.learning,
      }),
    ];
  },
});
