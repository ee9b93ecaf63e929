/**
 * A day in one message. Pure. What the day cost against the same weekday, the month and where it is heading, what moved, what is open,
 * what could not be seen. A quiet day is one line. Amounts of several currencies stand side by side and are never added.
 *
 * "Usage" is gross: what was used, before credits. Fees, taxes and credits are named apart and are part of the month, so that a credit
 * cannot hide what somebody uses and a fee on the first is no alarm.
 */
import type { Severity, Time } from '../checks/observation.ts';
import { daysBetween, type Forecast, forecast, median, type Series, usualFor } from './forecast.ts';
import type { Incident } from './incident.ts';
import type { Message, Part, Text } from './message.ts';
import { approvers, type Policy } from './people.ts';
import type { CostRow, Expectation, Look } from './ports.ts';
import { asLine, gapWords, looksInWords, severityRank, storyHeadline } from './present.ts';
import {
  addDays,
  count,
  cut,
  dayAndMonth,
  dayIn,
  duration,
  firstOfMonth,
  listed,
  money,
  monthName,
  percent,
  secondsBetween,
  signedMoney,
  weekdayOf,
  whole,
} from './words.ts';

/** A row of cost of any provider: a saved file may hold clouds that cannot be guarded. Every `CostRow` is one. */
export type Cost = Omit<CostRow, 'scope'> & { scope: { cloud: string; level: string; id: string } };

export type DigestInput = {
  now: Time;
  /** IANA zone of the team: which calendar day stands in the headline. Costs are always of UTC days. */
  zone: string;
  accounts: { scope: { cloud: string; id: string }; name: string; usualMonthlyUsd?: number }[];
  /** At best from the first of last month and at least 43 days back; more does no harm. */
  costs: Cost[];
  /** When the costs were last read. */
  costsAt?: Time;
  /** Why there are none, in plain words. */
  noCosts?: string;
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
  /** The UTC day told about (YYYY-MM-DD); the day before today when absent. */
  day?: string;
  /** From saved files: only money is known, so nothing is said of stories and looks. */
  saved?: boolean;
  /** Never the one line: somebody asked for it. */
  full?: boolean;
};

/** What the picture shows; the picture itself is drawn by an adapter. */
export type ChartSpec = {
  title: string;
  currency: string;
  /** UTC days in order, 30 of them. */
  days: string[];
  /** The day the digest is about. */
  marked: string;
  provisional: string[];
  /** Largest first, "other" last; an amount for each day. */
  series: { name: string; amounts: number[] }[];
  /** What the picture shows, in words. */
  alt: string;
};
export type Digest = { message: Message; chart?: ChartSpec; quiet: boolean };

/** The digest of a day and the picture that belongs to it. */
export function digest(input: DigestInput): Digest {
  const told = tell(input);
  const { main } = told;
  const chart = main ? chartOf(input, told, main) : undefined;
  const summary = cut(summaryOf(input, told), 110);
  const parts = told.quiet ? quietParts(input, told) : longParts(input, told);
  return { message: { summary, parts }, ...(chart ? { chart } : {}), quiet: told.quiet };
}

/** The digest with its picture after the money. */
export function withPicture(message: Message, picture: { png: Uint8Array; alt: string }, day: string): Message {
  const after = message.parts.findIndex((part) => part.kind === 'facts') + 1 || message.parts.length;
  const image: Part = { kind: 'image', png: picture.png, name: `costs-${day}.png`, alt: picture.alt };
  return { ...message, parts: [...message.parts.slice(0, after), image, ...message.parts.slice(after)] };
}

/**
 * The same as data, for `digest --json`; one object:
 * `day` (UTC), `weekday`, `provisionalDays`, `noCosts` (why there are no figures, or null), `currencies`: for each currency `currency`,
 * `usage` (the day's gross usage), `fees`, `tax`, `credits` of the day, `usual` (`amount`, `kind` "weekday" or "day", `days` it rests on; null
 * when history is too short), `monthToDate` (net), `monthEnd` (`ifItStops`, `ifItGoesOn`, `band`, `excessPerDay`, `excessSince`; null when history is too
 * short), `lastMonth` (net; null unless known in full), `moved` (`account`, `service`, `region`, `change`, `amount`, `isNew`); `services` of the day
 * (`service`, `amount`); then `open` stories (`incident`, `severity`, `state`, `headline`), `blindSpots`, `notices`, `ownCostUsd`, `audit`.
 */
