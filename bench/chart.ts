import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openPictures, type Pictures } from '../src/adapters/chart/apart.ts';
import { createRandom } from '../src/adapters/simulated/random.ts';
import type { ChartSpec } from '../src/bot/digest.ts';
import { daysBetween } from '../src/bot/forecast.ts';
import { type Measure, median } from './support/figure.ts';

export const measure: Measure = {
  about:
    'The digest’s picture as the bot draws it, in a thread of its own: 30 days, 7 services, the usual range and 8 days to come, as PNG. The first one also starts the thread and loads Vega and the fonts.',
  async run() {
    const pictures = openPictures();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const first = await timed(pictures);
    const again = [await timed(pictures), await timed(pictures), await timed(pictures), await timed(pictures), await timed(pictures)];
    delay.disable();
    await pictures.close();
    return [
      { what: 'the first picture', value: first, unit: 'ms' },
      { what: 'a later picture (middle of 5)', value: median(again), unit: 'ms', atMost: 300 },
      { what: 'longest the event loop stood still', value: delay.max / 1e6, unit: 'ms' },
    ];
  },
};

async function timed(pictures: Pictures): Promise<number> {
  const began = performance.now();
  await pictures.draw(madeUp());
  return performance.now() - began;
}

function madeUp(): ChartSpec {
  const chance = createRandom(3, 'costs');
  const days = daysBetween('2026-10-24', '2026-11-22');
  const ahead = daysBetween('2026-11-23', '2026-11-30').map((day) => ({ day, amount: 250 }));
  const services = ['EC2', 'RDS', 'S3', 'CloudFront', 'CloudWatch', 'Lambda', '9 other services'];
  return {
    title: 'Usage by service',
    currency: 'USD',
    days: [...days, ...ahead.map(({ day }) => day)],
    marked: '2026-11-22',
    provisional: ['2026-11-21', '2026-11-22'],
    series: services.map((name, n) => ({ name: `Amazon ${name}`, amounts: days.map(() => (100 / (n + 1)) * (0.8 + 0.4 * chance.next())) })),
    usual: days.map((day) => ({ day, low: 220, high: 290 })),
    ahead,
    alt: 'costs by day',
  };
}
