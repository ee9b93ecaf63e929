/** What it cost: Cost Explorer, daily, by service and region. Every page of an answer costs $0.01, so nothing is asked twice. */
import type { Expression, GetCostAndUsageCommandInput, ResultByTime } from '@aws-sdk/client-cost-explorer';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Money, Observation, Of, Time } from '../../../checks/observation.ts';
import { troubleOf } from '../trouble.ts';
import { placesUsed } from './costs-places.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

/**
 * Every eight hours (AWS refreshes the data up to three times a day) the last three days, at the first time thirteen months; every
 * other day also what is not usage. Amounts are gross usage in the billing currency; a revised amount comes with the same id, heard later. The
 * first reading also says where machines ran in those months, from the same pages.
 */
export function costs({ session, clock }: Pick<Sight, 'session' | 'clock'>): Source {
  const { scope } = session;

  return {
    name,
    scope,
    everySeconds: refreshSeconds,
    permissions: [{ system: 'aws-iam', name: 'ce:GetCostAndUsage' }],

    async *collect(cursors): AsyncGenerator<Batch> {
      const heard = clock.now();
      const { read, readOthers } = cursors;
      // A restart does not buy again what was just bought.
      if (read !== undefined && heard < plusSeconds(read, refreshSeconds - slackSeconds) && read <= heard) return;

      const today = heard.slice(0, 10);
      const recent = plusSeconds(`${today}T00:00:00.000Z`, -3 * daySeconds).slice(0, 10);
      const resume = read !== undefined ? earlier(recent, plusSeconds(read, -3 * daySeconds).slice(0, 10)) : thirteenMonthsBefore(today);
      const oldest = thirteenMonthsBefore(today);
      const start = resume < oldest ? oldest : resume;
      let gap: string | undefined;
      try {
        const bills: Of<'spend.recorded'>[] = [];
        const usage = { ...window(start, today), GroupBy: by('SERVICE', 'REGION'), Filter: only(usageTypes) };
        for await (const results of pages(usage)) {
          const observations = results.flatMap((day) =>
            (day.Groups ?? []).flatMap(({ Keys: [service = 'unknown', region = ''] = [], Metrics }) =>
              spent(day, { service, region: placeName(region), charge: 'usage' }, moneyOf(Metrics), heard),
            ),
          );
          if (read === undefined) bills.push(...observations);
          if (observations.length > 0) yield { observations, raw: {}, cursors: { ...cursors } };
        }
        const places = placesUsed(bills, { by: name, scope, heard });
        if (places.length > 0) yield { observations: places, raw: {}, cursors: { ...cursors } };

        const others = readOthers === undefined || heard >= plusSeconds(readOthers, othersSeconds - slackSeconds);
        if (others) {
          const from = readOthers !== undefined ? earlier(recent, plusSeconds(readOthers, -3 * daySeconds).slice(0, 10)) : oldest;
          for await (const results of pages({
            ...window(from < oldest ? oldest : from, today),
            GroupBy: by('RECORD_TYPE'),
            Filter: accountOnly(),
          })) {
            const observations = results.flatMap((day) =>
              (day.Groups ?? []).flatMap(({ Keys: [type = ''] = [], Metrics }) => {
                const charge = chargeOf(type);
                return charge === 'usage' ? [] : spent(day, { service: type, region: 'global', charge }, moneyOf(Metrics), heard);
              }),
            );
            if (observations.length > 0) yield { observations, raw: {}, cursors: { ...cursors } };
          }
        }
        yield {
          observations: [end(heard, `${today}T00:00:00.000Z`)],
          raw: {},
          cursors: { read: heard, ...(others ? { readOthers: heard } : { readOthers }) },
        };
        return;
      } catch (error) {
        const trouble = troubleOf(error);
        gap =
          trouble.sort === 'not enabled'
            ? 'costs cannot be read: Cost Explorer is not switched on yet, or has no data (it takes a day after the first visit to its page)'
            : `costs could not be read: ${trouble.words}`;
      }
      yield { observations: [end(heard, read ?? `${start}T00:00:00.000Z`, gap)], raw: {}, cursors: { ...cursors } };
    },
  };

  function end(heard: Time, upTo: Time, gap?: string): Observation {
    return lookFinished(
      name,
      { scope, region: 'global' },
      {
        noun: 'payers',
        of: 1,
        seen: gap === undefined ? 1 : 0,
        heard,
        upTo,
        complete: gap === undefined,
        gap,
      },
    );
  }

  async function* pages(input: GetCostAndUsageCommandInput): AsyncGenerator<ResultByTime[]> {
    const { GetCostAndUsageCommand } = await import('@aws-sdk/client-cost-explorer');
    const client = await session.read.costExplorer();
    let token: string | undefined;
    let left = mostPages;
    do {
      const answer = await client.send(new GetCostAndUsageCommand({ ...input, ...(token !== undefined ? { NextPageToken: token } : {}) }));
      token = answer.NextPageToken;
      yield answer.ResultsByTime ?? [];
    } while (token !== undefined && --left > 0);
    if (token !== undefined) throw Object.assign(new Error('too many pages'), { name: `more than ${mostPages} pages` });
  }

  function spent(
    day: ResultByTime,
    { service, region, charge }: { service: string; region: string; charge: 'usage' | 'fee' | 'tax' | 'credit' },
    cost: Money | undefined,
    heard: Time,
  ): Of<'spend.recorded'>[] {
    const date = day.TimePeriod?.Start?.slice(0, 10);
    if (date === undefined || cost === undefined || Number.isNaN(Date.parse(date))) return [];
    // A zero is said too when it may revise an earlier amount.
    const at = plusSeconds(`${date}T00:00:00.000Z`, daySeconds);
    const isRecent = plusSeconds(at, 2 * daySeconds) > heard;
    if (cost.amount === 0 && !isRecent) return [];
    return [
      {
        kind: 'spend.recorded',
        id: `${scope.id}/${date}/${region}/${service}/${charge}`,
        at,
        heard,
        by: name,
        place: { scope, region },
        evidence: [],
        day: date,
        service,
        cost,
        charge,
        provisional: day.Estimated === true || isRecent,
      },
    ];
  }

  /** A payer's answer holds all its accounts; each is asked for itself. */
  function accountOnly(): Expression {
    return { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [scope.id] } };
  }
  function only(types: string[]): Expression {
    return { And: [{ Dimensions: { Key: 'RECORD_TYPE', Values: types } }, accountOnly()] };
  }
}

