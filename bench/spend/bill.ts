/**
 * What the provider shows of a bill, and when. It is read every eight hours. Usage is seen 8 to 24 hours after it began: either in blocks of
 * eight hours, each 8, 16 or 24 hours after its start, or (the stricter clock) by the hour. A day's figure still changes for up to three days.
 * All of this is drawn from the payer's seed, whatever is attacked.
 */
import { createRandom } from '../../src/adapters/simulated/random.ts';
import type { Attack } from './attacks.ts';
import { chanceOf } from './chance.ts';
import type { Extra, Payer } from './payers.ts';

export type BillRow = {
  day: number;
  account: string;
  service: string;
  region: string;
  usage?: string;
  charge: 'usage' | Extra['charge'];
  amount: number;
};
export type Reading = {
  atHour: number;
  /** The newest day of which anything can be seen. */
  newest: number;
  rows: BillRow[];
};

export type Clock = 'by block' | 'by hour';
/** How fine the bill is: an export tells machines of one family from others, Cost Explorer's two groupings do not. */
export type Fineness = 'families' | 'services';
export type Span = { fromHour: number; toHour: number; clock: Clock; fineness: Fineness; attack?: Attack };

/** Readings at hours in [fromHour, toHour); the first one brings all days before it. Days count from the payer's first. */
export function* readingsOf(payer: Payer, { fromHour, toHour, clock, fineness, attack }: Span): Generator<Reading> {
  const visible = visibleHours(payer, clock);
  const revision = revisionsOf(payer, attack ? attack.leaves.length : 0);
  const cells = cellsOf(payer, attack);
  let isFirst = true;
  for (const { atHour, upTo } of visible) {
    if (atHour < fromHour || atHour > toHour || upTo <= 0) continue;
    const newest = Math.min(payer.days - 1, Math.floor((upTo - 1) / 24));
    const rows: BillRow[] = [];
    for (let day = isFirst ? 0 : Math.max(0, newest - 4); day <= newest; day++) {
      for (const [n, { honest, stolen, ...where }] of cells.entries()) {
        const seen = shareOfDay(upTo - day * 24);
        let amount = (honest?.[day] ?? 0) * seen;
        if (attack && stolen)
          for (let hour = Math.max(day * 24, attack.startHour); hour < Math.min(day * 24 + 24, upTo); hour++) amount += stolen(hour);
        // Cost Explorer lists no cell that costs nothing, but it does list one that is corrected to nothing.
        if (amount === 0 && (honest?.[day] ?? 0) === 0) continue;
        const ageDays = Math.max(0, (atHour - (day + 1) * 24) / 24);
        rows.push({ day, ...where, charge: 'usage', amount: amount * (1 + revision(n, day) * Math.max(0, 1 - ageDays / 3)) });
      }
      rows.push(...extrasOf(payer, day));
    }
    isFirst = false;
    yield { atHour, newest, rows: fineness === 'families' ? rows : withoutFamilies(rows) };
  }
}

/** In Cost Explorer they have no service and no region of their own. */
const extrasOf = ({ extras }: Payer, day: number): BillRow[] =>
  extras
    .filter(({ amounts }) => amounts[day] !== 0)
    .map(({ account, charge, amounts }) => ({ day, account, service: charge, region: 'global', charge, amount: amounts[day]! }));

/** Up to which hour usage is on the bill at each reading; never less than before. */
export function visibleHours(payer: Payer, clock: Clock): { atHour: number; upTo: number }[] {
  const chance = chanceOf(createRandom(payer.seed, `lag ${payer.archetype}`));
  let upTo = 0;
  return Array.from({ length: payer.days * 3 }, (_, n) => {
    const atHour = (n + 1) * 8;
    // A block that just ended began eight hours ago.
    const behind = clock === 'by block' ? 8 * chance.whole(0, 2) : chance.between(8, 24);
    upTo = Math.max(upTo, Math.floor(atHour - behind));
    return { atHour, upTo };
  });
}

/** Working hours are busier. */
function shareOfDay(hours: number): number {
  if (hours >= 24) return 1;
  if (hours <= 0) return 0;
  const busy = Math.min(Math.max(hours - 8, 0), 10);
  return (hours + 0.6 * busy) / 30;
}

function revisionsOf(payer: Payer, more: number): (cell: number, day: number) => number {
  const chance = chanceOf(createRandom(payer.seed, `revisions ${payer.archetype}`));
  const drawn = Float32Array.from({ length: (payer.leaves.length + more) * payer.days }, () =>
    chance.isTrue(0.05) ? -chance.between(0.05, 0.2) : 0.01 * chance.normal(),
  );
  return (cell, day) => drawn[cell * payer.days + day] ?? 0;
}

type Cell = { account: string; service: string; region: string; usage?: string; honest?: Float64Array; stolen?: (hour: number) => number };

function cellsOf(payer: Payer, attack: Attack | undefined): Cell[] {
  const cells: Cell[] = payer.leaves.map(({ amounts, ...where }) => ({ ...where, honest: amounts }));
  for (const { usdInHour, ...where } of attack?.leaves ?? []) {
    const known = cells.find(
      (one) => one.account === attack!.account && one.service === where.service && one.region === where.region && one.usage === where.usage,
    );
    if (known) known.stolen = usdInHour;
    else cells.push({ account: attack!.account, ...where, stolen: usdInHour });
  }
  return cells;
}

function withoutFamilies(rows: readonly BillRow[]): BillRow[] {
  const sums = new Map<string, BillRow>();
  for (const { usage: _, ...row } of rows) {
    const key = `${row.day} ${row.account} ${row.service} ${row.region} ${row.charge}`;
    const known = sums.get(key);
    if (known) known.amount += row.amount;
    else sums.set(key, row);
  }
  return [...sums.values()];
}
