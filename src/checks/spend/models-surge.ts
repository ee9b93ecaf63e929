import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { handiwork, handMemoriesFor, isUsualHand, who } from '../habits.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects, whileLearning } from '../suspects.ts';

const id = 'spend/models-surge';
const isMeasure = (seen: Observation): seen is Of<'usage.measured'> => seen.kind === 'usage.measured' && seen.of === 'models';
const isUse = (seen: Observation): seen is Of<'model.used'> => seen.kind === 'model.used';
const place = (seen: Observation): string => account(seen.place.scope);

export const modelsSurge = defineCheck({
  id,
  title: 'Language models are used by somebody new, or far more than ever',
  why: 'Stolen keys are also sold to people who let language models work at the owner’s cost. No machine is started; only who asks, and how much, gives it away.',
  severity:
    'High for the first use of models in an account, for models opened by a stranger, and from ten times the greatest hour before. Medium for the first use by somebody known for a week to start things, from that network, with that program and key, for a stranger where models are in use, and for refused attempts. While the account is being learnt medium for models opened, else low.',
  falseAlarms: ['The first day of a product with language models.', 'A load test.'],
  misses: ['A thief who uses little where models are in daily use.', 'Calls the log does not keep; what was measured still shows them.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Cloud Service Hijacking (T1496.004)',
  references: ['MITRE ATT&CK, T1496.004', 'Sysdig, LLMjacking, 2024', 'Sysdig, AI-assisted intrusion within eight minutes, 2025'],
  maturity: 'stable',
  watches: ['model.used', 'usage.measured', ...handiwork],
  judges: ['model.used', 'usage.measured'],
  nature: 'event',
  remembers: {
    accounts: { kind: 'seen', key: (o) => ((isUse(o) && !o.outcome) || isMeasure(o) ? place(o) : undefined), days: 400 },
    users: { kind: 'seen', key: (o) => (isUse(o) ? (who(o) ? `${who(o)} ${o.how}` : undefined) : undefined), days: 120 },
    biggest: { kind: 'most', key: (o) => (isMeasure(o) ? place(o) : undefined), value: (o) => (isMeasure(o) ? o.value : 0), days: 60 },
    ...handMemoriesFor('model.used'),
  },
  params: z.object({
    fromTokens: z.number().positive().default(500_000).describe('Fewer tokens an hour are never a surge.'),
    times: z.number().positive().default(10).describe('A surge from so many times the greatest hour before.'),
  }),
  evaluate(now, { accounts, users, biggest, ...hand }, { fromTokens, times }) {
    if (isMeasure(now)) {
      if (now.value < fromTokens || now.value < times * biggest.value) return [];
      return [
        told('high', biggest.learning, 'Language models are used far more than ever', {
          'Tokens in an hour': `${Math.round(now.value)}`,
          'Most before': biggest.value > 0 ? `${Math.round(biggest.value)}` : 'none known',
        }),
      ];
    }
    if (!isUse(now) || users.known) return [];
    const isUsual = isUsualHand(now, hand);
    // In an account that uses models every day, one more user who is known is no news.
    if (accounts.known && isUsual) return [];
    const isFirst = !accounts.known;
    const full: Severity = now.outcome || isUsual ? 'medium' : isFirst || now.how === 'grant' ? 'high' : 'medium';
    const title = now.outcome
      ? 'Somebody tried to use language models'
      : isFirst
        ? 'Language models are used for the first time in this account'
        : 'Language models are used by somebody who never did';
    return [
      told(full, accounts.learning, title, { Model: now.model.slice(0, 100), How: now.how === 'grant' ? 'opened for use' : 'called' }),
    ];

    function told(severity: Severity, learning: boolean, title: string, facts: Record<string, string>) {
      return finding(id, now, {
        key: `${place(now)}/${who(now) ?? 'measured'}`,
        // Models in use are called every day; opening one more is a thief's first step, and anybody else's once.
        severity: isUse(now) && now.how === 'grant' && !now.outcome && learning ? 'medium' : whileLearning(learning, severity),
        title,
        about: [...(isMeasure(now) ? [now.resource] : []), ...suspects(now)],
        facts: { Region: now.place.region, ...facts },
        remedies: cutOff(now),
        learning,
      });
    }
  },
});
