/** Tries in advance what the bot will need in an hour of need, and says in plain words what is missing. */
import { OutsideError, type Permission } from '../../bot/ports.ts';
import { principalOf } from './remedies/arn.ts';
import { remedyPermissions } from './remedies/index.ts';
import { eachOf, errorName, permit } from './remedies/verb.ts';
import type { AwsSession, Clients } from './session.ts';
import { delivered, placeOf } from './sources/exports-files.ts';
import { troubleOf } from './trouble.ts';

/** `ok: 'warning'`: it works but should not stay so, or it could not be told. `fix` says what to do. */
export type Diagnosis = { what: string; ok: boolean | 'warning'; say: string; fix?: string };

/** What the doctor itself reads besides what it tries. */
export const doctorPermissions: Permission[] = permit('iam:SimulatePrincipalPolicy');

/**
 * Tries every declared permission of one account. Changes nothing: reads are the cheapest call of their kind, writes are asked about
 * (EC2's dry run on a machine that does not exist, IAM's policy simulator), never made. `spend` also tries
 * Cost Explorer for that past day (YYYY-MM-DD), at $0.01 a call. `exports` is the address of a Data Export that is to be read.
 * Never throws for an answer of AWS.
 */
export async function* diagnoseAws(
  session: AwsSession,
  permissions: readonly Permission[],
  options: { spend?: { day: string }; roles?: { read?: string; act?: string }; exports?: string } = {},
): AsyncIterable<Diagnosis> {
  const names = [...new Set(permissions.filter((one) => one.system === 'aws-iam').map((one) => one.name))];
  const acts = new Set(remedyPermissions.act.map((one) => one.name));

  const caller = await callerOf(session.read);
  yield* whoAmI(caller, session, options.roles?.read);
  if ('error' in caller) return;

  const regions = await enabledRegions(session.read);
  yield regions.diagnosis;
  yield* tryRegions(session.read, regions.names);
  for (const name of names.filter((one) => !acts.has(one) && !doneElsewhere.has(one))) {
    yield await tryReading(session, name, regions.names[0] ?? 'us-east-1', options.spend?.day);
  }
  if (options.exports !== undefined) yield await tryExport(session.read, options.exports);

  const wanted = names.filter((one) => acts.has(one));
  if (wanted.length > 0) yield* tryActing(session, wanted, options.roles?.act);
}

// ---- who ---------------------------------------------------------------------------------------------------------------------

type Caller = { arn: string; account: string } | { error: unknown };

async function callerOf(clients: Clients): Promise<Caller> {
  try {
    const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    const answer = await (await clients.sts()).send(new GetCallerIdentityCommand({}));
    return { arn: answer.Arn ?? '', account: answer.Account ?? '' };
  } catch (error) {
    return { error };
  }
}

function* whoAmI(caller: Caller, session: AwsSession, readRole: string | undefined): Iterable<Diagnosis> {
  const what = 'identity';
  if ('error' in caller) {
    yield {
      what,
      ok: false,
      say: `AWS does not say who the bot is: ${troubleOf(caller.error).words}`,
      fix: 'check the credentials the bot is given, the role under accounts → read, its trust and its external id',
    };
    return;
  }
  const who = principalOf(caller.arn);
  if (caller.account !== session.scope.id) {
    yield {
      what,
      ok: false,
      say: `the bot reads account ${caller.account}, but the configuration says ${session.scope.id}`,
      fix: 'name the role of the right account under accounts → read → role',
    };
  }
  if (who.kind === 'root') {
    yield { what, ok: false, say: 'the bot runs as root, which no policy can limit', fix: 'run it as a role and delete the key of root' };
  } else if (who.kind === 'user') {
    yield {
      what,
      ok: 'warning',
      say: `the bot runs as the IAM user ${who.name}: its key can leak, and when AWS quarantines a user it can no longer read the log`,
      fix: 'run it as a role (config/aws/README.md)',
    };
  } else {
    yield { what, ok: true, say: `the bot reads as ${caller.arn}` };
  }
  if (readRole === undefined && caller.account === session.scope.id) {
    yield {
      what: 'home',
      ok: 'warning',
      say: 'the bot lives in the account it guards: whoever takes the account over can switch it off',
      fix: 'run it in another account and let it take on a role here (config/aws/README.md)',
    };
  }
}

// ---- reading -----------------------------------------------------------------------------------------------------------------

