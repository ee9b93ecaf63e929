import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isKnown, knownDays, tried, usual } from '../habits.ts';
import type { Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/owner-changed';

export const ownerChanged = defineCheck({
  id,
  title: 'How the provider knows the owner of this account was changed',
  why: 'Whoever holds the owner’s e-mail address or password holds the account, and the provider’s warnings go to them. Thieves change it so that nobody hears of the bill.',
  severity:
    'Critical for the e-mail address, the password and a recovery that was begun; high for contact details, medium for those from somebody known here for a week from that network. Medium for an attempt that was refused, low for one that failed.',
  falseAlarms: ['The owner does it. A second person should say so.'],
  misses: ['What is changed by telephone or letter.', 'A mailbox that was taken over itself.'],
  tactic: 'Persistence (TA0003): Account Manipulation (T1098)',
  references: [
    'MITRE ATT&CK, T1098',
    'The New Stack, a victim’s account of a root e-mail address changed before the mining',
    'Elastic detection rules, AWS password recovery requested',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['owner.changed'],
  nature: 'event',
  remembers: { ...usual, work: doing((act) => act.kind === 'owner.changed') },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'owner.changed') return [];
    const severity: Severity = now.outcome
      ? now.outcome === 'denied'
        ? 'medium'
        : 'low'
      : now.what !== 'contact'
        ? 'critical'
        : isKnown(now, seen, knownDays)
          ? 'medium'
          : 'high';
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.what}${tried(now)}`,
        severity,
        title: now.outcome
          ? 'Somebody tried to change how the provider knows the owner of this account'
          : 'How the provider knows the owner of this account was changed',
        about: suspects(now),
        facts: { Changed: now.how, ...from(now) },
        remedies: cutOff(now),
      }),
    ];
  },
});
