import { describe, expect, it } from 'vitest';
import { createSpendLedger, type SpendAnomaly, type SpendLedger, type UsualCost } from '../../../src/checks/spend/judge.ts';

const account = '123456789012';
const ec2 = 'Amazon Elastic Compute Cloud - Compute';
const home = 'eu-west-1';
/** A Monday. */
const start = '2026-03-02';
const dateOf = (day: number): string => new Date(Date.parse(start) + day * 86_400_000).toISOString().slice(0, 10);
/** Five percent up and down, always the same. */
const stray = (day: number): number => 1 + 0.05 * Math.sin(day * 2.3);

type Where = { account?: string; service?: string; region?: string; usage?: string };
type Amount = number | ((day: number) => number);
/** Days [from, until) of one leaf. */
const spend = (ledger: SpendLedger, from: number, until: number, amount: Amount, where: Where = {}): void => {
  for (let day = from; day < until; day++) {
    const cost = typeof amount === 'number' ? amount * stray(day) : amount(day);
    ledger.put({ day: dateOf(day), account, service: ec2, region: home, ...where, amount: cost });
  }
};
/** So many days of one leaf, then one day to be judged. */
function judged(past: Amount, days: number, today: number, { usual, where }: { usual?: UsualCost; where?: Where } = {}): SpendAnomaly[] {
  const ledger = createSpendLedger(usual);
  spend(ledger, 0, days, past);
  if (where) spend(ledger, days, days + 1, past);
  spend(ledger, days, days + 1, () => today, where);
  return ledger.judge(dateOf(days));
}

describe('a jump', () => {
  it('is told with what was spent, what is usual, and by how much it is more', () => {
    const [anomaly, ...others] = judged(100, 60, 900);

    expect(others).toEqual([]);
    expect(anomaly).toMatchObject({ account, how: 'jump', severity: 'critical', service: ec2, region: home, spent: 900 });
    expect(anomaly!.expected).toBeGreaterThan(90);
    expect(anomaly!.expected).toBeLessThan(110);
    expect(anomaly!.excess).toBeCloseTo(anomaly!.spent - anomaly!.expected, 9);
    expect(anomaly!.band.low).toBeLessThan(anomaly!.expected);
    expect(anomaly!.band.high).toBeLessThan(900);
  });

  it('is not a day like the others', () => {
    expect(judged(100, 60, 106)).toEqual([]);
  });

  it('is not a fifth more in an account that strays that much anyway', () => {
    const wild = (day: number) => 100 * (1 + 0.3 * Math.sin(day * 2.3));

    expect(judged(wild, 60, 125)).toEqual([]);
  });

  it('is told in an account of 50,000 dollars a day for what is much there, and not for what is little', () => {
    expect(judged(50_000, 60, 51_500)).toEqual([]);
    expect(judged(50_000, 60, 75_000)).toMatchObject([{ how: 'jump', severity: 'high' }]);
  });

  it('is told from ten dollars on in an account of three dollars a day', () => {
    expect(judged(3, 60, 12)).toEqual([]);
    expect(judged(3, 60, 14)).toMatchObject([{ how: 'jump', severity: 'medium' }]);
    expect(judged(3, 60, 60)).toMatchObject([{ severity: 'high' }]);
  });

  it('is told while the day is not over, and becomes more severe as the day goes on', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    spend(ledger, 0, 61, 10, { service: 'Amazon Simple Storage Service' });
    spend(ledger, 60, 61, () => 160);
    const early = ledger.judge(dateOf(60));
    spend(ledger, 60, 61, () => 900);

    expect(early).toMatchObject([{ how: 'jump', severity: 'medium' }]);
    expect(ledger.judge(dateOf(60))).toMatchObject([{ how: 'jump', severity: 'critical' }]);
  });

  it('is told of a small part that costs many times what it ever did, for the digest', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 61, 2000);
    spend(ledger, 0, 60, 15, { service: 'AWS Lambda' });
    spend(ledger, 60, 61, () => 110, { service: 'AWS Lambda' });

    expect(ledger.judge(dateOf(60))).toMatchObject([{ how: 'jump', severity: 'low', service: 'AWS Lambda', spent: 110 }]);
  });

  it('is not made of a day of which little is on the bill yet', () => {
    expect(judged(100, 60, 30)).toEqual([]);
  });
});

