import { createAgenda } from './agenda.ts';
import type { ServiceRole } from './call.ts';
import { createEventLog } from './event-log.ts';
import { createFaults, type FaultSettings, type Faults } from './fault.ts';
import { type AttachedPolicies, createIdentityHistory, rootName } from './identity.ts';
import { listedTypes } from './instance-types.ts';
import { managedPolicyArn } from './managed-policies.ts';
import { deliver, type Push, queueArn } from './push.ts';
import { createRandom } from './random.ts';
import { allRegions } from './regions.ts';
import type { Scenario } from './scenario.ts';
import { openAnalyzer } from './services/access-analyzer.ts';
import { trailArn } from './services/cloudtrail.ts';
import { metricsShelf } from './services/cloudwatch.ts';
import { findingsShelf, openDetector } from './services/guardduty.ts';
import { healthShelf } from './services/health.ts';
import { newQueue } from './services/sqs.ts';
import { shelf } from './shelf.ts';
import type { Caller, Instance, World } from './world.ts';
import { newEc2Id, newIamId, roleArn, userArn } from './world.ts';

/** The account as the scenario describes it at the beginning of its past. Times of the scenario count from `startMs`. */
export function buildWorld(scenario: Scenario, startMs: number, seed: number): World {
  const { account } = scenario;
  const at = (seconds: number) => startMs + seconds * 1000;
  const world: World = {
    accountId: account.id,
    name: account.name,
    optedIn: new Set(account.optedIn),
    vcpuLimit: account.vcpuLimit,
    types: { ...listedTypes(), ...scenario.types },
    rootMfa: scenario.root.mfa,
    httpAddress: account.botAddress,
    identity: createIdentityHistory(),
    sessions: new Map(),
    lastUsed: new Map(),
    instances: new Map(),
    trails: new Map(),
    events: createEventLog(),
    costs: scenario.costs.map((line) => ({
      service: line.service,
      region: line.region,
      charge: line.charge,
      usdPerDay: line.perDay,
      weekendShare: line.weekend,
      noise: line.noise,
      fromMs: at(line.since),
      ...(line.dayOfMonth ? { dayOfMonth: line.dayOfMonth } : {}),
      ...(line.account ? { account: line.account } : {}),
      ...(line.usageType ? { usageType: line.usageType } : {}),
      ...(line.resource ? { resource: line.resource } : {}),
      ...(line.revised ? { revised: line.revised } : {}),
      ...(line.tags ? { tags: line.tags } : {}),
      ...(line.discount ? { discount: line.discount } : {}),
    })),
    agenda: createAgenda(() => world),
    shelves: new Map(),
    usage: [],
    granted: new Map(),
    hasSupportPlan: scenario.account.supportPlan,
    hourlyCosts: scenario.account.hourlyCosts,
    billingAlerts: scenario.account.billingAlerts,
    budgets: scenario.account.budgets,
    ...(scenario.account.exports ? { exports: scenario.account.exports } : {}),
    load: scenario.load.map((rule) => ({
      percent: rule.percent,
      fromMs: at(rule.from),
      untilMs: rule.until === undefined ? Number.POSITIVE_INFINITY : at(rule.until),
      ...(rule.type ? { type: rule.type } : {}),
      ...(rule.region ? { region: rule.region } : {}),
    })),
    asService(by: ServiceRole): never {
      throw new Error(`${by.service} called before the account was running.`);
    },
    faults: faultsOf(scenario),
    chance: createRandom(seed, 'ids'),
    seed,
  };

  const ownArn = (name: string) => (name in scenario.policies ? ownPolicyArn(world, name) : managedPolicyArn(name));
  const users = scenario.users.map((user) => ({
    name: user.name,
    id: newIamId(world, 'AIDA'),
    path: '/',
    createdMs: at(user.created),
    mfa: user.mfa,
    tags: [],
    ...(user.console ? { login: { createdMs: at(user.created), resetRequired: false } } : {}),
    ...rightsOf(user, ownArn),
  }));
  const keys = scenario.users.flatMap((user) =>
    user.keys.map((key) => ({ id: key.id ?? newIamId(world, 'AKIA'), user: user.name, active: key.active, createdMs: at(key.created) })),
  );
  if (scenario.root.key)
    keys.push({
      id: scenario.root.key.id ?? newIamId(world, 'AKIA'),
      user: rootName,
      active: true,
      createdMs: at(scenario.root.key.created),
    });
  const roles = [
    ...scenario.roles.map((role) => ({
      name: role.name,
      id: newIamId(world, 'AROA'),
      path: '/',
      createdMs: at(role.created),
      trust: trustOf(world, role.trusts),
      ...rightsOf(role, ownArn),
    })),
    {
      name: botRole,
      id: newIamId(world, 'AROA'),
      path: '/',
      createdMs: at(-86_400),
      trust: trustOf(world, ['account']),
      ...rightsOf({ policies: [], allow: botActions, inline: {} }, ownArn),
    },
  ];
  const groups = scenario.groups.map((group) => ({
    name: group.name,
    id: newIamId(world, 'AGPA'),
    path: '/',
    createdMs: at(group.created),
    members: scenario.users.filter((user) => user.groups.includes(group.name)).map((user) => user.name),
    ...rightsOf(group, ownArn),
  }));
  const policies = Object.entries(scenario.policies).map(([name, document]) => ({
    name,
    id: newIamId(world, 'ANPA'),
    arn: ownPolicyArn(world, name),
    createdMs: at(-31_536_000),
    versions: [{ id: 'v1', document: JSON.stringify(document), isDefault: true, createdMs: at(-31_536_000) }],
  }));
  // Believed since ever: what a scenario begins with is not news.
  world.identity.change(Number.NEGATIVE_INFINITY, () => ({
    users: new Map(users.map((user) => [user.name, user])),
    roles: new Map(roles.map((role) => [role.name, role])),
    keys: new Map(keys.map((key) => [key.id, key])),
    groups: new Map(groups.map((group) => [group.name, group])),
    policies: new Map(policies.map((policy) => [policy.arn, policy])),
  }));

  for (const trail of scenario.trails) {
    const region = trail.region ?? account.regions[0] ?? 'us-east-1';
    const arn = trailArn(world, region, trail.name);
    world.trails.set(arn, {
      arn,
      name: trail.name,
      region,
      bucket: trail.bucket,
      everyRegion: trail.everyRegion,
      logging: trail.logging,
      sinceMs: at(-31_536_000),
      selectors: [],
    });
  }
  for (const group of scenario.past.instances) {
    for (let turn = 0; turn < group.count; turn++) place(world, group, at);
  }
  const setUp = { ms: at(-31_536_000), caller: { arn: `arn:aws:iam::${account.id}:root` } as Caller };
  for (const region of scenario.guards.threatDetector) openDetector(world, { ...setUp, region }, true);
  for (const region of scenario.guards.accessAnalyzer) openAnalyzer(world, { ...setUp, region }, 'account');
  if (scenario.push) world.push = pushOf(scenario, scenario.push, startMs);
  announce(world, scenario, at);
  return world;
}

