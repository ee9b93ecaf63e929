/** What each AWS call means. A call that is not in the table is `principal.acted`. */
import type { Observation, Place, Shape, Subject } from '../../../checks/observation.ts';
import type { CallError } from './cloudtrail.ts';
import { type Caller, roleArnOf } from './identity.ts';
import {
  fleetSubject,
  iamSubject,
  instanceSubject,
  keySubject,
  partitionOf,
  passwordSubject,
  principalSubject,
  scalingGroupSubject,
} from './names.ts';
import { allowsEverything, lettingIn } from './policy-document.ts';
import { at, flag, list, number, text } from './reading.ts';

type Common = 'id' | 'at' | 'heard' | 'by' | 'place' | 'evidence' | 'network' | 'actor' | 'session' | 'deed' | 'outcome';
/** What one kind of observation says beyond what every record has. */
export type Facts = Observation extends infer O
  ? O extends Observation
    ? Omit<O, Common | (O['kind'] extends 'credential.created' ? never : 'credential')>
    : never
  : never;

export type Act = {
  event: unknown;
  operation: string;
  place: Place;
  caller: Caller;
  error: CallError | undefined;
  shape: (type: string) => Shape;
  /** List price of one machine in USD an hour; undefined: no table is at hand. */
  price: ((type: string, region: string, options: { spot?: boolean }) => { usd: number }) | undefined;
};
type Meaning = (act: Act) => Facts[];

/** Anything else somebody did. */
const acted: Meaning = ({ event, operation }) => {
  const userAgent = text(event, 'userAgent');
  const signedIn = text(event, 'additionalEventData', 'MFAUsed');
  const mfa = signedIn !== undefined ? signedIn === 'Yes' : flag(event, 'userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated');
  return [
    {
      kind: 'principal.acted',
      operation,
      ...(userAgent !== undefined ? { userAgent: userAgent.slice(0, 512) } : {}),
      ...(mfa !== undefined ? { mfa } : {}),
    },
  ];
};

/** The act as it is, and what came of it when it succeeded. */
const actedAnd =
  (more: Meaning): Meaning =>
  (act) => [...acted(act), ...(act.error ? [] : more(act))];
/** Only when it succeeded; else just the act and its outcome. */
const done =
  (meaning: Meaning): Meaning =>
  (act) => {
    const facts = act.error ? [] : meaning(act);
    return facts.length > 0 ? facts : acted(act);
  };
/** The attempt counts too: a refused call keeps its meaning and carries its outcome. */
const tried =
  (meaning: Meaning): Meaning =>
  (act) => {
    const facts = meaning(act);
    return facts.length > 0 ? facts : acted(act);
  };

const link = (from: Subject, to: Subject | undefined, how: 'key of' | 'session of' | 'assumed' | 'created' | 'started'): Facts[] =>
  to === undefined || to === from ? [] : [{ kind: 'identity.linked', from, to, how }];

const request = (event: unknown, ...path: string[]): unknown => at(event, 'requestParameters', ...path);
const answer = (event: unknown, ...path: string[]): unknown => at(event, 'responseElements', ...path);

// ---- compute ----------------------------------------------------------------------------------------------------------------

/** Error codes of EC2 launches (EC2 API reference, error codes). Codes that only say the request was malformed are not in it. */
const refusals: [RegExp, Extract<Facts, { kind: 'compute.refused' }>['why']][] = [
  [/^DryRunOperation$/, 'dry run'],
  [/Unauthorized|AccessDenied|NotAuthorized|OperationNotPermitted/, 'not allowed'],
  [/(?<!Request)LimitExceeded|CountExceeded|QuotaExceeded|MaxSpot|ResourceCountLimit/, 'quota'],
  [/Insufficient.*Capacity|InsufficientCapacity|^Unsupported|^UnfulfillableCapacity|SpotMaxPriceTooLow|^Unavailable/, 'capacity'],
  [/^Blocked|PendingVerification|OptInRequired|AccountDisabled|VerificationRequired/, 'account blocked'],
];

