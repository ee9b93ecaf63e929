/** The doors of the bot. Decisions in this folder reach the world only through these. */
import type { Finding, Remedy } from '../checks/check.ts';
import type { BudgetSpan, CostCut, Money, Observation, Place, Scope, Shape, Subject, Time } from '../checks/observation.ts';
import type { Effect, Incident } from './incident.ts';
import type { Form, Message, MessageRef } from './message.ts';
import type { PlanItem, StepOutcome } from './step.ts';

export type { PlanItem, StepOutcome };

/** `now()` is the only clock of the bot. In the demo and in tests it is virtual. */
export interface Clock {
  now(): Time;
  /** Resolves after so many seconds of this clock's time, or at once when the signal aborts. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

// ---- chat -------------------------------------------------------------------------------------------------------------------

/** A chat account: Slack user and team, Discord user and guild, console person and 'console'. Rights come from the configuration alone. */
export type ChatUser = { platform: string; user: string; space: string; name?: string };
/** `id` is the platform's id of this very press (for de-duplication); `values` are a submitted form's. */
export type Press = { id: string; button: string; by: ChatUser; ref: MessageRef; values?: Record<string, string> };
export type Command = { id: string; text: string; by: ChatUser; room: string };
/** What the person who pressed or typed gets to see privately; nothing when the change of the card says it all. */
export type Answer = Message | undefined;

export interface ChatHandlers {
  /** The form a button opens, known before anything is acknowledged; undefined: it is a plain button. Answers within milliseconds. */
  form(button: string): Promise<Form | undefined>;
  press(press: Press): Promise<Answer>;
  command(command: Command): Promise<Answer>;
}

export interface Chat {
  readonly platform: string;
  /** The room alerts and digests go to. */
  readonly room: string;
  start(on: ChatHandlers): Promise<void>;
  stop(): Promise<void>;
  /** `once` makes a repeated send harmless where the platform can (at most 25 characters). `under` answers in that message's thread. */
  post(message: Message, options?: { under?: MessageRef; mention?: 'nobody' | 'responders'; once?: string }): Promise<MessageRef>;
  update(ref: MessageRef, message: Message): Promise<void>;
  /** Undefined when all is well, else in plain words what is wrong (shown as a blind spot on the other platforms). */
  trouble(): string | undefined;
}

// ---- clouds -----------------------------------------------------------------------------------------------------------------

export type Permission = { system: 'aws-iam' | 'gcp-iam' | 'azure-rbac'; name: string };
export type Cursors = Record<string, string>;
/** What one step of a look brought. `raw` holds the scrubbed provider records by evidence id; kept when they become evidence. */
export type Batch = { observations: Observation[]; raw: Record<string, unknown>; cursors: Cursors };

/** A source streams what it sees and says what it could not see: every look ends in a `look.finished` per place. It throws only on bugs. */
export interface Source {
  /** e.g. 'aws/inventory'; with the account it names the cursors. */
  name: string;
  scope: Scope;
  everySeconds: number;
  /** It lists machines: what a complete look of it no longer returns has ended. */
  lists?: 'machines';
  permissions: Permission[];
  /** What is due. `everywhere`: somebody is about to act, or has acted, and wants to know of every region now. */
  collect(cursors: Cursors, options?: { everywhere?: boolean }): AsyncIterable<Batch>;
  /** Something was heard that only looking can explain: it is to be looked at once, whatever `everySeconds` says. */
  isDue?(): boolean;
  /** Reads one past day (YYYY-MM-DD, UTC) for the first start. */
  history?(day: string): AsyncIterable<Batch>;
  /** Everything a credential, session or principal did since then, reads included where the provider has them. */
  lookInto?(subject: Subject, since: Time): AsyncIterable<Batch>;
  /** Ends a look that only waits for something to come. Called once, when the bot stops. */
  stop?(): void;
}

/** Who lets it happen: stands in the provider's own log where it can (AWS: SourceIdentity, session name). */
export type Warrant = { incident: string; plan: string; approvedBy: string[] };

export interface Remedier {
  scope: Scope;
  permissions: Permission[];
  /** Reads only. `holes`: what stays open, in plain words. `shutBySeconds`: the longest time until the door is surely shut. */
  plan(remedies: Remedy[]): Promise<{ items: PlanItem[]; holes: string[]; shutBySeconds: number; shutWhy: string }>;
  /** Looks first, then acts; running it twice has the effect of once. Never throws for an outcome the provider gave. */
  apply(item: PlanItem, warrant: Warrant): Promise<StepOutcome>;
  /** Is it still so? 'undone': somebody reversed it; 'unseen': could not be read (why). Reads only. */
  verify(item: PlanItem): Promise<{ state: 'holds' | 'undone' | 'unseen'; why?: string }>;
  undo(item: PlanItem, warrant: Warrant): Promise<StepOutcome>;
}

/** One guarded account: how it is seen and touched. */
export interface GuardedAccount {
  scope: Scope;
  name: string;
  usualMonthlyUsd?: number;
  sources: Source[];
  /** Absent: observe only. */
  remedier?: Remedier;
  /** Warnings found at start, in plain words: the caller is root, an IAM user, or lives in a guarded account. */
  warnings(): Promise<string[]>;
  /** Something is suspected here: for some hours it is looked at more often. */
  hurry?(): void;
  /** Calls made since the last time it was asked, with their price in USD. */
  meter(): { operation: string; calls: number; usd: number }[];
}

// ---- store ------------------------------------------------------------------------------------------------------------------

/** A machine as the inventory last saw it. */
export type Machine = {
  resource: Subject;
  place: Place;
  /** The source that sees it. */
  by: string;
  what: string;
  shape: Shape;
  name?: string;
  usdPerHour?: number;
  estimated: boolean;
  startedAt: Time;
  seenAt: Time;
  goneAt?: Time;
};
/** The last look of a source at a place. */
export type Look = {
  source: string;
  place: Place;
  at: Time;
  upTo: Time;
  noun: string;
  of: number;
  seen: number;
  complete: boolean;
  gap?: string;
};
export type Link = { from: Subject; to: Subject; how: string; at: Time };
/**
 * One row of cost: gross usage and the other charge types kept apart. The scope is a payer where the provider told only what all its
 * accounts cost together. Rows of one cut may be added up, rows of two never.
 */
export type CostRow = {
  day: string;
  scope: Scope;
  region: string;
  service: string;
  charge: 'usage' | 'fee' | 'tax' | 'credit';
  amount: number;
  currency: string;
  provisional: boolean;
  /** The same after discounts; credits are rows of their own. */
  net?: number;
  /** The provider's word for what is not usage. */
  recordType?: string;
  usageType?: string;
  resource?: string;
  team?: string;
  /** Where it is a row of one hour: when that began. */
  hour?: Time;
};
/** A budget people set with the provider, as it was last read. */
export type Budget = {
  scope: Scope;
  name: string;
  per: BudgetSpan;
  from: Time;
  until: Time;
  limit: Money;
  spent: Money;
  expected?: Money;
  readAt: Time;
};
/** Why and what an audit row records. `data` must hold no secret. */
export type AuditEntry = { at: Time; who: string; what: string; incident?: string; data: Record<string, unknown> };
export type AuditRow = AuditEntry & { number: number; hash: string };
export type StoredEffect = {
  id: number;
  incident: string;
  effect: Effect;
  attempts: number;
  dueAt: Time;
  lastError?: string;
  state: 'waiting' | 'done' | 'dead';
};
/** What an expectation hid: the finding, when it was last hidden, and what it cost then. */
export type Hidden = { key: string; title: string; at: Time; usdPerHour: number };
/**
 * What somebody said is expected. `kind`: once (a day), of one principal, a window declared beforehand, or how it will always be from now
 * on; older ones have none.
 */
export type Expectation = {
  id: string;
  kind?: 'once' | 'principal' | 'window' | 'new normal';
  /** By its id, never by a pattern. Absent: whoever it is. */
  principal?: Subject;
  /** A check's id, or 'machines'. */
  check: string;
  /** Or 'any'. */
  region: string;
  /** Declared beforehand: what began earlier is not hidden. */
  from?: Time;
  /** Who ended it before its time. */
  endedBy?: string;
  /** What it hid last, the newest last, at most 20. */
  hidden?: Hidden[];
  /** What it hid and still went on was told after its end. */
  reviewed?: true;
  scope: Scope;
  capUsdPerHour: number;
  /** It is about money: so much a day may be spent there (`service`: by this alone), in this currency; the cap an hour is 0 then. */
  money?: { capPerDay: number; currency: string; service?: string };
  until: Time;
  by: string;
  at: Time;
  hid: number;
};
/** One entry of a check's memory, older than the window in which order may still change; see inspect.ts. */
export type MemoryEntry = { memory: string; key: string; day: string; first: Time; last: Time; value: number };
/** A change of one story, saved as a whole or not at all. */
export type Change = { incident: Incident; findings?: Finding[]; effects: Effect[]; audit?: AuditEntry[] };

export interface Store {
  close(): Promise<void>;

