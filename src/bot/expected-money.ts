/**
 * Money that is expected: so much a day above what is usual, in one account (or a region or service of it), in one currency, for a time.
 * What exceeds the cap is told again, and so is whatever lies outside.
 */
import { createHash } from 'node:crypto';
import type { Scope, Time } from '../checks/observation.ts';
import type { SpendAnomaly } from '../checks/spend/judge.ts';
import type { Expectation } from './ports.ts';
import { scopeName } from './story.ts';

export type MoneyDeclaration = {
  scope: Scope;
  /** Absent: any. */
  region?: string;
  service?: string;
  from: Time;
  until: Time;
  capPerDay: number;
  currency: string;
  by: string;
};

const mostDays = 92;
const daySeconds = 86_400;
/** What `check` says of an expectation about money. */
export const moneyCheck = 'spend';

/** What stands against declaring this, in plain words; undefined when nothing does. */
export function againstMoney({ region, service, from, until, capPerDay }: MoneyDeclaration): string | undefined {
  if ([region ?? '', service ?? ''].some((name) => /[*?]/.test(name)))
    return 'Patterns are not understood: name one region and one service.';
  const days = (Date.parse(until) - Date.parse(from)) / (daySeconds * 1000);
  if (!(days > 0)) return 'It must end after it begins.';
  if (days > mostDays) return `At most ${mostDays} days; a new level is learned by then.`;
  if (!(capPerDay > 0 && capPerDay <= 1_000_000)) return 'Give a cap above 0 and up to 1000000 a day.';
  return undefined;
}

/** The expectation that a declaration stands for. Throws where something stands against it. */
export function expectedMoney(given: MoneyDeclaration): Expectation {
  const against = againstMoney(given);
  if (against) throw new Error(`This cannot be declared: ${against}`);
  const { scope, region, service, from, until, capPerDay, currency, by } = given;
  return {
    id: `money ${createHash('sha256')
      .update(JSON.stringify([scopeName(scope), region, service, currency, from, until, by]))
      .digest('hex')
      .slice(0, 12)}`,
    kind: 'window',
    check: moneyCheck,
    region: region ?? 'any',
    scope,
    capUsdPerHour: 0,
    money: { capPerDay, currency, ...(service === undefined ? {} : { service }) },
    ...{ from, until, by, at: from, hid: 0 },
  };
}

/**
 * For each anomaly of one day in one currency the expectation that hides it (`by`), or one that would, were it not for its cap (`over`). All
 * that one expectation covers on a day counts against its cap together. An anomaly is covered only with all of its leaves.
 */
export function hidingSpend(
  expectations: readonly Expectation[],
  anomalies: readonly SpendAnomaly[],
  currency: string,
): { anomaly: SpendAnomaly; by?: Expectation; over?: Expectation }[] {
  const fitting = new Map(
    anomalies.map((anomaly) => [anomaly, expectations.filter((one) => one.money?.currency === currency && covers(one, anomaly))]),
  );
  const excessOf = (one: Expectation) =>
    anomalies.reduce((sum, anomaly) => sum + (fitting.get(anomaly)?.includes(one) ? anomaly.excess : 0), 0);
  return anomalies.map((anomaly) => {
    const own = fitting.get(anomaly) ?? [];
    const by = own.find((one) => excessOf(one) <= (one.money?.capPerDay ?? 0));
    return by ? { anomaly, by } : own[0] ? { anomaly, over: own[0] } : { anomaly };
  });
}

/** A day counts as a whole: the bill does not say at what time of it money was spent. */
function covers({ from, until, region, scope, money }: Expectation, { day, leaves }: SpendAnomaly): boolean {
  const isThen = (from ?? '').slice(0, 10) <= day && `${day}T00:00:00.000Z` < until;
  return (
    isThen &&
    leaves.length > 0 &&
    leaves.every(
      (leaf) =>
        leaf.account === scope.id &&
        (region === 'any' || region === leaf.region) &&
        (money?.service === undefined || money.service === leaf.service),
    )
  );
}
