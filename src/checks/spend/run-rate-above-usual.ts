import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { isWithinLimits, launcherKinds, launcherMemories } from '../compute/scaling.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, finding } from '../suspects.ts';
import { daysBefore, greatest, sum } from './rates.ts';

const id = 'spend/run-rate-above-usual';
const hoursInMonth = 730;
const usdOf = (seen: Observation): number => (seen.kind === 'compute.seen' ? (seen.perHour?.usd ?? 0) : 0);
const launchUsdOf = (seen: Observation): number =>
  seen.kind === 'compute.asked' && seen.outcome === undefined ? (seen.perHour?.usd ?? 0) * Math.max(seen.count, seen.resources.length) : 0;
const accountOf = (seen: Observation): string | undefined =>
  seen.kind === 'compute.seen' && usdOf(seen) > 0 ? account(seen.place.scope) : undefined;
/** Prices are sums of many small ones: what is as much as before must not be more for the last digit's sake. */
const isAbove = (one: number, other: number): boolean => one > other + 0.005;

export const runRateAboveUsual = defineCheck({
  id,
  title: 'What runs costs far more an hour than what ran before',
  why: 'The bill is hours behind; the list of what runs and its list prices are not. Minutes after machines were started it can be said what they cost in a month, and whether that is more than everything else together. It also sees who adds a little every day.',
  severity:
    'Of what was started since the day before, in 730 hours: medium when that is a quarter more than all that ran before (or the usual month, if it was given) and 300 dollars. High from 1,000 dollars that are also three times the most that was started in two days before, unless a launcher started it that nobody has changed for a week. Medium when a week added so much more than all that ran before. Never below one and a half times what was started in as many days before, by the lists or the log, also where it has ended again. At most medium while the account is being learnt, and low below 1,000 dollars.',
  falseAlarms: ['A new environment as large as the old one.', 'Reservations and agreed prices: list prices overstate them.'],
  misses: [
    'Services the inventory does not list; the bill shows them a day later.',
    'Accounts where as much is started and ended every day.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking (T1496)',
  references: ['MITRE ATT&CK, T1496', 'Business Insider, a $53,000 bill after mining, 2022'],
  maturity: 'stable',
  watches: ['compute.seen', 'compute.asked', ...launcherKinds],
  judges: ['compute.seen'],
  nature: 'event',
  remembers: {
    /**
     * What was added less what ended, in dollars an hour. A machine counts on the day it was first started, however long ago: one that is
     * stopped at night and started in the morning adds nothing.
     */
    added: {
      kind: 'daily',
      key: accountOf,
      day: (o) => ((o.kind === 'compute.seen' ? o.made : undefined) ?? o.at).slice(0, 10),
      value: (o) => (o.kind === 'compute.seen' && o.running ? usdOf(o) : -usdOf(o)),
      days: 3650,
    },
    known: { kind: 'seen', key: accountOf, days: 3650 },
    /** What was started, by the log, whether it has ended or not: it knows of nightly work from before anybody listed machines. */
    started: {
      kind: 'daily',
      key: (o) => accountOf(o) ?? (launchUsdOf(o) > 0 ? account(o.place.scope) : undefined),
      day: ({ at }) => at.slice(0, 10),
      value: launchUsdOf,
      days: 100,
    },
    ...launcherMemories,
  },
  params: z.object({
    usualMonthly: z
      .record(z.string(), z.number().nonnegative())
      .default({})
      .describe('What an account usually costs a month in US dollars, by account id.'),
    assumedMonthly: z.number().nonnegative().default(150).describe('An account is taken to cost at least so much, if nobody said.'),
    moreThanUsd: z.number().positive().default(300).describe('Less in a month is never reported.'),
    highFromUsd: z.number().positive().default(1000).describe('High from so much in a month.'),
    highTimes: z.number().positive().default(3).describe('And from so many times the most that was started in as many days before.'),
  }),
  evaluate(now, { added, known, started, ...scaling }, { usualMonthly, assumedMonthly, moreThanUsd, highFromUsd, highTimes }) {
    if (now.kind !== 'compute.seen' || !now.running || now.made !== undefined || accountOf(now) === undefined) return [];
    const day = now.at.slice(0, 10);
    const days = added.filter((one) => one.day <= day);
    const declared = usualMonthly[now.place.scope.id];
    // A launch of some days ago is usual, what a week added up to is not.
    const launched = greatest(started, 2, daysBefore(day, 1));
    const over = (count: number) => {
      const from = daysBefore(day, count - 1);
      const gained = sum(days.filter((one) => one.day >= from));
      const before = days.filter((one) => one.day < from);
      const usual = declared ?? Math.max(assumedMonthly, hoursInMonth * sum(before));
      const most = Math.max(launched, greatest(started, count, from), greatest(before, count, from));
      const isMore = isAbove(hoursInMonth * gained, Math.max(1.25 * usual, moreThanUsd)) && isAbove(gained, 1.5 * most);
      return { gained, usual, isMore, isFarMore: isAbove(gained, highTimes * most) };
    };
    const lately = over(2);
    const week = over(7);
    if (!lately.isMore && !week.isMore) return [];
    const told = lately.isMore ? lately : week;
    const month = hoursInMonth * told.gained;
    const isHigh = lately.isMore && lately.isFarMore && month >= highFromUsd && !isWithinLimits(now, scaling);
    let severity: Severity = isHigh ? 'high' : 'medium';
    if (known.learning) severity = month >= highFromUsd ? 'medium' : 'low';
    return [
      finding(id, now, {
        key: account(now.place.scope),
        severity,
        title: lately.isMore
          ? 'What runs costs far more an hour than what ran before'
          : 'What runs has grown within a week more than all before it',
        // Of the account as a whole: among what runs are innocent machines, which must come into nobody's story.
        about: [`scope:${account(now.place.scope)}`],
        remedies: [],
        facts: {
          [lately.isMore ? 'Started since the day before' : 'Added within a week']: `${told.gained.toFixed(2)} USD an hour`,
          'In a month': `${month.toFixed(0)} USD at list price`,
          Usual: `${told.usual.toFixed(0)} USD a month`,
        },
        learning: known.learning,
      }),
    ];
  },
});
