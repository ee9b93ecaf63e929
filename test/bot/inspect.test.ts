import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createInspector } from '../../src/bot/inspect.ts';
import type { AnyCheck, Finding } from '../../src/checks/check.ts';
import { defineCheck } from '../../src/checks/check.ts';
import { neverUsedRegion } from '../../src/checks/compute/never-used-region.ts';
import { vcpuJump } from '../../src/checks/compute/vcpu-jump.ts';
import { checks } from '../../src/checks/index.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { finding } from '../../src/checks/suspects.ts';
import { at, ciDeploy, leakedKey, machine, observed, place } from '../checks/observed.ts';
import { newRegion, surge } from './inspect-fixtures.ts';

const shape = { type: 'c5.4xlarge', family: 'c5', vcpus: 16, gpus: 0 };
/** The audit log has been read since September. */
const looked = (): Observation => observed('look.finished', { at: at('00:00', '2026-11-01'), since: at('00:00', '2026-09-01') });
const asked = (clock: string, region: string, more: object = {}): Observation =>
  observed('compute.asked', { at: at(clock), region, resources: [machine(`i-${region}-${clock}`, region)], shape, ...more });
const seen = (clock: string, region: string, more: object = {}): Observation =>
  observed('compute.seen', {
    at: at(clock),
    region,
    resource: machine(`i-${region}-${clock}`, region),
    shape,
    evidence: [machine(`i-${region}-${clock}`, region)],
    ...more,
  });

/** Says something low of whatever is in a region it does not know. */
const said =
  (id: string) =>
  (now: Observation, { regions }: { regions: { known: boolean } }): Finding[] =>
    regions.known ? [] : [finding(id, now, { key: `${now.place.region} ${now.id}`, severity: 'low', title: 'New' })];

describe('a memory', () => {
  it('does not learn the attacker: the second machine in a new region is as new as the first', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    inspector.inspect([looked(), asked('14:00', 'ap-south-1')]);

    const { changed } = inspector.inspect([asked('14:30', 'ap-south-1')]);

    expect(changed[0]).toMatchObject({ severity: 'high', evidence: expect.objectContaining({ length: 2 }) });
  });

  it('learns while little is known, and says that it is learning', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });

    expect(inspector.inspect([asked('14:00', 'ap-south-1')]).changed[0]).toMatchObject({ severity: 'low', learning: true });
    expect(inspector.inspect([asked('14:30', 'ap-south-1')]).changed).toEqual([]);
  });

  it('stops learning a week after the account was first looked at, and not because a machine is old', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    inspector.inspect([seen('09:00', 'eu-west-3', { at: at('09:00', '2025-01-01') })]);

    expect(inspector.inspect([asked('14:00', 'ap-south-1')]).changed[0]?.learning).toBe(true);
    expect(inspector.inspect([asked('14:00', 'sa-east-1', { at: at('14:00', '2026-12-01') })]).changed[0]).toMatchObject({
      severity: 'high',
      learning: false,
    });
  });

  it('is not taught by a bill how far back acts are known', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    inspector.inspect([observed('look.finished', { at: at('00:00', '2026-11-22'), since: at('00:00', '2026-09-01'), noun: 'payers' })]);

    expect(inspector.inspect([asked('14:00', 'ap-south-1')]).changed[0]?.learning).toBe(true);
  });

  it('of windows is corrected for everybody a late record matters to, also past the next one like it', () => {
    const [late, next, now] = ['13:00', '13:40', '14:00'].map((clock) => asked(clock, 'us-east-1', { count: 5 }));
    const inspector = createInspector({ checks: [surge] });
    inspector.inspect([next!, now!]);
    inspector.inspect([late!]);

    expect(inspector.findings().map(({ key }) => key)).toContain(`made-up/surge:${now!.id}:5`);
  });

  it('of a region is one for each account', () => {
    const inspector = createInspector({ checks: [newRegion, neverUsedRegion] });
    const other = place('us-east-1', { cloud: 'aws', level: 'account', id: '210987654321' });
    inspector.inspect([looked(), asked('10:00', 'us-east-1')]);

    expect(inspector.inspect([asked('14:00', 'us-east-1', { place: other })]).changed.map(({ key }) => key)).toContain(
      'compute/never-used-region:aws/210987654321/us-east-1',
    );
  });

  it('that several checks declare over the same kinds is kept once, pinned and forgotten for all of them', () => {
    const regions = { kind: 'seen', key: (o: Observation) => o.place.region, days: 10 } as const;
    const [first, second] = ['made-up/first', 'made-up/second'].map((id) =>
      defineCheck({ ...newRegion, id, watches: ['compute.asked'], remembers: { regions }, params: z.object({}), evaluate: said(id) }),
    ) as [AnyCheck, AnyCheck];
    const other = defineCheck({ ...newRegion, id: 'made-up/other', watches: ['compute.seen'], remembers: { regions }, evaluate: () => [] });
    const inspector = createInspector({ checks: [first, second, other] });
    const news = (observation: Observation) => inspector.inspect([observation]).changed.map(({ check }) => check);

    expect(news(asked('10:00', 'a'))).toEqual(['made-up/first', 'made-up/second']);
    expect(news(asked('11:00', 'a'))).toEqual([]);
    expect(inspector.memories().map(({ check, key }) => [check, key])).toEqual([['made-up/first', 'a']]);
    // What others watch teaches these two nothing.
    inspector.inspect([seen('12:00', 'b')]);
    expect(news(asked('13:00', 'b'))).toEqual(['made-up/first', 'made-up/second']);
    inspector.decree({ what: 'forget', check: 'made-up/second', memory: 'regions', key: 'a', at: at('14:00') });
    expect(news(asked('15:00', 'a'))).toEqual(['made-up/first', 'made-up/second']);
  });

  it('stays within its limit of keys', () => {
    const inspector = createInspector({ checks: [newRegion], mostKeys: 10 });
    for (let day = 10; day < 28; day++)
      inspector.inspect(
        Array.from({ length: 20 }, (_, index) => asked('14:00', `region-${index}`, { at: at(`14:${10 + index}`, `2026-11-${day}`) })),
      );

    const keys = new Set(
      inspector
        .checkpoint()
        .entries.filter(({ memory }) => memory === 'made-up/new-region regions')
        .map(({ key }) => key),
    );

    expect(keys.size).toBeLessThanOrEqual(20);
  });
});

