/** What the checks hold for usual, and what admins decide about it: `/warden memory`. */
import { createHash } from 'node:crypto';
import { answer } from './answer.ts';
import type { Decreed, Inspector, Memorised } from './inspect.ts';
import type { Message, Text } from './message.ts';
import type { Person } from './people.ts';
import type { Clock, Store } from './ports.ts';
import { count, cut, duration, secondsBetween } from './words.ts';

export type MemoryDeps = { store: Store; clock: Clock; inspector: Pick<Inspector, 'memories' | 'learning' | 'decree'> };
const setting = 'decreed memories';
const mostShown = 25;

/** `words`: nothing, a word to look for, or pin/forget and the id of one (by an admin). */
export async function memoryCommand(words: string[], admin: Person | undefined, deps: MemoryDeps): Promise<Message> {
  const [what, id = ''] = words;
  if ((what === 'pin' || what === 'forget') && admin) return decide(what, id, admin, deps);
  return list(words.join(' '), deps);
}

/** What admins have decided so far, to be said to an inspector again after a start. */
export async function decrees(store: Pick<Store, 'setting'>): Promise<Decreed[]> {
  return JSON.parse((await store.setting(setting)) ?? '[]') as Decreed[];
}

async function decide(what: Decreed['what'], id: string, admin: Person, { store, clock, inspector }: MemoryDeps): Promise<Message> {
  const one = inspector.memories().find((candidate) => codeOf(candidate) === id.toLowerCase());
  if (!one) return answer(`Nothing that is remembered is called “${cut(id, 20)}”. /warden memory lists it; nothing was changed.`);
  const { check, memory, key } = one;
  const decreed: Decreed = { what, check, memory, key, at: clock.now() };
  // Written first: what is not in the audit does not happen.
  await store.audit({
    at: decreed.at,
    who: admin.id,
    what: what === 'pin' ? 'pinned a memory' : 'had a memory forgotten',
    data: { check, memory, key },
  });
  const others = (await decrees(store)).filter((other) => other.check !== check || other.memory !== memory || other.key !== key);
  await store.setSetting(setting, JSON.stringify([...others, decreed]));
  inspector.decree(decreed);
  return answer(
    what === 'pin'
      ? ['Pinned: ', ...nameOf(one), ' stays known until somebody has it forgotten.']
      : ['Forgotten: ', ...nameOf(one), ' is new again; what was seen of it until the end of today (UTC) does not count.'],
  );
}

function list(word: string, { clock, inspector }: MemoryDeps): Message {
  const now = clock.now();
  const wanted = word.toLowerCase();
  const all = inspector.memories().filter((one) => `${one.check} ${one.memory} ${one.key}`.toLowerCase().includes(wanted));
  const shown = [...all.filter(({ pinned }) => pinned), ...all.filter(({ pinned }) => !pinned)].slice(0, mostShown);
  const learning = inspector
    .learning(now)
    .map(({ scope, until }): Text => `${scope.replaceAll('/', ' ')}: learning for ${duration(secondsBetween(now, until))} more`);
  const items = shown.map(
    (one): Text => [
      ...[{ code: codeOf(one) }, ' ', ...nameOf(one), ' since '],
      ...[{ time: one.first, as: 'date' as const }, ', last ', { time: one.last, as: 'date' as const }],
      ...(one.pinned ? [' · ', { bold: 'pinned' }] : []),
    ],
  );
  const more = all.length > shown.length ? { more: all.length - shown.length } : {};
  return answer(
    all.length === 0
      ? `Nothing is held for usual${word ? ` that fits “${cut(word, 40)}”` : ' yet'}.`
      : `${count(all.length, 'thing is', 'things are')} held for usual${word ? ` that fit “${cut(word, 40)}”` : ''}:`,
    ...(learning.length > 0 ? [{ kind: 'list' as const, items: learning }] : []),
    ...(items.length > 0 ? [{ kind: 'list' as const, items, ...more }] : []),
    {
      kind: 'text',
      quiet: true,
      text: [
        'Look for one with ',
        { code: '/warden memory WORD' },
        '; admins ',
        { code: '/warden memory pin ID' },
        ' or ',
        { code: 'forget ID' },
        '.',
      ],
    },
  );
}

const nameOf = ({ check, memory, key }: Memorised): (string | { code: string })[] => [{ code: cut(key, 120) }, ` (${memory} of ${check})`];

const codeOf = ({ check, memory, key }: Memorised): string =>
  createHash('sha256')
    .update(JSON.stringify([check, memory, key]))
    .digest('hex')
    .slice(0, 8);
