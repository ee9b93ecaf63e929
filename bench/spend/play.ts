/** One payer, with or without an attack, read three times a day by the judge and by all peers: who says what, and when. */

import { dayOf } from '../../src/checks/spend/days.ts';
import { createSpendLedger } from '../../src/checks/spend/judge.ts';
import { createTelling, type Told } from '../../src/checks/spend/retelling.ts';
import type { Attack } from './attacks.ts';
import { type Reading, readingsOf, type Span } from './bill.ts';
import { createBook } from './book.ts';
import type { Payer } from './payers.ts';
import { type Peer, peers } from './peers.ts';

export type Spoken = { by: string; atHour: number; account: string; isPage: boolean; leaves: Told['leaves'] };
/** Days count from the payer's first. `declared`: what people say that an account costs a month. */
export type Play = Span & { payer: Payer; declared?: Record<string, number>; withPeers: boolean };

export const ours = 'Cloudwarden';

export function play({ payer, declared, withPeers, ...span }: Play): Spoken[] {
  const speakers = [judgeOf(payer, declared), ...(withPeers ? peers.map((peer) => peerOf(peer, payer)) : [])];
  const spoken: Spoken[] = [];
  for (const whole of readingsOf(payer, span)) {
    // Fees, taxes, credits and refunds are left out at the door, as where real bills are read: they come on days of their own.
    const reading = { ...whole, rows: whole.rows.filter(({ charge }) => charge === 'usage') };
    for (const speak of speakers) spoken.push(...speak(reading));
  }
  return spoken;
}

type Speaker = (reading: Reading) => Spoken[];
/** The bill of these days may have changed since the last reading. */
const changedDays = ({ newest }: Reading): number[] => [newest - 2, newest - 1, newest].filter((day) => day >= 0);

function judgeOf(payer: Payer, declared: Record<string, number> | undefined): Speaker {
  const ledger = createSpendLedger(declared ? { usualMonthly: declared } : {});
  const telling = createTelling();
  const dates = Array.from({ length: payer.days }, (_, day) => dayOf(payer.firstDay + day));
  const date = (day: number): string => dates[day]!;
  return (reading) => {
    for (const row of reading.rows) ledger.put({ ...row, day: date(row.day) });
    return changedDays(reading).flatMap((day) =>
      ledger
        .judge(date(day))
        .filter((anomaly) => telling.isNews({ ...anomaly, day }) !== undefined && anomaly.severity !== 'low')
        .map(({ account, severity, leaves }) => ({ by: ours, atHour: reading.atHour, account, leaves, isPage: severity !== 'medium' })),
    );
  };
}

/** All that stands out in an account at one reading is one message, told again as ours is. */
function peerOf(peer: Peer, payer: Payer): Speaker {
  const book = createBook(payer.days);
  const telling = createTelling();
  const dateOf = (day: number): number => new Date((payer.firstDay + day) * 86_400_000).getUTCDate();
  return (reading) => {
    for (const row of reading.rows) book.put(row);
    const firsts = new Map(book.lines('account').map(({ account, amounts }) => [account, amounts.findIndex((amount) => amount > 0)]));
    return changedDays(reading).flatMap((day) => {
      const out = new Map<string, { excess: number; leaves: Told['leaves'][number][] }>();
      for (const { amounts, account, service = '*', region = '*', usage } of book.lines(peer.grain)) {
        if (amounts[day]! <= 0) continue;
        const usualMonthly = 30 * (payer.accounts.find(({ id }) => id === account)?.typical ?? 0);
        const expected = peer.expectedIfOut(amounts, day, { first: firsts.get(account) ?? 0, usualMonthly, dateOf });
        if (expected === undefined) continue;
        const found = out.get(account) ?? { excess: 0, leaves: [] };
        found.excess += amounts[day]! - expected;
        found.leaves.push({ account, service, region, ...(usage && { usage }) });
        out.set(account, found);
      }
      return [...out]
        .filter(([account, found]) => telling.isNews({ ...found, account, day, severity: 'medium' }) !== undefined)
        .map(([account, { leaves }]) => ({ by: peer.name, atHour: reading.atHour, account, leaves, isPage: false }));
    });
  };
}

/** Does it speak of money the attack costs? A wider line, an account or a service of it, contains it. */
export const isAbout = ({ account, leaves }: Spoken, attack: Attack): boolean =>
  leaves.some(
    (leaf) =>
      leaf.account === attack.account &&
      attack.leaves.some(
        ({ service, region, usage }) =>
          (leaf.service === '*' || leaf.service === service) &&
          (leaf.region === '*' || leaf.region === region) &&
          (leaf.usage === undefined || leaf.usage === usage),
      ),
  ) ||
  (leaves.length === 0 && account === attack.account);