const ownPolicyArn = (world: World, name: string) => `arn:aws:iam::${world.accountId}:policy/${name}`;

/** One rule for recorded calls and one for changes in every region, all into one queue at home. */
function pushOf({ account }: Scenario, push: NonNullable<Scenario['push']>, startMs: number): Push {
  const home = account.regions[0] ?? 'us-east-1';
  const sinceMs = startMs + push.since * 1000;
  const arn = queueArn(account.id, home, push.queue);
  const regions = push.regions ?? allRegions;
  const rules = regions.flatMap((region) =>
    (['calls', 'changes'] as const).map((takes) => ({
      name: takes === 'calls' ? 'cloudwarden-calls-1' : 'cloudwarden-native-1',
      region,
      enabled: true,
      takes,
      targets: [arn],
    })),
  );
  const unread = newQueue(account.id, home, `${push.queue}-unread`, sinceMs);
  const main = newQueue(account.id, home, push.queue, sinceMs);
  main.attributes.RedrivePolicy = JSON.stringify({ deadLetterTargetArn: unread.arn, maxReceiveCount: 5 });
  const queues = [main, unread];
  return {
    rules: new Map(rules.map((rule) => [`${rule.region}/${rule.name}`, rule])),
    queues: new Map(queues.map((queue) => [queue.url, queue])),
    callDelay: [push.calls.least, push.calls.most],
    changeDelay: [push.changes.least, push.changes.most],
  };
}

