/**
 * Judging the bill: whenever it was read anew, what of the last weeks costs more than usual. What is found becomes an observation like any
 * other, so that it is kept, told and, when the provider revises the bill, taken back in the same way as everything else.
 */
import type { Observation, Of, Scope, Time } from '../checks/observation.ts';
import { aboveOwnHistory } from '../checks/spend/above-own-history.ts';
import { billId } from '../checks/spend/bill-id.ts';
import { dayNumber } from '../checks/spend/days.ts';
import { createSpendLedger, type SpendAnomaly, type UsualCost } from '../checks/spend/judge.ts';
import { createTelling } from '../checks/spend/retelling.ts';
import { hidingSpend } from './expected-money.ts';
import { forecast, type Series } from './forecast.ts';
import type { Clock, CostRow, Expectation, Hidden, Machine, Source, Store } from './ports.ts';
import { rank } from './severity.ts';
import { scopeName } from './story.ts';
import { addSeconds } from './time.ts';
import { addDays, daysInMonth, firstOfMonth } from './words.ts';

type Judged = Of<'spend.judged'>;

/** What the usual level is worked out of, and the months before for what comes once a month. */
const historyDays = 145;
/** So far back the bill is judged again each time: a story that is longer than that is the new level. */
const judgedDays = 42;
/** What was over longer ago when it was first seen is told to nobody. */
const freshDays = 5;

/**
 * One for all guarded accounts: what is paid together is judged together. It looks whenever a source of costs has looked since.
 * @param names what people call the accounts, by id
 */
export function spendJudge(deps: {
  store: Pick<Store, 'looks' | 'costs' | 'machines' | 'incidents' | 'expectations' | 'countHidden'>;
  clock: Clock;
  cloud: Scope['cloud'];
  usual: UsualCost;
  names: Record<string, string>;
}): Source {
  const { store, clock, usual, names } = deps;
  const daySeconds = 86_400;
  return {
    name,
    scope: { cloud: deps.cloud, level: 'organization', id: 'all accounts' },
    everySeconds: 60,
    permissions: [],
    async *collect({ judged, told: before }) {
      const looks = (await store.looks()).filter(({ source }) => isOfCosts(source));
      const looked = newest(looks.map(({ at }) => at));
      if (looked === undefined || looked === judged) return;
      // One that failed says until when the one before it knew.
      const readAt = newest(looks.map(({ complete, at, upTo }) => (complete ? at : upTo))) ?? looked;
      const heard = clock.now();
      const today = heard.slice(0, 10);
      const rows = await store.costs(addDays(today, -historyDays), today);
      const machines = await store.machines({ running: true });
      // What was expected of those days, also when that has ended since.
      const expectations = await store.expectations(addSeconds(heard, -judgedDays * daySeconds));
      const earlier = JSON.parse(before ?? '[]') as Judged[];
      const open = await unanswered(earlier, store);
      const judgements = [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, own]) =>
        judgeBill(own, { currency, usual: { ...usual, open }, earlier, names, machines, expectations, heard, readAt }),
      );
      const found = judgements.flatMap(({ judged }) => judged);
      for (const { by, anomaly } of judgements.flatMap(({ hidden }) => hidden)) {
        const what = hiddenOf(anomaly, heard);
        // The bill is judged several times a day; each thing that was hidden counts once.
        const isCounted = by.hidden?.some(({ key }) => key === what.key);
        if (!isCounted && anomaly.day >= addDays(today, -freshDays)) await store.countHidden(by.id, what);
      }
      const isFresh = ({ found: { day } }: Judged): boolean => day >= addDays(today, -freshDays);
      const told = found.filter((one) => isFresh(one) || earlier.some(({ id }) => id === one.id));
      // What is older than what is judged again is not gone; it is only not asked about any more.
      const gone = earlier.filter(({ id, found: { day } }) => day >= addDays(today, -judgedDays) && !found.some((one) => one.id === id));
      yield {
        observations: [...told, ...gone.map((one): Observation => ({ ...one, heard, readAt, withdrawn: true }))],
        raw: {},
        cursors: { judged: looked, told: JSON.stringify(told) },
      };
    },
  };
}

const name = 'spend/judge';
const newest = (times: Time[]): Time | undefined => times.sort().at(-1);
const isOfCosts = (source: string): boolean => /\/costs$/.test(source);

