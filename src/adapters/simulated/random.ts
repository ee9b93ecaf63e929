/** A stream of chance that is the same for the same seed. */
export type Random = {
  /** 0 ≤ x < 1 */
  next(): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** So many characters out of that alphabet. */
  text(length: number, alphabet: string): string;
  uuid(): string;
};

/** Streams with different names are independent, so that drawing more of one kind does not change another. */
export function createRandom(seed: number, name: string): Random {
  let state = seed >>> 0;
  for (const char of name) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193) >>> 0;

  // mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a play.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const text = (length: number, alphabet: string) => Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
  return {
    next,
    text,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    uuid: () => [8, 4, 4, 4, 12].map((length) => text(length, '0123456789abcdef')).join('-'),
  };
}