async function enabledRegions(clients: Clients): Promise<{ diagnosis: Diagnosis; names: string[] }> {
  const what = 'ec2:DescribeRegions';
  try {
    const { DescribeRegionsCommand } = await import('@aws-sdk/client-ec2');
    const answer = await (await clients.ec2('us-east-1')).send(new DescribeRegionsCommand({ AllRegions: true }));
    const all = answer.Regions ?? [];
    const names = all.flatMap((one) => (one.RegionName && one.OptInStatus !== 'not-opted-in' ? [one.RegionName] : []));
    return { diagnosis: { what, ok: true, say: `${names.length} of ${all.length} regions are enabled` }, names };
  } catch (error) {
    return { diagnosis: failed(what, error), names: [] };
  }
}

/** A policy of the organization may close single regions to the bot and not to a thief. */
async function* tryRegions(clients: Clients, regions: string[]): AsyncIterable<Diagnosis> {
  if (regions.length === 0) return;
  const what = 'ec2:DescribeInstances';
  const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
  const answers = await eachOf(regions, 8, async (region) => {
    try {
      await (await clients.ec2(region)).send(new DescribeInstancesCommand({ MaxResults: 5 }));
      return { region };
    } catch (error) {
      return { region, error };
    }
  });
  const blind = answers.filter((one) => 'error' in one);
  if (blind.length === 0) yield { what, ok: true, say: `machines can be read in ${regions.length} of ${regions.length} regions` };
  else {
    const first = blind[0];
    yield {
      what,
      ok: false,
      say: `machines cannot be read in ${blind.map((one) => one.region).join(', ')}: ${troubleOf(first && 'error' in first ? first.error : undefined).words}`,
      fix: `grant ${what} there; if the role has it, a policy of the organization may deny these regions`,
    };
  }
}

const doneElsewhere = new Set(['sts:GetCallerIdentity', 'ec2:DescribeRegions', 'ec2:DescribeInstances', 'iam:SimulatePrincipalPolicy']);
/** Nobody and nothing has these names: the answer "no such …" proves the permission. */
const nobody = 'cloudwarden-doctor-nobody';
const noMachine = 'i-00000000000000000';
const noKey = 'AKIAIOSFODNN7EXAMPLE';
const quarantine = 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2';
const harmlessErrors = /^(NoSuchEntity|NotFoundException|DryRunOperation|InvalidInstanceID|InvalidSpotInstanceRequestID|DataUnavailable)/;

async function tryReading(session: AwsSession, name: string, region: string, day: string | undefined): Promise<Diagnosis> {
  if (name.startsWith('ce:') && day === undefined) {
    return { what: name, ok: 'warning', say: 'not tried, because a call costs $0.01', fix: 'run doctor --spend to try it' };
  }
  const call = await readingCall(session, name, region, day);
  if (!call) return { what: name, ok: 'warning', say: 'not tried: the doctor knows no harmless call for it' };
  try {
    await call();
    return { what: name, ok: true, say: 'allowed' };
  } catch (error) {
    if (harmlessErrors.test(errorName(error))) return { what: name, ok: true, say: 'allowed' };
    if (name === 'iam:GetAccessKeyLastUsed' && troubleOf(error).sort === 'denied') {
      return {
        what: name,
        ok: 'warning',
        say: 'cannot be told: AWS answers alike for a missing permission and for a key it does not know',
      };
    }
    return failed(name, error);
  }
}

