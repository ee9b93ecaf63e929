import type { Clock } from '../../bot/ports.ts';
import type { Time } from '../../checks/observation.ts';

/** A clock that can be paused, sped up, or moved by hand. */
export interface VirtualClock extends Clock {
  /** Milliseconds since 1970 of this clock's time. */
  ms(): number;
  pause(): void;
  resume(): void;
  /** Virtual seconds per real second; sleepers already waiting follow. */
  speed(factor: number): void;
  readonly pace: { speed: number; paused: boolean; manual: boolean };
  /** Moves a manual clock forward; wakes every sleeper on the way, in order, each at its own time. Rejects on a clock that runs by itself. */
  advance(seconds: number): Promise<void>;
  /** Lets go of the timer. Sleepers still waiting stay asleep. */
  stop(): void;
}

/** The largest delay a Node timer takes. */
const longestTimerMs = 2 ** 31 - 1;

/** `speed: 'manual'` stands still until `advance`; else that many virtual seconds pass per real second (default 1). */
export function createVirtualClock(options: { start: Time; speed?: number | 'manual' }): VirtualClock {
  const manual = options.speed === 'manual';
  let factor = typeof options.speed === 'number' ? options.speed : 1;
  let paused = false;
  let anchor = { virtual: Date.parse(options.start), real: performance.now() };
  if (Number.isNaN(anchor.virtual)) throw new Error(`The clock's start is not a time: ${options.start}`);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let count = 0;
  // Kept in waking order; ties wake in the order in which they lay down.
  const sleepers: { due: number; turn: number; wake: () => void }[] = [];

  const ms = () => (manual || paused ? anchor.virtual : anchor.virtual + (performance.now() - anchor.real) * factor);

  function setTimer() {
    clearTimeout(timer);
    const first = sleepers[0];
    if (manual || paused || stopped || !first) return;
    timer = setTimeout(wakeDue, Math.min(Math.max((first.due - ms()) / factor, 0), longestTimerMs));
  }

  function wakeDue() {
    while (sleepers[0] && sleepers[0].due <= ms()) sleepers.shift()?.wake();
    setTimer();
  }

  function rebase(change: () => void) {
    anchor = { virtual: ms(), real: performance.now() };
    change();
    setTimer();
  }

  return {
    ms,
    now: () => new Date(ms()).toISOString(),
    get pace() {
      return { speed: factor, paused, manual };
    },
    pause: () => rebase(() => (paused = true)),
    resume: () =>
      rebase(() => {
        paused = false;
      }),
    speed(next) {
      if (!(next > 0)) throw new Error('The clock only runs forward: the speed must be above 0.');
      rebase(() => (factor = next));
    },
    sleep: (seconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { due: ms() + Math.max(seconds, 0) * 1000, turn: count++, wake };
        const place = sleepers.findIndex((other) => other.due > sleeper.due);
        sleepers.splice(place === -1 ? sleepers.length : place, 0, sleeper);
        signal?.addEventListener('abort', leave, { once: true });
        if (sleepers[0] === sleeper) setTimer();

        function wake() {
          signal?.removeEventListener('abort', leave);
          resolve();
        }
        function leave() {
          const at = sleepers.indexOf(sleeper);
          if (at !== -1) sleepers.splice(at, 1);
          resolve();
          setTimer();
        }
      }),
    async advance(seconds) {
      if (!manual) throw new Error('Only a manual clock can be moved by hand.');
      const until = anchor.virtual + seconds * 1000;
      for (let first = sleepers[0]; first && first.due <= until; first = sleepers[0]) {
        anchor.virtual = Math.max(anchor.virtual, first.due);
        sleepers.shift();
        first.wake();
        await settled();
      }
      anchor.virtual = until;
      await settled();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** What was woken runs up to its next sleep before time moves on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
