/** Memory and processor time of processes, from outside, so that a busy process need not find the time to tell. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** MB (10⁶ bytes) by process id: this one and all that it started. */
export async function residentTree(root: number): Promise<{ pid: number; megabytes: number }[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kibibytes = 0]) => ({ pid, parent, megabytes: (kibibytes * 1024) / 1e6 }));
  const tree = all.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree.map(({ pid, megabytes }) => ({ pid, megabytes }));
}

/** Seconds of processor that this process and those it started have used, all threads; undefined where the system does not say it finely. */
export async function processorSeconds(root: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  let ticks = 0;
  for (const { pid } of await residentTree(root)) {
    // After the name in brackets: state is field 3, user and system time are 14 and 15 (proc(5)); a tick is 10 ms on Linux.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).replace(/^.*\) /s, '').split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / 100;
}

/** Notes the memory of one process until it is stopped; answers with MB over time. */
export function watchMemory(pid: number, everyMs = 200): { stop(): { atMs: number; megabytes: number }[] } {
  const began = performance.now();
  const noted: { atMs: number; megabytes: number }[] = [];
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    const megabytes = await resident(pid).catch(() => undefined);
    if (megabytes !== undefined) noted.push({ atMs: performance.now() - began, megabytes });
    busy = false;
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return noted;
    },
  };
}

async function resident(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') {
    const kibibytes = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
  }
  return (Number((await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout) * 1024) / 1e6;
}
