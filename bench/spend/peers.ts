/**
 * What others do, on the same numbers. Each says for one line of a bill whether a day stands out; where documentation leaves something open,
 * what is assumed stands beside it. All of them are shown gross usage, which is kind to those that by default look at what credits leave.
 */

import type { Grain } from './book.ts';
import { largestOutliers } from './esd.ts';

export type Peer = {
  name: string;
  how: string;
  grain: Grain;
  /** What the day should have cost if it stands out; undefined when it does not. `first` is the first day that the account cost anything. */
  expectedIfOut(
    amounts: Float64Array,
    day: number,
    about: { first: number; usualMonthly: number; dateOf(day: number): number },
  ): number | undefined;
};

export const peers: readonly Peer[] = [
  {
    name: 'budget of 130 % of a usual month',
    how: 'AWS Budgets, one cost budget an account, alert on actual cost',
    grain: 'account',
    expectedIfOut(amounts, day, { usualMonthly, dateOf }) {
      const inMonth = amounts.subarray(Math.max(0, day - dateOf(day) + 1), day + 1);
      const before = sum(inMonth.subarray(0, -1));
      const limit = 1.3 * usualMonthly;
      // Once, when it is crossed.
      return before < limit && before + amounts[day]! >= limit ? Math.min(amounts[day]!, usualMonthly / 30) : undefined;
    },
  },
  {
    name: 'z-score above 3, account',
    how: 'mean and standard deviation of 28 days',
    grain: 'account',
    expectedIfOut(amounts, day, { first }) {
      const past = lastDays(amounts, day, first, 28);
      if (!past) return undefined;
      const { mean, deviation } = momentsOf(past);
      return deviation > 0 && (amounts[day]! - mean) / deviation > 3 ? mean : undefined;
    },
  },
  {
    name: '30 % above the mean of 7 days, account',
    how: 'the rule of an open-source FinOps platform (OptScale)',
    grain: 'account',
    expectedIfOut(amounts, day, { first }) {
      const past = lastDays(amounts, day, first, 7);
      if (!past) return undefined;
      const { mean } = momentsOf(past);
      return amounts[day]! > 1.3 * mean ? mean : undefined;
    },
  },
  {
    name: 'MAD above 3.5, service in a region',
    how: 'modified z-score of Iglewicz and Hoaglin over 28 days; a MAD of zero answers nothing',
    grain: 'service in a region',
    expectedIfOut(amounts, day, { first }) {
      const past = lastDays(amounts, day, first, 28);
      if (!past) return undefined;
      const middle = median(past);
      const mad = median(past.map((amount) => Math.abs(amount - middle)));
      return mad > 0 && (0.6745 * (amounts[day]! - middle)) / mad > 3.5 ? middle : undefined;
    },
  },
  {
    name: 'S-H-ESD, service in a region',
    how: 'weekly shape and median taken off 42 days, generalized ESD with median and MAD, at most 10 %, 0.05; a MAD of zero ends it',
    grain: 'service in a region',
    expectedIfOut(amounts, day, { first }) {
      const from = Math.max(first, day - 41);
      // Two periods are the least it takes.
      if (day - from + 1 < 14) return undefined;
      const days = amounts.subarray(from, day + 1);
      const middle = median(days);
      const seasonal = Float64Array.from({ length: 7 }, (_, weekday) => median(days.filter((_, n) => n % 7 === weekday)) - middle);
      const rest = days.map((amount, n) => amount - middle - seasonal[n % 7]!);
      const last = rest.length - 1;
      return largestOutliers(rest, Math.floor(0.1 * rest.length)).includes(last) && rest[last]! > 0
        ? amounts[day]! - rest[last]!
        : undefined;
    },
  },
  {
    name: 'windowed Gaussian with a floor of $5, leaf',
    how: 'mean and deviation of 28 days; out from 5 dollars and a tail below 1 in 30,000 (4 deviations)',
    grain: 'leaf',
    expectedIfOut(amounts, day, { first }) {
      const past = lastDays(amounts, day, first, 28);
      if (!past) return undefined;
      const { mean, deviation } = momentsOf(past);
      const excess = amounts[day]! - mean;
      return excess >= 5 && excess / Math.max(deviation, 1e-6) > 4 ? mean : undefined;
    },
  },
  {
    name: 'the billing anomaly service, as documented',
    how: 'by service of an account, from 10 days of a service on, three times a day; alert from 100 dollars and 40 % (its first set-up). Its model is not public: a weekday’s mean and 3 deviations stand in',
    grain: 'service of an account',
    expectedIfOut(amounts, day, { first }) {
      const start = amounts.findIndex((amount, n) => n >= first && amount > 0);
      if (start < 0 || day - start < 10) return undefined;
      const past = amounts.subarray(Math.max(start, day - 42), day);
      const { mean, deviation } = momentsOf(past);
      const same = past.filter((_, n) => (past.length - n) % 7 === 0);
      const expected = same.length >= 3 ? momentsOf(same).mean : mean;
      const excess = amounts[day]! - expected;
      return excess >= 100 && excess >= 0.4 * expected && excess > 3 * deviation ? expected : undefined;
    },
  },
];
/** Those before it, at least a week of them. */
function lastDays(amounts: Float64Array, day: number, first: number, count: number): Float64Array | undefined {
  const past = amounts.subarray(Math.max(first, day - count), day);
  return past.length < 7 ? undefined : past;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
function momentsOf(values: Float64Array): { mean: number; deviation: number } {
  const mean = sum(values) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length) };
}
export function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
