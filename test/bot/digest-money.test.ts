import { describe, expect, it } from 'vitest';
import { type Budget, type Cost, type DigestInput, digest, digestJson, type Grant } from '../../src/bot/digest.ts';
import type { Message } from '../../src/bot/message.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import type { Machine } from '../../src/bot/ports.ts';
import { cost, costsDaily } from '../support/costs.ts';
import { calmMorning, production } from './present-story.ts';

const now = '2026-11-23T08:00:00.000Z';
const staging = { cloud: 'aws', level: 'account', id: '210987654321' } as const;
const daily = (amount: number, from = '2026-10-01', to = '2026-11-22', over: Partial<Cost> = {}): Cost[] =>
  costsDaily(amount, from, to, { scope: production, ...over });
const row = (over: Partial<Cost>): Cost => cost({ scope: production, day: '2026-11-22', ...over });
const input = (over: Partial<DigestInput> = {}): DigestInput => ({
  ...calmMorning(now),
  accounts: [
    { scope: production, name: 'production' },
    { scope: staging, name: 'staging' },
  ],
  costs: daily(100),
  costsAt: '2026-11-23T06:00:00.000Z',
  ...over,
});
const text = (message: Message | undefined): string => (message ? asPlainText(message, now) : '');
const line = (said: string, label: string): string => said.split('\n').find((one) => one.startsWith(label)) ?? '';
const long = (over: Partial<DigestInput> = {}): string => text(digest(input({ full: true, ...over })).message);
const budget = (monthly: number, over: Partial<Budget> = {}): Budget => ({ of: { account: production.id }, monthly, ...over });

describe('a whole digest', () => {
  it('says the money, what is tight, what is open and what is seen; what it was made of stands in the thread', () => {
    const costs = [
      ...daily(100),
      ...daily(20, '2026-10-01', '2026-11-22', { scope: staging, service: 'Amazon RDS', region: 'eu-west-1' }),
      row({ service: 'AmazonSageMaker', region: 'ap-northeast-1', amount: 80 }),
      row({ day: '2026-11-01', charge: 'fee', service: 'SavingsPlanRecurringFee', region: 'global', amount: 30 }),
      row({ day: '2026-11-01', charge: 'fee', service: 'Support', region: 'global', amount: 29 }),
    ];

    const made = digest(input({ costs, budgets: [budget(2900), { of: { account: staging.id }, monthly: 2000 }] }));

    expect(text(made.message)).toMatchInlineSnapshot(`
      "◼  Monday 23 November · production and staging   costs read 2 h ago
      Yesterday  $200 (Sunday 22 November, UTC) · a usual Sunday here: $120 (+67 %)
      November   $2,779 so far (fees $59.00 of which $30.00 for commitments included) · $80.00 a day more than usual: if that goes on $4,379, if it stops now $3,739 (±$52.13) · October was $3,720
      Moved      +$80.00  AmazonSageMaker, ap-northeast-1 (production), a region that cost nothing in the 52 days known before
      Budget     production: $2,339 of $2,900 (80 %), heading for $3,779 (±$43.44; $3,139 if what is unusual stops now), passed on 26 November if it goes on like this
      Open   nothing
      I see  17 of 17 regions · this bot’s own API calls cost $0.06 yesterday
      Audit up to 01234567"
    `);
    expect(text(made.details)).toMatchInlineSnapshot(`
      "◼  What Sunday 22 November was made of
      By service  $100  Amazon EC2
                  $80.00  AmazonSageMaker, +$80.00 against usual
                  $20.00  Amazon RDS
      By region   $100  us-east-1
                  $80.00  ap-northeast-1, +$80.00 against usual
                  $20.00  eu-west-1
      By account  $180  production, +$80.00 against usual
                  $20.00  staging
      Budgets     production: $2,339 of $2,900 (80 %), heading for $3,779 (±$43.44; $3,139 if what is unusual stops now), passed on 26 November if it goes on like this
                  staging: $440 of $2,000 (22 %), heading for $600 (±$8.69)
      Usage before credits, by UTC day. More: /warden spend 30d service, /warden forecast."
    `);
  });

  it('is one line on a quiet day, with the age of the figures, and its parts and picture in the thread', () => {
    const made = digest(input());

    expect(made.quiet).toBe(true);
    expect(text(made.message)).toMatchInlineSnapshot(
      `"◻ Nothing unusual. Yesterday (Sunday 22 November, UTC) $100 (usual Sunday: $100), November heading for $3,000. I see 17 of 17 regions; this bot’s own API calls cost $0.06 yesterday. Costs read 2 h ago. Audit 01234567"`,
    );
    expect(line(text(made.details), 'By service')).toBe('By service  $100  Amazon EC2');
  });

  it('says what helps when there are no costs', () => {
    const said = (noCosts?: string) => long({ costs: [], ...(noCosts ? { noCosts } : {}) });

    expect(said('costs cannot be read: Cost Explorer is not switched on yet')).toContain('open Cost Explorer once');
    expect(said('costs could not be read: not allowed (AccessDeniedException)')).toContain('bin/cloudwarden iam read');
    expect(said()).toContain('nothing, where the bot has just begun');
    expect(said('costs could not be read: no answer')).toContain('bin/cloudwarden doctor');
  });
});

