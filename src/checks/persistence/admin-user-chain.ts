import { z } from 'zod';
import { defineCheck } from '../check.ts';
import type { Actor, Of, Severity, Subject } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'persistence/admin-user-chain';
type Step = Of<'identity.linked'> | Of<'credential.created'> | Of<'access.granted'>;

/** The user a step is about, if it is a step towards a new administrator. */
function userOf(step: Step): Subject | undefined {
  if (step.outcome) return undefined;
  switch (step.kind) {
    case 'identity.linked':
      return step.how === 'created' && step.from.startsWith('principal:') ? step.from : undefined;
    case 'credential.created':
      return step.form === 'federation' ? undefined : step.owner;
    case 'access.granted':
      return step.level === 'admin' ? step.to : undefined;
    default:
      return step satisfies never;
  }
}
const onUser = (step: Step): string | undefined => {
  const user = userOf(step);
  return user && `${account(step.place.scope)}/${user}`;
};
/** Who does such things from which network; without a network of their own nobody is known. */
const habit = (step: Step): string | undefined =>
  userOf(step) && step.actor && step.network?.asn !== undefined && step.network.kind !== 'provider'
    ? `${step.actor.subject} AS${step.network.asn}`
    : undefined;

export const adminUserChain = defineCheck({
  id,
  title: 'A new administrator with a key or password of its own was made',
  why: 'Within an hour a user was created, given a key or a password, and made an administrator. Thieves do this first, so that they keep the account after the stolen key is found.',
  severity: 'Critical; medium when done by somebody, and from a network, known for such things for a week.',
  falseAlarms: [
    'A new colleague is taken on. From a person and network that have done such things for days it is only medium.',
    'Set-up scripts of a new account.',
  ],
  misses: [
    'Rights given through a group: which rights a group has is not known here.',
    'Rights short of an administrator’s.',
    'Steps more than an hour apart.',
  ],
  tactic: 'Persistence (TA0003): Create Account, Cloud Account (T1136.003)',
  references: [
    'MITRE ATT&CK, T1136.003 and T1098.003',
    'Stratus Red Team, create an administrative IAM user',
    'Panther Analysis, create admin IAM user',
  ],
  maturity: 'stable',
  watches: ['identity.linked', 'credential.created', 'access.granted'],
  nature: 'event',
  remembers: {
    steps: { kind: 'recent', key: onUser, minutes: 60, most: 50 },
    creators: { kind: 'seen', key: habit, days: 180 },
  },
  params: z.object({
    habitDays: z
      .number()
      .int()
      .positive()
      .default(7)
      .describe('From so many days of doing such things from that network on, a person counts as known for it.'),
  }),
  evaluate(now, { steps, creators }, { habitDays }) {
    const made = steps.find(({ kind }) => kind === 'identity.linked');
    const keys = steps.filter((step) => step.kind === 'credential.created');
    const rights = steps.find(({ kind }) => kind === 'access.granted');
    const user = userOf(now);
    if (!made || !rights || !user || keys.length === 0) return [];
    const isKnown = creators.first !== undefined && Date.parse(steps[0]!.at) - Date.parse(creators.first) >= habitDays * 86_400_000;
    const severity: Severity = isKnown ? 'medium' : 'critical';
    const name = user.slice(user.lastIndexOf('/') + 1);
    const newcomer: Actor = { subject: user, name, kind: 'user', home: now.place.scope };
    return [
      finding(
        id,
        now,
        {
          key: `${account(now.place.scope)}/${user}`,
          severity,
          title: 'A new administrator with a key or password of its own was made',
          about: [user, ...keys.map(({ credential }) => credential), ...steps.flatMap(suspects)],
          facts: {
            'New user': name,
            Rights: rights.kind === 'access.granted' ? rights.how : 'administrator',
            Access: [...new Set(keys.map(({ form }) => form))].sort().join(', '),
          },
          remedies: [
            ...keys
              .filter(({ form }) => form === 'key')
              .map(({ credential }) => ({ kind: 'disable-credential' as const, credential, owner: newcomer })),
            { kind: 'deny-principal', principal: newcomer, over: now.place.scope },
            ...steps.flatMap(cutOff),
          ],
        },
        steps,
      ),
    ];
  },
});
