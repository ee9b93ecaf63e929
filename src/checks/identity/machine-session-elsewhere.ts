import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from, tried } from '../habits.ts';
import { isOutside, networkName } from '../networks.ts';
import type { Observation } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';
import { deeds, isHouseKeeping } from './acts.ts';

const id = 'identity/machine-session-elsewhere';

/** What a machine was given to work with is used from an address that is neither the provider's nor a private one. */
const whence = (act: Observation): string | undefined =>
  act.actor?.kind === 'workload' && isOutside(act.network) && !isHouseKeeping(act)
    ? `${account(act.place.scope)} ${networkName(act)}`
    : undefined;

export const machineSessionElsewhere = defineCheck({
  id,
  title: 'What a machine was given to work with is used outside the provider’s network',
  why: 'A machine in the cloud calls from the cloud. Who reads its credentials through a hole in a web application, or from inside the machine, carries them away and works from home with all the rights the machine had.',
  severity:
    'High; medium while the account is being learnt, and where it was refused. Nothing from a network that was told to be expected.',
  falseAlarms: ['Machines whose way out leads through an office or a data centre of one’s own: once, until it is said to be expected.'],
  misses: [
    'What the program that manages a machine does for itself, which machines outside the cloud do too.',
    'Credentials carried to another machine at the same provider.',
    'Containers and functions: their sessions do not say what they are.',
    'Reading that the source does not record.',
  ],
  tactic: 'Credential Access (TA0006): Unsecured Credentials, Cloud Instance Metadata API (T1552.005)',
  references: [
    'MITRE ATT&CK, T1552.005 and T1078.004',
    'Amazon GuardDuty, InstanceCredentialExfiltration.OutsideAWS',
    'Stratus Red Team, steal EC2 instance credentials',
  ],
  maturity: 'stable',
  watches: deeds,
  nature: 'event',
  remembers: { networks: { kind: 'seen', key: (act) => (act.outcome ? undefined : whence(act)), days: 400 } },
  params: z.object({}),
  evaluate(now, { networks }) {
    const network = whence(now);
    if (network === undefined || networks.known) return [];
    return [
      finding(id, now, {
        key: `${network}${tried(now)}`,
        severity: now.outcome || networks.learning ? 'medium' : 'high',
        title: now.outcome
          ? 'Somebody outside the provider’s network tried to use what a machine was given to work with'
          : 'What a machine was given to work with is used outside the provider’s network',
        about: suspects(now),
        facts: { Machine: now.actor?.name ?? 'unknown', ...from(now) },
        remedies: cutOff(now),
        learning: networks.learning,
      }),
    ];
  },
});
