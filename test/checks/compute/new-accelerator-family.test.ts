import { describe, expect, it } from 'vitest';
import { newAcceleratorFamily } from '../../../src/checks/compute/new-accelerator-family.ts';
import { judge, known, never, notYet, observed } from '../observed.ts';

const gpu = { type: 'g5.xlarge', family: 'g5', vcpus: 4, gpus: 1 };
const modelChip = { type: 'trn1.2xlarge', family: 'trn1', vcpus: 8, gpus: 0 };

describe('an accelerator family', () => {
  it('of GPUs that was never used is high, also while the account is being learnt', () => {
    const severities = [never, notYet].map(
      (families) => judge(newAcceleratorFamily, observed('compute.seen', { shape: gpu }), { families })[0]?.severity,
    );

    expect(severities).toEqual(['high', 'high']);
  });

  it('of chips that only run models is medium and says that they do not mine', () => {
    const [finding] = judge(newAcceleratorFamily, observed('compute.asked', { shape: modelChip }), { families: never });

    expect(finding).toMatchObject({ severity: 'medium', facts: { Use: expect.stringContaining('cost abuse') } });
    expect(judge(newAcceleratorFamily, observed('compute.asked', { shape: modelChip }), { families: notYet })[0]?.severity).toBe('low');
  });

  it('is known by its name where the number of GPUs is not', () => {
    expect(
      judge(newAcceleratorFamily, observed('compute.asked', { shape: { type: 'p4d.24xlarge', family: 'p4d' } }), { families: never }),
    ).toHaveLength(1);
  });

  it('that is refused is medium: somebody wanted it', () => {
    const [finding] = judge(newAcceleratorFamily, observed('compute.refused', { shape: gpu, why: 'not allowed' }), { families: never });

    expect(finding).toMatchObject({ severity: 'medium', key: 'compute/new-accelerator-family:aws/123456789012/g5/tried' });
    expect(judge(newAcceleratorFamily, observed('compute.refused', { shape: gpu, why: 'capacity' }), { families: never })).toEqual([]);
  });

  it('stays quiet for a family this account has used for weeks, and for ordinary machines', () => {
    expect(judge(newAcceleratorFamily, observed('compute.asked', { shape: gpu }), { families: known })).toEqual([]);
    expect(judge(newAcceleratorFamily, observed('compute.refused', { shape: gpu, why: 'quota' }), { families: known })).toEqual([]);
    expect(judge(newAcceleratorFamily, observed('compute.asked', {}), { families: never })).toEqual([]);
  });
});
