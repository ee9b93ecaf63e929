/** Counts rows of a sort, where the first one is, and what they amount to, currency by currency. */
import { money } from '../../bot/words.ts';

export type Counted = {
  rows: number;
  line: number | undefined;
  add(amount: number, currency: string, line: number): void;
  amount(): string;
};

export function createCounted(): Counted {
  const amounts = new Map<string, number>();
  const counted: Counted = {
    rows: 0,
    line: undefined,
    add(amount, currency, line) {
      counted.rows += 1;
      counted.line ??= line;
      amounts.set(currency, (amounts.get(currency) ?? 0) + amount);
    },
    amount: () => [...amounts].map(([currency, amount]) => money(amount, currency)).join(', '),
  };
  return counted;
}
