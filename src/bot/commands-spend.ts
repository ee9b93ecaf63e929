/** What was spent: `/warden spend`. */
import { answer } from './answer.ts';
import { ageWords, type MoneyDeps, noCosts, type Row } from './commands-budget.ts';
import { chargesOf, chargeWords } from './digest/charges.ts';
import { oneCurrency } from './digest/currency.ts';
import { type DigestInput, rowsByTeam } from './digest/input.ts';
import { type By, partLines, partsOfDay } from './digest/parts.ts';
import { partsOfSpan } from './digest/period.ts';
import { spanPartLines } from './digest/summary-details.ts';
import { tell } from './digest/told.ts';
import { daysBetween } from './forecast.ts';
import type { Message, Part, Text } from './message.ts';
import { addDays, cut, dayAndMonth, daysInMonth, firstOfMonth, listed, money, monthName, percent, weekdayOf } from './words.ts';

const whens = ['today', 'yesterday', '7d', 'mtd', '30d'] as const;
type When = (typeof whens)[number];
const bys = ['service', 'region', 'account', 'team'] as const;
type Days = { from: string; upTo: string };

/** `words`: when and by what, in any order; yesterday by service without them. */
export async function spendCommand(words: string[], deps: MoneyDeps): Promise<Message> {
  const given = words.map((word) => word.toLowerCase());
  const strange = given.find((word) => !isOneOf(whens, word) && !isOneOf(bys, word));
  const when: When = given.find((word) => isOneOf(whens, word)) ?? 'yesterday';
  const by: By = given.find((word) => isOneOf(bys, word)) ?? 'service';
  if (strange !== undefined || given.length > new Set(given).size || given.length > 2)
    return answer(`${strange === undefined ? 'That is too much at once' : `I do not know “${cut(strange, 40)}”`}.`, howToSpend());
  const input = await deps.input();
  if (input.costs.length === 0) return noCosts(input);
  if (by === 'team' && rowsByTeam(input).length === 0)
    return answer(
      'No cost here carries a team. Activate a cost allocation tag with the provider and name it in the configuration (accounts → costs → tag); it counts from then on.',
      howToSpend(),
    );
  const today = input.now.slice(0, 10);
  const days = daysOf(when, today);
  const upTo = tell({ ...input, day: days.upTo, full: true });
  const rows = upTo.currencies.flatMap(({ currency }) => spendRows(input, when, days, currency, by, upTo.currencies.length > 1));
  const title = `Spend ${nameOf(when)} by ${by}`;
  return {
    summary: title,
    parts: [
      { kind: 'header', text: title, aside: `${spanWords(days)}${ageWords(input)}` },
      { kind: 'facts', rows },
      ...provisionalPart(input, days),
    ],
  };
}

function spendRows(input: DigestInput, when: When, days: Days, currency: string, by: By, isOneOfSeveral: boolean): Row[] {
  const tag = isOneOfSeveral ? ` (${currency})` : '';
  const rows = input.costs.filter((row) => row.currency === currency);
  const own = rows.filter((row) => row.day >= days.from && row.day <= days.upTo);
  if (own.length === 0) return [{ label: `Used${tag}`, lines: [nothingYet(input, currency, days)] }];
  const used = own.reduce((sum, row) => sum + (row.charge === 'usage' ? row.amount : 0), 0);
  const charges = chargeWords(chargesOf(own), currency);
  const net = own.reduce((sum, row) => sum + row.amount, 0);
  return [
    {
      label: `Used${tag}`,
      lines: [
        [{ bold: money(used, currency) }, comparison(input, when, days, currency, used)],
        ...(charges.length > 0 ? [`beside that: ${charges.join(', ')}; to pay in all ${money(net, currency)}`] : []),
      ],
    },
    { label: `By ${by}${tag}`, lines: parts(input, when, days, currency, by) },
  ];
}

function parts(input: DigestInput, when: When, days: Days, currency: string, by: By): Text[] {
  const most = 12;
  if (when === 'today' || when === 'yesterday') {
    const found = partsOfDay(input, currency, days.upTo, by);
    // What there is of a day that is not over is not held against whole ones.
    const own = when === 'today' ? found.filter(({ amount }) => amount !== 0).map(({ name, amount }) => ({ name, amount })) : found;
    return partLines(own, currency, most);
  }
  return spanPartLines(partsOfSpan(input, days, before(when, days), currency, by), currency, most);
}

