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

  describe('of machines that stood still', () => {
    const made = '2026-06-01T07:00:00.000Z';
    const seenAgain = (count: number, day: string) =>
      Array.from({ length: count }, (_, index) =>
        observed('compute.seen', { at: at(`07:0${index}`, day), resource: machine(`i-${index}`), shape: shape(16), made }),
      );
    const startedAgain = (count: number, day: string) =>
      observed('compute.asked', {
        at: at('07:00', day),
        resources: Array.from({ length: count }, (_, index) => machine(`i-${index}`)),
        count,
        again: true,
      });

    it('are nothing where as many are started every morning, by the list or by the log', () => {
      expect(severitiesOf([...seenAgain(8, '2026-11-18'), ...seenAgain(8, '2026-11-19')]).length).toBe(1);
      expect(severitiesOf([startedAgain(8, '2026-11-18'), startedAgain(8, '2026-11-19'), ...seenAgain(8, '2026-11-20')])).toEqual([]);
      expect(severitiesOf([startedAgain(2, '2026-11-18'), ...seenAgain(8, '2026-11-20')])).toEqual(['high']);
    });

    it('are high where four times as many are started as ever, and one is everybody’s everyday', () => {
      expect(severitiesOf(seenAgain(4, '2026-11-20'))).toEqual(['high']);
      expect(severitiesOf(seenAgain(3, '2026-11-20'))).toEqual(['medium']);
      expect(severitiesOf(seenAgain(1, '2026-11-20').map((one) => ({ ...one, shape: shape(96) })))).toEqual([]);
    });

    it('hide nothing that is made beside them', () => {
      expect(severitiesOf([startedAgain(8, '2026-11-19'), ...seenAgain(8, '2026-11-20'), ...launches(9, '2026-11-20', '07')])).toEqual([
        'high',
      ]);
    });
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
