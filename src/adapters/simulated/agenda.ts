import type { World } from './world.ts';

/** What the account does by itself at its time: groups start machines, raised limits are granted. */
export type Agenda = {
  /** Due at that time of the account; at once when it lies in the past. */
  add(ms: number, deed: (world: World, ms: number) => void): void;
  /** Does everything due by then, in the order of time. What is added meanwhile and due as well is done too. */
  run(untilMs: number): void;
  /** Is told of every time at which something is due, now and from now on. */
  watch(due: (ms: number) => void): void;
};

/** `world` is asked for when something is due: the agenda is part of it. */
export function createAgenda(world: () => World): Agenda {
  const items: { ms: number; deed: (world: World, ms: number) => void }[] = [];
  let watcher: ((ms: number) => void) | undefined;
  let isRunning = false;
  return {
    add(ms, deed) {
      const place = items.findIndex((other) => other.ms > ms);
      items.splice(place === -1 ? items.length : place, 0, { ms, deed });
      watcher?.(ms);
    },
    run(untilMs) {
      // A deed makes calls itself, and every call asks for what is due before it.
      if (isRunning) return;
      isRunning = true;
      try {
        for (let first = items[0]; first && first.ms <= untilMs; first = items[0]) {
          items.shift();
          first.deed(world(), first.ms);
        }
      } finally {
        isRunning = false;
      }
    },
    watch(due) {
      watcher = due;
      for (const { ms } of items) due(ms);
    },
  };
}
