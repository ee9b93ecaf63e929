import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { deeds } from '../identity/acts.ts';
import { networkName } from '../networks.ts';
import type { Of } from '../observation.ts';
import { joined, subjectIn } from '../spelling.ts';
import { cutOff, finding, suspects } from '../suspects.ts';

const id = 'evasion/audit-log-stopped';
type Act = Of<(typeof deeds)[number]>;
const who = ({ actor, place }: Act): string | undefined => actor && subjectIn(place.scope, actor);
const from = (act: Act): string | undefined => {
  const network = act.outcome || !act.actor || act.actor.kind === 'provider' ? undefined : networkName(act);
  const by = network === undefined ? undefined : who(act);
  return network === undefined || by === undefined ? undefined : joined(by, network);
};

export const auditLogStopped = defineCheck({
  id,
  title: 'The record of who does what was switched off',
  why: 'Nobody who works honestly gains anything from stopping, deleting or narrowing the audit log. Thieves do it before they begin, and alarms that live on the log fall silent with it.',
  severity:
    'Critical when it was done; medium when it was tried and denied (low when it failed for another reason), when the record does not tell whether anything was lost, and when somebody known here for a week from that network started another log within ten minutes before.',
  falseAlarms: [
    'A trail is replaced by another more than ten minutes after the new one, or by somebody new.',
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
    started: {
      kind: 'recent',
      key: (o) => ((o.kind === 'guard.weakened' || o.kind === 'guard.started') && o.guard === 'audit log' ? who(o) : undefined),
      minutes: 10,
      most: 20,
    },
    known: { kind: 'seen', key: from, days: 120 },
  },
  params: z.object({
    knownDays: z
      .number()
      .int()
      .positive()
      .default(7)
      .describe('Whoever replaces a log has to be known for so many days from that network.'),
  }),
  evaluate(now, { started, known }, { knownDays }) {
    if (now.kind !== 'guard.weakened' || now.guard !== 'audit log') return [];
    const isDone = now.outcome === undefined;
    const isKnown = known.first !== undefined && Date.parse(now.at) - Date.parse(known.first) >= knownDays * 86_400_000;
    const isReplaced = isKnown && !now.perhaps && started.some((one) => one.kind === 'guard.started' && one.resource !== now.resource);
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
