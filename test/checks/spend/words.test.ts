import { describe, expect, it } from 'vitest';
import type { SpendAnomaly } from '../../../src/checks/spend/judge.ts';
import { type SpendContext, spendWords } from '../../../src/checks/spend/words.ts';

const leaf = (over: Partial<SpendAnomaly['leaves'][number]> = {}) => ({
  ...{ account: '123456789012', service: 'Amazon EC2', region: 'ap-northeast-1', spent: 412, expected: 0, excess: 412 },
  ...over,
});
const anomaly = (over: Partial<SpendAnomaly> = {}): SpendAnomaly => ({
  ...{
    day: '2026-11-24',
    account: '123456789012',
    how: 'new region',
    severity: 'critical',
    service: 'Amazon EC2',
    region: 'ap-northeast-1',
  },
  ...{ spent: 412, expected: 0, excess: 412, band: { low: 0, high: 4 }, leaves: [leaf()] },
  ...over,
});
const context: SpendContext = { currency: 'USD', names: { '123456789012': 'production', '210987654321': 'staging' } };
const said = (over: Partial<SpendAnomaly> = {}, more: Partial<SpendContext> = {}) => spendWords(anomaly(over), { ...context, ...more });

describe('the words for a day that cost more than usual', () => {
  it('say what, where, against what, a day and an hour, the month both ways, why, and how old the figures are', () => {
    const words = said(
      {},
      {
        ageSeconds: 9 * 3600,
        provisional: true,
        month: { ifItStops: 560, ifItGoesOn: 19_400, usual: 140 },
        machines: [{ type: 'g5.48xlarge', count: 3, since: '2026-11-24T00:05:00.000Z', usdPerHour: 48.9 }],
        startedBy: 'key AKIA…X7QX of ci-deploy, first time from a hosting network',
      },
    );

    expect(words).toEqual({
      title: 'Money is being spent in ap-northeast-1 where production never spent any',
      facts: {
        Spent: '$412 so far on Tuesday 24 November (UTC), Amazon EC2 in ap-northeast-1, production',
        Usual: 'nothing, it never cost anything',
        More: '$412 a day more ($17.17 an hour)',
        Month: 'November ends at $560 if it stops now, at $19,400 if it goes on; a usual month costs $140',
        Why: 'a region that never cost anything before; 3 × g5.48xlarge run there since 00:05 UTC on Tuesday 24 November, $48.90 an hour at list price; started by key AKIA…X7QX of ci-deploy, first time from a hosting network',
        Figures: 'read from the bill 9 h ago, which may be a day behind; this day is not final and still grows',
      },
    });
  });

  it('name a jump by how many times as much it is', () => {
    const words = said({ how: 'jump', spent: 300, expected: 100, excess: 200, band: { low: 52, high: 148 } });

    expect(words.title).toBe('Amazon EC2 in ap-northeast-1 costs production far more than usual');
    expect(words.facts).toMatchObject({
      Usual: '$100 on a usual Tuesday; up to $148 would be ordinary',
      More: '$200 a day more ($8.33 an hour)',
      Why: '3 times what such a day costs',
      Figures: 'from the bill; this day is final',
    });
    expect(words.facts).not.toHaveProperty('Month');
    expect(words.facts).not.toHaveProperty('Parts');
  });

  it.each([
    [{ how: 'new service' } as const, 'production pays for Amazon EC2 in ap-northeast-1 for the first time'],
    [{ how: 'slow burn' } as const, 'Amazon EC2 in ap-northeast-1 has cost production more than usual for a week'],
    [{ how: 'jump', region: 'global' } as const, 'Amazon EC2 (billed without a region) costs production far more than usual'],
  ])('have a title of their own for %o', (over, title) => {
    expect(said(over).title).toBe(title);
  });

  it('name the parts and accounts where there are several, in the billing currency', () => {
    const {
      service: _service,
      region: _region,
      ...wide
    } = anomaly({
      how: 'jump',
      leaves: [
        leaf({ spent: 90, expected: 20, excess: 70 }),
        leaf({ account: '210987654321', service: 'Amazon S3', region: 'eu-west-1', spent: 40, excess: 40 }),
      ],
    });

    const words = spendWords(wide, { ...context, currency: 'EUR' });

    expect(words.title).toBe('Usage costs production and 1 more account far more than usual');
    expect(words.facts.Parts).toBe(
      'Amazon EC2 in ap-northeast-1, production €90.00 (usual €20.00); Amazon S3 in eu-west-1, staging €40.00 (usual €0.00)',
    );
  });

  it('cut names of any length, and call an account without a name by its id', () => {
    const words = spendWords(anomaly({ service: 'x'.repeat(300) }), { currency: 'USD' });

    expect(words.title).toContain('123456789012');
    expect(words.facts.Spent?.length).toBeLessThan(200);
  });

  it('hold no score and no figure in the title', () => {
    for (const how of ['new region', 'new service', 'jump', 'slow burn'] as const) {
      expect(said({ how }).title).not.toMatch(/\$|\d{2,}(?!.*-1)/);
      expect(JSON.stringify(said({ how }))).not.toMatch(/score|anomal|sigma|deviation/i);
    }
  });
});
