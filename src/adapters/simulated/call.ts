import { AwsError } from './fault.ts';
import { type AttachedPolicies, having, type Identity, type Role, rootName, type Session } from './identity.ts';
import { managedPolicy } from './managed-policies.ts';
import { judge, type Policy, type Question, readPolicy, trusts } from './policy.ts';
import { deliverCall } from './push.ts';
import { record } from './record.ts';
import { allRegions, defaultRegions } from './regions.ts';
import type { Protocol, Shape, Wire } from './wire.ts';
import type { Call, Caller, Operation, World } from './world.ts';
import { newIamId, roleArn, userArn } from './world.ts';

/** ARNs a call is about, for policies; `*` when none is named. */
export type Resources = (world: World, input: Shape, call: Call) => string[];
/** One simulated service: how it speaks, and its operations. */
export type Service = {
  name: string;
  /** Absent for a service that no client speaks to. */
  wire?: Wire;
  operations: Record<string, Operation>;
  resources?: Resources;
};
export type Request = {
  service: string;
  operation: string;
  region: string;
  accessKeyId: string;
  from: string;
  userAgent: string;
  ms: number;
  input: Shape;
  /** The error AWS answers with instead of doing it. */
  fails?: string;
};
export type Result = { kind: 'done'; output: Shape; id: string } | { kind: 'refused'; error: AwsError; id: string };

/**
 * The one path every call takes, whether it came over HTTP or out of a scenario: who is it, may they, do it, write it down.
 * `service` is absent for services that are only recorded. Unknown and inactive keys leave no record: the log holds authenticated calls.
 */
export function makeCall(world: World, service: Service | undefined, request: Request): Result {
  world.agenda.run(request.ms);
  const id = world.chance.uuid();
  const protocol = service?.wire?.protocol ?? 'json';
  const identified = identify(world, request, protocol);
  if (identified instanceof AwsError) return { kind: 'refused', error: identified, id };
  return carryOut(world, service, request, identified, id);
}

/** Data events: the log of management events does not hold them (AWS CloudTrail guide, "Logging data events"). */
const dataCalls = new Set([
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:DeleteMessageBatch',
  'sqs:SendMessage',
  'sqs:SendMessageBatch',
  'sqs:ChangeMessageVisibility',
  'monitoring:GetMetricData',
  's3:GetObject',
  's3:ListObjectsV2',
]);

/** A call by an AWS service itself, with its own role: nobody asks whether it may. */
export function makeServiceCall(world: World, service: Service | undefined, request: Request, by: ServiceRole): Result {
  const role = serviceRole(world, by, request.ms);
  const session: Session = {
    id: newIamId(world, 'ASIA'),
    of: { kind: 'role', name: role.name },
    sessionName: by.session,
    createdMs: request.ms,
    mfa: false,
  };
  const arn = `arn:aws:sts::${world.accountId}:assumed-role/${role.name}/${by.session}`;
  const principalId = `${role.id}:${by.session}`;
  const caller: Caller = { kind: 'role', accessKeyId: session.id, arn, principalId, name: role.name, role, session, invokedBy: by.service };
  return carryOut(world, service, { ...request, from: by.service, userAgent: by.service }, caller, world.chance.uuid());
}
/** Whose role it is ('autoscaling.amazonaws.com'), what AWS calls the role, and the name of its sessions. */
export type ServiceRole = { service: string; role: string; session: string };

/** Service-linked roles come to be when they are first needed. */
function serviceRole(world: World, { service, role: name }: ServiceRole, ms: number): Role {
  const existing = world.identity.latest().roles.get(name);
  if (existing) return existing;
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] };
  const role: Role = {
    name,
    id: newIamId(world, 'AROA'),
    path: `/aws-service-role/${service}/`,
    createdMs: ms,
    trust: JSON.stringify(trust),
    attached: [],
    inline: {},
  };
  world.identity.change(ms, ({ roles }) => ({ roles: having(roles, name, role) }));
  return role;
}

