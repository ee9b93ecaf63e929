/** What a bench run says about one detector: how soon, how much, how often in vain. Pure. */
import { rank } from '../../src/bot/severity.ts';
import type { Told } from './run.ts';

/** What an attack is after; each group has its own targets. */
export type Group = 'EC2' | 'other services' | 'identity' | 'evasion' | 'slow';
export type Attacked = {
  name: string;
  account: string;
  seed: number;
  group: Group;
  firstStepMs: number;
  endMs: number;
  told: readonly Told[];
};
export type Normal = { name: string; seed: number; months: number; told: readonly Told[] };

export type Score = {
  group: Group | 'all';
  attacks: number;
  /** Minutes from the first step to the first page (a story of high or worse), over those paged. */
  p50: number | undefined;
  p95: number | undefined;
  /** Share paged within so many minutes. */
  within: Record<10 | 30 | 60 | 1440, number>;
  /** USD burned until the first page at the motivating case's $73.61 an hour; what was never paged burns until the run's end. */
  usdP50: number;
  usdP95: number;
};

/** $53,000 in 30 days (Business Insider, January 2022). */
export const usdPerHour = 73.61;

export function scoreOf(group: Score['group'], attacked: readonly Attacked[]): Score {
  const some = attacked.filter((one) => group === 'all' || one.group === group);
  const delays = some.map(minutesToPage);
  const paged = delays.filter((one) => one !== undefined).sort((a, b) => a - b);
  const burned = some
    .map((one, index) => ((delays[index] ?? (one.endMs - one.firstStepMs) / 60_000) / 60) * usdPerHour)
    .sort((a, b) => a - b);
  const share = (minutes: number): number => (some.length === 0 ? 0 : paged.filter((one) => one <= minutes).length / some.length);
  return {
    group,
    attacks: some.length,
    p50: quantile(paged, 0.5),
    p95: quantile(paged, 0.95),
    within: { 10: share(10), 30: share(30), 60: share(60), 1440: share(1440) },
    usdP50: quantile(burned, 0.5) ?? 0,
    usdP95: quantile(burned, 0.95) ?? 0,
  };
}

/** Undefined: nobody was woken. */
export function minutesToPage({ firstStepMs, told }: Pick<Attacked, 'firstStepMs' | 'told'>): number | undefined {
  const page = told.filter((one) => one.atMs >= firstStepMs && rank(one.severity) >= rank('high')).sort((a, b) => a.atMs - b.atMs)[0];
  return page === undefined ? undefined : (page.atMs - firstStepMs) / 60_000;
}

/** Per account and month where nothing is wrong: how often somebody is woken, and how often anything is said (medium or worse). */
export function noiseOf(normals: readonly Normal[]): { months: number; pages: number; messages: number } {
  const months = normals.reduce((sum, one) => sum + one.months, 0);
  const count = (from: 'medium' | 'high'): number =>
    normals.reduce((sum, one) => sum + one.told.filter((said) => rank(said.severity) >= rank(from)).length, 0);
  return { months, pages: count('high') / months, messages: count('medium') / months };
}

/** The smallest value that so much of the sorted values does not exceed (nearest rank). */
export const quantile = (sorted: readonly number[], share: number): number | undefined =>
  sorted.length === 0 ? undefined : sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
