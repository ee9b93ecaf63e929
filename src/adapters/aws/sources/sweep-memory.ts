/** What a look at a region remembers for the next one, so that a restart notices nothing twice. Kept as the region's cursor. */
import { z } from 'zod';
import type { Subject, Time } from '../../../checks/observation.ts';

export type Memory = {
  /**
   * When a launcher got this size: its making, when it is met for the first time; else when the change was noticed. Undefined: it was there
   * before the first look, and nobody knows since when. `id` is stable for resource, size and that time.
   */
  sized(resource: Subject, desired: number, most: number, made: Time | undefined): { id: string; at: Time } | undefined;
  /** Since when a machine that can be stopped and started again has been as it is; `made` is what the provider says of one not met before. */
  since(resource: Subject, isRunning: boolean, made: Time | undefined): { id: string; at: Time };
  /** What was read of something that never changes; undefined: not read yet. */
  known(key: string): string | undefined;
  /** Remembers what was read. Empty text does for "nothing in it". */
  keep(key: string, value: string): void;
  /** As a cursor. After a whole look only what was met in it is kept. */
  saved(isWhole: boolean): string;
};

/** An unreadable cursor counts as none: things are read again, and found as they were. */
export function openMemory(cursor: string | undefined, heard: Time): Memory {
  const before = readCursor(cursor);
  const isFirst = before === undefined;
  const sizes = new Map(Object.entries(before?.sizes ?? {}));
  const states = new Map(Object.entries(before?.states ?? {}));
  const reads = new Map(Object.entries(before?.reads ?? {}));
  const met = new Set<string>();

  return {
    sized(resource, desired, most, made) {
      met.add(resource);
      const arn = resource.slice('resource:'.length);
      const size = `${desired}/${most}`;
      const known = sizes.get(resource);
      if (known?.size === size) return known.at === '' ? undefined : { id: known.id, at: known.at };
      // Coming back to an earlier size is another change.
      const fresh =
        known === undefined
          ? { size, at: made ?? (isFirst ? '' : heard), id: `${arn}@${size}` }
          : { size, at: heard, id: `${arn}@${size}@${heard}` };
      sizes.set(resource, fresh);
      return fresh.at === '' ? undefined : { id: fresh.id, at: fresh.at };
    },
    since(resource, isRunning, made) {
      met.add(resource);
      const known = states.get(resource);
      const at = known === undefined ? (made ?? heard) : known.runs === isRunning ? known.at : heard;
      states.set(resource, { runs: isRunning, at });
      return { at, id: `${resource.slice('resource:'.length)}@${at}${isRunning ? '' : ':ended'}` };
    },
    known(key) {
      const value = reads.get(key);
      if (value !== undefined) met.add(key);
      return value;
    },
    keep(key, value) {
      met.add(key);
      reads.set(key, value);
    },
    saved(isWhole) {
      const kept = <T>(entries: Map<string, T>): Record<string, T> =>
        Object.fromEntries([...entries].filter(([key]) => !isWhole || met.has(key)).slice(-mostEntries));
      return JSON.stringify({ sizes: kept(sizes), states: kept(states), reads: kept(reads) });
    },
  };
}

/** Of each sort, in one region. */
const mostEntries = 2_000;

const cursorShape = z.object({
  sizes: z.record(z.string(), z.object({ size: z.string(), at: z.string(), id: z.string() })),
  states: z.record(z.string(), z.object({ runs: z.boolean(), at: z.string() })),
  reads: z.record(z.string(), z.string()),
});

function readCursor(cursor: string | undefined): z.infer<typeof cursorShape> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return cursorShape.parse(JSON.parse(cursor));
  } catch {
    return undefined;
  }
}
