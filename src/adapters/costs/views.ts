/**
 * Answers of Cost Explorer are views of the same money: by service, by region, by day, by hour. What was asked twice counts once, the later answer
 * instead of the earlier one; of several views of a day one counts, the one that says most.
 */
import type { Cost } from '../../bot/digest.ts';
import { money } from '../../bot/words.ts';
import { chargeOfRecord } from './charges.ts';
import type { CostProblem } from './problem.ts';
import { addTo, type CostSeries, dayText, known, placeOf, provisional, type Sums } from './sums.ts';
import { daysOf } from './times.ts';

export type Dimension = 'SERVICE' | 'REGION' | 'LINKED_ACCOUNT' | 'RECORD_TYPE' | 'other';
type Where = { file: string; line: number };
type Asked = Where & { start: number; end: number; dimensions: readonly Dimension[] };
type Said = { amount: number; currency: string; isEstimate: boolean };
export type Answers = {
  /** One period of an answer: what is said of it. */
  view(asked: Asked): { take(keys: readonly string[], said: Said): void };
  /**
   * Puts what counts into the sums. `isTold`: days of which other files tell the same account's costs already.
   */
  finish(sums: Sums, onProblem: (problem: CostProblem) => void, isTold: (day: number) => boolean): void;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
type Grain = 'hour' | 'day' | 'month';
const grainOf = (start: number, end: number): Grain => (end - start < 20 * hourMs ? 'hour' : end - start <= 2 * dayMs ? 'day' : 'month');

/** All answers that are grouped alike and cut time alike. */
type View = {
  dimensions: readonly Dimension[];
  grain: Grain;
  files: Set<string>;
  first: Where;
  /** In the order of being named: of views that say as much the later one counts. */
  number: number;
  /** One a currency and set of keys; a "day" in it is a period's start in units of the grain. */
  cells: Map<string, { keys: readonly string[]; currency: string; periods: CostSeries }>;
  /** The end of each period. */
  ends: Map<number, number>;
};
const unitOf = (grain: Grain): number => (grain === 'hour' ? hourMs : dayMs);

export function createAnswers(): Answers {
  const views = new Map<string, View>();
  const repeated = new Map<string, { where: Where; same: number; changed: number; before: number; after: number; currency: string }>();

  return {
    view({ start, end, dimensions, file, line }) {
      const grain = grainOf(start, end);
      const order = dimensions.map((one, at) => ({ one, at })).sort((a, b) => (a.one < b.one ? -1 : a.one > b.one ? 1 : a.at - b.at));
      const sorted = order.map(({ one }) => one);
      const name = JSON.stringify([sorted, grain]);
      let view = views.get(name);
      if (!view) {
        view = {
          dimensions: sorted,
          grain,
          files: new Set(),
          first: { file, line },
          number: views.size,
          cells: new Map(),
          ends: new Map(),
        };
        views.set(name, view);
      }
      view.files.add(file);
      const period = Math.floor(start / unitOf(grain));
      view.ends.set(period, Math.max(end, view.ends.get(period) ?? 0));
      const { cells } = view;
      return {
        take(keys, { amount, currency, isEstimate }) {
          const inOrder = order.map(({ at }) => keys[at] ?? '');
          const key = JSON.stringify([currency, inOrder]);
          let cell = cells.get(key);
          if (!cell) {
            if (amount === 0) return;
            cell = { keys: inOrder, currency, periods: emptySeries() };
            cells.set(key, cell);
          }
          const { periods } = cell;
          const at = placeOf(periods, period);
          if (periods.marks[at]) noteAgain({ file, line }, periods.amounts[at]!, amount, currency);
          else if (amount === 0) return;
          periods.amounts[at] = amount;
          periods.marks[at] = known | (isEstimate ? provisional : 0);
        },
      };
    },

    finish(sums, onProblem, isTold) {
      for (const { where, same, changed, before, after, currency } of repeated.values()) {
        if (same > 0)
          onProblem({ ...where, lost: false, text: `holds ${counted(same)} that an earlier answer already held; counted once` });
        if (changed > 0)
          onProblem({
            ...where,
            lost: false,
            text: `holds ${counted(changed)} that an earlier answer had otherwise (${money(before, currency)} then, ${money(after, currency)} now): the later answer counts. If these are answers for different accounts, group by LINKED_ACCOUNT`,
          });
      }
      const ranked = [...views.values()].sort((a, b) => weightOf(b) - weightOf(a) || b.number - a.number);
      const chosen = new Map<number, View>();
      for (const view of ranked)
        for (const [period, end] of view.ends)
          for (const { day } of daysOf(period * unitOf(view.grain), end)) if (!chosen.has(day)) chosen.set(day, view);
      const main = mainGrouping([...chosen.values()]);
      for (const view of ranked) place(view, main, chosen, sums, onProblem, isTold);
    },
  };

  function noteAgain(where: Where, before: number, after: number, currency: string): void {
    const key = `${where.file}\n${currency}`;
    const entry = repeated.get(key) ?? { where, same: 0, changed: 0, before: 0, after: 0, currency };
    repeated.set(key, entry);
    if (before === after) entry.same += 1;
    else {
      entry.changed += 1;
      entry.before += before;
      entry.after += after;
    }
  }
}

const counted = (cells: number): string => (cells === 1 ? '1 amount' : `${cells} amounts`);

/** How much a view says. Days come before months, which cannot be judged; what is over before what is by hour. */
function weightOf({ dimensions, grain }: View): number {
  const has = (one: Dimension): number => (dimensions.includes(one) ? 1 : 0);
  const detail = 8 * (has('SERVICE') + has('REGION') + has('LINKED_ACCOUNT')) + 4 * has('REGION') + 2 * has('RECORD_TYPE');
  return (grain === 'month' ? 0 : 1000) + detail + (grain === 'day' ? 1 : 0);
}

/** The grouping of most days: days grouped otherwise hold other series, and those would all look new. */
function mainGrouping(views: View[]): string {
  const days = new Map<string, number>();
  for (const view of views) if (view.grain !== 'month') days.set(groupingOf(view), (days.get(groupingOf(view)) ?? 0) + 1);
  return [...days].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
const groupingOf = ({ dimensions }: View): string => (dimensions.length === 0 ? 'nothing (totals only)' : dimensions.join(' and '));

function place(
  view: View,
  main: string,
  chosen: ReadonlyMap<number, View>,
  sums: Sums,
  onProblem: (problem: CostProblem) => void,
  isTold: (day: number) => boolean,
): void {
  const { grain, dimensions, first } = view;
  const say = (text: string) => onProblem({ ...first, lost: false, text });
  const left = { days: new Set<number>(), told: new Set<number>(), amounts: new Map<string, number>() };
  const isMonth = grain === 'month';
  const isOtherwise = !isMonth && groupingOf(view) !== main;
  let counts = 0;
  let negatives = false;
  for (const { keys, currency, periods } of view.cells.values()) {
    for (let at = 0; at < periods.amounts.length; at += 1) {
      const mark = periods.marks[at]!;
      const amount = periods.amounts[at]!;
      if (!mark || amount === 0) continue;
      const start = (periods.from + at) * unitOf(grain);
      const end = view.ends.get(periods.from + at);
      const leaf = leafOf(dimensions, keys, amount);
      if (amount < 0 && leaf.charge === 'credit' && !dimensions.includes('RECORD_TYPE')) negatives = true;
      const isUsage = leaf.charge === 'usage';
      const unfit = isUsage && isMonth ? ('averaged' as const) : isOtherwise ? ('grouped otherwise' as const) : undefined;
      for (const { day, share } of isUsage || isMonth ? daysOf(start, end) : daysOf(start, undefined)) {
        if (chosen.get(day) !== view || isTold(day)) {
          left.amounts.set(currency, (left.amounts.get(currency) ?? 0) + amount * share);
          (isTold(day) ? left.told : left.days).add(day);
          continue;
        }
        counts += 1;
        const own = sums.series({ ...leaf, currency, ...(unfit ? { unfit } : {}) });
        addTo(own, day, amount * share, mark);
        if (isUsage && end !== undefined) own.until = Math.max(own.until, end);
      }
    }
  }
  // A period without groups is a day on which nothing was spent.
  for (const currency of new Set([...view.cells.values()].map((cell) => cell.currency)))
    for (const [period, end] of isMonth || isOtherwise ? [] : view.ends)
      for (const { day } of daysOf(period * unitOf(grain), end))
        if (chosen.get(day) === view) sums.cover({ cloud: 'aws', payer: undefined, currency }, day);
  const amounts = [...left.amounts].map(([currency, amount]) => money(amount, currency)).join(', ');
  const by = `grouped by ${groupingOf(view)}${isMonth ? ', by month' : grain === 'hour' ? ', by hour' : ''}`;
  if (left.days.size > 0)
    say(
      `these answers (${by}) tell of days that other answers tell more of; the same money is not counted twice (${amounts} on ${spanOf(left.days)} left out)`,
    );
  if (left.told.size > 0)
    say(
      `these answers (${by}) tell of days that a named table of charges tells of as well; the same money is not counted twice (${amounts} on ${spanOf(left.told)} left out)`,
    );
  if (counts === 0) return;
  if (isMonth) say('is by month: its cost is spread evenly over the days, so single days are averages');
  if (isOtherwise)
    say(
      `these answers (${by}) are the only ones of some days, and most days are grouped by ${main}: they are counted in sums, but not compared with the other days`,
    );
  if (!dimensions.includes('RECORD_TYPE'))
    say(
      `is not grouped by RECORD_TYPE: fees and credits cannot be told from usage, except where a sum is negative${negatives ? ' (some are)' : ''}`,
    );
}

const spanOf = (days: ReadonlySet<number>): string => {
  const sorted = [...days].sort((a, b) => a - b);
  const [first, last] = [dayText(sorted[0]!), dayText(sorted.at(-1)!)];
  return first === last ? first : `${sorted.length} days, ${first} to ${last}`;
};

export const accountScope = (id: string): Cost['scope'] => ({ cloud: 'aws', level: 'account', id });

function leafOf(
  dimensions: readonly Dimension[],
  keys: readonly string[],
  amount: number,
): Pick<Cost, 'scope' | 'region' | 'service' | 'charge'> {
  const of = (dimension: Dimension): string | undefined => {
    const at = dimensions.indexOf(dimension);
    return at < 0 ? undefined : keys[at];
  };
  const account = of('LINKED_ACCOUNT');
  const region = of('REGION');
  const service = of('SERVICE');
  return {
    scope: account ? accountScope(account) : { cloud: 'aws', level: 'payer', id: 'all accounts' },
    region: region === undefined || region === 'NoRegion' || region === '' ? 'global' : region,
    service: service === undefined ? 'all services' : service || 'unknown service',
    charge: chargeOfRecord(of('RECORD_TYPE'), service ?? 'all services', amount),
  };
}

const emptySeries = (): CostSeries => ({
  scope: accountScope(''),
  region: '',
  service: '',
  charge: 'usage',
  currency: '',
  from: 0,
  amounts: new Float64Array(0),
  marks: new Uint8Array(0),
  until: 0,
});
