/** One printed number, with what it should be beside it. Nothing is asserted. */
export type Figure = {
  /** What was measured, in a few words. */
  what: string;
  value: number;
  unit: 's' | 'ms' | 'MB' | '×' | '/s' | '%' | '';
  /** What issue 2 asks for, in the same unit. */
  atMost?: number;
  /** Whatever one must know to read the number. */
  note?: string;
};
/** One file per measure exports one of these. */
export type Measure = {
  /** What is measured, exactly: from when to when, of what, with what in place of the outside world. */
  about: string;
  run(): Promise<Figure[]>;
};

/** The middle one; of an even number the higher. */
export const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export const slowest = (values: number[]): number => Math.max(...values);
