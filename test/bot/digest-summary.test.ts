import { describe, expect, it } from 'vitest';
import { lastSpan, spanBefore, spanOf } from '../../src/bot/digest/period.ts';
import { type Cost, type DigestInput, savedInput, summary, summaryJson } from '../../src/bot/digest.ts';
import type { Message } from '../../src/bot/message.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import { cost, costsDaily } from '../support/costs.ts';
import { incident, look, policy, production } from './present-story.ts';

const now = '2026-11-23T08:00:00.000Z';
const staging = { cloud: 'aws', level: 'account', id: '210987654321' } as const;
const isWeekend = (day: string) => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
const costs: Cost[] = [
  ...costsDaily((day) => (isWeekend(day) ? 60 : 100), '2026-09-01', '2026-11-22', { scope: production }),
  ...costsDaily(10, '2026-09-01', '2026-11-22', { scope: staging, service: 'Amazon RDS', region: 'eu-west-1', team: 'payments' }),
  cost({ scope: production, day: '2026-11-18', service: 'NAT gateway', region: 'eu-west-1', amount: 40 }),
  cost({ scope: production, day: '2026-11-01', charge: 'fee', service: 'Support', region: 'global', amount: 29 }),
  cost({ scope: production, day: '2026-11-17', charge: 'credit', service: 'Refund', region: 'global', amount: -7.5 }),
];
const input = (over: Partial<DigestInput> = {}): DigestInput => ({
  ...savedInput(
    costs,
    [
      { scope: production, name: 'production' },
      { scope: staging, name: 'staging' },
    ],
    policy(),
    now,
  ),
  saved: false,
  zone: 'Europe/Berlin',
  costsAt: '2026-11-23T06:00:00.000Z',
  ownCost: { usd: 0.42, days: 7 },
  looks: [look({ at: now, upTo: now })],
  incidents: [
    incident({ openedAt: '2026-11-17T10:00:00.000Z', changedAt: now }),
    incident({ id: 'INC-40', state: 'resolved', openedAt: '2026-11-10T10:00:00.000Z', changedAt: '2026-11-19T10:00:00.000Z' }),
  ],
  ...over,
});
const text = (message: Message | undefined): string => (message ? asPlainText(message, now) : '');
const { day: _, ...withoutDay } = input();

describe('the week', () => {
  it('that is over is told against usual weeks and the one before, with its parts in the thread', () => {
    const { message, details, chart } = summary(withoutDay, 'week');

    expect(message.summary).toBe('Week of 16 – 22 November: $730 used (usual $690)');
    expect(text(message)).toMatchInlineSnapshot(`
      "◼  Week of 16 – 22 November · production and staging   costs read 2 h ago, all days final
      Used      $730 · a usual week: $690 (+6 %) · the week before: $690 (+6 %)
                beside that: credits −$7.50; to pay in all $723
      Days      $104 a day: most on Wednesday 18 November, $150; least on Saturday 21 November, $70.00
      November  $2,202 so far (fees $29.00, credits −$7.50 included) · if it goes on like this: $3,002 (±$47.79) · October was $3,050
      Moved     +$40.00  NAT gateway, eu-west-1 (production)
      Stories   1 story opened (worst: critical), 1 closed
                still open: INC-42 Machines are being started with a key that looks stolen (critical) · nobody has taken it
      Watching  this bot’s own API calls cost $0.42 in 7 days"
    `);
    expect(text(details)).toMatchInlineSnapshot(`
      "◼  What the week of 16 November was made of
      By service  $620  Amazon EC2, as before
                  $70.00  Amazon RDS, as before
                  $40.00  NAT gateway, nothing before
      By region   $620  us-east-1, as before
                  $110  eu-west-1, +$40.00
      By account  $660  production, +$40.00
                  $70.00  staging, as before
      By team     $660  no team, +$40.00
                  $70.00  payments, as before
      Usage before credits, by UTC day; changes against the week before."
    `);
    expect(chart).toMatchObject({ weekdays: true, marked: '', days: expect.arrayContaining(['2026-11-16', '2026-11-22']), ahead: [] });
    expect(chart?.alt).toBe(
      'Usage by service and UTC day, 16 November to 22 November: from $70.00 to $150 a day, $730 in all. Most: Amazon EC2 $620, Amazon RDS $70.00 and NAT gateway $40.00.',
    );
  });

  it('says why something moved, where the bill does', () => {
    const cause = ['2026-11-11', '2026-11-18'].map((day, n) =>
      cost({ scope: production, day, service: 'NAT gateway', region: 'eu-west-1', amount: n * 39, usageType: 'EU-NatGateway-Bytes' }),
    );

    const { message } = summary({ ...withoutDay, cuts: { cause } }, 'week');

    expect(text(message)).toContain('+$40.00  NAT gateway, eu-west-1 (production): EU-NatGateway-Bytes +$39.00');
  });

  it('that is not over is held against as many days of the others', () => {
    const { message } = summary(input({ day: '2026-11-18' }), 'week');

    expect(text(message)).toContain('Week of 16 – 18 November, not over yet');
    expect(text(message)).toContain(
      '$370 so far · a usual week up to that day: $330 (+12 %) · the week before up to that day: $330 (+12 %)',
    );
  });

  it('says what it cannot compare with', () => {
    const short = costs.filter((row) => row.day >= '2026-11-12');

    expect(text(summary({ ...withoutDay, costs: short }, 'week').message)).toContain(
      'nothing to compare with: the week before is not known in full',
    );
  });
});

