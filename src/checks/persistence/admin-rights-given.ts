import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isRented } from '../networks.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/admin-rights-given';

export const adminRightsGiven = defineCheck({
  id,
  title: 'Somebody was given an administrator’s rights',
  why: 'With an administrator’s rights a thief needs nobody’s leave any more. Rights are given to an identity that looks harmless, so that the way back stays open.',
  severity:
    'High; medium while the account is being learnt, and from somebody known here for a week from that network and with that program; low from a robot that gives rights by habit and from no rented network. Always high when somebody gives them to themselves. Medium for an attempt that was refused.',
  falseAlarms: ['A new colleague among the administrators does it for the first time.', 'The first set-up of an account.'],
  misses: ['Rights that are an administrator’s without saying so.', 'What a group of a harmless name may do.'],
  tactic: 'Privilege Escalation (TA0004): Account Manipulation, Additional Cloud Roles (T1098.003)',
  references: [
    'MITRE ATT&CK, T1098.003',
    'Elastic detection rules, AdministratorAccess attached to a user',
    'Splunk Security Content, policy version that allows all resources',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['access.granted'],
  nature: 'event',
  remembers: { ...usual, work: doing(({ kind }) => kind === 'access.granted') },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'access.granted' || now.level !== 'admin' || now.actor === undefined || now.actor.kind === 'provider') return [];
    const isOwn = now.to === now.actor.subject;
    const isQuietRobot = (now.actor.kind === 'robot' || now.actor.kind === 'workload') && !isRented(now.network);
    const severity = graded(
      now,
      isOwn
        ? { stranger: 'high', known: 'high', learning: 'high' }
        : { stranger: 'high', known: isQuietRobot ? 'low' : 'medium', learning: 'medium' },
      { known: isKnown(now, seen, knownDays), learning: seen.hands.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.to}${tried(now)}`,
        severity,
        title: now.outcome
          ? 'Somebody tried to give an administrator’s rights'
          : isOwn
            ? 'Somebody gave themselves an administrator’s rights'
            : 'Somebody was given an administrator’s rights',
        about: [...(now.outcome ? [] : [now.to]), ...suspects(now)],
        facts: { To: now.to.slice(now.to.lastIndexOf('/') + 1), Rights: now.how, ...from(now) },
        remedies: cutOff(now),
        learning: seen.hands.learning,
      }),
    ];
  },
});
