import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { networkName } from '../networks.ts';
import type { Of } from '../observation.ts';
import { cutOff, finding, hand, suspects, whileLearning } from '../suspects.ts';
import { acceleratorOf } from './machines.ts';

const id = 'compute/refused-probes';

type Watched = Of<'compute.refused'> | Of<'identity.linked'>;
/** The same principal, refused for the same reason, from the same network; for GPUs, of the same family. */
const habit = (refused: Watched): string | undefined => {
  if (refused.kind !== 'compute.refused' || !refused.actor || refused.why === 'capacity') return undefined;
  const from = networkName(refused);
  const family = acceleratorOf(refused) ? ` ${refused.shape?.family ?? refused.shape?.type}` : '';
  return from === undefined ? undefined : `${refused.actor.subject} ${refused.why} ${from}${family}`;
};
/** What one attempt was about: the size where it is told, else the kind of thing. */
const wanted = ({ shape, what, service }: Of<'compute.refused'>): string => shape?.type ?? `${service ?? ''} ${what}`;

export const refusedProbes = defineCheck({
  id,
  title: 'Somebody is trying out what machines can be started here',
  why: 'Before the bill begins, a thief tries the door: dry runs, sizes the quota does not allow, regions that are closed. Several refusals from one hand within minutes come before any cost.',
  severity:
    'Medium; high over two regions, or for three sizes of machines unless they were only dry runs or somebody at the console and not about GPUs. Low for dry runs in one region by a role that was made within three days by somebody nothing else was found about: a new cluster tries launches so. While the account is being learnt low, unless it is over three regions or about GPUs. Nothing for whoever has been refused so, from that network, on three days before, as long as it stays below three regions.',
  falseAlarms: [
    'Cluster autoscalers that try launches with a dry run first, in their first days, when nobody saw their role being made.',
    'A deployment whose role lacks a right and which tries again.',
    'A quota that is really too small.',
  ],
  misses: [
    'A thief who succeeds at once, or tries twice and waits.',
    'Refusals for want of capacity do not count: they happen to everybody.',
    'A thief who acts as a cluster autoscaler, from its network, and tries what it tries.',
  ],
  tactic: 'Discovery (TA0007): Cloud Infrastructure Discovery (T1580)',
  references: [
    'MITRE ATT&CK, T1580',
    'AWS Security Blog, cryptomining campaign of November 2025 (dry runs)',
    'Karpenter, validation by dry run',
  ],
  maturity: 'stable',
  watches: ['compute.refused', 'identity.linked'],
  judges: ['compute.refused'],
  nature: 'event',
  remembers: {
    refused: {
      kind: 'recent',
      key: (o) => (o.kind !== 'compute.refused' || o.why === 'capacity' ? undefined : hand(o)),
      minutes: 10,
      most: 100,
    },
    habits: { kind: 'seen', key: habit, days: 60 },
    // More than nothing where the role was made lately, by somebody about whom nothing was found: the rest is not learnt.
    made: {
      kind: 'most',
      key: (o) => (o.kind === 'compute.refused' ? o.actor?.subject : o.how === 'created' ? o.from : undefined),
      value: ({ kind }) => (kind === 'identity.linked' ? 1 : 0),
      days: 3,
    },
  },
  params: z.object({
    refusals: z.number().int().min(2).default(3).describe('So many refusals within 10 minutes.'),
    regions: z.number().int().min(2).default(2).describe('High from so many regions.'),
    types: z.number().int().min(2).default(3).describe('High from so many sizes of machines.'),
    habitDays: z.number().int().positive().default(3).describe('From so many days on it is taken for a habit.'),
  }),
  evaluate(now, { refused, habits, made }, params) {
    if (now.kind !== 'compute.refused' || now.why === 'capacity') return [];
    const tries = refused as readonly Of<'compute.refused'>[];
    const areProbes = (some: typeof tries): boolean => new Set(some.map((one) => one.deed ?? one.id)).size >= params.refusals;
    const regions = new Set(tries.map(({ place }) => place.region));
    if (!areProbes(tries) || (habits.days >= params.habitDays && regions.size < 3)) return [];
    const isGpu = tries.some((one) => acceleratorOf(one) === 'gpu');
    const areDryRuns = tries.every(({ why }) => why === 'dry run');
    // The console tries each launch out as well; who claims to be it is not spared, only taken for one who picks sizes from a list.
    const isPicking = tries.every(
      ({ program, why, actor }) => program === 'console' && why !== 'not allowed' && actor?.kind !== 'workload',
    );
    const isWide = regions.size >= params.regions;
    const isBroad = new Set(tries.map(wanted)).size >= params.types && (isGpu || !(areDryRuns || isPicking));
    const isNewCluster = areDryRuns && !isWide && !isGpu && made.value > 0;
    const severity = isWide || isBroad ? 'high' : isNewCluster ? 'low' : 'medium';
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity: regions.size >= 3 || isGpu ? severity : whileLearning(habits.learning, severity),
          title: 'Somebody is trying out what machines can be started here',
          about: suspects(now),
          facts: {
            Refused: [...new Set(tries.map(({ why }) => why))].sort().join(', '),
            Regions: [...regions].sort().slice(0, 20).join(', '),
            Tried: [...new Set(tries.map(wanted))].sort().slice(0, 10).join(', '),
          },
          remedies: cutOff(now),
          learning: habits.learning,
        },
        // Those before it have spoken when they were probes already.
        areProbes(tries.slice(0, -1)) ? [now] : tries,
      ),
    ];
  },
});
