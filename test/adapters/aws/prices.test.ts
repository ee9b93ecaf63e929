import { describe, expect, it } from 'vitest';
import { loadPrices } from '../../../src/adapters/aws/prices.ts';

const prices = loadPrices();

describe('the price table', () => {
  it('knows size, graphics processors and list price of a type', () => {
    expect(prices.shape('g5.12xlarge')).toEqual({ type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 });
    expect(prices.usdPerHour('g5.12xlarge', 'us-east-1')).toEqual({ usd: 5.672, estimated: false, why: 'list price, Linux, us-east-1' });
    expect(prices.shape('m5.large')).toEqual({ type: 'm5.large', family: 'm5', vcpus: 2 });
  });

  it('says of which price it is an estimate: another region, Spot, another system', () => {
    expect(prices.usdPerHour('m5.large', 'sa-east-1')).toMatchObject({
      usd: 0.096,
      estimated: true,
      why: expect.stringContaining('sa-east-1'),
    });
    expect(prices.usdPerHour('m5.large', 'us-east-1', { spot: true }).why).toMatch(/Spot/);
    expect(prices.usdPerHour('m5.large', 'us-east-1', { platform: 'Windows' })).toMatchObject({
      estimated: true,
      why: expect.stringMatching(/licence/),
    });
    expect(prices.usdPerHour('m5.large', 'us-east-1', { platform: 'Linux/UNIX' }).estimated).toBe(false);
  });

  it('estimates a type it does not know from its family and size', () => {
    expect(prices.usdPerHour('m5.40xlarge', 'us-east-1')).toMatchObject({
      usd: expect.closeTo(0.192 * 40, 5),
      estimated: true,
      why: expect.stringMatching(/^estimated from m5\./),
    });
    expect(prices.shape('m5.40xlarge').vcpus).toBe(160);
  });

  it('estimates a family it does not know from the nearest generation, and never misses a graphics processor', () => {
    expect(prices.usdPerHour('g99.4xlarge', 'us-east-1').why).toMatch(/^estimated from g\d/);
    expect(prices.shape('g99.4xlarge').gpus).toBeGreaterThanOrEqual(1);
    expect(prices.shape('p99.metal').gpus).toBeGreaterThanOrEqual(1);
  });

  it('never leaves anything without a price', () => {
    for (const type of ['unheard-of.2xlarge', 'metal', '', 'x.y.z', 'hpc7a.96xlarge', 'mac2.metal', 'u-99tb1.metal']) {
      const price = prices.usdPerHour(type, 'us-east-1');
      expect(price.usd).toBeGreaterThan(0);
      expect(price.estimated).toBe(true);
    }
  });

  it('says what is missing when the table cannot be read', () => {
    expect(() => loadPrices('/nowhere/prices.csv')).toThrow(/ENOENT/);
  });

  it('prices Fargate by vCPU and memory, and says of which price it is an estimate', () => {
    expect(prices.fargate(16, 32, 'us-east-1')).toEqual({
      usd: expect.closeTo(16 * 0.04048 + 32 * 0.004445, 9),
      estimated: false,
      why: 'list price, us-east-1',
    });
    expect(prices.fargate(16, 32, 'eu-west-1')).toMatchObject({ estimated: true, why: expect.stringContaining('eu-west-1') });
    expect(prices.fargate(1, 2, 'us-east-1', { spot: true }).estimated).toBe(true);
    expect(prices.fargate(1, 2, 'us-east-1', { system: 'arm' }).usd).toBeLessThan(prices.fargate(1, 2, 'us-east-1').usd);
    expect(prices.fargate(1, 2, 'us-east-1', { system: 'windows' }).usd).toBeGreaterThan(prices.fargate(1, 2, 'us-east-1').usd);
  });

  it('estimates SageMaker near what AWS lists', () => {
    // AWS's own price page for us-east-1.
    const listed = {
      'ml.t3.medium': 0.05,
      'ml.c5.xlarge': 0.204,
      'ml.r5.8xlarge': 2.419,
      'ml.g4dn.12xlarge': 4.89,
      'ml.p3.2xlarge': 3.825,
    };
    for (const [type, usd] of Object.entries(listed)) {
      const price = prices.machineLearning(type, 'us-east-1');
      expect(price.estimated).toBe(true);
      expect(price.usd / usd, type).toBeGreaterThan(0.8);
      expect(price.usd / usd, type).toBeLessThan(1.2);
    }
  });

  it('prices a Lightsail bundle by the hour, also one it does not know', () => {
    expect(prices.lightsail('nano_3_0', 'us-east-1')).toMatchObject({ usd: expect.closeTo(0.0067, 4), estimated: false });
    expect(prices.lightsail('large_win_3_0', 'us-east-1').usd).toBeGreaterThan(prices.lightsail('large_3_0', 'us-east-1').usd);
    expect(prices.lightsail('16xlarge_9_0', 'us-east-1')).toMatchObject({ estimated: true });
    expect(prices.lightsail('16xlarge_9_0', 'us-east-1').usd).toBeGreaterThan(prices.lightsail('2xlarge_3_0', 'us-east-1').usd);
  });

  it('takes a quarter of the machine as the fee of EMR, up to what EMR takes at most', () => {
    expect(prices.emrFee('m5.xlarge', 'us-east-1')).toMatchObject({ usd: expect.closeTo(0.048, 9), estimated: true });
    expect(prices.emrFee('p4d.24xlarge', 'us-east-1').usd).toBe(0.27);
  });
});
