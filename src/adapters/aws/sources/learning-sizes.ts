/** What SageMaker's machines are and cost, and what is read of a thing once. */
import { z } from 'zod';
import type { Marker, Shape } from '../../../checks/observation.ts';
import type { Price, PriceTable } from '../prices.ts';
import { markersIn } from '../translate/markers.ts';
import { plainType } from '../translate/meaning.ts';
import { imageShape, strangestImage, together } from './seen.ts';
import type { RegionLook } from './sweep.ts';

/** Size and price of several machines as one thing; nothing known of them is no price, not none to pay. */
export function sizedLearning(prices: PriceTable, machines: Machines, look: RegionLook, spot = false): { shape: Shape; price?: Price } {
  const known = machines.flatMap(({ type, count = 1 }) =>
    type === undefined ? [] : [{ type: plainType(type), count: Math.max(0, count) }],
  );
  if (known.length === 0) return { shape: { type: 'unknown', family: 'SageMaker' } };
  const shapes = known.map(({ type, count }) => together(prices, type, count));
  const priced = known.map(({ type, count }) => ({ ...prices.machineLearning(type, look.region, { spot }), count }));
  const [first = { type: 'unknown' }] = shapes.toSorted((a, b) => (b.gpus ?? 0) - (a.gpus ?? 0) || (b.vcpus ?? 0) - (a.vcpus ?? 0));
  const gpus = total(shapes.map((one) => one.gpus));
  return {
    shape: {
      ...first,
      type: shapes
        .map((one) => one.type)
        .join(' + ')
        .slice(0, 120),
      vcpus: total(shapes.map((one) => one.vcpus)),
      ...(gpus > 0 ? { gpus } : {}),
      ...(spot ? { spot } : {}),
    },
    price: { usd: total(priced.map(({ usd, count }) => usd * count)), estimated: true, why: priced[0]?.why ?? '' },
  };
}

export type Machines = { type?: string | undefined; count?: number | undefined; name?: string | undefined }[];
export type Described = { machines: Machines; spot?: boolean; images?: (string | undefined)[]; words?: string };
const saidShape = z.object({
  machines: z.array(z.object({ type: z.string().optional(), count: z.number().optional(), name: z.string().optional() })),
  spot: z.boolean().optional(),
  image: imageShape.optional(),
  markers: z.array(z.object({ kind: z.enum(['miner', 'pool', 'wallet', 'image']), word: z.string() })).optional(),
});

/** Read once, remembered without the words: they may hold secrets. */
export async function once(
  look: RegionLook,
  key: string,
  what: string,
  describe: () => Promise<Described>,
): Promise<z.infer<typeof saidShape> | undefined> {
  const kept = look.memory.known(key);
  if (kept !== undefined) return saidShape.parse(JSON.parse(kept));
  const said = await lenient(look, what, describe);
  if (said === undefined) return undefined;
  const markers: Marker[] = markersIn(said.words);
  const text = JSON.stringify({
    machines: said.machines,
    ...(said.spot ? { spot: true } : {}),
    image: strangestImage(
      (said.images ?? []).flatMap((image) => image ?? []),
      look.place.scope.id,
    ),
    ...(markers.length > 0 ? { markers } : {}),
  });
  look.memory.keep(key, text);
  return saidShape.parse(JSON.parse(text));
}

/** Something runs, whether or not it can be read what it is. */
export async function lenient<T>(look: RegionLook, what: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    look.lacks(what, error);
    return undefined;
  }
}

const total = (values: (number | undefined)[]): number => values.reduce<number>((all, one) => all + (one ?? 0), 0);
