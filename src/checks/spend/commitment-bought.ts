import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { handiwork, handMemoriesFor, isUsualHand, who } from '../habits.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'spend/commitment-bought';

export const commitmentBought = defineCheck({
  id,
  title: 'Money was bound that nobody gives back',
  why: 'Reservations, savings plans, subscriptions and domains are paid for whether they are used or not. Cutting off the thief afterwards returns nothing, so the first hour, in which support may still help, counts.',
  severity:
    'High; critical from 1,000 dollars at once. Medium for up to 100 dollars, and for anything by who has bought such things on two days before, below 1,000. Medium where it was tried and refused. A learning account is no excuse.',
  falseAlarms: ['Whoever buys reservations for the company, the first time.', 'Renewals by hand.'],
  misses: ['What is bought outside the account, for example by the payer.'],
  tactic: 'Impact (TA0040): Financial Theft (T1657)',
  references: ['MITRE ATT&CK, T1657', 'AWS managed policy AWSCompromisedKeyQuarantineV3 (denies savings plans and reservations)'],
  maturity: 'stable',
  watches: ['commitment.bought', ...handiwork],
  judges: ['commitment.bought'],
  nature: 'event',
  remembers: {
    buyers: { kind: 'seen', key: (o: Observation) => (o.kind === 'commitment.bought' && !o.outcome ? who(o) : undefined), days: 400 },
    ...handMemoriesFor('commitment.bought'),
  },
  params: z.object({
    criticalFromUsd: z.number().positive().default(1000).describe('Critical from so many US dollars at once.'),
    smallUpToUsd: z.number().nonnegative().default(100).describe('Up to so many US dollars at once it is only medium.'),
  }),
  evaluate(now, { buyers, ...hand }, { criticalFromUsd, smallUpToUsd }) {
    if (now.kind !== 'commitment.bought') return [];
    const usd = now.once?.usd;
    let severity: Severity = 'high';
    if (now.outcome) severity = 'medium';
    else if (usd !== undefined && usd >= criticalFromUsd) severity = 'critical';
    else if ((usd !== undefined && usd <= smallUpToUsd) || (buyers.days >= 2 && isUsualHand(now, hand))) severity = 'medium';
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${who(now) ?? 'unknown'}`,
        severity,
        title: now.outcome ? 'Somebody tried to bind money that nobody gives back' : 'Money was bound that nobody gives back',
        about: suspects(now),
        facts: {
          What: now.what.slice(0, 100),
          ...(now.once ? { 'At once': `${now.once.amount} ${now.once.currency}` } : {}),
          ...(now.outcome ? {} : { Next: 'Only the provider’s support can undo it; ask soon.' }),
        },
        remedies: cutOff(now),
      }),
    ];
  },
});
