/** The life of an incident (one story): its types, and `advance`, the pure function that moves it. */
import type { Finding } from '../checks/check.ts';
import type { Actor, Severity, Subject, Time } from '../checks/observation.ts';
import type { MessageRef } from './message.ts';
import type { PlanItem, StepOutcome } from './ports.ts';

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
  follows?: { actors: Subject[]; names: string[]; since: Time; until: Time; most: number };
  /** When the door is really shut, and what stays open. */
  shutBy: Time;
  shutWhy: string;
  holes: string[];
  spared: { count: number; why: string }[];
  usdPerHour: number;
  peopleNeeded: number;
};

export type Step = StepOutcome & { item: PlanItem; at: Time; followed: boolean; undone?: StepOutcome & { at: Time } };
export type StoryFinding = Finding & { state: 'active' | 'cleared'; clearedWhy?: string; changedAt: Time };

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
  headline: string;
  findings: Record<string, StoryFinding>;
  /** Everything the story is about: its findings' subjects and what is linked to them. */
  subjects: Subject[];
  actors: Actor[];
  plan?: Plan;
  approvals: { by: PersonId; hash: string; at: Time }[];
  steps: Record<string, Step>;
  /** The looks after acting. Contained is not said before the last of them. */
  watch?: { looks: { due: Time; saw?: string }[]; containedAt?: Time };
  owner?: { by: PersonId; at: Time };
  pagedAt?: Time;
  resolved?: { at: Time; why: string; by?: PersonId };
  /** Where `lookInto` stopped, in plain words. */
  lookedInto: string[];
  /** The living card on each platform, and the message of the question. */
  cards: MessageRef[];
  questions: MessageRef[];
  /** What happened, for the thread and the record; the newest last, at most 100. */
  history: { at: Time; text: string }[];
};

export type Happening = { at: Time } & (
  | { kind: 'found'; finding: Finding; subjects: Subject[]; actors: Actor[] }
  | { kind: 'cleared'; key: string; why: string }
  | { kind: 'taken'; by: PersonId }
  | { kind: 'asked'; by: PersonId; want: Plan['kind'] }
  | { kind: 'planned'; plan: Plan }
  | { kind: 'unplanned'; why: string }
  | { kind: 'approved'; by: PersonId; hash: string }
  | { kind: 'declined'; by: PersonId }
  | { kind: 'stepped'; item: PlanItem; outcome: StepOutcome; followed: boolean }
  | { kind: 'unstepped'; item: PlanItem; outcome: StepOutcome }
  | { kind: 'acted' }
  | { kind: 'looked'; due: Time; saw: string; back: PlanItem[]; more: PlanItem[] }
  | { kind: 'looked into'; note: string; subjects: Subject[]; actors: Actor[] }
  | { kind: 'expected'; by: PersonId; until: Time }
  | { kind: 'resolved'; by?: PersonId; why: string }
  | { kind: 'expired' }
  | { kind: 'joined'; into: string }
  | { kind: 'absorbed'; other: Incident }
  | { kind: 'due'; what: 'page' }
  | { kind: 'posted'; what: 'card' | 'question'; ref: MessageRef }
);

/** Data, saved with the incident in one transaction; something else carries them out, at least once. */
export type Effect =
  /** Render the latest card and question; an older version is never sent after a newer. */
  | { kind: 'show' }
  /** A new short message in the thread. `mention` only where somebody must look. */
  | { kind: 'nudge'; text: string; mention: boolean }
  | { kind: 'page' }
  | { kind: 'look into'; subjects: Subject[] }
  | { kind: 'plan'; want: Plan['kind']; by: PersonId }
  | { kind: 'act'; plan: string }
  | { kind: 'follow'; plan: string; items: PlanItem[] }
  | { kind: 'look again'; plan: string; due: Time }
  | { kind: 'expire'; plan: string; at: Time };
