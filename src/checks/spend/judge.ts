/**
 * Is a day's spend far above what is usual, and what is it that costs more? For all that one payer is billed for, in one currency.
 *
 *     const ledger = createSpendLedger({ usualMonthly: { '123456789012': 150 } });
 *     for (const row of rows) ledger.put(row);        // gross usage; the amount takes the place of an earlier one (`add` adds to it)
 *     const anomalies = ledger.judge('2026-11-23');   // one per story, the greatest excess first
 *     ledger.put({ ...row, amount: 12.5 });           // the bill was revised: judge the day again, an anomaly may be gone
 *     ledger.course({ account, region }, from, to);   // day by day what was spent and what is usual, for a picture
 *
 * What is kept out of later histories follows from the rows and from what was declared alone, never from what was asked before: the same
 * rows give the same anomalies in whatever order they came. A day that is not over is held against what a whole day usually costs. Only
 * charges of the kind usage belong in here: fees, taxes, credits and refunds come on days of their own. Days are UTC.
 */
import { type Severity, severities } from '../observation.ts';
import { createBill, type Level, leastADay, type Owner, type Part, type Series, type SpendRow } from './bill-series.ts';
import { dayNumber, dayOf, spentOn } from './days.ts';
import { type How, severityByMoney } from './severity-by-money.ts';
import { type Candidate, type LeafExcess, type SpendStory, storiesOf } from './spend-stories.ts';
import { createWatch } from './stands-out.ts';

export type { Part, SpendRow } from './bill-series.ts';
export type { LeafExcess } from './spend-stories.ts';
/** What people have said about a bill. A ledger keeps what it was given: when they say more, make a new one. */
export type UsualCost = {
  /** By account, in the currency of the rows. */
  usualMonthly?: Readonly<Record<string, number>>;
  /** Of accounts nobody said anything about. */
  assumedMonthly?: number;
  /** Stories nobody has answered, from their first day on: their days are never taken as usual, however many. */
  open?: readonly { part: Part; from: string; until?: string }[];
};
export type SpendAnomaly = {
  day: string;
  /** Where several accounts are in it: the one with the greatest excess; `leaves` names all. */
  account: string;
  how: How;
  severity: Severity;
  /** Absent: more than one. */
  service?: string;
  region?: string;
  /** A new one is told as *new service*, although its service may be known. */
  usage?: string;
  /** Of the leaves together. */
  spent: number;
  expected: number;
  excess: number;
  /** Between these it would have been an ordinary day. */
  band: { low: number; high: number };
  /** What explains the excess, greatest first. Never in two anomalies of a day. */
  leaves: readonly LeafExcess[];
};
export type CourseDay = { day: string; spent: number; expected: number; low: number; high: number };
export type SpendLedger = {
  put(row: SpendRow): void;
  add(row: SpendRow): void;
  judge(day: string): SpendAnomaly[];
  /** Empty where the part never cost anything. */
  course(part: Part, from: string, to: string): CourseDay[];
};

export function createSpendLedger({ usualMonthly = {}, assumedMonthly = 150, open = [] }: UsualCost = {}): SpendLedger {
  const bill = createBill();
  const watch = createWatch(bill, {
    usualMonthly,
    assumedMonthly,
    open: open.map(({ part, from, until }) => ({
      part,
      from: dayNumber(from),
      until: until ? dayNumber(until) : Number.POSITIVE_INFINITY,
    })),
  });

  function candidateOf(series: Series, day: number): Candidate | undefined {
    const found = watch.look(series, day);
    if (!found) return undefined;
    const isSlow = found.how === 'slow burn';
    return { ...found, part: series.part, rank: ranks[series.level], leaves: series.leaves.map((leaf) => excessOf(leaf, day, isSlow)) };
  }

  function excessOf(leaf: Series, day: number, isSlow: boolean): LeafExcess {
    const { account, service, region, usage } = leaf.part;
    const spent = spentOn(leaf.days, day);
    const usual = isSlow ? watch.levelBeforeWeek(leaf, day) : watch.usual(leaf, day).expected;
    return {
      account: account!,
      service: service!,
      region: region!,
      ...(usage && { usage }),
      spent,
      expected: usual,
      excess: spent - usual,
    };
  }

  function severityOf({ how, rate, lowered, excess }: SpendStory, owner: Owner, day: number): Severity {
    const declared = usualMonthly[owner.account!];
    const share = shareOfDaySeen(owner, day, excess);
    const severity = severityByMoney(how, rate / share, declared ?? 30 * watch.typicalDay(owner, day));
    const most = severities.indexOf(watch.isGuess(owner, day) ? 'medium' : 'critical');
    return severities[Math.max(severities.indexOf('low'), Math.min(most, severities.indexOf(severity) - lowered))]!;
  }

  /** By how much of the rest of the account is on the bill; from a half on. A day that is not over says less than it will cost. */
  function shareOfDaySeen(owner: Owner, day: number, excess: number): number {
    if (!watch.isKnown(owner, day)) return 1;
    const share = (spentOn(owner.whole.days, day) - excess) / watch.usual(owner.whole, day).expected;
    return share >= 0.9 || !(share >= 0) ? 1 : Math.max(0.5, share);
  }

  return {
    put: (row) => bill.change(row, 'put'),
    add: (row) => bill.change(row, 'add'),
    judge(text) {
      const day = dayNumber(text);
      const owners = bill.accounts.size > 1 ? [...bill.accounts.values(), bill.payer] : [...bill.accounts.values()];
      for (const owner of owners) watch.bringUpTo(owner, day);
      const loud = owners.flatMap((owner) => [...(owner.loud.get(day) ?? [])]);
      const candidates = loud.map((series) => candidateOf(series, day)).filter((one) => one !== undefined);
      return storiesOf(candidates).map((story) => {
        const { how, part, leaves, spent, expected: usual, excess, spread } = story;
        const { account } = leaves[0]!;
        const severity = severityOf(story, bill.accounts.get(account)!, day);
        return { day: text, account, how, severity, ...part, spent, expected: usual, excess, band: bandOf(usual, spread), leaves };
      });
    },
    course(part, from, to) {
      const series = bill.seriesOf(part);
      if (!series) return [];
      watch.bringUpTo(series.owner, dayNumber(to));
      const days = Array.from({ length: Math.max(0, dayNumber(to) - dayNumber(from) + 1) }, (_, n) => dayNumber(from) + n);
      return days.map((day) => {
        const usual = watch.usual(series, day, 0.02 * watch.typicalDay(series.owner, day));
        return { day: dayOf(day), spent: spentOn(series.days, day), expected: usual.expected, ...bandOf(usual.expected, usual.spread) };
      });
    },
  };
}

/** From here on a day stands out. */
const bandOf = (expected: number, spread: number): { low: number; high: number } => ({
  low: Math.max(0, expected - 4 * spread),
  high: expected + Math.max(leastADay, 4 * spread),
});

/** The more specific is asked first. */
const ranks: Record<Level, number> = {
  leaf: 0,
  place: 1,
  region: 2,
  service: 2,
  account: 3,
  'payer region': 4,
  'payer service': 4,
  payer: 5,
};
