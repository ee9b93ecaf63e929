/** How late what happened is heard, as fixed in bench/delivery.yaml before anything was measured. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { createRandom } from '../../src/adapters/simulated/random.ts';

const uniform = z.strictObject({
  distribution: z.literal('uniform'),
  seconds: z.tuple([z.number(), z.number()]),
  never: z.number().default(0),
});
const schema = z.strictObject({
  logLookup: z.strictObject({
    distribution: z.literal('lognormal'),
    medianMinutes: z.number(),
    p95Minutes: z.number(),
    laterThan: z.strictObject({ '60m': z.number(), '6h': z.number() }),
  }),
  push: uniform,
  stateChange: uniform,
  inventory: uniform,
  duplicates: z.number(),
});

/** Milliseconds from when something happened until it can be heard; the same for the same thing, whatever else is drawn. */
export type Delivery = {
  lookup(id: string): number;
  /** Undefined: it never arrives. */
  push(id: string): number | undefined;
  stateChange(id: string): number;
  inventory(id: string): number;
  /** It arrives a second time. */
  isDoubled(id: string): boolean;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** The 95th percentile of the standard normal distribution. */
const z95 = 1.6448536269514722;

export function openDelivery(seed: number, file: URL | string = new URL('../delivery.yaml', import.meta.url)): Delivery {
  const { logLookup, push, stateChange, inventory, duplicates } = schema.parse(parse(readFileSync(file, 'utf8')));
  const mu = Math.log(logLookup.medianMinutes);
  const sigma = (Math.log(logLookup.p95Minutes) - mu) / z95;
  const later = logLookup.laterThan;
  const within = ({ seconds: [from, to] }: z.infer<typeof uniform>, chance: number): number => (from + chance * (to - from)) * 1000;

  return {
    lookup(id) {
      const random = createRandom(seed, `lookup ${id}`);
      const chance = random.next();
      // The tail is drawn apart: later than six hours up to a day, later than one hour up to six.
      if (chance < later['6h']) return 6 * hourMs + random.next() * 18 * hourMs;
      if (chance < later['60m']) return hourMs + random.next() * 5 * hourMs;
      return Math.min(hourMs, Math.exp(mu + sigma * random.normal()) * minuteMs);
    },
    push(id) {
      const random = createRandom(seed, `push ${id}`);
      return random.next() < push.never ? undefined : within(push, random.next());
    },
    stateChange: (id) => within(stateChange, createRandom(seed, `state ${id}`).next()),
    inventory: (id) => within(inventory, createRandom(seed, `inventory ${id}`).next()),
    isDoubled: (id) => createRandom(seed, `twice ${id}`).next() < duplicates,
  };
}
