/** Holds the judge of spend and its peers against made-up bills, and says how surely, how soon and how quietly each of them tells: `npm run bench:spend`. */
import { Command, InvalidArgumentError } from 'commander';
import { payersOf } from './spend/files.ts';
import { peers } from './spend/peers.ts';
import { ours } from './spend/play.ts';
import { promisesOf, report } from './spend/report.ts';
import { type How, leastDays, type Trial, tryOut, tryPayers } from './spend/trial.ts';
import { intoResults } from './support/results.ts';

const reported = '20-29';
const program = new Command('bench:spend')
  .description(`Without options: seeds ${reported}, into bench/RESULTS.md. With any: to the screen.`)
  .option('--seeds <from-to>', 'the payers of these seeds; the detector was set on 1-9', range)
  .option('--files <file...>', 'bills that were saved: FOCUS CSV or Cost Explorer JSON')
  .option('--ours', 'without peers')
  .parse();
const options = program.opts<{ seeds?: [number, number]; files?: string[]; ours?: true }>();
const [from, to] = options.seeds ?? range(reported);
const usually: How = {
  speakers: options.ours ? [ours] : [ours, ...peers.map(({ name }) => name)],
  clock: 'by block',
  fineness: 'families',
};
const otherwise: { text: string; how: How }[] = [
  {
    text: 'attacks begin at any hour, usage is on the bill 8 to 24 hours later, by the hour',
    how: { ...usually, speakers: [ours], clock: 'by hour' },
  },
  {
    text: 'a bill by service and region alone, as Cost Explorer gives it, not by family of machines',
    how: { ...usually, speakers: [ours], fineness: 'services' },
  },
];

const { bills, tried } = options.files ? await ofFiles(options.files) : ofSeeds();
const trials = tried(usually);
if (trials.every(({ quiet }) => quiet.length === 0)) program.error(`No bill is long enough: it takes ${leastDays} days.`);
const text = report(trials, {
  command: 'npm run bench:spend',
  bills,
  otherwise: otherwise.map((other) => ({ text: other.text, trials: tried(other.how) })),
});
process.stdout.write(`${text}\n`);
if (Object.keys(options).length === 0) intoResults('spend', text);
if (promisesOf(trials).some(({ isMet }) => !isMet)) process.exitCode = 1;

function ofSeeds(): { bills: string; tried(how: How): Trial[] } {
  const seeds = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return { bills: `seeds ${from} to ${to}`, tried: (how) => seeds.map((seed) => tryOut(seed, how)) };
}

async function ofFiles(files: string[]): Promise<{ bills: string; tried(how: How): Trial[] }> {
  const payers = await payersOf(files, (problem) => process.stderr.write(`${problem}\n`));
  for (const { days, leaves } of payers) process.stderr.write(`${leaves.length} parts of a bill over ${days} days\n`);
  return { bills: `the bills of ${files.length} files`, tried: (how) => [tryPayers(payers, how)] };
}

function range(value: string): [number, number] {
  const found = /^(\d+)(?:-(\d+))?$/.exec(value);
  if (!found) throw new InvalidArgumentError('Give two whole numbers, as in 1-9.');
  return [Number(found[1]), Number(found[2] ?? found[1])];
}
