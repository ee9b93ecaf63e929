import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import type { Of } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/organization-changed';

const said: Record<Of<'organization.changed'>['how'], string> = {
  'account created': 'A new account was opened at your expense',
  'account invited': 'An account was brought into, or taken into, an organization',
  left: 'The account was taken out of its organization',
  'access assigned': 'Somebody was let into accounts of your organization',
  'user created': 'A new person was added who may sign in to your accounts',
  'guard rail removed': 'A guard rail of your organization was removed',
};

export const organizationChanged = defineCheck({
  id,
  title: 'The organization’s accounts, people or guard rails were changed',
  why: 'A new account is a playground nobody looks at, billed to you. An account that leaves loses every guard rail; a person added at the top may enter everywhere.',
  severity:
    'High; medium while the account is being learnt, and from somebody known here for a week from that network and with that program. One step lower for a new person, and for access short of an administrator’s. Medium for an attempt that was refused.',
  falseAlarms: ['A platform team opens accounts or lets people in, by somebody new.'],
  misses: ['Changes in an organization whose record is not read here.'],
  tactic: 'Persistence (TA0003): Account Manipulation, Additional Cloud Roles (T1098.003)',
  references: [
    'MITRE ATT&CK, T1098.003 and T1136.003',
    'Stratus Red Team, attempt to leave the organization',
    'Datadog Security Labs, intrusions of 2025 by way of the identity centre',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['organization.changed'],
  nature: 'event',
  remembers: { ...usual, work: doing(({ kind }) => kind === 'organization.changed') },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'organization.changed') return [];
    const isMinor = now.how === 'user created' || (now.how === 'access assigned' && now.level !== 'admin');
    // What is tried fails for many reasons; leaving is refused by the organization, not by a want of rights.
    const act = now.outcome === 'failed' && now.how === 'left' ? { ...now, outcome: 'denied' as const } : now;
    const severity = graded(
      act,
      isMinor ? { stranger: 'medium', known: 'low', learning: 'medium' } : { stranger: 'high', known: 'medium', learning: 'medium' },
      { known: isKnown(now, seen, knownDays), learning: seen.hands.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.how}/${now.to ?? ''}${tried(now)}`,
        severity,
        title: now.outcome ? 'Somebody tried to change the organization’s accounts, people or guard rails' : said[now.how],
        about: suspects(now),
        facts: { Change: now.how, ...(now.to === undefined ? {} : { Concerns: now.to.slice(0, 120) }), ...from(now) },
        remedies: cutOff(now),
        learning: seen.hands.learning,
      }),
    ];
  },
});
