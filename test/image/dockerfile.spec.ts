import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const home = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what the Dockerfile does, in a clean folder', () => {
  const lines = readFileSync(join(home, 'Dockerfile'), 'utf8').split('\n');

  it('copies, installs for production and starts ready to be asked for its health', async () => {
    const command = JSON.parse(lines.find((line) => line.startsWith('CMD '))!.slice(4)) as string[];
    const health = JSON.parse(/HEALTHCHECK .*CMD (\[.*\])$/.exec(lines.find((line) => line.startsWith('HEALTHCHECK'))!)![1]!) as string[];
    for (const line of lines) {
      if (line.startsWith('COPY ')) {
        const parts = line.split(' ').slice(1);
        const to = join(folder, parts.pop()!);
        for (const from of parts) cpSync(join(home, from), parts.length > 1 || to.endsWith('/') ? join(to, from) : to, { recursive: true });
      }
      if (line.startsWith('RUN npm')) execFileSync('bash', ['-c', line.slice(4)], { cwd: folder, stdio: 'ignore' });
    }
    mkdirSync(join(folder, 'data'), { recursive: true });
    const port = 20_000 + (process.pid % 20_000);
    writeFileSync(
      join(folder, 'config/cloudwarden.yaml'),
      `accounts: [{ cloud: aws, account: "123456789012", name: production }]\nchat: { console: { listen: "127.0.0.1:${port + 1}" } }\nops: { listen: "127.0.0.1:${port}" }\n`,
    );
    // Node itself stands in for the one of the base image.
    const child = spawn(process.execPath, command.slice(1), {
      cwd: folder,
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_REGION: 'us-east-1',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    try {
      await until(() => said.includes('"msg":"starting"') || child.exitCode !== null);
      const check = health.map((part) => part.replaceAll('7374', String(port)));

      expect(() => execFileSync(process.execPath, check.slice(1), { stdio: 'ignore' })).not.toThrow();
    } finally {
      child.kill('SIGTERM');
      await until(() => child.exitCode !== null || child.signalCode !== null);
    }
    expect(said).toContain('"msg":"stopping"');
  });

  it('runs as somebody who is not root', () => {
    expect(lines).toContain('USER node');
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !isSo(); tries += 1) await new Promise((wake) => setTimeout(wake, 100));
  if (!isSo()) throw new Error('it did not happen within a minute');
}
