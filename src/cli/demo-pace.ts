/**
 * How the demo's time runs, and the one line above the messages that says what is going on and what could be done next. First the account's
 * past is read; then the clock waits for somebody to open the page, so that nobody comes late to the attack; then it runs as asked, and
 * like the reader's own while a question waits.
 */
import type { DemoControls } from '../adapters/console/platform.ts';
import type { VirtualClock } from '../adapters/simulated/clock.ts';
import type { Incident } from '../bot/incident.ts';
import type { Store } from '../bot/ports.ts';
import { rank } from '../bot/severity.ts';
import { duration, secondsBetween } from '../bot/words.ts';

export type DemoPace = DemoControls & {
  /** The past has been read. */
  read(): void;
  /** Resolves when the scenario begins. */
  begun: Promise<void>;
  /** Lets go of the clock: it runs fast, so that whoever sleeps on it wakes and can end. */
  stop(): void;
};

/** Virtual seconds per real second while the past is read: no look waits for its turn, and the story's beginning is not overrun. */
const readingSpeed = 20;
/** The least speed of the way from the end of the reading to the scenario's beginning. */
const forwardSpeed = 240;
/** However long the reading takes, the scenario begins after so many real seconds. */
const longestReadingSeconds = 40;
const lookEveryMs = 150;

export function createPace(options: {
  clock: VirtualClock;
  store: Pick<Store, 'incidents'>;
  /** Virtual seconds per real second. */
  speed: number;
  /** Milliseconds since 1970, account's time. */
  beginsMs: number;
  /** Begin only when somebody has logged in. */
  waits: boolean;
}): DemoPace {
  const { clock, store, beginsMs } = options;
  const startedAt = performance.now();
  let phase: 'reading' | 'waiting' | 'forward' | 'running' | 'over' = 'reading';
  let wanted = options.speed;
  let isPaused = false;
  let isRead = false;
  let isAwaited = options.waits;
  let isAsking = false;
  /** Somebody chose a speed while a question waits: theirs holds. */
  let isChosen = false;
  let hint = '';
  const begun = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  void look();

  return {
    state: () => ({ paused: clock.pace.paused, speed: phase === 'running' ? clock.pace.speed : wanted, now: clock.now(), label: hint }),
    pause() {
      isPaused = true;
      apply();
    },
    resume() {
      isPaused = false;
      apply();
    },
    speed(times) {
      wanted = times;
      isChosen = isAsking;
      apply();
    },
    entered() {
      isAwaited = false;
    },
    read() {
      isRead = true;
    },
    begun: begun.promise,
    stop() {
      phase = 'over';
      clearTimeout(timer);
      clock.resume();
      clock.speed(3600);
      begun.resolve();
    },
  };

  async function look(): Promise<void> {
    const stories = await store.incidents({}).catch(() => []);
    if (phase === 'over') return;
    if (phase === 'reading' && (isRead || performance.now() - startedAt > longestReadingSeconds * 1000)) phase = 'waiting';
    if (phase === 'waiting' && !isAwaited) phase = 'forward';
    if (phase === 'forward' && clock.ms() >= beginsMs) {
      phase = 'running';
      begun.resolve();
    }
    isAsking = stories.some((story) => story.state === 'asking');
    if (!isAsking) isChosen = false;
    hint = phase === 'running' ? nextStep(stories, clock.now(), isAsking && !isChosen && wanted > 1) : preparing[phase];
    apply();
    // On the way forward a moment is minutes.
    timer = setTimeout(look, phase === 'forward' ? 20 : lookEveryMs);
  }

  function apply(): void {
    const isHeld = phase === 'waiting' || (phase === 'running' && isPaused);
    if (isHeld !== clock.pace.paused) isHeld ? clock.pause() : clock.resume();
    const speed = speedNow();
    if (speed !== clock.pace.speed) clock.speed(speed);
  }

  function speedNow(): number {
    switch (phase) {
      case 'reading':
        // Slower than the reading: the beginning must not be missed.
        return clock.ms() < beginsMs - 60_000 ? readingSpeed : 1;
      case 'forward':
        return Math.max(wanted, forwardSpeed);
      case 'waiting':
      case 'running':
        return isAsking && !isChosen ? Math.min(1, wanted) : wanted;
      case 'over':
        return 3600;
      default:
        return phase satisfies never;
    }
  }
}

const preparing = {
  reading: 'A simulated account. Its last 90 days are read first; the story begins right after.',
  waiting: 'A simulated account. The story begins when this page is open.',
  forward: 'A simulated account. Its last 90 days have been read; the story begins now.',
  over: 'The demo is ending.',
};

/** What whoever has never seen this could do now. */
function nextStep(stories: Incident[], now: string, isSlowed: boolean): string {
  const loud = stories.filter((story) => rank(story.severity) >= rank('high') && story.state !== 'joined' && story.cards.length > 0);
  const first = (state: Incident['state']) => loud.find((story) => story.state === state);
  if (first('acting')) return 'What was approved is being done, step by step.';
  if (first('asking'))
    return `${isSlowed ? 'Slowed to your own time while a question waits. ' : ''}Read the plan in the thread; an admin decides.`;
  if (first('planning')) return 'Cloudwarden reads what would have to be done. Nothing is changed yet.';
  const watched = first('watching');
  if (watched) return watching(watched, now);
  if (first('open')?.actors.length === 0)
    return 'Machines are seen before who started them. Wait some seconds until the card says who, or press its red button now.';
  if (first('open')) return 'Read the card, then press its red button. Nothing is done before an admin approves.';
  if (loud.some((story) => story.watch?.containedAt)) return 'Contained. Try “Undo …” on the card, or type digest or help below.';
  if (loud.length > 0) return 'Nothing is open. Type digest, incidents or help below.';
  return 'Cloudwarden is watching. Nothing needs you; type digest or help below if you like.';
}

function watching(story: Incident, now: string): string {
  const looks = story.watch?.looks ?? [];
  const saw = looks.filter((look) => look.saw !== undefined).at(-1)?.saw;
  if (saw !== undefined && needsMore(saw)) return 'Not over: the approved plan does not cover everything. Press the red button again.';
  const last = looks.at(-1)?.due;
  const left = last === undefined ? 0 : secondsBetween(now, last);
  return left <= 0
    ? 'Done. One last look before it is called contained.'
    : `Done. It is looked at again for ${duration(Math.max(left, 60))} of the account’s time before it is called contained.`;
}

/** A look that saw something which goes on, not one that saw nothing or could not see. */
export const needsMore = (saw: string): boolean => !/^(nothing|could not see|waiting)/.test(saw);