const launch =
  (what: string, read: (act: Act) => { resources: Subject[]; count: number; type?: string; spot?: boolean }): Meaning =>
  (act) => {
    const { resources, count, type, spot } = read(act);
    const shape = type !== undefined ? { ...act.shape(type), ...(spot ? { spot: true } : {}) } : undefined;
    if (act.error) {
      const code = act.error.code;
      const why = refusals.find(([pattern]) => pattern.test(code))?.[1];
      return why !== undefined ? [{ kind: 'compute.refused', what, why, ...(shape ? { shape } : {}) }] : acted(act);
    }
    const usd = type === undefined ? undefined : act.price?.(type, act.place.region, spot ? { spot } : {}).usd;
    return [
      {
        kind: 'compute.asked',
        resources,
        count,
        what,
        ...(shape ? { shape } : {}),
        ...(usd === undefined ? {} : { perHour: { amount: usd, currency: 'USD', usd } }),
      },
      ...resources.flatMap((resource) => link(resource, act.caller.narrowest, 'started')),
      ...launchedFor(act).flatMap((group) => resources.flatMap((resource) => link(resource, group, 'started'))),
    ];
  };

const instancesOf = (set: unknown[], place: Place): Subject[] =>
  set.flatMap((one) => {
    const instance = typeof one === 'string' ? one : text(one, 'instanceId');
    return instance !== undefined ? [instanceSubject(place, instance)] : [];
  });

/** Tags beginning with `aws:` can be set by AWS alone, so this one is true. */
const launchedFor = ({ event, place }: Act): Subject[] =>
  [
    ...list(request(event), 'tagSpecificationSet').flatMap((specification) => list(specification, 'tags')),
    ...list(answer(event), 'instancesSet')
      .slice(0, 1)
      .flatMap((instance) => list(instance, 'tagSet')),
  ]
    .flatMap((tag) => (text(tag, 'key') === 'aws:autoscaling:groupName' ? (text(tag, 'value') ?? []) : []))
    .slice(0, 1)
    .map((name) => scalingGroupSubject(place, name));

const runInstances = launch('EC2 instances', ({ event, place }) => {
  const started = list(answer(event), 'instancesSet');
  const resources = instancesOf(started, place);
  const asked = list(request(event), 'instancesSet').reduce<number>(
    (sum, one) => sum + (number(one, 'maxCount') ?? number(one, 'minCount') ?? 1),
    0,
  );
  const type =
    text(started[0], 'instanceType') ??
    text(request(event), 'instanceType') ??
    text(list(request(event), 'instancesSet')[0], 'instanceType');
  const spot = text(request(event), 'instanceMarketOptions', 'marketType') === 'spot' || text(started[0], 'instanceLifecycle') === 'spot';
  return {
    resources,
    // The answer is cut from very large records; the request then says how many.
    count: resources.length > 0 ? resources.length : Math.max(1, asked || (number(request(event), 'maxCount') ?? 1)),
    ...(type !== undefined ? { type } : {}),
    spot,
  };
});

const startInstances = launch('stopped EC2 instances', ({ event, place }) => {
  const resources = instancesOf([...list(answer(event), 'instancesSet'), ...list(request(event), 'instancesSet')], place);
  const once = [...new Set(resources)];
  return { resources: once, count: Math.max(1, once.length) };
});

const createFleet = launch('an EC2 fleet', ({ event, place }) => {
  const asked = request(event, 'CreateFleetRequest') ?? request(event);
  const sets = list(answer(event, 'CreateFleetResponse') ?? answer(event), 'fleetInstanceSet');
  const resources = sets.flatMap((set) => instancesOf(list(set, 'instanceIds'), place));
  const configs = list(asked, 'LaunchTemplateConfigs').flatMap((config) => list(config, 'Overrides'));
  const type = text(sets[0], 'instanceType') ?? configs.map((one) => text(one, 'InstanceType')).find((one) => one !== undefined);
  return {
    resources,
    count: Math.max(1, number(asked, 'TargetCapacitySpecification', 'TotalTargetCapacity') ?? resources.length),
    ...(type !== undefined ? { type } : {}),
    spot: text(asked, 'TargetCapacitySpecification', 'DefaultTargetCapacityType') === 'spot',
  };
});

