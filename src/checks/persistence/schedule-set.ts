import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, isKnown, knownDays, usual } from '../habits.ts';
import { deeds } from '../identity/acts.ts';
import { isLoud, loudKinds } from '../loud.ts';
import type { Observation } from '../observation.ts';
import { account, cutOff, finding, hand, suspects } from '../suspects.ts';

const id = 'persistence/schedule-set';
const isSchedule = (act: Observation): boolean => act.kind === 'schedule.set' && act.outcome === undefined;

export const scheduleSet = defineCheck({
  id,
  title: 'Whoever acts strangely here also set something to run again',
  why: 'What was stopped comes back when a schedule starts it anew. A schedule is everyday work; one set by a hand that also asked for large machines, keys, rights or silence is not.',
  severity:
    'Medium, when the same hand set it and did something grave within a day, whichever came first. Nothing from somebody known here for a week from that network and with that program.',
  falseAlarms: ['The first set-up of an account.', 'A colleague new to the work sets up a whole service.'],
  misses: ['A schedule set with another key or session.', 'What the schedule runs.'],
  tactic: 'Persistence (TA0003): Scheduled Task/Job (T1053)',
  references: ['MITRE ATT&CK, T1053', 'AWS Security Blog, cryptomining campaign of November 2025 (machines that come back)'],
  maturity: 'stable',
  watches: deeds,
  judges: ['schedule.set', ...loudKinds],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing((act) => isSchedule(act) || isLoud(act)),
    acts: { kind: 'recent', key: (act) => (isSchedule(act) || isLoud(act) ? hand(act) : undefined), minutes: 1440, most: 200 },
  },
  params: z.object({ knownDays }),
  evaluate(now, { acts, ...seen }, { knownDays }) {
    if ((!isSchedule(now) && !isLoud(now)) || isKnown(now, seen, knownDays)) return [];
    const schedules = (isSchedule(now) ? [now] : acts).filter((act) => act.kind === 'schedule.set');
    const loud = isSchedule(now) ? acts.filter(isLoud) : [now];
    if (schedules.length === 0 || loud.length === 0) return [];
    return schedules.slice(-10).map((schedule) =>
      finding(
        id,
        now,
        {
          key: `${account(now.place.scope)}/${schedule.kind === 'schedule.set' ? schedule.resource : ''}`,
          severity: 'medium',
          title: 'Whoever acts strangely here also set something to run again',
          about: [...(schedule.kind === 'schedule.set' ? [schedule.resource] : []), ...suspects(now)],
          facts: schedule.kind === 'schedule.set' ? { Schedule: schedule.what } : {},
          remedies: cutOff(now),
        },
        [schedule],
      ),
    );
  },
});
