import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { cutOff, finding, hand, suspects } from '../suspects.ts';

const id = 'compute/refused-probes';

export const refusedProbes = defineCheck({
  id,
  title: 'Somebody is trying out what machines can be started here',
  why: 'Before the bill begins, a thief tries the door: dry runs, sizes the quota does not allow, regions that are closed. Several refusals from one hand within minutes come before any cost.',
  severity: 'Medium; high over two regions or three sizes of machines.',
  falseAlarms: [
    'Cluster autoscalers that try launches with a dry run first.',
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
  remembers: { refused: { kind: 'recent', key: (o) => (o.why === 'capacity' ? undefined : hand(o)), minutes: 10, most: 100 } },
  params: z.object({
    refusals: z.number().int().min(2).default(3).describe('So many refusals within 10 minutes.'),
    regions: z.number().int().min(2).default(2).describe('High from so many regions.'),
    types: z.number().int().min(2).default(3).describe('High from so many sizes of machines.'),
  }),
  evaluate(now, { refused }, params) {
    const areProbes = (some: typeof refused): boolean => new Set(some.map((one) => one.deed ?? one.id)).size >= params.refusals;
    if (!areProbes(refused)) return [];
    const regions = new Set(refused.map(({ place }) => place.region));
    const types = new Set(refused.flatMap(({ shape }) => shape?.type ?? []));
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity: regions.size >= params.regions || types.size >= params.types ? 'high' : 'medium',
          title: 'Somebody is trying out what machines can be started here',
          about: suspects(now),
          facts: {
            Refused: [...new Set(refused.map(({ why }) => why))].sort().join(', '),
            Regions: [...regions].sort().slice(0, 20).join(', '),
          },
          remedies: cutOff(now),
        },
        // Those before it have spoken when they were probes already.
        areProbes(refused.slice(0, -1)) ? [now] : refused,
      ),
    ];
  },
});
