import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { isKnown, knownDays, usual, who } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import type { Observation, Of } from '../observation.ts';
import { cutOff, finding, suspects } from '../suspects.ts';

const id = 'evasion/audit-log-stopped';
const isLog = (act: Observation): act is Of<'guard.started' | 'guard.weakened'> =>
  (act.kind === 'guard.started' || act.kind === 'guard.weakened') && act.guard === 'audit log' && act.outcome === undefined;
const started = ({ kind }: Observation): number => (kind === 'guard.started' ? 1 : 0);

export const auditLogStopped = defineCheck({
  id,
  title: 'The record of who does what was switched off',
  why: 'Nobody who works honestly gains anything from stopping, deleting or narrowing the audit log. Thieves do it before they begin, and alarms that live on the log fall silent with it.',
  severity:
    'Critical when it was done; medium when it was tried and denied (low when it failed for another reason), when the record does not tell whether anything was lost, and when somebody known here for a week from that network and with that program started another log within seven days before.',
  falseAlarms: [
    'A trail is replaced by another more than a week after the new one, or by somebody new.',
    'A second trail is deleted that recorded the same as another.',
    'Tools that send every setting of a trail along whenever they change one.',
  ],
  misses: [
    'Logs that are still written but made useless elsewhere: deleted from their bucket, or encrypted with a key nobody has.',
    'Whether the log that replaces another one records as much.',
  ],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Disable or Modify Cloud Logs (T1562.008)',
  references: [
    'MITRE ATT&CK, T1562.008',
    'Stratus Red Team, stop a CloudTrail trail',
    'Elastic detection rules, CloudTrail logging suspended',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['guard.weakened'],
  nature: 'event',
  remembers: {
    ...usual,
    /** 1: they started a log within a week. */
    replacing: { kind: 'most', key: (act) => (isLog(act) ? who(act) : undefined), value: started, days: 7 },
    /** 1: it was this very log that was started. */
    restarted: { kind: 'most', key: (act) => (isLog(act) ? act.resource : undefined), value: started, days: 7 },
  },
  params: z.object({ knownDays }),
  evaluate(now, { hands, replacing, restarted }, { knownDays }) {
    if (now.kind !== 'guard.weakened' || now.guard !== 'audit log') return [];
    const isDone = now.outcome === undefined;
    // Whoever looks after an account does this once: that they are known for other work is enough.
    const isReplaced = !now.perhaps && replacing.value > 0 && restarted.value === 0 && isKnown(now, { hands, work: hands }, knownDays);
    return [
      finding(id, now, {
        key: `${now.resource}${isDone ? (now.perhaps ? '/perhaps' : '') : '/tried'}`,
        severity: now.outcome === 'failed' ? 'low' : isDone && !isReplaced && !now.perhaps ? 'critical' : 'medium',
        title: !isDone
          ? 'Somebody tried to switch off the record of who does what'
          : now.perhaps
            ? 'The record of who does what was changed'
            : isReplaced
              ? 'The record of who does what was replaced by another'
              : 'The record of who does what was switched off',
        about: [now.resource, ...suspects(now)],
        facts: { 'Audit log': now.how, Region: now.place.region, ...(isReplaced ? { Before: 'another log was started' } : {}) },
        remedies: cutOff(now),
      }),
    ];
  },
});
