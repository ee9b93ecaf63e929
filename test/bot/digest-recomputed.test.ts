/**
 * Every figure of a digest once more, in another way: plain loops over the rows, days as numbers, formulas as the documentation of the forecast
 * says them. Nothing of the digest's own code is used here but what is held against it.
 */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/adapters/simulated/random.ts';
import { type Cost, type DigestInput, digest, digestJson, savedInput, summaryJson } from '../../src/bot/digest.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import { policy } from './present-story.ts';

const dayMs = 86_400_000;
const numberOf = (day: string) => Math.round(Date.parse(`${day}T00:00:00Z`) / dayMs);
const textOf = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);
const weekdayOf = (day: number) => (((day + 4) % 7) + 7) % 7;
const monthOf = (day: number) => textOf(day).slice(0, 7);

// ---- rows made up from a seed -------------------------------------------------------------------------------------------------

type Made = { costs: Cost[]; day: string; accounts: DigestInput['accounts'] };

/** Ends of months of 28 to 31 days, a leap day, days on which clocks change in Berlin, New York and Auckland, the first and second of a month. */
const ends = [
  '2026-02-28',
  '2028-02-29',
  '2026-04-30',
  '2026-03-31',
  '2026-03-29',
  '2026-11-01',
  '2026-09-27',
  '2026-10-25',
  '2026-12-02',
  '2027-01-01',
  '2026-11-17',
  '2026-07-14',
];

function made(seed: number): Made {
  const chance = createRandom(seed, 'bills');
  const end = ends[seed % ends.length]!;
  const last = numberOf(end);
  const history = [1, 2, 3, 9, 20, 29, 45, 70, 100][Math.floor(chance.next() * 9)]!;
  const currencies = ['USD', 'EUR', 'JPY'].slice(0, 1 + Math.floor(chance.next() * 3));
  const scopes = ['111111111111', '222222222222'].map((id) => ({ cloud: 'aws', level: 'account', id }));
  const costs: Cost[] = [];
  const burst = chance.next() < 0.4 ? 1 + Math.floor(chance.next() * 4) : 0;
  const isCredited = chance.next() < 0.5;
  for (const currency of currencies)
    for (const scope of scopes)
      for (const service of ['EC2', 'S3', 'RDS'])
        for (let day = last - history + 1; day <= last; day++) {
          // A day without a row cost nothing.
          if (chance.next() < 0.06) continue;
          const weekend = [0, 6].includes(weekdayOf(day)) ? 0.6 : 1;
          const extra = burst > 0 && day > last - burst && service === 'EC2' ? 900 : 0;
          costs.push({
            ...{ day: textOf(day), scope, service, region: service === 'S3' ? 'eu-west-1' : 'us-east-1', charge: 'usage', currency },
            ...{
              amount: Math.round((weekend * (20 + 20 * chance.next()) + extra) * 100) / 100,
              provisional: day >= last - 1 && seed % 3 === 0,
            },
            ...(service === 'RDS' ? { team: 'payments' } : {}),
          });
        }
  for (let day = last - history + 1; day <= last; day++) {
    const scope = scopes[0]!;
    const base = { day: textOf(day), scope, region: 'global', currency: currencies[0]!, provisional: false };
    if (textOf(day).endsWith('-01')) costs.push({ ...base, service: 'Support', charge: 'fee', amount: 29 });
    if (textOf(day).endsWith('-03')) costs.push({ ...base, service: 'Tax', charge: 'tax', amount: 11.5 });
    if (isCredited) costs.push({ ...base, service: 'Credit', charge: 'credit', amount: -Math.round(chance.next() * 1000) / 100 });
  }
  const accounts = scopes.map((scope, n) => ({ scope, name: `account ${n + 1}` }));
  return { costs, day: end, accounts };
}

const input = ({ costs, day, accounts }: Made): DigestInput =>
  savedInput(costs, accounts, policy(), `${textOf(numberOf(day) + 1)}T08:00:00.000Z`, day);

// ---- the same figures by plain loops --------------------------------------------------------------------------------------------

function sumOf(rows: readonly Cost[], is: (row: Cost, day: number) => boolean): number {
  let sum = 0;
  for (const row of rows) if (is(row, numberOf(row.day))) sum += row.amount;
  return sum;
}

