import { vi } from 'vitest';

/** Waits until the check holds: quick on an idle machine, patient on a busy one. */
export const soon = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 5 });
