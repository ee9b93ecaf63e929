import { describe, expect, it } from 'vitest';
import { refusedProbes } from '../../../src/checks/compute/refused-probes.ts';
import { judge, observed } from '../observed.ts';

const refusal = (region: string, type = 'c5.large', why: 'dry run' | 'quota' = 'quota') =>
  observed('compute.refused', { region, why, shape: { type } });

describe('refused launches', () => {
  it('are high when they go over regions or sizes', () => {
    const regions = [refusal('a'), refusal('b'), refusal('a')];
    const types = [refusal('a', 'c5.large'), refusal('a', 'c5.xlarge'), refusal('a', 'g5.xlarge')];

    expect(judge(refusedProbes, regions[2]!, { refused: regions })[0]?.severity).toBe('high');
    expect(judge(refusedProbes, types[2]!, { refused: types })[0]?.severity).toBe('high');
  });

  it('are medium when the same thing is tried again and again', () => {
    const again = [refusal('a'), refusal('a'), refusal('a')];

    expect(judge(refusedProbes, again[2]!, { refused: again })[0]?.severity).toBe('medium');
  });

  it('are nothing when there are two, or when one act left three records', () => {
    const two = [refusal('a'), refusal('b')];
    const oneDeed = [refusal('a'), refusal('b'), refusal('c')].map((one) => ({ ...one, deed: 'one' }));

    expect(judge(refusedProbes, two[1]!, { refused: two })).toEqual([]);
    expect(judge(refusedProbes, oneDeed[2]!, { refused: oneDeed })).toEqual([]);
  });
});
