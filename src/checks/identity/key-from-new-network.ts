import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';
import { deeds, isWriting } from './acts.ts';

const id = 'identity/key-from-new-network';

/** Only a user's long-term key from an address of its own tells anything: the provider's services call from anywhere. */
const isTelling = ({ actor, credential, network }: Observation): boolean =>
  actor?.kind === 'user' && credential !== undefined && network?.asn !== undefined && network.kind !== 'provider';
const who = (deed: Observation): string => `${account(deed.place.scope)}/${deed.actor?.subject}`;

export const keyFromNewNetwork = defineCheck({
  id,
  title: 'A long-term key is used from a network it never came from',
  why: 'A key works wherever it is carried. The moment a stolen key is first used is the moment it comes from another network, most often one where servers are rented; nothing has been started yet.',
  severity:
    'Medium for reading; high for writing, from a hosting network, or for a key that slept for 30 days. Low for a user that was never seen before and while networks are being learnt.',
  falseAlarms: ['A developer who travels or changes the provider.', 'A build service that moves to another host.'],
  misses: ['A thief in the same network, or behind the same proxy.', 'Temporary credentials: they come and go from everywhere.'],
  tactic: 'Initial Access (TA0001): Valid Accounts, Cloud Accounts (T1078.004)',
  references: [
    'MITRE ATT&CK, T1078.004',
    'Elastic detection rules, long-term key first seen from source address',
    'Unit 42, EleKtra-Leak, 2023',
  ],
  maturity: 'stable',
  watches: deeds,
  nature: 'event',
  remembers: {
    networks: { kind: 'seen', key: (o) => (isTelling(o) ? `${who(o)} AS${o.network?.asn}` : undefined), days: 120 },
    users: { kind: 'seen', key: (o) => (isTelling(o) ? who(o) : undefined), days: 400 },
    keys: { kind: 'seen', key: (o) => (isTelling(o) ? `${account(o.place.scope)}/${o.credential}` : undefined), days: 400 },
  },
  params: z.object({
    dormantDays: z
      .number()
      .int()
      .positive()
      .default(30)
      .describe('A key that was not used for so many days has slept: waking up in a new network is high.'),
  }),
  evaluate(now, { networks, users, keys }, { dormantDays }) {
    if (!isTelling(now) || networks.known) return [];
    const isHosting = now.network?.kind === 'hosting';
    const asleepDays = keys.known && keys.last ? Math.floor((Date.parse(now.at) - Date.parse(keys.last)) / 86_400_000) : 0;
    const isDormant = asleepDays >= dormantDays;
    let severity: Severity = isHosting || isDormant || isWriting(now) ? 'high' : 'medium';
    // The first network of a new user is new to everybody.
    if (networks.learning || !users.known) severity = 'low';
    return [
      finding(id, now, {
        key: `${who(now)}/AS${now.network?.asn}`,
        severity,
        title: isDormant
          ? 'A key that slept for weeks is used from a network it never came from'
          : 'A long-term key is used from a network it never came from',
        about: suspects(now),
        facts: {
          From: `${now.network?.address}${now.network?.name ? ` (${now.network.name})` : ''}`,
          ...(isHosting ? { Network: 'a hosting network' } : {}),
          ...(isDormant ? { 'Not used for': `${asleepDays} days` } : {}),
        },
        remedies: cutOff(now),
        learning: networks.learning,
      }),
    ];
  },
});
