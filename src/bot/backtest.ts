/**
 * Saved costs judged day by day, each with what was known by then: the judge of the live check, and when a person would have been told. Pure.
 *
 * Told is an anomaly when it begins, and again when it is more severe or twice as dear; what goes on for days is one story (retelling.ts).
 */
import { dayNumber, dayOf } from '../checks/spend/days.ts';
import { type CourseDay, createSpendLedger, type SpendAnomaly, type SpendLedger, type UsualCost } from '../checks/spend/judge.ts';
import { createTelling, type News } from '../checks/spend/retelling.ts';
import { rank } from './severity.ts';

/** What one account spends on one service in one region, by day (numbers since 1970-01-01 UTC; `marks`: 0 where nothing is known). */
export type SpendSeries = { account: string; service: string; region: string; from: number; amounts: Float64Array; marks: Uint8Array };
/** All that is paid together, in one currency. Only gross usage. */
export type Bill = {
  cloud: string;
  payer?: string;
  currency: string;
  series: readonly SpendSeries[];
  /** Of days on which no series has anything: is it known that nothing was spent? */
  isCovered(day: number): boolean;
  /** When the last use in it ended, in milliseconds since 1970: a last day that is not over is told as such. */
  until: number;
};
type Leaf = { account: string; service: string; region: string };
export type SpendStory = {
  number: number;
  bill: Bill;
  /** Days on which it was out of the ordinary, in order. */
  days: SpendAnomaly[];
  severity: SpendAnomaly['severity'];
  how: SpendAnomaly['how'];
  account: string;
  leaves: Map<string, Leaf>;
  accounts: Set<string>;
  services: Set<string>;
  regions: Set<string>;
  /** Of all its days together. */
  spent: number;
  expected: number;
  excess: number;
  state: 'goes on' | 'over' | 'taken as usual' | 'in another';
  /** With `in another`: the number of the story in which it was told on. */
  other?: number;
};
export type Told = { story: SpendStory; anomaly: SpendAnomaly; isPartial: boolean; why: NonNullable<News> };
export type Backtest = {
  /** A day that is only remembered. */
  learn(day: string): void;
  /** What would have been told on that day. Days must come in order. */
  take(day: string): Told[];
  /** `days`: how many were judged, from `firstDay` to `lastDay`; `gaps`: days between them of which nothing is known. */
  end(): { stories: SpendStory[]; days: number; firstDay: string; lastDay: string; gaps: string[]; spent: number };
  /** What the story is about, day by day, with what was usual: its leaves together, or of very many the part of the bill they are in. */
  course(story: SpendStory, from: string, to: string): CourseDay[];
};

/** So many leaves have a course together; beyond them it is the sum they are in. */
export const mostLeaves = 12;

