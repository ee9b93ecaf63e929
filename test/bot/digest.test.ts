import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cost, type DigestInput, digest, digestJson, lastDayOf, savedInput, withPicture } from '../../src/bot/digest.ts';
import { daysBetween } from '../../src/bot/forecast.ts';
import type { Message } from '../../src/bot/message.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import { cost, costsDaily } from '../support/costs.ts';
import { calmMorning, incident, look, policy, production } from './present-story.ts';

const now = '2026-11-23T08:00:00.000Z';
const row = (over: Partial<Cost> = {}): Cost => cost({ scope: production, day: '2026-11-22', ...over });
/** So much a day over so many days up to the last one. */
const daily = (amount: number, from = '2026-10-01', to = '2026-11-22', over: Partial<Cost> = {}): Cost[] =>
  costsDaily(amount, from, to, { scope: production, ...over });

const input = (over: Partial<DigestInput> = {}): DigestInput => ({
  ...calmMorning(now),
  accounts: [{ scope: production, name: 'production' }],
  costs: daily(131),
  ...over,
});
const text = (message: Message): string => asPlainText(message, now);
const line = (message: Message, label: string): string =>
  text(message)
    .split('\n')
    .find((one) => one.startsWith(label)) ?? '';
const long = (over: Partial<DigestInput> = {}): Message => digest(input({ full: true, ...over })).message;

describe('a quiet day', () => {
  it('is one line, with the day it means, the usual, the month and what is seen', () => {
    const { message, quiet, chart } = digest(input());

    expect(quiet).toBe(true);
    expect(message.parts).toHaveLength(1);
    expect(text(message)).toBe(
      '◻ Nothing unusual. Yesterday (Sunday 22 November, UTC) $131 (usual Sunday: $131), November heading for $3,930. I see 17 of 17 regions; this bot’s own API calls cost $0.06 yesterday. Audit 01234567',
    );
    expect(chart?.series[0]?.amounts).toHaveLength(30);
    expect(chart?.ahead?.map(({ day }) => day)).toEqual(daysBetween('2026-11-23', '2026-11-30'));
  });

  it('does not speak of the bot’s own calls when they cost nothing', () => {
    const free = input({ ownCost: { usd: 0, days: 1 } });

    expect(text(digest(free).message)).toContain('I see 17 of 17 regions. Audit');
    expect(line(long({ ownCost: { usd: 0, days: 1 } }), 'I see')).not.toContain('API calls');
  });

  it.each([
    ['a story is open', { incidents: [incident()] }],
    ['a region could not be read', { looks: [look({ complete: false, gap: 'access denied' })] }],
    ['something was given up', { deadEffects: 1 }],
    ['yesterday cost far more than usual', { costs: [...daily(131), row({ amount: 90 })] }],
    ['yesterday has no figures', { costs: daily(131, '2026-10-01', '2026-11-21') }],
  ] satisfies [string, Partial<DigestInput>][])('is not one in which %s', (_, over) => {
    expect(digest(input(over)).quiet).toBe(false);
  });

  it('still says that nobody may approve, and where endpoints point', () => {
    const { message } = digest(input({ policy: policy({ people: [] }), endpointsElsewhere: ['AWS_ENDPOINT_URL → http://127.0.0.1:5000'] }));

    expect(text(message)).toContain('Nobody is configured who may approve, so this bot only observes');
    expect(text(message)).toContain('Endpoints are pointed elsewhere: AWS_ENDPOINT_URL → http://127.0.0.1:5000.');
  });
});

