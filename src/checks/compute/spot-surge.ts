import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, cutOff, finding, stop, suspects, whileLearning } from '../suspects.ts';
import type { Start } from './machines.ts';
import { acceleratorOf, countOf, isStart, machineFacts, machinesOf, priceOf, thingsOf, vcpusStarted } from './machines.ts';

const id = 'compute/spot-surge';
const ofSpot = (seen: Observation): string | undefined =>
  isStart(seen) && seen.shape?.spot === true ? account(seen.place.scope) : undefined;

/** A machine both log and inventory tell of counts once. */
function machinesStarted(starts: readonly Start[]): number {
  const named = new Set(starts.flatMap(machinesOf)).size;
  return Math.max(
    named,
    starts.reduce((sum, start) => sum + countOf(start) - machinesOf(start).length, 0),
  );
}

export const spotSurge = defineCheck({
  id,
  title: 'Far more cut-price machines are being started than ever',
  why: 'Machines from spare capacity cost a thief’s victim less an hour, but have limits of their own: where ordinary machines are refused, these often start. Most small accounts never use them.',
  severity:
    'High from more than five within an hour that are also three times the greatest hour before, and for the first ever with a GPU or from 32 vCPUs. Medium for the first ever otherwise. Low while the account is being learnt, unless it is a GPU or from 64 vCPUs.',
  falseAlarms: ['The first day with machines from spare capacity.', 'A build or render farm that grows.'],
  misses: ['Services that do not say how their machines are bought.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'Joe Moreno, the $5,000 security breach, 2014 (spot in four far regions)'],
  maturity: 'stable',
  watches: ['compute.asked', 'compute.seen', 'launcher.changed'],
  nature: 'event',
  remembers: {
    ever: { kind: 'seen', key: ofSpot, days: 400 },
    lately: { kind: 'recent', key: ofSpot, minutes: 60, most: 200 },
    biggest: {
      kind: 'most',
      key: ofSpot,
      value: (_, { lately }) => machinesStarted((lately ?? []) as Start[]),
      days: 60,
      after: 60,
    },
  },
  params: z.object({
    moreThan: z.number().int().positive().default(5).describe('So many within an hour are never a surge.'),
    times: z.number().positive().default(3).describe('A surge from so many times the greatest hour before.'),
  }),
  evaluate(now, { ever, lately, biggest }, { moreThan, times }) {
    if (ofSpot(now) === undefined || !isStart(now)) return [];
    const starts = lately as readonly Start[];
    const count = machinesStarted(starts);
    const vcpus = vcpusStarted(starts);
    const isGpu = acceleratorOf(now) === 'gpu';
    const isSurge = count > moreThan && count > times * biggest.value;
    if (!isSurge && ever.known) return [];
    const full: Severity = isSurge || isGpu || vcpus >= 32 ? 'high' : 'medium';
    return [
      finding(
        id,
        now,
        {
          key: account(now.place.scope),
          severity: isGpu || vcpus >= 64 ? full : whileLearning(ever.learning, full),
          title: isSurge
            ? 'Far more cut-price machines are being started than ever'
            : 'Cut-price machines are being started for the first time',
          about: [...starts.flatMap(thingsOf), ...suspects(now)],
          usdPerHour: Object.assign({}, ...starts.map(priceOf)),
          facts: {
            ...machineFacts(now),
            'Started within an hour': `${count}`,
            'Most before': biggest.value > 0 ? `${biggest.value} within an hour` : 'none known',
          },
          remedies: [...stop([...new Set(starts.flatMap(machinesOf))], now.place.scope), ...cutOff(now)],
          learning: ever.learning,
        },
        starts,
      ),
    ];
  },
});