export function digestJson(input: DigestInput): Record<string, unknown> {
  const told = tell(input);
  return {
    day: told.day,
    weekday: weekdayOf(told.day),
    provisionalDays: told.provisional,
    noCosts: told.currencies.length === 0 ? whyNoCosts(input) : null,
    currencies: told.currencies.map((one) => ({
      currency: one.currency,
      usage: round(one.usage),
      fees: round(one.charges.fee),
      tax: round(one.charges.tax),
      credits: round(one.charges.credit),
      usual: one.usual ? { amount: round(one.usual.amount), kind: one.usual.kind, days: one.usual.days } : null,
      monthToDate: round(one.month.total),
      monthEnd: one.forecast
        ? {
            ifItStops: round(one.forecast.ifItStops),
            ifItGoesOn: round(one.forecast.ifItGoesOn),
            band: round(one.forecast.band),
            excessPerDay: round(one.forecast.excessPerDay),
            excessSince: one.forecast.excessSince ?? null,
          }
        : null,
      lastMonth: one.lastMonth === undefined ? null : round(one.lastMonth),
      moved: one.moved.map((move) => ({ ...move, change: round(move.change), amount: round(move.amount) })),
      services: one.services.map(([service, amount]) => ({ service, amount: round(amount) })),
    })),
    open: told.open.map((story) => ({ incident: story.id, severity: story.severity, state: story.state, headline: storyHeadline(story) })),
    blindSpots: told.blind,
    notices: told.notices,
    ownCostUsd: input.saved ? null : round(input.ownCost.usd),
    audit: input.saved ? null : input.auditHash.slice(0, 8),
  };
}

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

// ---- counting ---------------------------------------------------------------------------------------------------------------

type Move = { account: string; service: string; region: string; change: number; amount: number; isNew: boolean };
type Charges = { fee: number; tax: number; credit: number };
type OneCurrency = {
  currency: string;
  series: Series;
  usage: number;
  charges: Charges;
  hasDay: boolean;
  usual?: { amount: number; kind: 'weekday' | 'day'; days: number };
  month: { total: number; from: string; charges: Charges };
  forecast?: Forecast;
  lastMonth?: number;
  moved: Move[];
  /** The day's usage by service, largest first. */
  services: [string, number][];
  weight: number;
};
type Told = {
  day: string;
  isYesterday: boolean;
  currencies: OneCurrency[];
  main?: OneCurrency;
  provisional: string[];
  open: Incident[];
  over: Incident[];
  blind: string[];
  notices: string[];
  quiet: boolean;
};

function tell(input: DigestInput): Told {
  const yesterday = addDays(input.now.slice(0, 10), -1);
  const day = input.day ?? yesterday;
  const rows = input.costs.filter((row) => row.day <= day);
  const currencies = [...Map.groupBy(rows, (row) => row.currency)]
    .map(([currency, own]) => oneCurrency(input, currency, own, day))
    .sort((a, b) => b.weight - a.weight || (a.currency < b.currency ? -1 : 1));
  const since = firstOfMonth(day) < addDays(day, -6) ? firstOfMonth(day) : addDays(day, -6);
  const provisional = [...new Set(rows.filter((row) => row.provisional && row.day >= since).map((row) => row.day))].sort();
  const open = input.incidents
    .filter((incident) => !['resolved', 'expected', 'joined'].includes(incident.state))
    .sort((a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.beganAt < b.beganAt ? -1 : 1));
  const over = input.incidents.filter(
    (incident) =>
      (incident.state === 'resolved' || incident.state === 'expected') && secondsBetween(incident.changedAt, input.now) < 86_400,
  );
  const blind = input.saved ? [] : blindSpots(input);
  const main = currencies[0];
  const calm = currencies.every((one) => one.hasDay && one.usual !== undefined && isCalm(one));
  const told: Told = {
    day,
    isYesterday: day === yesterday,
    currencies,
    ...(main ? { main } : {}),
    provisional,
    open,
    over,
    blind,
    notices: input.saved ? [] : notices(input),
    quiet: false,
  };
  return { ...told, quiet: !input.full && currencies.length > 0 && calm && open.length === 0 && over.length === 0 && blind.length === 0 };
}

