import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { vcpusStarted } from '../../../src/checks/compute/machines.ts';
import { vcpuJump } from '../../../src/checks/compute/vcpu-jump.ts';
import type { Observation } from '../../../src/checks/observation.ts';
import { at, machine, observed } from '../observed.ts';

const shape = (vcpus: number) => ({ type: 'c5.4xlarge', family: 'c5', vcpus, gpus: 0 });
const look = (): Observation => observed('look.finished', { at: at('00:00', '2026-11-01'), since: at('00:00', '2026-09-01') });
/** So many machines of 16 vCPUs, a minute apart. */
const launches = (count: number, day: string, hour = '10') =>
  Array.from({ length: count }, (_, index) =>
    observed('compute.asked', {
      at: at(`${hour}:${String(index % 60).padStart(2, '0')}`, day),
      resources: [machine(`i-${day}-${hour}-${index}`)],
      shape: shape(16),
    }),
  );
const severitiesOf = (observations: Observation[]) => {
  const inspector = createInspector({ checks: [vcpuJump] });
  inspector.inspect([look(), ...observations]);
  return inspector.findings().map(({ severity }) => severity);
};

describe('the vCPUs started within half an hour', () => {
  it('are high at four times the greatest half hour before, even when started one by one', () => {
    expect(severitiesOf([...launches(2, '2026-11-10'), ...launches(9, '2026-11-20')])).toEqual(['high']);
  });

  it('are medium at twice the greatest half hour before', () => {
    expect(severitiesOf([...launches(4, '2026-11-10', '09'), ...launches(4, '2026-11-10', '10')])).toEqual(['high']);
    expect(
      severitiesOf([
        observed('compute.asked', { at: at('10:00', '2026-11-10'), shape: shape(30), resources: [machine('i-1')] }),
        ...launches(4, '2026-11-20'),
      ]),
    ).toEqual(['medium']);
  });

  it('stay quiet for a cluster that scales as it always does', () => {
    const quiet = Array.from({ length: 9 }, (_, day) => launches(3, `2026-11-1${day}`)).flat();
    const findings = severitiesOf([...launches(2, '2026-11-09').slice(0, 1), ...quiet]);

    expect(findings.filter((severity) => severity === 'high')).toEqual([]);
    expect(severitiesOf([...launches(1, '2026-11-05'), ...launches(1, '2026-11-06'), ...launches(1, '2026-11-07')])).toEqual([]);
  });

  it('leave out machines that were stopped and are started again, not those made today', () => {
    const morning = (made: string) =>
      Array.from({ length: 9 }, (_, index) =>
        observed('compute.seen', { at: at(`07:0${index}`, '2026-11-20'), resource: machine(`i-${index}`), shape: shape(16), made }),
      );

    expect(severitiesOf(morning('2026-09-01T07:00:00.000Z'))).toEqual([]);
    expect(severitiesOf(morning('2026-09-01T07:00:00.000Z').map(({ made: _, ...one }) => one))).toEqual(['high']);
    // Machines of one's own beside them hide nothing.
    expect(severitiesOf([...morning('2026-09-01T07:00:00.000Z'), ...launches(9, '2026-11-20', '07')])).toEqual(['high']);
  });

  it('keep the attack out of what they are held against next time', () => {
    const inspector = createInspector({ checks: [vcpuJump] });
    inspector.inspect([look(), ...launches(9, '2026-11-20')]);
    inspector.inspect(launches(9, '2026-11-21'));

    expect(inspector.findings()[0]?.facts['Most before']).toBe('none known');
  });

  it('count a machine once that both the log and the inventory tell of, and a fleet by the greater of both', () => {
    const asked = observed('compute.asked', { resources: [machine('i-1')], count: 1, shape: shape(8) });
    const seen = observed('compute.seen', { resource: machine('i-1'), shape: shape(8) });
    const fleet = observed('compute.asked', { resources: [], count: 3, shape: shape(8) });

    expect(vcpusStarted([asked, seen])).toBe(8);
    expect(vcpusStarted([fleet, asked, seen])).toBe(24);
  });
});