const requestSpotInstances = launch('EC2 Spot instances', ({ event, place }) => {
  const resources = instancesOf(list(answer(event), 'spotInstanceRequestSet'), place);
  const type = text(request(event), 'launchSpecification', 'instanceType');
  return {
    resources,
    count: Math.max(1, number(request(event), 'instanceCount') ?? 1),
    ...(type !== undefined ? { type } : {}),
    spot: true,
  };
});

const requestSpotFleet = launch('an EC2 Spot fleet', ({ event }) => {
  const config = request(event, 'spotFleetRequestConfig') ?? request(event);
  const types = [
    ...list(config, 'launchSpecifications').map((one) => text(one, 'instanceType')),
    ...list(config, 'launchTemplateConfigs').flatMap((one) => list(one, 'overrides').map((override) => text(override, 'instanceType'))),
  ];
  const type = types.find((one) => one !== undefined);
  return { resources: [], count: Math.max(1, number(config, 'targetCapacity') ?? 1), ...(type !== undefined ? { type } : {}), spot: true };
});

/** A fleet that is kept up starts machines again when they are stopped; it can be seen before any machine runs. */
const fleet =
  (launch: Meaning, read: (act: Act) => { id: string | undefined; most: number | undefined; isKept: boolean }): Meaning =>
  (act) => {
    const { id, most, isKept } = read(act);
    if (act.error || most === undefined || !isKept) return launch(act);
    const resource = fleetSubject(act.place, id ?? text(act.event, 'eventID') ?? 'unknown');
    return [
      ...launch(act),
      { kind: 'launcher.changed', resource, desired: most, most },
      ...link(resource, act.caller.narrowest, 'started'),
    ];
  };

const grown = (place: Place, id: string | undefined, most: number | undefined): Facts[] =>
  id === undefined || most === undefined ? [] : [{ kind: 'launcher.changed', resource: fleetSubject(place, id), desired: most, most }];

const scalingGroup =
  (created: boolean): Meaning =>
  ({ event, place, caller }) => {
    const name = text(request(event), 'autoScalingGroupName');
    const most = number(request(event), 'maxSize');
    const desired = number(request(event), 'desiredCapacity') ?? number(request(event), 'minSize');
    if (name === undefined || (most === undefined && desired === undefined)) return [];
    const resource = scalingGroupSubject(place, name);
    return [
      { kind: 'launcher.changed', resource, desired: desired ?? 0, most: most ?? desired ?? 0 },
      ...(created ? link(resource, caller.narrowest, 'started') : []),
    ];
  };

// ---- identities -------------------------------------------------------------------------------------------------------------

const userOf = ({ event, place, caller }: Act): Subject | undefined => {
  const arn = text(answer(event), 'user', 'arn');
  if (arn !== undefined) return principalSubject(arn);
  const name = text(request(event), 'userName');
  // Without a name the call is about the caller: that is how root makes itself a key.
  return name !== undefined ? iamSubject(place, 'user', name) : caller.actor?.subject;
};
const roleOf = ({ event, place }: Act): Subject | undefined => {
  const arn = text(answer(event), 'role', 'arn');
  const name = text(request(event), 'roleName');
  return arn !== undefined ? principalSubject(arn) : name !== undefined ? iamSubject(place, 'role', name) : undefined;
};

const createUser: Meaning = (act) => {
  const user = userOf(act);
  return user !== undefined && user !== act.caller.actor?.subject ? link(user, act.caller.narrowest, 'created') : [];
};

const createRole: Meaning = (act) => {
  const role = roleOf(act);
  return role === undefined
    ? []
    : [...link(role, act.caller.narrowest, 'created'), ...opened(act, role, request(act.event, 'assumeRolePolicyDocument'))];
};

const createAccessKey: Meaning = (act) => {
  const id = text(answer(act.event), 'accessKey', 'accessKeyId');
  const owner = userOf(act);
  if (id === undefined || owner === undefined) return [];
  const credential: Subject = `credential:${id}`;
  return [
    { kind: 'credential.created', credential, form: 'key', owner },
    ...link(credential, owner, 'key of'),
    ...link(credential, act.caller.narrowest, 'created'),
  ];
};

