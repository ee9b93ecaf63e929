/**
 * The audit log: rows that are only ever added, each bound to the one before it by an HMAC whose key is not in the database. A signed
 * mark holds the end, so that rows cut off are noticed; another holds the last row that retention removed, where checking begins.
 * What the chain alone cannot show is a whole database put back as it was earlier: for that, the last hash is also said in the chat.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Kysely, Selectable } from 'kysely';
import type { AuditEntry, AuditRow } from '../../bot/ports.ts';
import { jsonWithoutSecrets } from './secrets.ts';
import type { Tables } from './tables.ts';

type Verdict = { ok: true; rows: number } | { ok: false; number: number; why: string };
type Mark = { name: 'head' | 'forgotten'; number: number; hash: string };

export type AuditLog = ReturnType<typeof auditLog>;

/** The operations of the log with one key. Each takes the transaction to work in. */
export function auditLog(key: string | Buffer) {
  const sign = (what: string, text: string): string => createHmac('sha256', key).update(`${what}\n${text}`).digest('hex');
  const signMark = (mark: Mark): string => sign('mark', JSON.stringify([mark.name, mark.number, mark.hash]));
  const hashOf = (before: string, row: Omit<Selectable<Tables['audit']>, 'hash'>): string =>
    sign('row', JSON.stringify([before, row.number, row.at, row.who, row.what, row.incident, row.data]));

  async function marks(db: Kysely<Tables>): Promise<{ head: Checked; forgotten: Checked }> {
    const rows = await db.selectFrom('audit_marks').selectAll().execute();
    const check = (name: Mark['name']): Checked => {
      const row = rows.find((candidate) => candidate.name === name);
      if (!row) return { state: 'missing' };
      const mark: Mark = { name, number: row.number, hash: row.hash };
      return same(signMark(mark), row.mac) ? { state: 'signed', mark } : { state: 'changed', number: row.number };
    };
    return { head: check('head'), forgotten: check('forgotten') };
  }

  async function setMark(db: Kysely<Tables>, mark: Mark): Promise<void> {
    const row = { ...mark, mac: signMark(mark) };
    await db
      .insertInto('audit_marks')
      .values(row)
      .onConflict((on) => on.column('name').doUpdateSet({ number: row.number, hash: row.hash, mac: row.mac }))
      .execute();
  }

  return {
    /** Once, for a new database. */
    async begin(db: Kysely<Tables>): Promise<void> {
      const hash = sign('begin', '');
      await setMark(db, { name: 'head', number: 0, hash });
      await setMark(db, { name: 'forgotten', number: 0, hash });
    },

    /** A quick look at the marks. With the wrong key neither carries its signature; a single wrong one was changed by somebody. */
    async glance(db: Kysely<Tables>): Promise<'sound' | 'changed' | 'other key'> {
      const { head, forgotten } = await marks(db);
      if (head.state === 'signed' && forgotten.state === 'signed') return 'sound';
      return head.state === 'changed' && forgotten.state === 'changed' ? 'other key' : 'changed';
    },

    /** Throws when the end of the log was tampered with: what cannot be audited must not happen. */
    async append(db: Kysely<Tables>, entry: AuditEntry): Promise<AuditRow> {
      const { head } = await marks(db);
      if (head.state !== 'signed')
        throw new Error('The audit log cannot be continued: its signed end is missing or was changed. Run "audit verify".');
      const data = jsonWithoutSecrets(entry.data);
      const row = { number: head.mark.number + 1, at: entry.at, who: entry.who, what: entry.what, incident: entry.incident ?? null, data };
      const hash = hashOf(head.mark.hash, row);
      await db
        .insertInto('audit')
        .values({ ...row, hash })
        .execute();
      await setMark(db, { name: 'head', number: row.number, hash });
      return rowOf({ ...row, hash });
    },

    /** The newest last. */
    async rows(db: Kysely<Tables>, filter: { incident?: string; most: number }): Promise<AuditRow[]> {
      let query = db.selectFrom('audit').selectAll().orderBy('number', 'desc').limit(filter.most);
      if (filter.incident !== undefined) query = query.where('incident', '=', filter.incident);
      return (await query.execute()).map(rowOf).reverse();
    },

    /** Rows between these times that announce a step in the cloud, and the time of the oldest row of all. */
    async announced(db: Kysely<Tables>, from: string, until: string): Promise<{ began: string | undefined; rows: AuditRow[] }> {
      const oldest = await db.selectFrom('audit').select('at').orderBy('number').limit(1).executeTakeFirst();
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('what', 'in', ['about to act', 'about to undo'])
        .where('at', '>=', from)
        .where('at', '<=', until)
        .orderBy('number')
        .execute();
      return { began: oldest?.at, rows: rows.map(rowOf) };
    },

    async lastHash(db: Kysely<Tables>): Promise<string> {
      const head = await db.selectFrom('audit_marks').select('hash').where('name', '=', 'head').executeTakeFirst();
      return head?.hash ?? '';
    },

    /** Follows the whole chain; names the first row that is missing, changed or added. Give it one reading transaction. */
    async verify(db: Kysely<Tables>): Promise<Verdict> {
      const { head, forgotten } = await marks(db);
      if (forgotten.state !== 'signed') return { ok: false, number: 1, why: `the signed beginning of the log ${isWhat(forgotten)}` };
      let before = forgotten.mark.hash;
      let number = forgotten.mark.number;
      const old = await db.selectFrom('audit').select('number').where('number', '<=', number).orderBy('number').executeTakeFirst();
      if (old) return { ok: false, number: old.number, why: 'this row is older than the beginning of the log: it was put there' };

      for (;;) {
        const page = await db.selectFrom('audit').selectAll().where('number', '>', number).orderBy('number').limit(1000).execute();
        for (const row of page) {
          number++;
          if (row.number !== number) return { ok: false, number, why: 'this row is missing' };
          const hash = hashOf(before, row);
          if (!same(hash, row.hash)) return { ok: false, number, why: 'this row was changed, or written with another key' };
          before = hash;
        }
        if (page.length === 0) break;
        // A long log must not stop the process from hearing a press.
        await setImmediate();
      }

      if (head.state !== 'signed') return { ok: false, number: number + 1, why: `the signed end of the log ${isWhat(head)}` };
      if (head.mark.number > number)
        return { ok: false, number: number + 1, why: `the log was cut off: it once went on to row ${head.mark.number}` };
      if (head.mark.number < number) return { ok: false, number: head.mark.number + 1, why: 'this row was added after the signed end' };
      if (!same(head.mark.hash, before)) return { ok: false, number, why: 'the signed end does not belong to this row' };
      return { ok: true, rows: number - forgotten.mark.number };
    },

    /** Removes at most `most` of the oldest rows, as long as they are older than `before`. Returns how many. */
    async forget(db: Kysely<Tables>, before: string, most: number): Promise<number> {
      const { forgotten } = await marks(db);
      if (forgotten.state !== 'signed') return 0;
      const oldest = await db.selectFrom('audit').select(['number', 'at', 'hash']).orderBy('number').limit(most).execute();
      const young = oldest.findIndex((row) => row.at >= before);
      const going = young === -1 ? oldest : oldest.slice(0, young);
      const last = going.at(-1);
      if (!last) return 0;
      // The mark goes first: the table itself refuses to lose a row beyond it.
      await setMark(db, { name: 'forgotten', number: last.number, hash: last.hash });
      await db.deleteFrom('audit').where('number', '<=', last.number).execute();
      return going.length;
    },
  };
}

type Checked = { state: 'signed'; mark: Mark } | { state: 'changed'; number: number } | { state: 'missing' };
const isWhat = (mark: Checked): string => (mark.state === 'missing' ? 'is missing' : 'was changed, or written with another key');

function rowOf(row: Selectable<Tables['audit']>): AuditRow {
  const { number, at, who, what, incident, data, hash } = row;
  return { number, at, who, what, ...(incident === null ? {} : { incident }), data: JSON.parse(data) as Record<string, unknown>, hash };
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