/** What stories are about that nobody has answered for: it is not to become what is usual, however long it goes on. */
async function unanswered(earlier: readonly Judged[], store: Pick<Store, 'incidents'>): Promise<NonNullable<UsualCost['open']>> {
  if (earlier.length === 0) return [];
  const live = await store.incidents({ states: ['open', 'planning', 'asking', 'acting', 'watching'] });
  const keys = new Set(
    live.flatMap(({ findings }) => Object.values(findings).flatMap(({ key, state }) => (state === 'active' ? key : []))),
  );
  return earlier
    .filter(({ id }) => keys.has(`${aboveOwnHistory.id}:${id}`))
    .flatMap(({ since, found: { leaves } }) =>
      leaves.map(({ account, service, region }) => ({ part: { account, service, region }, from: since })),
    );
}

type Judging = {
  currency: string;
  usual: UsualCost;
  /** What was told at the last reading: a story keeps its name. */
  earlier: readonly Judged[];
  names: Record<string, string>;
  machines: Machine[];
  expectations: Expectation[];
  heard: Time;
  readAt: Time;
};
type Story = { days: SpendAnomaly[]; over?: Expectation };
type Judgement = { judged: Judged[]; hidden: { anomaly: SpendAnomaly; by: Expectation }[] };

/** The stories of the last weeks in one currency, and what somebody expected. Pure. */
export function judgeBill(
  rows: readonly CostRow[],
  { currency, usual, earlier, names, machines, expectations, heard, readAt }: Judging,
): Judgement {
  const usage = rows.filter(({ charge }) => charge === 'usage');
  const last = usage.reduce((latest, { day }) => (day > latest ? day : latest), '');
  if (last === '') return { judged: [], hidden: [] };
  const usualMonthly = ofAccounts(usual.usualMonthly, usage);
  const ledger = createSpendLedger({ ...usual, usualMonthly });
  for (const { day, scope, service, region, amount } of usage) ledger.add({ day, account: scope.id, service, region, amount });
  const telling = createTelling();
  const stories = new Map<number, Story>();
  const hidden: Judgement['hidden'] = [];
  for (let day = addDays(last, 1 - judgedDays); day <= last; day = addDays(day, 1))
    for (const { anomaly, by, over } of hidingSpend(expectations, ledger.judge(day), currency)) {
      if (by) {
        hidden.push({ anomaly, by });
        continue;
      }
      const { story } = telling.follow({ ...anomaly, day: dayNumber(day) });
      const known = stories.get(story);
      const latest = { ...known, days: [...(known?.days ?? []), anomaly] };
      stories.set(story, over ? { ...latest, over } : latest);
    }
  const scopes = new Map(rows.map(({ scope }) => [scope.id, scope]));
  const taken = new Set<string>();
  const judged = [...stories.values()].map(({ days, over }): Judged => {
    const first = days[0]!;
    // A day that is not over has cost less than it will: the day before may say more of what goes on.
    const latest = days.slice(-2).reduce((one, next) => (next.excess >= one.excess ? next : one));
    const before = earlier.find((one) => one.currency === currency && !taken.has(one.id) && goesOn(one, days));
    const id = before?.id ?? keyOf(first, currency);
    taken.add(id);
    const severity = days.reduce((worst, one) => (rank(one.severity) > rank(worst) ? one.severity : worst), first.severity);
    const scope = scopes.get(latest.account)!;
    const day = usage.filter((row) => row.day === latest.day);
    const month = monthOf(
      rows.filter((row) => scopeName(row.scope) === scopeName(scope)),
      latest,
      usualMonthly[scope.id],
    );
    const end = `${addDays(latest.day, 1)}T00:00:00.000Z`;
    return {
      kind: 'spend.judged',
      id,
      at: end < heard ? end : heard,
      heard,
      by: name,
      place: { scope, region: latest.region ?? 'global' },
      evidence: linesOf(usage, days).map(billId),
      found: { ...latest, severity },
      since: before?.since ?? first.day,
      currency,
      provisional: day.some(({ provisional }) => provisional),
      readAt,
      names: Object.fromEntries(latest.leaves.flatMap(({ account }) => (names[account] === undefined ? [] : [[account, names[account]]]))),
      ...(month ? { month } : {}),
      ...(over?.money ? { expected: over.money.capPerDay } : {}),
      machines: machinesThere(machines, latest, first.day),
    };
  });
  return { judged, hidden };
}

