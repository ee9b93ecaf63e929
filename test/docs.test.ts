import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse as yaml } from 'yaml';
import { z } from 'zod';
import { complaint, generated, outOfStep, write } from '../docs/generate.ts';
import { checksInExample, settingsIn, settingsPage } from '../docs/pages/settings.ts';
import { checks } from '../src/checks/index.ts';
import { type Config, configJsonSchema, parseConfig } from '../src/config.ts';

const example = readFileSync('config/cloudwarden.example.yaml', 'utf8');
/** Every setting that is switched off, switched on. */
const allOn = example.replace(/^( *)#(?=\S)/gm, '$1');
const environment = {
  EXTERNAL_ID: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  SLACK_BOT_TOKEN: 'xoxb-not-a-real-token',
  SLACK_APP_TOKEN: 'xapp-not-a-real-token',
  DISCORD_TOKEN: 'not-a-real-discord-token',
  PAGE_URL: 'https://pager.example.com/hook',
  HEARTBEAT_URL: 'https://beats.example.com/beat',
  FINDINGS_URL: 'https://siem.example.com/findings',
};
const parse = (text: string): Config => parseConfig('cloudwarden.example.yaml', text, environment);

/** `people.ada.name` → `people.<id>.name`, `accounts.0.name` → `accounts[].name`. */
function paths(value: unknown, path = ''): string[] {
  if (Array.isArray(value) && typeof value[0] === 'object') return value.flatMap((one) => paths(one, `${path}[]`));
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([name, one]) =>
    paths(one, path === 'people' ? 'people.<id>' : path === '' ? name : `${path}.${name}`),
  );
}

