import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from } from '../habits.ts';
import type { Of, Severity } from '../observation.ts';
import { account, cutOff, finding, hand, suspects } from '../suspects.ts';

const id = 'identity/looking-around';
type Look = Of<'looked.around'>;

/** Who one is, every program asks. */
const isTelling = (look: Look): boolean => look.what !== 'self' && look.actor !== undefined && look.actor.kind !== 'provider';
const habit = (look: Look): string | undefined =>
  isTelling(look) ? `${account(look.place.scope)}/${look.actor?.subject} ${look.what}` : undefined;
const regionsOf = (looks: readonly Look[]): number => new Set(looks.map(({ place }) => place.region)).size;
const kindsOf = (looks: readonly Look[]): number => new Set(looks.map(({ what }) => what)).size;

export const lookingAround = defineCheck({
  id,
  title: 'Somebody measures what can be had here',
  why: 'Thieves ask each region for its limits and sizes before they start anything, and look at the bill and the guards to know how much would be noticed. It is over in seconds and comes minutes before the machines.',
  severity:
    'Medium over five regions, or over four of limits, regions, sizes, bills and guards, within ten minutes, by somebody who has not asked such things on an earlier day. Low while the account is being learnt, but for limits over ten regions.',
  falseAlarms: ['A new tool that takes stock of the account.', 'A colleague who plans capacity for the first time.'],
  misses: ['Somebody who asks about one region only.', 'Reading that the source does not record.'],
  tactic: 'Discovery (TA0007): Cloud Infrastructure Discovery (T1580)',
  references: [
    'MITRE ATT&CK, T1580 and T1526',
    'Elastic detection rules, service quotas asked for over several regions',
    'AWS Security Blog, cryptomining campaign of November 2025 (limits read first)',
  ],
  maturity: 'stable',
  watches: ['looked.around'],
  nature: 'event',
  remembers: {
    looks: { kind: 'recent', key: (look) => (isTelling(look) ? hand(look) : undefined), minutes: 10, most: 100 },
    habits: { kind: 'seen', key: habit, days: 120 },
  },
  params: z.object({
    regions: z.number().int().min(2).default(5).describe('So many regions within 10 minutes.'),
    kinds: z.number().int().min(2).max(5).default(4).describe('So many of limits, regions, sizes, bills and guards within 10 minutes.'),
    limitsOverRegions: z.number().int().min(2).default(10).describe('Limits of so many regions are medium also while learning.'),
  }),
  evaluate(now, { looks, habits }, { regions, kinds, limitsOverRegions }) {
    if (!isTelling(now)) return [];
    const isMuch = (some: readonly Look[]): boolean => regionsOf(some) >= regions || kindsOf(some) >= kinds;
    const before = habits.days - (habits.last?.slice(0, 10) === now.at.slice(0, 10) ? 1 : 0);
    if (before > 0 || !isMuch(looks)) return [];
    const isAbsolute = regionsOf(looks.filter(({ what }) => what === 'limits')) >= limitsOverRegions;
    const severity: Severity = habits.learning && !isAbsolute ? 'low' : 'medium';
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity,
          title: 'Somebody measures what can be had here',
          about: suspects(now),
          facts: { 'Asked about': [...new Set(looks.map(({ what }) => what))].sort().join(', '), ...from(now) },
          remedies: cutOff(now),
          learning: habits.learning,
        },
        isMuch(looks.slice(0, -1)) ? [now] : looks,
      ),
    ];
  },
});
