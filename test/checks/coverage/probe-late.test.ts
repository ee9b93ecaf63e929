import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import type { Finding } from '../../../src/checks/check.ts';
import { probeLate } from '../../../src/checks/coverage/probe-late.ts';
import type { Of } from '../../../src/checks/observation.ts';
import { at, observed } from '../observed.ts';

type Probe = Of<'probe.returned'>;
const probe = (clock: string, facts: Partial<Probe> & { region?: string } = {}): Probe =>
  observed('probe.returned', { at: at(clock), sentAt: at(clock), evidence: [], by: 'aws/probes', ...facts });
const lost = (clock: string, facts: Partial<Probe> & { region?: string } = {}) => probe(clock, facts);
const back = (clock: string, seconds: number, facts: Partial<Probe> & { region?: string } = {}) => probe(clock, { seconds, ...facts });

function found(...probes: Probe[]): Finding[] {
  const inspector = createInspector({ checks: [probeLate] });
  inspector.inspect(probes);
  return inspector.findings();
}

describe('probes that do not come back', () => {
  it('are a high finding when three in a row are lost', () => {
    const [finding, ...more] = found(lost('14:00'), lost('14:06'), lost('14:12'));

    expect(finding).toMatchObject({ severity: 'high', title: 'Events are no longer pushed to the bot in time', learning: false });
    expect(finding?.evidence).toHaveLength(3);
    expect(more).toEqual([]);
  });

  it('are the same when they come back late', () => {
    const slow = { path: 'poll', within: 1200 } as const;

    const [finding] = found(back('14:00', 1500, slow), back('15:00', 2000, slow), lost('16:00', slow));

    expect(finding).toMatchObject({ severity: 'high', title: 'The event log reaches the bot late' });
  });

  it('are one finding for all regions of a path', () => {
    const three = (region: string) => ['14:00', '14:06', '14:12'].map((clock) => lost(clock, { region }));

    expect(found(...three('us-east-1'), ...three('eu-west-1'))).toHaveLength(1);
  });

  it('say nothing one by one, in other regions, on other paths, or when one came back between', () => {
    expect(found(lost('14:00'), lost('14:06'))).toEqual([]);
    expect(found(lost('14:00'), lost('14:06', { region: 'eu-west-1' }), lost('14:12', { path: 'poll', within: 1200 }))).toEqual([]);
    expect(found(lost('14:00'), back('14:06', 40), lost('14:12'), lost('14:18'))).toEqual([]);
  });

  it('are taken back when they prove to have been in time', () => {
    const inspector = createInspector({ checks: [probeLate] });
    const three = [lost('14:00'), lost('14:06'), lost('14:12')];
    inspector.inspect(three);

    inspector.inspect([{ ...three[2]!, heard: at('14:30'), seconds: 200 }]);

    expect(inspector.findings()).toEqual([]);
  });
});

describe('probes that come back in time', () => {
  it('are nothing', () => {
    expect(found(back('14:00', 40), back('15:00', 299), back('16:00', 300))).toEqual([]);
  });
});
