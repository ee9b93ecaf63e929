import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/federation-provider';

export const federationProvider = defineCheck({
  id,
  title: 'Somebody else’s sign-ins are believed here from now on',
  why: 'Who is trusted to say who people are can let anybody in, at any time, without a key or password of yours. It is done once in years by the owner, or by a thief who means to stay.',
  severity:
    'High; medium while the account is being learnt, and from somebody known here for a week from that network and with that program. Nothing for one that is known. Medium for an attempt that was refused.',
  falseAlarms: ['A build service is connected for the first time.', 'The company changes how it signs in.'],
  misses: ['An identity provider that was taken over itself.'],
  tactic: 'Persistence (TA0003): Domain or Tenant Policy Modification, Trust Modification (T1484.002)',
  references: [
    'MITRE ATT&CK, T1484.002',
    'Stratus Red Team, create a trust anchor for roles anywhere',
    'Elastic detection rules, OpenID Connect or SAML provider created',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['credential.created'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing(({ kind }) => kind === 'credential.created' || kind === 'access.granted' || kind === 'trust.opened'),
    issuers: {
      kind: 'seen',
      key: (act) =>
        act.kind === 'credential.created' && act.form === 'federation' && !act.outcome
          ? `${account(act.place.scope)}/${act.credential}`
          : undefined,
      days: 400,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, { issuers, ...seen }, { knownDays }) {
    if (now.kind !== 'credential.created' || now.form !== 'federation' || issuers.known) return [];
    // The provider's own sign-in service keeps one of its own in every account.
    if (now.actor === undefined || now.actor.kind === 'provider') return [];
    const severity = graded(
      now,
      { stranger: 'high', known: 'medium', learning: 'medium' },
      { known: isKnown(now, seen, knownDays), learning: seen.hands.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.credential}${tried(now)}`,
        severity,
        title: now.outcome
          ? 'Somebody tried to have somebody else’s sign-ins believed here'
          : 'Somebody else’s sign-ins are believed here from now on',
        about: [...(now.outcome ? [] : [now.credential]), ...suspects(now)],
        facts: { Provider: now.credential.slice('credential:'.length).slice(-120), ...from(now) },
        remedies: cutOff(now),
        learning: seen.hands.learning,
      }),
    ];
  },
});
