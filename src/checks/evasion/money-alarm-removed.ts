import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isByKey, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isLoudCompute } from '../loud.ts';
import { isService } from '../networks.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { account, cutOff, finding, hand, suspects } from '../suspects.ts';

const id = 'evasion/money-alarm-removed';
type Weakened = Of<'guard.weakened'>;

/** Alarms that services keep for themselves, such as those of scaling, come and go. */
const isMoneyGuard = (act: Observation): act is Weakened =>
  act.kind === 'guard.weakened' &&
  (act.guard === 'budget' || act.guard === 'alarm') &&
  act.actor?.kind !== 'provider' &&
  !isService(act.network);

export const moneyAlarmRemoved = defineCheck({
  id,
  title: 'What would have told you of a large bill was removed',
  why: 'A budget or a cost alarm bothers nobody who pays honestly. Whoever removes it wants the bill not to be noticed.',
  severity:
    'A budget or cost alert: high, medium from somebody known here for a week from that network and with that program. Any other alarm, and a rule that may have carried one: medium, low from somebody known, or, while the account is being learnt, without a long-term key. Critical (high for such a rule) when the same hand also asked for large machines within a day, whichever came first, and when a stranger does it while anybody does. Medium for an attempt that was refused.',
  falseAlarms: ['The owner tidies up.', 'A service is taken down with its alarms, by somebody new.'],
  misses: ['Alarms that stay and tell nobody.', 'Which alarms are about money: all are taken alike.'],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Disable or Modify Tools (T1562.001)',
  references: ['MITRE ATT&CK, T1562.001', 'Elastic detection rules, CloudWatch alarm deletion', 'AWS Budgets API reference, DeleteBudget'],
  maturity: 'stable',
  watches: deeds,
  judges: ['guard.weakened', 'compute.asked', 'compute.refused', 'launcher.changed'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing((act) => act.kind === 'guard.weakened' && (act.guard === 'alarm' || act.guard === 'budget')),
    acts: { kind: 'recent', key: (act) => (isMoneyGuard(act) || isLoudCompute(act) ? hand(act) : undefined), minutes: 1440, most: 100 },
    here: {
      kind: 'recent',
      key: (act) => (isMoneyGuard(act) || isLoudCompute(act) ? account(act.place.scope) : undefined),
      minutes: 1440,
      most: 100,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, { acts, here, ...seen }, { knownDays }) {
    if (isLoudCompute(now))
      return acts
        .filter(isMoneyGuard)
        .filter(isDone)
        .slice(-20)
        .map((removed) => said(removed, removed.guard === 'alarm' && removed.perhaps ? 'high' : 'critical', now, false));
    if (!isMoneyGuard(now)) return [];
    const known = isKnown(now, seen, knownDays);
    const isLearning = seen.hands.learning;
    const isMining = acts.some(isLoudCompute) || (!known && here.some(isLoudCompute));
    return [said(now, severityOf(now, { known, isLearning, isMining }), now, isLearning)];
  },
});

const isDone = (act: Weakened): boolean => act.outcome === undefined;

function severityOf(now: Weakened, { known, isLearning, isMining }: { known: boolean; isLearning: boolean; isMining: boolean }): Severity {
  if (now.outcome) return now.outcome === 'failed' ? 'low' : 'medium';
  if (isMining) return now.guard === 'alarm' && now.perhaps ? 'high' : 'critical';
  if (now.guard === 'budget' && !now.perhaps) return known ? 'medium' : 'high';
  return (known && now.guard === 'alarm') || (isLearning && !isByKey(now) && now.actor?.kind !== 'root') ? 'low' : 'medium';
}

const said = (removed: Weakened, severity: Severity, now: Observation, learning: boolean) =>
  finding(
    id,
    now,
    {
      key: `${removed.resource}${tried(removed)}`,
      severity,
      title: removed.outcome
        ? 'Somebody tried to remove what would have told you of a large bill'
        : severity === 'critical'
          ? 'The alarm on the bill was removed, and large machines are asked for'
          : removed.guard === 'budget'
            ? 'What would have told you of a large bill was removed'
            : 'What may have told you of something was removed',
      about: [removed.resource, ...suspects(removed)],
      facts: { Guard: removed.guard === 'budget' ? 'budget or cost alert' : 'alarm', What: removed.how, ...from(removed) },
      remedies: cutOff(removed),
      learning,
    },
    [removed],
  );
