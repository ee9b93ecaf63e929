/**
 * Keys of memories, spelt the same way each time. A log asks for the same few over and over: making the text anew for each record, and
 * looking it up letter by letter, would cost more than all checks together.
 */
import type { Actor, Scope } from './observation.ts';

const mostKept = 20_000;
const pairs = new Map<string, Map<string, string>>();
let kept = 0;

/** 'name part': the very same text for the same two. */
export function joined(name: string, part: string): string {
  let mine = pairs.get(name);
  const known = mine?.get(part);
  if (known !== undefined) return known;
  if (kept >= mostKept) {
    pairs.clear();
    kept = 0;
    mine = undefined;
  }
  if (mine === undefined) {
    mine = new Map();
    pairs.set(name, mine);
  }
  const text = `${name} ${part}`;
  mine.set(part, text);
  kept++;
  return text;
}

type Names = { scope: Scope; name: string };
const names = new WeakMap<Actor, Names>();

function namesIn(scope: Scope, actor: Actor): Names {
  const known = names.get(actor);
  if (known?.scope === scope) return known;
  const subject = `${scope.cloud}/${scope.id}/${actor.subject}`;
  const made = { scope, name: actor.kind === 'federated' ? `${subject} ${actor.name}` : subject };
  names.set(actor, made);
  return made;
}

/** 'aws/123456789012/principal:…': a principal in an account; of a role that people share, the one who took it. */
export const nameIn = (scope: Scope, actor: Actor): string => namesIn(scope, actor).name;
