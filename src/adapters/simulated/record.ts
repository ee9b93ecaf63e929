import type { NormalizedSchema } from '@smithy/core/schema';
import type { Result, Service } from './call.ts';
import type { LoggedEvent } from './event-log.ts';
import type { AwsError } from './fault.ts';
import { createRandom } from './random.ts';
import { logRegion } from './regions.ts';
import { formKey, type Shape } from './wire.ts';
import type { Call, World } from './world.ts';
import { roleArn, userArn } from './world.ts';

/** The CloudTrail record of a call, refused ones too, in the shape AWS writes. */
export function record(world: World, service: Service | undefined, call: Call, input: Shape, result: Result): Omit<LoggedEvent, 'turn'> {
  const { caller } = call;
  const isRead = readOnly(call.service, call.operation);
  const region = logRegion(call.service, call.region);
  const isSignIn = call.service === 'signin';
  const eventID = world.chance.uuid();
  const resources = resourcesOf(world, call, input, result);
  return {
    ms: call.ms,
    visibleMs: call.ms + lagMs(world, eventID),
    region,
    readOnly: isRead,
    ...(isSignIn ? {} : { accessKeyId: caller.accessKeyId }),
    username: caller.kind === 'role' ? (caller.session?.sessionName ?? caller.name) : caller.name,
    resources: resources.map((each) => ({ ResourceType: each.type, ResourceName: each.name })),
    record: {
      eventVersion: '1.10',
      userIdentity: isSignIn ? signingIn(world, call, result) : userIdentity(world, call),
      eventTime: toSeconds(call.ms),
      eventSource: `${call.service}.amazonaws.com`,
      eventName: call.operation,
      awsRegion: region,
      sourceIPAddress: call.from,
      userAgent: call.userAgent,
      ...(result.kind === 'done'
        ? {}
        : isSignIn
          ? { errorMessage: result.error.message }
          : { errorCode: loggedCode(service, result.error), errorMessage: result.error.message }),
      ...(isSignIn
        ? {
            additionalEventData: {
              LoginTo: 'https://console.aws.amazon.com/console/home',
              MobileVersion: 'No',
              MFAUsed: result.kind === 'done' && (caller.kind === 'root' ? world.rootMfa : caller.user?.mfa) ? 'Yes' : 'No',
            },
          }
        : {}),
      requestParameters: isSignIn ? null : requestParameters(service, call, input),
      responseElements: isSignIn
        ? { [call.operation]: result.kind === 'done' ? 'Success' : 'Failure' }
        : responseElements(service, call, result),
      requestID: call.id,
      eventID,
      readOnly: isRead,
      ...(call.service === 'sts' && resources.length
        ? { resources: resources.map((each) => ({ accountId: world.accountId, type: each.type, ARN: each.name })) }
        : {}),
      eventType: isSignIn ? 'AwsConsoleSignIn' : 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: world.accountId,
      eventCategory: 'Management',
      tlsDetails: {
        tlsVersion: 'TLSv1.3',
        cipherSuite: 'TLS_AES_128_GCM_SHA256',
        clientProvidedHostHeader: isSignIn ? 'signin.aws.amazon.com' : `${call.service}.${call.region}.amazonaws.com`,
      },
    },
  };
}

/** Lognormal with the wanted mean: with sigma fixed, mu is what is left of it. Drawn per event, so that order of calls elsewhere changes nothing. */
function lagMs(world: World, eventID: string): number {
  const { meanSeconds, capSeconds } = world.faults.now.lookupLag;
  if (meanSeconds <= 0) return 0;
  const sigma = 0.5;
  const mu = Math.log(meanSeconds) - sigma ** 2 / 2;
  const seconds = Math.exp(mu + sigma * createRandom(world.seed, eventID).normal());
  return Math.min(seconds, capSeconds) * 1000;
}

export function readOnly(service: string, operation: string): boolean {
  if (service === 'sts') return ['AssumeRole', 'GetCallerIdentity', 'GetSessionToken', 'GetAccessKeyInfo'].includes(operation);
  return (
    /^(Get|List|Describe|Lookup|Head|BatchGet|Search|Query|Simulate|Generate)/.test(operation) || /^(InvokeModel|Converse)/.test(operation)
  );
}

