/** What a backtest says: an anomaly as a line of JSON, and stories for people to read. Pure. */
import type { SpendAnomaly } from '../checks/spend/judge.ts';
import type { SpendStory, Told } from './backtest.ts';
import { cut, listed, money } from './words.ts';

const mostLeaves = 20;

/**
 * One object: `check`, `severity`, `day` (UTC), `account`, `service` and `region` (null where there are several), `usd`, `expectedUsd`, `excessUsd` (null where the
 * bill is not in US dollars; then `amount`, `expected`, `excess` have them), `currency`, `title`; then `how`, `why` it is told ("new", "more severe", "twice as
 * much"), `story` (a number), `partial` (the day is not over) and `leaves`, which explain the excess (the greatest 20).
 */
export function backtestLine({ story, anomaly, isPartial, why }: Told, check: string): Record<string, unknown> {
  const { currency } = story.bill;
  const isUsd = currency === 'USD';
  const amounts = { spent: round(anomaly.spent), expected: round(anomaly.expected), excess: round(anomaly.excess) };
  const services = new Set(anomaly.leaves.map(({ service }) => service));
  const regions = new Set(anomaly.leaves.map(({ region }) => region));
  return {
    check,
    severity: anomaly.severity,
    day: anomaly.day,
    account: anomaly.account,
    service: services.size === 1 ? [...services][0] : null,
    region: regions.size === 1 ? [...regions][0] : null,
    usd: isUsd ? amounts.spent : null,
    expectedUsd: isUsd ? amounts.expected : null,
    excessUsd: isUsd ? amounts.excess : null,
    currency,
    ...(isUsd ? {} : { amount: amounts.spent, expected: amounts.expected, excess: amounts.excess }),
    title: anomalyTitle(anomaly, currency, isPartial),
    how: anomaly.how,
    why,
    story: story.number,
    partial: isPartial,
    leaves: anomaly.leaves.slice(0, mostLeaves).map((leaf) => ({
      account: leaf.account,
      service: leaf.service,
      region: leaf.region,
      amount: round(leaf.spent),
      expected: round(leaf.expected),
    })),
  };
}

/** What, where, compared with what: "$412 on Amazon EC2 in ap-northeast-1, a region that never cost anything". */
export function anomalyTitle({ how, leaves, spent, expected }: SpendAnomaly, currency: string, isPartial: boolean): string {
  const services = unique(leaves.map(({ service }) => service));
  const regions = unique(leaves.map(({ region }) => region)).filter((region) => region !== 'global');
  const what = services.length > 3 ? `${services.length} services` : listed(services.map((name) => cut(name, 60)));
  const where = regions.length === 0 ? '' : ` in ${regions.length > 3 ? `${regions.length} regions` : listed(regions)}`;
  const cost = money(spent, currency);
  const when = isPartial ? ' so far' : '';
  switch (how) {
    case 'new region':
      return `${cost}${when} on ${what}${where}, ${regions.length > 1 ? 'regions that never cost' : 'a region that never cost'} anything`;
    case 'new service':
      return `${cost}${when} on ${what}${where}, which never cost anything`;
    case 'jump':
      return `${cost}${when} on ${what}${where}, where ${money(expected, currency)} is usual`;
    case 'slow burn':
      return `${cost}${when} on ${what}${where} after a week above the usual ${money(expected, currency)}`;
    default:
      return how satisfies never;
  }
}

/** The cells of a story's row. */
export function storyRow(
  { number, severity, bill, days, state, other, spent, expected, excess, ...story }: SpendStory,
  nameOf: (account: string) => string,
): string[] {
  const [first, last] = [days[0]!.day, days.at(-1)!.day];
  const accounts = [...story.accounts];
  return [
    `${number} ${severity}`,
    `${first}${last === first ? '' : ` – ${last}`}`,
    state === 'in another' ? `see ${other}` : state === 'taken as usual' ? 'usual now' : state,
    accounts.length > 1 ? `${accounts.length} accounts` : cut(nameOf(accounts[0]!), 24),
    few([...story.regions], 'regions', 20),
    money(spent, bill.currency),
    money(expected, bill.currency),
    money(excess, bill.currency),
    `${howWords[story.how]}: ${few([...story.services], 'services', 60)}`,
  ];
}
export const storyHead = ['story', 'from – to (UTC)', 'state', 'account', 'region', 'cost', 'usual', 'more', 'what'];

const howWords: Record<SpendAnomaly['how'], string> = {
  'new region': 'new region',
  'new service': 'new service',
  jump: 'jump',
  'slow burn': 'more for a week',
};

const few = (names: string[], many: string, most: number): string =>
  names.length > 1 ? `${names.length} ${many}` : cut(names[0] ?? '', most);
const unique = (names: string[]): string[] => [...new Set(names)];
const round = (amount: number): number => Math.round(amount * 1e6) / 1e6;
