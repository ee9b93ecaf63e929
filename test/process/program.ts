/** The program as a user runs it: bin/cloudwarden as a process of its own, in a folder of its own, on a configuration of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

const binary = resolve(import.meta.dirname, '../../bin/cloudwarden');

export type Line = { level: string; msg: string; [more: string]: unknown };
export type Program = {
  child: ChildProcess;
  /** What it logged so far. */
  lines: Line[];
  out(): string;
  err(): string;
  /** Resolves with what it ended with. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves at the first log line with this text. */
  said(text: string, withinMs?: number): Promise<Line>;
};

/** A fresh folder with a configuration in it. */
export function configured(config: object): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-'));
  const file = join(folder, 'cloudwarden.yaml');
  writeFileSync(file, stringify({ data: join(folder, 'data'), ...config }));
  return { folder, file };
}

/** Nothing of this machine's own environment but the path, so that nobody's real account is ever meant. */
export function run(
  args: string[],
  { env = {}, cwd, node = process.execPath }: { env?: Record<string, string>; cwd?: string; node?: string } = {},
): Program {
  const child = spawn(node, [binary, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { PATH: process.env.PATH ?? '', HOME: tmpdir(), TZ: 'UTC', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const lines: Line[] = [];
  const waiting: { text: string; found(line: Line): void }[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  let rest = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = lineOf(part);
      if (!line) continue;
      lines.push(line);
      for (const one of waiting.filter(({ text }) => text === line.msg)) one.found(line);
    }
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) =>
    child.once('close', (code, signal) => done({ code, signal })),
  );
  return {
    child,
    lines,
    out: () => out,
    err: () => err,
    ended,
    said: (text, withinMs = 20_000) => {
      const known = lines.find((line) => line.msg === text);
      if (known) return Promise.resolve(known);
      return new Promise((found, lost) => {
        const timer = setTimeout(() => lost(new Error(`“${text}” was not said in time; it said:\n${err.slice(-4000)}`)), withinMs);
        waiting.push({
          text,
          found: (line) => {
            clearTimeout(timer);
            found(line);
          },
        });
        void ended.then(({ code }) => lost(new Error(`it ended with ${code} before “${text}”; it said:\n${err.slice(-4000)}`)));
      });
    },
  };
}

/** Runs a command to its end. */
export async function finished(args: string[], options: Parameters<typeof run>[1] = {}) {
  const program = run(args, options);
  const { code } = await program.ended;
  return { code, out: program.out(), err: program.err() };
}

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Asks again until the answer is one, at most so long. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs = 20_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
