/**
 * The cloud-neutral vocabulary every cloud is translated into. A new cloud is a translator into these words; no check changes.
 * Add a kind or a field when a check or a remedy uses it. `at` is the provider's time of the event, `heard` is ours.
 */
import type { SpendAnomaly } from './spend/judge.ts';

/** ISO 8601 in UTC with milliseconds (`new Date(x).toISOString()`), so that times sort as text and survive JSON. */
export type Time = string;
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];
export type Cloud = 'aws' | 'gcp' | 'azure';
/** account = AWS account, GCP project, Azure subscription (FOCUS: SubAccount); payer = FOCUS BillingAccount. */
export type Scope = { cloud: Cloud; level: 'account' | 'group' | 'organization' | 'directory' | 'payer'; id: string };
/** `region` may be 'global'. */
export type Place = { scope: Scope; region: string };
/** `usd` only when the billing currency is USD or the provider gives a rate; never guessed. */
export type Money = { amount: number; currency: string; usd?: number };

/**
 * One spelling for everything a story can be about. What follows the colon is the provider's full name, normalised by the adapter
 * and never taken apart outside it. AWS: `principal:<ARN>`, `credential:<access key id AKIA…>`, `session:<access key id ASIA…>`,
 * `resource:<ARN>`.
 */
export type Subject = `${'principal' | 'credential' | 'session' | 'resource' | 'network' | 'scope'}:${string}`;
/** Who acts, told apart by how they are cut off, not by what the provider calls them. */
export type Actor = {
  subject: Subject;
  name: string;
  kind: 'root' | 'user' | 'robot' | 'workload' | 'federated' | 'provider' | 'unknown';
  home: Scope;
};
export type Shape = { type: string; family?: string; vcpus?: number; gpus?: number; spot?: boolean };
/** What was found in what a machine or container is told to run. The text itself is not kept: it may hold secrets. */
export type Marker = { kind: 'miner' | 'pool' | 'wallet' | 'image' /** The word found, at most 60 characters. */; word: string };
export type Network = { address: string; asn?: number; name?: string; kind: 'hosting' | 'home' | 'provider' | 'unknown' };

type Seen<K extends string, Facts> = {
  kind: K;
  /** Unique and stable: the same happening read twice, by any path, has the same id. */
  id: string;
  at: Time;
  heard: Time;
  /** The source that told us, e.g. 'aws/audit-log'. */
  by: string;
  place: Place;
  /** The provider's ids of the raw records behind it (CloudTrail event ids, or the resource for inventory). */
  evidence: string[];
  network?: Network;
  actor?: Actor;
  /** The long-lived key used. */
  credential?: Subject;
  /** The temporary session used. */
  session?: Subject;
  /** One act may leave several records; checks count deeds. */
  deed?: string;
  /** The kind of program that made the call, without its version: 'terraform', 'console', 'aws-cli', 'boto3'. The caller can claim any. */
  program?: string;
  /** Absent: it was done. */
  outcome?: 'denied' | 'failed';
} & Facts;
/** The provider's short name of a service, 'EC2', 'SageMaker'. Checks compare such names and never know them. Absent: virtual machines. */
type OfService = { service?: string };
/** One line of a bill: FOCUS ChargeCategory (a refund or discount is a credit), ServiceName and BilledCost before what is taken off. */
type Spent = {
  day: string;
  service: string;
  cost: Money;
  charge: 'usage' | 'fee' | 'tax' | 'credit';
  provisional: boolean;
  /** After discounts, in the currency of `cost`; credits stand on lines of their own. Absent: the provider did not say. */
  net?: number;
  /** The provider's own word for what is not usage: 'Refund', 'SavingsPlanRecurringFee'. */
  recordType?: string;
};
/** By account and service; by team (a tag's value) and service; by hour; by what caused it (usage type, resource: the greatest only). */
export type CostCut = 'account' | 'team' | 'hour' | 'cause';
export type BudgetSpan = 'day' | 'month' | 'quarter' | 'year' | 'custom';
/** What is run: the image, and where it comes from. */
type Running = { image?: string; imageFrom?: 'own' | 'provider' | 'public' | 'unknown'; markers?: Marker[] };

