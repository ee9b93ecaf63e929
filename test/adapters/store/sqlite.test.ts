import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openStore, type StoreOptions } from '../../../src/adapters/store/store.ts';
import { OutsideError, type Store } from '../../../src/bot/ports.ts';
import { story } from '../../contract/store.ts';

const auditKey = 'made-up key for tests';
const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-sqlite-'));
let count = 0;
const freshFile = () => join(folder, String(count++), 'cloudwarden.db');
let opened: Store[] = [];
let children: ChildProcess[] = [];
const open = async (options: Partial<StoreOptions> & { file: string }) => {
  const store = await openStore({ auditKey, ...options });
  opened.push(store);
  return store;
};
const close = async (store: Store) => {
  opened = opened.filter((each) => each !== store);
  await store.close();
};
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const store of opened) await store.close();
  opened = [];
  children = [];
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the file', () => {
  it('is made with its folder, and only its owner can read it', async () => {
    const file = freshFile();

    const store = await open({ file, alone: true });
    await store.setSetting('a', 'b');

    for (const name of readdirSync(dirname(file))) expect(statSync(join(dirname(file), name)).mode & 0o077, name).toBe(0);
    expect(statSync(dirname(file)).mode & 0o077).toBe(0);
  });

  it('keeps everything when it is closed and opened again', async () => {
    const file = freshFile();
    const before = await open({ file });
    await before.save([{ incident: story({ headline: 'kept' }), effects: [{ kind: 'show' }] }]);
    const row = await before.audit({ at: '2026-11-20T12:00:00.000Z', who: 'ada', what: 'asked', data: {} });
    await close(before);

    const after = await open({ file });

    expect(await after.incident('INC-1')).toMatchObject({ headline: 'kept' });
    expect(await after.lastAuditHash()).toBe(row.hash);
    expect(await after.claim('2026-11-20T12:00:00.000Z', 60, 10)).toHaveLength(1);
  });

  it('says what to do when it is no database', async () => {
    const file = freshFile();
    await close(await open({ file }));
    writeFileSync(file, 'this was never a database, or a disk wrote over it '.repeat(100));

    await expect(open({ file })).rejects.toThrow(/is damaged or is not a database.*move the file.*put back a backup/s);
  });

  it('says what to do when it was cut off, naming the copies there are', async () => {
    const file = freshFile();
    await close(await open({ file }));
    await close(await open({ file, migrations: { '0902-more': { up: addTable('more') } } }));
    truncateSync(file, 8192);

    const opening = open({ file, migrations: { '0902-more': { up: addTable('more') }, '0903-last': { up: addTable('last') } } });

    await expect(opening).rejects.toThrow(`${file}.before-0902-more`);
  });

  it('waits for another process that is writing, and does not stand still meanwhile', async () => {
    const file = freshFile();
    const store = await open({ file });
    const other = new DatabaseSync(file);
    other.exec('begin immediate');

    const writing = store.setSetting('a', 'b');
    const read = await new Promise((resolve) => setImmediate(resolve)).then(() => 'not blocked');
    other.exec('commit');
    other.close();
    await writing;

    expect(read).toBe('not blocked');
    expect(await store.setting('a')).toBe('b');
  });

  it('says that the disk is full, that trying again helps, and leaves nothing half done', async () => {
    const file = freshFile();
    const store = await open({ file });
    await close(store);
    const tight = new DatabaseSync(file);
    const pages = Number(tight.prepare('pragma page_count').get()?.page_count);
    tight.close();
    const small = await open({
      file,
      migrations: { '0902-limit': { up: async (db) => void (await sql.raw(`pragma max_page_count = ${pages + 20}`).execute(db)) } },
    });
    const scope = { cloud: 'aws', level: 'account', id: '123456789012' } as const;
    const at = '2026-11-20T12:00:00.000Z';
    const observations = Array.from({ length: 1000 }, (_, i) => ({
      kind: 'principal.acted' as const,
      id: `o${i}`,
      at,
      heard: at,
      by: 'test',
      place: { scope, region: 'x' },
      evidence: [],
      operation: 'x'.repeat(500),
    }));

    const keeping = small.keep({ name: 'test', scope }, { observations, raw: {}, cursors: { here: '1' } });

    await expect(keeping).rejects.toThrow(OutsideError);
    await expect(keeping).rejects.toMatchObject({ message: expect.stringContaining('disk is full'), again: true });
    expect(await small.cursors({ name: 'test', scope })).toEqual({});
    expect(await small.nextIncidentNumber()).toBe(1);
  });
});