export function createBacktest(bill: Bill, usual: UsualCost, nextNumber: () => number): Backtest {
  const ledger = createSpendLedger(usual);
  const stories: SpendStory[] = [];
  const telling = createTelling();
  const gaps: string[] = [];
  const sinceKnown: string[] = [];
  let total = 0;
  let spent = 0;
  let days = 0;
  let firstDay = '';
  let lastKnown = 0;
  let anyLeaf: SpendSeries | undefined;

  return {
    learn: (text) => void feed(text, dayNumber(text)),
    take(text) {
      const day = dayNumber(text);
      const before = total;
      if (!feed(text, day)) {
        if (anyLeaf) sinceKnown.push(text);
        return [];
      }
      // What lies between days that are known is a gap; after the last one there is only an end.
      gaps.push(...sinceKnown.splice(0));
      days += 1;
      firstDay ||= text;
      spent += total - before;
      lastKnown = day;
      const told: Told[] = [];
      const isPartial = bill.until > 0 && bill.until < (day + 1) * 86_400_000 - 1000;
      for (const anomaly of ledger.judge(text)) {
        const found = follow(anomaly);
        if (found) told.push({ ...found, anomaly, isPartial });
      }
      return told;
    },
    end() {
      for (const story of stories) Object.assign(story, stateOf(story, lastKnown));
      return { stories, days, firstDay, lastDay: days > 0 ? dayOf(lastKnown) : '', gaps, spent };
    },
    course,
  };

  /** Only what is known by that day is in the ledger. False when nothing is known of the day. */
  function feed(text: string, day: number): boolean {
    let isKnown = false;
    for (const series of bill.series) {
      if (!series.marks[day - series.from]) continue;
      const amount = series.amounts[day - series.from]!;
      ledger.put({ day: text, account: series.account, service: series.service, region: series.region, amount });
      total += amount;
      anyLeaf = series;
      isKnown = true;
    }
    if (!isKnown && anyLeaf && bill.isCovered(day)) {
      ledger.put({ day: text, account: anyLeaf.account, service: anyLeaf.service, region: anyLeaf.region, amount: 0 });
      isKnown = true;
    }
    return isKnown;
  }

  function follow(anomaly: SpendAnomaly): Pick<Told, 'story' | 'why'> | undefined {
    const { news, story: at } = telling.follow({ ...anomaly, day: dayNumber(anomaly.day) });
    const known = stories[at];
    const story = known ?? storyOf(anomaly, bill, nextNumber());
    if (known) addDay(known, anomaly);
    else stories.push(story);
    return news && { story, why: news };
  }

  function course(story: SpendStory, from: string, to: string): CourseDay[] {
    if (story.leaves.size > mostLeaves) return ledger.course(partOf(story), from, to);
    return [...story.leaves.values()].map((leaf) => ledger.course(leaf, from, to)).reduce(together);
  }

  /** After its last day: did the money stop, was it believed to be the new level, or was more found to belong to it? */
  function stateOf(story: SpendStory, last: number): Pick<SpendStory, 'state' | 'other'> {
    const lastDay = story.days.at(-1)!;
    const end = dayNumber(lastDay.day);
    if (last - end < 1) return { state: 'goes on' };
    const other = stories.find(
      (one) =>
        one !== story &&
        one.days.some(
          ({ day, leaves }) => day > lastDay.day && dayNumber(day) <= end + 2 && leaves.some((leaf) => story.leaves.has(leafKey(leaf))),
        ),
    );
    if (other) return { state: 'in another', other: other.number };
    const [next] = course(story, dayOf(end + 1), dayOf(end + 1));
    return { state: next && next.spent - lastDay.expected >= 0.5 * lastDay.excess ? 'taken as usual' : 'over' };
  }
}

/** Days that stray do so each for itself: their distances are added as squares. */
function together(a: CourseDay[], b: CourseDay[]): CourseDay[] {
  return a.map((one, at) => {
    const other = b[at]!;
    const expected = one.expected + other.expected;
    return {
      day: one.day,
      spent: one.spent + other.spent,
      expected,
      low: Math.max(0, expected - Math.hypot(one.expected - one.low, other.expected - other.low)),
      high: expected + Math.hypot(one.high - one.expected, other.high - other.expected),
    };
  });
}

/** The least of the bill that holds the whole story and has a course of its own. */
export function partOf({ account, accounts, services, regions }: SpendStory): Parameters<SpendLedger['course']>[0] {
  const service = services.size === 1 ? [...services][0] : undefined;
  const region = regions.size === 1 ? [...regions][0] : undefined;
  if (accounts.size > 1) return service !== undefined ? { service } : region !== undefined ? { region } : {};
  return { account, ...(service === undefined ? {} : { service }), ...(region === undefined ? {} : { region }) };
}

const leafKey = ({ account, service, region }: Leaf): string => JSON.stringify([account, service, region]);

function storyOf(anomaly: SpendAnomaly, bill: Bill, number: number): SpendStory {
  const story: SpendStory = {
    number,
    bill,
    days: [],
    severity: anomaly.severity,
    how: anomaly.how,
    account: anomaly.account,
    leaves: new Map(),
    accounts: new Set(),
    services: new Set(),
    regions: new Set(),
    spent: 0,
    expected: 0,
    excess: 0,
    state: 'goes on',
  };
  addDay(story, anomaly);
  return story;
}

function addDay(story: SpendStory, anomaly: SpendAnomaly): void {
  story.days.push(anomaly);
  if (rank(anomaly.severity) > rank(story.severity)) story.severity = anomaly.severity;
  for (const { account, service, region } of anomaly.leaves) {
    story.leaves.set(leafKey({ account, service, region }), { account, service, region });
    story.accounts.add(account);
    story.services.add(service);
    story.regions.add(region);
  }
  story.spent += anomaly.spent;
  story.expected += anomaly.expected;
  story.excess += anomaly.excess;
}