export type Observation =
  /** From the log: who asked for compute. `resources` are the machines the provider answered with. */
  | Seen<
      'compute.asked',
      {
        resources: Subject[];
        count: number;
        what: string;
        /** Of one of them; `perHour` too. */
        shape?: Shape;
        perHour?: Money;
        /** The workload (see `workload.defined`) it is started from. */
        from?: Subject;
        /** They were here before and stood still. */
        again?: true;
      } & OfService &
        Running
    >
  /** From inventory: what is there. `at` is the machine's launch time; id is stable per machine and launch. */
  | Seen<
      'compute.seen',
      {
        resource: Subject;
        what: string;
        shape: Shape;
        perHour?: Money;
        estimated: boolean;
        name?: string;
        running: boolean;
        launcher?: Subject;
        from?: Subject;
        /** When it first started, where it was stopped and started again since, at `at`. */
        made?: Time;
        /** It cannot be stopped, or not be ended, before that is lifted. */
        protected?: boolean;
      } & OfService &
        Running
    >
  | Seen<
      'compute.refused',
      { what: string; why: 'dry run' | 'not allowed' | 'quota' | 'capacity' | 'account blocked'; shape?: Shape } & OfService
    >
  /**
   * Something that starts machines by itself was made or changed; from the log or from inventory. `shape`: of one machine. `ceiling`: only
   * how much of it may run at once was set, and nothing is started by that.
   */
  | Seen<'launcher.changed', { resource: Subject; desired: number; most: number; shape?: Shape; ceiling?: true } & OfService>
  /** What may be started was written down: a task definition, launch template, build project, function. */
  | Seen<'workload.defined', { resource: Subject; what: string; shape?: Shape } & OfService & Running>
  /** Somewhere to start things was made that costs nothing yet: a cluster, a queue. */
  | Seen<'ground.prepared', { resource: Subject; what: string } & OfService>
  /** Machines were made hard to stop. */
  | Seen<'protection.set', { resources: Subject[]; against: 'ending' | 'stopping' }>
  /** More was asked of the provider than it gives by default. `before` is the limit until then. */
  | Seen<
      'quota.asked',
      {
        service: string;
        quota: string;
        of: 'compute' | 'models' | 'other';
        wanted?: number;
        before?: number;
        state: 'asked' | 'granted' | 'refused';
      }
    >
  /** A region was switched on that is off by default. */
  | Seen<'region.opened', { region: string }>
  /** The provider's support was written to. */
  | Seen<'support.asked', { about: 'limits' | 'other' }>
  /** Something by which the provider knows or reaches the owner was changed, or its recovery begun. */
  | Seen<'owner.changed', { what: 'password' | 'e-mail' | 'contact' | 'recovery'; how: string }>
  /** Money was bound that nobody gives back: reservations, savings plans, subscriptions, domains. `once`: what is paid at once. */
  | Seen<'commitment.bought', { what: string; once?: Money }>
  /** A model was opened for use (`grant`) or called. */
  | Seen<'model.used', { model: string; how: 'grant' | 'call' }>
  /** What something used: `processor` in percent over `minutes`; `functions` in GB-seconds and `models` in tokens an hour. */
  | Seen<'usage.measured', { resource: Subject; of: 'processor' | 'functions' | 'models'; value: number; minutes: number } & OfService>
  /** Something will run again and again, or when something happens. */
  | Seen<'schedule.set', { resource: Subject; what: string }>
  /** Accounts and their ties to an organization, and who may enter them. */
  | Seen<
      'organization.changed',
      {
        how: 'account created' | 'account invited' | 'left' | 'access assigned' | 'user created' | 'guard rail removed';
        to?: string;
        level?: 'admin' | 'other';
      }
    >
  /** Somebody signed in with a password, or turned a key into a signed-in session. */
  | Seen<'signed.in', { mfa?: boolean; userAgent?: string; how: 'password' | 'key' | 'federation' }>
  | Seen<'second-factor.changed', { owner: Subject; how: 'added' | 'removed' }>
  /** Somebody who may sign in or be given keys was made. */
  | Seen<'identity.created', { subject: Subject; what: 'user' }>
  /** A key, a user, a right was taken away again. */
  | Seen<'identity.removed', { subject: Subject; what: 'key' | 'password' | 'user' | 'role' | 'right' }>
  /** Somebody looked at what could be had here: limits, regions, sizes, bills, guards, or who they are. */
  | Seen<'looked.around', { operation: string; what: 'limits' | 'regions' | 'sizes' | 'bills' | 'guards' | 'self' }>
  /** Any other recorded act of a principal (reads included where the source has them). */
  | Seen<'principal.acted', { operation: string; userAgent?: string; mfa?: boolean }>
  /** `credential` is the new one; `using` is the long-term key it was made with. */
  | Seen<'credential.created', { credential: Subject; form: 'key' | 'password' | 'federation'; owner: Subject; using?: Subject }>
  | Seen<'access.granted', { to: Subject; level: 'admin' | 'other'; how: string; over: Scope }>
  /** `door`: what is entered through it. Absent: a role. `lost`: a condition that was there before is gone. */
  | Seen<'trust.opened', { resource: Subject; to: string; unconditional: boolean; door?: 'role' | 'function' | 'data'; lost?: string }>
  /** `perhaps`: the record alone does not tell whether anything was lost by it. */
  | Seen<
      'guard.weakened',
      {
        guard:
          | 'audit log'
          | 'threat detector'
          | 'configuration recorder'
          | 'network log'
          | 'firewall'
          /** What passwords and second factors have to be like. */
          | 'sign-in rules'
          | 'budget'
          | 'alarm'
          | 'ourselves';
        resource: Subject;
        how: string;
        perhaps?: true;
      }
    >
  /**
   * The bot's own role did something. `incident`: the story its session names. `approved`: a row of our own audit says who let it;
   * undefined where nobody has looked yet.
   */
  | Seen<'ourselves.acted', { operation: string; role: 'read' | 'act'; incident?: string; approved?: boolean }>
  /** The opposite: a guard was switched on. */
  | Seen<'guard.started', { guard: 'audit log'; resource: Subject }>
  /** The provider itself says that a credential leaked or that it quarantined a principal. */
  | Seen<
      'provider.alerted',
      {
        rule: string;
        severity: Severity;
        summary: string;
        about: 'leak' | 'mining' | 'takeover' | 'access' | 'money' | 'other';
        subjects: Subject[];
        /** Made to try the path: it says nothing about the account. */
        sample?: true;
      }
    >
  /** The bill says that machines ran there before; `at` is the end of the day on which that began. Nobody is named by it. */
  | Seen<'place.used', OfService>
  /** `day` is YYYY-MM-DD in UTC. Amounts are gross usage unless `charge` says otherwise. Zero: what was told of it earlier is not so. */
  | Seen<'spend.recorded', Spent>
  /**
   * What the judge of spending finds in the bill: one story, as its latest day shows it. `at` is the end of that day, `evidence` the lines of
   * the bill. Told again whenever the bill was read; `withdrawn`: the bill was revised, and it is not so.
   */
  | Seen<
      'spend.judged',
      {
        found: SpendAnomaly;
        /** The first day of the story. */
        since: string;
        currency: string;
        provisional: boolean;
        readAt: Time;
        /** What people call the accounts, by id. */
        names: Record<string, string>;
        month?: { ifItStops: number; ifItGoesOn: number; usual?: number };
        /** Somebody expected so much a day more, and it is above that. */
        expected?: number;
        machines: { type: string; count: number; since?: string; usdPerHour?: number }[];
        withdrawn?: true;
      }
    >
  /** The same money once more, cut otherwise: nobody judges it, and it is never added to what is recorded. */
  | Seen<'spend.detailed', Spent & { cut: CostCut; hour?: Time; usageType?: string; resource?: string; team?: string }>
  /**
   * A limit people gave themselves with the provider, and how far it is used up. `spent` and `expected` (at the end of its time) are the
   * provider's figures of the time from `from` until `until` (not included). `name` is what people called it.
   */
  | Seen<'budget.seen', { name: string; per: BudgetSpan; from: Time; until: Time; limit: Money; spent: Money; expected?: Money }>
  /** Two subjects belong together: `from` is the newer or the dependent one (key of user, session of role, user created by, machine started by). */
  | Seen<'identity.linked', { from: Subject; to: Subject; how: 'key of' | 'session of' | 'assumed' | 'created' | 'started' }>
  /** A call of our own that the provider records and refuses came back by that path after so many seconds; without them it did not in time. */
  | Seen<'probe.returned', { path: 'push' | 'poll'; sentAt: Time; seconds?: number; within: number }>
  /** How far behind a queue of ours is; `dead`: messages nobody could read. */
  | Seen<'queue.measured', { resource: Subject; oldestSeconds: number; dead: number }>
  /** A look ended: "17 of 17 regions". `gap` says in plain words what could not be seen and why. `since` is where the look began reading. */
  | Seen<
      'look.finished',
      { source: string; noun: string; of: number; seen: number; since?: Time; upTo: Time; complete: boolean; gap?: string }
    >;

export type Kind = Observation['kind'];
export type Of<K extends Kind> = Extract<Observation, { kind: K }>;
/** The total order in which everything is judged: event time, then id. */
export const inOrder = (a: { at: Time; id: string }, b: { at: Time; id: string }): number =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
