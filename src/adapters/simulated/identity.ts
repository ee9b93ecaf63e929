import type { Policy } from './policy.ts';

export type AttachedPolicies = {
  /** ARNs of managed policies. */
  attached: readonly string[];
  /** Inline policies: the document as it was put, by name. */
  inline: Readonly<Record<string, string>>;
};
export type User = AttachedPolicies & {
  name: string;
  id: string;
  path: string;
  createdMs: number;
  login?: { createdMs: number; resetRequired: boolean };
  mfa: boolean;
  tags: readonly { Key: string; Value: string }[];
};
export type Role = AttachedPolicies & { name: string; id: string; path: string; createdMs: number; trust: string; description?: string };
export type Group = AttachedPolicies & { name: string; id: string; path: string; createdMs: number; members: readonly string[] };
/** A policy of the account's own, by ARN. */
export type OwnPolicy = {
  name: string;
  id: string;
  arn: string;
  createdMs: number;
  versions: readonly { id: string; document: string; isDefault: boolean; createdMs: number }[];
};
/** Keys of the root user hang on nobody's name: no user can be called so. */
export const rootName = '<root>';
export type Key = { id: string; user: string; active: boolean; createdMs: number };
/** A temporary credential. It is believed at once and lives on when the key it came from is cut: that is what makes sessions dangerous. */
export type Session = {
  id: string;
  of: { kind: 'user' | 'role' | 'federated' | 'root'; name: string };
  sessionName: string;
  createdMs: number;
  policy?: Policy;
  sourceIdentity?: string;
  mfa: boolean;
};

/** Users, roles and keys at one moment. Never changed in place, so that the account can still answer from a moment ago. */
export type Identity = {
  readonly users: ReadonlyMap<string, User>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly keys: ReadonlyMap<string, Key>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly policies: ReadonlyMap<string, OwnPolicy>;
};

/** IAM as it is and as it was: what was just changed is not yet believed everywhere. */
export type IdentityHistory = {
  latest(): Identity;
  asOf(ms: number): Identity;
  change(ms: number, change: (identity: Identity) => Partial<Identity>): void;
};

export function createIdentityHistory(): IdentityHistory {
  const versions: { fromMs: number; identity: Identity }[] = [
    {
      fromMs: Number.NEGATIVE_INFINITY,
      identity: { users: new Map(), roles: new Map(), keys: new Map(), groups: new Map(), policies: new Map() },
    },
  ];
  const latest = () => versions.at(-1)!.identity;
  return {
    latest,
    asOf: (ms) => versions.findLast((version) => version.fromMs <= ms)?.identity ?? latest(),
    change(ms, change) {
      versions.push({ fromMs: ms, identity: { ...latest(), ...change(latest()) } });
      // An hour is far more than any eventual consistency; older versions answer nobody.
      while (versions.length > 2 && versions[1]!.fromMs < ms - 3_600_000) versions.splice(0, 1);
    },
  };
}

export const having = <T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> => new Map(map).set(key, value);
export const without = <T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> =>
  new Map([...map].filter(([other]) => other !== key));
