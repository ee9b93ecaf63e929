/** What somebody said is expected, in words. Pure. */
import type { Text } from '../message.ts';
import { nameOf, type Policy } from '../people.ts';
import type { Expectation } from '../ports.ts';
import { cut, dollars, listed, money, shortName, whole } from '../words.ts';

/** One expectation in a line. */
export function expectationLine(one: Expectation, policy: Policy): Text {
  const who = one.principal ? ` by ${shortName(one.principal)}` : '';
  const kinds = { once: 'once, ', principal: '', window: 'declared, ', 'new normal': 'the new normal, ' };
  const begins: Text[] = one.from && one.from > one.at ? [' from ', { time: one.from, as: 'date' }] : [];
  if (one.money) {
    const what = one.money.service ? ` for ${cut(one.money.service, 60)}` : '';
    const where = one.region === 'any' ? '' : ` in ${cut(one.region, 40)}`;
    return [
      `declared, up to ${money(one.money.capPerDay, one.money.currency)} a day more than usual${what}${where} in account ${cut(one.scope.id, 40)}`,
      ...begins.flat(),
      ' until ',
      { time: one.until, as: 'date' },
      `, said by ${cut(nameOf(policy, one.by), 40)}`,
    ];
  }
  return [
    `${one.kind ? kinds[one.kind] : ''}${cut(one.check, 60)} in ${cut(one.region, 40)}${who} up to ${money(one.capUsdPerHour, 'USD')}/h`,
    ...begins.flat(),
    ' until ',
    { time: one.until, as: 'date' },
    `, said by ${cut(nameOf(policy, one.by), 40)}`,
  ];
}

/** How often it hid something, and what. */
export function hidInWords(one: Expectation): string {
  if (one.hid === 0) return 'hid nothing so far';
  const named = (one.hidden ?? [])
    .toReversed()
    .map(
      ({ title, at, usdPerHour }) =>
        `${cut(title, 80)} (last ${at.slice(0, 16).replace('T', ' ')} UTC${usdPerHour > 0 ? `, ${dollars(usdPerHour)}/h` : ''})`,
    );
  return `hid ${whole(one.hid)} so far${named.length > 0 ? `: ${listed(named, 3)}` : ''}`;
}
