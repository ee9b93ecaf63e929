import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { money } from '../money.ts';
import { finding } from '../suspects.ts';
import { spendWords } from './words.ts';

const id = 'spend/above-own-history';

/** For the judge, which holds each day of the bill against what is usual (judge.ts); this check says what it found. */
export const spendParams = z.object({
  usualMonthly: z
    .record(z.string(), z.number().nonnegative())
    .default({})
    .describe('What an account usually costs a month, by account id; used while it has no two weeks of history.'),
  assumedMonthly: z.number().nonnegative().default(150).describe('The same for accounts nobody said anything about.'),
});

export const aboveOwnHistory = defineCheck({
  id,
  title: 'Far more money is being spent than is usual',
  why: 'Money is the last thing to move, hours after the machines, but it sees everything: also what no other check knows. Each account, service and region, and each service in each region, is held against its own past, and how loud it gets depends on what it would cost in a month.',
  severity:
    'By what it would cost in 30 days more than usual. Medium from 100 dollars and a tenth of a usual month. High from 500 dollars and a usual month (for months above 3,400 dollars from 3,000 and an eighth), for a new service from 500 dollars and a quarter of a month, in a new region from 300. Critical from 2,000 dollars and three usual months. Below that, low. A level lower for each time that as much came and went by itself within a hundred days, or low where it came at this time of a month before. In the first week of an account of which nobody said what it costs, at most medium.',
  falseAlarms: [
    'A price that was agreed on, a migration, a new product. After five days the new level is taken as usual.',
    'A service billed for once in a while.',
  ],
  misses: [
    'What stays below ten dollars a day.',
    'What grows by less than a seventh within six weeks.',
    'Whatever happened since the bill was last brought up to date, up to a day.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking (T1496)',
  references: [
    'MITRE ATT&CK, T1496',
    'AWS Cost Management guide, anomaly detection (a new service needs ten days of history there)',
    'Hampel, identification of outliers by median and MAD',
  ],
  maturity: 'stable',
  watches: ['spend.judged'],
  nature: 'event',
  remembers: {},
  params: spendParams,
  evaluate(now) {
    // The provider revised the bill.
    if (now.withdrawn) return [];
    const { found, currency, names, provisional, month, machines, expected } = now;
    const ageSeconds = Math.max(0, Date.parse(now.heard) - Date.parse(now.readAt)) / 1000;
    const { title, facts } = spendWords(found, { currency, names, ageSeconds, provisional, machines, ...(month ? { month } : {}) });
    return [
      finding(id, now, {
        key: now.id,
        severity: found.severity,
        title,
        facts: { ...facts, ...(expected === undefined ? {} : { Expected: `up to ${money(expected, currency)} a day more` }) },
        about: [...new Set(found.leaves.map(({ account }) => account))].map(
          (account) => `scope:${now.place.scope.cloud}/${account}` as const,
        ),
        remedies: [],
      }),
    ];
  },
});
