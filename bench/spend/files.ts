/** Bills of real accounts, as people saved them, in place of made-up ones: one payer a cloud and currency. Attacks are planted in them alike. */
import { readCosts } from '../../src/adapters/costs/read.ts';
import type { Cost } from '../../src/bot/digest.ts';
import { dayNumber } from '../../src/checks/spend/days.ts';
import { type Leaf, type Payer, typicalOf } from './payers.ts';

/** What is wrong with a file goes to `onProblem`, in plain words. */
export async function payersOf(files: string[], onProblem: (text: string) => void): Promise<Payer[]> {
  const { costs } = await readCosts(files, { onProblem: ({ file, text }) => onProblem(`${file}: ${text}`) });
  const bills = Map.groupBy(
    costs.filter(({ charge }) => charge === 'usage'),
    ({ scope, currency }) => `${scope.cloud} ${currency}`,
  );
  return [...bills.values()].map((rows, n) => payerOf(rows, n + 1));
}

function payerOf(rows: readonly Cost[], seed: number): Payer {
  const numbers = rows.map(({ day }) => dayNumber(day));
  const firstDay = numbers.reduce((a, b) => Math.min(a, b));
  const days = numbers.reduce((a, b) => Math.max(a, b)) - firstDay + 1;
  const leaves = new Map<string, Leaf>();
  for (const { scope, service, region, day, amount } of rows) {
    const key = `${scope.id}\n${service}\n${region}`;
    const leaf = leaves.get(key) ?? { account: scope.id, service, region, amounts: new Float64Array(days) };
    leaves.set(key, leaf);
    leaf.amounts[dayNumber(day) - firstDay]! += amount;
  }
  const payer = { archetype: 'from files' as const, seed, firstDay, days, leaves: [...leaves.values()], extras: [] };
  const accounts = [...new Set(payer.leaves.map(({ account }) => account))].map((id) => ({
    id,
    home: homeOf(payer.leaves.filter(({ account }) => account === id)),
    typical: typicalOf(payer, id),
  }));
  return { ...payer, accounts };
}

/** Where most is spent. */
function homeOf(leaves: readonly Leaf[]): string {
  const sums = new Map<string, number>();
  for (const { region, amounts } of leaves) sums.set(region, (sums.get(region) ?? 0) + amounts.reduce((sum, amount) => sum + amount, 0));
  return [...sums].sort(([, a], [, b]) => b - a)[0]![0];
}