function carryOut(world: World, service: Service | undefined, request: Request, identified: Caller, id: string): Result {
  const protocol = service?.wire?.protocol ?? 'json';

  const call: Call = {
    id,
    ms: request.ms,
    service: request.service,
    operation: request.operation,
    region: request.region,
    from: request.from,
    userAgent: request.userAgent,
    caller: identified,
  };
  world.lastUsed.set(request.accessKeyId, { ms: call.ms, region: call.region, service: call.service });
  let result: Result;
  try {
    if (request.fails !== undefined) throw new AwsError(request.fails, request.fails);
    throttle(world, call, protocol);
    if (!identified.invokedBy) authorise(world, service, request.input, call, protocol);
    if (protocol === 'ec2' && request.input.DryRun === true) {
      throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    }
    const output = service?.operations[call.operation]?.(world, request.input, call) ?? {};
    result = { kind: 'done', output: output as Shape, id };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    result = { kind: 'refused', error, id };
  }
  if (dataCalls.has(`${call.service}:${call.operation}`)) return result;
  const logged = record(world, service, call, request.input, result);
  world.events.add(logged);
  deliverCall(world, logged);
  return result;
}

/** Judged by the identities of some seconds ago: that is how long a change takes to be believed. */
function identify(world: World, { accessKeyId, service, region, ms }: Request, protocol: Protocol): Caller | AwsError {
  const refusal = {
    ec2: new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    query: new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
    json: new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 400),
    rest: new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403),
    s3: new AwsError('InvalidAccessKeyId', 'The access key does not exist in our records.', 403),
  }[protocol];
  const isOn = (defaultRegions as readonly string[]).includes(region) || world.optedIn.has(region);
  if (!isOn && service !== 'iam') return refusal;
  return callerOf(world, accessKeyId, world.identity.asOf(ms - world.faults.now.consistencySeconds * 1000)) ?? refusal;
}

function callerOf(world: World, accessKeyId: string, identity: Identity): Caller | undefined {
  const session = world.sessions.get(accessKeyId);
  if (session?.of.kind === 'role') {
    const role = identity.roles.get(session.of.name) ?? world.identity.latest().roles.get(session.of.name);
    if (!role) return undefined;
    const arn = `arn:aws:sts::${world.accountId}:assumed-role/${role.name}/${session.sessionName}`;
    return { kind: 'role', accessKeyId, arn, principalId: `${role.id}:${session.sessionName}`, name: role.name, role, session };
  }
  const key = identity.keys.get(accessKeyId);
  if (session?.of.kind === 'root' || (key?.active && key.user === rootName)) {
    const arn = `arn:aws:iam::${world.accountId}:root`;
    return { kind: 'root', accessKeyId, arn, principalId: world.accountId, name: 'root', ...(session ? { session } : {}) };
  }
  const user = identity.users.get(session?.of.name ?? (key?.active ? key.user : ''));
  if (!user) return undefined;
  if (session?.of.kind === 'federated') {
    const arn = `arn:aws:sts::${world.accountId}:federated-user/${session.sessionName}`;
    return {
      kind: 'federated',
      accessKeyId,
      arn,
      principalId: `${world.accountId}:${session.sessionName}`,
      name: session.sessionName,
      user,
      session,
    };
  }
  const base = { accessKeyId, arn: userArn(world, user), principalId: user.id, name: user.name, user };
  return session ? { ...base, kind: 'session of user', session } : { ...base, kind: 'user' };
}

function throttle(world: World, call: Call, protocol: Protocol) {
  const hit = world.faults.now.throttling.find(
    (each) =>
      (each.service ?? call.service) === call.service &&
      (each.operation ?? call.operation) === call.operation &&
      (each.region ?? call.region) === call.region &&
      world.chance.next() < each.rate,
  );
  if (!hit) return;
  const usual = {
    ...{ ec2: 'RequestLimitExceeded', query: 'Throttling', json: 'ThrottlingException', rest: 'TooManyRequestsException' },
    s3: 'SlowDown',
  }[protocol];
  throw new AwsError(hit.code ?? usual, protocol === 'ec2' ? 'Request limit exceeded.' : 'Rate exceeded', protocol === 'ec2' ? 503 : 400);
}

