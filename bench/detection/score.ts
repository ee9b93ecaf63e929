/** What runs say about one detector: how soon, how much, how often in vain. Pure. */
import { isLooking, type Scenario } from '../../src/adapters/simulated/scenario.ts';
import { rank } from '../../src/bot/severity.ts';
import type { Told } from './live.ts';

/** What an attack is after; each group has its own targets. */
export const groups = ['EC2', 'other services', 'identity', 'evasion', 'slow'] as const;
export type Group = (typeof groups)[number];
export type Attacked = { group: Group; firstStepMs: number; endMs: number; told: readonly Told[] };
export type Normal = { months: number; told: readonly Told[] };

export type Score = {
  attacks: number;
  /** Minutes from the first step to the first page (a story of high or worse), over all: one never paged is later than any other. */
  p50: number;
  p95: number;
  /** Share paged within so many minutes. */
  within: Record<10 | 30 | 60 | 1440, number>;
  /** USD burned from the first step to the first page at the motivating case's rate; without a page until the run's end. */
  usdP50: number;
  usdP95: number;
};

/** $53,000 in 30 days (Business Insider, January 2022). */
export const usdPerHour = 73.61;

export function scoreOf(attacked: readonly Attacked[]): Score {
  const delays = attacked.map((one) => minutesToPage(one) ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const burned = attacked
    .map((one) => ((minutesToPage(one) ?? (one.endMs - one.firstStepMs) / 60_000) / 60) * usdPerHour)
    .sort((a, b) => a - b);
  const share = (minutes: number): number => delays.filter((one) => one <= minutes).length / Math.max(1, delays.length);
  return {
    attacks: attacked.length,
    p50: quantile(delays, 0.5),
    p95: quantile(delays, 0.95),
    within: { 10: share(10), 30: share(30), 60: share(60), 1440: share(1440) },
    usdP50: quantile(burned, 0.5),
    usdP95: quantile(burned, 0.95),
  };
}

/** Undefined: nobody was woken. */
export function minutesToPage({ firstStepMs, told }: Pick<Attacked, 'firstStepMs' | 'told'>): number | undefined {
  const pages = told.filter((one) => one.atMs >= firstStepMs && isPage(one)).map(({ atMs }) => atMs);
  return pages.length === 0 ? undefined : (Math.min(...pages) - firstStepMs) / 60_000;
}

/** Per account and month where nothing is wrong: how often somebody is woken, and how often anything is said (medium or worse). */
export function noiseOf(normals: readonly Normal[]): { months: number; pages: number; messages: number } {
  const months = normals.reduce((sum, one) => sum + one.months, 0);
  const told = normals.flatMap((one) => one.told);
  return { months, pages: told.filter(isPage).length / months, messages: told.length / months };
}

export const isPage = ({ severity }: Pick<Told, 'severity'>): boolean => rank(severity) >= rank('high');

/**
 * By what the attack does first: gets into identities, blinds guards, or spends. Whoever starts something small and waits, or works at night
 * alone, is slow by the word of its file: a day is what finding that may take.
 */
export function groupOf({ label, attack }: Pick<Scenario, 'label' | 'attack'>): Group {
  if (/slow|night/.test(label?.family ?? '')) return 'slow';
  const calls = attack.map(({ call }) => call).filter((call) => !isLooking(call));
  const first = calls[0] ?? '';
  if (/^(?:iam|sts|signin|organizations|account|servicequotas|support):/.test(first)) return 'identity';
  if (/^(?:cloudtrail|guardduty|events|budgets|ce|cloudwatch|monitoring|config|securityhub|access-analyzer):/.test(first)) return 'evasion';
  return calls.some((call) => machines.test(call)) && !calls.some((call) => elsewhere.test(call)) ? 'EC2' : 'other services';
}
const machines = /^(?:ec2|autoscaling):/;
const elsewhere =
  /^(?:ecs|sagemaker|batch|lightsail|eks|emr|elasticmapreduce|lambda|codebuild|amplify|apprunner|glue|gamelift|workspaces|bedrock)/;

/** The smallest value that so much of the sorted values does not exceed (nearest rank); of nothing, infinite. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.POSITIVE_INFINITY;
