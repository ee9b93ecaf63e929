import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The key of the audit chain, kept in a file of its own outside the database, readable by its owner only; made at the first start.
 * `database` is the file it belongs to: if that exists and the key does not, this throws an `Error`, because a fresh key would make every
 * row written so far look forged.
 */
export function auditKeyFrom(path: string, database: string): Buffer {
  if (!existsSync(path)) {
    if (database !== ':memory:' && existsSync(database) && statSync(database).size > 0) {
      throw new Error(
        `The audit key ${path} is missing, but the database ${database} exists. Put the key file back. If it is lost for good, move the database away (keep it as a record) and start with a new one.`,
      );
    }
    create(path);
  }
  const key = readFileSync(path, 'utf8').trim();
  if (key.length < shortest)
    throw new Error(`The audit key in ${path} is empty or too short (at least ${shortest} characters). Put the right file back.`);
  return Buffer.from(key);
}

const shortest = 32;

function create(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const file = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // A link never replaces: of two processes starting at once, one makes the key and both read it.
    linkSync(unfinished, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}