/** Whoever signs in has no credential yet, and nothing but a name as long as the password is wrong. */
function signingIn(world: World, call: Call, result: Result): Shape {
  const { caller } = call;
  if (caller.kind === 'role' || caller.kind === 'federated') return userIdentity(world, call);
  const who = { type: caller.kind === 'root' ? 'Root' : 'IAMUser', principalId: caller.principalId, accountId: world.accountId };
  const named = caller.kind === 'root' ? who : { ...who, userName: caller.name };
  return result.kind === 'done' ? { ...named, arn: caller.arn } : { ...named, accessKeyId: '' };
}

function userIdentity(world: World, { caller }: Call): Shape {
  const { session } = caller;
  const attributes = session && { creationDate: toSeconds(session.createdMs), mfaAuthenticated: String(session.mfa) };
  const same = { principalId: caller.principalId, arn: caller.arn, accountId: world.accountId, accessKeyId: caller.accessKeyId };
  switch (caller.kind) {
    case 'root':
      return { type: 'Root', ...same, ...(attributes ? { sessionContext: { attributes } } : {}) };
    case 'user':
      return { type: 'IAMUser', ...same, userName: caller.name };
    case 'session of user':
      return { type: 'IAMUser', ...same, userName: caller.name, sessionContext: { attributes } };
    case 'role': {
      const issuer = {
        type: 'Role',
        principalId: caller.role?.id,
        arn: caller.role && roleArn(world, caller.role),
        accountId: world.accountId,
        userName: caller.name,
      };
      return {
        type: 'AssumedRole',
        ...same,
        sessionContext: {
          sessionIssuer: issuer,
          attributes,
          ...(session?.sourceIdentity ? { sourceIdentity: session.sourceIdentity } : {}),
        },
        ...(caller.invokedBy ? { invokedBy: caller.invokedBy } : {}),
      };
    }
    case 'federated': {
      const issuer = {
        type: 'IAMUser',
        principalId: caller.user?.id,
        arn: caller.user && userArn(world, caller.user),
        accountId: world.accountId,
        userName: caller.user?.name,
      };
      return { type: 'FederatedUser', ...same, sessionContext: { sessionIssuer: issuer, attributes } };
    }
    default:
      return caller.kind satisfies never;
  }
}

/** EC2's codes carry who is to blame; the others lose or keep their suffix, as AWS writes them. */
function loggedCode(service: Service | undefined, error: AwsError): string {
  if (service?.wire?.protocol === 'ec2') return `${error.status === 503 ? 'Server' : 'Client'}.${error.code}`;
  if (error.code === 'AccessDeniedException') return 'AccessDenied';
  return ['NoSuchEntity', 'EntityAlreadyExists', 'LimitExceeded', 'DeleteConflict', 'MalformedPolicyDocument'].includes(error.code)
    ? `${error.code}Exception`
    : error.code;
}

function requestParameters(service: Service | undefined, call: Call, input: Shape): Shape | null {
  if (!service?.wire) {
    if (!Object.keys(input).length) return null;
    // This one service is logged as its API spells it.
    return call.service === 'account' ? input : (lowerFirst(input) as Shape);
  }
  if (service.wire.protocol === 'ec2') return ec2Request(call, input, service.wire.operation(call.operation)?.input);
  const schema = service.wire.operation(call.operation)?.input;
  const parameters = schema && (asLogged(schema, input, call.service) as Shape);
  return parameters && Object.keys(parameters).length ? parameters : null;
}

