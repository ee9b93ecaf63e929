/** What a payer is billed for, as series by day: the leaves, and all the sums they are in. Rows may come in any order and be revised. */
import { addTo, type Days, dayNumber, noDays, setMask, spentOn } from './days.ts';

export type SpendRow = {
  day: string;
  account: string;
  service: string;
  region: string;
  /** A family of machines or another sort of usage, where the bill tells them apart. */
  usage?: string;
  amount: number;
};
/** A part of what the payer is billed for; what is left out is not narrowed down. */
export type Part = { account?: string; service?: string; region?: string; usage?: string };
export type Level = 'leaf' | 'place' | 'service' | 'region' | 'account' | 'payer service' | 'payer region' | 'payer';
/** A leaf or a sum of leaves. */
export type Series = {
  level: Level;
  part: Part;
  /** Whose typical day sizes it: the account's, or the payer's for what lies across accounts. */
  owner: Owner;
  days: Days;
  /** Of a sum: what it is the sum of. Of a leaf: itself. */
  leaves: Series[];
  /** Of a leaf: all sums it is in. */
  sums: Series[];
  /** Of a leaf that is one sort of usage: all sorts of it together, by account, service and region. */
  place?: Series;
};
export type Owner = {
  /** Undefined for the payer as a whole. */
  account: string | undefined;
  whole: Series;
  /** By day: what cost enough that day to be worth a look. All else is ordinary. */
  loud: Map<number, Set<Series>>;
  /** The first day that cost anything. */
  first: number;
  /** What was worked out about the past is right for all days before this one. */
  knownUpTo: number;
};
export type Bill = {
  /** The amount takes the place of what was there, or is added to it. */
  change(row: SpendRow, how: 'put' | 'add'): void;
  accounts: ReadonlyMap<string, Owner>;
  payer: Owner;
  seriesOf(part: Part): Series | undefined;
  /** No row of any account on that day: nothing is known of it. */
  isGap(day: number): boolean;
};

/** What is worth a word, in the currency of the bill. */
export const leastADay = 10;

export function createBill(): Bill {
  const byPart = new Map<string, Series>();
  const accounts = new Map<string, Owner>();
  /** By account, service, region, usage: rows are many, and one text of all is dear to make. */
  const leaves = new Map<string, Map<string, Map<string, Map<string, Series>>>>();
  const numbers = new Map<string, number>();
  const read = noDays();
  const payer = ownerOf(undefined);

  function ownerOf(account: string | undefined): Owner {
    const owner: Omit<Owner, 'whole'> = {
      account,
      loud: new Map(),
      first: Number.POSITIVE_INFINITY,
      knownUpTo: Number.NEGATIVE_INFINITY,
    };
    const level = account === undefined ? 'payer' : 'account';
    return Object.assign(owner, { whole: seriesIn(owner as Owner, level, account === undefined ? {} : { account }) });
  }

  function seriesIn(owner: Owner, level: Level, part: Part): Series {
    return madeOnce(byPart, level === 'place' ? placeKeyOf(part) : keyOf(part), () => {
      const series: Series = { level, part, owner, days: noDays(), leaves: [], sums: [] };
      return series;
    });
  }

  function leafOf({ account, service, region, usage = '' }: SpendRow): Series {
    const inAccount = madeOnce(leaves, account, () => new Map<string, Map<string, Map<string, Series>>>());
    const ofService = madeOnce(inAccount, service, () => new Map<string, Map<string, Series>>());
    const inRegion = madeOnce(ofService, region, () => new Map<string, Series>());
    return madeOnce(inRegion, usage, () => newLeaf({ account, service, region, ...(usage && { usage }) }));
  }

  function newLeaf(part: { account: string; service: string; region: string; usage?: string }): Series {
    const { account, service, region, usage } = part;
    const owner = madeOnce(accounts, account, () => ownerOf(account));
    const leaf = seriesIn(owner, 'leaf', part);
    if (usage !== undefined) leaf.place = seriesIn(owner, 'place', { account, service, region });
    leaf.sums = [
      ...(leaf.place ? [leaf.place] : []),
      seriesIn(owner, 'service', { account, service }),
      seriesIn(owner, 'region', { account, region }),
      owner.whole,
      seriesIn(payer, 'payer service', { service }),
      seriesIn(payer, 'payer region', { region }),
      payer.whole,
    ];
    for (const one of [leaf, ...leaf.sums]) one.leaves.push(leaf);
    return leaf;
  }

  return {
    change(row, how) {
      const day = madeOnce(numbers, row.day, () => dayNumber(row.day));
      const leaf = leafOf(row);
      const more = how === 'add' ? row.amount : row.amount - spentOn(leaf.days, day);
      if (spentOn(read, day) === 0) addTo(read, day, 1);
      if (more === 0) return;
      changeOne(leaf, day, more);
      for (const sum of leaf.sums) changeOne(sum, day, more);
    },
    accounts,
    payer,
    seriesOf: (part) => byPart.get(placeKeyOf(part)) ?? byPart.get(keyOf(part)),
    isGap: (day) => spentOn(read, day) === 0,
  };
}

function changeOne(series: Series, day: number, more: number): void {
  const { owner, days } = series;
  const wasLoud = spentOn(days, day) >= leastADay;
  addTo(days, day, more);
  owner.knownUpTo = Math.min(owner.knownUpTo, day);
  owner.first = Math.min(owner.first, day);
  const isLoud = spentOn(days, day) >= leastADay;
  if (isLoud === wasLoud) return;
  const loud = madeOnce(owner.loud, day, () => new Set<Series>());
  if (isLoud) loud.add(series);
  else {
    loud.delete(series);
    setMask(days, day, 'counts');
  }
}

const keyOf = ({ account = '', service = '', region = '', usage = '' }: Part): string => `${account}\n${service}\n${region}\n${usage}`;
const placeKeyOf = (part: Part): string => `${keyOf(part)}\n`;

function madeOnce<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