function authorise(world: World, service: Service | undefined, input: Shape, call: Call, protocol: Protocol) {
  if (!allRegions.includes(call.region)) throw new AwsError('InvalidParameterValue', `There is no region ${call.region}.`);
  const named = `${policyPrefix[call.service] ?? call.service}:${call.operation}`;
  const action = actionNames[named] ?? named;
  const refuse = (resource: string, why: string) => {
    const told = `User: ${call.caller.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
    if (protocol === 'ec2') return new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${told}.`, 403);
    if (protocol === 'query') return new AwsError('AccessDenied', told, 403);
    return new AwsError('AccessDeniedException', told, protocol === 'json' ? 400 : 403);
  };
  const isGlobal = ['iam', 'sts', 'ce', 'account', 'health'].includes(call.service);
  if (!isGlobal && world.faults.now.deniedRegions.includes(call.region)) {
    throw refuse('*', 'with an explicit deny in a service control policy');
  }
  // They need no permission, and no policy can forbid them.
  if (action === 'sts:GetCallerIdentity' || call.service === 'signin') return;

  const context = contextOf(world, call, input);
  const { own, session } = policiesOf(world, call.caller);
  for (const resource of service?.resources?.(world, input, call) ?? ['*']) {
    const question: Question = { action, resource, context };
    const verdicts = [judge(own, question), ...(session ? [judge([session], question)] : [])];
    if (verdicts.includes('denied by a policy')) throw refuse(resource, 'with an explicit deny in an identity-based policy');
    if (action === 'sts:AssumeRole') {
      const role = [...world.identity.latest().roles.values()].find((each) => roleArn(world, each) === resource);
      const trust = role && readPolicy(role.trust);
      const letsIn =
        trust && typeof trust !== 'string'
          ? trusts(trust, { arn: trustedName(world, call.caller), accountId: world.accountId }, context)
          : 'nobody';
      if (letsIn === 'caller') continue;
      if (letsIn === 'nobody') throw refuse(resource, 'because the role does not trust it');
    }
    if (verdicts.includes('not allowed by any policy'))
      throw refuse(resource, `because no identity-based policy allows the ${action} action`);
  }
}

/** Where policies call a service otherwise than its signatures do. */
/** Where policies call a call otherwise. */
const actionNames: Record<string, string> = { 's3:ListObjectsV2': 's3:ListBucket', 'budgets:DescribeBudgets': 'budgets:ViewBudget' };
const policyPrefix: Record<string, string> = { monitoring: 'cloudwatch' };

/** A trust policy names the role, not its session. */
const trustedName = (world: World, caller: Caller) => (caller.role ? roleArn(world, caller.role) : caller.arn);

function contextOf(world: World, { caller, region, ms, from, userAgent }: Call, input: Shape): Question['context'] {
  return {
    'aws:CurrentTime': new Date(ms).toISOString(),
    'aws:TokenIssueTime': caller.session && new Date(caller.session.createdMs).toISOString(),
    'aws:MultiFactorAuthPresent': caller.session && String(caller.session.mfa),
    'aws:RequestedRegion': region,
    'aws:PrincipalArn': caller.role ? roleArn(world, caller.role) : caller.arn,
    'aws:PrincipalAccount': world.accountId,
    'aws:SourceIdentity': caller.session?.sourceIdentity,
    'aws:SourceIp': from,
    'aws:UserAgent': userAgent,
    'aws:username': caller.user?.name,
    'aws:userid': caller.principalId,
    'sts:ExternalId': typeof input.ExternalId === 'string' ? input.ExternalId : undefined,
    'sts:RoleSessionName': typeof input.RoleSessionName === 'string' ? input.RoleSessionName : undefined,
  };
}

/** A federated session may do what its user may and its own policy allows; without one, nothing. */
function policiesOf(world: World, caller: Caller): { own: Policy[]; session?: Policy } {
  const own = documentsOf(world, caller);
  const session = caller.session?.policy ?? (caller.kind === 'federated' ? { Statement: [] } : undefined);
  return session ? { own, session } : { own };
}

/** The caller's own policies and, for users, those of their groups. */
function documentsOf(world: World, caller: Caller): Policy[] {
  // Nothing in the account limits its root user.
  if (caller.kind === 'root') return [{ Statement: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }] }];
  const identity = world.identity.asOf(Number.POSITIVE_INFINITY);
  const groups = caller.user ? [...identity.groups.values()].filter((group) => group.members.includes(caller.user?.name ?? '')) : [];
  return [caller.role ?? caller.user, ...groups].flatMap((holder: AttachedPolicies | undefined) => {
    const inline = Object.values(holder?.inline ?? {}).map(readPolicy);
    const attached = (holder?.attached ?? []).map((arn) => managedPolicy(arn) ?? ownPolicy(identity, arn));
    return [...inline, ...attached].filter((policy): policy is Policy => typeof policy === 'object');
  });
}
function ownPolicy(identity: Identity, arn: string): Policy | string | undefined {
  const document = identity.policies.get(arn)?.versions.find((version) => version.isDefault)?.document;
  return document === undefined ? undefined : readPolicy(document);
}
