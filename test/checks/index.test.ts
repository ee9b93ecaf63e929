import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyCheck } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { checkPages } from '../../src/checks/pages.ts';

const folder = new URL('../../src/checks/', import.meta.url);

/** Every check that any file of the folder exports. */
async function checksInFolder(): Promise<{ path: string; check: AnyCheck }[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('/') && file.endsWith('.ts'));
  const found: { path: string; check: AnyCheck }[] = [];
  for (const path of files.sort())
    for (const one of Object.values(await import(new URL(path, folder).href))) if (isCheck(one)) found.push({ path, check: one });
  return found;
}
const isCheck = (value: unknown): value is AnyCheck =>
  typeof value === 'object' && value !== null && 'evaluate' in value && 'remembers' in value;

describe('the list of checks', () => {
  it('holds every check in the folder once, each named like its file', async () => {
    const found = await checksInFolder();

    expect(new Set(checks)).toEqual(new Set(found.map(({ check }) => check)));
    expect(checks).toHaveLength(found.length);
    expect(found.map(({ check }) => `${check.id}.ts`)).toEqual(found.map(({ path }) => path));
  });

  it('says of each what is wrong, why, when it errs and where it is from, in words of its own', () => {
    for (const { id, title, why, severity = '', falseAlarms, misses, tactic, references } of checks) {
      expect(
        [title, why, severity, tactic, ...falseAlarms, ...misses, ...references].every((text) => text.length > 9),
        id,
      ).toBe(true);
      expect(
        [falseAlarms.length, misses.length, references.length].every((count) => count > 0),
        id,
      ).toBe(true);
      expect(references.join(' '), id).not.toMatch(/https?:/);
    }
  });

  it('has a default and a description for every setting', () => {
    for (const check of checks) {
      const page = checkPages([check])[1]!;

      expect(() => check.params.parse({}), check.id).not.toThrow();
      expect(page.text, check.id).not.toMatch(/\| `undefined` \||\| {2}\|$/m);
    }
  });
});

describe('the pages', () => {
  it('are one a check and a list, with the settings as a table', () => {
    const pages = checkPages(checks);

    expect(pages.map(({ path }) => path)).toEqual(['README.md', ...checks.map(({ id }) => `${id}.md`)]);
    expect(pages[1]?.text).toContain('| `criticalFromVcpus` | `32` |');
    expect(pages[1]?.text).toContain('T1535');
  });
});
