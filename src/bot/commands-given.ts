/** What people name in a command: an account, a time. Pure. */
import type { Time } from '../checks/observation.ts';
import type { GuardedAccount } from './ports.ts';
import { listed } from './words.ts';

/** By its name or id; the only one when none is named. Undefined: it is not clear which. */
export function accountGiven(name: string | undefined, accounts: readonly GuardedAccount[]): GuardedAccount | undefined {
  const fitting =
    name === undefined ? accounts : accounts.filter((one) => one.name.toLowerCase() === name.toLowerCase() || one.scope.id === name);
  return fitting.length === 1 ? fitting[0] : undefined;
}

export function whichAccount(accounts: readonly GuardedAccount[]): string {
  const names = accounts.map(({ name }) => name);
  return `Say on which account: ${listed(names, 10)}. Nothing was changed.`;
}

/** A day, or a time of it, in UTC. Undefined: it is none. */
export function timeGiven(text: string): Time | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/i.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
export const howTime = 'Give the beginning as 2026-11-23 or 2026-11-23T22:00Z, in UTC. Nothing was changed.';
