import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { account, cutOff, finding, keyUsed, suspects } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/second-factor-removed';

export const secondFactorRemoved = defineCheck({
  id,
  title: 'A second factor was taken away, or another one given to somebody else',
  why: 'Without a second factor a password is enough. A thief who may change identities takes it away first and signs in afterwards, or adds one of their own.',
  severity:
    'Taken away: high from somebody else than its owner or with a long-term key; medium from somebody known here for a week from that network, while the account is being learnt, and for one’s own while signed in; low for one’s own from a known network. Given: medium to somebody else or with a long-term key, low from somebody known; nothing for one’s own. Medium for an attempt that was refused.',
  falseAlarms: ['A new telephone.', 'Somebody helps a colleague who lost theirs.'],
  misses: ['A second factor that a thief who is signed in adds beside the true one.'],
  tactic: 'Persistence (TA0003): Modify Authentication Process, Multi-Factor Authentication (T1556.006)',
  references: ['MITRE ATT&CK, T1556.006', 'Elastic detection rules, MFA device deactivated'],
  maturity: 'stable',
  watches: deeds,
  judges: ['second-factor.changed'],
  nature: 'event',
  remembers: { ...usual, work: doing((act) => act.kind === 'second-factor.changed') },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'second-factor.changed') return [];
    const isOwn = now.owner === now.actor?.subject && keyUsed(now) === undefined;
    const isAdded = now.how === 'added';
    // Everybody sets one up for themselves.
    if (isAdded && (isOwn || now.actor === undefined)) return [];
    const severity = graded(
      now,
      isOwn || isAdded
        ? { stranger: 'medium', known: 'low', learning: 'medium' }
        : { stranger: 'high', known: 'medium', learning: 'medium' },
      { known: isKnown(now, seen, knownDays), learning: seen.hands.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.owner}${isAdded ? '/added' : ''}${tried(now)}`,
        severity,
        title: isAdded
          ? now.outcome
            ? 'Somebody tried to add a second factor for somebody else'
            : 'A second factor was added for somebody else'
          : now.outcome
            ? 'Somebody tried to take a second factor away'
            : 'A second factor was taken away',
        about: [now.owner, ...suspects(now)],
        facts: {
          Of: now.owner.slice(now.owner.lastIndexOf('/') + 1),
          By: isOwn ? 'its owner' : (now.actor?.name ?? 'somebody'),
          ...from(now),
        },
        remedies: cutOff(now),
        learning: seen.hands.learning,
      }),
    ];
  },
});
