import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Of } from '../observation.ts';
import { account, cutOff, finding, stop, suspects, whileLearning } from '../suspects.ts';
import type { Start } from './machines.ts';
import { acceleratorOf, isStart, machineFacts, machinesOf, priceOf, thingsOf } from './machines.ts';

const id = 'compute/new-accelerator-family';
type Wanted = Start | Of<'compute.refused'>;
const familyOf = ({ shape }: Wanted): string => shape?.family ?? shape?.type ?? 'unknown';
/** A refusal for want of capacity happens to everybody; any other is an attempt. What was refused is never learnt: it is a finding itself. */
const isAttempt = (wanted: Wanted): boolean =>
  wanted.kind === 'compute.refused' && wanted.why !== 'capacity' && acceleratorOf(wanted) === 'gpu';
const key = (wanted: Wanted): string | undefined =>
  isAttempt(wanted) || (isStart(wanted) && acceleratorOf(wanted)) ? `${account(wanted.place.scope)}/${familyOf(wanted)}` : undefined;

export const newAcceleratorFamily = defineCheck({
  id,
  title: 'A kind of GPU or accelerator machine that you have never used is being started',
  why: 'GPU machines are the dearest and the best at mining, and most accounts have none. A family of them that appears for the first time is either a project somebody can tell you about or somebody else’s.',
  severity:
    'High for GPUs, also while the account is being learnt. Medium for chips that only train and run models (low while learning), and for GPUs that were asked for and refused.',
  falseAlarms: ['The first day of a machine-learning project.', 'A newer generation of a family you use: it counts as new once.'],
  misses: [
    'Mining on ordinary processors.',
    'Services whose records do not tell the kind of machine.',
    'GPU machines of a family you already use: see the jump in vCPUs and the launch burst.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: [
    'MITRE ATT&CK, T1496.001',
    'Stratus Red Team, unusual EC2 instances',
    'AWS EC2 documentation, accelerated computing families',
  ],
  maturity: 'stable',
  watches: ['compute.asked', 'compute.seen', 'launcher.changed', 'compute.refused'],
  nature: 'event',
  remembers: { families: { kind: 'seen', key, days: 3650 } },
  params: z.object({}),
  evaluate(now, { families }) {
    const accelerator = acceleratorOf(now);
    if (!accelerator || families.known) return [];
    if (now.kind === 'compute.refused') {
      if (!isAttempt(now)) return [];
      return [
        finding(id, now, {
          key: `${account(now.place.scope)}/${familyOf(now)}/tried`,
          severity: 'medium',
          title: 'Somebody tried to start GPU machines of a kind you have never used',
          facts: { Region: now.place.region, Machines: now.shape?.type ?? familyOf(now), Refused: now.why },
          learning: families.learning,
        }),
      ];
    }
    if (!isStart(now)) return [];
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
        about: [...thingsOf(now), ...suspects(now)],
        usdPerHour: priceOf(now),
        facts: { ...machineFacts(now), Family: familyOf(now), ...(isGpu ? {} : { Use: 'cost abuse: these chips do not mine' }) },
        remedies: [...stop(machines, now.place.scope), ...cutOff(now)],
        learning: families.learning,
      }),
    ];
  },
});