function middle(numbers: number[]): number {
  const sorted = numbers.slice().sort((a, b) => a - b);
  if (sorted.length === 0) return 0;
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** Gross usage by day number, from the first day known to the last. */
function usageByDay(rows: readonly Cost[], last: number): { first: number; of: number[] } {
  let first = last;
  for (const row of rows) first = Math.min(first, numberOf(row.day));
  const of: number[] = [];
  for (let day = first; day <= last; day++) of.push(sumOf(rows, (row, at) => row.charge === 'usage' && at === day));
  return { first, of };
}

function usualOf(rows: readonly Cost[], last: number): number | null {
  const { first, of } = usageByDay(rows, last);
  const sameWeekday: number[] = [];
  for (let week = 1; week <= 6; week++) if (last - 7 * week >= first) sameWeekday.push(of[last - 7 * week - first]!);
  if (sameWeekday.length >= 4) return middle(sameWeekday);
  const before = of.slice(0, -1).slice(-14);
  return before.length >= 3 ? middle(before) : null;
}

/** What a day usually costs after these days, as the header of the forecast says it. `days` are numbers in a row, `costs` of each. */
function usualAfter(days: number[], costs: number[]): { of(day: number): number; spread: number } {
  const level = middle(costs.slice(-14));
  const recent = costs.slice(-28);
  const half = Math.floor(recent.length / 2);
  let slope = costs.length >= 14 && half > 0 ? (middle(recent.slice(half)) - middle(recent.slice(0, half))) / half : 0;
  slope = Math.max(-0.02 * level, Math.min(0.02 * level, slope));
  const all = middle(costs);
  const factor = (day: number): number => {
    const same: number[] = [];
    for (let at = 0; at < days.length; at++) if (weekdayOf(days[at]!) === weekdayOf(day)) same.push(costs[at]!);
    if (days.length < 21 || same.length === 0 || all <= 0) return 1;
    const own = Math.max(0.4, Math.min(2.5, middle(same) / all));
    return same.length >= 4 ? own : (own * same.length + 2) / (same.length + 2);
  };
  const flat = recent.map((cost, at) => cost / factor(days[days.length - recent.length + at]!));
  const center = middle(flat);
  const spread = Math.max(1.4826 * middle(flat.map((cost) => Math.abs(cost - center))), 0.12 * level);
  return { of: (day) => factor(day) * Math.max(0, level + 7 * slope), spread };
}

function projection(rows: readonly Cost[], last: number): { stops: number; goesOn: number; band: number } | null {
  const { first, of } = usageByDay(rows, last);
  const days: number[] = [];
  for (let day = Math.max(first, last - 41); day <= last; day++) days.push(day);
  if (days.length < 3) return null;
  const costs = days.map((day) => of[day - first]!);
  // How many days in a row, up to the last, cost far more than before them.
  let run = 0;
  let excess = 0;
  for (let back = 1; back <= 7 && back <= days.length - 7; back++) {
    const usual = usualAfter(days.slice(0, -back), costs.slice(0, -back));
    const over = days.slice(-back).map((day) => of[day - first]! - usual.of(day));
    if (over.some((cost) => cost < Math.max(4 * usual.spread, 1))) break;
    run = back;
    const lately = over.slice(-3);
    excess = lately.reduce((sum, cost) => sum + cost, 0) / lately.length;
  }
  const usual = usualAfter(days.slice(0, days.length - run), costs.slice(0, costs.length - run));
  const month = monthOf(last);
  let total = sumOf(rows, (row) => row.day.startsWith(month));
  for (let day = Math.max(first, numberOf(`${month}-01`)); day <= last; day++)
    if (rows.some((row) => row.provisional && numberOf(row.day) === day)) total += Math.max(0, usual.of(day) - of[day - first]!);
  let left = 0;
  let ahead = 0;
  for (let day = last + 1; monthOf(day) === month; day++) {
    left += 1;
    ahead += usual.of(day);
  }
  const firstOfMonth = numberOf(`${month}-01`);
  const lastMonth = monthOf(firstOfMonth - 1);
  if (first <= numberOf(`${lastMonth}-01`)) {
    const isCharge = (row: Cost) => row.charge === 'fee' || row.charge === 'tax';
    total += Math.max(
      0,
      sumOf(rows, (row) => isCharge(row) && row.day.startsWith(lastMonth)) -
        sumOf(rows, (row) => isCharge(row) && row.day.startsWith(month)),
    );
  }
  const firm = days.filter((day) => !rows.some((row) => row.provisional && numberOf(row.day) === day)).slice(-14);
  const credits = firm.map((day) => sumOf(rows, (row, at) => row.charge === 'credit' && at === day));
  if (firm.length >= 7 && credits.filter((credit) => credit < 0).length >= firm.length / 2)
    total -= Math.max(0, Math.min(-middle(credits) * left, ahead));
  return { stops: total + ahead, goesOn: total + ahead + excess * left, band: 1.28 * usual.spread * Math.sqrt(left) };
}

type Json = {
  currencies: {
    currency: string;
    usage: number;
    fees: number;
    tax: number;
    credits: number;
    usual: { amount: number } | null;
    monthToDate: number;
    lastMonth: number | null;
    monthEnd: { ifItStops: number; ifItGoesOn: number; band: number } | null;
    services: { service: string; amount: number }[];
    accounts: { name: string; amount: number }[];
    teams: { name: string; amount: number }[];
  }[];
};
type SpanJson = {
  from: string;
  upTo: string;
  currencies: {
    currency: string;
    usage: number;
    net: number;
    fees: number;
    tax: number;
    credits: number;
    before: { usage: number; net: number } | null;
    usual: { amount: number } | null;
    days: { day: string; usage: number }[];
  }[];
};
const near = (one: number | null | undefined, other: number | null, what: string) => {
  if (other === null) expect(one ?? null, what).toBeNull();
  else expect(one, what).toBeCloseTo(other, 4);
};
const seeds = Array.from({ length: 96 }, (_, n) => n + 1);

describe('every figure of a digest, recomputed', () => {
  it.each(seeds)('of a day (bill %i)', (seed) => {
    const bill = made(seed);
    const last = numberOf(bill.day);
    const told = digestJson(input(bill)) as Json;

    expect(told.currencies.map(({ currency }) => currency).sort()).toEqual([...new Set(bill.costs.map((row) => row.currency))].sort());
    for (const one of told.currencies) {
      const rows = bill.costs.filter((row) => row.currency === one.currency);
      const onDay = (charge: Cost['charge']) => sumOf(rows, (row, day) => row.charge === charge && day === last);
      near(one.usage, onDay('usage'), 'usage');
      near(one.fees, onDay('fee'), 'fees');
      near(one.tax, onDay('tax'), 'tax');
      near(one.credits, onDay('credit'), 'credits');
      near(one.usual?.amount, usualOf(rows, last), 'usual');
      // Net: everything on the bill of the month; gross is usage alone.
      near(
        one.monthToDate,
        sumOf(rows, (row) => row.day.startsWith(monthOf(last))),
        'month so far',
      );
      const lastMonth = monthOf(numberOf(`${monthOf(last)}-01`) - 1);
      const isKnown = rows.some((row) => row.day <= `${lastMonth}-01`);
      near(one.lastMonth, isKnown ? sumOf(rows, (row) => row.day.startsWith(lastMonth)) : null, 'last month');
      const ahead = projection(rows, last);
      near(one.monthEnd?.ifItStops, ahead?.stops ?? null, 'if it stops');
      near(one.monthEnd?.ifItGoesOn, ahead?.goesOn ?? null, 'if it goes on');
      near(one.monthEnd?.band, ahead?.band ?? null, 'band');
      for (const parts of [one.services, one.accounts, one.teams])
        near(
          parts.reduce((sum, part) => sum + part.amount, 0),
          onDay('usage'),
          'parts',
        );
      for (const { service, amount } of one.services)
        near(
          amount,
          sumOf(rows, (row, day) => row.charge === 'usage' && day === last && row.service === service),
          service,
        );
      const team = sumOf(rows, (row, day) => row.charge === 'usage' && day === last && row.team === 'payments');
      near(one.teams.find(({ name }) => name === 'payments')?.amount ?? 0, team, 'team');
    }
  });

  it.each(seeds)('of a week and a month (bill %i)', (seed) => {
    const bill = made(seed);
    const last = numberOf(bill.day);
    const monday = last - ((weekdayOf(last) + 6) % 7);
    const first = numberOf(`${monthOf(last)}-01`);

    for (const [kind, from] of [
      ['week', monday],
      ['month', first],
    ] as const) {
      const told = summaryJson(input(bill), kind) as SpanJson;
      expect([told.from, told.upTo]).toEqual([textOf(from), bill.day]);
      for (const one of told.currencies) {
        const rows = bill.costs.filter((row) => row.currency === one.currency);
        const earliest = Math.min(...rows.map((row) => numberOf(row.day)));
        const between = (start: number, end: number, charge?: Cost['charge']) =>
          sumOf(rows, (row, day) => day >= start && day <= end && (charge === undefined || row.charge === charge));
        near(one.usage, between(from, last, 'usage'), 'usage');
        near(one.net, between(from, last), 'net');
        near(one.usage + one.fees + one.tax + one.credits, one.net, 'net from its parts');
        near(
          one.days.reduce((sum, { usage }) => sum + usage, 0),
          one.usage,
          'days',
        );
        const isOver = kind === 'week' ? last === monday + 6 : monthOf(last + 1) !== monthOf(last);
        const earlier = kind === 'week' ? monday - 7 : numberOf(`${monthOf(first - 1)}-01`);
        const end = isOver ? from - 1 : Math.min(from - 1, earlier + (last - from));
        near(one.before?.usage, earliest <= earlier ? between(earlier, end, 'usage') : null, 'before');
        near(one.before?.net, earliest <= earlier ? between(earlier, end) : null, 'net before');
        const weeks: number[] = [];
        for (let back = 1; back <= 6; back++)
          if (monday - 7 * back >= earliest) weeks.push(between(monday - 7 * back, last - 7 * back, 'usage'));
        near(one.usual?.amount, kind === 'week' && weeks.length >= 3 ? middle(weeks) : null, 'usual week');
      }
    }
  });

  it('the zone of the team moves the headline, never a figure', () => {
    const bill = made(5);
    const now = '2026-03-29T23:30:00.000Z';
    const told = (zone: string) => {
      const { saved: _, ...live } = input({ ...bill, day: '2026-03-28' });
      return digest({ ...live, now, zone });
    };

    const [berlin, newYork, auckland] = ['Europe/Berlin', 'America/New_York', 'Pacific/Auckland'].map((zone) =>
      asPlainText(told(zone).message, now),
    );

    expect(berlin).toContain('Monday 30 March');
    expect(newYork).toContain('Sunday 29 March');
    expect(auckland).toContain('Monday 30 March');
    const money = (said: string | undefined) => said?.split('\n').slice(1, 6);
    expect(money(newYork)).toEqual(money(berlin));
    expect(money(auckland)).toEqual(money(berlin));
  });
});

describe('a budget, recomputed', () => {
  it.each(seeds)('is used, heading somewhere and passed on a day (bill %i)', (seed) => {
    const bill = made(seed);
    const last = numberOf(bill.day);
    const month = monthOf(last);
    const own = bill.costs.filter((row) => row.currency === 'USD' && row.scope.id === '111111111111' && row.charge !== 'credit');
    const used = sumOf(own, (row) => row.day.startsWith(month));
    const limit = 500 + 37 * (seed % 40);

    const told = digestJson({ ...input(bill), budgets: [{ of: { account: '111111111111' }, monthly: limit, currency: 'USD' }] }) as {
      budgets: { used: number; monthEnd: number | null; passedOn: string | null }[];
    };

    const [one] = told.budgets;
    near(one?.used, used, 'used');
    near(one?.monthEnd, own.length > 0 ? (projection(own, last)?.goesOn ?? null) : null, 'month end');
    let sum = 0;
    let passed: string | null = null;
    for (let day = numberOf(`${month}-01`); day <= last && passed === null; day++) {
      sum += sumOf(own, (_, at) => at === day);
      if (sum > limit) passed = textOf(day);
    }
    if (passed !== null) expect(one?.passedOn).toBe(passed);
    else expect(one?.passedOn !== null && one?.passedOn !== undefined, 'passed in the days to come').toBe((one?.monthEnd ?? 0) > limit);
  });
});
