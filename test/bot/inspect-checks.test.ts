import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInspector } from '../../src/bot/inspect.ts';
import { checks } from '../../src/checks/index.ts';
import type { Actor, Kind, Network, Observation, Subject } from '../../src/checks/observation.ts';
import { inOrder } from '../../src/checks/observation.ts';
import { appRunner, ciDeploy, hosting, leakedKey, machine, observed, office, place } from '../checks/observed.ts';

const seed = 20_261_124;
const start = Date.parse('2026-11-01T00:00:00.000Z');
const timeOf = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();

type Hand = { actor?: Actor; credential?: Subject; session?: Subject; network?: Network };
const hands: Hand[] = [
  { actor: ciDeploy, credential: leakedKey, network: office },
  { actor: ciDeploy, credential: leakedKey, network: hosting },
  { actor: appRunner, session: 'session:ASIAEXAMPLE1', network: office },
  { actor: { ...ciDeploy, kind: 'root', subject: 'principal:root' }, network: office },
  {},
];
const shapes = [
  { type: 'm5.large', family: 'm5', vcpus: 2, gpus: 0 },
  { type: 'c5.9xlarge', family: 'c5', vcpus: 36, gpus: 0 },
  { type: 'g5.xlarge', family: 'g5', vcpus: 4, gpus: 1 },
];
const users: Subject[] = ['principal:arn:aws:iam::123456789012:user/backup', 'principal:arn:aws:iam::123456789012:user/grace'];

const newer = [
  ...(['workload.defined', 'ground.prepared', 'protection.set', 'quota.asked', 'region.opened', 'support.asked', 'owner.changed'] as const),
  ...(['commitment.bought', 'model.used', 'usage.measured', 'schedule.set', 'organization.changed', 'signed.in', 'looked.around'] as const),
  ...(['second-factor.changed', 'identity.removed', 'ourselves.acted', 'probe.returned', 'queue.measured'] as const),
] satisfies Kind[];
const one = <T>(of: readonly T[], number: number): T => of[number % of.length]!;

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

/** A life of one account, in bursts: quiet weeks, then many things within an hour or two. */
const life: fc.Arbitrary<Observation[]> = fc
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
    { minLength: 40, maxLength: 160, size: 'max' },
  )
  .map((drawn) =>
    drawn.map(({ minute, kind, hand, region, shape, number, user, denied }, index): Observation => {
      const id = `e${index}`;
      const isLog = !['compute.seen', 'spend.recorded', 'look.finished', 'usage.measured', 'probe.returned', 'queue.measured'].includes(
        kind,
      );
      const facts: Record<string, unknown> = {
        id,
        at: timeOf(minute),
        heard: timeOf(minute + 10),
        evidence: kind === 'spend.recorded' ? [] : [id],
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

const delays = fc.array(fc.integer({ min: 0, max: 20 * 60 }), { minLength: 1, maxLength: 13 });
const arrival = (observations: Observation[], late: number[]): Observation[] =>
  observations
    .map((observation, index) => ({ observation, heard: Date.parse(observation.at) + (late[index % late.length] ?? 0) * 60_000 }))
    .sort((a, b) => a.heard - b.heard)
    .map(({ observation }) => observation);
const split = <T>(list: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));

const inOneGo = (observations: Observation[]) => {
  const inspector = createInspector({ checks, horizonHours: 100_000, costHorizonHours: 100_000 });
  inspector.inspect([...observations].sort(inOrder));
  return inspector.findings();
};

describe('all checks together', () => {
  it('find the same in every order of arrival within a day', () => {
    fc.assert(
      fc.property(life, delays, fc.integer({ min: 1, max: 20 }), (observations, late, size) => {
        const inspector = createInspector({ checks });

        const broken = split(arrival(observations, late), size).flatMap((batch) => inspector.inspect(batch).broken);

        expect(broken).toEqual([]);
        expect(inspector.findings()).toEqual(inOneGo(observations));
      }),
      { seed, numRuns: 120 },
    );
  });

  it('find the same when the process is restarted after every batch', () => {
    fc.assert(
      fc.property(life, delays, fc.integer({ min: 1, max: 20 }), (observations, late, size) => {
        let inspector = createInspector({ checks });
        const kept: Observation[] = [];

        for (const batch of split(arrival(observations, late), size)) {
          inspector.inspect(batch);
          kept.push(...batch);
          const checkpoint = inspector.checkpoint();
          inspector = createInspector({ checks });
          inspector.restore(
            checkpoint,
            kept.filter(({ at }) => checkpoint.horizon === undefined || at >= checkpoint.horizon),
          );
        }

        expect(inspector.findings()).toEqual(inOneGo(observations));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('say something of most such lives', () => {
    const lives = fc.sample(life, { seed, numRuns: 50 });
    const heard = new Set(lives.flatMap((observations) => inOneGo(observations).map(({ check }) => check)));

    // Some ask for more than such lives have (a warning of a provider, a long sleep, a burst of refusals); most speak.
    expect(checks.filter(({ id }) => !heard.has(id)).length).toBeLessThan(checks.length / 3);
    for (const topic of ['compute', 'identity', 'persistence', 'evasion', 'coverage', 'spend'])
      expect(
        [...heard].filter((id) => id.startsWith(topic)),
        topic,
      ).not.toEqual([]);
  });
});
