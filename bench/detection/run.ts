/** One run of the bench, as plain data: what is played, and what came of it. Runs in a worker, since each is on its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadPrices } from '../../src/adapters/aws/prices.ts';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { openDelivery } from './delivery.ts';
import { type Life, live, type Told } from './live.ts';
import { intoAccount } from './merge.ts';
import { loadEventNames } from './peers/event-names.ts';
import { type Peer, peersTold } from './peers.ts';

/** `host`: the scenario in whose account the attack is played; its own when absent. `peers`: also let the others watch, until that time. */
export type Run = Life & { file: string; host?: string; peers?: { untilMs: number; assumedUsdPerHour: number } };
export type Outcome = { told: Told[]; broken: string[]; peers?: Record<Peer, Told[]> };

export async function run({ file, host, peers, ...life }: Run): Promise<Outcome> {
  const own = await readScenario(file);
  const scenario = host === undefined ? own : intoAccount(own, await readScenario(host));
  const { told, broken, records, meters } = await live(scenario, life);
  if (!peers) return { told, broken };
  return {
    told,
    broken,
    peers: peersTold({
      scenario,
      records,
      meters,
      startMs: life.startMs,
      endMs: peers.untilMs,
      delivery: openDelivery(life.seed),
      push: life.hearing === 'push',
      prices: loadPrices(),
      assumedUsdPerHour: peers.assumedUsdPerHour,
      list: loadEventNames(),
    }),
  };
}

if (workerData === 'bench of detection')
  parentPort?.on('message', async (one: Run) => {
    try {
      parentPort?.postMessage({ outcome: await run(one) });
    } catch (error) {
      parentPort?.postMessage({ failed: error instanceof Error ? error.stack : String(error) });
    }
  });
