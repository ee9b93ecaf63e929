/** Observations as the sources that list machines write them. */
import { z } from 'zod';
import type { Marker, Observation, Of, Shape, Subject, Time } from '../../../checks/observation.ts';
import type { Price, PriceTable } from '../prices.ts';
import { imageFromOf } from '../translate/images.ts';
import type { RegionLook } from './sweep.ts';

type Seen = Of<'compute.seen'>;
export const imageShape = z.object({ image: z.string(), imageFrom: z.enum(['own', 'provider', 'public', 'unknown']) });
export type MachineFacts = {
  /** When it began; the id tells its lives apart. */
  at: Time;
  id: string;
  resource: Subject;
  what: string;
  service: string;
  shape: Shape;
  /** Absent: nobody knows what it is. */
  price?: Price;
  running?: boolean;
  name?: string | undefined;
  launcher?: Subject | undefined;
  from?: Subject | undefined;
  image?: z.infer<typeof imageShape> | undefined;
  markers?: Marker[] | undefined;
  protected?: boolean | undefined;
};

export const machine = (by: string, { place, heard }: RegionLook, facts: MachineFacts): Seen => ({
  kind: 'compute.seen',
  id: facts.id,
  at: facts.at,
  heard,
  by,
  place,
  evidence: [facts.resource],
  resource: facts.resource,
  what: facts.what,
  service: facts.service,
  shape: facts.shape,
  ...(facts.price ? { perHour: { amount: facts.price.usd, currency: 'USD', usd: facts.price.usd } } : {}),
  estimated: facts.price?.estimated ?? true,
  ...(facts.name !== undefined && facts.name !== '' ? { name: facts.name.slice(0, 256) } : {}),
  running: facts.running ?? true,
  ...(facts.launcher !== undefined ? { launcher: facts.launcher } : {}),
  ...(facts.from !== undefined ? { from: facts.from } : {}),
  ...facts.image,
  ...(facts.markers && facts.markers.length > 0 ? { markers: facts.markers } : {}),
  ...(facts.protected !== undefined ? { protected: facts.protected } : {}),
});

export const launcherChanged = (
  by: string,
  { place, heard }: RegionLook,
  facts: { id: string; at: Time; resource: Subject; desired: number; most: number; service?: string; shape?: Shape | undefined },
): Of<'launcher.changed'> => ({
  kind: 'launcher.changed',
  id: facts.id,
  at: facts.at,
  heard,
  by,
  place,
  evidence: [facts.resource],
  resource: facts.resource,
  desired: facts.desired,
  most: facts.most,
  ...(facts.shape ? { shape: facts.shape } : {}),
  ...(facts.service !== undefined ? { service: facts.service } : {}),
});

/** `id` of one happening, not of the thing: a definition has versions. */
export const workloadDefined = (
  by: string,
  { place, heard }: RegionLook,
  facts: {
    id: string;
    at: Time;
    resource: Subject;
    what: string;
    service?: string;
    shape?: Shape | undefined;
    image?: MachineFacts['image'];
    markers?: Marker[];
  },
): Of<'workload.defined'> => ({
  kind: 'workload.defined',
  id: facts.id,
  at: facts.at,
  heard,
  by,
  place,
  evidence: [facts.resource],
  resource: facts.resource,
  what: facts.what,
  ...(facts.service !== undefined ? { service: facts.service } : {}),
  ...(facts.shape ? { shape: facts.shape } : {}),
  ...facts.image,
  ...(facts.markers && facts.markers.length > 0 ? { markers: facts.markers } : {}),
});

/** `from` was started by `to`. */
export const startedBy = (by: string, { place, heard }: RegionLook, from: Subject, to: Subject, at: Time): Observation => ({
  kind: 'identity.linked',
  id: `${arnOf(from)}/started by ${arnOf(to)}`,
  at,
  heard,
  by,
  place,
  evidence: [from],
  from,
  to,
  how: 'started',
});

export const arnOf = (resource: Subject): string => resource.slice(resource.indexOf(':') + 1);

/** It costs and computes nothing of its own: what it runs on is counted where it is listed. */
export const countedElsewhere: Price = { usd: 0, estimated: false, why: 'counted with the machines it runs on' };

/** Of several images the one that comes from farthest away. */
export function strangestImage(images: string[], account: string): z.infer<typeof imageShape> | undefined {
  const all = images.map((image) => ({ image: image.slice(0, 512), imageFrom: imageFromOf(image, account) }));
  const strangest = (['public', 'unknown', 'own', 'provider'] as const).find((kind) => all.some(({ imageFrom }) => imageFrom === kind));
  return all.find(({ imageFrom }) => imageFrom === strangest);
}

/** So many machines of one type as one thing. */
export function together(prices: PriceTable, type: string, count: number): Shape {
  const { vcpus, gpus, ...one } = prices.shape(type);
  return {
    ...one,
    type: count > 1 ? `${count} × ${type}` : type,
    ...(vcpus !== undefined ? { vcpus: vcpus * count } : {}),
    ...(gpus !== undefined ? { gpus: gpus * count } : {}),
  };
}
