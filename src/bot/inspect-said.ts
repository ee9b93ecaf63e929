/**
 * What the checks have said: under each key one finding, put together in event order of what was said of single observations. What is settled
 * is one piece and no longer changes; the rest can be taken back. `touched` keys are told when they look different from when they were last told.
 */
import type { Finding } from '../checks/check.ts';
import { byTimeAndKey, type Held, type Judged, type Part, partAt, type Said } from './inspect-held.ts';
import { copied, resumed, shown, unite } from './inspect-unite.ts';
import type { MemoryEntry } from './ports.ts';

export type Told = { changed: Finding[]; withdrawn: { key: string; why: string }[] };
export type Sayings = {
  /** What this check now says of this observation, in place of `before`. */
  say(held: Held, check: number, before: readonly Finding[], findings: readonly Finding[]): void;
  /** What it said stays so, whatever comes. */
  settle(held: Held, judged: Judged): void;
  /** Of a time that is settled: it only adds. */
  add(finding: Finding): void;
  finding(key: string): Finding | undefined;
  /** As they stand, by time and key. */
  all(): Finding[];
  /** What is new since the last time. */
  tell(): Told;
  /** What was told and has been silent since that day. */
  forget(before: string): void;
  entries(): MemoryEntry[];
  load(entry: MemoryEntry): void;
};

export function createSayings(): Sayings {
  const said = new Map<string, Said>();
  const touched = new Set<string>();
  const told = new Map<string, string>();

  function saidOf(key: string): Said {
    const known = said.get(key);
    if (known !== undefined) return known;
    const made: Said = { base: undefined, parts: [], whole: undefined };
    said.set(key, made);
    return made;
  }

  function finding(key: string): Finding | undefined {
    const one = said.get(key);
    if (one === undefined || (one.base === undefined && one.parts.length === 0)) return undefined;
    if (one.whole === undefined) {
      let whole = one.base && copied(one.base);
      for (const part of one.parts) whole = unite(whole, part.finding);
      one.whole = whole;
    }
    return shown(one.whole!);
  }

  return {
    say({ at, id }, check, before, findings) {
      for (const { key } of before) {
        const one = saidOf(key);
        const index = partAt(one.parts, { at, id, check });
        while (isOf(one.parts[index], id, check)) one.parts.splice(index, 1);
        one.whole = undefined;
        touched.add(key);
      }
      for (const finding of findings) {
        const one = saidOf(finding.key);
        const part: Part = { at, id, check, finding };
        const index = partAt(one.parts, part);
        if (index === one.parts.length) {
          one.parts.push(part);
          if (one.whole) one.whole = unite(one.whole, finding);
        } else {
          one.parts.splice(index, 0, part);
          one.whole = undefined;
        }
        touched.add(finding.key);
      }
    },
    settle({ at, id }, { runner, findings }) {
      for (const { key } of findings) {
        const one = saidOf(key);
        const index = partAt(one.parts, { at, id, check: runner.number });
        if (!isOf(one.parts[index], id, runner.number)) continue;
        const [part] = one.parts.splice(index, 1);
        one.base = unite(one.base, part!.finding);
      }
    },
    add(finding) {
      const one = saidOf(finding.key);
      one.base = unite(one.base, finding);
      one.whole = undefined;
      touched.add(finding.key);
    },
    finding,
    all: () => [...said.keys()].flatMap((key) => finding(key) ?? []).sort(byTimeAndKey),
    tell() {
      const changed: Finding[] = [];
      const withdrawn: Told['withdrawn'] = [];
      for (const key of touched) {
        const now = finding(key);
        const text = now && JSON.stringify(now);
        if (text === told.get(key)) continue;
        if (now !== undefined && text !== undefined) {
          changed.push(now);
          told.set(key, text);
        } else {
          withdrawn.push({ key, why: 'A record that arrived later, or was corrected, explains it.' });
          told.delete(key);
          said.delete(key);
        }
      }
      touched.clear();
      return { changed: changed.sort(byTimeAndKey), withdrawn: withdrawn.sort((a, b) => (a.key < b.key ? -1 : 1)) };
    },
    forget(before) {
      // What has not been told yet is not over: a quiet log spans months in one batch.
      for (const [key, { parts, base }] of said)
        if (parts.length === 0 && base && base.last < before && !touched.has(key)) {
          said.delete(key);
          told.delete(key);
        }
    },
    entries: () =>
      [...said.values()].flatMap(({ base }) =>
        base ? [{ memory: 'finding', key: JSON.stringify(shown(base)), day: '', first: base.finding.at, last: base.last, value: 0 }] : [],
      ),
    load({ key, last }) {
      const settled = JSON.parse(key) as Finding;
      saidOf(settled.key).base = resumed(settled, last);
      touched.add(settled.key);
    },
  };
}

const isOf = (part: Part | undefined, id: string, check: number): boolean => part?.id === id && part.check === check;
