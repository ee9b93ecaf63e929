/** What happens together in a made-up life: one hand, one purpose, within minutes. Each gives some checks a chance that mere luck would not. */
import type { Actor, Kind, Network, Observation, Subject } from '../../src/checks/observation.ts';
import { appRunner, ciDeploy, hosting, leakedKey, machine, observed, office, place } from '../checks/observed.ts';

const start = Date.parse('2026-11-01T00:00:00.000Z');
export const timeOf = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();

type Hand = { actor?: Actor; credential?: Subject; session?: Subject; network?: Network; program?: string };
export const hands: Hand[] = [
  { actor: ciDeploy, credential: leakedKey, network: office, program: 'terraform' },
  { actor: ciDeploy, credential: leakedKey, network: hosting },
  {
    actor: { ...ciDeploy, name: 'ada', subject: 'principal:arn:aws:iam::123456789012:user/ada' },
    session: 'session:ASIAEXAMPLE3',
    network: office,
  },
  { actor: appRunner, session: 'session:ASIAEXAMPLE1', network: office },
  { actor: { ...ciDeploy, kind: 'root', subject: 'principal:root' }, network: office },
  {},
];
export const shapes = [
  { type: 'm5.large', family: 'm5', vcpus: 2, gpus: 0 },
  { type: 'c5.9xlarge', family: 'c5', vcpus: 36, gpus: 0 },
  { type: 'g5.xlarge', family: 'g5', vcpus: 4, gpus: 1 },
];
export const one = <T>(of: readonly T[], number: number): T => of[number % of.length]!;

type Scene = (about: { minute: number; hand: Hand; region: string; number: number; id: string }) => Observation[];
export const regions = ['us-east-1', 'eu-west-3', 'ap-south-1', 'ca-central-1', 'sa-east-1'];