/** What AWS itself will say and measure, at its time. */
function announce(world: World, scenario: Scenario, at: (seconds: number) => number): void {
  scenario.findings.forEach((finding, turn) => {
    const ms = at(finding.at);
    const id = createRandom(world.seed, `finding/${turn}`).text(32, '0123456789abcdef');
    const region = finding.region ?? scenario.account.regions[0] ?? 'us-east-1';
    const arn = `arn:aws:guardduty:${region}:${world.accountId}:detector/0/finding/${id}`;
    const time = new Date(ms).toISOString();
    const facts = {
      AccountId: world.accountId,
      Id: id,
      Arn: arn,
      Region: region,
      Partition: 'aws',
      SchemaVersion: '2.0',
      Type: finding.type,
      Severity: finding.severity,
      Title: finding.title ?? finding.type,
      Description: finding.about ?? finding.title ?? finding.type,
      CreatedAt: time,
      UpdatedAt: time,
      Resource: finding.resource,
      Service: {
        ServiceName: 'guardduty',
        Archived: false,
        Count: 1,
        EventFirstSeen: time,
        EventLastSeen: time,
        ...(finding.sample ? { AdditionalInfo: { Value: '{"sample":true}', Type: 'default' } } : {}),
      },
    };
    shelf(world, findingsShelf).set(id, { id, arn, region, madeMs: ms, by: 'guardduty.amazonaws.com', facts });
    world.agenda.add(ms, (now) => {
      deliver(now, 'changes', {
        id,
        type: 'GuardDuty Finding',
        source: 'aws.guardduty',
        region,
        ms,
        resources: [],
        detail: lowered(facts),
      });
    });
  });
  scenario.health.forEach((told, turn) => {
    const ms = at(told.at);
    const id = createRandom(world.seed, `health/${turn}`).text(32, '0123456789abcdef');
    const arn = `arn:aws:health:${told.region}::event/${told.service}/${told.code}/${told.code}_${id}`;
    const event = {
      arn,
      service: told.service,
      eventTypeCode: told.code,
      eventTypeCategory: told.category,
      region: told.region,
      startTime: new Date(ms),
      lastUpdatedTime: new Date(ms),
      statusCode: 'open',
      eventScopeCode: 'ACCOUNT_SPECIFIC',
    };
    const facts = { event, text: told.text, entities: told.entities };
    shelf(world, healthShelf).set(id, { id, arn, region: told.region, madeMs: ms, by: 'health.amazonaws.com', facts });
    const detail = {
      eventArn: arn,
      service: told.service,
      eventTypeCode: told.code,
      eventTypeCategory: told.category,
      eventScopeCode: 'ACCOUNT_SPECIFIC',
      startTime: new Date(ms).toUTCString(),
      statusCode: 'open',
      eventRegion: told.region,
      eventDescription: [{ language: 'en_US', latestDescription: told.text }],
      affectedEntities: told.entities.map((entityValue) => ({ entityValue })),
      affectedAccount: world.accountId,
    };
    // Events about the whole account come in us-east-1.
    const region = told.region === 'global' ? 'us-east-1' : told.region;
    world.agenda.add(ms, (now) => {
      deliver(now, 'changes', { id, type: 'AWS Health Event', source: 'aws.health', region, ms, resources: told.entities, detail });
    });
  });
  scenario.metrics.forEach((series, turn) => {
    const facts = {
      namespace: series.namespace,
      name: series.name,
      dimensions: series.dimensions,
      value: series.perHour,
      untilMs: series.until === undefined ? Number.POSITIVE_INFINITY : at(series.until),
    };
    const id = `${turn}`;
    shelf(world, metricsShelf).set(id, { id, arn: id, region: series.region, madeMs: at(series.from), by: '', facts });
  });
  for (const { at: when, ...fault } of scenario.faultsAt) world.agenda.add(at(when), (now) => now.faults.set(faultChanges(fault)));
}

/** In events GuardDuty writes its findings with small first letters. */
function lowered(value: unknown): Record<string, unknown> {
  const walk = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), walk(item)]));
  };
  return walk(value) as Record<string, unknown>;
}