function oneCurrency(input: DigestInput, currency: string, rows: Cost[], day: string): OneCurrency {
  const from = rows.reduce((first, row) => (row.day < first ? row.day : first), day);
  const byDay = (charges: readonly Cost['charge'][]) => totals(rows, (row) => (charges.includes(row.charge) ? row.day : undefined));
  const usage = byDay(['usage']);
  const series: Series = {
    day,
    from,
    usage,
    fees: byDay(['fee', 'tax']),
    credits: byDay(['credit']),
    provisional: new Set(rows.filter((row) => row.provisional).map((row) => row.day)),
    ...(currency === 'USD' && input.accounts.some((account) => account.usualMonthlyUsd !== undefined)
      ? { usualMonthly: input.accounts.reduce((sum, account) => sum + (account.usualMonthlyUsd ?? 0), 0) }
      : {}),
  };
  const month = firstOfMonth(day);
  const before = firstOfMonth(addDays(month, -1));
  const usual = usualFor(usage, day, from);
  const ahead = forecast(series);
  const total = (first: string, last: string) =>
    rows.filter((row) => row.day >= first && row.day <= last).reduce((sum, row) => sum + row.amount, 0);
  return {
    currency,
    series,
    usage: usage.get(day) ?? 0,
    charges: chargesOf(rows.filter((row) => row.day === day)),
    hasDay: rows.some((row) => row.day === day),
    ...(usual ? { usual } : {}),
    month: { total: total(month, day), from: from > month ? from : month, charges: chargesOf(rows.filter((row) => row.day >= month)) },
    ...(ahead ? { forecast: ahead } : {}),
    ...(from <= before ? { lastMonth: total(before, addDays(month, -1)) } : {}),
    moved: moves(input, rows, day, from, usual?.kind),
    services: [...totals(rows, (row) => (row.charge === 'usage' && row.day === day ? row.service : undefined))].sort((a, b) => b[1] - a[1]),
    weight: rows.reduce((sum, row) => sum + Math.abs(row.amount), 0),
  };
}

function chargesOf(rows: Cost[]): Charges {
  const charges = { fee: 0, tax: 0, credit: 0 };
  for (const row of rows) if (row.charge !== 'usage') charges[row.charge] += row.amount;
  return charges;
}

/** What changed most in money against what the same thing usually costs, judged the way the total is. */
function moves(input: DigestInput, rows: Cost[], day: string, from: string, kind: 'weekday' | 'day' | undefined): Move[] {
  if (!kind) return [];
  const compared =
    kind === 'weekday'
      ? [1, 2, 3, 4, 5, 6].map((week) => addDays(day, -7 * week)).filter((one) => one >= from)
      : daysBetween(from, addDays(day, -1)).slice(-14);
  const wanted = new Set([...compared, day]);
  const since = addDays(day, -42);
  const leaves = Map.groupBy(
    rows.filter((row) => row.charge === 'usage' && row.day >= since),
    (row) => JSON.stringify([row.scope.cloud, row.scope.id, row.service, row.region]),
  );
  const found = [...leaves.values()].flatMap((leaf): Move[] => {
    const first = leaf[0];
    if (!first) return [];
    const own = totals(leaf, (row) => (wanted.has(row.day) ? row.day : undefined));
    const amount = own.get(day) ?? 0;
    const change = amount - median(compared.map((one) => own.get(one) ?? 0));
    const isNew = amount > 0 && !leaf.some((row) => row.day < day && row.amount > 0);
    return [{ account: accountName(input, first.scope), service: first.service, region: first.region, change, amount, isNew }];
  });
  const total = found.reduce((sum, move) => sum + Math.abs(move.amount), 0);
  return found
    .filter((move) => Math.abs(move.change) >= Math.max(0.01, 0.03 * total))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, 4);
}