export const scenes: Record<string, Scene> = {
  'tries what can be started': ({ minute, hand, number, id }) =>
    Array.from({ length: 3 + (number % 4) }, (_, step) =>
      act(
        'compute.refused',
        { minute: minute + step, hand, id: `${id}/${step}`, region: one(regions, step * (number % 2)) },
        {
          outcome: 'denied',
          why: one(['dry run', 'not allowed', 'quota'], number),
          shape: one(shapes, number + step),
        },
      ),
    ),
  'tries one door after another': ({ minute, hand, region, number, id }) =>
    Array.from({ length: 8 + (number % 20) }, (_, step) =>
      act(
        'principal.acted',
        { minute: minute + step / 4, hand, region, id: `${id}/${step}` },
        { outcome: 'denied', operation: `made:Up${step}` },
      ),
    ),
  'measures what can be had': ({ minute, hand, number, id }) =>
    Array.from({ length: 5 }, (_, step) =>
      act(
        'looked.around',
        { minute: minute + step, hand, id: `${id}/${step}`, region: one(regions, step * (number % 2)) },
        {
          what: one(['limits', 'regions', 'sizes', 'bills', 'guards'], number % 2 === 0 ? step : number),
        },
      ),
    ),
  'comes back after months': ({ minute, hand, region, id }) => [
    act('principal.acted', { minute: minute - 80 * 1440, hand: { ...hand, actor: gone }, region, id: `${id}/then` }, {}),
    act('principal.acted', { minute, hand: { ...hand, actor: gone }, region, id: `${id}/now` }, {}),
  ],
  'gives root a key': ({ minute, number, id }) => [
    act(
      'credential.created',
      { minute, hand: { actor: root, network: hosting }, region: 'us-east-1', id },
      {
        credential: `credential:AKIAROOT${number}`,
        form: one(['key', 'password'], number),
        owner: root.subject,
        ...(number % 3 === 0 ? { outcome: 'denied' } : {}),
      },
    ),
  ],
  'signs in from here and from there': ({ minute, number, id }) =>
    Array.from({ length: 2 + (number % 3) }, (_, step) =>
      act(
        'signed.in',
        {
          minute: minute + step * 60 * (number % 40),
          hand: { actor: gone, session: 'session:ASIAEXAMPLE2', network: step % 2 === 0 ? office : hosting },
          region: 'us-east-1',
          id: `${id}/${step}`,
        },
        { how: 'password', mfa: number % 2 === 0 },
      ),
    ),
  'guesses passwords': ({ minute, number, id }) =>
    Array.from({ length: 8 + (number % 4) }, (_, step) =>
      act(
        'signed.in',
        {
          minute: minute + step * 2,
          hand: { actor: one([gone, ciDeploy], step), network: hosting },
          region: 'us-east-1',
          id: `${id}/${step}`,
        },
        { how: 'password', ...(step < 8 ? { outcome: 'failed' } : {}) },
      ),
    ),
  'makes an administrator': ({ minute, hand, number, id }) => {
    const user: Subject = `principal:arn:aws:iam::123456789012:user/new-${number % 3}`;
    const at = (step: number) => ({ minute: minute + step * (1 + (number % 5)), hand, region: 'us-east-1', id: `${id}/${step}` });
    return [
      act('identity.linked', at(0), { from: user, to: hand.actor?.subject ?? leakedKey, how: 'created' }),
      act('credential.created', at(1), { credential: `credential:AKIANEW${number}`, form: 'key', owner: user }),
      act('access.granted', at(2), {
        to: user,
        level: number % 4 === 0 ? 'other' : 'admin',
        how: number % 4 === 0 ? 'group builders' : 'admin',
      }),
    ];
  },
  'overwrites a function': ({ minute, hand, region, number, id }) =>
    Array.from({ length: 1 + (number % 3) }, (_, step) =>
      act(
        'workload.defined',
        { minute: minute + step * 700, hand, region, id: `${id}/${step}` },
        {
          what: 'the code of a function',
          service: 'functions',
          resource: `resource:function/${number % 4}`,
          ...(number % 5 === 0 ? { outcome: 'denied' } : {}),
        },
      ),
    ),
  'is no longer heard of': ({ minute, region, number, id }) =>
    Array.from({ length: 3 + (number % 3) }, (_, step) =>
      act(
        'probe.returned',
        { minute: minute + step * 30, hand: {}, region, id: `${id}/${step}` },
        {
          path: one(['push', 'poll'], number),
          sentAt: timeOf(minute),
          within: 600,
          seconds: number % 2 === 0 ? undefined : 601 + step,
        },
      ),
    ),
  'is warned by the provider': ({ minute, region, number, id }) => [
    act(
      'provider.alerted',
      { minute, hand: {}, region, id },
      {
        rule: `rule ${number % 5}`,
        about: one(['leak', 'mining', 'takeover', 'access', 'money', 'other'], number),
        severity: one(['low', 'medium', 'high'], number),
        subjects: [one<Subject>([leakedKey, ciDeploy.subject, machine(`i-${number}`)], number)],
        ...(number % 7 === 0 ? { sample: true } : {}),
      },
    ),
  ],
  'mines in functions': ({ minute, hand, region, number, id }) => {
    const resource: Subject = `resource:function/${number % 6}`;
    return [
      act('workload.defined', { minute, hand, region, id: `${id}/0` }, { what: 'a function', service: 'functions', resource }),
      act('launcher.changed', { minute: minute + number, hand, region, id: `${id}/1` }, { resource, desired: 1, most: number * 2 }),
      act(
        'usage.measured',
        { minute: minute + 60, hand: {}, region, id: `${id}/2` },
        { of: 'functions', resource, value: 20_000 * number, minutes: 60 },
      ),
    ];
  },
  'runs a miner': ({ minute, hand, region, number, id }) => [
    act(
      one(['compute.asked', 'workload.defined', 'compute.seen'], number),
      { minute, hand: number % 3 === 2 ? {} : hand, region, id },
      {
        resource: machine(`i-${number}`, region),
        resources: [machine(`i-${number}`, region)],
        shape: one(shapes, number),
        image: 'made-up/miner',
        imageFrom: 'public',
        markers: [{ kind: one(['miner', 'pool', 'wallet', 'image'], number), word: `word ${number % 3}` }],
      },
    ),
  ],
  'starts cheap machines': ({ minute, hand, region, number, id }) =>
    Array.from({ length: 1 + (number % 8) }, (_, step) =>
      act(
        number % 2 === 0 ? 'compute.asked' : 'compute.seen',
        { minute: minute + step * 3, hand: number % 2 === 0 ? hand : {}, region, id: `${id}/${step}` },
        {
          resource: machine(`i-cheap-${number}-${step}`, region),
          resources: [machine(`i-cheap-${number}-${step}`, region)],
          shape: { ...one(shapes, number), spot: true },
          perHour: { amount: number, currency: 'USD', usd: number / 10 },
        },
      ),
    ),
  'goes through the regions': ({ minute, hand, number, id }) =>
    regions
      .slice(0, 3 + (number % 3))
      .map((region, step) =>
        act(
          one(['compute.asked', 'launcher.changed', 'ground.prepared'], number),
          { minute: minute + step * 2, hand, region, id: `${id}/${step}` },
          { resources: [machine(`i-far-${number}-${step}`, region)], count: 1, most: number, shape: one(shapes, number) },
        ),
      ),
  'covers the tracks': ({ minute, hand, number, id }) => [
    act(
      'credential.created',
      { minute, hand, region: 'us-east-1', id: `${id}/0` },
      { credential: `credential:AKIATRACE${number}`, form: 'key', owner: gone.subject },
    ),
    act(
      'identity.removed',
      { minute: minute + number * 25, hand, region: 'us-east-1', id: `${id}/1` },
      { subject: `credential:AKIATRACE${number}`, what: 'key' },
    ),
  ],
  'is billed for': ({ minute, region, number, id }) => [
    act('place.used', { minute: minute - 90 * 1440, hand: {}, region, id }, number % 2 === 0 ? { service: 'ECS' } : {}),
  ],
};

const gone: Actor = { ...ciDeploy, name: 'grace', subject: 'principal:arn:aws:iam::123456789012:user/grace' };
const root: Actor = { ...ciDeploy, name: 'root', kind: 'root', subject: 'principal:arn:aws:iam::123456789012:root' };

const act = <K extends Kind>(
  kind: K,
  { minute, hand, region, id }: { minute: number; hand: Hand; region: string; id: string },
  facts: object,
): Observation =>
  observed(kind, {
    ...{ id, at: timeOf(minute), heard: timeOf(minute + 10), evidence: [id], place: place(region) },
    ...{
      actor: undefined,
      credential: undefined,
      ...(kind === 'credential.created' && hand.credential ? { using: hand.credential } : {}),
      ...hand,
    },
    ...facts,
  } as never);
