/** What there is to tell of a day: its money, what is open, what could not be seen, and whether it is a quiet day. Pure. */
import type { Incident } from '../incident.ts';
import { approvers } from '../people.ts';
import { gapWords } from '../present/gaps.ts';
import { rank } from '../severity.ts';
import { addDays, count, firstOfMonth, listed, secondsBetween } from '../words.ts';
import { isCalm, type OneCurrency, oneCurrency } from './currency.ts';
import type { DigestInput } from './input.ts';

export type Told = {
  day: string;
  isYesterday: boolean;
  currencies: OneCurrency[];
  main?: OneCurrency;
  provisional: string[];
  open: Incident[];
  over: Incident[];
  /** What could not be seen. */
  blind: string[];
  /** What is wrong with the bot itself. */
  troubles: string[];
  notices: string[];
  quiet: boolean;
};

export function tell(input: DigestInput): Told {
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
    .sort((a, b) => rank(b.severity) - rank(a.severity) || (a.beganAt < b.beganAt ? -1 : 1));
  const over = input.incidents.filter(
    (incident) =>
      (incident.state === 'resolved' || incident.state === 'expected') && secondsBetween(incident.changedAt, input.now) < 86_400,
  );
  const blind = input.saved ? [] : blindSpots(input);
  const wrong = input.saved ? [] : troubles(input);
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
    troubles: wrong,
    notices: input.saved ? [] : notices(input),
    quiet: false,
  };
  return {
    ...told,
    quiet: !input.full && currencies.length > 0 && calm && open.length === 0 && over.length === 0 && blind.length + wrong.length === 0,
  };
}

/** What could not be seen. That costs are missing is said once, by the gap of that look where there is one. */
function blindSpots(input: DigestInput): string[] {
  const gaps = gapWords(input.looks, input.now);
  const why = whyNoCosts(input);
  return [
    ...(input.costs.length === 0 && !gaps.includes(why) ? [`costs: ${why}`] : []),
    ...(input.looks.length === 0 ? ['nothing has been looked at yet'] : []),
    ...gaps,
  ];
}

/** What is wrong with the bot itself. */
function troubles(input: DigestInput): string[] {
  return [
    ...input.troubles,
    ...(input.deadEffects > 0
      ? [`${count(input.deadEffects, 'act or message was', 'acts or messages were')} given up after many tries`]
      : []),
  ];
}

/** How the bot is set up, where that limits what it can do. */
function notices(input: DigestInput): string[] {
  const { policy } = input;
  const isSaid = input.troubles.some((trouble) => trouble.includes('actions: off'));
  return [
    ...(approvers(policy).length === 0 ? ['Nobody is configured who may approve, so this bot only observes (config → people).'] : []),
    ...(approvers(policy).length > 0 && policy.actions === 'off' && !isSaid
      ? ['Acting is switched off (actions: off): it alerts, but stops and revokes nothing.']
      : []),
    ...(input.endpointsElsewhere.length > 0 ? [`Endpoints are pointed elsewhere: ${listed(input.endpointsElsewhere, 4)}.`] : []),
    ...(input.learning && input.learning.length > 0 ? [`Still learning: ${listed(input.learning, 3)}.`] : []),
  ];
}

export const whyNoCosts = (input: DigestInput): string => input.noCosts ?? 'no cost data has been read yet';