describe('the week', () => {
  const office = (day: number) => ((day + 2) % 7 < 2 ? 40 : 100) * stray(day);

  it('a Sunday that costs like a Monday is told, a Monday is not', () => {
    const sunday = 62;
    const monday = 63;

    expect(new Date(dateOf(sunday)).getUTCDay()).toBe(0);
    expect(judged(office, monday, office(monday))).toEqual([]);
    expect(judged(office, sunday, 125)).toMatchObject([{ how: 'jump' }]);
    expect(judged(office, monday, 125)).toEqual([]);
  });
});

describe('growth', () => {
  it('of half a percent a day is not told on any day', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 150, (day) => 1000 * 1.005 ** day * stray(day));

    const told = Array.from({ length: 100 }, (_, n) => ledger.judge(dateOf(50 + n))).flat();

    expect(told).toEqual([]);
  });

  it('does not hide a jump', () => {
    expect(judged((day) => 1000 * 1.005 ** day * stray(day), 100, 2800)).toMatchObject([{ how: 'jump', severity: 'high' }]);
  });
});

describe('a step up', () => {
  const stepped = (): SpendLedger => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    spend(ledger, 60, 90, 200);
    return ledger;
  };

  it('is told on its first days, and after some days it is the new level', () => {
    const ledger = stepped();

    expect(ledger.judge(dateOf(60))).toMatchObject([{ how: 'jump' }]);
    expect(ledger.judge(dateOf(62))).toMatchObject([{ how: 'jump' }]);
    expect(ledger.judge(dateOf(85))).toEqual([]);
  });

  it('is held against the new level from then on', () => {
    const ledger = stepped();
    spend(ledger, 90, 91, () => 500);

    const [anomaly] = ledger.judge(dateOf(90));

    expect(anomaly!.expected).toBeGreaterThan(180);
    expect(anomaly!.expected).toBeLessThan(230);
  });

  it('of three tenths that stays is told as a slow burn within a week', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    spend(ledger, 60, 70, () => 130);

    const told = Array.from({ length: 10 }, (_, n) => ledger.judge(dateOf(60 + n))).flat();

    expect(told.map(({ how }) => how)).toContain('slow burn');
    expect(told.every(({ severity }) => severity !== 'critical')).toBe(true);
  });
});

describe('what came and went before', () => {
  /** A job of 300 dollars on the last day of each month. */
  const monthEnd = (day: number) => (dateOf(day + 1).endsWith('-01') ? 300 : 5);

  it('at the end of a month is told the first time, and next month goes to the digest alone', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 122, 100);
    spend(ledger, 0, 122, monthEnd, { service: 'Amazon Elastic MapReduce' });

    const [first, second] = [29, 59].map((day) => ledger.judge(dateOf(day)));

    expect(first).toMatchObject([{ service: 'Amazon Elastic MapReduce', severity: 'high' }]);
    expect(second).toMatchObject([{ service: 'Amazon Elastic MapReduce', severity: 'low' }]);
  });

  it('is a level less severe for each time, as long as it is no dearer', () => {
    const bursts = (last: number): SpendAnomaly[] => {
      const ledger = createSpendLedger();
      spend(ledger, 0, 100, (day) => ([60, 75].includes(day) ? 700 : 20));
      spend(ledger, 100, 101, () => last);
      return ledger.judge(dateOf(100));
    };

    expect(bursts(700)).toMatchObject([{ severity: 'medium' }]);
    expect(bursts(2000)).toMatchObject([{ severity: 'critical' }]);
  });

  it('is as severe as ever once it lasts longer than it did', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 80, (day) => (day === 60 ? 700 : 20));
    spend(ledger, 80, 84, () => 700);

    expect(ledger.judge(dateOf(80))).toMatchObject([{ severity: 'high' }]);
    expect(ledger.judge(dateOf(83))).toMatchObject([{ severity: 'critical' }]);
  });
});

