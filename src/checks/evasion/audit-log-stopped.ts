import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { cutOff, finding, suspects } from '../suspects.ts';

const id = 'evasion/audit-log-stopped';

export const auditLogStopped = defineCheck({
  id,
  title: 'The record of who does what was switched off',
  why: 'Nobody who works honestly gains anything from stopping, deleting or narrowing the audit log. Thieves do it before they begin, and alarms that live on the log fall silent with it.',
  severity: 'Critical when it was done, medium when it was tried and refused.',
  falseAlarms: ['A trail is replaced by another. Make the new one first, and say that it is expected.'],
  misses: ['Logs that are still written but made useless elsewhere: deleted from their bucket, or encrypted with a key nobody has.'],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Disable or Modify Cloud Logs (T1562.008)',
  references: [
    'MITRE ATT&CK, T1562.008',
    'Stratus Red Team, stop a CloudTrail trail',
    'Elastic detection rules, CloudTrail logging suspended',
  ],
  maturity: 'stable',
  watches: ['guard.weakened'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    if (now.guard !== 'audit log') return [];
    const isDone = now.outcome === undefined;
    return [
      finding(id, now, {
        key: `${now.resource}${isDone ? '' : '/tried'}`,
        severity: isDone ? 'critical' : 'medium',
        title: isDone ? 'The record of who does what was switched off' : 'Somebody tried to switch off the record of who does what',
        about: [now.resource, ...suspects(now)],
        facts: { 'Audit log': now.how, Region: now.place.region },
        remedies: cutOff(now),
      }),
    ];
  },
});
