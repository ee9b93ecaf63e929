/** Stories: the document, its findings row by row, the raw records that are its evidence, and what must be done about it. */
import type { Kysely } from 'kysely';
import type { Incident, StoryFinding } from '../../bot/incident.ts';
import type { Change } from '../../bot/ports.ts';
import type { Time } from '../../checks/observation.ts';
import type { AuditLog } from './audit.ts';
import { addEffects } from './effects.ts';
import { chunks, type Tables } from './tables.ts';

/** In a transaction. Throws `SomeoneWasFirst` when a stored version is not the one a change was made from. */
export async function save(db: Kysely<Tables>, log: AuditLog, changes: Change[]): Promise<void> {
  for (const { incident, findings = [], effects, audit = [] } of changes) {
    if (!(await saveDocument(db, incident))) throw new SomeoneWasFirst();
    const changed = await saveFindings(db, incident);
    await saveEvidence(
      db,
      incident.id,
      [...changed, ...findings].flatMap((finding) => finding.evidence),
    );
    await addEffects(db, incident.id, effects);
    for (const entry of audit) await log.append(db, entry);
  }
}

export class SomeoneWasFirst extends Error {}

async function saveDocument(db: Kysely<Tables>, incident: Incident): Promise<boolean> {
  const { findings: _, ...document } = incident;
  const row = {
    id: incident.id,
    version: incident.version,
    state: incident.state,
    opened_at: incident.openedAt,
    changed_at: incident.changedAt,
    doc: JSON.stringify(document),
  };
  // One statement decides, so that two writers need no lock beyond the row's own.
  if (incident.version === 1) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('incidents')
      .values(row)
      .onConflict((on) => on.column('id').doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  }
  const { numUpdatedRows } = await db
    .updateTable('incidents')
    .set(row)
    .where('id', '=', incident.id)
    .where('version', '=', incident.version - 1)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Writes only the findings that differ from what is stored; returns those. */
async function saveFindings(db: Kysely<Tables>, incident: Incident): Promise<StoryFinding[]> {
  const rows = await db.selectFrom('findings').select(['key', 'doc']).where('incident', '=', incident.id).execute();
  const stored = new Map(rows.map(({ key, doc }) => [key, doc]));
  const changed = Object.entries(incident.findings)
    .map(([key, finding]) => ({ finding, row: { incident: incident.id, key, doc: JSON.stringify(finding) } }))
    .filter(({ row }) => stored.get(row.key) !== row.doc);
  for (const some of chunks(changed)) {
    await db
      .insertInto('findings')
      .values(some.map(({ row }) => row))
      .onConflict((on) => on.columns(['incident', 'key']).doUpdateSet((eb) => ({ doc: eb.ref('excluded.doc') })))
      .execute();
  }
  const left = [...stored.keys()].filter((key) => !Object.hasOwn(incident.findings, key));
  for (const some of chunks(left)) await db.deleteFrom('findings').where('incident', '=', incident.id).where('key', 'in', some).execute();
  return changed.map(({ finding }) => finding);
}

/** Raw records are copied: they are kept as long as the story, not as long as what was merely seen. */
async function saveEvidence(db: Kysely<Tables>, incident: string, ids: string[]): Promise<void> {
  for (const some of chunks([...new Set(ids)])) {
    const known = await db
      .selectFrom('evidence')
      .select('id')
      .where('incident', '=', incident)
      .where('id', 'in', some)
      .where('raw', 'is not', null)
      .execute();
    const complete = new Set(known.map(({ id }) => id));
    const wanted = some.filter((id) => !complete.has(id));
    if (wanted.length === 0) continue;
    const records = await db.selectFrom('raw').select(['id', 'doc']).where('id', 'in', wanted).execute();
    const docs = new Map(records.map(({ id, doc }) => [id, doc]));
    await db
      .insertInto('evidence')
      .values(wanted.map((id) => ({ incident, id, raw: docs.get(id) ?? null })))
      .onConflict((on) =>
        on
          .columns(['incident', 'id'])
          .doUpdateSet((eb) => ({ raw: eb.ref('excluded.raw') }))
          .where('evidence.raw', 'is', null),
      )
      .execute();
  }
}

/** In one transaction, so that document and findings are of the same version. Oldest first. */
export async function incidents(
  db: Kysely<Tables>,
  filter: { ids?: string[]; states?: Incident['state'][]; since?: Time } = {},
): Promise<Incident[]> {
  if (filter.states?.length === 0) return [];
  let query = db.selectFrom('incidents').select(['id', 'doc']).orderBy('opened_at').orderBy('id');
  if (filter.ids) query = query.where('id', 'in', filter.ids);
  if (filter.states) query = query.where('state', 'in', filter.states);
  if (filter.since !== undefined) query = query.where('changed_at', '>=', filter.since);
  const documents = await query.execute();

  const findings = new Map<string, Record<string, StoryFinding>>(documents.map(({ id }) => [id, {}]));
  for (const ids of chunks([...findings.keys()])) {
    const rows = await db.selectFrom('findings').selectAll().where('incident', 'in', ids).orderBy('incident').orderBy('key').execute();
    for (const row of rows) findings.get(row.incident)![row.key] = JSON.parse(row.doc) as StoryFinding;
  }
  return documents.map(({ id, doc }) => ({ ...(JSON.parse(doc) as Omit<Incident, 'findings'>), findings: findings.get(id) ?? {} }));
}

/** `raw` is null where no source has brought the record. */
export async function evidence(db: Kysely<Tables>, incident: string): Promise<{ id: string; raw: unknown }[]> {
  const rows = await db.selectFrom('evidence').select(['id', 'raw']).where('incident', '=', incident).orderBy('id').execute();
  return rows.map(({ id, raw }) => ({ id, raw: raw === null ? null : (JSON.parse(raw) as unknown) }));
}
