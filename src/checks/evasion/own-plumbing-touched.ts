import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, tried } from '../habits.ts';
import { cutOff, finding, suspects } from '../suspects.ts';

const id = 'evasion/own-plumbing-touched';

export const ownPlumbingTouched = defineCheck({
  id,
  title: 'Somebody cuts the wires this bot listens on',
  why: 'The rules, queues and roles of this bot serve nothing else. Whoever changes them wants it not to see, or not to act.',
  severity: 'Critical; high for an attempt that was refused.',
  falseAlarms: ['The bot is set up anew or removed by its owner.'],
  misses: ['Wires cut outside the account, such as the bot’s own machine: its silence is for somebody else to notice.'],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Disable or Modify Tools (T1562.001)',
  references: ['MITRE ATT&CK, T1562.001', 'Elastic detection rules, EventBridge rule disabled or deleted'],
  maturity: 'stable',
  watches: ['guard.weakened'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    if (now.guard !== 'ourselves') return [];
    return [
      finding(id, now, {
        key: `${now.resource}${tried(now)}`,
        severity: now.outcome ? 'high' : 'critical',
        title: now.outcome ? 'Somebody tried to cut the wires this bot listens on' : 'Somebody cuts the wires this bot listens on',
        about: [now.resource, ...suspects(now)],
        facts: { What: now.how, Region: now.place.region, ...from(now) },
        remedies: cutOff(now),
      }),
    ];
  },
});