const setPassword: Meaning = (act) => {
  const owner = userOf(act);
  if (owner === undefined) return [];
  const credential = passwordSubject(owner);
  return [
    { kind: 'credential.created', credential, form: 'password', owner },
    ...link(credential, owner, 'key of'),
    ...link(credential, act.caller.narrowest, 'created'),
  ];
};

const createFederation: Meaning = (act) => {
  const { event, place } = act;
  const arn =
    text(answer(event), 'openIDConnectProviderArn') ??
    text(answer(event), 'sAMLProviderArn') ??
    text(request(event), 'sAMLProviderArn') ??
    text(answer(event), 'trustAnchor', 'trustAnchorArn') ??
    text(request(event), 'url') ??
    text(request(event), 'name');
  if (arn === undefined) return [];
  const credential: Subject = `credential:${arn}`;
  return [
    { kind: 'credential.created', credential, form: 'federation', owner: `scope:${place.scope.id}` },
    ...link(credential, act.caller.narrowest, 'created'),
  ];
};

/** AssumeRole and its sisters: the new session, the role it is of, and who took it. */
const newSession: Meaning = (act) => {
  const { event, caller } = act;
  const id = text(answer(event), 'credentials', 'accessKeyId');
  const key = id !== undefined ? keySubject(id) : undefined;
  if (!key || !('session' in key)) return [];
  const assumed = text(request(event), 'roleArn') ?? roleArnOf(text(answer(event), 'assumedRoleUser', 'arn') ?? '');
  const of: Subject | undefined = assumed !== undefined ? principalSubject(assumed) : caller.actor?.subject;
  return [...link(key.session, of, 'session of'), ...link(key.session, caller.narrowest, 'assumed')];
};

// ---- rights -----------------------------------------------------------------------------------------------------------------

const adminPolicies = /policy\/(?:job-function\/)?(?:AdministratorAccess|PowerUserAccess|IAMFullAccess)$/;

const granted = (act: Act, to: Subject | undefined, level: 'admin' | 'other', how: string): Facts[] =>
  to === undefined ? [] : [{ kind: 'access.granted', to, level, how: how.slice(0, 256), over: act.place.scope }];

const attach =
  (receiver: (act: Act) => Subject | undefined): Meaning =>
  (act) => {
    const policy = text(request(act.event), 'policyArn');
    const to = receiver(act);
    if (policy === undefined || to === undefined) return [];
    if (policy.includes(quarantine)) return [quarantined(to, policy)];
    return granted(act, to, adminPolicies.test(policy) ? 'admin' : 'other', lastPart(policy));
  };

const inline =
  (receiver: (act: Act) => Subject | undefined): Meaning =>
  (act) =>
    granted(
      act,
      receiver(act),
      allowsEverything(request(act.event, 'policyDocument')) ? 'admin' : 'other',
      `inline policy ${text(request(act.event), 'policyName') ?? ''}`.trim(),
    );

const policyVersion: Meaning = (act) => {
  const policy = text(request(act.event), 'policyArn');
  if (policy === undefined) return [];
  const level = allowsEverything(request(act.event, 'policyDocument')) ? 'admin' : 'other';
  return granted(act, `resource:${policy}`, level, `new version of ${lastPart(policy)}`);
};

const groupOf = ({ event, place }: Act): Subject | undefined => {
  const name = text(request(event), 'groupName');
  return name !== undefined ? iamSubject(place, 'group', name) : undefined;
};

/** What a group may do is not in this record. A name may raise a suspicion, never lower one. */
const adminGroups = /admin|power.?user|super.?user|owner|root/i;

const joinGroup: Meaning = (act) => {
  const name = text(request(act.event), 'groupName') ?? '';
  return granted(act, userOf(act), adminGroups.test(name) ? 'admin' : 'other', `group ${name}`.trim());
};

/** AWS attaches a policy of this name to a user whose key it found in public. */
const quarantine = 'AWSCompromisedKeyQuarantine';
const quarantined = (user: Subject, policy: string): Facts => ({
  kind: 'provider.alerted',
  rule: lastPart(policy),
  severity: 'critical',
  summary: `AWS put ${lastPart(user)} under quarantine: one of its keys is known to strangers`,
  about: 'leak',
  subjects: [user],
});

