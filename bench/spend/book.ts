/** What peers are shown: the same rows as the judge, summed as each of them wants it. Days count from the payer's first. */
import type { BillRow } from './bill.ts';

export type Grain = 'account' | 'service of an account' | 'service in a region' | 'leaf';
export type Line = { account: string; service?: string; region?: string; usage?: string; amounts: Float64Array };
export type Book = { put(row: BillRow): void; lines(grain: Grain): readonly Line[] };

export function createBook(days: number): Book {
  const cells = new Map<string, Float64Array>();
  const sums: Record<Grain, Map<string, Line>> = {
    account: new Map(),
    'service of an account': new Map(),
    'service in a region': new Map(),
    leaf: new Map(),
  };
  return {
    put({ day, amount, ...where }) {
      const { account, service, region, usage } = where;
      const key = `${account}\n${service}\n${region}\n${usage}`;
      const cell = cells.get(key) ?? new Float64Array(days);
      cells.set(key, cell);
      const more = amount - cell[day]!;
      cell[day] = amount;
      add(sums.account, account, { account }, day, more, days);
      add(sums['service of an account'], `${account}\n${service}`, { account, service }, day, more, days);
      add(sums['service in a region'], `${account}\n${service}\n${region}`, { account, service, region }, day, more, days);
      add(sums.leaf, key, where, day, more, days);
    },
    lines: (grain) => [...sums[grain].values()],
  };
}

function add(lines: Map<string, Line>, key: string, part: Omit<Line, 'amounts'>, day: number, more: number, days: number): void {
  const line = lines.get(key) ?? { ...part, amounts: new Float64Array(days) };
  lines.set(key, line);
  line.amounts[day]! += more;
}
