import { describe, expect, it } from 'vitest';
import { type Bill, createBacktest, type Told } from '../../src/bot/backtest.ts';
import { anomalyTitle, backtestLine, storyRow } from '../../src/bot/backtest-words.ts';
import { daysBetween } from '../../src/bot/forecast.ts';
import { storyChart, storyWindow } from '../../src/bot/story-chart.ts';
import { addDays } from '../../src/bot/words.ts';
import { dayNumber } from '../../src/checks/spend/days.ts';

const first = '2026-01-01';
type Costs = { account?: string; service: string; region?: string; amounts: (number | undefined)[] };
/** Amounts from the first of January on; undefined where nothing is known. */
function bill(costs: Costs[], over: Partial<Bill> = {}): Bill {
  return {
    cloud: 'aws',
    currency: 'USD',
    series: costs.map(({ account = '123456789012', service, region = 'us-east-1', amounts }) => ({
      account,
      service,
      region,
      from: dayNumber(first),
      amounts: Float64Array.from(amounts, (amount) => amount ?? 0),
      marks: Uint8Array.from(amounts, (amount) => (amount === undefined ? 0 : 1)),
    })),
    isCovered: () => false,
    until: 0,
    ...over,
  };
}
const flat = (amount: number, days: number): number[] => Array.from({ length: days }, (_, n) => amount + (n % 3) / 10);
const usual = { usualMonthly: { '123456789012': 3000 } };

function run(own: Bill, days: number) {
  let count = 0;
  const test = createBacktest(own, usual, () => (count += 1));
  const told: Told[] = daysBetween(first, addDays(first, days - 1)).flatMap((day) => test.take(day));
  return { test, told, ...test.end() };
}
const burst = [...flat(0, 60).map(() => undefined), 300, 900, 900];

describe('a backtest', () => {
  it('tells a story once when it begins', () => {
    const { told, stories } = run(
      bill([
        { service: 'EC2', amounts: flat(100, 70) },
        { service: 'EC2', region: 'ap-northeast-1', amounts: burst },
      ]),
      70,
    );

    expect(told.map(({ anomaly, why }) => [anomaly.day, anomaly.how, anomaly.severity, why])).toEqual([
      ['2026-03-02', 'new region', 'critical', 'new'],
    ]);
    expect(stories).toMatchObject([
      { number: 1, account: '123456789012', how: 'new region', state: 'over', spent: 2100, expected: 0, excess: 2100 },
    ]);
    expect(stories[0]?.days.map(({ day }) => day)).toEqual(['2026-03-02', '2026-03-03', '2026-03-04']);
  });

  it('tells it again when it is worse', () => {
    const growing = [...burst.slice(0, 60), 50, 50, 60, 400, 420];

    const { told, stories } = run(
      bill([
        { service: 'EC2', amounts: flat(100, 65) },
        { service: 'EC2', region: 'ap-northeast-1', amounts: growing },
      ]),
      65,
    );

    expect(told.map(({ anomaly, why, story }) => [anomaly.day, anomaly.severity, why, story.number])).toEqual([
      ['2026-03-02', 'high', 'new', 1],
      ['2026-03-05', 'critical', 'more severe', 1],
    ]);
    expect(stories).toMatchObject([{ severity: 'critical', spent: 980 }]);
  });

  it('knows nothing of later days: the end of a file changes nothing of what was told before it', () => {
    const costs: Costs[] = [
      { service: 'EC2', amounts: flat(100, 90) },
      { service: 'EC2', region: 'ap-northeast-1', amounts: [...burst, ...flat(50, 20)] },
    ];
    const lines = ({ told }: { told: Told[] }) => told.map((one) => JSON.stringify(backtestLine(one, 'a/b')));

    const whole = lines(run(bill(costs), 90));

    for (const days of [60, 61, 62, 75]) {
      const cut = lines(run(bill(costs.map(({ amounts, ...rest }) => ({ ...rest, amounts: amounts.slice(0, days) }))), days));
      expect(cut).toEqual(whole.slice(0, cut.length));
      expect(whole.slice(cut.length).every((line) => JSON.parse(line).day >= addDays(first, days))).toBe(true);
    }
  });

  it('takes days of which nothing is known for gaps, and days on which nothing was spent for days', () => {
    const amounts = [...flat(100, 30), undefined, undefined, ...flat(100, 10)];

    const gap = run(bill([{ service: 'EC2', amounts }]), 42);
    const covered = run(bill([{ service: 'EC2', amounts }], { isCovered: () => true }), 42);

    expect(gap).toMatchObject({ days: 40, gaps: ['2026-01-31', '2026-02-01'], stories: [] });
    expect(covered).toMatchObject({ days: 42, gaps: [] });
  });

  it('says of a last day that is not over that it is so far', () => {
    const { told } = run(
      bill(
        [
          { service: 'EC2', amounts: flat(100, 61) },
          { service: 'Bedrock', amounts: [...burst.slice(0, 60), 400] },
        ],
        {
          until: Date.parse('2026-03-02T08:00:00Z'),
        },
      ),
      61,
    );

    expect(told).toMatchObject([{ isPartial: true, anomaly: { day: '2026-03-02', how: 'new service' } }]);
    expect(anomalyTitle(told[0]!.anomaly, 'USD', true)).toBe('$400 so far on Bedrock in us-east-1, which never cost anything');
  });

  it('says what became of a story: over, usual by now, or going on', () => {
    const steady = { service: 'EC2', amounts: flat(100, 80) };
    const end = (amounts: (number | undefined)[], days = 80) =>
      run(bill([steady, { service: 'Bedrock', amounts }]), days).stories[0]?.state;

    expect(end(burst)).toBe('over');
    expect(end([...burst.slice(0, 60), ...flat(300, 20)])).toBe('taken as usual');
    expect(end([...burst.slice(0, 60), 300, 300], 62)).toBe('goes on');
  });
});