describe('the digest of a day', () => {
  it('compares yesterday with the same weekday of the last weeks', () => {
    const costs = [1, 2, 3, 4, 5, 6].map((week) =>
      row({ day: `2026-${week < 4 ? '11' : '10'}-${String([15, 8, 1, 25, 18, 11][week - 1]).padStart(2, '0')}`, amount: 125 + week }),
    );

    const message = long({ costs: [...costs, row({ amount: 143.2 })] });

    expect(line(message, 'Yesterday')).toContain('$143 (Sunday 22 November, UTC) · a usual Sunday here: $129 (+11 %)');
  });

  it('names the headline by the team’s calendar and the costs by the UTC day', () => {
    const message = digest(input({ now: '2026-11-23T20:00:00.000Z', zone: 'Pacific/Auckland', full: true })).message;

    expect(text(message)).toContain('Tuesday 24 November · production');
    expect(text(message)).toContain('Sunday 22 November, UTC');
  });

  it('says the month so far, where it is heading and what last month was', () => {
    expect(line(long(), 'November')).toContain('$2,882 so far · if it goes on like this: $3,930 (±$56.91) · October was $4,061');
  });

  it('says the month’s end both ways while an excess is open', () => {
    const costs = daily(131).map((one) => (one.day >= '2026-11-20' ? { ...one, amount: 1131 } : one));

    expect(line(long({ costs }), 'November')).toContain(
      '$1,000 a day more than usual since 20 November: if that goes on $14,930, if it stops now $6,930',
    );
  });

  it('keeps fees, tax and credits apart from usage and counts them in the month', () => {
    const costs = [...daily(131), row({ charge: 'fee', amount: 20, service: 'Support' }), row({ charge: 'credit', amount: -5.5 })];

    const message = long({ costs });

    expect(line(message, 'Yesterday')).toContain('$131 (Sunday');
    expect(text(message)).toContain('beside that: fees $20.00, credits −$5.50');
    expect(line(message, 'November')).toContain('$2,897 so far (fees $20.00, credits −$5.50 included)');
  });

  it('shows what moved most in money, with region and account, and what is new here', () => {
    const costs = [
      ...daily(100),
      ...daily(6.1, '2026-10-01', '2026-11-21', { service: 'Amazon S3', region: 'eu-central-1' }),
      row({ service: 'NAT gateway', region: 'eu-west-1', amount: 18.4 }),
    ];

    const said = text(long({ costs }));

    expect(said).toContain(
      'Moved      +$18.40  NAT gateway, eu-west-1 (production), a region that cost nothing in the 52 days known before',
    );
    expect(said).toContain('−$6.10  Amazon S3, eu-central-1 (production)');
  });

  it('marks provisional days', () => {
    const costs = daily(131).map((one) => ({ ...one, provisional: one.day >= '2026-11-21' }));

    const message = long({ costs, costsAt: '2026-11-23T06:00:00.000Z' });

    expect(text(message).split('\n')[0]).toContain('costs read 2 h ago, last 2 days provisional');
    expect(line(message, 'Yesterday')).toContain('$131 so far (Sunday');
  });

  it('says that yesterday is not billed yet, and until when it is', () => {
    expect(line(long({ costs: daily(131, '2026-10-01', '2026-11-21') }), 'Yesterday')).toContain(
      'no figures for Sunday 22 November, UTC yet; the last day billed is 21 November',
    );
  });

  it('goes on with the rest when there is no cost data, and says why', () => {
    const message = long({ costs: [], noCosts: 'Cost Explorer is not enabled in the payer account', incidents: [incident()] });

    expect(line(message, 'Costs')).toContain('not known: Cost Explorer is not enabled in the payer account');
    expect(line(message, 'Open')).toContain('INC-42');
    expect(digest(input({ costs: [] })).chart).toBeUndefined();
  });

  it('never adds two currencies', () => {
    const costs = [
      ...daily(131),
      ...daily(80, '2026-10-01', '2026-11-22', { currency: 'EUR', scope: { ...production, id: '210987654321' } }),
    ];

    const said = text(long({ costs }));

    expect(said).toContain('Yesterday (USD)  $131 ');
    expect(said).toContain('Yesterday (EUR)  €80.00 ');
    expect(said).not.toContain('211');
    expect(digest(input({ costs })).chart?.alt).toContain('Only USD is drawn.');
  });

  it('compares with little history only as far as it goes', () => {
    expect(line(long({ costs: daily(131, '2026-11-21') }), 'Yesterday')).toContain('too little history to compare with (1 day)');
    expect(line(long({ costs: daily(131, '2026-11-15') }), 'Yesterday')).toContain('a usual day here: $131');
    expect(line(long({ costs: daily(131, '2026-11-15') }), 'November')).toContain('since 15 November, where the data begins');
  });

  it('lists what is open, the worst first, and what is over', () => {
    const incidents = [
      incident({ id: 'INC-41', severity: 'low' }),
      incident(),
      incident({ id: 'INC-40', state: 'resolved', changedAt: '2026-11-22T20:00:00.000Z' }),
      incident({ id: 'INC-30', state: 'resolved', changedAt: '2026-11-19T20:00:00.000Z' }),
    ];

    const said = text(long({ incidents }));

    expect(said).toMatch(/Open +INC-42 .*\(critical\) · nobody has taken it\n\s+INC-41 /);
    expect(said).toContain('over since yesterday: INC-40 (closed)');
    expect(said).not.toContain('INC-30');
    expect(digest(input({ incidents })).message.summary).toBe('Digest: yesterday $131 (usual $131), 2 open stories (worst: critical)');
  });

  it('says what could not be seen, what the bot cost and what was set down as expected', () => {
    const expectations = [
      {
        id: 'e1',
        check: 'compute/never-used-region',
        region: 'eu-west-3',
        scope: production,
        capUsdPerHour: 12,
        until: '2026-12-01T00:00:00.000Z',
        by: 'Ada',
        at: now,
        hid: 4,
      },
    ];
    const looks = [
      look({
        of: 17,
        seen: 16,
        complete: false,
        gap: 'the machines of eu-south-2 could not be read: denied',
        at: now,
        upTo: now,
        place: { scope: production, region: 'eu-south-2' },
      }),
    ];

    const said = text(long({ looks, troubles: ['Slack has been silent for 3 minutes'], deadEffects: 2, expectations }));

    expect(said).toContain('I see     16 of 17 regions · this bot’s own API calls cost $0.06 yesterday');
    expect(said).toContain('Not seen  the machines of eu-south-2 could not be read: denied\n');
    expect(said).toMatch(/Mind +Slack has been silent for 3 minutes\n +2 acts or messages were given up/);
    expect(said).toContain('compute/never-used-region in eu-west-3 up to $12.00/h until 2026-12-01 00:00 UTC, said by Ada; hid 4 so far');
    expect(said).toContain('Audit up to 01234567');
  });

  it('warns in a line of its own: a warning is nothing that could not be seen', () => {
    const troubles = ['The bot runs in the account that it guards', 'Acting is switched off in the configuration (actions: off).'];

    const message = long({
      troubles,
      policy: policy({ actions: 'off' }),
      endpointsElsewhere: ['AWS_ENDPOINT_URL → http://127.0.0.1:5000'],
    });

    expect(line(message, 'Mind')).toBe('Mind   The bot runs in the account that it guards');
    expect(text(message)).toContain('Endpoints are pointed elsewhere');
    expect(text(message)).not.toContain('Not seen');
    expect(text(message).match(/switched off/g)).toHaveLength(1);
    expect(digest(input({ troubles })).message.summary).toBe('Digest: yesterday $131 (usual $131), nothing open, 2 warnings');
    expect(digestJson(input({ troubles }))).toMatchObject({ blindSpots: [], troubles });
  });

  it('says once why there are no costs', () => {
    const gap = 'costs could not be read: not allowed (ce:GetCostAndUsage)';
    const unread = look({
      source: 'aws/costs',
      noun: 'payers',
      of: 1,
      seen: 0,
      complete: false,
      gap,
      place: { scope: production, region: 'global' },
    });

    const message = long({ costs: [], noCosts: gap, looks: [look({ at: now, upTo: now }), unread] });

    expect(text(message).split(gap)).toHaveLength(2);
    expect(message.summary).toContain('1 blind spot');
  });

  it('puts the picture after the money', () => {
    const made = digest(input({ full: true }));

    const message = withPicture(made.message, { png: new Uint8Array([1]), alt: made.chart?.alt ?? '' }, '2026-11-22');

    expect(message.parts.map((part) => part.kind)).toEqual(['header', 'facts', 'image', 'facts', 'text']);
  });
});

