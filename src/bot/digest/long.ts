/** A day in several lines: money, what is open, what is seen. Pure. */
import { daysBetween } from '../forecast.ts';
import type { Part, Text } from '../message.ts';
import { asLine } from '../present/line.ts';
import { looksInWords } from '../present/looks.ts';
import { addDays, cut, dayAndMonth, dayIn, listed, money, monthName, weekdayOf } from '../words.ts';
import { budgetLine, isTight, isTightAtProvider, providerBudgetLine } from './budgets.ts';
import { creditLine, isNear } from './credits.ts';
import { grantName } from './details.ts';
import { expectedLines } from './expected.ts';
import { type DigestInput, lastDayOf } from './input.ts';
import { boughtLines, chargeLine, dayLine, monthLine, moveLines } from './money-words.ts';
import { ownCostWords } from './quiet.ts';
import { type Told, whatToDo, whyNoCosts } from './told.ts';
import { unusualLine } from './unusual.ts';

export function longParts(input: DigestInput, told: Told): Part[] {
  const several = told.currencies.length > 1;
  const rows = told.currencies.flatMap((one) => {
    const tag = several ? ` (${one.currency})` : '';
    return [
      { label: `${told.isYesterday ? 'Yesterday' : 'That day'}${tag}`, lines: [dayLine(told, one), ...chargeLine(one)] },
      { label: `${monthName(told.day)}${tag}`, lines: [monthLine(told, one)] },
      ...(one.usual && one.hasDay ? [{ label: `Moved${tag}`, lines: moveLines(one) }] : []),
      ...(one.bought.length > 0 ? [{ label: `Bought${tag}`, lines: boughtLines(one) }] : []),
    ];
  });
  const missing =
    told.currencies.length === 0 ? [{ label: 'Costs', lines: [`not known: ${whyNoCosts(input)}`, ...whatToDo(input)] as Text[] }] : [];
  return [
    header(input, told),
    { kind: 'facts', rows: [...missing, ...rows, ...moneyRows(input, told)] },
    ...(input.saved ? [] : watchParts(input, told)),
    ...footer(input),
  ];
}

/** What is unusual in saved files, and budgets and credits that are tight; the others stand in the thread. */
export function moneyRows(input: DigestInput, told: Told): { label: string; lines: Text[] }[] {
  const unusual = told.unusual.slice(0, 5).map(unusualLine);
  const more = told.unusual.length - unusual.length;
  const budgets = [
    ...told.budgets.filter(isTight).map((one) => budgetLine(one)),
    ...(input.providerBudgets ?? []).filter(isTightAtProvider).map(providerBudgetLine),
  ];
  const credits: Text[] = [
    ...told.credits.filter((one) => isNear(one, told.day)).map((one) => creditLine(grantName(input, one.account), one, told.day)),
    ...told.stopped.map(
      ({ currency, since, perDay }) => `no more credits since ${dayAndMonth(since)}; before, they paid ${money(perDay, currency)} a day`,
    ),
  ];
  return [
    ...(unusual.length > 0 ? [{ label: 'Unusual', lines: [...unusual, ...(more > 0 ? [`and ${more} more`] : [])] }] : []),
    ...(budgets.length > 0 ? [{ label: 'Budget', lines: budgets.slice(0, 4) }] : []),
    ...(credits.length > 0 ? [{ label: 'Credits', lines: credits.slice(0, 3) }] : []),
  ];
}

function header(input: DigestInput, told: Told): Part {
  const names = input.saved ? [] : input.accounts.map((account) => cut(account.name, 40));
  const today = input.saved ? told.day : dayIn(input.now, input.zone);
  const aside: Text[] = [];
  if (input.costsAt && told.currencies.length > 0) aside.push(['costs read ', { time: input.costsAt, as: 'ago' }]);
  const last = lastDayOf(input.costs);
  if (aside.length === 0 && last) aside.push(`data up to ${dayAndMonth(last)}`);
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
  // Why there are no costs stands in their own row.
  const why = whyNoCosts(input);
  const unseen = told.blind.filter((spot) => told.currencies.length > 0 || (spot !== why && spot !== `costs: ${why}`));
  const mind = [...told.troubles, ...told.notices];
  const rows = [
    { label: 'Open', lines: open },
    { label: 'I see', lines: [sightLine(input)] },
    ...(unseen.length > 0 ? [{ label: 'Not seen', lines: atMost(5, unseen) }] : []),
    ...(mind.length > 0 ? [{ label: 'Mind', lines: atMost(6, mind) }] : []),
    ...(input.expectations.length > 0 ? [{ label: 'Expected', lines: expectedLines(input) }] : []),
  ];
  return [{ kind: 'facts', rows }];
}

const sightLine = (input: DigestInput): string =>
  [...looksInWords(input.looks, input.now).slice(0, 3), ownCostWords(input)].filter(Boolean).join(' · ');

const atMost = (most: number, lines: string[]): Text[] => [
  ...lines.slice(0, most).map((line) => cut(line, 240)),
  ...(lines.length > most ? [`and ${lines.length - most} more: /warden status lists them`] : []),
];

function footer(input: DigestInput): Part[] {
  if (input.saved) return [];
  const text: Text = input.auditHash ? ['Audit up to ', { code: input.auditHash.slice(0, 8) }] : 'The audit is empty';
  return [{ kind: 'text', quiet: true, text }];
}
