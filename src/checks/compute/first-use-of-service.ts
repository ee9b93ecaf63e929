import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { handiwork, handMemories, isUsualHand, who } from '../habits.ts';
import type { Observation, Severity } from '../observation.ts';
import { cutOff, finding, spot, stop, suspects } from '../suspects.ts';
import { acceleratorOf, isStart, machineFacts, machinesOf, priceOf, thingsOf, vcpusOf } from './machines.ts';

const id = 'compute/first-use-of-service';
/** Anything made that can compute, in a service other than plain virtual machines. */
const serviceOf = (seen: Observation): string | undefined =>
  isStart(seen) ||
  seen.kind === 'place.used' ||
  ((seen.kind === 'workload.defined' || seen.kind === 'ground.prepared') && seen.outcome === undefined)
    ? seen.service
    : undefined;

export const firstUseOfService = defineCheck({
  id,
  title: 'A service that computes is used for the first time in a region',
  why: 'Notebooks, build machines, app hosting, batch jobs: all of them run what they are given, and hardly anybody watches the ones that are not in use. Thieves go there because no quota of virtual machines stands in the way.',
  severity:
    'Medium; high with a GPU, from 8 vCPUs, or in a region in which nothing ran before. What only writes something down, and small things by somebody known for a week to start things, from that network, with that program and key, is low in a used region and medium in a new one. Low while the account is being learnt, unless it is a GPU or from 64 vCPUs.',
  falseAlarms: ['The first day with a new product of the provider.', 'A tutorial somebody follows.'],
  misses: ['Mining in services you already use there.', 'Services whose records say nothing about what they run.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'Sysdig, AMBERSQUID, 2023', 'AWS managed policy AWSCompromisedKeyQuarantineV3'],
  maturity: 'stable',
  watches: ['compute.seen', 'place.used', ...handiwork],
  judges: ['compute.asked', 'compute.seen', 'launcher.changed', 'workload.defined', 'ground.prepared'],
  nature: 'event',
  remembers: {
    services: {
      kind: 'seen',
      key: (o) => {
        const service = serviceOf(o);
        return service === undefined ? undefined : `${spot(o)} ${service}`;
      },
      days: 3650,
    },
    regions: {
      kind: 'seen',
      key: (o) => (isStart(o) || o.kind === 'place.used' || serviceOf(o) !== undefined ? spot(o) : undefined),
      days: 3650,
    },
    ...handMemories,
  },
  params: z.object({
    highFromVcpus: z.number().positive().default(8).describe('From so many vCPUs in one launch it is high.'),
    absoluteFromVcpus: z
      .number()
      .int()
      .positive()
      .default(64)
      .describe('From so many vCPUs it keeps its severity although the account is still being learnt.'),
  }),
  evaluate(now, { services, regions, ...hand }, { highFromVcpus, absoluteFromVcpus }) {
    const service = serviceOf(now);
    if (service === undefined || services.known || now.kind === 'principal.acted' || now.kind === 'place.used') return [];
    const start = isStart(now) ? now : undefined;
    const isGpu = start !== undefined && acceleratorOf(start) === 'gpu';
    const vcpus = start === undefined ? 0 : vcpusOf(start);
    const isLarge = isGpu || vcpus >= highFromVcpus;
    const isNamed = who(now) !== undefined;
    const isUsual = isUsualHand(now, hand);
    const isNewRegion = !regions.known;
    let full: Severity = isLarge || (isNewRegion && isNamed && !isUsual) ? 'high' : 'medium';
    if (!isLarge && !isNewRegion && (isUsual || start === undefined)) full = 'low';
    const isAbsolute = isGpu || vcpus >= absoluteFromVcpus;
    return [
      finding(id, now, {
        key: `${spot(now)}/${service}`,
        severity: services.learning && !isAbsolute ? 'low' : full,
        title: 'A service that computes is used for the first time in a region',
        about: [...(start ? thingsOf(start) : 'resource' in now ? [now.resource] : []), ...suspects(now)],
        usdPerHour: start ? priceOf(start) : {},
        facts: {
          Service: service.slice(0, 60),
          ...(start ? machineFacts(start) : { Region: now.place.region, ...('what' in now ? { What: now.what.slice(0, 60) } : {}) }),
        },
        remedies: [...(start ? stop(machinesOf(start), now.place.scope) : []), ...cutOff(now)],
        learning: services.learning,
      }),
    ];
  },
});
