import { describe, expect, it } from 'vitest';
import { estimatedCosts } from '../../../../src/adapters/aws/sources/estimated.ts';
import { dayCosts } from '../../../../src/adapters/aws/sources/estimated-days.ts';
import { billing } from './bills.ts';
import { gapsOf } from './drain.ts';

const at = (time: string, amount: number) => ({ ms: Date.parse(`${time}:00Z`), amount });
const rounded = (days: Map<string, number>) => [...days].map(([day, amount]) => [day, Math.round(amount * 100) / 100]);

describe('totals of a month so far', () => {
  it('become what each day cost, a figure across midnight by its hours', () => {
    const { days, gaps } = dayCosts([
      at('2026-03-10T00:00', 90),
      at('2026-03-10T18:00', 96),
      at('2026-03-11T06:00', 100),
      at('2026-03-11T12:00', 102),
    ]);

    expect(rounded(days)).toEqual([
      ['2026-03-10', 8],
      ['2026-03-11', 4],
    ]);
    expect(gaps).toEqual([]);
  });

  it('begin anew with a month, though the old one goes on for some hours', () => {
    const { days } = dayCosts([
      at('2026-02-28T12:00', 280),
      at('2026-02-28T18:00', 285),
      at('2026-03-01T06:00', 290),
      at('2026-03-01T12:00', 3),
      at('2026-03-02T00:00', 9),
    ]);

    expect(rounded(days)).toEqual([
      ['2026-02-28', 10],
      ['2026-03-01', 9],
    ]);
  });

  it('begin anew also where no figure came when the month did, and the new total is greater', () => {
    const { days, gaps } = dayCosts([at('2026-02-27T00:00', 5), at('2026-03-03T00:00', 20)]);

    expect(rounded(days)).toEqual([
      ['2026-03-01', 10],
      ['2026-03-02', 10],
    ]);
    expect(gaps).toEqual([{ fromMs: Date.parse('2026-03-01'), untilMs: Date.parse('2026-03-03') }]);
  });

  it('count a correction as less, and spread what came after a gap', () => {
    const { days, gaps } = dayCosts([at('2026-03-10T00:00', 90), at('2026-03-10T12:00', 80), at('2026-03-13T12:00', 110)]);

    expect(rounded(days)).toEqual([
      ['2026-03-10', -5],
      ['2026-03-11', 10],
      ['2026-03-12', 10],
      ['2026-03-13', 5],
    ]);
    expect(gaps).toHaveLength(1);
  });

  it('are nothing where there are none', () => {
    expect(dayCosts([]).days.size).toBe(0);
    expect(dayCosts([at('2026-03-10T00:00', 90)]).days.size).toBe(0);
  });
});

describe('estimated charges', () => {
  const bill = `
costs:
  - { service: AmazonEC2, region: eu-west-1, perDay: 24, noise: 0 }
  - { service: AmazonS3, region: us-east-1, perDay: 6, noise: 0 }`;

  it('tell by service and day what was spent, over the turn of months, at the price of a few metrics', async () => {
    const { store, look, session } = await billing(bill, (sight, kept) => [estimatedCosts(sight as never, { told: kept.costs })]);

    const seen = await look();

    const days = await store.costs('2026-02-20', '2026-03-08');
    const sums = Map.groupBy(days, ({ day }) => day);
    expect([...sums.keys()]).toHaveLength(17);
    // What is billed late belongs to the day before by some hours: over the days nothing is lost.
    const total = days.filter(({ service }) => service === 'AmazonEC2').reduce((sum, { amount }) => sum + amount, 0);
    expect(total).toBeGreaterThan(15.5 * 24);
    expect(total).toBeLessThan(18 * 24);
    expect(new Set(days.map(({ service, region, charge }) => `${service} ${region} ${charge}`))).toEqual(
      new Set(['AmazonEC2 global usage', 'AmazonS3 global usage']),
    );
    expect(gapsOf({ observations: seen })).toEqual([]);
    const metered = session.meter.take();
    expect(metered.map(({ operation }) => operation).sort()).toEqual(['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics']);
    expect(metered.reduce((sum, { usd }) => sum + usd, 0)).toBeLessThan(0.001);
  });

  it('are read again for the last days, and not again within eight hours', async () => {
    const { store, look, clock, pages } = await billing(bill, (sight, kept) => [estimatedCosts(sight as never, { told: kept.costs })]);
    await look();
    pages();
    await clock.advance(3600);
    await look();
    expect(pages()).toEqual({});
    await clock.advance(2 * 86_400);

    await look();

    const [day] = (await store.costs('2026-03-10', '2026-03-10')).filter(({ service }) => service === 'AmazonEC2');
    expect(day?.amount).toBeGreaterThan(20);
  });

  it('say what to switch on where AWS writes none', async () => {
    const { look } = await billing(bill, (sight) => [estimatedCosts(sight as never)], { billingAlerts: false });

    expect(gapsOf({ observations: await look() })).toEqual([
      'estimated charges could not be read: AWS writes none; switch on “Receive CloudWatch billing alerts” in the payer’s Billing preferences',
    ]);
  });
});