function totals(rows: readonly Cost[], key: (row: Cost) => string | undefined): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = key(row);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + row.amount);
  }
  return sums;
}

/** Within a fifth or five of its usual cost, nothing new of weight, and no run of dear days. */
function isCalm(one: OneCurrency): boolean {
  const usual = one.usual?.amount ?? 0;
  const far = Math.abs(one.usage - usual) > Math.max(5, 0.2 * usual);
  const news = one.moved.some((move) => Math.abs(move.change) > Math.max(10, 0.1 * usual));
  return !far && !news && (one.forecast?.excessPerDay ?? 0) === 0;
}

function blindSpots(input: DigestInput): string[] {
  return [
    ...(input.costs.length === 0 ? [`costs: ${whyNoCosts(input)}`] : []),
    ...(input.looks.length === 0 ? ['nothing has been looked at yet'] : []),
    ...gapWords(input.looks, input.now),
    ...input.troubles,
    ...(input.deadEffects > 0
      ? [`${count(input.deadEffects, 'act or message was', 'acts or messages were')} given up after many tries`]
      : []),
  ];
}

function notices(input: DigestInput): string[] {
  const { policy } = input;
  return [
    ...(approvers(policy).length === 0 ? ['Nobody is configured who may approve, so this bot only observes (config → people).'] : []),
    ...(approvers(policy).length > 0 && policy.actions === 'off'
      ? ['Acting is switched off (actions: off): it alerts, but stops and revokes nothing.']
      : []),
    ...(input.endpointsElsewhere.length > 0 ? [`Endpoints are pointed elsewhere: ${listed(input.endpointsElsewhere, 4)}.`] : []),
    ...(input.learning && input.learning.length > 0 ? [`Still learning: ${listed(input.learning, 3)}.`] : []),
  ];
}

const whyNoCosts = (input: DigestInput): string => input.noCosts ?? 'no cost data has been read yet';
const accountName = (input: DigestInput, scope: Cost['scope']): string =>
  input.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud)?.name ?? scope.id;

// ---- words ------------------------------------------------------------------------------------------------------------------

function longParts(input: DigestInput, told: Told): Part[] {
  const several = told.currencies.length > 1;
  const rows = told.currencies.flatMap((one) => {
    const tag = several ? ` (${one.currency})` : '';
    return [
      { label: `${told.isYesterday ? 'Yesterday' : 'That day'}${tag}`, lines: [dayLine(told, one), ...chargeLine(one)] },
      { label: `${monthName(told.day)}${tag}`, lines: [monthLine(told, one)] },
      ...(one.usual && one.hasDay ? [{ label: `Moved${tag}`, lines: moveLines(one) }] : []),
    ];
  });
  const missing = told.currencies.length === 0 ? [{ label: 'Costs', lines: [`not known: ${whyNoCosts(input)}`] as Text[] }] : [];
  return [
    header(input, told),
    { kind: 'facts', rows: [...missing, ...rows] },
    ...(input.saved ? [] : watchParts(input, told)),
    ...told.notices.map((notice): Part => ({ kind: 'text', text: notice })),
    ...footer(input),
  ];
}

function header(input: DigestInput, told: Told): Part {
  const names = input.saved ? [] : input.accounts.map((account) => cut(account.name, 40));
  const today = input.saved ? told.day : dayIn(input.now, input.zone);
  const aside: Text[] = [];
  if (input.costsAt && told.currencies.length > 0) aside.push(['costs read ', { time: input.costsAt, as: 'ago' }]);
  if (told.provisional.length > 0) aside.push(`${provisionalWords(told)}`);
  return {
    kind: 'header',
    text: `${weekdayOf(today)} ${dayAndMonth(today)}${input.saved ? ` ${today.slice(0, 4)}` : ''}${names.length > 0 ? ` · ${listed(names, 4)}` : ''}`,
    ...(aside.length > 0 ? { aside: aside.flatMap((text, at) => (at === 0 ? text : [', ', text].flat())) } : {}),
  };
}