const opened = ({ place }: Act, role: Subject, document: unknown): Facts[] =>
  lettingIn(document, place.scope.id).map(({ to, unconditional }) => ({
    kind: 'trust.opened',
    resource: `resource:${role.slice('principal:'.length)}`,
    to,
    unconditional,
  }));

const openTrust: Meaning = (act) => {
  const role = roleOf(act);
  return role === undefined ? [] : opened(act, role, request(act.event, 'policyDocument'));
};

const openFunction: Meaning = ({ event, place }) => {
  const to = text(request(event), 'principal');
  const name = text(request(event), 'functionName');
  const account = to === '*' ? '*' : /^(?:arn:[\w-]+:iam::)?(\d{12})(?::|$)/.exec(to ?? '')?.[1];
  if (account === undefined || name === undefined || account === place.scope.id) return [];
  const arn = name.startsWith('arn:') ? name : `arn:${partitionOf(place.region)}:lambda:${place.region}:${place.scope.id}:function:${name}`;
  return [
    {
      kind: 'trust.opened',
      resource: `resource:${arn}`,
      to: account,
      unconditional: at(event, 'requestParameters', 'sourceArn') === undefined,
    },
  ];
};

// ---- guards -----------------------------------------------------------------------------------------------------------------

type Guard = Extract<Facts, { kind: 'guard.weakened' }>['guard'];

/** A thing by the name the request gives it, as an ARN. */
const named = ({ place }: Act, service: string, kind: string, name: string | undefined): Subject =>
  name?.startsWith('arn:')
    ? `resource:${name}`
    : `resource:arn:${partitionOf(place.region)}:${service}:${place.region}:${place.scope.id}:${kind}${name ?? 'unknown'}`;

const weakened = (
  guard: Guard,
  how: string,
  resource: (act: Act) => Subject | Subject[],
  really: (act: Act) => boolean = () => true,
): Meaning =>
  tried((act) => (really(act) ? [resource(act)].flat().map((one) => ({ kind: 'guard.weakened', guard, resource: one, how })) : []));

/** The first of several that is so; `perhaps` when the record alone does not tell whether anything was lost. */
const weakenedLog = (ways: { how: string; really: (act: Act) => boolean; perhaps?: true }[]): Meaning =>
  tried((act) => {
    const way = ways.find(({ really }) => really(act));
    return way
      ? [{ kind: 'guard.weakened', guard: 'audit log', resource: trail(act), how: way.how, ...(way.perhaps ? { perhaps: true } : {}) }]
      : [];
  });

const trail = (act: Act): Subject =>
  named(
    act,
    'cloudtrail',
    'trail/',
    text(request(act.event), 'name') ?? text(request(act.event), 'trailName') ?? text(request(act.event), 'eventDataStore'),
  );
const detector = (act: Act): Subject => named(act, 'guardduty', 'detector/', text(request(act.event), 'detectorId'));
const budget = (act: Act): Subject =>
  named(act, 'budgets', 'budget/', text(request(act.event), 'budgetName') ?? text(request(act.event), 'budget', 'budgetName'));
const monitor = (act: Act): Subject =>
  named(act, 'ce', 'anomaly/', text(request(act.event), 'monitorArn') ?? text(request(act.event), 'subscriptionArn'));
const alarms = (act: Act): Subject[] => {
  const names = list(request(act.event), 'alarmNames').filter((one): one is string => typeof one === 'string');
  return names.length > 0
    ? names.slice(0, 100).map((name) => named(act, 'cloudwatch', 'alarm:', name))
    : [named(act, 'cloudwatch', 'alarm:', undefined)];
};

const narrowsTrail = ({ event }: Act): boolean =>
  ['isMultiRegionTrail', 'includeGlobalServiceEvents'].some((name) => flag(request(event), name) === false);