function responseElements(service: Service | undefined, call: Call, result: Result): Shape | null {
  const leavesNothing = readOnly(call.service, call.operation) && !['AssumeRole', 'GetSessionToken'].includes(call.operation);
  if (result.kind === 'refused' || leavesNothing || !service?.wire) return null;
  const schema = service.wire.operation(call.operation)?.output;
  if (service.wire.protocol === 'ec2') {
    if (schema?.isStructSchema() && wrapped.has(call.operation)) {
      return {
        [`${call.operation}Response`]: {
          xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
          ...tagged(ec2Response(schema, result.output)),
          requestId: call.id,
        },
      };
    }
    return schema?.isStructSchema() ? { requestId: call.id, ...ec2Response(schema, result.output) } : { requestId: call.id, _return: true };
  }
  const elements = schema?.isStructSchema() ? (asLogged(schema, result.output, call.service) as Shape) : {};
  return Object.keys(elements).length ? elements : null;
}

/** Names with a small first letter, secrets left out (the schema says which members are sensitive), times in words. */
function asLogged(schema: NormalizedSchema, value: unknown, service: string): unknown {
  if (value instanceof Date) return inWords(value, service);
  if (schema.isListSchema() && Array.isArray(value)) return value.map((item) => asLogged(schema.getValueSchema(), item, service));
  if (!schema.isStructSchema() || typeof value !== 'object' || value === null) return value;
  const given = value as Shape;
  return Object.fromEntries(
    [...schema.structIterator()]
      .filter(([name, member]) => given[name] !== undefined && !member.getMergedTraits().sensitive)
      .map(([name, member]) => [small(name), asLogged(member, given[name], service)]),
  );
}

/** EC2 writes its answers into the log as its XML with `items` for lists and times in milliseconds. */
function ec2Response(schema: NormalizedSchema, value: Shape): Shape {
  return Object.fromEntries(
    [...schema.structIterator()].flatMap(([name, member]) => {
      const given = value[name];
      if (given === undefined) return [];
      const { xmlName } = member.getMergedTraits();
      return [[typeof xmlName === 'string' ? xmlName : small(name), ec2Value(member, given)]];
    }),
  );
}
function ec2Value(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (schema.isListSchema() && Array.isArray(value)) {
    return value.length ? { items: value.map((item) => ec2Value(schema.getValueSchema(), item)) } : {};
  }
  return schema.isStructSchema() ? ec2Response(schema, value as Shape) : value;
}

/** EC2's requests have names of their own in the log: sets of items for lists, attribute values in a `value`. */
function ec2Request(call: Call, input: Shape, schema: NormalizedSchema | undefined): Shape {
  const set = (items: unknown[], one: (item: unknown) => unknown) => (items.length ? { items: items.map(one) } : {});
  const logged: Shape = {};
  if (wrapped.has(call.operation) && schema) return { [`${call.operation}Request`]: asAsked(schema, input) };
  if (call.operation === 'RunInstances') {
    const { ImageId, MinCount, MaxCount, KeyName } = input;
    logged.instancesSet = {
      items: [
        { ...(ImageId ? { imageId: ImageId } : {}), minCount: MinCount, maxCount: MaxCount, ...(KeyName ? { keyName: KeyName } : {}) },
      ],
    };
    Object.assign(logged, { blockDeviceMapping: {}, monitoring: { enabled: false }, disableApiTermination: false, disableApiStop: false });
  }
  if (call.operation === 'DescribeInstances') Object.assign(logged, { instancesSet: {}, filterSet: {} });
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || name === 'DryRun') continue;
    if (call.operation === 'RunInstances' && ['ImageId', 'MinCount', 'MaxCount', 'KeyName'].includes(name)) continue;
    if (name === 'UserData') logged.userData = '<sensitiveDataRemoved>';
    else if (name === 'InstanceIds') logged.instancesSet = set(value as unknown[], (instanceId) => ({ instanceId }));
    else if (name === 'RegionNames') logged.regionSet = set(value as unknown[], (regionName) => ({ regionName }));
    else if (name === 'Filters') {
      const one = ({ Name, Values }: { Name?: string; Values?: string[] }) => ({
        name: Name,
        valueSet: set(Values ?? [], (item) => ({ value: item })),
      });
      logged.filterSet = set(value as unknown[], (item) => one(item as { Name?: string }));
    } else if (name === 'TagSpecifications') {
      const one = (item: { ResourceType?: string; Tags?: unknown[] }) => ({
        resourceType: item.ResourceType,
        tags: lowerFirst(item.Tags ?? []),
      });
      logged.tagSpecificationSet = set(value as unknown[], (item) => one(item as { ResourceType?: string }));
    } else if (name === 'SecurityGroupIds') logged.groupSet = set(value as unknown[], (groupId) => ({ groupId }));
    else logged[small(name)] = lowerFirst(value);
  }
  return logged;
}

