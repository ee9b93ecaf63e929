import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation, Of, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects, whileLearning } from '../suspects.ts';

const id = 'compute/functions-surge';
type Measured = Of<'usage.measured'>;
const isMeasure = (seen: Observation): seen is Measured => seen.kind === 'usage.measured' && seen.of === 'functions';
const resourceOf = (seen: Observation): string | undefined =>
  (seen.kind === 'workload.defined' || seen.kind === 'launcher.changed' || isMeasure(seen)) && !seen.outcome ? seen.resource : undefined;

export const functionsSurge = defineCheck({
  id,
  title: 'Young functions compute far more than functions here ever did',
  why: 'Functions are started without any machine to be seen, thousands at a time. A function that appeared this week and outdoes everything before it, or is allowed to run a great many times at once, is worth a question.',
  severity:
    'Medium for functions made within a week, low for older ones; high for young ones that compute fifty times as much as any hour before. Low while the account is being learnt.',
  falseAlarms: ['A launch day.', 'A batch job that was moved into functions.'],
  misses: ['Functions that start small and grow slowly; the bill shows them.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'TrailDiscover, incidents with functions'],
  maturity: 'stable',
  watches: ['usage.measured', 'launcher.changed', 'workload.defined'],
  judges: ['usage.measured', 'launcher.changed'],
  nature: 'event',
  remembers: {
    biggest: {
      kind: 'most',
      key: (o) => (isMeasure(o) ? account(o.place.scope) : undefined),
      value: (o) => (isMeasure(o) ? o.value : 0),
      days: 60,
    },
    /** 1 where it was written down within a week, and nothing is found about who did. */
    young: { kind: 'most', key: resourceOf, value: ({ kind }) => (kind === 'workload.defined' ? 1 : 0), days: 7 },
    /** 1 where it was written down or worked at all. */
    functions: { kind: 'most', key: resourceOf, value: ({ kind }) => (kind === 'launcher.changed' ? 0 : 1), days: 400 },
  },
  params: z.object({
    fromGbSeconds: z
      .number()
      .positive()
      .default(36_000)
      .describe('Fewer GB-seconds an hour are never reported; 36,000 cost about 60 US cents.'),
    times: z.number().positive().default(10).describe('From so many times the greatest hour before.'),
    atOnce: z.number().int().positive().default(50).describe('A young function that may run so many times at once is reported.'),
  }),
  evaluate(now, { biggest, young, functions }, { fromGbSeconds, times, atOnce }) {
    if (now.kind === 'workload.defined' || now.outcome) return [];
    if (now.kind === 'launcher.changed') {
      if (now.most < atOnce || young.value === 0) return [];
      return [told('medium', { 'At once': `${now.most}` }, young.learning)];
    }
    if (!isMeasure(now) || now.value < fromGbSeconds || now.value <= times * biggest.value) return [];
    // One nothing is remembered of is new, or was made by somebody about whom something is found.
    const isYoung = young.value > 0 || functions.value === 0;
    const isEnormous = biggest.value > 0 && now.value > 5 * times * biggest.value;
    return [
      told(
        isYoung ? (isEnormous ? 'high' : 'medium') : 'low',
        {
          'GB-seconds in an hour': `${Math.round(now.value)}`,
          'Most before': biggest.value > 0 ? `${Math.round(biggest.value)}` : 'none known',
        },
        biggest.learning,
      ),
    ];

    function told(severity: Severity, facts: Record<string, string>, learning: boolean) {
      return finding(id, now, {
        key: `${account(now.place.scope)}/${now.place.region}`,
        severity: whileLearning(learning, severity),
        title: 'Functions compute far more, or may, than functions here ever did',
        about: ['resource' in now ? now.resource : undefined].filter((one) => one !== undefined).concat(suspects(now) as never),
        facts: { Region: now.place.region, ...facts },
        remedies: cutOff(now),
        learning,
      });
    }
  },
});
