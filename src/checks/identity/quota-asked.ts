import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isKnown, knownDays, tried, usual } from '../habits.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { finding, hand, spot } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/quota-asked';

const looksOnly = new Set<Observation['kind']>(['principal.acted', 'quota.asked', 'looked.around', 'signed.in', 'region.opened']);
/** A region is used where something was made or runs; asking and looking is not using. */
const used = (act: Observation): string | undefined => (act.outcome || looksOnly.has(act.kind) ? undefined : spot(act));
/** The question itself is asked about a region: its key is that of the place. */
const region = (act: Observation): string | undefined => (act.kind === 'quota.asked' ? spot(act) : used(act));

export const quotaAsked = defineCheck({
  id,
  title: 'More was asked for than this account may have',
  why: 'Before machines there is a limit, and before a large bill somebody asks to have it lifted. It is the earliest sign that costs nothing yet.',
  severity:
    'For machines and models: critical in a region that is not used here, high elsewhere, medium for at most twice as much, from somebody known here for a week from that network and with that program (low where both are so and the region is used), while the account is being learnt, and where the provider’s list alone tells of it. High whoever it is over three regions within an hour. Anything else: low. Medium for an attempt that was refused.',
  falseAlarms: ['A planned raise by somebody new to it.', 'A programme that raises limits in every new account.'],
  misses: ['Limits that were high all along.', 'Raises the provider grants by itself.'],
  tactic: 'Resource Development (TA0042): Acquire Infrastructure (T1583)',
  references: [
    'MITRE ATT&CK, T1578.005 (Modify Cloud Compute Configurations)',
    'Permiso and Expel, reports on intruders who asked for more machines',
    'AWS Service Quotas API reference, RequestServiceQuotaIncrease',
  ],
  maturity: 'stable',
  watches: [...deeds, 'compute.seen', 'place.used'],
  judges: ['quota.asked'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing((act) => act.kind === 'quota.asked' || (act.kind !== 'compute.seen' && !looksOnly.has(act.kind))),
    asked: { kind: 'recent', key: (act) => (act.kind === 'quota.asked' ? hand(act) : undefined), minutes: 60, most: 100 },
    regions: { kind: 'seen', key: region, days: 180 },
  },
  params: z.object({
    knownDays,
    regions: z.number().int().min(2).default(3).describe('High, whoever it is, over so many regions within 60 minutes.'),
  }),
  evaluate(now, { asked, regions, ...seen }, { knownDays, regions: many }) {
    if (now.kind !== 'quota.asked' || now.outcome === 'failed') return [];
    const spread = new Set(asked.map(({ place }) => place.region)).size;
    const severity = severityOf(now, {
      isUsed: regions.known || now.place.region === 'global',
      isLearning: regions.learning,
      isKnown: isKnown(now, seen, knownDays),
      isSpread: spread >= many,
    });
    return [
      finding(
        id,
        now,
        {
          key: `${spot(now)}/${now.service}/${now.quota}${tried(now)}`,
          severity,
          title: now.outcome
            ? 'Somebody tried to ask for more than this account may have'
            : 'More was asked for than this account may have',
          facts: {
            Limit: `${now.service}: ${now.quota}`,
            ...(now.wanted === undefined ? {} : { Asked: `${now.wanted}${now.before === undefined ? '' : ` instead of ${now.before}`}` }),
            Region: now.place.region,
            ...from(now),
          },
          learning: regions.learning,
        },
        [now],
      ),
    ];
  },
});

type Setting = { isUsed: boolean; isLearning: boolean; isKnown: boolean; isSpread: boolean };

function severityOf(now: Of<'quota.asked'>, { isUsed, isLearning, isKnown, isSpread }: Setting): Severity {
  if (now.outcome) return 'medium';
  if (now.of === 'other') return isSpread ? 'medium' : 'low';
  if (isSpread && !isUsed && !isLearning) return 'critical';
  if (isSpread) return 'high';
  if (isLearning) return 'medium';
  if (!isUsed && !isKnown) return now.state === 'refused' ? 'high' : 'critical';
  const isSmall = now.wanted !== undefined && now.before !== undefined && now.before > 0 && now.wanted <= 2 * now.before;
  if (isSmall && isKnown && isUsed) return 'low';
  return isSmall || isKnown || now.actor === undefined ? 'medium' : 'high';
}