/** Newer operations of EC2 are logged in an envelope with their members as the API spells them, and lists as numbered items. */
const wrapped = new Set([
  'CreateLaunchTemplate',
  'CreateLaunchTemplateVersion',
  'ModifyLaunchTemplate',
  'DeleteLaunchTemplate',
  'CreateFleet',
  'ModifyFleet',
  'DeleteFleets',
]);
function asAsked(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) {
    const items = value.map((item, at) => {
      const told = asAsked(schema.getValueSchema(), item);
      return typeof told === 'object' && told !== null ? { ...told, tag: at + 1 } : { content: told, tag: at + 1 };
    });
    return items.length === 1 ? items[0] : items;
  }
  if (!schema.isStructSchema() || typeof value !== 'object' || value === null) return value;
  const given = value as Shape;
  return Object.fromEntries(
    [...schema.structIterator()].flatMap(([name, member]) =>
      given[name] === undefined
        ? []
        : [[formKey(name, member, 'ec2'), name === 'UserData' ? '<sensitiveDataRemoved>' : asAsked(member, given[name])]],
    ),
  );
}
/** In such answers a list is one `item`, or several. */
function tagged(value: unknown): Shape {
  const walk = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner !== 'object' || inner === null) return inner;
    const { items, ...rest } = inner as Shape;
    if (Array.isArray(items)) return { item: items.length === 1 ? walk(items[0]) : items.map(walk) };
    return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, walk(item)]));
  };
  return walk(value) as Shape;
}

/** What the log says a record is about, so that it can be looked up by resource. */
function resourcesOf(world: World, call: Call, input: Shape, result: Result): { type: string; name: string }[] {
  const name = (key: string) => (typeof input[key] === 'string' ? [input[key]] : []);
  const asked = Array.isArray(input.InstanceIds) ? input.InstanceIds.map(String) : name('InstanceId');
  const launched = result.kind === 'done' && call.operation === 'RunInstances' ? (result.output.Instances as { InstanceId: string }[]) : [];
  return [
    ...[...asked, ...launched.map((instance) => instance.InstanceId)].map((id) => ({ type: 'AWS::EC2::Instance', name: id })),
    ...(call.service === 'iam' ? name('UserName').map((user) => ({ type: 'AWS::IAM::User', name: user })) : []),
    ...name('AccessKeyId').map((id) => ({ type: 'AWS::IAM::AccessKey', name: id })),
    ...name('RoleArn').map((arn) => ({ type: 'AWS::IAM::Role', name: arn })),
    ...(call.service === 'iam'
      ? name('RoleName').map((role) => ({ type: 'AWS::IAM::Role', name: `arn:aws:iam::${world.accountId}:role/${role}` }))
      : []),
    ...(call.service === 'cloudtrail' ? name('Name').map((trail) => ({ type: 'AWS::CloudTrail::Trail', name: trail })) : []),
  ];
}

const small = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
function lowerFirst(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(lowerFirst);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [small(key), key === 'UserData' ? '<sensitiveDataRemoved>' : lowerFirst(item)]),
  );
}
const toSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** 'Aug 1, 2024 1:33:28 PM' for IAM, with a comma behind the year for STS. */
function inWords(date: Date, service: string): string {
  const day = date.toLocaleDateString('en-US', { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' });
  const clock = date.toLocaleTimeString('en-US', { timeZone: 'UTC', hour: 'numeric', minute: '2-digit', second: '2-digit' });
  // ICU puts a narrow no-break space before PM, AWS a plain one.
  const time = clock.replace('\u202f', ' ');
  return `${day}${service === 'sts' ? ',' : ''} ${time}`;
}
