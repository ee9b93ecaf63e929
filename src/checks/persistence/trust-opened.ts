import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isKnown, knownDays, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/trust-opened';
type Opened = Of<'trust.opened'>;

const partner = (act: Observation): string | undefined =>
  act.kind !== 'trust.opened' || act.outcome || act.door === 'function' ? undefined : `${account(act.place.scope)} trusts ${act.to}`;

export const trustOpened = defineCheck({
  id,
  title: 'A door to your account was opened for strangers',
  why: 'Whoever may take on a role of yours from another account needs no stolen key any more. Trust without any condition, or for an account you never dealt with, outlives every clean-up of keys.',
  severity:
    'A role: critical for anybody, and for an account never dealt with and without any condition (high while partners are being learnt); high with some condition, low while learning; high when a condition is gone. From somebody known here for a week from that network and with that program high for anybody, else medium. Stored data: medium, low with a condition from somebody known, and while learning. Medium for an attempt without any condition that was refused.',
  falseAlarms: ['A new vendor is let in. Vendors’ account numbers are public, and a condition on an external id is usual.'],
  misses: ['Trust that was opened before the memory began.', 'Conditions that look strict and are not.'],
  tactic: 'Persistence (TA0003): Account Manipulation, Additional Cloud Roles (T1098.003)',
  references: ['MITRE ATT&CK, T1098.003', 'Stratus Red Team, backdoor an IAM role', 'AWS IAM documentation, the confused deputy problem'],
  maturity: 'stable',
  watches: deeds,
  judges: ['trust.opened'],
  nature: 'event',
  remembers: {
    partners: { kind: 'seen', key: partner, days: 400 },
    ...usual,
    work: doing(({ kind }) => kind === 'trust.opened' || kind === 'access.granted'),
  },
  params: z.object({ knownDays }),
  evaluate(now, { partners, ...seen }, { knownDays }) {
    if (now.kind !== 'trust.opened' || now.door === 'function') return [];
    if ((partners.known && now.lost === undefined) || (now.outcome && !now.unconditional)) return [];
    const severity = severityOf(now, { isKnown: isKnown(now, seen, knownDays), isLearning: partners.learning });
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.resource}${now.outcome ? '/tried' : ''}`,
        severity,
        title: now.outcome
          ? 'Somebody tried to open a door to your account for strangers'
          : now.lost !== undefined
            ? 'A door to your account lost its lock'
            : 'A door to your account was opened for strangers',
        about: [now.resource, ...suspects(now)],
        facts: {
          For: now.to === '*' ? 'anybody' : now.to,
          Condition: now.unconditional ? 'none' : 'some',
          ...(now.lost === undefined ? {} : { Lost: now.lost.slice(0, 120) }),
          ...from(now),
        },
        remedies: cutOff(now),
        learning: partners.learning,
      }),
    ];
  },
});

function severityOf(now: Opened, { isKnown, isLearning }: { isKnown: boolean; isLearning: boolean }): Severity {
  if (now.outcome) return 'medium';
  if (now.door === 'data') return isLearning || (isKnown && !now.unconditional) ? 'low' : 'medium';
  if (now.to === '*' && now.unconditional) return isKnown ? 'high' : 'critical';
  if (isKnown) return 'medium';
  if (now.unconditional) return isLearning ? 'high' : 'critical';
  return isLearning && now.lost === undefined ? 'low' : 'high';
}
