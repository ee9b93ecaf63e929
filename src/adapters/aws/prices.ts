/** What machines are and cost: list prices from tables shipped with the program. Nothing is ever without a price. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Shape } from '../../checks/observation.ts';
import { loadServicePrices, type ServicePrices } from './service-prices.ts';

export type Price = {
  /** USD an hour, list price. */
  usd: number;
  /** False only for a known type, Linux, on demand, in the region of the table. */
  estimated: boolean;
  /** Which price it is, in plain words. */
  why: string;
};
export type PriceTable = ServicePrices & {
  /** Size and accelerators; a type that is not in the table is judged by its family and size. */
  shape(type: string): Shape;
  usdPerHour(type: string, region: string, options?: { spot?: boolean; platform?: string }): Price;
};

/** Reads the table (source, date and licence stand in its first lines). @throws Error when the file is missing or broken. */
export function loadPrices(file: URL | string = new URL('../../../config/prices/aws-ec2.csv', import.meta.url)): PriceTable {
  const rows = z.array(row).parse(parse(readFileSync(file), { columns: true, comment: '#', skip_empty_lines: true }));
  const types = new Map(rows.map((one) => [one.type, one]));
  const families = Map.groupBy(rows, (one) => familyOf(one.type));

  const machines: Omit<PriceTable, keyof ServicePrices> = {
    shape(type) {
      const known = types.get(type);
      const sibling = siblings(type, families).find((one) => one.vcpus !== undefined);
      const vcpus = known?.vcpus ?? vcpusOf(type, families);
      const gpus = known?.vcpus !== undefined ? known.gpus : gpusOf(type, sibling, vcpus);
      return {
        type,
        family: familyOf(type),
        ...(vcpus !== undefined ? { vcpus } : {}),
        ...(gpus !== undefined && gpus > 0 ? { gpus } : {}),
      };
    },
    usdPerHour(type, region, { spot = false, platform } = {}) {
      const listed = types.get(type)?.usd;
      const { usd, why } = listed !== undefined ? { usd: listed, why: 'list price' } : guess(type, families);
      const doubts = [
        ...(listed === undefined ? [why] : []),
        ...(region !== tableRegion ? [`the price of ${tableRegion}, since ${region} is not in the table`] : []),
        ...(spot ? ['the on-demand price, which a Spot price stays below'] : []),
        ...(platform !== undefined && !/^linux/i.test(platform) ? ['the price of Linux, without the licence'] : []),
      ];
      return { usd, estimated: doubts.length > 0, why: doubts.length > 0 ? doubts.join('; ') : `list price, Linux, ${tableRegion}` };
    },
  };
  return { ...machines, ...loadServicePrices(machines) };
}

const tableRegion = 'us-east-1';

const cell = z
  .string()
  .transform((text) => (text === '' ? undefined : Number(text)))
  .pipe(z.number().nonnegative().optional());
const row = z
  .object({ instance_type: z.string().min(1), vcpus: cell, gpus: cell, gpu: z.string(), usd_per_hour_us_east_1_linux_on_demand: cell })
  .transform((one) => ({
    type: one.instance_type,
    vcpus: one.vcpus,
    // A part of a GPU (g6f) has a name and no count.
    gpus: one.gpus ?? (one.gpu === '' ? undefined : 1),
    usd: one.usd_per_hour_us_east_1_linux_on_demand,
  }));
type Row = z.infer<typeof row>;

const familyOf = (type: string): string => type.split('.', 1)[0] ?? type;
/** Letters before the generation: g of g5, u of u-12tb1, inf of inf2. */
const classOf = (family: string): string => /^[a-z]+/.exec(family)?.[0] ?? family;
const generationOf = (family: string): number => Number(/\d+/.exec(family)?.[0] ?? 0);

/** A size as a multiple of `large`; undefined for `metal`, which is as big as its family gets. */
function sizeOf(type: string): number | undefined {
  const size = type.slice(type.indexOf('.') + 1);
  const small: Record<string, number> = { nano: 0.0625, micro: 0.125, small: 0.25, medium: 0.5, large: 1, xlarge: 2 };
  if (Object.hasOwn(small, size)) return small[size];
  const many = /(\d+)xl(?:arge)?$/.exec(size)?.[1];
  return many !== undefined ? Number(many) * 2 : undefined;
}

/** The types most like this one: its own family, else families of its class, nearest generation first; nearest size first. */
function siblings(type: string, families: Map<string, Row[]>): Row[] {
  const family = familyOf(type);
  const wanted = sizeOf(type) ?? Number.POSITIVE_INFINITY;
  const distance = (one: Row): number => Math.abs((sizeOf(one.type) ?? 1e6) - Math.min(wanted, 1e6));
  const own = families.get(family);
  if (own) return own.toSorted((a, b) => distance(a) - distance(b));
  const generation = generationOf(family);
  return [...families]
    .filter(([name]) => classOf(name) === classOf(family))
    .sort(([a], [b]) => Math.abs(generationOf(a) - generation) - Math.abs(generationOf(b) - generation))
    .flatMap(([, rows]) => rows.toSorted((a, b) => distance(a) - distance(b)));
}

function vcpusOf(type: string, families: Map<string, Row[]>): number | undefined {
  const size = sizeOf(type);
  // AWS names sizes so that `large` has two vCPUs in nearly every family.
  if (size !== undefined) return Math.max(1, Math.round(size * 2));
  const sizes = siblings(type, families).flatMap((one) => one.vcpus ?? (sizeOf(one.type) ?? 0) * 2);
  return sizes.length > 0 ? Math.max(...sizes.slice(0, 20)) : undefined;
}

function gpusOf(type: string, sibling: Row | undefined, vcpus: number | undefined): number | undefined {
  const perVcpu = sibling?.gpus !== undefined && sibling.vcpus ? sibling.gpus / sibling.vcpus : undefined;
  if (perVcpu !== undefined && vcpus !== undefined) return Math.max(1, Math.round(perVcpu * vcpus));
  // g and p are AWS's classes of machines with graphics processors.
  return ['g', 'gr', 'p'].includes(classOf(familyOf(type))) && !familyOf(type).includes('-') ? 1 : undefined;
}

/** A price for a type the table does not price, by the size of a like one. */
function guess(type: string, families: Map<string, Row[]>): { usd: number; why: string } {
  const like = siblings(type, families).find(
    (one) => one.usd !== undefined && (sizeOf(one.type) !== undefined || sizeOf(type) === undefined),
  );
  const own = sizeOf(type);
  if (like?.usd !== undefined) {
    const theirs = sizeOf(like.type);
    const usd = own !== undefined && theirs !== undefined ? (like.usd * own) / theirs : like.usd;
    return { usd, why: `estimated from ${like.type}` };
  }
  const vcpus = own !== undefined ? own * 2 : 96;
  return { usd: vcpus * usdPerUnknownVcpu, why: 'estimated from its size alone' };
}

/** About what a vCPU-hour of the m family costs at list price (m5.large: $0.096 for two). */
const usdPerUnknownVcpu = 0.048;
