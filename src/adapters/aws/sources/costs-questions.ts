/** What Cost Explorer is asked, how often, and how its answer is read. A request is $0.01 a page and may group by two things. Pure. */
import type { Expression, GetCostAndUsageCommandInput, Group, GroupDefinition, ResultByTime } from '@aws-sdk/client-cost-explorer';
import type { CostRow } from '../../../bot/ports.ts';
import type { CostCut, Scope, Time } from '../../../checks/observation.ts';
import { dayAfter, isProvisional } from './costs-rows.ts';

export type Question = {
  /** What is remembered of it: another one where the same is asked of a payer, so that its whole past is read once in that form. */
  cursor: string;
  /** It is the bill by service and region. */
  isMain?: true;
  everySeconds: number;
  /** Absent: what is recorded. */
  cut?: CostCut;
  asks: Pick<GetCostAndUsageCommandInput, 'Granularity' | 'GroupBy' | 'Filter'>;
  /** Which of the rows told earlier this question answers anew. `accounts`: those that a payer pays for, as far as is known. */
  answers(row: CostRow, accounts: ReadonlySet<string>): boolean;
  /** Undefined: this group belongs to another question. */
  row(keys: string[]): Pick<CostRow, 'scope' | 'region' | 'service' | 'charge' | 'recordType' | 'team'> | undefined;
};
export type Asking = {
  /** The account whose credentials ask. */
  scope: Scope;
  /** They are the payer's, and all its accounts are meant. */
  payer: boolean;
  hourly: boolean;
  /** The cost allocation tag that names the team. */
  tag?: string | undefined;
};

/**
 * One account: service × region every eight hours, and once a day by service what is not usage. A payer: service × region of all its
 * accounts together every eight hours, account × service once a day, and every other day by account what is not usage.
 */
export function questionsOf({ scope, payer, hourly, tag }: Asking): Question[] {
  const bill: Scope = payer ? { ...scope, level: 'payer' } : scope;
  const mine: Expression[] = payer ? [] : [{ Dimensions: { Key: 'LINKED_ACCOUNT', Values: [scope.id] } }];
  const usage: Expression = { Dimensions: { Key: 'RECORD_TYPE', Values: usageTypes } };
  const isMine = (row: CostRow, accounts: ReadonlySet<string>): boolean =>
    row.scope.id === scope.id || (payer && accounts.has(row.scope.id));
  const cursor = (name: string): string => (payer ? `payer ${name}` : name);
  const placed = (service = unknown, region = ''): ReturnType<Question['row']> => ({
    scope: bill,
    region: placeName(region),
    service,
    charge: 'usage',
  });
  const questions: Question[] = [
    {
      cursor: cursor('read'),
      isMain: true,
      everySeconds: refreshSeconds,
      asks: { Granularity: 'DAILY', GroupBy: by('SERVICE', 'REGION'), Filter: both([usage, ...mine]) },
      answers: (row, accounts) => isMine(row, accounts) && row.charge === 'usage',
      row: ([service, region]) => placed(service, region),
    },
    {
      cursor: cursor('others'),
      everySeconds: payer ? 2 * daySeconds : daySeconds,
      asks: {
        Granularity: 'DAILY',
        GroupBy: by('RECORD_TYPE', payer ? 'LINKED_ACCOUNT' : 'SERVICE'),
        Filter: both([{ Not: usage }, ...mine]),
      },
      answers: (row, accounts) => isMine(row, accounts) && row.charge !== 'usage',
      row([recordType = '', other = unknown]) {
        const charge = chargeOf(recordType);
        if (charge === 'usage') return undefined;
        const ofAccount = { scope: { ...scope, id: other }, service: recordType };
        return { ...(payer ? ofAccount : { scope, service: other }), region: 'global', charge, recordType };
      },
    },
  ];
  if (payer)
    questions.push({
      cursor: cursor('accounts'),
      everySeconds: daySeconds,
      cut: 'account',
      asks: { Granularity: 'DAILY', GroupBy: by('LINKED_ACCOUNT', 'SERVICE'), Filter: usage },
      answers: isMine,
      row: ([account = unknown, service = unknown]) => ({ scope: { ...scope, id: account }, region: 'global', service, charge: 'usage' }),
    });
  if (tag !== undefined)
    questions.push({
      cursor: cursor('teams'),
      everySeconds: daySeconds,
      cut: 'team',
      asks: { Granularity: 'DAILY', GroupBy: [{ Type: 'TAG', Key: tag }, ...by('SERVICE')], Filter: both([usage, ...mine]) },
      answers: isMine,
      // The answer spells it "team$platform", and "team$" where there is none.
      row: ([value = '', service = unknown]) => ({ ...placed(service)!, team: value.slice(value.indexOf('$') + 1) }),
    });
  if (hourly)
    questions.push({
      cursor: cursor('hours'),
      everySeconds: refreshSeconds,
      cut: 'hour',
      asks: { Granularity: 'HOURLY', GroupBy: by('SERVICE', 'REGION'), Filter: both([usage, ...mine]) },
      answers: isMine,
      row: ([service, region]) => placed(service, region),
    });
  return questions;
}