  /** Keeps observations (the same id: the one heard later wins), their scrubbed raw records, what follows from them (machines, links, looks, costs) and the cursors, in one transaction. Returns those that were new or changed. */
  keep(source: { name: string; scope: Scope }, batch: Batch): Promise<Observation[]>;
  cursors(source: { name: string; scope: Scope }): Promise<Cursors>;
  /** In event order. */
  observations(since: Time, until?: Time): AsyncIterable<Observation>;
  /** Machines that source saw in that scope and region last before that time, and that are not gone, are marked gone. Returns them. */
  markGone(source: string, place: Place, before: Time, at: Time): Promise<Machine[]>;
  machines(filter?: { resources?: Subject[]; running?: boolean }): Promise<Machine[]>;
  looks(): Promise<Look[]>;
  /** Links that touch any of these subjects, either end; all of them when no subject is given. */
  links(subjects?: Subject[]): Promise<Link[]>;
  /** Both days are included. Without a cut: by account (or payer), service and region, each charge once. */
  costs(from: string, to: string, cut?: CostCut): Promise<CostRow[]>;
  /** Budgets whose time is not over. */
  budgets(now: Time): Promise<Budget[]>;

  /** Replaces the compacted memory and its horizon in one transaction. */
  saveMemory(horizon: Time, entries: MemoryEntry[]): Promise<void>;
  memory(): Promise<{ horizon: Time | undefined; entries: MemoryEntry[] }>;

