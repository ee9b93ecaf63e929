import { performance } from 'node:perf_hooks';
import { afterAll, describe, expect, it } from 'vitest';
import { openPainter } from '../../../src/adapters/chart/story-painter.ts';
import { daysBetween } from '../../../src/bot/forecast.ts';
import type { StoryChart, StoryChartDay } from '../../../src/bot/story-chart.ts';

const painter = openPainter();
afterAll(() => painter.close());

const days = daysBetween('2026-10-11', '2026-11-24');
const chart = (over: Partial<StoryChart> = {}, day: (n: number) => Partial<StoryChartDay> = () => ({})): StoryChart => ({
  title: 'Amazon EC2 in ap-northeast-1 · production',
  subtitle: '$2,100 more than usual on 3 days',
  currency: 'USD',
  days: days.map((one, n) => ({
    day: one,
    spent: n < 40 ? 100 : 800,
    expected: 100,
    low: 60,
    high: 140,
    isStory: n >= 40,
    isKnown: n !== 10,
    isPartial: n === 44,
    ...day(n),
  })),
  alt: 'a money story',
  ...over,
});
const sizeOf = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
};

describe('the picture of a money story', () => {
  it('is a PNG of twice 760 × 400 with its words beside it', async () => {
    const { png, alt } = await painter.draw(chart());

    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(sizeOf(png)).toEqual({ width: 1520, height: 800 });
    expect(png.length).toBeLessThan(300_000);
    expect(alt).toBe('a money story');
  });

  it('shows the excess, the band and the gap: each changes it', async () => {
    const pictures = await Promise.all(
      [chart(), chart({}, () => ({ isStory: false })), chart({}, () => ({ high: 500 })), chart({}, () => ({ isKnown: true }))].map((one) =>
        painter.draw(one),
      ),
    );

    expect(new Set(pictures.map(({ png }) => Buffer.from(png).toString('base64'))).size).toBe(4);
  });

  it('is drawn while everything else goes on', async () => {
    const turns: number[] = [];
    let isDone = false;
    const drawn = painter.draw(chart()).finally(() => {
      isDone = true;
    });
    let before = performance.now();
    while (!isDone) {
      await new Promise((turn) => setImmediate(turn));
      const now = performance.now();
      turns.push(now - before);
      before = now;
    }

    await drawn;
    // The thread that asks has turns all the while: it is not the one that draws.
    expect(turns.length).toBeGreaterThan(20);
  });

  it.each([
    ['markup and half letters in names', chart({ title: '</text><script>\ud800\u0000', subtitle: '"\\' })],
    ['a title of any length', chart({ title: 'x'.repeat(5000) })],
    ['a currency nobody knows', chart({ currency: '"+alert(1)+"' })],
    ['refunds larger than use', chart({}, (n) => ({ spent: n % 2 ? -40 : 10, low: -10 }))],
    ['a single day', chart({ days: chart().days.slice(-1) })],
    ['no day', chart({ days: [] })],
    ['nothing but nothing', chart({}, () => ({ spent: 0, expected: 0, low: 0, high: 0 }))],
  ])('is drawn with %s', async (_, one) => {
    const { png } = await painter.draw(one);

    expect(sizeOf(png)).toEqual({ width: 1520, height: 800 });
  });

  it('is refused by a painter that is closed before it is finished', async () => {
    const own = openPainter();
    const drawn = own.draw(chart());
    const refused = expect(drawn).rejects.toThrow('the picture was not finished');

    await own.close();

    await refused;
  });
});