async function readingCall(
  { read: clients, scope }: AwsSession,
  name: string,
  region: string,
  day: string | undefined,
): Promise<(() => Promise<unknown>) | undefined> {
  const [service] = name.split(':');
  switch (service) {
    case 'ec2': {
      const sdk = await import('@aws-sdk/client-ec2');
      const ec2 = await clients.ec2(region);
      const calls: Record<string, () => Promise<unknown>> = {
        'ec2:DescribeInstanceAttribute': () =>
          ec2.send(new sdk.DescribeInstanceAttributeCommand({ InstanceId: noMachine, Attribute: 'disableApiStop', DryRun: true })),
        'ec2:DescribeSpotInstanceRequests': () => ec2.send(new sdk.DescribeSpotInstanceRequestsCommand({ DryRun: true })),
        'ec2:DescribeInstanceTypes': () => ec2.send(new sdk.DescribeInstanceTypesCommand({ MaxResults: 5, DryRun: true })),
        'ec2:DescribeSpotPriceHistory': () => ec2.send(new sdk.DescribeSpotPriceHistoryCommand({ MaxResults: 1, DryRun: true })),
      };
      return calls[name];
    }
    case 'iam': {
      const sdk = await import('@aws-sdk/client-iam');
      const iam = await clients.iam();
      const calls: Record<string, () => Promise<unknown>> = {
        'iam:GetAccessKeyLastUsed': () => iam.send(new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId: noKey })),
        'iam:GetAccountSummary': () => iam.send(new sdk.GetAccountSummaryCommand({})),
        'iam:GetRole': () => iam.send(new sdk.GetRoleCommand({ RoleName: nobody })),
        'iam:GetRolePolicy': () => iam.send(new sdk.GetRolePolicyCommand({ RoleName: nobody, PolicyName: nobody })),
        'iam:GetUser': () => iam.send(new sdk.GetUserCommand({ UserName: nobody })),
        'iam:GetUserPolicy': () => iam.send(new sdk.GetUserPolicyCommand({ UserName: nobody, PolicyName: nobody })),
        'iam:ListAccessKeys': () => iam.send(new sdk.ListAccessKeysCommand({ UserName: nobody, MaxItems: 1 })),
        'iam:ListAttachedUserPolicies': () => iam.send(new sdk.ListAttachedUserPoliciesCommand({ UserName: nobody, MaxItems: 1 })),
        'iam:ListEntitiesForPolicy': () => iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn: quarantine, MaxItems: 1 })),
        'iam:ListGroupsForUser': () => iam.send(new sdk.ListGroupsForUserCommand({ UserName: nobody, MaxItems: 1 })),
        'iam:ListMFADevices': () => iam.send(new sdk.ListMFADevicesCommand({ UserName: nobody, MaxItems: 1 })),
        'iam:ListUserPolicies': () => iam.send(new sdk.ListUserPoliciesCommand({ UserName: nobody, MaxItems: 1 })),
        'iam:ListUsers': () => iam.send(new sdk.ListUsersCommand({ MaxItems: 1 })),
      };
      return calls[name];
    }
    case 'cloudtrail': {
      if (name !== 'cloudtrail:LookupEvents') return undefined;
      const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
      const trail = await clients.cloudtrail(region);
      return () => trail.send(new LookupEventsCommand({ MaxResults: 1 }));
    }
    case 'ce': {
      if (day === undefined) return undefined;
      const sdk = await import('@aws-sdk/client-cost-explorer');
      const costs = await clients.costExplorer();
      const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
      const calls: Record<string, () => Promise<unknown>> = {
        'ce:GetCostAndUsage': () =>
          costs.send(
            new sdk.GetCostAndUsageCommand({ TimePeriod: { Start: day, End: next }, Granularity: 'DAILY', Metrics: ['UnblendedCost'] }),
          ),
        'ce:GetAnomalies': () =>
          costs.send(new sdk.GetAnomaliesCommand({ DateInterval: { StartDate: day, EndDate: next }, MaxResults: 1 })),
      };
      return calls[name];
    }
    case 'budgets': {
      if (name !== 'budgets:ViewBudget') return undefined;
      const { DescribeBudgetsCommand } = await import('@aws-sdk/client-budgets');
      const budgets = await clients.budgets();
      return () => budgets.send(new DescribeBudgetsCommand({ AccountId: scope.id, MaxResults: 1 }));
    }
    default:
      return undefined;
  }
}

/** Both what is granted and whether the address is right. Listing and reading a manifest costs a few millionths of a dollar. */
async function tryExport(clients: Clients, address: string): Promise<Diagnosis> {
  const what = 'exports';
  try {
    const months = await delivered(await clients.s3(), placeOf(address));
    const [last] = months;
    return {
      what,
      ok: true,
      say: `the export of ${last?.month} is there, in ${last?.keys.length} ${last?.keys.length === 1 ? 'file' : 'files'}`,
    };
  } catch (error) {
    if (error instanceof OutsideError) return { what, ok: false, say: error.message };
    const to = `on ${address} to the read role (config/aws/README.md); without it costs are not read`;
    return { ...failed('s3:ListBucket and s3:GetObject', error, to), what };
  }
}

// ---- acting ------------------------------------------------------------------------------------------------------------------

async function* tryActing(session: AwsSession, wanted: string[], actRole: string | undefined): AsyncIterable<Diagnosis> {
  let clients: Clients;
  try {
    clients = await session.act({ incident: 'doctor', plan: 'doctor', approvedBy: ['doctor'] });
  } catch (error) {
    yield notAssumed(error);
    return;
  }
  const caller = await callerOf(clients);
  if ('error' in caller) {
    yield notAssumed(caller.error);
    return;
  }
  yield { what: 'acting', ok: true, say: `the bot can act as ${caller.arn}` };

  const onEc2 = wanted.filter((name) => name.startsWith('ec2:'));
  for (const name of onEc2) yield await dryRun(clients, name);
  const onIam = wanted.filter((name) => name.startsWith('iam:'));
  if (onIam.length > 0) yield* simulate(session, onIam, actRole ?? roleArn(caller.arn));
}

