import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, who } from '../habits.ts';
import { isRented, networkName } from '../networks.ts';
import type { Observation, Severity } from '../observation.ts';
import { cutOff, finding, suspects, whileLearning } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/sign-in-from-new-network';

/** Whoever is signed in; the long-term keys of the same user are another matter, and another check's. */
const isSignedIn = (act: Observation): boolean =>
  (act.actor?.kind === 'user' || act.actor?.kind === 'federated') &&
  act.outcome === undefined &&
  act.credential === undefined &&
  (act.kind === 'signed.in' || act.session !== undefined) &&
  networkName(act) !== undefined;
const person = (act: Observation): string | undefined => (isSignedIn(act) ? who(act) : undefined);
const place = (act: Observation): string | undefined => (isSignedIn(act) ? `${who(act)} ${networkName(act)}` : undefined);
const rented = (act: Observation): string | undefined => (isSignedIn(act) && isRented(act.network) ? who(act) : undefined);

export const signInFromNewNetwork = defineCheck({
  id,
  title: 'Somebody signed in from a network they never came from',
  why: 'People sign in from a handful of networks. A stolen password or session is used from another one, most often where servers are rented.',
  severity:
    'Medium from a network where servers are rented; low from any other, from the first network of somebody new, and while networks are being learnt.',
  falseAlarms: ['A traveller, or somebody with a new private network service.'],
  misses: [
    'A thief in the same network.',
    'Journeys nobody could have made: networks are compared by owner, not by where they are.',
    'People who use temporary credentials without ever signing in here.',
  ],
  tactic: 'Initial Access (TA0001): Valid Accounts, Cloud Accounts (T1078.004)',
  references: ['MITRE ATT&CK, T1078.004', 'Elastic detection rules, AWS sign-in and calls from unusual networks'],
  maturity: 'stable',
  watches: deeds,
  judges: ['signed.in'],
  nature: 'event',
  remembers: {
    people: { kind: 'seen', key: person, days: 400 },
    places: { kind: 'seen', key: place, days: 180 },
    rented: { kind: 'seen', key: rented, days: 180 },
  },
  params: z.object({
    rentedDays: z
      .number()
      .int()
      .positive()
      .default(3)
      .describe('Somebody who has come from rented networks on so many days does so by habit, such as by a private network service.'),
  }),
  evaluate(now, { people, places, rented }, { rentedDays }) {
    if (now.kind !== 'signed.in' || !isSignedIn(now) || places.known) return [];
    const isStrange = isRented(now.network) && people.known && rented.days < rentedDays;
    const severity: Severity = isStrange ? whileLearning(places.learning, 'medium') : 'low';
    return [
      finding(id, now, {
        key: `${who(now)}/${networkName(now)}`,
        severity,
        title: 'Somebody signed in from a network they never came from',
        about: suspects(now),
        facts: {
          ...from(now),
          ...(isRented(now.network) ? { Network: 'where servers are rented' } : {}),
          ...(now.mfa === undefined ? {} : { 'Second factor': now.mfa ? 'used' : 'not used' }),
        },
        remedies: cutOff(now),
        learning: places.learning,
      }),
    ];
  },
});
