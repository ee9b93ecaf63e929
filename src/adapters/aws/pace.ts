/** When which region is looked at: often where the account lives, seldom where nothing ever was, everywhere at once when something is suspected. */
import type { Time } from '../../checks/observation.ts';

/** What a source reads; each has its own rhythm. `leaks`: AWS's own quarantine, which has no region. `uses`: which metrics there are. */
export type Reading = 'log' | 'machines' | 'services' | 'limits' | 'alerts' | 'leaks' | 'uses';
/**
 * `poll only`: nothing is set up in the account. `standard`: push tells of what happens, polling stays as the check that nobody cut it.
 * `fast`: polling alone, as fast as the rates allow; its calls cost more than the others' (docs/cost.md).
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
  /** Something happened there that only looking explains: it is due at once, or as soon after the last look as that may be. */
  hint(source: string, region: string): void;
  /** Some region is due because of a hint. */
  isHinted(source: string, reading: Reading, now: Time): boolean;
  /** Something lives there: machines, or somebody who changes things. */
  used(region: string): void;
  /** Something is suspected: for six hours this account is looked at as fast as the rates allow. */
  hurry(now: Time): void;
  isHurried(now: Time): boolean;
};

/**
 * Seconds between two looks: at regions in use (home and us-east-1, where IAM is logged, among them), and at all others. They follow from
 * how soon each thing has to be seen and from what a call costs where a threat detector reads its record; docs/cost.md has the arithmetic.
 * - `log` is one call a region and tells of every service, so it carries the time to alarm of all that is no EC2 machine, and of identity.
 * - `machines` is one call a region, seconds behind: it carries the time to alarm of EC2.
 * - `services` are eighteen calls a region. They are the net below the log, and are read at once where the log or push speaks of such a thing.
 */
type Rhythm = Record<Reading, { used: number; other: number }>;
const rhythms: Record<Profile | 'hurried', Rhythm> = {
  'poll only': {
    log: { used: 180, other: 720 },
    machines: { used: 180, other: 330 },
    services: { used: 7200, other: 43_200 },
    limits: { used: 7200, other: 14_400 },
    alerts: { used: 1800, other: 14_400 },
    leaks: { used: 1800, other: 1800 },
    uses: { used: 14_400, other: 28_800 },
  },
  standard: {
    log: { used: 600, other: 1800 },
    machines: { used: 600, other: 1200 },
    services: { used: 14_400, other: 43_200 },
    limits: { used: 14_400, other: 28_800 },
    alerts: { used: 14_400, other: 28_800 },
    leaks: { used: 1800, other: 1800 },
    uses: { used: 14_400, other: 32_400 },
  },
  fast: {
    log: { used: 60, other: 120 },
    machines: { used: 60, other: 60 },
    services: { used: 900, other: 3600 },
    limits: { used: 3600, other: 3600 },
    alerts: { used: 900, other: 3600 },
    leaks: { used: 300, other: 300 },
    uses: { used: 14_400, other: 14_400 },
  },
  hurried: {
    log: { used: 60, other: 120 },
    machines: { used: 60, other: 60 },
    services: { used: 300, other: 600 },
    limits: { used: 900, other: 1800 },
    alerts: { used: 300, other: 900 },
    leaks: { used: 300, other: 300 },
    uses: { used: 3600, other: 3600 },
  },
};
const hurriedSeconds = 6 * 3600;
/** Where IAM and the signing-in are logged. Its log is read as often whatever else is in use. */
const identityRegion = 'us-east-1';
const identityLogSeconds = 300;
/** An account in more regions than these has each of them looked at less often, down to what the others have: what it costs has an end. */
const mostUsedRegions = 4;
/** After a look a hint waits so long, in seconds: where things start and end all day, every one of them is a hint. */
const leastAfterLook: Partial<Record<Reading, number>> = { machines: 30, services: 300 };
const usuallyLeastAfterLook = 60;
/** Of an interval, by which the first looks after the start are spread. */
const spread = 0.5;

/** `seed` (the account) moves the looks at each region, so that they do not all fall into one second. Keeps state; a restart begins anew. */
export function createPace(profile: Profile, { home, seed }: { home: readonly string[]; seed: string }): Pace {
  const inUse = new Set<string>([identityRegion, ...home]);
  const begun = new Map<string, number>();
  const hinted = new Map<string, Set<string>>();
  let hurriedUntil = Number.NEGATIVE_INFINITY;

  const isHurried = (now: Time): boolean => Date.parse(now) < hurriedUntil;
  const every = (reading: Reading, region: string, now: Time): number => {
    const { used, other } = rhythms[isHurried(now) ? 'hurried' : profile][reading];
    if (!inUse.has(region)) return other;
    if (isHurried(now) || profile === 'fast') return used;
    if (reading === 'log' && region === identityRegion) return Math.min(used, identityLogSeconds);
    return Math.min(other, used * Math.max(1, inUse.size / mostUsedRegions));
  };
  const isRipe = (source: string, reading: Reading, region: string, nowMs: number): boolean =>
    (hinted.get(source)?.has(region) ?? false) &&
    nowMs - (begun.get(`${source} ${region}`) ?? 0) >= (leastAfterLook[reading] ?? usuallyLeastAfterLook) * 1000;

  return {
    every,
    beat: (reading) =>
      [rhythms[profile], rhythms.hurried].flatMap((one) => [one[reading].used, one[reading].other]).reduce(greatestCommonDivisor),
    due(source, reading, regions, now, everywhere = false) {
      return regions.filter((region) => {
        const key = `${source} ${region}`;
        const nowMs = Date.parse(now);
        const last = begun.get(key);
        const interval = every(reading, region, now) * 1000;
        if (!everywhere && last !== undefined && nowMs - last < interval && !isRipe(source, reading, region, nowMs)) return false;
        hinted.get(source)?.delete(region);
        // After the first look the second comes earlier, each region by another share.
        begun.set(key, last === undefined ? nowMs - Math.round(interval * spread * share(`${seed} ${key}`)) : nowMs);
        return true;
      });
    },
    hint(source, region) {
      const regions = hinted.get(source) ?? new Set();
      hinted.set(source, regions.add(region));
    },
    isHinted: (source, reading, now) => [...(hinted.get(source) ?? [])].some((region) => isRipe(source, reading, region, Date.parse(now))),
    used: (region) => void inUse.add(region),
    hurry(now) {
      hurriedUntil = Math.max(hurriedUntil, Date.parse(now) + hurriedSeconds * 1000);
    },
    isHurried,
  };
}

/** As often as a source has to be asked, so that no rhythm is stretched. */
const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** From 0 to 1, the same for the same text (FNV-1a). */
function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
