/**
 * Which of the parts that cost too much are one story? The most specific leaves that explain an excess are told, once: a sum is told only
 * for what its leaves do not explain.
 */
import type { How } from './severity-by-money.ts';

export type LeafExcess = {
  account: string;
  service: string;
  region: string;
  usage?: string;
  spent: number;
  expected: number;
  excess: number;
};
export type Candidate = {
  part: { account?: string; service?: string; region?: string; usage?: string };
  /** How wide it is: 0 is a leaf. */
  rank: number;
  how: How;
  expected: number;
  spread: number;
  /** A day, above what is expected. */
  excess: number;
  /** So many levels less severe. */
  lowered: number;
  leaves: readonly LeafExcess[];
};
export type SpendStory = {
  how: How;
  part: { service?: string; region?: string; usage?: string };
  spent: number;
  expected: number;
  excess: number;
  /** What it costs more a day: the mean of the week for a slow burn. */
  rate: number;
  spread: number;
  lowered: number;
  leaves: LeafExcess[];
};
type Draft = {
  hows: Set<How>;
  accounts: Set<string>;
  services: Set<string>;
  newRegions: Set<string>;
  leaves: Map<string, LeafExcess>;
  spread: number;
  slowRate: number;
  lowered: number;
};

/** The greatest excess first. */
export function storiesOf(candidates: readonly Candidate[]): SpendStory[] {
  let drafts: Draft[] = [];
  const taken = new Set<string>();
  const isTaken = (leaf: LeafExcess): boolean => taken.size > 0 && taken.has(keyOf(leaf));
  for (const candidate of [...candidates].sort((a, b) => a.rank - b.rank || b.excess - a.excess)) {
    const shared = candidate.leaves.filter(isTaken);
    const isTold = sum(shared.map(({ excess }) => excess)) >= 0.6 * candidate.excess;
    // What is new is more than the leaves that are told already: they are told as what they are.
    if (isTold && candidate.how !== 'new region' && candidate.how !== 'new service') continue;
    const explaining = isTold ? [] : explains(candidate).filter((leaf) => !isTaken(leaf));
    const draft = draftOf(candidate, explaining);
    const sharedKeys = shared.map(keyOf);
    const same = drafts.filter((other) => sharedKeys.some((key) => other.leaves.has(key)) || belongTogether(other, draft));
    drafts = [...drafts.filter((other) => !same.includes(other)), [draft, ...same].reduce(merged)];
    for (const key of draft.leaves.keys()) taken.add(key);
  }
  return drafts.map(storyOf).sort((a, b) => b.excess - a.excess);
}

/** The greatest leaves that make up most of it; all of them alike where none stands out. */
function explains({ leaves, expected, excess }: Candidate): LeafExcess[] {
  const more = leaves.filter((leaf) => leaf.excess > 0).sort((a, b) => b.excess - a.excess);
  if (sum(more.map((leaf) => leaf.excess)) < 0.5 * excess) {
    const share = expected / (expected + excess);
    return leaves
      .filter(({ spent }) => spent > 0)
      .map((leaf) => ({ ...leaf, expected: share * leaf.spent, excess: (1 - share) * leaf.spent }));
  }
  const chosen: LeafExcess[] = [];
  let explained = 0;
  for (const leaf of more) {
    if (explained >= 0.8 * excess) break;
    explained += leaf.excess;
    chosen.push(leaf);
  }
  return chosen;
}

function draftOf({ how, part, leaves, spread, excess, lowered }: Candidate, explaining: readonly LeafExcess[]): Draft {
  const own = explaining.length > 0 ? explaining : leaves.filter(({ spent }) => spent > 0);
  return {
    hows: new Set([how]),
    accounts: new Set(own.map(({ account }) => account)),
    services: new Set(own.map(({ service }) => service)),
    newRegions: new Set(how === 'new region' ? [part.region!] : []),
    leaves: new Map(explaining.map((leaf) => [keyOf(leaf), leaf])),
    spread: explaining.length > 0 ? spread : 0,
    slowRate: how === 'slow burn' ? excess : 0,
    // What is told already keeps the severity it has.
    lowered: explaining.length > 0 ? lowered : Number.POSITIVE_INFINITY,
  };
}

/** All that is in new regions of an account, and the same service all over an account. */
function belongTogether(other: Draft, draft: Draft): boolean {
  if (!overlap(other.accounts, draft.accounts)) return false;
  return (other.newRegions.size > 0 && draft.newRegions.size > 0) || overlap(other.services, draft.services);
}

const merged = (a: Draft, b: Draft): Draft => ({
  hows: a.hows.union(b.hows),
  accounts: a.accounts.union(b.accounts),
  services: a.services.union(b.services),
  newRegions: a.newRegions.union(b.newRegions),
  leaves: new Map([...a.leaves, ...b.leaves]),
  spread: Math.hypot(a.spread, b.spread),
  slowRate: Math.max(a.slowRate, b.slowRate),
  lowered: Math.min(a.lowered, b.lowered),
});

function storyOf(draft: Draft): SpendStory {
  const leaves = [...draft.leaves.values()].sort((a, b) => b.excess - a.excess);
  const services = new Set(leaves.map(({ service }) => service));
  const regions = new Set(leaves.map(({ region }) => region));
  const usages = new Set(leaves.map(({ usage }) => usage));
  const excess = sum(leaves.map((leaf) => leaf.excess));
  const how = (['new region', 'new service', 'jump', 'slow burn'] as const).find((one) => draft.hows.has(one))!;
  return {
    how,
    part: {
      ...(services.size === 1 ? { service: leaves[0]!.service } : {}),
      ...(regions.size === 1 ? { region: leaves[0]!.region } : {}),
      ...(usages.size === 1 && leaves[0]!.usage !== undefined ? { usage: leaves[0]!.usage } : {}),
    },
    spent: sum(leaves.map(({ spent }) => spent)),
    expected: sum(leaves.map(({ expected }) => expected)),
    excess,
    rate: how === 'slow burn' ? draft.slowRate : excess,
    spread: draft.spread,
    lowered: draft.lowered,
    leaves,
  };
}

const keyOf = ({ account, service, region, usage = '' }: LeafExcess): string => `${account}\n${service}\n${region}\n${usage}`;
const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => !a.isDisjointFrom(b);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
