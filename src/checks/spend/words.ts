/**
 * What is said of a day that cost more than usual: what, where, compared with what, how old the figures are, dollars a day, the month's end
 * both ways, and why. Never how unlikely it is. Pure; names are untrusted text and are cut.
 */
import { money } from '../money.ts';
import type { SpendAnomaly } from './judge.ts';

export type SpendContext = {
  /** Of all amounts (ISO 4217). */
  currency: string;
  /** What people call the accounts, by id; an id without a name stands for itself. */
  names?: Readonly<Record<string, string>>;
  /** Seconds since the figures were read from the provider. */
  ageSeconds?: number;
  /** The day's figure still grows. */
  provisional?: boolean;
  /** The end of the month of the account or payer, and what a month usually costs there; each where it is known. */
  month?: { ifItStops: number; ifItGoesOn: number; usual?: number };
  /** What the inventory sees there now; dollars an hour at list price. `since`: when the first of them was started. */
  machines?: readonly { type: string; count: number; since?: string; usdPerHour?: number }[];
  /** Who started it, in words, where the story knows: "key AKIA…X7QX of ci-deploy". */
  startedBy?: string;
};
/** `title` holds no figure, so that it stays while the figures grow; `facts` are in the order in which they are read. */
export type SpendWords = { title: string; facts: Record<string, string> };

export function spendWords(anomaly: SpendAnomaly, context: SpendContext): SpendWords {
  const why = whyWords(anomaly, context);
  const month = monthWords(anomaly, context);
  return {
    title: titleOf(anomaly, context),
    facts: {
      Spent: spentWords(anomaly, context),
      Usual: usualWords(anomaly, context),
      More: moreWords(anomaly, context),
      ...(month ? { Month: month } : {}),
      Why: why,
      ...(anomaly.leaves.length > 1 ? { Parts: partsWords(anomaly, context) } : {}),
      Figures: ageWords(context),
    },
  };
}

function titleOf(anomaly: SpendAnomaly, context: SpendContext): string {
  const { how, service, region } = anomaly;
  const who = accountsOf(anomaly, context);
  const place = placeOf(region);
  const what = service === undefined ? `Usage${place}` : `${short(service, 60)}${place}`;
  switch (how) {
    case 'new region':
      return `Money is being spent${place || ' in regions'} where ${who} never spent any`;
    case 'new service':
      return service === undefined
        ? `${who} pays for services it never used`
        : `${who} pays for ${short(service, 60)}${place} for the first time`;
    case 'jump':
      return `${what} costs ${who} far more than usual`;
    case 'slow burn':
      return `${what} has cost ${who} more than usual for a week`;
    default:
      return how satisfies never;
  }
}

function spentWords(anomaly: SpendAnomaly, context: SpendContext): string {
  const what = anomaly.service === undefined ? '' : `, ${short(anomaly.service, 60)}`;
  const soFar = context.provisional ? ' so far' : '';
  return `${money(anomaly.spent, context.currency)}${soFar} on ${dayWords(anomaly.day)} (UTC)${what}${placeOf(anomaly.region)}, ${accountsOf(anomaly, context)}`;
}

function usualWords({ day, expected, band, how }: SpendAnomaly, { currency }: SpendContext): string {
  if (expected < 0.005) return how === 'new region' || how === 'new service' ? 'nothing, it never cost anything' : 'nothing';
  return `${money(expected, currency)} on a usual ${weekday(day)}; up to ${money(band.high, currency)} would be ordinary`;
}

function moreWords({ excess, how }: SpendAnomaly, { currency }: SpendContext): string {
  const hourly = excess / 24;
  return `${money(excess, currency)} a day more${how === 'slow burn' ? ', the mean of a week' : ''} (${money(hourly, currency)} an hour)`;
}