describe('the picture’s data', () => {
  it('is thirty days of the six largest services and the rest, each day adding up to the total', () => {
    const costs = Array.from({ length: 9 }, (_, n) => daily(10 * (n + 1), '2026-10-01', '2026-11-22', { service: `service ${n}` })).flat();

    const { chart } = digest(input({ costs }));

    expect(chart?.series.map((series) => series.name)).toEqual([8, 7, 6, 5, 4, 3].map((n) => `service ${n}`).concat('3 other services'));
    expect(chart?.days[0]).toBe('2026-10-24');
    expect(chart?.marked).toBe('2026-11-22');
    expect(chart?.series.reduce((sum, series) => sum + (series.amounts[29] ?? 0), 0)).toBeCloseTo(450, 6);
    expect(chart?.alt).toContain('from $450 to $450 a day, $450 on the marked day, 22 November.');
  });
});

describe('a digest from saved files', () => {
  it('is about the last day with data and speaks of money only', () => {
    const costs = daily(131, '2026-08-01', '2026-09-30');

    const made = digest(savedInput(costs, [{ scope: production, name: 'production' }], policy(), now));

    expect(lastDayOf(costs)).toBe('2026-09-30');
    expect(text(made.message)).toContain('Wednesday 30 September 2026');
    expect(line(made.message, 'That day')).toContain('$131 (Wednesday 30 September, UTC)');
    expect(line(made.message, 'September')).toContain('$3,930 in full · August was $4,061');
    expect(text(made.message)).not.toMatch(/Open|I see|Audit/);
  });

  it('takes another day when one is named, and forgets what came after', () => {
    const costs = daily(131, '2026-08-01', '2026-09-30').map((one) => (one.day > '2026-09-10' ? { ...one, amount: 999 } : one));

    const json = digestJson(savedInput(costs, [], policy(), now, '2026-09-10'));

    expect(json).toMatchObject({
      day: '2026-09-10',
      weekday: 'Thursday',
      currencies: [
        { currency: 'USD', usage: 131, usual: { amount: 131, kind: 'weekday', days: 5 }, monthToDate: 1310, lastMonth: 31 * 131 },
      ],
    });
  });

  it('says so when there is nothing to tell', () => {
    const made = digest(savedInput([], [], policy(), now));

    expect(text(made.message)).toContain('not known: the files hold no cost row that could be read');
    expect(digestJson(savedInput([], [], policy(), now))).toMatchObject({
      currencies: [],
      noCosts: 'the files hold no cost row that could be read',
    });
  });
});

