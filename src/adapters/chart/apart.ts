/** Pictures drawn in a thread that ends when nobody wanted one for a while: its libraries need tens of megabytes and are wanted once a day. */
import type { ChartSpec } from '../../bot/digest.ts';
import type { StoryChart } from '../../bot/story-chart.ts';
import { openPainter, type Painter } from './story-painter.ts';

export type Pictures = {
  draw(chart: ChartSpec | StoryChart): Promise<{ png: Uint8Array; alt: string }>;
  close(): Promise<void>;
};

/** `idleSeconds`: how long the thread waits for the next picture, in real time. */
export function openPictures(idleSeconds = 60): Pictures {
  let painter: Painter | undefined;
  let rest: NodeJS.Timeout | undefined;
  let drawing = 0;

  async function close(): Promise<void> {
    clearTimeout(rest);
    const own = painter;
    painter = undefined;
    await own?.close();
  }

  return {
    async draw(chart) {
      clearTimeout(rest);
      painter ??= openPainter();
      drawing += 1;
      try {
        return await painter.draw(chart);
      } finally {
        drawing -= 1;
        if (drawing === 0) rest = setTimeout(() => void close(), idleSeconds * 1000).unref();
      }
    },
    close,
  };
}