function monthWords({ day }: SpendAnomaly, { currency, month }: SpendContext): string | undefined {
  if (!month) return undefined;
  const usual = month.usual === undefined ? '' : `; a usual month costs ${money(month.usual, currency)}`;
  return `${monthNames[Number(day.slice(5, 7)) - 1]} ends at ${money(month.ifItStops, currency)} if it stops now, at ${money(month.ifItGoesOn, currency)} if it goes on${usual}`;
}

function whyWords({ how, excess, expected, leaves }: SpendAnomaly, { machines = [], startedBy }: SpendContext): string {
  const reasons = {
    'new region': `${new Set(leaves.map(({ region }) => region)).size > 1 ? 'regions' : 'a region'} that never cost anything before`,
    'new service': 'a service that never cost anything before',
    jump: expected > 0 ? `${times(expected + excess, expected)} what such a day costs` : 'it cost nothing before',
    'slow burn': 'on at least six of the last seven days it cost more than on nearly all days before',
  } as const;
  const running = machines.slice(0, 2).map(({ type, count, since, usdPerHour }) => {
    const from = since ? ` since ${since.slice(11, 16)} UTC${` on ${dayWords(since.slice(0, 10))}`}` : '';
    return `${count} × ${short(type, 40)} ${count === 1 ? 'runs' : 'run'} there${from}${usdPerHour ? `, ${money(usdPerHour, 'USD')} an hour at list price` : ''}`;
  });
  return [reasons[how], ...running, ...(startedBy ? [`started by ${short(startedBy, 80)}`] : [])].join('; ');
}

/** The parts that explain it, the greatest first. */
function partsWords({ leaves }: SpendAnomaly, context: SpendContext): string {
  const shown = leaves.slice(0, 4).map(({ account, service, region, spent, expected }) => {
    const who = new Set(leaves.map((leaf) => leaf.account)).size > 1 ? `, ${nameOf(account, context)}` : '';
    return `${short(service, 40)}${placeOf(region)}${who} ${money(spent, context.currency)} (usual ${money(expected, context.currency)})`;
  });
  return [...shown, ...(leaves.length > shown.length ? [`${leaves.length - shown.length} more`] : [])].join('; ');
}

function ageWords({ ageSeconds, provisional }: SpendContext): string {
  const read = ageSeconds === undefined ? 'from the bill' : `read from the bill ${age(ageSeconds)} ago`;
  return provisional ? `${read}, which may be a day behind; this day is not final and still grows` : `${read}; this day is final`;
}

const accountsOf = ({ account, leaves }: SpendAnomaly, context: SpendContext): string => {
  const others = new Set(leaves.map((leaf) => leaf.account)).size - 1;
  return `${nameOf(account, context)}${others > 0 ? ` and ${others} more account${others === 1 ? '' : 's'}` : ''}`;
};
const nameOf = (account: string, { names }: SpendContext): string => short(names?.[account] ?? account, 40);
const placeOf = (region: string | undefined): string =>
  region === undefined || region === '' ? '' : region === 'global' ? ' (billed without a region)' : ` in ${short(region, 40)}`;

const times = (now: number, before: number): string => {
  const share = now / before;
  return share >= 2 ? `${share >= 10 ? Math.round(share) : Math.round(share * 10) / 10} times` : `${Math.round(share * 100)} % of`;
};
const age = (seconds: number): string =>
  seconds < 3600
    ? `${Math.max(1, Math.floor(seconds / 60))} min`
    : seconds < 172_800
      ? `${Math.floor(seconds / 3600)} h`
      : `${Math.floor(seconds / 86_400)} days`;
const short = (text: string, most: number): string => {
  const letters = Array.from(text);
  return letters.length <= most
    ? text
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
};

const weekday = (day: string): string => weekdays[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? 'day';
const dayWords = (day: string): string => `${weekday(day)} ${Number(day.slice(8, 10))} ${monthNames[Number(day.slice(5, 7)) - 1] ?? ''}`;
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = 'January February March April May June July August September October November December'.split(' ');
