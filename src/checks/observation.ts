/**
 * The cloud-neutral vocabulary every cloud is translated into. A new cloud is a translator into these words; no check changes.
 * Add a kind or a field when a check or a remedy uses it. `at` is the provider's time of the event, `heard` is ours.
 */

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
  /** Absent: it was done. */
  outcome?: 'denied' | 'failed';
} & Facts;

export type Observation =
  /** From the log: who asked for compute. `resources` are the machines the provider answered with. */
  | Seen<'compute.asked', { resources: Subject[]; count: number; what: string; shape?: Shape /** Of one of them. */; perHour?: Money }>
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
      }
    >
  | Seen<'compute.refused', { what: string; why: 'dry run' | 'not allowed' | 'quota' | 'capacity' | 'account blocked'; shape?: Shape }>
  | Seen<'launcher.changed', { resource: Subject; desired: number; most: number }>
  /** Any other recorded act of a principal (reads included where the source has them). */
  | Seen<'principal.acted', { operation: string; userAgent?: string; mfa?: boolean }>
  /** `credential` is the new one; `using` is the long-term key it was made with. */
  | Seen<'credential.created', { credential: Subject; form: 'key' | 'password' | 'federation'; owner: Subject; using?: Subject }>
  | Seen<'access.granted', { to: Subject; level: 'admin' | 'other'; how: string; over: Scope }>
  | Seen<'trust.opened', { resource: Subject; to: string; unconditional: boolean }>
  /** `perhaps`: the record alone does not tell whether anything was lost by it. */
  | Seen<
      'guard.weakened',
      { guard: 'audit log' | 'threat detector' | 'budget' | 'alarm' | 'ourselves'; resource: Subject; how: string; perhaps?: true }
    >
  /** The opposite: a guard was switched on. */
  | Seen<'guard.started', { guard: 'audit log'; resource: Subject }>
  /** The provider itself says that a credential leaked or that it quarantined a principal. */
  | Seen<
      'provider.alerted',
      { rule: string; severity: Severity; summary: string; about: 'leak' | 'mining' | 'takeover' | 'other'; subjects: Subject[] }
    >
  /** `day` is YYYY-MM-DD in UTC. Amounts are gross usage unless `charge` says otherwise. */
  | Seen<'spend.recorded', { day: string; service: string; cost: Money; charge: 'usage' | 'fee' | 'tax' | 'credit'; provisional: boolean }>
  /** Two subjects belong together: `from` is the newer or the dependent one (key of user, session of role, user created by, machine started by). */
  | Seen<'identity.linked', { from: Subject; to: Subject; how: 'key of' | 'session of' | 'assumed' | 'created' | 'started' }>
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
