import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from } from '../habits.ts';
import { account, finding } from '../suspects.ts';

const id = 'evasion/own-role-misused';

export const ownRoleMisused = defineCheck({
  id,
  title: 'This bot’s own role did something that nobody approved',
  why: 'The role with which this bot acts does nothing that is not written into its audit log first. What it does without that was done by somebody else with its rights.',
  severity: 'Always critical.',
  falseAlarms: ['The audit log was lost, or somebody tests the role by hand.'],
  misses: ['What is done with the bot’s role while somebody approves the same thing.', 'Reading with the role that reads.'],
  tactic: 'Defense Evasion (TA0005): Valid Accounts, Cloud Accounts (T1078.004)',
  references: ['MITRE ATT&CK, T1078.004', 'The bot’s own audit log, which is written before anything is done'],
  maturity: 'stable',
  watches: ['ourselves.acted'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    if (now.role !== 'act' || now.approved !== false) return [];
    return [
      finding(id, now, {
        key: account(now.place.scope),
        severity: 'critical',
        title: 'This bot’s own role did something that nobody approved',
        facts: { Act: now.operation, ...from(now) },
      }),
    ];
  },
});
