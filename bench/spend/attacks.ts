/**
 * What strangers run, in dollars an hour at list price. Sizes are those of take-overs that were made public (73.61 dollars an hour is a bill of
 * 53,000 dollars a month) and of what a quota that nobody raised allows.
 */
import { createRandom } from '../../src/adapters/simulated/random.ts';
import { type Chance, chanceOf } from './chance.ts';
import type { Payer } from './payers.ts';
import { regions, services } from './services.ts';

export type AttackKind = (typeof attackKinds)[number];
export const attackKinds = [
  'GPUs in new regions',
  'CPUs at home',
  'containers in four regions',
  'notebooks in ten regions',
  'machines every night',
  'functions at home',
  'twice as much every day',
  'models',
  'low and slow',
] as const;
/** `hour` counts from the payer's first midnight. */
export type Attack = {
  kind: AttackKind;
  account: string;
  startHour: number;
  leaves: { service: string; region: string; usage?: string; usdInHour(hour: number): number }[];
};

/** The attack begins in the days [from, to): with a block of eight hours, or at any hour. */
export function makeAttack(
  kind: AttackKind,
  payer: Payer,
  { from, to, atAnyHour }: { from: number; to: number; atAnyHour: boolean },
): Attack {
  const chance = chanceOf(createRandom(payer.seed, `attack ${payer.archetype} ${kind}`));
  const account = chance.shuffled(payer.accounts)[0]!;
  const within = chance.between(from * 24, to * 24);
  const startHour = atAnyHour ? Math.floor(within) : 8 * Math.floor(within / 8);
  const used = new Set(
    payer.leaves.filter((leaf) => leaf.account === account.id && leaf.amounts.some((one) => one > 0)).map(({ region }) => region),
  );
  const places = { home: account.home, others: chance.shuffled(regions.filter((region) => !used.has(region))) };
  return { kind, account: account.id, startHour, leaves: leavesOf(kind, places, startHour, chance) };
}

function leavesOf(
  kind: AttackKind,
  { home, others }: { home: string; others: string[] },
  startHour: number,
  chance: Chance,
): Attack['leaves'] {
  const steady = (service: string, places: readonly string[], usdAnHour: number, usage?: string): Attack['leaves'] =>
    places.map((region) => ({ service, region, ...(usage && { usage }), usdInHour: () => usdAnHour / places.length }));
  const family = chance.shuffled(services.minersFamilies)[0]!;
  switch (kind) {
    case 'GPUs in new regions':
      return steady(services.compute, others.slice(0, chance.whole(3, 6)), 73.61, 'g5');
    case 'CPUs at home':
      return steady(services.compute, [home], 40, family);
    case 'containers in four regions':
      return steady(services.containers, others.slice(0, 4), 80);
    case 'notebooks in ten regions':
      return steady(services.training, others.slice(0, 10), 18);
    case 'machines every night':
      return [{ service: services.compute, region: home, usage: family, usdInHour: (hour) => (hour % 24 < 6 ? 50 : 0) }];
    case 'functions at home':
      return steady(services.functions, [home], 25);
    case 'twice as much every day':
      // By quota it ends at a hundred dollars an hour.
      return [
        {
          service: services.compute,
          region: home,
          usdInHour: (hour) => Math.min(100, (20 / 24) * 2 ** Math.floor((hour - startHour) / 24)),
        },
      ];
    case 'models':
      return steady(services.models, [home], 85);
    case 'low and slow':
      // One small GPU machine.
      return steady(services.compute, [chance.isTrue(0.5) ? home : others[0]!], 1.006, 'g5');
    default:
      return kind satisfies never;
  }
}