function provisionalWords(told: Told): string {
  const days = told.provisional;
  const last = daysBetween(addDays(told.day, 1 - days.length), told.day);
  if (days.length === 1 && days[0] === told.day) return `${told.isYesterday ? 'yesterday' : 'that day'} is provisional`;
  if (last.every((day) => days.includes(day))) return `last ${days.length} days provisional`;
  return `${listed(days.map(dayAndMonth), 3)} provisional`;
}

function dayLine(told: Told, one: OneCurrency): Text {
  const which = `${weekdayOf(told.day)} ${dayAndMonth(told.day)}, UTC`;
  if (!one.hasDay) {
    const last = [...one.series.usage.keys()].sort().at(-1);
    return `no figures for ${which} yet${last ? `; the last day billed is ${dayAndMonth(last)}` : ''}`;
  }
  const growing = told.provisional.includes(told.day) ? ' so far' : '';
  return [{ bold: `${money(one.usage, one.currency)}${growing}` }, ` (${which}) · ${usualWords(told, one)}`];
}

function usualWords(told: Told, one: OneCurrency): string {
  const { usual } = one;
  if (!usual) return `too little history to compare with (${count(daysBetween(one.series.from, addDays(told.day, -1)).length, 'day')})`;
  const change = percent(one.usage, usual.amount);
  return `a usual ${usual.kind === 'weekday' ? weekdayOf(told.day) : 'day'} here: ${money(usual.amount, one.currency)}${change ? ` (${change})` : ''}`;
}

/** Fees, tax and credits of the day, where there are any. */
function chargeLine(one: OneCurrency): Text[] {
  const parts = chargeWords(one.charges, one.currency);
  return parts.length > 0 ? [`beside that: ${parts.join(', ')}`] : [];
}

const chargeWords = (charges: Charges, currency: string): string[] => [
  ...(charges.fee !== 0 ? [`fees ${money(charges.fee, currency)}`] : []),
  ...(charges.tax !== 0 ? [`tax ${money(charges.tax, currency)}`] : []),
  ...(charges.credit !== 0 ? [`credits ${money(charges.credit, currency)}`] : []),
];

function monthLine(told: Told, one: OneCurrency): Text {
  const { currency, forecast: ahead } = one;
  const since =
    one.month.from > firstOfMonth(told.day)
      ? ` since ${dayAndMonth(one.month.from)}, where the data begins`
      : ahead?.daysLeft === 0
        ? ' in full'
        : ' so far';
  const charges = chargeWords(one.month.charges, currency);
  const start: Text[] = [{ bold: money(one.month.total, currency) }, since, charges.length > 0 ? ` (${charges.join(', ')} included)` : ''];
  const before =
    one.lastMonth === undefined ? '' : ` · ${monthName(addDays(firstOfMonth(told.day), -1))} was ${money(one.lastMonth, currency)}`;
  const heading = ahead?.daysLeft === 0 ? '' : ` · ${aheadWords(told, ahead, currency)}`;
  return [...start, `${heading}${before}`].flat();
}

function aheadWords(told: Told, ahead: Forecast | undefined, currency: string): string {
  if (!ahead) return 'too little history to say where it is heading';
  const band = ahead.band > 0 ? ` (±${money(ahead.band, currency)})` : '';
  if (ahead.excessPerDay > 0) {
    const since = ahead.excessSince && ahead.excessSince < told.day ? ` since ${dayAndMonth(ahead.excessSince)}` : '';
    return `${money(ahead.excessPerDay, currency)} a day more than usual${since}: if that goes on ${money(ahead.ifItGoesOn, currency)}, if it stops now ${money(ahead.ifItStops, currency)}${band}`;
  }
  return `if it goes on like this: ${money(ahead.ifItGoesOn, currency)}${band}${ahead.history < 14 ? `, from only ${count(ahead.history, 'day')}` : ''}`;
}

