/** What a digest is told from: the types, and what saved files give. */
import type { Time } from '../../checks/observation.ts';
import type { Incident } from '../incident.ts';
import type { Policy } from '../people.ts';
import type { CostRow, Expectation, Budget as KeptBudget, Look, Machine } from '../ports.ts';

/** A row of cost of any provider: a saved file may hold clouds that cannot be guarded. Every `CostRow` is one. */
export type Cost = Omit<CostRow, 'scope'> & { scope: { cloud: string; level: string; id: string } };

/** What an account or a team may cost in a month, before credits. `by` and `at`: an admin said so in a chat; else the configuration does. */
export type Budget = {
  of: { account: string } | { team: string };
  monthly: number;
  /** Absent: the currency most of it is billed in. */
  currency?: string;
  by?: string;
  at?: Time;
};

/** A budget people set with the provider, as it was last read there. `until` is not included. */
export type ProviderBudget = Omit<KeptBudget, 'scope'>;

/** Credits somebody was granted: `amount` was left at the beginning of `from`, and what is left after `until` lapses (UTC days). */
export type Grant = { account: string; amount: number; from: string; until: string };

export type DigestInput = {
  now: Time;
  /** IANA zone of the team: which calendar day stands in the headline. Costs are always of UTC days. */
  zone: string;
  accounts: { scope: { cloud: string; id: string }; name: string; usualMonthlyUsd?: number }[];
  /** At best from the first of last month and at least 43 days back; more does no harm. */
  costs: Cost[];
  /** The same money cut otherwise, never added to `costs` or to each other; of a cut that is not known, `costs` themselves are asked. */
  cuts?: { account?: Cost[]; team?: Cost[]; cause?: Cost[] };
  /** When the costs were last read. */
  costsAt?: Time;
  /** Why there are none, in plain words. */
  noCosts?: string;
  budgets?: Budget[];
  providerBudgets?: ProviderBudget[];
  credits?: Grant[];
  /** Those that run, or ran lately: what explains a rise. */
  machines?: Machine[];
  /** Also those that are over; they are told apart here. */
  incidents: Incident[];
  looks: Look[];
  /** What is wrong with a chat, a source, the pager: one sentence each. */
  troubles: string[];
  /** What the bot's own API calls cost over so many days. */
  ownCost: { usd: number; days: number };
  policy: Policy;
  auditHash: string;
  /** Endpoints that do not point at the provider, e.g. "AWS_ENDPOINT_URL → http://127.0.0.1:5000". */
  endpointsElsewhere: string[];
  /** What the bot does not know yet, in plain words. */
  learning?: string[];
  expectations: Expectation[];
  /** Effects that were given up. */
  deadEffects: number;
  /** The UTC day told about (YYYY-MM-DD); the day before today when absent. Of a week or month: the one that day lies in. */
  day?: string;
  /** From saved files: only money is known, so nothing is said of stories and looks. */
  saved?: boolean;
  /** Never the one line: somebody asked for it. */
  full?: boolean;
};

/** The last UTC day with a cost in it: what a digest from saved files is about unless a day is named. */
export const lastDayOf = (costs: readonly Cost[]): string | undefined =>
  costs.reduce<string | undefined>((last, row) => (last === undefined || row.day > last ? row.day : last), undefined);

/** What a digest from saved cost files needs: nothing but the costs is known. */
export function savedInput(costs: Cost[], accounts: DigestInput['accounts'], policy: Policy, now: Time, day?: string): DigestInput {
  const last = day ?? lastDayOf(costs);
  return {
    now,
    zone: 'UTC',
    accounts,
    costs,
    ...(last ? { day: last } : {}),
    noCosts: 'the files hold no cost row that could be read',
    incidents: [],
    looks: [],
    troubles: [],
    ownCost: { usd: 0, days: 1 },
    policy,
    auditHash: '',
    endpointsElsewhere: [],
    expectations: [],
    deadEffects: 0,
    saved: true,
    full: true,
  };
}

/** The rows that say what each account cost. A payer's rows say it of none: they stand only where no cut by account is known. */
export function rowsByAccount({ costs, cuts }: DigestInput): Cost[] {
  if (!cuts?.account) return costs;
  const own = costs.filter((row) => row.scope.level === 'account');
  const told = new Set(own.map((row) => `${row.scope.cloud} ${row.scope.id}`));
  return [...own, ...cuts.account.filter((row) => !told.has(`${row.scope.cloud} ${row.scope.id}`))];
}
/** The rows that say what each team cost; none where no tag is known. */
export const rowsByTeam = (input: DigestInput): Cost[] =>
  input.cuts?.team ?? (input.costs.some((row) => row.team !== undefined) ? input.costs : []);
/** The rows that say by what: usage type, resource. */
export const rowsByCause = (input: DigestInput): Cost[] =>
  input.cuts?.cause ?? input.costs.filter((row) => row.usageType !== undefined || row.resource !== undefined);

/** What people call an account. */
export const accountName = (input: Pick<DigestInput, 'accounts'>, scope: { cloud: string; id: string }): string =>
  input.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud)?.name ?? scope.id;
