/** SQLite through node:sqlite. Everything only SQLite knows (and the one import of node:sqlite) is in this file. */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { type Dialect, SqliteAdapter, SqliteDialect, SqliteDriver, type TransactionSettings } from 'kysely';
import { OutsideError } from '../../bot/ports.ts';

/** What a database brings besides its Kysely dialect. */
export type Engine = {
  dialect: Dialect;
  /** Statements that make the audit table refuse UPDATE, and DELETE of any row that retention has not marked as forgotten. */
  auditGuards: string[];
  /** Before an existing database is migrated: checks it and keeps a copy. Returns where the copy is. */
  backUp(migration: string): string | undefined;
  /** Also when no query was made yet, where Kysely would leave it open. */
  close(): void;
};

/**
 * Opens (or creates, readable by its owner only) a database file, or one in memory for ':memory:'. Several processes may open the
 * same file: each write waits up to five seconds for the other's to end. Throws an `Error` that says what to do when the file is damaged.
 */
export function openSqlite(file: string, backups: number): Engine {
  const database = openDatabase(file);
  return {
    dialect: dialectOver(database, file),
    auditGuards: [
      `create trigger audit_keeps_its_rows before update on audit begin
         select raise(abort, 'the audit log is append-only'); end`,
      `create trigger audit_forgets_only_by_retention before delete on audit
         when old.number > coalesce((select number from audit_marks where name = 'forgotten'), 0) begin
         select raise(abort, 'the audit log is append-only'); end`,
    ],
    backUp: (migration) => (file === ':memory:' ? undefined : copy(database, file, migration, backups)),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

/**
 * Makes this process the only one that runs the bot on that database, until the returned function is called or the process ends,
 * however it ends: the operating system drops the lock of a killed process. Throws an `Error` that names the holder.
 */
export function holdAlone(file: string): () => void {
  if (file === ':memory:') return () => {};
  makePrivate(`${file}.lock`);
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('begin immediate');
    lock.exec('create table if not exists holder (id integer primary key, who text)');
    const who = `process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}`;
    lock.prepare('insert into holder values (1, ?) on conflict do update set who = excluded.who').run(who);
    lock.exec('commit');
    // Held open and never written: others are refused, yet can still read who holds it.
    lock.exec('begin immediate');
  } catch (error) {
    const who = codeOf(error) === busy ? holder(lock) : undefined;
    lock.close();
    if (codeOf(error) !== busy) throw explained(error, file);
    throw new Error(
      `Another Cloudwarden is running on ${file} (${who ?? 'it is just starting'}). Stop it first, or give this one its own database.`,
    );
  }
  return () => lock.close();
}

function holder(lock: DatabaseSync): string | undefined {
  try {
    const row = lock.prepare('select who from holder').get();
    return typeof row?.who === 'string' ? row.who : undefined;
  } catch {
    return undefined;
  }
}

/** How long a write waits for another process's. */
const patienceMs = 5000;
/** For the moments in which SQLite locks readers too, e.g. taking over what a killed process left. */
const shortWaitMs = 1000;

function openDatabase(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      makePrivate(file);
    }
    const database = new DatabaseSync(file, { timeout: shortWaitMs });
    try {
      database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; select count(*) from sqlite_schema');
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (error) {
    throw explained(error, file);
  }
}

/** Created before SQLite does, so that nobody else can read it even for a moment; the files beside it take over its mode. */
const makePrivate = (file: string): void => closeSync(openSync(file, 'a', 0o600));

function dialectOver(database: DatabaseSync, file: string): Dialect {
  const run = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explained(error, file);
    }
  };
  const config = {
    database: {
      close: () => database.close(),
      prepare: (sql: string) => {
        const statement = run(() => database.prepare(sql));
        return {
          reader: statement.columns().length > 0,
          all: (values: readonly unknown[]) => run(() => statement.all(...(values as SQLInputValue[]))),
          run: (values: readonly unknown[]) => run(() => statement.run(...(values as SQLInputValue[]))),
          iterate: (values: readonly unknown[]) => statement.iterate(...(values as SQLInputValue[])),
        };
      },
    },
  };
  const plain = new SqliteDialect(config);
  return {
    createDriver: () => new Driver(config, database, file),
    createAdapter: () => new Adapter(),
    createIntrospector: (db) => plain.createIntrospector(db),
    createQueryCompiler: () => plain.createQueryCompiler(),
  };
}

