/** The thread that draws: the chart of a story or a digest comes in, a PNG goes out. */
import { parentPort } from 'node:worker_threads';
import type { ChartSpec } from '../../bot/digest.ts';
import type { StoryChart } from '../../bot/story-chart.ts';
import { render, spendDrawing } from './chart.ts';
import { storyDrawing } from './story.ts';

parentPort?.on('message', async ({ number, chart }: { number: number; chart: StoryChart | ChartSpec }) => {
  try {
    const png = await render('series' in chart ? spendDrawing(chart) : storyDrawing(chart));
    parentPort?.postMessage({ number, png });
  } catch (error) {
    parentPort?.postMessage({ number, error: error instanceof Error ? error.message : String(error) });
  }
});
