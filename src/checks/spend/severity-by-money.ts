import type { Severity } from '../observation.ts';

export type How = 'new region' | 'new service' | 'jump' | 'slow burn';

/**
 * How bad it is that so much more is spent each day, held against what the account usually costs a month: by the money that is lost in
 * 30 days if it goes on like this, never by how unlikely it is. Amounts in the currency of the bill.
 */
export function severityByMoney(how: How, excessPerDay: number, usualMonth: number): Severity {
  const month = 30 * excessPerDay;
  if (month >= Math.max(2000, 3 * usualMonth)) return 'critical';
  if (month >= highFrom(how, usualMonth)) return 'high';
  // What is new was found by being clearly more than nothing in the first place.
  return how === 'new service' || month >= Math.max(100, 0.1 * usualMonth) ? 'medium' : 'low';
}

function highFrom(how: How, usualMonth: number): number {
  switch (how) {
    case 'new region':
      return 300;
    case 'new service':
      return Math.max(500, 0.25 * usualMonth);
    case 'jump':
    case 'slow burn':
      return Math.max(500, Math.min(usualMonth, 3000 + 0.12 * usualMonth));
    default:
      return how satisfies never;
  }
}
