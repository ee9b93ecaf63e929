/** Runs beside each other, as many as asked; the answers come in the order of the runs. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Outcome, Run } from './run.ts';

/** Rejects with the first run that breaks: a bench that leaves something out would flatter. */
export async function runAll(runs: readonly Run[], jobs: number, onDone: (done: number) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  let done = 0;
  async function work(): Promise<void> {
    const worker = new Worker(new URL('./run.ts', import.meta.url), { workerData: 'bench of detection' });
    try {
      while (next < runs.length) {
        const index = next++;
        outcomes[index] = await ask(worker, runs[index]!);
        onDone(++done);
      }
    } finally {
      await worker.terminate();
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, work));
  return outcomes;
}

async function ask(worker: Worker, run: Run): Promise<Outcome> {
  worker.postMessage(run);
  const [{ outcome, failed }] = (await once(worker, 'message')) as [{ outcome?: Outcome; failed?: string }];
  if (outcome) return outcome;
  throw new Error(`${run.file}${run.host ? ` in the account of ${run.host}` : ''}: ${failed}`);
}
