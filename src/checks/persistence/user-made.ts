import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isByKey, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isService } from '../networks.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/user-made';

export const userMade = defineCheck({
  id,
  title: 'A user was made by somebody who never makes any',
  why: 'A user of their own is what most thieves make first: it stays when the stolen key is found. Companies make users rarely, by few hands.',
  severity:
    'Medium; low from somebody known here for a week from that network and with that program and by way of a service of the provider, and, while the account is being learnt, from anybody without a long-term key. An attempt that was refused is medium with such a key, else low.',
  falseAlarms: ['A new colleague looks after users.', 'Set-up scripts of a new account.'],
  misses: ['Roles: programs make them all day.', 'A thief in the session of the person who makes users.'],
  tactic: 'Persistence (TA0003): Create Account, Cloud Account (T1136.003)',
  references: [
    'MITRE ATT&CK, T1136.003',
    'TrailDiscover, incidents with CreateUser',
    'AWS Security Blog, cryptomining campaign of November 2025',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['identity.created'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing(({ kind }) => kind === 'identity.created' || kind === 'credential.created' || kind === 'identity.removed'),
  },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'identity.created' || now.actor === undefined || now.actor.kind === 'provider') return [];
    const isLoudHand = isByKey(now) || now.actor.kind === 'root';
    const isQuiet = isService(now.network) || (now.outcome === 'denied' && !isLoudHand);
    const severity = isQuiet
      ? 'low'
      : graded(
          now,
          { stranger: 'medium', known: 'low', learning: isLoudHand ? 'medium' : 'low' },
          { known: isKnown(now, seen, knownDays), learning: seen.hands.learning },
        );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.subject}${tried(now)}`,
        severity,
        title: now.outcome ? 'Somebody tried to make a user' : 'A user was made by somebody who never makes any',
        about: [...(now.outcome ? [] : [now.subject]), ...suspects(now)],
        facts: { User: now.subject.slice(now.subject.lastIndexOf('/') + 1), ...from(now) },
        remedies: cutOff(now),
        learning: seen.hands.learning,
      }),
    ];
  },
});
