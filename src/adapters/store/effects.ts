/**
 * What must be done about a story, carried out at least once. Three lanes per story, chat, work and the pager, each strictly in order and
 * one at a time: a chat platform that is down must keep neither instances running nor people asleep, nor a slow cloud people uninformed.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Effect } from '../../bot/incident.ts';
import type { StoredEffect } from '../../bot/ports.ts';
import type { Time } from '../../checks/observation.ts';
import { countUp } from './facts.ts';
import { withoutSecrets } from './secrets.ts';
import { chunks, type Tables } from './tables.ts';

const lanes: Record<Effect['kind'], 'chat' | 'work' | 'page'> = {
  show: 'chat',
  nudge: 'chat',
  page: 'page',
  'look into': 'work',
  plan: 'work',
  act: 'work',
  follow: 'work',
  'look again': 'work',
  expire: 'work',
};
/** While these wait for their time, younger effects of their lane pass: they are appointments, or only help (`look into`). */
const patient: Effect['kind'][] = ['expire', 'look again', 'page', 'look into'];
/** Sorts before every real time: no clock, the cloud's or ours, can hold back what is to be done at once. */
const atOnce = '1970-01-01T00:00:00.000Z';

/** In the transaction that saves the story. */
export async function addEffects(db: Kysely<Tables>, incident: string, effects: Effect[]): Promise<void> {
  if (effects.length === 0) return;
  await dropOldShows(db, incident, effects);
  const last = await countUp(db, 'effect', effects.length);
  const rows = effects.map((effect, index) => ({
    id: last - effects.length + 1 + index,
    incident,
    lane: laneOf(effect),
    patient: patient.includes(effect.kind) ? 1 : 0,
    due_at: 'at' in effect ? effect.at : 'due' in effect ? effect.due : atOnce,
    leased_until: null,
    attempts: 0,
    state: 'waiting',
    last_error: null,
    doc: JSON.stringify(effect),
  }));
  for (const some of chunks(rows)) await db.insertInto('effects').values(some).execute();
}

/** A platform that did not get something gets it later, in a lane of its own. */
const laneOf = (effect: Effect): string => ('only' in effect && effect.only !== undefined ? `chat ${effect.only}` : lanes[effect.kind]);

/** Showing draws the latest state: of many that wait only the newest need be sent. One that is being carried out is left alone. */
async function dropOldShows(db: Kysely<Tables>, incident: string, effects: Effect[]): Promise<void> {
  const shows = effects.filter((effect) => effect.kind === 'show').map((effect) => JSON.stringify(effect));
  if (shows.length === 0) return;
  await db
    .updateTable('effects')
    .set({ state: 'done' })
    .where('incident', '=', incident)
    .where('state', '=', 'waiting')
    .where('leased_until', 'is', null)
    .where('doc', 'in', shows)
    .execute();
}

/** One statement: what two workers want at once, one of them gets. A lease that ran out makes an effect free again. */
export async function claim(db: Kysely<Tables>, now: Time, leaseSeconds: number, most: number): Promise<StoredEffect[]> {
  const rows = await db
    .updateTable('effects')
    .set((eb) => ({ leased_until: new Date(Date.parse(now) + leaseSeconds * 1000).toISOString(), attempts: eb('attempts', '+', 1) }))
    .where('state', '=', 'waiting')
    .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('effects as mine')
        .select('mine.id')
        .where('mine.state', '=', 'waiting')
        .where('mine.due_at', '<=', now)
        .where((inner) => inner.or([inner('mine.leased_until', 'is', null), inner('mine.leased_until', '<=', now)]))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('effects as other')
                .select('other.id')
                .where('other.state', '=', 'waiting')
                .whereRef('other.incident', '=', 'mine.incident')
                .whereRef('other.lane', '=', 'mine.lane')
                .whereRef('other.id', '!=', 'mine.id')
                .where((o) =>
                  o.or([
                    o('other.leased_until', '>', now),
                    o.and([o('other.id', '<', o.ref('mine.id')), o.or([o('other.patient', '=', 0), o('other.due_at', '<=', now)])]),
                  ]),
                ),
            ),
          ),
        )
        .orderBy('mine.id')
        .limit(most),
    )
    .returningAll()
    .execute();
  return rows.map(effectOf).sort((a, b) => a.id - b.id);
}

export async function releaseLeases(db: Kysely<Tables>): Promise<void> {
  await db
    .updateTable('effects')
    .set({ leased_until: null })
    .where('state', '=', 'waiting')
    .where('leased_until', 'is not', null)
    .execute();
}

export async function finish(db: Kysely<Tables>, id: number): Promise<void> {
  await db.updateTable('effects').set({ state: 'done', leased_until: null }).where('id', '=', id).where('state', '=', 'waiting').execute();
}

export async function postpone(db: Kysely<Tables>, id: number, until: Time, error: string): Promise<void> {
  await db
    .updateTable('effects')
    .set({ due_at: until, leased_until: null, last_error: withoutSecrets(error) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

export async function bury(db: Kysely<Tables>, id: number, error: string): Promise<void> {
  await db
    .updateTable('effects')
    .set({ state: 'dead', leased_until: null, last_error: withoutSecrets(error) })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

export async function deadEffects(db: Kysely<Tables>): Promise<StoredEffect[]> {
  const rows = await db.selectFrom('effects').selectAll().where('state', '=', 'dead').orderBy('id').execute();
  return rows.map(effectOf);
}

/**
 * When `claim` may next bring something: the earliest time at which an effect that nothing older holds back is due and its lane free. In
 * the past when something is due now. Finishing an effect frees its lane sooner, so ask again after that.
 */
export async function nextEffectDue(db: Kysely<Tables>): Promise<Time | undefined> {
  const { rows } = await sql<{ due: string | null }>`
    select min(case when lane.leased_until > mine.due_at then lane.leased_until else mine.due_at end) as due
    from effects as mine
    left join (
      select incident, lane, max(leased_until) as leased_until from effects where state = 'waiting' group by incident, lane
    ) as lane on lane.incident = mine.incident and lane.lane = mine.lane
    where mine.state = 'waiting' and not exists (
      select 1 from effects as other
      where other.state = 'waiting' and other.incident = mine.incident and other.lane = mine.lane and other.id < mine.id and other.patient = 0
    )`.execute(db);
  return rows[0]?.due ?? undefined;
}

function effectOf(row: Selectable<Tables['effects']>): StoredEffect {
  return {
    id: row.id,
    incident: row.incident,
    effect: JSON.parse(row.doc) as Effect,
    attempts: row.attempts,
    dueAt: row.due_at,
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    state: row.state as StoredEffect['state'],
  };
}
