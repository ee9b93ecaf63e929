import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Log } from '../../bot/ports.ts';
import type { AuditLog } from './audit.ts';
import type { Engine } from './sqlite.ts';
import type { Tables } from './tables.ts';

/**
 * Brings the database to this program's tables, in one transaction. An existing database is checked and copied first. Throws an `Error`
 * that says what to do when the database was written by a newer program.
 */
export async function migrate(
  db: Kysely<Tables>,
  engine: Engine,
  log: AuditLog,
  tell?: Log,
  extra: Record<string, Migration> = {},
): Promise<void> {
  const provider = { getMigrations: async () => ({ ...migrations(engine, log), ...extra }) };
  const known = await new Migrator({ db, provider }).getMigrations();
  const done = await namesDone(db);
  const foreign = done.filter((name) => !known.some((migration) => migration.name === name));
  if (foreign.length > 0) {
    throw new Error(
      `The database was written by a newer Cloudwarden (it has "${foreign.join('", "')}"). Run that version again, or put back the copy it made before (the file named "….before-${foreign[0]}").`,
    );
  }
  const waiting = known.filter((migration) => migration.executedAt === undefined);
  if (waiting.length === 0) return;
  if (done.length > 0) {
    const copy = engine.backUp(waiting[0]!.name);
    tell?.info({ copy, migrations: waiting.map((migration) => migration.name) }, 'database copied before changing it');
  }
  await db.transaction().execute(async (tx) => {
    const { error } = await new Migrator({ db: tx, provider }).migrateToLatest();
    if (error) throw error;
  });
}

async function namesDone(db: Kysely<Tables>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}

/** Never change one that was released; add another whose name sorts after it. */
function migrations(engine: Engine, log: AuditLog): Record<string, Migration> {
  return {
    '0001-first': {
      up: async (db) => {
        await first(db);
        for (const guard of engine.auditGuards) await sql.raw(guard).execute(db);
        await log.begin(db);
      },
    },
    '0002-machines-by-source': {
      up: async (db) => {
        // Until now there was one list of machines.
        await db.schema
          .alterTable('machines')
          .addColumn('source', 'text', (c) => c.notNull().defaultTo('aws/inventory'))
          .execute();
      },
    },
    '0003-costs-cut-otherwise': { up: costsCutOtherwise },
  };
}

