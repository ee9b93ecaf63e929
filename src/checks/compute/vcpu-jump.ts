import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation, Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects, whileLearning } from '../suspects.ts';
import type { Launch } from './machines.ts';
import { isLaunch, isRestart, machineFacts, machinesOf, priceOf, vcpusStarted } from './machines.ts';
import { isWithinLimits, launcherKinds, launcherMemories } from './scaling.ts';

const id = 'compute/vcpu-jump';
const isNewLaunch = (seen: Observation): seen is Launch => isLaunch(seen) && !isRestart(seen);

export const vcpuJump = defineCheck({
  id,
  title: 'Far more computing power than ever is being started at once',
  why: 'Mining on ordinary machines, containers or jobs in a region you use differs from your work in one thing: how much is started at once. The vCPUs started within half an hour are held against the greatest half hour before.',
  severity:
    'High from 64 vCPUs within half an hour that are also four times the greatest half hour before; medium from 32 and twice (low while the account is being learnt), and at most for what a launcher started that nobody has changed for a week.',
  falseAlarms: ['A load test, or the first scaling out of a new service.', 'A cluster that is rebuilt as a whole.'],
  misses: [
    'Whoever starts few machines at a time over many hours; the bill shows it a day later.',
    'Machines whose size the log does not tell, until the inventory sees them.',
    'Stopped machines that are started again: they were here before.',
    'What is started by more than 250 separate calls within half an hour counts with the last 250.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: [
    'MITRE ATT&CK, T1496.001',
    'Sysdig, cloud threat report 2025 (launch rates)',
    'Splunk Security Content, abnormally high number of instances launched',
  ],
  maturity: 'stable',
  watches: ['compute.asked', 'compute.seen', ...launcherKinds],
  judges: ['compute.asked', 'compute.seen'],
  nature: 'event',
  remembers: {
    started: { kind: 'recent', key: (o) => (isNewLaunch(o) ? spot(o) : undefined), minutes: 30, most: 250 },
    biggest: {
      kind: 'most',
      key: (o) => (isNewLaunch(o) ? spot(o) : undefined),
      value: (_, { started }) => vcpusStarted((started ?? []) as Launch[]),
      days: 60,
      after: 30,
    },
    ...launcherMemories,
  },
  params: z.object({
    highFromVcpus: z.number().int().positive().default(64).describe('Fewer vCPUs within half an hour are never high.'),
    highTimes: z.number().positive().default(4).describe('High from so many times the greatest half hour before.'),
    mediumFromVcpus: z.number().int().positive().default(32).describe('Fewer vCPUs within half an hour are never medium.'),
    mediumTimes: z.number().positive().default(2).describe('Medium from so many times the greatest half hour before.'),
  }),
  evaluate(now, { started: all, biggest, ...scaling }, { highFromVcpus, highTimes, mediumFromVcpus, mediumTimes }) {
    if (!isNewLaunch(now)) return [];
    const started = all as readonly Launch[];
    // A provider's service started them for a launcher, and the list of machines tells for which.
    const isScaling = now.actor?.kind === 'provider' || isWithinLimits(now, scaling);
    const severityOf = (vcpus: number): Severity | undefined => {
      if (!isScaling && vcpus >= highFromVcpus && vcpus >= highTimes * biggest.value) return 'high';
      return vcpus >= mediumFromVcpus && vcpus >= mediumTimes * biggest.value ? whileLearning(biggest.learning, 'medium') : undefined;
    };
    const vcpus = vcpusStarted(started);
    const severity = severityOf(vcpus);
    if (!severity) return [];
    // Once it is a jump, each further launch only speaks for itself: those before it have spoken.
    const told = severityOf(vcpusStarted(started.slice(0, -1))) === severity ? [now] : started;
    const machines = [...new Set(told.flatMap(machinesOf))];
    return [
      finding(
        id,
        now,
        {
          key: spot(now),
          severity,
          title: 'Far more computing power than ever is being started at once',
          about: [...machines, ...told.flatMap(suspects)],
          usdPerHour: Object.assign({}, ...told.map(priceOf)),
          facts: {
            ...machineFacts(now),
            'Started in 30 minutes': `${vcpus} vCPUs`,
            'Most before': biggest.value > 0 ? `${biggest.value} vCPUs in 30 minutes` : 'none known',
          },
          remedies: [...stop(machines, now.place.scope), ...told.flatMap(cutOff)],
          learning: biggest.learning,
        },
        told,
      ),
    ];
  },
});