describe('a finding', () => {
  it('unites what inventory and log say of one machine, the inventory first and without a name', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    const perHour = { amount: 0.68, currency: 'USD', usd: 0.68 };
    inspector.inspect([looked()]);
    const first = inspector.inspect([seen('14:00', 'ap-south-1', { perHour })]);

    const { changed } = inspector.inspect([asked('14:00', 'ap-south-1')]);

    expect(first.changed[0]).not.toHaveProperty('actor');
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatchObject({ actor: ciDeploy, usdPerHour: { [machine('i-ap-south-1-14:00', 'ap-south-1')]: 0.68 } });
    expect(changed[0]?.about).toEqual([leakedKey, ciDeploy.subject, machine('i-ap-south-1-14:00', 'ap-south-1')].sort());
  });

  it('begins earlier when an earlier record arrives late', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    inspector.inspect([looked(), asked('14:00', 'ap-south-1')]);

    inspector.inspect([asked('13:00', 'ap-south-1')]);

    expect(inspector.findings()).toMatchObject([{ at: at('13:00'), evidence: expect.objectContaining({ length: 2 }) }]);
  });

  it('of a time long settled is judged by what is remembered, and disturbs nobody', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    inspector.inspect([asked('14:00', 'us-east-1', { at: at('14:00', '2026-10-05') }), asked('14:00', 'ap-south-1')]);
    const before = inspector.findings().filter(({ key }) => key.endsWith('ap-south-1'));

    const { changed } = inspector.inspect([
      asked('09:00', 'sa-east-1', { at: at('09:00', '2026-11-15') }),
      asked('09:00', 'us-east-1', { at: at('09:00', '2026-11-15') }),
    ]);

    expect(changed.map(({ key }) => key)).toEqual(['compute/never-used-region:aws/123456789012/sa-east-1']);
    expect(inspector.findings()).toEqual(expect.arrayContaining(before));
  });

  it('keeps the first 200 records as evidence, and says so', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    const many = Array.from({ length: 500 }, (_, index) =>
      asked(`14:${String(Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}`, 'ap-south-1'),
    );
    inspector.inspect([looked(), ...many]);

    const [finding] = inspector.findings();

    expect(finding?.evidence).toEqual(many.slice(0, 200).map(({ id }) => id));
    expect(finding?.about.filter((subject) => subject.startsWith('resource:'))).toHaveLength(500);
    expect(finding?.facts.Records).toContain('200');
  });

  it('is told even when it is long over by the end of the batch it came in', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });

    const { changed } = inspector.inspect([
      looked(),
      asked('14:00', 'ap-south-1', { at: at('14:00', '2026-11-10') }),
      ...Array.from({ length: 200 }, (_, index) =>
        asked('14:00', 'us-east-1', { at: new Date(Date.parse(at('14:00')) + index * 86_400_000).toISOString() }),
      ),
    ]);

    expect(changed.map(({ key }) => key)).toContain('compute/never-used-region:aws/123456789012/ap-south-1');
  });

  it('begins anew after a week of silence', () => {
    const inspector = createInspector({ checks: [vcpuJump, neverUsedRegion] });
    inspector.inspect([looked(), asked('14:00', 'ap-south-1', { at: at('14:00', '2026-11-10') })]);

    inspector.inspect([asked('14:00', 'ap-south-1')]);

    expect(inspector.findings()).toMatchObject([{ at: at('14:00'), evidence: expect.objectContaining({ length: 1 }) }]);
  });
});

