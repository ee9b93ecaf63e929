/**
 * Live updates as server-sent events. Nothing is queued for a page: each stream remembers how far it has told the story and asks the room
 * what changed since, so a slow reader costs nothing and gets the latest state, never an older one after a newer.
 */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../../bot/ports.ts';
import { type DemoState, rate, renderArticle, spoken } from './page.ts';
import type { Sight } from './render.ts';
import type { Posted, Room } from './room.ts';

export interface Feed {
  start(): void;
  stop(): void;
  /** Where a page that is rendered now takes up. */
  position(): string;
  /** Looks whether there is something to tell. */
  wake(): void;
  /** A stream of what changed after that position; it ends when `isWelcome` says no. */
  serve(c: Context, after: string, isWelcome: () => Promise<boolean>): Response;
}

const beatSeconds = 15;
const demoBeatSeconds = 1;
const mostStreams = 100;

export function createFeed(options: { room: Room; clock: Clock; demo: { state(): DemoState } | undefined; sight: () => Sight }): Feed {
  const { room, clock, demo, sight } = options;
  /** Positions of an earlier run mean nothing in this one. */
  const run = randomBytes(4).toString('hex');
  const bells = new Set<Bell>();
  let stopped = false;
  let beat = 0;
  let timer: NodeJS.Timeout | undefined;

  return {
    start() {
      const seconds = demo ? demoBeatSeconds : beatSeconds;
      timer = setInterval(() => {
        beat++;
        wake();
      }, seconds * 1000).unref();
      room.watch(wake);
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      wake();
    },
    position: () => positionOf(room.last()),
    wake,
    serve(c, after, isWelcome) {
      if (bells.size >= mostStreams) return c.text('Too many pages are open.\n', 503);
      return streamSSE(c, (stream) => {
        const bell = createBell();
        stream.onAbort(bell.ring);
        bells.add(bell);
        return tell(after, isWelcome, bell, {
          isOpen: () => !stream.aborted && !stopped,
          send: (event, data, id) => stream.writeSSE({ event, data: JSON.stringify(data), ...(id === undefined ? {} : { id }) }),
        }).finally(() => bells.delete(bell));
      });
    },
  };

  async function tell(after: string, isWelcome: () => Promise<boolean>, bell: Bell, line: Line): Promise<void> {
    let told = numberOf(after);
    let shown: Set<string> | undefined;
    let lastBeat = -1;
    let lastDemo = '';
    while (line.isOpen()) {
      if (!(await isWelcome())) return line.send('bye', {});
      const upTo = room.last();
      const messages = room.messages();
      const here = new Set(messages.map((one) => one.id));
      if (!shown || shown.difference(here).size > 0) await line.send('here', [...here]);
      shown = here;
      const news = messages.filter((one) => one.changed > told);
      for (const one of news) await line.send('message', await describe(one), one === news.at(-1) ? positionOf(upTo) : undefined);
      told = upTo;
      const state = demo?.state();
      const stateText = state ? JSON.stringify([state.paused, state.speed, state.label]) : '';
      if (beat !== lastBeat || stateText !== lastDemo) {
        await line.send('beat', { now: clock.now(), rate: rate(state), ...(state ? { demo: state } : {}) });
      }
      lastBeat = beat;
      lastDemo = stateText;
      await bell.heard();
    }
  }

  async function describe(posted: Posted) {
    const { id, under, order, message, mention } = posted;
    const html = String(await renderArticle(posted, sight()));
    return { id, under, order, severity: message.severity, mention, says: spoken(message), html };
  }

  function wake(): void {
    for (const bell of bells) bell.ring();
  }

  function positionOf(number: number): string {
    return `${run}.${number}`;
  }

  function numberOf(position: string): number {
    const [theirs, number] = position.split('.');
    const parsed = Number(number);
    return theirs === run && Number.isSafeInteger(parsed) ? parsed : -1;
  }
}

type Line = { isOpen(): boolean; send(event: string, data: unknown, id?: string): Promise<void> };

type Bell = { ring(): void; heard(): Promise<void> };

/** Rung once or many times before anybody listens: heard once. */
function createBell(): Bell {
  let rung = false;
  let listener: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      listener?.();
    },
    async heard() {
      if (!rung) await new Promise<void>((resolve) => (listener = resolve));
      rung = false;
      listener = undefined;
    },
  };
}