describe('the example configuration', () => {
  it('is one that works, as soon as its variables are set', () => {
    const config = parse(example);

    expect(Object.keys(config.people)).toEqual(['ada', 'grace']);
    expect(config.accounts).toHaveLength(1);
    expect(Object.keys(config.chat)).toEqual(['slack']);
  });

  it('has every setting there is, and works with all of them switched on', () => {
    const there = new Set(paths(parse(allOn)));

    expect(
      settingsIn(configJsonSchema())
        .filter(({ path }) => !there.has(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('shows the defaults of what is switched off, or leaves it to the reader', () => {
    const { page, approval, findings, chat, accounts, people, checks: settings, ...on } = parse(allOn);
    const off = parse(example);

    expect(on).toEqual(expect.objectContaining({ digest: off.digest, actions: off.actions, ops: off.ops, data: off.data, log: off.log }));
    expect(page?.after).toBe(600);
    expect(approval).toMatchObject(off.approval);
    for (const check of checks) expect(settings?.[check.id] ?? {}, check.id).toEqual(check.params.parse({}));
  });

  it('explains each setting in a comment right above it', () => {
    const lines = example.split('\n');
    const bare = lines.filter((line, at) => {
      const isSetting = /^ *#?(- )?[a-z][\w/-]*:( |$)/i.test(line) && !/^ *# /.test(line);
      return isSetting && !/^ *# /.test(lines[at - 1] ?? '') && !/: *$|: \{/.test(line);
    });

    // What stands under a group whose comment explains it as a whole.
    expect(bare.map((line) => line.trim())).toEqual([
      'role: arn:aws:iam::123456789012:role/CloudwardenRead',
      'role: arn:aws:iam::123456789012:role/CloudwardenAct',
      'externalId: ${EXTERNAL_ID}',
    ]);
  });

  it('tells editors its schema in the first line', () => {
    expect(example.split('\n')[0]).toBe('# yaml-language-server: $schema=./cloudwarden.schema.json');
  });

  it('gets its checks from the checks, whatever stood there before', () => {
    const begin = example.split('\n').find((line) => line.startsWith('# ---- checks'));
    const torn = `${example.split(begin!)[0]}${begin}\n#checks:\n  #compute/old-check:\n`;

    expect(checksInExample(torn, configJsonSchema())).toBe(checksInExample(example, configJsonSchema()));
    expect(() => checksInExample('people: {}\n', configJsonSchema())).toThrow('has no line');
  });
});

describe('the schema for editors', () => {
  const schema = z.fromJSONSchema(
    JSON.parse(readFileSync('config/cloudwarden.schema.json', 'utf8')) as Parameters<typeof z.fromJSONSchema>[0],
  );
  const issues = (text: string) => schema.safeParse(yaml(text)).error?.issues.map(({ path, code }) => [path.join('.'), code]);

  it('marks nothing in the example, its variables included, with everything switched on', () => {
    expect(issues(example)).toBeUndefined();
    expect(issues(allOn)).toBeUndefined();
  });

  it('marks a misspelt setting, a number for an id, and a wrong word', () => {
    const wrong = example.replace('zone:', 'zona:').replace('"123456789012"', '123456789012').replace('role: admin', 'role: boss');

    expect(issues(wrong)).toEqual(
      expect.arrayContaining([
        ['digest', 'unrecognized_keys'],
        ['accounts.0.account', 'invalid_type'],
        ['people.ada.role', expect.any(String)],
      ]),
    );
  });
});

describe('the page of settings', () => {
  it('says of every setting what it means and what it is without', () => {
    const page = settingsPage(configJsonSchema());
    const settings = settingsIn(configJsonSchema());

    expect(settings.length).toBeGreaterThan(30);
    for (const { path, node, isRequired } of settings) {
      expect(node.description, path).toMatch(/\S/);
      expect(isRequired || node.default !== undefined || node.examples !== undefined, path).toBe(true);
      if (!path.startsWith('checks.')) expect(page).toContain(`| \`${path}\` | ${node.description}`);
    }
  });
});

describe('what is generated', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  cpSync('config/cloudwarden.example.yaml', join(folder, 'config/cloudwarden.example.yaml'));

  it('is written where it is missing, altered or left over, and nowhere else', async () => {
    const files = await generated(folder);
    expect(write(files, folder).map(({ path }) => path)).toEqual(expect.arrayContaining(['config/aws/act.json', 'docs/checks/README.md']));
    expect(outOfStep(files, folder)).toEqual([]);

    rmSync(join(folder, 'docs/remedies.md'));
    writeFileSync(join(folder, 'config/aws/read.json'), '{}\n');
    writeFileSync(join(folder, 'docs/checks/compute/old-check.md'), '# Gone\n');
    writeFileSync(join(folder, 'docs/by-hand.md'), '# Kept\n');
    const steps = outOfStep(files, folder);

    expect(steps).toEqual([
      { path: 'config/aws/read.json', is: 'not in step' },
      { path: 'docs/remedies.md', is: 'missing' },
      { path: 'docs/checks/compute/old-check.md', is: 'left over' },
    ]);
    expect(complaint(steps)).toBe(
      '3 generated files do not follow from the code:\n' +
        '  config/aws/read.json is not in step\n  docs/remedies.md is missing\n  docs/checks/compute/old-check.md is left over\n' +
        'Run "npm run docs" and commit what it writes.',
    );
    expect(write(files, folder)).toEqual(steps);
    expect(outOfStep(files, folder)).toEqual([]);
    expect(complaint([])).toBeUndefined();
    expect(readFileSync(join(folder, 'docs/by-hand.md'), 'utf8')).toBe('# Kept\n');
  });

  it('has a page for each check, and says of each remedy which permissions it takes', async () => {
    const files = new Map((await generated()).map(({ path, text }) => [path, text]));
    const { Statement } = JSON.parse(files.get('config/aws/act.json') ?? '') as { Statement: { Effect: string; Action: string[] }[] };

    expect([...files.keys()].filter((path) => path.startsWith('docs/checks/'))).toHaveLength(checks.length + 1);
    for (const action of Statement.flatMap((one) => (one.Effect === 'Allow' ? one.Action : [])))
      expect(files.get('docs/remedies.md')).toContain(`\`${action}\``);
  });
});
