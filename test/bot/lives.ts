/** Made-up lives of one account in which every check has a chance to speak. */
import fc from 'fast-check';
import type { Kind, Observation, Subject } from '../../src/checks/observation.ts';
import { leakedKey, machine, observed, place } from '../checks/observed.ts';
import { hands, one, regions, scenes, shapes, timeOf } from './scenes.ts';

const users: Subject[] = ['principal:arn:aws:iam::123456789012:user/backup', 'principal:arn:aws:iam::123456789012:user/grace'];

const { found: judgedFound } = observed('spend.judged', {});

const newer = [
  ...(['workload.defined', 'ground.prepared', 'protection.set', 'quota.asked', 'region.opened', 'support.asked', 'owner.changed'] as const),
  ...(['commitment.bought', 'model.used', 'usage.measured', 'schedule.set', 'organization.changed', 'signed.in', 'looked.around'] as const),
  ...(['second-factor.changed', 'identity.created', 'identity.removed', 'ourselves.acted', 'probe.returned', 'queue.measured'] as const),
] satisfies Kind[];

/** What the kinds have words of their own for. */
function ofKind(kind: Kind, number: number, at: string): object {
  switch (kind) {
    case 'trust.opened':
      return { door: one(['role', 'function', 'data'], number) };
    case 'guard.weakened':
      return { guard: one(['audit log', 'threat detector', 'configuration recorder', 'budget', 'alarm', 'ourselves'], number) };
    case 'credential.created':
      return { form: one(['key', 'password', 'federation'], number) };
    case 'access.granted':
      return { level: one(['admin', 'other'], number) };
    case 'quota.asked':
      return {
        of: one(['compute', 'models', 'other'], number),
        wanted: number * 100,
        before: 10,
        state: one(['asked', 'granted', 'refused'], number),
      };
    case 'support.asked':
      return { about: one(['limits', 'other'], number) };
    case 'owner.changed':
      return { what: one(['password', 'e-mail', 'contact', 'recovery'], number) };
    case 'model.used':
      return { how: one(['grant', 'call'], number) };
    case 'organization.changed':
      return {
        how: one(['account created', 'account invited', 'left', 'access assigned', 'user created', 'guard rail removed'], number),
        level: one(['admin', 'other'], number >> 1),
      };
    case 'signed.in':
      return { how: one(['password', 'key', 'federation'], number), mfa: number % 2 === 0 };
    case 'second-factor.changed':
      return { how: one(['added', 'removed'], number) };
    case 'identity.created':
      return { subject: one(users, number), what: 'user' };
    case 'identity.removed':
      return { subject: one(users, number), what: one(['key', 'password', 'user', 'role', 'right'], number) };
    case 'looked.around':
      return { what: one(['limits', 'regions', 'sizes', 'bills', 'guards', 'self'], number), operation: `look:${number}` };
    case 'protection.set':
      return { against: one(['ending', 'stopping'], number) };
    case 'ourselves.acted':
      return { role: 'act', approved: number % 2 === 0 };
    case 'probe.returned':
      return { path: one(['push', 'poll'], number), sentAt: at, within: 600, seconds: number % 3 === 0 ? undefined : number * 20 };
    case 'queue.measured':
      return { oldestSeconds: number * 120, dead: number % 4 };
    default:
      return {};
  }
}

/** Single acts of every kind: quiet weeks, then many things within an hour or two. */
const acts: fc.Arbitrary<Observation[]> = fc
  .array(
    fc.record({
      minute: fc.oneof(
        fc.integer({ min: 0, max: 20 * 1440 }),
        fc.integer({ min: 12 * 1440, max: 12 * 1440 + 40 }),
        fc.integer({ min: 19 * 1440, max: 19 * 1440 + 40 }),
      ),
      kind: fc.constantFrom<Kind>(
        'compute.asked',
        'compute.asked',
        'compute.seen',
        'compute.refused',
        'launcher.changed',
        'principal.acted',
        'identity.linked',
        'credential.created',
        'access.granted',
        'trust.opened',
        'guard.weakened',
        'spend.recorded',
        'spend.judged',
        'look.finished',
        ...newer,
        ...newer,
      ),
      hand: fc.constantFrom(...hands),
      region: fc.constantFrom('us-east-1', 'eu-west-3', 'ap-south-1'),
      shape: fc.constantFrom(...shapes),
      number: fc.integer({ min: 1, max: 60 }),
      user: fc.constantFrom(...users),
      denied: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 30, maxLength: 120, size: 'max' },
  )
  .map((drawn) =>
    drawn.map(({ minute, kind, hand, region, shape, number, user, denied }, index): Observation => {
      const id = `e${index}`;
      const isLog = ![
        'compute.seen',
        'spend.recorded',
        'spend.judged',
        'look.finished',
        'usage.measured',
        'probe.returned',
        'queue.measured',
      ].includes(kind);
      const facts: Record<string, unknown> = {
        id,
        at: timeOf(minute),
        heard: timeOf(minute + 10),
        evidence: kind === 'spend.recorded' ? [] : [id],
        found: { ...judgedFound, severity: one(['low', 'medium', 'high'], number), spent: number * 10, excess: number * 10 },
        place: place(region),
        shape,
        resources: [machine(`i-${number}`, region)],
        resource: kind.startsWith('compute') ? machine(`i-${number}`, region) : `resource:${kind}/${number}`,
        count: 1 + (number % 4),
        most: number,
        desired: 1,
        from: user,
        to: kind === 'access.granted' ? user : kind === 'trust.opened' ? String(number % 3) : leakedKey,
        how: kind === 'identity.linked' ? 'created' : 'made up',
        owner: user,
        unconditional: number % 2 === 0,
        operation: number % 2 === 0 ? 'iam:DeleteUser' : 'iam:ListUsers',
        why: 'quota',
        day: timeOf(minute).slice(0, 10),
        ...(kind === 'compute.seen'
          ? { perHour: { amount: number / 20, currency: 'USD', usd: number / 20 }, running: number % 5 !== 0 }
          : {}),
        cost: { amount: number, currency: 'USD', usd: number },
        service: `service ${number % 3}`,
        since: timeOf(minute - number * 600),
        complete: true,
        actor: undefined,
        credential: undefined,
        ...(kind === 'credential.created' ? { credential: `credential:AKIA${number}` } : {}),
        ...ofKind(kind, number, timeOf(minute)),
        ...(isLog ? hand : {}),
        ...(isLog && denied ? { outcome: 'denied' } : {}),
      };
      return observed(kind, facts as never);
    }),
  );

const drawnScenes = fc
  .array(
    fc.record({
      scene: fc.constantFrom(...Object.keys(scenes)),
      minute: fc.oneof(fc.integer({ min: 0, max: 20 * 1440 }), fc.integer({ min: 19 * 1440, max: 19 * 1440 + 40 })),
      hand: fc.constantFrom(...hands),
      region: fc.constantFrom(...regions),
      number: fc.integer({ min: 1, max: 60 }),
    }),
    { minLength: 2, maxLength: 10, size: 'max' },
  )
  .map((drawn) => drawn.flatMap(({ scene, ...about }, index) => scenes[scene]!({ ...about, id: `s${index}` })));

/** A life of one account: single acts, and scenes among them. */
export const life: fc.Arbitrary<Observation[]> = fc.tuple(acts, drawnScenes).map(([single, together]) => [...single, ...together]);
