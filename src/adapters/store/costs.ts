/** What it cost: rows by day, place and charge, the same money cut otherwise, and the budgets people set. */
import type { Kysely, Selectable } from 'kysely';
import type { Budget, CostRow } from '../../bot/ports.ts';
import type { CostCut, Of, Time } from '../../checks/observation.ts';
import { chunks, scopeOf, scopeText, type Tables } from './tables.ts';

type Spend = Of<'spend.recorded'> | Of<'spend.detailed'>;
type Row = Selectable<Tables['costs']>;

/** In a transaction; what was heard earlier comes first. */
export async function keepCosts(db: Kysely<Tables>, spend: Spend[]): Promise<void> {
  // Two rows of one key in one statement are refused by some databases; the later heard stands last.
  const rows = new Map(spend.map(rowOf).map((row) => [keyColumns.map((name) => row[name]).join('\n'), row]));
  for (const some of chunks([...rows.values()])) {
    await db
      .insertInto('costs')
      .values(some)
      .onConflict((on) =>
        on
          .columns([...keyColumns])
          .doUpdateSet((eb) => ({
            amount: eb.ref('excluded.amount'),
            net: eb.ref('excluded.net'),
            provisional: eb.ref('excluded.provisional'),
            heard: eb.ref('excluded.heard'),
          }))
          .whereRef('costs.heard', '<=', 'excluded.heard'),
      )
      .execute();
  }
}

/** Both days are included. */
export async function costs(db: Kysely<Tables>, from: string, to: string, cut?: CostCut): Promise<CostRow[]> {
  const rows = await db
    .selectFrom('costs')
    .selectAll()
    .where('cut', '=', cut ?? '')
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .orderBy('scope')
    .orderBy('region')
    .orderBy('service')
    .orderBy('charge')
    .orderBy('currency')
    .orderBy('detail')
    .execute();
  return rows.map((row) => ({
    day: row.day,
    scope: scopeOf(row.scope),
    region: row.region,
    service: row.service,
    charge: row.charge as CostRow['charge'],
    amount: row.amount,
    currency: row.currency,
    provisional: row.provisional === 1,
    ...(row.net === null ? {} : { net: row.net }),
    ...(row.detail === '' ? {} : (JSON.parse(row.detail) as Detail)),
  }));
}

/** What a complete look at budgets that was begun later did not bring is gone. */
export async function keepBudgets(db: Kysely<Tables>, seen: Of<'budget.seen'>[], looks: Of<'look.finished'>[]): Promise<void> {
  const rows = seen.map(({ place, name, per, from, until, limit, spent, expected, heard }) => ({
    scope: scopeText(place.scope),
    name,
    until,
    heard,
    doc: JSON.stringify({ scope: place.scope, name, per, from, until, limit, spent, ...(expected ? { expected } : {}) }),
  }));
  const last = new Map(rows.map((row) => [`${row.scope}\n${row.name}`, row]));
  for (const some of chunks([...last.values()])) {
    await db
      .insertInto('budgets')
      .values(some)
      .onConflict((on) =>
        on
          .columns(['scope', 'name'])
          .doUpdateSet((eb) => ({ until: eb.ref('excluded.until'), heard: eb.ref('excluded.heard'), doc: eb.ref('excluded.doc') }))
          .whereRef('budgets.heard', '<=', 'excluded.heard'),
      )
      .execute();
  }
  for (const { noun, complete, place, heard } of looks)
    if (noun === 'budgets' && complete)
      await db.deleteFrom('budgets').where('scope', '=', scopeText(place.scope)).where('heard', '<', heard).execute();
}

/** Those whose time is not over, by scope and name. */
export async function budgets(db: Kysely<Tables>, now: Time): Promise<Budget[]> {
  const rows = await db.selectFrom('budgets').selectAll().where('until', '>', now).orderBy('scope').orderBy('name').execute();
  return rows.map(({ doc, heard }) => ({ ...(JSON.parse(doc) as Omit<Budget, 'readAt'>), readAt: heard }));
}

const keyColumns = ['cut', 'day', 'scope', 'region', 'service', 'charge', 'currency', 'detail'] as const;
type Detail = Pick<CostRow, 'recordType' | 'usageType' | 'resource' | 'team' | 'hour'>;

function rowOf(one: Spend): Row {
  const { recordType } = one;
  const { usageType, resource, team, hour } = one.kind === 'spend.detailed' ? one : ({} as Partial<Of<'spend.detailed'>>);
  // The same fields in the same order: the text is part of the key.
  const detail = JSON.stringify({ recordType, usageType, resource, team, hour });
  return {
    cut: one.kind === 'spend.detailed' ? one.cut : '',
    day: one.day,
    scope: scopeText(one.place.scope),
    region: one.place.region,
    service: one.service,
    charge: one.charge,
    currency: one.cost.currency,
    detail: detail === '{}' ? '' : detail,
    amount: one.cost.amount,
    net: one.net ?? null,
    provisional: one.provisional ? 1 : 0,
    heard: one.heard,
  };
}
