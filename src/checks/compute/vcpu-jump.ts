import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects } from '../suspects.ts';
import type { Launch } from './machines.ts';
import { machineFacts, machinesOf, priceOf, vcpusStarted } from './machines.ts';

const id = 'compute/vcpu-jump';

export const vcpuJump = defineCheck({
  id,
  title: 'Far more computing power than ever is being started at once',
  why: 'Mining on ordinary machines in a region you use differs from your work in one thing: how much is started at once. The vCPUs started within half an hour are held against the greatest half hour before.',
  falseAlarms: ['A load test, or the first scaling out of a new service.', 'A cluster that is rebuilt as a whole.'],
  misses: [
    'Whoever starts few machines at a time over many hours; the bill shows it a day later.',
    'Machines whose size the log does not tell, until the inventory sees them.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: [
    'MITRE ATT&CK, T1496.001',
    'Sysdig, cloud threat report 2025 (launch rates)',
    'Splunk Security Content, abnormally high number of instances launched',
  ],
  maturity: 'stable',
  watches: ['compute.asked', 'compute.seen'],
  nature: 'event',
  remembers: {
    started: { kind: 'recent', key: spot, minutes: 30, most: 500 },
    biggest: { kind: 'most', key: spot, value: (_, { started }) => vcpusStarted((started ?? []) as Launch[]), days: 60, after: 30 },
  },
  params: z.object({
    highFromVcpus: z.number().int().positive().default(64).describe('Fewer vCPUs within half an hour are never high.'),
    highTimes: z.number().positive().default(4).describe('High from so many times the greatest half hour before.'),
    mediumFromVcpus: z.number().int().positive().default(32).describe('Fewer vCPUs within half an hour are never medium.'),
    mediumTimes: z.number().positive().default(2).describe('Medium from so many times the greatest half hour before.'),
  }),
  evaluate(now, { started, biggest }, { highFromVcpus, highTimes, mediumFromVcpus, mediumTimes }) {
    const vcpus = vcpusStarted(started);
    let severity: Severity;
    if (vcpus >= highFromVcpus && vcpus >= highTimes * biggest.value) severity = 'high';
    else if (vcpus >= mediumFromVcpus && vcpus >= mediumTimes * biggest.value) severity = biggest.learning ? 'low' : 'medium';
    else return [];
    const machines = [...new Set(started.flatMap(machinesOf))];
    return [
      finding(
        id,
        now,
        {
          key: spot(now),
          severity,
          title: 'Far more computing power than ever is being started at once',
          about: [...machines, ...started.flatMap(suspects)],
          usdPerHour: Object.assign({}, ...started.map(priceOf)),
          facts: {
            ...machineFacts(now),
            'Started in 30 minutes': `${vcpus} vCPUs`,
            'Most before': biggest.value > 0 ? `${biggest.value} vCPUs in 30 minutes` : 'none known',
          },
          remedies: [...stop(machines, now.place.scope), ...started.flatMap(cutOff)],
          learning: biggest.learning,
        },
        started,
      ),
    ];
  },
});
