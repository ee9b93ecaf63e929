import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/support-asked';

export const supportAsked = defineCheck({
  id,
  title: 'Somebody writes to the provider’s support in your name',
  why: 'Limits stand between a thief and a large bill, and people at the provider can lift them. Thieves write as if they were you, and close the case before you read it.',
  severity:
    'About limits: high, medium while the account is being learnt, where support is asked now and then, and from somebody known here for a week from that network. About anything else: medium, low from somebody known, where it is usual, or while learning. Medium for an attempt that was refused.',
  falseAlarms: ['A colleague who has never asked before plans to grow.'],
  misses: ['What is asked by telephone, chat or e-mail.', 'What the case really says: only its subject’s category is known.'],
  tactic: 'Resource Development (TA0042): Compromise Accounts, Cloud Accounts (T1586.003)',
  references: [
    'MITRE ATT&CK, T1586.003',
    'US v. Jeloudar and Safaei, indictment of 2021 (servers talked out of a provider)',
    'The New Stack, a victim’s account of closed tickets about spot limits',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['support.asked'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing((act) => act.kind === 'support.asked'),
    cases: {
      kind: 'seen',
      key: (act) => (act.kind === 'support.asked' && !act.outcome ? account(act.place.scope) : undefined),
      days: 400,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'support.asked') return [];
    const isLimits = now.about === 'limits';
    const severity = graded(
      now,
      isLimits ? { stranger: 'high', known: 'medium', learning: 'medium' } : { stranger: 'medium', known: 'low', learning: 'low' },
      { known: seen.cases.known || isKnown(now, seen, knownDays), learning: seen.cases.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.about}${tried(now)}`,
        severity,
        title: isLimits ? 'Somebody asks the provider’s support for more' : 'Somebody writes to the provider’s support in your name',
        about: suspects(now),
        facts: { About: now.about === 'limits' ? 'limits' : 'something else', ...from(now) },
        remedies: cutOff(now),
        learning: seen.cases.learning,
      }),
    ];
  },
});
