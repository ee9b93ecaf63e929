import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Of } from '../observation.ts';
import { account, cutOff, finding, spot, suspects } from '../suspects.ts';
import { isStart } from './machines.ts';

const id = 'compute/launcher-grown';

/** How much it can start, in ordinary machines: a large one counts for several, tiny containers by their share. */
function sizeOf({ most, shape }: Of<'launcher.changed'>): number {
  const vcpus = shape?.vcpus;
  if (vcpus === undefined) return most;
  return vcpus < 2 ? (most * vcpus) / 2 : Math.max(most, (most * vcpus) / 4);
}

export const launcherGrown = defineCheck({
  id,
  title: 'Something that starts machines by itself was made far bigger than you ever had it',
  why: 'A scaling group with a high limit starts machines for the thief, and starts them again when they are stopped. It can be seen before the first machine runs, and it has to be held before machines are stopped.',
  severity:
    'High, also while the account is being learnt. Medium for what only limits how often one function or job may run at once, from a hundred. A large machine counts for several, by its vCPUs; a tiny container for a part of one.',
  falseAlarms: ['A new service that scales.', 'A limit raised before a launch day.'],
  misses: ['Launchers below twenty machines of four vCPUs.', 'A launcher that grows step by step, each below five times the one before.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'AWS Security Blog, cryptomining campaign of November 2025 (scaling groups from 20 to 999)'],
  maturity: 'stable',
  watches: ['launcher.changed', 'compute.asked', 'compute.seen', 'workload.defined'],
  judges: ['launcher.changed'],
  nature: 'event',
  remembers: {
    biggest: {
      kind: 'most',
      key: (o) => (o.kind === 'launcher.changed' && !o.outcome ? `${account(o.place.scope)} ${o.service ?? ''}` : undefined),
      value: (o) => (o.kind === 'launcher.changed' ? sizeOf(o) : 0),
      days: 90,
    },
    regions: { kind: 'seen', key: (o) => (isStart(o) ? spot(o) : undefined), days: 3650 },
    /** More than nothing where the thing is itself something that is run, such as a function with a limit of its own. */
    workloads: {
      kind: 'most',
      key: (o) => (o.kind === 'workload.defined' || o.kind === 'launcher.changed' ? o.resource : undefined),
      value: ({ kind }) => (kind === 'workload.defined' ? 1 : 0),
      days: 400,
    },
  },
  params: z.object({
    from: z
      .number()
      .int()
      .positive()
      .default(20)
      .describe('Launchers that can start fewer ordinary machines (of four vCPUs) are never reported.'),
    ceilingFrom: z.number().int().positive().default(100).describe('The same for limits that start nothing themselves.'),
    times: z.number().positive().default(5).describe('High from so many times the biggest launcher of the account before.'),
  }),
  evaluate(now, { biggest, regions, workloads }, { from, ceilingFrom, times }) {
    if (now.kind !== 'launcher.changed' || now.outcome) return [];
    const size = sizeOf(now);
    if (size < (now.ceiling ? ceilingFrom : from)) return [];
    const isGrown = size >= times * biggest.value;
    if (!isGrown && (regions.known || now.ceiling)) return [];
    const unit = now.service === undefined ? 'machines' : 'at once';
    const isWorkload = workloads.value > 0;
    return [
      finding(id, now, {
        key: spot(now),
        severity: isWorkload || now.ceiling ? 'medium' : 'high',
        title: isGrown
          ? 'Something that starts machines by itself was made far bigger than you ever had it'
          : 'Something that starts machines by itself was set up in a region you have never used',
        about: [now.resource, ...suspects(now)],
        facts: {
          Region: now.place.region,
          'Up to': `${now.most} ${unit}`,
          ...(now.shape ? { Machines: now.shape.type } : {}),
          ...(now.service ? { Service: now.service } : {}),
          'Biggest before': biggest.value > 0 ? `${Math.round(biggest.value)} ${unit}` : 'none known',
        },
        remedies: cutOff(now),
        learning: biggest.learning,
      }),
    ];
  },
});
