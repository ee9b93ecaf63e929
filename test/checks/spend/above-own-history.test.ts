import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { aboveOwnHistory } from '../../../src/checks/spend/above-own-history.ts';
import { observed } from '../observed.ts';

const judged = (more: Parameters<typeof observed<'spend.judged'>>[1] = {}) =>
  observed('spend.judged', {
    id: 'spend/123456789012/2026-11-22/EC2/ap-northeast-1',
    at: '2026-11-23T00:00:00.000Z',
    heard: '2026-11-23T08:00:00.000Z',
    evidence: ['123456789012/2026-11-22/ap-northeast-1/EC2/usage'],
    ...more,
  });
const { found } = judged();

describe('what the judge found in the bill', () => {
  it('is told for the account, as severe as its money, with where, against what and how old', () => {
    const inspector = createInspector({ checks: [aboveOwnHistory] });
    inspector.inspect([judged({ machines: [{ type: 'g5.48xlarge', count: 3, since: '2026-11-22T00:05:00.000Z', usdPerHour: 48.86 }] })]);

    const [finding] = inspector.findings();
    expect(finding).toMatchObject({ severity: 'high', about: ['scope:aws/123456789012'], remedies: [], learning: false });
    expect(finding?.title).toContain('ap-northeast-1');
    expect(Object.values(finding?.facts ?? {}).join('\n')).toMatch(
      /\$412[\s\S]*3 × g5\.48xlarge run there since 00:05 UTC[\s\S]*not final/,
    );
    expect(finding?.evidence).toEqual(['123456789012/2026-11-22/ap-northeast-1/EC2/usage']);
  });

  it('stays one finding while it goes on, and grows with it', () => {
    const inspector = createInspector({ checks: [aboveOwnHistory] });
    inspector.inspect([judged()]);
    inspector.inspect([
      judged({
        heard: '2026-11-24T08:00:00.000Z',
        at: '2026-11-24T00:00:00.000Z',
        found: { ...found, day: '2026-11-23', severity: 'critical', spent: 1200, excess: 1200 },
      }),
    ]);

    expect(inspector.findings().map(({ severity, facts }) => [severity, facts.Spent])).toEqual([
      ['critical', expect.stringContaining('$1,200')],
    ]);
  });

  it('is withdrawn when the bill was revised', () => {
    const inspector = createInspector({ checks: [aboveOwnHistory] });
    inspector.inspect([judged()]);
    const { withdrawn } = inspector.inspect([judged({ heard: '2026-11-24T08:00:00.000Z', withdrawn: true })]);

    expect(withdrawn.map(({ key }) => key)).toEqual(['spend/above-own-history:spend/123456789012/2026-11-22/EC2/ap-northeast-1']);
    expect(inspector.findings()).toEqual([]);
  });
});
