import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { networkName } from '../networks.ts';
import type { Of } from '../observation.ts';
import { cutOff, finding, hand, suspects, whileLearning } from '../suspects.ts';
import { acceleratorOf } from './machines.ts';

const id = 'compute/refused-probes';

/** The same principal, refused for the same reason, in the same region, from the same network. GPU machines are nobody's habit. */
const habit = (refused: Of<'compute.refused'>): string | undefined => {
  const from = networkName(refused);
  if (!refused.actor || from === undefined || refused.why === 'capacity' || acceleratorOf(refused) === 'gpu') return undefined;
  return `${refused.actor.subject} ${refused.why} ${refused.place.region} ${from}`;
};

export const refusedProbes = defineCheck({
  id,
  title: 'Somebody is trying out what machines can be started here',
  why: 'Before the bill begins, a thief tries the door: dry runs, sizes the quota does not allow, regions that are closed. Several refusals from one hand within minutes come before any cost.',
  severity:
    'Medium; high over two regions or three sizes of machines. While the account is being learnt low, unless it is over three regions or about GPUs. Nothing for whoever has been refused so, there and from that network, on three days before.',
  falseAlarms: [
    'Cluster autoscalers that try launches with a dry run first, in their first days.',
    'A deployment whose role lacks a right and which tries again.',
    'A quota that is really too small.',
  ],
  misses: ['A thief who succeeds at once.', 'Refusals for want of capacity do not count: they happen to everybody.'],
  tactic: 'Discovery (TA0007): Cloud Infrastructure Discovery (T1580)',
  references: [
    'MITRE ATT&CK, T1580',
    'AWS Security Blog, cryptomining campaign of November 2025 (dry runs)',
    'Karpenter, validation by dry run',
  ],
  maturity: 'trial',
  watches: ['compute.refused'],
  nature: 'event',
  remembers: {
    refused: { kind: 'recent', key: (o) => (o.why === 'capacity' ? undefined : hand(o)), minutes: 10, most: 100 },
    habits: { kind: 'seen', key: habit, days: 60 },
  },
  params: z.object({
    refusals: z.number().int().min(2).default(3).describe('So many refusals within 10 minutes.'),
    regions: z.number().int().min(2).default(2).describe('High from so many regions.'),
    types: z.number().int().min(2).default(3).describe('High from so many sizes of machines.'),
    habitDays: z.number().int().positive().default(3).describe('From so many days on it is taken for a habit.'),
  }),
  evaluate(now, { refused, habits }, params) {
    if (now.why === 'capacity' || habits.days >= params.habitDays) return [];
    const areProbes = (some: typeof refused): boolean => new Set(some.map((one) => one.deed ?? one.id)).size >= params.refusals;
    if (!areProbes(refused)) return [];
    const regions = new Set(refused.map(({ place }) => place.region));
    const types = new Set(refused.flatMap(({ shape }) => shape?.type ?? []));
    const isAbsolute = regions.size >= 3 || refused.some((one) => acceleratorOf(one) === 'gpu');
    const severity = regions.size >= params.regions || types.size >= params.types ? 'high' : 'medium';
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity: isAbsolute ? severity : whileLearning(habits.learning, severity),
          title: 'Somebody is trying out what machines can be started here',
          about: suspects(now),
          facts: {
            Refused: [...new Set(refused.map(({ why }) => why))].sort().join(', '),
            Regions: [...regions].sort().slice(0, 20).join(', '),
          },
          remedies: cutOff(now),
          learning: habits.learning,
        },
        // Those before it have spoken when they were probes already.
        areProbes(refused.slice(0, -1)) ? [now] : refused,
      ),
    ];
  },
});
