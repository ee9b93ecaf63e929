/** The command line. Each command's file is read only when it runs, so that a small one does not pay for a large one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from './config.ts';

// A launcher that is killed takes this process with it: no orphan goes on guarding beside its successor.
if (process.channel) {
  process.once('disconnect', () => process.exit(143));
  process.channel.unref();
}

// Whoever reads our output may stop before its end (| head), and whoever collects our log may go away; neither is a reason to break.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => undefined);

const home = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };

const program = new Command('cloudwarden')
  .description('Guards cloud accounts against take-over for crypto-mining. Without a command it starts the bot.')
  .version(version, '--version', 'print the version')
  .exitOverride()
  .configureHelp({ sortSubcommands: false });

program
  .command('start', { isDefault: true })
  .description('run the bot on config/cloudwarden.yaml (or CLOUDWARDEN_CONFIG)')
  .action(async () => (await import('./cli/start.ts')).start());

program
  .command('demo')
  .description('run everything on a simulated account with the web console; needs no token, no account, no network')
  .option('--port <number>', 'port of the console (a free one if it is taken)', wholeNumber, 7373)
  .option('--speed <factor>', 'minutes of the account’s time per minute of yours', positive, 60)
  .option('--scenario <file>', 'what happens to the account (default: a stolen key)')
  .option('--auto', 'a scripted admin approves; exits 0 when the account is contained, 1 when it is not')
  .option('--json', 'with --auto: the story as NDJSON')
  .action(async (options) =>
    (await import('./cli/demo.ts')).demo({ ...options, scenario: options.scenario ?? join(home, 'config/scenarios/stolen-key.yaml') }),
  );

program
  .command('scan')
  .description('look at everything once; print findings, blind spots and prices')
  .option('--json', 'NDJSON on standard output')
  .action(async (options) => (await import('./cli/scan.ts')).scan(options));

program
  .command('digest')
  .description('print today’s digest, that of a week or a month, or one from saved cost data')
  .option('--costs <files...>', 'FOCUS CSV (also .gz) or saved Cost Explorer JSON instead of the store')
  .option('--day <date>', 'the day the digest is about (YYYY-MM-DD); with --week or --month, a day in it', day)
  .addOption(new Option('--week', 'the week that is over, or the one of --day').conflicts('month'))
  .option('--month', 'the month that is over, or the one of --day')
  .option('--chart <file>', 'write the picture there (PNG)')
  .option('--json', 'the figures as JSON')
  .action(async (options) => (await import('./cli/digest.ts')).printDigest(options));

program
  .command('replay')
  .argument('<paths...>', 'CloudTrail logs: files or folders, also .gz')
  .description('read recorded CloudTrail logs and print what would have been found')
  .option('--baseline <paths...>', 'earlier logs to learn from')
  .option('--json', 'findings as NDJSON on standard output')
  .option('--summary', 'a table at the end')
  .action(async (paths, options) => (await import('./cli/replay.ts')).replay(paths, options));

program
  .command('backtest')
  .argument('<files...>', 'FOCUS CSV, AWS Cost and Usage Report CSV or saved Cost Explorer JSON, also .gz')
  .description('judge saved costs day by day and print what would have been told')
  .option(
    '--usual-monthly <amount>',
    'what an account usually costs a month: 150, or 123456789012=150 for one of several (repeat it)',
    usualMonthly,
  )
  .option('--from <date>', 'tell from this day on; days before it are history (YYYY-MM-DD)', day)
  .option('--to <date>', 'read nothing after this day (YYYY-MM-DD)', day)
  .option('--json', 'anomalies as NDJSON on standard output')
  .option('--summary', 'a table at the end')
  .option('--chart <file>', 'write a picture of the greatest story there (PNG)')
  .option('--story <number>', 'with --chart: of that story', storyNumber)
  .action(async (files, options, command: Command) => {
    if (options.from > options.to) command.error('error: --from is after --to');
    await (await import('./cli/backtest.ts')).backtest(files, options);
  });

program
  .command('iam')
  .description('print the IAM policies for looking and for acting')
  .argument('[which]', 'read or act; both without', readOrAct)
  .option('--json', 'one JSON object a line')
  .action(async (which, options) => (await import('./cli/iam.ts')).iam(which, options));

program
  .command('doctor')
  .description('test tokens, permissions and delivery, in plain words')
  .option('--spend', 'also make the one call that costs $0.01 (Cost Explorer)')
  .option('--json', 'NDJSON on standard output')
  .action(async (options) => (await import('./cli/doctor.ts')).doctor(options));

program
  .command('login')
  .argument('<person>', 'a person of the configuration')
  .description('print a one-time link to the web console (5 minutes)')
  .action(async (person) => (await import('./cli/login.ts')).login(person));

program
  .command('audit')
  .description('the audit log')
  .command('verify')
  .description('check the chain from the first row to the last')
  .option('--json', 'the result as JSON')
  .action(async (options) => (await import('./cli/audit.ts')).verifyAudit(options));

for (const command of [program, ...program.commands]) command.exitOverride().showHelpAfterError('(add --help for what can be said)');

try {
  refuseUnknown(process.argv[2]);
  await program.parseAsync(process.argv);
  process.exitCode ??= 0;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.exitCode = error instanceof ConfigError ? 2 : 1;
    const { scrub } = await import('./adapters/log.ts');
    process.stderr.write(`${scrub(error instanceof Error ? error.message : String(error))}\n`);
    if (process.env.CLOUDWARDEN_DEBUG && error instanceof Error) process.stderr.write(`${scrub(error.stack ?? '')}\n`);
    // What was begun must not keep a process that has failed.
    setTimeout(() => process.exit(), 500).unref();
  }
}

/** Without this an unknown word would be taken for an argument of `start`. */
function refuseUnknown(word: string | undefined): void {
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (word === undefined || word.startsWith('-') || names.includes(word)) return;
  const like = names.find((name) => name.startsWith(word.slice(0, 3)) || word.startsWith(name.slice(0, 3)));
  process.stderr.write(
    `There is no command “${word.slice(0, 40)}”.${like ? ` Did you mean ${like}?` : ''} There are: ${names.join(', ')}.\n`,
  );
  throw new CommanderError(2, 'cloudwarden.unknown', 'unknown command');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('write a whole number from 0 to 65535');
  return number;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 3600)) throw new InvalidArgumentError('write a number above 0, at most 3600');
  return number;
}

function day(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) throw new InvalidArgumentError('write a day as YYYY-MM-DD');
  return text;
}

function storyNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('write the number of a story, as --summary shows it');
  return Number(text);
}

function usualMonthly(text: string, before: { account?: string; amount: number }[] = []): { account?: string; amount: number }[] {
  const [, account, amount] = /^(?:([^=]+)=)?(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('write an amount like 150, or 123456789012=150 for one account');
  return [...before, { ...(account === undefined ? {} : { account }), amount: Number(amount) }];
}

function readOrAct(text: string): 'read' | 'act' {
  if (text !== 'read' && text !== 'act') throw new InvalidArgumentError('write read or act');
  return text;
}
