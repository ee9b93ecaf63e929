/** A story: what is kept of it, what may happen to it, and what follows. How it moves is in advance.ts. */
import type { Finding } from '../checks/check.ts';
import type { Actor, Severity, Subject, Time } from '../checks/observation.ts';
import type { MessageRef } from './message.ts';
import type { PlanItem, StepOutcome } from './step.ts';

/** One human, however many chat accounts. */
export type PersonId = string;

/** What was shown, hashed and approved together. */
export type Plan = {
  id: string;
  /** 'undo' takes back what an earlier plan did. */
  kind: 'contain' | 'stop' | 'revoke' | 'undo';
  hash: string;
  madeAt: Time;
  askedBy: PersonId;
  /** A press after this is refused. */
  expiresAt: Time;
  /** Approved, but not begun by then: it is not begun. */
  executeBefore: Time;
  items: PlanItem[];
  /** Also whatever these start (and identities they create) until then, at most so many resources. */
  follows?: {
    actors: Subject[];
    names: string[];
    /** Machines whose starter the log has not named yet: whoever it names belongs to the actors. */
    startersOf: Subject[];
    since: Time;
    until: Time;
    most: number;
  };
  /** When the door is really shut, and what stays open. */
  shutBy: Time;
  shutWhy: string;
  holes: string[];
  spared: { count: number; why: string }[];
  usdPerHour: number;
  peopleNeeded: number;
};

export type Step = StepOutcome & { item: PlanItem; at: Time; followed: boolean; undone?: StepOutcome & { at: Time } };
export type StoryFinding = Finding & {
  state: 'active' | 'cleared';
  clearedWhy?: string;
  changedAt: Time;
  /** ATT&CK ids of what its check is about. */
  tactics?: string[];
};

export type Approval = { by: PersonId; hash: string; at: Time };

export type Incident = {
  id: string;
  version: number;
  state: 'open' | 'planning' | 'asking' | 'acting' | 'watching' | 'resolved' | 'expected' | 'joined';
  joinedInto?: string;
  openedAt: Time;
  /** Time of the first act, by the provider's clock. */
  beganAt: Time;
  changedAt: Time;
  severity: Severity;
  /** Why it is worse than its worst finding, in one sentence. */
  raised?: { from: Severity; why: string };
  /** When principals that act in it were created, as far as that is known. */
  born?: Record<Subject, Time>;
  headline: string;
  findings: Record<string, StoryFinding>;
  /** Everything the story is about: its findings' subjects and what is linked to them. */
  subjects: Subject[];
  actors: Actor[];
  /** The plan that is asked about or carried out. */
  plan?: Plan;
  approvals: Approval[];
  /** The approved plan whose steps and following rule are in force. */
  standing?: { plan: Plan; approvals: Approval[] };
  steps: Record<string, Step>;
  /** Steps that were begun, by the plan they were begun under: after a crash "already so" may have been us. */
  begun?: Record<string, string>;
  /** What an earlier plan did to the items of the plan that is being carried out; an undo goes back to the state before that. */
  earlier?: Record<string, Step>;
  /** The looks after acting. Contained is not said before the last of them. */
  watch?: { looks: { due: Time; saw?: string }[]; containedAt?: Time };
  /** What people were last called for because the approved plan does not cover it, so that nobody is called twice for the same. */
  uncovered?: { mentionedAt: Time; situations: string[] };
  owner?: { by: PersonId; at: Time };
  pagedAt?: Time;
  resolved?: { at: Time; why: string; by?: PersonId };
  /** Where `lookInto` stopped, in plain words. */
  lookedInto: string[];
  /** The living card on each platform, and the message of the question. */
  cards: MessageRef[];
  questions: (MessageRef & { plan: string })[];
  /** Plans whose question still looks open in the chat: it is drawn once more when it is closed, and then left alone. */
  asked?: Plan[];
  /** What happened, for the thread and the record; the newest last, at most 100. */
  history: { at: Time; text: string }[];
};

export type Happening = { at: Time } & (
  | { kind: 'found'; finding: Finding; subjects: Subject[]; actors: Actor[]; tactics?: string[]; born?: Record<Subject, Time> }
  | { kind: 'cleared'; key: string; why: string }
  | { kind: 'taken'; by: PersonId }
  | { kind: 'asked'; by: PersonId; want: Plan['kind'] }
  | { kind: 'planned'; plan: Plan }
  | { kind: 'unplanned'; why: string }
  /** Carrying out stopped half-way: what was done stays done and is watched. */
  | { kind: 'interrupted'; why: string }
  | { kind: 'approved'; by: PersonId; hash: string }
  | { kind: 'declined'; by: PersonId }
  /** The cloud is about to be touched: saved with the audit row, before. */
  | { kind: 'stepping'; item: PlanItem; plan: string }
  | { kind: 'stepped'; item: PlanItem; outcome: StepOutcome; followed: boolean }
  | { kind: 'unstepped'; item: PlanItem; outcome: StepOutcome }
  | { kind: 'acted' }
  /** `back`: steps somebody undid. `more`: new items that the approved rule covers. `beyond`: what belongs to the story, goes on, and is not covered. */
  | { kind: 'looked'; due: Time; saw: string; back: PlanItem[]; more: PlanItem[]; beyond: number }
  /** Machines of the story changed; only the card must be drawn again. */
  | { kind: 'refreshed' }
  /** Links showed more that belongs to the story, or when somebody in it was created. */
  | { kind: 'grown'; subjects: Subject[]; born?: Record<Subject, Time> }
  | { kind: 'looked into'; note: string; subjects: Subject[]; actors: Actor[] }
  | { kind: 'expected'; by: PersonId; until: Time }
  | { kind: 'resolved'; by?: PersonId; why: string }
  | { kind: 'expired' }
  | { kind: 'joined'; into: string }
  | { kind: 'absorbed'; other: Incident }
  | { kind: 'due'; what: 'page' }
  | { kind: 'posted'; what: 'card'; ref: MessageRef }
  | { kind: 'posted'; what: 'question'; ref: MessageRef; plan: string }
  /** The question about that plan was drawn there for the last time. */
  | { kind: 'closed'; plan: string; platform: string }
  /** Some platforms got it and these did not: they get it later, and keep nobody waiting. */
  | { kind: 'unsent'; effect: Extract<Effect, { kind: 'show' | 'nudge' }>; platforms: string[] }
);

/** Data, saved with the incident in one transaction; something else carries them out, at least once. */
export type Effect =
  /** Render the latest card and question; an older version is never sent after a newer. */
  | { kind: 'show'; only?: string }
  /** A new short message in the thread. `mention` only where somebody must look. `result`: what was done stands in it, as far as it is known when it is sent. `only`: to that platform. */
  | { kind: 'nudge'; text: string; mention: boolean; result?: true; only?: string }
  | { kind: 'page'; at: Time }
  | { kind: 'look into'; subjects: Subject[] }
  | { kind: 'plan'; want: Plan['kind']; by: PersonId }
  | { kind: 'act'; plan: string }
  | { kind: 'follow'; plan: string; items: PlanItem[] }
  | { kind: 'look again'; plan: string; due: Time }
  | { kind: 'expire'; plan: string; at: Time };

export type Advanced = { incident: Incident; effects: Effect[] };