describe('budgets', () => {
  it('are told when they will be passed, both ways while something is unusual', () => {
    expect(line(long({ budgets: [budget(2950)] }), 'Budget')).toBe(
      'Budget     production: $2,200 of $2,950 (74 %), heading for $3,000 (±$43.44), passed on 30 November if it goes on like this',
    );
    const costs = daily(100).map((one) => (one.day >= '2026-11-20' ? { ...one, amount: 600 } : one));
    expect(line(long({ costs, budgets: [budget(5000)] }), 'Budget')).toContain(
      '$3,700 of $5,000 (74 %), heading for $8,500 (±$43.44; $4,500 if what is unusual stops now), passed on 25 November if it goes on like this',
    );
  });

  it('say the day on which they were passed', () => {
    expect(line(long({ budgets: [budget(1000)] }), 'Budget')).toContain(
      '$2,200 of $1,000 (220 %), heading for $3,000 (±$43.44), passed on 11 November',
    );
  });

  it('are left to the thread while they hold', () => {
    const made = digest(input({ full: true, budgets: [budget(9000)] }));

    expect(text(made.message)).not.toContain('Budget');
    expect(line(text(made.details), 'Budget')).toBe('Budget      production: $2,200 of $9,000 (24 %), heading for $3,000 (±$43.44)');
  });

  it('are before credits, but with what commitments pay', () => {
    const costs = [...daily(100), ...daily(-90, '2026-10-01', '2026-11-22', { charge: 'credit', service: 'Credit' })];
    const covered = [...daily(100), ...daily(-90, '2026-10-01', '2026-11-22', { charge: 'credit', service: 'SavingsPlanNegation' })];

    expect(digestJson(input({ costs, budgets: [budget(2000)] }))).toMatchObject({ budgets: [{ used: 2200, passedOn: '2026-11-21' }] });
    expect(digestJson(input({ costs: covered, budgets: [budget(2000)] }))).toMatchObject({
      budgets: [{ used: 220, monthEnd: 300, passedOn: null }],
    });
  });

  it('count a team by its tag, and say from which day on it is known', () => {
    const team = daily(10, '2026-11-12', '2026-11-22', { team: 'payments', region: 'global' });

    const made = digest(
      input({ full: true, cuts: { team: [...team, row({ amount: 3 })] }, budgets: [{ of: { team: 'payments' }, monthly: 500 }] }),
    );

    expect(line(text(made.details), 'Budget')).toContain('team payments: $110 of $500 (22 %, counted from 12 November), heading for $190');
    expect(text(made.details)).toMatch(/By team +\$10\.00 {2}payments\n +\$3\.00 {2}no team/);
  });

  it('are in their own currency, and say when nothing is billed to them', () => {
    const costs = [...daily(100), ...daily(50, '2026-10-01', '2026-11-22', { currency: 'EUR' })];

    const details = text(digest(input({ costs, budgets: [budget(2000, { currency: 'EUR' }), { of: { team: 'x' }, monthly: 5 }] })).details);

    expect(details).toContain('production: €1,100 of €2,000 (55 %)');
    expect(details).toContain('team x: nothing is billed to it so far');
  });

  it('of the provider are told in its own figures', () => {
    const own = {
      ...{ name: 'All of it', per: 'month' as const, from: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' },
      ...{ limit: { amount: 2500, currency: 'USD' }, spent: { amount: 2190, currency: 'USD' }, readAt: now },
    };

    const said = long({ providerBudgets: [{ ...own, expected: { amount: 2980, currency: 'USD' } }] });

    expect(line(said, 'Budget')).toBe(
      'Budget     All of it: $2,190 of $2,500 a month (87 %), heading for $2,980, by the provider’s own count',
    );
  });

  it('do not make a quiet day loud, except on the day on which one is passed', () => {
    const tight = digest(input({ budgets: [budget(2950)] }));

    expect(tight.quiet).toBe(true);
    expect(text(tight.message)).toContain('Budget production: $2,200 of $2,950 (74 %)');
    expect(digest(input({ budgets: [budget(2150)] })).quiet).toBe(false);
    expect(digest(input({ budgets: [budget(2050)] })).quiet, 'passed the day before').toBe(true);
  });
});

describe('credits', () => {
  const grant = (over: Partial<Grant> = {}): Grant => ({
    account: production.id,
    amount: 2000,
    from: '2026-10-01',
    until: '2027-06-30',
    ...over,
  });
  const paid = (amount: number, to = '2026-11-22') =>
    daily(-amount, '2026-10-01', to, { charge: 'credit', service: 'Credit', region: 'global' });

  it('end on a day that is told while it is near', () => {
    const said = long({ costs: [...daily(100), ...paid(30)], credits: [grant()] });

    expect(line(said, 'Credits')).toBe('Credits    production: $410 of $2,000 left; at $30.00 a day they end on 6 December 2026');
  });

  it('lapse where they are not used up in time', () => {
    const details = text(digest(input({ costs: [...daily(100), ...paid(10)], credits: [grant({ until: '2026-12-02' })] })).details);

    expect(line(details, 'Credits')).toContain('$1,470 of $2,000 left; at $10.00 a day about $1,370 lapse after 2 December 2026');
  });

  it('that are used up are said to be', () => {
    expect(line(long({ costs: [...daily(100), ...paid(40)], credits: [grant()] }), 'Credits')).toContain('used up, all $2,000');
  });

  it('that came every day and have stopped are told although nobody said what was granted', () => {
    const made = digest(input({ costs: [...daily(100), ...paid(30, '2026-11-18')] }));

    expect(made.quiet).toBe(false);
    expect(line(text(made.message), 'Credits')).toBe('Credits    no more credits since 19 November; before, they paid $30.00 a day');
  });

  it('are counted into where the month is heading, as long as they last', () => {
    const month = (credits: Grant[]) => line(long({ costs: [...daily(100), ...paid(30)], credits }), 'November');

    expect(month([])).toContain(
      '$1,540 so far (credits −$660 included) · if it goes on like this: $2,100 (±$43.44), with credits going on at −$30.00 a day',
    );
    expect(month([grant({ amount: 1690 })])).toContain('if it goes on like this: $2,240 (±$43.44), with credits going on at −$12.50 a day');
  });
});

describe('why something moved', () => {
  const region = { region: 'ap-northeast-1', service: 'Amazon Elastic Compute Cloud - Compute' };
  const machine = (over: Partial<Machine> = {}): Machine => ({
    resource: 'resource:arn:aws:ec2:ap-northeast-1:123456789012:instance/i-1',
    place: { scope: production, region: 'ap-northeast-1' },
    by: 'aws/inventory',
    what: 'EC2 instance',
    shape: { type: 'g5.48xlarge' },
    usdPerHour: 16.3,
    estimated: false,
    startedAt: '2026-11-22T00:05:00.000Z',
    seenAt: now,
    ...over,
  });

  it('is said by usage type, resource and machines, each where it is known', () => {
    const cause = [
      row({ ...region, amount: 380, usageType: 'APN1-BoxUsage:g5.48xlarge' }),
      row({ ...region, amount: 40, usageType: 'APN1-EBS:VolumeUsage' }),
      row({ ...region, amount: 300, resource: 'arn:aws:ec2:ap-northeast-1:123456789012:instance/i-1' }),
    ];
    const machines = [machine(), machine({ startedAt: '2026-11-22T00:09:00.000Z' }), machine({ startedAt: '2026-11-01T00:00:00.000Z' })];

    const said = long({ costs: [...daily(100), row({ ...region, amount: 420 })], cuts: { cause }, machines });

    expect(line(said, 'Moved')).toBe(
      'Moved      +$420  Amazon Elastic Compute Cloud - Compute, ap-northeast-1 (production), a region that cost nothing in the 52 days known before: APN1-BoxUsage:g5.48xlarge +$380, i-1 +$300, 2 × g5.48xlarge since 22 November 00:05 UTC, $33/h at list price',
    );
  });

  it('is not guessed: machines elsewhere, of another service, gone or of long ago say nothing', () => {
    const machines = [
      machine({ place: { scope: production, region: 'us-east-1' } }),
      machine({ place: { scope: staging, region: 'ap-northeast-1' } }),
      machine({ by: 'aws/learning' }),
      machine({ goneAt: now }),
      machine({ startedAt: '2026-11-20T00:00:00.000Z' }),
    ];

    expect(line(long({ costs: [...daily(100), row({ ...region, amount: 420 })], machines }), 'Moved')).toMatch(/known before$/);
  });
});

describe('what an account cost', () => {
  it('is taken from the cut by account where the bill is the payer’s, and never counted twice', () => {
    const payer = { cloud: 'aws', level: 'payer', id: '999999999999' } as const;
    const costs = daily(100).map((one) => ({ ...one, scope: payer as unknown as Cost['scope'] }));
    const account = [
      ...daily(60, '2026-10-01', '2026-11-22', { region: 'global' }),
      ...daily(40, '2026-10-01', '2026-11-22', { scope: staging, region: 'global' }),
    ];

    const json = digestJson(input({ costs, cuts: { account }, budgets: [budget(2000)] }));

    expect(json).toMatchObject({
      currencies: [
        {
          usage: 100,
          monthToDate: 2200,
          accounts: [
            { name: 'production', amount: 60, usual: 60 },
            { name: 'staging', amount: 40, usual: 40 },
          ],
        },
      ],
      budgets: [{ name: 'production', used: 60 * 22 }],
    });
  });
});

describe('the picture', () => {
  it('shows what is usual of each day and what is expected of the days to come', () => {
    const { chart } = digest(input());

    expect(chart?.usual).toHaveLength(30);
    expect(chart?.usual?.at(-1)).toEqual({ day: '2026-11-22', low: 84.64, high: 115.36 });
    expect(chart?.ahead).toEqual(Array.from({ length: 8 }, (_, n) => ({ day: `2026-11-${23 + n}`, amount: 100 })));
    expect(chart?.alt).toBe(
      'Usage by service and UTC day, 24 October to 22 November: from $100 to $100 a day, $100 on the marked day, 22 November. Four of five such days cost from $84.64 to $115. Expected until 30 November: $100 to $100 a day. Most: Amazon EC2 $3,000.',
    );
  });

  it('does not teach the usual range an excess that goes on', () => {
    const costs = daily(100).map((one) => (one.day >= '2026-11-18' ? { ...one, amount: 900 } : one));

    const { chart } = digest(input({ costs }));

    expect(chart?.usual?.at(-1)?.high).toBeLessThan(120);
    expect(chart?.ahead?.[0]?.amount).toBeCloseTo(900, 6);
  });
});

describe('a day that is not billed in full yet', () => {
  const costs = daily(100).map((one) => (one.day === '2026-11-22' ? { ...one, amount: 60, provisional: true } : one));

  it('is neither unusual nor a saving where it is lower than usual', () => {
    expect(digest(input({ costs })).quiet).toBe(true);
    expect(line(long({ costs }), 'Yesterday')).toBe('Yesterday  $60.00 so far (Sunday 22 November, UTC) · a usual Sunday here: $100');
    expect(line(long({ costs }), 'Moved')).toBe('Moved      nothing rose by more than 3 % of the day');
  });

  it('is unusual where it already is far more', () => {
    const dear = costs.map((one) => (one.day === '2026-11-22' ? { ...one, amount: 160 } : one));

    expect(digest(input({ costs: dear })).quiet).toBe(false);
    expect(line(long({ costs: dear }), 'Moved')).toContain('+$60.00  Amazon EC2');
  });
});

describe('a commitment', () => {
  const fee = (day: string, amount: number) => row({ day, amount, charge: 'fee', service: 'SavingsPlanUpfrontFee', region: 'global' });

  it('that was bought is told apart from fees, also on a day that is quiet otherwise', () => {
    const costs = [...daily(100), fee('2026-11-22', 3000)];

    expect(digest(input({ costs })).quiet).toBe(false);
    expect(line(long({ costs }), 'Bought')).toBe('Bought     usage ahead for $3,000: SavingsPlanUpfrontFee (production)');
    expect(long({ costs })).toContain('beside that: fees $3,000 of which $3,000 for commitments');
  });

  it('that is paid each month is no purchase', () => {
    expect(digest(input({ costs: [...daily(100), fee('2026-10-22', 100), fee('2026-11-22', 100)] })).quiet).toBe(true);
  });
});
