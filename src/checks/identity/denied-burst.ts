import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from } from '../habits.ts';
import type { Observation, Of } from '../observation.ts';
import { account, cutOff, finding, hand, suspects } from '../suspects.ts';
import { deeds, nameOfAct } from './acts.ts';

const id = 'identity/denied-burst';
type Act = Of<(typeof deeds)[number]>;

const denied = (act: Observation): string | undefined => (act.outcome === 'denied' ? hand(act) : undefined);
const habit = (act: Observation): string | undefined =>
  act.outcome === 'denied' && act.actor ? `${account(act.place.scope)}/${act.actor.subject} ${nameOfAct(act)}` : undefined;
const names = (acts: readonly Act[]): string[] => [...new Set(acts.map(nameOfAct))].sort();

export const deniedBurst = defineCheck({
  id,
  title: 'Somebody is trying one closed door after another',
  why: 'Whoever holds a key they know nothing about tries what it may do. Many different refusals within minutes are a search, not work.',
  severity: 'Low; medium from 25 different calls within ten minutes. What somebody is refused day after day does not count.',
  falseAlarms: ['A deployment with too few rights, the first days.', 'Programs that take stock of an account with too few rights.'],
  misses: ['A search that takes its time.', 'Reading that the source does not record.'],
  tactic: 'Discovery (TA0007): Cloud Service Discovery (T1526)',
  references: [
    'MITRE ATT&CK, T1526',
    'Splunk Security Content, AWS IAM AccessDenied discovery events',
    'AWS Security Survival Kit, alarm on refused calls',
  ],
  maturity: 'stable',
  watches: deeds,
  nature: 'event',
  remembers: {
    refused: { kind: 'recent', key: denied, minutes: 10, most: 200 },
    habits: { kind: 'seen', key: habit, days: 60 },
  },
  params: z.object({
    calls: z.number().int().min(2).default(8).describe('Low from so many different calls within 10 minutes.'),
    mediumFrom: z.number().int().min(2).default(25).describe('Medium from so many different calls within 10 minutes.'),
    habitDays: z.number().int().positive().default(3).describe('A call refused to the same principal on so many days is a habit.'),
  }),
  evaluate(now, { refused, habits }, { calls, mediumFrom, habitDays }) {
    if (now.outcome !== 'denied' || refused.length < calls || habits.days >= habitDays) return [];
    const all = names(refused);
    if (all.length < calls) return [];
    // Those before it have spoken when they were many already.
    const hadSpoken = names(refused.slice(0, -1)).length >= calls;
    return [
      finding(
        id,
        now,
        {
          key: `${hand(now)}`,
          severity: all.length >= mediumFrom ? 'medium' : 'low',
          title: 'Somebody is trying one closed door after another',
          about: suspects(now),
          facts: { Tried: all.slice(0, 12).join(', '), ...from(now) },
          remedies: cutOff(now),
          learning: habits.learning,
        },
        hadSpoken ? [now] : refused,
      ),
    ];
  },
});
