/** Budgets that admins set in a chat; they take the place of configured ones of the same account or team. Kept in the store, each with who and when. */
import type { Budget } from './digest/input.ts';
import type { Store } from './ports.ts';

const setting = 'budgets';
/** Ended: the configured one of the same account or team, if there is one, is ended too. */
type Kept = Budget & { ended?: true };

/** All that hold now. */
export async function budgetsFrom(store: Pick<Store, 'setting'>, configured: readonly Budget[]): Promise<Budget[]> {
  const kept = await keptIn(store);
  const others = configured.filter((one) => !kept.some((other) => isSame(one, other)));
  return [...others, ...kept.filter(({ ended }) => !ended)];
}

/** The caller has written it to the audit. */
export async function keepBudget(store: Pick<Store, 'setting' | 'setSetting'>, budget: Kept): Promise<void> {
  const others = (await keptIn(store)).filter((one) => !isSame(one, budget));
  await store.setSetting(setting, JSON.stringify([...others, budget]));
}

async function keptIn(store: Pick<Store, 'setting'>): Promise<Kept[]> {
  return JSON.parse((await store.setting(setting)) ?? '[]') as Kept[];
}

export const isSame = (a: Pick<Budget, 'of'>, b: Pick<Budget, 'of'>): boolean => JSON.stringify(a.of) === JSON.stringify(b.of);
