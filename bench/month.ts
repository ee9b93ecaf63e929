/**
 * `npm run bench:month [-- NAME…] [--days 30] [--json]`: what watching one account costs in a month, from the calls really made: the real
 * bot, sources and SDK clients on a simulated quiet account over HTTP. Counted at the account's door and in its log; beside it what the
 * bot's own meter says. Each run lives in a process of its own.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import {
  usdPerAnalysedCall,
  usdPerCostRequest,
  usdPerMetricRead,
  usdPerMetricRequest,
  usdPerQueueRequest,
} from '../src/adapters/aws/meter.ts';
import { asTable } from '../src/cli/terminal.ts';
import { type Day, type Lived, type Watched, watch } from './support/watched-month.ts';

type Run = Watched & { about: string; atMostUsd?: number };
const runs: Record<string, Run> = {
  'poll-only': {
    about: 'by polling alone, with Cost Explorer, the threat detector on in every region',
    ...{ profile: 'poll only', push: false, detector: true, costExplorer: true, days: 30, atMostUsd: 3 },
  },
  standard: {
    about: 'with push, with Cost Explorer, the threat detector on in every region',
    ...{ profile: 'standard', push: true, detector: true, costExplorer: true, days: 30, atMostUsd: 2 },
  },
  fast: {
    about: 'by polling as fast as the rates allow, with Cost Explorer, the threat detector on in every region',
    ...{ profile: 'fast', push: false, detector: true, costExplorer: true, days: 5 },
  },
  'poll-only-bare': {
    about: 'by polling alone, without Cost Explorer, the threat detector off',
    ...{ profile: 'poll only', push: false, detector: false, costExplorer: false, days: 30, atMostUsd: 0.1 },
  },
  'standard-bare': {
    about: 'with push, without Cost Explorer, the threat detector off',
    ...{ profile: 'standard', push: true, detector: false, costExplorer: false, days: 30, atMostUsd: 0.1 },
  },
  suspicion: {
    about: 'six hours of suspicion on the last of three days, by polling alone, the threat detector on in every region',
    ...{ profile: 'poll only', push: false, detector: true, costExplorer: true, days: 3, suspected: true },
  },
};

const monthDays = 30;
/** That have the detector on. */
const regions = 17;
/** USD per million events in Tokyo; 4.00 in us-east-1. */
const tokyoPerMillion = 4.72;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { days: { type: 'string' }, json: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(runs);
const unknown = names.filter((name) => !(name in runs));
const days = values.days === undefined ? undefined : Number(values.days);

if (values.only !== undefined) {
  const run = runs[values.only];
  if (!run) throw new Error(`There is no run ${values.only}.`);
  process.stdout.write(JSON.stringify(await watch({ ...run, days: days ?? run.days })));
} else if (values.help || unknown.length > 0 || (days !== undefined && !(days >= 2 && days <= monthDays))) {
  if (unknown.length > 0) process.stderr.write(`There is no run ${unknown.join(', ')}.\n`);
  process.stderr.write(`npm run bench:month -- [${Object.keys(runs).join(' | ')}] [--days 2 to ${monthDays}] [--json]\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  for (const name of names) await show(name);
}

async function show(name: string): Promise<void> {
  const run: Run = { ...runs[name]!, ...(days === undefined ? {} : { days }) };
  const began = performance.now();
  const lived = await inItsOwnProcess(name, run.days);
  if (!lived) {
    process.exitCode = 1;
    return;
  }
  const month = run.suspected ? difference(lived.days) : monthOf(lived.days);
  const cost = costOf(month);
  const seconds = Math.round((performance.now() - began) / 1000);
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ name, run, calls: callsOf(month), analysed: month.analysed, usd: { ...cost, metered: month.metered }, told: lived.told, seconds })}\n`,
    );
    return;
  }
  const how = run.suspected
    ? 'what the last day cost more than the day before'
    : lived.days.length >= monthDays
      ? `all ${monthDays} days lived`
      : `${lived.days.length} days lived; the first counted once, the others times ${((monthDays - 1) / (lived.days.length - 1)).toFixed(1)}`;
  const out = [`\n${name}: ${run.about}\n${how}, in ${seconds} s\n\n`];
  out.push(asTable(['calls of', 'a month', 'of these read by the detector'], callRows(month)));
  const target = run.atMostUsd === undefined ? '' : `  target ≤ ${usd(run.atMostUsd)} ${cost.total <= run.atMostUsd ? '✓' : '✗'}`;
  out.push(
    '\n',
    asTable(
      ['dollars for', 'a month'],
      [
        ['Cost Explorer', usd(cost.costExplorer)],
        ['the detector, reading our calls', usd(cost.detector)],
        ['metrics', usd(cost.metrics)],
        ['queues', usd(cost.queues)],
        ['together', `${usd(cost.total)}${target}`],
        ['by the bot’s own meter', usd(month.metered)],
        ['if the detector counts IAM’s calls in each of its regions', usd(cost.total + cost.globalAgain)],
        ['at the detector’s price in Tokyo in every region', usd(cost.total + cost.detector * (tokyoPerMillion / 4 - 1))],
      ],
    ),
    `\nstatus said:\n${lived.status}\n`,
    lived.told.length > 0 ? `\nIt told of ${lived.told.length}:\n${lived.told.join('\n')}\n` : '\nNobody was told of anything.\n',
  );
  process.stdout.write(out.join(''));
}

