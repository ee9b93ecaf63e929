import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isByKey, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isService } from '../networks.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/function-overwritten';

/** What stands is made to run something else. */
const isOverwriting = (act: Observation): boolean =>
  act.kind === 'workload.defined' && /\b(?:code|layers|start-up script)\b/.test(act.what);
const hands = (act: Observation): string | undefined =>
  isOverwriting(act) && act.outcome === undefined && act.actor ? `${account(act.place.scope)}/${act.actor.subject}` : undefined;

export const functionOverwritten = defineCheck({
  id,
  title: 'Somebody new changed what a function or machine of yours runs',
  why: 'A function that stands has rights and is called every day. Whoever puts other code into it runs there for as long as nobody compares.',
  severity:
    'Medium from a hand that has not done so on an earlier day; low from somebody known here for a week from that network and with that program. While the account is being learnt, code is medium with a long-term key only, layers with one and from any person, a machine’s start-up script from everybody but a service of the provider. Medium for an attempt that was refused.',
  falseAlarms: ['A new colleague or build service brings out a version for the first time.'],
  misses: ['Code brought by the hand that always brings it.', 'What the code does.'],
  tactic: 'Persistence (TA0003): Event Triggered Execution (T1546)',
  references: [
    'MITRE ATT&CK, T1546',
    'Stratus Red Team, overwrite Lambda function code; add a malicious layer; SageMaker lifecycle configuration',
  ],
  maturity: 'trial',
  watches: deeds,
  judges: ['workload.defined'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing(({ kind }) => kind === 'workload.defined'),
    // A plain count of days, whatever was said of them: a build service does nothing else.
    done: { kind: 'daily', key: hands, day: ({ at }) => at.slice(0, 10), value: () => 1, days: 120 },
  },
  params: z.object({ knownDays }),
  evaluate(now, { done, ...seen }, { knownDays }) {
    if (
      now.kind !== 'workload.defined' ||
      !isOverwriting(now) ||
      now.outcome === 'failed' ||
      now.actor === undefined ||
      now.actor.kind === 'provider'
    )
      return [];
    if (!now.outcome && done.length > 1) return [];
    const isMild = isKnown(now, seen, knownDays) || (seen.hands.learning && !now.outcome && !isTelling(now));
    const severity: Severity = isMild ? 'low' : 'medium';
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.actor.subject}${tried(now)}`,
        severity,
        title: 'Somebody new changed what a function or machine of yours runs',
        about: suspects(now),
        facts: from(now),
        remedies: cutOff(now),
        learning: seen.hands.learning,
      }),
    ];
  },
});

/** What is out of the ordinary even where nobody is known yet: programs bring code every day, hardly ever the rest. */
function isTelling(now: Of<'workload.defined'>): boolean {
  if (isService(now.network)) return false;
  if (isByKey(now) || /\bstart-up script\b/.test(now.what)) return true;
  return /\blayers\b/.test(now.what) && now.actor?.kind !== 'robot' && now.actor?.kind !== 'workload';
}
