import { describe, expect, it } from 'vitest';
import { minerMarker } from '../../../src/checks/compute/miner-marker.ts';
import { allFoundBy } from '../lives.ts';
import { machine, observed } from '../observed.ts';

describe('what something is told to run', () => {
  it('is critical when it names a miner, even in the first hour, with the machine and its price', () => {
    const [finding] = allFoundBy(minerMarker, [
      observed('compute.seen', { markers: [{ kind: 'miner', word: 'xmrig' }], perHour: { amount: 3, currency: 'USD', usd: 3 } }),
    ]);

    expect(finding).toMatchObject({
      severity: 'critical',
      usdPerHour: { [machine('i-0aaa')]: 3 },
      facts: { Found: 'a mining program: xmrig' },
    });
    expect(finding?.remedies).toContainEqual(expect.objectContaining({ kind: 'stop-compute', resources: [machine('i-0aaa')] }));
  });

  it('is one finding for one miner, written down and run in several places', () => {
    const markers = [{ kind: 'pool' as const, word: 'stratum+tcp' }];

    expect(
      allFoundBy(minerMarker, [observed('workload.defined', { markers }), observed('compute.asked', { markers, region: 'eu-west-3' })]),
    ).toHaveLength(1);
  });

  it('is high for a wallet alone, as a payment service may have one', () => {
    const found = allFoundBy(minerMarker, [observed('workload.defined', { markers: [{ kind: 'wallet', word: '4A1b' }] })]);

    expect(found.map(({ severity }) => severity)).toEqual(['high']);
  });

  it('is nothing without such words', () => {
    expect(allFoundBy(minerMarker, [observed('workload.defined', {}), observed('compute.seen', {})])).toEqual([]);
  });
});