function costOf({ costRequests, metricsRead, metricRequests, queueRequests, analysed, analysedGlobal }: Day) {
  const costExplorer = costRequests * usdPerCostRequest;
  const detector = analysed * usdPerAnalysedCall;
  const metrics = metricsRead * usdPerMetricRead + metricRequests * usdPerMetricRequest;
  const queues = queueRequests * usdPerQueueRequest;
  const globalAgain = analysedGlobal * (regions - 1) * usdPerAnalysedCall;
  return { costExplorer, detector, metrics, queues, globalAgain, total: costExplorer + detector + metrics + queues };
}

/** The first day reads the past, which is read once; the others stand for the rest of the month. */
function monthOf([first, ...others]: Day[]): Day {
  const rest = others.reduce((sum, day) => combine(sum, day, (a, b) => a + b));
  return combine(first!, rest, (a, b) => Math.round((a + (b * (monthDays - 1)) / others.length) * 1e6) / 1e6);
}

function difference(lived: Day[]): Day {
  return combine(lived.at(-1)!, lived.at(-2)!, (a, b) => a - b);
}

function combine(a: Day, b: Day, how: (a: number, b: number) => number): Day {
  const operations = new Set([...Object.keys(a.calls), ...Object.keys(b.calls)]);
  const calls = Object.fromEntries([...operations].map((name) => [name, how(a.calls[name] ?? 0, b.calls[name] ?? 0)]));
  const numbers = Object.entries(a).flatMap(([key, value]) =>
    typeof value === 'number' ? [[key, how(value, b[key as 'analysed'])] as const] : [],
  );
  return { ...a, ...Object.fromEntries(numbers), calls };
}

function callsOf({ calls }: Day): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

function callRows(month: Day): string[][] {
  const services = Map.groupBy(Object.entries(month.calls), ([name]) => name.slice(0, name.indexOf(':')));
  const rows = [...services]
    .map(([service, of]) => ({ service, count: of.reduce((sum, [, count]) => sum + count, 0) }))
    .sort((a, b) => b.count - a.count);
  return [
    ...rows.map(({ service, count }) => [service, whole(count), '']),
    ['all', whole(callsOf(month)), month.analysed > 0 ? whole(month.analysed) : 'none: it is off'],
  ];
}

/** Undefined when it broke; why stands on standard error. */
function inItsOwnProcess(name: string, lived: number): Promise<Lived | undefined> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--max-old-space-size=6144', import.meta.filename, '--only', name, '--days', `${lived}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? (JSON.parse(said) as Lived) : undefined));
  });
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
function whole(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
