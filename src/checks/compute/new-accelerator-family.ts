import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { account, cutOff, finding, stop, suspects, whileLearning } from '../suspects.ts';
import type { Launch } from './machines.ts';
import { acceleratorOf, machineFacts, machinesOf, priceOf } from './machines.ts';

const id = 'compute/new-accelerator-family';
const familyOf = (launch: Launch): string => launch.shape?.family ?? launch.shape?.type ?? 'unknown';
const key = (launch: Launch): string | undefined =>
  acceleratorOf(launch) ? `${account(launch.place.scope)}/${familyOf(launch)}` : undefined;

export const newAcceleratorFamily = defineCheck({
  id,
  title: 'A kind of GPU or accelerator machine that you have never used is being started',
  why: 'GPU machines are the dearest and the best at mining, and most accounts have none. A family of them that appears for the first time is either a project somebody can tell you about or somebody else’s.',
  falseAlarms: ['The first day of a machine-learning project.', 'A newer generation of a family you use: it counts as new once.'],
  misses: ['Mining on ordinary processors.', 'GPU machines of a family you already use: see the jump in vCPUs and the launch burst.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: [
    'MITRE ATT&CK, T1496.001',
    'Stratus Red Team, unusual EC2 instances',
    'AWS EC2 documentation, accelerated computing families',
  ],
  maturity: 'stable',
  watches: ['compute.asked', 'compute.seen'],
  nature: 'event',
  remembers: { families: { kind: 'seen', key, days: 90 } },
  params: z.object({}),
  evaluate(now, { families }) {
    const accelerator = acceleratorOf(now);
    if (!accelerator || families.known) return [];
    const machines = machinesOf(now);
    // Chips that only run models do not mine, but they are as dear and as popular with thieves of computing time.
    const isGpu = accelerator === 'gpu';
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${familyOf(now)}`,
        severity: isGpu ? 'high' : whileLearning(families.learning, 'medium'),
        title: isGpu
          ? 'GPU machines of a kind you have never used are being started'
          : 'Accelerator machines of a kind you have never used are being started',
        about: [...machines, ...suspects(now)],
        usdPerHour: priceOf(now),
        facts: { ...machineFacts(now), Family: familyOf(now), ...(isGpu ? {} : { Use: 'cost abuse: these chips do not mine' }) },
        remedies: [...stop(machines, now.place.scope), ...cutOff(now)],
        learning: families.learning,
      }),
    ];
  },
});
