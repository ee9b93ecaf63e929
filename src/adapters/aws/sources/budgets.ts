/** The budgets people set with AWS: their limits, what is used of them, and where AWS sees them heading. */
import type { Budget, Spend } from '@aws-sdk/client-budgets';
import type { Batch, Source } from '../../../bot/ports.ts';
import { OutsideError } from '../../../bot/ports.ts';
import type { BudgetSpan, Money, Of, Place, Time } from '../../../checks/observation.ts';
import { troubleOf } from '../trouble.ts';
import { lookFinished, type Sight } from './looking.ts';

/**
 * Every eight hours; AWS brings budgets up to date "up to three times a day" (Cost Management guide, "Managing your costs with AWS
 * Budgets"). Asking costs nothing: AWS takes money for budgets that act, and for reports of them (AWS Budgets pricing). Budgets of use,
 * coverage and utilization have no amount of money and are left out.
 */
export function budgets({ session, clock }: Pick<Sight, 'session' | 'clock'>): Source {
  const place: Place = { scope: session.scope, region: 'global' };
  return {
    name,
    scope: session.scope,
    everySeconds: 8 * 3600,
    permissions: [{ system: 'aws-iam', name: 'budgets:ViewBudget' }],

    async *collect(): AsyncGenerator<Batch> {
      const heard = clock.now();
      let gap: string | undefined;
      try {
        for await (const page of pages()) {
          const observations = page.flatMap((budget) => seen(budget, place, heard));
          if (observations.length > 0) yield { observations, raw: {}, cursors: {} };
        }
      } catch (error) {
        gap = `budgets could not be read: ${error instanceof OutsideError ? error.message : troubleOf(error).words}`;
      }
      const whole = gap === undefined;
      const finished = lookFinished(name, place, { noun: 'budgets', of: 1, seen: whole ? 1 : 0, heard, upTo: heard, complete: whole, gap });
      yield { observations: [finished], raw: {}, cursors: {} };
    },
  };

  async function* pages(): AsyncGenerator<Budget[]> {
    const { paginateDescribeBudgets } = await import('@aws-sdk/client-budgets');
    const client = await session.read.budgets();
    let left = mostPages;
    try {
      for await (const { Budgets = [] } of paginateDescribeBudgets({ client, pageSize: 100 }, { AccountId: session.scope.id })) {
        if (left-- === 0) throw new OutsideError(`there are more than ${mostPages * 100}`, false);
        yield Budgets;
      }
    } catch (error) {
      // There are none.
      if ((error as { name?: string }).name !== 'NotFoundException') throw error;
    }
  }
}

const name = 'aws/budgets';
const mostPages = 10;

function seen(budget: Budget, place: Place, heard: Time): Of<'budget.seen'>[] {
  const { BudgetName, BudgetType, CalculatedSpend: spend, TimeUnit = 'MONTHLY' } = budget;
  const limit = money(limitOf(budget, heard));
  const spent = money(spend?.ActualSpend);
  const expected = money(spend?.ForecastedSpend);
  const time = timeOf(budget, heard);
  if (BudgetName === undefined || BudgetType !== 'COST' || limit === undefined || spent === undefined || time === undefined) return [];
  return [
    {
      kind: 'budget.seen',
      id: `${name}/${place.scope.id}/${BudgetName}`,
      at: time.from < heard ? time.from : heard,
      heard,
      by: name,
      place,
      evidence: [],
      name: BudgetName,
      per: spans[TimeUnit],
      ...time,
      limit,
      spent,
      ...(expected ? { expected } : {}),
    },
  ];
}

const spans: Record<NonNullable<Budget['TimeUnit']>, BudgetSpan> = {
  DAILY: 'day',
  MONTHLY: 'month',
  QUARTERLY: 'quarter',
  ANNUALLY: 'year',
  CUSTOM: 'custom',
};

/** Where each month has a limit of its own, that of now: they stand under the second in which they begin. */
function limitOf({ BudgetLimit, PlannedBudgetLimits = {} }: Budget, heard: Time): Spend | undefined {
  const [planned] = Object.entries(PlannedBudgetLimits)
    .filter(([second]) => Number(second) * 1000 <= Date.parse(heard))
    .sort(([a], [b]) => Number(b) - Number(a));
  return BudgetLimit ?? planned?.[1];
}

function money(spend: Spend | undefined): Money | undefined {
  const { Amount, Unit } = spend ?? {};
  const amount = Number(Amount);
  if (Amount === undefined || Unit === undefined || !Number.isFinite(amount)) return undefined;
  return { amount, currency: Unit, ...(Unit === 'USD' ? { usd: amount } : {}) };
}

/** The day, month, quarter or year that runs (AWS counts them by the calendar, in UTC), or the time people chose. */
function timeOf({ TimeUnit = 'MONTHLY', TimePeriod }: Budget, heard: Time): { from: Time; until: Time } | undefined {
  const now = new Date(heard);
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const between = (from: number, until: number) => ({ from: new Date(from).toISOString(), until: new Date(until).toISOString() });
  const quarter = month - (month % 3);
  switch (TimeUnit) {
    case 'DAILY':
      return between(Date.UTC(year, month, day), Date.UTC(year, month, day + 1));
    case 'MONTHLY':
      return between(Date.UTC(year, month), Date.UTC(year, month + 1));
    case 'QUARTERLY':
      return between(Date.UTC(year, quarter), Date.UTC(year, quarter + 3));
    case 'ANNUALLY':
      return between(Date.UTC(year, 0), Date.UTC(year + 1, 0));
    case 'CUSTOM':
      return TimePeriod?.Start && TimePeriod.End ? between(TimePeriod.Start.getTime(), TimePeriod.End.getTime()) : undefined;
    default:
      TimeUnit satisfies never;
      return undefined;
  }
}
