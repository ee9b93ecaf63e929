import type { Random } from '../../src/adapters/simulated/random.ts';

/** Draws that read well. All from one stream, so that the order of drawing matters and is kept. */
export type Chance = {
  normal(): number;
  between(from: number, to: number): number;
  /** Every size is as likely as its double. */
  logBetween(from: number, to: number): number;
  /** Both ends included. */
  whole(from: number, to: number): number;
  isTrue(probability: number): boolean;
  shuffled<T>(list: readonly T[]): T[];
};

export function chanceOf({ next, normal }: Random): Chance {
  const between = (from: number, to: number) => from + (to - from) * next();
  const whole = (from: number, to: number) => Math.floor(between(from, to + 1));
  return {
    normal,
    between,
    whole,
    logBetween: (from, to) => Math.exp(between(Math.log(from), Math.log(to))),
    isTrue: (probability) => next() < probability,
    shuffled(list) {
      const copy = [...list];
      for (let n = copy.length - 1; n > 0; n--) {
        const other = whole(0, n);
        [copy[n], copy[other]] = [copy[other]!, copy[n]!];
      }
      return copy;
    },
  };
}
