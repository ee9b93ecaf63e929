import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { isRented } from '../networks.ts';
import { account, cutOff, finding, keyUsed, suspects } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/federation-from-key';

export const federationFromKey = defineCheck({
  id,
  title: 'A long-term key was turned into a signed-in session',
  why: 'A session made from a key goes on working for hours after the key is switched off, and opens the web console without a password or second factor. Thieves make one before the key is found.',
  severity:
    'Medium; low with a second factor from where no servers are rented, and from somebody known here for a week for it, from that network and with that program. Medium for an attempt that was refused.',
  falseAlarms: ['Older programs that give their users sessions of their own, in their first week.'],
  misses: ['Sessions of roles taken with a key: nearly all programs do that.'],
  tactic: 'Persistence (TA0003): Valid Accounts, Cloud Accounts (T1078.004)',
  references: [
    'MITRE ATT&CK, T1078.004 and T1550.001',
    'Stratus Red Team, generate a federation token',
    'Elastic detection rules, STS GetFederationToken',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['signed.in'],
  nature: 'event',
  remembers: { ...usual, work: doing((act) => act.kind === 'signed.in' && act.how === 'key') },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'signed.in' || now.how !== 'key') return [];
    const key = keyUsed(now);
    const isHabit = seen.work.first !== undefined && isKnown(now, seen, knownDays);
    // A key and a second factor, from a network of one's own, is how careful people work.
    const isCareful = now.mfa === true && !isRented(now.network);
    const severity = graded(
      now,
      { stranger: 'medium', known: 'low', learning: 'medium' },
      { known: isHabit || isCareful, learning: seen.work.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${key ?? now.actor?.subject ?? 'somebody'}${tried(now)}`,
        severity,
        title: now.outcome
          ? 'Somebody tried to turn a long-term key into a signed-in session'
          : 'A long-term key was turned into a signed-in session',
        about: suspects(now),
        facts: from(now),
        remedies: cutOff(now),
        learning: seen.work.learning,
      }),
    ];
  },
});
