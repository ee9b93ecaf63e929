#!/usr/bin/env node
// Runs a TypeScript file or a tool of node_modules/.bin with a Node that reads TypeScript: the system's when it is new enough,
// else the one npm brought along. Usage: node bin/run.mjs <file.ts | tool> [arguments]. Plain JavaScript: any Node ≥ 20 reads it.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [target = '', ...args] = process.argv.slice(2);
const tool = join(home, 'node_modules', '.bin', target);
const file = target.endsWith('.ts') ? resolve(home, target) : realpathSync(tool);
const names = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
const brought = names.flatMap((name) => ['node', 'node.exe'].map((exe) => join(home, 'node_modules', name, 'bin', exe))).find(existsSync);
const isNew = Number(process.versions.node.split('.')[0]) >= 24;
if (!isNew && !brought) {
  console.error(
    `Cloudwarden needs Node 24 or newer (this is ${process.versions.node}); "npm ci" brings one for Linux (glibc), macOS and Windows.`,
  );
  process.exit(1);
}
const node = isNew ? process.execPath : brought;
const env = { NODE_COMPILE_CACHE: join(home, 'node_modules', '.cache', 'compile'), ...process.env };
env.PATH = `${dirname(node)}${delimiter}${env.PATH ?? ''}`;
// A guard runs for months and mostly waits: a small nursery for short-lived objects keeps a third of its memory free. Others are soon done.
const isGuard = target === 'src/main.ts' && (args.length === 0 || args[0] === 'start');
// An archive goes through in one stream: little of it lives long, and what is over is cleared away before the memory grows by half.
const isReplay = target === 'src/main.ts' && args[0] === 'replay';
const flags = [
  '--disable-warning=ExperimentalWarning',
  ...(isGuard ? ['--max-semi-space-size=2'] : []),
  ...(isReplay ? ['--max-semi-space-size=8', '--heap-growing-percent=50'] : []),
];
// The channel lets the program notice when this launcher is killed outright, so that no orphan goes on guarding beside its successor.
const child = spawn(node, [...flags, file, ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
