import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { handiwork, handMemories, isByKey, isKnown, isRegionOfWork, isUsualHand, regionsOfWork, who } from '../habits.ts';
import type { Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects } from '../suspects.ts';
import type { Start } from './machines.ts';
import { acceleratorOf, isRestart, isStart, machineFacts, machinesOf, priceOf, thingsOf, vcpusOf, vcpusStarted } from './machines.ts';

const id = 'compute/never-used-region';
const regionsOf = (starts: readonly Start[]): number => new Set(starts.map(({ place }) => place.region)).size;

export const neverUsedRegion = defineCheck({
  id,
  title: 'Machines are being started in a region you have never used',
  why: 'Whoever mines on a stolen account spreads over regions: each has its own quota, and owners look only where they work. The first machine in a region without any history is often the first thing that can be seen.',
  severity:
    'High; critical with a GPU, from 32 vCPUs in one launch, and for a stranger who goes through three regions within a day. Medium for ordinary machines, below 32 vCPUs within half an hour, that nobody has been named for yet, or that were started by somebody known for a week to start machines, from that network, with that program and key; or by a person known for a week to work here, signed in, or with a key in a region of work. Low for the first two where people have worked for a week, on three days, whatever they did. High again when such a one goes through more regions in a day than ever. While the account is being learnt low, unless it is a GPU or from 64 vCPUs.',
  falseAlarms: [
    'A planned move into a new region by somebody new or from a new network. Say beforehand that it is expected, or answer the first card so.',
    'A region used last before the memory reaches back (90 days of the log, 13 months of bills), or for less than a dollar a month: a yearly restore drill.',
  ],
  misses: [
    'Mining in regions you already use: see the jump in vCPUs and the new accelerator family.',
    'A thief whose machines had run there for more than a week before the bills were first read, unless what they cost was an alarm itself: the region counts as used.',
    'A thief who works from inside the usual network with the usual program is only medium while he starts little.',
  ],
  tactic: 'Defense Evasion (TA0005): Unused/Unsupported Cloud Regions (T1535)',
  references: ['MITRE ATT&CK, T1535', 'AWS Security Blog, cryptomining campaign of November 2025', 'Unit 42, EleKtra-Leak, 2023'],
  maturity: 'stable',
  watches: ['compute.seen', 'place.used', ...handiwork],
  judges: ['compute.asked', 'compute.seen', 'launcher.changed'],
  nature: 'event',
  remembers: {
    regions: { kind: 'seen', key: (o) => (isStart(o) || o.kind === 'place.used' ? spot(o) : undefined), days: 3650 },
    lately: { kind: 'recent', key: (o) => (isStart(o) ? spot(o) : undefined), minutes: 30, most: 200 },
    today: { kind: 'recent', key: (o) => (isStart(o) ? who(o) : undefined), minutes: 1440, most: 100 },
    mostRegions: {
      kind: 'most',
      key: (o) => (isStart(o) ? who(o) : undefined),
      value: (_, { today }) => regionsOf((today ?? []) as Start[]),
      days: 60,
      after: 1440,
    },
    work: regionsOfWork,
    ...handMemories,
  },
  params: z.object({
    criticalFromVcpus: z
      .number()
      .int()
      .positive()
      .default(32)
      .describe('From so many vCPUs in one launch it is critical; a GPU always is. So many within half an hour are never ordinary.'),
    absoluteFromVcpus: z
      .number()
      .int()
      .positive()
      .default(64)
      .describe('From so many vCPUs it keeps its severity although the account is still being learnt.'),
    regionsInADay: z
      .number()
      .int()
      .min(2)
      .default(3)
      .describe('So many regions within a day, two more than ever, are too many for one hand.'),
  }),
  evaluate(now, { regions, lately, today, mostRegions, work, ...hand }, { criticalFromVcpus, absoluteFromVcpus, regionsInADay }) {
    if (!isStart(now) || (now.kind === 'compute.seen' && isRestart(now)) || regions.known) return [];
    const isGpu = acceleratorOf(now) === 'gpu';
    const vcpus = vcpusOf(now);
    const inAll = Math.max(vcpus, vcpusStarted(lately as readonly Start[]));
    const isAbsolute = isGpu || inAll >= absoluteFromVcpus;
    const isOrdinary = acceleratorOf(now) === undefined && inAll < criticalFromVcpus;
    const isUsual = isUsualHand(now, hand);
    const inADay = regionsOf(today as readonly Start[]);
    const isSpreading = inADay >= regionsInADay && inADay >= mostRegions.value + 2;
    const isWorked = isRegionOfWork(now, work);
    // Somebody who has long worked here starts a first machine. A key can be carried off, and then says little where nobody works.
    const isFirst = isKnown(now, { hands: hand.hands, work: hand.starters }, 7) && (isWorked || !isByKey(now));
    let full: Severity = 'high';
    if (isGpu || vcpus >= criticalFromVcpus || (isSpreading && !isUsual)) full = 'critical';
    else if (isOrdinary && !isSpreading && (isUsual || who(now) === undefined)) full = isWorked ? 'low' : 'medium';
    else if (isOrdinary && !isSpreading && isFirst) full = 'medium';
    const machines = machinesOf(now);
    return [
      finding(id, now, {
        key: spot(now),
        severity: regions.learning && !isAbsolute ? 'low' : full,
        title: isGpu
          ? 'GPU machines are being started in a region you have never used'
          : 'Machines are being started in a region you have never used',
        about: [...thingsOf(now), ...suspects(now)],
        usdPerHour: priceOf(now),
        facts: {
          ...machineFacts(now),
          ...(inADay >= regionsInADay ? { 'Regions within a day': `${inADay}` } : {}),
          ...(isUsual ? { Hand: 'known here for a week, from its usual network' } : {}),
        },
        remedies: [...stop(machines, now.place.scope), ...cutOff(now)],
        learning: regions.learning,
      }),
    ];
  },
});
