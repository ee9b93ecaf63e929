import type { Agenda } from './agenda.ts';
import type { Request, Result, ServiceRole } from './call.ts';
import type { EventLog } from './event-log.ts';
import type { Faults } from './fault.ts';
import type { IdentityHistory, Role, Session, User } from './identity.ts';
import type { InstanceType } from './instance-types.ts';
import type { Push } from './push.ts';
import type { Random } from './random.ts';
import type { Thing, Usage } from './shelf.ts';

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
export type Instance = {
  id: string;
  region: string;
  type: string;
  imageId: string;
  reservationId: string;
  zone: string;
  privateIp: string;
  launchedMs: number;
  /** What it was, is and will be from then on, in time order. The last one not in the future is its state. */
  phases: { fromMs: number; state: InstanceState }[];
  tags: { Key: string; Value: string }[];
  noStop: boolean;
  noTermination: boolean;
  spot: boolean;
  keyName?: string;
  userData?: string;
  /** Its processors are at work: what the metrics tell, in percent. */
  load: number;
  spotRequest?: string;
  /** ARN of whoever launched it. AWS does not tell; tests and benches ask. */
  launchedBy: string;
};
export type Trail = {
  arn: string;
  name: string;
  region: string;
  bucket: string;
  everyRegion: boolean;
  logging: boolean;
  sinceMs: number;
  selectors: unknown[];
};
/** A line of the bill that has nothing to do with simulated machines. */
export type CostLine = {
  service: string;
  region: string;
  charge: string;
  usdPerDay: number;
  weekendShare: number;
  noise: number;
  /** Charged as a whole on that day of the month instead of daily. */
  dayOfMonth?: number;
  fromMs: number;
  /** Another account that this one pays for. */
  account?: string;
  usageType?: string;
  resource?: string;
  tags?: Record<string, string>;
  /** Share that is taken off by agreement. */
  discount?: number;
  /** So many days after its end, a day turns out to have cost so many times as much. */
  revised?: { afterDays: number; times: number };
};

/** How busy machines are: of one launcher, type or region, or all. */
export type LoadRule = { launchedBy?: string; type?: string; region?: string; percent: number; fromMs: number; untilMs: number };

/** The one consistent account that every door and every scenario step works on. */
export type World = {
  accountId: string;
  name: string;
  optedIn: Set<string>;
  /** Running vCPUs a region allows before launches fail. */
  vcpuLimit: number;
  types: Record<string, InstanceType>;
  /** Whether the root user has a second factor. */
  rootMfa: boolean;
  /** The address that calls over HTTP seem to come from. */
  httpAddress: string;
  identity: IdentityHistory;
  sessions: Map<string, Session>;
  lastUsed: Map<string, { ms: number; region: string; service: string }>;
  instances: Map<string, Instance>;
  trails: Map<string, Trail>;
  events: EventLog;
  costs: CostLine[];
  agenda: Agenda;
  /** What services keep beside the machines, by kind. See `shelf.ts`. */
  shelves: Map<string, Map<string, Thing>>;
  usage: Usage[];
  /** Limits that were raised, by region, service and code: 'us-east-1/ec2/L-1216C47A'. */
  granted: Map<string, number>;
  push?: Push;
  /** Without it the Health API refuses, as AWS does below Business support. */
  hasSupportPlan: boolean;
  /** The bill is written into a bucket as a FOCUS export; `months` back. */
  exports?: { bucket: string; prefix: string; version: '1.0' | '1.2'; format: 'csv' | 'parquet'; months: number };
  /** Estimated charges are written as metrics, where the payer switched billing alerts on. */
  billingAlerts: boolean;
  /** Budgets people set, in USD. */
  budgets: { name: string; limit: number; per: 'DAILY' | 'MONTHLY' | 'QUARTERLY' | 'ANNUALLY'; type: 'COST' | 'USAGE' }[];
  /** Costs are kept by the hour, which the payer switches on. */
  hourlyCosts: boolean;
  /** Whose machines launched from then on are busy: see the scenario's `load`. */
  load: LoadRule[];
  /** A call an AWS service makes with its own role. */
  asService(by: ServiceRole, request: Pick<Request, 'service' | 'operation' | 'region' | 'ms' | 'input'>): Result;
  faults: Faults;
  chance: Random;
  seed: number;
};

export type Caller = {
  kind: 'user' | 'session of user' | 'role' | 'federated' | 'root';
  accessKeyId: string;
  arn: string;
  principalId: string;
  /** What IAM calls its user name: the user, or the role. */
  name: string;
  user?: User;
  role?: Role;
  session?: Session;
  /** The AWS service that calls with its own role. */
  invokedBy?: string;
};
/** Everything about one call except its parameters. `ms` is the account's time. */
export type Call = {
  id: string;
  ms: number;
  service: string;
  operation: string;
  region: string;
  from: string;
  userAgent: string;
  caller: Caller;
};
/**
 * One operation of a service: what it does to the account and what it answers. It throws `AwsError` for what AWS would refuse. The
 * parameter types are the SDK's own; they hold because requests are decoded by the same schemas.
 */
export type Operation = { of(world: World, input: unknown, call: Call): object | undefined }['of'];

export const stateAt = (instance: Instance, ms: number): InstanceState =>
  instance.phases.findLast((phase) => phase.fromMs <= ms)?.state ?? 'pending';

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Ids in AWS's own shapes: AKIA and 16 more characters, i- and 17 hexadecimal ones. */
export const newIamId = (world: World, prefix: 'AKIA' | 'ASIA' | 'AIDA' | 'AROA' | 'AGPA' | 'ANPA'): string =>
  prefix + world.chance.text(prefix === 'AKIA' || prefix === 'ASIA' ? 16 : 17, capitals);
export const newEc2Id = (world: World, prefix: string): string => `${prefix}-${world.chance.text(17, '0123456789abcdef')}`;

export const userArn = (world: World, user: Pick<User, 'name' | 'path'>) => `arn:aws:iam::${world.accountId}:user${user.path}${user.name}`;
export const roleArn = (world: World, role: Pick<Role, 'name' | 'path'>) => `arn:aws:iam::${world.accountId}:role${role.path}${role.name}`;
export const instanceArn = (world: World, region: string, id: string) => `arn:aws:ec2:${region}:${world.accountId}:instance/${id}`;
