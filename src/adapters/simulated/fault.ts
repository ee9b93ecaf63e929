/** What AWS answers when it says no. `code` is the one on the wire; CloudTrail's spelling follows from it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

/** Troubles that can be switched on while the account runs. */
export type FaultSettings = {
  /** Some calls are refused as too many. Service, operation and region narrow it; `rate` is the share refused, 0 to 1. */
  throttling: {
    service?: string | undefined;
    operation?: string | undefined;
    region?: string | undefined;
    rate: number;
    code?: string | undefined;
  }[];
  /** Real milliseconds before every HTTP answer. */
  latencyMs: number;
  /** Regional calls there are refused, as by a policy of the organization. */
  deniedRegions: string[];
  /** Virtual seconds until a change of users, keys, roles or policies is believed. */
  consistencySeconds: number;
  /** How long a record takes to become readable: lognormal with this mean, cut at `capSeconds` (virtual). */
  lookupLag: { meanSeconds: number; capSeconds: number };
};

/** IAM: "about 4 s" was measured by several write-ups of 2025–2026; the log: AWS names 5 minutes on average and up to 15 in the event history. */
export const usualFaults: FaultSettings = {
  throttling: [],
  latencyMs: 0,
  deniedRegions: [],
  consistencySeconds: 4,
  lookupLag: { meanSeconds: 300, capSeconds: 900 },
};

export interface Faults {
  set(change: Partial<FaultSettings>): void;
  readonly now: FaultSettings;
}

export function createFaults(start: Partial<FaultSettings>): Faults {
  let now = { ...usualFaults, ...start };
  return {
    set(change) {
      now = { ...now, ...change };
    },
    get now() {
      return now;
    },
  };
}
