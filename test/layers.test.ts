import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

type Import = { file: string; from: string };

/** Every import of every file of src: static and at run time; relative ones as paths from the root. */
function imports(): Import[] {
  return filesOf('src').flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const found = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm)];
    return found
      .map(([, from, bare, late]) => from ?? bare ?? late ?? '')
      .map((from) => ({ file, from: from.startsWith('.') ? posix.join(dirname(file), from) : from }));
  });
}
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .sort();

const all = imports();
const inside = (...folders: string[]) => all.filter(({ file }) => folders.some((folder) => file.startsWith(folder)));
const said = ({ file, from }: Import) => `${file} imports ${from}`;

describe('the layers', () => {
  it('are read in full: every file of src appears, and imports are found', () => {
    expect(new Set(all.map(({ file }) => file)).size).toBeGreaterThan(80);
    expect(all).toContainEqual({ file: 'src/checks/index.ts', from: 'src/checks/check.ts' });
    expect(all).toContainEqual({ file: 'src/main.ts', from: 'src/cli/start.ts' });
  });

  it('checks know nothing but checks and zod', () => {
    const strays = inside('src/checks/').filter(({ from }) => !from.startsWith('src/checks/') && from !== 'zod');

    expect(strays.map(said)).toEqual([]);
  });

  it('the bot knows checks and itself, and no SDK', () => {
    const allowed = (from: string) => /^src\/(checks|bot)\//.test(from) || from === 'zod' || from === 'node:crypto';

    expect(
      inside('src/bot/')
        .filter(({ from }) => !allowed(from))
        .map(said),
    ).toEqual([]);
  });

  it('adapters know neither the command line nor the configuration, and not each other', () => {
    const strays = inside('src/adapters/').filter(({ file, from }) => {
      if (!from.startsWith('src/')) return false;
      if (/^src\/(checks|bot)\//.test(from)) return false;
      const [, , folder = '', ...rest] = from.split('/');
      // What stands directly in adapters/ is shared; a folder is one adapter.
      return rest.length > 0 && !file.startsWith(`src/adapters/${folder}/`);
    });

    expect(strays.map(said)).toEqual([]);
    expect(inside('src/adapters/').filter(({ from }) => /^src\/(cli\/|main\.ts|config\.ts)/.test(from))).toEqual([]);
  });

  it('only the command line and the configuration know every part', () => {
    const knowing = all.filter(
      ({ file, from }) => from.startsWith('src/cli/') || (from.startsWith('src/adapters/') && !file.startsWith('src/adapters/')),
    );

    expect([...new Set(knowing.map(({ file }) => file))].filter((file) => !/^src\/(cli\/|main\.ts$|config\.ts$)/.test(file))).toEqual([]);
  });

  it('node:sqlite, of which a change is announced, is met in one file', () => {
    expect(all.filter(({ from }) => from === 'node:sqlite').map(({ file }) => file)).toEqual(['src/adapters/store/sqlite.ts']);
  });

  it('nobody below the command line reads the environment, and only the clock of the process tells the bot the time', () => {
    const below = filesOf('src').filter((file) => /^src\/(checks|bot|adapters)\//.test(file));
    const decisions = below.filter((file) => /^src\/(checks|bot)\//.test(file));
    const code = (file: string) => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

    expect(below.filter((file) => code(file).includes('process.env'))).toEqual([]);
    expect(decisions.filter((file) => /Date\.now\(|new Date\(\)|Math\.random\(/.test(code(file)))).toEqual([]);
  });
});

describe('the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const wrong: Record<string, [file: string, text: string]> = {
    'a check that reads a file': ['src/checks/a1.ts', uses('node:fs')],
    'a check that asks the bot': ['src/checks/a2.ts', uses('../bot/ports.ts')],
    'a check that asks a cloud': ['src/checks/a3.ts', uses('@aws-sdk/client-ec2')],
    'a check that logs': ['src/checks/a4.ts', uses('pino')],
    'a bot with an adapter': ['src/bot/b1.ts', uses('../adapters/log.ts')],
    'a bot with an SDK': ['src/bot/b2.ts', uses('@slack/bolt')],
    'a bot with a package': ['src/bot/b3.ts', uses('undici')],
    'a bot that reads a file': ['src/bot/b4.ts', uses('node:fs')],
    'a bot that knows the command line': ['src/bot/b5.ts', uses('../cli/open.ts')],
    'an adapter that reads the configuration': ['src/adapters/slack/c1.ts', uses('../../config.ts')],
    'an adapter that knows the command line': ['src/adapters/slack/c2.ts', uses('../../cli/open.ts')],
    'a promise nobody waits for': ['src/cli/d1.ts', 'async function go(): Promise<void> {}\nexport function start(): void {\n  go();\n}\n'],
    'a promise taken for a truth': [
      'src/cli/d2.ts',
      'async function may(): Promise<boolean> {\n  return false;\n}\nexport const go = () => {\n  if (may()) return 1;\n  return 2;\n};\n',
    ],
    'a switch that forgets a case': [
      'src/cli/d3.ts',
      "export function word(kind: 'on' | 'off'): void {\n  switch (kind) {\n    case 'on':\n      break;\n  }\n}\n",
    ],
    'an any': ['src/cli/d4.ts', 'export const open = (door: any): unknown => door;\n'],
    'a circle, one half': ['src/cli/e1.ts', "import { two } from './e2.ts';\n\nexport const one = () => two;\n"],
    'a circle, other half': ['src/cli/e2.ts', "import { one } from './e1.ts';\n\nexport const two = () => one;\n"],
  };
  const right: Record<string, [file: string, text: string]> = {
    'a check with its neighbours': ['src/checks/r1.ts', uses('./check.ts')],
    'a check with zod': ['src/checks/r2.ts', uses('zod')],
    'a bot with a check': ['src/bot/r3.ts', uses('../checks/check.ts')],
    'a bot that hashes': ['src/bot/r4.ts', uses('node:crypto')],
    'an adapter with a port': ['src/adapters/slack/r5.ts', uses('../../bot/ports.ts')],
  };

  it('fires for each rule by which the house is kept, and for nothing else', async () => {
    for (const [file, text] of Object.values({ ...wrong, ...right })) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(process.cwd(), 'node_modules/@biomejs'), join(folder, 'node_modules/@biomejs'));
    copyFileSync('biome.json', join(folder, 'biome.json'));

    const biome = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome');
    const report = await promisify(execFile)(
      process.execPath,
      [biome, 'lint', '--reporter=json', '--max-diagnostics=200', '--vcs-enabled=false', '--error-on-warnings', '.'],
      { cwd: folder },
    ).catch((error: { stdout: string }) => error);
    const { diagnostics } = JSON.parse(report.stdout) as {
      diagnostics: { severity: string; location: { path: string | { file: string } } }[];
    };
    const reported = diagnostics.map(({ location: { path } }) => (typeof path === 'string' ? path : path.file).replace(/^\.\//, ''));

    expect([...new Set(reported)].sort()).toEqual(
      Object.values(wrong)
        .map(([file]) => file)
        .sort(),
    );
  });

  it('has those rules switched on by name', () => {
    const text = readFileSync('biome.json', 'utf8');

    for (const rule of ['noImportCycles', 'noFloatingPromises', 'noMisusedPromises', 'useExhaustiveSwitchCases', 'noExplicitAny'])
      expect(text, rule).toContain(`"${rule}": "error"`);
  });
});

function uses(what: string): string {
  return `import { a } from '${what}';\n\nexport const b = a;\n`;
}
