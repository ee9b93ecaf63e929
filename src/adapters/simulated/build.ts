import { createEventLog } from './event-log.ts';
import { createFaults, type Faults } from './fault.ts';
import { type AttachedPolicies, createIdentityHistory } from './identity.ts';
import { listedTypes } from './instance-types.ts';
import { managedPolicyArn } from './managed-policies.ts';
import { createRandom } from './random.ts';
import type { Scenario } from './scenario.ts';
import { trailArn } from './services/cloudtrail.ts';
import type { Instance, World } from './world.ts';
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
    })),
    faults: faultsOf(scenario),
    chance: createRandom(seed, 'ids'),
    seed,
  };

  const users = scenario.users.map((user) => ({
    name: user.name,
    id: newIamId(world, 'AIDA'),
    path: '/',
    createdMs: at(user.created),
    mfa: user.mfa,
    tags: [],
    ...(user.console ? { login: { createdMs: at(user.created), resetRequired: false } } : {}),
    ...rightsOf(user),
  }));
  const keys = scenario.users.flatMap((user) =>
    user.keys.map((key) => ({ id: key.id ?? newIamId(world, 'AKIA'), user: user.name, active: key.active, createdMs: at(key.created) })),
  );
  const roles = [
    ...scenario.roles.map((role) => ({
      name: role.name,
      id: newIamId(world, 'AROA'),
      path: '/',
      createdMs: at(role.created),
      trust: trustOf(world, role.trusts),
      ...rightsOf(role),
    })),
    {
      name: botRole,
      id: newIamId(world, 'AROA'),
      path: '/',
      createdMs: at(-86_400),
      trust: trustOf(world, ['account']),
      ...rightsOf({ policies: [], allow: botActions, inline: {} }),
    },
  ];
  // Believed since ever: what a scenario begins with is not news.
  world.identity.change(Number.NEGATIVE_INFINITY, () => ({
    users: new Map(users.map((user) => [user.name, user])),
    roles: new Map(roles.map((role) => [role.name, role])),
    keys: new Map(keys.map((key) => [key.id, key])),
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
  return world;
}

/** The role the bot's made-up credentials belong to, and what it may do: look, stop, start again, and cut identities off. */
export const botRole = 'cloudwarden';
const botActions = [
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
  'sts:AssumeRole',
];

function rightsOf(holder: { policies: string[]; allow: string[]; inline: Record<string, object> }): AttachedPolicies {
  const written = Object.entries(holder.inline).map(([name, document]) => [name, JSON.stringify(document)] as const);
  const allowed = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: holder.allow, Resource: '*' }] };
  return {
    attached: holder.policies.map(managedPolicyArn),
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
    launchedBy: group.by.startsWith('role/') ? roleArn(world, { name: by, path: '/' }) : userArn(world, { name: by, path: '/' }),
  };
  world.instances.set(instance.id, instance);
}

function faultsOf({ faults }: Scenario): Faults {
  return createFaults({
    ...(faults.throttling ? { throttling: faults.throttling } : {}),
    ...(faults.latencyMs === undefined ? {} : { latencyMs: faults.latencyMs }),
    ...(faults.deniedRegions ? { deniedRegions: faults.deniedRegions } : {}),
    ...(faults.consistency === undefined ? {} : { consistencySeconds: faults.consistency }),
    ...(faults.lookupLag ? { lookupLag: { meanSeconds: faults.lookupLag.mean, capSeconds: faults.lookupLag.cap } } : {}),
  });
}
