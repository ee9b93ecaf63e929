import { describe, expect, it, onTestFinished } from 'vitest';
import { openPictures } from '../../../src/adapters/chart/apart.ts';
import { drawSpend } from '../../../src/adapters/chart/chart.ts';
import type { ChartSpec } from '../../../src/bot/digest.ts';
import { daysBetween } from '../../../src/bot/forecast.ts';

const days = daysBetween('2026-10-24', '2026-11-22');
const spec = (over: Partial<ChartSpec> = {}): ChartSpec => ({
  title: 'Usage by service',
  currency: 'USD',
  days,
  marked: '2026-11-22',
  provisional: ['2026-11-22'],
  series: [
    { name: 'Amazon EC2', amounts: days.map((_, n) => 50 + n) },
    { name: '3 other services', amounts: days.map(() => 12) },
  ],
  alt: 'costs by day',
  ...over,
});
const sizeOf = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
};

describe('the picture of thirty days', () => {
  it('is a PNG of twice 760 × 400 with its words beside it', async () => {
    const { png, alt } = await drawSpend(spec());

    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(sizeOf(png)).toEqual({ width: 1520, height: 800 });
    expect(png.length).toBeLessThan(300_000);
    expect(alt).toBe('costs by day');
  });

  it('has letters: without its fonts it would be much the same picture for every title', async () => {
    const one = await drawSpend(spec({ title: 'Usage by service' }));
    const other = await drawSpend(spec({ title: 'W' }));

    expect(Math.abs(one.png.length - other.png.length)).toBeGreaterThan(1000);
  });

  it('draws the same twice', async () => {
    const [one, other] = await Promise.all([drawSpend(spec()), drawSpend(spec())]);

    expect(one.png).toEqual(other.png);
  });

  it('shows the usual range and the days to come, each where it is known', async () => {
    const plain = await drawSpend(spec());
    const usual = await drawSpend(spec({ usual: days.map((day) => ({ day, low: 40, high: 90 })) }));
    const ahead = await drawSpend(spec({ days: [...days, '2026-11-23'], ahead: [{ day: '2026-11-23', amount: 60 }] }));

    expect(new Set([plain, usual, ahead].map(({ png }) => png.length)).size).toBe(3);
  });

  it('is the same when it is drawn in a thread of its own, also after that thread has ended', async () => {
    const pictures = openPictures();
    onTestFinished(pictures.close);
    const here = await drawSpend(spec());

    const there = await pictures.draw(spec());
    await pictures.close();
    const again = await pictures.draw(spec());

    expect(there).toEqual(here);
    expect(again.png).toEqual(here.png);
  });

  it.each([
    [
      'seven days named by their weekday',
      { days: days.slice(-7), marked: '', weekdays: true, series: [{ name: 'a', amounts: [1, 2, 3, 4, 5, 6, 7] }] },
    ],
    ['a range of one day', { usual: [{ day: '2026-11-22', low: 1, high: 2 }] }],
    [
      'names that are markup, half letters or nothing',
      { series: ['</text><script>', '\ud800\u0000', '', '', '"\\'].map((name) => ({ name, amounts: days.map(() => 1) })) },
    ],
    ['nothing but nothing', { series: [{ name: 'a', amounts: days.map(() => 0) }] }],
    ['refunds larger than use', { series: [{ name: 'a', amounts: days.map((_, n) => (n % 2 ? -40 : 10)) }] }],
    ['a currency nobody knows', { currency: '"+alert(1)+"' }],
    ['no series', { series: [] }],
    ['a marked day outside', { marked: '2027-01-01' }],
  ] satisfies [string, Partial<ChartSpec>][])('is drawn with %s', async (_, over) => {
    const { png } = await drawSpend(spec(over));

    expect(sizeOf(png)).toEqual({ width: 1520, height: 800 });
  });
});