describe('whatever the costs are', () => {
  it('can be told, with sums that agree with the rows', () => {
    const anything = fc.array(
      fc.record({
        day: fc.integer({ min: 0, max: 80 }).map((n) => daysBetween('2026-09-04', '2026-11-23')[n] ?? '2026-11-01'),
        scope: fc.constantFrom<Cost['scope']>(production, { cloud: 'oracle', level: 'account', id: 'ocid1' }),
        region: fc.constantFrom('us-east-1', 'global', ''),
        service: fc.oneof(fc.string(), fc.constantFrom('EC2', 'S3', '__proto__', '<!channel>')),
        charge: fc.constantFrom<Cost['charge']>('usage', 'fee', 'tax', 'credit'),
        amount: fc.double({ min: -1e5, max: 1e6, noNaN: true }),
        currency: fc.constantFrom('USD', 'EUR', 'BTC?'),
        provisional: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(anything, fc.boolean(), (costs, full) => {
        const shown = input({ costs, full });
        const { message } = digest(shown);
        const told = digestJson(shown) as { currencies: { currency: string; monthToDate: number }[] };

        expect(message.summary.length).toBeLessThanOrEqual(110);
        expect(JSON.stringify(message)).not.toMatch(/NaN|Infinity|undefined/);
        for (const one of told.currencies) {
          const sum = costs
            .filter((cost) => cost.currency === one.currency && cost.day >= '2026-11-01' && cost.day <= '2026-11-22')
            .reduce((total, cost) => total + cost.amount, 0);
          expect(one.monthToDate).toBeCloseTo(sum, 3);
        }
      }),
      { numRuns: 150, seed: 11 },
    );
  });
});
