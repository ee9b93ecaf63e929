/**
 * Made-up payers and what they are billed for, honestly: no attack is in here. The same seed gives the same bill to the cent.
 *
 * Sizes, rhythms and rates are assumptions, chosen before any detector was held against them: nobody publishes what accounts really cost.
 * So the order in which detectors come out is evidence, the absolute figures are not.
 */
import { createRandom } from '../../src/adapters/simulated/random.ts';
import { type Chance, chanceOf } from './chance.ts';
import { liveThrough } from './honest-life.ts';
import { services } from './services.ts';

export type Leaf = {
  account: string;
  service: string;
  region: string;
  /** The family of machines, where machines are billed. */
  usage?: string;
  /** Final, by day. */
  amounts: Float64Array;
};
/** What is no usage: a fee, a tax, a credit or refund (negative). */
export type Extra = { account: string; charge: 'fee' | 'tax' | 'credit'; amounts: Float64Array };
export type Payer = {
  archetype: Archetype | 'from files';
  seed: number;
  /** UTC day number of the first day. */
  firstDay: number;
  days: number;
  accounts: { id: string; home: string /** Usual dollars a day over the first two months. */; typical: number }[];
  leaves: Leaf[];
  extras: Extra[];
};
export type Archetype = (typeof archetypes)[number];
export const archetypes = [
  'hobby',
  'start-up',
  'bursts of training',
  'growth',
  'large organization',
  'agency',
  'paid by credits',
  'sparse services',
] as const;
/** An account before it lives: what it costs on a day in the middle. */
export type Shape = {
  typical: number;
  services: number;
  /** Relative standard deviation of a leaf's day. */
  noise: number;
  /** What is used on a Saturday or Sunday, as a share of a working day. */
  weekend: number;
  /** Compounding, a day. */
  growth: number;
  /** Training runs a month, and what one costs a day. */
  bursts?: { aMonth: number; from: number; to: number };
  /** The share of services that are billed only now and then. */
  sparse?: number;
  hasMonthEndJob: boolean;
  isPaidByCredits?: boolean;
};

export function makePayer(archetype: Archetype, seed: number, days = 150): Payer {
  const chance = chanceOf(createRandom(seed, `payer ${archetype}`));
  const firstDay = 20_089 + chance.whole(0, 364);
  const payer: Payer = { archetype, seed, firstDay, days, accounts: [], leaves: [], extras: [] };
  for (const [n, shape] of shapesOf(archetype, chance).entries())
    addAccount(payer, shape, String(100_000_000_000 + seed * 1000 + n), chance);
  return payer;
}

function shapesOf(archetype: Archetype, chance: Chance): Shape[] {
  const hobby = (from = 3, to = 10): Shape => ({
    typical: chance.logBetween(from, to),
    services: chance.whole(3, 7),
    noise: chance.between(0.03, 0.12),
    weekend: 1,
    growth: 0,
    hasMonthEndJob: false,
  });
  const company = (from: number, to: number): Shape => ({
    typical: chance.logBetween(from, to),
    services: chance.whole(7, 14),
    noise: chance.between(0.03, 0.12),
    weekend: chance.between(0.55, 1),
    growth: chance.between(-0.0005, 0.002),
    hasMonthEndJob: chance.isTrue(0.3),
  });
  switch (archetype) {
    case 'hobby':
      return [hobby()];
    case 'start-up':
      return [company(100, 400)];
    case 'bursts of training':
      return [{ ...company(50, 200), bursts: { aMonth: chance.between(1.5, 4), from: 150, to: 900 } }];
    case 'growth':
      return [{ ...company(1000, 3000), growth: chance.between(0.002, 0.008) }];
    case 'large organization':
      return [company(3000, 10_000), company(400, 1500), company(800, 3000), company(50, 200), hobby(10, 60)];
    case 'agency':
      return Array.from({ length: 8 }, () => (chance.isTrue(0.7) ? hobby(1, 15) : company(20, 80)));
    case 'paid by credits':
      return [{ ...company(30, 150), isPaidByCredits: true }];
    case 'sparse services':
      return [{ ...hobby(4, 30), services: chance.whole(5, 9), sparse: 0.5 }];
    default:
      return archetype satisfies never;
  }
}

const homes = ['eu-west-1', 'us-east-1', 'eu-central-1', 'us-west-2', 'ap-southeast-2'];

function addAccount(payer: Payer, shape: Shape, id: string, chance: Chance): void {
  const [home, second] = chance.shuffled(homes) as [string, string];
  const isInTwo = shape.typical > 50 && chance.isTrue(0.4);
  const chosen = [...services.always, ...chance.shuffled(services.maybe)].slice(0, shape.services);
  const weights = chosen.map((_, n) => Math.exp(chance.normal() * 0.9) * (n === 0 ? 3 : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const leaves: Leaf[] = [];
  for (const [n, service] of chosen.entries()) {
    const share = (shape.typical * weights[n]!) / total;
    const elsewhere = isInTwo && chance.isTrue(0.5) ? chance.between(0.1, 0.5) : 0;
    // The machines themselves run all the time even where other things are billed now and then.
    const isSparse = n > 1 && chance.isTrue(shape.sparse ?? 0);
    for (const { region, part } of [
      { region: home, part: 1 - elsewhere },
      { region: second, part: elsewhere },
    ]) {
      if (part === 0) continue;
      // Machines are of one family or of some.
      const families = service === services.compute ? chance.shuffled(services.families).slice(0, chance.whole(1, 3)) : [undefined];
      for (const usage of families) {
        const amounts = ordinary(payer, shape, (share * part) / families.length, isSparse, chance);
        leaves.push({ account: id, service, region, ...(usage && { usage }), amounts });
      }
    }
  }
  payer.leaves.push(...leaves);
  liveThrough(payer, shape, { id, home }, leaves, chance);
  payer.accounts.push({ id, home, typical: typicalOf(payer, id) });
}

/** Working days and weekends, growth, and days that stray: a day like the one before more often than not. */
function ordinary(payer: Payer, shape: Shape, level: number, isSparse: boolean, chance: Chance): Float64Array {
  const noise = shape.noise * chance.between(0.5, 1.8);
  const weekend = 1 - (1 - shape.weekend) * chance.between(0, 1.3);
  const every = chance.whole(3, 12);
  let stray = 0;
  return Float64Array.from({ length: payer.days }, (_, day) => {
    stray = 0.6 * stray + 0.8 * noise * chance.normal();
    const weekday = (payer.firstDay + day + 4) % 7;
    const rhythm = weekday === 0 || weekday === 6 ? weekend : 1;
    const amount = level * rhythm * (1 + shape.growth) ** (day - payer.days / 2) * Math.exp(stray);
    if (!isSparse) return amount;
    return chance.isTrue(1 / every) ? amount * every : 0;
  });
}

/** The middle one of the first two months, in dollars a day. */
export function typicalOf({ leaves, days }: Pick<Payer, 'leaves' | 'days'>, id: string): number {
  const totals = Array.from({ length: Math.min(60, days) }, (_, day) =>
    leaves.filter(({ account }) => account === id).reduce((sum, { amounts }) => sum + amounts[day]!, 0),
  ).sort((a, b) => a - b);
  return totals[totals.length >> 1]!;
}
