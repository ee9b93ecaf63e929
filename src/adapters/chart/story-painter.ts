/** Draws in a thread of its own: whoever waits for a picture answers everybody else meanwhile. */
import { Worker } from 'node:worker_threads';
import type { ChartSpec } from '../../bot/digest.ts';
import type { StoryChart } from '../../bot/story-chart.ts';

export type Painter = {
  /** A PNG. Rejects when it cannot be drawn, or the painter is closed before it is. */
  draw(chart: StoryChart | ChartSpec): Promise<{ png: Uint8Array; alt: string }>;
  close(): Promise<void>;
};
type Answer = { number: number; png: Uint8Array } | { number: number; error: string };

/** The thread begins with the first picture. It keeps no process alive that has nothing else to do, once its pictures are drawn. */
export function openPainter(): Painter {
  const waiting = new Map<number, { done(png: Uint8Array): void; failed(error: Error): void }>();
  let worker: Worker | undefined;
  let count = 0;

  function started(): Worker {
    const own = new Worker(new URL('./story-worker.ts', import.meta.url));
    own.on('message', (answer: Answer) => {
      const one = waiting.get(answer.number);
      waiting.delete(answer.number);
      if ('png' in answer) one?.done(answer.png);
      else one?.failed(new Error(answer.error));
      if (waiting.size === 0) own.unref();
    });
    const end = (why: Error) => {
      if (worker === own) worker = undefined;
      for (const { failed } of waiting.values()) failed(why);
      waiting.clear();
    };
    own.once('error', end);
    own.once('exit', () => end(new Error('the picture was not finished')));
    return own;
  }

  return {
    draw(chart) {
      worker ??= started();
      worker.ref();
      count += 1;
      const number = count;
      const drawn = new Promise<Uint8Array>((done, failed) => waiting.set(number, { done, failed }));
      worker.postMessage({ number, chart });
      return drawn.then((png) => ({ png, alt: chart.alt }));
    },
    async close() {
      await worker?.terminate();
    },
  };
}