/** One day against a usual one, several against as many before, the month against the one before up to the same day. */
function comparison(input: DigestInput, when: When, days: Days, currency: string, used: number): string {
  const rows = input.costs.filter((row) => row.currency === currency && row.day <= days.upTo);
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), days.upTo);
  if (when === 'today' || when === 'yesterday') {
    const { usual } = oneCurrency(input, currency, rows, days.upTo);
    if (!usual) return ' · too little history to compare with';
    const day = usual.kind === 'weekday' ? weekdayOf(days.upTo) : 'day';
    return when === 'today'
      ? ` so far · a whole usual ${day}: ${money(usual.amount, currency)}`
      : ` · a usual ${day} here: ${money(usual.amount, currency)}${change(used, usual.amount)}`;
  }
  const earlier = before(when, days);
  if (from > earlier.from) return ` · nothing to compare with: data begin on ${dayAndMonth(from)}`;
  const was = rows.reduce(
    (sum, row) => sum + (row.charge === 'usage' && row.day >= earlier.from && row.day <= earlier.upTo ? row.amount : 0),
    0,
  );
  const name = when === 'mtd' ? `${monthName(earlier.from)} up to that day` : `the ${when === '7d' ? 7 : 30} days before`;
  return ` · ${name}: ${money(was, currency)}${change(used, was)}`;
}

function change(now: number, was: number): string {
  const words = percent(now, was);
  return words ? ` (${words})` : '';
}

function daysOf(when: When, today: string): Days {
  const yesterday = addDays(today, -1);
  switch (when) {
    case 'today':
      return { from: today, upTo: today };
    case 'yesterday':
      return { from: yesterday, upTo: yesterday };
    case '7d':
      return { from: addDays(today, -7), upTo: yesterday };
    case '30d':
      return { from: addDays(today, -30), upTo: yesterday };
    case 'mtd':
      return { from: firstOfMonth(today), upTo: today };
    default:
      return when satisfies never;
  }
}

function before(when: When, { from, upTo }: Days): Days {
  if (when !== 'mtd') return { from: addDays(from, -daysBetween(from, upTo).length), upTo: addDays(from, -1) };
  const month = firstOfMonth(addDays(from, -1));
  return { from: month, upTo: addDays(month, Math.min(daysBetween(from, upTo).length, daysInMonth(month)) - 1) };
}

const nameOf = (when: When): string =>
  ({ today: 'today', yesterday: 'yesterday', '7d': 'of the last 7 days', '30d': 'of the last 30 days', mtd: 'of this month so far' })[when];
const spanWords = ({ from, upTo }: Days): string =>
  from === upTo ? `${weekdayOf(upTo)} ${dayAndMonth(upTo)}, UTC` : `${dayAndMonth(from)} – ${dayAndMonth(upTo)}, UTC`;

function nothingYet(input: DigestInput, currency: string, { from, upTo }: Days): string {
  const last = input.costs.reduce((latest, row) => (row.currency === currency && row.day > latest ? row.day : latest), '');
  const when = from === upTo ? 'that day' : 'those days';
  return `nothing is billed for ${when} yet${last ? `; the last day billed is ${dayAndMonth(last)}` : ''}. A bill is up to a day behind`;
}

function provisionalPart(input: DigestInput, { from, upTo }: Days): Part[] {
  const days = [
    ...new Set(input.costs.filter((row) => row.provisional && row.day >= from && row.day <= upTo).map(({ day }) => day)),
  ].sort();
  if (days.length === 0) return [];
  return [
    {
      kind: 'text',
      quiet: true,
      text: `${listed(days.map(dayAndMonth), 3)} ${days.length === 1 ? 'is' : 'are'} provisional and may still grow.`,
    },
  ];
}

const howToSpend = (): Part => ({
  kind: 'text',
  quiet: true,
  text: [
    `Say when: ${whens.join(', ')}; and by what: ${bys.join(', ')}. For example `,
    { code: '/warden spend 7d region' },
    '. Without anything it is yesterday by service.',
  ],
});

const isOneOf = <T extends string>(list: readonly T[], word: string): word is T => (list as readonly string[]).includes(word);
