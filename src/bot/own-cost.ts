/** What the bot's own looking costs, as the meters counted it. Pure. */
import type { Time } from '../checks/observation.ts';
import { addSeconds } from './time.ts';
import { count, dollars } from './words.ts';

/** One row of the store's: a day in UTC, an operation such as `ec2:DescribeInstances`, how often it was called, USD. */
export type Metered = { day: string; operation: string; calls: number; usd: number };

/** How many days before today are counted; what is older tells nothing about how it is looked now. */
export const ownCostDays = 30;
const monthDays = 30;
const mostKinds = 4;

/** The first of the days that `ownCostWords` wants. */
export const ownCostSince = (now: Time): string => addSeconds(now, -ownCostDays * 86_400).slice(0, 10);

/**
 * "My own calls: 10,425 yesterday, $0.09. At the rate of the last 7 days $2.79 in 30 days: $1.50 ce, $1.25 guardduty." Days without a row
 * were days without a bot. Today counts only where there is no other day. Undefined: nothing was counted.
 */
export function ownCostInWords(rows: readonly Metered[], now: Time): string | undefined {
  const today = now.slice(0, 10);
  const whole = rows.filter(({ day }) => day < today);
  if (whole.length === 0) {
    const since = sumOf(rows);
    return since.calls === 0 ? undefined : `My own calls: ${count(since.calls, 'call')} today so far, ${spent(since.usd)}.`;
  }
  const days = [...new Set(whole.map(({ day }) => day))].sort();
  const last = days.at(-1) ?? '';
  const lastDay = sumOf(whole.filter(({ day }) => day === last));
  const perMonth = monthDays / days.length;
  const kinds = [...Map.groupBy(whole, ({ operation }) => operation.slice(0, operation.indexOf(':')))]
    .map(([kind, of]) => ({ kind, usd: sumOf(of).usd * perMonth }))
    .filter(({ usd }) => usd >= 0.005)
    .sort((a, b) => b.usd - a.usd)
    .slice(0, mostKinds);
  const which = last === addSeconds(`${today}T00:00:00.000Z`, -86_400).slice(0, 10) ? 'yesterday' : `on ${last}`;
  const parts = kinds.length > 1 ? ` (${kinds.map(({ kind, usd }) => `${kind} ${dollars(usd)}`).join(', ')})` : '';
  return `My own calls: ${count(lastDay.calls, 'call')} ${which}, ${spent(lastDay.usd)}. At the rate of the last ${count(days.length, 'day')} ${spent(sumOf(whole).usd * perMonth)} in ${monthDays} days${parts}.`;
}

const spent = (usd: number): string => (usd > 0 ? dollars(usd) : 'nothing to pay');

function sumOf(rows: readonly Metered[]): { calls: number; usd: number } {
  return { calls: rows.reduce((sum, one) => sum + one.calls, 0), usd: rows.reduce((sum, one) => sum + one.usd, 0) };
}
