import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { budgets } from '../../../../src/adapters/aws/sources/budgets.ts';
import { handClock, account as ownAccount, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { account, billing } from './bills.ts';
import { drain, gapsOf, ofKind } from './drain.ts';

describe('budgets', () => {
  const bill = 'costs: [{ service: Web, region: eu-west-1, perDay: 10, noise: 0 }]';

  it('are kept with their limit, what is used and where AWS sees them heading', async () => {
    const { store, look } = await billing(bill, (sight) => [budgets(sight as never)], {
      budgets: [
        { name: 'all of it', limit: 400, per: 'MONTHLY', type: 'COST' },
        { name: 'this year', limit: 5000, per: 'ANNUALLY', type: 'COST' },
        { name: 'hours', limit: 100, per: 'MONTHLY', type: 'USAGE' },
      ],
    });

    await look();

    // 90 dollars in nine days and ten hours of a month of 31 days.
    const usd = (amount: number) => ({ amount, currency: 'USD', usd: amount });
    const scope = { cloud: 'aws', level: 'account', id: account };
    expect(await store.budgets('2026-03-10T12:00:00.000Z')).toMatchObject([
      {
        ...{ name: 'all of it', per: 'month', scope, from: '2026-03-01T00:00:00.000Z', until: '2026-04-01T00:00:00.000Z' },
        ...{ limit: usd(400), spent: usd(90), expected: { amount: 296.283 }, readAt: '2026-03-10T10:00:00.000Z' },
      },
      { name: 'this year', per: 'year', until: '2027-01-01T00:00:00.000Z', spent: usd(680) },
    ]);
  });

  it('are forgotten once they are deleted', async () => {
    const { store, look, clock, session } = await billing(bill, (sight) => [budgets(sight as never)], {
      budgets: [{ name: 'all of it', limit: 400, per: 'MONTHLY', type: 'COST' }],
    });
    await look();
    await clock.advance(8 * 3600);
    const gone = { noun: 'budgets', source: 'aws/budgets', of: 1, seen: 1, complete: true, upTo: clock.now() } as const;
    const place = { scope: session.scope, region: 'global' };
    const looked = {
      ...gone,
      kind: 'look.finished',
      id: 'look',
      at: clock.now(),
      heard: clock.now(),
      by: 'aws/budgets',
      place,
      evidence: [] as string[],
    } as const;
    expect(await store.budgets(clock.now())).toHaveLength(1);

    await store.keep({ name: 'aws/budgets', scope: session.scope }, { observations: [looked], raw: {}, cursors: {} });

    expect(await store.budgets(clock.now())).toEqual([]);
  });

  describe('as AWS spells them', () => {
    let aws: StandIn;
    let session: AwsSession;
    let answer: Said;
    const clock = handClock('2026-05-10T06:00:00.000Z');
    beforeEach(async () => {
      aws = await standIn(() => answer);
      session = await sessionOn(aws);
    });
    afterEach(async () => {
      session.close();
      await aws.close();
    });
    const money = (Amount: string, Unit = 'USD') => ({ Amount, Unit });

    it('a quarter, a time of one’s own, and a limit of each month, in the currency of the bill', async () => {
      const spent = { CalculatedSpend: { ActualSpend: money('12.5', 'EUR') } };
      answer = {
        Budgets: [
          { BudgetName: 'quarter', BudgetType: 'COST', TimeUnit: 'QUARTERLY', BudgetLimit: money('100', 'EUR'), ...spent },
          {
            ...{ BudgetName: 'fair', BudgetType: 'COST', TimeUnit: 'CUSTOM', BudgetLimit: money('50', 'EUR'), ...spent },
            TimePeriod: { Start: Date.parse('2026-05-05') / 1000, End: Date.parse('2026-06-05') / 1000 },
          },
          {
            ...{ BudgetName: 'planned', BudgetType: 'COST', TimeUnit: 'MONTHLY', ...spent },
            PlannedBudgetLimits: {
              [Date.parse('2026-04-01') / 1000]: money('10', 'EUR'),
              [Date.parse('2026-05-01') / 1000]: money('20', 'EUR'),
              [Date.parse('2026-06-01') / 1000]: money('30', 'EUR'),
            },
          },
        ],
      };

      const seen = ofKind(await drain(budgets({ session, clock }).collect({})), 'budget.seen');

      expect(seen.map(({ name, per, from, until, limit }) => [name, per, from.slice(0, 10), until.slice(0, 10), limit])).toEqual([
        ['quarter', 'quarter', '2026-04-01', '2026-07-01', { amount: 100, currency: 'EUR' }],
        ['fair', 'custom', '2026-05-05', '2026-06-05', { amount: 50, currency: 'EUR' }],
        ['planned', 'month', '2026-05-01', '2026-06-01', { amount: 20, currency: 'EUR' }],
      ]);
      expect(aws.asked[0]?.input).toEqual({ AccountId: ownAccount, MaxResults: 100 });
    });

    it.each([
      ['AccessDeniedException', ['budgets could not be read: not allowed (AccessDeniedException)']],
      ['NotFoundException', []],
    ])('%s', async (error, gaps) => {
      answer = { error };

      expect(gapsOf(await drain(budgets({ session, clock }).collect({})))).toEqual(gaps);
    });

    it('asks for nothing it does not declare, and pays nothing', async () => {
      answer = { Budgets: [] };
      const source = budgets({ session, clock });
      await drain(source.collect({}));

      expect(session.meter.take()).toEqual([{ operation: 'budgets:ViewBudget', calls: 1, usd: 0 }]);
      expect(source.permissions.map(({ name }) => name)).toEqual(['budgets:ViewBudget']);
    });
  });
});
