import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation } from '../observation.ts';
import { account, cutOff, finding, stop, suspects } from '../suspects.ts';
import { isStart, machineFacts, machinesOf, priceOf, thingsOf } from './machines.ts';

const id = 'compute/miner-marker';
const markersOf = (seen: Observation) => ('markers' in seen ? (seen.markers ?? []) : []);
const label = { miner: 'a mining program', pool: 'a mining pool', wallet: 'a wallet', image: 'an image known from an incident' } as const;

export const minerMarker = defineCheck({
  id,
  title: 'Something here is told to mine',
  why: 'What a machine or container is told to run names a mining program, a pool, a wallet or an image known from an incident. Nobody writes that by chance, and whoever writes it in somebody else’s account does not pay for the power.',
  severity: 'Critical, also while the account is being learnt. High where there is a wallet and nothing else.',
  falseAlarms: [
    'A company that mines or teaches about it.',
    'A payment service that has a wallet address in its settings: it is only high.',
  ],
  misses: ['Miners under another name, which is why nothing else here depends on names.', 'What a machine downloads after it has started.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'Wiz Research, published indicators of cloud incidents', 'Sysdig, AMBERSQUID, 2023'],
  maturity: 'stable',
  watches: ['workload.defined', 'compute.asked', 'compute.seen'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    const markers = markersOf(now);
    if (markers.length === 0 || now.outcome === 'denied') return [];
    const kinds = [...new Set(markers.map(({ kind }) => kind))].sort();
    const words = [...new Set(markers.map(({ word }) => word.slice(0, 60)))].sort();
    const start = isStart(now) ? now : undefined;
    return [
      finding(id, now, {
        // One miner in many places is one finding.
        key: `${account(now.place.scope)}/${words[0]}`,
        severity: kinds.every((kind) => kind === 'wallet') ? 'high' : 'critical',
        title: start ? 'Something here is mining, or told to' : 'Something here was written that mines when it is started',
        about: [...(start ? thingsOf(start) : 'resource' in now ? [now.resource] : []), ...suspects(now)],
        usdPerHour: start ? priceOf(start) : {},
        facts: {
          Region: now.place.region,
          Found: `${kinds.map((kind) => label[kind]).join(', ')}: ${words.slice(0, 5).join(', ')}`,
          ...(start ? machineFacts(start) : {}),
          ...('image' in now && now.image ? { Image: now.image } : {}),
        },
        remedies: [...(start ? stop(machinesOf(start), now.place.scope) : []), ...cutOff(now)],
      }),
    ];
  },
});
