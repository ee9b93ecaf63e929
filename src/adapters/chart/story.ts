/**
 * The picture of a money story: bars for the days, the band between which an ordinary day stays, and on top, in another colour, what was more.
 * The same card, letters and colours as the digest's picture.
 */
import type { StoryChart } from '../../bot/story-chart.ts';
import { cut, dayAndMonth, money } from '../../bot/words.ts';
import { amountAxis, clean, colours, dayAxis, font, height, titleStyle, width } from './chart.ts';

const kinds = { usual: 'as usual', more: 'more than usual', band: 'range of ordinary days, dashed: the usual one' };
const kindColours = { usual: '#56b4e9', more: '#ff8552', band: '#8f9bb0' };

/** In one line of the card. */
const mostLetters = 76;

/** The picture in Vega-Lite's words. Names only ever are data in it, never expressions. */
export function storyDrawing(chart: StoryChart): object {
  const days = chart.days.map(({ day }) => day);
  const bars = chart.days.flatMap((one) => {
    const over = one.isStory ? Math.max(0, one.spent - one.expected) : 0;
    const common = { day: one.day, firm: !one.isPartial };
    return one.isKnown
      ? [
          { ...common, kind: kinds.usual, order: 0, amount: one.spent - over },
          { ...common, kind: kinds.more, order: 1, amount: over },
        ]
      : [];
  });
  const band = chart.days.map(({ day, low, high }) => ({ day, low, high, kind: kinds.band }));
  const expected = chart.days.map((one) => ({ day: one.day, expected: one.expected }));
  const unknown = chart.days.filter(({ isKnown }) => !isKnown).map(({ day }) => ({ day }));
  const peak = chart.days.filter(({ isStory }) => isStory).sort((a, b) => b.spent - a.spent)[0];
  const label = peak ? [{ day: peak.day, at: peak.spent, label: money(peak.spent, chart.currency) }] : [];
  // A band that is wide for a day or two must not make the bars small.
  const top = 1.08 * Math.max(1, ...chart.days.map(({ spent }) => spent));
  const scale = { domainMax: top };
  const x = { field: 'day', ...dayAxis(days, dayLabels(chart)) };
  const color = {
    field: 'kind',
    type: 'nominal',
    scale: { domain: Object.values(kinds), range: Object.values(kindColours) },
    legend: {
      title: null,
      orient: 'top',
      direction: 'horizontal',
      offset: 10,
      labelColor: colours.text,
      labelFontSize: 13,
      labelLimit: 0,
      columnPadding: 22,
      symbolType: 'square',
      symbolSize: 130,
      symbolStrokeWidth: 0,
      symbolOpacity: 1,
    },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: width - 116,
    height: height - 146,
    padding: { left: 22, right: 22, top: 20, bottom: 16 },
    title: {
      text: cut(clean(chart.title), mostLetters),
      subtitle: clean(chart.subtitle),
      offset: 10,
      ...titleStyle,
    },
    layer: [
      {
        data: { values: unknown },
        mark: { type: 'bar', color: colours.mark, opacity: 0.07 },
        encoding: { x, y: { type: 'quantitative', value: 0 }, y2: { value: 'height' } },
      },
      {
        data: { values: bars },
        mark: 'bar',
        encoding: {
          x,
          y: {
            field: 'amount',
            type: 'quantitative',
            stack: 'zero',
            scale,
            axis: amountAxis(chart.currency),
          },
          color,
          order: { field: 'order', type: 'quantitative' },
          opacity: { condition: { test: 'datum.firm', value: 1 }, value: 0.5 },
        },
      },
      {
        data: { values: band },
        mark: { type: 'area', opacity: 0.3, interpolate: 'step', clip: true },
        encoding: { x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' }, color },
      },
      {
        data: { values: expected },
        mark: { type: 'line', color: colours.text, strokeWidth: 1.5, strokeDash: [4, 3], opacity: 0.8, interpolate: 'step', clip: true },
        encoding: { x, y: { field: 'expected', type: 'quantitative' } },
      },
      {
        data: { values: label },
        mark: { type: 'text', dy: -11, fontSize: 15, fontWeight: 600, color: colours.mark },
        encoding: { x, y: { field: 'at', type: 'quantitative' }, text: { field: 'label', type: 'nominal' } },
      },
    ],
    config: {
      background: 'transparent',
      font,
      view: { stroke: null },
      axis: { labelFont: font },
      title: { font, subtitleFont: font },
    },
  };
}

/** About six days are named, the story's first one among them; the scale's values are our own days, so the expression holds no foreign text. */
function dayLabels({ days }: StoryChart): string {
  const step = Math.max(1, Math.ceil(days.length / 7));
  const anchor = Math.max(
    0,
    days.findIndex(({ isStory }) => isStory),
  );
  const shown = Object.fromEntries(
    days
      .filter((_, n) => (n - anchor) % step === 0)
      .map(({ day }) => [day, `${Number(day.slice(8, 10))} ${dayAndMonth(day).split(' ')[1]?.slice(0, 3) ?? ''}`]),
  );
  return `(${JSON.stringify(shown)})[datum.value] || ''`;
}
