import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isByKey, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import type { Observation } from '../observation.ts';
import { account, cutOff, finding, hand, suspects } from '../suspects.ts';

const id = 'persistence/key-for-another-user';

/** Work on identities of any kind, as one does who looks after them. */
const isIdentityWork = ({ kind }: Observation): boolean =>
  kind === 'credential.created' || kind === 'access.granted' || kind === 'identity.removed' || kind === 'identity.linked';

export const keyForAnotherUser = defineCheck({
  id,
  title: 'Somebody gave another user a key or password',
  why: 'A key for somebody else’s user outlives the thief’s own: when the stolen one is found and switched off, the other goes on working, and nobody looks at it.',
  severity:
    'High for a user that was there before; medium for one the same hand made within a day, while the account is being learnt, and from somebody known here for a week from that network and with that program; nothing from somebody so known for a user they made within a day or of whom nothing was ever heard. Medium for a password that somebody makes for themselves with a long-term key, low from somebody so known. Medium for an attempt that was refused.',
  falseAlarms: ['An administrator new to the work helps a colleague.', 'A program that renews keys, in its first week.'],
  misses: ['A second key for one’s own user.', 'A key that was handed on.'],
  tactic: 'Persistence (TA0003): Account Manipulation, Additional Cloud Credentials (T1098.001)',
  references: [
    'MITRE ATT&CK, T1098.001',
    'Stratus Red Team, backdoor an IAM user; create a login profile',
    'Sigma, AWS IAM backdoor users keys',
  ],
  maturity: 'stable',
  watches: ['identity.linked', ...deeds],
  judges: ['credential.created'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing(isIdentityWork),
    made: {
      kind: 'recent',
      key: (act) =>
        (act.kind === 'identity.linked' && act.how === 'created') || act.kind === 'credential.created' ? hand(act) : undefined,
      minutes: 1440,
      most: 100,
    },
    /** Users that did something, or were given something. The record of how a user was made may come after that of its key. */
    owners: {
      kind: 'seen',
      key: (act) => (act.kind === 'credential.created' ? act.owner : act.actor?.kind === 'user' ? act.actor.subject : undefined),
      days: 180,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, { made, owners, ...seen }, { knownDays }) {
    if (now.kind !== 'credential.created' || now.form === 'federation') return [];
    const isOwn = now.owner === now.actor?.subject;
    // A new key for oneself is how keys are renewed; a password made with a key opens the door that people come in by.
    if (isOwn && (now.form !== 'password' || now.actor?.kind === 'root' || !isByKey(now))) return [];
    // Nobody did it: an inventory tells what is there.
    if (now.actor === undefined || now.actor.kind === 'provider') return [];
    const isNew = made.some((act) => act.kind === 'identity.linked' && act.from === now.owner);
    const known = isKnown(now, seen, knownDays);
    // A colleague comes in: whoever looks after an account makes the user and its password. The record of the user may come after that of
    // the password, so one of whom nothing was ever heard counts as new.
    if ((isNew || !owners.known) && known && now.outcome === undefined) return [];
    const severity = graded(
      now,
      {
        stranger: isNew || isOwn ? 'medium' : 'high',
        known: isOwn ? 'low' : 'medium',
        learning: 'medium',
      },
      { known, learning: seen.hands.learning },
    );
    const owner = now.owner.slice(now.owner.lastIndexOf('/') + 1);
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.owner}/${now.form}${tried(now)}`,
        severity,
        title: titleOf(now, isOwn),
        about: [...(now.outcome ? [] : [now.credential, now.owner]), ...suspects(now)],
        facts: { For: owner, Access: now.form, ...from(now) },
        remedies: [
          ...(now.outcome || now.form !== 'key' ? [] : [{ kind: 'disable-credential' as const, credential: now.credential }]),
          ...cutOff(now),
        ],
        learning: seen.hands.learning,
      }),
    ];
  },
});

const titleOf = ({ outcome }: Observation, isOwn: boolean): string => {
  if (isOwn) return outcome ? 'Somebody tried to turn a key into a password' : 'Somebody with a key made a password for themselves';
  return outcome ? 'Somebody tried to give another user a key or password' : 'Somebody gave another user a key or password';
};
