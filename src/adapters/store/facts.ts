/** The small tables: memory, settings, counters, buttons, expectations, calls. */
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Form } from '../../bot/message.ts';
import type { Expectation, Hidden, MemoryEntry } from '../../bot/ports.ts';
import type { Scope, Time } from '../../checks/observation.ts';
import { chunks, scopeText, type Tables } from './tables.ts';

/** Adds to a counter and returns what it then is. Counters begin at 0. */
export async function countUp(db: Kysely<Tables>, name: string, by: number): Promise<number> {
  const { value } = await db
    .insertInto('counters')
    .values({ name, value: by })
    .onConflict((on) => on.column('name').doUpdateSet((eb) => ({ value: eb('counters.value', '+', by) })))
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
}

export async function setting(db: Kysely<Tables>, name: string): Promise<string | undefined> {
  return (await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value;
}

export async function setSetting(db: Kysely<Tables>, name: string, value: string | undefined): Promise<void> {
  if (value === undefined) {
    await db.deleteFrom('settings').where('name', '=', name).execute();
    return;
  }
  await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((on) => on.column('name').doUpdateSet({ value }))
    .execute();
}

const horizonName = 'memory horizon';

/** In a transaction. */
export async function saveMemory(db: Kysely<Tables>, horizon: Time, entries: MemoryEntry[]): Promise<void> {
  await db.deleteFrom('memory').execute();
  for (const some of chunks(entries)) {
    await db
      .insertInto('memory')
      .values(some.map(({ memory, key, day, first, last, value }) => ({ memory, key, day, first, last, value })))
      .execute();
    // Tens of thousands of rows must not stop the process from hearing a press.
    await setImmediate();
  }
  await setSetting(db, horizonName, horizon);
}

/** In one transaction. */
export async function memory(db: Kysely<Tables>): Promise<{ horizon: Time | undefined; entries: MemoryEntry[] }> {
  const entries = await db.selectFrom('memory').selectAll().orderBy('memory').orderBy('key').orderBy('day').execute();
  return { horizon: await setting(db, horizonName), entries: entries.map((entry) => ({ ...entry })) };
}

export async function saveButtons(db: Kysely<Tables>, buttons: { id: string; meaning: unknown; form?: Form }[], now: Time): Promise<void> {
  const rows = new Map(
    buttons.map(({ id, meaning, form }) => [
      id,
      { id, meaning: JSON.stringify(meaning), form: form ? JSON.stringify(form) : null, shown_at: now },
    ]),
  );
  for (const some of chunks([...rows.values()])) {
    await db
      .insertInto('buttons')
      .values(some)
      .onConflict((on) =>
        on.column('id').doUpdateSet((eb) => ({ meaning: eb.ref('excluded.meaning'), form: eb.ref('excluded.form'), shown_at: now })),
      )
      .execute();
  }
}

export async function button(db: Kysely<Tables>, id: string): Promise<{ meaning: unknown; form?: Form } | undefined> {
  const row = await db.selectFrom('buttons').select(['meaning', 'form']).where('id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  return { meaning: JSON.parse(row.meaning) as unknown, ...(row.form === null ? {} : { form: JSON.parse(row.form) as Form }) };
}

export async function saveExpectation(db: Kysely<Tables>, expectation: Expectation): Promise<void> {
  const { hid, ...rest } = expectation;
  const row = { id: rest.id, until: rest.until, hid, doc: JSON.stringify(rest) };
  await db
    .insertInto('expectations')
    .values(row)
    .onConflict((on) => on.column('id').doUpdateSet(row))
    .execute();
}

export async function expectations(db: Kysely<Tables>, now: Time): Promise<Expectation[]> {
  const rows = await db.selectFrom('expectations').selectAll().where('until', '>', now).orderBy('until').orderBy('id').execute();
  return rows.map(({ doc, hid }) => ({ ...(JSON.parse(doc) as Omit<Expectation, 'hid'>), hid }));
}

const mostHidden = 20;

/** In a transaction. */
export async function countHidden(db: Kysely<Tables>, id: string, what?: Hidden): Promise<void> {
  const row = await db.selectFrom('expectations').select('doc').where('id', '=', id).executeTakeFirst();
  if (!row) return;
  const known = JSON.parse(row.doc) as Expectation;
  const hidden = what && [...(known.hidden ?? []).filter(({ key }) => key !== what.key), what].slice(-mostHidden);
  await db
    .updateTable('expectations')
    .set((eb) => ({ hid: eb('hid', '+', 1), ...(hidden ? { doc: JSON.stringify({ ...known, hidden }) } : {}) }))
    .where('id', '=', id)
    .execute();
}

/** In a transaction. */
export async function addCalls(
  db: Kysely<Tables>,
  day: string,
  scope: Scope,
  calls: { operation: string; calls: number; usd: number }[],
): Promise<void> {
  for (const { operation, calls: count, usd } of calls) {
    await db
      .insertInto('calls')
      .values({ day, scope: scopeText(scope), operation, calls: count, usd })
      .onConflict((on) =>
        on
          .columns(['day', 'scope', 'operation'])
          .doUpdateSet((eb) => ({ calls: eb('calls.calls', '+', count), usd: eb('calls.usd', '+', usd) })),
      )
      .execute();
  }
}

/** Both days are included; all scopes together. */
export async function calls(
  db: Kysely<Tables>,
  from: string,
  to: string,
): Promise<{ day: string; operation: string; calls: number; usd: number }[]> {
  const rows = await db
    .selectFrom('calls')
    .select((eb) => ['day', 'operation', eb.fn.sum<number | string>('calls').as('calls'), eb.fn.sum<number | string>('usd').as('usd')])
    .where('day', '>=', from)
    .where('day', '<=', to)
    .groupBy(['day', 'operation'])
    .orderBy('day')
    .orderBy('operation')
    .execute();
  // PostgreSQL gives sums as text.
  return rows.map((row) => ({ day: row.day, operation: row.operation, calls: Number(row.calls), usd: Number(row.usd) }));
}
