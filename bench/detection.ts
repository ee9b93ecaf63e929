/** Plays attacks and normal accounts on simulated accounts, and says how soon, how surely and how quietly they were told of: `npm run bench:detection`. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { planOf } from './detection/plan.ts';
import { runAll } from './detection/pool.ts';
import { aimsOf, details, report } from './detection/report.ts';
import { intoResults } from './support/results.ts';

const shipped = ['config/scenarios/attacks', 'config/scenarios/normal'];
const program = new Command('bench:detection')
  .description('Without options: the shipped scenarios, into bench/RESULTS.md. With any: to the screen.')
  .option('--scenarios <folder...>', 'folders of scenario files with a label')
  .option('--only <text>', 'files whose path has this')
  .option('--seed <n>', 'fixes all chance', whole)
  .option('--hosts <n>', 'normal accounts that each attack is also played in', whole)
  .option('--months <n>', 'months lived by each normal account', whole)
  .option('--jobs <n>', 'runs beside each other', whole, availableParallelism())
  .option('--details', 'also every attack and every message')
  .parse();
const {
  scenarios = shipped,
  only,
  seed = 1,
  hosts = 2,
  months = 5,
  jobs,
  details: isDetailed,
} = program.opts<{
  scenarios?: string[];
  only?: string;
  seed?: number;
  hosts?: number;
  months?: number;
  jobs: number;
  details?: true;
}>();

const plan = await planOf(scenarios, { seed, hosts, months, ...(only === undefined ? {} : { only }) });
const runs = [...plan.attacks, ...plan.normals].map(({ run }) => run);
const outcomes = await runAll(runs, jobs, (done) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${runs.length} runs `);
});
const found = { plan, attacked: outcomes.slice(0, plan.attacks.length), lived: outcomes.slice(plan.attacks.length) };
const broken = [...new Set(outcomes.flatMap((one) => one.broken))];
if (broken.length > 0) throw new Error(`Checks broke, so the figures would prove nothing:\n${broken.join('\n')}`);

const isWhole = process.argv.length === 2;
const command = ['npm run bench:detection', ...(isWhole ? [] : ['--', ...process.argv.slice(2)])].join(' ');
const text = report(found, { command, seed, delivery: 'delivery.yaml' });
if (isWhole) process.stdout.write(intoResults('detection', text) ? 'bench/RESULTS.md is new.\n' : 'bench/RESULTS.md is as it was.\n');
process.stdout.write(isDetailed ? `${text}\n${details(found)}\n` : text);
if (aimsOf(found).some(({ isMet }) => !isMet)) process.exitCode = 1;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Write a whole number.');
  return value;
}