const name = 'aws/costs';
const refreshSeconds = 8 * 3600;
/** A run a little early is not too early. */
const slackSeconds = 300;
const daySeconds = 86_400;
/** Fees, taxes and credits come a few times a month. */
const othersSeconds = 2 * daySeconds;
/** A limit on what one reading may cost: $1. */
const mostPages = 100;
/** What was used, whatever then paid for it; what a reservation or plan covers counts at its usual price. */
const usageTypes = ['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage'];

const window = (start: string, end: string): Pick<GetCostAndUsageCommandInput, 'TimePeriod' | 'Granularity' | 'Metrics'> => ({
  TimePeriod: { Start: start, End: end },
  Granularity: 'DAILY',
  Metrics: ['UnblendedCost'],
});
const by = (...keys: string[]) => keys.map((Key) => ({ Type: 'DIMENSION' as const, Key }));

function chargeOf(type: string): 'usage' | 'fee' | 'tax' | 'credit' {
  if (usageTypes.includes(type)) return 'usage';
  if (/credit|refund|discount|negation/i.test(type)) return 'credit';
  return /tax/i.test(type) ? 'tax' : 'fee';
}

function moneyOf(metrics: Record<string, { Amount?: string | undefined; Unit?: string | undefined }> | undefined): Money | undefined {
  const { Amount, Unit = 'USD' } = metrics?.UnblendedCost ?? {};
  const amount = Number(Amount);
  if (Amount === undefined || !Number.isFinite(amount)) return undefined;
  return { amount, currency: Unit, ...(Unit === 'USD' ? { usd: amount } : {}) };
}

const placeName = (region: string): string => (region === '' || /^no ?region$/i.test(region) ? 'global' : region);
const earlier = (a: string, b: string): string => (a < b ? a : b);

function thirteenMonthsBefore(day: string): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  // From the first of a month, since not every month has a 31st.
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 12, 1)).toISOString().slice(0, 10);
}
