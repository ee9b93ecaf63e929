/** Reads logs in a process of its own: plainly (gunzip and JSON.parse, nothing else) or as `replay` does. */
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { replay } from '../../src/cli/replay.ts';
import { watchMemory } from './memory.ts';

type Spent = { seconds: number; cpuSeconds: number };
export type Reading = Spent & {
  /** MB, over time. */
  memory: { atMs: number; megabytes: number }[];
};

/** `seconds` and `cpuSeconds` (of all its threads) are of the reading alone, without the start of the process. */
export async function readLogs(how: 'plain' | 'replay', path: string): Promise<Reading> {
  const child = fork(import.meta.filename, [how, path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // As bin/run.mjs starts it.
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      ...(how === 'replay' ? ['--max-semi-space-size=8', '--heap-growing-percent=50'] : []),
    ],
  });
  const watched = watchMemory(child.pid ?? 0);
  const spent = await new Promise<Spent>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Spent));
    child.once('exit', (code) => reject(new Error(`reading ended with ${code}`)));
  }).finally(() => watched.stop());
  const memory = watched.stop();
  child.disconnect();
  return { ...spent, memory };
}

/** MB: the middle of what was noted around this part of the way. */
export function memoryAt({ memory }: Reading, part: number): number {
  const end = memory.at(-1)?.atMs ?? 0;
  const near = memory.filter(({ atMs }) => Math.abs(atMs / end - part) <= 0.03).map(({ megabytes }) => megabytes);
  return near.sort((a, b) => a - b)[near.length >> 1] ?? Number.NaN;
}

export const mostMemory = ({ memory }: Reading): number => Math.max(...memory.map(({ megabytes }) => megabytes));

const [how, path] = process.argv.slice(2);
if (process.send && path !== undefined && process.argv[1] === import.meta.filename) {
  const began = performance.now();
  const cpu = process.cpuUsage();
  if (how === 'plain') parsePlainly(path);
  else await replay([path], { json: true });
  const { user, system } = process.cpuUsage(cpu);
  const spent: Spent = { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
  process.send(spent);
}

function parsePlainly(path: string): void {
  if (path.endsWith('.ndjson')) {
    for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
    return;
  }
  for (const name of readdirSync(path)) JSON.parse(gunzipSync(readFileSync(join(path, name))).toString('utf8'));
}
