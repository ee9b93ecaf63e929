import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation, Of } from '../observation.ts';
import { account, finding, spot, stop, whileLearning } from '../suspects.ts';

const id = 'compute/pegged-processor';
type Measured = Of<'usage.measured'>;
const isProcessor = (seen: Observation): seen is Measured => seen.kind === 'usage.measured' && seen.of === 'processor';

export const peggedProcessor = defineCheck({
  id,
  title: 'A new machine works at full load without a pause',
  why: 'Mining leaves no processor idle from its first minute on. A machine that has just been started and never falls below full load is not proof, but it fits, and many of them fit better.',
  severity:
    'Low; medium for three new machines and more, when they are four fifths of all new ones. Nothing where it has been so on five days.',
  falseAlarms: ['Builds, encoding, number crunching.', 'A machine that hangs.'],
  misses: ['Miners that hold themselves back below the limit.', 'Machines older than three days.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'Sysdig, cloud threat report 2025'],
  maturity: 'trial',
  watches: ['usage.measured', 'compute.seen'],
  judges: ['usage.measured'],
  nature: 'event',
  remembers: {
    machines: { kind: 'seen', key: (o) => (o.kind === 'compute.seen' || isProcessor(o) ? o.resource : undefined), days: 60 },
    measured: { kind: 'recent', key: (o) => (isProcessor(o) ? account(o.place.scope) : undefined), minutes: 90, most: 300 },
    habits: { kind: 'seen', key: (o) => (isProcessor(o) && o.value >= 95 ? spot(o) : undefined), days: 60 },
  },
  params: z.object({
    fromPercent: z.number().min(1).max(100).default(95).describe('Full load, in percent.'),
    forMinutes: z.number().int().positive().default(30).describe('For so many minutes at least.'),
    youngHours: z.number().int().positive().default(72).describe('Older machines are not looked at.'),
    habitDays: z.number().int().positive().default(5).describe('From so many days on it is usual in a region.'),
  }),
  evaluate(now, { machines, measured, habits }, { fromPercent, forMinutes, youngHours, habitDays }) {
    if (!isProcessor(now) || habits.days >= habitDays) return [];
    const isPegged = (one: Measured): boolean => one.value >= fromPercent && one.minutes >= forMinutes;
    // What was never learnt is what something was found about, and therefore new.
    const age = machines.first === undefined ? 0 : Date.parse(now.at) - Date.parse(machines.first);
    if (!isPegged(now) || age > youngHours * 3_600_000) return [];
    // Of the round that is under way only a part is known: the share is that of the rounds before.
    const all = (measured as readonly Measured[]).filter((one) => one === now || Date.parse(now.at) - Date.parse(one.at) >= 5 * 60_000);
    const pegged = new Set(all.filter(isPegged).map(({ resource }) => resource));
    const isCrowd = pegged.size >= 3 && pegged.size >= 0.8 * new Set(all.map(({ resource }) => resource)).size;
    return [
      finding(id, now, {
        key: spot(now),
        severity: isCrowd ? whileLearning(habits.learning, 'medium') : 'low',
        title: isCrowd ? 'Nearly all new machines work at full load without a pause' : 'A new machine works at full load without a pause',
        about: [now.resource],
        facts: { Region: now.place.region, Load: `${Math.round(now.value)} % for ${now.minutes} minutes`, Machines: `${pegged.size}` },
        remedies: stop([now.resource], now.place.scope),
        learning: habits.learning,
      }),
    ];
  },
});
