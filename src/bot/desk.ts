/** Where stories are changed: one at a time, a happening in, the story and its effects saved together. */
import type { Finding } from '../checks/check.ts';
import { advance } from './advance.ts';
import type { Advanced, Effect, Happening, Incident } from './incident.ts';
import type { Policy } from './people.ts';
import type { AuditEntry, Change, Clock, Store } from './ports.ts';

export type Desk = {
  /** Moves one story. Resolves to the story after, or undefined when there is no such story. */
  happen(
    id: string,
    make: (incident: Incident) => Happening | undefined,
    audit?: (after: Incident, moved: boolean) => AuditEntry[],
  ): Promise<Incident | undefined>;
  /** Several stories at once, saved together or not at all; `decide` may read the store and is called again when another process was first. */
  decide(decide: () => Promise<Change[]>): Promise<Change[]>;
  /** Runs after everything that is waiting now has been saved. */
  settled(): Promise<void>;
};

export function createDesk(options: { store: Store; clock: Clock; policy: () => Policy; onEffects: () => void }): Desk {
  const { store, policy, onEffects } = options;
  // One writer: stories are changed one after the other, so a conflict can only come from another process.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const decide = (make: () => Promise<Change[]>): Promise<Change[]> =>
    inTurn(async () => {
      for (let attempt = 1; ; attempt += 1) {
        const changes = await make();
        if (changes.length === 0) return changes;
        if ((await store.save(changes)) === 'saved') {
          if (changes.some((change) => change.effects.length > 0)) onEffects();
          return changes;
        }
        if (attempt === 20) throw new Error('another process keeps changing the same stories');
      }
    });

  return {
    decide,
    async happen(id, make, audit) {
      let after: Incident | undefined;
      await decide(async () => {
        const before = await store.incident(id);
        after = before;
        const happening = before && make(before);
        if (!before || !happening) return [];
        const moved = advance(before, happening, policy());
        after = moved.incident;
        const rows = audit?.(moved.incident, moved.incident !== before) ?? [];
        if (moved.incident === before) {
          for (const row of rows) await store.audit(row);
          return [];
        }
        return [changeOf(moved, happening.kind === 'found' ? [happening.finding] : [], rows)];
      });
      return after;
    },
    settled: () => inTurn(async () => undefined),
  };
}

/** Several happenings of one story as one change: one version, one save. */
export function advanceAll(before: Incident, happenings: Happening[], policy: Policy): Advanced {
  let incident = before;
  const effects: Effect[] = [];
  for (const happening of happenings) {
    const step = advance(incident, happening, policy);
    incident = step.incident;
    effects.push(...step.effects);
  }
  return { incident: incident === before ? before : { ...incident, version: before.version + 1 }, effects: withoutRepeats(effects) };
}

export const changeOf = (moved: Advanced, findings: Finding[], audit: AuditEntry[] = []): Change => ({
  incident: moved.incident,
  effects: withoutRepeats(moved.effects),
  ...(findings.length > 0 ? { findings } : {}),
  ...(audit.length > 0 ? { audit } : {}),
});

// Showing twice in a row shows the same thing.
function withoutRepeats(effects: Effect[]): Effect[] {
  const shows = effects.findLastIndex((effect) => effect.kind === 'show');
  return effects.filter((effect, index) => effect.kind !== 'show' || index === shows);
}
