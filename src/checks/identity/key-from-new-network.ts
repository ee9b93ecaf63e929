import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { isRented, networkName } from '../networks.ts';
import type { Observation, Severity } from '../observation.ts';
import { account, cutOff, finding, keyUsed, suspects } from '../suspects.ts';
import { deeds, isWriting, nameOfAct } from './acts.ts';

const id = 'identity/key-from-new-network';

/** Only a user's long-term key from an address of its own tells anything: the provider's services call from anywhere. */
const isTelling = (act: Observation): boolean => act.actor?.kind === 'user' && keyUsed(act) !== undefined && networkName(act) !== undefined;
const who = (act: Observation): string => `${account(act.place.scope)}/${act.actor?.subject}`;

export const keyFromNewNetwork = defineCheck({
  id,
  title: 'A long-term key is used from a network it never came from',
  why: 'A key works wherever it is carried. The moment a stolen key is first used is the moment it comes from another network, most often one where servers are rented; nothing has been started yet.',
  severity:
    'Medium for reading, and for changes its user has made before; high for any other change, for machines, keys and rights asked for from anywhere but a home network, from networks where servers are rented, and for a key that slept for 30 days. A user that has come from rented networks on three days, such as a build service, is low for what it does anyway. Low for a user that was never seen before and while networks are being learnt.',
  falseAlarms: ['A developer who travels or changes the provider.', 'A build service that does something new on a new host.'],
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
    networks: { kind: 'seen', key: (o) => (isTelling(o) ? `${who(o)} ${networkName(o)}` : undefined), days: 120 },
    users: { kind: 'seen', key: (o) => (isTelling(o) ? who(o) : undefined), days: 400 },
    keys: { kind: 'seen', key: (o) => (isTelling(o) ? `${account(o.place.scope)}/${keyUsed(o)}` : undefined), days: 400 },
    habits: { kind: 'seen', key: (o) => (isTelling(o) && !o.outcome ? `${who(o)} ${nameOfAct(o)}` : undefined), days: 120 },
    rented: { kind: 'seen', key: (o) => (isTelling(o) && isRented(o.network) ? who(o) : undefined), days: 120 },
  },
  params: z.object({
    dormantDays: z
      .number()
      .int()
      .positive()
      .default(30)
      .describe('A key that was not used for so many days has slept: waking up in a new network is high.'),
    rentedDays: z
      .number()
      .int()
      .positive()
      .default(3)
      .describe('From so many days in rented networks on, another one is no news of itself.'),
  }),
  evaluate(now, { networks, users, keys, habits, rented }, { dormantDays, rentedDays }) {
    if (!isTelling(now) || networks.known) return [];
    const isHosting = isRented(now.network);
    const asleepDays = keys.known && keys.last ? Math.floor((Date.parse(now.at) - Date.parse(keys.last)) / 86_400_000) : 0;
    const isDormant = asleepDays >= dormantDays;
    let severity = severityOf(now, habits.known, rented.days >= rentedDays);
    if (isDormant) severity = 'high';
    // The first network of a new user is new to everybody.
    if (networks.learning || !users.known) severity = 'low';
    return [
      finding(id, now, {
        key: `${who(now)}/${networkName(now)}`,
        severity,
        title: isDormant
          ? 'A key that slept for weeks is used from a network it never came from'
          : 'A long-term key is used from a network it never came from',
        about: suspects(now),
        facts: {
          From: `${now.network?.address}${now.network?.name ? ` (${now.network.name})` : ''}`,
          ...(isHosting ? { Network: now.network?.kind === 'provider' ? 'a machine rented from the provider' : 'a hosting network' } : {}),
          ...(isDormant ? { 'Not used for': `${asleepDays} days` } : {}),
        },
        remedies: cutOff(now),
        learning: networks.learning,
      }),
    ];
  },
});

/** `isUsual`: its user has done the same before. `isMover`: its user has come from rented networks on several days. */
function severityOf(now: Observation, isUsual: boolean, isMover: boolean): Severity {
  const isChange = isWriting(now);
  // Machines, keys, rights and guards.
  const isGrave = isChange && now.kind !== 'principal.acted';
  if (now.kind === 'guard.weakened') return 'high';
  if (isMover && now.network?.kind !== 'home') {
    if (isUsual) return isGrave ? 'medium' : 'low';
    return isChange ? 'high' : 'medium';
  }
  if (isRented(now.network)) return 'high';
  if (!isChange) return 'medium';
  return isUsual && (!isGrave || now.network?.kind === 'home') ? 'medium' : 'high';
}