/** Tools that keep a trail as it is written down somewhere send these along, unchanged. */
const loosensTrail = ({ event }: Act): boolean =>
  ['isOrganizationTrail', 'enableLogFileValidation'].some((name) => flag(request(event), name) === false);

/** Whoever changes anything about a trail may send its bucket along, unchanged. */
const namesAnotherPlace = ({ event }: Act): boolean =>
  ['s3BucketName', 'kmsKeyId', 'cloudWatchLogsLogGroupArn'].some((name) => at(request(event), name) !== undefined);

/** What a trail keeps of management events after this call; undefined when the call says nothing about it. */
function keptBySelectors({ event }: Act): 'all' | 'writes' | 'less' | undefined {
  const simple = list(request(event), 'eventSelectors');
  const advanced = list(request(event), 'advancedEventSelectors');
  if (simple.length + advanced.length === 0) return undefined;
  const kept = [...simple.map(keptBySelector), ...advanced.map(keptByAdvanced)];
  return kept.includes('all') ? 'all' : kept.includes('writes') ? 'writes' : 'less';
}

function keptBySelector(one: unknown): 'all' | 'writes' | 'less' {
  if (flag(one, 'includeManagementEvents') === false) return 'less';
  const reads = (text(one, 'readWriteType') ?? 'All').toLowerCase();
  return reads === 'all' ? 'all' : reads === 'writeonly' ? 'writes' : 'less';
}

/** The console offers to leave out the calls of these two, for their number (CloudTrail user guide, "Logging management events"). */
const busySources = new Set(['kms.amazonaws.com', 'rdsdata.amazonaws.com']);

function keptByAdvanced(one: unknown): 'all' | 'writes' | 'less' {
  const conditions = list(one, 'fieldSelectors');
  if (!conditions.some((each) => text(each, 'field') === 'eventCategory' && list(each, 'equals').includes('Management'))) return 'less';
  let kept: 'all' | 'writes' = 'all';
  for (const condition of conditions) {
    const field = text(condition, 'field');
    if (field === 'eventCategory') continue;
    if (field === 'readOnly' && list(condition, 'equals').every((each) => String(each).toLowerCase() === 'false')) kept = 'writes';
    else if (field !== 'eventSource' || at(condition, 'equals') !== undefined) return 'less';
    else if (!list(condition, 'notEquals').every((each) => busySources.has(String(each)))) return 'less';
  }
  return kept;
}

// ---- the table --------------------------------------------------------------------------------------------------------------

