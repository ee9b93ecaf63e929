import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation, Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects, whileLearning } from '../suspects.ts';
import type { Launch } from './machines.ts';
import { isLaunch, isRestart, machineFacts, machinesOf, machinesStarted, priceOf, vcpusStarted } from './machines.ts';
import { isWithinLimits, launcherKinds, launcherMemories } from './scaling.ts';

const id = 'compute/vcpu-jump';
const isNew = (seen: Observation): boolean => isLaunch(seen) && !isRestart(seen);

export const vcpuJump = defineCheck({
  id,
  title: 'Far more computing power than ever is being started at once',
  why: 'Mining on ordinary machines, containers or jobs in a region you use differs from your work in one thing: how much is started at once. The vCPUs started within half an hour are held against the greatest half hour before.',
  severity:
    'High from 64 vCPUs within half an hour that are also four times the greatest half hour before; medium from 32 and twice (low while the account is being learnt), and at most for what a launcher started that nobody has changed for a week. The same for stopped machines that are started again, by their number against the greatest before; high then only once the account is known.',
  falseAlarms: ['A load test, or the first scaling out of a new service.', 'A cluster that is rebuilt as a whole.'],
  misses: [
    'Whoever starts few machines at a time over many hours; the bill shows it a day later.',
    'Machines whose size the log does not tell, until the inventory sees them.',
    'As many stopped machines as have been started again before.',
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
    started: { kind: 'recent', key: (o) => (isNew(o) ? spot(o) : undefined), minutes: 30, most: 250 },
    biggest: {
      kind: 'most',
      key: (o) => (isNew(o) ? spot(o) : undefined),
      value: (_, { started }) => vcpusStarted((started ?? []) as Launch[]),
      days: 60,
      after: 30,
    },
    /** What stood still and was started again: the log of it names machines and no sizes. */
    again: { kind: 'recent', key: (o) => (isRestart(o) ? spot(o) : undefined), minutes: 30, most: 250 },
    mostAgain: {
      kind: 'most',
      key: (o) => (isRestart(o) ? spot(o) : undefined),
      value: (_, { again }) => machinesStarted((again ?? []) as Launch[]),
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
  evaluate(now, recall, { highFromVcpus, highTimes, mediumFromVcpus, mediumTimes }) {
    if (!isLaunch(now)) return [];
    const isAgain = isRestart(now);
    const started = (isAgain ? recall.again : recall.started) as readonly Launch[];
    const before = isAgain ? recall.mostAgain : recall.biggest;
    // A provider's service started them for a launcher, and the list of machines tells for which.
    const isScaling = now.actor?.kind === 'provider' || isWithinLimits(now, recall);
    const severityOf = (some: readonly Launch[]): Severity | undefined => {
      const vcpus = vcpusStarted(some);
      // One machine that is started again is everybody's everyday.
      const times = isAgain ? machinesStarted(some) / Math.max(1, before.value) : vcpus / before.value;
      if (!isScaling && vcpus >= highFromVcpus && times >= highTimes) return isAgain ? whileLearning(before.learning, 'high') : 'high';
      return vcpus >= mediumFromVcpus && times >= mediumTimes ? whileLearning(before.learning, 'medium') : undefined;
    };
    const vcpus = vcpusStarted(started);
    const severity = severityOf(started);
    if (!severity) return [];
    // Once it is a jump, each further launch only speaks for itself: those before it have spoken.
    const told = severityOf(started.slice(0, -1)) === severity ? [now] : started;
    const machines = [...new Set(told.flatMap(machinesOf))];
    return [
      finding(
        id,
        now,
        {
          key: spot(now),
          severity,
          title: isAgain
            ? 'Far more machines that stood still are being started than ever'
            : 'Far more computing power than ever is being started at once',
          about: [...machines, ...told.flatMap(suspects)],
          usdPerHour: Object.assign({}, ...told.map(priceOf)),
          facts: {
            ...machineFacts(now),
            'Started in 30 minutes': `${vcpus} vCPUs`,
            'Most before': before.value > 0 ? `${before.value} ${isAgain ? 'machines' : 'vCPUs'} in 30 minutes` : 'none known',
          },
          remedies: [...stop(machines, now.place.scope), ...told.flatMap(cutOff)],
          learning: before.learning,
        },
        told,
      ),
    ];
  },
});
