import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { account, finding, spot } from '../suspects.ts';

const id = 'coverage/probe-late';

export const probeLate = defineCheck({
  id,
  title: 'Events of the account reach the bot late, or not at all',
  why: 'The bot regularly makes a call that the provider writes down and refuses, and waits for it to come back. When several do not come back in time, whoever works there now is seen late or not at all: a rule was removed, the log was stopped, or the provider is behind.',
  severity:
    'High when the last three of one path in one region were late or lost. A single one says nothing: providers lose and delay events.',
  falseAlarms: [
    'The provider itself is behind; its status page says so, sometimes.',
    'Push was set up in some regions only, and the bot tries all.',
    'The template was removed on purpose while the queue still stands in the configuration.',
  ],
  misses: ['A path that lets the bot’s own probes through and nothing else.', 'Up to a third of a day in a region whose turn comes late.'],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Indicator Blocking (T1562.006)',
  references: ['MITRE ATT&CK, T1562.006', 'AWS documentation, event delivery of EventBridge is best effort for CloudTrail events'],
  maturity: 'stable',
  watches: ['probe.returned'],
  nature: 'event',
  remembers: {
    recent: { kind: 'recent', key: (o) => `${spot(o)} ${o.path}`, minutes: 24 * 60, most: 20 },
  },
  params: z.object({
    inARow: z.number().int().positive().default(3).describe('So many probes of one path in one region have to be late, one after another.'),
  }),
  evaluate(now, { recent }, { inARow }) {
    const last = recent.slice(-inARow);
    const isLate = ({ seconds, within }: typeof now): boolean => seconds === undefined || seconds > within;
    if (last.length < inARow || !last.every(isLate)) return [];
    const isLost = last.every(({ seconds }) => seconds === undefined);
    const minutes = Math.round(now.within / 60);
    return [
      finding(
        id,
        now,
        {
          key: `${account(now.place.scope)}/${now.path}`,
          severity: 'high',
          title: now.path === 'push' ? 'Events are no longer pushed to the bot in time' : 'The event log reaches the bot late',
          about: [`scope:${account(now.place.scope)}`],
          facts: {
            [`Region ${now.place.region}`]: isLost
              ? `${last.length} tries did not come back within ${minutes} minutes`
              : `${last.length} tries took more than ${minutes} minutes`,
          },
        },
        last,
      ),
    ];
  },
});