/** One account's part of a payer's usage, as `read` asks for the whole. */
export const onlyOf = ({ asks }: Question, account: string): Question['asks'] => ({
  ...asks,
  Filter: both([...(asks.Filter ? [asks.Filter] : []), { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [account] } }]),
});

/** The groups of an answer as rows; what is none is left out. */
export const rowsOf = (question: Question, results: readonly ResultByTime[], heard: Time): CostRow[] =>
  results.flatMap((result) => (result.Groups ?? []).flatMap((group) => rowOf(question, result, group, heard) ?? []));

function rowOf(question: Question, result: ResultByTime, { Keys = [], Metrics }: Group, heard: Time): CostRow | undefined {
  const start = result.TimePeriod?.Start ?? '';
  const day = start.slice(0, 10);
  const { Amount, Unit = 'USD' } = Metrics?.UnblendedCost ?? {};
  const [amount, net] = [Number(Amount), Number(Metrics?.NetUnblendedCost?.Amount)];
  const row = question.row(Keys);
  if (Amount === undefined || !Number.isFinite(amount) || Number.isNaN(Date.parse(day)) || row === undefined) return undefined;
  return {
    day,
    ...row,
    amount,
    currency: Unit,
    // The provider's own "estimated" holds for all of a month whose invoice is not written yet.
    provisional: isProvisional(day, heard),
    ...(Metrics?.NetUnblendedCost?.Amount !== undefined && Number.isFinite(net) ? { net } : {}),
    ...(question.cut === 'hour' ? { hour: new Date(start).toISOString() } : {}),
  };
}

/** Up to and with today: a day that is not over can be too dear already. The ends of a period are not part of it. */
export function periodOf({ cut }: Question, from: string, heard: Time): { Start: string; End: string } {
  const today = heard.slice(0, 10);
  if (cut !== 'hour') return { Start: from, End: dayAfter(today) };
  return { Start: `${dayAfter(today, -1)}T00:00:00Z`, End: `${heard.slice(0, 13)}:00:00Z` };
}

/** AWS brings the data up to date "up to three times a day" (Cost Explorer API, best practices). */
export const refreshSeconds = 8 * 3600;
const daySeconds = 86_400;
/** What was used, whatever then paid for it; what a reservation or plan covers counts at its usual price. */
const usageTypes = ['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage'];
const unknown = 'unknown';

const by = (...keys: string[]): GroupDefinition[] => keys.map((Key) => ({ Type: 'DIMENSION', Key }));
const both = (parts: Expression[]): Expression => (parts.length === 1 ? parts[0]! : { And: parts });
const placeName = (region: string): string => (region === '' || /^no ?region$/i.test(region) ? 'global' : region);

function chargeOf(type: string): CostRow['charge'] {
  if (usageTypes.includes(type)) return 'usage';
  if (/credit|refund|discount|negation/i.test(type)) return 'credit';
  return /tax/i.test(type) ? 'tax' : 'fee';
}
