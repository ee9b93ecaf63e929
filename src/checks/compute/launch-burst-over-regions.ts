import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { who } from '../habits.ts';
import { networkName } from '../networks.ts';
import type { Of } from '../observation.ts';
import { account, cutOff, finding, hand, spot, stop, suspects } from '../suspects.ts';
import { acceleratorOf, machinesOf, priceOf, vcpusStarted } from './machines.ts';

const id = 'compute/launch-burst-over-regions';
type Asked = Of<'compute.asked'> | Of<'launcher.changed'> | Of<'ground.prepared'>;
const starts = (asked: readonly Asked[]) => asked.filter((one) => one.kind !== 'ground.prepared');
const machines = (asked: Asked) => (asked.kind === 'compute.asked' ? machinesOf(asked) : []);
const price = (asked: Asked) => (asked.kind === 'compute.asked' ? priceOf(asked) : {});
const things = (asked: Asked) => (asked.kind === 'compute.asked' ? asked.resources : [asked.resource]);
/** Looks no further than it must: in a burst this is asked of hundreds, hundreds of times. */
function reaches(some: readonly Asked[], many: number, nameOf: (one: Asked) => string): boolean {
  const names = new Set<string>();
  for (const one of some) if (names.add(nameOf(one)).size >= many) return true;
  return false;
}
/** The same principal, from the same network, in the same region. */
const habit = (asked: Asked): string | undefined => {
  const from = networkName(asked);
  const name = who(asked);
  return asked.outcome || from === undefined || name === undefined ? undefined : `${name} ${from} ${spot(asked)}`;
};

export const launchBurstOverRegions = defineCheck({
  id,
  title: 'One key or session is starting machines in many regions at once',
  why: 'Three regions, or three accounts, within a quarter of an hour from one hand: a thief’s script does that to get the most out of every quota before it is noticed. People and ordinary deployments hardly do.',
  severity:
    'Always critical, also while the account is being learnt. Nothing below 32 vCPUs from a principal that has done the same there, from that network, on three days.',
  falseAlarms: [
    'A deployment that goes to several regions in parallel, until it was answered for and is known there, each region on three days.',
    'A disaster-recovery drill.',
  ],
  misses: [
    'One region after another at a slower pace.',
    'Another key or session for each region.',
    'A thief in the usual network who starts little, where its victim deploys every week.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: [
    'MITRE ATT&CK, T1496.001 and T1535',
    'Unit 42, EleKtra-Leak, 2023',
    'Sysdig, AMBERSQUID, 2023',
    'Datadog Security Labs, ECS crypto mining, 2024 (clusters in many regions)',
  ],
  maturity: 'stable',
  watches: ['compute.asked', 'launcher.changed', 'ground.prepared'],
  nature: 'event',
  remembers: {
    asked: { kind: 'recent', key: (o) => (o.outcome ? undefined : hand(o)), minutes: 15, most: 300 },
    habits: { kind: 'seen', key: habit, days: 60 },
  },
  params: z.object({
    regions: z.number().int().min(2).default(3).describe('So many regions within 15 minutes.'),
    accounts: z.number().int().min(2).default(3).describe('Or so many accounts within 15 minutes.'),
    habitDays: z
      .number()
      .int()
      .positive()
      .default(3)
      .describe('From so many days on, what one does in a region from one network is a habit.'),
  }),
  evaluate(now, { asked, habits }, params) {
    const isBurst = (some: readonly Asked[]): boolean =>
      reaches(some, params.regions, ({ place }) => place.region) || reaches(some, params.accounts, ({ place }) => account(place.scope));
    if (!isBurst(asked)) return [];
    // A deployment in parallel is a habit where each region has seen it before; GPUs and many machines are nobody's.
    const isSmall = (): boolean => !starts(asked).some((one) => acceleratorOf(one) !== undefined) && vcpusStarted(starts(asked)) < 32;
    if (habits.days >= params.habitDays && isSmall()) return [];
    // Once it is a burst, each further launch only speaks for itself: those before it have spoken.
    const told = isBurst(asked.slice(0, -1)) ? [now] : asked;
    const regions = new Set(asked.map(({ place }) => place.region));
    const accounts = new Set([...new Set(asked.map(({ place }) => place.scope))].map(account));
    const byAccount = Map.groupBy(told, ({ place }) => account(place.scope));
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity: 'critical',
          title: `One ${now.credential ? 'key' : now.session ? 'session' : 'identity'} is starting machines in many ${regions.size >= params.regions ? 'regions' : 'accounts'} at once`,
          about: [...told.flatMap(things), ...suspects(now)],
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
