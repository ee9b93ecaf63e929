import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects } from '../suspects.ts';
import { acceleratorOf, machineFacts, machinesOf, priceOf, vcpusOf } from './machines.ts';

const id = 'compute/never-used-region';

export const neverUsedRegion = defineCheck({
  id,
  title: 'Machines are being started in a region you have never used',
  why: 'Whoever mines on a stolen account spreads over regions: each has its own quota, and owners look only where they work. The first machine in a region without any history is often the first thing that can be seen.',
  severity:
    'High; critical with a GPU or from 32 vCPUs in one launch. While the account is being learnt low, unless it is a GPU or from 64 vCPUs.',
  falseAlarms: [
    'A planned move into a new region. Say beforehand that it is expected, or answer the first card so.',
    'A region used last before the memory reaches back, for example a yearly restore drill.',
  ],
  misses: [
    'Mining in regions you already use: see the jump in vCPUs and the new accelerator family.',
    'Compute other than virtual machines.',
  ],
  tactic: 'Defense Evasion (TA0005): Unused/Unsupported Cloud Regions (T1535)',
  references: ['MITRE ATT&CK, T1535', 'AWS Security Blog, cryptomining campaign of November 2025', 'Unit 42, EleKtra-Leak, 2023'],
  maturity: 'stable',
  watches: ['compute.asked', 'compute.seen'],
  nature: 'event',
  remembers: { regions: { kind: 'seen', key: spot, days: 3650 } },
  params: z.object({
    criticalFromVcpus: z
      .number()
      .int()
      .positive()
      .default(32)
      .describe('From so many vCPUs in one launch it is critical; a GPU always is.'),
    absoluteFromVcpus: z
      .number()
      .int()
      .positive()
      .default(64)
      .describe('From so many vCPUs it keeps its severity although the account is still being learnt.'),
  }),
  evaluate(now, { regions }, { criticalFromVcpus, absoluteFromVcpus }) {
    if (regions.known) return [];
    const isGpu = acceleratorOf(now) === 'gpu';
    const vcpus = vcpusOf(now);
    const isAbsolute = isGpu || vcpus >= absoluteFromVcpus;
    const full: Severity = isGpu || vcpus >= criticalFromVcpus ? 'critical' : 'high';
    const machines = machinesOf(now);
    return [
      finding(id, now, {
        key: spot(now),
        severity: regions.learning && !isAbsolute ? 'low' : full,
        title: isGpu
          ? 'GPU machines are being started in a region you have never used'
          : 'Machines are being started in a region you have never used',
        about: [...machines, ...suspects(now)],
        usdPerHour: priceOf(now),
        facts: machineFacts(now),
        remedies: [...stop(machines, now.place.scope), ...cutOff(now)],
        learning: regions.learning,
      }),
    ];
  },
});
