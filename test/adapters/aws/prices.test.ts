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
});