/** A key cannot be changed in place everywhere, so the table is made anew. */
async function costsCutOtherwise(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable('costs').renameTo('costs_before').execute();
  await db.schema
    .createTable('costs')
    .addColumn('cut', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('charge', 'text', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('amount', 'double precision', (c) => c.notNull())
    .addColumn('net', 'double precision')
    .addColumn('provisional', 'integer', (c) => c.notNull())
    .addColumn('heard', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('costs_cut_key', ['cut', 'day', 'scope', 'region', 'service', 'charge', 'currency', 'detail'])
    .execute();
  await sql`insert into costs (cut, day, scope, region, service, charge, currency, detail, amount, provisional, heard)
    select '', day, scope, region, service, charge, currency, '', amount, provisional, heard from costs_before`.execute(db);
  await db.schema.dropTable('costs_before').execute();
  await db.schema
    .createTable('budgets')
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('until', 'text', (c) => c.notNull())
    .addColumn('heard', 'text', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('budgets_key', ['scope', 'name'])
    .execute();
}

async function first(db: Kysely<Tables>): Promise<void> {
  const create = db.schema;
  await create
    .createTable('observations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('heard', 'text', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .execute();
  await create.createIndex('observations_in_order').on('observations').columns(['at', 'id']).execute();
  await create
    .createTable('raw')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('heard', 'text', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .execute();
  await create.createIndex('raw_by_age').on('raw').column('heard').execute();
  await create
    .createTable('machines')
    .addColumn('resource', 'text', (c) => c.primaryKey())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('seen_at', 'text', (c) => c.notNull())
    .addColumn('gone_at', 'text')
    .addColumn('doc', 'text', (c) => c.notNull())
    .execute();
  await create.createIndex('machines_by_place').on('machines').columns(['scope', 'region']).execute();
  await create
    .createTable('links')
    .addColumn('from_subject', 'text', (c) => c.notNull())
    .addColumn('to_subject', 'text', (c) => c.notNull())
    .addColumn('how', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('links_key', ['from_subject', 'to_subject', 'how'])
    .execute();
  await create.createIndex('links_by_end').on('links').column('to_subject').execute();
  await create
    .createTable('looks')
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('looks_key', ['source', 'scope', 'region'])
    .execute();
  await create
    .createTable('costs')
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('charge', 'text', (c) => c.notNull())
    .addColumn('amount', 'double precision', (c) => c.notNull())
    .addColumn('currency', 'text', (c) => c.notNull())
    .addColumn('provisional', 'integer', (c) => c.notNull())
    .addColumn('heard', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('costs_key', ['day', 'scope', 'region', 'service', 'charge'])
    .execute();
  await create
    .createTable('cursors')
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('cursors_key', ['source', 'scope', 'name'])
    .execute();
  await create
    .createTable('memory')
    .addColumn('memory', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('first', 'text', (c) => c.notNull())
    .addColumn('last', 'text', (c) => c.notNull())
    .addColumn('value', 'double precision', (c) => c.notNull())
    .addPrimaryKeyConstraint('memory_key', ['memory', 'key', 'day'])
    .execute();
  await create
    .createTable('incidents')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'text', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .execute();
  await create.createIndex('incidents_by_state').on('incidents').columns(['state', 'changed_at']).execute();
  await create
    .createTable('findings')
    .addColumn('incident', 'text', (c) => c.notNull().references('incidents.id').onDelete('cascade'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('findings_key', ['incident', 'key'])
    .execute();
  await create
    .createTable('evidence')
    .addColumn('incident', 'text', (c) => c.notNull().references('incidents.id').onDelete('cascade'))
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('raw', 'text')
    .addPrimaryKeyConstraint('evidence_key', ['incident', 'id'])
    .execute();
  await create.createIndex('evidence_by_id').on('evidence').column('id').execute();
  await create
    .createTable('effects')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('incident', 'text', (c) => c.notNull().references('incidents.id').onDelete('cascade'))
    .addColumn('lane', 'text', (c) => c.notNull())
    .addColumn('patient', 'integer', (c) => c.notNull())
    .addColumn('due_at', 'text', (c) => c.notNull())
    .addColumn('leased_until', 'text')
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('last_error', 'text')
    .addColumn('doc', 'text', (c) => c.notNull())
    .execute();
  await create.createIndex('effects_in_order').on('effects').columns(['state', 'incident', 'lane', 'id']).execute();
  await create.createIndex('effects_by_incident').on('effects').column('incident').execute();
  await create
    .createTable('audit')
    .addColumn('number', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('incident', 'text')
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute();
  await create.createIndex('audit_by_incident').on('audit').columns(['incident', 'number']).execute();
  await create
    .createTable('audit_marks')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('mac', 'text', (c) => c.notNull())
    .execute();
  await create
    .createTable('buttons')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('meaning', 'text', (c) => c.notNull())
    .addColumn('form', 'text')
    .addColumn('shown_at', 'text', (c) => c.notNull())
    .execute();
  await create
    .createTable('expectations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('until', 'text', (c) => c.notNull())
    .addColumn('hid', 'integer', (c) => c.notNull())
    .addColumn('doc', 'text', (c) => c.notNull())
    .execute();
  await create
    .createTable('settings')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute();
  await create
    .createTable('counters')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'integer', (c) => c.notNull())
    .execute();
  await create
    .createTable('calls')
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addColumn('calls', 'integer', (c) => c.notNull())
    .addColumn('usd', 'double precision', (c) => c.notNull())
    .addPrimaryKeyConstraint('calls_key', ['day', 'scope', 'operation'])
    .execute();
}
