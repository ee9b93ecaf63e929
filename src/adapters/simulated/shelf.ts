import type { Shape } from './wire.ts';
import type { Call, World } from './world.ts';

/** Anything a service keeps: as it was asked for, and since when. */
export type Thing = {
  id: string;
  arn: string;
  region: string;
  madeMs: number;
  /** Absent: it is still there. */
  endedMs?: number;
  /** ARN of whoever made it. */
  by: string;
  facts: Shape;
};
/** What costs money by the hour beside EC2's machines. */
export type Usage = { service: string; region: string; what: string; usdPerHour: number; fromMs: number; untilMs?: number };

/** Things of one kind by their id, which is unique within a region: 'sagemaker/notebook'. */
export function shelf(world: World, kind: string): Map<string, Thing> {
  const found = world.shelves.get(kind) ?? new Map<string, Thing>();
  world.shelves.set(kind, found);
  return found;
}
const keyOf = (region: string, id: string) => `${region}/${id}`;

export const put = (world: World, kind: string, call: Call, thing: { id: string; arn: string; facts: Shape }): Thing => {
  const kept: Thing = { ...thing, region: call.region, madeMs: call.ms, by: call.caller.arn };
  shelf(world, kind).set(keyOf(call.region, thing.id), kept);
  return kept;
};
/** By id or ARN. */
export const take = (world: World, kind: string, region: string, idOrArn: unknown): Thing | undefined =>
  typeof idOrArn !== 'string'
    ? undefined
    : (shelf(world, kind).get(keyOf(region, idOrArn)) ?? [...shelf(world, kind).values()].find((thing) => thing.arn === idOrArn));
export const remove = (world: World, kind: string, thing: Thing): boolean => shelf(world, kind).delete(keyOf(thing.region, thing.id));
/** Those of one region, in the order in which they were made. */
export const list = (world: World, kind: string, region: string): Thing[] =>
  [...shelf(world, kind).values()].filter((thing) => thing.region === region);

/** Starts a meter; what is given back stops it. */
export function meter(world: World, usage: Usage): Usage {
  world.usage.push(usage);
  return usage;
}
export function stopMeters(world: World, region: string, what: string, ms: number): void {
  for (const usage of world.usage) if (usage.what === what && usage.region === region) usage.untilMs ??= ms;
}

export const arnOf = (world: World, service: string, region: string, rest: string): string =>
  `arn:aws:${service}:${region}:${world.accountId}:${rest}`;
/** Characters as in the ids AWS makes: lower-case hexadecimal. */
export const hex = (world: World, length: number): string => world.chance.text(length, '0123456789abcdef');
export const capitals = (world: World, length: number): string => world.chance.text(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');

/** USD an hour of a machine type; `ml.g5.xlarge` and the like cost a quarter more than the machine they stand on. */
export function priceOfType(world: World, type: unknown): number {
  const name = String(type ?? '');
  const isManaged = name.startsWith('ml.');
  return (world.types[name.replace(/^ml\./, '')]?.usdPerHour ?? 0) * (isManaged ? 1.25 : 1);
}
/** Fargate's list price on Linux in us-east-1 (AWS pricing page): USD an hour for `cpu` units of 1/1024 vCPU and `memory` MiB. */
export const priceOfTask = (cpu: unknown, memory: unknown): number =>
  (Number(cpu) || 256) * (0.04048 / 1024) + (Number(memory) || 512) * (0.004445 / 1024);