class Driver extends SqliteDriver {
  readonly #database: DatabaseSync;
  readonly #file: string;
  constructor(config: ConstructorParameters<typeof SqliteDriver>[0], database: DatabaseSync, file: string) {
    super(config);
    this.#database = database;
    this.#file = file;
  }
  /**
   * A plain BEGIN that reads and then writes fails as soon as another process writes in between; asking for the pen at once does not.
   * Waiting for it must not stop the whole process, as SQLite's own waiting would.
   */
  override async beginTransaction(_connection?: unknown, settings?: TransactionSettings): Promise<void> {
    if (settings?.accessMode === 'read only') return this.#exec('begin');
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      this.#database.exec('pragma busy_timeout = 0');
      try {
        return this.#database.exec('begin immediate');
      } catch (error) {
        if (codeOf(error) !== busy || performance.now() > giveUpAt) throw explained(error, this.#file);
      } finally {
        this.#database.exec(`pragma busy_timeout = ${shortWaitMs}`);
      }
      await setTimeout(5);
    }
  }
  override async commitTransaction(): Promise<void> {
    this.#exec('commit');
  }
  /** A full disk ends the transaction by itself; rolling back once more would hide the real error. */
  override async rollbackTransaction(): Promise<void> {
    if (this.#database.isTransaction) this.#exec('rollback');
  }
  #exec(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw explained(error, this.#file);
    }
  }
}

class Adapter extends SqliteAdapter {
  /** SQLite rolls back CREATE TABLE like any other write, so a migration that fails half-way leaves nothing behind. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function copy(database: DatabaseSync, file: string, migration: string, keep: number): string {
  const damage = database.prepare('pragma quick_check(1)').get()?.quick_check;
  if (damage !== 'ok') throw damaged(file, String(damage));
  const target = `${file}.before-${migration}`;
  const unfinished = `${target}.unfinished-${process.pid}`;
  rmSync(unfinished, { force: true });
  try {
    database.prepare('vacuum into ?').run(unfinished);
    chmodSync(unfinished, 0o600);
    const descriptor = openSync(unfinished, 'r+');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new OutsideError(`keep a copy of ${file} before changing it; nothing was changed. Is there room on the disk?`, false, {
      cause: error,
    });
  }
  const copies = copiesOf(file).toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of copies.slice(keep)) if (old !== target) rmSync(old);
  return target;
}

function copiesOf(file: string): string[] {
  const start = `${basename(file)}.before-`;
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(start))
    .map((name) => join(dirname(file), name));
}

// Result codes: https://www.sqlite.org/rescode.html
const [busy, readonly, ioError, corrupt, full, cannotOpen, notADatabase] = [5, 8, 10, 11, 13, 14, 26];
/** The primary result code, without what SQLite adds to it in the higher bits. */
const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

function explained(error: unknown, file: string): unknown {
  switch (codeOf(error)) {
    case busy:
      return new OutsideError(`write to ${file}: another process has been writing for more than five seconds`, true, { cause: error });
    case full:
      return new OutsideError(`write to ${file}: the disk is full`, true, { cause: error });
    case ioError:
      return new OutsideError(`read or write ${file}: the disk failed`, true, { cause: error });
    case readonly:
      return new OutsideError(`write to ${file}: not allowed. Make the file and its folder writable for this user`, false, {
        cause: error,
      });
    case cannotOpen:
      return new OutsideError(`open ${file}: not possible. Make the folder readable and writable for this user`, false, { cause: error });
    case corrupt:
    case notADatabase:
      return damaged(file, error instanceof Error ? error.message : '', error);
    default:
      return error;
  }
}

function damaged(file: string, what: string, cause?: unknown): Error {
  const copies = file === ':memory:' ? [] : copiesOf(file);
  const advice = copies.length > 0 ? `put back a copy (${copies.join(', ')})` : 'put back a backup';
  return new Error(
    `The database ${file} is damaged or is not a database (${what}). Stop Cloudwarden, move the file and its -wal and -shm away (keep them), and ${advice}. Without a copy, starting with no file begins anew: its history and audit log are then only in the damaged file.`,
    { cause },
  );
}
