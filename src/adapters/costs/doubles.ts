/**
 * Finds rows that stand in the files twice, word for word, in little room: of each row a number of 64 bits is kept, so two rows are taken for one
 * by chance once in many thousand years of exports.
 */

/**
 * `again`: the very same row was there before. `loose`: one that differs in its amounts only was; looked for where `isSample`, as it says something
 * of the file and not of the row.
 */
export type Doubles = {
  look(cells: readonly string[], amounts: readonly boolean[], isSample: boolean): 'new' | 'loose' | 'again' | 'too many';
};

/** Beyond so many rows nothing is kept of further ones: what is kept by then takes 134 MB. */
const mostRows = 8_000_000;

export function createDoubles(): Doubles {
  const rows = createMarks();
  const things = createMarks();
  return {
    look(cells, amounts, isSample) {
      if (rows.size() >= mostRows) return 'too many';
      let [a, b] = [0xdeadbeef, 0x41c6ce57];
      mixCells(cells, amounts, false);
      const isKnownThing = isSample && things.add(a, b);
      mixCells(cells, amounts, true);
      if (rows.add(a, b)) return 'again';
      return isKnownThing ? 'loose' : 'new';

      function mixCells(some: readonly string[], isAmount: readonly boolean[], wanted: boolean): void {
        for (let at = 0; at < some.length; at += 1) {
          if ((isAmount[at] ?? false) !== wanted) continue;
          const cell = some[at]!;
          for (let n = 0; n < cell.length; n += 1) {
            const code = cell.charCodeAt(n);
            a = Math.imul(a ^ code, 2654435761);
            b = Math.imul(b ^ code, 1597334677);
          }
          // Between cells: "a,bc" is not "ab,c".
          a = Math.imul(a ^ 0x1f ^ (a >>> 15), 2246822507);
          b = Math.imul(b ^ 0x1f ^ (b >>> 13), 3266489909);
        }
      }
    },
  };
}

/** A set of 64-bit numbers as two halves, with open addressing. */
function createMarks(): { add(a: number, b: number): boolean; size(): number } {
  let room = 1 << 12;
  let halves = new Uint32Array(2 * room);
  let size = 0;
  function put(a: number, b: number): boolean {
    const mask = room - 1;
    // Nothing is kept under 0, 0: that is what an empty place looks like.
    const first = (a | (a === 0 && b === 0 ? 1 : 0)) >>> 0;
    const second = b >>> 0;
    for (let at = (first ^ (second >>> 7)) & mask; ; at = (at + 1) & mask) {
      const [x, y] = [halves[2 * at]!, halves[2 * at + 1]!];
      if (x === first && y === second) return true;
      if (x === 0 && y === 0) {
        halves[2 * at] = first;
        halves[2 * at + 1] = second;
        return false;
      }
    }
  }
  return {
    size: () => size,
    add(a, b) {
      if (1.5 * size >= room) {
        const old = halves;
        room *= 4;
        halves = new Uint32Array(2 * room);
        for (let at = 0; at < old.length; at += 2) if (old[at] !== 0 || old[at + 1] !== 0) put(old[at]!, old[at + 1]!);
      }
      const isKnown = put(a, b);
      if (!isKnown) size += 1;
      return isKnown;
    },
  };
}