/** The role the bot's made-up credentials belong to, and what it may do: look, stop, start again, and cut identities off. */
export const botRole = 'cloudwarden';
const botActions = [
  ...[
    'autoscaling:Describe*',
    'autoscaling:UpdateAutoScalingGroup',
    'autoscaling:SuspendProcesses',
    'autoscaling:ResumeProcesses',
    'autoscaling:SetDesiredCapacity',
    'ecs:Describe*',
    'ecs:List*',
    'ecs:UpdateService',
    'ecs:StopTask',
    'sagemaker:Describe*',
    'sagemaker:List*',
    'batch:Describe*',
    'batch:List*',
    'eks:Describe*',
    'eks:List*',
    'elasticmapreduce:Describe*',
    'elasticmapreduce:List*',
    'lightsail:Get*',
    'servicequotas:Get*',
    'servicequotas:List*',
    'guardduty:Get*',
    'guardduty:List*',
    'access-analyzer:Get*',
    'access-analyzer:List*',
    'health:Describe*',
    'cloudwatch:GetMetricData',
    'cloudwatch:ListMetrics',
    'cloudwatch:Describe*',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:DeleteMessageBatch',
    'sqs:GetQueue*',
    'sqs:TagQueue',
  ],
  'ec2:Describe*',
  'ec2:StopInstances',
  'ec2:StartInstances',
  'ec2:ModifyInstanceAttribute',
  'iam:Get*',
  'iam:List*',
  'iam:Simulate*',
  'iam:UpdateAccessKey',
  'iam:PutUserPolicy',
  'iam:DeleteUserPolicy',
  'iam:PutRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:AttachUserPolicy',
  'iam:DetachUserPolicy',
  'iam:AttachRolePolicy',
  'iam:DetachRolePolicy',
  'cloudtrail:LookupEvents',
  'cloudtrail:Describe*',
  'cloudtrail:Get*',
  'cloudtrail:StartLogging',
  'ce:Get*',
  'budgets:ViewBudget',
  's3:ListBucket',
  's3:GetObject',
  'sts:AssumeRole',
];

function rightsOf(
  holder: { policies: string[]; allow: string[]; inline: Record<string, object> },
  arnOfPolicy: (name: string) => string,
): AttachedPolicies {
  const written = Object.entries(holder.inline).map(([name, document]) => [name, JSON.stringify(document)] as const);
  const allowed = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: holder.allow, Resource: '*' }] };
  return {
    attached: holder.policies.map(arnOfPolicy),
    inline: Object.fromEntries([...written, ...(holder.allow.length ? [['allowed', JSON.stringify(allowed)] as const] : [])]),
  };
}

function trustOf(world: World, trusts: string[]): string {
  const Statement = trusts.map((who) => ({
    Effect: 'Allow',
    Principal: who.endsWith('.amazonaws.com')
      ? { Service: who }
      : { AWS: who === 'account' ? `arn:aws:iam::${world.accountId}:root` : who },
    Action: 'sts:AssumeRole',
  }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

function place(world: World, group: Scenario['past']['instances'][number], at: (seconds: number) => number) {
  const launchedMs = at(group.since);
  const by = group.by.replace(/^(role|console)\//, '');
  const instance: Instance = {
    id: newEc2Id(world, 'i'),
    region: group.region,
    type: group.type,
    imageId: newEc2Id(world, 'ami'),
    reservationId: newEc2Id(world, 'r'),
    zone: `${group.region}a`,
    privateIp: `10.0.1.${10 + (world.instances.size % 240)}`,
    launchedMs,
    phases: [
      { fromMs: launchedMs, state: 'running' },
      ...(group.stopped ? [{ fromMs: launchedMs + 1, state: 'stopped' as const }] : []),
      ...(group.until === undefined ? [] : [{ fromMs: at(group.until), state: 'terminated' as const }]),
    ],
    tags: [
      ...(group.name ? [{ Key: 'Name', Value: group.name }] : []),
      ...Object.entries(group.tags).map(([Key, Value]) => ({ Key, Value })),
    ],
    noStop: false,
    noTermination: false,
    spot: false,
    load: group.busy ? 97 : 0,
    launchedBy: group.by.startsWith('role/') ? roleArn(world, { name: by, path: '/' }) : userArn(world, { name: by, path: '/' }),
  };
  world.instances.set(instance.id, instance);
}

/** The machines of a world just built, under the words the scenario saves them by. */
export function savedMachines(world: World, { past }: Scenario): Map<string, { instances: string[] }> {
  const ids = [...world.instances.keys()].values();
  return new Map(
    past.instances.flatMap(({ save, count }) => {
      const instances = ids.take(count).toArray();
      return save === undefined ? [] : [[save, { instances }]];
    }),
  );
}

const faultsOf = ({ faults }: Scenario): Faults => createFaults(faultChanges(faults));

const faultChanges = (faults: Scenario['faults']): Partial<FaultSettings> => ({
  ...(faults.throttling ? { throttling: faults.throttling } : {}),
  ...(faults.latencyMs === undefined ? {} : { latencyMs: faults.latencyMs }),
  ...(faults.deniedRegions ? { deniedRegions: faults.deniedRegions } : {}),
  ...(faults.consistency === undefined ? {} : { consistencySeconds: faults.consistency }),
  ...(faults.lookupLag ? { lookupLag: { meanSeconds: faults.lookupLag.mean, capSeconds: faults.lookupLag.cap } } : {}),
});
