import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, handiwork, isByKey, isSince, knownDays, networksOfWork, who } from '../habits.ts';
import { isOutside, isRented, networkName } from '../networks.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, cutOff, finding, stop, suspects, whileLearning } from '../suspects.ts';
import { isStart, machineFacts, machinesOf, priceOf, thingsOf } from './machines.ts';

const id = 'compute/started-from-afar';

const principal = ({ place }: Observation, subject: string): string => `${account(place.scope)} ${subject}`;

export const startedFromAfar = defineCheck({
  id,
  title: 'Machines are started from a network nobody here has worked from',
  why: 'Who starts one small machine a day stays below every number, and a key that never did more than read has no habits to break. Where the calls come from still tells: hardly ever does the first work from another hosting network begin with machines.',
  severity:
    'High with a long-term key from anywhere but a home network. Medium for somebody signed in from such a network, for a role taken on from a hosting network, and for a user made within a month about whose maker nothing was found. Nothing from a home network. Low while the account is being learnt.',
  falseAlarms: ['The pipeline moves to another provider.', 'Somebody works through a new VPN.'],
  misses: [
    'A thief in a network from which somebody here has worked for a week.',
    'Whoever starts machines from a home network: see the key’s own networks.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'MITRE ATT&CK, T1078.004', 'Unit 42, EleKtra-Leak, 2023 (keys used from rented servers)'],
  maturity: 'stable',
  watches: handiwork,
  judges: ['compute.asked', 'launcher.changed'],
  nature: 'event',
  remembers: {
    networks: networksOfWork,
    /** 1 where somebody was made about whose maker nothing is found. */
    made: {
      kind: 'most',
      key: (act) =>
        act.kind === 'identity.created'
          ? principal(act, act.subject)
          : act.actor && isStart(act)
            ? principal(act, act.actor.subject)
            : undefined,
      value: (act) => (act.kind === 'identity.created' && act.outcome === undefined ? 1 : 0),
      days: 30,
    },
  },
  params: z.object({ knownDays }),
  evaluate(now, { networks, made }, { knownDays }) {
    if (!isStart(now) || who(now) === undefined) return [];
    if (!isRented(now.network) && !isOutside(now.network)) return [];
    if (isSince(now, networks, knownDays)) return [];
    const full = severityOf(now, made.value > 0);
    if (full === undefined) return [];
    return [
      finding(id, now, {
        key: `${who(now)}/${networkName(now)}`,
        severity: whileLearning(networks.learning, full),
        title: 'Machines are started from a network nobody here has worked from',
        about: [...thingsOf(now), ...suspects(now)],
        usdPerHour: priceOf(now),
        facts: { ...machineFacts(now), ...from(now) },
        remedies: [...stop(machinesOf(now), now.place.scope), ...cutOff(now)],
        learning: networks.learning,
      }),
    ];
  },
});

/** Undefined: what people do at home, and what machines do for themselves. */
function severityOf(now: Observation, isMade: boolean): Severity | undefined {
  const kind = now.actor?.kind;
  if (kind === 'workload' || kind === 'robot') return now.network?.kind === 'hosting' ? 'medium' : undefined;
  if (kind === undefined || now.network?.kind === 'home') return undefined;
  return isByKey(now) && !isMade ? 'high' : 'medium';
}
