import { describe, expect, it } from 'vitest';
import { againstMoney, expectedMoney, hidingSpend, type MoneyDeclaration } from '../../src/bot/expected-money.ts';
import type { SpendAnomaly } from '../../src/checks/spend/judge.ts';
import { scope } from '../support/stories.ts';

const declaration = (over: Partial<MoneyDeclaration> = {}): MoneyDeclaration => ({
  ...{ scope, from: '2026-11-20T10:00:00.000Z', until: '2026-11-27T10:00:00.000Z', capPerDay: 200, currency: 'USD', by: 'ada' },
  ...over,
});
const anomaly = (over: Partial<SpendAnomaly> & { at?: { account?: string; service?: string; region?: string }[] } = {}): SpendAnomaly => {
  const { at = [{}], ...rest } = over;
  const excess = rest.excess ?? 150;
  return {
    ...{
      day: '2026-11-22',
      account: scope.id,
      how: 'jump',
      severity: 'high',
      spent: excess + 10,
      expected: 10,
      band: { low: 0, high: 20 },
    },
    leaves: at.map((leaf) => ({
      ...{ account: scope.id, service: 'Amazon EC2', region: 'eu-west-1', ...leaf },
      ...{ spent: excess + 10, expected: 10, excess },
    })),
    ...rest,
    excess,
  };
};
const hides = (over: Partial<MoneyDeclaration> = {}, ...given: SpendAnomaly[]) =>
  hidingSpend([expectedMoney(declaration(over))], given.length > 0 ? given : [anomaly()], 'USD').map(({ by, over: above }) =>
    by ? 'hidden' : above ? 'above the cap' : 'told',
  );

describe('money that is expected', () => {
  it('hides what lies within it, up to its cap a day above what is usual', () => {
    expect(hides()).toEqual(['hidden']);
    expect(hides({ capPerDay: 149 })).toEqual(['above the cap']);
    expect(hides({ region: 'eu-west-1', service: 'Amazon EC2' })).toEqual(['hidden']);
  });

  it('tells what lies elsewhere, at another time, in another currency', () => {
    expect(hides({ region: 'us-east-1' })).toEqual(['told']);
    expect(hides({ service: 'Amazon S3' })).toEqual(['told']);
    expect(hides({ scope: { ...scope, id: '999999999999' } })).toEqual(['told']);
    expect(hides({ currency: 'EUR' })).toEqual(['told']);
    expect(hides({}, anomaly({ day: '2026-11-19' }))).toEqual(['told']);
    expect(hides({}, anomaly({ day: '2026-11-28' }))).toEqual(['told']);
  });

  it('counts days as a whole, since a bill knows no hours', () => {
    expect(hides({}, anomaly({ day: '2026-11-20' }))).toEqual(['hidden']);
    expect(hides({}, anomaly({ day: '2026-11-27' }))).toEqual(['hidden']);
  });

  it('covers an anomaly only with all that explains it', () => {
    expect(hides({ region: 'eu-west-1' }, anomaly({ at: [{}, { region: 'ap-south-1' }] }))).toEqual(['told']);
  });

  it('counts all it covers on a day against its cap', () => {
    const small = anomaly({ excess: 120 });
    const other = anomaly({ excess: 90, at: [{ service: 'Amazon S3' }] });

    expect(hides({}, small)).toEqual(['hidden']);
    expect(hides({}, small, other)).toEqual(['above the cap', 'above the cap']);
    expect(hides({ service: 'Amazon EC2' }, small, other)).toEqual(['hidden', 'told']);
  });

  it('hides no more once it was ended', () => {
    const one = { ...expectedMoney(declaration()), until: '2026-11-21T00:00:00.000Z', endedBy: 'ada' };

    expect(hidingSpend([one], [anomaly()], 'USD')[0]?.by).toBeUndefined();
  });

  it('has an end, a cap and no patterns', () => {
    expect(againstMoney(declaration())).toBeUndefined();
    expect(againstMoney(declaration({ until: '2026-11-20T10:00:00.000Z' }))).toContain('end after it begins');
    expect(againstMoney(declaration({ until: '2027-11-20T10:00:00.000Z' }))).toContain('At most 92 days');
    expect(againstMoney(declaration({ capPerDay: 0 }))).toContain('Give a cap');
    expect(againstMoney(declaration({ service: 'Amazon *' }))).toContain('Patterns');
    expect(() => expectedMoney(declaration({ region: 'eu-*' }))).toThrow('This cannot be declared');
  });
});
