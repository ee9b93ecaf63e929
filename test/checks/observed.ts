/** Observations and memories for the tests of checks: each builder shows only what matters to the test. */
import type { AnyCheck, Finding } from '../../src/checks/check.ts';
import type { Actor, Kind, Network, Of, Place, Scope, Subject, Time } from '../../src/checks/observation.ts';

export const production: Scope = { cloud: 'aws', level: 'account', id: '123456789012' };
export const place = (region = 'us-east-1', scope = production): Place => ({ scope, region });
export const at = (clock: string, day = '2026-11-23'): Time => `${day}T${clock.length === 5 ? `${clock}:00` : clock}.000Z`;
export const ciDeploy: Actor = {
  subject: 'principal:arn:aws:iam::123456789012:user/ci-deploy',
  name: 'ci-deploy',
  kind: 'user',
  home: production,
};
export const appRunner: Actor = {
  subject: 'principal:arn:aws:iam::123456789012:role/app-runner',
  name: 'app-runner',
  kind: 'workload',
  home: production,
};
export const leakedKey: Subject = 'credential:AKIAIOSFODNN7EXAMPLE';
export const hosting: Network = { address: '203.0.113.9', asn: 64500, name: 'Example Hosting', kind: 'hosting' };
export const office: Network = { address: '192.0.2.7', asn: 64501, name: 'Example Home', kind: 'home' };
export const machine = (name: string, region = 'us-east-1'): Subject => `resource:arn:aws:ec2:${region}:123456789012:instance/${name}`;

let number = 0;
/** An observation of this kind, by ci-deploy with its long-term key unless said otherwise. */
export function observed<K extends Kind>(kind: K, facts: Partial<Of<K>> & { region?: string }): Of<K> {
  number++;
  const { region, ...rest } = facts;
  const id = rest.id ?? `event-${String(number).padStart(6, '0')}`;
  const defaults: Record<string, unknown> = {
    kind,
    id,
    at: at('14:02'),
    heard: at('14:05'),
    by: 'aws/audit-log',
    place: place(region),
    evidence: [id],
    ...(isFromLog(kind) ? { actor: ciDeploy, credential: leakedKey } : {}),
    ...usualFacts[kind],
    ...rest,
  };
  for (const [name, value] of Object.entries(defaults)) if (value === undefined) delete defaults[name];
  return defaults as unknown as Of<K>;
}

/** What one check says of one observation, with memories as given. */
export function judge<K extends Kind>(
  check: AnyCheck,
  now: Of<K>,
  recall: Record<string, unknown>,
  params: Record<string, unknown> = {},
): Finding[] {
  return check.evaluate(now as never, recall as never, check.params.parse(params));
}

export const known = { known: true, learning: false, first: at('09:00', '2026-09-01'), last: at('09:00', '2026-11-22'), days: 60 };
export const never = { known: false, learning: false, days: 0 };
export const notYet = { known: false, learning: true, days: 0 };

const isFromLog = (kind: Kind): boolean =>
  ![
    'compute.seen',
    'spend.recorded',
    'spend.detailed',
    'spend.judged',
    'budget.seen',
    'look.finished',
    'identity.linked',
    'provider.alerted',
    'usage.measured',
    'probe.returned',
    'queue.measured',
    'place.used',
  ].includes(kind);
