import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, graded, isKnown, knownDays, tried, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isService } from '../networks.ts';
import type { Of } from '../observation.ts';
import { cutOff, finding, suspects } from '../suspects.ts';

const id = 'evasion/threat-detector-weakened';
type Guard = Of<'guard.weakened'>['guard'];
const watched: ReadonlySet<Guard> = new Set<Guard>([
  'threat detector',
  'configuration recorder',
  'network log',
  'firewall',
  'sign-in rules',
]);

/** What is switched off with the network it belongs to, or fitted to new habits, honestly and often. */
const isMild = (guard: Guard): boolean => guard === 'network log' || guard === 'firewall' || guard === 'sign-in rules';

export const threatDetectorWeakened = defineCheck({
  id,
  title: 'A guard that looks for attacks was put to sleep',
  why: 'What the provider’s own detectors and recorders would say, they no longer say. Thieves switch them off, or tell them what to overlook, before the noise begins.',
  severity:
    'High, also while the account is being learnt; medium from a person known here for a week from a network of their own and with that program, and where the record does not tell whether anything was lost (low while learning by way of a service of the provider). A log of network traffic, a firewall and the rules of signing in: medium, low from somebody known. Medium for an attempt that was refused.',
  falseAlarms: ['Somebody new to it saves money by switching a detector off.', 'An environment is taken down, guards and all.'],
  misses: ['A detector that was never on.', 'Exceptions that were always too wide.'],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Disable or Modify Tools (T1562.001)',
  references: [
    'MITRE ATT&CK, T1562.001 and T1562.008',
    'Sigma, AWS GuardDuty disruption',
    'Stratus Red Team, remove VPC flow logs; delete DNS query logs',
  ],
  maturity: 'stable',
  watches: deeds,
  judges: ['guard.weakened'],
  nature: 'event',
  // No habit of weakening guards makes a robot, or somebody on a rented machine, known for it.
  remembers: { ...usual, milder: doing((act) => act.kind === 'guard.weakened' && isMild(act.guard)) },
  params: z.object({ knownDays }),
  evaluate(now, { milder, ...seen }, { knownDays }) {
    if (now.kind !== 'guard.weakened' || !watched.has(now.guard)) return [];
    const mild = isMild(now.guard);
    const loudness = mild
      ? ({ stranger: 'medium', known: 'low', learning: 'medium' } as const)
      : now.perhaps
        ? ({ stranger: 'medium', known: 'medium', learning: isService(now.network) ? 'low' : 'medium' } as const)
        : ({ stranger: 'high', known: 'medium', learning: 'high' } as const);
    const known = isKnown(now, mild ? { ...seen, work: milder } : seen, knownDays);
    return [
      finding(id, now, {
        key: `${now.resource}${now.perhaps ? '/perhaps' : ''}${tried(now)}`,
        severity: graded(now, loudness, { known, learning: seen.hands.learning }),
        title: now.outcome
          ? 'Somebody tried to put a guard to sleep that looks for attacks'
          : now.perhaps
            ? 'What a guard looks for was changed'
            : 'A guard that looks for attacks was put to sleep',
        about: [now.resource, ...suspects(now)],
        facts: { Guard: now.guard, What: now.how, Region: now.place.region, ...from(now) },
        remedies: cutOff(now),
      }),
    ];
  },
});
