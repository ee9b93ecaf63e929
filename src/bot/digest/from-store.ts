/** What the store knows for a digest. */

import type { Time } from '../../checks/observation.ts';
import { budgetsFrom } from '../budget-book.ts';
import type { Look, Store } from '../ports.ts';
import { addSeconds } from '../time.ts';
import { addDays } from '../words.ts';
import type { DigestInput } from './input.ts';
import { lastSpan, type Span, spanOf } from './period.ts';

/** Enough for six weeks before the week before, and for the whole month before last. */
const historyDays = 100;

export type View = 'day' | Span['kind'];
type Given = Pick<DigestInput, 'now' | 'zone' | 'accounts' | 'endpointsElsewhere' | 'policy' | 'budgets' | 'credits' | 'day'>;

/** `notices`: what is wrong with the bot itself, one sentence each. Budgets set in a chat take the place of configured ones. */
export async function digestInput(store: Store, given: Given & { notices: string[]; view?: View }): Promise<DigestInput> {
  const { notices, view = 'day', ...rest } = given;
  const today = rest.now.slice(0, 10);
  const span = view === 'day' ? undefined : rest.day ? spanOf(view, rest.day, today) : lastSpan(view, today);
  const told = span ?? { from: rest.day ?? addDays(today, -1), to: rest.day ?? addDays(today, -1) };
  const firsts = [addDays(today, -historyDays), addDays(told.from, -historyDays), ...(rest.credits ?? []).map((grant) => grant.from)];
  const first = firsts.sort()[0] ?? today;
  const cuts: NonNullable<DigestInput['cuts']> = {};
  for (const cut of ['account', 'team', 'cause'] as const) {
    const rows = await store.costs(first, today, cut);
    if (rows.length > 0) cuts[cut] = rows;
  }
  const calls = await store.calls(told.from, told.to);
  const looks = await store.looks();
  const read = looks.filter((look) => look.source.endsWith('/costs'));
  const failed = read.find((look) => !look.complete)?.gap;
  const costsAt = readAt(read);
  const since = span && span.from < addDays(today, -7) ? `${span.from}T00:00:00.000Z` : addSeconds(rest.now, -7 * 24 * 3600);
  return {
    ...rest,
    costs: await store.costs(first, today),
    ...(Object.keys(cuts).length > 0 ? { cuts } : {}),
    ...(costsAt ? { costsAt } : {}),
    ...(failed ? { noCosts: failed } : {}),
    budgets: await budgetsFrom(store, rest.budgets ?? []),
    providerBudgets: await store.budgets(rest.now),
    machines: await store.machines({ running: true }),
    incidents: await store.incidents({ since }),
    looks,
    troubles: notices,
    ownCost: { usd: calls.reduce((sum, call) => sum + call.usd, 0), days: span ? (view === 'week' ? 7 : Number(told.to.slice(8, 10))) : 1 },
    auditHash: (await store.lastAuditHash()).slice(0, 8),
    expectations: await store.expectations(rest.now),
    deadEffects: (await store.deadEffects()).length,
  };
}

/** The oldest of what was read in full; where nothing was, until when something is known. */
function readAt(looks: readonly Look[]): Time | undefined {
  const full = looks.filter((look) => look.complete).map((look) => look.at);
  return full.length > 0
    ? full.sort()[0]
    : looks
        .map((look) => look.upTo)
        .sort()
        .at(-1);
}

/** The accounts of a digest. */
export const digestAccounts = (
  accounts: { scope: { cloud: string; id: string }; name: string; usualMonthlyUsd?: number }[],
): DigestInput['accounts'] =>
  accounts.map(({ scope, name, usualMonthlyUsd }) => ({ scope, name, ...(usualMonthlyUsd === undefined ? {} : { usualMonthlyUsd }) }));