describe('what was never used before', () => {
  it('a region is told from ten dollars on', () => {
    expect(judged(100, 60, 9, { where: { region: 'ap-northeast-1' } })).toEqual([]);
    expect(judged(100, 60, 12, { where: { region: 'ap-northeast-1' } })).toMatchObject([
      { how: 'new region', severity: 'high', region: 'ap-northeast-1', service: ec2, spent: 12, expected: 0, excess: 12 },
    ]);
  });

  it('a region is not "global", where things without one are billed', () => {
    expect(judged(100, 60, 12, { where: { region: 'global' } })).not.toMatchObject([{ how: 'new region' }]);
  });

  it('a region that costs something now and then is known', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 61, 100);
    spend(ledger, 40, 41, () => 30, { region: 'us-east-1' });
    spend(ledger, 60, 61, () => 3, { region: 'us-east-1' });

    expect(ledger.judge(dateOf(60))).toEqual([]);
  });

  it('a service is told by what it costs', () => {
    expect(judged(100, 60, 8, { where: { service: 'Amazon Bedrock' } })).toEqual([]);
    expect(judged(100, 60, 200, { where: { service: 'Amazon Bedrock' } })).toMatchObject([
      { how: 'new service', severity: 'high', service: 'Amazon Bedrock', region: home },
    ]);
  });

  it('several regions at once are one story, its leaves by what they cost', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 61, 100);
    for (const [n, region] of ['us-east-1', 'sa-east-1', 'ap-south-1'].entries()) spend(ledger, 60, 61, () => 100 * (n + 1), { region });

    const told = ledger.judge(dateOf(60));

    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ how: 'new region', service: ec2, spent: 600, excess: 600 });
    expect(told[0]!.region).toBeUndefined();
    expect(told[0]!.leaves.map(({ region }) => region)).toEqual(['ap-south-1', 'sa-east-1', 'us-east-1']);
  });

  it('other services in a new region belong to its story', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 61, 100);
    spend(ledger, 60, 61, () => 400, { region: 'us-east-1' });
    spend(ledger, 60, 61, () => 15, { region: 'us-east-1', service: 'EC2 - Other' });

    expect(ledger.judge(dateOf(60))).toMatchObject([{ how: 'new region', region: 'us-east-1', spent: 415 }]);
  });
});

describe('a family of machines', () => {
  const withFamilies = (): SpendLedger => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 61, 400, { usage: 'm5' });
    spend(ledger, 0, 61, 300, { usage: 'c5' });
    return ledger;
  };

  it('that was never used is told, although its service in its region strays by more', () => {
    const ledger = withFamilies();
    spend(ledger, 60, 61, () => 60, { usage: 'g5' });

    expect(ledger.judge(dateOf(60))).toMatchObject([{ how: 'new service', service: ec2, region: home, usage: 'g5', spent: 60 }]);
  });

  it('that takes the place of another is not', () => {
    const ledger = withFamilies();
    spend(ledger, 60, 61, () => 150, { usage: 'm5' });
    spend(ledger, 60, 61, () => 250, { usage: 'm7g' });

    expect(ledger.judge(dateOf(60))).toEqual([]);
  });

  it('is not told apart where the bill does not', () => {
    expect(judged(700, 60, 760)).toEqual([]);
  });
});

