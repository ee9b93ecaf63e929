import { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Log, Store } from '../../bot/ports.ts';
import type { Time } from '../../checks/observation.ts';
import { auditLog } from './audit.ts';
import * as costs from './costs.ts';
import * as effects from './effects.ts';
import * as facts from './facts.ts';
import * as incidents from './incidents.ts';
import { migrate } from './migrations.ts';
import * as observations from './observations.ts';
import { forget } from './retention.ts';
import { holdAlone, openSqlite } from './sqlite.ts';
import type { Tables } from './tables.ts';

export type StoreOptions = {
  /** Made when it does not exist; ':memory:' for a database that ends with the process. */
  file: string;
  /** See `auditKeyFrom`. */
  auditKey: string | Buffer;
  log?: Log;
  /** How many copies made before migrations are kept beside the file. */
  backups?: number;
  /** For the bot itself: refuse when another bot runs on this file. Without it several processes may read and write, each write waiting for the other. */
  alone?: boolean;
  /** When buttons were shown, for retention. Everything else brings its own time. */
  now?: () => Time;
  /** For tests of what a later version will do. */
  migrations?: Record<string, Migration>;
};

/**
 * Opens the database, bringing its tables up to date. Throws an `Error` that says what to do when the file is damaged or from a newer
 * version, when another bot holds it, or when the audit key is not the one its audit log was written with.
 *
 * All work goes over one connection, one transaction at a time, so two saves never mix; each is on the disk when its promise resolves.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { file, log: tell, backups = 3, now = () => new Date().toISOString() } = options;
  const log = auditLog(options.auditKey);
  const engine = openSqlite(file, backups);
  const db = new Kysely<Tables>({ dialect: engine.dialect });
  let release = () => {};
  try {
    if (options.alone) release = holdAlone(file);
    await migrate(db, engine, log, tell, options.migrations);
    const audit = await log.glance(db);
    if (audit === 'other key') {
      throw new Error(
        `The audit key does not belong to the database ${file}. Put the right key file back; with another key every row of its audit log would look forged.`,
      );
    }
    // Still opened, so that "audit verify" can say where; nothing can be audited, and so nothing done, until it is settled.
    if (audit === 'changed') tell?.error({ file }, 'the audit log was tampered with');
  } catch (error) {
    await db.destroy();
    engine.close();
    release();
    throw error;
  }

  /** Every write, so that all waiting for another process is done in one place. */
  const write = <T>(work: (tx: Kysely<Tables>) => Promise<T>): Promise<T> => db.transaction().execute(work);
  /** One snapshot for several reads. */
  const read = <T>(work: (tx: Kysely<Tables>) => Promise<T>): Promise<T> => db.transaction().setAccessMode('read only').execute(work);

  return {
    async close() {
      await db.destroy();
      release();
    },

    keep: (source, batch) => write((tx) => observations.keep(tx, source, batch)),
    cursors: (source) => observations.cursors(db, source),
    observations: (since, until) => observations.observations(db, since, until),
    markGone: (source, place, before, at) => write((tx) => observations.markGone(tx, source, place, before, at)),
    machines: (filter) => read((tx) => observations.machines(tx, filter)),
    looks: () => observations.looks(db),
    links: (subjects) => read((tx) => observations.links(tx, subjects)),
    costs: (from, to, cut) => costs.costs(db, from, to, cut),
    budgets: (now) => costs.budgets(db, now),

    saveMemory: (horizon, entries) => write((tx) => facts.saveMemory(tx, horizon, entries)),
    memory: () => read((tx) => facts.memory(tx)),

    nextIncidentNumber: () => write((tx) => facts.countUp(tx, 'incident', 1)),
    incident: async (id) => (await read((tx) => incidents.incidents(tx, { ids: [id] })))[0],
    incidents: (filter) => read((tx) => incidents.incidents(tx, filter)),
    async save(changes) {
      try {
        await write((tx) => incidents.save(tx, log, changes));
        return 'saved';
      } catch (error) {
        if (error instanceof incidents.SomeoneWasFirst) return 'someone was first';
        throw error;
      }
    },
    evidence: (incident) => incidents.evidence(db, incident),

    claim: (time, leaseSeconds, most) => write((tx) => effects.claim(tx, time, leaseSeconds, most)),
    releaseLeases: () => write((tx) => effects.releaseLeases(tx)),
    finish: (id) => write((tx) => effects.finish(tx, id)),
    postpone: (id, until, error) => write((tx) => effects.postpone(tx, id, until, error)),
    bury: (id, error) => write((tx) => effects.bury(tx, id, error)),
    deadEffects: () => effects.deadEffects(db),
    nextEffectDue: () => effects.nextEffectDue(db),

    audit: (entry) => write((tx) => log.append(tx, entry)),
    auditRows: (filter) => log.rows(db, filter),
    announced: (from, until) => log.announced(db, from, until),
    lastAuditHash: () => log.lastHash(db),
    verifyAudit: () => read((tx) => log.verify(tx)),

    saveButtons: (buttons) => write((tx) => facts.saveButtons(tx, buttons, now())),
    button: (id) => facts.button(db, id),

    saveExpectation: (expectation) => write((tx) => facts.saveExpectation(tx, expectation)),
    expectations: (time) => facts.expectations(db, time),
    countHidden: (id, what) => write((tx) => facts.countHidden(tx, id, what)),

    setting: (name) => facts.setting(db, name),
    setSetting: (name, value) => write((tx) => facts.setSetting(tx, name, value)),

    addCalls: (day, scope, calls) => write((tx) => facts.addCalls(tx, day, scope, calls)),
    calls: (from, to) => facts.calls(db, from, to),

    forget: (time, days) => forget(db, log, time, days),
  };
}
