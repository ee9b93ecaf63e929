import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isByKey, isKnown, knownDays, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isRented } from '../networks.ts';
import { account, cutOff, finding, hand, suspects } from '../suspects.ts';

const id = 'evasion/traces-removed';

export const tracesRemoved = defineCheck({
  id,
  title: 'Somebody made an identity and removed it within a day',
  why: 'A user or key that lives for an hour was made for something that should not be seen afterwards. Intruders who come by hand clean up behind them.',
  severity:
    'Medium; low from somebody known here for a week from that network and with that program, and, while the account is being learnt, from anybody without a long-term key and from no rented network.',
  falseAlarms: ['Tests that make users and remove them, in their first week.', 'A mistake put right at once.'],
  misses: [
    'Roles: tools make and remove them all day.',
    'Traces removed with another key or session than they were made with, or days later.',
  ],
  tactic: 'Defense Evasion (TA0005): Indicator Removal (T1070)',
  references: ['MITRE ATT&CK, T1070', 'Permiso, reports on GUI-vil (identities made and removed by hand)'],
  maturity: 'stable',
  watches: deeds,
  judges: ['identity.removed'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing(({ kind }) => kind === 'identity.removed' || kind === 'credential.created'),
    acts: {
      kind: 'recent',
      key: (act) =>
        act.kind === 'identity.removed' || act.kind === 'credential.created' || act.kind === 'identity.created' ? hand(act) : undefined,
      minutes: 1440,
      most: 200,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, { acts, ...seen }, { knownDays }) {
    if (now.kind !== 'identity.removed' || now.outcome) return [];
    const made = acts.filter(
      (act) =>
        !act.outcome &&
        ((act.kind === 'identity.created' && act.subject === now.subject) ||
          (act.kind === 'credential.created' && (act.credential === now.subject || (now.what === 'user' && act.owner === now.subject)))),
    );
    if (made.length === 0) return [];
    // In the first days nobody is known yet, and people at home make users to see how it is done.
    const isTriedOut = seen.hands.learning && !isByKey(now) && now.actor?.kind !== 'root' && !isRented(now.network);
    return [
      finding(
        id,
        now,
        {
          key: `${account(now.place.scope)}/${now.subject}`,
          severity: isKnown(now, seen, knownDays) || isTriedOut ? 'low' : 'medium',
          title: 'Somebody made an identity and removed it within a day',
          about: [now.subject, ...suspects(now)],
          facts: { Removed: now.what, Name: now.subject.slice(now.subject.lastIndexOf('/') + 1), ...from(now) },
          remedies: cutOff(now),
        },
        [...made, now],
      ),
    ];
  },
});
