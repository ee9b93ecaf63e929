import { describe, expect, it } from 'vitest';
import { createRoom, mostMessages } from '../../../src/adapters/console/room.ts';
import type { Message } from '../../../src/bot/message.ts';
import { memoryStore, note, quietLog, stillClock } from './support.ts';

const open = (store = memoryStore()) => createRoom({ store, clock: stillClock(), log: quietLog });
const ref = (id: string) => ({ platform: 'console', room: 'r', id });
const picture = (mark: number): Message => ({
  summary: 'digest',
  parts: [{ kind: 'image', png: Uint8Array.of(mark), name: 'days.png', alt: `days of ${mark}` }],
});

describe('the room of the console', () => {
  it('keeps so many messages and no more, and lets the quietest go first', () => {
    const room = open();
    const living = room.post(note('a living card'), {});
    const quiet = room.post(note('said long ago'), {});
    for (let at = 0; at < mostMessages * 2; at++) {
      room.post(note(`${at}`), {});
      if (at % 100 === 0) room.update(living.id, note(`still living at ${at}`));
    }

    const ids = room.messages().map((one) => one.id);
    expect(ids).toHaveLength(mostMessages);
    expect(ids).toContain(living.id);
    expect(ids).not.toContain(quiet.id);
  });

  it('does not let noise in a thread push its card out', () => {
    const room = open();
    const card = room.post(note('card'), {});
    for (let at = 0; at < mostMessages * 2; at++) room.post(note(`${at}`), { under: ref(card.id) });

    expect(room.messages().map((one) => one.id)).toContain(card.id);
    expect(room.messages()).toHaveLength(mostMessages);
  });

  it('puts an answer to an answer into the thread of the card', () => {
    const room = open();
    const card = room.post(note('card'), {});
    const answer = room.post(note('answer'), { under: ref(card.id) });

    expect(room.post(note('answer to the answer'), { under: ref(answer.id) }).under).toBe(card.id);
  });

  it('is still there after a restart, with threads, pictures and what was sent once', async () => {
    const store = memoryStore();
    const before = open(store);
    const card = before.post(note('card'), { once: 'INC-42' });
    before.post(note('answer'), { under: ref(card.id), mention: true });
    before.post(picture(1), {});
    await before.flush();

    const after = open(store);
    await after.load();

    const what = (room: typeof before) =>
      room.messages().map(({ id, under, message, mention, at }) => ({ id, under, message, mention, at }));
    expect(JSON.stringify(what(after))).toBe(JSON.stringify(what(before)).replace('{"0":1}', '{"type":"Buffer","data":[1]}'));
    expect(after.post(note('card'), { once: 'INC-42' }).id).toBe(card.id);
    expect(after.messages()).toHaveLength(3);
  });

  it('brings back a message that the bot still knows, under the id the bot knows', () => {
    const room = open();
    room.update('known-to-the-bot', note('contained'));

    expect(room.messages()).toMatchObject([{ id: 'known-to-the-bot', message: note('contained') }]);
  });

  it('keeps ten pictures, here and in the store, and says in words what the others showed', async () => {
    const store = memoryStore();
    const room = open(store);
    for (let mark = 0; mark < 12; mark++) {
      room.post(picture(mark), {});
      await room.flush();
    }

    const kinds = room.messages().map((one) => one.message.parts[0]?.kind);
    expect(kinds.filter((kind) => kind === 'image')).toHaveLength(10);
    expect(room.messages()[0]?.message.parts[0]).toMatchObject({ kind: 'text', text: 'Picture no longer kept: days of 0' });
    expect([...store.rows.keys()].filter((name) => name.startsWith('console/picture/'))).toHaveLength(10);
  });

  it('starts empty, not broken, when what is kept cannot be read', async () => {
    const store = memoryStore();
    await store.setSetting('console/room', '{"messages":[{"id":1}]}');
    const room = open(store);
    await room.load();

    expect(room.messages()).toEqual([]);
  });

  it('says so when it cannot save, and that it can again', async () => {
    const store = memoryStore();
    const works = store.setSetting;
    store.setSetting = async () => {
      throw new Error('disk full');
    };
    const room = open(store);
    room.post(note('one'), {});
    await room.flush();
    const trouble = room.trouble();
    store.setSetting = works;
    room.post(note('two'), {});
    await room.flush();

    expect(trouble).toContain('cannot save');
    expect(room.trouble()).toBeUndefined();
  });
});
