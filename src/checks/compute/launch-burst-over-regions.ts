import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Of } from '../observation.ts';
import { account, cutOff, finding, hand, stop, suspects } from '../suspects.ts';
import { machinesOf, priceOf } from './machines.ts';

const id = 'compute/launch-burst-over-regions';
type Asked = Of<'compute.asked'> | Of<'launcher.changed'>;
const machines = (asked: Asked) => (asked.kind === 'compute.asked' ? machinesOf(asked) : []);
const price = (asked: Asked) => (asked.kind === 'compute.asked' ? priceOf(asked) : {});

export const launchBurstOverRegions = defineCheck({
  id,
  title: 'One key or session is starting machines in many regions at once',
  why: 'Three regions, or three accounts, within a quarter of an hour from one hand: a thief’s script does that to get the most out of every quota before it is noticed. People and ordinary deployments hardly do.',
  severity: 'Always critical.',
  falseAlarms: ['A deployment that goes to all regions in parallel.', 'A disaster-recovery drill.'],
  misses: ['One region after another at a slower pace.', 'Another key or session for each region.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001 and T1535', 'Unit 42, EleKtra-Leak, 2023', 'Sysdig, AMBERSQUID, 2023'],
  maturity: 'stable',
  watches: ['compute.asked', 'launcher.changed'],
  nature: 'event',
  remembers: { asked: { kind: 'recent', key: (o) => (o.outcome ? undefined : hand(o)), minutes: 15, most: 300 } },
  params: z.object({
    regions: z.number().int().min(2).default(3).describe('So many regions within 15 minutes.'),
    accounts: z.number().int().min(2).default(3).describe('Or so many accounts within 15 minutes.'),
  }),
  evaluate(now, { asked }, params) {
    const isBurst = (some: readonly Asked[]): boolean =>
      new Set(some.map(({ place }) => place.region)).size >= params.regions ||
      new Set(some.map(({ place }) => account(place.scope))).size >= params.accounts;
    if (!isBurst(asked)) return [];
    // Once it is a burst, each further launch only speaks for itself: those before it have spoken.
    const told = isBurst(asked.slice(0, -1)) ? [now] : asked;
    const regions = new Set(asked.map(({ place }) => place.region));
    const accounts = new Set(asked.map(({ place }) => account(place.scope)));
    const byAccount = Map.groupBy(told, ({ place }) => account(place.scope));
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity: 'critical',
          title: `One ${now.credential ? 'key' : now.session ? 'session' : 'identity'} is starting machines in many ${regions.size >= params.regions ? 'regions' : 'accounts'} at once`,
          about: [...told.flatMap(machines), ...suspects(now)],
          usdPerHour: Object.assign({}, ...told.map(price)),
          facts: {
            Regions: [...regions].sort().slice(0, 20).join(', '),
            ...(accounts.size > 1 ? { Accounts: [...accounts].sort().slice(0, 20).join(', ') } : {}),
          },
          remedies: [...[...byAccount.values()].flatMap((same) => stop(same.flatMap(machines), same[0]!.place.scope)), ...cutOff(now)],
        },
        told,
      ),
    ];
  },
});
