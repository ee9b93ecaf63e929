/**
 * The digest's pictures: a month, a week or thirty days of cost as stacked bars by service, with the band of what is usual over them and what is
 * expected of the days to come as dashed outlines. Drawn to be read in a chat window: few labels, large letters, on a dark
 * card of its own, so that it looks the same in light and dark themes. Colours are told apart by people who see fewer of them.
 */
import { fileURLToPath } from 'node:url';
import type { ChartSpec } from '../../bot/digest.ts';
import { cut, dayAndMonth, money, weekdayOf } from '../../bot/words.ts';

export const width = 760;
export const height = 400;
/** Pixels per unit: sharp on the screens of telephones. */
const zoom = 2;
export const font = 'Inter';
export const colours = {
  card: '#1f242d',
  edge: '#3a4250',
  text: '#eef1f5',
  quiet: '#a6b0be',
  grid: '#343c49',
  mark: '#ffffff',
  band: '#ffffff',
  ahead: '#c3ccd8',
  // After Okabe and Ito, lightened for a dark ground; the last is for the rest.
  services: ['#56b4e9', '#f0a331', '#35c79b', '#e58ab8', '#f2e668', '#8f9bff'],
  rest: '#7e8998',
};

/** Draws the picture. `alt` says in words what it shows. Vega is loaded at the first picture; nothing is read from the network or the system's fonts. */
export async function drawSpend(spec: ChartSpec): Promise<{ png: Uint8Array; alt: string }> {
  return { png: await render(spendDrawing(spec)), alt: spec.alt };
}

/** A drawing in Vega-Lite's words as a PNG on its card. */
export async function render(spec: object): Promise<Uint8Array> {
  const [vega, vegaLite, { renderAsync }] = await Promise.all([import('vega'), import('vega-lite'), import('@resvg/resvg-js')]);
  const silent = { level: () => silent, error: () => silent, warn: () => silent, info: () => silent, debug: () => silent } as never;
  const compiled = vegaLite.compile(spec as never, { logger: silent }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent });
  try {
    const svg = framed(await view.toSVG());
    const image = await renderAsync(svg, {
      fitTo: { mode: 'zoom', value: zoom },
      font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: font },
    });
    return new Uint8Array(image.asPng());
  } finally {
    view.finalize();
  }
}

const fontFiles = (): string[] =>
  ['Inter-Regular.otf', 'Inter-SemiBold.otf'].map((name) => fileURLToPath(new URL(`./fonts/${name}`, import.meta.url)));

/** The picture in Vega-Lite's words. Names only ever are data in it, never expressions. */
export function spendDrawing(spec: ChartSpec): object {
  const names = unique(spec.series.map((series) => shortService(series.name)));
  const provisional = new Set(spec.provisional);
  const values = spec.series.flatMap((series, at) =>
    spec.days.slice(0, series.amounts.length).map((day, n) => ({
      day,
      service: names[at] ?? '',
      order: at,
      amount: series.amounts[n] ?? 0,
      firm: !provisional.has(day),
    })),
  );
  const at = spec.days.indexOf(spec.marked);
  const net = spec.series.reduce((sum, series) => sum + (series.amounts[at] ?? 0), 0);
  const marked = at < 0 ? [] : [{ day: spec.marked, label: money(net, spec.currency) }];
  const hasRest = spec.series.length > colours.services.length;
  const range = names.map((_, n) => (hasRest && n === names.length - 1 ? colours.rest : (colours.services[n] ?? colours.rest)));
  // The same in every layer: Vega-Lite makes one axis of them.
  const x = { field: 'day', ...dayAxis(spec.days, dayLabels(spec)) };
  const y = { type: 'quantitative' };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: width - 324,
    height: height - 138,
    padding: { left: 22, right: 22, top: 20, bottom: 16 },
    title: {
      text: clean(spec.title),
      subtitle: subtitle(spec),
      offset: 24,
      ...titleStyle,
    },
    layer: [
      {
        data: { values: marked },
        mark: { type: 'bar', color: colours.mark, opacity: 0.09 },
        encoding: { x, y: { ...y, value: 0 }, y2: { value: 'height' } },
      },
      {
        data: { values },
        mark: 'bar',
        encoding: {
          x,
          y: {
            ...y,
            field: 'amount',
            stack: 'zero',
            axis: amountAxis(spec.currency),
          },
          color: {
            field: 'service',
            type: 'nominal',
            scale: { domain: names, range },
            legend: {
              title: null,
              orient: 'right',
              offset: 18,
              labelColor: colours.text,
              labelFontSize: 13,
              labelLimit: 0,
              rowPadding: 7,
              symbolType: 'square',
              symbolSize: 130,
              symbolStrokeWidth: 0,
            },
          },
          order: { field: 'order', type: 'quantitative' },
          opacity: { condition: { test: 'datum.firm', value: 1 }, value: 0.5 },
        },
      },
      ...bandLayers(spec, x, y),
      ...aheadLayers(spec, x, y),
      {
        data: { values: marked },
        mark: {
          type: 'text',
          dy: -11,
          fontSize: 15,
          fontWeight: 600,
          color: colours.mark,
        },
        encoding: { x, y: { ...y, value: 0 }, text: { field: 'label', type: 'nominal' } },
      },
    ],
    config: { background: 'transparent', font, view: { stroke: null }, axis: { labelFont: font }, title: { font, subtitleFont: font } },
  };
}