const notAssumed = (error: unknown): Diagnosis => ({
  what: 'acting',
  ok: false,
  say: `the bot cannot take on the role it acts as: ${troubleOf(error).words}`,
  fix: 'check accounts → act → role and its external id; its trust must allow sts:AssumeRole and sts:SetSourceIdentity to the bot. Without it the bot only observes',
});

/** The role behind a session's ARN; a path is not part of it. */
const roleArn = (arn: string): string => arn.replace(/^(arn:[^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, '$1:iam::$2:role/$3');

async function dryRun(clients: Clients, name: string): Promise<Diagnosis> {
  const sdk = await import('@aws-sdk/client-ec2');
  const ec2 = await clients.ec2('us-east-1');
  // Never a machine that exists: an endpoint that overlooks DryRun must have nothing to stop.
  const calls: Record<string, () => Promise<unknown>> = {
    'ec2:StopInstances': () => ec2.send(new sdk.StopInstancesCommand({ InstanceIds: [noMachine], DryRun: true })),
    'ec2:StartInstances': () => ec2.send(new sdk.StartInstancesCommand({ InstanceIds: [noMachine], DryRun: true })),
    'ec2:ModifyInstanceAttribute': () =>
      ec2.send(new sdk.ModifyInstanceAttributeCommand({ InstanceId: noMachine, DisableApiStop: { Value: false }, DryRun: true })),
  };
  const call = calls[name];
  if (!call) return { what: name, ok: 'warning', say: 'not tried: the doctor knows no harmless call for it' };
  try {
    await call();
    return { what: name, ok: 'warning', say: 'cannot be told: the dry run was not answered as one' };
  } catch (error) {
    const answer = errorName(error);
    if (answer === 'DryRunOperation') return { what: name, ok: true, say: 'allowed' };
    if (answer.startsWith('InvalidInstanceID'))
      return { what: name, ok: true, say: 'allowed, as far as a machine that does not exist can tell' };
    return failed(name, error, 'to the act role; without it the step is refused');
  }
}

/** IAM has no dry run; its simulator says what the act role's policies allow. */
async function* simulate(session: AwsSession, names: string[], role: string): AsyncIterable<Diagnosis> {
  const { SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const iam = await session.read.iam();
  const aim = (name: string) => (name.includes('Role') ? 'role' : 'user');
  for (const [kind, group] of Map.groupBy(names, aim)) {
    const resource = `arn:aws:iam::${session.scope.id}:${kind}/${nobody}`;
    try {
      const answer = await iam.send(
        new SimulatePrincipalPolicyCommand({ PolicySourceArn: role, ActionNames: group, ResourceArns: [resource] }),
      );
      for (const what of group) {
        const decision = answer.EvaluationResults?.find((one) => one.EvalActionName === what)?.EvalDecision;
        if (decision === 'allowed') yield { what, ok: true, say: 'allowed' };
        else if (decision)
          yield { what, ok: false, say: `not allowed (${decision})`, fix: `grant ${what} to ${role}; without it the step is refused` };
        else yield cannotTell(what, 'the simulator did not say');
      }
    } catch (error) {
      for (const what of group) yield cannotTell(what, `the simulator could not be asked: ${troubleOf(error).words}`);
    }
  }
}

const cannotTell = (what: string, why: string): Diagnosis => ({
  what,
  ok: 'warning',
  say: `cannot be told: ${why}`,
  fix: 'grant iam:SimulatePrincipalPolicy on the act role to the read role, or compare the act policy by eye (config/aws/act.json)',
});

/** An emulator's answer; AWS knows them all. */
const unknownCall = /^(InvalidAction|NotImplemented|UnknownOperation)/;

function failed(what: string, error: unknown, to = 'to the read role; without it the bot is blind there'): Diagnosis {
  if (unknownCall.test(errorName(error))) return { what, ok: 'warning', say: 'cannot be told: the endpoint does not know this call' };
  const trouble = troubleOf(error);
  return {
    what,
    ok: false,
    say: trouble.words,
    fix:
      trouble.sort === 'denied'
        ? `grant ${what} ${to}`
        : trouble.again
          ? 'try again in a minute'
          : 'look at the error in AWS’s documentation',
  };
}