describe('migrating', () => {
  const more = { '0902-more': { up: addTable('more') } };

  it('copies an existing database first, and the copy opens with the version before', async () => {
    const file = freshFile();
    const before = await open({ file });
    await before.setSetting('kept', 'yes');
    await close(before);
    expect(copies(file)).toEqual([]);

    await close(await open({ file, migrations: more }));
    await close(await open({ file, migrations: more }));

    expect(copies(file)).toEqual(['cloudwarden.db.before-0902-more']);
    expect(statSync(`${file}.before-0902-more`).mode & 0o077).toBe(0);
    expect(await (await open({ file: `${file}.before-0902-more` })).setting('kept')).toBe('yes');
    expect(tables(file)).toContain('more');
  });

  it('keeps the costs of before, when they had one cut and no net', async () => {
    const file = freshFile();
    await close(await open({ file }));
    const raw = new DatabaseSync(file);
    raw.exec(`
      drop table costs;
      drop table budgets;
      create table costs (day text not null, scope text not null, region text not null, service text not null, charge text not null,
        amount double precision not null, currency text not null, provisional integer not null, heard text not null,
        constraint costs_key primary key (day, scope, region, service, charge));
      insert into costs values ('2026-03-01', 'aws/account/123456789012', 'global', 'Credit', 'credit', -3, 'EUR', 0, '2026-03-02T00:00:00.000Z');
      delete from kysely_migration where name = '0003-costs-cut-otherwise';`);
    raw.close();

    const store = await open({ file });

    const scope = { cloud: 'aws', level: 'account', id: '123456789012' };
    expect(await store.costs('2026-03-01', '2026-03-01')).toEqual([
      { day: '2026-03-01', scope, region: 'global', service: 'Credit', charge: 'credit', amount: -3, currency: 'EUR', provisional: false },
    ]);
    expect(await store.budgets('2026-03-01T00:00:00.000Z')).toEqual([]);
    expect(tables(file)).not.toContain('costs_before');
  });

  it('leaves the database as it was when a migration fails', async () => {
    const file = freshFile();
    await close(await open({ file }));
    const half = async (db: Kysely<unknown>) => {
      await addTable('half')(db);
      throw new Error('this migration is wrong');
    };

    await expect(open({ file, migrations: { ...more, '0903-half': { up: half } } })).rejects.toThrow('this migration is wrong');

    expect(tables(file)).not.toContain('half');
    expect(tables(file)).not.toContain('more');
    expect(await (await open({ file })).verifyAudit()).toEqual({ ok: true, rows: 0 });
  });

  it('keeps only the newest copies', async () => {
    const file = freshFile();
    const migrations: StoreOptions['migrations'] = {};
    for (const name of ['0902-a', '0903-b', '0904-c', '0905-d']) {
      await close(await open({ file, backups: 2, migrations }));
      migrations[name] = { up: addTable(name) };
    }
    await close(await open({ file, backups: 2, migrations }));

    expect(copies(file)).toHaveLength(2);
    expect(copies(file)).toContain('cloudwarden.db.before-0905-d');
  });

  it('refuses a database of a newer version and says which copy to put back', async () => {
    const file = freshFile();
    await close(await open({ file }));
    await close(await open({ file, migrations: more }));

    await expect(open({ file })).rejects.toThrow(/newer Cloudwarden.*0902-more.*before-0902-more/s);
  });

  it('is done once when two open a new file at the same time', async () => {
    const file = freshFile();

    const [one, two] = await Promise.all([open({ file }), open({ file })]);

    await one.audit({ at: '2026-11-20T12:00:00.000Z', who: 'ada', what: 'asked', data: {} });
    expect(await two.verifyAudit()).toEqual({ ok: true, rows: 1 });
  });
});

