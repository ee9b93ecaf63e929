import type { z } from 'zod';
import type { Actor, Kind, Of, Place, Scope, Severity, Subject, Time } from './observation.ts';

/**
 * What a check must remember. The engine keeps it, bounded and decaying, and rebuilds it by replay. Memory of kind `seen` and `most`
 * never admits evidence of a finding of *medium* or more: a baseline must not learn the attacker. `recent` is a plain window; `daily`
 * keeps one sum for each day (UTC) and key. `after`: a value counts only once it is more than so many minutes old, so that the greatest
 * window ever does not contain the window it is compared with.
 */
export type Remembered<O> =
  | { kind: 'seen'; key: (o: O) => string | undefined; days: number }
  | {
      kind: 'most';
      key: (o: O) => string | undefined;
      value: (o: O, recent: Record<string, readonly O[]>) => number;
      days: number;
      after?: number;
    }
  | { kind: 'recent'; key: (o: O) => string | undefined; minutes: number; most: number }
  | { kind: 'daily'; key: (o: O) => string | undefined; day: (o: O) => string; value: (o: O) => number; days: number };

/**
 * What was known strictly before `now` in event order. `recent` includes `now` itself as its last element; `daily` includes it in its
 * day's sum, oldest day first. A memory for which `now` has no key is empty.
 */
export type Recall<O, R> = R extends { kind: 'seen' }
  ? { known: boolean; learning: boolean; first?: Time; last?: Time; days: number }
  : R extends { kind: 'most' }
    ? { value: number; learning: boolean }
    : R extends { kind: 'recent' }
      ? readonly O[]
      : R extends { kind: 'daily' }
        ? readonly { day: string; value: number }[]
        : never;

/** One thing that can be wrong. A check never reads a clock, a file, a network or its own memory. */
export type Check<K extends Kind = Kind, M extends Record<string, Remembered<Of<K>>> = Record<string, Remembered<Of<K>>>, P = unknown> = {
  /** Equals its path: 'compute/never-used-region'. */
  id: string;
  title: string;
  why: string;
  /** In plain words, when it is how loud. */
  severity?: string;
  falseAlarms: string[];
  misses: string[];
  /** MITRE ATT&CK tactic, e.g. 'Impact (TA0040)'. */
  tactic: string;
  references: string[];
  /** A trial check speaks in the digest only. */
  maturity: 'trial' | 'stable';
  watches: readonly K[];
  /** Of these kinds alone the check may say something; what else it watches it only remembers. Absent: of all it watches. */
  judges?: readonly K[];
  /** event: it happened. state: true while the resources it is about run; a complete look that no longer returns them clears it. */
  nature: 'event' | 'state';
  remembers: M;
  /** Defaults and descriptions: also the configuration's schema and the generated page. */
  params: z.ZodType<P>;
  /** `recall` is what was known before `now.at`. Returns at most one finding per key. */
  evaluate(now: Of<K>, recall: { [N in keyof M]: Recall<Of<K>, M[N]> }, params: P): Finding[];
};

/** A check as the engine holds it, its own types forgotten. */
export type AnyCheck = Check;

/** Types a check from its own parts; the engine needs only the general shape. */
export function defineCheck<K extends Kind, const M extends Record<string, Remembered<Of<K>>>, P>(check: Check<K, M, P>): AnyCheck {
  return check as unknown as AnyCheck;
}

/**
 * What a check says. Findings of one key are one finding: the engine unites `about`, `evidence`, `usdPerHour` and `facts` and takes the
 * earliest `at` and the highest severity, so that the order of arrival does not matter.
 */
export type Finding = {
  key: string;
  check: string;
  at: Time;
  place: Place;
  severity: Severity;
  /** The headline: what is happening to you, in plain words, without counts that may grow. */
  title: string;
  about: Subject[];
  actor?: Actor;
  /** Provider's ids of the raw records. */
  evidence: string[];
  /** List price in USD an hour, by resource, so that one machine seen by two sources counts once. */
  usdPerHour: Record<Subject, number>;
  /** Small labelled facts for the card and the record. */
  facts: Record<string, string>;
  remedies: Remedy[];
  learning: boolean;
};

/** What could be done, in words every cloud understands. */
export type Remedy =
  | { kind: 'disable-credential'; credential: Subject; owner?: Actor }
  | { kind: 'deny-principal'; principal: Actor; over: Scope }
  | { kind: 'stop-compute'; resources: Subject[]; over: Scope };
export type RemedyKind = Remedy['kind'];
