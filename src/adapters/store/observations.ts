/** What the sources saw, and what follows from it: machines, links, looks, costs. */
import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Selectable } from 'kysely';
import type { Batch, Cursors, Link, Look, Machine } from '../../bot/ports.ts';
import { inOrder, type Observation, type Of, type Place, type Scope, type Subject, type Time } from '../../checks/observation.ts';
import { keepBudgets, keepCosts } from './costs.ts';
import { jsonWithoutSecrets } from './secrets.ts';
import { chunks, scopeText, subjectOf, type Tables } from './tables.ts';

type SourceName = { name: string; scope: Scope };

/** In a transaction. Returns the observations that were new, or changed while that may still matter, in event order. */
export async function keep(db: Kysely<Tables>, source: SourceName, batch: Batch): Promise<Observation[]> {
  // The order in which one batch lists its observations must not matter.
  const heardInOrder = batch.observations.toSorted((a, b) => (a.heard < b.heard ? -1 : a.heard > b.heard ? 1 : 0));
  const changed = await keepObservations(
    db,
    heardInOrder.filter((o) => !isKeptElsewhere(o)),
  );
  await keepRaw(db, batch.raw, heardInOrder);
  await keepMachines(
    db,
    heardInOrder.filter((o) => o.kind === 'compute.seen'),
  );
  await keepLinks(
    db,
    heardInOrder.filter((o) => o.kind === 'identity.linked'),
  );
  await keepLooks(
    db,
    heardInOrder.filter((o) => o.kind === 'look.finished'),
  );
  await keepCosts(
    db,
    heardInOrder.filter((o) => o.kind === 'spend.recorded' || o.kind === 'spend.detailed'),
  );
  await keepBudgets(
    db,
    heardInOrder.filter((o) => o.kind === 'budget.seen'),
    heardInOrder.filter((o) => o.kind === 'look.finished'),
  );
  const cursors = Object.entries(batch.cursors).map(([name, value]) => ({
    source: source.name,
    scope: scopeText(source.scope),
    name,
    value,
  }));
  for (const rows of chunks(cursors)) {
    await db
      .insertInto('cursors')
      .values(rows)
      .onConflict((on) => on.columns(['source', 'scope', 'name']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
      .execute();
  }
  return changed.sort(inOrder);
}

/** No check watches them, and they are looked up by what they are about: their own tables are enough. */
const isKeptElsewhere = ({ kind }: Observation): boolean => kind === 'spend.detailed' || kind === 'budget.seen';

async function keepObservations(db: Kysely<Tables>, observations: Observation[]): Promise<Observation[]> {
  type Kept = { heard: Time; doc: string };
  const before = new Map<string, Kept>();
  for (const ids of chunks([...new Set(observations.map((o) => o.id))])) {
    const rows = await db.selectFrom('observations').select(['id', 'heard', 'doc']).where('id', 'in', ids).execute();
    for (const { id, heard, doc } of rows) before.set(id, { heard, doc });
  }

  const now = new Map<string, Kept & { observation: Observation }>();
  const heardAgain = new Map<string, Time>();
  for (const observation of observations) {
    const { heard, ...rest } = observation;
    const doc = JSON.stringify(rest);
    const known = now.get(observation.id) ?? before.get(observation.id);
    if (known && sameDocument(known.doc, doc)) {
      if (heard > known.heard) {
        known.heard = heard;
        if (!now.has(observation.id)) heardAgain.set(observation.id, heard);
      }
    } else if (!known || heard > known.heard || (heard === known.heard && doc > known.doc)) {
      now.set(observation.id, { heard, doc, observation });
    }
  }

  const rows = [...now].map(([id, { heard, doc, observation }]) => ({ id, at: observation.at, heard, doc }));
  for (const some of chunks(rows)) {
    await db
      .insertInto('observations')
      .values(some)
      .onConflict((on) =>
        on.column('id').doUpdateSet((eb) => ({ at: eb.ref('excluded.at'), heard: eb.ref('excluded.heard'), doc: eb.ref('excluded.doc') })),
      )
      .execute();
  }
  for (const [heard, ids] of Map.groupBy(
    [...heardAgain.keys()].filter((id) => !now.has(id)),
    (id) => heardAgain.get(id)!,
  )) {
    for (const some of chunks(ids)) await db.updateTable('observations').set({ heard }).where('id', 'in', some).execute();
  }
  return [...now.values()]
    .filter(({ observation }) => !before.has(observation.id) || mayStillMatter(observation))
    .map(({ heard, observation }) => (heard === observation.heard ? observation : { ...observation, heard }));
}

/**
 * What is told otherwise of a machine that was heard of before: a new price, a name read later. Long after its start that changes what is
 * known of it, not what happened: judged anew it would be a launch of months ago, with all that was learnt since forgotten. So with a bill
 * that is revised when its days are settled (see inspect.ts): the new amount is kept, and would be learnt on top of the old one.
 */
export const mayStillMatter = (again: Observation): boolean => {
  const age = Date.parse(again.heard) - Date.parse(again.at);
  if (again.kind === 'spend.recorded') return age <= settledCostsMs;
  return again.kind !== 'compute.seen' || age <= dayMs;
};
/** The horizon of costs. */
const settledCostsMs = 96 * 3_600_000;
const dayMs = 86_400_000;

/** The text decides in nearly every case; a source that lists the same fields in another order has still said the same. */
const sameDocument = (a: string, b: string): boolean =>
  a === b || (a.length === b.length && isDeepStrictEqual(JSON.parse(a), JSON.parse(b)));

/** Records of a batch without observations are not kept: nothing can name them as evidence. */
async function keepRaw(db: Kysely<Tables>, raw: Record<string, unknown>, observations: Observation[]): Promise<void> {
  const heard = observations.at(-1)?.heard;
  if (heard === undefined) return;
  const rows = Object.entries(raw).map(([id, record]) => ({ id, heard, doc: jsonWithoutSecrets(record) }));
  for (const some of chunks(rows)) {
    await db
      .insertInto('raw')
      .values(some)
      .onConflict((on) =>
        on
          .column('id')
          .doUpdateSet((eb) => ({ heard: eb.ref('excluded.heard'), doc: eb.ref('excluded.doc') }))
          .whereRef('raw.heard', '<=', 'excluded.heard')
          .whereRef('raw.doc', '!=', 'excluded.doc'),
      )
      .execute();
    // A record that comes after the finding that named it is evidence all the same.
    const docs = new Map(some.map((row) => [row.id, row.doc]));
    const missing = await db
      .selectFrom('evidence')
      .select('id')
      .distinct()
      .where('id', 'in', [...docs.keys()])
      .where('raw', 'is', null)
      .execute();
    for (const { id } of missing) {
      await db
        .updateTable('evidence')
        .set({ raw: docs.get(id)! })
        .where('id', '=', id)
        .where('raw', 'is', null)
        .execute();
    }
  }
}

async function keepMachines(db: Kysely<Tables>, seen: Of<'compute.seen'>[]): Promise<void> {
  const machines = new Map<string, Machine>();
  for (const resources of chunks([...new Set(seen.map((o) => o.resource))])) {
    const rows = await db.selectFrom('machines').selectAll().where('resource', 'in', resources).execute();
    for (const row of rows) machines.set(row.resource, machineOf(row));
  }
  const changed = new Map<string, Machine>();
  for (const observation of seen) {
    const before = machines.get(observation.resource);
    if (before && before.seenAt > observation.heard) continue;
    const machine = machineSeen(observation, before);
    machines.set(observation.resource, machine);
    changed.set(observation.resource, machine);
  }
  await putMachines(db, [...changed.values()]);
}

function machineSeen(seen: Of<'compute.seen'>, before: Machine | undefined): Machine {
  return {
    resource: seen.resource,
    place: seen.place,
    by: seen.by,
    what: seen.what,
    shape: seen.shape,
    ...(seen.name === undefined ? {} : { name: seen.name }),
    ...(seen.perHour?.usd === undefined ? {} : { usdPerHour: seen.perHour.usd }),
    estimated: seen.estimated,
    startedAt: seen.at,
    seenAt: seen.heard,
    ...gone(seen, before),
  };
}

function gone(seen: Of<'compute.seen'>, before: Machine | undefined): { goneAt?: Time } {
  // A stopped machine is listed for as long as it exists; it went the first time it was seen stopped.
  if (!seen.running) return { goneAt: before?.goneAt ?? seen.heard };
  // A look that began before it was missed, and told us late, does not bring it back.
  return before?.goneAt !== undefined && before.goneAt > seen.heard ? { goneAt: before.goneAt } : {};
}

async function putMachines(db: Kysely<Tables>, machines: Machine[]): Promise<void> {
  const rows = machines.map(({ seenAt, goneAt, by, ...rest }) => ({
    resource: rest.resource,
    source: by,
    scope: scopeText(rest.place.scope),
    region: rest.place.region,
    seen_at: seenAt,
    gone_at: goneAt ?? null,
    doc: JSON.stringify(rest),
  }));
  for (const some of chunks(rows)) {
    await db
      .insertInto('machines')
      .values(some)
      .onConflict((on) =>
        on.column('resource').doUpdateSet((eb) => ({
          source: eb.ref('excluded.source'),
          scope: eb.ref('excluded.scope'),
          region: eb.ref('excluded.region'),
          seen_at: eb.ref('excluded.seen_at'),
          gone_at: eb.ref('excluded.gone_at'),
          doc: eb.ref('excluded.doc'),
        })),
      )
      .execute();
  }
}

function machineOf(row: Selectable<Tables['machines']>): Machine {
  const rest = JSON.parse(row.doc) as Omit<Machine, 'by' | 'seenAt' | 'goneAt'>;
  return { ...rest, by: row.source, seenAt: row.seen_at, ...(row.gone_at === null ? {} : { goneAt: row.gone_at }) };
}

async function keepLinks(db: Kysely<Tables>, linked: Of<'identity.linked'>[]): Promise<void> {
  // What was refused or failed links nobody.
  const rows = linked.filter((o) => o.outcome === undefined).map((o) => ({ from_subject: o.from, to_subject: o.to, how: o.how, at: o.at }));
  const first = new Map<string, (typeof rows)[number]>();
  for (const row of rows) {
    const key = JSON.stringify([row.from_subject, row.to_subject, row.how]);
    const known = first.get(key);
    if (!known || row.at < known.at) first.set(key, row);
  }
  for (const some of chunks([...first.values()])) {
    await db
      .insertInto('links')
      .values(some)
      .onConflict((on) =>
        on
          .columns(['from_subject', 'to_subject', 'how'])
          .doUpdateSet((eb) => ({ at: eb.ref('excluded.at') }))
          .whereRef('links.at', '>', 'excluded.at'),
      )
      .execute();
  }
}

async function keepLooks(db: Kysely<Tables>, finished: Of<'look.finished'>[]): Promise<void> {
  for (const o of finished) {
    const look: Look = {
      source: o.source,
      place: o.place,
      at: o.at,
      upTo: o.upTo,
      noun: o.noun,
      of: o.of,
      seen: o.seen,
      complete: o.complete,
      ...(o.gap === undefined ? {} : { gap: o.gap }),
    };
    await db
      .insertInto('looks')
      .values({ source: o.source, scope: scopeText(o.place.scope), region: o.place.region, at: o.at, doc: JSON.stringify(look) })
      .onConflict((on) =>
        on
          .columns(['source', 'scope', 'region'])
          .doUpdateSet((eb) => ({ at: eb.ref('excluded.at'), doc: eb.ref('excluded.doc') }))
          .whereRef('looks.at', '<=', 'excluded.at'),
      )
      .execute();
  }
}

export async function cursors(db: Kysely<Tables>, source: SourceName): Promise<Cursors> {
  const rows = await db
    .selectFrom('cursors')
    .select(['name', 'value'])
    .where('source', '=', source.name)
    .where('scope', '=', scopeText(source.scope))
    .execute();
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Page by page: a reader that is slow, or asks the store something in between, holds nobody up. From `since` on, before `until`. */
export async function* observations(db: Kysely<Tables>, since: Time, until?: Time): AsyncIterable<Observation> {
  let after = { at: since, id: '' };
  for (;;) {
    let query = db
      .selectFrom('observations')
      .selectAll()
      .where((eb) => eb(eb.refTuple('at', 'id'), '>', eb.tuple(after.at, after.id)))
      .orderBy('at')
      .orderBy('id')
      .limit(pageSize);
    if (until !== undefined) query = query.where('at', '<', until);
    const rows = await query.execute();
    for (const row of rows) yield { ...(JSON.parse(row.doc) as Observation), heard: row.heard };
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last;
  }
}
const pageSize = 1000;

/** In a transaction. */
export async function markGone(db: Kysely<Tables>, source: string, place: Place, before: Time, at: Time): Promise<Machine[]> {
  const rows = await db
    .updateTable('machines')
    .set({ gone_at: at })
    .where('scope', '=', scopeText(place.scope))
    .where('region', '=', place.region)
    .where('source', '=', source)
    .where('seen_at', '<', before)
    .where('gone_at', 'is', null)
    .returningAll()
    .execute();
  return rows.map(machineOf);
}

export async function machines(db: Kysely<Tables>, filter: { resources?: Subject[]; running?: boolean } = {}): Promise<Machine[]> {
  const select = () => {
    const all = db.selectFrom('machines').selectAll();
    return filter.running === undefined ? all : all.where('gone_at', filter.running ? 'is' : 'is not', null);
  };
  if (!filter.resources) return (await select().orderBy('resource').execute()).map(machineOf);
  const found: Machine[] = [];
  for (const some of chunks([...new Set(filter.resources)])) {
    found.push(...(await select().where('resource', 'in', some).execute()).map(machineOf));
  }
  return found;
}

export async function looks(db: Kysely<Tables>): Promise<Look[]> {
  const rows = await db.selectFrom('looks').select('doc').orderBy('source').orderBy('scope').orderBy('region').execute();
  return rows.map((row) => JSON.parse(row.doc) as Look);
}

export async function links(db: Kysely<Tables>, subjects?: Subject[]): Promise<Link[]> {
  const found = new Map<string, Link>();
  if (!subjects) {
    const rows = await db.selectFrom('links').selectAll().orderBy('at').execute();
    return rows.map((row) => ({ from: subjectOf(row.from_subject), to: subjectOf(row.to_subject), how: row.how, at: row.at }));
  }
  for (const some of chunks([...new Set(subjects)])) {
    const rows = await db
      .selectFrom('links')
      .selectAll()
      .where((eb) => eb.or([eb('from_subject', 'in', some), eb('to_subject', 'in', some)]))
      .execute();
    for (const row of rows) {
      const link = { from: subjectOf(row.from_subject), to: subjectOf(row.to_subject), how: row.how, at: row.at };
      found.set(JSON.stringify([link.from, link.to, link.how]), link);
    }
  }
  return [...found.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