export const acts: Record<string, Meaning> & { default: Meaning } = {
  default: acted,

  'ec2:RunInstances': runInstances,
  'ec2:StartInstances': startInstances,
  'ec2:CreateFleet': fleet(createFleet, ({ event }) => {
    const asked = request(event, 'CreateFleetRequest') ?? request(event);
    return {
      id: text(answer(event, 'CreateFleetResponse') ?? answer(event), 'fleetId'),
      most: number(asked, 'TargetCapacitySpecification', 'TotalTargetCapacity'),
      // Left out, it is kept up (EC2 API reference, CreateFleet).
      isKept: (text(asked, 'Type') ?? 'maintain') !== 'instant',
    };
  }),
  'ec2:RequestSpotInstances': requestSpotInstances,
  'ec2:RequestSpotFleet': fleet(requestSpotFleet, ({ event }) => ({
    id: text(answer(event), 'spotFleetRequestId'),
    most: number(request(event, 'spotFleetRequestConfig') ?? request(event), 'targetCapacity'),
    isKept: true,
  })),
  'ec2:ModifyFleet': done(({ event, place }) =>
    grown(
      place,
      text(request(event, 'ModifyFleetRequest') ?? request(event), 'FleetId'),
      number(request(event, 'ModifyFleetRequest') ?? request(event), 'TargetCapacitySpecification', 'TotalTargetCapacity'),
    ),
  ),
  'ec2:ModifySpotFleetRequest': done(({ event, place }) =>
    grown(place, text(request(event), 'spotFleetRequestId'), number(request(event), 'targetCapacity')),
  ),
  'autoscaling:CreateAutoScalingGroup': done(scalingGroup(true)),
  'autoscaling:UpdateAutoScalingGroup': done(scalingGroup(false)),
  'autoscaling:SetDesiredCapacity': done(scalingGroup(false)),

  'iam:CreateUser': actedAnd(createUser),
  'iam:CreateRole': actedAnd(createRole),
  'iam:CreateAccessKey': done(createAccessKey),
  'iam:CreateLoginProfile': done(setPassword),
  'iam:UpdateLoginProfile': done(setPassword),
  'iam:CreateOpenIDConnectProvider': done(createFederation),
  'iam:CreateSAMLProvider': done(createFederation),
  'iam:UpdateSAMLProvider': done(createFederation),
  'rolesanywhere:CreateTrustAnchor': done(createFederation),
  'sts:AssumeRole': actedAnd(newSession),
  'sts:AssumeRoleWithSAML': actedAnd(newSession),
  'sts:AssumeRoleWithWebIdentity': actedAnd(newSession),
  'sts:AssumeRoot': actedAnd(newSession),
  'sts:GetSessionToken': actedAnd(newSession),
  'sts:GetFederationToken': actedAnd(newSession),

  'iam:AttachUserPolicy': tried(attach(userOf)),
  'iam:AttachRolePolicy': tried(attach(roleOf)),
  'iam:AttachGroupPolicy': tried(attach(groupOf)),
  'iam:PutUserPolicy': tried(inline(userOf)),
  'iam:PutRolePolicy': tried(inline(roleOf)),
  'iam:PutGroupPolicy': tried(inline(groupOf)),
  'iam:CreatePolicyVersion': tried(policyVersion),
  'iam:AddUserToGroup': tried(joinGroup),
  'iam:UpdateAssumeRolePolicy': tried(openTrust),
  'lambda:AddPermission': tried(openFunction),

  'cloudtrail:StartLogging': actedAnd((act) => [{ kind: 'guard.started', guard: 'audit log', resource: trail(act) }]),
  'cloudtrail:StopLogging': weakened('audit log', 'stopped', trail),
  'cloudtrail:DeleteTrail': weakened('audit log', 'deleted', trail),
  'cloudtrail:UpdateTrail': weakenedLog([
    { how: 'narrowed', really: narrowsTrail },
    { how: 'perhaps kept for fewer accounts, or no longer checked for changes', really: loosensTrail, perhaps: true },
    { how: 'perhaps sent elsewhere: the request names a bucket, a key or a log group', really: namesAnotherPlace, perhaps: true },
  ]),
  'cloudtrail:PutEventSelectors': weakenedLog([
    { how: 'management events left out', really: (act) => keptBySelectors(act) === 'less' },
    { how: 'reading left out', really: (act) => keptBySelectors(act) === 'writes', perhaps: true },
  ]),
  'cloudtrail:DeleteEventDataStore': weakened('audit log', 'deleted', trail),
  'cloudtrail:StopEventDataStoreIngestion': weakened('audit log', 'stopped', trail),
  'guardduty:DeleteDetector': weakened('threat detector', 'deleted', detector),
  'guardduty:UpdateDetector': weakened(
    'threat detector',
    'switched off',
    detector,
    ({ event }) => flag(request(event), 'enable') === false,
  ),
  'guardduty:DisassociateFromMasterAccount': weakened('threat detector', 'cut off from its administrator', detector),
  'guardduty:DisassociateFromAdministratorAccount': weakened('threat detector', 'cut off from its administrator', detector),
  'guardduty:StopMonitoringMembers': weakened('threat detector', 'stopped for member accounts', detector),
  'budgets:DeleteBudget': weakened('budget', 'deleted', budget),
  'budgets:DeleteNotification': weakened('budget', 'notification deleted', budget),
  'budgets:DeleteSubscriber': weakened('budget', 'subscriber deleted', budget),
  'ce:DeleteAnomalyMonitor': weakened('budget', 'cost monitor deleted', monitor),
  'ce:DeleteAnomalySubscription': weakened('budget', 'cost alert deleted', monitor),
  'cloudwatch:DeleteAlarms': weakened('alarm', 'deleted', alarms),
  'cloudwatch:DisableAlarmActions': weakened('alarm', 'silenced', alarms),
};

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