describe('one bot per database', () => {
  it('refuses a second one and says who holds it; commands may still read and write', async () => {
    const file = freshFile();
    const first = await open({ file, alone: true });

    await expect(open({ file, alone: true })).rejects.toThrow(`(process ${process.pid} on `);
    await (await open({ file })).setSetting('login', 'x');
    expect(await first.setting('login')).toBe('x');

    await close(first);
    await expect(open({ file, alone: true })).resolves.toBeDefined();
  });

  it('starts at once after the one before was killed outright', async () => {
    const file = freshFile();
    const { child, lines } = writer('hold', file);
    await lines.next();
    await expect(open({ file, alone: true })).rejects.toThrow(`process ${child.pid} on `);

    await kill(child);

    await expect(open({ file, alone: true })).resolves.toBeDefined();
  });

  it('loses nothing that was acknowledged when it is killed at any moment', async () => {
    const file = freshFile();
    const acknowledged: string[] = [];
    for (const rows of [1, 7, 23, 60]) {
      const { child, lines } = writer('write', file);
      await lines.next();
      for (let i = 0; i < rows; i++) acknowledged.push((await lines.next()).value as string);
      await kill(child);
    }

    const store = await open({ file, alone: true });

    const incidents = new Set((await store.incidents()).map(({ id }) => id));
    const observations = new Set((await Array.fromAsync(store.observations('2026-01-01T00:00:00.000Z'))).map(({ id }) => id));
    const audited = new Set((await store.auditRows({ most: 10_000 })).map(({ incident }) => incident));
    expect(acknowledged).toHaveLength(91);
    expect(acknowledged.filter((id) => !(incidents.has(id) && observations.has(id) && audited.has(id)))).toEqual([]);
    expect(await store.verifyAudit()).toMatchObject({ ok: true });
    // Story, effect and audit row are one: whatever was being saved at the moment of the kill is there as a whole or not at all.
    expect(new Set([...audited].filter((id) => id !== undefined))).toEqual(incidents);
    expect((await store.claim('2026-11-20T13:00:00.000Z', 60, 10_000)).length).toBe(incidents.size);
  }, 20_000);
});