function moveLines(one: OneCurrency): Text[] {
  if (one.moved.length === 0) return ['nothing by more than 3 % of the day'];
  return one.moved.map((move) => {
    const region = move.region && move.region !== 'global' ? `, ${cut(move.region, 40)}` : '';
    return `${signedMoney(move.change, one.currency)}  ${cut(move.service, 60)}${region} (${cut(move.account, 40)})${move.isNew ? ', never seen here before' : ''}`;
  });
}

function watchParts(input: DigestInput, told: Told): Part[] {
  const lines = told.open.slice(0, 6).map((story): Text => asLine(story, input.policy));
  const more = told.open.length - lines.length;
  const over = told.over.map(
    (story) => `${story.id} (${story.state === 'expected' ? 'expected' : story.watch?.containedAt ? 'contained' : 'closed'})`,
  );
  const open: Text[] = [
    ...(told.open.length === 0 ? ['nothing'] : lines),
    ...(more > 0 ? [`and ${more} more: /warden incidents lists them`] : []),
    ...(over.length > 0 ? [`over since yesterday: ${listed(over, 5)}`] : []),
  ];
  const seen: Text = sightLine(input);
  const rows = [
    { label: 'Open', lines: open },
    {
      label: 'I see',
      lines: [
        seen,
        ...(told.blind.length > 0
          ? [
              `not seen: ${told.blind
                .slice(0, 5)
                .map((spot) => cut(spot, 160))
                .join(' · ')}${told.blind.length > 5 ? ` · and ${told.blind.length - 5} more` : ''}`,
            ]
          : []),
      ],
    },
    ...(input.expectations.length > 0
      ? [{ label: 'Expected', lines: input.expectations.slice(0, 5).map((one) => expectationLine(one)) }]
      : []),
  ];
  return [{ kind: 'facts', rows }];
}

const sightLine = (input: DigestInput): string =>
  [...looksInWords(input.looks).slice(0, 3), ownCostWords(input)].filter(Boolean).join(' · ');
function ownCostWords(input: DigestInput): string {
  const { usd, days } = input.ownCost;
  return `this bot’s own API calls cost ${money(usd, 'USD')} ${days === 1 ? 'yesterday' : `in ${count(days, 'day')}`}`;
}

/** What somebody said is expected, and how much it has hidden: a suppression nobody looks at is a hole. */
function expectationLine(one: Expectation): Text {
  return [
    `${cut(one.check, 60)} in ${cut(one.region, 40)} up to ${money(one.capUsdPerHour, 'USD')}/h until `,
    { time: one.until, as: 'date' },
    `, said by ${cut(one.by, 40)}; hid ${whole(one.hid)} so far`,
  ];
}

function footer(input: DigestInput): Part[] {
  if (input.saved) return [];
  const text: Text = input.auditHash ? ['Audit up to ', { code: input.auditHash.slice(0, 8) }] : 'The audit is empty';
  return [{ kind: 'text', quiet: true, text }];
}

function quietParts(input: DigestInput, told: Told): Part[] {
  const money_ = told.currencies.map((one) => quietMoney(told, one)).join('; ');
  const audit: Text[] = input.auditHash ? [' Audit ', { code: input.auditHash.slice(0, 8) }] : [];
  return [
    {
      kind: 'text',
      text: [
        `◻ Nothing unusual. ${money_}. I see ${looksInWords(input.looks).slice(0, 2).join(', ')}; ${ownCostWords(input)}.`,
        ...audit,
      ].flat(),
    },
    ...told.notices.map((notice): Part => ({ kind: 'text', quiet: true, text: notice })),
    ...(input.expectations.length > 0
      ? [
          {
            kind: 'text' as const,
            quiet: true,
            text: `${count(input.expectations.length, 'thing is', 'things are')} set down as expected; the longest for ${longest(input)} more.`,
          },
        ]
      : []),
  ];
}

function longest(input: DigestInput): string {
  const until =
    input.expectations
      .map((one) => one.until)
      .sort()
      .at(-1) ?? input.now;
  return duration(secondsBetween(input.now, until));
}