  nextIncidentNumber(): Promise<number>;
  incident(id: string): Promise<Incident | undefined>;
  incidents(filter?: { states?: Incident['state'][]; since?: Time }): Promise<Incident[]>;
  /** Saves all of these stories, their findings' evidence, effects and audit rows in ONE transaction, each only if its stored version is `incident.version - 1`. */
  save(changes: Change[]): Promise<'saved' | 'someone was first'>;
  /** Raw records that are evidence of a story. */
  evidence(incident: string): Promise<{ id: string; raw: unknown }[]>;

  /** Takes due effects under a lease, oldest first, never two of one incident at once and never one before an older one of its incident. */
  claim(now: Time, leaseSeconds: number, most: number): Promise<StoredEffect[]>;
  /** At start, by the only process that works on this store: what a dead process had in hand is free at once. */
  releaseLeases(): Promise<void>;
  finish(id: number): Promise<void>;
  /** Back to waiting until then. */
  postpone(id: number, until: Time, error: string): Promise<void>;
  /** Dead letter: shown, never dropped. */
  bury(id: number, error: string): Promise<void>;
  deadEffects(): Promise<StoredEffect[]>;
  nextEffectDue(): Promise<Time | undefined>;

  /** Durably appended before it returns; chained by an HMAC whose key is outside the database. */
  audit(entry: AuditEntry): Promise<AuditRow>;
  auditRows(filter: { incident?: string; most: number }): Promise<AuditRow[]>;
  /** Rows between these times that announce a step in the cloud ('about to act', 'about to undo'), and when the audit began. */
  announced(from: Time, until: Time): Promise<{ began: Time | undefined; rows: AuditRow[] }>;
  lastAuditHash(): Promise<string>;
  verifyAudit(): Promise<{ ok: true; rows: number } | { ok: false; number: number; why: string }>;

  /** Button digests of messages shown, so that a press can be understood; the meaning lives here, never in the button. */
  saveButtons(buttons: { id: string; meaning: unknown; form?: Form }[]): Promise<void>;
  button(id: string): Promise<{ meaning: unknown; form?: Form } | undefined>;

  saveExpectation(expectation: Expectation): Promise<void>;
  expectations(now: Time): Promise<Expectation[]>;
  /** Counts, and names what was hidden. */
  countHidden(id: string, what?: Hidden): Promise<void>;

  /** Small durable facts: last runs of jobs, one-time logins, the paused state, progress of the first reading. */
  setting(name: string): Promise<string | undefined>;
  setSetting(name: string, value: string | undefined): Promise<void>;

  addCalls(day: string, scope: Scope, calls: { operation: string; calls: number; usd: number }[]): Promise<void>;
  calls(from: string, to: string): Promise<{ day: string; operation: string; calls: number; usd: number }[]>;

  /** Deletes what is older than its retention. Returns how many rows went. */
  forget(now: Time, days: { observations: number; incidents: number }): Promise<number>;
}

/** Anything outside the process that is told: the pager, the heartbeat, the findings file. */
export interface Notices {
  page(text: { incident: string; severity: string; summary: string; usdPerHour: number | null }): Promise<void>;
  heartbeat(): Promise<void>;
  finding(line: Record<string, unknown>): Promise<void>;
}

/** Constant text, data beside it; never a secret. */
export interface Log {
  debug(data: object, text: string): void;
  info(data: object, text: string): void;
  warn(data: object, text: string): void;
  error(data: object, text: string): void;
}

/** An answer from outside that is an error: what was tried, and whether trying again helps. */
export class OutsideError extends Error {
  readonly tried: string;
  readonly again: boolean;
  /** How long the other side asked us to wait. */
  readonly retryAfterSeconds: number | undefined;
  constructor(tried: string, again: boolean, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(tried, options);
    this.tried = tried;
    this.again = again;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}
