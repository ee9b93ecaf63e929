import { describe, expect, it } from 'vitest';
import { neverUsedRegion } from '../../../src/checks/compute/never-used-region.ts';
import { ciDeploy, judge, known, leakedKey, machine, never, notYet, observed } from '../observed.ts';

const g5 = { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 };
const small = { type: 'm5.large', family: 'm5', vcpus: 2, gpus: 0 };

describe('a machine in a region', () => {
  it('that was never used is high, and names machine, key and user', () => {
    const [finding] = judge(
      neverUsedRegion,
      observed('compute.asked', { region: 'ap-south-1', resources: [machine('i-0abc', 'ap-south-1')], shape: small }),
      {
        regions: never,
      },
    );

    expect(finding).toMatchObject({ key: 'compute/never-used-region:aws/123456789012/ap-south-1', severity: 'high', learning: false });
    expect(finding?.about).toEqual([machine('i-0abc', 'ap-south-1'), leakedKey, ciDeploy.subject]);
    expect(finding?.remedies.map(({ kind }) => kind)).toEqual(['stop-compute', 'disable-credential', 'deny-principal']);
  });

  it('that was never used is critical with a GPU, and from 32 vCPUs in one launch', () => {
    const gpu = judge(neverUsedRegion, observed('compute.seen', { shape: g5 }), { regions: never });
    const many = judge(neverUsedRegion, observed('compute.asked', { count: 16, shape: small }), { regions: never });

    expect([gpu[0]?.severity, many[0]?.severity]).toEqual(['critical', 'critical']);
  });

  it('has one key, whether the log or the inventory speaks first', () => {
    const asked = judge(neverUsedRegion, observed('compute.asked', { region: 'eu-west-3' }), { regions: never });
    const seen = judge(
      neverUsedRegion,
      observed('compute.seen', { region: 'eu-west-3', perHour: { amount: 2, currency: 'USD', usd: 2 } }),
      { regions: never },
    );

    expect(seen[0]?.key).toBe(asked[0]?.key);
    expect(seen[0]?.usdPerHour).toEqual({ [machine('i-0aaa')]: 2 });
  });

  it('says little while the account is being learnt, unless it is a GPU or very big', () => {
    const severity = (shape: typeof g5, count = 1) =>
      judge(neverUsedRegion, observed('compute.asked', { shape, count }), { regions: notYet })[0]?.severity;

    expect([severity(small), severity(small, 20), severity(small, 32), severity(g5)]).toEqual(['low', 'low', 'critical', 'critical']);
  });

  it('that is used every week is nobody’s business, however big the machine', () => {
    expect(judge(neverUsedRegion, observed('compute.asked', { shape: g5 }), { regions: known })).toEqual([]);
  });
});