function quietMoney(told: Told, one: OneCurrency): string {
  const usual = one.usual
    ? ` (usual ${one.usual.kind === 'weekday' ? weekdayOf(told.day) : 'day'}: ${money(one.usual.amount, one.currency)})`
    : '';
  const ahead =
    one.forecast && one.forecast.daysLeft > 0 ? `, ${monthName(told.day)} heading for ${money(one.forecast.ifItGoesOn, one.currency)}` : '';
  const which = told.isYesterday
    ? `Yesterday (${weekdayOf(told.day)} ${dayAndMonth(told.day)}, UTC)`
    : `${weekdayOf(told.day)} ${dayAndMonth(told.day)} (UTC)`;
  return `${which} ${money(one.usage, one.currency)}${told.provisional.includes(told.day) ? ' so far' : ''}${usual}${ahead}`;
}

function summaryOf(input: DigestInput, told: Told): string {
  const { main } = told;
  const costs = main
    ? main.hasDay
      ? `${told.isYesterday ? 'yesterday' : dayAndMonth(told.day)} ${money(main.usage, main.currency)}${main.usual ? ` (usual ${money(main.usual.amount, main.currency)})` : ''}`
      : 'no figures for yesterday yet'
    : 'no cost data';
  if (input.saved) return `Costs of ${costs}`;
  const worst: Severity | undefined = told.open[0]?.severity;
  const open =
    told.open.length > 0
      ? `, ${count(told.open.length, 'open story', 'open stories')}${worst ? ` (worst: ${worst})` : ''}`
      : ', nothing open';
  const blind = told.blind.length > 0 ? `, ${count(told.blind.length, 'blind spot')}` : '';
  return `Digest: ${costs}${open}${blind}`;
}

// ---- the picture ------------------------------------------------------------------------------------------------------------

const chartDays = 30;
const chartServices = 6;

function chartOf(input: DigestInput, told: Told, one: OneCurrency): ChartSpec | undefined {
  const days = daysBetween(addDays(told.day, 1 - chartDays), told.day);
  const first = days[0] ?? told.day;
  const rows = input.costs.filter(
    (row) => row.currency === one.currency && row.charge === 'usage' && row.day >= first && row.day <= told.day,
  );
  if (rows.length === 0) return undefined;
  const byService = Map.groupBy(rows, (row) => row.service);
  const ranked = [...byService]
    .map(([name, own]) => ({ name, own, sum: own.reduce((sum, row) => sum + row.amount, 0) }))
    .sort((a, b) => b.sum - a.sum);
  const amounts = (own: Cost[]) => {
    const sums = totals(own, (row) => row.day);
    return days.map((day) => round(sums.get(day) ?? 0));
  };
  const shown = ranked.slice(0, chartServices);
  const rest = ranked.slice(chartServices).flatMap(({ own }) => own);
  const series = [
    ...shown.map(({ name, own }) => ({ name, amounts: amounts(own) })),
    ...(rest.length > 0 ? [{ name: `${count(ranked.length - chartServices, 'other service')}`, amounts: amounts(rest) }] : []),
  ];
  const perDay = days.map((_, at) => series.reduce((sum, own) => sum + (own.amounts[at] ?? 0), 0));
  const others = told.currencies.length > 1 ? ` Only ${one.currency} is drawn.` : '';
  const alt =
    `Usage by service and UTC day, ${dayAndMonth(first)} to ${dayAndMonth(told.day)}: from ${money(Math.min(...perDay), one.currency)} to ${money(Math.max(...perDay), one.currency)} a day, ` +
    `${money(one.usage, one.currency)} on the marked day, ${dayAndMonth(told.day)}. Most: ${listed(
      shown.slice(0, 3).map(({ name, sum }) => `${cut(name, 40)} ${money(sum, one.currency)}`),
      3,
    )}.${others}`;
  return {
    title: `Usage by service, ${dayAndMonth(first)} – ${dayAndMonth(told.day)} (UTC days)`,
    currency: one.currency,
    days,
    marked: told.day,
    provisional: told.provisional.filter((day) => day >= first),
    series,
    alt,
  };
}

const round = (amount: number): number => Math.round(amount * 1e6) / 1e6;