const hiddenOf = ({ day, account, service = 'services', region, excess }: SpendAnomaly, at: Time): Hidden => ({
  key: `spend/${account}/${day}/${service}/${region ?? 'regions'}`,
  title: `${service}${region === undefined ? '' : ` in ${region}`} on ${day}`,
  at,
  usdPerHour: excess / 24,
});

/** Shares a part with what was told, and is no more than four days later. */
function goesOn({ since, found: { day, leaves } }: Judged, days: readonly SpendAnomaly[]): boolean {
  const told = new Set(leaves.map(partOf));
  return (
    days.some((one) => one.leaves.some((leaf) => told.has(partOf(leaf)))) && addDays(day, 4) >= days[0]!.day && since <= days.at(-1)!.day
  );
}
const partOf = ({ account, service, region }: SpendAnomaly['leaves'][number]): string => [account, service, region].join('\n');

/** What somebody said of an account says nothing of a payer, whose bill has the same number and holds many accounts. */
function ofAccounts(usualMonthly: UsualCost['usualMonthly'], usage: readonly CostRow[]): Record<string, number> {
  const payers = new Set(usage.filter(({ scope }) => scope.level === 'payer').map(({ scope }) => scope.id));
  return Object.fromEntries(Object.entries(usualMonthly ?? {}).filter(([id]) => !payers.has(id)));
}

const keyOf = ({ account, day, leaves: [leaf] }: SpendAnomaly, currency: string): string =>
  ['spend', account, day, leaf?.service, leaf?.region, ...(currency === 'USD' ? [] : [currency])].join('/');

/** Of the story's days and leaves. */
function linesOf(usage: readonly CostRow[], days: readonly SpendAnomaly[]): CostRow[] {
  const wanted = new Set(
    days.flatMap(({ day, leaves }) => leaves.map(({ account, service, region }) => [day, account, service, region].join('\n'))),
  );
  return usage.filter(({ day, scope, service, region }) => wanted.has([day, scope.id, service, region].join('\n')));
}

/** What the inventory sees there that was started since the day before the story began, the dearest first. */
function machinesThere(machines: readonly Machine[], { leaves }: SpendAnomaly, since: string): Judged['machines'] {
  const regions = new Set(leaves.map(({ region }) => region));
  const accounts = new Set(leaves.map(({ account }) => account));
  const there = machines.filter(
    ({ place, startedAt }) => regions.has(place.region) && accounts.has(place.scope.id) && startedAt.slice(0, 10) >= addDays(since, -1),
  );
  return [...Map.groupBy(there, ({ shape }) => shape.type)]
    .map(([type, own]) => ({
      type,
      count: own.length,
      since: own.reduce((first, { startedAt }) => (startedAt < first ? startedAt : first), own[0]!.startedAt),
      usdPerHour: own.reduce((sum, { usdPerHour = 0 }) => sum + usdPerHour, 0),
    }))
    .sort((a, b) => b.usdPerHour - a.usdPerHour);
}

/** The month of the story's latest day, for that account. */
function monthOf(rows: readonly CostRow[], { day, excess }: SpendAnomaly, usualMonthly: number | undefined): Judged['month'] {
  const sums = (wanted: (charge: CostRow['charge']) => boolean): Map<string, number> => {
    const days = new Map<string, number>();
    for (const row of rows) if (wanted(row.charge) && row.day <= day) days.set(row.day, (days.get(row.day) ?? 0) + row.amount);
    return days;
  };
  const series: Series = {
    day,
    from: rows.reduce((first, row) => (row.day < first ? row.day : first), day),
    usage: sums((charge) => charge === 'usage'),
    fees: sums((charge) => charge === 'fee' || charge === 'tax'),
    credits: sums((charge) => charge === 'credit'),
    provisional: new Set(rows.filter(({ provisional }) => provisional).map((row) => row.day)),
    ...(usualMonthly === undefined ? {} : { usualMonthly }),
  };
  const ahead = forecast(series);
  if (!ahead) return undefined;
  const left = daysInMonth(firstOfMonth(day)) - Number(day.slice(8, 10));
  return {
    ifItStops: ahead.ifItStops,
    ifItGoesOn: ahead.ifItStops + Math.max(excess, 0) * left,
    ...(usualMonthly === undefined ? {} : { usual: usualMonthly }),
  };
}
