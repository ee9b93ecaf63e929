/** The money of a day and of its month in words. Pure. */
import { daysBetween, type Forecast } from '../forecast.ts';
import type { Text } from '../message.ts';
import { addDays, count, cut, dayAndMonth, firstOfMonth, money, monthName, percent, signedMoney, weekdayOf } from '../words.ts';
import { chargeWords } from './charges.ts';
import type { OneCurrency } from './currency.ts';
import type { Told } from './told.ts';

export function dayLine(told: Told, one: OneCurrency): Text {
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
  // A day that is not billed in full yet is no saving.
  const change = told.provisional.includes(told.day) && one.usage < usual.amount ? undefined : percent(one.usage, usual.amount);
  return `a usual ${usual.kind === 'weekday' ? weekdayOf(told.day) : 'day'} here: ${money(usual.amount, one.currency)}${change && !/^.0 %$/.test(change) ? ` (${change})` : ''}`;
}

/** Fees, tax and credits of the day, where there are any. */
export function chargeLine(one: OneCurrency): Text[] {
  const parts = chargeWords(one.charges, one.currency);
  return parts.length > 0 ? [`beside that: ${parts.join(', ')}`] : [];
}

export function monthLine(told: Told, one: OneCurrency): Text {
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
  const credits = ahead.creditsAhead < 0 ? `, with credits going on at ${money(ahead.creditsAhead / ahead.daysLeft, currency)} a day` : '';
  const band = `${ahead.band > 0 ? ` (±${money(ahead.band, currency)})` : ''}${credits}`;
  if (ahead.excessPerDay > 0) {
    const since = ahead.excessSince && ahead.excessSince < told.day ? ` since ${dayAndMonth(ahead.excessSince)}` : '';
    return `${money(ahead.excessPerDay, currency)} a day more than usual${since}: if that goes on ${money(ahead.ifItGoesOn, currency)}, if it stops now ${money(ahead.ifItStops, currency)}${band}`;
  }
  return `if it goes on like this: ${money(ahead.ifItGoesOn, currency)}${band}${ahead.history < 14 ? `, from only ${count(ahead.history, 'day')}` : ''}`;
}

export function moveLines(one: OneCurrency): Text[] {
  if (one.moved.length === 0)
    return [
      one.series.provisional.has(one.series.day) ? 'nothing rose by more than 3 % of the day' : 'nothing by more than 3 % of the day',
    ];
  return one.moved.map((move) => {
    const region = move.region && move.region !== 'global' ? `, ${cut(move.region, 40)}` : '';
    return `${signedMoney(move.change, one.currency)}  ${cut(move.service, 60)}${region} (${cut(move.account, 40)})${newWords(move, daysBetween(one.series.from, addDays(one.series.day, -1)).length)}${move.why.length > 0 ? `: ${move.why.join(', ')}` : ''}`;
  });
}

const newWords = ({ isNew, isNewPlace }: OneCurrency['moved'][number], days: number): string => {
  const what = isNewPlace ? 'a region that cost nothing' : 'which cost nothing';
  return isNew || isNewPlace ? `, ${what} in the ${count(days, 'day')} known before` : '';
};

/** Usage bought ahead. */
export const boughtLines = (one: OneCurrency): Text[] =>
  one.bought
    .slice(0, 3)
    .map(({ name, account, amount }) => `usage ahead for ${money(amount, one.currency)}: ${cut(name, 60)} (${cut(account, 40)})`);
