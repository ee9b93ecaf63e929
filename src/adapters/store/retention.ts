/** Forgetting, in small transactions with room for others in between. */
import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Time } from '../../checks/observation.ts';
import type { AuditLog } from './audit.ts';
import type { Tables } from './tables.ts';

/** Days of cost and of the bot's own calls are few rows and a year is compared with the one before. */
const moneyDays = 400;
/** The same money cut otherwise is many rows, and nobody asks for it after a season. */
const cutDays = 100;
const expectationDays = 30;
const rowsAtOnce = 500;

/** Returns how many rows went, those that go with a story included. */
export async function forget(
  db: Kysely<Tables>,
  log: AuditLog,
  now: Time,
  days: { observations: number; incidents: number },
): Promise<number> {
  const ago = (count: number): Time => new Date(Date.parse(now) - count * 86_400_000).toISOString();
  const seen = ago(days.observations);
  const told = ago(days.incidents);
  const moneyDay = ago(moneyDays).slice(0, 10);
  let gone = 0;
  const repeat = async (step: (tx: Kysely<Tables>) => Promise<number>): Promise<void> => {
    for (;;) {
      const count = await db.transaction().execute(step);
      gone += count;
      if (count === 0) return;
      await setImmediate();
    }
  };

  // By what was last heard: a machine that was launched long ago and still runs is not forgotten.
  await repeat((tx) =>
    rowsOf(
      tx
        .deleteFrom('observations')
        .where('id', 'in', (eb) =>
          eb.selectFrom('observations').select('id').where('at', '<', seen).where('heard', '<', seen).limit(rowsAtOnce),
        ),
    ),
  );
  await repeat((tx) =>
    rowsOf(tx.deleteFrom('raw').where('id', 'in', (eb) => eb.selectFrom('raw').select('id').where('heard', '<', seen).limit(rowsAtOnce))),
  );
  await repeat((tx) =>
    rowsOf(
      tx
        .deleteFrom('machines')
        .where('resource', 'in', (eb) => eb.selectFrom('machines').select('resource').where('gone_at', '<', seen).limit(rowsAtOnce)),
    ),
  );
  // A day, a place or a source has few rows here.
  await db.transaction().execute(async (tx) => {
    gone += await rowsOf(tx.deleteFrom('looks').where('at', '<', seen));
    gone += await rowsOf(tx.deleteFrom('costs').where('day', '<', moneyDay));
    gone += await rowsOf(tx.deleteFrom('costs').where('cut', '!=', '').where('day', '<', ago(cutDays).slice(0, 10)));
    gone += await rowsOf(tx.deleteFrom('budgets').where('until', '<', seen));
    gone += await rowsOf(tx.deleteFrom('calls').where('day', '<', moneyDay));
    gone += await rowsOf(tx.deleteFrom('expectations').where('until', '<', ago(expectationDays)));
  });
  await repeat((tx) =>
    rowsOf(
      tx
        .deleteFrom('buttons')
        .where('id', 'in', (eb) => eb.selectFrom('buttons').select('id').where('shown_at', '<', told).limit(rowsAtOnce)),
    ),
  );
  await repeat((tx) => forgetStory(tx, told));
  await repeat((tx) => log.forget(tx, told, rowsAtOnce));
  return gone;
}

/** One piece of the oldest story that is over: first its rows, then itself. */
async function forgetStory(tx: Kysely<Tables>, before: Time): Promise<number> {
  const story = await tx
    .selectFrom('incidents')
    .select('id')
    .where('state', 'in', ['resolved', 'expected', 'joined'])
    .where('changed_at', '<', before)
    .orderBy('changed_at')
    .executeTakeFirst();
  if (!story) return 0;
  const findings = await tx.selectFrom('findings').select('key').where('incident', '=', story.id).limit(rowsAtOnce).execute();
  const evidence = await tx.selectFrom('evidence').select('id').where('incident', '=', story.id).limit(rowsAtOnce).execute();
  let gone = 0;
  const keys = findings.map(({ key }) => key);
  if (keys.length > 0) gone += await rowsOf(tx.deleteFrom('findings').where('incident', '=', story.id).where('key', 'in', keys));
  const ids = evidence.map(({ id }) => id);
  if (ids.length > 0) gone += await rowsOf(tx.deleteFrom('evidence').where('incident', '=', story.id).where('id', 'in', ids));
  gone += await rowsOf(
    tx
      .deleteFrom('effects')
      .where('id', 'in', (eb) => eb.selectFrom('effects').select('id').where('incident', '=', story.id).limit(rowsAtOnce)),
  );
  if (gone > 0) return gone;
  return rowsOf(tx.deleteFrom('incidents').where('id', '=', story.id));
}

async function rowsOf(query: { executeTakeFirstOrThrow(): Promise<{ numDeletedRows: bigint }> }): Promise<number> {
  return Number((await query.executeTakeFirstOrThrow()).numDeletedRows);
}
