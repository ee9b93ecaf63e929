import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, who } from '../habits.ts';
import { isService } from '../networks.ts';
import type { Observation } from '../observation.ts';
import { cutOff, finding, suspects } from '../suspects.ts';
import { deeds, nameOfAct } from './acts.ts';

const id = 'identity/dormant-identity';

/** People and their keys. What a service does in somebody's name says nothing of them. */
const person = (act: Observation): string | undefined => {
  const isPerson = act.actor?.kind === 'user' || act.actor?.kind === 'federated';
  return isPerson && !isService(act.network) ? who(act) : undefined;
};

export const dormantIdentity = defineCheck({
  id,
  title: 'Somebody who was gone for months is back',
  why: 'Access that nobody took away when its owner left is what former colleagues and finders of old keys come in with. Nobody misses it, so nobody notices.',
  severity: 'Medium; low when all that happened is a sign-in that failed.',
  falseAlarms: ['Somebody back from a long leave.', 'Work that is done once a quarter.'],
  misses: ['Roles: too many people and programs share them.', 'Those who were gone before the memory began.'],
  tactic: 'Initial Access (TA0001): Valid Accounts, Cloud Accounts (T1078.004)',
  references: ['MITRE ATT&CK, T1078.004', 'Digital River, 2021 (mining at night with a former employee’s access)'],
  maturity: 'stable',
  watches: deeds,
  nature: 'event',
  remembers: {
    ever: { kind: 'seen', key: person, days: 400 },
    lately: { kind: 'seen', key: person, days: 60 },
  },
  params: z.object({}),
  evaluate(now, { ever, lately }) {
    if (lately.known || !ever.known || !ever.last) return [];
    const days = Math.floor((Date.parse(now.at) - Date.parse(ever.last)) / 86_400_000);
    return [
      finding(id, now, {
        key: `${who(now)}`,
        severity: now.kind === 'signed.in' && now.outcome === 'failed' ? 'low' : 'medium',
        title: 'Somebody who was gone for months is back',
        about: suspects(now),
        facts: { 'Not seen for': `${days} days`, Act: nameOfAct(now), ...from(now) },
        remedies: cutOff(now),
      }),
    ];
  },
});
