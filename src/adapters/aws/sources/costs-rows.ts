/** Rows of cost as observations, and what of an earlier answer is no longer so. Pure. */
import type { CostRow } from '../../../bot/ports.ts';
import type { CostCut, Of, Time } from '../../../checks/observation.ts';
import { billId } from '../../../checks/spend/bill-id.ts';
import { plusSeconds } from './looking.ts';

/** What was told of these days before, both included; from the store. */
export type ToldCosts = (from: string, to: string, cut?: CostCut) => Promise<CostRow[]>;
type Hearing = { by: string; heard: Time };

/** The same row told again, with whatever amount and by whichever source, has the same id. */
export function recorded(row: CostRow, { by, heard }: Hearing): Of<'spend.recorded'> {
  const { day, scope, region, service, charge, amount, currency, provisional, net, recordType } = row;
  return {
    kind: 'spend.recorded',
    id: billId(row),
    at: atOf(day, heard),
    heard,
    by,
    place: { scope, region },
    evidence: [],
    day,
    service,
    cost: { amount, currency, ...(currency === 'USD' ? { usd: amount } : {}) },
    charge,
    provisional,
    ...(net === undefined ? {} : { net }),
    ...(recordType === undefined ? {} : { recordType }),
  };
}

export function detailed(row: CostRow, cut: CostCut, hearing: Hearing): Of<'spend.detailed'> {
  const { usageType, resource, team, hour } = row;
  return {
    ...recorded(row, hearing),
    kind: 'spend.detailed',
    id: `${cut}/${[billId(row), usageType, resource, team, hour].filter((part) => part !== undefined).join('/')}`,
    cut,
    ...(usageType === undefined ? {} : { usageType }),
    ...(resource === undefined ? {} : { resource }),
    ...(team === undefined ? {} : { team }),
    ...(hour === undefined ? {} : { hour }),
  };
}

/** One string for what tells rows of one cut apart. */
export const keyOf = ({ day, scope, region, service, charge, currency, recordType, usageType, resource, team, hour }: CostRow): string =>
  JSON.stringify([day, scope.level, scope.id, region, service, charge, currency, recordType, usageType, resource, team, hour]);

/** The rows of `before` that an answer about their days no longer holds, at zero. `keys`: of the rows it does hold. */
export const vanished = (before: readonly CostRow[], keys: ReadonlySet<string>, heard: Time): CostRow[] =>
  before
    .filter((row) => row.amount !== 0 && !keys.has(keyOf(row)))
    .map(({ net, ...row }) => ({
      ...row,
      amount: 0,
      provisional: isProvisional(row.day, heard),
      ...(net === undefined ? {} : { net: 0 }),
    }));

/** Providers add to a day for about two days after its end (AWS: "up to 24 hours", and later for some services). */
export const isProvisional = (day: string, heard: Time): boolean => plusSeconds(endOf(day), 2 * daySeconds) > heard;
export const dayAfter = (day: string, days = 1): string => plusSeconds(`${day}T00:00:00.000Z`, days * daySeconds).slice(0, 10);

const daySeconds = 86_400;
const endOf = (day: string): Time => `${dayAfter(day)}T00:00:00.000Z`;
/** A day that is not over is known up to now: nothing lies in the future. */
const atOf = (day: string, heard: Time): Time => (endOf(day) < heard ? endOf(day) : heard);
