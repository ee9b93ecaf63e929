/**
 * `npm run bench [-- NAME…] [--json]`: prints the figures of speed and size, each with its target. Nothing is asserted: a slow or busy
 * machine must not make a test fail. Every measure runs in a process of its own, one after the other.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { asTable } from '../src/cli/terminal.ts';
import type { Figure, Measure } from './support/figure.ts';

/** In the order in which they are run. */
const measures: Record<string, () => Promise<{ measure: Measure }>> = {
  start: () => import('./start.ts'),
  idle: () => import('./idle.ts'),
  press: () => import('./press.ts'),
  alert: () => import('./alert.ts'),
  sweep: () => import('./sweep.ts'),
  replay: () => import('./replay.ts'),
  merge: () => import('./merge.ts'),
  checks: () => import('./checks.ts'),
  judge: () => import('./judge.ts'),
  backtest: () => import('./backtest.ts'),
  store: () => import('./store.ts'),
  chart: () => import('./chart.ts'),
};
type Line = Figure & { measure: string; seconds: number };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const unknown = positionals.filter((name) => !(name in measures));

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`There is no measure ${unknown.join(', ')}.\n`);
  process.stderr.write(`npm run bench -- [${Object.keys(measures).join(' | ')}] [--json]\n`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else if (values.only) {
  await measureHere(values.only);
} else {
  await measureAll(positionals.length > 0 ? positionals : Object.keys(measures));
}

async function measureAll(names: string[]): Promise<void> {
  const lines: Line[] = [];
  for (const name of names) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${name} …`);
    const of = await inItsOwnProcess(name);
    if (of === undefined) process.exitCode = 1;
    lines.push(...(of ?? []));
    if (values.json) for (const line of of ?? []) process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  if (values.json) return;
  const rows = lines.map((line) => [line.measure, line.what, shown(line.value, line.unit), target(line), line.note ?? '']);
  process.stdout.write(asTable(['measure', 'figure', 'measured', 'target', 'note'], rows, 400));
}

/** Undefined when it broke; why stands on standard error. */
function inItsOwnProcess(name: string): Promise<Line[] | undefined> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', import.meta.filename, '--only', name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? (JSON.parse(said) as Line[]) : undefined));
  });
}

async function measureHere(name: string): Promise<void> {
  const load = measures[name];
  if (!load) throw new Error(`There is no measure ${name}.`);
  const began = performance.now();
  const figures = await (await load()).measure.run();
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  process.stdout.write(JSON.stringify(figures.map((figure) => ({ measure: name, ...figure, seconds }))));
}

function target({ atMost, unit, value }: Figure): string {
  if (atMost === undefined) return '';
  return `≤ ${shown(atMost, unit)}${value <= atMost ? '' : '  ✗'}`;
}

function shown(value: number, unit: Figure['unit']): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = value.toLocaleString('en-US', {
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
    maximumFractionDigits: digits,
  });
  return unit === '' ? number : `${number} ${unit}`;
}
