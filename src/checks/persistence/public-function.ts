import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/public-function';

export const publicFunction = defineCheck({
  id,
  title: 'A function can be called by strangers',
  why: 'A function that anybody may call, with rights of its own, is a way back in that no key opens: thieves of late leave one that makes them a new user whenever they ask.',
  severity:
    'High for anybody or for another account without a condition; medium from somebody known here for a week from that network and with that program, and while the account is being learnt. Otherwise medium, low from somebody known or while learning. Nothing for a door that was open before. Medium for an attempt that was refused.',
  falseAlarms: ['A new web hook or web site is served by a function.'],
  misses: ['Functions reached through a gateway of their own.', 'What the function does.'],
  tactic: 'Persistence (TA0003): Serverless Execution and Event Triggered Execution (T1546)',
  references: [
    'MITRE ATT&CK, T1546 and T1648',
    'AWS Security Blog, cryptomining campaign of November 2025 (a public function)',
    'Stratus Red Team, backdoor a Lambda function by its resource policy',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['trust.opened'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing((act) => (act.kind === 'trust.opened' && act.door === 'function') || act.kind === 'workload.defined'),
    doors: {
      kind: 'seen',
      key: (act) =>
        act.kind === 'trust.opened' && act.door === 'function' && !act.outcome
          ? `${account(act.place.scope)}/${act.resource} ${act.to}`
          : undefined,
      days: 400,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, { doors, ...seen }, { knownDays }) {
    if (now.kind !== 'trust.opened' || now.door !== 'function' || doors.known) return [];
    const severity = graded(
      now,
      now.unconditional ? { stranger: 'high', known: 'medium', learning: 'medium' } : { stranger: 'medium', known: 'low', learning: 'low' },
      { known: isKnown(now, seen, knownDays), learning: doors.learning },
    );
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.resource}${tried(now)}`,
        severity,
        title: now.outcome ? 'Somebody tried to open a function to strangers' : 'A function can be called by strangers',
        about: [now.resource, ...suspects(now)],
        facts: { For: now.to === '*' ? 'anybody' : now.to, Condition: now.unconditional ? 'none' : 'some', ...from(now) },
        remedies: cutOff(now),
        learning: doors.learning,
      }),
    ];
  },
});
