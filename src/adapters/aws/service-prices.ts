/** What machines cost that are not rented from EC2 directly: from a small table, or reckoned from EC2's prices and marked as estimated. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Price, PriceTable } from './prices.ts';
import { lightsailShape } from './translate/shapes.ts';

export type ServicePrices = {
  /** A Fargate task, in USD an hour. `system` is what runs on it. */
  fargate(vcpus: number, memoryGb: number, region: string, options?: { spot?: boolean; system?: 'linux' | 'arm' | 'windows' }): Price;
  /** A SageMaker instance type (`ml.g5.xlarge`), in USD an hour. */
  machineLearning(type: string, region: string, options?: { spot?: boolean }): Price;
  /** What EMR takes for one machine of that EC2 type, in USD an hour; the machine itself is EC2's and comes on top. */
  emrFee(type: string, region: string): Price;
  /** A Lightsail bundle (`nano_3_0`, `large_win_3_0`), in USD an hour. */
  lightsail(bundle: string, region: string): Price;
};

/** Reads the table (source and date stand in its first lines). @throws Error when the file is missing or broken. */
export function loadServicePrices(
  machines: Pick<PriceTable, 'usdPerHour'>,
  file: URL | string = new URL('../../../config/prices/aws-services.csv', import.meta.url),
): ServicePrices {
  const rows = z.array(row).parse(parse(readFileSync(file), { columns: true, comment: '#', skip_empty_lines: true }));
  const table = new Map(rows.map((one) => [`${one.service} ${one.what} ${one.system}`, one.usd_us_east_1]));
  const listed = (service: string, what: string, system: string): number => {
    const usd = table.get(`${service} ${what} ${system}`);
    if (usd === undefined) throw new Error(`the price table has no ${service} ${what} ${system}`);
    return usd;
  };
  const perVcpu = {
    linux: listed('fargate', 'vcpu', 'linux'),
    arm: listed('fargate', 'vcpu', 'arm'),
    windows: listed('fargate', 'vcpu', 'windows'),
  };
  const perGb = {
    linux: listed('fargate', 'gb', 'linux'),
    arm: listed('fargate', 'gb', 'arm'),
    windows: listed('fargate', 'gb', 'windows'),
  };

  return {
    fargate: (vcpus, memoryGb, region, { spot = false, system = 'linux' } = {}) =>
      price(
        vcpus * perVcpu[system] + memoryGb * perGb[system],
        region,
        spot ? ['the on-demand price, which a Spot price stays below'] : [],
      ),
    machineLearning(type, region, { spot = false } = {}) {
      const { usd } = machines.usdPerHour(type.replace(/^ml\./, ''), region, spot ? { spot } : {});
      return { usd: usd * overEc2, estimated: true, why: `estimated from the same machine of EC2, ${overEc2} times its price` };
    },
    emrFee(type, region) {
      const { usd } = machines.usdPerHour(type, region);
      return { usd: Math.min(usd * emrShare, mostEmrFee), estimated: true, why: 'estimated as a quarter of the price of the machine' };
    },
    lightsail(bundle, region) {
      const size = bundle.split('_', 1)[0] ?? bundle;
      const perMonth = table.get(`lightsail ${size} ${/_win_/.test(bundle) ? 'windows' : 'linux'}`);
      if (perMonth !== undefined) return price(perMonth / hoursPerMonth, region, []);
      const vcpus = lightsailShape(bundle).vcpus ?? 8;
      return price(vcpus * usdPerUnknownVcpu, region, ['estimated from its size alone']);
    },
  };
}

const row = z.object({
  service: z.string(),
  what: z.string(),
  system: z.string(),
  unit: z.string(),
  usd_us_east_1: z.coerce.number().positive(),
});

/**
 * SageMaker's price over EC2's of the same type: mostly 1.2 to 1.25, 1.4 for the smallest with a graphics card (AWS's two price pages of
 * us-east-1 compared for ml.t3, ml.c5, ml.r5, ml.g4dn, ml.g5 and ml.p3).
 */
const overEc2 = 1.25;
/** EMR takes about a quarter of EC2's price, and never more than this an hour for a machine (EMR pricing page: m5.xlarge $0.048). */
const emrShare = 0.25;
const mostEmrFee = 0.27;
/** Lightsail's hourly price is the monthly one over a month of 31 days ($5 is $0.0067 an hour; Lightsail user guide, billing). */
const hoursPerMonth = 744;
/** About what a vCPU-hour of EC2's m family costs. */
const usdPerUnknownVcpu = 0.048;
const tableRegion = 'us-east-1';

function price(usd: number, region: string, doubts: string[]): Price {
  const all = [...doubts, ...(region !== tableRegion ? [`the price of ${tableRegion}, since ${region} is not in the table`] : [])];
  return { usd, estimated: all.length > 0, why: all.length > 0 ? all.join('; ') : `list price, ${tableRegion}` };
}
