import { monitorEventLoopDelay } from 'node:perf_hooks';
import { drawSpend } from '../src/adapters/chart/chart.ts';
import { createRandom } from '../src/adapters/simulated/random.ts';
import type { ChartSpec } from '../src/bot/digest.ts';
import { daysBetween } from '../src/bot/forecast.ts';
import { type Measure, median } from './support/figure.ts';

export const measure: Measure = {
  about: 'The digest’s picture: 30 days, 7 services, as PNG. The first one also loads Vega and the fonts.',
  async run() {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const first = await timed();
    delay.enable();
    const again = [await timed(), await timed(), await timed(), await timed(), await timed()];
    delay.disable();
    return [
      { what: 'the first picture', value: first, unit: 'ms' },
      { what: 'a later picture (middle of 5)', value: median(again), unit: 'ms' },
      { what: 'longest the event loop stood still', value: delay.max / 1e6, unit: 'ms' },
    ];
  },
};

async function timed(): Promise<number> {
  const began = performance.now();
  await drawSpend(madeUp());
  return performance.now() - began;
}

function madeUp(): ChartSpec {
  const chance = createRandom(3, 'costs');
  const days = daysBetween('2026-10-24', '2026-11-22');
  const services = ['EC2', 'RDS', 'S3', 'CloudFront', 'CloudWatch', 'Lambda', '9 other services'];
  return {
    title: 'Usage by service',
    currency: 'USD',
    days,
    marked: '2026-11-22',
    provisional: ['2026-11-21', '2026-11-22'],
    series: services.map((name, n) => ({ name: `Amazon ${name}`, amounts: days.map(() => (100 / (n + 1)) * (0.8 + 0.4 * chance.next())) })),
    alt: 'costs by day',
  };
}
