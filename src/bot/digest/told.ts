/** What there is to tell of a day: its money, what is open, what could not be seen, and whether it is a quiet day. Pure. */

import type { SpendWords } from '../../checks/spend/words.ts';
import type { Incident } from '../incident.ts';
import { approvers } from '../people.ts';
import { gapWords } from '../present/gaps.ts';
import { rank } from '../severity.ts';
import { addDays, count, firstOfMonth, listed, secondsBetween } from '../words.ts';
import { type BudgetState, budgetStates } from './budgets.ts';
import { type CreditState, creditStates, stoppedCredits } from './credits.ts';
import { isCalm, type OneCurrency, oneCurrency } from './currency.ts';
import type { DigestInput } from './input.ts';
import { unusualOn } from './unusual.ts';

export type Told = {
  day: string;
  isYesterday: boolean;
  currencies: OneCurrency[];
  main?: OneCurrency;
  provisional: string[];
  budgets: BudgetState[];
  credits: CreditState[];
  /** Credits that came day by day and have stopped within the last week. */
  stopped: { currency: string; since: string; perDay: number }[];
  /** In saved files only: there no story tells it. */
  unusual: SpendWords[];
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
  const budgets = budgetStates(input, day);
  const stopped = currencies.flatMap((one) => {
    const found = stoppedCredits(
      rows.filter((row) => row.currency === one.currency),
      day,
    );
    return found && found.since >= addDays(day, -7) ? [{ currency: one.currency, ...found }] : [];
  });
  const isPassedToday = budgets.some((one) => one.isPassed && one.passedOn === day);
  const calm = !isPassedToday && stopped.length === 0 && currencies.every((one) => one.hasDay && one.usual !== undefined && isCalm(one));
  const told: Told = {
    day,
    isYesterday: day === yesterday,
    currencies,
    ...(main ? { main } : {}),
    ...{ provisional, budgets, stopped },
    credits: currencies.flatMap(({ currency }) => creditStates(input, currency, day)),
    unusual: input.saved ? currencies.flatMap((one) => unusualOn(input, one, day)) : [],
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

/** What helps, as far as the reason tells. */
export function whatToDo(input: DigestInput): string[] {
  if (input.saved) return ['name FOCUS CSV files or saved GetCostAndUsage answers after --costs'];
  const why = whyNoCosts(input);
  if (/not switched on|not enabled|no data/i.test(why))
    return ['open Cost Explorer once in the payer’s account; its data come within a day'];
  if (/not allowed|denied|authori[sz]ed/i.test(why))
    return ['allow it for the role that looks; “bin/cloudwarden iam read” prints the policy, “bin/cloudwarden doctor” tries it'];
  if (why === neverRead)
    return ['nothing, where the bot has just begun; otherwise see accounts → costExplorer, and “bin/cloudwarden doctor”'];
  return ['“bin/cloudwarden doctor” tries it and says what is missing'];
}

const neverRead = 'no cost data has been read yet';
export const whyNoCosts = (input: DigestInput): string => input.noCosts ?? neverRead;
