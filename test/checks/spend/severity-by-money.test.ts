import { describe, expect, it } from 'vitest';
import { severityByMoney } from '../../../src/checks/spend/severity-by-money.ts';

describe('severity', () => {
  it.each([
    // how, more a day, usual month, severity
    ['jump', 3, 100, 'low'],
    ['jump', 4, 100, 'medium'],
    ['jump', 17, 100, 'high'],
    ['jump', 67, 100, 'critical'],
    ['jump', 9, 3000, 'low'],
    ['jump', 99, 3000, 'medium'],
    ['jump', 101, 3000, 'high'],
    ['jump', 301, 3000, 'critical'],
    ['slow burn', 99, 3000, 'medium'],
    ['jump', 400, 100_000, 'medium'],
    ['jump', 501, 100_000, 'high'],
    ['new region', 10, 3000, 'high'],
    ['new region', 3, 20, 'low'],
    ['new service', 10, 3000, 'medium'],
    ['new service', 26, 3000, 'high'],
    ['new service', 17, 100, 'high'],
  ] as const)('of a %s of %d dollars a day in an account of %d a month is %s', (how, excess, month, severity) => {
    expect(severityByMoney(how, excess, month)).toBe(severity);
  });
});
