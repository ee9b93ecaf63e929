import { describe, expect, it } from 'vitest';
import { hearings, latencies, latencyMessage } from '../../src/bot/latency.ts';
import { asPlainText as plainText } from '../../src/bot/plain.ts';
import type { Of } from '../../src/checks/observation.ts';
import { at, observed, production } from '../checks/observed.ts';

const probe = (facts: Partial<Of<'probe.returned'>> & { region?: string }) => observed('probe.returned', facts);
const accounts = [{ scope: production, name: 'production' }];

describe('the time until the bot hears', () => {
  it('is the middle and the 95th of a hundred, by account and path', () => {
    const pushed = Array.from({ length: 100 }, (_, index) => probe({ path: 'push', seconds: index + 1 }));
    const polled = [300, 600, 900].map((seconds) => probe({ path: 'poll', within: 1200, seconds }));

    expect(latencies([...polled, ...pushed])).toMatchObject([
      { path: 'push', tries: 100, late: 0, p50: 50, p95: 95 },
      { path: 'poll', tries: 3, late: 0, p50: 600, p95: 900 },
    ]);
  });

  it('counts what never came as the slowest', () => {
    const lost = [probe({}), probe({ seconds: 20 }), probe({ seconds: 30 })];

    const [one] = latencies(lost);

    expect(one).toMatchObject({ tries: 3, late: 1, p50: 30 });
    expect(one?.p95).toBeUndefined();
  });

  it('takes the latest word on a probe, whatever the order', () => {
    const first = probe({ heard: at('14:06') });
    const then = { ...first, heard: at('14:10'), seconds: 400 };

    for (const order of [
      [first, then],
      [then, first],
    ])
      expect(latencies(order)).toMatchObject([{ tries: 1, late: 1, p50: 400 }]);
  });

  it('says nothing of other observations', () => {
    expect(latencies([observed('principal.acted', {}), observed('queue.measured', {})])).toEqual([]);
  });
});

describe('what a source brought', () => {
  const act = (seconds: number, by: string) =>
    observed('principal.acted', { by, heard: new Date(Date.parse(at('14:02')) + seconds * 1000).toISOString() });

  it('was heard so long after it happened, by source, the first hearing counting', () => {
    const polled = [240, 300, 900].map((seconds) => act(seconds, 'aws/audit-log'));
    const again = { ...polled[0]!, heard: at('15:00') };

    expect(hearings([...polled, again, act(40, 'aws/push'), observed('look.finished', {})])).toEqual([
      { by: 'aws/audit-log', count: 3, p50: 300, p95: 900 },
      { by: 'aws/push', count: 1, p50: 40, p95: 40 },
    ]);
  });
});

describe('the answer', () => {
  it('says for each account and path what was measured', () => {
    const measured = latencies([
      probe({ seconds: 41, region: 'eu-west-1' }),
      probe({ path: 'poll', within: 1200, seconds: 390, at: at('15:00'), sentAt: at('15:00') }),
    ]);

    const text = plainText(latencyMessage(measured, accounts, 24));

    expect(text).toContain(
      'production, pushed events: half within 41 s, 95 of 100 within 41 s (1 try; slowest 41 s in eu-west-1; last 41 s)',
    );
    expect(text).toContain('production, events read from the log: half within 6.5 min');
    expect(latencyMessage(measured, accounts, 24).summary).toBe('Events reach me by push in 41 s (half of them)');
  });

  it('says so when nothing came, or nothing was measured', () => {
    expect(plainText(latencyMessage(latencies([probe({})]), accounts, 24))).toContain('more than half never came');
    expect(plainText(latencyMessage([], accounts, 24))).toContain('production: not measured yet');
  });
});
