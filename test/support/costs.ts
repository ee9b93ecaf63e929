/** Rows of cost, and the observations that bring them into a store. */
import type { Cost } from '../../src/bot/digest.ts';
import { daysBetween } from '../../src/bot/forecast.ts';
import type { Observation, Scope } from '../../src/checks/observation.ts';
import { scope } from './stories.ts';

export const cost = (over: Partial<Cost> = {}): Cost => ({
  day: '2026-11-02',
  scope,
  region: 'us-east-1',
  service: 'Amazon EC2',
  charge: 'usage',
  amount: 100,
  currency: 'USD',
  provisional: false,
  ...over,
});

/** So much a day from one day to another. */
export const costsDaily = (amount: number | ((day: string) => number), from: string, to: string, over: Partial<Cost> = {}): Cost[] =>
  daysBetween(from, to).map((day) => cost({ day, amount: typeof amount === 'number' ? amount : amount(day), ...over }));

/** As a source would bring them. */
export const asObservations = (rows: readonly Cost[], heard: string): Observation[] =>
  rows.map((row) => ({
    kind: 'spend.recorded',
    id: `${row.scope.id}/${row.day}/${row.region}/${row.service}/${row.charge}/${row.currency}`,
    at: new Date(Date.parse(`${row.day}T00:00:00.000Z`) + 86_400_000).toISOString(),
    heard,
    by: 'aws/costs',
    place: { scope: row.scope as Scope, region: row.region },
    evidence: [],
    day: row.day,
    service: row.service,
    cost: { amount: row.amount, currency: row.currency, ...(row.currency === 'USD' ? { usd: row.amount } : {}) },
    charge: row.charge,
    provisional: row.provisional,
  }));