describe('one story', () => {
  it('tells no money twice', () => {
    const ledger = createSpendLedger();
    for (const [n, service] of ['A', 'B', 'C', 'D'].entries()) spend(ledger, 0, 61, 100 * (n + 1), { service });
    spend(ledger, 60, 61, () => 900, { service: 'A' });
    spend(ledger, 60, 61, () => 1400, { service: 'D' });

    const told = ledger.judge(dateOf(60));
    const leaves = told.flatMap((one) => one.leaves.map(({ service }) => service));

    expect(leaves.toSorted()).toEqual(['A', 'D']);
    for (const one of told)
      expect(one.excess).toBeCloseTo(
        one.leaves.reduce((sum, { excess }) => sum + excess, 0),
        9,
      );
  });

  it('is told of an account as a whole when no part of it stands out', () => {
    const ledger = createSpendLedger();
    const services = Array.from({ length: 30 }, (_, n) => `Service ${n}`);
    for (const service of services) spend(ledger, 0, 60, 8, { service });
    for (const service of services) spend(ledger, 60, 61, 15, { service });

    const told = ledger.judge(dateOf(60));

    expect(told).toMatchObject([{ how: 'jump', account }]);
    expect(told[0]!.leaves.length).toBeGreaterThan(20);
    expect(told[0]!.service).toBeUndefined();
  });

  it('sees what is spread thinly over many accounts', () => {
    const ledger = createSpendLedger();
    const accounts = Array.from({ length: 40 }, (_, n) => String(200_000_000_000 + n));
    for (const one of accounts) spend(ledger, 0, 61, 9, { account: one });
    for (const one of accounts) spend(ledger, 60, 61, () => 8, { account: one, service: 'Amazon SageMaker' });

    const told = ledger.judge(dateOf(60));

    expect(told).toMatchObject([{ how: 'new service', service: 'Amazon SageMaker' }]);
    expect(new Set(told[0]!.leaves.map((leaf) => leaf.account)).size).toBeGreaterThan(30);
  });

  it('sizes each account by itself, not by its payer', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 61, 10_000);
    spend(ledger, 0, 60, 5, { account: '210987654321' });
    spend(ledger, 60, 61, () => 60, { account: '210987654321' });

    expect(ledger.judge(dateOf(60))).toMatchObject([{ account: '210987654321', how: 'jump', severity: 'high' }]);
  });
});

describe('an account’s first days', () => {
  it('are held against what was declared', () => {
    const usual = { usualMonthly: { [account]: 3000 } };

    expect(judged(100, 1, 110, { usual })).toEqual([]);
    expect(judged(100, 1, 900, { usual })).toMatchObject([{ how: 'jump', severity: 'critical' }]);
  });

  it('are at most medium where nobody declared anything', () => {
    expect(judged(900, 0, 900)).toMatchObject([{ how: 'jump', severity: 'medium' }]);
    expect(judged(4, 1, 4)).toEqual([]);
    expect(judged(100, 5, 4000)).toMatchObject([{ how: 'jump', severity: 'medium' }]);
  });

  it('are taken as they come where nobody declared anything: an account is told once that it costs more than was thought', () => {
    expect(judged(900, 1, 900)).toEqual([]);
    expect(judged(900, 5, 930)).toEqual([]);
  });

  it('hold no new regions and services: everything is new then', () => {
    expect(judged(100, 5, 12, { usual: { usualMonthly: { [account]: 3000 } }, where: { region: 'us-east-1' } })).toEqual([]);
  });

  it('say nothing where nothing is known at all', () => {
    expect(createSpendLedger().judge(dateOf(0))).toEqual([]);
  });
});

describe('what people said', () => {
  const tenDaysMore = (usual: UsualCost): SpendLedger => {
    const ledger = createSpendLedger(usual);
    spend(ledger, 0, 60, 100);
    spend(ledger, 60, 80, 300);
    return ledger;
  };

  it('of a story that is open keeps its days out of what is usual, however many', () => {
    const part = { account, service: ec2, region: home };

    expect(tenDaysMore({}).judge(dateOf(79))).toEqual([]);
    expect(tenDaysMore({ open: [{ part, from: dateOf(60) }] }).judge(dateOf(79))).toMatchObject([{ how: 'jump', severity: 'high' }]);
  });

  it('of a story that is open makes nothing of it that comes and goes', () => {
    const twice = (usual: UsualCost): SpendAnomaly[] => {
      const ledger = createSpendLedger(usual);
      spend(ledger, 0, 81, (day) => (day === 60 || day === 80 ? 700 : 20));
      return ledger.judge(dateOf(80));
    };

    expect(twice({})).toMatchObject([{ severity: 'high' }]);
    expect(twice({ open: [{ part: { account }, from: dateOf(60) }] })).toMatchObject([{ severity: 'critical' }]);
  });
});

