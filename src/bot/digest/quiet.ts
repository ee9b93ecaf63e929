/** A quiet day in one line. Pure. */
import type { Part, Text } from '../message.ts';
import { looksInWords } from '../present/looks.ts';
import { count, dayAndMonth, dayIn, duration, money, monthName, secondsBetween, weekdayOf } from '../words.ts';
import { budgetLine, isTight } from './budgets.ts';
import { creditLine, isNear } from './credits.ts';
import type { OneCurrency } from './currency.ts';
import { grantName } from './details.ts';
import { expectedLines } from './expected.ts';
import type { DigestInput } from './input.ts';
import type { Told } from './told.ts';

export function quietParts(input: DigestInput, told: Told): Part[] {
  const money_ = told.currencies.map((one) => quietMoney(told, one)).join('; ');
  const audit: Text[] = input.auditHash ? [' Audit ', { code: input.auditHash.slice(0, 8) }] : [];
  return [
    {
      kind: 'text',
      text: [
        `◻ Nothing unusual. ${money_}. I see ${[looksInWords(input.looks, input.now).slice(0, 2).join(', '), ownCostWords(input)].filter(Boolean).join('; ')}.${age(input)}`,
        ...audit,
      ].flat(),
    },
    ...told.budgets
      .filter(isTight)
      .slice(0, 2)
      .map((one): Part => ({ kind: 'text', quiet: true, text: ['Budget ', ...[budgetLine(one)].flat()] })),
    ...told.credits
      .filter((one) => isNear(one, told.day))
      .slice(0, 2)
      .map(
        (one): Part => ({
          kind: 'text',
          quiet: true,
          text: ['Credits of ', ...[creditLine(grantName(input, one.account), one, told.day)].flat()],
        }),
      ),
    ...told.notices.map((notice): Part => ({ kind: 'text', quiet: true, text: notice })),
    ...expected(input),
  ];
}

const age = ({ costsAt, now }: DigestInput): string => (costsAt ? ` Costs read ${duration(secondsBetween(costsAt, now))} ago.` : '');

/** A quiet day counts them; a quiet Monday names what each hid. */
function expected(input: DigestInput): Part[] {
  const { length } = input.expectations;
  if (length === 0) return [];
  const text = `${count(length, 'thing is', 'things are')} set down as expected; the longest for ${longest(input)} more.`;
  const isWeekly = weekdayOf(dayIn(input.now, input.zone)) === 'Monday';
  return [{ kind: 'text', quiet: true, text }, ...(isWeekly ? [{ kind: 'list' as const, items: expectedLines(input) }] : [])];
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

/** Nothing where it cost nothing. */
export function ownCostWords(input: DigestInput): string {
  const { usd, days } = input.ownCost;
  if (usd <= 0) return '';
  return `this bot’s own API calls cost ${money(usd, 'USD')} ${days === 1 ? 'yesterday' : `in ${count(days, 'day')}`}`;
}