/** Over the bars, since a band behind them could not be seen: two thin lines and a breath of white between. */
function bandLayers({ usual = [] }: ChartSpec, x: object, y: object): object[] {
  if (usual.length < 2) return [];
  const data = { values: usual };
  const edge = (field: string) => ({
    data,
    mark: { type: 'line', color: colours.band, opacity: 0.85, strokeWidth: 1.3, interpolate: 'monotone' },
    encoding: { x, y: { ...y, field } },
  });
  return [
    {
      data,
      mark: { type: 'area', color: colours.band, opacity: 0.16, interpolate: 'monotone' },
      encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
    },
    edge('low'),
    edge('high'),
  ];
}

function aheadLayers({ ahead = [] }: ChartSpec, x: object, y: object): object[] {
  if (ahead.length === 0) return [];
  return [
    {
      data: { values: ahead },
      mark: { type: 'bar', fill: colours.ahead, fillOpacity: 0.1, stroke: colours.ahead, strokeWidth: 1, strokeDash: [3, 3] },
      encoding: { x, y: { ...y, field: 'amount', stack: null } },
    },
  ];
}

/** What the marks mean; each only where it is drawn. */
function subtitle({ marked, provisional, usual = [], ahead = [] }: ChartSpec): string {
  return [
    ...(marked ? [`${dayAndMonth(marked)} is marked`] : []),
    ...(usual.length > 1 ? ['white: usual range'] : []),
    ...(ahead.length > 0 ? ['dashed: expected'] : []),
    ...(provisional.length > 0 ? ['paler: still growing'] : []),
  ].join(' · ');
}

/** Each day of a week, else every seventh day counted from the marked one; the ordinal scale's values are our own days, so the expression holds no foreign text. */
function dayLabels(spec: ChartSpec): string {
  const last = Math.max(0, spec.days.indexOf(spec.marked));
  const month = (day: string) => dayAndMonth(day).split(' ')[1]?.slice(0, 3) ?? '';
  const shown = Object.fromEntries(
    spec.days
      .filter((_, n) => spec.weekdays === true || (((last - n) % 7) + 7) % 7 === 0)
      .map((day) => [
        day,
        spec.weekdays ? `${weekdayOf(day).slice(0, 3)} ${Number(day.slice(8, 10))}` : `${Number(day.slice(8, 10))} ${month(day)}`,
      ]),
  );
  return `(${JSON.stringify(shown)})[datum.value] || ''`;
}

export const titleStyle = {
  anchor: 'start',
  frame: 'bounds',
  fontSize: 17,
  fontWeight: 600,
  color: colours.text,
  subtitleFontSize: 13,
  subtitleColor: colours.quiet,
  subtitlePadding: 6,
} as const;

export const dayAxis = (days: readonly string[], labelExpr: string) => ({
  type: 'ordinal',
  scale: { domain: days, paddingInner: 0.22 },
  axis: {
    title: null,
    labelExpr,
    labelAngle: 0,
    labelAlign: 'center',
    labelBaseline: 'top',
    labelOverlap: false,
    ticks: false,
    domainColor: colours.edge,
    labelColor: colours.quiet,
    labelFontSize: 13,
    labelPadding: 8,
  },
});

export const amountAxis = (currency: string) => ({
  title: null,
  labelExpr: amountLabels(currency),
  tickCount: 4,
  domain: false,
  ticks: false,
  gridColor: colours.grid,
  labelColor: colours.quiet,
  labelFontSize: 13,
  labelPadding: 8,
});

/** "$1.5k", "€20": the sign of the currency where there is one, else its code behind. */
export function amountLabels(currency: string): string {
  const sign = /^[A-Z]{3}$/.test(currency)
    ? new Intl.NumberFormat('en-US', { style: 'currency', currency }).formatToParts(1).find((part) => part.type === 'currency')?.value
    : undefined;
  const number = `(abs(datum.value) < 10 ? format(abs(datum.value), '~g') : format(abs(datum.value), '~s'))`;
  return `(datum.value < 0 ? '−' : '') + ${JSON.stringify(sign && sign !== currency ? sign : '')} + ${number} + ${JSON.stringify(sign && sign !== currency ? '' : ` ${clean(currency).slice(0, 8)}`)}`;
}

/** The provider's own name in front of each service says nothing in a legend. */
const shortService = (name: string): string =>
  cut(shortened(clean(name).replace(/^(Amazon|AWS|Azure|Google Cloud|Microsoft)\s*(?=[A-Z])/, '')), 26) || 'unnamed';

/** As everybody calls them: written out they do not fit. */
const shortened = (name: string): string =>
  name
    .replace('Elastic Compute Cloud', 'EC2')
    .replace('Relational Database Service', 'RDS')
    .replace('Simple Storage Service', 'S3')
    .replace('Elastic Container Service', 'ECS');

function unique(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

// XML knows no control characters and no half letters; one of them would cost the whole picture.
// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the purpose
const notXml = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/g;
export const clean = (text: string): string => text.toWellFormed().replace(notXml, ' ').trim();

/** Puts the drawing on a card with round corners. */
function framed(svg: string): string {
  const card = `<rect x="1" y="1" width="${width - 2}" height="${height - 2}" rx="14" fill="${colours.card}" stroke="${colours.edge}" stroke-width="1"/>`;
  const inner = svg.slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'));
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${card}${inner}</svg>`;
}
