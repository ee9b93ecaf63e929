import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { deeds } from '../identity/acts.ts';
import { isRented, networkName } from '../networks.ts';
import type { Actor, Observation, Of, Severity, Subject } from '../observation.ts';
import { account, cutOff, finding, keyUsed, suspects, whileLearning } from '../suspects.ts';

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
      return step.level === 'admin' || step.how.startsWith('group ') ? step.to : undefined;
    default:
      return step satisfies never;
  }
}
const onUser = (step: Step): string | undefined => {
  const user = userOf(step);
  return user && `${account(step.place.scope)}/${user}`;
};
const isStep = (act: Observation): act is Step =>
  act.kind === 'identity.linked' || act.kind === 'credential.created' || act.kind === 'access.granted';
/** Who does such things from which network; without a network of their own nobody is known. */
const habit = (act: Observation): string | undefined => {
  const from = isStep(act) && userOf(act) && act.actor ? networkName(act) : undefined;
  return from === undefined ? undefined : `${act.actor?.subject} ${from} ${act.program ?? ''}`;
};
/** A person who is signed in, at home or at work: no long-term key, which works wherever it is carried, and no rented machine. */
const signedIn = (act: Observation): string | undefined => {
  const isPerson = (act.actor?.kind === 'user' || act.actor?.kind === 'federated') && !act.outcome && !keyUsed(act);
  // Signing in itself is recorded before there is a session.
  if (!isPerson || (act.session === undefined && act.kind !== 'signed.in')) return undefined;
  const from = networkName(act);
  return from !== undefined && !isRented(act.network) ? `${act.actor?.subject} ${act.actor?.name} ${from}` : undefined;
};

export const adminUserChain = defineCheck({
  id,
  title: 'A new administrator with a key or password of its own was made',
  why: 'Within an hour a user was created, given a key or a password, and made an administrator. Thieves do this first, so that they keep the account after the stolen key is found.',
  severity:
    'Critical. Medium from somebody, and from a network, known for such things for a week, and from a person who has been signed in from that network on two days before (low while the account is being learnt). Where the only right is a group whose name does not tell what it may do, medium, or low from such a person.',
  falseAlarms: ['A new colleague is taken on by somebody, or from somewhere, not known yet.', 'Set-up scripts of a new account.'],
  misses: [
    'What a group may do: only its name is known here.',
    'Rights short of an administrator’s, given directly.',
    'A thief at the keyboard, or in the session, of the person who usually does this.',
    'Steps more than an hour apart.',
  ],
  tactic: 'Persistence (TA0003): Create Account, Cloud Account (T1136.003)',
  references: [
    'MITRE ATT&CK, T1136.003 and T1098.003',
    'Stratus Red Team, create an administrative IAM user',
    'Panther Analysis, create admin IAM user',
  ],
  maturity: 'stable',
  watches: ['identity.linked', ...deeds],
  judges: ['identity.linked', 'credential.created', 'access.granted'],
  nature: 'event',
  remembers: {
    steps: { kind: 'recent', key: (o) => (isStep(o) ? onUser(o) : undefined), minutes: 60, most: 50 },
    creators: { kind: 'seen', key: habit, days: 180 },
    people: { kind: 'seen', key: signedIn, days: 120 },
  },
  params: z.object({
    habitDays: z
      .number()
      .int()
      .positive()
      .default(7)
      .describe('From so many days of doing such things from that network on, a person counts as known for it.'),
    signedInDays: z
      .number()
      .int()
      .positive()
      .default(2)
      .describe('A person who has been signed in from that network on so many days before counts as known.'),
  }),
  evaluate(now, { steps: acts, creators, people }, { habitDays, signedInDays }) {
    if (!isStep(now)) return [];
    const steps = acts.filter(isStep);
    const made = steps.find(({ kind }) => kind === 'identity.linked');
    const keys = steps.filter((step) => step.kind === 'credential.created');
    const grants = steps.filter((step) => step.kind === 'access.granted');
    const rights = grants.find(({ level }) => level === 'admin') ?? grants[0];
    const user = userOf(now);
    if (!made || !rights || !user || keys.length === 0) return [];
    const isHabit = creators.first !== undefined && Date.parse(steps[0]!.at) - Date.parse(creators.first) >= habitDays * 86_400_000;
    // Days before today: what happens today is what is in question.
    const isPerson = people.days - (people.last?.slice(0, 10) === now.at.slice(0, 10) ? 1 : 0) >= signedInDays;
    // Somebody known who completes what a stranger began vouches for nothing.
    const isSame = (of: (act: Observation) => string | undefined): boolean => steps.every((step) => of(step) === of(now));
    const severity = severityOf(rights.level === 'admin', isHabit && isSame(habit), isPerson && isSame(signedIn), creators.learning);
    const name = user.slice(user.lastIndexOf('/') + 1);
    const newcomer: Actor = { subject: user, name, kind: 'user', home: now.place.scope };
    return [
      finding(
        id,
        now,
        {
          key: `${account(now.place.scope)}/${user}`,
          severity,
          title:
            rights.level === 'admin'
              ? 'A new administrator with a key or password of its own was made'
              : 'A new user with a key or password of its own was made',
          about: [user, ...keys.map(({ credential }) => credential), ...steps.flatMap(suspects)],
          facts: {
            'New user': name,
            Rights: rights.how,
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

function severityOf(isAdmin: boolean, isHabit: boolean, isPerson: boolean, isLearning: boolean): Severity {
  if (!isAdmin) return isHabit || isPerson || isLearning ? 'low' : 'medium';
  if (isPerson) return whileLearning(isLearning, 'medium');
  return isHabit ? 'medium' : 'critical';
}
