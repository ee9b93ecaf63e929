/** Reads a look to its end, as the store would keep it. */
import type { Batch, Cursors } from '../../../../src/bot/ports.ts';
import type { Kind, Observation, Of } from '../../../../src/checks/observation.ts';

export type Drained = { observations: Observation[]; raw: Record<string, unknown>; cursors: Cursors };

export async function drain(batches: AsyncIterable<Batch>, before: Cursors = {}): Promise<Drained> {
  const all: Drained = { observations: [], raw: {}, cursors: { ...before } };
  for await (const batch of batches) {
    all.observations.push(...batch.observations);
    Object.assign(all.raw, batch.raw);
    Object.assign(all.cursors, batch.cursors);
  }
  return all;
}

export const ofKind = <K extends Kind>({ observations }: Pick<Drained, 'observations'>, kind: K): Of<K>[] =>
  observations.filter((one): one is Of<K> => one.kind === kind);
export const gapsOf = (drained: Pick<Drained, 'observations'>): (string | undefined)[] =>
  ofKind(drained, 'look.finished')
    .filter((one) => !one.complete)
    .map((one) => one.gap);
