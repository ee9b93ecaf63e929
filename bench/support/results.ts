/** bench/RESULTS.md: a section for each bench that writes into it, between marks of its own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../RESULTS.md', import.meta.url);

/** Puts a section in its place, or at the end; the others stay. Answers whether it says anything new. */
export function intoResults(name: 'detection' | 'spend', section: string): boolean {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const part = `${begin}\n${section.trim()}\n${end}`;
  const start = before.indexOf(begin);
  const stop = before.indexOf(end);
  const after =
    start >= 0 && stop > start
      ? before.slice(0, start) + part + before.slice(stop + end.length)
      : `${before.trimEnd()}\n\n${part}\n`.trimStart();
  writeFileSync(file, after);
  return after !== before;
}
