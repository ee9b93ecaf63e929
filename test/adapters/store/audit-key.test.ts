import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditKeyFrom } from '../../../src/adapters/store/audit-key.ts';
import { openStore } from '../../../src/adapters/store/store.ts';

describe('the audit key', () => {
  let folder: string;
  const key = () => join(folder, 'data', 'audit.key');
  const database = () => join(folder, 'data', 'cloudwarden.db');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cloudwarden-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made at the first start, readable by its owner only, and is the same from then on', () => {
    const first = auditKeyFrom(key(), database());

    expect(auditKeyFrom(key(), database())).toEqual(first);
    expect(first.toString()).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(key()).mode & 0o077).toBe(0);
  });

  it('differs from one installation to the next', () => {
    expect(auditKeyFrom(key(), database())).not.toEqual(auditKeyFrom(join(folder, 'other.key'), ':memory:'));
  });

  it('is not made anew beside a database that exists', async () => {
    await (await openStore({ file: database(), auditKey: auditKeyFrom(key(), database()) })).close();
    rmSync(key());

    expect(() => auditKeyFrom(key(), database())).toThrow(/is missing, but the database .* exists.*Put the key file back/s);
    expect(() => readFileSync(key())).toThrow('ENOENT');
  });

  it('is not taken from an empty or shortened file', () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(key(), '\n');

    expect(() => auditKeyFrom(key(), database())).toThrow('empty or too short');
  });
});