describe('an audit log that was tampered with', () => {
  const withRows = async (rows: number) => {
    const file = freshFile();
    const store = await open({ file });
    for (let i = 1; i <= rows; i++) await store.audit({ at: '2026-11-20T12:00:00.000Z', who: 'ada', what: `row ${i}`, data: { n: i } });
    const tamper = (...statements: string[]) => {
      const database = new DatabaseSync(file);
      database.exec('drop trigger audit_keeps_its_rows; drop trigger audit_forgets_only_by_retention');
      for (const statement of statements) database.exec(statement);
      database.close();
    };
    return { file, store, tamper };
  };

  it('cannot be changed by ordinary statements in the first place', async () => {
    const { file } = await withRows(3);
    const database = new DatabaseSync(file);

    expect(() => database.exec(`update audit set who = 'mallory' where number = 2`)).toThrow('append-only');
    expect(() => database.exec('delete from audit where number = 3')).toThrow('append-only');
    expect(() => database.exec('delete from audit where number = 1')).toThrow('append-only');

    database.close();
  });

  it.each([
    ['a changed person', `update audit set who = 'mallory' where number = 2`, 2, 'changed'],
    ['changed data', `update audit set data = '{"n":9}' where number = 2`, 2, 'changed'],
    ['a changed time', `update audit set at = '2020-01-01T00:00:00.000Z' where number = 1`, 1, 'changed'],
    ['a row moved into another story', `update audit set incident = 'INC-9' where number = 3`, 3, 'changed'],
    ['a deleted row in the middle', 'delete from audit where number = 2', 2, 'missing'],
    ['a deleted first row', 'delete from audit where number = 1', 1, 'missing'],
    ['a deleted end', 'delete from audit where number >= 3', 3, 'cut off'],
    ['everything deleted', 'delete from audit', 1, 'cut off'],
    ['a row added without the key', `insert into audit values (5, '', 'ada', 'approved', null, '{}', 'abc')`, 5, 'changed'],
    ['a row slipped in before the beginning', `insert into audit values (0, '', 'ada', 'approved', null, '{}', 'abc')`, 0, 'put there'],
    [
      'an end moved back',
      `delete from audit where number = 4; update audit_marks set number = 3, hash = (select hash from audit where number = 3) where name = 'head'`,
      4,
      'signed end',
    ],
    ['no end', `delete from audit_marks where name = 'head'`, 5, 'is missing'],
    [
      'a beginning moved forward',
      `delete from audit where number <= 2; update audit_marks set number = 2 where name = 'forgotten'`,
      1,
      'signed beginning',
    ],
    ['no marks at all', 'delete from audit; delete from audit_marks', 1, 'is missing'],
  ])('shows %s', async (_, statement, number, why) => {
    const { store, tamper } = await withRows(4);

    tamper(statement);

    expect(await store.verifyAudit()).toEqual({ ok: false, number, why: expect.stringContaining(why) });
  });

  it('shows two rows that changed places', async () => {
    const { store, tamper } = await withRows(4);

    tamper(
      'update audit set number = 99 where number = 2',
      'update audit set number = 2 where number = 3',
      'update audit set number = 3 where number = 99',
    );

    expect(await store.verifyAudit()).toMatchObject({ ok: false, number: 2 });
  });

  it('is not continued when its end was changed: what cannot be audited does not happen', async () => {
    const { store, tamper } = await withRows(2);
    tamper(`update audit_marks set number = 1 where name = 'head'`);
    const audit = [{ at: '2026-11-20T12:00:00.000Z', who: 'ada', what: 'approved', data: {} }];

    await expect(store.audit(audit[0]!)).rejects.toThrow('cannot be continued');
    await expect(store.save([{ incident: story(), effects: [{ kind: 'act', plan: 'p' }], audit }])).rejects.toThrow('cannot be continued');

    expect(await store.incident('INC-1')).toBeUndefined();
  });

  it('can still be opened and checked when only its end was changed', async () => {
    const { file, store, tamper } = await withRows(2);
    await close(store);
    tamper(`update audit_marks set mac = 'x' where name = 'head'`);
    const errors: string[] = [];
    const silent = () => {};
    const log = { debug: silent, info: silent, warn: silent, error: (_: object, text: string) => errors.push(text) };

    const again = await open({ file, log });

    expect(errors).toEqual(['the audit log was tampered with']);
    expect(await again.verifyAudit()).toMatchObject({ ok: false, number: 3 });
  });

  it('is not opened with another key', async () => {
    const { file, store } = await withRows(1);
    await close(store);

    await expect(open({ file, auditKey: 'another key' })).rejects.toThrow('The audit key does not belong to the database');
  });

  it('is not opened with another key even while it is still empty', async () => {
    const { file, store } = await withRows(0);
    await close(store);

    await expect(open({ file, auditKey: 'another key' })).rejects.toThrow('The audit key does not belong to the database');
  });
});

function addTable(name: string) {
  return async (db: Kysely<never> | Kysely<unknown>): Promise<void> => {
    await (db as Kysely<unknown>).schema.createTable(name).addColumn('id', 'text').execute();
  };
}

const copies = (file: string): string[] =>
  readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.before-`))
    .toSorted();

function tables(file: string): unknown[] {
  const database = new DatabaseSync(file);
  const rows = database.prepare('select name from sqlite_schema').all();
  database.close();
  return rows.map(({ name }) => name);
}

function writer(task: 'hold' | 'write', file: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'writer.ts'), task, file, auditKey],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