const usualFacts: { [K in Kind]: Record<string, unknown> } = {
  'spend.judged': {
    found: {
      day: '2026-11-22',
      account: '123456789012',
      how: 'new region',
      severity: 'high',
      service: 'Amazon Elastic Compute Cloud - Compute',
      region: 'ap-northeast-1',
      spent: 412,
      expected: 0,
      excess: 412,
      band: { low: 0, high: 4 },
      leaves: [
        {
          account: '123456789012',
          service: 'Amazon Elastic Compute Cloud - Compute',
          region: 'ap-northeast-1',
          spent: 412,
          expected: 0,
          excess: 412,
        },
      ],
    },
    since: '2026-11-22',
    currency: 'USD',
    provisional: true,
    readAt: '2026-11-23T08:00:00.000Z',
    names: { '123456789012': 'production' },
    machines: [],
  },
  'compute.asked': { resources: [], count: 1, what: 'instance', shape: { type: 't3.micro', family: 't3', vcpus: 2, gpus: 0 } },
  'compute.seen': {
    resource: machine('i-0aaa'),
    what: 'instance',
    shape: { type: 't3.micro', family: 't3', vcpus: 2, gpus: 0 },
    estimated: true,
    running: true,
  },
  'compute.refused': { what: 'instance', why: 'not allowed' },
  'launcher.changed': { resource: 'resource:arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup/web', desired: 1, most: 2 },
  'workload.defined': {
    resource: 'resource:arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
    what: 'task definition',
    service: 'ECS',
    image: 'public.ecr.aws/example/web',
    imageFrom: 'public',
    markers: [],
  },
  'ground.prepared': { resource: 'resource:arn:aws:ecs:us-east-1:123456789012:cluster/web', what: 'cluster', service: 'ECS' },
  'protection.set': { resources: [machine('i-0aaa')], against: 'ending' },
  'quota.asked': { service: 'ec2', quota: 'Running On-Demand Standard instances', of: 'compute', wanted: 512, before: 5, state: 'asked' },
  'region.opened': { region: 'af-south-1' },
  'support.asked': { about: 'limits' },
  'owner.changed': { what: 'recovery', how: 'password recovery was begun' },
  'commitment.bought': { what: 'savings plan' },
  'model.used': { model: 'a model', how: 'call' },
  'usage.measured': { resource: machine('i-0aaa'), of: 'processor', value: 99, minutes: 30 },
  'schedule.set': { resource: 'resource:arn:aws:events:us-east-1:123456789012:rule/again', what: 'rule' },
  'organization.changed': { how: 'account created' },
  'signed.in': { how: 'password', mfa: true },
  'second-factor.changed': { owner: 'principal:arn:aws:iam::123456789012:user/ada', how: 'removed' },
  'identity.created': { subject: 'principal:arn:aws:iam::123456789012:user/backup', what: 'user' },
  'identity.removed': { subject: 'principal:arn:aws:iam::123456789012:user/backup', what: 'user' },
  'looked.around': { operation: 'servicequotas:GetServiceQuota', what: 'limits' },
  'ourselves.acted': { operation: 'ec2:StopInstances', role: 'act' },
  'probe.returned': { path: 'push', sentAt: at('14:00'), within: 300 },
  'queue.measured': { resource: 'resource:arn:aws:sqs:us-east-1:123456789012:cloudwarden', oldestSeconds: 0, dead: 0 },
  'principal.acted': { operation: 'ec2:DescribeInstances' },
  'credential.created': {
    credential: 'credential:AKIAI44QH8DHBEXAMPLE',
    form: 'key',
    owner: 'principal:arn:aws:iam::123456789012:user/backup',
  },
  'access.granted': { to: 'principal:arn:aws:iam::123456789012:user/backup', level: 'admin', how: 'AdministratorAccess', over: production },
  'trust.opened': { resource: 'principal:arn:aws:iam::123456789012:role/support', to: '210987654321', unconditional: false },
  'guard.weakened': { guard: 'audit log', resource: 'resource:arn:aws:cloudtrail:us-east-1:123456789012:trail/main', how: 'stopped' },
  'guard.started': { guard: 'audit log', resource: 'resource:arn:aws:cloudtrail:us-east-1:123456789012:trail/next' },
  'provider.alerted': {
    rule: 'AWS_RISK_CREDENTIALS_EXPOSED',
    severity: 'high',
    summary: 'A key was found in public',
    about: 'leak',
    subjects: [leakedKey],
  },
  'place.used': {},
  'spend.recorded': {
    day: '2026-11-22',
    service: 'Amazon EC2',
    cost: { amount: 1, currency: 'USD', usd: 1 },
    charge: 'usage',
    provisional: false,
  },
  'spend.detailed': {
    day: '2026-11-22',
    service: 'Amazon EC2',
    cost: { amount: 1, currency: 'USD', usd: 1 },
    charge: 'usage',
    provisional: false,
    cut: 'account',
  },
  'budget.seen': {
    name: 'all of it',
    per: 'month',
    from: at('00:00', '2026-11-01'),
    until: at('00:00', '2026-12-01'),
    limit: { amount: 100, currency: 'USD', usd: 100 },
    spent: { amount: 60, currency: 'USD', usd: 60 },
  },
  'identity.linked': { from: leakedKey, to: ciDeploy.subject, how: 'key of' },
  'look.finished': { source: 'aws/audit-log', noun: 'regions', of: 17, seen: 17, upTo: at('14:05'), complete: true },
};