describe('a check that throws', () => {
  const broken = defineCheck({
    ...newRegion,
    id: 'made-up/broken',
    watches: ['compute.asked'],
    remembers: {},
    params: z.object({}),
    evaluate() {
      throw new Error('no such field');
    },
  });

  it('is told once a batch, and the others go on', () => {
    const inspector = createInspector({ checks: [broken, neverUsedRegion] });

    const inspection = inspector.inspect([looked(), asked('14:00', 'ap-south-1'), asked('14:01', 'sa-east-1')]);

    expect(inspection.broken).toEqual([{ check: 'made-up/broken', error: 'no such field' }]);
    expect(inspection.changed).toHaveLength(2);
  });

  it('in what it remembers is told too', () => {
    const forgetful = defineCheck({
      ...newRegion,
      id: 'made-up/forgetful',
      watches: ['compute.asked'],
      remembers: {
        regions: {
          kind: 'seen',
          key: () => {
            throw new Error('no key');
          },
          days: 1,
        },
      },
      params: z.object({}),
      evaluate: () => [],
    });

    expect(createInspector({ checks: [forgetful] }).inspect([asked('14:00', 'a')]).broken).toEqual([
      { check: 'made-up/forgetful', error: 'no key' },
    ]);
  });
});

describe('settings', () => {
  it('reach their check, and wrong ones are refused at once', () => {
    const inspector = createInspector({ checks: [neverUsedRegion], params: { 'compute/never-used-region': { criticalFromVcpus: 8 } } });

    expect(inspector.inspect([looked(), asked('14:00', 'ap-south-1')]).changed[0]?.severity).toBe('critical');
    expect(() =>
      createInspector({ checks: [neverUsedRegion], params: { 'compute/never-used-region': { criticalFromVcpus: -1 } } }),
    ).toThrow();
  });
});

describe('a long log', () => {
  it('is held within the limit, and gives the same as without one when it comes in order', () => {
    const log = Array.from({ length: 3_000 }, (_, index) =>
      asked('00:00', `region-${index % 7}`, { at: new Date(Date.parse(at('00:00', '2026-11-02')) + index * 20_000).toISOString() }),
    );
    const tight = createInspector({ checks, mostHeld: 100 });
    const loose = createInspector({ checks });
    for (let index = 0; index < log.length; index += 50) tight.inspect(log.slice(index, index + 50));
    loose.inspect(log);

    const bare = (inspector: typeof tight) => inspector.findings().map(({ key, severity, evidence }) => ({ key, severity, evidence }));

    expect(bare(tight)).toEqual(bare(loose));
    expect(bare(tight).length).toBeGreaterThan(0);
  });
});
