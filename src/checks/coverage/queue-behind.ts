import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Of } from '../observation.ts';
import { account, finding, spot } from '../suspects.ts';

const id = 'coverage/queue-behind';
type Told = Of<'queue.measured'> | Of<'look.finished'>;

const dayMinutes = 24 * 60;
/** A past day read at the first start ends when that day ended: that is no lag. */
const ofThePast = 'days of the past';

export const queueBehind = defineCheck({
  id,
  title: 'The bot is behind with what happens in the account',
  why: 'What waits unread in a queue, or was not read from the log, happens unseen. Messages that nobody can read are either a fault of the bot or somebody’s attempt to feed it.',
  severity:
    'High: a queue is more than five minutes behind, new messages in it could not be read by anybody, or a log that was read before is more than twenty minutes behind.',
  falseAlarms: [
    'A burst of honest events, such as a large deployment, that takes some minutes to read.',
    'The provider slows the bot down for a while.',
  ],
  misses: ['Regions that could never be read: they stand among the blind spots.', 'Messages that were thrown away before they were read.'],
  tactic: 'Defense Evasion (TA0005): Impair Defenses, Indicator Blocking (T1562.006)',
  references: ['MITRE ATT&CK, T1562.006', 'AWS documentation, dead-letter queues of SQS'],
  maturity: 'stable',
  watches: ['queue.measured', 'look.finished'],
  nature: 'event',
  remembers: {
    before: {
      kind: 'recent',
      // Looks carry their own lag; only queues are compared with what they were.
      key: (o: Told) => (o.kind === 'queue.measured' ? `${account(o.place.scope)} ${o.resource}` : undefined),
      minutes: 90,
      most: 100,
    },
  },
  params: z.object({
    queueMinutes: z.number().positive().default(5).describe('A queue may be so far behind.'),
    logMinutes: z.number().positive().default(20).describe('The log may be so far behind what is usual between two looks.'),
  }),
  evaluate(now, { before }, { queueMinutes, logMinutes }) {
    if (now.kind === 'look.finished') {
      // Only what is read on from where the last look ended can lag; where nothing was ever read, a day back is where it would begin.
      const behind = minutesBetween(now.upTo, now.at);
      if (now.since === undefined || now.noun === ofThePast || behind <= logMinutes || behind >= dayMinutes - 1) return [];
      return [
        finding(id, now, {
          key: `${spot(now)}/${now.source}`,
          severity: 'high',
          title: 'The bot is behind with reading what was done',
          about: [`scope:${account(now.place.scope)}`],
          facts: { Region: now.place.region, Behind: inWords(behind), ...(now.gap !== undefined ? { Why: now.gap } : {}) },
        }),
      ];
    }
    const last = before.filter((one): one is Of<'queue.measured'> => one.kind === 'queue.measured' && one.id !== now.id).at(-1);
    const limit = queueMinutes * 60;
    const about = [now.resource];
    const facts = { Region: now.place.region };
    return [
      ...(now.oldestSeconds > limit && (last === undefined || last.oldestSeconds <= limit)
        ? [
            finding(id, now, {
              key: `${now.resource}/behind`,
              severity: 'high',
              title: 'Pushed events wait unread in their queue',
              about,
              facts: { ...facts, Behind: inWords(now.oldestSeconds / 60) },
            }),
          ]
        : []),
      ...(now.dead > (last?.dead ?? 0)
        ? [
            finding(id, now, {
              key: `${now.resource}/unread`,
              severity: 'high',
              title: 'Pushed events could not be read by the bot',
              about,
              facts: { ...facts, Unread: `${now.dead.toLocaleString('en')} messages were put aside` },
            }),
          ]
        : []),
    ];
  },
});

const minutesBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 60_000;
const inWords = (minutes: number): string => (minutes < 120 ? `${Math.round(minutes)} minutes` : `${Math.round(minutes / 60)} hours`);
