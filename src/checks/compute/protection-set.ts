import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { handiwork, handMemoriesFor, isUsualHand, who } from '../habits.ts';
import type { Observation, Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects } from '../suspects.ts';
import { isLaunch, machinesOf, priceOf } from './machines.ts';

const id = 'compute/protection-set';
const isProtecting = (seen: Observation): boolean =>
  seen.kind === 'protection.set' ? seen.outcome === undefined : seen.kind === 'compute.seen' && seen.running && seen.protected === true;

export const protectionSet = defineCheck({
  id,
  title: 'Machines are being made hard to stop',
  why: 'Thieves switch on the protection against ending and stopping for their own machines: whoever wants to be rid of them is refused, and loses minutes that cost money.',
  severity:
    'High; critical on machines less than a day old, and for three or more within an hour. Medium for somebody known for a week to start things, from that network, with that program and key, and for what the inventory sees before anybody is named; low once protection has been usual in the region on three days. Medium at most while the account is being learnt.',
  falseAlarms: ['Deployment tools that protect production machines, in their first days.'],
  misses: ['Protection that was set before machines were ever read.'],
  tactic: 'Persistence (TA0003): Account Manipulation (T1098)',
  references: ['MITRE ATT&CK, TA0003', 'AWS Security Blog, cryptomining campaign of November 2025 (protection against ending)'],
  maturity: 'stable',
  watches: ['protection.set', 'compute.seen', ...handiwork],
  judges: ['protection.set', 'compute.seen'],
  nature: 'event',
  remembers: {
    started: {
      kind: 'recent',
      key: (o) => (isLaunch(o) || o.kind === 'protection.set' ? spot(o) : undefined),
      minutes: 1440,
      most: 300,
    },
    set: {
      kind: 'recent',
      key: (o) => (o.kind === 'protection.set' && isProtecting(o) ? (who(o) ?? spot(o)) : undefined),
      minutes: 60,
      most: 100,
    },
    habits: { kind: 'seen', key: (o) => (isProtecting(o) ? `${spot(o)} ${who(o) ?? 'inventory'}` : undefined), days: 120 },
    ...handMemoriesFor('protection.set'),
  },
  params: z.object({
    many: z.number().int().min(2).default(3).describe('Critical from so many machines within an hour.'),
    habitDays: z.number().int().positive().default(3).describe('From so many days on it is usual there.'),
  }),
  evaluate(now, { started, set, habits, ...hand }, { many, habitDays }) {
    if (!isProtecting(now) || (now.kind !== 'protection.set' && now.kind !== 'compute.seen')) return [];
    const resources = now.kind === 'protection.set' ? now.resources : [now.resource];
    const launches = (started as readonly Observation[])
      .filter(isLaunch)
      .filter((one) => machinesOf(one).some((each) => resources.includes(each)));
    const protectedInAll = new Set((set as readonly Observation[]).flatMap((one) => (one.kind === 'protection.set' ? one.resources : [])));
    const isUsual = isUsualHand(now, hand);
    const isNamed = who(now) !== undefined;
    let full: Severity = 'high';
    if (habits.days >= habitDays && (isUsual || !isNamed)) full = 'low';
    else if (isUsual || !isNamed) full = 'medium';
    else if (launches.length > 0 || protectedInAll.size >= many) full = 'critical';
    return [
      finding(
        id,
        now,
        {
          key: spot(now),
          severity: habits.learning && full !== 'low' ? (isNamed && full === 'critical' ? 'medium' : 'low') : full,
          title: 'Machines are being made hard to stop',
          about: [...resources, ...suspects(now)],
          usdPerHour: Object.assign({}, now.kind === 'compute.seen' ? priceOf(now) : {}, ...launches.map(priceOf)),
          facts: {
            Region: now.place.region,
            ...(now.kind === 'protection.set' ? { Against: now.against } : {}),
            ...(launches.length > 0 && now.kind === 'protection.set' ? { Age: 'started within the last day' } : {}),
          },
          remedies: [...stop(resources, now.place.scope), ...cutOff(now)],
          learning: habits.learning,
        },
        [now],
      ),
    ];
  },
});
