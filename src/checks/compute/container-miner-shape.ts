import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { handiwork, handMemories, isUsualHand, who } from '../habits.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { account, cutOff, finding, hand, stop, suspects, whileLearning } from '../suspects.ts';
import { isLaunch, isStart, machineFacts, machinesOf, priceOf, thingsOf } from './machines.ts';

const id = 'compute/container-miner-shape';
type Defined = Of<'workload.defined'>;
type Prepared = Of<'ground.prepared'>;
/** An image without its version: a new build of the same one is nothing new. */
const imageOf = (seen: Observation): string | undefined =>
  (seen.kind === 'workload.defined' || isLaunch(seen)) && seen.image !== undefined
    ? `${account(seen.place.scope)} ${seen.image.replace(/@.*$/, '').replace(/:[^/]*$/, '')}`
    : undefined;
const isStrangersImage = ({ imageFrom }: { imageFrom?: string }): boolean => imageFrom === 'public' || imageFrom === 'unknown';

export const containerMinerShape = defineCheck({
  id,
  title: 'Large containers of an image from the public are being set up by somebody who never did so',
  why: 'Miners in containers have a shape: an image anybody can publish and nobody here has used, as many processors as one task may have, written down and started within minutes, in cluster after cluster. No virtual machine is ever seen.',
  severity:
    'High when a stranger writes down and starts such a workload within half an hour, for five clusters within an hour, and for clusters in two regions within an hour, one of them new to who made them. Medium for the workload alone, for what the inventory sees before anybody is named, and for the same by somebody known for a week to start things, from that network, with that program and key. Low while the account is being learnt, but for ten clusters or three regions.',
  falseAlarms: ['The first day of data work with a public image.', 'A platform that is built in two regions in one go.'],
  misses: [
    'An image copied into your own registry first.',
    'Tasks below eight vCPUs: see the jump in vCPUs.',
    'A thief who waits between writing down and starting.',
  ],
  tactic: 'Execution (TA0002): Deploy Container (T1610)',
  references: [
    'MITRE ATT&CK, T1610',
    'AWS Security Blog, cryptomining campaign of November 2025',
    'Datadog Security Labs, ECS crypto mining, 2024',
    'Elastic detection rules, cryptomining task definition',
  ],
  maturity: 'stable',
  watches: ['compute.seen', ...handiwork],
  judges: ['workload.defined', 'compute.asked', 'compute.seen', 'launcher.changed', 'ground.prepared'],
  nature: 'event',
  remembers: {
    images: { kind: 'seen', key: imageOf, days: 365 },
    written: {
      kind: 'recent',
      key: (o) => (o.outcome || (o.kind !== 'workload.defined' && !isStart(o)) ? undefined : hand(o)),
      minutes: 30,
      most: 100,
    },
    grounds: { kind: 'recent', key: (o) => (o.kind === 'ground.prepared' && !o.outcome ? hand(o) : undefined), minutes: 60, most: 200 },
    places: {
      kind: 'seen',
      key: (o) => (o.kind === 'ground.prepared' && !o.outcome && who(o) ? `${who(o)} ${o.place.region}` : undefined),
      days: 400,
    },
    ...handMemories,
  },
  params: z.object({
    fromVcpus: z.number().positive().default(8).describe('Containers with fewer vCPUs are not taken for miners by their shape.'),
    clusters: z.number().int().min(2).default(5).describe('So many new clusters within an hour.'),
    regions: z.number().int().min(2).default(2).describe('New clusters in so many regions within an hour.'),
  }),
  evaluate(now, { images, written, grounds, places, ...usual }, { fromVcpus, clusters, regions }) {
    if (now.outcome || now.kind === 'principal.acted') return [];
    const isUsual = isUsualHand(now, usual);
    const common = { key: `${account(now.place.scope)}/${hand(now) ?? now.place.region}`, remedies: cutOff(now) };
    if (now.kind === 'ground.prepared') return prepared(now);

    const isMinerShaped = (one: Pick<Defined, 'shape' | 'imageFrom'>): boolean =>
      isStrangersImage(one) && (one.shape?.vcpus ?? 0) >= fromVcpus;
    // Seen for the first time within the last hour is as good as never: writing it down already taught it.
    const isNew = !images.known || images.first === undefined || Date.parse(now.at) - Date.parse(images.first) <= 3_600_000;
    if (now.kind === 'workload.defined') {
      if (!isMinerShaped(now) || !isNew) return [];
      return [workload('medium', images.learning, [now], { Image: now.image ?? 'unknown', vCPUs: `${now.shape?.vcpus}` })];
    }
    if (!isStart(now)) return [];
    if (now.kind !== 'launcher.changed' && isMinerShaped(now) && isNew && now.image !== undefined) {
      const severity = isUsual || who(now) === undefined ? 'medium' : 'high';
      return [workload(severity, images.learning, [now], { ...machineFacts(now), Image: now.image })];
    }
    const before = (written as readonly Observation[]).filter(
      (one): one is Defined => one.kind === 'workload.defined' && one.service === now.service && isMinerShaped(one),
    );
    const last = before.at(-1);
    // An image the launch itself names is known by now, and was judged when it was written down.
    if (isUsual || last === undefined || (now.kind !== 'launcher.changed' && now.image !== undefined && !isNew)) return [];
    return [workload('high', images.learning, [...before, now], { ...machineFacts(now), Image: last.image ?? 'unknown' })];

    function workload(severity: Severity, isLearning: boolean, told: Observation[], facts: Record<string, string>) {
      const machines = isStart(now) ? machinesOf(now) : [];
      return finding(
        id,
        now,
        {
          ...common,
          severity: whileLearning(isLearning, severity),
          title: 'Large containers of a public image that you have never used are being set up',
          about: [
            ...told.flatMap((one) => (one.kind === 'workload.defined' ? [one.resource] : isStart(one) ? thingsOf(one) : [])),
            ...suspects(now),
          ],
          usdPerHour: isStart(now) ? priceOf(now) : {},
          facts: { Region: now.place.region, ...facts },
          remedies: [...stop(machines, now.place.scope), ...cutOff(now)],
          learning: isLearning,
        },
        told,
      );
    }

    function prepared(latest: Prepared) {
      const made = grounds as readonly Prepared[];
      const count = new Set(made.map(({ resource }) => resource)).size;
      const over = new Set(made.map(({ place }) => place.region)).size;
      const isMany = count >= clusters;
      const isSpread = over >= regions && !places.known;
      if (!isMany && !isSpread) return [];
      const isAbsolute = count >= 2 * clusters || over >= 3;
      const severity: Severity = isUsual && !isAbsolute ? 'medium' : 'high';
      return [
        finding(
          id,
          latest,
          {
            ...common,
            severity: isAbsolute ? severity : whileLearning(places.learning, severity),
            title: isSpread
              ? 'Places to run containers in are being made in several regions'
              : 'Many places to run containers in are being made',
            about: [...made.map(({ resource }) => resource), ...suspects(latest)],
            facts: {
              'Made within an hour': `${count}`,
              Regions: [...new Set(made.map(({ place }) => place.region))].sort().slice(0, 20).join(', '),
            },
            learning: places.learning,
          },
          made,
        ),
      ];
    }
  },
});
