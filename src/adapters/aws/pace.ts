/** When which region is looked at: often where the account lives, seldom where nothing ever was, everywhere at once when something is suspected. */
import type { Time } from '../../checks/observation.ts';

/** What a source reads; each has its own rhythm. */
export type Reading = 'log' | 'machines' | 'services' | 'limits' | 'alerts';
/**
 * `poll only`: nothing is set up in the account. `standard`: push tells of what happens, polling stays as the check that nobody cut it.
 * `fast`: polling alone, as fast as the rates allow; its calls cost more than the others' (see docs/cost.md).
 */
export const profiles = ['poll only', 'standard', 'fast'] as const;
export type Profile = (typeof profiles)[number];

export type Pace = {
  /** How often a source of that reading has to be asked whether a region is due, in seconds. */
  beat(reading: Reading): number;
  /** How often that region is looked at now, in seconds. */
  every(reading: Reading, region: string, now: Time): number;
  /** Of these regions those that are due now; they count as begun. `everywhere`: all of them, whatever the rhythm. */
  due(source: string, reading: Reading, regions: readonly string[], now: Time, everywhere?: boolean): string[];
  /** Something happened there that only looking explains: it is due at once. */
  hint(source: string, region: string): void;
  isHinted(source: string): boolean;
  /** Something lives there: machines, or somebody who changes things. */
  used(region: string): void;
  /** Something is suspected: for six hours this account is looked at as fast as the rates allow. */
  hurry(now: Time): void;
  isHurried(now: Time): boolean;
};

/** Seconds between two looks: at regions in use (home and us-east-1, where IAM is logged, among them), and at all others. */
type Rhythm = Record<Reading, { used: number; other: number }>;
const rhythms: Record<Profile | 'hurried', Rhythm> = {
  'poll only': {
    log: { used: 300, other: 900 },
    machines: { used: 120, other: 300 },
    services: { used: 3600, other: 3600 },
    limits: { used: 3600, other: 3600 },
    alerts: { used: 900, other: 3600 },
  },
  standard: {
    log: { used: 300, other: 1800 },
    machines: { used: 600, other: 600 },
    services: { used: 3600, other: 3600 },
    limits: { used: 7200, other: 7200 },
    alerts: { used: 3600, other: 3600 },
  },
  fast: {
    log: { used: 60, other: 120 },
    machines: { used: 60, other: 60 },
    services: { used: 900, other: 900 },
    limits: { used: 900, other: 900 },
    alerts: { used: 300, other: 900 },
  },
  hurried: {
    log: { used: 60, other: 120 },
    machines: { used: 60, other: 60 },
    services: { used: 300, other: 300 },
    limits: { used: 900, other: 900 },
    alerts: { used: 300, other: 900 },
  },
};
const hurriedSeconds = 6 * 3600;
/** Of an interval, by which the first looks after the start are spread. */
const spread = 0.5;

/** `seed` (the account) moves the looks at each region, so that they do not all fall into one second. Keeps state; a restart begins anew. */
export function createPace(profile: Profile, { home, seed }: { home: readonly string[]; seed: string }): Pace {
  const inUse = new Set<string>(['us-east-1', ...home]);
  const begun = new Map<string, number>();
  const hinted = new Set<string>();
  let hurriedUntil = Number.NEGATIVE_INFINITY;

  const isHurried = (now: Time): boolean => Date.parse(now) < hurriedUntil;
  const every = (reading: Reading, region: string, now: Time): number =>
    rhythms[isHurried(now) ? hurriedFrom(profile) : profile][reading][inUse.has(region) ? 'used' : 'other'];

  return {
    every,
    beat: (reading) =>
      Math.min(...[rhythms[profile], rhythms[hurriedFrom(profile)]].flatMap((one) => [one[reading].used, one[reading].other])),
    due(source, reading, regions, now, everywhere = false) {
      hinted.delete(source);
      return regions.filter((region) => {
        const key = `${source} ${region}`;
        const nowMs = Date.parse(now);
        const last = begun.get(key);
        const interval = every(reading, region, now) * 1000;
        if (!everywhere && last !== undefined && nowMs - last < interval) return false;
        // After the first look the second comes earlier, each region by another share.
        begun.set(key, last === undefined ? nowMs - Math.round(interval * spread * share(`${seed} ${key}`)) : nowMs);
        return true;
      });
    },
    hint(source, region) {
      begun.delete(`${source} ${region}`);
      hinted.add(source);
    },
    isHinted: (source) => hinted.has(source),
    used: (region) => void inUse.add(region),
    hurry(now) {
      hurriedUntil = Math.max(hurriedUntil, Date.parse(now) + hurriedSeconds * 1000);
    },
    isHurried,
  };
}

const hurriedFrom = (profile: Profile): Profile | 'hurried' => (profile === 'fast' ? 'fast' : 'hurried');

/** From 0 to 1, the same for the same text (FNV-1a). */
function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
