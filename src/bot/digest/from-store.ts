/** What the store knows for a digest. */
import type { Store } from '../ports.ts';
import { addSeconds } from '../time.ts';
import type { DigestInput } from './input.ts';

const historyDays = 100;

/** `notices`: what is wrong with the bot itself, one sentence each. */
export async function digestInput(
  store: Store,
  given: Pick<DigestInput, 'now' | 'zone' | 'accounts' | 'endpointsElsewhere' | 'policy'> & { notices: string[] },
): Promise<DigestInput> {
  const { notices, ...rest } = given;
  const today = rest.now.slice(0, 10);
  const daysAgo = (days: number) => addSeconds(rest.now, -days * 24 * 3600);
  const calls = await store.calls(daysAgo(1).slice(0, 10), daysAgo(1).slice(0, 10));
  const looks = await store.looks();
  const read = looks.filter((look) => look.source.endsWith('/costs'));
  const failed = read.find((look) => !look.complete)?.gap;
  const costsAt = read
    .map((look) => look.at)
    .sort()
    .at(-1);
  return {
    ...rest,
    costs: await store.costs(daysAgo(historyDays).slice(0, 10), today),
    ...(costsAt ? { costsAt } : {}),
    ...(failed ? { noCosts: failed } : {}),
    incidents: await store.incidents({ since: daysAgo(7) }),
    looks,
    troubles: notices,
    ownCost: { usd: calls.reduce((sum, call) => sum + call.usd, 0), days: 1 },
    auditHash: (await store.lastAuditHash()).slice(0, 8),
    expectations: await store.expectations(rest.now),
    deadEffects: (await store.deadEffects()).length,
  };
}

/** The accounts of a digest. */
export const digestAccounts = (
  accounts: { scope: { cloud: string; id: string }; name: string; usualMonthlyUsd?: number }[],
): DigestInput['accounts'] =>
  accounts.map(({ scope, name, usualMonthlyUsd }) => ({ scope, name, ...(usualMonthlyUsd === undefined ? {} : { usualMonthlyUsd }) }));
