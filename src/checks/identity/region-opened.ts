import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { doing, from, isKnown, knownDays, tried, usual } from '../habits.ts';
import type { Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';
import { deeds } from './acts.ts';

const id = 'identity/region-opened';

export const regionOpened = defineCheck({
  id,
  title: 'A region was switched on that nobody looks at',
  why: 'Regions that are off by default have no guards, no alarms and nobody who looks. Switching one on is done once in a company’s life, or by a thief who wants to be alone.',
  severity:
    'High; medium from somebody known here for a week from that network and with that program, and where only the list of regions tells of it. Medium for an attempt that was refused.',
  falseAlarms: ['The company grows into a region, by the hand of somebody new.'],
  misses: ['Regions that are on by default and that nobody uses.'],
  tactic: 'Defense Evasion (TA0005): Unused/Unsupported Cloud Regions (T1535)',
  references: ['MITRE ATT&CK, T1535', 'AWS Account Management API reference, EnableRegion'],
  maturity: 'stable',
  watches: deeds,
  judges: ['region.opened'],
  nature: 'event',
  remembers: {
    ...usual,
    work: doing((act) => act.kind !== 'principal.acted' && act.kind !== 'signed.in' && act.kind !== 'looked.around'),
  },
  params: z.object({ knownDays }),
  evaluate(now, seen, { knownDays }) {
    if (now.kind !== 'region.opened' || now.outcome === 'failed') return [];
    // The list of regions tells late, and not who did it.
    const isMild = now.outcome === 'denied' || now.actor === undefined || isKnown(now, seen, knownDays);
    const severity: Severity = isMild ? 'medium' : 'high';
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.region}${tried(now)}`,
        severity,
        title: now.outcome ? 'Somebody tried to switch on a region that nobody looks at' : 'A region was switched on that nobody looks at',
        about: suspects(now),
        facts: { Region: now.region, ...from(now) },
        remedies: cutOff(now),
      }),
    ];
  },
});
