/**
 * The tables as Kysely sees them. Times are ISO text, truth values 0 or 1, documents JSON text: the same in every dialect.
 * A scope is one text, `aws/account/123456789012`.
 */
import type { Generated } from 'kysely';
import type { Scope, Subject } from '../../checks/observation.ts';

export type Tables = {
  /** `doc` is the observation without `heard`, so that reading the same thing again changes one short column. */
  observations: { id: string; at: string; heard: string; doc: string };
  raw: { id: string; heard: string; doc: string };
  /** `doc` holds what does not change with every look; `seen_at` and `gone_at` stand beside it. */
  machines: {
    resource: string;
    source: Generated<string>;
    scope: string;
    region: string;
    seen_at: string;
    gone_at: string | null;
    doc: string;
  };
  links: { from_subject: string; to_subject: string; how: string; at: string };
  looks: { source: string; scope: string; region: string; at: string; doc: string };
  /** `cut` is empty for what is recorded; `detail` holds what else tells rows apart, as JSON, or nothing. */
  costs: {
    cut: string;
    day: string;
    scope: string;
    region: string;
    service: string;
    charge: string;
    currency: string;
    detail: string;
    amount: number;
    net: number | null;
    provisional: number;
    heard: string;
  };
  budgets: { scope: string; name: string; until: string; heard: string; doc: string };
  cursors: { source: string; scope: string; name: string; value: string };
  memory: { memory: string; key: string; day: string; first: string; last: string; value: number };
  incidents: { id: string; version: number; state: string; opened_at: string; changed_at: string; doc: string };
  findings: { incident: string; key: string; doc: string };
  /** `raw` stays empty until a source brings the record. */
  evidence: { incident: string; id: string; raw: string | null };
  /** `patient`: lets younger effects of its lane pass while it waits for its time. `leased_until`: taken by a worker. */
  effects: {
    id: number;
    incident: string;
    lane: string;
    patient: number;
    due_at: string;
    leased_until: string | null;
    attempts: number;
    state: string;
    last_error: string | null;
    doc: string;
  };
  audit: { number: number; at: string; who: string; what: string; incident: string | null; data: string; hash: string };
  /** Two signed rows: 'head', the last row of the log, and 'forgotten', the last row that retention removed. */
  audit_marks: { name: string; number: number; hash: string; mac: string };
  buttons: { id: string; meaning: string; form: string | null; shown_at: string };
  expectations: { id: string; until: string; hid: number; doc: string };
  settings: { name: string; value: string };
  counters: { name: string; value: number };
  calls: { day: string; scope: string; operation: string; calls: number; usd: number };
};

export const scopeText = (scope: Scope): string => `${scope.cloud}/${scope.level}/${scope.id}`;
export function scopeOf(text: string): Scope {
  const [cloud, level, ...id] = text.split('/');
  return { cloud, level, id: id.join('/') } as Scope;
}
export const subjectOf = (text: string): Subject => text as Subject;

/** A statement with thousands of parameters is cut into pieces: SQLite takes at most 32,766. */
export function chunks<T>(list: readonly T[], size = 500): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < list.length; start += size) result.push(list.slice(start, start + size));
  return result;
}
