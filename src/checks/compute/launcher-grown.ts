import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { account, cutOff, finding, spot, suspects } from '../suspects.ts';

const id = 'compute/launcher-grown';

export const launcherGrown = defineCheck({
  id,
  title: 'Something that starts machines by itself was made far bigger than you ever had it',
  why: 'A scaling group with a high limit starts machines for the thief, and starts them again when they are stopped. It can be seen before the first machine runs, and it has to be held before machines are stopped.',
  severity: 'Always high, also while the account is being learnt.',
  falseAlarms: ['A new service that scales.', 'A limit raised before a launch day.'],
  misses: ['Launchers below twenty machines.', 'Launchers of services that are not translated yet.'],
  tactic: 'Persistence (TA0003) and Impact (TA0040): Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'AWS Security Blog, cryptomining campaign of November 2025 (scaling groups from 20 to 999)'],
  maturity: 'stable',
  watches: ['launcher.changed', 'compute.asked', 'compute.seen'],
  nature: 'event',
  remembers: {
    biggest: {
      kind: 'most',
      key: (o) => (o.kind === 'launcher.changed' && !o.outcome ? account(o.place.scope) : undefined),
      value: (o) => (o.kind === 'launcher.changed' ? o.most : 0),
      days: 90,
    },
    regions: { kind: 'seen', key: (o) => (o.outcome ? undefined : spot(o)), days: 3650 },
  },
  params: z.object({
    from: z.number().int().positive().default(20).describe('Launchers that can start fewer machines are never reported.'),
    times: z.number().positive().default(5).describe('High from so many times the biggest launcher of the account before.'),
  }),
  evaluate(now, { biggest, regions }, { from, times }) {
    if (now.kind !== 'launcher.changed' || now.outcome || now.most < from) return [];
    const isGrown = now.most >= times * biggest.value;
    if (!isGrown && regions.known) return [];
    return [
      finding(id, now, {
        key: spot(now),
        severity: 'high',
        title: isGrown
          ? 'Something that starts machines by itself was made far bigger than you ever had it'
          : 'Something that starts machines by itself was set up in a region you have never used',
        about: [now.resource, ...suspects(now)],
        facts: {
          Region: now.place.region,
          'Up to': `${now.most} machines`,
          'Biggest before': biggest.value > 0 ? `${biggest.value} machines` : 'none known',
        },
        remedies: cutOff(now),
        learning: biggest.learning,
      }),
    ];
  },
});
