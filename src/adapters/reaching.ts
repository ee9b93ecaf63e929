/** What reaching a chat platform over a network needs: an end to waiting, a memory with a bound, the code behind a failure. */

/** Rejects with what `late` makes when the work is not done by `deadline` (ms since 1970); the work itself goes on. */
export async function inTime<T>(work: Promise<T>, deadline: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const alarm = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([work, alarm]);
  } finally {
    clearTimeout(timer);
  }
}

/** A map that forgets its oldest entries. */
export function bounded<K, V>(most: number): Map<K, V> {
  return new (class extends Map<K, V> {
    override set(key: K, value: V): this {
      const oldest = this.size >= most && !this.has(key) ? this.keys().next() : undefined;
      if (oldest && !oldest.done) this.delete(oldest.value);
      return super.set(key, value);
    }
  })();
}

/** The network's own code for a failure (ECONNREFUSED, ENOTFOUND …), however deep it lies. */
export function causeCode(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors.length > 0) return causeCode(at.errors[0]);
  }
  return undefined;
}
