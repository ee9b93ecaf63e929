import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, who } from '../habits.ts';
import { isRented, networkName } from '../networks.ts';
import type { Observation } from '../observation.ts';
import { cutOff, finding, suspects } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/sign-in-without-second-factor';

const place = (act: Observation): string | undefined => {
  if (act.outcome || act.actor?.kind !== 'user' || (act.kind !== 'signed.in' && act.session === undefined)) return undefined;
  const network = networkName(act);
  return network === undefined ? undefined : `${who(act)} ${network}`;
};

const person = (act: Observation): string | undefined => (place(act) === undefined ? undefined : who(act));

export const signInWithoutSecondFactor = defineCheck({
  id,
  title: 'Somebody signed in with nothing but a password',
  why: 'A password that leaked or was guessed is all it takes to be this person. Stuffed passwords are how accounts without any key are taken.',
  severity:
    'Medium; high from a network where servers are rented and that this person never came from. Low where the person has been before, on an earlier day, and at somebody’s very first sign-in from no rented network: a second factor can only be set up once one is in.',
  falseAlarms: ['An account where second factors are not usual, the first time somebody comes from somewhere.'],
  misses: [
    'People who come by way of an identity provider: what it asks of them is not in the record.',
    'Wrong passwords before the right one.',
  ],
  tactic: 'Initial Access (TA0001): Valid Accounts, Cloud Accounts (T1078.004)',
  references: ['MITRE ATT&CK, T1078.004', 'Stratus Red Team, console login without MFA', 'Sigma, AWS console login success without MFA'],
  maturity: 'stable',
  watches: deeds,
  judges: ['signed.in'],
  nature: 'event',
  remembers: {
    places: { kind: 'seen', key: place, days: 180 },
    people: { kind: 'seen', key: person, days: 400 },
  },
  params: z.object({}),
  evaluate(now, { places, people }) {
    if (now.kind !== 'signed.in' || now.how !== 'password' || now.mfa !== false || now.outcome || now.actor?.kind !== 'user') return [];
    // A second factor can only be set up once one is in; whoever made them has been told of.
    const isFirst = !people.known && !places.learning && !isRented(now.network);
    const today = now.at.slice(0, 10);
    const wasThere = places.days - (places.last?.slice(0, 10) === today ? 1 : 0) > 0;
    return [
      finding(id, now, {
        key: `${who(now)}/${networkName(now) ?? 'somewhere'}`,
        severity: wasThere || isFirst ? 'low' : isRented(now.network) && !places.learning ? 'high' : 'medium',
        title: 'Somebody signed in with nothing but a password',
        about: suspects(now),
        facts: { 'Second factor': 'not used', ...from(now) },
        remedies: cutOff(now),
        learning: places.learning,
      }),
    ];
  },
});