describe('what is on the bill', () => {
  it('on the first of a month and in no region is a fee, until it comes on a second day', () => {
    const first = (days: number): SpendAnomaly[] => {
      const ledger = createSpendLedger();
      spend(ledger, 0, 62, 100);
      // The first of May.
      spend(ledger, 60, 60 + days, () => 200, { service: 'Some subscription', region: 'global' });
      return ledger.judge(dateOf(59 + days));
    };

    expect(dateOf(60)).toBe('2026-05-01');
    expect(first(1)).toMatchObject([{ service: 'Some subscription', severity: 'low' }]);
    expect(first(2)).toMatchObject([{ service: 'Some subscription', severity: 'high' }]);
  });

  it('without any row on a day is not known to have cost nothing', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 40, 100);
    spend(ledger, 50, 61, 100);

    expect(ledger.judge(dateOf(50))).toEqual([]);
    expect(ledger.judge(dateOf(60))).toEqual([]);
  });

  it('may be corrected downward below nothing without an alarm, then or on the day after', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    spend(ledger, 60, 61, () => -80);
    spend(ledger, 61, 62, 100);

    expect(ledger.judge(dateOf(60))).toEqual([]);
    expect(ledger.judge(dateOf(61))).toEqual([]);
  });

  it('takes an anomaly back when the number is revised', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    spend(ledger, 60, 61, () => 900);
    const before = ledger.judge(dateOf(60));
    spend(ledger, 60, 61, () => 103);

    expect(before).toHaveLength(1);
    expect(ledger.judge(dateOf(60))).toEqual([]);
  });

  it('adds up where rows are added, and takes the place of what was there where they are put', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    const row = { day: dateOf(60), account, service: ec2, region: home, amount: 450 };
    ledger.add(row);
    ledger.add(row);
    const added = ledger.judge(dateOf(60));
    ledger.put(row);

    expect(added).toMatchObject([{ spent: 900 }]);
    expect(ledger.judge(dateOf(60))).toMatchObject([{ spent: 450 }]);
  });

  it('gives the same anomalies in whatever order it came, and whatever was asked before', () => {
    const rows = Array.from({ length: 90 }, (_, day) =>
      [home, 'us-east-1', 'ap-south-1'].map((region, n) => ({
        day: dateOf(day),
        account,
        service: ec2,
        region,
        amount: (day === 55 || day === 70 || day >= 87 ? 6 : 1) * (50 / (n + 1)) * stray(day + n),
      })),
    ).flat();
    const inOrder = createSpendLedger();
    const backwards = createSpendLedger();
    const asked = createSpendLedger();

    for (const row of rows) inOrder.put(row);
    for (const row of rows.toReversed()) backwards.put(row);
    for (const row of rows) {
      asked.put({ ...row, amount: row.amount * 0.4 });
      asked.judge(row.day);
      asked.put(row);
    }

    const days = [55, 56, 70, 87, 88, 89].map(dateOf);
    const told = days.map((day) => inOrder.judge(day));
    expect(told.flat().length).toBeGreaterThan(3);
    expect(rounded(days.map((day) => backwards.judge(day)))).toEqual(rounded(told));
    expect(rounded(days.map((day) => asked.judge(day)))).toEqual(rounded(told));
  });
});

/** Sums in another order differ in the last digit. */
const rounded = (told: unknown): unknown =>
  JSON.parse(JSON.stringify(told, (_, value) => (typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value)));

describe('the course of a part', () => {
  it('holds each day with what is usual for it', () => {
    const ledger = createSpendLedger();
    spend(ledger, 0, 60, 100);
    spend(ledger, 60, 61, () => 900);

    const course = ledger.course({ account, service: ec2, region: home }, dateOf(31), dateOf(60));

    expect(course).toHaveLength(30);
    expect(course.at(-1)).toMatchObject({ day: dateOf(60), spent: 900 });
    expect(course.at(-1)!.high).toBeLessThan(200);
    for (const { spent, low, high } of course.slice(0, -1)) {
      expect(spent).toBeGreaterThan(low);
      expect(spent).toBeLessThan(high);
    }
  });

  it('is empty for what never cost anything', () => {
    expect(createSpendLedger().course({ account }, dateOf(0), dateOf(3))).toEqual([]);
  });
});
