/** What the readers of saved costs share: which amount is counted, and what is said of a file that could not be read as it should. */

/**
 * Which amount: `billed` is what the invoice says (FOCUS BilledCost, Cost Explorer UnblendedCost), so that sums agree with it; `effective` spreads
 * what was paid in advance over the use it covers (EffectiveCost, AmortizedCost), so that use covered by a commitment does not look free. The two
 * must not be mixed in one sum: a purchase and the use it pays for would both count.
 */
export type Measure = 'billed' | 'effective';

/** What could not be read (`lost`), or was read in a way one should know. `line` counts from 1. */
export type CostProblem = { file: string; line?: number; text: string; lost: boolean };
/** The same of one file. */
export type Tell = (text: string, lost: boolean, line?: number) => void;

/** Why a file could not be read, in plain words. */
export function reason(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'reading it is not allowed';
  if (code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR') return 'the archive is damaged or ends too early; fetch it again';
  return message ?? String(error);
}

/** Says the first three problems of a kind with their lines, and at the end how many more there were. */
export type Repeats = { say(kind: string, text: string, lost: boolean, line: number): void; finish(): void };
export function createRepeats(tell: Tell): Repeats {
  const counts = new Map<string, { text: string; lost: boolean; number: number }>();
  return {
    say(kind, text, lost, line) {
      const known = counts.get(kind);
      if (known) {
        known.number += 1;
        if (known.number > 3) return;
      } else counts.set(kind, { text, lost, number: 1 });
      tell(text, lost, line);
    },
    finish() {
      for (const { text, lost, number } of counts.values()) if (number > 3) tell(`${number - 3} more lines like this: ${text}`, lost);
    },
  };
}