describe('the words of a backtest', () => {
  const { told, stories, test } = run(
    bill([
      { service: 'EC2', amounts: flat(100, 63) },
      { service: 'EC2', region: 'ap-northeast-1', amounts: burst },
    ]),
    63,
  );
  const one = told[0]!;

  it('are one object a line, with amounts in dollars or beside them', () => {
    const euro = { ...one, story: { ...one.story, bill: { ...one.story.bill, currency: 'EUR' } } };

    expect(backtestLine(one, 'spend/check')).toEqual({
      check: 'spend/check',
      severity: one.anomaly.severity,
      day: '2026-03-02',
      account: '123456789012',
      service: 'EC2',
      region: 'ap-northeast-1',
      usd: 300,
      expectedUsd: 0,
      excessUsd: 300,
      currency: 'USD',
      title: '$300 on EC2 in ap-northeast-1, a region that never cost anything',
      how: 'new region',
      why: 'new',
      story: 1,
      partial: false,
      leaves: [{ account: '123456789012', service: 'EC2', region: 'ap-northeast-1', amount: 300, expected: 0 }],
    });
    expect(backtestLine(euro, 'spend/check')).toMatchObject({
      usd: null,
      expectedUsd: null,
      excessUsd: null,
      amount: 300,
      expected: 0,
      excess: 300,
      currency: 'EUR',
    });
  });

  it('are a row a story for people', () => {
    expect(storyRow(stories[0]!, () => 'production')).toEqual([
      `1 ${stories[0]!.severity}`,
      '2026-03-02 – 2026-03-04',
      'goes on',
      'production',
      'ap-northeast-1',
      '$2,100',
      '$0.00',
      '$2,100',
      'new region: EC2',
    ]);
  });

  it('and what the picture shows: six weeks before, the story’s days, what is not known', () => {
    const window = storyWindow({ first: '2026-03-02', last: '2026-03-04' }, first, '2026-03-04');
    const chart = storyChart({
      what: 'EC2 in ap-northeast-1',
      currency: 'USD',
      course: test.course(stories[0]!, window.from, window.to),
      days: new Set(['2026-03-02', '2026-03-03', '2026-03-04']),
      gaps: new Set(['2026-02-01']),
      partial: '2026-03-04',
    })!;

    expect(window).toEqual({ from: '2026-01-19', to: '2026-03-04' });
    expect(chart.days).toHaveLength(45);
    expect(chart.days.filter(({ isStory }) => isStory).map(({ spent }) => spent)).toEqual([300, 900, 900]);
    expect(chart.days.find(({ isKnown }) => !isKnown)?.day).toBe('2026-02-01');
    expect(chart.subtitle).toBe('$2,100 more than usual on 3 days, 2 March to 4 March');
    expect(chart.alt).toBe(
      'Cost by UTC day of EC2 in ap-northeast-1, 19 January to 4 March: $2,100 more than usual on 3 days (2 March to 4 March), at most $900 on 3 March where $0.00 was usual; on other days at most $0.00. Nothing is known of 1 day. The last day is not over.',
    );
  });

  it('draw at most four months', () => {
    expect(storyWindow({ first: '2026-03-02', last: '2026-12-01' }, first, '2026-12-31')).toEqual({ from: '2026-01-19', to: '2026-05-18' });
    expect(storyChart({ what: 'x', currency: 'USD', course: [], days: new Set(), gaps: new Set() })).toBeUndefined();
  });
});