describe('the month', () => {
  it('that is over is told against the one before, in all and by the day', () => {
    const { message } = summary(withoutDay, 'month');

    expect(text(message)).toMatchInlineSnapshot(`
      "◼  October 2026 · production and staging   costs read 2 h ago, all days final
      Used   $3,050 · September: $2,980 (+2 %), by the day $98.39 after $99.33
      Days   $98.39 a day: most on Thursday 1 October, $110; least on Saturday 3 October, $70.00
      Moved  nothing by more than 3 % against September
      Stories   none opened, none closed
                still open: INC-42 Machines are being started with a key that looks stolen (critical) · nobody has taken it
      Watching  this bot’s own API calls cost $0.42 in 7 days"
    `);
  });

  it('that is not over also says where it is heading, and draws the days to come', () => {
    const { message, chart } = summary(input(), 'month');

    expect(text(message)).toMatchInlineSnapshot(`
      "◼  November 2026, up to 22 November · production and staging   costs read 2 h ago, all days final
      Used      $2,180 so far · October up to that day: $2,180
                beside that: fees $29.00, credits −$7.50; to pay in all $2,202
      Days      $99.09 a day: most on Wednesday 18 November, $150; least on Sunday 1 November, $70.00
      November  $2,202 so far (fees $29.00, credits −$7.50 included) · if it goes on like this: $3,002 (±$47.79) · October was $3,050
      Moved     nothing by more than 3 % against October up to that day
      Stories   2 stories opened (worst: critical), 1 closed
                still open: INC-42 Machines are being started with a key that looks stolen (critical) · nobody has taken it
      Watching  this bot’s own API calls cost $0.42 in 7 days"
    `);
    expect(chart?.days).toHaveLength(30);
    expect(chart?.series[0]?.amounts).toHaveLength(22);
    expect(chart?.ahead).toHaveLength(8);
  });

  it('says why there are no costs and what helps', () => {
    const { message } = summary(
      { ...withoutDay, costs: [], noCosts: 'costs could not be read: not allowed (AccessDeniedException)' },
      'month',
    );

    expect(text(message)).toContain('not known: costs could not be read: not allowed (AccessDeniedException)');
    expect(text(message)).toContain('bin/cloudwarden iam read');
  });
});

describe('as data', () => {
  it('is every figure', () => {
    expect(summaryJson(withoutDay, 'week')).toMatchObject({
      ...{ kind: 'week', from: '2026-11-16', to: '2026-11-22', upTo: '2026-11-22', isOver: true },
      currencies: [
        {
          ...{ currency: 'USD', usage: 730, fees: 0, tax: 0, credits: -7.5, net: 722.5 },
          before: { usage: 690, net: 690, days: 7 },
          usual: { amount: 690, weeks: 6 },
          services: [
            { name: 'Amazon EC2', amount: 620, before: 620 },
            { name: 'Amazon RDS', amount: 70, before: 70 },
            { name: 'NAT gateway', amount: 40, before: 0 },
          ],
          accounts: [
            { name: 'production', amount: 660, before: 620 },
            { name: 'staging', amount: 70, before: 70 },
          ],
          teams: [
            { name: 'no team', amount: 660, before: 620 },
            { name: 'payments', amount: 70, before: 70 },
          ],
          moved: [{ service: 'NAT gateway', change: 40, amount: 40 }],
        },
      ],
    });
  });
});

describe('weeks and months', () => {
  it('begin on Monday and on the first, and know those before them', () => {
    expect(spanOf('week', '2026-11-22', '2026-11-22')).toEqual({
      kind: 'week',
      from: '2026-11-16',
      to: '2026-11-22',
      upTo: '2026-11-22',
      isOver: true,
    });
    expect(spanOf('month', '2028-02-10', '2028-02-10')).toMatchObject({
      from: '2028-02-01',
      to: '2028-02-29',
      upTo: '2028-02-10',
      isOver: false,
    });
    expect(lastSpan('week', '2026-11-23')).toMatchObject({ from: '2026-11-16', to: '2026-11-22' });
    expect(lastSpan('week', '2026-11-22')).toMatchObject({ from: '2026-11-09', to: '2026-11-15' });
    expect(lastSpan('month', '2027-01-01')).toMatchObject({ from: '2026-12-01', to: '2026-12-31', isOver: true });
    expect(spanBefore(spanOf('month', '2026-03-30', '2026-03-30'))).toMatchObject({ from: '2026-02-01', upTo: '2026-02-28' });
    expect(spanBefore(spanOf('month', '2026-03-05', '2026-03-05'))).toMatchObject({ from: '2026-02-01', upTo: '2026-02-05' });
  });
});
