import type * as aws from '@aws-sdk/client-budgets';
import { pageOf } from '../page.ts';
import type { Operation, World } from '../world.ts';
import { chargesOf, dayMs } from './charges.ts';

export const budgetsOperations: Record<string, Operation> = {
  DescribeBudgets(world, input: aws.DescribeBudgetsRequest, call): aws.DescribeBudgetsResponse {
    const { items, next } = pageOf(world.budgets, input.MaxResults ?? 100, input.NextToken);
    return {
      Budgets: items.map(({ name, limit, per, type }) => ({
        BudgetName: name,
        BudgetType: type,
        TimeUnit: per,
        BudgetLimit: spend(limit),
        CalculatedSpend: { ActualSpend: spend(spentSince(world, per, call.ms)), ForecastedSpend: spend(forecast(world, per, call.ms)) },
        TimePeriod: { Start: new Date(Date.UTC(2025, 0)), End: new Date(Date.UTC(2087, 5, 15)) },
        LastUpdatedTime: new Date(call.ms),
      })),
      ...(next ? { NextToken: next } : {}),
    };
  },
};

const spend = (amount: number): aws.Spend => ({ Amount: amount.toFixed(3), Unit: 'USD' });

function spentSince(world: World, per: aws.TimeUnit, ms: number): number {
  return chargesOf(world, periodOf(per, ms).fromMs, ms, ms).reduce((sum, { net }) => sum + net, 0);
}

/** As if it went on like the days so far. */
function forecast(world: World, per: aws.TimeUnit, ms: number): number {
  const { fromMs, untilMs } = periodOf(per, ms);
  return (spentSince(world, per, ms) / Math.max(dayMs, ms - fromMs)) * (untilMs - fromMs);
}

function periodOf(per: aws.TimeUnit, ms: number): { fromMs: number; untilMs: number } {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (per === 'DAILY') return { fromMs: ms - (ms % dayMs), untilMs: ms - (ms % dayMs) + dayMs };
  if (per === 'ANNUALLY') return { fromMs: Date.UTC(year, 0), untilMs: Date.UTC(year + 1, 0) };
  const [from, months] = per === 'QUARTERLY' ? [month - (month % 3), 3] : [month, 1];
  return { fromMs: Date.UTC(year, from), untilMs: Date.UTC(year, from + months) };
}
