/**
 * The channel itself: its messages in memory, bounded, and a copy of the newest in the store so that the channel is still there after a
 * restart. Each change gets a number, so that a page which was away asks for what changed since.
 */
import { randomBytes } from 'node:crypto';
import type { Message, MessageRef } from '../../bot/message.ts';
import type { Clock, Log } from '../../bot/ports.ts';
import type { LoginStore } from './login.ts';
import { pictureHash } from './picture.ts';
import { readRecord, writeRecord } from './record.ts';

export type Posted = {
  id: string;
  /** The message whose thread this is in. */
  under?: string;
  message: Message;
  at: string;
  mention: boolean;
  once?: string;
  /** Order of posting. */
  order: number;
  /** Number of its last change. */
  changed: number;
  /** Its last sign of life, replies included: who has been quiet longest leaves first. */
  alive: number;
};

export interface Room {
  load(): Promise<void>;
  /** Writes what is not yet written. */
  flush(): Promise<void>;
  post(message: Message, options: { under?: MessageRef; mention?: boolean; once?: string }): Posted;
  update(id: string, message: Message): void;
  /** In the order of posting. */
  messages(): Posted[];
  /** Number of the last change. */
  last(): number;
  picture(hash: string): Uint8Array | undefined;
  /** Calls back after each change, until the returned function is called. */
  watch(onChange: () => void): () => void;
  /** Undefined when all is well. */
  trouble(): string | undefined;
}

export const mostMessages = 500;
const mostKept = 200;
/** Pictures are heavy: the newest stay, older ones are told in words. */
const mostPictures = 10;
const writeAfterMs = 1000;

export function createRoom(options: { store: LoginStore; clock: Clock; log: Log }): Room {
  const { store, clock, log } = options;
  const posted = new Map<string, Posted>();
  const pictures = new Map<string, Uint8Array>();
  const written = new Set<string>();
  const watchers = new Set<() => void>();
  let number = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let trouble: string | undefined;

  return {
    async load() {
      const record = await readRecord(store, log);
      for (const kept of record) {
        number++;
        for (const hash of take(kept.message)) written.add(hash);
        posted.set(kept.id, { ...kept, order: number, changed: number, alive: number });
      }
    },
    async flush() {
      if (timer) write();
      await writing;
    },
    post(message, { under, mention = false, once }) {
      const repeated = once === undefined ? undefined : [...posted.values()].find((one) => one.once === once);
      if (repeated) return repeated;
      const root = under && rootOf(under.id);
      const id = randomBytes(9).toString('base64url');
      return add(id, message, { mention, ...(root ? { under: root.id } : {}), ...(once === undefined ? {} : { once }) });
    },
    update(id, message) {
      const before = posted.get(id);
      // The page may have forgotten what the bot remembers: then the message comes back under the id the bot knows.
      if (!before) return void add(id, message, { mention: false });
      if (fingerprint(before.message) === fingerprint(message)) return;
      take(message);
      number++;
      posted.set(id, { ...before, message, changed: number, alive: number });
      touchRoot(before.under);
      changed();
    },
    messages: () => [...posted.values()].sort((a, b) => a.order - b.order),
    last: () => number,
    picture: (hash) => pictures.get(hash),
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
    trouble: () => trouble,
  };

  function add(id: string, message: Message, more: { mention: boolean; under?: string; once?: string }): Posted {
    take(message);
    number++;
    const one: Posted = { id, message, at: clock.now(), order: number, changed: number, alive: number, ...more };
    posted.set(id, one);
    touchRoot(more.under);
    changed();
    return one;
  }

  function rootOf(id: string): Posted | undefined {
    const one = posted.get(id);
    return one?.under === undefined ? one : posted.get(one.under);
  }

  /** A card lives at least as long as its thread, or noise in the thread could push the card out. */
  function touchRoot(id: string | undefined): void {
    const root = id === undefined ? undefined : posted.get(id);
    if (root) posted.set(root.id, { ...root, alive: ++number });
  }

  function changed(): void {
    while (posted.size > mostMessages) {
      const quietest = [...posted.values()].reduce((a, b) => (a.alive < b.alive ? a : b));
      posted.delete(quietest.id);
    }
    timer ??= setTimeout(write, writeAfterMs).unref();
    for (const watcher of watchers) watcher();
  }

  /** Remembers a message's pictures and returns their hashes. */
  function take(message: Message): string[] {
    const hashes: string[] = [];
    for (const part of message.parts) {
      if (part.kind !== 'image') continue;
      const hash = pictureHash(part.png);
      pictures.delete(hash);
      pictures.set(hash, part.png);
      hashes.push(hash);
    }
    for (const hash of pictures.keys()) {
      if (pictures.size <= mostPictures) break;
      pictures.delete(hash);
    }
    if (hashes.length > 0) forgetPictures();
    return hashes;
  }

  /** A message whose picture is gone says so in words, and its bytes leave the memory with it. */
  function forgetPictures(): void {
    for (const one of posted.values()) {
      if (!one.message.parts.some((part) => part.kind === 'image' && !pictures.has(pictureHash(part.png)))) continue;
      const parts = one.message.parts.map((part) =>
        part.kind === 'image' && !pictures.has(pictureHash(part.png))
          ? { kind: 'text' as const, quiet: true, text: `Picture no longer kept: ${part.alt}` }
          : part,
      );
      posted.set(one.id, { ...one, message: { ...one.message, parts }, changed: ++number });
    }
  }

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    const newest = [...posted.values()].sort((a, b) => b.alive - a.alive).slice(0, mostKept);
    const inOrder = newest.sort((a, b) => a.order - b.order);
    writing = writing
      .then(() => writeRecord(store, inOrder, pictures, written))
      .then(() => {
        trouble = undefined;
      })
      .catch((error: unknown) => {
        trouble = 'The web console cannot save its messages; after a restart its page will be empty.';
        log.warn({ error }, 'console could not save its messages');
      });
  }
}

/** Equal text for messages that look alike, so that showing the same again disturbs nobody. */
function fingerprint(message: Message): string {
  return JSON.stringify(message, (_, value: unknown) => (value instanceof Uint8Array ? pictureHash(value) : value));
}
